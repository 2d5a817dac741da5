/* SPDX-License-Identifier: ISC */
/*
 * Reads a directory's names into one block of memory and sorts them.
 *
 * A directory may hold a million relations, so each name costs its bytes, one
 * for its kind, and an offset, and nothing is allocated for it alone.
 */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "datadir/dirnames.h"

/* Make room for "need" more bytes and one more name. */
static int
room(struct dirnames *s, size_t need, struct err *e)
{
	size_t	 cap = s->cap == 0 ? 4096 : s->cap;
	void	*p;

	while (cap - s->len < need)
		cap *= 2;
	if (cap != s->cap) {
		if ((p = realloc(s->buf, cap)) == NULL)
			return (err_sys(e, ERR_LOCAL, "list a directory"));
		s->buf = p;
		s->cap = cap;
	}
	if (s->n == s->max) {
		cap = s->max == 0 ? 256 : 2 * s->max;
		p = reallocarray(s->off, cap, sizeof(*s->off));
		if (p == NULL)
			return (err_sys(e, ERR_LOCAL, "list a directory"));
		s->off = p;
		s->max = cap;
	}
	return (0);
}

/* Add the name with its suffix; the byte before it is its kind. */
static int
add(struct dirnames *s, enum dirnames_kind kind, const char *name,
    const char *suffix, struct err *e)
{
	size_t	 len = strlen(name), more = strlen(suffix);

	if (room(s, len + more + 2, e))
		return (-1);
	s->buf[s->len++] = (char)kind;
	s->off[s->n++] = s->len;
	memcpy(s->buf + s->len, name, len);
	memcpy(s->buf + s->len + len, suffix, more + 1);
	s->len += len + more + 1;
	return (0);
}

static int
add_dir(struct dirnames *s, const char *name, int linked, struct err *e)
{
	return (add(s, linked ? DIRNAMES_LINK_DIR : DIRNAMES_DIR, name, "",
	    e) || add(s, linked ? DIRNAMES_LINK_INTO : DIRNAMES_INTO, name,
	    "/", e) ? -1 : 0);
}

/* The type as readdir() gives it; 0 on file systems that do not know it. */
static mode_t
type_of(unsigned char d_type)
{
	switch (d_type) {
	case DT_REG:
		return (S_IFREG);
	case DT_DIR:
		return (S_IFDIR);
	case DT_LNK:
		return (S_IFLNK);
	case DT_SOCK:
		return (S_IFSOCK);
	case DT_FIFO:
		return (S_IFIFO);
	case DT_BLK:
	case DT_CHR:
		return (S_IFCHR);
	default:
		return (0);
	}
}

/* What a link leads to decides what it is. */
static int
add_link(struct dirnames *s, int fd, const char *name, struct err *e)
{
	struct stat	 st;

	if (fstatat(fd, name, &st, 0) == -1)
		return (add(s, DIRNAMES_LINK_DEAD, name, "", e));
	if (S_ISDIR(st.st_mode))
		return (add_dir(s, name, 1, e));
	if (S_ISREG(st.st_mode))
		return (add(s, DIRNAMES_LINK_FILE, name, "", e));
	return (add(s, DIRNAMES_DEVICE, name, "", e));
}

static int
add_any(struct dirnames *s, int fd, const struct dirent *d, const char *what,
    struct err *e)
{
	struct stat	 st;
	mode_t		 type = type_of(d->d_type);

	if (type == 0) {
		if (fstatat(fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) == -1) {
			if (errno == ENOENT)
				return (0);	/* gone meanwhile */
			return (err_sys(e, ERR_LOCAL, "stat a file in %s",
			    what));
		}
		type = st.st_mode & S_IFMT;
	}
	switch (type) {
	case S_IFREG:
		return (add(s, DIRNAMES_FILE, d->d_name, "", e));
	case S_IFDIR:
		return (add_dir(s, d->d_name, 0, e));
	case S_IFLNK:
		return (add_link(s, fd, d->d_name, e));
	case S_IFSOCK:
		return (add(s, DIRNAMES_SOCKET, d->d_name, "", e));
	case S_IFIFO:
		return (add(s, DIRNAMES_PIPE, d->d_name, "", e));
	default:
		return (add(s, DIRNAMES_DEVICE, d->d_name, "", e));
	}
}

static int
by_name(const void *a, const void *b, void *buf)
{
	const char	*names = buf;
	const size_t	*x = a, *y = b;

	return (strcmp(names + *x, names + *y));
}

static int
read_all(struct dirnames *s, DIR *dir, int fd, const char *what, struct err *e)
{
	const struct dirent	*d;

	/* NULL is the end as well as a failure: errno tells them apart. */
	while (errno = 0, (d = readdir(dir)) != NULL) {
		if (strcmp(d->d_name, ".") == 0 ||
		    strcmp(d->d_name, "..") == 0)
			continue;
		if (add_any(s, fd, d, what, e))
			return (-1);
	}
	if (errno != 0)
		return (err_sys(e, ERR_LOCAL, "read directory %s", what));
	return (0);
}

int
dirnames_read(struct dirnames *s, int fd, const char *what, struct err *e)
{
	DIR	*dir;
	int	 copy, rc;

	/* closedir() also closes its descriptor; "fd" stays the caller's. */
	if ((copy = fcntl(fd, F_DUPFD_CLOEXEC, 0)) == -1)
		return (err_sys(e, ERR_LOCAL, "read directory %s", what));
	if ((dir = fdopendir(copy)) == NULL) {
		err_sys(e, ERR_LOCAL, "read directory %s", what);
		(void)close(copy);	/* read only: nothing to lose */
		return (-1);
	}
	rc = read_all(s, dir, fd, what, e);
	(void)closedir(dir);		/* read only: nothing to lose */
	if (rc == 0 && s->n > 1)
		qsort_r(s->off, s->n, sizeof(*s->off), by_name, s->buf);
	return (rc);
}

int
dirnames_only(struct dirnames *s, const char *dir, struct err *e)
{
	return (add_dir(s, dir, 0, e));
}

void
dirnames_free(struct dirnames *s)
{
	free(s->buf);
	free(s->off);
	memset(s, 0, sizeof(*s));
}

const char *
dirnames_at(const struct dirnames *s, size_t i)
{
	return (s->buf + s->off[i]);
}

enum dirnames_kind
dirnames_kind(const struct dirnames *s, size_t i)
{
	return ((enum dirnames_kind)s->buf[s->off[i] - 1]);
}

int
dirnames_has(const struct dirnames *s, const char *name)
{
	size_t	 lo = 0, hi = s->n, mid;
	int	 c;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if ((c = strcmp(dirnames_at(s, mid), name)) == 0)
			return (1);
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (0);
}

void
dirnames_forget(struct dirnames *s, size_t i)
{
	const char	*name = dirnames_at(s, i);
	size_t		 len = strlen(name), k;

	/*
	 * Between "a" and "a/" only names sort that begin with "a" and go on
	 * with a byte before the slash, such as "a.b": few steps.
	 */
	for (k = i + 1; k < s->n; k++)
		if (strncmp(dirnames_at(s, k), name, len) == 0 &&
		    strcmp(dirnames_at(s, k) + len, "/") == 0) {
			s->buf[s->off[k] - 1] = (char)DIRNAMES_GONE;
			return;
		}
}
