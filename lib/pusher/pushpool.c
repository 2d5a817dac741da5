/* SPDX-License-Identifier: ISC */
/*
 * What the pusher's threads share, and when to look for more to push.
 *
 * There is one lock and one condition.  Whatever changes wakes all threads:
 * which of them is to take a job depends on their connections, so each looks
 * for itself.  There are 16 at most.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "pusher/pushpool.h"
#include "pusher/ready.h"
#include "wal/padded.h"

#define DELAY_MS	1000	/* after a failure, doubled each time */
#define DELAY_MAX_MS	30000
#define VERY_MANY	8	/* times backlog_high */
#define SHORT		16	/* fewer left to do: look for more */
#define LOOK_SHARE	20	/* looking may take 1/20 of the time */
#define LOOK_MAX_MS	1000	/* ... but it is not put off for longer */

int
pushpool_new(struct pushpool **out, const struct pushpool_conf *conf,
    struct serve *serve, struct err *e)
{
	struct pushpool	*p;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return (err_sys(e, ERR_LOCAL, "start to push"));
	p->conf = *conf;
	p->serve = serve;
	if (crew_new(&p->crew, e) || pushqueue_new(&p->queue, e)) {
		pushpool_free(p);
		return (-1);
	}
	*out = p;
	return (0);
}

void
pushpool_free(struct pushpool *p)
{
	if (p == NULL)
		return;
	/* First: until its threads have ended, they use the rest. */
	crew_free(p->crew);
	pushqueue_free(p->queue);
	free(p);
}

int64_t
pushpool_longer(int64_t delay)
{
	return (delay == 0 ? DELAY_MS :
	    delay * 2 > DELAY_MAX_MS ? DELAY_MAX_MS : delay * 2);
}

int
pushpool_goes_ahead(const struct pushpool *p)
{
	return (clock_mono_ms() >= p->ahead_after);
}

enum pushpool_pace
pushpool_pace(size_t waiting, uint64_t high)
{
	return (waiting > VERY_MANY * high ? PUSHPOOL_VERY_MANY :
	    waiting > high ? PUSHPOOL_MANY : PUSHPOOL_USUAL);
}

struct codec_spec
pushpool_codec(struct codec_spec usual, enum pushpool_pace pace)
{
	switch (pace) {
	case PUSHPOOL_USUAL:
		break;
	case PUSHPOOL_MANY:
		return ((struct codec_spec){ CODEC_WAL, 1 });
	case PUSHPOOL_VERY_MANY:
		return ((struct codec_spec){ CODEC_ZSTD, 1 });
	}
	return (usual);
}

/*
 * Change the codec after a listing.  It goes back only when nothing is left
 * that nobody asked for: it would flap if it did so below backlog_high.
 */
static void
choose_codec(struct pushpool *p)
{
	size_t			 backlog = pushqueue_backlog(p->queue);
	enum pushpool_pace	 pace;

	if (!p->conf.codec_auto)
		return;
	pace = pushpool_pace(backlog, p->conf.backlog_high);
	if (pace > p->pace) {
		p->pace = pace;
		serve_note(p->serve, "%zu WAL files wait; using %s until "
		    "they are archived", backlog,
		    codec_name(pushpool_codec(p->conf.codec, pace).codec));
	} else if (p->pace != PUSHPOOL_USUAL &&
	    pushqueue_unasked(p->queue) == 0) {
		p->pace = PUSHPOOL_USUAL;
		serve_note(p->serve,
		    "no WAL file waits any more; using wal:small again");
	}
}

static void
listed(struct pushpool *p, const struct ready *r)
{
	pushqueue_listed(p->queue, r);
	choose_codec(p);
	crew_broadcast(p->crew, CREW_WORK);
}

/*
 * List what waits, without what wal-push itself is to decide on: segments that
 * were filled up with zeros.  The notes are read last: one comes before its
 * segment does.
 */
static int
list(struct ready *r, const char *dir, struct err *e)
{
	struct padded_list	 padded;
	size_t			 i, n = 0;

	if (ready_list(r, dir, e) || padded_load(&padded, dir, e))
		return (-1);
	for (i = 0; i < r->n; i++)
		if (padded_find(&padded, r->name[i]) == NULL)
			memmove(r->name[n++], r->name[i], WALNAME_TEXT);
	r->n = n;
	return (0);
}

/*
 * A folder of 100,000 names takes its time, so the next look has to wait, the
 * longer the longer this one took.  The lock is not held meanwhile; "looking"
 * keeps the other threads from reading the folder as well.
 */
int
pushpool_look(struct pushpool *p)
{
	struct ready	 r;
	struct err	 e = ERR_INIT;
	int64_t		 began = clock_mono_ms(), ended;
	int		 rc;

	if (!p->look || p->looking || began < p->look_after ||
	    pushqueue_waiting(p->queue, 1) >= SHORT)
		return (0);
	p->looking = 1;
	p->look = 0;
	crew_unlock(p->crew);
	if ((rc = list(&r, p->conf.data_directory, &e)) == -1)
		serve_note(p->serve, "%s", e.msg);
	crew_lock(p->crew);
	ended = clock_mono_ms();
	p->look_after = ended + ((ended - began) * LOOK_SHARE < LOOK_MAX_MS ?
	    (ended - began) * LOOK_SHARE : LOOK_MAX_MS);
	p->looking = 0;
	if (rc == 0)
		listed(p, &r);
	return (1);
}

void
pushpool_tell(const struct pushpool *p, uint64_t ticket, int rc,
    const struct err *e)
{
	if (p->conf.answer != NULL)
		p->conf.answer(p->conf.answer_arg, ticket, rc, e, p->found ?
		    p->repository : NULL);
	else
		serve_answer(p->serve, ticket, rc, e);
}

void
pushpool_answer(struct pushpool *p, struct pushqueue_ask *asks,
    const struct err *e)
{
	struct pushqueue_ask	*a;

	while ((a = asks) != NULL) {
		asks = a->next;
		if (!crew_stopping(p->crew))
			pushpool_tell(p, a->ticket,
			    e->kind == ERR_NONE ? 0 : -1, e);
		pushqueue_ask_free(a);
	}
}

/*
 * When the server fails all connections do, and each reports it.  Those during
 * the pause are taken for the same failure.  The first one is not noted, since
 * most are over by the next attempt.
 */
void
pushpool_failed(struct pushpool *p, const struct err *e, int note)
{
	int64_t	 now = clock_mono_ms();

	if (now < p->ahead_after)
		return;
	p->delay = pushpool_longer(p->delay);
	p->ahead_after = now + clock_jitter(p->delay);
	if (++p->failures >= 2 && note)
		serve_note(p->serve, "pushing ahead: %s", e->msg);
}

void
pushpool_works(struct pushpool *p)
{
	p->failures = 0;
	p->delay = p->ahead_after = 0;
}
