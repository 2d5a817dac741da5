/* SPDX-License-Identifier: ISC */
/* A store in memory. */
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "memstore.h"
#include "store/backend.h"

#define ROOT	"/m"
#define CLUSTER	"main/7/"	/* of memstore_open() */

struct mem {
	struct store	 base;
	struct memstore	*m;
};

struct mem_put {
	struct store_put base;
	char		 tmp[128], path[128];
	char		*data;
	size_t		 n, head;
	int		 there;		/* the temporary file */
};

struct mem_get {
	struct store_get base;
	char		 path[128];
	uint64_t	 off, end;
};

struct mem_append {
	struct store_append base;
	char		 path[128];
	size_t		 n;		/* bytes that are there */
};

static struct memstore *
of(struct store *s)
{
	return (((struct mem *)s)->m);
}

/* A full path without the root, as the memstore has it. */
static const char *
inside(const char *full)
{
	const char	*p = full + strlen(ROOT) + 1;

	return (strncmp(p, CLUSTER, strlen(CLUSTER)) == 0 ?
	    p + strlen(CLUSTER) : p);
}

struct memstore_file *
memstore_find(const struct memstore *m, const char *path)
{
	size_t	 i;

	for (i = 0; i < m->n; i++)
		if (strcmp(m->v[i].path, path) == 0)
			return (&m->v[i]);
	return (NULL);
}

int
memstore_has(const struct memstore *m, const char *path)
{
	return (memstore_find(m, path) != NULL);
}

void
memstore_remove(struct memstore *m, const char *path)
{
	struct memstore_file	*f = memstore_find(m, path);

	if (f == NULL)
		return;
	free(f->data);
	*f = m->v[--m->n];
}

void
memstore_clear(struct memstore *m)
{
	while (m->n > 0)
		free(m->v[--m->n].data);
	free(m->v);
	memset(m, 0, sizeof(*m));
}

static void
add(struct memstore *m, const char *path, const char *data, size_t n,
    int64_t mtime)
{
	struct memstore_file	*f;

	if (m->n == m->room) {
		m->room = m->room == 0 ? 256 : 2 * m->room;
		if ((m->v = realloc(m->v, m->room * sizeof(*m->v))) == NULL)
			abort();
	}
	f = &m->v[m->n++];
	memset(f, 0, sizeof(*f));
	if (strlen(path) >= sizeof(f->path))
		abort();
	memcpy(f->path, path, strlen(path) + 1);
	f->mtime = mtime;
	if (data != NULL) {
		if ((f->data = malloc(n + 1)) == NULL)
			abort();
		memcpy(f->data, data, n);
		f->n = n;
	}
}

/* Add the directories above that are missing. */
static void
make_dirs(struct memstore *m, const char *path, int64_t mtime)
{
	char	 dir[128];
	size_t	 i;

	for (i = 1; path[i] != '\0'; i++) {
		if (path[i] != '/')
			continue;
		(void)snprintf(dir, sizeof(dir), "%.*s", (int)i, path);
		if (!memstore_has(m, dir))
			add(m, dir, NULL, 0, mtime);
	}
}

static void
put(struct memstore *m, const char *path, const char *data, size_t n,
    int64_t mtime)
{
	make_dirs(m, path, mtime);
	add(m, path, data, n, mtime);
}

void
memstore_put(struct memstore *m, const char *path, const char *text,
    int64_t mtime)
{
	memstore_remove(m, path);
	put(m, path, text, strlen(text), mtime);
}

void
memstore_rename(struct memstore *m, const char *from, const char *to)
{
	struct memstore_file	*f = memstore_find(m, from);

	if (f == NULL || memstore_has(m, to))
		abort();
	(void)snprintf(f->path, sizeof(f->path), "%s", to);
}

/* The data moves when the array grows, the bytes that it points to do not. */
void
memstore_link(struct memstore *m, const char *from, const char *to)
{
	const struct memstore_file	*f = memstore_find(m, from);
	struct memstore_file		 old;

	if (f == NULL || f->data == NULL || memstore_has(m, to))
		abort();
	old = *f;
	make_dirs(m, to, m->now);
	add(m, to, old.data, old.n, old.mtime);
}

