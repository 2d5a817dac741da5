/* SPDX-License-Identifier: ISC */
/* A finished base backup, in a few lines. */
#include <inttypes.h>

#include "base/str.h"
#include "show/progress.h"
#include "show/show.h"
#include "show/showconfig.h"
#include "show/showpush.h"
#include "tool/tool.h"

struct showpush_progress
showpush_begin(int quiet)
{
	const struct showpush_progress	 p = {
	    .line = progress_begin("read", quiet), .phase = BASEPUSH_COUNT,
	    .quiet = quiet };

	return (p);
}

/* Rates and times count from the beginning of the phase. */
void
showpush_progress(void *arg, const struct basepush_progress *now)
{
	struct showpush_progress	*p = arg;

	if (p->phase != now->phase)
		p->line = progress_begin("read", p->quiet);
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
	    progress_size(fresh, s->bytes - s->kept - s->equal));
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

void
showpush_warn(const char *program, const struct label *l)
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
