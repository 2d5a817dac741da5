/* SPDX-License-Identifier: ISC */
/* One connection of the pusher and the pushes under way on it. */
#include <sys/stat.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "pusher/pushline.h"
#include "wal/walpush.h"

enum state {
	FREE,
	NEW,				/* nothing was done yet */
	OPENED,				/* asked what is there */
	SENDING,
	SENT,				/* becoming durable */
	FAILED,				/* while another was sent */
	LOST				/* its connection is gone */
};

struct push {
	enum state		 state;
	unsigned		 since;	/* smaller is older */
	struct pushline		*line;
	struct pushqueue_job	*job;
	struct codec_spec	 codec;
	struct walpush		*walpush;
	int			 held;	/* SENT, and not its turn yet */
	struct err		 err;	/* of FAILED */
};

struct pushline {
	struct pushline_conf	 conf;
	struct archive		*a;	/* NULL: not connected */
	int			 worked;	/* this connection, before */
	struct push		 push[PUSHLINE_MAX];
	unsigned		 clock;	/* of "since" */
	struct pushline_end	 lost;	/* what LOST ones are told */
};

int
pushline_new(struct pushline **out, const struct pushline_conf *conf,
    struct err *e)
{
	struct pushline	*l;
	size_t		 i;

	if ((l = calloc(1, sizeof(*l))) == NULL)
		return (err_sys(e, ERR_LOCAL, "start to push"));
	l->conf = *conf;
	for (i = 0; i < PUSHLINE_MAX; i++)
		l->push[i].line = l;
	*out = l;
	return (0);
}

/* All pushes are abandoned before their connection. */
static void
disconnect(struct pushline *l)
{
	size_t	 i;

	for (i = 0; i < PUSHLINE_MAX; i++) {
		walpush_free(l->push[i].walpush);
		l->push[i].walpush = NULL;
	}
	archive_free(l->a);
	l->a = NULL;
	l->worked = 0;
}

void
pushline_free(struct pushline *l)
{
	if (l == NULL)
		return;
	disconnect(l);
	free(l);
}

static size_t
count(const struct pushline *l, enum state from, enum state to)
{
	size_t	 i, n = 0;

	for (i = 0; i < PUSHLINE_MAX; i++)
		n += l->push[i].state >= from && l->push[i].state <= to;
	return (n);
}

int
pushline_busy(const struct pushline *l)
{
	return (count(l, NEW, LOST) > 0);
}

size_t
pushline_unsent(const struct pushline *l)
{
	return (count(l, NEW, SENDING));
}

int
pushline_room(const struct pushline *l, int ahead)
{
	/* Those that wait for their turn never keep it from coming. */
	return (count(l, NEW, OPENED) < PUSHLINE_UNSENT &&
	    count(l, NEW, LOST) + (ahead ? PUSHLINE_SPARE : 0) <
	    PUSHLINE_MAX);
}

size_t
pushline_run(const struct pushline *l)
{
	size_t	 i, n = 1;

	if (count(l, NEW, OPENED) > 1)
		return (0);
	for (i = 0; i < PUSHLINE_MAX && n < PUSHLINE_RUN; i++)
		n += l->push[i].state == SENT && l->push[i].held;
	return (n);
}

int
pushline_warm(const struct pushline *l)
{
	return (l->a != NULL);
}

/* The oldest in that state, or NULL. */
static struct push *
oldest(struct pushline *l, enum state state)
{
	struct push	*p = NULL;
	size_t		 i;

	for (i = 0; i < PUSHLINE_MAX; i++)
		if (l->push[i].state == state && (p == NULL ||
		    l->push[i].since < p->since))
			p = &l->push[i];
	return (p);
}

void
pushline_add(struct pushline *l, struct pushqueue_job *job,
    struct codec_spec codec)
{
	struct push	*p = oldest(l, FREE);

	assert(p != NULL);
	p->state = NEW;
	p->since = l->clock++;
	p->job = job;
	p->codec = codec;
	p->held = 1;
}

