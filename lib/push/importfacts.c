/* SPDX-License-Identifier: ISC */
/*
 * A backup of somebody else, judged by what lies in its directory.
 *
 * Two things make a copy of a data directory a backup: where replay begins,
 * which backup_label says, and where it has made the copy consistent.  Without
 * the second nobody could say which WAL the backup needs, and a restore would
 * fail, so a directory that does not have it is refused.
 */
#include <sys/stat.h>

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/parse.h"
#include "base/path.h"
#include "base/str.h"
#include "datadir/postmaster.h"
#include "pg/bhistory.h"
#include "pg/lsn.h"
#include "pg/pgmanifest_read.h"
#include "pg/tsmap.h"
#include "push/importfacts.h"

#define TEXT_MAX	((size_t)1 << 20)
#define SECOND_US	INT64_C(1000000)
#define MANIFEST	"backup_manifest"

/* The modification time of "dir/name" counts for the end of the backup. */
static int
ended_by(struct importfacts *f, const char *path, struct err *e)
{
	struct stat	 st;
	int64_t		 us;

	if (stat(path, &st) == -1)
		return (err_sys(e, ERR_LOCAL, "%s", path));
	us = (int64_t)st.st_mtim.tv_sec * SECOND_US + SECOND_US;
	if (us > f->stop_us)
		f->stop_us = us;
	return (0);
}

/* Load "dir/name": 0; 1 if there is none; or -1. */
static int
load(const char *dir, const char *name, char **text, size_t *n, struct err *e)
{
	char	 path[PATH_MAX];

	return (path_join(path, sizeof(path), dir, name, e) ? -1 :
	    io_load(path, TEXT_MAX, text, n, e));
}

/* The major version that made the cluster; its minor one nobody knows. */
static int
read_version(struct importfacts *f, const char *dir, struct err *e)
{
	uint64_t	 major;
	char		*text = NULL;
	size_t		 n;
	int		 rc;

	if ((rc = load(dir, "PG_VERSION", &text, &n, e)) == 1)
		return (err_set(e, ERR_CONFIG, "%s: has no PG_VERSION, so it "
		    "is no data directory; unpack the backup first", dir));
	if (rc == 0) {
		text[strcspn(text, "\n")] = '\0';
		rc = parse_u64(text, 13, 18, &major, "PG_VERSION", e);
	}
	if (rc == 0)
		f->pg.version = (uint32_t)major * 10000;
	free(text);
	return (rc);
}

static int
read_control(struct importfacts *f, struct control *ctl, const char *dir,
    struct err *e)
{
	char	 path[PATH_MAX], *bytes = NULL;
	size_t	 n;
	int	 rc;

	if (path_join(path, sizeof(path), dir, CONTROL_PATH, e))
		return (-1);
	if ((rc = io_load(path, CONTROL_SIZE, &bytes, &n, e)) == 1)
		return (err_set(e, ERR_CONFIG, "%s: is missing", path));
	if (rc == 0 && (rc = control_parse((const uint8_t *)bytes, n, ctl,
	    e)) == -1)
		err_ctx(e, "%s", path);
	if (rc == 0 && n != CONTROL_SIZE)
		rc = err_set(e, ERR_CORRUPT, "%s: found %zu bytes, expected "
		    "%d", path, n, CONTROL_SIZE);
	if (rc == 0)
		memcpy(f->control, bytes, CONTROL_SIZE);
	free(bytes);
	return (rc == 0 ? ended_by(f, path, e) : -1);
}

/* What a server would say of itself. */
static int
describe(struct importfacts *f, const struct control *ctl, const char *dir,
    struct err *e)
{
	f->pg.catalog_version = ctl->catalog;
	f->pg.system_id = ctl->sysid;
	f->pg.timeline = ctl->tli;
	f->pg.segment_size = ctl->wal_segsize;
	f->pg.block_size = ctl->blcksz;
	f->pg.relseg_blocks = ctl->relseg_size;
	f->pg.checksums = ctl->checksums != 0;
	f->pg.archive = PGFACTS_ARCHIVE_ON;	/* importwal.h sees to it */
	f->pg.now_us = clock_now_us();
	(void)relpath_version_dir(f->pg.tablespace_dir,
	    f->pg.version / 10000, ctl->catalog);
	return (str_fmt(f->pg.data_directory, sizeof(f->pg.data_directory),
	    e, "%s", dir));
}

