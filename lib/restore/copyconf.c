/* SPDX-License-Identifier: ISC */
/*
 * Reads postgresql.conf with its includes.  The files come from a backup, or
 * lie anywhere on this host, so number, size and depth are bounded; what
 * exceeds that counts as unread.
 */
#include <sys/stat.h>

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "pg/pgconf.h"
#include "restore/copyconf.h"

#define FILE_MAX_	((size_t)4 << 20)
#define FILES_MAX	256
#define DEPTH_MAX	10		/* CONF_FILE_MAX_DEPTH of PostgreSQL */

struct item {
	char	*name, *value;
	int	 automatic;		/* of postgresql.auto.conf */
};

struct copyconf {
	const char	*dir;		/* while it is read */
	struct item	*v;
	size_t		 n, files;
	int		 has_main;
	char		*astray;
};

static int	 read_file(struct copyconf *, const char *path, unsigned depth,
		    int automatic, struct err *);

int
copyconf_inside(const char *path, const char *dir)
{
	char	 real[PATH_MAX], top[PATH_MAX];
	size_t	 n;

	if (path[0] != '/' || realpath(dir, top) == NULL)
		return (0);
	if (realpath(path, real) == NULL) {
		if (strlen(path) >= sizeof(real) ||
		    strstr(path, "/../") != NULL)
			return (0);
		(void)memcpy(real, path, strlen(path) + 1);
	}
	n = strlen(top);
	if (strncmp(real, top, n) == 0 &&
	    (real[n] == '\0' || real[n] == '/'))
		return (1);
	/* Nothing is there, and "dir" was given by way of a link. */
	n = strlen(dir);
	return (strncmp(real, dir, n) == 0 &&
	    (real[n] == '\0' || real[n] == '/'));
}

static int
is_regular(const char *path)
{
	struct stat	 st;

	return (stat(path, &st) == 0 && S_ISREG(st.st_mode));
}

static int
note_astray(struct copyconf *c, const char *path, struct err *e)
{
	return (c->astray == NULL ? str_dup(&c->astray, path, e) : 0);
}

static int
add(struct copyconf *c, const struct pgconf_line *l, int automatic,
    struct err *e)
{
	struct item	*more;

	more = reallocarray(c->v, c->n + 1, sizeof(*more));
	if (more == NULL)
		return (err_sys(e, ERR_LOCAL, "configuration"));
	c->v = more;
	more += c->n++;
	*more = (struct item){ .automatic = automatic };
	return (str_dup(&more->name, l->name, e) ||
	    str_dup(&more->value, l->value, e) ? -1 : 0);
}

/* As PostgreSQL has it: not hidden, and with this ending. */
static int
is_conf_name(const struct dirent *en)
{
	const size_t	 n = strlen(en->d_name);

	return (en->d_name[0] != '.' && n > 5 &&
	    strcmp(en->d_name + n - 5, ".conf") == 0);
}

static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
	return (strcmp((*a)->d_name, (*b)->d_name));
}

static int
read_dir(struct copyconf *c, const char *dir, unsigned depth, struct err *e)
{
	struct dirent	**en;
	char		 path[PATH_MAX];
	struct err	 unused = ERR_INIT;
	int		 n, i, rc = 0;

	if ((n = scandir(dir, &en, is_conf_name, by_bytes)) == -1)
		return (note_astray(c, dir, e));
	for (i = 0; i < n; i++) {
		if (rc == 0 && path_join(path, sizeof(path), dir,
		    en[i]->d_name, &unused) == 0 && is_regular(path))
			rc = read_file(c, path, depth, 0, e);
		free(en[i]);
	}
	free(en);
	return (rc);
}

