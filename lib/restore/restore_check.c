/* SPDX-License-Identifier: ISC */
/*
 * Whether a backup may be restored where the user wants it.  Nothing is
 * changed here, so all that can be refused is refused here.
 */
#include <sys/stat.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "datadir/deltadir.h"
#include "datadir/emptydir.h"
#include "datadir/postmaster.h"
#include "restore/configdir.h"
#include "restore/restore_check.h"
#include "restore/tarfile.h"

/* Whether "b" is "a" or lies in it; both are without links. */
static int
holds(const char *a, const char *b)
{
	size_t	 n = strlen(a);

	while (n > 1 && a[n - 1] == '/')
		n--;
	return (strncmp(a, b, n) == 0 && (b[n] == '/' || b[n] == '\0'));
}

/*
 * Make the path absolute, and free of links as far as it exists: two paths of
 * one directory must not pass for two directories.
 */
static int
absolute(char *buf, size_t size, const char *dir, struct err *e)
{
	char	 whole[PATH_MAX], head[PATH_MAX], real[PATH_MAX], *slash;

	if (dir[0] == '/') {
		if (str_fmt(whole, sizeof(whole), e, "%s", dir))
			return (-1);
	} else if (getcwd(head, sizeof(head)) == NULL)
		return (err_sys(e, ERR_LOCAL, "working directory"));
	else if (str_fmt(whole, sizeof(whole), e, "%s/%s", head, dir))
		return (-1);
	memcpy(head, whole, strlen(whole) + 1);
	while (realpath(head, real) == NULL) {
		if ((slash = strrchr(head, '/')) == NULL || slash == head)
			return (str_fmt(buf, size, e, "%s", whole));
		*slash = '\0';
	}
	return (str_fmt(buf, size, e, "%s%s", real, whole + strlen(head)));
}

/*
 * Where tablespaces go, each made absolute once, as that asks the kernel for
 * every component.  NULL for one that is in place.  The data directory is last.
 */
struct places {
	char	**path;		/* owned, and each of them */
	size_t	  n;		/* tablespaces */
};

static void
places_fini(struct places *p)
{
	size_t	 i;

	for (i = 0; p->path != NULL && i <= p->n; i++)
		free(p->path[i]);
	free(p->path);
}

static int
places_make(struct places *p, const struct restore_conf *c, struct err *e)
{
	const struct label_tablespace	*ts = c->label->tablespaces;
	char				 buf[PATH_MAX];
	size_t				 i;

	p->n = c->label->ntablespaces;
	if ((p->path = calloc(p->n + 1, sizeof(*p->path))) == NULL)
		return (err_sys(e, ERR_LOCAL, "tablespaces"));
	for (i = 0; i <= p->n; i++)
		if ((i == p->n || restore_conf_is_linked(&ts[i])) &&
		    (absolute(buf, sizeof(buf), i == p->n ? c->dir :
		    restore_conf_place(c, &ts[i]), e) ||
		    str_dup(&p->path[i], buf, e)))
			return (-1);
	return (0);
}

/*
 * Check the absolute path "dir" against the data directory and the first
 * "before" tablespaces: none may be the same as another, or lie inside it.
 */
static int
check_apart(const struct places *p, const char *dir, size_t before,
    struct err *e)
{
	const char	*other;
	size_t		 i;

	for (i = 0; i <= before; i++) {
		other = p->path[i == before ? p->n : i];
		if (other != NULL && (holds(dir, other) || holds(other, dir)))
			return (err_set(e, ERR_USAGE, "%s and %s overlap; "
			    "choose directories of which none is or holds "
			    "another", other, dir));
	}
	return (0);
}

/*
 * Without --delta: "place" is empty, or, if the restore comes back ("again") to
 * a data directory that was left incomplete, its mark says that it is a part.
 */
static int
check_empty(const struct restore_conf *c, const char *place, int again,
    struct err *e)
{
	int	 state;

	if (postmaster_elsewhere(place, e) ||
	    (state = emptydir_place_check(place, c->dir, e)) == -1 ||
	    (state == 2 && emptydir_not_empty(place, e)))
		return (-1);
	if (state == 1 && !again)
		return (err_set(e, ERR_CONFIG, "%s: holds part of an "
		    "interrupted restore into %s, which is missing or empty "
		    "now; remove it by hand if it is not needed", place,
		    c->dir));
	return (0);
}

