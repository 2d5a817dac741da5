/* SPDX-License-Identifier: ISC */
/*
 * One job of a copy.
 *
 * Round trips are hidden at both ends.  Objects are asked for ahead of the one
 * that is being sent; and one that was sent to its end waits for its name while
 * the next ones are sent.  They are named in the order in which they were
 * taken, and the request for a name is sent only when the server is sure to
 * treat it after the one before.
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
 * What is asked for ahead, by weight: a whole object may hold STORE_AHEAD
 * bytes of memory, so three at a time.
 */
#define AHEAD		48
#define WEIGH_HEAD	1
#define WEIGH_BODY	16
#define NAMELESS	16	/* sent, and without their names */

struct job {
	struct copylane_desk *desk;
	struct archive	*from, *to;	/* owned */
	int		 has_wal;	/* this one copies the WAL */
	int		 spare;		/* others do the work, too, and it has
					   had no connection yet */
	struct copyflight ring[RING];
	size_t		 first;		/* the oldest of them */
	size_t		 n;		/* on their way */
	size_t		 sent;		/* of these */
	unsigned	 weight;	/* of those that are not */
	int		 in_to;		/* what failed was TO, not FROM */
	struct outage	 outage[2];	/* of FROM, of TO */
};

static struct copyflight *
at(struct job *j, size_t i)
{
	return (&j->ring[(j->first + i) % RING]);
}

static unsigned
weigh(const struct copyitem *it)
{
	return (it->there ? WEIGH_HEAD : WEIGH_BODY);
}

/* The next one of which an earlier pass knows nothing. */
static struct copyitem *
next(const struct copyitem_list *l, size_t *at)
{
	while (*at < l->n && l->v[*at].known)
		(*at)++;
	return (*at < l->n ? &l->v[(*at)++] : NULL);
}

static struct copyitem *
take(struct job *j)
{
	struct copylane_desk	*d = j->desk;
	struct copyitem		*it = NULL;

	crew_lock(d->crew);
	if (!d->wal_taken)
		d->wal_taken = j->has_wal = 1;
	if (!crew_stopping(d->crew) && j->has_wal)
		it = next(&d->wal, &d->next_wal);
	if (!crew_stopping(d->crew) && it == NULL)
		it = next(&d->packs, &d->next_pack);
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

/* Name what may be named, and forget the oldest as soon as it has its name. */
static int
step(struct job *j, struct err *e)
{
	size_t	 i;
	int	 r;

	for (i = 0; i < j->sent; i++) {
		if (i > 0 && !copyflight_named(at(j, i - 1)))
			break;
		if ((r = copyflight_step(at(j, i), e)) == -1)
			return (-1);
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
	const unsigned		 w = weigh(f->it);

	if (copyflight_pass(f, passed, j->desk, e)) {
		j->in_to = f->in_to;
		return (-1);
	}
	j->weight -= w;
	j->sent++;
	return (0);
}

static int
work(struct job *j, struct err *e)
{
	for (;;) {
		if (crew_stopping(j->desk->crew))
			return (0);
		if (fill(j, e))
			return (-1);
		if (j->n == 0)
			return (0);
		if (j->sent < j->n && j->sent < NAMELESS) {
			if (pass_one(j, e))
				return (-1);
			j->in_to = 1;
		} else {
			j->in_to = 1;
			if (store_wait(j->to->store, e))
				return (-1);
		}
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
		j->spare = !crew_is_first(d->crew);
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
