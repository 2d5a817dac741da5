/* SPDX-License-Identifier: ISC */
/*
 * A store whose calls are counted and fail, for whole programs: this is
 * linked into them with --wrap=store_open (see Makefile).
 *
 *	STORE_TRACE=FILE	a line for each call
 *	STORE_FAIL=N		the Nth line's call fails, and does nothing
 *	STORE_FAIL=N+		it is done, and then says that it failed
 *	STORE_FAIL=N!, N+!	the process is killed instead
 *	STORE_BAD=PATH		every read of this file fails
 *
 * By STORE_FAIL only one call fails: what a connection that is lost for a
 * moment does, and the harder case, since all that follows succeeds.
 */
#include <sys/file.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/backend.h"
#include "store/store.h"

#define LINE	160		/* bytes of a line, all of them */

int	 __real_store_open(struct store **, const struct store_conf *,
	    struct err *);
int	 __wrap_store_open(struct store **, const struct store_conf *,
	    struct err *);

static const struct store_ops	*real;
static pthread_mutex_t		 lock = PTHREAD_MUTEX_INITIALIZER;
static int			 trace = -1;
static unsigned long		 fail_at;
static int			 fail_after, kills;
static _Thread_local int	 loses;		/* this call's answer */
static const char		*bad;

/* Count a call: 0, or 1 if it is to fail. */
static int
counted(const char *what, const char *path)
{
	struct stat	 st;
	char		 line[LINE + 1];
	int		 is;

	if (trace == -1)
		return (0);
	(void)pthread_mutex_lock(&lock);
	if (flock(trace, LOCK_EX) == -1 || fstat(trace, &st) == -1)
		abort();
	is = fail_at == (unsigned long)st.st_size / LINE + 1;
	(void)snprintf(line, sizeof(line), "%s %.*s%s", what, LINE - 40,
	    path, is ? " FAILS" : "");
	memset(line + strlen(line), ' ', sizeof(line) - strlen(line));
	line[LINE - 1] = '\n';
	if (write(trace, line, LINE) != LINE || flock(trace, LOCK_UN) == -1)
		abort();
	(void)pthread_mutex_unlock(&lock);
	return (is);
}

static int
injected(struct err *e)
{
	if (kills)
		(void)kill(getpid(), SIGKILL);
	return (err_set(e, ERR_REMOTE, "injected failure"));
}

/* Count the call; fail if it must not do anything. */
static int
gate(const char *what, const char *path, struct err *e)
{
	loses = counted(what, path);
	return (loses && !fail_after ? injected(e) : 0);
}

/* The call's result, or a failure if its answer is to be lost. */
static int
answer(int rc, struct err *e)
{
	return (loses && rc != -1 ? injected(e) : rc);
}

static int
f_put_open(struct store_put **out, struct store *s, const char *path,
    size_t head, struct err *e)
{
	if (gate("put_open", path, e) ||
	    real->put_open(out, s, path, head, e))
		return (-1);
	if (answer(0, e) == -1) {
		real->put_free(*out);
		*out = NULL;
		return (-1);
	}
	return (0);
}

static int
f_put_write(struct store_put *p, const void *buf, size_t n, struct err *e)
{
	return (gate("put_write", "", e) ? -1 :
	    answer(real->put_write(p, buf, n, e), e));
}

static int
f_put_end(struct store_put *p, const void *head, struct err *e)
{
	return (gate("put_end", "", e) ? -1 :
	    answer(real->put_end(p, head, e), e));
}

static int
f_put_step(struct store_put *p, struct err *e)
{
	return (gate("put_step", "", e) ? -1 :
	    answer(real->put_step(p, e), e));
}

static int
f_get_open(struct store_get **out, struct store *s, const char *path,
    struct err *e)
{
	if (bad != NULL && strcmp(path, bad) == 0)
		return (injected(e));
	if (gate("get_open", path, e) || real->get_open(out, s, path, e))
		return (-1);
	if (answer(0, e) == -1) {
		real->get_free(*out);
		*out = NULL;
		return (-1);
	}
	return (0);
}

static int
f_get_size(struct store_get *g, uint64_t *size, struct err *e)
{
	return (gate("get_size", "", e) ? -1 :
	    answer(real->get_size(g, size, e), e));
}

static int
f_get_ask(struct store_get *g, uint64_t off, uint64_t n, struct err *e)
{
	return (gate("get_ask", "", e) ? -1 :
	    answer(real->get_ask(g, off, n, e), e));
}

static int
f_get_take(struct store_get *g, void *buf, size_t n, size_t *got,
    struct err *e)
{
	return (gate("get_take", "", e) ? -1 :
	    answer(real->get_take(g, buf, n, got, e), e));
}

static int
f_load(struct store *s, const char *const *paths, size_t n, size_t max,
    const struct store_reading *r, struct err *e)
{
	int	 lost, rc;

	if (gate("load", n > 0 ? paths[0] : "", e))
		return (-1);
	lost = loses;			/* its callbacks may call the store */
	rc = real->load(s, paths, n, max, r, e);
	loses = lost;
	return (answer(rc, e));
}

