/* SPDX-License-Identifier: ISC */
/* What is fetched for whom, and what is fetched ahead: pure. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prefetch/fetchqueue.h"
#include "prefetch/fetchwindow.h"

enum stage {
	STAGE_FREE = 0,
	STAGE_WANTED,		/* to be fetched */
	STAGE_RUNNING,		/* being fetched */
	STAGE_HERE,		/* fetched */
	STAGE_GIVING,		/* being given to who asked */
	STAGE_SPOILED,		/* in the window, and known to be damaged */
	STAGE_DROPPED,		/* to be removed */
	STAGE_DROPPING		/* being removed */
};

struct file {
	enum stage	 stage;
	int		 ahead;		/* in the window */
	int		 old;		/* begun before the window moved */
	uint64_t	 id;
	char		 name[WALNAME_TEXT];
};

struct fetchqueue {
	struct fetchwindow window;
	uint64_t	 last_id;
	struct fetchqueue_ask *asks;	/* waiting, in order */
	struct fetchqueue_ask *answered;
	struct file	 file[FETCHQUEUE_FILES];
};

#define EACH(q, f) \
	((f) = (q)->file; (f) < (q)->file + FETCHQUEUE_FILES; (f)++)

int
fetchqueue_new(struct fetchqueue **out, uint64_t segsize, unsigned ahead,
    struct err *e)
{
	struct fetchqueue	*q;

	if ((q = calloc(1, sizeof(*q))) == NULL)
		return (err_sys(e, ERR_LOCAL, "fetch ahead"));
	q->window = fetchwindow_of(segsize, ahead);
	*out = q;
	return (0);
}

void
fetchqueue_free(struct fetchqueue *q)
{
	free(q);
}

/* The file of that name that may still reach who asks, or NULL. */
static struct file *
find(struct fetchqueue *q, const char *name)
{
	struct file	*f;

	for EACH(q, f)
		if ((f->stage == STAGE_WANTED || f->stage == STAGE_RUNNING ||
		    f->stage == STAGE_HERE || f->stage == STAGE_SPOILED) &&
		    strcmp(f->name, name) == 0)
			return (f);
	return (NULL);
}

static struct file *
by_id(struct fetchqueue *q, uint64_t id)
{
	struct file	*f;

	for EACH(q, f)
		if (f->stage != STAGE_FREE && f->id == id)
			break;
	assert(f < q->file + FETCHQUEUE_FILES);	/* it was given out */
	return (f);
}

static struct fetchqueue_ask *
asked(const struct fetchqueue *q, const char *name)
{
	struct fetchqueue_ask	*a;

	for (a = q->asks; a != NULL; a = a->next)
		if (strcmp(a->name, name) == 0)
			return (a);
	return (NULL);
}

/* A place for a new file, or NULL if there are too many. */
static struct file *
add(struct fetchqueue *q, const char *name)
{
	struct file	*f;

	for EACH(q, f)
		if (f->stage == STAGE_FREE) {
			f->stage = STAGE_WANTED;
			f->ahead = f->old = 0;
			f->id = ++q->last_id;
			(void)snprintf(f->name, sizeof(f->name), "%s", name);
			return (f);
		}
	return (NULL);
}

/* Out of the window, and gone unless somebody waits for it. */
static void
lose(struct fetchqueue *q, struct file *f)
{
	f->ahead = 0;
	if (asked(q, f->name) != NULL)
		return;
	switch (f->stage) {
	case STAGE_WANTED:
	case STAGE_SPOILED:
		f->stage = STAGE_FREE;
		break;
	case STAGE_HERE:
		f->stage = STAGE_DROPPED;
		break;
	case STAGE_FREE:
	case STAGE_RUNNING:		/* dropped when it arrives */
	case STAGE_GIVING:
	case STAGE_DROPPED:
	case STAGE_DROPPING:
		break;
	}
}

/* All that was fetched ahead; whether that was anything. */
static int
lose_all(struct fetchqueue *q)
{
	struct file	*f;
	int		 any = 0;

	q->window.stopped = 1;
	for EACH(q, f)
		if (f->stage != STAGE_FREE && f->ahead) {
			if (f->stage == STAGE_HERE ||
			    f->stage == STAGE_RUNNING)
				any = 1;
			lose(q, f);
		}
	return (any);
}

/* A segment that was asked for is there: the window moves behind it. */
static void
move(struct fetchqueue *q, const char *name)
{
	char		 text[WALNAME_TEXT];
	struct file	*f;
	unsigned	 i;

	if (!fetchwindow_move(&q->window, name))
		return;
	for EACH(q, f)
		if (f->stage != STAGE_FREE && f->ahead &&
		    !fetchwindow_has(&q->window, f->name))
			lose(q, f);
	for (i = 0; fetchwindow_name(&q->window, i, text); i++) {
		if ((f = find(q, text)) == NULL && (f = add(q, text)) == NULL)
			return;		/* as many as there is room for */
		f->ahead = 1;
		f->old = f->stage == STAGE_RUNNING;
	}
}