/* Whether the descriptor's file is the one that it was. */
static int
is_whole(const struct pushqueue_job *job)
{
	struct pushid		 id;
	struct stat		 st;

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
	const struct push		*p = arg;
	const struct pushqueue_job	*job = p->job;

	if (atomic_load(p->line->conf.stop))
		return (err_set(e, ERR_LOCAL, "the agent ends"));
	if (!job->asked && (!is_whole(job) ||
	    !ready_still(p->line->conf.pool->data_directory, job->name)))
		return (err_set(e, ERR_LOCAL,
		    "is not waiting to be archived any more"));
	return (0);
}

/* "err" may be the push's own. */
static void
ends(struct push *p, const struct err *err)
{
	const struct pushline_conf	*c = &p->line->conf;
	const struct pushline_end	 end = { .job = p->job, .err = *err,
	    .whole = is_whole(p->job) };

	walpush_free(p->walpush);
	p->walpush = NULL;
	p->job = NULL;
	p->state = FREE;
	c->ended(c->arg, &end);
}

/*
 * Whether it may become visible, which is asked until its name was asked for:
 * one before it may fail meanwhile.
 */
static int
may_go(struct push *p)
{
	int	 r = 1;

	if (!p->job->named)
		r = p->line->conf.turn(p->line->conf.arg, p->job);
	if (r == -1) {
		err_set(&p->err, ERR_LOCAL, "a segment before it failed");
		p->state = FAILED;
	}
	p->held = r != 1;
	return (r == 1);
}

/* What waits for answers goes on, as far as those that came allow. */
static void
step(struct push *p)
{
	const struct err	 none = ERR_INIT;
	int			 r;

	err_clear(&p->err);
	if (!may_go(p))
		return;
	if ((r = walpush_step(p->walpush, &p->err)) == -1) {
		p->state = FAILED;
		p->job->named = 0;
	} else if (r == 0) {
		p->line->worked = 1;
		ends(p, &none);
	} else
		p->job->named = walpush_named(p->walpush);
}

/*
 * All that were sent, the oldest first: the name of one lets the next one's
 * follow at once.
 */
static void
step_sent(struct pushline *l)
{
	struct push	*p[PUSHLINE_MAX], *t;
	size_t		 i, j, n = 0;

	for (i = 0; i < PUSHLINE_MAX; i++)
		if (l->push[i].state == SENT)
			p[n++] = &l->push[i];
	for (i = 1; i < n; i++)
		for (j = i; j > 0 && p[j]->since < p[j - 1]->since; j--) {
			t = p[j];
			p[j] = p[j - 1];
			p[j - 1] = t;
		}
	for (i = 0; i < n; i++)
		step(p[i]);
}

/* While one is compressed and sent. */
static void
meanwhile(void *arg)
{
	struct pushline	*l = ((struct push *)arg)->line;
	size_t		 i;

	step_sent(l);
	for (i = 0; i < PUSHLINE_MAX; i++)
		if (l->push[i].state == OPENED)
			(void)walpush_ready(l->push[i].walpush);
}

