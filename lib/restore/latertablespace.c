/* SPDX-License-Identifier: ISC */
/* Tablespaces that replay would make over somebody else's directory. */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/parse.h"
#include "base/path.h"
#include "base/str.h"
#include "datadir/insidedir.h"
#include "pg/control.h"
#include "restore/latertablespace.h"

/* Whether the backup itself has it: then it goes where its map says. */
static int
is_known(const struct restore_conf *c, uint64_t oid)
{
	size_t	 i;

	for (i = 0; i < c->label->ntablespaces; i++)
		if (c->label->tablespaces[i].oid == oid)
			return (1);
	return (0);
}

/*
 * Whether something is there that replay could harm.  An empty directory is
 * what replay needs: PostgreSQL makes none.  What cannot be read counts.
 */
static int
is_used(const char *path)
{
	struct dirent	*en;
	struct stat	 st;
	DIR		*d;
	int		 used = 0;

	if (lstat(path, &st) == -1)
		return (errno != ENOENT && errno != ENOTDIR);
	if ((d = opendir(path)) == NULL)
		return (1);
	while (!used && (errno = 0, (en = readdir(d)) != NULL))
		used = strcmp(en->d_name, ".") != 0 &&
		    strcmp(en->d_name, "..") != 0;
	used = used || errno != 0;
	(void)closedir(d);		/* read only: nothing to lose */
	return (used);
}

static int
check(const struct restore_conf *c, uint64_t oid, const char *path,
    struct err *e)
{
	if (path[0] != '/' || is_known(c, oid) || !is_used(path) ||
	    insidedir(path, c->dir))
		return (0);
	return (err_set(e, ERR_CONFIG, "%s: belongs to a tablespace that was "
	    "made after backup %s, and recovery would write there; use "
	    "the target immediate, a later backup or another host, or, if no "
	    "server needs that directory any more, move it away", path,
	    c->label->id));
}

static int
is_same(const char *a, const char *b)
{
	char	 ra[PATH_MAX], rb[PATH_MAX];

	return (realpath(a, ra) != NULL && realpath(b, rb) != NULL &&
	    strcmp(ra, rb) == 0);
}

/* Whether a data directory of the same cluster is there. */
static int
is_cluster(const struct restore_conf *c, const char *dir)
{
	struct err	 unused = ERR_INIT;
	struct stat	 st;
	uint64_t	 sysid;
	char		 path[PATH_MAX], *p = NULL;
	size_t		 n;
	int		 rc;

	if (path_join(path, sizeof(path), dir, CONTROL_PATH, &unused) ||
	    stat(path, &st) == -1 || !S_ISREG(st.st_mode) ||
	    io_load(path, CONTROL_SIZE, &p, &n, &unused) != 0)
		return (0);
	rc = control_sysid((const uint8_t *)p, n, &sysid, &unused) == 0 &&
	    sysid == c->system_id;
	free(p);
	return (rc && !is_same(dir, c->dir));
}

static int
check_cluster(const struct restore_conf *c, const char *dir, struct err *e)
{
	struct err	 unused = ERR_INIT;
	struct dirent	*en;
	char		 path[PATH_MAX], link[PATH_MAX], target[PATH_MAX];
	uint64_t	 oid;
	ssize_t		 n;
	DIR		*d;
	int		 rc = 0;

	if (!is_cluster(c, dir) ||
	    path_join(path, sizeof(path), dir, "pg_tblspc", &unused) ||
	    (d = opendir(path)) == NULL)
		return (0);
	while (rc == 0 && (errno = 0, (en = readdir(d)) != NULL)) {
		if (parse_u64(en->d_name, 1, UINT32_MAX, &oid, "tablespace",
		    &unused) || path_join(link, sizeof(link), path,
		    en->d_name, &unused) ||
		    (n = readlink(link, target, sizeof(target) - 1)) == -1)
			continue;
		target[n] = '\0';
		rc = check(c, oid, target, e);
	}
	if (rc == 0 && errno != 0)
		rc = err_sys(e, ERR_LOCAL, "read directory %s", path);
	(void)closedir(d);		/* read only: nothing to lose */
	return (rc);
}

/* A server's working directory is its data directory. */
static int
check_running(const struct restore_conf *c, struct err *e)
{
	struct err	 unused = ERR_INIT;
	struct dirent	*en;
	char		 path[PATH_MAX], cwd[PATH_MAX];
	ssize_t		 n;
	DIR		*proc;
	int		 rc = 0;

	if ((proc = opendir("/proc")) == NULL)
		return (err_sys(e, ERR_LOCAL, "read directory /proc"));
	while (rc == 0 && (errno = 0, (en = readdir(proc)) != NULL)) {
		if (en->d_name[0] < '1' || en->d_name[0] > '9' ||
		    str_fmt(path, sizeof(path), &unused, "/proc/%s/cwd",
		    en->d_name) ||
		    (n = readlink(path, cwd, sizeof(cwd) - 1)) == -1)
			continue;
		cwd[n] = '\0';
		rc = check_cluster(c, cwd, e);
	}
	if (rc == 0 && errno != 0)
		rc = err_sys(e, ERR_LOCAL, "read directory /proc");
	(void)closedir(proc);		/* the same */
	return (rc);
}

int
latertablespace_check(const struct restore_conf *c,
    const struct catalogue *cat, const struct laterfacts *later,
    struct err *e)
{
	const char		*recorded = c->label->data_directory;
	const struct label	*l;
	size_t			 i, k;

	if (recorded != NULL && (strcmp(recorded, c->dir) == 0 ||
	    is_same(recorded, c->dir)))
		return (0);
	if ((recorded != NULL && check_cluster(c, recorded, e)) ||
	    check_running(c, e))
		return (-1);
	for (i = 0; i < later->n; i++)
		if (check(c, later->v[i].oid, later->v[i].path, e))
			return (-1);
	for (i = 0; i < catalogue_labels(cat); i++) {
		l = catalogue_label(cat, i);
		for (k = 0; l->start_us > c->label->start_us &&
		    k < l->ntablespaces; k++)
			if (check(c, l->tablespaces[k].oid,
			    l->tablespaces[k].path, e))
				return (-1);
	}
	return (0);
}