/* An include of the file "from": relative paths start where that lies. */
static int
include(struct copyconf *c, const char *from, const struct pgconf_line *l,
    unsigned depth, struct err *e)
{
	struct err	 unused = ERR_INIT;
	char		 dir[PATH_MAX], path[PATH_MAX];

	if (l->value[0] == '\0')
		return (0);		/* PostgreSQL refuses it */
	if (path_dir(dir, sizeof(dir), from, &unused) ||
	    (l->value[0] == '/' ? str_fmt(path, sizeof(path), &unused, "%s",
	    l->value) : path_join(path, sizeof(path), dir, l->value,
	    &unused)))
		return (note_astray(c, l->value, e));
	if (!copyconf_inside(path, c->dir) && note_astray(c, path, e))
		return (-1);
	if (l->kind == PGCONF_INCLUDE_DIR)
		return (read_dir(c, path, depth, e));
	if (is_regular(path))
		return (read_file(c, path, depth, 0, e));
	return (l->kind == PGCONF_INCLUDE_IF_EXISTS ? 0 :
	    note_astray(c, path, e));
}

static int
read_file(struct copyconf *c, const char *path, unsigned depth,
    int automatic, struct err *e)
{
	struct pgconf_line	*l = NULL;
	struct err		 unused = ERR_INIT;
	const char		*at;
	char			*text = NULL;
	size_t			 n;
	int			 rc = 0;

	if (depth > DEPTH_MAX || c->files++ >= FILES_MAX ||
	    io_load(path, FILE_MAX_, &text, &n, &unused) != 0)
		return (note_astray(c, path, e));
	if (!copyconf_inside(path, c->dir))	/* a link may lead out */
		rc = note_astray(c, path, e);
	if ((l = malloc(sizeof(*l))) == NULL)
		rc = err_sys(e, ERR_LOCAL, "configuration");
	for (at = text; rc == 0 && pgconf_next(&at, text + n, l);)
		rc = l->kind == PGCONF_SETTING ? add(c, l, automatic, e) :
		    include(c, path, l, depth + 1, e);
	free(l);
	free(text);
	return (rc);
}

int
copyconf_read(struct copyconf **out, const char *dir, struct err *e)
{
	struct copyconf	*c;
	struct stat	 st;
	char		 top[PATH_MAX], path[PATH_MAX];
	int		 rc;

	if (realpath(dir, top) == NULL)
		return (err_sys(e, ERR_LOCAL, "%s", dir));
	if ((c = calloc(1, sizeof(*c))) == NULL)
		return (err_sys(e, ERR_LOCAL, "configuration"));
	c->dir = top;
	rc = path_join(path, sizeof(path), top, "postgresql.conf", e);
	c->has_main = rc == 0 && lstat(path, &st) == 0 &&
	    S_ISREG(st.st_mode);
	if (c->has_main)
		rc = read_file(c, path, 0, 0, e);
	if (rc == 0)
		rc = path_join(path, sizeof(path), top,
		    "postgresql.auto.conf", e);
	if (rc == 0 && is_regular(path))
		rc = read_file(c, path, 0, 1, e);
	c->dir = NULL;			/* it was ours */
	if (rc == 0)
		*out = c;
	else
		copyconf_free(c);
	return (rc);
}

void
copyconf_free(struct copyconf *c)
{
	if (c == NULL)
		return;
	while (c->n > 0) {
		free(c->v[--c->n].name);
		free(c->v[c->n].value);
	}
	free(c->v);
	free(c->astray);
	free(c);
}

int
copyconf_has_main(const struct copyconf *c)
{
	return (c->has_main);
}

const char *
copyconf_astray(const struct copyconf *c)
{
	return (c->astray);
}

static const char *
find(const struct copyconf *c, const char *name, int automatic)
{
	size_t	 i;

	for (i = c->n; i-- > 0;)
		if ((automatic || !c->v[i].automatic) &&
		    strcmp(c->v[i].name, name) == 0)
			return (c->v[i].value);
	return (NULL);
}

const char *
copyconf_get(const struct copyconf *c, const char *name)
{
	return (find(c, name, 1));
}

const char *
copyconf_main(const struct copyconf *c, const char *name)
{
	return (find(c, name, 0));
}
