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

/* Where the restore puts it if the backup itself has it, or NULL. */
static const char *
place_of(const struct restore_conf *c, uint64_t oid)
{
	const struct label	*l = c->label;
	size_t			 i;

	for (i = 0; i < l->ntablespaces; i++)
		if (l->tablespaces[i].oid == oid)
			return (restore_conf_place(c, &l->tablespaces[i]));
	return (NULL);
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
is_same(const char *a, const char *b)
{
	char	 ra[PATH_MAX], rb[PATH_MAX];

	return (strcmp(a, b) == 0 || (realpath(a, ra) != NULL &&
	    realpath(b, rb) != NULL && strcmp(ra, rb) == 0));
}

/* Replay makes a tablespace at that path, also if it goes to "immediate". */
static int
refuse_used(const struct restore_conf *c, const char *path, int during,
    struct err *e)
{
	if (path[0] != '/' || !is_used(path) || insidedir(path, c->dir))
		return (0);
	return (err_set(e, ERR_CONFIG, "%s: belongs to a tablespace that was "
	    "made %s backup %s, and recovery would write there; use %s or "
	    "another host, or, if no server needs that directory any more, "
	    "move it away", path, during ? "during" : "after", c->label->id,
	    during ? "another backup" : "the target immediate, a later "
	    "backup"));
}

/* One that is there by now: the backup's own go where their maps say. */
static int
check(const struct restore_conf *c, uint64_t oid, const char *path,
    struct err *e)
{
	return (place_of(c, oid) != NULL ? 0 : refuse_used(c, path, 0, e));
}

/*
 * One that a record makes.  The backup may have it all the same, if it was made
 * behind the first record and before the list of tablespaces: replay makes it
 * again where it was, whatever its map says.
 */
static int
check_record(const struct restore_conf *c, const struct laterfacts_space *v,
    struct err *e)
{
	const char	*place = place_of(c, v->oid);

	if (place != NULL && is_same(place, v->path))
		return (0);
	return (refuse_used(c, v->path, v->lsn < c->label->stop_lsn, e));
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

/* Whether it goes where the original was. */
static int
is_home(const struct restore_conf *c)
{
	const char	*recorded = c->label->data_directory;

	return (recorded != NULL && is_same(recorded, c->dir));
}

int
latertablespace_records(const struct restore_conf *c,
    const struct laterfacts *later, struct err *e)
{
	size_t	 i;

	for (i = 0; i < later->n && !is_home(c); i++)
		if (check_record(c, &later->v[i], e))
			return (-1);
	return (0);
}

int
latertablespace_check(const struct restore_conf *c,
    const struct catalogue *cat, struct err *e)
{
	const char		*recorded = c->label->data_directory;
	const struct label	*l;
	size_t			 i, k;

	if (is_home(c))
		return (0);
	if ((recorded != NULL && check_cluster(c, recorded, e)) ||
	    check_running(c, e))
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
