/* SPDX-License-Identifier: ISC */
/*
 * Which clusters a server has had: each has a folder of its own, named by its
 * system identifier.  pg_upgrade and initdb each begin another one.
 *
 * A push may make directories there, and files, so a thief of its key can.
 * What such a name holds must not keep readers from the genuine clusters; the
 * marker tells them apart.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "repo/clusterids.h"
#include "repo/layout.h"
#include "repo/marker.h"

struct one {
	uint64_t	 id;
	int		 is_dir;
	int		 holds;		/* something besides tmp/ */
	int		 genuine;	/* it has an authentic marker */
};

/* What was found so far. */
struct found {
	struct archive	*a;
	struct one	*v;		/* owned */
	size_t		 n, room, genuine;
	/* Those of them that are asked for in one flight; owned. */
	struct one	**of;
	char		(*path)[LAYOUT_PATH];
	const char	**paths;
	size_t		 npath;
	/* What is wrong with the marker of "bad". */
	uint64_t	 bad;
	struct err	 why;
};

static int
on_system(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct found	*f = arg;
	uint64_t	 id;
	void		*p;

	(void)i;
	(void)missing;
	if (en == NULL || !layout_system_id(en->name, &id))
		return (0);
	if (f->n == f->room) {
		f->room = f->room == 0 ? 16 : 2 * f->room;
		p = reallocarray(f->v, f->room, sizeof(*f->v));
		if (p == NULL)
			return (err_sys(e, ERR_LOCAL, "list the systems"));
		f->v = p;
	}
	f->v[f->n++] = (struct one){ .id = id, .is_dir = en->is_dir };
	return (0);
}

static int
compare(const void *va, const void *vb)
{
	const struct one	*a = va, *b = vb;

	return (a->id < b->id ? -1 : a->id > b->id);
}

/* A listing from a host that is not trusted may name one twice. */
static int
settle(struct found *f, struct err *e)
{
	size_t	 i, n = 0;

	if (f->n > 0)
		qsort(f->v, f->n, sizeof(*f->v), compare);
	for (i = 0; i < f->n; i++)
		if (n == 0 || f->v[i].id != f->v[n - 1].id)
			f->v[n++] = f->v[i];
	f->n = n;
	f->of = calloc(n + 1, sizeof(*f->of));
	f->path = calloc(n + 1, sizeof(*f->path));
	f->paths = calloc(n + 1, sizeof(*f->paths));
	if (f->of == NULL || f->path == NULL || f->paths == NULL)
		return (err_sys(e, ERR_LOCAL, "list the systems"));
	return (0);
}

/*
 * The paths of the directories that have no authentic marker, as far as is
 * known, with "file" behind each.  What is no directory may be a link, which
 * leads out of the repository.
 */
static int
make_paths(struct found *f, const char *file, struct err *e)
{
	char	 dir[LAYOUT_PATH];
	size_t	 i;

	f->npath = 0;
	for (i = 0; i < f->n; i++) {
		if (!f->v[i].is_dir || f->v[i].genuine)
			continue;
		f->of[f->npath] = &f->v[i];
		f->paths[f->npath] = f->path[f->npath];
		if (layout_enter(dir, f->a->server, f->v[i].id, e) ||
		    str_fmt(f->path[f->npath++], sizeof(*f->path), e, "%s%s",
		    dir, file))
			return (-1);
	}
	return (0);
}

/* Keep the reason that belongs to the first of them. */
static void
note(struct found *f, const struct one *c, const struct err *why)
{
	if (f->why.kind != ERR_NONE && f->bad < c->id)
		return;
	f->bad = c->id;
	f->why = *why;
}

static int
on_marker(void *arg, size_t i, const uint8_t *data, size_t n, struct err *e)
{
	struct found	*f = arg;
	struct err	 why = ERR_INIT;
	struct marker	 m;

	if (data == NULL)
		return (0);
	f->a->system_id = f->of[i]->id;
	if (marker_parse(&m, data, n, f->a, &why) == 0) {
		f->of[i]->genuine = 1;
		f->genuine++;
		return (0);
	}
	if (why.kind != ERR_CORRUPT)
		return (err_set(e, why.kind, "%s", why.msg));
	f->of[i]->holds = 1;
	note(f, f->of[i], &why);
	return (0);
}

static int
on_unread(void *arg, size_t i, const struct err *why, struct err *e)
{
	struct found	*f = arg;

	/* A disk that fails makes no genuine cluster an odd one. */
	if (!err_of_one_file(why))
		return (err_set(e, why->kind, "%s", why->msg));
	f->of[i]->holds = 1;
	note(f, f->of[i], why);
	return (0);
}

