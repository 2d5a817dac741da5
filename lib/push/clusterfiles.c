/* SPDX-License-Identifier: ISC */
/* Which files of a running cluster a backup has, and its pg_control. */
#include <sys/stat.h>

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "datadir/emptydir.h"
#include "pg/exclude.h"
#include "pg/lsn.h"
#include "pg/relpath.h"
#include "push/clusterfiles.h"

#define SAFELY_US	(2 * INT64_C(1000000))	/* some file systems' times
						   count in two seconds */
#define CONTROL_TRIES	10

/*
 * PostgreSQL's rules decide first.  Then temporary relations go, which nobody
 * can see after a restart, and unlogged ones except for their init forks,
 * from which recovery makes them anew; it would throw away all else of them.
 */
static enum walk_verdict
filter(void *arg, const struct walk *w, const char *path, int is_dir)
{
	struct relpath	 rel;
	char		 init[32];

	(void)arg;
	switch (exclude_path(path)) {
	case EXCLUDE_SKIP:
		return (WALK_SKIP);
	case EXCLUDE_KEEP_DIR:
		/* pg_wal is walked, since it keeps an empty archive_status. */
		return (strcmp(path, "pg_wal") == 0 ? WALK_KEEP : WALK_EMPTY);
	case EXCLUDE_KEEP:
		break;
	}
	/*
	 * pg_control is copied last.  The mark is ours: a restore that died
	 * at its very end may have left it in a cluster that then started.
	 */
	if (strcmp(path, CONTROL_PATH) == 0 || strcmp(path, EMPTYDIR_MARK) == 0)
		return (WALK_SKIP);
	if (!is_dir && relpath_parse(path, &rel)) {
		if (rel.temp)
			return (WALK_SKIP);
		(void)snprintf(init, sizeof(init), "%" PRIu32 "_init",
		    rel.rel);
		if (rel.fork != RELPATH_INIT && walk_has(w, init))
			return (WALK_SKIP);
	}
	return (WALK_KEEP);
}

static void
left_out(void *arg, const char *path, const char *text)
{
	const struct clusterfiles	*c = arg;
	char				 clean[256], line[512];

	if (c->note == NULL)
		return;
	(void)snprintf(line, sizeof(line), "%s: %s, left out",
	    str_clean(clean, sizeof(clean), path, strlen(path)), text);
	c->note(c->arg, line);
}

int
clusterfiles_open(struct clusterfiles *c, struct err *e)
{
	const struct walk_conf	 wc = {
		c->dir, c->tablespace_dir, filter, left_out, c
	};

	return (walk_open(&c->walk, &wc, e));
}

void
clusterfiles_free(struct clusterfiles *c)
{
	walk_free(c->walk);
	c->walk = NULL;
}

int
clusterfiles_next(struct clusterfiles *c, struct manifest_entry *en,
    struct err *e)
{
	static const enum manifest_type	 type[] = {
		[WALK_DIR] = MANIFEST_DIR, [WALK_FILE] = MANIFEST_FILE,
		[WALK_LINK] = MANIFEST_LINK
	};
	struct walk_entry	 w;
	int			 rc;

	if ((rc = walk_next(c->walk, &w, e)) != 0)
		return (rc);
	*en = (struct manifest_entry){
		.type = type[w.type], .path = w.path,
		.target = w.target, .mode = w.mode & 07777,
		.mtime_us = w.mtime_us, .ctime_us = w.ctime_us,
		.inode = w.inode, .size = w.size
	};
	return (0);
}

static int64_t
mtime_us(const struct stat *st)
{
	return ((int64_t)st->st_mtim.tv_sec * 1000000 +
	    st->st_mtim.tv_nsec / 1000);
}

/*
 * Times of files are by the clock of their file system, which may be another
 * host's (NFS).  The checkpoint at the backup's start has just written
 * pg_control, so if that clock is behind PostgreSQL's, its mtime shows it.
 * The earlier of the two is taken: a time that is too early only makes the
 * next push read a file that it need not read.
 */
