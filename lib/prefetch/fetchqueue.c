/* SPDX-License-Identifier: ISC */
/*
 * What is fetched for which client, and what is fetched ahead.
 *
 * The rule behind all of it: fetching ahead must never change an answer.  A
 * recovery that gets "absent" ends, so absence counts only if it was seen
 * after the request.  A failure ahead may be over by the time of the request.
 * And what was fetched ahead must not take the disk from a file that somebody
 * waits for.
 */
#include <stdlib.h>
#include <string.h>

#include "prefetch/fetchfile.h"
#include "prefetch/fetchqueue.h"
#include "prefetch/fetchwindow.h"

struct fetchqueue {
	struct fetchwindow	 window;
	struct fetchask_lists	 asks;
	struct fetchfile_table	 files;
};

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

/* Whether somebody waits for that file. */
static int
is_asked(const struct fetchqueue *q, const struct fetchfile *f)
{
	return (fetchask_find(&q->asks, f->name) != NULL);
}

/* The file of that name, a new one if need be; NULL if there are too many. */
static struct fetchfile *
find_or_add(struct fetchqueue *q, const char *name)
{
	struct fetchfile	*f = fetchfile_find(&q->files, name);

	return (f != NULL ? f : fetchfile_add(&q->files, name));
}

/*
 * Take a file out of the window, and drop it unless somebody waits for it.  One
 * that is being fetched is dropped when it arrives; fetchqueue_unwanted() lets
 * its thread end before that.
 */
static void
lose(struct fetchqueue *q, struct fetchfile *f)
{
	f->ahead = 0;
	if (is_asked(q, f))
		return;
	switch (f->stage) {
	case FETCHFILE_WANTED:
	case FETCHFILE_SPOILED:
		f->stage = FETCHFILE_FREE;
		break;
	case FETCHFILE_HERE:
		f->stage = FETCHFILE_DROPPED;
		break;
	case FETCHFILE_FREE:
	case FETCHFILE_RUNNING:		/* dropped when it arrives */
	case FETCHFILE_GIVING:
	case FETCHFILE_DROPPED:
	case FETCHFILE_DROPPING:
		break;
	}
}

/* Drop all that was fetched ahead.  Returns whether that frees any disk. */
static int
lose_all(struct fetchqueue *q)
{
	struct fetchfile	*f;
	int			 any = 0;

	q->window.stopped = 1;
	for FETCHFILE_EACH(&q->files, f)
		if (f->stage != FETCHFILE_FREE && f->ahead) {
			if (f->stage == FETCHFILE_HERE ||
			    f->stage == FETCHFILE_RUNNING)
				any = 1;
			lose(q, f);
		}
	return (any);
}

/*
 * A segment that was asked for is here: move the window behind it.  Fetches
 * that are under way began before that, so they are marked as old: a segment
 * that they do not find may be in the repository by now.
 */
static void
move(struct fetchqueue *q, const char *name)
{
	char			 text[WALNAME_TEXT];
	struct fetchfile	*f;
	unsigned		 i;

	if (!fetchwindow_move(&q->window, name))
		return;
	for FETCHFILE_EACH(&q->files, f)
		if (f->stage != FETCHFILE_FREE && f->ahead &&
		    !fetchwindow_has(&q->window, f->name))
			lose(q, f);
	for (i = 0; fetchwindow_name(&q->window, i, text); i++) {
		if ((f = find_or_add(q, text)) == NULL)
			return;		/* the table is full: fewer, then */
		f->ahead = 1;
		f->old = f->stage == FETCHFILE_RUNNING;
	}
}

/*
 * A segment of the window did not come: end the window there.  Those that are
 * wanted and were not begun yet are forgotten; the next move adds them again.
 */
static void
stop(struct fetchqueue *q)
{
	struct fetchfile	*f;

	q->window.stopped = 1;
	for FETCHFILE_EACH(&q->files, f)
		if (f->ahead && f->stage == FETCHFILE_WANTED)
			lose(q, f);
}

void
fetchqueue_ask(struct fetchqueue *q, struct fetchask *a)
{
	struct err		 e = ERR_INIT;
	struct fetchfile	*f;

	if ((f = find_or_add(q, a->name)) == NULL) {
		err_set(&e, ERR_LOCAL, "more than %u files are asked for "
		    "at once", FETCHFILE_MAX);
		fetchask_answer(&q->asks, a, -1, &e);
		return;
	}
	fetchask_wait(&q->asks, a);
	/* It may have been replaced since; the client gets what is true now. */
	if (f->stage == FETCHFILE_SPOILED)
		f->stage = FETCHFILE_WANTED;
	/* Asked for and found, so the next ones can be fetched at once. */
	if (f->stage == FETCHFILE_HERE)
		move(q, a->name);
}

