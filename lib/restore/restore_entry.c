/* SPDX-License-Identifier: ISC */
/*
 * Entries of a manifest made in a tree, or over what it holds.  Names are only
 * used with the descriptor of the directory that holds them, and no link is
 * followed: the tree may have been prepared by somebody hostile.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/parse.h"
#include "base/path.h"
#include "restore/restore_entry.h"

void
restore_entry_report(const struct restore_entry *r, enum restore_deed deed,
    const char *path)
{
	if (r->conf->report != NULL)
		r->conf->report(r->conf->arg, deed, path);
}

int
restore_entry_reach(struct restore_entry *r, const struct manifest_entry *en,
    struct err *e)
{
	return (r->delta == NULL ? 0 :
	    delta_reach(r->delta, en->path, en->type, e));
}

/* Describe what errno says of a deed at a path. */
static int
fail_at(const struct restore_entry *r, const char *deed, const char *path,
    struct err *e)
{
	int	 saved = errno;
	char	 text[PATH_MAX];

	(void)tree_show(r->tree, path, text, sizeof(text));
	errno = saved;
	return (err_sys(e, ERR_LOCAL, "%s %s", deed, text));
}

/*
 * Set the mode of a directory, also of one that its present mode keeps us out
 * of: O_PATH opens it all the same, and /proc leads to it without a race.
 */
static int
set_dir_mode(int fd, const char *name, mode_t mode)
{
	char	 self[48];
	int	 dir, rc;

	dir = openat(fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir == -1)
		return (-1);
	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", dir);
	rc = chmod(self, mode);
	(void)close(dir);		/* nothing was written by it */
	return (rc);
}

int
restore_entry_dir(struct restore_entry *r, const struct manifest_entry *en,
    struct err *e)
{
	const char	*name;
	int		 fd, is;

	if ((is = restore_entry_reach(r, en, e)) == -1)
		return (-1);
	if (r->dry)
		return (0);
	if (tree_parent(r->tree, en->path, &fd, &name, e))
		return (-1);
	if ((!is && mkdirat(fd, name, 0700) == -1) ||
	    set_dir_mode(fd, name, (en->mode & RESTORE_MODE) | 0700) == -1)
		return (fail_at(r, "create directory", en->path, e));
	/*
	 * No manifest has the data directory itself.  PostgreSQL gives it the
	 * mode of its directories, 0700 or 0750; "base" is always there.
	 */
	if (strcmp(en->path, "base") == 0 &&
	    chmod(r->conf->dir, (en->mode & 0750) | 0700) == -1)
		return (err_sys(e, ERR_LOCAL, "set the mode of %s",
		    r->conf->dir));
	return (0);
}

/* Make the link, or replace one that leads elsewhere; "is" says if one is. */
static int
set_link(const struct restore_entry *r, int fd, const char *name,
    const char *path, const char *target, int is, struct err *e)
{
	char	 now[PATH_MAX];
	ssize_t	 n;

	if (is) {
		n = readlinkat(fd, name, now, sizeof(now));
		if (n == -1)
			return (fail_at(r, "read link", path, e));
		if ((size_t)n == strlen(target) &&
		    memcmp(now, target, (size_t)n) == 0)
			return (0);
		if (!tree_is_mount(r->tree, path))
			restore_entry_report(r, RESTORE_LINK, path);
		if (!r->dry && unlinkat(fd, name, 0) == -1)
			return (fail_at(r, "remove link", path, e));
	}
	if (!r->dry && symlinkat(target, fd, name) == -1)
		return (fail_at(r, "create link", path, e));
	return (0);
}

int
restore_entry_link(struct restore_entry *r, const struct manifest_entry *en,
    struct err *e)
{
	const struct label	*l = r->conf->label;
	struct err		 why = ERR_INIT;
	const char		*name;
	uint64_t		 oid;
	size_t			 i;
	int			 fd, is;

	if (parse_u64(path_base(en->path), 1, UINT32_MAX, &oid, en->path,
	    &why) == -1)
		return (err_set(e, ERR_CORRUPT, "%s", why.msg));
	for (i = 0; i < l->ntablespaces; i++)
		if (l->tablespaces[i].oid == oid &&
		    restore_conf_is_linked(&l->tablespaces[i]))
			break;
	if (i == l->ntablespaces)
		return (err_set(e, ERR_CORRUPT, "%s: is a tablespace that the "
		    "label does not have", en->path));
	if ((is = restore_entry_reach(r, en, e)) == -1)
		return (-1);
	if (r->dry && !is)
		return (0);
	return (tree_parent(r->tree, en->path, &fd, &name, e) ||
	    set_link(r, fd, name, en->path, restore_conf_place(r->conf,
	    &l->tablespaces[i]), is, e) ? -1 : 0);
}

