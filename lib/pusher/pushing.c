/* SPDX-License-Identifier: ISC */
/* One push under way on a connection: opened, sent, and made durable. */
#include <sys/stat.h>

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

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
 * Before anything becomes visible.  What was asked for is pushed as long as
 * somebody is there to be told; what was not, as long as PostgreSQL will ask
 * for that very file.
 */
static int
still(void *arg, struct err *e)
{
	const struct pushing		*p = arg;
	const struct pushqueue_job	*job = p->job;

	if (atomic_load(p->conf->stop))
		return (err_set(e, ERR_LOCAL, "the agent ends"));
	if (!job->asked && (!pushing_is_whole(p) ||
	    !ready_still(p->conf->pool->data_directory, job->name)))
		return (err_set(e, ERR_LOCAL,
		    "is not waiting to be archived any more"));
	return (0);
}

/* A file that nobody has opened for us. */
static int
open_ahead(const struct pushpool_conf *c, struct pushqueue_job *job,
    struct err *e)
{
	struct stat	 st;
	char		 path[PATH_MAX];

	if (str_fmt(path, sizeof(path), e, "%s/pg_wal/%s", c->data_directory,
	    job->name))
		return (-1);
	/* The link's end, should it be one, is what PostgreSQL would push. */
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
 * Whether it may become visible, which is asked until its name was asked for:
 * one before it may fail meanwhile.
 */
static int
may_go(struct pushing *p)
{
	int	 r = 1;

	if (!p->job->named)
		r = p->conf->turn(p->conf->turn_arg, p->job);
	if (r == -1) {
		err_set(&p->err, ERR_LOCAL, "a segment before it failed");
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
