/* SPDX-License-Identifier: ISC */
/* Configuration files outside of the data directory. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/str.h"
#include "datadir/insidedir.h"
#include "datadir/pgincludes.h"
#include "push/outerconf.h"

/* Longer paths would make a label too large, and nobody has them. */
#define NAME_MAX_	1024

struct gathering {
	struct outerconf	*to;
	struct label_config	*said;
	const struct outerconf_place *place;
	char			**seen;		/* names, owned */
	size_t			 nseen;
};

/* Whether the name came before; if not, it is noted.  -1 without memory. */
static int
came_before(struct gathering *g, const char *name, struct err *e)
{
	char	**more;
	size_t	 i;

	for (i = 0; i < g->nseen; i++)
		if (strcmp(g->seen[i], name) == 0)
			return (1);
	more = reallocarray(g->seen, g->nseen + 1, sizeof(*more));
	if (more == NULL)
		return (err_sys(e, ERR_LOCAL, "configuration"));
	g->seen = more;
	if (str_dup(&more[g->nseen], name, e))
		return (-1);
	g->nseen++;
	return (0);
}

static int
miss(const struct gathering *g, const char *path, const char *why,
    struct err *e)
{
	char	 clean[NAME_MAX_];

	return (label_config_missed(g->said, str_clean(clean, sizeof(clean),
	    path, strlen(path)), why, e));
}

/* Without the empty components and the dots of an absolute path. */
static void
squeeze(char *to, const char *path)
{
	size_t	 n;

	for (; *path != '\0'; path += n) {
		path += strspn(path, "/");
		n = strcspn(path, "/");
		if (n == 0 || (n == 1 && path[0] == '.'))
			continue;
		*to++ = '/';
		memcpy(to, path, n);
		to += n;
	}
	*to = '\0';
}

/*
 * A path that a manifest can hold.  What ".." means depends on links, so then
 * the directory's real path is taken.
 */
static int
plain_name(char name[PATH_MAX], const char *path)
{
	struct err	 unused = ERR_INIT;
	char		 dir[PATH_MAX], real[PATH_MAX];

	if (path[0] != '/' || strlen(path) >= PATH_MAX)
		return (-1);
	squeeze(name, path);
	if (!manifest_config_ok(name) && (path_dir(dir, sizeof(dir), path,
	    &unused) || realpath(dir, real) == NULL || path_join(name,
	    PATH_MAX, strcmp(real, "/") == 0 ? "" : real, path_base(path),
	    &unused)))
		return (-1);
	return (manifest_config_ok(name) && strlen(name) < NAME_MAX_ ? 0 :
	    -1);
}

/* Whether a plain name begins with that of a directory. */
static int
is_below(const char *name, const char *dir)
{
	char	 plain[PATH_MAX];
	size_t	 n;

	if (dir[0] != '/' || strlen(dir) >= sizeof(plain))
		return (0);
	squeeze(plain, dir);
	n = strlen(plain);
	return (strncmp(name, plain, n) == 0 && name[n] == '/');
}

/*
 * Whether the walk finds the file: by its name, even if that is a link to
 * something outside, for the walk follows it.  What is there by its real path
 * needs no second copy either.
 */
static int
is_inside(const struct gathering *g, const char *name)
{
	return (is_below(name, g->place->dir) ||
	    is_below(name, g->place->server) ||
	    insidedir(name, g->place->dir));
}

/* Whether a key in PEM form is in it, whatever else. */
static int
has_key(const char *text, size_t n)
{
	static const char	 mark[] = "PRIVATE KEY-----";

	return (memmem(text, n, mark, sizeof(mark) - 1) != NULL);
}

static int
store(struct outerconf *o, const char *name, const struct stat *st,
    const char *text, size_t n, struct err *e)
{
	struct manifest_config	*more;
	char			*path, *data;

	more = reallocarray(o->v, o->n + 1, sizeof(*more));
	if (more == NULL)
		return (err_sys(e, ERR_LOCAL, "configuration"));
	o->v = more;
	if (str_dup(&path, name, e))
		return (-1);
	if ((data = malloc(n + 1)) == NULL) {
		free(path);
		return (err_sys(e, ERR_LOCAL, "configuration"));
	}
	memcpy(data, text, n);
	o->v[o->n++] = (struct manifest_config){ .path = path,
	    .mode = st->st_mode & 07777,
	    .mtime_us = (int64_t)st->st_mtim.tv_sec * 1000000 +
	    st->st_mtim.tv_nsec / 1000, .size = n, .data = data };
	o->bytes += n;
	return (0);
}

