/* SPDX-License-Identifier: ISC */
/* A store as programs see it, over the disk of the storage host. */
#include <errno.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "sim.h"
#include "simdisk.h"
#include "simstore.h"
#include "store/backend.h"
#include "store/ranges.h"
#include "store/store.h"

#define GHOSTS	64

struct conn {
	struct store	 base;
	struct simactor	*actor;
	long		 pid;		/* of the run that opened it */
	unsigned	 epoch;
	int		 lost;
};

enum stage { WRITING, WHOLE, NAMED, DONE };

struct put {
	struct store_put base;
	enum stage	 stage;
	char		 path[SIMDISK_PATH], tmp[SIMDISK_PATH];
	struct simnode	*node;		/* a reference; NULL: none yet */
	size_t		 head;
	char		*data;
	size_t		 n;
};

struct get {
	struct store_get base;
	char		 path[SIMDISK_PATH];
	int		 opened;
	struct simnode	*node;		/* a reference; NULL: missing */
	struct ranges	 asked;
};

/* A request that the server still has of a connection that was cut. */
struct ghost {
	char		 what;		/* 'l'ink, 'u'nlink, 'r'ename */
	char		 path[SIMDISK_PATH], to[SIMDISK_PATH];
	struct simnode	*node;
};

static struct {
	struct simstore_faults	 faults;
	struct ghost		 ghost[GHOSTS];
	size_t			 nghosts;
} all;

int	 __wrap_store_open(struct store **, const struct store_conf *,
	    struct err *);

static struct conn *
of(struct store *s)
{
	return ((struct conn *)s);
}

/* A full path without the root, for the trace. */
static const char *
brief(const char *path)
{
	size_t	 n = strlen(SIMSTORE_ROOT);
	int	 i;

	for (i = 0; i < 3 && path[n] != '\0'; i++)
		n += 1 + strcspn(path + n + 1, "/");
	return (path[n] == '\0' ? path : path + n + 1);
}

static int
fails(struct conn *c, struct err *e)
{
	if (c->actor->dead || c->actor->pid != c->pid)
		return (err_set(e, ERR_REMOTE, "the process was killed"));
	if (c->epoch != simdisk_epoch())
		c->lost = 1;
	if (c->lost)
		return (err_set(e, ERR_REMOTE, "the connection is lost"));
	return (0);
}

static int
is_cut(struct conn *c, const char *when, struct err *e)
{
	if (all.faults.cut == 0 || !sim_chance(all.faults.cut))
		return (0);
	c->lost = 1;
	sim_say("cut %s", when);
	return (err_set(e, ERR_REMOTE, "the connection is lost"));
}

/* The request is on its way.  Returns 0 if it is to be obeyed now. */
static int
request(struct store *s, const char *what, const char *path, struct err *e)
{
	if (fails(of(s), e))
		return (-1);
	sim_yield("%s %s", what, brief(path));
	if (fails(of(s), e))
		return (-1);
	return (is_cut(of(s), "before", e));
}

/* It was obeyed; the answer is on its way. */
static int
answer(struct store *s, const char *what, struct err *e)
{
	if (is_cut(of(s), "behind", e))
		return (-1);
	if (sim_chance(3))
		sim_yield("%s: answered", what);
	return (fails(of(s), e));
}

/* The request of a connection that was cut may be obeyed later. */
static void
haunt(char what, const char *path, const char *to, struct simnode *node)
{
	struct ghost	*g;

	if (all.faults.ghost == 0 || all.nghosts == GHOSTS ||
	    !sim_chance(all.faults.ghost))
		return;
	g = &all.ghost[all.nghosts++];
	g->what = what;
	(void)snprintf(g->path, sizeof(g->path), "%s", path);
	(void)snprintf(g->to, sizeof(g->to), "%s", to == NULL ? "" : to);
	g->node = node;
	if (node != NULL)
		simdisk_ref(node);
}

static void
obey(const struct ghost *g)
{
	int	 rc = 0;

	switch (g->what) {
	case 'l':
		rc = simdisk_link(g->path, g->node);
		break;
	case 'u':
		rc = simdisk_unlink(g->path);
		break;
	case 'r':
		rc = simdisk_rename(g->path, g->to);
		break;
	}
	sim_say("late: %c %s: %s", g->what, brief(g->path), rc == 0 ? "done" :
	    strerror(rc));
}

