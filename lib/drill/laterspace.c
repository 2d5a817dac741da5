/* SPDX-License-Identifier: ISC */
/* Finds the tablespaces of WAL before PostgreSQL makes them. */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/parse.h"
#include "base/path.h"
#include "base/str.h"
#include "datadir/insidedir.h"
#include "drill/laterspace.h"
#include "pg/tsmap.h"
#include "pg/walname.h"
#include "pg/walxact.h"

#define COVERED		"covered"
#define LATER		"later"
#define CARRY		"carry"
#define LIST_MOST	((size_t)1 << 20)
#define PIECE		((size_t)256 << 10)

/* The state of the reader behind a segment; it never leaves this host. */
struct carry {
	uint64_t	 segno;
	struct walxact	 x;
};

struct look {
	const char		*dir;
	struct laterspaces	 covered, found;
	struct err		 why;	/* of what the reader called back */
};

static int
add(struct laterspaces *all, uint32_t oid, const char *path, struct err *e)
{
	struct laterspace	*v;

	v = reallocarray(all->v, all->n + 1, sizeof(*v));
	if (v == NULL)
		return (err_sys(e, ERR_LOCAL, "tablespaces"));
	all->v = v;
	v[all->n].oid = oid;
	if (str_fmt(v[all->n].path, PATH_MAX, e, "%s", path))
		return (-1);
	all->n++;
	return (0);
}

/* Add what the list "name" of the sandbox has; 1 if there is no such list. */
static int
load(struct laterspaces *all, const char *dir, const char *name,
    struct err *e)
{
	char		 path[PATH_MAX], place[PATH_MAX], *text = NULL;
	const char	*at, *end;
	uint32_t	 oid;
	size_t		 n;
	int		 rc;

	if (path_join(path, sizeof(path), dir, name, e))
		return (-1);
	if ((rc = io_load(path, LIST_MOST, &text, &n, e)) != 0)
		return (rc);
	at = text;
	end = text + n;
	while ((rc = tsmap_next(&at, end, &oid, place, sizeof(place),
	    e)) == 1)
		if (add(all, oid, place, e)) {
			rc = -1;
			break;
		}
	free(text);
	return (rc == 0 ? 0 : err_set(e, ERR_LOCAL, "%s is no list of "
	    "tablespaces", path));
}

static int
save(const struct laterspaces *all, const char *dir, const char *name,
    struct err *e)
{
	char	 path[PATH_MAX], *text;
	size_t	 i, n = 0;
	int	 rc = 0;

	if (path_join(path, sizeof(path), dir, name, e))
		return (-1);
	if ((text = malloc(LIST_MOST)) == NULL)
		return (err_sys(e, ERR_LOCAL, "tablespaces"));
	text[0] = '\0';
	for (i = 0; rc == 0 && i < all->n; i++) {
		rc = tsmap_format(text + n, LIST_MOST - n, all->v[i].oid,
		    all->v[i].path, e);
		n += rc == 0 ? strlen(text + n) : 0;
	}
	if (rc == 0)
		rc = io_save(path, 0600, text, n, 1, e);
	free(text);
	return (rc);
}

static int
has(const struct laterspaces *all, const char *path)
{
	size_t	 i;

	for (i = 0; i < all->n; i++)
		if (strcmp(all->v[i].path, path) == 0)
			return (1);
	return (0);
}

/* One that has no place of its own lies in the data directory. */
static void
on_event(void *arg, const struct walevent *ev)
{
	struct look	*l = arg;
	char		 path[WALEVENT_RECORD];

	if (ev->kind != WALEVENT_TABLESPACE || ev->text[0] != '/')
		return;
	memcpy(path, ev->text, ev->ntext);
	path[ev->ntext] = '\0';
	if (insidedir(path, l->dir) || has(&l->covered, path) ||
	    has(&l->found, path))
		return;
	if (add(&l->found, ev->oid, path, &l->why))
		return;			/* "why" stays until all is read */
}

/* Where the reader was behind the segment before this one, if that matters. */
static int
resume(struct carry *c, const char *path, uint64_t segno, struct err *e)
{
	struct carry	 was;
	char		*text = NULL;
	size_t		 n;
	int		 rc;

	walxact_begin(&c->x);
	c->segno = segno;
	if ((rc = io_load(path, sizeof(was), &text, &n, e)) != 0)
		return (rc == 1 ? 0 : -1);
	if (n == sizeof(was)) {
		memcpy(&was, text, n);
		if (was.segno + 1 == segno)
			c->x = was.x;
	}
	free(text);
	return (0);
}

static int
read_wal(struct carry *c, int fd, const char *wal, struct err *e)
{
	uint64_t	 off = 0;
	uint8_t		*buf;
	size_t		 n;
	int		 rc;

	if ((buf = malloc(PIECE)) == NULL)
		return (err_sys(e, ERR_LOCAL, "read WAL"));
	do {
		rc = io_read_at(fd, buf, PIECE, off, &n, wal, e);
		if (rc == 0)
			walxact_add(&c->x, buf, n);
		off += n;
	} while (rc == 0 && n == PIECE);
	free(buf);
	return (rc);
}

/* Read a segment of this size. */
static int
read_segment(struct look *l, int fd, const char *wal,
    const struct walname *w, uint32_t segsize, struct err *e)
{
	struct carry	 c;
	char		 path[PATH_MAX];

	if (path_join(path, sizeof(path), l->dir, CARRY, e) ||
	    resume(&c, path, walname_segno(w, segsize), e))
		return (-1);
	walxact_each(&c.x, on_event, l);
	if (read_wal(&c, fd, wal, e))
		return (-1);
	if (l->why.kind != ERR_NONE)
		return (err_set(e, l->why.kind, "%s", l->why.msg));
	return (walxact_carries(&c.x) ? io_save(path, 0600, &c, sizeof(c), 1,
	    e) : 0);
}