void
memstore_copy(struct memstore *to, const struct memstore *from)
{
	size_t	 i;

	memstore_clear(to);
	to->now = from->now;
	for (i = 0; i < from->n; i++)
		add(to, from->v[i].path, from->v[i].data, from->v[i].n,
		    from->v[i].mtime);
}

static void
mem_free(struct store *s)
{
	backend_fini(s);
	free(s);
}

static int
mem_put_open(struct store_put **out, struct store *s, const char *path,
    size_t head, struct err *e)
{
	struct mem_put	*p = calloc(1, sizeof(*p));
	char		 tmp[STORE_PATHMAX];

	if (p == NULL || backend_tmp(s, path, tmp, e))
		abort();
	p->base.store = s;
	(void)snprintf(p->tmp, sizeof(p->tmp), "%.100s", inside(tmp));
	(void)snprintf(p->path, sizeof(p->path), "%.120s", inside(path));
	p->head = p->n = head;
	p->data = calloc(1, head + 1);
	*out = &p->base;
	return (0);
}

static int
mem_put_write(struct store_put *sp, const void *buf, size_t n, struct err *e)
{
	struct mem_put	*p = (struct mem_put *)sp;
	struct memstore	*m = of(sp->store);

	(void)e;
	if (!p->there) {
		put(m, p->tmp, "", 0, m->now);
		p->there = 1;
	}
	if ((p->data = realloc(p->data, p->n + n + 1)) == NULL)
		abort();
	memcpy(p->data + p->n, buf, n);
	p->n += n;
	return (0);
}

static int
mem_put_end(struct store_put *sp, const void *head, struct err *e)
{
	struct mem_put	*p = (struct mem_put *)sp;

	(void)e;
	if (p->head > 0)
		memcpy(p->data, head, p->head);
	return (0);
}

static int
mem_put_step(struct store_put *sp, struct err *e)
{
	struct mem_put	*p = (struct mem_put *)sp;
	struct memstore	*m = of(sp->store);

	if (memstore_has(m, p->path))
		return (err_set(e, ERR_CONFLICT, "%s exists already",
		    p->path));
	put(m, p->path, p->data, p->n, m->now);
	memstore_remove(m, p->tmp);
	return (0);
}

static void
mem_put_free(struct store_put *sp)
{
	struct mem_put	*p = (struct mem_put *)sp;

	memstore_remove(of(sp->store), p->tmp);
	free(p->data);
	free(p);
}

static int
mem_get_open(struct store_get **out, struct store *s, const char *path,
    struct err *e)
{
	struct mem_get	*g = calloc(1, sizeof(*g));

	(void)e;
	if (g == NULL)
		abort();
	g->base.store = s;
	(void)snprintf(g->path, sizeof(g->path), "%.120s", inside(path));
	*out = &g->base;
	return (0);
}

static int
mem_get_size(struct store_get *sg, uint64_t *size, struct err *e)
{
	struct memstore_file	*f;

	(void)e;
	f = memstore_find(of(sg->store), ((struct mem_get *)sg)->path);
	if (f == NULL)
		return (1);
	*size = f->n;
	return (0);
}

/* One range at a time is enough here. */
static int
mem_get_ask(struct store_get *sg, uint64_t off, uint64_t n, struct err *e)
{
	struct mem_get	*g = (struct mem_get *)sg;

	(void)e;
	if (g->end == 0)
		g->off = off;
	g->end = n == STORE_TO_END ? STORE_TO_END : off + n;
	return (0);
}

static int
mem_get_take(struct store_get *sg, void *buf, size_t n, size_t *got,
    struct err *e)
{
	struct mem_get		*g = (struct mem_get *)sg;
	struct memstore_file	*f = memstore_find(of(sg->store), g->path);

	(void)e;
	if (f == NULL)
		return (1);
	if (g->off > f->n)
		g->off = f->n;
	*got = n < f->n - g->off ? n : f->n - g->off;
	memcpy(buf, f->data + g->off, *got);
	g->off += *got;
	return (0);
}