/*
 * A server that was cut off from its client ends soon, but has what came
 * until then.
 */
void
simstore_haunt(void)
{
	struct ghost	 g;
	size_t		 i;

	if (all.nghosts == 0 || !sim_chance(20))
		return;
	i = sim_rand(all.nghosts);
	g = all.ghost[i];
	all.ghost[i] = all.ghost[--all.nghosts];
	obey(&g);
	simdisk_unref(g.node);
}

void
simstore_crash(void)
{
	while (all.nghosts > 0)
		simdisk_unref(all.ghost[--all.nghosts].node);
}

static int
no_base(const struct store *s, struct err *e)
{
	return (err_set(e, ERR_REMOTE, "%s: the repository's folder is "
	    "missing; is its disk mounted?", s->base));
}

/* Make the directories above "path" that the store may make. */
static int
make_dirs(struct store *s, const char *path, struct err *e)
{
	char	 dir[SIMDISK_PATH];
	size_t	 n = backend_first_dir(s, path);

	while (path[n] != '\0') {
		(void)snprintf(dir, sizeof(dir), "%.*s", (int)n, path);
		if (simdisk_mkdir(dir) == ENOENT)
			return (no_base(s, e));
		n += 1 + strcspn(path + n + 1, "/");
	}
	return (0);
}

static void
conn_free(struct store *s)
{
	backend_fini(s);
	free(s);
}

/* --- Put --- */

static int
put_open(struct store_put **out, struct store *s, const char *path,
    size_t head, struct err *e)
{
	struct put	*p;
	char		 tmp[STORE_PATHMAX];

	if (fails(of(s), e))
		return (-1);
	if ((p = calloc(1, sizeof(*p))) == NULL || backend_tmp(s, path, tmp,
	    e) || (p->data = calloc(1, head + 1)) == NULL)
		abort();
	p->base.store = s;
	(void)snprintf(p->path, sizeof(p->path), "%s", path);
	(void)snprintf(p->tmp, sizeof(p->tmp), "%.190s", tmp);
	p->head = p->n = head;
	*out = &p->base;
	return (0);
}

/* The temporary file, with the first write. */
static int
create(struct put *p, struct err *e)
{
	struct store	*s = p->base.store;

	if (p->node != NULL)
		return (fails(of(s), e));
	if (request(s, "create for", p->path, e) ||
	    make_dirs(s, p->tmp, e) || make_dirs(s, p->path, e))
		return (-1);
	p->node = simdisk_file("", 0);
	if (simdisk_link(p->tmp, p->node) != 0)
		return (err_set(e, ERR_REMOTE, "create %s", p->tmp));
	return (0);
}

static int
put_write(struct store_put *sp, const void *buf, size_t n, struct err *e)
{
	struct put	*p = (struct put *)sp;

	if (create(p, e))
		return (-1);
	if ((p->data = realloc(p->data, p->n + n + 1)) == NULL)
		abort();
	memcpy(p->data + p->n, buf, n);
	p->n += n;
	p->node->mtime = simdisk_now();
	return (0);
}

/* All of it is in the file, and durable. */
static int
put_end(struct store_put *sp, const void *head, struct err *e)
{
	struct put	*p = (struct put *)sp;

	if (create(p, e))
		return (-1);
	if (p->head > 0)
		memcpy(p->data, head, p->head);
	free(p->node->data);
	p->node->data = p->data;
	p->node->n = p->n;
	p->node->mtime = simdisk_now();
	p->data = NULL;
	p->stage = WHOLE;
	return (0);
}

static int
give_name(struct put *p, int *taken, struct err *e)
{
	struct store	*s = p->base.store;
	int		 rc;

	if (request(s, "name", p->path, e)) {
		if (of(s)->lost && !of(s)->actor->dead)
			haunt('l', p->path, NULL, p->node);
		return (-1);
	}
	if ((rc = simdisk_link(p->path, p->node)) == ENOENT) {
		if (make_dirs(s, p->path, e))
			return (-1);
		rc = simdisk_link(p->path, p->node);
	}
	*taken = rc == EEXIST;
	return (answer(s, "name", e));
}