/* Nothing behind this one is looked for until the window moves. */
static void
stop(struct fetchqueue *q)
{
	struct file	*f;

	q->window.stopped = 1;
	for EACH(q, f)
		if (f->ahead && f->stage == STAGE_WANTED)
			lose(q, f);
}

static void
answer(struct fetchqueue *q, struct fetchqueue_ask *a, int rc,
    const struct err *e)
{
	struct fetchqueue_ask	**p;

	a->rc = rc;
	if (rc == -1)
		a->err = *e;
	a->next = NULL;
	for (p = &q->answered; *p != NULL; p = &(*p)->next)
		;
	*p = a;
}

static void
unlink_ask(struct fetchqueue *q, struct fetchqueue_ask *a)
{
	struct fetchqueue_ask	**p;

	for (p = &q->asks; *p != a; p = &(*p)->next)
		;
	*p = a->next;
	a->next = NULL;
}

/* Last among those who wait. */
static void
append(struct fetchqueue *q, struct fetchqueue_ask *a)
{
	struct fetchqueue_ask	**p;

	for (p = &q->asks; *p != NULL; p = &(*p)->next)
		;
	a->next = NULL;
	a->covered = 0;
	*p = a;
}

void
fetchqueue_ask(struct fetchqueue *q, struct fetchqueue_ask *a)
{
	struct err	 e = ERR_INIT;
	struct file	*f;

	if ((f = find(q, a->name)) == NULL && (f = add(q, a->name)) == NULL) {
		err_set(&e, ERR_LOCAL, "%u files are asked for at once",
		    FETCHQUEUE_FILES);
		answer(q, a, -1, &e);
		return;
	}
	append(q, a);
	if (f->stage == STAGE_SPOILED)
		f->stage = STAGE_WANTED;
	if (f->stage == STAGE_HERE)
		move(q, a->name);
}

struct fetchqueue_ask *
fetchqueue_forget(struct fetchqueue *q, uint64_t ticket)
{
	struct fetchqueue_ask	*a;
	struct file		*f;

	for (a = q->asks; a != NULL && a->ticket != ticket; a = a->next)
		;
	if (a == NULL)
		return (NULL);
	unlink_ask(q, a);
	if ((f = find(q, a->name)) != NULL && !f->ahead)
		lose(q, f);
	return (a);
}

struct fetchqueue_ask *
fetchqueue_any(struct fetchqueue *q)
{
	struct fetchqueue_ask	*a = q->asks;

	if (a != NULL)
		unlink_ask(q, a);
	return (a);
}

/* Room on the disk for one more of the window. */
static unsigned
room(const struct fetchqueue *q)
{
	const struct file	*f;
	unsigned		 n = 0;

	for EACH(q, f)
		if (f->stage == STAGE_RUNNING || f->stage == STAGE_HERE ||
		    f->stage == STAGE_DROPPED || f->stage == STAGE_DROPPING)
			n++;
	return (n < q->window.ahead ? q->window.ahead - n : 0);
}

/* Whether something that nobody wants still takes up the disk. */
static int
draining(const struct fetchqueue *q)
{
	const struct file	*f;

	for EACH(q, f)
		if (f->stage == STAGE_DROPPED || f->stage == STAGE_DROPPING ||
		    (f->stage == STAGE_RUNNING && !f->ahead &&
		    asked(q, f->name) == NULL))
			return (1);
	return (0);
}

/* Who asked for it and may have it fetched now, or NULL. */
static const struct fetchqueue_ask *
urgent(const struct fetchqueue *q, const char *name)
{
	const struct fetchqueue_ask	*a;

	for (a = q->asks; a != NULL; a = a->next)
		if (strcmp(a->name, name) == 0 && !a->covered &&
		    !(a->again && draining(q)))
			return (a);
	return (NULL);
}

unsigned
fetchqueue_waiting(const struct fetchqueue *q)
{
	const struct file	*f;
	unsigned		 n = 0, ahead = 0, max = room(q);

	for EACH(q, f) {
		if (f->stage != STAGE_WANTED)
			continue;
		if (asked(q, f->name) == NULL)
			ahead++;
		else if (urgent(q, f->name) != NULL)
			n++;
	}
	return (n + (ahead < max ? ahead : max));
}

/* Who asked comes first, then the window in its order. */
static struct file *
next(struct fetchqueue *q)
{
	struct fetchqueue_ask	*a;
	struct file		*f, *best = NULL;

	for (a = q->asks; a != NULL; a = a->next)
		if (urgent(q, a->name) != NULL &&
		    (f = find(q, a->name)) != NULL &&
		    f->stage == STAGE_WANTED)
			return (f);
	if (room(q) == 0)
		return (NULL);
	for EACH(q, f)
		if (f->stage == STAGE_WANTED && f->ahead &&
		    asked(q, f->name) == NULL &&
		    (best == NULL || strcmp(f->name, best->name) < 0))
			best = f;
	return (best);
}

static void
describe(const struct fetchqueue *q, const struct file *f,
    struct fetchqueue_file *out)
{
	out->id = f->id;
	memcpy(out->name, f->name, sizeof(out->name));
	out->ask = asked(q, f->name);
}

