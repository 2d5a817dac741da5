/* SPDX-License-Identifier: ISC */
/* What expiry did to one cluster, as text and as JSON. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/str.h"
#include "show/progress.h"
#include "show/show.h"
#include "show/showexpire.h"
#include "show/showyoung.h"
#include "tool/tool.h"

int
showexpire_windows(struct showexpire *s, struct err *e)
{
	const struct retention_verdict	*v = s->plan->verdict;
	size_t				 i, n = catalogue_labels(s->cat);
	int				*gone, rc = -1;

	if (s->timeline != 0)
		return (0);
	if ((gone = calloc(n + 1, sizeof(*gone))) == NULL)
		return (err_sys(e, ERR_LOCAL, "recovery window"));
	for (i = 0; i < n; i++)
		gone[i] = !v[i].keep || v[i].alone || v[i].lacks != NULL;
	/* The same catalogue twice: what is deleted is only masked out. */
	if (window_make(&s->before, s->cat, e) ||
	    window_make(&s->after, s->cat, e))
		goto out;
	window_without(&s->after, gone);
	rc = 0;
out:
	free(gone);
	return (rc);
}

void
showexpire_fini(struct showexpire *s)
{
	window_free(&s->before);
	window_free(&s->after);
}

static void
print_sum(FILE *out, const struct showexpire *s, const char *what,
    const char *of, struct expire_sum sum)
{
	char	 size[PROGRESS_SIZE];

	if (sum.files > 0)
		(void)fprintf(out, "  %s %" PRIu64 " %s%s%s, %s\n",
		    s->dry ? "would delete" : "deleted", sum.files, what,
		    str_plural(sum.files), of, progress_size(size, sum.bytes));
}

static void
print_bad_pins(FILE *out, const struct showexpire *s)
{
	const struct pin	*p;
	char			 text[SHOW_PIN];
	size_t			 i;

	for (i = 0; i < catalogue_labels(s->cat); i++) {
		p = catalogue_pin(s->cat, i);
		if (pin_is_bad(p))
			(void)fprintf(out, "  %s: %s\n",
			    catalogue_label(s->cat, i)->id, show_pin(text,
			    p));
	}
}

/* Backups were deleted by name: points that only they lead to are gone. */
static void
print_windows(FILE *out, const struct showexpire *s)
{
	const char	*will = s->dry ? "would" : "will";
	char		 was[CLOCK_TEXT], is[CLOCK_TEXT];

	if (!s->before.any) {
		(void)fprintf(out, "  nothing could be recovered before\n");
		return;
	}
	if (!s->after.any) {
		(void)fprintf(out, "  nothing on the latest timeline can be "
		    "recovered until there is another backup\n");
		return;
	}
	(void)show_moment(was, *show_window_from(&s->before, s->cat));
	(void)show_moment(is, *show_window_from(&s->after, s->cat));
	if (s->before.first == s->after.first)
		(void)fprintf(out, "  the recovery window begins at %s, as "
		    "before\n", is);
	else
		(void)fprintf(out, "  the recovery window began at %s, and "
		    "%s begin at %s\n", was, will, is);
}

/* The policy has decided, which keeps the window as long as was asked for. */
static void
print_window(FILE *out, const struct showexpire *s)
{
	char	 t[CLOCK_TEXT];

	if (s->after.any)
		(void)fprintf(out, "  what remains can be recovered from %s "
		    "on\n", show_moment(t, *show_window_from(&s->after,
		    s->cat)));
	else if (s->plan->nkept > 0)
		(void)fprintf(out, "  nothing on the latest timeline can be "
		    "recovered until there is another backup\n");
	else
		(void)fprintf(out, "  there is no backup\n");
}

/* The lines that remain are another question than this catalogue's. */
static void
print_timeline(FILE *out, const struct showexpire *s)
{
	char	 size[PROGRESS_SIZE];

	if (s->result.history.files > 0)
		(void)fprintf(out, "  %s the history file of timeline %" PRIu32
		    ", %s\n", s->dry ? "would delete" : "deleted",
		    s->timeline, progress_size(size,
		    s->result.history.bytes));
	(void)fprintf(out, "  the latest timeline %s %" PRIu32 "\n",
	    s->dry ? "would be" : "is now", s->latest);
}

static int
was_set_back(const struct showexpire *s)
{
	return (s->seen != NULL && s->seen->n > 0);
}

