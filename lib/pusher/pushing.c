/* SPDX-License-Identifier: ISC */
/* One push under way on a connection: opened, sent, and made durable. */
#include <sys/stat.h>

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "backup/othercluster.h"
#include "base/str.h"
#include "pusher/pushing.h"

int
pushing_is_whole(const struct pushing *p)
{
	const struct pushqueue_job	*job = p->job;
	struct pushid			 id;
	struct stat			 st;

	if (job->fd == -1 || fstat(job->fd, &st) == -1)
		return (0);
	id = pushid_of(&st);
	return (pushid_same(&id, &job->id));
}

/*
 * Whether to go on; asked while the file is read, and before it becomes
 * visible.  PostgreSQL recycles a segment only once it is archived, that is,
 * once its .ready file is gone.  So a file that is pushed ahead has not been
 * changed if it is still the same and its .ready file is still there.  A file
 * that was asked for cannot be recycled: PostgreSQL waits for the answer.  But
 * of several repositories the first ones give that answer, and for the others
 * the file may be recycled then, unless its bytes were sealed before.
 */
static int
still(void *arg, struct err *e)
{
	const struct pushing		*p = arg;
	const struct pushqueue_job	*job = p->job;
	const struct pushpool_conf	*c = p->conf->pool;

	if (atomic_load(p->conf->stop))
		return (err_set(e, ERR_LOCAL, "the agent ends"));
	if (job->asked && c->share == NULL)
		return (0);
	if (c->share != NULL && pushshare_has(c->share, job->name, &job->id))
		return (0);	/* was sealed while it was */
	if (!pushing_is_whole(p) ||
	    (!job->asked && !ready_still(c->data_directory, job->name)))
		return (err_set(e, ERR_LOCAL,
		    "does not wait to be archived any more"));
	return (0);
}

static int
sealed(void *arg, struct sealed **out)
{
	const struct pushing	*p = arg;

	return (pushshare_take(p->conf->pool->share, p->job->name,
	    &p->job->id, out));
}

static void
made(void *arg, struct sealed *s)
{
	const struct pushing	*p = arg;

	pushshare_give(p->conf->pool->share, p->job->name, &p->job->id, s);
}

/*
 * Open a file that nobody asked for.  If it is a link, what it points to is
 * opened, as PostgreSQL would do; O_NONBLOCK keeps a FIFO from hanging us.
 */
static int
open_ahead(const struct pushpool_conf *c, struct pushqueue_job *job,
    struct err *e)
{
	struct stat	 st;
	char		 path[PATH_MAX];

	if (str_fmt(path, sizeof(path), e, "%s/pg_wal/%s", c->data_directory,
	    job->name))
		return (-1);
	job->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (job->fd == -1)
		return (err_sys(e, ERR_LOCAL, "open %s", path));
	if (fstat(job->fd, &st) == -1)
		return (err_sys(e, ERR_LOCAL, "stat %s", path));
	job->id = pushid_of(&st);
	return (0);
}

static void
meanwhile(void *arg)
{
	const struct pushing	*p = arg;

	p->conf->meanwhile(p->conf->meanwhile_arg);
}

/* The first file of a cluster: is there another one under its name? */
static void
begun(void *arg)
{
	const struct pushing		*p = arg;
	const struct pushpool_conf	*c = p->conf->pool;
	struct err			 unused = ERR_INIT;
	char				 text[OTHERCLUSTER_TEXT];

	if (p->conf->note != NULL && othercluster_text(text, &c->store,
	    c->key, c->server, c->system_id, &unused) == 0)
		p->conf->note(p->conf->note_arg, text);
}

int
pushing_open(struct pushing *p, struct archive *a, struct err *e)
{
	const struct pushpool_conf	*c = p->conf->pool;
	struct walpush_file		 f = {
		.name = p->job->name,
		.codec = p->codec,
		.state_dir = c->state_dir,
		.wal_segment_size = c->wal_segment_size,
		.still = still,
		.meanwhile = meanwhile,
		.begun = begun,
		.sealed = c->share == NULL ? NULL : sealed,
		.made = c->share == NULL ? NULL : made,
		.found = p->repository,
		.arg = p
	};

	if (p->job->fd == -1 && open_ahead(c, p->job, e))
		return (-1);
	f.fd = p->job->fd;
	if (still(p, e) || walpush_open(&p->walpush, a, &f, e))
		return (-1);
	p->state = PUSHING_OPENED;
	return (0);
}

/*
 * Whether it may become visible.  Once the server was asked for its name there
 * is nothing left to hold back.  Until then this is asked again before each
 * step, since a segment before it may fail at any time.
 */
static int
may_go(struct pushing *p)
{
	int	 r = 1;

	if (!p->job->named)
		r = p->conf->turn(p->conf->turn_arg, p->job);
	if (r == -1) {
		err_set(&p->err, ERR_LOCAL, "an earlier segment failed");
		p->state = PUSHING_FAILED;
	}
	p->held = r != 1;
	return (r == 1);
}

int
pushing_step(struct pushing *p)
{
	int	 r;

	err_clear(&p->err);
	if (!may_go(p))
		return (0);
	if ((r = walpush_step(p->walpush, &p->err)) == -1) {
		/* The name was refused: those behind it have to wait again. */
		p->state = PUSHING_FAILED;
		p->job->named = 0;
	} else if (r == 1)
		p->job->named = walpush_named(p->walpush);
	return (r == 0);
}

void
pushing_abandon(struct pushing *p)
{
	walpush_free(p->walpush);
	p->walpush = NULL;
}
