/* SPDX-License-Identifier: ISC */
/*
 * The copier's own side, on its caller's thread: it opens files and hands them
 * to the jobs, and reports them in their order once they are copied.  All
 * callbacks run here, so callers need no locks.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crew.h"
#include "push/copier.h"
#include "push/copyjob.h"
#include "push/copyqueue.h"

#define TICK_MS		1000

struct copier {
	struct copier_conf	 conf;
	struct crew		*crew;
	struct pack_counter	*counter;
	struct copyqueue	 queue;
	struct copyjob_conf	 job;		/* what the jobs share */
	struct copier_stats	 stats;		/* only what was reported; the
						   queue counts the rest */
	int64_t			 last_tick;

	/* Of the file at the tail, if a stream brings it. */
	uint64_t		 to_come;	/* bytes */
	uint8_t			*piece;		/* "want" bytes, "have" came */
	size_t			 want, have;
};

int
copier_open(struct copier **out, const struct copier_conf *conf,
    struct err *e)
{
	struct copier	*c;
	unsigned	 i;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return (err_sys(e, ERR_LOCAL, "start jobs"));
	c->conf = *conf;
	c->last_tick = clock_mono_ms();
	if (pack_counter_new(&c->counter, e) || crew_new(&c->crew, e))
		goto fail;
	c->queue.crew = c->crew;
	c->job = (struct copyjob_conf){
		.queue = &c->queue, .counter = c->counter,
		.store = conf->store, .key = conf->key,
		.server = conf->server, .system_id = conf->system_id,
		.backup_id = conf->backup_id, .codec = conf->codec,
		.files = conf->files
	};
	for (i = 0; i < conf->jobs; i++)
		if (crew_start(c->crew, copyjob_run, &c->job, e))
			goto fail;
	*out = c;
	return (0);
fail:
	copier_free(c);
	return (-1);
}

void
copier_begin(struct copier *c, const char *id, uint64_t start_lsn,
    const struct pagehash *hashes)
{
	crew_lock(c->crew);
	c->job.backup_id = id;
	c->job.files.start_lsn = start_lsn;
	c->job.files.hashes = hashes;
	crew_unlock(c->crew);
}

static int
report_one(struct copier *c, struct copyfile *f, struct err *e)
{
	if (f->gone)
		return (0);
	if (f->en.type == MANIFEST_FILE) {
		if (!f->kept)
			copyfile_settle(f, &c->job.files);
		c->stats.files++;
		c->stats.bytes += f->en.size;
	}
	if (f->kept) {
		c->stats.kept_files++;
		c->stats.kept += f->en.size;
	}
	return (c->conf.copied(c->conf.arg, &f->en, f->refs,
	    (size_t)f->nrefs, copyfile_crcs(f), copyfile_pages(f), f->newest,
	    e));
}

/* Report every file that is complete, up to the first that is not. */
static int
report(struct copier *c, struct err *e)
{
	struct copyfile	*f;
	int		 rc = 0;

	while (rc == 0 && (f = copyqueue_pop(&c->queue)) != NULL) {
		rc = report_one(c, f, e);
		copyfile_free(f);
	}
	return (rc);
}

static struct copier_stats
stats_of(struct copier *c)
{
	struct copier_stats	 stats = c->stats;

	crew_lock(c->crew);
	stats.read = c->queue.sum.read;
	stats.compared = c->queue.sum.compared;
	stats.equal = c->queue.sum.equal;
	stats.vouched = c->queue.sum.vouched;
	stats.bad_pages = c->queue.sum.bad_pages;
	stats.stored = c->queue.stored;
	crew_unlock(c->crew);
	return (stats);
}

static int
tick(struct copier *c, struct err *e)
{
	struct copier_stats	 stats;
	int64_t			 now = clock_mono_ms();

	if (now - c->last_tick < TICK_MS)
		return (0);
	c->last_tick = now;
	stats = stats_of(c);
	return (c->conf.tick == NULL ? 0 :
	    c->conf.tick(c->conf.arg, &stats, e));
}

/*
 * Report and wait until the queue is in that state.  Each turn also ticks: a
 * caller that waits for hours must still notice a session that ended.
 */
static int
wait_for(struct copier *c, enum copyqueue_state what, struct err *e)
{
	int	 rc;

	do {
		if (report(c, e) || tick(c, e))
			return (-1);
		rc = copyqueue_wait(&c->queue, what, c->conf.jobs, e);
	} while (rc == 0);
	return (rc == -1 ? -1 : 0);
}

/*
 * Open the file and put it at the tail; it is taken in any case.  Files are
 * opened here and not by the jobs, so that a relation's size is the one that
 * it had when the walk came by, and a file that is deleted later can still be
 * read.
 */
static int
add(struct copier *c, struct copyfile *f, struct err *e)
{
	if (copyfile_open(f, &c->job.files, e) == -1) {
		copyfile_free(f);
		return (-1);
	}
	copyqueue_put(&c->queue, f);
	return (0);
}

int
copier_add(struct copier *c, const struct manifest_entry *en,
    const void *mem, size_t n, struct err *e)
{
	struct copyfile	*f;

	if (wait_for(c, COPYQUEUE_ROOM, e) || copyfile_new(&f, en, mem, n, e))
		return (-1);
	return (add(c, f, e));
}

