/* SPDX-License-Identifier: ISC */
/* The backups of one cluster, as a table with remarks and as JSON. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "crypt/retired.h"
#include "show/progress.h"
#include "show/showlist.h"

/*
 * So many windows show when their last segment was archived, which is asked of
 * the repository for each.  Gaps can be forged by the thousand.
 */
#define TIMED	64

/* The end of one window; mostly it is the newest one's, asked for once. */
static int
make_line(struct showlist *s, size_t i, struct archive *a, size_t *asked,
    struct err *e)
{
	const uint32_t			 segsize = catalogue_segsize(s->cat);
	const struct windows_one	*w = &s->window->lines.v[i];
	struct show_reach		*r = &s->line[i];

	if (s->window->any && w->wal.tli == s->reach.wal->tli &&
	    w->wal.last == s->reach.wal->last) {
		*r = s->reach;
		r->wal = &w->wal;
		if (w->tli == s->window->latest)
			return (0);
	} else if ((*asked)++ >= TIMED) {
		r->wal = &w->wal;
		r->segsize = segsize;
		return (0);
	} else if (show_reach_make(r, &w->wal, segsize, a, e))
		return (-1);
	/* Behind a gap nothing is reached, however much was streamed. */
	return (windows_is_cut(&s->window->lines, i) ? 0 :
	    show_reach_streamed(r, s->cat, w->tli, a, e));
}

int
showlist_make(struct showlist *s, struct archive *a,
    const struct catalogue *cat, const struct window *w, struct err *e)
{
	size_t	 i, asked = 0;

	*s = (struct showlist){ .archive = a, .cat = cat, .window = w };
	s->line = calloc(w->lines.n + 1, sizeof(*s->line));
	if (s->line == NULL)
		return (err_sys(e, ERR_LOCAL, "recovery windows"));
	if (w->any && (show_reach_make(&s->reach, &w->backup[w->newest].wal,
	    catalogue_segsize(cat), a, e) ||
	    show_reach_streamed(&s->reach, cat, w->latest, a, e)))
		return (-1);
	for (i = 0; i < w->lines.n; i++)
		if (!w->lines.v[i].shared && make_line(s, i, a, &asked, e))
			return (-1);
	return (0);
}

int
showlist_problem(const struct showlist *s)
{
	size_t	 i;

	for (i = 0; i < s->window->lines.n; i++)
		if (s->line[i].problem.kind != ERR_NONE)
			return (1);
	return (0);
}

void
showlist_fini(struct showlist *s)
{
	free(s->line);
	s->line = NULL;
}

static void
print_backup(FILE *out, const struct showlist *s, size_t i)
{
	const struct label	*l = catalogue_label(s->cat, i);
	char			 size[PROGRESS_SIZE], stored[PROGRESS_SIZE];
	char			 wal[PROGRESS_SIZE], end[CLOCK_TEXT];
	char			 text[64];

	(void)fprintf(out, "  %-20s  %-20s  %8" PRIu32 "  %9s  %9s  %9s  "
	    "%s\n", l->id, show_moment(end, l->stop_us), l->timeline,
	    progress_size(size, l->size),
	    progress_size(stored, l->stored_size),
	    progress_size(wal, catalogue_since(s->cat, i).bytes),
	    str_clean(text, sizeof(text), l->label, strlen(l->label)));
}

static void
print_damage(FILE *out, const struct showlist *s)
{
	const struct label	*l;
	char			 text[128];
	size_t			 i, k;

	for (i = 0; i < catalogue_labels(s->cat); i++) {
		l = catalogue_label(s->cat, i);
		if (l->damaged_files == 0)
			continue;
		(void)fprintf(out, "%s: %" PRIu64 " page%s with a wrong "
		    "checksum in %" PRIu64 " file%s\n", l->id,
		    l->damaged_pages, str_plural(l->damaged_pages),
		    l->damaged_files, str_plural(l->damaged_files));
		for (k = 0; k < l->ndamaged; k++)
			(void)fprintf(out, "  %s\n", str_clean(text,
			    sizeof(text), l->damaged[k],
			    strlen(l->damaged[k])));
	}
}

/*
 * Who signed: a line for each signer in turn, unless all backups are of one
 * that is in service.
 */