struct fetchask *
fetchqueue_forget(struct fetchqueue *q, uint64_t ticket)
{
	struct fetchask		*a;
	struct fetchfile	*f;

	for (a = q->asks.waiting; a != NULL && a->ticket != ticket; a = a->next)
		;
	if (a == NULL)
		return (NULL);
	fetchask_unlink(&q->asks, a);
	if ((f = fetchfile_find(&q->files, a->name)) != NULL && !f->ahead)
		lose(q, f);
	return (a);
}

struct fetchask *
fetchqueue_any(struct fetchqueue *q)
{
	struct fetchask	*a = q->asks.waiting;

	if (a != NULL)
		fetchask_unlink(&q->asks, a);
	return (a);
}

/*
 * How many more of the window may be fetched now.  Files that are to be dropped
 * still count: the disk is not free before they are gone.
 */
static unsigned
room(const struct fetchqueue *q)
{
	unsigned	 n = fetchfile_on_disk(&q->files);

	return (n < q->window.ahead ? q->window.ahead - n : 0);
}

/*
 * Whether something that nobody wants still takes up the disk.  A second try
 * after a full disk waits for this to end.
 */
static int
draining(const struct fetchqueue *q)
{
	const struct fetchfile	*f;

	for FETCHFILE_EACH(&q->files, f)
		if (f->stage == FETCHFILE_DROPPED ||
		    f->stage == FETCHFILE_DROPPING ||
		    (f->stage == FETCHFILE_RUNNING && !f->ahead &&
		    !is_asked(q, f)))
			return (1);
	return (0);
}

/* The first request for that name whose file may be fetched now, or NULL. */
static const struct fetchask *
urgent(const struct fetchqueue *q, const char *name)
{
	const struct fetchask	*a;

	for (a = q->asks.waiting; a != NULL; a = a->next)
		if (strcmp(a->name, name) == 0 && !a->covered &&
		    !(a->again && draining(q)))
			return (a);
	return (NULL);
}

unsigned
fetchqueue_waiting(const struct fetchqueue *q)
{
	const struct fetchfile	*f;
	unsigned		 n = 0, ahead = 0, max = room(q);

	for FETCHFILE_EACH(&q->files, f) {
		if (f->stage != FETCHFILE_WANTED)
			continue;
		if (!is_asked(q, f))
			ahead++;
		else if (urgent(q, f->name) != NULL)
			n++;
	}
	return (n + (ahead < max ? ahead : max));
}

/*
 * What to fetch next: files that are asked for, in the order of requests, then
 * the window in its order.  Requests have no limit of room: one file for each
 * client fits, or the disk has to say so.
 */
static struct fetchfile *
next(struct fetchqueue *q)
{
	struct fetchask		*a;
	struct fetchfile	*f, *best = NULL;

	for (a = q->asks.waiting; a != NULL; a = a->next)
		if (urgent(q, a->name) != NULL &&
		    (f = fetchfile_find(&q->files, a->name)) != NULL &&
		    f->stage == FETCHFILE_WANTED)
			return (f);
	if (room(q) == 0)
		return (NULL);
	for FETCHFILE_EACH(&q->files, f)
		if (f->stage == FETCHFILE_WANTED && f->ahead &&
		    !is_asked(q, f) &&
		    (best == NULL || strcmp(f->name, best->name) < 0))
			best = f;
	return (best);
}

static void
describe(const struct fetchqueue *q, const struct fetchfile *f,
    struct fetchqueue_file *out)
{
	out->id = f->id;
	memcpy(out->name, f->name, sizeof(out->name));
	out->ask = fetchask_find(&q->asks, f->name);
}

int
fetchqueue_take(struct fetchqueue *q, struct fetchqueue_file *out)
{
	struct fetchfile	*f;

	if ((f = next(q)) == NULL)
		return (0);
	f->stage = FETCHFILE_RUNNING;
	f->old = 0;
	fetchask_cover(&q->asks, f->name, 1);
	describe(q, f, out);
	return (1);
}

int
fetchqueue_unwanted(const struct fetchqueue *q, uint64_t id)
{
	const struct fetchfile	*f;

	for FETCHFILE_EACH(&q->files, f)
		if (f->stage == FETCHFILE_RUNNING && f->id == id)
			return (!f->ahead && !is_asked(q, f));
	return (1);
}

