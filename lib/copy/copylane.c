/* SPDX-License-Identifier: ISC */
/*
 * One job of a copy.
 *
 * Round trips are hidden at both ends.  Objects are asked for ahead of the one
 * that is being sent; and one that was sent to its end waits for its name while
 * the next ones are sent.
 *
 * WAL is named in its order.  Over one connection the request for a name is
 * sent as soon as the server is sure to treat it after the one before.  From
 * one job to the next that takes a round trip, so each takes a run of it.
 *
 * If a connection is lost, what was on its way begins anew over other ones.
 * What has its name by then is found there.
 */
#include <stdlib.h>
#include <string.h>

#include "copy/copyflight.h"
#include "copy/copylane.h"
#include "repo/outage.h"

#define RING		64	/* objects on their way */
/*
 * Of those that are not sent yet, so many bytes are asked for: small ones, as
 * WAL often is, far ahead, and large ones when they are needed, since another
 * job may take them.
 */
#define AHEAD		(3 * STORE_AHEAD)
#define NAMELESS	48	/* sent, and without their names */
#define RUN_MAX		16	/* WAL files of one run, */
#define RUN_BYTES	((uint64_t)32 << 20)	/* or so long */
#define KEEP_MS		2000	/* how long a connection is left alone */

struct job {
	struct copylane_desk *desk;
	struct archive	*from, *to;	/* owned */
	int		 wal_first;	/* rather than packs */
	size_t		 next_wal, end_wal;	/* what is left of its run */
	int		 spare;		/* others do the work, too, and it has
					   had no connection yet */
	struct copyflight ring[RING];
	size_t		 first;		/* the oldest of them */
	size_t		 n;		/* on their way */
	size_t		 sent;		/* of these */
	uint64_t	 weight;	/* of those that are not */
	size_t		 settled;	/* as the desk said when it stepped */
	int		 pending;	/* a step awaits answers */
	int		 in_to;		/* what failed was TO, not FROM */
	struct outage	 outage[2];	/* of FROM, of TO */
};

static struct copyflight *
at(struct job *j, size_t i)
{
	return (&j->ring[(j->first + i) % RING]);
}

static uint64_t
weigh(const struct copyitem *it)
{
	return (it->there ? HEAD_MAX : it->size < AHEAD ? it->size : AHEAD);
}

/* The next one of which an earlier pass knows nothing. */
static struct copyitem *
next(const struct copyitem_list *l, size_t *at, size_t end)
{
	while (*at < end && l->v[*at].known)
		(*at)++;
	return (*at < end ? &l->v[(*at)++] : NULL);
}

/* The next one of its run, or of the next run that nobody has taken. */
static struct copyitem *
take_wal(struct job *j)
{
	struct copylane_desk	*d = j->desk;
	struct copyitem		*it;
	uint64_t		 bytes;
	size_t			 n;

	while ((it = next(&d->wal, &j->next_wal, j->end_wal)) == NULL &&
	    d->next_wal < d->wal.n) {
		j->next_wal = d->next_wal;
		for (n = 0, bytes = 0; n < RUN_MAX && bytes < RUN_BYTES &&
		    d->next_wal < d->wal.n; n++)
			bytes += weigh(&d->wal.v[d->next_wal++]);
		j->end_wal = d->next_wal;
	}
	return (it);
}

/* One begins with the WAL, and the others with what is large. */
static struct copyitem *
take(struct job *j)
{
	struct copylane_desk	*d = j->desk;
	struct copyitem		*it = NULL;

	crew_lock(d->crew);
	if (!crew_stopping(d->crew)) {
		if (j->wal_first)
			it = take_wal(j);
		if (it == NULL)
			it = next(&d->packs, &d->next_pack, d->packs.n);
		if (it == NULL)
			it = take_wal(j);
	}
	crew_unlock(d->crew);
	return (it);
}

static void
passed(void *arg, size_t n)
{
	struct copylane_desk	*d = arg;

	crew_lock(d->crew);
	d->bytes += n;
	crew_unlock(d->crew);
}