static int
put_step(struct store_put *sp, struct err *e)
{
	struct put	*p = (struct put *)sp;
	struct store	*s = sp->store;
	int		 taken = 0;

	if (p->stage == DONE)
		return (0);
	if (p->stage == WHOLE) {
		if (give_name(p, &taken, e))
			return (-1);
		if (!taken) {
			p->stage = NAMED;
			return (1);
		}
	}
	if (request(s, "sync", p->path, e))
		return (-1);
	simdisk_sync(p->path);
	if (answer(s, "sync", e))
		return (-1);
	if (taken)
		return (err_set(e, ERR_CONFLICT, "%s exists already",
		    p->path));
	if (of(s)->actor->may_delete)
		(void)simdisk_unlink(p->tmp);
	p->stage = DONE;
	return (0);
}

static int
put_named(const struct store_put *sp)
{
	return (((const struct put *)sp)->stage >= NAMED);
}

static void
put_free(struct store_put *sp)
{
	struct put	*p = (struct put *)sp;
	struct conn	*c = of(sp->store);
	struct err	 unused = ERR_INIT;

	if (p->node != NULL && p->stage != DONE && c->actor->may_delete &&
	    fails(c, &unused) == 0)
		(void)simdisk_unlink(p->tmp);
	simdisk_unref(p->node);
	free(p->data);
	free(p);
}

/* --- Get --- */

static int
get_open(struct store_get **out, struct store *s, const char *path,
    struct err *e)
{
	struct get	*g;

	if (fails(of(s), e))
		return (-1);
	if ((g = calloc(1, sizeof(*g))) == NULL)
		abort();
	g->base.store = s;
	(void)snprintf(g->path, sizeof(g->path), "%s", path);
	*out = &g->base;
	return (0);
}

static int
really_open(struct get *g, struct err *e)
{
	struct store	*s = g->base.store;

	if (g->opened)
		return (fails(of(s), e));
	if (request(s, "open", g->path, e))
		return (-1);
	g->opened = 1;
	if ((g->node = simdisk_find(g->path)) != NULL && g->node->is_dir)
		g->node = NULL;
	if (g->node != NULL)
		simdisk_ref(g->node);
	return (answer(s, "open", e));
}

static int
get_size(struct store_get *sg, uint64_t *size, struct err *e)
{
	struct get	*g = (struct get *)sg;

	if (really_open(g, e))
		return (-1);
	if (g->node == NULL)
		return (1);
	*size = g->node->n;
	return (0);
}

static int
get_ask(struct store_get *sg, uint64_t off, uint64_t n, struct err *e)
{
	struct get	*g = (struct get *)sg;

	return (ranges_add(&g->asked, off, n, e));
}

static int
get_take(struct store_get *sg, void *buf, size_t n, size_t *got,
    struct err *e)
{
	struct get	*g = (struct get *)sg;
	uint64_t	 off;
	size_t		 len, have;
	int		 open_end;

	*got = 0;
	if (really_open(g, e))
		return (-1);
	if (g->node == NULL)
		return (1);
	while (*got < n &&
	    (len = ranges_take(&g->asked, n - *got, &off, &open_end)) > 0) {
		have = off >= g->node->n ? 0 : (size_t)(g->node->n - off);
		if (have > len)
			have = len;
		memcpy((char *)buf + *got, g->node->data + off, have);
		*got += have;
		if (have == len)
			continue;
		if (!open_end)
			return (err_set(e, ERR_CORRUPT, "%s: cut short at "
			    "%zu bytes", g->path, g->node->n));
		ranges_end(&g->asked);
	}
	return (0);
}

static int
get_ready(struct store_get *g)
{
	(void)g;
	return (1);
}

static void
get_free(struct store_get *sg)
{
	struct get	*g = (struct get *)sg;

	simdisk_unref(g->node);
	ranges_free(&g->asked);
	free(g);
}

