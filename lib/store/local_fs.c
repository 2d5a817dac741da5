/* SPDX-License-Identifier: ISC */
/*
 * What every part of the local store asks of the file system: why it refused,
 * directories, and durable names.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "store/local_fs.h"

int
local_fs_fail(const struct store *s, const char *verb, const char *path,
    struct err *e)
{
	const int	 saved = errno;	/* access() may change it */

	if (errno == ENOSPC)
		return (err_set(e, ERR_REMOTE, "%s %s: no space left on %s",
		    verb, path, s->name));
	if (errno == EDQUOT)
		return (err_set(e, ERR_REMOTE,
		    "%s %s: disk quota exceeded on %s", verb, path, s->name));
	if (saved == ENOENT && s->base_stands &&
	    access(s->base, F_OK) == -1 && errno == ENOENT)
		return (err_set(e, ERR_REMOTE, "%s %s: the repository's "
		    "folder is missing; is its disk mounted?",
		    verb, path));
	errno = saved;
	return (err_sys(e, ERR_REMOTE, "%s %s", verb, path));
}

int
local_fs_mkdirs(struct store *s, const char *path, struct err *e)
{
	char	 dir[STORE_PATHMAX];
	size_t	 n = backend_first_dir(s, path);

	while (path[n] != '\0') {
		if (str_fmt(dir, sizeof(dir), e, "%.*s", (int)n, path))
			return (-1);
		if (mkdir(dir, 0700) == 0)
			/* What was known of an earlier one is void. */
			synceddirs_clear(&s->synced);
		else if (errno != EEXIST)
			return (local_fs_fail(s, "create directory", dir, e));
		n += 1 + strcspn(path + n + 1, "/");
	}
	return (0);
}

static int
sync_dir(struct store *s, const char *dir, struct err *e)
{
	int	 fd, rc = 0;

	if ((fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1) {
		/*
		 * The parent of the root may belong to somebody else: we need
		 * no permission there, and make no promise for it.
		 */
		if (errno == EACCES && strlen(dir) < strlen(s->root))
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
	return (0);
}
