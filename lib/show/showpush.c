/* SPDX-License-Identifier: ISC */
/* A base backup while it is taken, and its report as text and as JSON. */
#include <inttypes.h>

#include "base/clock.h"
#include "base/str.h"
#include "show/progress.h"
#include "show/show.h"
#include "show/showconfig.h"
#include "show/showpush.h"
#include "tool/tool.h"

int
showpush_begin(struct showpush *s, struct err *e)
{
	s->line = progress_begin(s->program, "read", &s->want);
	s->phase = BASEPUSH_COUNT;
	s->begin_ms = clock_mono_ms();
	return (s->json ? jval_list(&s->notes, e) : 0);
}

void
showpush_note(void *arg, const char *text)
{
	struct showpush	*s = arg;
	struct err	 unused = ERR_INIT;

	progress_end(&s->line);		/* not behind the line */
	tool_note(s->program, "%s", text);
	if (s->notes != NULL && show_json_add_text(s->notes, text, &unused))
		err_clear(&unused);	/* it was printed all the same */
}

/* Rates and times count from the beginning of the phase. */
void
showpush_progress(void *arg, const struct basepush_progress *now)
{
	struct showpush	*p = arg;

	if (p->phase != now->phase)
		progress_next(&p->line, NULL);
	p->phase = now->phase;
	switch (now->phase) {
	case BASEPUSH_COUNT:
		progress_wait(&p->line, "counting files");
		break;
	case BASEPUSH_CHECKPOINT:
		progress_wait(&p->line, "waiting for PostgreSQL's checkpoint "
		    "(--fast does not spread it)");
		break;
	case BASEPUSH_COPY:
		progress_show(&p->line, now->done, now->total);
		break;
	case BASEPUSH_WAL:
		progress_wait(&p->line, "waiting for the archive to have the "
		    "last WAL");
		break;
	}
}

static void
print_reuse(FILE *out, const struct basepush_sum *sum)
{
	const struct copier_stats	*s = &sum->stats;
	const int			 resumed = sum->base[0] == '\0';
	char				 read[PROGRESS_SIZE];
	char				 compared[PROGRESS_SIZE];
	char				 kept[PROGRESS_SIZE];
	char				 equal[PROGRESS_SIZE];
	char				 fresh[PROGRESS_SIZE];

	if (sum->base[0] == '\0' && sum->resumed[0] == '\0') {
		(void)fprintf(out, "all of it is new: %s\n", sum->why_full);
		return;
	}
	(void)fprintf(out, "since %s %s: %" PRIu64 " file%s (%s) unchanged "
	    "and not read; %s read, %s of it compared, %s equal; %s new\n",
	    resumed ? "the interrupted push" : "backup",
	    resumed ? sum->resumed : sum->base, s->kept_files,
	    str_plural(s->kept_files),
	    progress_size(kept, s->kept),
	    progress_size(read, s->read),
	    progress_size(compared, s->compared),
	    progress_size(equal, s->equal),
	    progress_size(fresh, s->bytes - s->kept - s->vouched - s->equal));
	if (s->vouched > 0)
		(void)fprintf(out, "%s of changed files not read: WAL "
		    "summaries name no change there\n",
		    progress_size(read, s->vouched));
}

void
showpush_print(FILE *out, const struct label *l,
    const struct basepush_sum *sum)
{
	char	 size[PROGRESS_SIZE], stored[PROGRESS_SIZE];

	(void)fprintf(out, "backup %s: %" PRIu64 " file%s, %s, stored in %s; "
	    "WAL %s to %s\n", l->id, l->files, str_plural(l->files),
	    progress_size(size, l->size),
	    progress_size(stored, l->stored_size), l->start_wal, l->stop_wal);
	print_reuse(out, sum);
	if (l->config.nstored > 0)
		(void)fprintf(out, "with %zu configuration file%s from outside "
		    "the data directory\n", l->config.nstored,
		    str_plural(l->config.nstored));
}