static int
fill(struct job *j, struct err *e)
{
	struct copyflight	*f;
	struct copyitem		*it;

	while (j->n < RING && j->weight < AHEAD && (it = take(j)) != NULL) {
		f = at(j, j->n++);
		*f = (struct copyflight){ .it = it, .from = j->from,
		    .to = j->to };
		j->weight += weigh(it);
		if (copyflight_begin(f, e)) {
			j->in_to = f->in_to;
			return (-1);
		}
	}
	return (0);
}

/*
 * A WAL file has its name, or will not get one: those behind it may get theirs,
 * once that is so of all before it.
 */
static void
settle(struct job *j, struct copyitem *it)
{
	struct copylane_desk	*d = j->desk;

	if (it->kind != HEAD_WAL || it->settled)
		return;
	crew_lock(d->crew);
	it->settled = 1;
	while (d->settled < d->wal.n && (d->wal.v[d->settled].known ||
	    d->wal.v[d->settled].settled))
		d->settled++;
	crew_broadcast(d->crew, CREW_WORK);
	crew_unlock(d->crew);
}

/*
 * Whether it is the turn of the WAL file at "i": all before it are settled, or
 * the one before it is in its turn, and named over the same connection.
 */
static int
has_turn(struct job *j, size_t i, int follows)
{
	const struct copyitem	*v = j->desk->wal.v;
	size_t			 before = (size_t)(at(j, i)->it - v);

	while (before > 0 && v[before - 1].known)
		before--;
	return (j->settled >= before || (follows &&
	    at(j, i - 1)->it == &v[before - 1]));
}

/* Name what may be named, and forget the oldest as soon as it has its name. */
static int
step(struct job *j, struct err *e)
{
	struct copyflight	*f;
	size_t			 i;
	int			 r, follows = 0;

	crew_lock(j->desk->crew);
	j->settled = j->desk->settled;
	crew_unlock(j->desk->crew);
	j->pending = 0;
	for (i = 0; i < j->sent; i++) {
		f = at(j, i);
		follows = f->it->kind != HEAD_WAL || has_turn(j, i, follows);
		if (follows && (r = copyflight_step(f, e)) != 0) {
			if (r == -1)
				return (-1);
			j->pending = 1;
		}
		follows = follows && copyflight_named(f);
		if (f->done)
			settle(j, f->it);
	}
	while (j->sent > 0 && at(j, 0)->done) {
		copyflight_drop(at(j, 0));
		j->first = (j->first + 1) % RING;
		j->n--;
		j->sent--;
		j->outage[0].in_vain = j->outage[1].in_vain = 0;
	}
	return (0);
}

static int
pass_one(struct job *j, struct err *e)
{
	struct copyflight	*f = at(j, j->sent);
	const uint64_t		 w = weigh(f->it);

	if (copyflight_pass(f, passed, j->desk, e)) {
		j->in_to = f->in_to;
		return (-1);
	}
	j->weight -= w;
	j->sent++;
	return (0);
}

/* Let the answers that came to what is asked for ahead lead to more. */
static int
ahead(struct job *j, struct err *e)
{
	size_t	 i;

	j->in_to = 0;
	if (store_poll(j->from->store, e))
		return (-1);
	for (i = j->sent; i < j->n; i++)
		copyflight_ahead(at(j, i));
	return (0);
}

/* Wait for answers, or until other jobs have named the WAL before. */
static int
await(struct job *j, struct err *e)
{
	struct copylane_desk	*d = j->desk;

	j->in_to = 1;
	if (j->pending)
		return (store_wait(j->to->store, e));
	crew_lock(d->crew);
	if (d->settled == j->settled && !crew_stopping(d->crew))
		(void)crew_wait(d->crew, CREW_WORK, KEEP_MS);
	crew_unlock(d->crew);
	if (store_keep(j->to->store, e))
		return (-1);
	j->in_to = 0;
	return (store_keep(j->from->store, e));
}