static int
read_label(struct importfacts *f, const struct control *ctl, const char *dir,
    struct err *e)
{
	int	 rc;

	if ((rc = load(dir, "backup_label", &f->label, &f->label_len, e)) ==
	    1)
		return (err_set(e, ERR_CONFIG, "%s: has no backup_label, and "
		    "its cluster is \"%s\" by pg_control; expected an "
		    "unpacked pg_basebackup that was never started, or a "
		    "snapshot with its backup_label", dir,
		    control_state_name(ctl->state)));
	if (rc == -1)
		return (-1);
	if (blabel_parse(f->label, f->label_len, f->pg.segment_size,
	    &f->start, e))
		return (err_ctx(e, "%s/backup_label", dir));
	if (f->start.incremental)
		return (err_set(e, ERR_CONFIG, "%s: is an incremental backup; "
		    "combine it with those before by pg_combinebackup first",
		    dir));
	f->pg.in_recovery = f->start.standby;
	return (0);
}

static int
on_cluster(void *arg, uint64_t id, struct err *e)
{
	const struct importfacts	*f = arg;

	return (id == f->pg.system_id ? 0 : err_set(e, ERR_CORRUPT, MANIFEST
	    ": found system identifier %" PRIu64 ", pg_control has %" PRIu64,
	    id, f->pg.system_id));
}

static int
on_range(void *arg, uint32_t tli, uint64_t start, uint64_t end,
    struct err *e)
{
	struct importfacts	*f = arg;

	if (f->stop_lsn != 0 || tli != f->start.tli)
		return (err_set(e, ERR_CONFIG, MANIFEST ": needs WAL of "
		    "several timelines; such a backup cannot be imported"));
	if (start != f->start.start || end <= start)
		return (err_set(e, ERR_CORRUPT, MANIFEST ": its WAL does not "
		    "begin where backup_label does"));
	f->stop_lsn = end;
	return (0);
}

/* Where the backup ends, by the manifest: 0; 1 if there is none; or -1. */
static int
read_manifest(struct importfacts *f, const char *dir, struct err *e)
{
	static const struct pgmanifest_read_events	 on = {
		.cluster = on_cluster, .range = on_range
	};
	struct pgmanifest_read	*r = NULL;
	char			 path[PATH_MAX], buf[65536];
	size_t			 n;
	int			 fd, rc = -1;

	if (path_join(path, sizeof(path), dir, MANIFEST, e))
		return (-1);
	if (access(path, F_OK) == -1)
		return (1);
	if ((fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
	    O_CLOEXEC)) == -1)
		return (err_sys(e, ERR_LOCAL, "open %s", path));
	if (pgmanifest_read_new(&r, &on, f, e))
		goto out;
	do {
		if (io_read(fd, buf, sizeof(buf), &n, path, e) ||
		    (n > 0 && pgmanifest_read_add(r, buf, n, e)))
			goto out;
	} while (n > 0);
	if (pgmanifest_read_end(r, e) || ended_by(f, path, e))
		goto out;
	f->manifest = 1;
	rc = f->stop_lsn != 0 ? 0 : err_set(e, ERR_CORRUPT, MANIFEST ": does "
	    "not say which WAL the backup needs");
out:
	pgmanifest_read_free(r);
	(void)close(fd);		/* read only */
	return (rc);
}

