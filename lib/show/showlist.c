/* SPDX-License-Identifier: ISC */
/* What backup-list knows of one cluster. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
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
showlist_begin(struct showlist *s, struct archive *a,
    const struct catalogue *cat, const struct showlist_conf *conf,
    struct err *e)
{
	*s = (struct showlist){ .archive = a, .cat = cat, .conf = conf };
	return (showkeep_make(&s->keep, a, cat, conf->expire, e));
}

int
showlist_make(struct showlist *s, struct archive *a, const struct window *w,
    struct err *e)
{
	size_t	 i, asked = 0;

	s->window = w;
	s->line = calloc(w->lines.n + 1, sizeof(*s->line));
	if (s->line == NULL)
		return (err_sys(e, ERR_LOCAL, "recovery windows"));
	if (w->any && (show_reach_make(&s->reach, &w->backup[w->newest].wal,
	    catalogue_segsize(s->cat), a, e) ||
	    show_reach_streamed(&s->reach, s->cat, w->latest, a, e)))
		return (-1);
	for (i = 0; i < w->lines.n; i++)
		if (!w->lines.v[i].shared && make_line(s, i, a, &asked, e))
			return (-1);
	s->reach.local = s->conf->local;
	for (i = 0; i < w->lines.n; i++)
		s->line[i].local = s->conf->local;
	return (0);
}

static size_t
streamed_problems(const struct showlist *s)
{
	size_t	 i, n = 0;

	for (i = 0; i < s->window->lines.n; i++)
		n += s->line[i].problem.kind != ERR_NONE;
	return (n);
}

static size_t
bad_pins(const struct showlist *s)
{
	size_t	 i, n = 0;

	for (i = 0; i < catalogue_labels(s->cat); i++)
		n += pin_is_bad(catalogue_pin(s->cat, i)) != 0;
	return (n);
}

size_t
showlist_problems(const struct showlist *s,
    struct showlist_problem v[SHOWLIST_PROBLEMS])
{
	const struct showlist_problem all[SHOWLIST_PROBLEMS] = {
		{ "vanished object", s->seen == NULL ? 0 : s->seen->n },
		{ "gap", s->window->ngap },
		{ "incomplete backup", window_incomplete(s->window) },
		{ "refused object", catalogue_bads(s->cat) },
		{ "refused stream", streamed_problems(s) },
		{ "unreadable pin", bad_pins(s) },
		{ "reason why expiry does not decide",
		    s->keep.why.kind != ERR_NONE }
	};
	size_t	 i, n = 0;

	for (i = 0; i < SHOWLIST_PROBLEMS; i++)
		if (all[i].n > 0)
			v[n++] = all[i];
	return (n);
}

const struct label *
showlist_newest(const struct showlist *s)
{
	const struct label	*l, *newest = NULL;
	size_t			 i;

	for (i = 0; i < catalogue_labels(s->cat); i++) {
		l = catalogue_label(s->cat, i);
		if (newest == NULL || l->stop_us > newest->stop_us)
			newest = l;
	}
	return (newest);
}

void
showlist_fini(struct showlist *s)
{
	showkeep_fini(&s->keep);
	free(s->line);
	s->line = NULL;
}
