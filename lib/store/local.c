/* SPDX-License-Identifier: ISC */
/*
 * The store in a local directory: its names and directories, and its table of
 * calls.  Nothing is pipelined here, so nothing is ever awaited.
 */
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/backend.h"
#include "store/beneath.h"
#include "store/local.h"
#include "store/local_append.h"
#include "store/local_fs.h"
#include "store/local_get.h"
#include "store/local_put.h"

static int
local_rename(struct store *s, const char *from, const char *to,
    struct err *e)
{
	const char	*old = local_fs_below(s, from);
	const char	*new = local_fs_below(s, to);

	if (local_fs_mkdirs(s, to, e))
		return (-1);
	if (beneath_rename(s->root, old, new) == -1) {
		/*
		 * Not every file system has RENAME_NOREPLACE.  link() does
		 * not replace either; a crash before unlink() leaves both
		 * names, which the caller's next run finds.
		 */
		if (errno == EINVAL && beneath_link(s->root, old, new) == 0) {
			if (beneath_unlink(s->root, old) == -1)
				return (local_fs_fail(s, "remove", from, e));
		} else if (errno == EEXIST)
			return (err_set(e, ERR_CONFLICT, "%s exists already",
			    to));
		else if (errno == ENOENT)
			return (err_set(e, ERR_ABSENT,
			    "rename %s: no such file", from));
		else
			/* Name the path that a link is in the way of. */
			return (local_fs_fail(s, "rename", errno == ELOOP &&
			    beneath_symlink(s->root, old) == 0 ? to : from,
			    e));
	}
	if (local_fs_sync_name(s, to, e))
		return (-1);
	return (local_fs_sync_name(s, from, e));
}

static int
local_remove(struct store *s, const char *const *paths, size_t n,
    struct err *e)
{
	char	 full[STORE_PATHMAX];
	size_t	 i;
	int	 rc = 0;

	for (i = 0; i < n; i++) {
		if (backend_full(s, paths[i], full, e))
			return (-1);
		if (beneath_unlink(s->root, local_fs_below(s, full)) == -1 &&
		    errno != ENOENT)
			rc = local_fs_fail(s, "remove", full, e);
	}
	return (rc);
}

static int
local_rmdir(struct store *s, const char *const *paths, size_t n,
    struct err *e)
{
	char	 full[STORE_PATHMAX];
	size_t	 i;
	int	 rc = 0;

	for (i = 0; i < n; i++) {
		if (backend_full(s, paths[i], full, e))
			return (-1);
		if (beneath_rmdir(s->root, local_fs_below(s, full)) == -1 &&
		    errno != ENOENT && errno != ENOTEMPTY && errno != EEXIST)
			rc = local_fs_fail(s, "remove directory", full, e);
	}
	return (rc);
}

static int
local_mkdir(struct store *s, const char *path, struct err *e)
{
	if (local_fs_mkdirs(s, path, e))
		return (-1);
	if (beneath_mkdir(s->root, local_fs_below(s, path), 0700) == 0)
		return (0);
	if (errno == EEXIST)
		return (err_set(e, ERR_CONFLICT, "%s exists already", path));
	return (local_fs_fail(s, "create directory", path, e));
}

/* Describe one entry.  Returns 1 if it has vanished meanwhile. */
static int
entry_of(struct store *s, DIR *d, const char *dir, const struct dirent *de,
    struct store_entry *out, struct err *e)
{
	struct stat	 st;

	/* A symbolic link is shown as itself, never followed. */
	if (fstatat(dirfd(d), de->d_name, &st, AT_SYMLINK_NOFOLLOW) == -1) {
		if (errno == ENOENT)
			return (1);
		return (local_fs_fail(s, "stat an entry of", dir, e));
	}
	out->name = de->d_name;
	out->size = (uint64_t)st.st_size;
	out->mtime = (int64_t)st.st_mtime;
	out->is_dir = S_ISDIR(st.st_mode);
	return (0);
}

/* opendir(3), without following a link. */
static DIR *
open_dir(const struct store *s, const char *path)
{
	const int	 fd = local_fs_open(s, path, O_RDONLY | O_DIRECTORY);
	DIR		*d;

	if (fd == -1)
		return (NULL);
	if ((d = fdopendir(fd)) == NULL)
		(void)close(fd);	/* nothing was read */
	return (d);
}