static void
print_signers(FILE *out, const struct showlist *s)
{
	const size_t		 n = catalogue_labels(s->cat);
	const struct label	*l;
	char			 text[SHOW_SIGNER], last[SHOW_SIGNER] = "";
	size_t			 i, changes = 0;

	for (i = 0; i < n; i++) {
		l = catalogue_label(s->cat, i);
		changes += (i > 0 && memcmp(l->signer, catalogue_label(s->cat,
		    i - 1)->signer, KEY_ID_LEN) != 0) ||
		    retired_id(s->archive->key, l->signer);
	}
	for (i = 0; changes > 0 && i < n; i++) {
		l = catalogue_label(s->cat, i);
		if (strcmp(show_signer(text, s->archive, l), last) == 0)
			continue;
		(void)fprintf(out, "from %s on: signed by %s\n", l->id, text);
		memcpy(last, text, sizeof(last));
	}
}

static void
print_pins(FILE *out, const struct showlist *s)
{
	char	 text[SHOW_PIN];
	size_t	 i;

	for (i = 0; i < catalogue_labels(s->cat); i++)
		if (show_pin(text, catalogue_pin(s->cat, i))[0] != '\0')
			(void)fprintf(out, "%s: %s\n",
			    catalogue_label(s->cat, i)->id, text);
}

/* The windows of all lines, of the newest line first, each span once. */
static void
print_windows(FILE *out, const struct showlist *s)
{
	const struct windows	*w = &s->window->lines;
	const struct label	*first;
	char			 from[CLOCK_TEXT];
	size_t			 i;

	if (w->n == 0)
		(void)fprintf(out, "recovery window: none, no backup has "
		    "all %s that it needs\n", window_incomplete(s->window) >
		    0 ? "the files" : "the WAL");
	else if (!s->window->any)
		(void)fprintf(out, "recovery window: none on timeline %"
		    PRIu32 ", the latest\n", s->window->latest);
	for (i = 0; i < w->n; i++) {
		if (w->v[i].shared)
			continue;
		first = catalogue_label(s->cat, w->v[i].backup[0]);
		(void)fprintf(out, "recovery window: from %s (backup %s) ",
		    show_moment(from, first->stop_us), first->id);
		show_reach(out, &s->line[i]);
		(void)fprintf(out, ", timeline %" PRIu32 "\n", w->v[i].tli);
		show_reach_problem(out, &s->line[i]);
	}
}

static void
print_gaps(FILE *out, const struct showlist *s)
{
	size_t	 i;

	show_gaps(out, s->window->gap, s->window->ngap,
	    catalogue_segsize(s->cat));
	for (i = 0; i < s->window->n; i++) {
		if (!s->window->backup[i].whole)
			(void)fprintf(out, "backup %s cannot be restored: WAL "
			    "from its start to its end is missing\n",
			    catalogue_label(s->cat, i)->id);
		if (s->window->backup[i].incomplete != NULL)
			(void)fprintf(out, "backup %s cannot be restored: it "
			    "is incomplete: %s\n",
			    catalogue_label(s->cat, i)->id,
			    s->window->backup[i].incomplete);
	}
}

static void
print_rest(FILE *out, const struct showlist *s)
{
	size_t	 i;

	for (i = 0; i < catalogue_bads(s->cat); i++)
		(void)fprintf(out, "refused: %s: %s\n",
		    catalogue_bad_id(s->cat, i),
		    catalogue_bad_why(s->cat, i));
	for (i = 0; i < catalogue_unlabelled(s->cat); i++)
		(void)fprintf(out, "not complete: %s (in progress, interrupted "
		    "or expired)\n", catalogue_unlabelled_id(s->cat, i));
	if (catalogue_unknown(s->cat) > 0)
		(void)fprintf(out, "ignored: %zu unknown name%s, like "
		    "\"%s\"\n", catalogue_unknown(s->cat),
		    str_plural(catalogue_unknown(s->cat)),
		    catalogue_unknown_name(s->cat));
}

void
showlist_print(FILE *out, const struct showlist *s)
{
	size_t	 i;

	(void)fprintf(out, "server %s, system identifier %" PRIu64 "\n",
	    s->archive->server, s->archive->system_id);
	if (catalogue_labels(s->cat) > 0)
		(void)fprintf(out, "  %-20s  %-20s  %8s  %9s  %9s  %9s  "
		    "%s\n", "BACKUP", "ENDED", "TIMELINE", "SIZE", "STORED",
		    "WAL SINCE", "LABEL");
	for (i = 0; i < catalogue_labels(s->cat); i++)
		print_backup(out, s, i);
	/* What can be recovered comes first, then what is in the way. */
	show_seen(out, s->seen);
	print_windows(out, s);
	print_gaps(out, s);
	print_signers(out, s);
	print_pins(out, s);
	print_damage(out, s);
	print_rest(out, s);
}

