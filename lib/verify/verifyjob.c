/* SPDX-License-Identifier: ISC */
/* One job of a verification: asks ahead, looks, and says what it found. */
#include <stdlib.h>

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
#define KEEP_MS		1000

/* One job: its connection, and what it has asked for. */
struct job {
	struct verifyjob_desk	*desk;
	struct archive		*a;
	struct pack_reader	*r;
	uint8_t			*buf;		/* a chunk */
	struct verifyitem_queue	 ahead;
	unsigned		 weight;
	unsigned		 failures;
};

static unsigned
weigh(const struct verifyitem *it)
{
	switch (it->what) {
	case VERIFYITEM_HEAD:
		return (WEIGH_HEAD);
	case VERIFYITEM_HASH:
	case VERIFYITEM_CONTENT:
		return (WEIGH_BODY);
	case VERIFYITEM_CHUNKS:
		break;
	}
	return (it->n);
}

static int
is_body(const struct verifyitem *it)
{
	return (it->what == VERIFYITEM_HASH ||
	    it->what == VERIFYITEM_CONTENT);
}

/* Something to look up: the header must be looked at before the rest. */
static int
may_be_proved(const struct job *j, const struct verifyitem *it)
{
	return (is_body(it) && j->desk->proved != NULL &&
	    proved_count(j->desk->proved) > 0);
}

static int
ask(struct job *j, struct verifyitem *it, struct err *e)
{
	unsigned	 i;

	if (it->what != VERIFYITEM_CHUNKS)
		return (store_get_open(&it->get, j->a->store, it->path, e) ||
		    verifyobject_ask(it, may_be_proved(j, it) ?
		    VERIFYITEM_HEAD : it->what, e) ? -1 : 0);
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
begin(struct job *j, struct verifyitem *it)
{
	it->stuck = (struct err)ERR_INIT;
	if (ask(j, it, &it->stuck) == 0)
		it->stuck.kind = ERR_NONE;
}

static void
drop_gets(struct job *j)
{
	struct verifyitem	*it;

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
	const struct verifyjob_desk	*d = j->desk;

	disconnect(j);
	if (archive_open(&j->a, d->store, d->key, d->server, d->system_id,
	    e) || pack_reader_new(&j->r, j->a, e))
		return (-1);
	return (0);
}

/* Ask once more for all that was asked for. */
static void
begin_again(struct job *j)
{
	struct verifyitem	*it;

	for (it = j->ahead.head; it != NULL; it = it->next)
		if (it->get == NULL)
			begin(j, it);
}

/* A reader of packs that has failed is no good any more. */
static int
new_reader(struct job *j, struct err *e)
{
	struct verifyitem	*it;

	pack_reader_free(j->r);
	j->r = NULL;
	if (pack_reader_new(&j->r, j->a, e))
		return (-1);
	for (it = j->ahead.head; it != NULL; it = it->next)
		if (it->what == VERIFYITEM_CHUNKS)
			begin(j, it);
	return (0);
}

static int
look_chunks(struct job *j, struct verifyitem *it, struct err *e)
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
look_up(struct job *j, struct verifyitem *it, struct err *e)
{
	struct proved_mark	 m;
	int			 rc;

	if ((rc = verifyobject_head(it, j->a, e)) != 0)
		return (rc == 1 ? err_set(e, ERR_ABSENT, VERIFYITEM_GONE) :
		    -1);
	m = verifyitem_mark(it->what, it->path, it->info.head_hash);
	if ((rc = proved_has(j->desk->proved, &m, e)) != 0)
		return (rc);
	store_get_free(it->get);
	it->get = NULL;
	return (store_get_open(&it->get, j->a->store, it->path, e) ||
	    verifyobject_ask(it, it->what, e) ? -1 : 0);
}

static int
look_object(struct job *j, struct verifyitem *it, struct err *e)
{
	int	 rc = 0;

	if (may_be_proved(j, it)) {
		rc = look_up(j, it, e);
		it->earlier = rc == 1;
		if (rc != 0)
			return (rc == 1 ? 0 : -1);
	}
	if (it->what == VERIFYITEM_HEAD)
		rc = verifyobject_head(it, j->a, e);
	else if (it->what == VERIFYITEM_HASH)
		rc = verifyobject_hash(it, j->a, e);
	else
		rc = verifyobject_content(it, j->a, e);
	if (rc == 1)
		return (err_set(e, ERR_ABSENT, VERIFYITEM_GONE));
	return (rc);
}

static void
finish(struct job *j, struct verifyitem *it)
{
	struct verifyjob_desk	*d = j->desk;

	store_get_free(it->get);
	it->get = NULL;
	crew_lock(d->crew);
	verifyitem_put(&d->done, it);
	crew_signal(d->crew, CREW_DONE);
	crew_unlock(d->crew);
}

/*
 * The first thing asked for is due, and could not be read: once more over a
 * new connection, and then it is given up.  Returns -1 if all must be.
 */
static int
unreadable(struct job *j, const struct err *why, struct err *e)
{
	struct verifyitem	*it = j->ahead.head;

	if (it->tries++ > 0) {
		if (++j->failures >= FAILURES_MAX)
			return (err_set(e, why->kind, "%s", why->msg));
		it->why = *why;
		it = verifyitem_get(&j->ahead);
		j->weight -= weigh(it);
		finish(j, it);
	}
	if (connect_again(j, e))
		return (-1);
	begin_again(j);
	return (0);
}

static int
is_gone(struct job *j, const struct verifyitem *it)
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
	struct verifyitem	*it = j->ahead.head;

	if (it->why.kind == ERR_NONE && is_gone(j, it))
		err_set(&it->why, ERR_ABSENT, VERIFYITEM_GONE);
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
	struct verifyitem	*it = j->ahead.head;
	struct err		 why = ERR_INIT;
	int			 rc;

	if (it->stuck.kind != ERR_NONE)
		rc = err_set(&why, it->stuck.kind, "%s", it->stuck.msg);
	else
		rc = it->what == VERIFYITEM_CHUNKS ?
		    look_chunks(j, it, &why) : look_object(j, it, &why);
	if (rc == -1 && (why.kind == ERR_LOCAL || why.kind == ERR_NONE))
		return (err_set(e, ERR_LOCAL, "%s", why.msg));
	if (rc == -1 && why.kind == ERR_REMOTE)
		return (unreadable(j, &why, e));
	if (rc == -1 && it->what == VERIFYITEM_CHUNKS)
		return (bad_chunk(j, &why, e));
	if (rc == -1)
		it->why = why;
	j->failures = 0;
	it = verifyitem_get(&j->ahead);
	j->weight -= weigh(it);
	finish(j, it);
	return (0);
}

