/* SPDX-License-Identifier: ISC */
/*
 * A base backup back into a directory: the order of the steps, which makes
 * sure that a restore that stops anywhere leaves nothing that would start.
 */
#include <sys/stat.h>

#include <string.h>
#include <unistd.h>

#include "datadir/syncset.h"
#include "datadir/tree.h"
#include "restore/delta.h"
#include "restore/deltacheck.h"
#include "restore/restore.h"
#include "restore/restore_apply.h"
#include "restore/restore_check.h"
#include "restore/restore_hold.h"
#include "restore/restore_tar.h"

struct restore {
	const struct restore_conf *conf;
	struct restore_hold	*hold;
	struct archive		*archive;	/* owned unless it is conf's */
	struct restore_list	*list;
	struct restore_control	 control;
	struct restore_apply	 apply;
	struct syncset		 written;	/* file systems */
};

static int
enter_archive(struct restore *r, struct err *e)
{
	const struct restore_conf	*c = r->conf;

	r->archive = c->archive;
	if (r->archive == NULL && archive_open(&r->archive, c->store, c->key,
	    c->server, c->system_id, e))
		return (-1);
	r->apply.archive = r->archive;
	return (0);
}

/*
 * The directory, and the tablespaces' directories.  Before restore_hold_begin()
 * has made them, those that are missing are left out.
 */
static int
open_tree(struct restore *r, struct tree **t, int all, struct err *e)
{
	const struct restore_conf	*c = r->conf;
	const struct label_tablespace	*ts = c->label->tablespaces;
	const char			*place;
	struct stat			 st;
	size_t				 i;

	if (tree_open(t, c->dir, e))
		return (-1);
	for (i = 0; i < c->label->ntablespaces; i++) {
		place = restore_conf_place(c, &ts[i]);
		if (!restore_conf_is_linked(&ts[i]) ||
		    (!all && stat(place, &st) == -1))
			continue;
		if (tree_mount(*t, ts[i].oid, place, e))
			return (-1);
	}
	return (0);
}

/*
 * Look for all that could stop a delta restore half way, before it begins:
 * later there would be no cluster to go back to.
 */
static int
check_delta(struct restore *r, struct err *e)
{
	const struct restore_conf	*c = r->conf;
	struct tree			*t = NULL;
	int				 rc;

	if (!c->delta || access(c->dir, F_OK) == -1)
		return (0);
	rc = open_tree(r, &t, 0, e) ||
	    deltacheck(c, r->archive, t, &r->written, e) ? -1 : 0;
	tree_free(t);
	return (rc);
}

/* Watch the file systems, before anything is written to them. */
static int
watch_all(struct restore *r, struct err *e)
{
	const struct restore_conf	*c = r->conf;
	const struct label_tablespace	*ts = c->label->tablespaces;
	size_t				 i;

	if (syncset_add(&r->written, c->dir, e))
		return (-1);
	for (i = 0; i < c->label->ntablespaces; i++)
		if (restore_conf_is_linked(&ts[i]) &&
		    syncset_add(&r->written, restore_conf_place(c, &ts[i]),
		    e))
			return (-1);
	return (0);
}

/*
 * Whether a server crashed there, perhaps on a write that failed.  One that
 * was shut down did not, nor did one that was restored and never started: it
 * has the checkpoint that a backup's pg_control is made useless with.
 */
static int
has_crashed(const char *dir)
{
	struct control	 ctl;
	struct err	 unused = ERR_INIT;

	return (deltadir_control(dir, &ctl, &unused) == 0 &&
	    ctl.state != CONTROL_SHUT_DOWN &&
	    ctl.state != CONTROL_SHUT_DOWN_IN_RECOVERY &&
	    ctl.checkpoint != CONTROL_POISON);
}

/*
 * Sync what others have written, before it is compared, so that memory can
 * forget it (restore_entry_file() says why): a server that crashed, or an
 * earlier restore that failed, perhaps in its own sync.  A failure here is one
 * of theirs: what did not reach the disk is found by its hash, and written
 * again.  The sync at the end decides.
 */
static void
sync_before(struct restore *r)
{
	const struct restore_conf	*c = r->conf;
	struct err			 why = ERR_INIT;

	r->apply.to.cold = restore_hold_resumes(r->hold) ||
	    (c->delta && has_crashed(c->dir));
	if (r->apply.to.cold && syncset_sync(&r->written, c->dir, &why))
		err_clear(&why);	/* theirs, see above */
}

static void
report_delta(void *arg, enum delta_deed deed, const char *path)
{
	restore_entry_report(arg, deed == DELTA_LINK ? RESTORE_LINK :
	    RESTORE_REMOVED, path);
}

/*
 * Open the tree, and read the names of its root: before backup_manifest has a
 * temporary file there, which would be taken for a stranger's and removed.
 */
static int
open_delta(struct restore *r, int all, struct err *e)
{
	struct restore_entry	*to = &r->apply.to;
	const struct delta_conf	 dc = { .dry = to->dry,
	    .report = report_delta, .arg = to };

	return (open_tree(r, &to->tree, all, e) || (r->conf->delta &&
	    delta_open(&to->delta, to->tree, &dc, e)) ? -1 : 0);
}

