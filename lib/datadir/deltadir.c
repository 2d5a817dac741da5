/* SPDX-License-Identifier: ISC */
/*
 * Directories that a delta restore goes over: known for what they are, or
 * refused.
 *
 * The restore moves through these states, and a crash leaves one of them:
 * a cluster; a cluster with a mark (nothing is changed yet); a mark and
 * pg_control put aside (only a delta restore may resume then, since the WAL in
 * pg_wal may be the last copy); a mark and no pg_control at all (all
 * but pg_control is restored).
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "datadir/deltadir.h"
#include "datadir/emptydir.h"
#include "datadir/postmaster.h"
#include "pg/control.h"

#define VERSION_MAX	64

/* Whether "dir/name" is a file, and not a link to one. */
static int
has_file(const char *dir, const char *name)
{
	struct err	 unused = ERR_INIT;
	struct stat	 st;
	char		 path[PATH_MAX];

	return (path_join(path, sizeof(path), dir, name, &unused) == 0 &&
	    lstat(path, &st) == 0 && S_ISREG(st.st_mode));
}

/* Whether it is a data directory of the backup's version. */
static int
check_version(const char *dir, unsigned major, struct err *e)
{
	char	 path[PATH_MAX], want[16], *text = NULL;
	size_t	 n;
	int	 rc;

	if (!has_file(dir, "PG_VERSION"))
		return (err_set(e, ERR_CONFIG, "%s: is neither empty nor a "
		    "PostgreSQL data directory (no PG_VERSION); nothing in it "
		    "was changed", dir));
	(void)snprintf(want, sizeof(want), "%u\n", major);
	if (path_join(path, sizeof(path), dir, "PG_VERSION", e) ||
	    (rc = io_load(path, VERSION_MAX, &text, &n, e)) == -1)
		return (-1);
	rc = rc == 1 || strcmp(text, want) != 0;
	free(text);
	if (rc)
		return (err_set(e, ERR_CONFIG, "%s: is not a data directory "
		    "of PostgreSQL %u, the version of the backup (see "
		    "PG_VERSION); restore into another directory", dir,
		    major));
	return (0);
}

/* Returns 0, 1 if there is no such file, or -1, also if it is damaged. */
static int
load_control(const char *dir, const char *name, struct control *ctl,
    struct err *e)
{
	char		 path[PATH_MAX], *raw = NULL;
	struct err	 why = ERR_INIT;
	size_t		 n = 0;
	int		 rc;

	if (path_join(path, sizeof(path), dir, name, e) ||
	    (rc = io_load(path, 4 * CONTROL_SIZE, &raw, &n, e)) == -1)
		return (-1);
	if (rc == 1)
		return (1);
	rc = control_parse((const void *)raw, n, ctl, &why);
	free(raw);
	if (rc == -1)
		return (err_set(e, ERR_CONFIG, "%s: its cluster cannot be "
		    "identified (%s: %s); move it away, and restore into an "
		    "empty directory", dir, name, why.msg));
	return (0);
}

int
deltadir_control(const char *dir, struct control *ctl, struct err *e)
{
	int	 rc;

	if ((rc = load_control(dir, CONTROL_PATH, ctl, e)) == 1)
		rc = load_control(dir, EMPTYDIR_ASIDE, ctl, e);
	return (rc);
}

/*
 * Whether it is of the right cluster.  Only a pg_control proves that, its own
 * or the one that was put aside.  PG_VERSION does not: every database's
 * directory has one, and so has what another tool's restore has left.
 */
static int
check_cluster(const char *dir, uint64_t system_id, struct err *e)
{
	struct control	 ctl;
	int		 rc;

	if ((rc = deltadir_control(dir, &ctl, e)) == -1)
		return (-1);
	if (rc == 1)
		return (err_set(e, ERR_CONFIG, "%s: its cluster cannot be "
		    "identified (no " CONTROL_PATH "); move it away, and "
		    "restore into an empty directory", dir));
	if (ctl.sysid == system_id)
		return (0);
	return (err_set(e, ERR_CONFIG, "%s: holds another cluster, %" PRIu64
	    ", not %" PRIu64 "; restore into another directory, or move this "
	    "one away", dir, ctl.sysid, system_id));
}

