/* SPDX-License-Identifier: ISC */
/* The backups of one cluster as a table, with remarks. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "crypt/retired.h"
#include "show/listtext.h"
#include "show/progress.h"

#define LABEL_ROOM	64

static void
print_backup(FILE *out, const struct showlist *s, size_t i, int width)
{
	const struct label	*l = catalogue_label(s->cat, i);
	const int		 local = s->conf->local;
	char			 size[PROGRESS_SIZE], stored[PROGRESS_SIZE];
	char			 wal[PROGRESS_SIZE], end[CLOCK_TEXT];
	char			 text[LABEL_ROOM], age[SHOW_SPAN];
	char			 keep[SHOWKEEP_TEXT];

	(void)fprintf(out, "  %-20s  %-*s  %8s  %8" PRIu32 "  %9s  %9s  %9s"
	    "  %-*s  %s\n", l->id, local ? 24 : 20, show_time(end, l->stop_us,
	    local), show_span(age, s->conf->now_us - l->stop_us), l->timeline,
	    progress_size(size, l->size),
	    progress_size(stored, l->stored_size),
	    progress_size(wal, catalogue_since(s->cat, i).bytes), width,
	    str_clean(text, sizeof(text), l->label, strlen(l->label)),
	    showkeep_text(keep, &s->keep, i, local));
}

static void
print_backups(FILE *out, const struct showlist *s)
{
	const size_t	 n = catalogue_labels(s->cat);
	char		 text[LABEL_ROOM];
	size_t		 i, len;
	int		 width = 5;

	for (i = 0; i < n; i++) {
		len = strlen(catalogue_label(s->cat, i)->label);
		(void)str_clean(text, sizeof(text), catalogue_label(s->cat,
		    i)->label, len);
		if (strlen(text) > (size_t)width)
			width = (int)strlen(text);
	}
	if (n > 0)
		(void)fprintf(out, "  %-20s  %-*s  %8s  %8s  %9s  %9s  %9s  "
		    "%-*s  %s\n", "BACKUP", s->conf->local ? 24 : 20, "ENDED",
		    "AGE", "TIMELINE", "SIZE", "STORED", "WAL SINCE", width,
		    "LABEL", "KEEP");
	for (i = 0; i < n; i++)
		print_backup(out, s, i, width);
	if (s->keep.why.kind != ERR_NONE)
		(void)fprintf(out, "which are kept is not known: %s\n",
		    s->keep.why.msg);
}

/* How far back and forth recovery goes, in one breath. */
static void
print_facts(FILE *out, const struct showlist *s)
{
	const size_t		 n = catalogue_labels(s->cat);
	const struct label	*l = showlist_newest(s);
	char			 age[SHOW_SPAN], at[CLOCK_TEXT];

	if (l == NULL)
		(void)fprintf(out, "no backup");
	else
		(void)fprintf(out, "%zu backup%s, the newest %s old", n,
		    str_plural(n), show_span(age, s->conf->now_us -
		    l->stop_us));
	if (!s->window->any)
		(void)fprintf(out, "; nothing can be recovered\n");
	else if (!s->reach.timed)
		(void)fprintf(out, "\n");
	else
		(void)fprintf(out, "; WAL up to %s, %s ago%s\n", show_time(at,
		    s->reach.archived_us, s->conf->local), show_span(age,
		    s->conf->now_us - s->reach.archived_us),
		    s->reach.streamed != 0 ? ", and what was streamed behind "
		    "it" : "");
}

static void
print_status(FILE *out, const struct showlist *s)
{
	struct showlist_problem	 v[SHOWLIST_PROBLEMS];
	size_t			 i, n = showlist_problems(s, v);

	(void)fprintf(out, "status: %s", n == 0 ? "ok" : "");
	for (i = 0; i < n; i++)
		(void)fprintf(out, "%s%zu %s%s", i > 0 ? ", " : "", v[i].n,
		    v[i].what, str_plural(v[i].n));
	(void)fprintf(out, "; ");
	print_facts(out, s);
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
		    show_time(from, first->stop_us, s->conf->local),
		    first->id);
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
listtext_head(FILE *out, const struct showlist *s)
{
	(void)fprintf(out, "server %s, system identifier %" PRIu64 "\n",
	    s->archive->server, s->archive->system_id);
	print_status(out, s);
}

void
listtext_print(FILE *out, const struct showlist *s)
{
	listtext_head(out, s);
	print_backups(out, s);
	/* What can be recovered comes first, then what is in the way. */
	show_seen(out, s->seen);
	print_windows(out, s);
	print_gaps(out, s);
	print_signers(out, s);
	print_pins(out, s);
	print_damage(out, s);
	print_rest(out, s);
}
