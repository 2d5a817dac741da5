/* SPDX-License-Identifier: ISC */
/* One job of a verification: asks ahead, looks, and says what it found. */
#include <stdlib.h>
#include <time.h>

#include "verify/verifyjob.h"
#include "verify/verifyobject.h"

/*
 * What one job asks for before it looks: chunks, of which the reader of
 * packs takes PACK_ASKED, or what is as much trouble as so many of them.
 */
#define AHEAD		224
#define WEIGH_HEAD	4
#define WEIGH_BODY	100	/* three of STORE_AHEAD bytes */
#define FAILURES_MAX	10	/* in a row: it is not the objects */
#define KEEP_S		1

/* One job: its connection, and what it has asked for. */
struct job {
	struct verifywork	*w;
	struct archive		*a;
	struct pack_reader	*r;
	uint8_t			*buf;		/* a chunk */
	struct verifyjob_queue		 ahead;
	unsigned		 weight;
	unsigned		 failures;
};

void
verifyjob_put(struct verifyjob_queue *q, struct verifywork_item *it)
{
	it->next = NULL;
	if (q->tail != NULL)
		q->tail->next = it;
	else
		q->head = it;
	q->tail = it;
}

struct verifywork_item *
verifyjob_get(struct verifyjob_queue *q)
{
	struct verifywork_item	*it = q->head;

	if (it != NULL && (q->head = it->next) == NULL)
		q->tail = NULL;
	return (it);
}

void
verifyjob_nap(struct verifywork *w, pthread_cond_t *cond)
{
	struct timespec	 ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_sec += KEEP_S;
	(void)pthread_cond_timedwait(cond, &w->lock, &ts);
}

static unsigned
weigh(const struct verifywork_item *it)
{
	switch (it->what) {
	case VERIFYWORK_HEAD:
		return (WEIGH_HEAD);
	case VERIFYWORK_HASH:
	case VERIFYWORK_CONTENT:
		return (WEIGH_BODY);
	case VERIFYWORK_CHUNKS:
		break;
	}
	return (it->n);
}

static int
is_body(const struct verifywork_item *it)
{
	return (it->what == VERIFYWORK_HASH ||
	    it->what == VERIFYWORK_CONTENT);
}

/* Something to look up: the header must be looked at before the rest. */
static int
may_be_proved(const struct job *j, const struct verifywork_item *it)
{
	return (is_body(it) && j->w->conf.proved != NULL &&
	    proved_count(j->w->conf.proved) > 0);
}

static int
ask(struct job *j, struct verifywork_item *it, struct err *e)
{
	unsigned	 i;

	if (it->what != VERIFYWORK_CHUNKS)
		return (store_get_open(&it->get, j->a->store, it->path, e) ||
		    verifyobject_ask(it, may_be_proved(j, it) ?
		    VERIFYWORK_HEAD : it->what, e) ? -1 : 0);
	for (i = it->at; i < it->n; i++)
		if (pack_reader_ask(j->r, it->id, &it->chunk[i].ref, e))
			return (-1);
	return (0);
}

/*
 * Ask for what the item needs.  Where already that fails, it is told when the
 * item is due, like any other failure to read.
 */
static void
begin(struct job *j, struct verifywork_item *it)
{
	it->stuck = (struct err)ERR_INIT;
	if (ask(j, it, &it->stuck) == 0)
		it->stuck.kind = ERR_NONE;
}

static void
drop_gets(struct job *j)
{
	struct verifywork_item	*it;

	for (it = j->ahead.head; it != NULL; it = it->next) {
		store_get_free(it->get);
		it->get = NULL;
	}
}

static void
disconnect(struct job *j)
{
	drop_gets(j);
	pack_reader_free(j->r);
	j->r = NULL;
	archive_free(j->a);
	j->a = NULL;
}

static int
connect_again(struct job *j, struct err *e)
{
	const struct verifywork_conf	*c = &j->w->conf;

	disconnect(j);
	if (archive_open(&j->a, c->store, c->key, c->server, c->system_id,
	    e) || pack_reader_new(&j->r, j->a, e))
		return (-1);
	return (0);
}

