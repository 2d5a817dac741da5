/* SPDX-License-Identifier: ISC */
/*
 * The caller's side of a fetcher: files are cut into pieces for the jobs.
 *
 * The caller streams a manifest of any size and is much faster than the jobs.
 * So it waits where the queue is full or too many files are open: memory and
 * descriptors are bounded, and the manifest's own connection stands still
 * meanwhile.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "restore/fetcher.h"
#include "restore/fetchjob.h"
#include "restore/fetchwork.h"

struct fetcher {
	struct fetcher_conf	 conf;
	struct crew		*crew;
	struct fetchwork	 work;
	struct fetchpiece_target *to;		/* chunks are added to it */
	struct fetchpiece	*open;		/* the same, not yet queued */
	struct bucket		*pace;		/* of "to"; or NULL */
	int64_t			 last_progress;
};

int
fetcher_open(struct fetcher **out, const struct fetcher_conf *conf,
    struct err *e)
{
	struct fetcher	*f;
	unsigned	 i;

	if ((f = calloc(1, sizeof(*f))) == NULL)
		return (err_sys(e, ERR_LOCAL, "start jobs"));
	f->conf = *conf;
	f->last_progress = clock_mono_ms();
	if (crew_new(&f->crew, e))
		goto fail;
	f->work.conf = &f->conf;
	f->work.crew = f->crew;
	for (i = 0; i < conf->jobs; i++)
		if (crew_start(f->crew, fetchjob, &f->work, e))
			goto fail;
	*out = f;
	return (0);
fail:
	fetcher_free(f);
	return (-1);
}

/* While the caller waits: report progress, keep its connection alive. */
static void
show(struct fetcher *f)
{
	int64_t		 now = clock_mono_ms();
	struct err	 unused = ERR_INIT;
	uint64_t	 bytes;

	if (now - f->last_progress < 1000)
		return;
	f->last_progress = now;
	/* If it is lost, the caller's next use of it will say so. */
	if (f->conf.keep != NULL && store_keep(f->conf.keep, &unused))
		f->conf.keep = NULL;
	if (f->conf.progress == NULL)
		return;
	crew_lock(f->crew);
	bytes = f->work.bytes;
	crew_unlock(f->crew);
	f->conf.progress(f->conf.arg, bytes);
}

/*
 * Wait until it is so, or a job has failed: without this look at the crew, a
 * caller whose jobs are all dead would wait for ever.
 */
static int
wait_for(struct fetcher *f, enum fetchwork_state state, struct err *e)
{
	int	 is, rc;

	for (;;) {
		show(f);
		crew_lock(f->crew);
		rc = crew_check(f->crew, e);
		if ((is = fetchwork_is(&f->work, state)) == 0 && rc == 0)
			(void)crew_wait(f->crew, CREW_DONE, 1000);
		crew_unlock(f->crew);
		if (rc == -1 || is)
			return (rc);
	}
}

/*
 * Wait until the piece may be written.  Here and not in a job, which would
 * leave unread meanwhile what it has asked for.  Zeros are not written.
 */
static int
wait_pace(struct fetcher *f, struct err *e)
{
	uint64_t	 n = 0;
	int64_t		 until;
	unsigned	 i;
	int		 r, rc = 0;

	for (i = 0; i < f->open->n; i++)
		n += f->open->chunk[i].ref.pack != 0 ? f->open->chunk[i].len :
		    0;
	until = bucket_take(f->pace, n, clock_mono_ms());
	while ((r = bucket_pause(f->pace, until, e)) == 1 && rc == 0) {
		show(f);
		crew_lock(f->crew);
		rc = crew_check(f->crew, e);
		crew_unlock(f->crew);
	}
	return (rc == 0 ? r : rc);
}

/* Give the piece that is being filled to the jobs. */
static int
send_piece(struct fetcher *f, struct err *e)
{
	if (f->open == NULL)
		return (0);
	if ((f->pace != NULL && wait_pace(f, e)) ||
	    wait_for(f, FETCHWORK_ROOM, e))
		return (-1);
	fetchwork_put(&f->work, f->open);
	f->open = NULL;
	return (0);
}

/* No more chunks for the file of the last fetcher_file(). */
static int
end_file(struct fetcher *f, struct err *e)
{
	struct fetchpiece_target	*to = f->to;

	if (to == NULL)
		return (0);
	if (send_piece(f, e))
		return (-1);
	f->to = NULL;
	return (fetchwork_release(&f->work, to, e));
}

static int
begin_file(struct fetcher *f, int fd, const char *path, int64_t mtime_us,
    int over, struct err *e)
{
	if (end_file(f, e) || wait_for(f, FETCHWORK_FEWER_FILES, e) ||
	    fetchpiece_target_new(&f->to, fd, path, mtime_us, over, e)) {
		(void)close(fd);	/* nothing was written to it */
		return (-1);
	}
	fetchwork_opened(&f->work);
	f->pace = NULL;
	return (0);
}

void
fetcher_pace(struct fetcher *f, struct bucket *pace)
{
	f->pace = pace;
}

int
fetcher_file(struct fetcher *f, int fd, const char *path, int64_t mtime_us,
    struct err *e)
{
	return (begin_file(f, fd, path, mtime_us, 0, e));
}

int
fetcher_over(struct fetcher *f, int fd, const char *path, int64_t mtime_us,
    int differs, struct err *e)
{
	if (begin_file(f, fd, path, mtime_us, 1, e))
		return (-1);
	if (differs)
		fetchwork_differs(&f->work, f->to);
	return (0);
}

int
fetcher_chunk(struct fetcher *f, const char *const *ids,
    const struct pack_ref *ref, uint64_t off, uint32_t n, struct err *e)
{
	if (f->open != NULL && fetchpiece_full(f->open, n) &&
	    send_piece(f, e))
		return (-1);
	if (f->open == NULL) {
		/* It holds the file: a job may write it before we go on. */
		if (fetchpiece_new(&f->open, f->to, e))
			return (-1);
		fetchwork_hold(&f->work, f->to);
	}
	fetchpiece_add(f->open, ids[ref->backup], ids[ref->diff.backup], ref,
	    off, n);
	return (0);
}

int
fetcher_finish(struct fetcher *f, struct err *e)
{
	if (end_file(f, e))
		return (-1);
	fetchwork_close(&f->work);
	return (wait_for(f, FETCHWORK_ALL_DONE, e));
}

struct fetcher_stats
fetcher_stats(const struct fetcher *f)
{
	return (f->work.stats);
}

/* After a failure, when no job runs any more: no lock is needed. */
static void
discard(struct fetcher *f, struct fetchpiece_target *to)
{
	struct err	 unused = ERR_INIT;

	if (--to->holders == 0 &&
	    fetchpiece_target_close(to, f->conf.dry, &unused))
		err_clear(&unused);	/* it is incomplete anyway */
}

void
fetcher_free(struct fetcher *f)
{
	struct fetchpiece	*p;

	if (f == NULL)
		return;
	/* The jobs first: they use everything else. */
	crew_free(f->crew);
	if (f->open != NULL)
		fetchpiece_put(&f->work.q, f->open);
	while ((p = fetchpiece_get(&f->work.q)) != NULL) {
		discard(f, p->to);
		free(p);
	}
	if (f->to != NULL)
		discard(f, f->to);
	free(f);
}
