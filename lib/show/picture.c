/* SPDX-License-Identifier: ISC */
/* Where all that is known of a cluster lies in its picture. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "show/picture.h"

#define MINUTE	INT64_C(60000000)
#define DAY	(1440 * MINUTE)

/* The lane of a timeline, which is made if there is none. */
static size_t
lane_of(struct picture *p, uint32_t tli)
{
	size_t	 i;

	for (i = 0; i < p->nlane; i++)
		if (p->lane[i] == tli)
			return (i);
	p->lane[p->nlane++] = tli;
	return (i);
}

static void
stretch(struct picture *p, int64_t us)
{
	if (us < p->from_us)
		p->from_us = us;
	if (us > p->to_us)
		p->to_us = us;
}

/*
 * When the WAL of a window ends.  Where nobody asked, it is at least the end
 * of its last backup.
 */
static int64_t
end_of(const struct showlist *s, size_t i)
{
	const struct windows_one	*w = &s->window->lines.v[i];
	const int64_t			 last = catalogue_label(s->cat,
	    w->backup[w->n - 1])->stop_us;

	return (s->line[i].timed && s->line[i].archived_us > last ?
	    s->line[i].archived_us : last);
}

static void
add_span(struct picture *p, size_t lane, int64_t from, int64_t to, int gap)
{
	if (to < from)			/* clocks that differ */
		return;
	p->span[p->nspan++] = (struct picture_span){ lane, from, to, gap };
	stretch(p, from);
	stretch(p, to);
}

/* Windows come with the newest of a line first: a gap follows the older one. */
static void
add_spans(struct picture *p, const struct showlist *s)
{
	const struct windows_one	*w, *newer = NULL;
	int64_t				 from, to, newer_from = 0;
	size_t				 i;

	for (i = 0; i < s->window->lines.n; i++) {
		w = &s->window->lines.v[i];
		if (w->shared)
			continue;
		from = catalogue_label(s->cat, w->backup[0])->stop_us;
		to = end_of(s, i);
		add_span(p, lane_of(p, w->tli), from, to, 0);
		if (newer != NULL && newer->tli == w->tli)
			add_span(p, lane_of(p, w->tli), to, newer_from, 1);
		newer = w;
		newer_from = from;
	}
}

/* A backup lies on the newest line that it leads to, or on its own. */
static uint32_t
line_of(const struct showlist *s, size_t label)
{
	const struct windows_one	*w;
	size_t				 i, k;

	for (i = 0; i < s->window->lines.n; i++) {
		w = &s->window->lines.v[i];
		for (k = 0; !w->shared && k < w->n; k++)
			if (w->backup[k] == label)
				return (w->tli);
	}
	return (catalogue_label(s->cat, label)->timeline);
}

static enum picture_kind
kind_of(const struct showlist *s, size_t label)
{
	const struct window_backup	*w = &s->window->backup[label];
	const struct showkeep_one	 k = showkeep_get(&s->keep, label);

	if (!w->whole || w->incomplete != NULL)
		return (PICTURE_BROKEN);
	if (pin_holds(catalogue_pin(s->cat, label), s->conf->now_us))
		return (PICTURE_PINNED);
	return (k.known && !k.keep ? PICTURE_GOES : PICTURE_KEPT);
}

int
picture_make(struct picture *p, const struct showlist *s, struct err *e)
{
	const size_t	 n = catalogue_labels(s->cat);
	const size_t	 lines = s->window->lines.n;
	size_t		 i;

	*p = (struct picture){ .list = s, .from_us = s->conf->now_us,
	    .to_us = s->conf->now_us };
	p->lane = calloc(n + lines + 1, sizeof(*p->lane));
	p->span = calloc(2 * lines + 1, sizeof(*p->span));
	p->mark = calloc(n + 1, sizeof(*p->mark));
	if (p->lane == NULL || p->span == NULL || p->mark == NULL)
		return (err_sys(e, ERR_LOCAL, "picture"));
	add_spans(p, s);
	for (i = 0; i < n; i++) {
		p->mark[p->nmark++] = (struct picture_mark){ i, lane_of(p,
		    line_of(s, i)), catalogue_label(s->cat, i)->stop_us,
		    kind_of(s, i) };
		stretch(p, catalogue_label(s->cat, i)->stop_us);
	}
	return (0);
}

void
picture_fini(struct picture *p)
{
	free(p->lane);
	free(p->span);
	free(p->mark);
	memset(p, 0, sizeof(*p));
}

unsigned
picture_x(const struct picture *p, int64_t us, unsigned width)
{
	const double	 all = (double)p->to_us - (double)p->from_us;

	if (us <= p->from_us)
		return (0);
	if (us >= p->to_us)
		return (width);
	return ((unsigned)(((double)us - (double)p->from_us) * width / all));
}

/* The one that may go first, of those of which a time is known. */
static const char *
first_to_go(const struct picture *p, int64_t *us)
{
	const char		*id = NULL;
	struct showkeep_one	 k;
	size_t			 i;

	for (i = 0; i < p->nmark; i++) {
		k = showkeep_get(&p->list->keep, i);
		if (!k.ends || (id != NULL && k.until_us >= *us))
			continue;
		*us = k.until_us;
		id = catalogue_label(p->list->cat, i)->id;
	}
	return (id);
}

const char *
picture_next(char buf[PICTURE_NEXT], const struct picture *p)
{
	const struct showkeep	*k = &p->list->keep;
	const char		*id = NULL;
	char			 t[CLOCK_TEXT];
	int64_t			 us = 0;
	size_t			 i, n = 0;

	for (i = p->nmark; i-- > 0;)
		if (showkeep_get(k, i).known && !showkeep_get(k, i).keep) {
			id = catalogue_label(p->list->cat, i)->id;
			n++;
		}
	if (k->conf == NULL)
		(void)snprintf(buf, PICTURE_NEXT, "what expires is not known: "
		    "no retention_policy is configured here");
	else if (k->x == NULL)
		(void)snprintf(buf, PICTURE_NEXT, "what expires is not known: "
		    "%.200s", k->why.msg);
	else if (n > 0)
		(void)snprintf(buf, PICTURE_NEXT, "the next expiry deletes %zu "
		    "backup%s, first %s", n, str_plural(n), id);
	else if ((id = first_to_go(p, &us)) != NULL)
		(void)snprintf(buf, PICTURE_NEXT, "expires next: %s, not "
		    "before %s", id, show_time(t, us, p->list->conf->local));
	else
		(void)snprintf(buf, PICTURE_NEXT, "nothing expires before "
		    "there are more backups");
	return (buf);
}

const char *
picture_tick(char buf[CLOCK_TEXT], const struct picture *p, unsigned i)
{
	const int64_t	 all = p->to_us - p->from_us;
	const int64_t	 us = p->from_us + all / (PICTURE_TICKS - 1) * i;
	char		 t[CLOCK_TEXT];

	(void)show_time(t, us, p->list->conf->local);
	t[10] = ' ';
	if (all >= 4 * DAY)
		(void)snprintf(buf, CLOCK_TEXT, "%.10s", t);
	else if (all >= 10 * MINUTE)
		(void)snprintf(buf, CLOCK_TEXT, "%.11s", t + 5);
	else
		(void)snprintf(buf, CLOCK_TEXT, "%.8s", t + 11);
	return (buf);
}