/* Ask once more for all that was asked for. */
static void
begin_again(struct job *j)
{
	struct verifywork_item	*it;

	for (it = j->ahead.head; it != NULL; it = it->next)
		if (it->get == NULL)
			begin(j, it);
}

/* A reader of packs that has failed is no good any more. */
static int
new_reader(struct job *j, struct err *e)
{
	struct verifywork_item	*it;

	pack_reader_free(j->r);
	j->r = NULL;
	if (pack_reader_new(&j->r, j->a, e))
		return (-1);
	for (it = j->ahead.head; it != NULL; it = it->next)
		if (it->what == VERIFYWORK_CHUNKS)
			begin(j, it);
	return (0);
}

static int
look_chunks(struct job *j, struct verifywork_item *it, struct err *e)
{
	for (; it->at < it->n; it->at++) {
		if (pack_reader_take(j->r, j->buf, it->chunk[it->at].len, e))
			return (-1);
		it->bytes += it->chunk[it->at].ref.stored;
	}
	return (0);
}

/* Returns 0 if the object must be read, 1 if it was proved, or -1. */
static int
look_up(struct job *j, struct verifywork_item *it, struct err *e)
{
	struct proved_mark	 m;
	int			 rc;

	if ((rc = verifyobject_head(it, j->a, e)) != 0)
		return (rc == 1 ? err_set(e, ERR_ABSENT, VERIFYWORK_GONE) :
		    -1);
	m = verifywork_mark(it->what, it->path, it->info.head_hash);
	if ((rc = proved_has(j->w->conf.proved, &m, e)) != 0)
		return (rc);
	store_get_free(it->get);
	it->get = NULL;
	return (store_get_open(&it->get, j->a->store, it->path, e) ||
	    verifyobject_ask(it, it->what, e) ? -1 : 0);
}

static int
look_object(struct job *j, struct verifywork_item *it, struct err *e)
{
	int	 rc = 0;

	if (may_be_proved(j, it)) {
		rc = look_up(j, it, e);
		it->earlier = rc == 1;
		if (rc != 0)
			return (rc == 1 ? 0 : -1);
	}
	if (it->what == VERIFYWORK_HEAD)
		rc = verifyobject_head(it, j->a, e);
	else if (it->what == VERIFYWORK_HASH)
		rc = verifyobject_hash(it, j->a, e);
	else
		rc = verifyobject_content(it, j->a, e);
	if (rc == 1)
		return (err_set(e, ERR_ABSENT, VERIFYWORK_GONE));
	return (rc);
}

static void
finish(struct job *j, struct verifywork_item *it)
{
	struct verifywork	*w = j->w;

	store_get_free(it->get);
	it->get = NULL;
	(void)pthread_mutex_lock(&w->lock);
	verifyjob_put(&w->finished, it);
	(void)pthread_cond_signal(&w->done);
	(void)pthread_mutex_unlock(&w->lock);
}

/*
 * The first thing asked for is due, and could not be read: once more over a
 * new connection, and then it is given up.  Returns -1 if all must be.
 */
static int
unreadable(struct job *j, const struct err *why, struct err *e)
{
	struct verifywork_item	*it = j->ahead.head;

	if (it->tries++ > 0) {
		if (++j->failures >= FAILURES_MAX)
			return (err_set(e, why->kind, "%s", why->msg));
		it->why = *why;
		it = verifyjob_get(&j->ahead);
		j->weight -= weigh(it);
		finish(j, it);
	}
	if (connect_again(j, e))
		return (-1);
	begin_again(j);
	return (0);
}

static int
is_gone(struct job *j, const struct verifywork_item *it)
{
	struct store_get	*get = NULL;
	struct err		 ignore = ERR_INIT;
	uint64_t		 size;
	int			 gone;

	gone = store_get_open(&get, j->a->store, it->path, &ignore) == 0 &&
	    store_get_size(get, &size, &ignore) == 1;
	store_get_free(get);
	return (gone);
}