/* What is wrong with the memory is for the log, in both forms. */
static void
note_memory(const struct showexpire *s)
{
	if (s->seen != NULL && s->seen->note[0] != '\0')
		tool_note("backup-expire", "%s", s->seen->note);
}

static size_t
count_incomplete(const struct showexpire *s)
{
	size_t	 i, n = 0;

	for (i = 0; i < catalogue_labels(s->cat); i++)
		n += s->plan->verdict[i].lacks != NULL;
	return (n);
}

int
showexpire_findings(const struct showexpire *s)
{
	return (show_bad_pins(s->cat) || was_set_back(s) ||
	    count_incomplete(s) > 0 || catalogue_bads(s->cat) > 0 ||
	    (s->young != NULL && showyoung_findings(s->young)));
}

/* What counts for nothing, and so keeps others. */
static void
print_doubtful(FILE *out, const struct showexpire *s)
{
	const size_t	 n = catalogue_labels(s->cat);
	const size_t	 bad = count_incomplete(s);
	size_t		 i, young = 0;

	for (i = 0; i < n; i++)
		young += s->plan->verdict[i].young != 0;
	if (young > 0 && young == n)
		(void)fprintf(out, "  no backup has been in the repository for "
		    "expire_grace, as after a copy of it: none expires\n");
	else if (young > 0)
		(void)fprintf(out, "  %zu backup%s young, and make%s no other "
		    "one expire before expire_grace is over\n", young,
		    young == 1 ? " is" : "s are", young == 1 ? "s" : "");
	/* All others that are refused end the run. */
	for (i = 0; i < catalogue_bads(s->cat); i++)
		(void)fprintf(out, "  refused %s: %s; it counts for nothing "
		    "and stays\n", catalogue_bad_id(s->cat, i),
		    catalogue_bad_why(s->cat, i));
	if (bad > 0)
		(void)fprintf(out, "  %zu backup%s incomplete: find out why; "
		    "--delete removes what is nobody's backup\n", bad,
		    bad == 1 ? " is" : "s are");
}

static void
print_cluster(FILE *out, const struct showexpire *s)
{
	const struct retention_verdict	*v;
	char				 now[CLOCK_TEXT];
	size_t				 i;

	(void)fprintf(out, "server %s, system identifier %" PRIu64 "\n",
	    s->archive->server, s->archive->system_id);
	note_memory(s);
	show_seen(out, s->seen);
	if (was_set_back(s))
		(void)fprintf(out, "nothing is deleted\n");
	if (s->dry)
		(void)fprintf(out, "  judged by this host's clock alone, which "
		    "shows %s; nothing is written\n", show_moment(now,
		    s->now_us));
	for (i = 0; i < catalogue_labels(s->cat); i++) {
		v = &s->plan->verdict[i];
		(void)fprintf(out, "  %s %s: %s\n",
		    v->keep ? "keep  " : "expire",
		    catalogue_label(s->cat, i)->id, v->why);
	}
	print_sum(out, s, "file", " of backups", s->result.backups);
	print_sum(out, s, "file", " of WAL", s->result.wal);
	print_sum(out, s, "unfinished upload", "", s->result.tmp);
	print_bad_pins(out, s);
	print_doubtful(out, s);
	if (s->young != NULL)
		showyoung_print(out, s->cat, s->young);
	if (s->timeline != 0)
		print_timeline(out, s);
	else if (s->chosen)
		print_windows(out, s);
	else
		print_window(out, s);
}

static int
json_sum(struct jval *to, const char *key, struct expire_sum s,
    struct err *e)
{
	return (show_json_sum(to, key, s.files, s.bytes, e));
}