/*
 * Open a file of the tree to restore over its content, or -1 if it has to be
 * made anew: because it cannot be opened or is another user's, whose mode we
 * could not set; or because it has a second name, under which somebody would
 * see the content change.
 */
static int
open_over(const struct restore_entry *r, int fd, const char *name,
    struct stat *st)
{
	int	 file;

	file = openat(fd, name, (r->dry ? O_RDONLY : O_RDWR) | O_NOFOLLOW |
	    O_NONBLOCK | O_CLOEXEC);
	if (file == -1)
		return (-1);
	if (fstat(file, st) == 0 && S_ISREG(st->st_mode) &&
	    st->st_nlink == 1 &&
	    (st->st_uid == geteuid() || geteuid() == 0))
		return (file);
	(void)close(file);		/* nothing was written to it */
	return (-1);
}

/* Give the open file its mode and, with "resize", its size; or close it. */
static int
prepare(const struct restore_entry *r, int *fd, const struct manifest_entry *en,
    int resize, struct err *e)
{
	if (fchmod(*fd, en->mode & RESTORE_MODE) == 0 &&
	    (!resize || ftruncate(*fd, (off_t)en->size) == 0))
		return (0);
	fail_at(r, "prepare", en->path, e);
	(void)close(*fd);		/* nothing was written to it */
	return (-1);
}

/* Make a file that is missing, or, with "is", in the place of one. */
static int
new_file(struct restore_entry *r, const struct manifest_entry *en, int is,
    int dir, const char *name, struct err *e)
{
	char	 path[PATH_MAX];
	int	 fd;

	if (is)
		restore_entry_report(r, RESTORE_DIFFERS, en->path);
	if (r->dry) {
		r->stats->files++;
		r->stats->bytes += en->size;
		return (0);
	}
	if (is && unlinkat(dir, name, 0) == -1)
		return (fail_at(r, "remove", en->path, e));
	fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC |
	    O_NOFOLLOW, 0600);
	if (fd == -1)
		return (fail_at(r, "create", en->path, e));
	if (prepare(r, &fd, en, 1, e))
		return (-1);
	(void)tree_show(r->tree, en->path, path, sizeof(path));
	return (fetcher_file(r->fetcher, fd, path, en->mtime_us, e));
}

/*
 * Make a file of a database that is not wanted: its size, and all zeros.  One
 * that is there is cut to nothing and grown again, so that it takes no room.
 */
static int
empty_file(struct restore_entry *r, const struct manifest_entry *en, int is,
    int dir, const char *name, struct err *e)
{
	struct stat	 st;
	char		 path[PATH_MAX];
	int		 fd;

	r->stats->emptied_files++;
	r->stats->emptied += en->size;
	if (r->dry)
		return (0);
	if (!is || (fd = open_over(r, dir, name, &st)) == -1) {
		if (is && unlinkat(dir, name, 0) == -1)
			return (fail_at(r, "remove", en->path, e));
		fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL |
		    O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd == -1)
			return (fail_at(r, "create", en->path, e));
	}
	if (ftruncate(fd, 0) == -1) {
		fail_at(r, "empty", en->path, e);
		(void)close(fd);	/* it failed already */
		return (-1);
	}
	if (prepare(r, &fd, en, 1, e))
		return (-1);
	(void)tree_show(r->tree, en->path, path, sizeof(path));
	return (fetcher_file(r->fetcher, fd, path, en->mtime_us, e));
}

int
restore_entry_file(struct restore_entry *r, const struct manifest_entry *en,
    int empty, int *passed, struct err *e)
{
	const char	*name = NULL;
	struct stat	 st;
	char		 path[PATH_MAX];
	int		 dir = -1, fd = -1, is, resize;

	*passed = empty;
	if ((is = restore_entry_reach(r, en, e)) == -1)
		return (-1);
	if ((is || !r->dry) &&
	    tree_parent(r->tree, en->path, &dir, &name, e))
		return (-1);
	if (empty)
		return (empty_file(r, en, is, dir, name, e));
	if (!is || (fd = open_over(r, dir, name, &st)) == -1) {
		*passed = r->dry;
		return (new_file(r, en, is, dir, name, e));
	}
	resize = (uint64_t)st.st_size != en->size;
	if (!r->dry && prepare(r, &fd, en, resize, e))
		return (-1);
	(void)tree_show(r->tree, en->path, path, sizeof(path));
	/*
	 * Compare what the disk has, not what memory has of it: after a write
	 * that failed, Linux keeps the page in memory as if it were written,
	 * and a comparison would find it right.
	 */
	if (r->cold)
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	return (fetcher_over(r->fetcher, fd, path, en->mtime_us, resize, e));
}
