/* SPDX-License-Identifier: ISC */
/*
 * What every part of the local store asks of the file system: why it refused,
 * directories, and durable names.
 */
#include <sys/stat.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "store/beneath.h"
#include "store/local_fs.h"

const char *
local_fs_below(const struct store *s, const char *full)
{
	const size_t	 n = strlen(s->root);

	assert(strncmp(full, s->root, n) == 0);
	assert(full[n] == '\0' || full[n] == '/');
	return (full[n] == '\0' ? full + n : full + n + 1);
}

int
local_fs_open(const struct store *s, const char *path, int flags)
{
	return (beneath_open(s->root, local_fs_below(s, path), flags, 0));
}

static int
base_is_missing(const struct store *s)
{
	const int	 fd = local_fs_open(s, s->base, O_PATH | O_DIRECTORY);

	if (fd == -1)
		return (errno == ENOENT);
	(void)close(fd);		/* only looked at */
	return (0);
}

/* Name the link on the way to "path".  Returns 0 if there is none (now). */
static int
link_in_the_way(const struct store *s, const char *verb, const char *path,
    struct err *e)
{
	const size_t	 root = strlen(s->root);
	size_t		 n;

	if (strlen(path) <= root ||
	    (n = beneath_symlink(s->root, local_fs_below(s, path))) == 0)
		return (0);
	return (err_set(e, ERR_CORRUPT, "%s %s: %.*s is a symbolic link, and "
	    "no link inside a repository is followed; find out who made it, "
	    "and put what belongs there in its place", verb, path,
	    (int)(root + 1 + n), path));
}

/* The same for a file that something below it was asked of. */
static int
file_in_the_way(const struct store *s, const char *verb, const char *path,
    struct err *e)
{
	const size_t	 root = strlen(s->root);
	char		 dir[STORE_PATHMAX];
	struct err	 unused = ERR_INIT;
	size_t		 n;
	int		 fd;

	if (strncmp(path, s->root, root) != 0)
		return (0);
	for (n = root; path[n] == '/';) {
		n += 1 + strcspn(path + n + 1, "/");
		if (str_fmt(dir, sizeof(dir), &unused, "%.*s", (int)n, path))
			return (0);
		fd = local_fs_open(s, dir, O_PATH | O_DIRECTORY);
		if (fd == -1 && errno == ENOTDIR)
			return (err_set(e, ERR_REMOTE, "%s %s: %s is a file "
			    "where a directory belongs; find out who made it, "
			    "and remove it", verb, path, dir));
		if (fd == -1)
			return (0);
		(void)close(fd);	/* only looked at */
	}
	return (0);
}

int
local_fs_fail(const struct store *s, const char *verb, const char *path,
    struct err *e)
{
	const int	 saved = errno;	/* looking further changes it */

	err_denied(e, saved == EACCES || saved == EPERM ||
	    saved == EISDIR || saved == ENOTDIR || saved == ENXIO);
	if (errno == ENOSPC)
		return (err_set(e, ERR_REMOTE, "%s %s: no space left on %s",
		    verb, path, s->name));
	if (errno == EDQUOT)
		return (err_set(e, ERR_REMOTE,
		    "%s %s: disk quota exceeded on %s", verb, path, s->name));
	if (saved == ELOOP && link_in_the_way(s, verb, path, e))
		return (-1);
	if (saved == ENOTDIR && file_in_the_way(s, verb, path, e))
		return (-1);
	if (saved == ENOENT && s->base_stands && base_is_missing(s))
		return (err_set(e, ERR_REMOTE, "%s %s: the repository's "
		    "folder is missing; is its disk mounted?",
		    verb, path));
	errno = saved;
	return (err_sys(e, ERR_REMOTE, "%s %s", verb, path));
}

int
local_fs_write_at(const struct store *s, int fd, const char *path,
    const void *buf, size_t n, uint64_t off, struct err *e)
{
	const uint8_t	*from = buf;
	ssize_t		 w;

	while (n > 0) {
		w = pwrite(fd, from, n, (off_t)off);
		if (w == -1 && errno == EINTR)
			continue;
		if (w <= 0) {
			if (w == 0)
				errno = EIO;
			return (local_fs_fail(s, "write", path, e));
		}
		from += w;
		off += (uint64_t)w;
		n -= (size_t)w;
	}
	return (0);
}

/* The root itself may be reached through links, and so may what is above. */
static int
make_dir(const struct store *s, const char *dir)
{
	const char	*below = local_fs_below(s, dir);

	return (*below == '\0' ? mkdir(dir, 0700) :
	    beneath_mkdir(s->root, below, 0700));
}

int
local_fs_mkdirs(struct store *s, const char *path, struct err *e)
{
	char	 dir[STORE_PATHMAX];
	size_t	 n = backend_first_dir(s, path);

	while (path[n] != '\0') {
		if (str_fmt(dir, sizeof(dir), e, "%.*s", (int)n, path))
			return (-1);
		if (make_dir(s, dir) == 0)
			/* What was known of an earlier one is void. */
			synceddirs_clear(&s->synced);
		else if (errno != EEXIST)
			return (local_fs_fail(s, "create directory", dir, e));
		n += 1 + strcspn(path + n + 1, "/");
	}
	return (0);
}

/*
 * Say which directory "dir" is.  It holds the name that was just given, so it
 * cannot be removed and made anew between this and its fsync.
 */
static void
identify(struct store *s, const char *dir)
{
	const int		 fd = local_fs_open(s, dir, O_PATH |
	    O_DIRECTORY);
	struct synceddirs_id	 id;
	struct statx		 st;

	if (fd == -1 || statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME,
	    &st) == -1)
		synceddirs_clear(&s->synced);
	else {
		id = (struct synceddirs_id){
		    (uint64_t)st.stx_dev_major << 32 | st.stx_dev_minor,
		    st.stx_ino, st.stx_btime.tv_sec, st.stx_btime.tv_nsec };
		synceddirs_now(&s->synced, dir, &id);
	}
	if (fd != -1)
		(void)close(fd);	/* only looked at */
}

static int
sync_dir(struct store *s, const char *dir, struct err *e)
{
	const int	 above = strlen(dir) < strlen(s->root);
	int		 fd, rc = 0;

	fd = above ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) :
	    local_fs_open(s, dir, O_RDONLY | O_DIRECTORY);
	if (fd == -1) {
		/*
		 * The parent of the root may belong to somebody else: we need
		 * no permission there, and make no promise for it.
		 */
		if (errno == EACCES && above)
			return (0);
		return (local_fs_fail(s, "open directory", dir, e));
	}
	if (fsync(fd) == -1)
		rc = local_fs_fail(s, "fsync directory", dir, e);
	(void)close(fd);		/* read only: nothing to lose */
	return (rc);
}

int
local_fs_sync_name(struct store *s, const char *path, struct err *e)
{
	char	 dir[STORE_PATHMAX], up[STORE_PATHMAX];

	memcpy(dir, path, strlen(path) + 1);
	if (!synceddirs_up(dir, s->root))
		return (0);
	if (strlen(dir) >= strlen(s->root))
		identify(s, dir);
	/* The name's own directory always, those above only the first time. */
	if (sync_dir(s, dir, e))
		return (-1);
	if (synceddirs_has(&s->synced, dir))
		return (0);
	memcpy(up, dir, sizeof(up));
	while (synceddirs_up(up, s->root))
		if (sync_dir(s, up, e))
			return (-1);
	synceddirs_add(&s->synced, dir);
	if (strlen(dir) >= strlen(s->root))
		identify(s, dir);
	return (0);
}