int
fetchqueue_take(struct fetchqueue *q, struct fetchqueue_file *out)
{
	struct fetchqueue_ask	*a;
	struct file		*f;

	if ((f = next(q)) == NULL)
		return (0);
	f->stage = STAGE_RUNNING;
	f->old = 0;
	for (a = q->asks; a != NULL; a = a->next)
		if (strcmp(a->name, f->name) == 0)
			a->covered = 1;
	describe(q, f, out);
	return (1);
}

int
fetchqueue_unwanted(const struct fetchqueue *q, uint64_t id)
{
	const struct file	*f;

	for EACH(q, f)
		if (f->stage == STAGE_RUNNING && f->id == id)
			return (!f->ahead && asked(q, f->name) == NULL);
	return (1);
}

/* Who asked before the fetch began has the answer; the others wait on. */
static void
answer_covered(struct fetchqueue *q, const char *name, int rc,
    const struct err *e)
{
	struct fetchqueue_ask	*a, *after;
	int			 lost = 0;

	for (a = q->asks; a != NULL; a = after) {
		after = a->next;
		if (!a->covered || strcmp(a->name, name) != 0)
			continue;
		unlink_ask(q, a);
		if (rc == -1 && e->kind == ERR_LOCAL && !a->again)
			lost |= lose_all(q);
		if (lost && !a->again) {
			a->again = 1;
			append(q, a);
		} else
			answer(q, a, rc, e);
	}
}

/* Nothing came. */
static void
failed(struct fetchqueue *q, struct file *f, int rc, const struct err *e)
{
	int	 ahead = f->ahead;

	f->ahead = 0;
	answer_covered(q, f->name, rc, e);
	if (asked(q, f->name) != NULL) {
		f->stage = STAGE_WANTED;
	} else if (ahead && f->old && !q->window.stopped) {
		f->stage = STAGE_WANTED;	/* it may be there by now */
		f->ahead = 1;
	} else if (ahead && rc == -1 && e->kind != ERR_REMOTE &&
	    e->kind != ERR_LOCAL) {
		f->stage = STAGE_SPOILED;
		f->ahead = 1;
	} else {
		f->stage = STAGE_FREE;
		if (ahead)
			stop(q);
	}
}

void
fetchqueue_done(struct fetchqueue *q, uint64_t id, int rc,
    const struct err *e)
{
	struct file	*f = by_id(q, id);

	if (rc != 0) {
		failed(q, f, rc, e);
		return;
	}
	f->stage = STAGE_HERE;
	if (asked(q, f->name) != NULL)
		move(q, f->name);
	else if (!f->ahead)
		f->stage = STAGE_DROPPED;
}

/* The fetch that was for all of them was for one: the next counts. */
static void
uncover(struct fetchqueue *q, const char *name)
{
	struct fetchqueue_ask	*a;

	for (a = q->asks; a != NULL; a = a->next)
		if (strcmp(a->name, name) == 0)
			a->covered = 0;
}

int
fetchqueue_give(struct fetchqueue *q, struct fetchqueue_file *out,
    struct fetchqueue_ask **who)
{
	struct fetchqueue_ask	*a;
	struct file		*f;

	for (a = q->asks; a != NULL; a = a->next)
		if ((f = find(q, a->name)) != NULL && f->stage == STAGE_HERE) {
			unlink_ask(q, a);
			uncover(q, a->name);
			f->stage = STAGE_GIVING;
			f->ahead = 0;
			describe(q, f, out);
			out->ask = a;
			*who = a;
			return (1);
		}
	return (0);
}

void
fetchqueue_given(struct fetchqueue *q, uint64_t id, struct fetchqueue_ask *a,
    int rc, const struct err *e)
{
	struct file		*f = by_id(q, id);
	struct fetchqueue_ask	*other, *after;

	f->stage = rc == 0 ? STAGE_FREE : STAGE_DROPPED;
	/* It is given once: others who asked for it ask anew. */
	for (other = q->asks; other != NULL; other = after) {
		after = other->next;
		if (strcmp(other->name, a->name) == 0 &&
		    find(q, other->name) == NULL) {
			unlink_ask(q, other);
			fetchqueue_ask(q, other);
		}
	}
	answer(q, a, rc, e);
}

int
fetchqueue_drop(struct fetchqueue *q, struct fetchqueue_file *out)
{
	struct file	*f;

	for EACH(q, f)
		if (f->stage == STAGE_DROPPED) {
			f->stage = STAGE_DROPPING;
			describe(q, f, out);
			out->ask = NULL;
			return (1);
		}
	return (0);
}

void
fetchqueue_dropped(struct fetchqueue *q, uint64_t id)
{
	by_id(q, id)->stage = STAGE_FREE;
}

struct fetchqueue_ask *
fetchqueue_answer(struct fetchqueue *q)
{
	struct fetchqueue_ask	*a = q->answered;

	if (a != NULL)
		q->answered = a->next;
	return (a);
}