/* A file that nobody has opened for us. */
static int
open_ahead(struct pushline *l, struct pushqueue_job *job, struct err *e)
{
	struct stat	 st;
	char		 path[PATH_MAX];

	if (str_fmt(path, sizeof(path), e, "%s/pg_wal/%s",
	    l->conf.pool->data_directory, job->name))
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

static int
begin(struct pushline *l, struct push *p, struct err *e)
{
	struct walpush_file	 f = {
		.name = p->job->name,
		.codec = p->codec,
		.state_dir = l->conf.pool->state_dir,
		.wal_segment_size = l->conf.pool->wal_segment_size,
		.still = still,
		.meanwhile = meanwhile,
		.arg = p
	};

	if (p->job->fd == -1 && open_ahead(l, p->job, e))
		return (-1);
	f.fd = p->job->fd;
	if (still(p, e) || walpush_open(&p->walpush, l->a, &f, e))
		return (-1);
	p->state = OPENED;
	return (0);
}

/* The connection is of no use any more, for none of the pushes. */
static void
lose(struct pushline *l, const struct err *e, int refused)
{
	size_t	 i;

	l->lost = (struct pushline_end){ .err = *e, .lost = 1,
	    .worked = l->worked, .refused = refused };
	disconnect(l);
	for (i = 0; i < PUSHLINE_MAX; i++)
		if (l->push[i].state != FREE)
			l->push[i].state = LOST;
}

/* One push failed, or the connection did. */
static void
fails(struct pushline *l, struct push *p, const struct err *e)
{
	struct err	 unused = ERR_INIT;

	if (e->kind == ERR_REMOTE && store_keep(l->a->store, &unused) == -1)
		lose(l, e, 0);
	else
		ends(p, e);
}

static int
open_archive(struct pushline *l, struct err *e)
{
	const struct pushpool_conf	*c = l->conf.pool;
	struct store_conf		 store = c->store;

	store.waits = l->conf.waits;
	store.waits_arg = l->conf.arg;
	return (archive_open(&l->a, &store, c->key, c->server, c->system_id,
	    e));
}

static int
connect_line(struct pushline *l)
{
	struct err	 e = ERR_INIT;

	if (open_archive(l, &e) == 0)
		return (0);
	lose(l, &e, 1);
	return (-1);
}

int
pushline_connect(struct pushline *l)
{
	struct err	 unused = ERR_INIT;

	assert(l->a == NULL);
	if (open_archive(l, &unused) == -1)
		return (1);
	/* Should it be lost, what it was given goes to another. */
	l->worked = 1;
	return (0);
}

/* Whatever can go on without waiting. */
static void
step_all(struct pushline *l)
{
	size_t	 i;

	step_sent(l);
	for (i = 0; i < PUSHLINE_MAX && l->a != NULL; i++)
		if (l->push[i].state == FAILED)
			fails(l, &l->push[i], &l->push[i].err);
}

static void
send_one(struct pushline *l, struct push *p)
{
	struct err	 e = ERR_INIT;

	p->state = SENDING;
	if (walpush_send(p->walpush, &e) == -1)
		fails(l, p, &e);
	else
		p->state = SENT;
}

/* One that was sent and waits for answers, not for its turn; or NULL. */
static struct push *
awaited(struct pushline *l)
{
	size_t	 i;

	for (i = 0; i < PUSHLINE_MAX; i++)
		if (l->push[i].state == SENT && !l->push[i].held)
			return (&l->push[i]);
	return (NULL);
}

static int
work(struct pushline *l)
{
	struct push	*p;
	struct err	 e = ERR_INIT;

	while ((p = oldest(l, NEW)) != NULL)
		if (begin(l, p, &e) == -1) {
			fails(l, p, &e);
			return (0);
		}
	step_all(l);
	if (l->a == NULL || !pushline_busy(l))
		return (0);
	p = oldest(l, OPENED);
	if (p != NULL && (walpush_ready(p->walpush) || awaited(l) == NULL)) {
		send_one(l, p);
		return (0);
	}
	if (awaited(l) != NULL) {
		if (store_wait(l->a->store, &e) == -1)
			lose(l, &e, 0);
		return (0);
	}
	if (store_keep(l->a->store, &e) == -1)
		lose(l, &e, 0);
	return (l->a != NULL && oldest(l, SENT) != NULL);
}

static void
tell_lost(struct pushline *l)
{
	struct pushline_end	 end = l->lost;
	struct push		*p;

	while ((p = oldest(l, LOST)) != NULL) {
		end.job = p->job;
		p->job = NULL;
		p->state = FREE;
		l->conf.ended(l->conf.arg, &end);
	}
}

int
pushline_work(struct pushline *l)
{
	int	 r = 0;

	if (l->a != NULL || connect_line(l) == 0)
		r = work(l);
	tell_lost(l);
	return (r);
}

void
pushline_keep(struct pushline *l, int wanted)
{
	struct err	 unused = ERR_INIT;

	assert(!pushline_busy(l));
	if (l->a == NULL)
		return;
	l->worked = 1;
	if (!wanted || store_keep(l->a->store, &unused) == -1)
		disconnect(l);
}