/* The same by the history file of the backup, which has its start's name. */
static int
read_history(struct importfacts *f, const char *dir, struct err *e)
{
	struct bhistory	 h;
	char		 name[64], seg[WALNAME_TEXT], path[PATH_MAX];
	char		*text = NULL;
	size_t		 n;
	int		 rc;

	(void)snprintf(name, sizeof(name), "pg_wal/%s.%08" PRIX64 ".backup",
	    walname_format(seg, &f->start.segment),
	    f->start.start % f->pg.segment_size);
	if ((rc = load(dir, name, &text, &n, e)) == 1)
		return (err_set(e, ERR_CONFIG, "%s: neither backup_manifest "
		    "nor %s is there, so nothing says where the backup ends; "
		    "get that file from the archive of the cluster", dir,
		    name));
	if (rc == 0 && (rc = bhistory_parse(text, n, &h, e)) == -1)
		err_ctx(e, "%s/%s", dir, name);
	free(text);
	if (rc == -1)
		return (-1);
	if (h.start != f->start.start || h.start_tli != f->start.tli ||
	    h.stop_tli != h.start_tli || h.stop <= h.start)
		return (err_set(e, ERR_CORRUPT, "%s/%s: is of another backup "
		    "than backup_label", dir, name));
	f->stop_lsn = h.stop;
	return (path_join(path, sizeof(path), dir, name, e) ||
	    ended_by(f, path, e) ? -1 : 0);
}

/* What an unpacked tar archive needs before it is a whole data directory. */
static int
check_links(const char *dir, struct err *e)
{
	char		 to[PATH_MAX], path[PATH_MAX], *text = NULL;
	const char	*at;
	struct stat	 st;
	uint32_t	 oid;
	size_t		 n;
	int		 rc;

	if ((rc = load(dir, "tablespace_map", &text, &n, e)) != 0)
		return (rc == 1 ? 0 : -1);
	for (at = text; (rc = tsmap_next(&at, text + n, &oid, to, sizeof(to),
	    e)) == 1;) {
		if (str_fmt(path, sizeof(path), e, "%s/pg_tblspc/%" PRIu32,
		    dir, oid)) {
			rc = -1;
			break;
		}
		if (lstat(path, &st) == -1) {
			rc = err_set(e, ERR_CONFIG, "%s: is missing, and "
			    "tablespace_map has this tablespace; make a link "
			    "to where it was unpacked", path);
			break;
		}
	}
	free(text);
	return (rc);
}

/*
 * What was copied when the backup had ended may hold pages that WAL up to its
 * end does not lead to.  The last file that is copied is pg_control.
 */
static int
check_copied_before(const struct importfacts *f, const struct control *ctl,
    const char *dir, struct err *e)
{
	char	 found[LSN_TEXT], end[LSN_TEXT];

	if (ctl->checkpoint < f->stop_lsn && ctl->min_recovery <= f->stop_lsn)
		return (0);
	return (err_set(e, ERR_CONFIG, "%s: was copied, or used, after its "
	    "backup had ended at %s: its pg_control has %s", dir,
	    lsn_format(end, f->stop_lsn), lsn_format(found,
	    ctl->checkpoint >= f->stop_lsn ? ctl->checkpoint :
	    ctl->min_recovery)));
}

int
importfacts_read(struct importfacts *f, const char *dir, struct err *e)
{
	struct control	 ctl;
	int		 rc;

	memset(f, 0, sizeof(*f));
	if (read_version(f, dir, e) ||
	    postmaster_absent(dir, e) ||
	    read_control(f, &ctl, dir, e) ||
	    describe(f, &ctl, dir, e) ||
	    read_label(f, &ctl, dir, e) ||
	    (rc = read_manifest(f, dir, e)) == -1 ||
	    (rc == 1 && read_history(f, dir, e)) ||
	    check_copied_before(f, &ctl, dir, e) ||
	    check_links(dir, e)) {
		importfacts_free(f);
		return (-1);
	}
	/* A time that is still to come says nothing. */
	if (f->stop_us > f->pg.now_us)
		f->stop_us = f->pg.now_us;
	return (0);
}

void
importfacts_free(struct importfacts *f)
{
	free(f->label);
	f->label = NULL;
}