static int
mem_get_ready(struct store_get *g)
{
	(void)g;
	return (1);
}

static void
mem_get_free(struct store_get *g)
{
	free(g);
}

static int
mem_load(struct store *s, const char *const *paths, size_t n, size_t max,
    const struct store_reading *to, struct err *e)
{
	struct memstore_file	*f;
	struct err		 why = ERR_INIT;
	size_t			 i;

	(void)max;
	(void)err_set(&why, ERR_REMOTE, "read: is a directory");
	for (i = 0; i < n; i++) {
		f = memstore_find(of(s), paths[i]);
		if (f != NULL && f->data == NULL) {
			if (to->unread == NULL)
				return (err_set(e, why.kind, "%s: %s",
				    paths[i], why.msg));
			if (to->unread(to->arg, i, &why, e))
				return (-1);
		} else if (to->each(to->arg, i, f == NULL ? NULL :
		    (uint8_t *)f->data, f == NULL ? 0 : f->n, e))
			return (-1);
	}
	return (0);
}

static int
list_one(struct memstore *m, size_t i, const char *dir,
    const struct store_listing *to, struct err *e)
{
	struct store_entry	 en;
	const char		*name;
	size_t			 k, n = strlen(dir);

	for (k = 0; k < m->n; k++) {
		if (strncmp(m->v[k].path, dir, n) != 0)
			continue;
		name = m->v[k].path + n;
		/* "" is the base itself, which always exists. */
		if ((n > 0 && *name++ != '/') || strchr(name, '/') != NULL)
			continue;
		en = (struct store_entry){ name, m->v[k].n, m->v[k].mtime,
		    m->v[k].data == NULL };
		if (to->each(to->arg, i, &en, 0, e))
			return (-1);
	}
	return (to->each(to->arg, i, NULL, n > 0 && !memstore_has(m, dir), e));
}

static int
mem_list(struct store *s, const char *const *paths, size_t n,
    const struct store_listing *to, struct err *e)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		if (list_one(of(s), i, paths[i], to, e))
			return (-1);
	return (0);
}

static int
mem_rename(struct store *s, const char *from, const char *to, struct err *e)
{
	struct memstore	*m = of(s);

	if (!memstore_has(m, inside(from)))
		return (err_set(e, ERR_ABSENT, "rename %s: no such file",
		    from));
	if (memstore_has(m, inside(to)))
		return (err_set(e, ERR_CONFLICT, "%s exists already", to));
	make_dirs(m, inside(to), m->now);
	memstore_rename(m, inside(from), inside(to));
	return (0);
}

static int
mem_settle(struct store *s, const char *const *paths, size_t n,
    struct err *e)
{
	(void)s;
	(void)paths;
	(void)n;
	(void)e;
	return (0);
}

/* A directory's time changes when an entry is added or removed. */
static void
touch_parent(struct memstore *m, const char *path)
{
	struct memstore_file	*f;
	char			 dir[128];

	(void)snprintf(dir, sizeof(dir), "%.*s",
	    (int)(strrchr(path, '/') - path), path);
	if ((f = memstore_find(m, dir)) != NULL)
		f->mtime = m->now;
}

static int
mem_remove(struct store *s, const char *const *paths, size_t n,
    struct err *e)
{
	size_t	 i;

	(void)e;
	for (i = 0; i < n; i++) {
		if (memstore_has(of(s), paths[i]))
			touch_parent(of(s), paths[i]);
		memstore_remove(of(s), paths[i]);
	}
	return (0);
}

static int
is_empty(const struct memstore *m, const char *dir)
{
	size_t	 i, n = strlen(dir);

	for (i = 0; i < m->n; i++)
		if (strncmp(m->v[i].path, dir, n) == 0 &&
		    m->v[i].path[n] == '/')
			return (0);
	return (1);
}

static int
mem_rmdir(struct store *s, const char *const *paths, size_t n,
    struct err *e)
{
	size_t	 i;