/* Look at a segment; what is found lies in l->found. */
static int
look_at(struct look *l, const char *wal, const struct walname *w,
    struct err *e)
{
	struct stat	 st;
	int		 fd, rc = -1;

	if ((fd = open(wal, O_RDONLY | O_CLOEXEC)) == -1)
		return (err_sys(e, ERR_LOCAL, "open %s", wal));
	if (fstat(fd, &st) == -1)
		err_sys(e, ERR_LOCAL, "%s", wal);
	else if (!walname_segsize_ok((uint64_t)st.st_size))
		err_set(e, ERR_LOCAL, "%s has %jd bytes, as no WAL segment "
		    "has", wal, (intmax_t)st.st_size);
	else if (walname_check(w, (uint32_t)st.st_size, e) == 0)
		rc = read_segment(l, fd, wal, w, (uint32_t)st.st_size, e);
	(void)close(fd);		/* read only: nothing to lose */
	return (rc);
}

int
laterspace_look(const char *wal, const char *name, struct err *e)
{
	char		 dir[PATH_MAX];
	struct look	 l = { .dir = dir };
	struct walname	 w;
	int		 rc = -1;

	if (walname_parse(name, &w, e))
		return (-1);
	if (w.kind != WALNAME_SEGMENT)
		return (0);
	if (realpath("..", dir) == NULL)
		return (err_sys(e, ERR_LOCAL, "the folder of the sandbox"));
	if (load(&l.covered, dir, COVERED, e) != -1 &&
	    look_at(&l, wal, &w, e) == 0)
		rc = l.found.n == 0 ? 0 : save(&l.found, dir, LATER, e);
	if (rc == 0 && l.found.n > 0)
		rc = err_set(e, ERR_CONFLICT, "%s makes tablespace %" PRIu32
		    " in %s, outside the sandbox", name, l.found.v[0].oid,
		    l.found.v[0].path);
	laterspace_free(&l.covered);
	laterspace_free(&l.found);
	return (rc);
}

int
laterspace_take(struct laterspaces *all, const struct sandbox *s,
    struct err *e)
{
	char	 path[PATH_MAX];
	int	 rc = load(all, s->dir, LATER, e);

	if (rc != 0)
		return (rc);
	if (path_join(path, sizeof(path), s->dir, LATER, e))
		return (-1);
	return (unlink(path) == -1 ? err_sys(e, ERR_LOCAL, "remove %s",
	    path) : 0);
}

int
laterspace_covered(const struct laterspaces *all, const struct sandbox *s,
    struct err *e)
{
	return (save(all, s->dir, COVERED, e));
}

/* What of "path" lies behind the directory "dir"; NULL: it is not in it. */
static const char *
behind(const char *path, const char *dir)
{
	const size_t	 n = strlen(dir);

	return (strncmp(path, dir, n) == 0 && (path[n] == '/' ||
	    path[n] == '\0') ? path + n : NULL);
}

int
laterspace_place(char place[PATH_MAX], const struct laterspaces *all,
    const char *path, const struct sandbox *s, struct err *e)
{
	const char	*rest;
	size_t		 i;

	for (i = 0; i < all->n; i++)
		if ((rest = behind(path, all->v[i].path)) != NULL)
			return (str_fmt(place, PATH_MAX, e, "%s/%" PRIu32 "%s",
			    s->tablespaces, all->v[i].oid, rest));
	return (err_set(e, ERR_LOCAL, "%s is not covered", path));
}

/* Let one link lead into the sandbox, if it leads to a covered path. */
static int
relink(const struct laterspaces *all, const char *link,
    const struct sandbox *s, struct err *e)
{
	char	 target[PATH_MAX], place[PATH_MAX], new[PATH_MAX];
	ssize_t	 n = readlink(link, target, sizeof(target) - 1);

	if (n == -1)
		return (errno == EINVAL ? 0 : err_sys(e, ERR_LOCAL, "read "
		    "link %s", link));
	target[n] = '\0';
	if (!has(all, target))
		return (0);
	if (laterspace_place(place, all, target, s, e) ||
	    path_join(new, sizeof(new), s->dir, "link", e))
		return (-1);
	if (symlink(place, new) == -1 || rename(new, link) == -1)
		return (err_sys(e, ERR_LOCAL, "link %s", link));
	return (0);
}

int
laterspace_link(const struct laterspaces *all, const struct sandbox *s,
    struct err *e)
{
	char		 dir[PATH_MAX], link[PATH_MAX];
	struct dirent	*en;
	DIR		*d;
	int		 rc = 0;

	if (all->n == 0)
		return (0);
	if (path_join(dir, sizeof(dir), s->data, "pg_tblspc", e))
		return (-1);
	if ((d = opendir(dir)) == NULL)
		return (err_sys(e, ERR_LOCAL, "read directory %s", dir));
	while (rc == 0 && (errno = 0, (en = readdir(d)) != NULL))
		rc = path_join(link, sizeof(link), dir, en->d_name, e) ||
		    relink(all, link, s, e) ? -1 : 0;
	if (rc == 0 && errno != 0)
		rc = err_sys(e, ERR_LOCAL, "read directory %s", dir);
	(void)closedir(d);		/* read only: nothing to lose */
	return (rc);
}

void
laterspace_free(struct laterspaces *all)
{
	free(all->v);
	*all = (struct laterspaces){ NULL, 0 };
}
