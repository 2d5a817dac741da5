/* SPDX-License-Identifier: ISC */
/* One job of a copier: a connection, an open pack, and piece after piece. */
#include <stdlib.h>

#include "base/clock.h"
#include "push/copyjob.h"

/* What a job works with.  It begins a pack with its first piece. */
struct job {
	const struct copyjob_conf *conf;
	int			 spare;		/* others do the work, too */
	struct archive		*a;
	struct chunkstore	 packs;
	uint8_t			*buf;		/* one chunk */
};

static int
dial(struct job *j, struct err *e)
{
	const struct copyjob_conf	*c = j->conf;
	struct store_conf		 store = *c->store;

	store.spare = j->spare;
	return (archive_open(&j->a, &store, c->key, c->server, c->system_id,
	    e));
}

/*
 * Keep an idle connection alive.  Until the first piece comes, which may take
 * as long as a checkpoint, losing it loses nothing: ready() opens another.
 * Later it takes the open pack with it, whose chunks were already reported as
 * stored, so the push fails and a new attempt stores them again.
 */
static int
keep(struct job *j, struct err *e)
{
	struct err	 why = ERR_INIT;

	if (j->a == NULL || store_keep(j->a->store, &why) == 0)
		return (0);
	if (j->packs.whole != NULL)
		return (err_set(e, why.kind, "%s", why.msg));
	archive_free(j->a);
	j->a = NULL;
	return (0);
}

/* backup_id is known by now: copier_begin() was called before any piece. */
static int
ready(struct job *j, struct err *e)
{
	const struct copyjob_conf	*c = j->conf;

	if (j->a == NULL && dial(j, e))
		return (-1);
	if (j->packs.whole != NULL)
		return (0);
	return (pack_writer_new(&j->packs.whole, j->a, c->backup_id, c->codec,
	    c->counter, e) ||
	    pack_writer_new(&j->packs.diffs, j->a, c->backup_id, c->codec,
	    c->counter, e) ? -1 : 0);
}

/* For a tablespace with a limit: the connection must survive the pause. */
static int
wait_pace(void *arg, struct bucket *pace, uint64_t n, struct err *e)
{
	const int64_t	 until = bucket_take(pace, n, clock_mono_ms());
	struct job	*j = arg;
	int		 r;

	while ((r = bucket_pause(pace, until, e)) == 1) {
		if (atomic_load(crew_stop_flag(j->conf->queue->crew)))
			return (0);
		if (keep(j, e))
			return (-1);
	}
	return (r);
}

static int
copy_piece(struct job *j, struct copyqueue_piece *p, struct err *e)
{
	struct copyfile_job	 how = { .conf = &j->conf->files,
	    .buf = j->buf, .stop = crew_stop_flag(j->conf->queue->crew),
	    .wait = wait_pace, .arg = j };

	if (ready(j, e))
		return (-1);
	how.packs = j->packs;
	if (copyfile_piece(p->file, p->no, &how, &p->result, e))
		return (err_ctx(e, "%s", p->file->path));
	/* Either may not be added to for long. */
	return (pack_writer_turn(j->packs.whole, e) ||
	    pack_writer_turn(j->packs.diffs, e) ? -1 : 0);
}

/* Copy pieces until the queue ends. */
static int
copy_all(struct job *j, struct err *e)
{
	struct copyqueue_piece	 p = { .file = NULL };

	for (;;)
		switch (copyqueue_next(j->conf->queue, &p)) {
		case COPYQUEUE_PIECE:
			if (copy_piece(j, &p, e))
				return (-1);
			break;
		case COPYQUEUE_IDLE:
			if (keep(j, e))
				return (-1);
			break;
		case COPYQUEUE_END:
			return (0);
		}
}

static int
publish_one(struct pack_writer *w, uint64_t *stored, struct err *e)
{
	if (pack_writer_finish(w, e))
		return (-1);
	*stored += pack_writer_stored(w);
	return (0);
}

/*
 * Publish the open packs, unless the crew is stopping: then nobody will refer
 * to them, and expiry would have to sweep them away.
 */
static int
publish(struct job *j, struct err *e)
{
	struct copyqueue	*q = j->conf->queue;
	uint64_t		 stored = 0;

	if (j->packs.whole != NULL && !crew_stopping(q->crew) &&
	    (publish_one(j->packs.whole, &stored, e) ||
	    publish_one(j->packs.diffs, &stored, e)))
		return (-1);
	copyqueue_published(q, stored);
	return (0);
}

int
copyjob_run(void *conf, struct err *e)
{
	struct job	 j = { .conf = conf };
	int		 rc = -1;

	if ((j.buf = malloc(j.conf->files.chunk_size)) == NULL) {
		err_sys(e, ERR_LOCAL, "start a job");
		goto out;
	}
	j.spare = !crew_is_first(j.conf->queue->crew);
	if (dial(&j, e)) {
		/* A host that allows no more: those that are let in work. */
		if (j.spare && e->kind == ERR_REMOTE) {
			copyqueue_published(j.conf->queue, 0);
			rc = 0;
		}
		goto out;
	}
	j.spare = 0;
	if (copy_all(&j, e) ||
	    publish(&j, e))
		goto out;
	rc = 0;
out:
	pack_writer_free(j.packs.whole);
	pack_writer_free(j.packs.diffs);
	archive_free(j.a);
	free(j.buf);
	return (rc);
}