static int
on_content(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct found	*f = arg;

	(void)missing;
	(void)e;
	if (en != NULL && strcmp(en->name, LAYOUT_TMP) != 0)
		f->of[i]->holds = 1;
	return (0);
}

/*
 * One that cannot be listed must not hide the clusters, and counts as one that
 * holds something.
 */
static int
on_unlisted(void *arg, size_t i, const struct err *why, struct err *e)
{
	struct found	*f = arg;

	(void)why;
	(void)e;
	f->of[i]->holds = 1;
	return (0);
}

/* Beside a genuine cluster: find out which of the others hold something. */
static int
look_inside(struct found *f, struct err *e)
{
	const struct store_listing	 to = { on_content, on_unlisted, f };

	return (make_paths(f, "", e) || (f->npath > 0 &&
	    store_list_each(f->a->store, f->paths, f->npath, &to, e)) ?
	    -1 : 0);
}

/*
 * No cluster is genuine: leave out the directories that hold nothing, unless
 * all of them do.  Then the disk may not be mounted, and callers find out that
 * the marker is missing.
 */
static int
drop_empty(struct found *f, struct err *e)
{
	size_t	 i, kept = 0;

	for (i = 0; i < f->n; i++)
		/* Left out, it would look as if it had never been there. */
		if (!f->v[i].is_dir)
			return (err_set(e, ERR_CORRUPT, "%" PRIu64 ", where a "
			    "cluster's directory is expected, is no "
			    "directory; a symbolic link there is not followed,"
			    " find out who made it", f->v[i].id));
	if (make_paths(f, "", e) || (f->npath > 0 && store_list(f->a->store,
	    f->paths, f->npath, on_content, f, e)))
		return (-1);
	for (i = 0; i < f->n; i++)
		if (f->v[i].holds)
			f->v[kept++] = f->v[i];
	if (kept > 0)
		f->n = kept;
	return (0);
}

/* Why the first that is no cluster is none. */
static void
explain(struct clusterids *c, const struct found *f, const struct one *first)
{
	struct err	 why = ERR_INIT;

	if (!first->is_dir)
		err_set(&why, ERR_CORRUPT, "it is no directory");
	else if (f->why.kind != ERR_NONE && f->bad == first->id)
		why = f->why;
	else
		err_set(&why, ERR_CORRUPT, "it has no file \"%s\"",
		    LAYOUT_MARKER);
	memcpy(c->why, why.msg, sizeof(c->why));
}

static int
share_out(struct clusterids *c, const struct found *f, struct err *e)
{
	const struct one	*p;

	c->id = calloc(f->n + 1, sizeof(*c->id));
	c->odd = calloc(f->n + 1, sizeof(*c->odd));
	if (c->id == NULL || c->odd == NULL)
		return (err_sys(e, ERR_LOCAL, "list the systems"));
	for (p = f->v; p < f->v + f->n; p++)
		if (p->genuine || f->genuine == 0)
			c->id[c->n++] = p->id;
		else if (p->holds || !p->is_dir) {
			if (c->nodd == 0)
				explain(c, f, p);
			c->odd[c->nodd++] = p->id;
		}
	return (0);
}

int
clusterids_list(struct clusterids *c, struct archive *a, struct err *e)
{
	const char			*server = a->server;
	struct found			 f = { .a = a, .why = ERR_INIT };
	const struct store_reading	 to = { on_marker, on_unread, &f };
	int				 rc = -1;

	memset(c, 0, sizeof(*c));
	if (!layout_server_ok(server))
		return (err_set(e, ERR_CONFIG, "not a server's name"));
	if (store_list(a->store, &server, 1, on_system, &f, e) ||
	    settle(&f, e) ||
	    make_paths(&f, "/" LAYOUT_MARKER, e) ||
	    (f.npath > 0 && store_load_each(a->store, f.paths, f.npath,
	    MARKER_MAX, &to, e)) ||
	    (f.genuine > 0 ? look_inside(&f, e) : drop_empty(&f, e)))
		goto out;
	rc = share_out(c, &f, e);
out:
	free(f.paths);
	free(f.path);
	free(f.of);
	free(f.v);
	return (rc);
}

void
clusterids_fini(struct clusterids *c)
{
	free(c->id);
	free(c->odd);
	memset(c, 0, sizeof(*c));
}