static int
json_verdict(struct jval *list, const char *id,
    const struct retention_verdict *v, const struct pin *pin, struct err *e)
{
	struct jval	*j = NULL;

	if (jval_object(&j, e))
		return (-1);
	if (jval_set_str(j, "id", id, e) ||
	    jval_set_bool(j, "keep", v->keep, e) ||
	    jval_set_str(j, "why", v->why, e) ||
	    jval_set_bool(j, "end_only", v->alone, e) ||
	    jval_set_bool(j, "young", v->young, e) ||
	    show_json_time(j, "young_until", v->young &&
	    v->until_us != GRACE_UNKNOWN ? &v->until_us : NULL, e) ||
	    show_json_text(j, "lacks", v->lacks, e) ||
	    show_json_pin(j, pin, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

static int
json_verdicts(struct jval *to, const struct showexpire *s, struct err *e)
{
	struct jval	*list = NULL;
	size_t		 i;

	if (jval_list(&list, e))
		return (-1);
	for (i = 0; i < catalogue_labels(s->cat); i++)
		if (json_verdict(list, catalogue_label(s->cat, i)->id,
		    &s->plan->verdict[i], catalogue_pin(s->cat, i), e)) {
			jval_free(list);
			return (-1);
		}
	return (jval_set(to, "backups", list, e));
}

static int
json_timeline(struct jval *j, const struct showexpire *s, struct err *e)
{
	if (s->timeline == 0)
		return (0);
	return (jval_set_u64(j, "deleted_timeline", s->timeline, e) ||
	    jval_set_u64(j, "latest_timeline", s->latest, e) ||
	    json_sum(j, "history_files", s->result.history, e) ? -1 : 0);
}

static int
json_window(struct jval *j, const struct showexpire *s, struct err *e)
{
	return (show_json_time(j, "recovery_window_from",
	    show_window_from(&s->after, s->cat), e) ||
	    (s->chosen && show_json_time(j, "recovery_window_was",
	    show_window_from(&s->before, s->cat), e)) ? -1 : 0);
}

static int
cluster_json(struct jval *list, const struct showexpire *s, struct err *e)
{
	struct jval	*j = NULL;

	note_memory(s);
	if (jval_object(&j, e))
		return (-1);
	if (show_json_cluster(j, s->archive, e) ||
	    jval_set_bool(j, "dry_run", s->dry, e) ||
	    (s->dry && show_json_time(j, "host_clock", &s->now_us, e)) ||
	    json_verdicts(j, s, e) ||
	    (s->young != NULL && showyoung_json(j, s->young, e)) ||
	    json_sum(j, "backup_files", s->result.backups, e) ||
	    json_sum(j, "wal_files", s->result.wal, e) ||
	    json_sum(j, "unfinished_uploads", s->result.tmp, e) ||
	    json_timeline(j, s, e) ||
	    json_window(j, s, e) ||
	    show_json_seen(j, s->seen, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

static void
print_pin(FILE *out, const struct showexpire_pin *s)
{
	char	 text[PIN_TEXT];

	(void)fprintf(out, "%s: %s%s\n", s->id, s->dry ? "would be " : "",
	    s->pin.kind == PIN_NONE ? "released" : pin_format(text, &s->pin));
}

static int
pin_json(struct jval *list, const struct showexpire_pin *s,
    struct err *e)
{
	struct jval	*j = NULL;

	if (jval_object(&j, e))
		return (-1);
	if (show_json_cluster(j, s->archive, e) ||
	    jval_set_bool(j, "dry_run", s->dry, e) ||
	    jval_set_str(j, "id", s->id, e) ||
	    show_json_pin(j, &s->pin, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

int
showexpire_show(FILE *out, struct jval *list, const struct showexpire *s,
    struct err *e)
{
	if (list != NULL)
		return (cluster_json(list, s, e));
	print_cluster(out, s);
	return (0);
}

int
showexpire_pin(FILE *out, struct jval *list, const struct showexpire_pin *s,
    struct err *e)
{
	if (list != NULL)
		return (pin_json(list, s, e));
	print_pin(out, s);
	return (0);
}

void
showexpire_aside(const char *id, const char *why, const char *path)
{
	if (path == NULL)
		tool_warn("backup-expire", "%s; the label of %s would be set "
		    "aside", why, id);
	else
		tool_warn("backup-expire", "%s; the label of %s was set aside "
		    "as %s, and its directory is swept once it counts as "
		    "abandoned", why, id, path);
}

void
showexpire_history(uint32_t tli, const char *why, const char *path)
{
	if (path == NULL)
		tool_warn("backup-expire", "%s; this history of timeline %"
		    PRIu32 " would be set aside, and what else there is of "
		    "the timeline is not shown before it was", why, tli);
	else
		tool_warn("backup-expire", "%s; the history of timeline %"
		    PRIu32 " was set aside as %s, and stays there until "
		    "somebody removes it", why, tli, path);
}

void
showexpire_progress(void *arg, uint64_t done, uint64_t total)
{
	progress_show(arg, done, total);
}
