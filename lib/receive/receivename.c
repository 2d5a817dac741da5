/* SPDX-License-Identifier: ISC */
/* The thread that gives complete segments their names. */
#include <assert.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crew.h"
#include "base/str.h"
#include "receive/receivename.h"
#include "repo/layout.h"
#include "wal/walpush.h"

struct job {
	struct walname	 name;
	char		 path[PATH_MAX];
};

struct receivename {
	struct receivename_conf	 conf;
	struct crew		*crew;
	struct archive		*a;		/* the thread's */
	int			 keeps;		/* the key may not delete */
	int			 pipe[2];
	/* Under the crew's lock: a ring; jobs before "done" are durable. */
	struct job		 ring[RECEIVENAME_MOST];
	uint64_t		 added, done;
	uint64_t		 taken;		/* the owner's alone */
};

static void
wake(struct receivename *n)
{
	/* A full pipe is readable already. */
	(void)!write(n->pipe[1], "", 1);
}

static int
still(void *arg, struct err *e)
{
	const struct receivename	*n = arg;

	return (crew_stopping(n->crew) ?
	    err_set(e, ERR_LOCAL, "asked to stop") : 0);
}

static int
push(struct receivename *n, const struct job *j, struct err *e)
{
	char			 text[WALNAME_TEXT];
	struct walpush_file	 f = {
		.name = walname_format(text, &j->name),
		.codec = n->conf.codec, .state_dir = n->conf.state_dir,
		.wal_segment_size = n->conf.segsize, .still = still, .arg = n
	};
	int			 rc;

	if ((f.fd = open(j->path, O_RDONLY | O_CLOEXEC)) == -1)
		return (err_sys(e, ERR_LOCAL, "open %s", j->path));
	if ((rc = walpush_file(n->a, &f, e)) == -1)
		err_ctx(e, "%s", text);
	(void)close(f.fd);		/* read only: nothing to lose */
	return (rc);
}

struct openlist {
	char	 segment[WALNAME_TEXT];
	char	 folder[LAYOUT_FOLDER];
	char	 path[LAYOUT_OPEN_LAST][LAYOUT_PATH];
	const char *paths[LAYOUT_OPEN_LAST];
	size_t	 n;
};

static int
see(void *arg, size_t dir, const struct store_entry *ent, int more,
    struct err *e)
{
	struct openlist	*l = arg;
	char		 segment[LAYOUT_SEGMENT];

	(void)dir;
	(void)more;
	if (ent == NULL || l->n == LAYOUT_OPEN_LAST ||
	    layout_open_number(ent->name, segment) == 0 ||
	    strcmp(segment, l->segment) != 0)
		return (0);
	l->paths[l->n] = l->path[l->n];
	return (str_fmt(l->path[l->n++], LAYOUT_PATH, e, "%s/%s", l->folder,
	    ent->name));
}

/*
 * Where the segment stands, its open objects count for nothing.  A key that
 * may only add leaves them to backup-expire, so no failure counts here: a lost
 * connection is seen by the next push.
 */
static void
remove_open(struct receivename *n, const struct job *j)
{
	struct err	 unused = ERR_INIT;
	struct openlist	*l;
	const char	*folder;

	if (n->keeps || (l = calloc(1, sizeof(*l))) == NULL)
		return;
	folder = layout_wal_log(l->folder, j->name.tli, j->name.log);
	walname_format(l->segment, &j->name);
	if (store_list(n->a->store, &folder, 1, see, l, &unused) == 0 &&
	    l->n > 0 && store_remove(n->a->store, l->paths, l->n, &unused))
		n->keeps = 1;
	free(l);
}

/* Wait for a job, keeping the connection alive.  Returns 0 at the end. */
static int
next(struct receivename *n, struct job *j)
{
	struct err	 unused = ERR_INIT;

	crew_lock(n->crew);
	while (!crew_stopping(n->crew) && n->done == n->added) {
		(void)crew_wait(n->crew, CREW_WORK, 5000);
		crew_unlock(n->crew);
		if (n->a != NULL && store_keep(n->a->store, &unused)) {
			/* Connect again when there is something to push. */
			archive_free(n->a);
			n->a = NULL;
			err_clear(&unused);
		}
		crew_lock(n->crew);
	}
	if (n->done < n->added)
		*j = n->ring[n->done % RECEIVENAME_MOST];
	crew_unlock(n->crew);
	return (!crew_stopping(n->crew));
}

static int
work(void *arg, struct err *e)
{
	struct receivename	*n = arg;
	struct job		 j;
	int			 rc = 0;

	while (rc == 0 && next(n, &j)) {
		if (n->a == NULL && archive_open(&n->a, n->conf.store,
		    n->conf.key, n->conf.server, n->conf.system_id, e)) {
			rc = -1;
			break;
		}
		if ((rc = push(n, &j, e)) == -1)
			break;
		crew_lock(n->crew);
		n->done++;
		crew_unlock(n->crew);
		wake(n);
		(void)unlink(j.path);	/* the next start removes it, too */
		remove_open(n, &j);
	}
	archive_free(n->a);
	n->a = NULL;
	wake(n);
	return (rc);
}

int
receivename_start(struct receivename **out, const struct receivename_conf *c,
    struct err *e)
{
	struct receivename	*n;

	if ((n = calloc(1, sizeof(*n))) == NULL)
		return (err_sys(e, ERR_LOCAL, "receive"));
	n->conf = *c;
	n->pipe[0] = n->pipe[1] = -1;
	if (pipe2(n->pipe, O_CLOEXEC | O_NONBLOCK) == -1)
		err_sys(e, ERR_LOCAL, "pipe");
	else if (crew_new(&n->crew, e) == 0 &&
	    crew_start(n->crew, work, n, e) == 0) {
		*out = n;
		return (0);
	}
	receivename_free(n);
	return (-1);
}

int
receivename_add(struct receivename *n, const struct walname *name,
    const char *path, struct err *e)
{
	struct job	*j = &n->ring[n->added % RECEIVENAME_MOST];
	int		 rc;

	assert(receivename_queued(n) < RECEIVENAME_MOST);
	crew_lock(n->crew);
	j->name = *name;
	if ((rc = str_fmt(j->path, sizeof(j->path), e, "%s", path)) == 0)
		n->added++;
	crew_signal(n->crew, CREW_WORK);
	crew_unlock(n->crew);
	return (rc);
}

int
receivename_fd(const struct receivename *n)
{
	return (n->pipe[0]);
}

int
receivename_take(struct receivename *n, uint64_t *lsn, struct err *e)
{
	char	 drain[64];
	int	 rc = 0;

	while (read(n->pipe[0], drain, sizeof(drain)) > 0)
		;
	crew_lock(n->crew);
	if (n->taken < n->done) {
		*lsn = walname_lsn(&n->ring[n->taken %
		    RECEIVENAME_MOST].name, n->conf.segsize);
		n->taken++;
		rc = 1;
	} else
		rc = crew_check(n->crew, e);
	crew_unlock(n->crew);
	return (rc);
}

unsigned
receivename_queued(const struct receivename *n)
{
	return ((unsigned)(n->added - n->taken));
}

void
receivename_free(struct receivename *n)
{
	int	 i;

	if (n == NULL)
		return;
	crew_free(n->crew);
	for (i = 0; i < 2; i++)
		if (n->pipe[i] != -1)
			(void)close(n->pipe[i]);	/* a pipe */
	free(n);
}