static int
f_list(struct store *s, const char *const *paths, size_t n,
    const struct store_listing *to, struct err *e)
{
	int	 lost, rc;

	if (gate("list", n > 0 ? paths[0] : "", e))
		return (-1);
	lost = loses;			/* its callbacks may call the store */
	rc = real->list(s, paths, n, to, e);
	loses = lost;
	return (answer(rc, e));
}

static int
f_rename(struct store *s, const char *from, const char *to, struct err *e)
{
	return (gate("rename", to, e) ? -1 :
	    answer(real->rename(s, from, to, e), e));
}

static int
f_settle(struct store *s, const char *const *paths, size_t n, struct err *e)
{
	return (gate("settle", n > 0 ? paths[0] : "", e) ? -1 :
	    answer(real->settle(s, paths, n, e), e));
}

static int
f_remove(struct store *s, const char *const *paths, size_t n, struct err *e)
{
	return (gate("remove", n > 0 ? paths[0] : "", e) ? -1 :
	    answer(real->remove(s, paths, n, e), e));
}

static int
f_rmdir(struct store *s, const char *const *paths, size_t n, struct err *e)
{
	return (gate("rmdir", n > 0 ? paths[0] : "", e) ? -1 :
	    answer(real->rmdir(s, paths, n, e), e));
}

static int
f_mkdir(struct store *s, const char *path, struct err *e)
{
	return (gate("mkdir", path, e) ? -1 :
	    answer(real->mkdir(s, path, e), e));
}

static int
f_wait(struct store *s, struct err *e)
{
	return (gate("wait", "", e) ? -1 :
	    answer(real->wait(s, e), e));
}

static int
f_append_open(struct store_append **out, struct store *s, const char *path,
    struct err *e)
{
	if (gate("append_open", path, e) ||
	    real->append_open(out, s, path, e))
		return (-1);
	if (answer(0, e) == -1) {
		real->append_free(*out);
		*out = NULL;
		return (-1);
	}
	return (0);
}

static int
f_append_send(struct store_append *a, const void *buf, size_t n,
    struct err *e)
{
	return (gate("append_send", "", e) ? -1 :
	    answer(real->append_send(a, buf, n, e), e));
}

static int
f_poll(struct store *s, struct err *e)
{
	return (gate("poll", "", e) ? -1 :
	    answer(real->poll(s, e), e));
}

static int
f_keep(struct store *s, struct err *e)
{
	return (gate("keep", "", e) ? -1 :
	    answer(real->keep(s, e), e));
}

static int
f_about(struct store *s, struct store_about *about, struct err *e)
{
	return (gate("about", "", e) ? -1 :
	    answer(real->about(s, about, e), e));
}

/* All of the table, so that the compiler names a member that is new. */
static struct store_ops	 failing = {
	.put_open = f_put_open, .put_write = f_put_write,
	.put_end = f_put_end, .put_step = f_put_step,
	.get_open = f_get_open, .get_size = f_get_size,
	.get_ask = f_get_ask, .get_take = f_get_take,
	.load = f_load, .list = f_list, .rename = f_rename,
	.settle = f_settle, .remove = f_remove, .rmdir = f_rmdir,
	.mkdir = f_mkdir, .append_open = f_append_open,
	.append_send = f_append_send, .wait = f_wait, .poll = f_poll,
	.keep = f_keep, .about = f_about
};

__attribute__((constructor))
static void
from_environment(void)
{
	const char	*path = getenv("STORE_TRACE");
	const char	*at = getenv("STORE_FAIL");

	bad = getenv("STORE_BAD");
	if (path == NULL)
		return;
	trace = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (trace == -1)
		abort();
	if (at != NULL) {
		fail_at = strtoul(at, NULL, 10);
		fail_after = strchr(at, '+') != NULL;
		kills = strchr(at, '!') != NULL;
	}
}

/* A program has one kind of store. */
static void
stand_before(struct store *s)
{
	(void)pthread_mutex_lock(&lock);
	if (real == NULL) {
		real = s->ops;
		failing.free = real->free;
		failing.put_named = real->put_named;
		failing.put_free = real->put_free;
		failing.get_ready = real->get_ready;
		failing.get_free = real->get_free;
		/* How often that is asked depends on the time. */
		failing.append_step = real->append_step;
		failing.append_free = real->append_free;
		failing.append_wait = real->append_wait;
	}
	s->ops = &failing;
	(void)pthread_mutex_unlock(&lock);
}

int
__wrap_store_open(struct store **out, const struct store_conf *conf,
    struct err *e)
{
	if (gate("open", conf->repository, e) ||
	    __real_store_open(out, conf, e))
		return (-1);
	if (answer(0, e) == -1) {
		store_free(*out);
		*out = NULL;
		return (-1);
	}
	if (trace != -1 || bad != NULL)
		stand_before(*out);
	return (0);
}