/* Make the directories ours: from here on nothing starts in them. */
static int
begin(struct restore *r, struct err *e)
{
	const struct restore_conf	*c = r->conf;

	if (restore_hold_new(&r->hold, c, e) ||
	    restore_hold_begin(r->hold, e) ||
	    watch_all(r, e) ||
	    restore_hold_take(r->hold, e))
		return (-1);
	sync_before(r);
	if (open_delta(r, 1, e) ||
	    restore_list_open(&r->list, c->dir, restore_conf_major(c),
	    c->system_id, e))
		return (-1);
	r->apply.list = r->list;
	return (0);
}

static int
read_control(struct restore *r, struct err *e)
{
	const uint16_t	 backup = r->control.ref.backup;

	return (restore_control_read(&r->control, r->archive,
	    r->apply.ids.id[backup], r->conf->system_id, e));
}

/* Write what recovery needs; backup_manifest lists what became of it. */
static int
configure(struct restore *r, struct err *e)
{
	const struct restore_conf	*c = r->conf;
	const char			*appended = NULL;

	if (c->configure(c->arg, c->dir, &appended, e))
		return (-1);
	if (appended != NULL)
		restore_list_appended(r->list, appended);
	if (c->progress != NULL)	/* what follows may take minutes */
		c->progress(c->arg, RESTORE_SYNC, c->label->size);
	return (0);
}

/*
 * The order must hold, whatever stops us between two steps:
 *
 * - Up to begin() nothing is written.
 * - From then on a mark says whose the directory is, and pg_control is aside
 *   before the first file changes: PostgreSQL does not start there, and the
 *   next run knows what it finds.
 * - The new pg_control is read before the sync, which may take minutes, as
 *   long as the connection is warm.  It is written after the sync, so it never
 *   stands beside files that a crash could still lose.
 * - The old pg_control goes before the new one comes: beside a mark it would
 *   say that a delta restore was interrupted.
 * - The marks go last.  A crash before that leaves a complete cluster, which
 *   the next run refuses to touch.
 */
static int
run(struct restore *r, struct err *e)
{
	const struct restore_conf	*c = r->conf;

	if (restore_check(c, e) ||
	    enter_archive(r, e) ||
	    check_delta(r, e) ||
	    begin(r, e) ||
	    restore_apply(&r->apply, e) ||
	    read_control(r, e) ||
	    configure(r, e) ||
	    restore_list_finish(r->list, e) ||
	    restore_hold_forget(r->hold, e) ||
	    syncset_sync(&r->written, c->dir, e) ||
	    restore_control_write(&r->control, c->dir, e) ||
	    restore_hold_finish(r->hold, e))
		return (-1);
	return (0);
}

/*
 * The last syncs may fail when marks are gone already.  They come back before
 * pg_control goes, so that the next run knows what it finds.
 */
static void
abandon(struct restore *r, struct err *e)
{
	if (r->hold != NULL && r->control.begun)
		restore_hold_mark_again(r->hold, e);
	restore_control_remove(&r->control, r->conf->dir, e);
	if (r->hold != NULL)
		restore_hold_abandon(r->hold, r->apply.changed, e);
}

static void
init(struct restore *r, const struct restore_conf *conf,
    struct restore_stats *stats, int dry)
{
	memset(r, 0, sizeof(*r));
	memset(stats, 0, sizeof(*stats));
	r->conf = r->apply.conf = r->apply.to.conf = conf;
	r->apply.control = &r->control;
	r->apply.to.stats = stats;
	r->apply.to.dry = dry;
}

static void
release(struct restore *r)
{
	restore_apply_free(&r->apply);
	delta_free(r->apply.to.delta);
	tree_free(r->apply.to.tree);
	restore_list_free(r->list);
	if (r->conf->archive == NULL)
		archive_free(r->archive);
	syncset_close(&r->written);
	restore_hold_free(r->hold);
}

int
restore_run(const struct restore_conf *conf, struct restore_stats *stats,
    struct err *e)
{
	struct restore	 r;
	int		 rc;

	if (conf->form != RESTORE_FILES)
		return (restore_tar_run(conf, stats, e));
	init(&r, conf, stats, 0);
	if ((rc = run(&r, e)) == -1)
		abandon(&r, e);
	release(&r);
	return (rc);
}

int
restore_preview(const struct restore_conf *conf, struct restore_stats *stats,
    struct err *e)
{
	struct restore	 r;
	int		 rc;

	init(&r, conf, stats, 1);
	rc = restore_check(conf, e);
	if (rc == 0 && access(conf->dir, F_OK) == 0)
		rc = enter_archive(&r, e) || check_delta(&r, e) ||
		    open_delta(&r, 0, e) || restore_apply(&r.apply, e) ?
		    -1 : 0;
	else if (rc == 0) {
		stats->bytes = conf->label->size;
		stats->files = conf->label->files;
	}
	release(&r);
	return (rc);
}
