/* SPDX-License-Identifier: ISC */
/* The memory against rollback for those that push: ask by name, list rarely. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "catalogue/rollbackcheck.h"
#include "catalogue/rollbackpush.h"
#include "catalogue/seenfile.h"
#include "plan/rollback.h"
#include "repo/layout.h"
#include "repo/marker.h"

struct rollbackpush {
	struct archive		*a;		/* borrowed */
	const char		*state_dir;	/* borrowed */
	char			 path[PATH_MAX];
	struct rollback_memory	 m;
	/* The segments of each timeline, and the newest backup. */
	struct store_get	*get[3 * ROLLBACK_LINES + 1];
	size_t			 n;
	int			 taken, all;	/* the answers: take_all() */
};

void
rollbackpush_free(struct rollbackpush *p)
{
	size_t	 i;

	if (p == NULL)
		return;
	for (i = 0; i < p->n; i++)
		store_get_free(p->get[i]);
	free(p);
}

/* Returns 0, or -1 if the connection is lost. */
static int
ask_for(struct rollbackpush *p, const char *path)
{
	struct err	 unused = ERR_INIT;

	if (store_get_open(&p->get[p->n], p->a->store, path, &unused))
		return (-1);
	p->n++;
	return (0);
}

static int
ask_for_segment(struct rollbackpush *p, const char *name)
{
	struct err	 unused = ERR_INIT;
	char		 path[LAYOUT_PATH];

	return (layout_wal(path, name, &unused) || ask_for(p, path) ? -1 : 0);
}

/* The segments of a line, which mostly are one and the same. */
static int
ask_for_line(struct rollbackpush *p, const struct rollback_line *l)
{
	if ((l->segment[0] != '\0' && ask_for_segment(p, l->segment)) ||
	    (l->own[0] != '\0' && strcmp(l->own, l->segment) != 0 &&
	    ask_for_segment(p, l->own)))
		return (-1);
	return (l->run[0] != '\0' && strcmp(l->run, l->segment) != 0 &&
	    strcmp(l->run, l->own) != 0 ? ask_for_segment(p, l->run) : 0);
}

static int
ask_all(struct rollbackpush *p)
{
	const struct lineage_set	 unknown = { NULL, 0 };
	const struct rollback_line	*l;
	char				 path[LAYOUT_PATH];
	size_t				 i;

	for (i = 0; i < p->m.n; i++)
		if (ask_for_line(p, &p->m.v[i]))
			return (-1);
	l = rollback_newest(&p->m, &unknown, 1);
	return (l == NULL ? 0 : ask_for(p, layout_label(path, l->id)));
}

void
rollbackpush_ask(struct rollbackpush **out, struct archive *a,
    const char *state_dir)
{
	struct rollbackpush	*p;
	struct err		 unused = ERR_INIT;
	uint8_t			 id[MARKER_ID];

	*out = NULL;
	if (marker_remembered(id, a, state_dir, &unused) != 0 ||
	    (p = calloc(1, sizeof(*p))) == NULL)
		return;
	p->a = a;
	p->state_dir = state_dir;
	if (seenfile_path(p->path, state_dir, a, id, &unused)) {
		rollbackpush_free(p);
		return;
	}
	/* One that cannot be read is empty, see remember(). */
	if (seenfile_load(&p->m, p->path, &unused))
		err_clear(&unused);
	if (ask_all(p) == 0)
		*out = p;
	else
		rollbackpush_free(p);
}

/* Whether all answers are there; sends what they still need. */
static int
all_ready(struct rollbackpush *p)
{
	size_t	 i;
	int	 all = 1;

	for (i = 0; i < p->n; i++)
		if (!store_get_ready(p->get[i]))
			all = 0;
	return (all);
}

/*
 * Take all answers, which are ready: 1 if all stands, 0 if something is gone,
 * or -1.  What was opened is closed here, so that nobody has to wait for that
 * at the end of a push.
 */
static int
take_all(struct rollbackpush *p)
{
	struct err	 unused = ERR_INIT;
	uint64_t	 size;
	int		 rc, all = 1;

	for (; p->n > 0; p->n--) {
		rc = store_get_size(p->get[p->n - 1], &size, &unused);
		store_get_free(p->get[p->n - 1]);
		if (rc == -1 || all == -1)
			all = -1;
		else if (rc == 1)
			all = 0;
	}
	return (all);
}