static int
load_one(struct store *s, const char *path, size_t i, size_t max,
    const struct store_reading *to, struct err *e)
{
	struct simnode	*d;
	struct err	 why = ERR_INIT;
	int		 rc;

	if (request(s, "load", path, e))
		return (-1);
	if ((d = simdisk_find(path)) == NULL || d->is_dir)
		return (to->each(to->arg, i, NULL, 0, e));
	if (d->n > max) {
		(void)err_set(&why, ERR_CORRUPT, "%s: %zu bytes, expected at "
		    "most %zu", path, d->n, max);
		return (to->unread != NULL ? to->unread(to->arg, i, &why, e) :
		    err_set(e, why.kind, "%s", why.msg));
	}
	simdisk_ref(d);
	rc = to->each(to->arg, i, (const uint8_t *)d->data, d->n, e);
	simdisk_unref(d);
	return (rc);
}

static int
conn_load(struct store *s, const char *const *paths, size_t n, size_t max,
    const struct store_reading *to, struct err *e)
{
	char	 full[STORE_PATHMAX];
	size_t	 i;

	for (i = 0; i < n; i++)
		if (backend_full(s, paths[i], full, e) ||
		    load_one(s, full, i, max, to, e))
			return (-1);
	return (answer(s, "load", e));
}

/* --- List --- */

struct listing {
	struct {
		char		 name[96];
		uint64_t	 size;
		int64_t		 mtime;
		int		 is_dir;
	}		*v;
	size_t		 n, room;
	unsigned	 half;		/* 0 and 1: of the names; 2: all */
};

static void
on_name(void *arg, const char *name, const struct simnode *d)
{
	struct listing	*l = arg;
	unsigned	 h = 0;
	const char	*p;

	for (p = name; *p != '\0'; p++)
		h = h * 31 + (unsigned char)*p;
	if (l->half < 2 && (h >> 3) % 2 != l->half)
		return;
	if (l->n == l->room) {
		l->room = l->room == 0 ? 32 : 2 * l->room;
		if ((l->v = realloc(l->v, l->room * sizeof(*l->v))) == NULL)
			abort();
	}
	(void)snprintf(l->v[l->n].name, sizeof(l->v->name), "%.95s", name);
	l->v[l->n].size = d->n;
	l->v[l->n].mtime = d->mtime;
	l->v[l->n++].is_dir = d->is_dir;
}

static int
show(const struct listing *l, size_t i, store_listed *each, void *arg,
    struct err *e)
{
	struct store_entry	 en;
	size_t			 k;

	for (k = 0; k < l->n; k++) {
		en = (struct store_entry){ l->v[k].name, l->v[k].size,
		    l->v[k].mtime, l->v[k].is_dir };
		if (each(arg, i, &en, 0, e))
			return (-1);
	}
	return (each(arg, i, NULL, 0, e));
}

/*
 * Now and then one half of the names is of a later moment than the other, as
 * in a directory that is read while names come and go.
 */
static int
list_one(struct store *s, const char *dir, size_t i, store_listed *each,
    void *arg, struct err *e)
{
	struct listing	 l = { .half = sim_chance(4) ? 0 : 2 };
	int		 rc = -1;

	if (request(s, "list", dir, e))
		return (-1);
	if (simdisk_list(dir, on_name, &l) == ENOENT)
		return (each(arg, i, NULL, 1, e));
	if (l.half == 0) {
		l.half = 1;
		if (request(s, "list on", dir, e))
			goto out;
		(void)simdisk_list(dir, on_name, &l);
	}
	rc = show(&l, i, each, arg, e);
out:
	free(l.v);
	return (rc);
}

static int
conn_list(struct store *s, const char *const *paths, size_t n,
    const struct store_listing *to, struct err *e)
{
	char	 full[STORE_PATHMAX];
	size_t	 i;

	for (i = 0; i < n; i++)
		if (backend_full(s, paths[i], full, e) ||
		    list_one(s, full, i, to->each, to->arg, e))
			return (-1);
	return (answer(s, "list", e));
}

/* --- Append --- */

struct append {
	struct store_append base;
	char		 path[SIMDISK_PATH];
	struct simnode	*node;		/* a reference; NULL: not made yet */
	size_t		 durable;
};