/* A bad chunk: note it and go on behind it. */
static int
bad_chunk(struct job *j, const struct err *why, struct err *e)
{
	struct verifywork_item	*it = j->ahead.head;

	if (it->why.kind == ERR_NONE && is_gone(j, it))
		err_set(&it->why, ERR_ABSENT, VERIFYWORK_GONE);
	if (it->why.kind == ERR_NONE)
		it->why = *why;
	it->bad |= (uint16_t)(1U << it->at);
	it->at++;
	return (new_reader(j, e));
}

/* Look at what is due.  What is wrong with it is no failure of ours. */
static int
look(struct job *j, struct err *e)
{
	struct verifywork_item	*it = j->ahead.head;
	struct err		 why = ERR_INIT;
	int			 rc;

	if (it->stuck.kind != ERR_NONE)
		rc = err_set(&why, it->stuck.kind, "%s", it->stuck.msg);
	else
		rc = it->what == VERIFYWORK_CHUNKS ?
		    look_chunks(j, it, &why) : look_object(j, it, &why);
	if (rc == -1 && (why.kind == ERR_LOCAL || why.kind == ERR_NONE))
		return (err_set(e, ERR_LOCAL, "%s", why.msg));
	if (rc == -1 && why.kind == ERR_REMOTE)
		return (unreadable(j, &why, e));
	if (rc == -1 && it->what == VERIFYWORK_CHUNKS)
		return (bad_chunk(j, &why, e));
	if (rc == -1)
		it->why = why;
	j->failures = 0;
	it = verifyjob_get(&j->ahead);
	j->weight -= weigh(it);
	finish(j, it);
	return (0);
}

/* The next item; NULL if none is there ("wait" 0) or the end has come. */
static struct verifywork_item *
take(struct job *j, int wait, int *stop)
{
	struct verifywork	*w = j->w;
	struct verifywork_item	*it;

	(void)pthread_mutex_lock(&w->lock);
	if (wait && w->q.head == NULL && !w->stop)
		verifyjob_nap(w, &w->work);
	it = w->stop ? NULL : verifyjob_get(&w->q);
	*stop = w->stop;
	(void)pthread_mutex_unlock(&w->lock);
	return (it);
}

static int
work(struct job *j, struct err *e)
{
	struct verifywork_item	*it;
	int			 stop = 0;

	while (!stop) {
		while (j->weight < AHEAD &&
		    (it = take(j, j->ahead.head == NULL, &stop)) != NULL) {
			verifyjob_put(&j->ahead, it);
			j->weight += weigh(it);
			begin(j, it);
		}
		if (stop)
			break;
		if (j->ahead.head == NULL) {
			if (store_keep(j->a->store, e) == -1) {
				err_clear(e);	/* it was idle: a new one */
				if (connect_again(j, e))
					return (-1);
			}
		} else if (look(j, e))
			return (-1);
	}
	return (0);
}

static int
run(struct job *j, struct err *e)
{
	struct verifywork_item	*it;
	int			 rc = -1;

	if ((j->buf = malloc(PACK_CHUNK_MAX)) == NULL)
		err_sys(e, ERR_LOCAL, "start a job");
	else if (connect_again(j, e) == 0)
		rc = work(j, e);
	disconnect(j);
	while ((it = verifyjob_get(&j->ahead)) != NULL)
		free(it);
	free(j->buf);
	return (rc);
}

void *
verifyjob_main(void *arg)
{
	struct verifywork	*w = arg;
	struct job		 j = { .w = w };
	struct err		 e = ERR_INIT;
	int			 rc = run(&j, &e);

	(void)pthread_mutex_lock(&w->lock);
	if (rc == -1) {
		if (w->err.kind == ERR_NONE)
			w->err = e;
		w->stop = 1;
	}
	(void)pthread_cond_broadcast(&w->work);
	(void)pthread_cond_broadcast(&w->done);
	(void)pthread_mutex_unlock(&w->lock);
	return (NULL);
}