static void
warn(const char *program, const struct label *l)
{
	size_t	 i;

	showconfig_warn(program, l);
	for (i = 0; i < l->ndamaged; i++)
		tool_warn(program, "%s: page checksums failed",
		    l->damaged[i]);
	/* The label names only the first of them, but counts all. */
	if (l->damaged_files > 0)
		tool_warn(program, "%" PRIu64 " damaged page%s in %" PRIu64
		    " file%s; the backup has them as they are",
		    l->damaged_pages, str_plural(l->damaged_pages),
		    l->damaged_files, str_plural(l->damaged_files));
}

static int
json_cluster(struct jval *j, const char *server, uint64_t system_id,
    struct err *e)
{
	struct archive	 a = { .system_id = system_id };

	return (str_fmt(a.server, sizeof(a.server), e, "%s", server) ||
	    show_json_cluster(j, &a, e) ? -1 : 0);
}

/* What the push did; the size of what it stored is the label's. */
static int
json_work(struct jval *j, const struct basepush_sum *sum, struct err *e)
{
	const struct copier_stats	*s = &sum->stats;
	const int			 fresh = sum->base[0] == '\0' &&
	    sum->resumed[0] == '\0';

	return (show_json_text(j, "compared_with", sum->base[0] == '\0' ?
	    NULL : sum->base, e) ||
	    show_json_text(j, "resumed", sum->resumed[0] == '\0' ? NULL :
	    sum->resumed, e) ||
	    show_json_text(j, "all_new_because", fresh ? sum->why_full :
	    NULL, e) ||
	    jval_set_u64(j, "files_unchanged", s->kept_files, e) ||
	    jval_set_u64(j, "bytes_unchanged", s->kept, e) ||
	    jval_set_u64(j, "bytes_read", s->read, e) ||
	    jval_set_u64(j, "bytes_compared", s->compared, e) ||
	    jval_set_u64(j, "bytes_equal", s->equal, e) ||
	    jval_set_u64(j, "bytes_vouched", s->vouched, e) ||
	    jval_set_u64(j, "bytes_reused", s->kept + s->vouched + s->equal,
	    e) ||
	    jval_set_u64(j, "bytes_new", s->bytes - s->kept - s->vouched -
	    s->equal, e) ? -1 : 0);
}

int
showpush_json(struct jval **out, const char *server, const struct label *l,
    const struct basepush_sum *sum, uint64_t ms, struct jval *notes,
    struct err *e)
{
	struct jval	*j = NULL;

	if ((notes == NULL && jval_list(&notes, e)) ||
	    label_json(l, &j, e)) {
		jval_free(notes);
		return (-1);
	}
	if (json_cluster(j, server, sum->system_id, e) ||
	    json_work(j, sum, e) ||
	    jval_set_u64(j, "seconds", (ms + 500) / 1000, e)) {
		jval_free(notes);
		jval_free(j);
		return (-1);
	}
	if (jval_set(j, "notes", notes, e)) {
		jval_free(j);
		return (-1);
	}
	*out = j;
	return (0);
}

static int
print_json(struct showpush *s, const char *server, const struct label *l,
    const struct basepush_sum *sum, struct err *e)
{
	struct jval	*j = NULL, *notes = s->notes;
	uint64_t	 ms = (uint64_t)(clock_mono_ms() - s->begin_ms);
	int		 rc;

	s->notes = NULL;
	rc = showpush_json(&j, server, l, sum, ms, notes, e) ||
	    tool_json(j, e) ? -1 : 0;
	jval_free(j);
	return (rc);
}

int
showpush_report(struct showpush *s, const char *server,
    const struct label *l, const struct basepush_sum *sum, struct err *e)
{
	progress_close(&s->line);
	if (!s->json)
		showpush_print(stdout, l, sum);
	else if (print_json(s, server, l, sum, e))
		return (-1);
	if (tool_flush(e))		/* warnings come after the result */
		return (-1);
	warn(s->program, l);
	return (0);
}

void
showpush_end(struct showpush *s)
{
	progress_end(&s->line);
	jval_free(s->notes);
	s->notes = NULL;
}