static int
unlisted(struct store *s, const char *verb, const char *dir, size_t i,
    const struct store_listing *to, struct err *e)
{
	struct err	 why = ERR_INIT;

	local_fs_fail(s, verb, dir, &why);
	if (to->unlisted == NULL || why.kind == ERR_LOCAL)
		return (err_set(e, why.kind, "%s", why.msg));
	return (to->unlisted(to->arg, i, &why, e));
}

static int
list_one(struct store *s, const char *dir, size_t i,
    const struct store_listing *to, struct err *e)
{
	struct store_entry	 entry;
	struct dirent		*de;
	DIR			*d;
	int			 r, rc = -1;

	if ((d = open_dir(s, dir)) == NULL) {
		if (errno == ENOENT)
			return (to->each(to->arg, i, NULL, 1, e));
		return (unlisted(s, "open directory", dir, i, to, e));
	}
	while (errno = 0, (de = readdir(d)) != NULL) {
		if (strcmp(de->d_name, ".") == 0 ||
		    strcmp(de->d_name, "..") == 0)
			continue;
		if ((r = entry_of(s, d, dir, de, &entry, e)) == -1)
			goto out;
		if (r == 0 && to->each(to->arg, i, &entry, 0, e))
			goto out;
	}
	if (errno != 0) {
		rc = unlisted(s, "read directory", dir, i, to, e);
		goto out;
	}
	rc = to->each(to->arg, i, NULL, 0, e);
out:
	(void)closedir(d);		/* read only: nothing to lose */
	return (rc);
}

static int
local_list(struct store *s, const char *const *paths, size_t n,
    const struct store_listing *to, struct err *e)
{
	char	 full[STORE_PATHMAX];
	size_t	 i;

	for (i = 0; i < n; i++)
		if (backend_full(s, paths[i], full, e) ||
		    list_one(s, full, i, to, e))
			return (-1);
	return (0);
}

static int
nothing_awaited(struct store *s, struct err *e)
{
	(void)s;
	(void)e;
	return (0);
}

/* Local directories have links and fsync, or else nothing is ever stored. */
static int
local_about(struct store *s, struct store_about *about, struct err *e)
{
	struct statvfs	 v;

	(void)e;
	about->fsync = about->hardlink = 1;
	if (statvfs(s->root, &v) == -1)
		return (0);
	about->space = 1;
	about->bytes = (uint64_t)v.f_blocks * v.f_frsize;
	about->bytes_free = (uint64_t)v.f_bavail * v.f_frsize;
	about->files = v.f_files;
	about->files_free = v.f_favail;
	return (0);
}

static void
local_free(struct store *s)
{
	backend_fini(s);
	free(s);
}

static int
local_settle(struct store *s, const char *const *paths, size_t n,
    struct err *e)
{
	char	 full[STORE_PATHMAX];
	size_t	 i;

	for (i = 0; i < n; i++)
		if (backend_full(s, paths[i], full, e) ||
		    local_fs_sync_name(s, full, e))
			return (-1);
	return (0);
}

static const struct store_ops	 local_ops = {
	.free = local_free,
	.put_open = local_put_open,
	.put_write = local_put_write,
	.put_end = local_put_end,
	.put_step = local_put_step,
	.put_named = local_put_named,
	.put_free = local_put_free,
	.get_open = local_get_open,
	.get_size = local_get_size,
	.get_ask = local_get_ask,
	.get_take = local_get_take,
	.get_ready = local_get_ready,
	.get_free = local_get_free,
	.load = local_get_load,
	.list = local_list,
	.rename = local_rename,
	.settle = local_settle,
	.remove = local_remove,
	.rmdir = local_rmdir,
	.mkdir = local_mkdir,
	.append_open = local_append_open,
	.append_send = local_append_send,
	.append_step = local_append_step,
	.append_free = local_append_free,
	.append_wait = local_append_wait,
	.wait = nothing_awaited,
	.poll = nothing_awaited,
	.keep = nothing_awaited,
	.about = local_about
};

int
local_open(struct store **out, const char *root, struct err *e)
{
	struct store	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, "open a store"));
	if (backend_init(s, &local_ops, root, root, e)) {
		free(s);
		return (-1);
	}
	*out = s;
	return (0);
}