void
rollbackpush_meanwhile(struct rollbackpush *p)
{
	struct err	 unused = ERR_INIT;

	if (p != NULL && !p->taken && store_poll(p->a->store, &unused) == 0 &&
	    all_ready(p)) {
		p->all = take_all(p);
		p->taken = 1;
	}
}

/* As take_all(), but wait for what is not ready. */
static int
all_stands(struct rollbackpush *p)
{
	struct err	 unused = ERR_INIT;

	if (p->taken)
		return (p->all);
	/* One after the other they would need a round trip each. */
	while (!all_ready(p))
		if (store_wait(p->a->store, &unused))
			return (-1);
	return (take_all(p));
}

static void
say(const struct rollbackpush_news *news, const char *text)
{
	if (news->note != NULL && text[0] != '\0')
		news->note(news->arg, text);
}

static void
say_unread(const struct rollbackpush_news *news, const struct err *why)
{
	char	 text[ERR_MSGMAX];

	(void)snprintf(text, sizeof(text), "what was seen of the repository "
	    "could not be read, and begins anew: %.900s", why->msg);
	say(news, text);
}

/*
 * Remember the news on top of what is in the file by now: another program may
 * have written it meanwhile, or a person removed it.
 */
static void
remember(struct rollbackpush *p, const struct rollbackpush_news *news)
{
	struct lineage_backup	 b;
	struct err		 why = ERR_INIT, unused = ERR_INIT;
	char			 text[ERR_MSGMAX];
	const int64_t		 now = clock_now_us();
	size_t			 i;
	int			 changed;

	changed = seenfile_load(&p->m, p->path, &why) == 0 && p->m.warned;
	for (i = 0; i < news->n; i++)
		changed |= rollback_add_segment(&p->m, news->segment[i], now);
	if (news->label != NULL) {
		b = (struct lineage_backup){ .id = news->label->id,
		    .tli = news->label->timeline,
		    .stop_lsn = news->label->stop_lsn,
		    .stop_us = news->label->stop_us };
		changed |= rollback_add_backup(&p->m, &b, now);
	}
	if (!changed)
		return;
	if (p->m.full) {
		(void)snprintf(text, sizeof(text), ROLLBACKCHECK_FULL,
		    ROLLBACK_LINES);
		say(news, text);
	}
	p->m.seen_us = now;
	p->m.warned = 0;
	/*
	 * If it cannot be written it is forgotten.  That an old one could not
	 * be read is said only once it was replaced: not for each segment.
	 */
	if (seenfile_save(p->path, &p->m, p->a, &unused) == 0 &&
	    why.kind != ERR_NONE)
		say_unread(news, &why);
}

/* Report findings, and note in the file that this was done. */
static void
warn(struct rollbackpush *p, const struct rollbackcheck *c,
    const struct rollbackpush_news *news)
{
	struct err	 unused = ERR_INIT;
	char		 line[ROLLBACKCHECK_LINE];
	char		 text[ERR_MSGMAX];
	size_t		 i;

	for (i = 0; i < c->n; i++) {
		(void)snprintf(text, sizeof(text), "%.500s; %.500s",
		    rollbackcheck_line(line, &c->v[i]), c->means);
		say(news, text);
	}
	p->m.warned = 1;
	if (news->note != NULL && !news->again &&
	    seenfile_save(p->path, &p->m, p->a, &unused))
		err_clear(&unused);
}

/* Something is gone: is it expiry, or was the repository set back? */
static void
look_closely(struct rollbackpush *p, const struct rollbackpush_news *news)
{
	struct catalogue	*cat = NULL;
	struct rollbackcheck	 c;
	struct err		 unused = ERR_INIT;

	if (p->m.warned && !news->again)
		return;
	if (catalogue_load(&cat, p->a, &unused) == 0 &&
	    rollbackcheck_run(&c, p->a, cat, p->state_dir, 1,
	    &unused) == 0) {
		say(news, c.note);
		if (c.n > 0)
			warn(p, &c, news);
		else
			remember(p, news);
	}
	catalogue_free(cat);
}

void
rollbackpush_answer(struct rollbackpush *p,
    const struct rollbackpush_news *news)
{
	int	 all;

	if (p == NULL)
		return;
	if ((all = all_stands(p)) == 1)
		remember(p, news);
	else if (all == 0)
		look_closely(p, news);
	rollbackpush_free(p);
}