/*
 * Answer the requests that came before the fetch began; the others wait on.
 * If this host failed, drop everything that was fetched ahead and let them try
 * once more, provided that this frees any disk.
 */
static void
answer_covered(struct fetchqueue *q, const char *name, int rc,
    const struct err *e)
{
	struct fetchask	*a, *after;
	int		 lost = 0;

	for (a = q->asks.waiting; a != NULL; a = after) {
		after = a->next;
		if (!a->covered || strcmp(a->name, name) != 0)
			continue;
		fetchask_unlink(&q->asks, a);
		if (rc == -1 && e->kind == ERR_LOCAL && !a->again)
			lost |= lose_all(q);
		if (lost && !a->again) {
			a->again = 1;
			fetchask_wait(&q->asks, a);
		} else
			fetchask_answer(&q->asks, a, rc, e);
	}
}

/*
 * The file did not come.  It is wanted again if somebody waits on, or if the
 * window moved meanwhile.  If it is damaged, it stays in the table as such, so
 * that no move of the window fetches it again and again.  If it is absent or
 * out of reach, so are those behind it.
 */
static void
failed(struct fetchqueue *q, struct fetchfile *f, int rc, const struct err *e)
{
	int	 ahead = f->ahead;

	f->ahead = 0;
	answer_covered(q, f->name, rc, e);
	if (is_asked(q, f)) {
		f->stage = FETCHFILE_WANTED;
	} else if (ahead && f->old && !q->window.stopped) {
		f->stage = FETCHFILE_WANTED;	/* it may be there by now */
		f->ahead = 1;
	} else if (ahead && rc == -1 && e->kind != ERR_REMOTE &&
	    e->kind != ERR_LOCAL) {
		f->stage = FETCHFILE_SPOILED;
		f->ahead = 1;
	} else {
		f->stage = FETCHFILE_FREE;
		if (ahead)
			stop(q);
	}
}

void
fetchqueue_done(struct fetchqueue *q, uint64_t id, int rc,
    const struct err *e)
{
	struct fetchfile	*f = fetchfile_by_id(&q->files, id);

	if (rc != 0) {
		failed(q, f, rc, e);
		return;
	}
	/* Success counts for all requests, also those that came later. */
	f->stage = FETCHFILE_HERE;
	if (is_asked(q, f))
		move(q, f->name);
	else if (!f->ahead)
		f->stage = FETCHFILE_DROPPED;
}

int
fetchqueue_give(struct fetchqueue *q, struct fetchqueue_file *out,
    struct fetchask **who)
{
	struct fetchask		*a;
	struct fetchfile	*f;

	for (a = q->asks.waiting; a != NULL; a = a->next)
		if ((f = fetchfile_find(&q->files, a->name)) != NULL &&
		    f->stage == FETCHFILE_HERE) {
			fetchask_unlink(&q->asks, a);
			/* Others who asked for it need a fetch of their own. */
			fetchask_cover(&q->asks, a->name, 0);
			f->stage = FETCHFILE_GIVING;
			f->ahead = 0;
			describe(q, f, out);
			out->ask = a;
			*who = a;
			return (1);
		}
	return (0);
}

void
fetchqueue_given(struct fetchqueue *q, uint64_t id, struct fetchask *a,
    int rc, const struct err *e)
{
	struct fetchfile	*f = fetchfile_by_id(&q->files, id);
	struct fetchask		*other, *after;

	f->stage = rc == 0 ? FETCHFILE_FREE : FETCHFILE_DROPPED;
	/* It is given once: other requests for it start again. */
	for (other = q->asks.waiting; other != NULL; other = after) {
		after = other->next;
		if (strcmp(other->name, a->name) == 0 &&
		    fetchfile_find(&q->files, other->name) == NULL) {
			fetchask_unlink(&q->asks, other);
			fetchqueue_ask(q, other);
		}
	}
	fetchask_answer(&q->asks, a, rc, e);
}

int
fetchqueue_drop(struct fetchqueue *q, struct fetchqueue_file *out)
{
	struct fetchfile	*f;

	for FETCHFILE_EACH(&q->files, f)
		if (f->stage == FETCHFILE_DROPPED) {
			f->stage = FETCHFILE_DROPPING;
			describe(q, f, out);
			out->ask = NULL;
			return (1);
		}
	return (0);
}

void
fetchqueue_dropped(struct fetchqueue *q, uint64_t id)
{
	fetchfile_by_id(&q->files, id)->stage = FETCHFILE_FREE;
}

struct fetchask *
fetchqueue_answer(struct fetchqueue *q)
{
	return (fetchask_answered(&q->asks));
}