/* Each mapping names a tablespace of the backup. */
static int
check_maps(const struct restore_conf *c, struct err *e)
{
	const struct label	*l = c->label;
	size_t			 i, j;

	for (i = 0; i < c->nmaps; i++) {
		for (j = 0; j < l->ntablespaces; j++)
			if (strcmp(l->tablespaces[j].name,
			    c->maps[i].name) == 0)
				break;
		if (j == l->ntablespaces)
			return (err_set(e, ERR_USAGE, "--tablespace %s: "
			    "backup %s has no tablespace of that name",
			    c->maps[i].name, l->id));
	}
	return (0);
}

/* Whether the path of a tablespace can be used at all. */
static int
check_path(const struct restore_conf *c, const struct label_tablespace *ts,
    struct err *e)
{
	const char			*dir = restore_conf_place(c, ts);
	const int			 mapped = dir != ts->path;

	if (!restore_conf_is_linked(ts))
		return (!mapped ? 0 : err_set(e, ERR_USAGE, "--tablespace %s: "
		    "is an in-place tablespace, a directory of the cluster "
		    "itself, and cannot be moved", ts->name));
	/* A label has a ? for each byte of what is not UTF-8. */
	if (!mapped && strchr(dir, '?') != NULL)
		return (err_set(e, ERR_USAGE, "tablespace %s: its path %s is "
		    "not exact, since ? may stand for any byte; choose one "
		    "with --tablespace %s:DIR", ts->name, dir, ts->name));
	if (dir[0] != '/')
		return (err_set(e, ERR_USAGE, "--tablespace %s: found %s, "
		    "expected an absolute path", ts->name, dir));
	return (0);
}

/* The directory of configuration files is a third place. */
static int
check_config_dir(const struct restore_conf *c, const struct places *p,
    struct err *e)
{
	char	 dir[PATH_MAX];

	if (c->config_dir == NULL)
		return (0);
	if (absolute(dir, sizeof(dir), c->config_dir, e) ||
	    check_apart(p, dir, p->n, e) ||
	    configdir_check(c->config_dir, e))
		return (err_ctx(e, "--config-dir"));
	return (0);
}

static int
check_all(const struct restore_conf *c, const struct places *p,
    struct err *e)
{
	const struct label_tablespace	*ts;
	struct deltadir_place		 place;
	enum deltadir_state		 over = DELTADIR_EMPTY;
	size_t				 i;
	int				 again = 0;

	if (check_maps(c, e) || check_config_dir(c, p, e))
		return (-1);
	if (c->delta ? deltadir_check(c->dir, c->system_id,
	    restore_conf_major(c), &over, e) :
	    deltadir_outside(c->dir, e) ||
	    (again = emptydir_check(c->dir, e)) == -1)
		return (-1);
	for (i = 0; i < c->label->ntablespaces; i++) {
		ts = &c->label->tablespaces[i];
		if (check_path(c, ts, e))
			return (-1);
		if (!restore_conf_is_linked(ts))
			continue;
		if (check_apart(p, p->path[i], i, e))
			return (err_ctx(e, "tablespace %s", ts->name));
		place = restore_conf_over(c, ts);
		if (c->delta ? deltadir_place_check(c->dir, over, &place, e) :
		    check_empty(c, place.place, again, e))
			return (err_ctx(e, "tablespace %s (--tablespace %s:DIR "
			    "restores it elsewhere)", ts->name, ts->name));
	}
	return (0);
}

/* An archive never replaces anything, and its directory holds nothing else. */
static int
check_tar(const struct restore_conf *c, struct err *e)
{
	struct stat	 st;
	size_t		 i;
	int		 rc;

	if (check_maps(c, e))
		return (-1);
	if (c->form == RESTORE_TAR) {
		if (strcmp(c->dir, TARFILE_STDOUT) == 0 ||
		    lstat(c->dir, &st) == -1)
			return (0);
		return (err_set(e, ERR_CONFIG, "%s exists, and is never "
		    "replaced; choose another name, or remove it", c->dir));
	}
	for (i = 0; i < c->label->ntablespaces; i++)
		if (check_path(c, &c->label->tablespaces[i], e))
			return (-1);
	if ((rc = emptydir_check(c->dir, e)) == 1)
		return (emptydir_not_empty(c->dir, e));
	return (rc);
}

int
restore_check(const struct restore_conf *c, struct err *e)
{
	struct places	 p = { .path = NULL };
	int		 rc;

	if (c->form != RESTORE_FILES)
		return (check_tar(c, e));
	rc = places_make(&p, c, e) || check_all(c, &p, e) ? -1 : 0;
	places_fini(&p);
	return (rc);
}