/*
 * Whether "dir" is a data directory or a part of one: a database's directory
 * has a PG_VERSION, a tablespace's version has this name.
 */
static int
is_cluster(const char *dir)
{
	return (has_file(dir, "PG_VERSION") ||
	    has_file(dir, "postmaster.pid") ||
	    fnmatch("PG_[0-9]*_[0-9]*", path_base(dir), 0) == 0);
}

int
deltadir_outside(const char *dir, struct err *e)
{
	char	 path[PATH_MAX], parent[PATH_MAX], up[PATH_MAX], *slash;
	int	 itself = 1;

	if (str_fmt(path, sizeof(path), e, "%s", dir))
		return (-1);
	/* Of what is missing yet, the nearest directory that exists counts. */
	for (; realpath(path, up) == NULL; itself = 0) {
		if (errno != ENOENT)
			return (err_sys(e, ERR_LOCAL, "%s", path));
		if (path_dir(parent, sizeof(parent), path, e) ||
		    str_fmt(path, sizeof(path), e, "%s", parent))
			return (-1);
	}
	for (; (slash = strrchr(up, '/')) != NULL && up[1] != '\0';
	    itself = 0) {
		if (!itself && is_cluster(up))
			return (err_set(e, ERR_CONFIG, "%s: lies in another "
			    "data directory, %s; restore into that one, or "
			    "elsewhere", dir, up));
		*slash = '\0';
	}
	return (0);
}

/* Another user's files would fail us half way: better before anything is. */
static int
check_owner(const char *dir, struct err *e)
{
	struct stat	 st;

	if (stat(dir, &st) == -1)
		return (errno == ENOENT ? 0 : err_sys(e, ERR_LOCAL, "stat %s",
		    dir));
	if (geteuid() != 0 && st.st_uid != geteuid())
		return (err_set(e, ERR_CONFIG, "%s: is owned by uid %lu; run "
		    "base-fetch as that user", dir,
		    (unsigned long)st.st_uid));
	return (0);
}

int
deltadir_check(const char *dir, uint64_t system_id, unsigned major,
    enum deltadir_state *state, struct err *e)
{
	struct err	 why = ERR_INIT;
	int		 rc, control;

	if (deltadir_outside(dir, e) || check_owner(dir, e) ||
	    postmaster_absent(dir, e) ||
	    emptydir_look(dir, CONTROL_PATH, &control, e))
		return (-1);
	/* Its message asks for an empty directory: ours are better here. */
	if ((rc = emptydir_check(dir, &why)) == 0)
		*state = DELTADIR_EMPTY;
	else if (rc == -1 && why.kind != ERR_CONFIG)
		/* From here on all of its names could be looked at. */
		return (err_set(e, why.kind, "%s", why.msg));
	else if (has_file(dir, EMPTYDIR_MARK) && !control) {
		/*
		 * The postmaster.pid of a server that crashed may still be
		 * there; postmaster_absent() has judged it.
		 */
		if (has_file(dir, EMPTYDIR_ASIDE) &&
		    check_cluster(dir, system_id, e))
			return (-1);
		*state = DELTADIR_OURS;
	} else if (check_version(dir, major, e) ||
	    check_cluster(dir, system_id, e))
		return (-1);
	else
		*state = DELTADIR_CLUSTER;
	return (0);
}

/* Rename below "dir", durably. */
static int
move(const char *dir, const char *from, const char *to, struct err *e)
{
	char	 a[PATH_MAX], b[PATH_MAX], parent[PATH_MAX];

	if (path_join(a, sizeof(a), dir, from, e) ||
	    path_join(b, sizeof(b), dir, to, e) ||
	    path_dir(parent, sizeof(parent), a, e))
		return (-1);
	if (rename(a, b) == -1)
		return (err_sys(e, ERR_LOCAL, "rename %s to %s", a, b));
	return (io_sync_dir(parent, e));
}

/*
 * A server may be starting right now.  PostgreSQL makes postmaster.pid before
 * it reads pg_control.  So one that has not read pg_control yet will stop,
 * since it is gone; one that has read it has a postmaster.pid, and is found
 * by the second look.
 */