	(void)e;
	for (i = 0; i < n; i++)
		if (is_empty(of(s), paths[i]))
			memstore_remove(of(s), paths[i]);
	return (0);
}

static int
mem_mkdir(struct store *s, const char *path, struct err *e)
{
	struct memstore	*m = of(s);

	if (memstore_has(m, inside(path)))
		return (err_set(e, ERR_CONFLICT, "%s exists already", path));
	make_dirs(m, inside(path), m->now);
	add(m, inside(path), NULL, 0, m->now);
	return (0);
}

static int
mem_append_open(struct store_append **out, struct store *s, const char *path,
    struct err *e)
{
	struct mem_append	*p = calloc(1, sizeof(*p));
	struct memstore		*m = of(s);

	if (p == NULL)
		abort();
	if (memstore_has(m, inside(path))) {
		free(p);
		return (err_set(e, ERR_CONFLICT, "%s exists already", path));
	}
	p->base.store = s;
	(void)snprintf(p->path, sizeof(p->path), "%.120s", inside(path));
	put(m, p->path, "", 0, m->now);
	*out = &p->base;
	return (0);
}

static int
mem_append_send(struct store_append *sa, const void *buf, size_t n,
    struct err *e)
{
	struct mem_append	*p = (struct mem_append *)sa;
	struct memstore_file	*f = memstore_find(of(sa->store), p->path);

	if (f == NULL || f->n != p->n)
		return (err_set(e, ERR_REMOTE, "%s was removed while it was "
		    "written", p->path));
	if ((f->data = realloc(f->data, f->n + n + 1)) == NULL)
		abort();
	memcpy(f->data + f->n, buf, n);
	p->n = f->n += n;
	f->mtime = of(sa->store)->now;
	return (0);
}

static int
mem_append_step(struct store_append *sa, uint64_t *durable, struct err *e)
{
	(void)e;
	*durable = ((struct mem_append *)sa)->n;
	return (0);
}

static void
mem_append_free(struct store_append *sa)
{
	free(sa);
}

static int
mem_append_wait(struct store *s, struct pollfd *fds, size_t n, int ms,
    struct err *e)
{
	(void)s;
	if (poll(fds, (nfds_t)n, ms) == -1)
		return (err_sys(e, ERR_LOCAL, "poll"));
	return (0);
}

static int
mem_wait(struct store *s, struct err *e)
{
	(void)s;
	(void)e;
	return (0);
}

static int
mem_about(struct store *s, struct store_about *about, struct err *e)
{
	(void)s;
	(void)e;
	about->fsync = about->hardlink = 1;
	return (0);
}

static const struct store_ops mem_ops = {
	.free = mem_free,
	.put_open = mem_put_open,
	.put_write = mem_put_write,
	.put_end = mem_put_end,
	.put_step = mem_put_step,
	.put_free = mem_put_free,
	.get_open = mem_get_open,
	.get_size = mem_get_size,
	.get_ask = mem_get_ask,
	.get_take = mem_get_take,
	.get_ready = mem_get_ready,
	.get_free = mem_get_free,
	.load = mem_load,
	.list = mem_list,
	.rename = mem_rename,
	.settle = mem_settle,
	.remove = mem_remove,
	.rmdir = mem_rmdir,
	.mkdir = mem_mkdir,
	.append_open = mem_append_open,
	.append_send = mem_append_send,
	.append_step = mem_append_step,
	.append_free = mem_append_free,
	.append_wait = mem_append_wait,
	.wait = mem_wait,
	.poll = mem_wait,
	.keep = mem_wait,
	.about = mem_about
};

struct archive *
memstore_open(struct memstore *m, const struct key *key)
{
	struct mem	*s = calloc(1, sizeof(*s));
	struct archive	*a = calloc(1, sizeof(*a));
	struct err	 e = ERR_INIT;

	if (s == NULL || a == NULL || backend_init(&s->base, &mem_ops, "memory",
	    ROOT, &e))
		abort();
	s->m = m;
	a->store = &s->base;
	a->key = key;
	(void)snprintf(a->server, sizeof(a->server), "main");
	a->system_id = 7;
	return (a);
}
