/* SPDX-License-Identifier: ISC */
/* A store whose user dies at the nth operation. */
#include <stdlib.h>
#include <string.h>

#include "mortal.h"
#include "store/backend.h"
#include "store/store_append.h"

struct mortal {
	struct store	 base;
	struct store	*inner;		/* owned */
	int		 left, count, meet;
	int		 looks, meet_look, fail_look;
	void		(*fn)(void *), (*fn_look)(void *);
	void		*arg, *arg_look;
};

static struct mortal *
of(struct store *s)
{
	return ((struct mortal *)s);
}

/* Before an operation that changes something. */
static int
spend(struct store *s, struct err *e)
{
	struct mortal	*m = of(s);

	if (m->left <= 0) {
		m->left = -1;
		return (err_set(e, ERR_REMOTE, "killed by the test"));
	}
	m->left--;
	if (m->fn != NULL && m->count == m->meet) {
		m->count++;
		m->fn(m->arg);
	} else {
		m->count++;
	}
	return (0);
}

/* Once the user has died, nothing answers any more. */
static int
alive(struct store *s, struct err *e)
{
	return (of(s)->left < 0 ? spend(s, e) : 0);
}

static int
look(struct store *s, struct err *e)
{
	struct mortal	*m = of(s);

	if (alive(s, e))
		return (-1);
	if (m->looks++ == m->meet_look && m->fn_look != NULL)
		m->fn_look(m->arg_look);
	if (m->looks - 1 == m->fail_look)
		return (err_set(e, ERR_REMOTE, "input/output error"));
	return (0);
}

static void
mortal_free(struct store *s)
{
	store_free(of(s)->inner);
	backend_fini(s);
	free(s);
}

static int
mortal_put_open(struct store_put **p, struct store *s, const char *path,
    size_t head, struct err *e)
{
	return (spend(s, e) ? -1 :
	    of(s)->inner->ops->put_open(p, of(s)->inner, path, head, e));
}

static int
mortal_get_open(struct store_get **g, struct store *s, const char *path,
    struct err *e)
{
	return (look(s, e) ? -1 :
	    of(s)->inner->ops->get_open(g, of(s)->inner, path, e));
}

static int
mortal_load(struct store *s, const char *const *paths, size_t n, size_t max,
    const struct store_reading *to, struct err *e)
{
	return (look(s, e) ? -1 : of(s)->inner->ops->load(of(s)->inner,
	    paths, n, max, to, e));
}

static int
mortal_list(struct store *s, const char *const *paths, size_t n,
    const struct store_listing *to, struct err *e)
{
	return (look(s, e) ? -1 : of(s)->inner->ops->list(of(s)->inner,
	    paths, n, to, e));
}

static int
mortal_rename(struct store *s, const char *from, const char *to,
    struct err *e)
{
	return (spend(s, e) ? -1 :
	    of(s)->inner->ops->rename(of(s)->inner, from, to, e));
}

static int
mortal_settle(struct store *s, const char *const *paths, size_t n,
    struct err *e)
{
	return (spend(s, e) ? -1 :
	    of(s)->inner->ops->settle(of(s)->inner, paths, n, e));
}

static int
mortal_remove(struct store *s, const char *const *paths, size_t n,
    struct err *e)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		if (spend(s, e) || of(s)->inner->ops->remove(of(s)->inner,
		    paths + i, 1, e))
			return (-1);
	return (0);
}

static int
mortal_rmdir(struct store *s, const char *const *paths, size_t n,
    struct err *e)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		if (spend(s, e) || of(s)->inner->ops->rmdir(of(s)->inner,
		    paths + i, 1, e))
			return (-1);
	return (0);
}

static int
mortal_mkdir(struct store *s, const char *path, struct err *e)
{
	return (spend(s, e) ? -1 :
	    of(s)->inner->ops->mkdir(of(s)->inner, path, e));
}

static int
mortal_append_open(struct store_append **p, struct store *s,
    const char *path, struct err *e)
{
	return (spend(s, e) ? -1 :
	    of(s)->inner->ops->append_open(p, of(s)->inner, path, e));
}

static int
mortal_append_wait(struct store *s, struct pollfd *fds, size_t n, int ms,
    struct err *e)
{
	return (alive(s, e) ? -1 :
	    store_append_wait(of(s)->inner, fds, n, ms, e));
}

static int
mortal_wait(struct store *s, struct err *e)
{
	return (alive(s, e) ? -1 : store_wait(of(s)->inner, e));
}

static int
mortal_poll(struct store *s, struct err *e)
{
	return (alive(s, e) ? -1 : store_poll(of(s)->inner, e));
}

static int
mortal_keep(struct store *s, struct err *e)
{
	return (alive(s, e) ? -1 : store_keep(of(s)->inner, e));
}

static const struct store_ops mortal_ops = {
	.free = mortal_free,
	.put_open = mortal_put_open,
	.get_open = mortal_get_open,
	.load = mortal_load,
	.list = mortal_list,
	.rename = mortal_rename,
	.settle = mortal_settle,
	.remove = mortal_remove,
	.rmdir = mortal_rmdir,
	.mkdir = mortal_mkdir,
	.append_open = mortal_append_open,
	.append_wait = mortal_append_wait,
	.wait = mortal_wait,
	.poll = mortal_poll,
	.keep = mortal_keep
};

void
mortal_wrap(struct archive *a, int left)
{
	struct mortal	*m = calloc(1, sizeof(*m));
	struct err	 e = ERR_INIT;

	if (m == NULL || backend_init(&m->base, &mortal_ops, a->store->name,
	    a->store->root, &e))
		abort();
	memcpy(m->base.base, a->store->base, sizeof(m->base.base));
	m->inner = a->store;
	m->left = left;
	m->fail_look = -1;
	a->store = &m->base;
}

int
mortal_count(const struct archive *a)
{
	return (of(a->store)->count);
}

void
mortal_meet(struct archive *a, int k, void (*fn)(void *), void *arg)
{
	struct mortal	*m = of(a->store);

	m->meet = k;
	m->fn = fn;
	m->arg = arg;
}

void
mortal_meet_look(struct archive *a, int k, void (*fn)(void *), void *arg)
{
	struct mortal	*m = of(a->store);

	m->meet_look = k;
	m->fn_look = fn;
	m->arg_look = arg;
}

void
mortal_fail_look(struct archive *a, int k)
{
	of(a->store)->fail_look = k;
}

int
mortal_looks(const struct archive *a)
{
	return (of(a->store)->looks);
}