static int
append_open(struct store_append **out, struct store *s, const char *path,
    struct err *e)
{
	struct append	*p;

	if (fails(of(s), e))
		return (-1);
	if ((p = calloc(1, sizeof(*p))) == NULL)
		abort();
	p->base.store = s;
	(void)snprintf(p->path, sizeof(p->path), "%s", path);
	*out = &p->base;
	return (0);
}

/* The file, under its name, with the first flight. */
static int
append_create(struct append *p, struct err *e)
{
	struct store	*s = p->base.store;

	if (p->node != NULL)
		return (fails(of(s), e));
	if (request(s, "append to", p->path, e) || make_dirs(s, p->path, e))
		return (-1);
	p->node = simdisk_file("", 0);
	if (simdisk_link(p->path, p->node) != 0)
		return (err_set(e, ERR_CONFLICT, "%s exists already",
		    p->path));
	simdisk_sync(p->path);
	return (answer(s, "append to", e));
}

/* Written; whether that is known depends on the answer. */
static int
append_send(struct store_append *sa, const void *buf, size_t n,
    struct err *e)
{
	struct append	*p = (struct append *)sa;
	struct simnode	*d;

	if (append_create(p, e) || request(sa->store, "write", p->path, e))
		return (-1);
	d = p->node;
	if ((d->data = realloc(d->data, d->n + n + 1)) == NULL)
		abort();
	memcpy(d->data + d->n, buf, n);
	d->n += n;
	d->mtime = simdisk_now();
	if (answer(sa->store, "write", e))
		return (-1);
	if (simdisk_find(p->path) != d)
		return (err_set(e, ERR_REMOTE, "%s was removed while it was "
		    "written", p->path));
	p->durable = d->n;
	return (0);
}

static int
append_step(struct store_append *sa, uint64_t *durable, struct err *e)
{
	*durable = ((const struct append *)sa)->durable;
	return (fails(of(sa->store), e));
}

static void
append_free(struct store_append *sa)
{
	simdisk_unref(((struct append *)sa)->node);
	free(sa);
}

static int
append_wait(struct store *s, struct pollfd *fds, size_t n, int ms,
    struct err *e)
{
	(void)fds;
	(void)n;
	(void)ms;
	if (fails(of(s), e))
		return (-1);
	sim_yield("wait");
	return (fails(of(s), e));
}

/* --- Names --- */

static int
refused(struct store *s, const char *what, const char *path, struct err *e)
{
	if (of(s)->actor->may_delete)
		return (0);
	return (err_set(e, ERR_REMOTE, "%s %s: permission denied", what,
	    path));
}

/*
 * OpenSSH's server links and unlinks, one right after the other.  If the host
 * crashes in between both names stay.
 */
static int
half_rename(const char *from, const char *to)
{
	struct simnode	*d = simdisk_find(from);
	int		 rc;

	if (d == NULL)
		return (ENOENT);
	if ((rc = simdisk_link(to, d)) != 0)
		return (rc);
	simdisk_sync(to);
	sim_say("the storage host crashes half way through a rename");
	simdisk_crash();
	simstore_crash();
	return (0);
}

static int
conn_rename(struct store *s, const char *from, const char *to,
    struct err *e)
{
	int	 rc;

	if (refused(s, "rename", from, e))
		return (-1);
	if (request(s, "rename", from, e)) {
		if (of(s)->lost && !of(s)->actor->dead)
			haunt('r', from, to, NULL);
		return (-1);
	}
	if (make_dirs(s, to, e))
		return (-1);
	rc = all.faults.half != 0 && sim_chance(all.faults.half) ?
	    half_rename(from, to) : simdisk_rename(from, to);
	if (answer(s, "rename", e))
		return (-1);
	if (rc == EEXIST)
		return (err_set(e, ERR_CONFLICT, "%s exists already", to));
	if (rc == ENOENT)
		return (err_set(e, ERR_ABSENT, "rename %s: no such file",
		    from));
	if (request(s, "sync", to, e))
		return (-1);
	simdisk_sync(to);
	simdisk_sync(from);
	return (answer(s, "sync", e));
}