static int
work(struct job *j, struct err *e)
{
	for (;;) {
		if (crew_stopping(j->desk->crew))
			return (0);
		if (fill(j, e) || ahead(j, e))
			return (-1);
		if (j->n == 0)
			return (0);
		if (j->sent < j->n && j->sent < NAMELESS ? pass_one(j, e) :
		    await(j, e))
			return (-1);
		j->in_to = 1;
		if (store_poll(j->to->store, e) || step(j, e))
			return (-1);
	}
}

static void
disconnect(struct job *j)
{
	size_t	 i;

	for (i = 0; i < j->n; i++)
		copyflight_drop(at(j, i));
	archive_free(j->from);
	archive_free(j->to);
	j->from = j->to = NULL;
}

static int
connect(struct job *j, struct err *e)
{
	const struct copy_conf	*c = j->desk->conf;
	struct store_conf	 from = *c->from, to = *c->to;

	from.spare = to.spare = j->spare;
	j->in_to = 0;
	if (archive_open(&j->from, &from, c->key, c->server, c->system_id, e))
		return (-1);
	j->in_to = 1;
	if (archive_open(&j->to, &to, c->key, c->server, c->system_id, e))
		return (-1);
	j->spare = 0;
	return (0);
}

/*
 * Begin all anew that is on its way.  What was sent to its end may have got its
 * name without our knowing, and is not sent again: it is compared with what is
 * there, and begins anew if nothing is.
 */
static int
resume(struct job *j, struct err *e)
{
	struct copyitem	*again[RING];
	size_t		 i, n = 0;

	if (connect(j, e))
		return (-1);
	for (i = 0; i < j->n; i++) {
		if (at(j, i)->done)
			continue;
		if (i < j->sent && !at(j, i)->it->there) {
			at(j, i)->it->there = 1;
			at(j, i)->it->to_size = at(j, i)->it->size;
		}
		again[n++] = at(j, i)->it;
	}
	j->first = j->sent = j->weight = 0;
	j->n = n;
	for (i = 0; i < n; i++)
		j->ring[i] = (struct copyflight){ .it = again[i],
		    .from = j->from, .to = j->to };
	for (i = 0; i < n; i++) {
		j->weight += weigh(again[i]);
		if (copyflight_begin(&j->ring[i], e)) {
			j->in_to = j->ring[i].in_to;
			return (-1);
		}
	}
	return (0);
}

static int
run(struct job *j, struct err *e)
{
	struct err	 why;

	for (;;) {
		why = (struct err)ERR_INIT;
		if (resume(j, &why) == 0 && work(j, &why) == 0)
			return (0);
		disconnect(j);
		/* A host that allows no more: those that are let in work. */
		if (j->spare && why.kind == ERR_REMOTE)
			return (0);
		if (crew_stopping(j->desk->crew) ||
		    !outage_over(&j->outage[j->in_to], &why)) {
			*e = why;
			return (-1);
		}
	}
}

static void
note(void *arg, const char *text)
{
	const struct copy_conf	*c = arg;

	c->note(c->arg, text);
}

int
copylane_run(void *desk, struct err *e)
{
	struct copylane_desk	*d = desk;
	struct copy_conf	 conf = *d->conf;
	const struct outage	 o = { .for_ms = conf.retry_ms, .note = note,
	    .arg = &conf };
	struct job		*j;
	int			 rc = -1;

	if ((j = calloc(1, sizeof(*j))) == NULL) {
		err_sys(e, ERR_LOCAL, "start a job");
	} else {
		j->desk = d;
		j->wal_first = crew_is_first(d->crew);
		j->spare = !j->wal_first;
		j->outage[0] = j->outage[1] = o;
		j->outage[0].store = conf.from;
		j->outage[1].store = conf.to;
		rc = run(j, e);
		disconnect(j);
		free(j);
	}
	/* One that failed runs, for the others, until the crew knows of it. */
	crew_lock(d->crew);
	if (rc == 0)
		d->running--;
	crew_signal(d->crew, CREW_DONE);
	crew_unlock(d->crew);
	return (rc);
}
