/* SPDX-License-Identifier: ISC */
/*
 * Walks a data directory in the order of whole paths: a stack of open
 * directories, each with its sorted names and the place reached in them.
 *
 * Names are sorted with a directory twice (dirnames.h): at "a" it is handed
 * out, at "a/" it is pushed onto the stack.  Between the two the server goes on
 * working, so whatever is looked at may be gone or be something else by then.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "datadir/links.h"
#include "datadir/walk.h"
#include "datadir/walklevel.h"
#include "pg/exclude.h"

#define TBLSPC	"pg_tblspc/"

struct walk {
	struct walk_entry root;
	struct walk_conf conf;
	struct links_conf links;
	char		*dir, *version;	/* owned */
	int		 depth;		/* levels in use */
	char		 real[PATH_MAX];
	char		 path[PATH_MAX];
	char		 target[PATH_MAX];
	char		 show[512];	/* path, fit for a message */
	struct walklevel level[WALK_DEPTH];
};

/* What became of one name: an entry for the caller, or nothing; or -1. */
enum { FOUND = 0, PASSED = 1 };

/* The path for a message; of the root, the directory as it was named. */
static const char *
shown(struct walk *w)
{
	if (w->path[0] == '\0')
		return (str_clean(w->show, sizeof(w->show), w->dir,
		    strlen(w->dir)));
	return (str_clean(w->show, sizeof(w->show), w->path,
	    strlen(w->path)));
}

