/* SPDX-License-Identifier: ISC */
/* Configuration files of PostgreSQL, and what they include. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "datadir/pgincludes.h"
#include "pg/hbaconf.h"

#define DEPTH_MAX	10		/* CONF_FILE_MAX_DEPTH of PostgreSQL */
#define TRIES		5		/* for a file that is being written */

struct reading {
	const struct pgincludes_events *on;
	void		*arg;
	enum pgincludes_syntax syntax;
	size_t		 files;
};

/* Where an include stands, and what it names. */
struct include {
	const char	*from;		/* the file */
	unsigned	 depth;
	enum pgconf_kind kind;
	const char	*value;
};

static int	 read_file(struct reading *, const char *path, unsigned depth,
		    struct err *);

static int
unread(const struct reading *r, const char *path, const char *why,
    struct err *e)
{
	return (r->on->unread == NULL ? 0 :
	    r->on->unread(r->arg, path, why, e));
}

static int
is_same(const struct stat *a, const struct stat *b)
{
	return (a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	    a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	    a->st_ctim.tv_nsec == b->st_ctim.tv_nsec);
}

/*
 * Load a file as it was at one moment: somebody may be writing it.  Returns 0,
 * 1 if it does not exist, or -1 with the reason.
 */
static int
load(const char *path, char **text, size_t *n, struct stat *st,
    struct err *why)
{
	const struct timespec	 pause = { 0, 20 * 1000 * 1000 };
	struct stat		 after;
	int			 rc, tries;

	for (tries = 0; tries < TRIES; tries++) {
		if (tries > 0)
			(void)nanosleep(&pause, NULL);
		/* In these words, since callers name the path. */
		if (stat(path, st) == -1 || access(path, R_OK) == -1)
			return (errno == ENOENT ? 1 : err_sys(why, ERR_LOCAL,
			    "cannot be read"));
		if (!S_ISREG(st->st_mode))
			return (err_set(why, ERR_LOCAL, "is not a file"));
		if ((uint64_t)st->st_size > PGINCLUDES_FILE_MAX)
			return (err_set(why, ERR_LOCAL, "is too large"));
		if ((rc = io_load(path, PGINCLUDES_FILE_MAX, text, n,
		    why)) != 0)
			return (rc);
		if (stat(path, &after) == 0 && is_same(st, &after) &&
		    (uint64_t)st->st_size == *n)
			return (0);
		free(*text);
		*text = NULL;
	}
	return (err_set(why, ERR_LOCAL, "changes while it is read"));
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

/* A file that vanishes behind the listing was taken out: it is not missed. */
static int
read_one(struct reading *r, const char *dir, const char *name,
    unsigned depth, struct err *e)
{
	struct err	 unused = ERR_INIT;
	struct stat	 st;
	char		 path[PATH_MAX];

	if (path_join(path, sizeof(path), dir, name, &unused))
		return (unread(r, dir, "a path in it is too long", e));
	if ((lstat(path, &st) == -1 && errno == ENOENT) ||
	    (stat(path, &st) == 0 && S_ISDIR(st.st_mode)))
		return (0);
	return (read_file(r, path, depth, e));
}

static int
read_dir(struct reading *r, const char *dir, unsigned depth, struct err *e)
{
	struct dirent	**en;
	int		 n, i, rc = 0;

	if ((n = scandir(dir, &en, is_conf_name, by_bytes)) == -1)
		return (unread(r, dir, strerror(errno), e));
	for (i = 0; i < n; i++) {
		if (rc == 0)
			rc = read_one(r, dir, en[i]->d_name, depth, e);
		free(en[i]);
	}
	free(en);
	return (rc);
}

/* Relative paths start where the file lies that has the include. */
static int
follow(struct reading *r, const struct include *in, struct err *e)
{
	struct err	 unused = ERR_INIT;
	struct stat	 st;
	char		 dir[PATH_MAX], path[PATH_MAX];

	if (in->value[0] == '\0')
		return (0);		/* PostgreSQL refuses it */
	if (path_dir(dir, sizeof(dir), in->from, &unused) ||
	    (in->value[0] == '/' ? str_fmt(path, sizeof(path), &unused, "%s",
	    in->value) : path_join(path, sizeof(path), dir, in->value,
	    &unused)))
		return (unread(r, in->value, "path is too long", e));
	if (r->on->named != NULL && r->on->named(r->arg, path, e))
		return (-1);
	if (in->kind == PGCONF_INCLUDE_DIR)
		return (read_dir(r, path, in->depth, e));
	if (in->kind == PGCONF_INCLUDE_IF_EXISTS && stat(path, &st) == -1 &&
	    errno == ENOENT)
		return (0);
	return (read_file(r, path, in->depth, e));
}

static int
scan_conf(struct reading *r, const char *path, const char *text, size_t n,
    unsigned depth, struct err *e)
{
	struct pgconf_line	*l;
	struct include		 in = { path, depth + 1, PGCONF_SETTING,
	    NULL };
	const char		*at = text;
	int			 rc = 0;

	if ((l = malloc(sizeof(*l))) == NULL)
		return (err_sys(e, ERR_LOCAL, "configuration"));
	while (rc == 0 && pgconf_next(&at, text + n, l)) {
		if (l->kind == PGCONF_SETTING) {
			if (r->on->setting != NULL)
				rc = r->on->setting(r->arg, l, e);
			continue;
		}
		in.kind = l->kind;
		in.value = l->value;
		rc = follow(r, &in, e);
	}
	free(l);
	return (rc);
}

static int
scan_hba(struct reading *r, const char *path, const char *text, size_t n,
    unsigned depth, struct err *e)
{
	struct hbaconf_name	*name;
	struct include		 in = { path, depth + 1, PGCONF_SETTING,
	    NULL };
	const char		*at = text;
	int			 rc = 0;

	if ((name = calloc(1, sizeof(*name))) == NULL)
		return (err_sys(e, ERR_LOCAL, "configuration"));
	while (rc == 0 && hbaconf_next(&at, text + n, name)) {
		in.kind = name->kind;
		in.value = name->value;
		rc = follow(r, &in, e);
	}
	free(name);
	return (rc);
}

/* PostgreSQL ends a loop by its depth alone; so does this, and by number. */
static int
read_file(struct reading *r, const char *path, unsigned depth, struct err *e)
{
	struct err	 why = ERR_INIT;
	struct stat	 st;
	char		*text = NULL;
	size_t		 n;
	int		 rc;

	if (depth > DEPTH_MAX)
		return (unread(r, path, "includes are nested too deeply", e));
	if (r->files++ >= PGINCLUDES_FILES_MAX)
		return (unread(r, path, "too many files", e));
	if ((rc = load(path, &text, &n, &st, &why)) != 0)
		return (unread(r, path, rc == 1 ? "does not exist" : why.msg,
		    e));
	if (r->on->file != NULL)
		rc = r->on->file(r->arg, path, &st, text, n, e);
	if (rc == 0)
		rc = r->syntax == PGINCLUDES_CONF ?
		    scan_conf(r, path, text, n, depth, e) :
		    scan_hba(r, path, text, n, depth, e);
	free(text);
	return (rc == -1 ? -1 : 0);
}

int
pgincludes_read(const char *path, enum pgincludes_syntax syntax,
    const struct pgincludes_events *on, void *arg, struct err *e)
{
	struct reading	 r = { on, arg, syntax, 0 };

	return (read_file(&r, path, 0, e));
}
