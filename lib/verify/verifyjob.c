/* SPDX-License-Identifier: ISC */
/*
 * One job of a verification.
 *
 * Round trips are hidden by asking ahead: as soon as an item is taken its reads
 * are begun, and it joins the queue "ahead"; what was asked first is looked at
 * first.  Chunks are read by the connection's one pack reader, which hands out
 * in the order in which it was asked, so their items must not overtake each
 * other either.
 *
 * Two kinds of trouble are told apart.  If an object is damaged, missing or
 * denied, that is its item's answer, and work goes on.  If it cannot be read
 * for another reason, that may be the connection: it is made anew and all reads
 * are begun again, and only what fails once more is answered with ERR_REMOTE.
 * A denial is believed only if the marker can be read over the same connection.
 */
#include <stdlib.h>

#include "repo/marker.h"
#include "verify/verifyjob.h"
#include "verify/verifyobject.h"

/*
 * How much a job asks for ahead, counted in chunks.  The pack reader takes
 * PACK_ASKED chunks at most.  A header costs as much as a few chunks; a whole
 * object may hold STORE_AHEAD bytes of memory, so three of them at a time.
 */
#define AHEAD		224
#define WEIGH_HEAD	4
#define WEIGH_BODY	100
/* So many failures in a row are no longer the fault of single objects. */
#define FAILURES_MAX	10
/* Without work the connection is kept alive so often. */
#define KEEP_MS		1000

/* One job: its connection, and what it has asked for. */
struct job {
	struct verifyjob_desk	*desk;
	int			 spare;		/* others do the work, too */
	struct archive		*a;		/* owned, as all that follows */
	struct pack_reader	*r;
	uint8_t			*buf;		/* for one chunk */
	struct verifyitem_queue	 ahead;		/* what was asked for */
	unsigned		 weight;	/* of that */
	unsigned		 failures;	/* in a row */
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

/*
 * Whether an earlier run may have proved this object.  Then only its header is
 * asked for: the mark is bound to the header's hash, and reading that alone
 * tells whether the rest must be read.
 */
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
		if (pack_reader_ask(j->r, it->id, it->diff_id,
		    &it->chunk[i].ref, e))
			return (-1);
	return (0);
}

/*
 * Begin the reads of an item.  If that fails already, the failure waits in the
 * item until it is due, and is treated like any other failure to read then.
 */
static void
begin(struct job *j, struct verifyitem *it)
{
	it->stuck = (struct err)ERR_INIT;
	if (ask(j, it, &it->stuck) == 0)
		it->stuck.kind = ERR_NONE;
}

/* The reads of a connection end with it; the items stay in the queue. */
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
	struct store_conf		 store = *d->store;

	disconnect(j);
	store.spare = j->spare;
	if (archive_open(&j->a, &store, d->key, d->server, d->system_id,
	    e) || pack_reader_new(&j->r, j->a, e))
		return (-1);
	return (0);
}

/* Begin all reads again, over a new connection. */
static void
begin_again(struct job *j)
{
	struct verifyitem	*it;

	for (it = j->ahead.head; it != NULL; it = it->next)
		if (it->get == NULL)
			begin(j, it);
}

/*
 * A pack reader that met a bad chunk hands out no more.  Take another, and ask
 * it for all chunks that are still due; other reads are not affected.
 */
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
		it->bytes += verifyitem_stored(it, it->at);
	}
	return (0);
}

/*
 * Read the header and look its mark up.  Returns 1 if the object was proved
 * before; 0 if it must be read, which is begun anew then; or -1.
 */
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
 * Whether the item's pack is missing now.  The pack reader does not tell a
 * missing pack from a bad chunk; expiry may have removed it meanwhile.
 */
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

/* Answer the item that is due. */
static void
pop(struct job *j)
{
	struct verifyitem	*it = verifyitem_get(&j->ahead);

	j->weight -= weigh(it);
	finish(j, it);
}

/*
 * Note a bad chunk, which is the item's answer: the reads of all chunks that
 * were asked for are begun again behind it, so the item's others, which are of
 * the same file and pack, are left alone.
 */
static int
bad_chunk(struct job *j, const struct err *why, struct err *e)
{
	struct verifyitem	*it = j->ahead.head;

	if (it->why.kind == ERR_NONE && is_gone(j, it))
		err_set(&it->why, ERR_ABSENT, VERIFYITEM_GONE);
	if (it->why.kind == ERR_NONE) {
		it->why = *why;
		it->why.kind = ERR_CORRUPT;
	}
	it->bad |= (uint16_t)(1U << it->at);
	it->bytes += verifyitem_stored(it, it->at);
	it->at++;
	pop(j);
	return (new_reader(j, e));
}

static int
is_skipped(struct job *j)
{
	const struct verifyitem	*it = j->ahead.head;
	int			 rc;

	if (it == NULL || it->what != VERIFYITEM_CHUNKS)
		return (0);
	crew_lock(j->desk->crew);
	rc = j->desk->skip != NULL && j->desk->skip == it->of;
	crew_unlock(j->desk->crew);
	return (rc);
}

/* Leave chunks unread that were asked for. */
static int
skip(struct job *j, struct err *e)
{
	do
		pop(j);
	while (is_skipped(j));
	return (new_reader(j, e));
}

/*
 * The repository denies the item that is due, and can be read: this is a
 * finding.  Whoever may push can leave a file that nobody may open, and any
 * number of these.
 */
static int
denied(struct job *j, const struct err *why, struct err *e)
{
	struct verifyitem	*it = j->ahead.head;

	if (it->what == VERIFYITEM_CHUNKS)
		return (bad_chunk(j, why, e));
	it->why = *why;
	it->why.kind = ERR_CORRUPT;
	pop(j);
	return (0);
}

/*
 * The item that is due could not be read.  The first time it is tried again
 * over a new connection.  The second time it is answered so, and the job goes
 * on with the others.  Returns -1 to give up: too many failed in a row, or no
 * new connection can be had.
 */
static int
unreadable(struct job *j, const struct err *why, struct err *e)
{
	struct verifyitem	*it = j->ahead.head;

	if (err_of_one_file(why) && marker_stands(j->a))
		return (denied(j, why, e));
	if (it->tries++ > 0) {
		if (++j->failures >= FAILURES_MAX)
			return (err_set(e, why->kind, "%s", why->msg));
		it->why = *why;
		pop(j);
	}
	if (connect_again(j, e))
		return (-1);
	begin_again(j);
	return (0);
}

/* Look at the item that is due, and answer it. */
static int
look(struct job *j, struct err *e)
{
	struct verifyitem	*it = j->ahead.head;
	struct err		 why = ERR_INIT;
	int			 rc;

	if (is_skipped(j))
		return (skip(j, e));
	if (it->stuck.kind != ERR_NONE) {
		why = it->stuck;
		rc = -1;
	} else
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
	pop(j);
	return (0);
}

/*
 * Take the next item.  NULL if there is none, after a moment's wait if "wait",
 * or if *stop says that the crew stops.
 */
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
				/* Lost while idle: nothing was under way. */
				err_clear(e);
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

	j.spare = !crew_is_first(j.desk->crew);
	if ((j.buf = malloc(PACK_CHUNK_MAX)) == NULL) {
		err_sys(e, ERR_LOCAL, "start a job");
	} else if (connect_again(&j, e) == 0) {
		j.spare = 0;
		rc = work(&j, e);
	} else if (j.spare && e->kind == ERR_REMOTE) {
		/* A host that allows no more: those that are let in work. */
		rc = 0;
	}
	disconnect(&j);
	verifyitem_drop(&j.ahead);
	free(j.buf);
	return (rc);
}