static int64_t
us_of(struct timespec ts)
{
	return ((int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000);
}

static void
describe(const struct walk *w, const struct stat *st, enum walk_type type,
    int linked, struct walk_entry *en)
{
	*en = (struct walk_entry){
		.path = w->path,
		.target = type == WALK_LINK ? w->target : NULL,
		.type = type,
		.linked = linked,
		.mode = (uint32_t)(st->st_mode & 07777),
		.size = type == WALK_FILE ? (uint64_t)st->st_size : 0,
		.mtime_us = us_of(st->st_mtim),
		.ctime_us = us_of(st->st_ctim),
		.inode = st->st_ino,
		.device = st->st_dev
	};
}

/* Owns "fd", also when it fails.  Of a tablespace one name is walked. */
static int
push(struct walk *w, int fd, int tablespace, struct err *e)
{
	if (walklevel_open(w->level, w->depth, fd, strlen(w->path),
	    tablespace ? w->version : NULL, shown(w), e))
		return (-1);
	w->depth++;
	return (0);
}

static int
changed(struct walk *w, struct err *e)
{
	return (err_set(e, ERR_LOCAL, "%s: changed its type while it was "
	    "read; try again", shown(w)));
}

/* Whether w->path is an entry of pg_tblspc. */
static int
in_tblspc(const struct walk *w)
{
	return (w->level[w->depth - 1].len == strlen(TBLSPC) &&
	    str_begins(w->path, TBLSPC));
}

/* Go into the directory at w->path, which ends in a slash. */
static int
descend(struct walk *w, const char *name, int linked, struct err *e)
{
	const struct walklevel	*l = &w->level[w->depth - 1];
	char			 bare[NAME_MAX + 2];
	int			 fd, flags;

	if (w->depth == WALK_DEPTH)
		return (err_set(e, ERR_LOCAL, "%s: more than %d directories "
		    "deep", shown(w), WALK_DEPTH));
	/* A slash at the end would make openat() follow a link. */
	if (str_fmt(bare, sizeof(bare), e, "%s", name))
		return (-1);
	bare[strlen(bare) - 1] = '\0';
	flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	if ((fd = openat(l->fd, bare,
	    linked ? flags : flags | O_NOFOLLOW)) == -1) {
		if (errno == ENOENT)
			return (PASSED);
		if (errno == ENOTDIR || errno == ELOOP)
			return (changed(w, e));
		return (err_sys(e, ERR_LOCAL, "open directory %s", shown(w)));
	}
	return (push(w, fd, linked && in_tblspc(w), e) ? -1 : PASSED);
}

static int
left_out(struct walk *w, const char *type)
{
	if (w->conf.note != NULL)
		w->conf.note(w->conf.arg, w->path, type);
	return (PASSED);
}

/*
 * Look at the name again, now that it is its turn: it was read with all the
 * others, perhaps hours ago.  "type" is what it was then, of the link's target
 * if "linked".
 */
static int
look(struct walk *w, const char *name, mode_t type, int linked,
    struct stat *st, struct err *e)
{
	const struct walklevel	*l = &w->level[w->depth - 1];
	struct stat		 self;

	if (fstatat(l->fd, name, st, linked ? 0 : AT_SYMLINK_NOFOLLOW) == -1) {
		if (errno != ENOENT && errno != ELOOP)
			return (err_sys(e, ERR_LOCAL, "stat %s", shown(w)));
		/* Gone, unless the link itself is there still. */
		if (!linked)
			return (PASSED);
		if (fstatat(l->fd, name, &self, AT_SYMLINK_NOFOLLOW) == -1)
			return (errno == ENOENT ? PASSED :
			    err_sys(e, ERR_LOCAL, "stat %s", shown(w)));
		if (!exclude_is_own(w->path))
			return (left_out(w, "link to nothing"));
		return (err_set(e, ERR_LOCAL, "%s: is a link to nothing; "
		    "repair or remove it, or mount the disk that it leads to",
		    shown(w)));
	}
	return ((st->st_mode & S_IFMT) == type ? FOUND : changed(w, e));
}

/* A file or directory, or a link that stands for one. */
static int
plain(struct walk *w, const char *name, enum walk_type type, int linked,
    struct walk_entry *en, struct err *e)
{
	struct stat	 st;
	int		 rc;

	rc = look(w, name, type == WALK_DIR ? S_IFDIR : S_IFREG, linked, &st,
	    e);
	if (rc == FOUND)
		describe(w, &st, type, linked, en);
	return (rc);
}

/* The link of a tablespace, which is handed out as a link. */
static int
tablespace(struct walk *w, const char *name, struct walk_entry *en,
    struct err *e)
{
	int		 fd = w->level[w->depth - 1].fd, rc;
	struct stat	 st;

	rc = links_tablespace(&w->links, fd, name, w->target,
	    sizeof(w->target), e);
	if (rc == -1)
		return (err_ctx(e, "%s", shown(w)));
	if (rc == FOUND &&
	    (rc = look(w, name, S_IFLNK, 0, &st, e)) == FOUND)
		describe(w, &st, WALK_LINK, 0, en);
	return (rc);
}

/* Any other link to a directory, which is handed out as the directory. */
static int
linked_dir(struct walk *w, const char *name, struct walk_entry *en,
    struct err *e)
{
	char	 path[PATH_MAX];
	int	 rc;

	if (str_fmt(path, sizeof(path), e, "%s/%s", w->dir, w->path))
		return (-1);
	if ((rc = links_directory(&w->links, path, e)) == -1)
		return (err_ctx(e, "%s", shown(w)));
	return (rc == FOUND ? plain(w, name, WALK_DIR, 1, en, e) : rc);
}

static int
is_link(enum dirnames_kind kind)
{
	return (kind == DIRNAMES_LINK_FILE || kind == DIRNAMES_LINK_DIR ||
	    kind == DIRNAMES_LINK_DEAD);
}

/* Deal with one name that the filter lets through. */
static int
visit(struct walk *w, const char *name, enum dirnames_kind kind,
    struct walk_entry *en, struct err *e)
{
	struct stat	 st;

	/* Even a dead one: it is refused with what is wrong with it. */
	if (is_link(kind) && in_tblspc(w))
		return (tablespace(w, name, en, e));
	switch (kind) {
	case DIRNAMES_GONE:
		return (PASSED);
	case DIRNAMES_FILE:
		return (plain(w, name, WALK_FILE, 0, en, e));
	case DIRNAMES_DIR:
		return (plain(w, name, WALK_DIR, 0, en, e));
	case DIRNAMES_LINK_FILE:
		return (plain(w, name, WALK_FILE, 1, en, e));
	case DIRNAMES_LINK_DIR:
		return (linked_dir(w, name, en, e));
	case DIRNAMES_LINK_DEAD:
		/* It may lead somewhere, or be gone, by now: look again. */
		return (look(w, name, 0, 1, &st, e));
	case DIRNAMES_INTO:
		return (descend(w, name, 0, e));
	case DIRNAMES_LINK_INTO:
		return (descend(w, name, 1, e));
	case DIRNAMES_SOCKET:
		return (left_out(w, "socket"));
	case DIRNAMES_PIPE:
		return (left_out(w, "pipe"));
	case DIRNAMES_DEVICE:
		return (left_out(w, "device"));
	}
	return (PASSED);
}

/* Ask the filter about the path. */
static enum walk_verdict
judge(const struct walk *w, enum dirnames_kind kind)
{
	int	 is_dir = kind == DIRNAMES_DIR || kind == DIRNAMES_LINK_DIR ||
		    (is_link(kind) && in_tblspc(w));

	/* "name/" was asked about when it was "name". */
	if (w->conf.filter == NULL || kind == DIRNAMES_GONE ||
	    kind == DIRNAMES_INTO || kind == DIRNAMES_LINK_INTO)
		return (WALK_KEEP);
	return (w->conf.filter(w->conf.arg, w, w->path, is_dir));
}

/* Take the next name of the innermost directory. */
static int
step(struct walk *w, struct walk_entry *en, struct err *e)
{
	struct walklevel	*l = &w->level[w->depth - 1];
	size_t			 i = l->next++;
	const char		*name = dirnames_at(&l->names, i);
	enum dirnames_kind	 kind = dirnames_kind(&l->names, i);
	enum walk_verdict	 verdict;
	int			 rc = PASSED;

	if (str_fmt(w->path + l->len, sizeof(w->path) - l->len, e, "%s",
	    name))
		return (-1);
	verdict = judge(w, kind);
	if (verdict != WALK_SKIP)
		rc = visit(w, name, kind, en, e);
	/* Of a directory that was not handed out, pass over the content. */
	if ((kind == DIRNAMES_DIR || kind == DIRNAMES_LINK_DIR) &&
	    (rc == PASSED || verdict == WALK_EMPTY))
		dirnames_forget(&l->names, i);
	return (rc);
}

int
walk_next(struct walk *w, struct walk_entry *en, struct err *e)
{
	const struct walklevel	*l;
	int			 rc;

	while (w->depth > 0) {
		l = &w->level[w->depth - 1];
		if (l->next == l->names.n)
			walklevel_close(&w->level[--w->depth]);
		else if ((rc = step(w, en, e)) != PASSED)
			return (rc);
	}
	return (1);
}

static int
begin(struct walk *w, struct err *e)
{
	struct stat	 st;
	int		 fd;

	fd = open(w->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return (err_sys(e, ERR_LOCAL, "open data directory %s",
		    w->dir));
	if (fstat(fd, &st) == -1 || realpath(w->dir, w->real) == NULL) {
		err_sys(e, ERR_LOCAL, "data directory %s", w->dir);
		(void)close(fd);	/* read only: nothing to lose */
		return (-1);
	}
	w->links.root = w->real;
	w->links.tablespace_dir = w->version;
	describe(w, &st, WALK_DIR, 0, &w->root);
	w->root.path = "";
	return (push(w, fd, 0, e));
}

int
walk_open(struct walk **out, const struct walk_conf *conf, struct err *e)
{
	struct walk	*w;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		return (err_sys(e, ERR_LOCAL, "walk %s", conf->dir));
	w->conf = *conf;
	w->conf.dir = w->conf.tablespace_dir = NULL;	/* the copies serve */
	if (str_dup(&w->dir, conf->dir, e) ||
	    str_dup(&w->version, conf->tablespace_dir, e) ||
	    begin(w, e)) {
		walk_free(w);
		return (-1);
	}
	*out = w;
	return (0);
}

const struct walk_entry *
walk_root(const struct walk *w)
{
	return (&w->root);
}

int
walk_has(const struct walk *w, const char *name)
{
	return (w->depth > 0 &&
	    dirnames_has(&w->level[w->depth - 1].names, name));
}

void
walk_free(struct walk *w)
{
	if (w == NULL)
		return;
	while (w->depth > 0)
		walklevel_close(&w->level[--w->depth]);
	free(w->dir);
	free(w->version);
	free(w);
}