static int
conn_settle(struct store *s, const char *const *paths, size_t n,
    struct err *e)
{
	char	 full[STORE_PATHMAX];
	size_t	 i;

	for (i = 0; i < n; i++) {
		if (backend_full(s, paths[i], full, e) ||
		    request(s, "settle", full, e))
			return (-1);
		simdisk_sync(full);
		if (answer(s, "settle", e))
			return (-1);
	}
	return (0);
}

static int
remove_one(struct store *s, const char *path, struct err *e)
{
	if (request(s, "remove", path, e)) {
		if (of(s)->lost && !of(s)->actor->dead)
			haunt('u', path, NULL, NULL);
		return (-1);
	}
	(void)simdisk_unlink(path);
	return (0);
}

static int
conn_remove(struct store *s, const char *const *paths, size_t n,
    struct err *e)
{
	char	 full[STORE_PATHMAX];
	size_t	 i;

	if (n > 0 && refused(s, "remove", paths[0], e))
		return (-1);
	for (i = 0; i < n; i++)
		if (backend_full(s, paths[i], full, e) ||
		    remove_one(s, full, e))
			return (-1);
	return (answer(s, "remove", e));
}

static int
conn_rmdir(struct store *s, const char *const *paths, size_t n,
    struct err *e)
{
	char	 full[STORE_PATHMAX];
	size_t	 i;

	if (n > 0 && refused(s, "remove directory", paths[0], e))
		return (-1);
	for (i = 0; i < n; i++) {
		if (backend_full(s, paths[i], full, e) ||
		    request(s, "rmdir", full, e))
			return (-1);
		(void)simdisk_rmdir(full);
	}
	return (answer(s, "rmdir", e));
}

static int
conn_mkdir(struct store *s, const char *path, struct err *e)
{
	int	 rc;

	if (request(s, "mkdir", path, e) || make_dirs(s, path, e))
		return (-1);
	rc = simdisk_mkdir(path);
	if (answer(s, "mkdir", e))
		return (-1);
	if (rc == EEXIST)
		return (err_set(e, ERR_CONFLICT, "%s exists already", path));
	return (rc == 0 ? 0 : no_base(s, e));
}

static int
conn_wait(struct store *s, struct err *e)
{
	if (fails(of(s), e))
		return (-1);
	sim_yield("wait");
	return (fails(of(s), e));
}

static int
conn_poll(struct store *s, struct err *e)
{
	return (fails(of(s), e));
}

static const struct store_ops	 ops = {
	.free = conn_free,
	.put_open = put_open,
	.put_write = put_write,
	.put_end = put_end,
	.put_step = put_step,
	.put_named = put_named,
	.put_free = put_free,
	.get_open = get_open,
	.get_size = get_size,
	.get_ask = get_ask,
	.get_take = get_take,
	.get_ready = get_ready,
	.get_free = get_free,
	.load = conn_load,
	.list = conn_list,
	.rename = conn_rename,
	.settle = conn_settle,
	.remove = conn_remove,
	.rmdir = conn_rmdir,
	.mkdir = conn_mkdir,
	.append_open = append_open,
	.append_send = append_send,
	.append_step = append_step,
	.append_free = append_free,
	.append_wait = append_wait,
	.wait = conn_wait,
	.poll = conn_poll,
	.keep = conn_poll
};

int
__wrap_store_open(struct store **out, const struct store_conf *conf,
    struct err *e)
{
	struct conn	*c;

	(void)conf;
	if (sim_self()->dead)
		return (err_set(e, ERR_REMOTE, "the process was killed"));
	if ((c = calloc(1, sizeof(*c))) == NULL)
		abort();
	if (backend_init(&c->base, &ops, "simulated", SIMSTORE_ROOT, e))
		abort();
	c->actor = sim_self();
	c->pid = c->actor->pid;
	c->epoch = simdisk_epoch();
	*out = &c->base;
	return (0);
}

void
simstore_begin(const struct simstore_faults *f)
{
	memset(&all, 0, sizeof(all));
	all.faults = *f;
}

void
simstore_end(void)
{
	simstore_crash();
}
