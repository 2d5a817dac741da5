/* SPDX-License-Identifier: ISC */
/* What the threads that fetch and the one that gives share. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "prefetch/fetchpool.h"
#include "wal/walarchive.h"

/*
 * A directory that cannot be used must not stop a recovery: files that are
 * asked for are fetched all the same, only none ahead.
 */
static int
open_dir(struct fetchpool *p, struct err *e)
{
	struct err	 why = ERR_INIT;
	uint8_t		 rnd[8];
	char		 path[PATH_MAX];

	if (io_random(rnd, sizeof(rnd), e) ||
	    path_join(path, sizeof(path), p->conf.data_directory,
	    FETCHPOOL_DIR, e))
		return (-1);
	(void)str_hex(p->salt, rnd, sizeof(rnd));
	if (p->conf.ahead > 0 && fetchdir_open(&p->dir, path, &why) == -1)
		serve_note(p->serve, "nothing is fetched ahead: %s", why.msg);
	return (0);
}

int
fetchpool_new(struct fetchpool **out, const struct fetchpool_conf *conf,
    struct serve *serve, struct err *e)
{
	struct fetchpool	*p;
	unsigned		 i;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return (err_sys(e, ERR_LOCAL, "fetch ahead"));
	p->conf = *conf;
	p->serve = serve;
	for (i = 0; i < FETCHPOOL_WORKERS; i++) {
		p->worker[i].pool = p;
		p->worker[i].index = i;
	}
	if (crew_new(&p->crew, e) || open_dir(p, e) ||
	    fetchqueue_new(&p->queue, conf->wal_segment_size,
	    p->dir == NULL ? 0 : conf->ahead, e)) {
		fetchpool_free(p);
		return (-1);
	}
	*out = p;
	return (0);
}

void
fetchpool_ask_free(struct fetchpool_ask *a)
{
	if (a == NULL)
		return;
	(void)close(a->fd);		/* a folder: nothing to lose */
	free(a);
}

static void
free_asks(struct fetchqueue *q)
{
	struct fetchask	*a;

	while ((a = fetchqueue_answer(q)) != NULL ||
	    (a = fetchqueue_any(q)) != NULL)
		fetchpool_ask_free((struct fetchpool_ask *)(void *)a);
}

void
fetchpool_free(struct fetchpool *p)
{
	size_t	 i;

	if (p == NULL)
		return;
	/* First: until its threads have ended, they use the rest. */
	crew_free(p->crew);
	for (i = 0; i < FETCHFILE_MAX; i++)
		if (p->away[i].id != 0)
			(void)close(p->away[i].fd);
	fetchdir_free(p->dir);
	if (p->queue != NULL)
		free_asks(p->queue);
	fetchqueue_free(p->queue);
	free(p);
}

static struct fetchpool_away *
away(struct fetchpool *p, uint64_t id)
{
	size_t	 i;

	for (i = 0; i < FETCHFILE_MAX; i++)
		if (p->away[i].id == id)
			return (&p->away[i]);
	return (NULL);
}

int
fetchpool_where(struct fetchpool *p, const struct fetchqueue_file *f,
    char file[NAME_MAX + 1])
{
	struct fetchpool_away	*a;

	/*
	 * The id is there because a file of the same name may be fetched while
	 * the one before is being removed.  The salt is there so that no file
	 * of another agent is ever taken for ours.
	 */
	(void)snprintf(file, NAME_MAX + 1, "%s.%s.%ju",
	    p->dir != NULL ? f->name : WALARCHIVE_TEMP, p->salt,
	    (uintmax_t)f->id);
	if (p->dir != NULL)
		return (fetchdir_fd(p->dir));
	return ((a = away(p, f->id)) == NULL ? -1 : a->fd);
}

void
fetchpool_gone(struct fetchpool *p, uint64_t id)
{
	struct fetchpool_away	*a = away(p, id);

	if (a == NULL)
		return;
	(void)close(a->fd);		/* a folder: nothing to lose */
	a->id = 0;
}

/*
 * Without a directory of our own, a file is fetched into that of the first
 * request's target.  The descriptor is copied: the request may be forgotten
 * while the fetch is under way.
 */
static void
find_place(struct fetchpool *p, const struct fetchqueue_file *f)
{
	const struct fetchpool_ask	*ask;
	struct fetchpool_away		*a;

	ask = (const struct fetchpool_ask *)(const void *)f->ask;
	if (p->dir != NULL || ask == NULL || (a = away(p, 0)) == NULL)
		return;
	if ((a->fd = fcntl(ask->fd, F_DUPFD_CLOEXEC, 0)) != -1)
		a->id = f->id;
}

/*
 * The order of workers that are idle: those with a connection, then by number.
 * So a standby that asks now and then stays on one connection, and the others
 * are not even made.
 */
static int
is_before(const struct fetchpool_worker *v, const struct fetchpool_worker *w)
{
	return (v->connected > w->connected ||
	    (v->connected == w->connected && v->index < w->index));
}

/*
 * There must be more files than idle workers that come before this one.  For a
 * second file all idle workers do: two files at a time on one connection are
 * for when all are at work.
 */
int
fetchpool_may_take(const struct fetchpool *p,
    const struct fetchpool_worker *w, int second)
{
	unsigned	 i, idle = 0;

	for (i = 0; i < FETCHPOOL_WORKERS; i++)
		if (p->worker[i].idle && &p->worker[i] != w &&
		    (second || is_before(&p->worker[i], w)))
			idle++;
	return (fetchqueue_waiting(p->queue) > idle);
}

int
fetchpool_take(struct fetchpool *p, struct fetchpool_worker *w,
    int second, struct fetchpool_task *t)
{
	struct fetchqueue_file	 f;

	if (!fetchpool_may_take(p, w, second) ||
	    !fetchqueue_take(p->queue, &f))
		return (0);
	find_place(p, &f);
	t->id = f.id;
	t->asked = f.ask != NULL;
	memcpy(t->name, f.name, sizeof(t->name));
	t->dir = fetchpool_where(p, &f, t->file);
	return (1);
}

void
fetchpool_done(struct fetchpool *p, struct fetchpool_task *t, int rc,
    const struct err *e)
{
	crew_lock(p->crew);
	if (rc != 0)
		fetchpool_gone(p, t->id);
	fetchqueue_done(p->queue, t->id, rc, e);
	crew_broadcast(p->crew, CREW_WORK);
	crew_signal(p->crew, CREW_DONE);
	crew_unlock(p->crew);
	t->id = 0;
}