/* The next item; NULL if none is there ("wait" 0) or the end has come. */
static struct verifyitem *
take(struct job *j, int wait, int *stop)
{
	struct verifyjob_desk	*d = j->desk;
	struct verifyitem	*it;

	crew_lock(d->crew);
	if (wait && d->todo.head == NULL && !crew_stopping(d->crew))
		(void)crew_wait(d->crew, CREW_WORK, KEEP_MS);
	*stop = crew_stopping(d->crew);
	it = *stop ? NULL : verifyitem_get(&d->todo);
	crew_unlock(d->crew);
	return (it);
}

static int
work(struct job *j, struct err *e)
{
	struct verifyitem	*it;
	int			 stop = 0;

	while (!stop) {
		while (j->weight < AHEAD &&
		    (it = take(j, j->ahead.head == NULL, &stop)) != NULL) {
			verifyitem_put(&j->ahead, it);
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

int
verifyjob_run(void *desk, struct err *e)
{
	struct job	 j = { .desk = desk };
	int		 rc = -1;

	if ((j.buf = malloc(PACK_CHUNK_MAX)) == NULL)
		err_sys(e, ERR_LOCAL, "start a job");
	else if (connect_again(&j, e) == 0)
		rc = work(&j, e);
	disconnect(&j);
	verifyitem_drop(&j.ahead);
	free(j.buf);
	return (rc);
}