/* What is past is taken in any case: callers need not ask how far it got. */
static int
new_earlier(struct copier *c, struct copyfile **f,
    const struct manifest_entry *en, struct copyfile_past *past, int kept,
    struct err *e)
{
	if (wait_for(c, COPYQUEUE_ROOM, e) ||
	    copyfile_new(f, en, NULL, 0, e)) {
		copyfile_past_free(past);
		return (-1);
	}
	copyfile_earlier(*f, past, kept);
	return (0);
}

int
copier_compare(struct copier *c, const struct manifest_entry *en,
    struct copyfile_past *past, struct err *e)
{
	struct copyfile	*f = NULL;

	assert(past->same == NULL || past->crcs != NULL);
	return (new_earlier(c, &f, en, past, 0, e) || add(c, f, e) ? -1 : 0);
}

int
copier_keep(struct copier *c, const struct manifest_entry *en,
    struct copyfile_past *past, struct err *e)
{
	struct copyfile	*f = NULL;

	assert(past->nrefs == manifest_chunks(en->size,
	    c->conf.files.chunk_size));
	return (new_earlier(c, &f, en, past, 1, e) || add(c, f, e) ? -1 : 0);
}

int
copier_stream(struct copier *c, const struct manifest_entry *en,
    struct copyfile_past *past, struct err *e)
{
	struct copyfile	*f = NULL;

	assert(c->to_come == 0 && past->same == NULL);
	if (new_earlier(c, &f, en, past, 0, e))
		return (-1);
	copyfile_stream(f);
	c->to_come = en->size;
	return (add(c, f, e));
}

/*
 * Make room for the piece that comes next.  The file at the tail cannot go
 * while a piece of it is to come, so it may be looked at without the lock.
 */
static int
begin_piece(struct copier *c, struct err *e)
{
	if (wait_for(c, COPYQUEUE_MEMORY, e))
		return (-1);
	c->want = copyfile_wants(c->queue.tail, &c->job.files);
	c->have = 0;
	if ((c->piece = malloc(c->want)) == NULL)
		return (err_sys(e, ERR_LOCAL, "%s", c->queue.tail->path));
	return (0);
}

int
copier_feed(struct copier *c, const void *from, size_t n, struct err *e)
{
	const uint8_t	*p = from;
	size_t		 take;

	assert(n <= c->to_come);
	for (; n > 0; p += take, n -= take) {
		if (c->piece == NULL && begin_piece(c, e))
			return (-1);
		take = c->want - c->have < n ? c->want - c->have : n;
		memcpy(c->piece + c->have, p, take);
		c->have += take;
		c->to_come -= take;
		if (c->have == c->want) {
			copyqueue_feed(&c->queue, c->piece, c->want);
			c->piece = NULL;
		}
	}
	return (0);
}

int
copier_idle(struct copier *c, struct err *e)
{
	return (report(c, e) || tick(c, e) ? -1 : 0);
}

int
copier_drain(struct copier *c, struct err *e)
{
	return (wait_for(c, COPYQUEUE_EMPTY, e));
}

/*
 * The references of the chunks that are copied, zeros for the others.  Only
 * of pieces that are done, since a job writes to the others without a lock.
 */
static struct pack_ref *
part_of(const struct copyfile *f, const struct copyfile_conf *c, size_t n,
    struct err *e)
{
	struct pack_ref	*refs;
	uint64_t	 first, last;
	unsigned	 no;

	if ((refs = calloc(n, sizeof(*refs))) == NULL) {
		err_sys(e, ERR_LOCAL, "%s", f->path);
		return (NULL);
	}
	for (no = 0; no < f->pieces; no++) {
		if (!f->done[no])
			continue;
		copyfile_range(f, c, no, &first, &last);
		for (; first < last && first < n; first++)
			refs[first] = f->refs[first];
	}
	return (refs);
}

int
copier_partial(struct copier *c, int (*each)(void *arg,
    const struct manifest_entry *, const struct pack_ref *, size_t nrefs,
    struct err *), void *arg, struct err *e)
{
	const struct copyfile	*f;
	struct manifest_entry	 en;
	struct pack_ref		*refs;
	size_t			 n;
	int			 rc = 0;

	crew_lock(c->crew);
	for (f = c->queue.head; rc == 0 && f != NULL; f = f->next) {
		en = f->en;
		en.size = f->is_rel ? f->limit : f->size;
		n = (size_t)manifest_chunks(en.size, c->conf.files.chunk_size);
		/* pg_control and backup_label are made anew each time. */
		if (f->copied == 0 || f->mem != NULL || n == 0)
			continue;
		if ((refs = part_of(f, &c->conf.files, n, e)) == NULL)
			rc = -1;
		else
			rc = each(arg, &en, refs, n, e);
		free(refs);
	}
	crew_unlock(c->crew);
	return (rc);
}

/*
 * Jobs that have never got a piece end as well, without a pack: so all of
 * them are waited for, and each has published or had nothing to publish.
 */
int
copier_finish(struct copier *c, struct copier_stats *stats,
    uint32_t *last_pack, struct err *e)
{
	copyqueue_close(&c->queue);
	if (wait_for(c, COPYQUEUE_ENDED, e))
		return (-1);
	*stats = stats_of(c);
	*last_pack = pack_counter_last(c->counter);
	return (0);
}

uint32_t
copier_published(const struct copier *c)
{
	return (pack_counter_published(c->counter));
}

void
copier_free(struct copier *c)
{
	if (c == NULL)
		return;
	crew_free(c->crew);		/* before all that the jobs use */
	copyqueue_free(&c->queue);
	free(c->piece);
	pack_counter_free(c->counter);
	free(c);
}