static int
on_file(void *arg, const char *path, const struct stat *st, const char *text,
    size_t n, struct err *e)
{
	struct gathering	*g = arg;
	struct outerconf	*o = g->to;
	char			 name[PATH_MAX];
	int			 rc;

	if (plain_name(name, path))
		return (miss(g, path, "its path cannot be stored", e));
	if ((rc = came_before(g, name, e)) != 0)
		return (rc);
	if (is_inside(g, name))
		return (0);
	if (n > MANIFEST_CONFIG_MAX)
		return (miss(g, name, "is larger than 1 MiB", e));
	if (o->n == MANIFEST_CONFIGS_MAX || n > MANIFEST_CONFIG_SUM -
	    o->bytes)
		return (miss(g, name, "too many files, or too large in all",
		    e));
	if (has_key(text, n))
		return (miss(g, name, "holds a private key", e));
	return (store(o, name, st, text, n, e));
}

/* What is missing inside the data directory is no business of ours. */
static int
on_unread(void *arg, const char *path, const char *why, struct err *e)
{
	struct gathering	*g = arg;
	char			 name[PATH_MAX];
	int			 rc;

	if (plain_name(name, path) == 0)
		path = name;
	if (is_inside(g, path))
		return (0);
	if ((rc = came_before(g, path, e)) != 0)
		return (rc == 1 ? 0 : -1);
	return (miss(g, path, why, e));
}

static int
by_path(const void *a, const void *b)
{
	const struct manifest_config	*x = a, *y = b;

	return (strcmp(x->path, y->path));
}

/* Whether both names lead to one directory on this host. */
static int
is_same_dir(const char *a, const char *b)
{
	char	 x[PATH_MAX], y[PATH_MAX];

	return (strcmp(a, b) == 0 || (realpath(a, x) != NULL &&
	    realpath(b, y) != NULL && strcmp(x, y) == 0));
}

static int
read_all(struct gathering *g, struct err *e)
{
	static const struct pgincludes_events	 on = {
		.file = on_file, .unread = on_unread
	};
	const struct outerconf_place		*p = g->place;
	/* A large conf.d must not leave no room for who may connect. */
	static const int			 order[] = { 1, 2, 0 };
	int					 i, n, unknown = 0;

	/* Files of those names here may be another cluster's. */
	if (!is_same_dir(p->server, p->dir))
		return (miss(g, "", "the server names another "
		    "data_directory, so it may run elsewhere", e));
	for (n = 0; n < 3; n++) {
		i = order[n];
		if (p->file[i] == NULL)
			unknown = 1;
		else if (pgincludes_read(p->file[i], i == 0 ?
		    PGINCLUDES_CONF : PGINCLUDES_HBA, &on, g, e))
			return (-1);
	}
	return (!unknown ? 0 : miss(g, "", "the role of conninfo is no member "
	    "of pg_read_all_settings", e));
}

int
outerconf_read(struct outerconf *o, struct label_config *said,
    const struct outerconf_place *p, struct err *e)
{
	struct gathering	 g = { .to = o, .said = said, .place = p };
	size_t			 i;
	int			 rc;

	rc = read_all(&g, e);
	if (o->n > 1)
		qsort(o->v, o->n, sizeof(*o->v), by_path);
	for (i = 0; rc == 0 && i < o->n; i++)
		rc = label_config_stored(said, o->v[i].path, e);
	said->known = 1;
	while (g.nseen > 0)
		free(g.seen[--g.nseen]);
	free(g.seen);
	return (rc);
}

void
outerconf_free(struct outerconf *o)
{
	union {
		const void	*was;
		void		*is;
	} p;

	while (o->n > 0) {
		p.was = o->v[--o->n].path;
		free(p.is);
		p.was = o->v[o->n].data;
		free(p.is);
	}
	free(o->v);
	*o = (struct outerconf){ .v = NULL };
}
