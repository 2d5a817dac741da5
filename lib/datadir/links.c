/* SPDX-License-Identifier: ISC */
/*
 * Judges the symbolic links of a data directory.  The cluster is running, so
 * a tablespace may be dropped while it is looked at: before a refusal the
 * link is looked at again, and one that is gone is no failure.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/parse.h"
#include "base/str.h"
#include "datadir/links.h"

#define DROP_WAIT_MS	100	/* between two looks, */
#define DROP_LOOKS	10	/* while DROP TABLESPACE may be at work */

static const struct timespec drop_wait = { 0, DROP_WAIT_MS * 1000000 };

/* Whether "path" is "dir" or lies below it; both are real paths. */
static int
is_below(const char *path, const char *dir)
{
	size_t	 n = strlen(dir);

	if (strcmp(dir, "/") == 0)
		return (1);
	return (strncmp(path, dir, n) == 0 &&
	    (path[n] == '\0' || path[n] == '/'));
}

static int
is_oid(const char *s)
{
	struct err	 ignored = ERR_INIT;
	uint64_t	 oid;

	/* PostgreSQL writes no leading zero: "016384" is not its link. */
	return (s[0] != '0' &&
	    parse_u64(s, 1, UINT32_MAX, &oid, "oid", &ignored) == 0);
}

/* Read the target of the link; 1 if the link is gone. */
static int
read_target(int fd, const char *name, char *target, size_t size,
    struct err *e)
{
	ssize_t	 n;

	if ((n = readlinkat(fd, name, target, size)) == -1) {
		if (errno == ENOENT)
			return (1);
		return (err_sys(e, ERR_LOCAL, "read the link"));
	}
	if ((size_t)n >= size)		/* it may have been cut off */
		return (err_set(e, ERR_LOCAL, "the link's target is too long"));
	target[n] = '\0';
	return (0);
}

/* Whether the target itself may be a tablespace. */
static int
check_target(const struct links_conf *lc, const char *target, struct err *e)
{
	struct stat	 st;
	char		 bare[PATH_MAX], real[PATH_MAX], show[256];
	size_t		 n;

	(void)str_clean(show, sizeof(show), target, strlen(target));
	if (target[0] != '/')
		return (err_set(e, ERR_LOCAL,
		    "the link to %s is relative, expected an absolute path",
		    show));
	if (str_fmt(bare, sizeof(bare), e, "%s", target))
		return (-1);
	/* With a slash at its end lstat() would follow a link. */
	for (n = strlen(bare); n > 1 && bare[n - 1] == '/'; n--)
		bare[n - 1] = '\0';
	if (lstat(bare, &st) == -1)
		return (err_sys(e, ERR_LOCAL, "the link leads to %s", show));
	if (S_ISLNK(st.st_mode))
		return (err_set(e, ERR_LOCAL, "the link leads to %s, which is "
		    "a link itself; make it lead to the directory", show));
	if (!S_ISDIR(st.st_mode))
		return (err_set(e, ERR_LOCAL,
		    "the link leads to %s, which is not a directory", show));
	if (realpath(bare, real) == NULL)
		return (err_sys(e, ERR_LOCAL, "resolve %s", show));
	if (is_below(real, lc->root))
		return (err_set(e, ERR_LOCAL, "%s lies inside the data "
		    "directory; move the tablespace out of it", show));
	return (0);
}

/*
 * The version's directory has to be there: without it this may be the mount
 * point of a disk that is not mounted, and the backup would lack all that is
 * on it.  DROP TABLESPACE removes the directory before the link, too; so
 * wait a moment, and see whether the link is about to go.
 */
static int
check_version(const struct links_conf *lc, int fd, const char *name,
    const char *target, struct err *e)
{
	struct stat	 st;
	char		 path[PATH_MAX], show[256];
	int		 i;

	if (str_fmt(path, sizeof(path), e, "%s/%s", target,
	    lc->tablespace_dir))
		return (-1);
	for (i = 0; i < DROP_LOOKS; i++) {
		if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
			return (0);
		if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == -1 &&
		    errno == ENOENT)
			return (1);
		(void)nanosleep(&drop_wait, NULL);
	}
	return (err_set(e, ERR_LOCAL,
	    "%s has no directory %s; is its disk mounted?",
	    str_clean(show, sizeof(show), target, strlen(target)),
	    lc->tablespace_dir));
}

int
links_tablespace(const struct links_conf *lc, int fd, const char *name,
    char *target, size_t size, struct err *e)
{
	struct stat	 st;
	int		 rc;

	if (!is_oid(name))
		return (err_set(e, ERR_LOCAL, "found a link whose name is not "
		    "the OID of a tablespace; remove it"));
	if ((rc = read_target(fd, name, target, size, e)) != 0)
		return (rc);
	if (check_target(lc, target, e)) {
		/* Unless the tablespace was dropped meanwhile. */
		if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 ||
		    errno != ENOENT)
			return (-1);
		err_clear(e);
		return (1);
	}
	return (check_version(lc, fd, name, target, e));
}

int
links_directory(const struct links_conf *lc, const char *path, struct err *e)
{
	struct stat	 st;
	char		 real[PATH_MAX], show[256];

	if (realpath(path, real) == NULL) {
		err_sys(e, ERR_LOCAL, "resolve the link");
		/* The same for any link. */
		if (lstat(path, &st) == 0 || errno != ENOENT)
			return (-1);
		err_clear(e);
		return (1);
	}
	(void)str_clean(show, sizeof(show), real, strlen(real));
	if (is_below(real, lc->root))
		return (err_set(e, ERR_LOCAL, "the link leads to %s, inside "
		    "the data directory", show));
	if (is_below(lc->root, real))
		return (err_set(e, ERR_LOCAL, "the link leads to %s, which "
		    "holds the data directory", show));
	return (0);
}