int64_t
clusterfiles_safe_us(int64_t start_us, int64_t control_us)
{
	return ((control_us < start_us ? control_us : start_us) - SAFELY_US);
}

int
clusterfiles_safe_time(const struct clusterfiles *c, int64_t start_us,
    int64_t *safe_us, struct err *e)
{
	struct stat	 st;
	char		 path[PATH_MAX];

	if (path_join(path, sizeof(path), c->dir, CONTROL_PATH, e))
		return (-1);
	if (stat(path, &st) == -1)
		return (err_sys(e, ERR_LOCAL, "stat %s", path));
	*safe_us = clusterfiles_safe_us(start_us, mtime_us(&st));
	return (0);
}

/*
 * The server may write the file at the same moment, and a read is then half
 * old and half new.  The CRC shows that, so it is read until it fits.
 */
static int
read_control(const struct clusterfiles *c, uint8_t buf[CONTROL_SIZE],
    struct control *ctl, struct stat *st, struct err *e)
{
	const struct timespec	 pause = { 0, 20 * 1000 * 1000 };
	char			 path[PATH_MAX];
	size_t			 n;
	int			 fd, rc = -1, tries;

	if (path_join(path, sizeof(path), c->dir, CONTROL_PATH, e))
		return (-1);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return (err_sys(e, ERR_LOCAL, "open %s", path));
	for (tries = 0; rc == -1 && tries < CONTROL_TRIES; tries++) {
		if (tries > 0) {
			err_clear(e);
			(void)nanosleep(&pause, NULL);
		}
		if (fstat(fd, st) == -1)
			err_sys(e, ERR_LOCAL, "stat %s", path);
		else if (io_read_at(fd, buf, CONTROL_SIZE, 0, &n, path, e) ==
		    0)
			rc = control_parse(buf, n, ctl, e);
	}
	(void)close(fd);		/* read only: nothing to lose */
	return (rc);
}

/* The check finds a wrong data_directory, a stale mount, another instance. */
static int
read_own(const struct clusterfiles *c, uint64_t system_id,
    uint8_t buf[CONTROL_SIZE], struct control *ctl, struct stat *st,
    struct err *e)
{
	if (read_control(c, buf, ctl, st, e))
		return (-1);
	if (ctl->sysid != system_id)
		return (err_set(e, ERR_PG, "%s/%s: found system identifier %"
		    PRIu64 ", expected %" PRIu64 " as the server at conninfo "
		    "has it; check data_directory", c->dir, CONTROL_PATH,
		    ctl->sysid, system_id));
	return (0);
}

int
clusterfiles_check(const struct clusterfiles *c, uint64_t system_id,
    struct err *e)
{
	struct control	 ctl;
	struct stat	 st;
	uint8_t		 buf[CONTROL_SIZE];

	return (read_own(c, system_id, buf, &ctl, &st, e));
}

/*
 * It is the last moment for these checks: if files of a wrong cluster were
 * copied, the label would call them a backup of this one.
 */
int
clusterfiles_control(const struct clusterfiles *c, uint64_t system_id,
    uint64_t start_lsn, uint8_t buf[CONTROL_SIZE], struct manifest_entry *en,
    struct hotsettings *hot, struct err *e)
{
	struct control	 ctl;
	struct stat	 st;
	char		 found[LSN_TEXT], expected[LSN_TEXT];

	if (read_own(c, system_id, buf, &ctl, &st, e))
		return (-1);
	if (ctl.redo < start_lsn)
		return (err_set(e, ERR_PG, "%s/%s: found its checkpoint at %s, "
		    "expected %s, where this backup starts, or later; check "
		    "data_directory", c->dir, CONTROL_PATH,
		    lsn_format(found, ctl.redo),
		    lsn_format(expected, start_lsn)));
	if (control_poison(buf, CONTROL_SIZE, e))
		return (-1);
	*en = (struct manifest_entry){ .type = MANIFEST_FILE,
	    .path = CONTROL_PATH, .mode = st.st_mode & 07777,
	    .mtime_us = mtime_us(&st) };
	*hot = ctl.hot;
	return (0);
}
