/* SPDX-License-Identifier: ISC */
/* WAL that only a data directory has.  When in doubt, a file counts. */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "datadir/deltadir.h"
#include "pg/walseg.h"
#include "repo/layout.h"
#include "repo/object.h"
#include "restore/unarchived.h"

struct look {
	struct unarchived	*out;
	struct archive	*a;
	const struct catalogue *c;
	char		 wal[PATH_MAX];		/* the directory */
	uint32_t	 segsize;
	int		 has_stop;
	struct walname	 stop;		/* it holds a shutdown alone */
};

/*
 * Find the segment whose first record is the checkpoint of a clean shutdown.
 * An archiving server switches to a new segment first, so that the WAL before
 * it is archived; what follows the checkpoint is nothing.
 */
static int
find_stop(struct look *k, const char *dir, struct err *e)
{
	struct control	 ctl;
	int		 rc;

	if ((rc = deltadir_control(dir, &ctl, e)) == -1)
		return (-1);
	k->has_stop = rc == 0 && ctl.state == CONTROL_SHUT_DOWN &&
	    ctl.checkpoint % k->segsize == WALSEG_HEADER;
	if (k->has_stop)
		k->stop = walname_at(ctl.tli, ctl.checkpoint, k->segsize);
	return (0);
}

/* Whether the file waits for archive_command; in doubt it does. */
static int
is_ready(const struct look *k, const char *name)
{
	struct err	 unused = ERR_INIT;
	struct stat	 st;
	char		 path[PATH_MAX];

	if (str_fmt(path, sizeof(path), &unused,
	    "%s/archive_status/%s.ready", k->wal, name))
		return (1);
	return (lstat(path, &st) == 0 || errno != ENOENT);
}

/*
 * Whether the segment holds WAL of this cluster under its name.  One that was
 * made in advance has another name's header, or none.  What cannot be read may
 * hold something.
 */
static int
is_written(const struct look *k, const struct walname *w, const char *name)
{
	uint8_t		 first[WALSEG_HEADER];
	struct walseg	 seg;
	struct err	 unused = ERR_INIT;
	char		 path[PATH_MAX];
	size_t		 n = 0;
	int		 fd, rc;

	if (path_join(path, sizeof(path), k->wal, name, &unused))
		return (1);
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return (errno != ENOENT);
	rc = io_read_at(fd, first, sizeof(first), 0, &n, name, &unused);
	(void)close(fd);		/* read only: nothing to lose */
	if (rc == -1)
		return (1);
	if (n != sizeof(first))
		return (0);
	seg = walseg_parse(first);
	return (walseg_check(&seg, w, k->a->system_id, k->segsize,
	    &unused) == 0);
}

static int
is_lost_segment(const struct look *k, const struct walname *w,
    const char *name)
{
	const struct walindex_timeline	*t = catalogue_find_timeline(k->c,
	    w->tli);
	const uint64_t			 no = walname_segno(w, k->segsize);

	if (coverage_has(catalogue_wal(k->c), w->tli, no))
		return (0);
	if (k->has_stop && w->tli == k->stop.tli &&
	    no == walname_segno(&k->stop, k->segsize))
		return (0);
	return ((t == NULL || t->segments == 0 || no > t->last ||
	    is_ready(k, name)) && is_written(k, w, name));
}

/*
 * A history or partial file is written once, when a timeline ends, and needs
 * archiving only as long as it is marked for that.
 */
static int
is_lost_other(const struct look *k, const char *name, int *lost,
    struct err *e)
{
	struct store_get	*get = NULL;
	struct head		 h;
	char			 path[LAYOUT_PATH];
	int			 rc;

	*lost = 0;
	if (!is_ready(k, name))
		return (0);
	if (layout_wal(path, name, e) ||
	    store_get_open(&get, k->a->store, path, e)) {
		store_get_free(get);
		return (-1);
	}
	rc = object_head(&h, k->a, get, HEAD_WAL, path, e);
	store_get_free(get);
	*lost = rc == 1;
	return (rc == -1 ? -1 : 0);
}

static int
look_at(struct look *k, const char *name, struct err *e)
{
	struct err	 unused = ERR_INIT;
	struct walname	 w;
	int		 lost = 0;

	if (walname_parse(name, &w, &unused) ||
	    walname_check(&w, k->segsize, &unused))
		return (0);
	switch (w.kind) {
	case WALNAME_SEGMENT:
		lost = is_lost_segment(k, &w, name);
		break;
	case WALNAME_PARTIAL:
	case WALNAME_HISTORY:
		if (is_lost_other(k, name, &lost, e))
			return (-1);
		break;
	case WALNAME_BACKUP:
		break;			/* no transaction is in it */
	}
	if (!lost)
		return (0);
	if (k->out->n++ == 0 || strcmp(name, k->out->first) < 0)
		(void)walname_format(k->out->first, &w);
	return (0);
}

int
unarchived_find(struct unarchived *out, const char *dir, struct archive *a,
    const struct catalogue *c, struct err *e)
{
	struct look	 k = { .out = out, .a = a, .c = c,
	    .segsize = catalogue_segsize(c) };
	struct dirent	*en;
	struct stat	 st;
	DIR		*d;
	int		 rc = 0;

	memset(out, 0, sizeof(*out));
	if (path_join(k.wal, sizeof(k.wal), dir, "pg_wal", e))
		return (-1);
	if (lstat(k.wal, &st) == -1)
		return (errno == ENOENT ? 0 : err_sys(e, ERR_LOCAL, "stat %s",
		    k.wal));
	if (!S_ISDIR(st.st_mode))
		return (0);
	if (find_stop(&k, dir, e))
		return (-1);
	if ((d = opendir(k.wal)) == NULL)
		return (err_sys(e, ERR_LOCAL, "open directory %s", k.wal));
	while (rc == 0 && (errno = 0, (en = readdir(d)) != NULL))
		rc = look_at(&k, en->d_name, e);
	if (rc == 0 && errno != 0)
		rc = err_sys(e, ERR_LOCAL, "read directory %s", k.wal);
	(void)closedir(d);		/* read only: nothing to lose */
	return (rc);
}