static int
take_control(const char *dir, struct err *e)
{
	struct err	 again = ERR_INIT;

	if (move(dir, CONTROL_PATH, EMPTYDIR_ASIDE, e))
		return (-1);
	if (postmaster_absent(dir, e) == 0)
		return (0);
	if (move(dir, EMPTYDIR_ASIDE, CONTROL_PATH, &again))
		err_ctx(e, "%s", again.msg);
	return (-1);
}

int
deltadir_begin(const char *dir, uint64_t system_id, unsigned major, int *lock,
    int *made, struct err *e)
{
	enum deltadir_state	 state;

	if (io_mkdirs(dir, 0700, e) ||
	    deltadir_check(dir, system_id, major, &state, e) ||
	    emptydir_hold(dir, dir, lock, made, e))
		return (-1);
	/*
	 * A restore that held the lock until now may have finished: look
	 * again, now that nobody else can change it.
	 */
	if (deltadir_check(dir, system_id, major, &state, e)) {
		if (*made)
			emptydir_undo(dir);
		(void)close(*lock);	/* nothing to lose */
		return (-1);
	}
	return (0);
}

int
deltadir_take(const char *dir, int *taken, struct err *e)
{
	int	 control;

	*taken = 0;
	if (emptydir_look(dir, CONTROL_PATH, &control, e))
		return (-1);
	if (!control)
		return (0);
	if (take_control(dir, e))
		return (-1);
	*taken = 1;
	return (0);
}

int
deltadir_give_back(const char *dir, struct err *e)
{
	return (move(dir, EMPTYDIR_ASIDE, CONTROL_PATH, e));
}

int
deltadir_forget(const char *dir, struct err *e)
{
	char	 path[PATH_MAX];

	if (path_join(path, sizeof(path), dir, EMPTYDIR_ASIDE, e))
		return (-1);
	if (unlink(path) == -1 && errno != ENOENT)
		return (err_sys(e, ERR_LOCAL, "remove %s", path));
	return (0);
}

/* Whether the link that "dir" has for the tablespace leads to "place". */
static int
leads_there(const char *dir, uint32_t oid, const char *place)
{
	struct err	 unused = ERR_INIT;
	struct stat	 a, b;
	char		 link[PATH_MAX];

	return (str_fmt(link, sizeof(link), &unused, "%s/pg_tblspc/%" PRIu32,
	    dir, oid) == 0 && stat(link, &a) == 0 && stat(place, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino);
}

int
deltadir_place_check(const char *dir, enum deltadir_state of_dir,
    const struct deltadir_place *p, struct err *e)
{
	int	 rc;

	if (postmaster_elsewhere(p->place, e) ||
	    (rc = emptydir_place_check(p->place, dir, e)) == -1)
		return (-1);
	if (rc == 0 || (rc == 1 && of_dir != DELTADIR_EMPTY))
		return (0);
	if (of_dir == DELTADIR_EMPTY || !leads_there(dir, p->oid, p->place))
		return (err_set(e, ERR_CONFIG, "%s: is not empty, and %s does "
		    "not use it for this tablespace", p->place, dir));
	/* The links of a copied cluster lead to the original's files. */
	if (!p->named)
		return (err_set(e, ERR_CONFIG, "%s: is not empty; if only %s "
		    "uses it, and no cluster that this one was copied from, "
		    "confirm that with --tablespace %s:%s", p->place, dir,
		    p->name, p->place));
	return (0);
}

int
deltadir_place_begin(const char *dir, unsigned major,
    const struct deltadir_place *p, int *lock, int *made, struct err *e)
{
	*made = 0;
	if (io_mkdirs(p->place, 0700, e))
		return (-1);
	/*
	 * Without its link the place holds no tablespace of "dir" yet, only
	 * what an interrupted restore may have begun there: clear that.
	 */
	if (!leads_there(dir, p->oid, p->place))
		return (emptydir_place_begin(p->place, dir, major, lock, e));
	return (emptydir_hold(p->place, dir, lock, made, e));
}