static int
json_backup(const struct showlist *s, size_t i, struct jval *list,
    struct err *e)
{
	const struct window_backup	*w = &s->window->backup[i];
	struct catalogue_since		 since = catalogue_since(s->cat, i);
	struct jval			*j = NULL;

	if (label_json(catalogue_label(s->cat, i), &j, e))
		return (-1);
	if (jval_set_u64(j, "wal_since_segments", since.segments, e) ||
	    jval_set_u64(j, "wal_since_bytes", since.bytes, e) ||
	    jval_set_bool(j, "wal_complete", w->whole, e) ||
	    show_json_text(j, "lacks", w->incomplete, e) ||
	    jval_set_bool(j, "on_latest_timeline", w->latest, e) ||
	    show_json_pin(j, catalogue_pin(s->cat, i), e) ||
	    show_json_signer(j, s->archive, catalogue_label(s->cat, i), e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

static int
json_unlabelled(const struct showlist *s, size_t i, struct jval *list,
    struct err *e)
{
	return (jval_add_str(list, catalogue_unlabelled_id(s->cat, i), e));
}

/* A member that is a list of "n" items, which "one" appends. */
static int
json_list(struct jval *to, const char *key, const struct showlist *s,
    size_t n, int (*one)(const struct showlist *, size_t, struct jval *,
    struct err *), struct err *e)
{
	struct jval	*list = NULL;
	size_t		 i;

	if (jval_list(&list, e))
		return (-1);
	for (i = 0; i < n; i++)
		if (one(s, i, list, e)) {
			jval_free(list);
			return (-1);
		}
	return (jval_set(to, key, list, e));
}

static int
json_window(struct jval *to, const struct showlist *s, struct err *e)
{
	const struct window	*w = s->window;
	struct jval		*j = NULL;

	if (!w->any)
		return (jval_set_null(to, "recovery_window", e));
	if (jval_object(&j, e))
		return (-1);
	if (show_json_time(j, "from", show_window_from(w, s->cat), e) ||
	    jval_set_str(j, "from_backup",
	    catalogue_label(s->cat, w->first)->id, e) ||
	    show_json_reach(j, &s->reach, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_set(to, "recovery_window", j, e));
}

static int
json_line_backups(const struct showlist *s, const struct windows_one *w,
    struct jval *to, struct err *e)
{
	struct jval	*list = NULL;
	size_t		 i;

	if (jval_list(&list, e))
		return (-1);
	for (i = 0; i < w->n; i++)
		if (jval_add_str(list, catalogue_label(s->cat,
		    w->backup[i])->id, e)) {
			jval_free(list);
			return (-1);
		}
	return (jval_set(to, "backups", list, e));
}

static int
json_line(const struct showlist *s, size_t i, struct jval *list,
    struct err *e)
{
	const struct windows_one	*w = &s->window->lines.v[i];
	const struct label		*first;
	struct jval			*j = NULL;

	if (w->shared)
		return (0);
	first = catalogue_label(s->cat, w->backup[0]);
	if (jval_object(&j, e))
		return (-1);
	if (jval_set_u64(j, "timeline", w->tli, e) ||
	    show_json_time(j, "from", &first->stop_us, e) ||
	    jval_set_str(j, "from_backup", first->id, e) ||
	    show_json_reach(j, &s->line[i], e) ||
	    json_line_backups(s, w, j, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

int
showlist_json(struct jval *list, const struct showlist *s, struct err *e)
{
	const struct catalogue	*cat = s->cat;
	struct jval		*j = NULL;
	int			 read;

	(void)catalogue_lines(cat, &read);
	if (jval_object(&j, e))
		return (-1);
	if (show_json_cluster(j, s->archive, e) ||
	    jval_set_u64(j, "timeline", s->window->latest, e) ||
	    jval_set_bool(j, "histories_read", read, e) ||
	    json_window(j, s, e) ||
	    json_list(j, "windows", s, s->window->lines.n, json_line, e) ||
	    json_list(j, "backups", s, catalogue_labels(cat), json_backup,
	    e) ||
	    show_json_gaps(j, s->window->gap, s->window->ngap,
	    catalogue_segsize(cat), e) ||
	    show_json_refused(j, cat, e) ||
	    json_list(j, "incomplete", s, catalogue_unlabelled(cat),
	    json_unlabelled, e) ||
	    jval_set_u64(j, "unknown_names", catalogue_unknown(cat), e) ||
	    show_json_seen(j, s->seen, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}
