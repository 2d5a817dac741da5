/* SPDX-License-Identifier: ISC */
/*
 * One job of a restore.  It asks for pieces well before it takes them, so
 * that the next one's bytes are on their way while this one is decompressed.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "restore/fetchjob.h"
#include "restore/fetchwork.h"

/*
 * Asked for by one job before it takes them, in plaintext.  A round trip of
 * 40 ms is as long as a job needs for 16 MiB; what is stored of them and in
 * memory is bounded by the reader of packs.
 */
#define AHEAD_CHUNKS	224	/* of PACK_ASKED, less a piece's */
#define AHEAD_BYTES	((uint64_t)48 << 20)
/* Compared while chunks are awaited, before these are taken. */
#define COMPARE_BYTES	((uint64_t)64 << 20)

struct job {
	struct fetchwork *work;
	struct store	*store;
	struct pack_reader *reader;
	uint8_t		*buf;		/* of FETCHPIECE_BYTES */
	struct fetchpiece_queue ahead;	/* asked for, not yet taken */
	uint64_t	 bytes;		/* in these */
	unsigned	 chunks;	/* the same */
	uint64_t	 compared;	/* since something was taken */
	int64_t		 kept_ms;	/* when the connection was used */
};

/*
 * A job that only compares asks for nothing, and the server, or a firewall on
 * the way, would drop its idle connection.
 */
static int
keep(struct job *j, struct err *e)
{
	int64_t	 now = clock_mono_ms();

	if (j->ahead.head == NULL &&
	    now - j->kept_ms < 1000 * FETCHWORK_KEEP_S)
		return (0);
	j->kept_ms = now;
	return (j->ahead.head == NULL ? store_keep(j->store, e) : 0);
}

/* Leave in the piece what must be fetched. */
static int
compare(struct job *j, struct fetchpiece *p, struct err *e)
{
	struct fetchpiece_found	 found;

	j->compared += p->bytes;
	if (fetchpiece_compare(p, j->work->conf->dry, j->buf, &found, e))
		return (-1);
	if (p->n > 0 || found.settled > 0)
		fetchwork_differs(j->work, p->to);
	fetchwork_compared(j->work, &found);
	return (keep(j, e));
}

/* Take on a piece: ask for what it lacks, or be done with it. */
static int
begin_piece(struct job *j, struct fetchpiece *p, struct err *e)
{
	int	 rc;

	if (p->to->over) {
		if (compare(j, p, e)) {
			fetchwork_drop(j->work, p);
			return (-1);
		}
		if (p->n == 0) {
			rc = fetchwork_release(j->work, p->to, e);
			free(p);
			return (rc);
		}
	}
	/* The queue owns it from here on, also if asking fails. */
	fetchpiece_put(&j->ahead, p);
	j->chunks += p->n;
	j->bytes += p->bytes;
	return (fetchpiece_ask(p, j->reader, e));
}

/* Take what was asked for first, and write it. */
static int
end_piece(struct job *j, struct err *e)
{
	struct fetchpiece	*p = fetchpiece_get(&j->ahead);
	int			 rc;

	j->chunks -= p->n;
	j->bytes -= p->bytes;
	j->compared = 0;
	if (fetchpiece_fill(p, j->reader, j->buf, e)) {
		err_ctx(e, "%s", p->to->path);
		fetchwork_drop(j->work, p);
		return (-1);
	}
	fetchwork_fetched(j->work, p->bytes);
	rc = fetchwork_release(j->work, p->to, e);
	free(p);
	return (rc);
}

/*
 * Whether one more piece may be begun.  Where most is right already, much is
 * compared and little asked for: that little is taken once COMPARE_BYTES were
 * compared meanwhile, so that its answers do not lie unread for long.
 */
static int
has_room(const struct job *j)
{
	return (j->chunks < AHEAD_CHUNKS && j->bytes < AHEAD_BYTES &&
	    (j->ahead.head == NULL || j->compared < COMPARE_BYTES));
}

/* Begin pieces while there is room.  None is ahead then: the work is over. */
static int
fill_ahead(struct job *j, struct err *e)
{
	struct fetchpiece	*p;

	while (has_room(j)) {
		/* With nothing ahead there is nothing to do but to wait. */
		if (fetchwork_take(j->work, j->store, j->ahead.head == NULL,
		    &p, e))
			return (-1);
		if (p == NULL)
			return (0);
		if (begin_piece(j, p, e))
			return (-1);
	}
	return (0);
}

static int
work(struct job *j, struct err *e)
{
	struct fetchpiece	*p;
	int			 rc;

	while ((rc = fill_ahead(j, e)) == 0 && j->ahead.head != NULL)
		if ((rc = end_piece(j, e)) == -1)
			break;
	while ((p = fetchpiece_get(&j->ahead)) != NULL)
		fetchwork_drop(j->work, p);
	return (rc);
}

int
fetchjob(void *arg, struct err *e)
{
	struct fetchwork		*w = arg;
	const struct fetcher_conf	*c = w->conf;
	struct store_conf		 store = *c->store;
	struct archive			*a = NULL;
	struct job			 j = { .work = w,
	    .kept_ms = clock_mono_ms() };
	int				 rc = -1;

	if ((j.buf = malloc(FETCHPIECE_BYTES)) == NULL) {
		err_sys(e, ERR_LOCAL, "start a job");
		goto out;
	}
	store.spare = !crew_is_first(w->crew);
	if (archive_open(&a, &store, c->key, c->server, c->system_id, e)) {
		/* A host that allows no more: those that are let in work. */
		if (store.spare && e->kind == ERR_REMOTE) {
			fetchwork_ended(w);
			rc = 0;
		}
		goto out;
	}
	if (pack_reader_new(&j.reader, a, e))
		goto out;
	j.store = a->store;
	if (work(&j, e))
		goto out;
	fetchwork_ended(w);
	rc = 0;
out:
	pack_reader_free(j.reader);
	archive_free(a);
	free(j.buf);
	return (rc);
}
