/* SPDX-License-Identifier: ISC */
/* The steps of a base backup, in the order that makes it safe. */
#include <sys/stat.h>

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "cluster/pgfacts.h"
#include "cluster/pglists.h"
#include "cluster/pgsession.h"
#include "datadir/emptydir.h"
#include "datadir/walk.h"
#include "pg/control.h"
#include "pg/exclude.h"
#include "pg/relpath.h"
#include "push/basepush.h"
#include "push/damage.h"
#include "push/labelfacts.h"
#include "push/manifestpush.h"
#include "push/walwait.h"
#include "repo/connection.h"
#include "repo/layout.h"
#include "repo/marker.h"
#include "repo/outage.h"
#include "reuse/manifestspool.h"
#include "reuse/reuse.h"

#define CONTROL		"global/pg_control"
#define BACKUP_LABEL	"backup_label"
#define SYNC_TICKS	10		/* seconds */
#define SAFELY_US	(2 * INT64_C(1000000))	/* coarse times of files */

struct basepush {
	const struct basepush_conf *conf;
	struct connection		 warm;
	struct pgsession		*session;
	struct pgfacts		 facts;
	struct pgsession_start	 start;
	struct pgsession_stop	 stop;
	struct walk		*walk;
	struct copier		*copier;
	struct manifestspool		*spool;
	struct reuse		*reuse;
	int64_t			 safe_us;	/* of listfacts */
	unsigned		 ticks;
	const char		*dir;
	struct label		*label;
	struct damage		 damage;
	struct pglists_database *dbs;
	size_t			 ndbs;
	struct manifest_database *names;	/* the same, for the manifest */
};

static void
note(const struct basepush *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
note(const struct basepush *b, const char *fmt, ...)
{
	va_list	 ap;
	char	 text[512];

	if (b->conf->note == NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	b->conf->note(b->conf->arg, text);
}

/* What can be found wrong is found before PostgreSQL is asked to work. */
static int
look_at_cluster(struct basepush *b, struct err *e)
{
	const struct pgsession_conf	 sc = { b->conf->conninfo, 0, 0 };

	if (pgsession_open(&b->session, &sc, e) ||
	    pgfacts_get(b->session, &b->facts, e) ||
	    pgfacts_check_archive(&b->facts, e))
		return (-1);
	if (b->facts.stuck_wal[0] != '\0')
		note(b, "PostgreSQL's archiver is failing (on %s); the backup "
		    "waits at its end until that works, so look into "
		    "PostgreSQL's log now", b->facts.stuck_wal);
	b->dir = b->conf->data_directory != NULL ?
	    b->conf->data_directory : b->facts.data_directory;
	if (b->facts.block_size != 8192)
		return (err_set(e, ERR_PG, "PostgreSQL was built with blocks "
		    "of %" PRIu32 " bytes, only 8192 are supported",
		    b->facts.block_size));
	return (0);
}

static int
prepare(struct basepush *b, struct err *e)
{
	struct store_get	*get = NULL;
	struct marker		 m;
	int			 rc = -1;

	b->warm = (struct connection){ b->conf->store, b->conf->key,
	    b->conf->server, b->facts.system_id, NULL, 0 };
	if (connection_up(&b->warm, e) ||
	    marker_open(&get, b->warm.a, e) ||
	    marker_ensure(&m, b->warm.a, get, b->conf->state_dir,
	    b->facts.segment_size, e))
		goto out;
	if (access(b->conf->state_dir, R_OK | W_OK | X_OK) == -1) {
		err_sys(e, ERR_LOCAL, "create a file in state_dir %s",
		    b->conf->state_dir);
		goto out;
	}
	rc = 0;
out:
	store_get_free(get);
	return (rc);
}

/* A directory that nobody has: its name is the backup's id. */
static int
take_id(struct basepush *b, struct err *e)
{
	struct err	 why = ERR_INIT;
	char		 stem[CLOCK_TEXT], path[LAYOUT_PATH];
	unsigned	 n;

	if (connection_up(&b->warm, e))
		return (-1);
	(void)clock_format_id(stem, b->start.time_us);
	for (n = 1; n <= 999; n++) {
		if (n == 1 ? str_fmt(b->label->id, LAYOUT_ID, e, "%s", stem) :
		    str_fmt(b->label->id, LAYOUT_ID, e, "%s-%u", stem, n))
			return (-1);
		err_clear(&why);
		if (store_mkdir(b->warm.a->store, layout_base(path,
		    b->label->id), &why) == 0)
			return (0);
		if (why.kind != ERR_CONFLICT)
			return (err_set(e, why.kind, "%s", why.msg));
	}
	return (err_set(e, ERR_CONFLICT, "backup %s: all suffixes are taken",
	    stem));
}

/* PostgreSQL's rules, and unlogged relations: only their init forks. */
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
		/* pg_wal keeps the empty archive_status. */
		return (strcmp(path, "pg_wal") == 0 ? WALK_KEEP : WALK_EMPTY);
	case EXCLUDE_KEEP:
		break;
	}
	/* Copied last; and what a restore that died at its end forgot. */
	if (strcmp(path, CONTROL) == 0 || strcmp(path, EMPTYDIR_MARK) == 0)
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
	char	 clean[256];

	note(arg, "%s: %s, left out",
	    str_clean(clean, sizeof(clean), path, strlen(path)), text);
}

static int
copied(void *arg, const struct manifest_entry *en,
    const struct pack_ref *refs, size_t nrefs, uint64_t newest,
    struct err *e)
{
	struct basepush	*b = arg;

	return (damage_add(&b->damage, b->label, en, newest, e) ||
	    manifestspool_add(b->spool, en, refs, nrefs, e) ? -1 : 0);
}

/*
 * What a push that goes on with this one can know of files that were not
 * reported yet.  It takes none of them unread: it cannot know the end.
 */
static int
add_part(void *arg, const struct manifest_entry *en,
    const struct pack_ref *refs, size_t nrefs, struct err *e)
{
	struct manifest_entry	 part = *en;

	part.mtime_us = INT64_MAX;
	part.flags = 0;
	part.crc32c = 0;
	return (manifestspool_add(arg, &part, refs, nrefs, e));
}

static int
journal_all(struct basepush *b, struct err *e)
{
	struct manifestspool	*part = NULL;
	int		 rc = -1;

	if (manifestspool_flush(b->spool, 1, e) == 0 &&
	    manifestspool_part(&part, b->spool, e) == 0 &&
	    copier_partial(b->copier, add_part, part, e) == 0)
		rc = manifestspool_part_end(part, e);
	manifestspool_free(part);
	return (rc);
}

static int
tick(void *arg, const struct copier_stats *stats, struct err *e)
{
	struct basepush	*b = arg;

	if (b->conf->progress != NULL)
		b->conf->progress(b->conf->arg, stats);
	if (b->spool != NULL && (++b->ticks % SYNC_TICKS == 0 ?
	    journal_all(b, e) : manifestspool_flush(b->spool, 0, e)))
		return (-1);
	return (pgsession_alive(b->session, e));
}

static int
open_copier(struct basepush *b, struct err *e)
{
	const struct copier_conf	 c = {
		.store = b->conf->store,
		.key = b->conf->key,
		.server = b->conf->server,
		.system_id = b->facts.system_id,
		.codec = b->conf->codec,
		.jobs = b->conf->jobs,
		.files = {
			.dir = b->dir,
			.chunk_size = b->conf->chunk_size,
			.verify = b->conf->verify && b->facts.checksums,
			.relseg_blocks = b->facts.relseg_blocks
		},
		.copied = copied,
		.tick = tick,
		.arg = b
	};

	return (copier_open(&b->copier, &c, e));
}

/*
 * Files that changed before this were at rest when this backup read them.
 * The times of files are of their file system's clock: pg_control was written
 * by the checkpoint at the start, so its time there tells whether that clock
 * is behind PostgreSQL's.
 */
static int
find_safe_time(struct basepush *b, struct err *e)
{
	struct stat	 st;
	char		 path[PATH_MAX];
	int64_t		 us;

	if (path_join(path, sizeof(path), b->dir, CONTROL, e))
		return (-1);
	if (stat(path, &st) == -1)
		return (err_sys(e, ERR_LOCAL, "stat %s", path));
	us = (int64_t)st.st_mtim.tv_sec * 1000000 +
	    st.st_mtim.tv_nsec / 1000;
	b->safe_us = (us < b->start.time_us ? us : b->start.time_us) -
	    SAFELY_US;
	return (0);
}

static void
pass_on(void *arg, const char *text)
{
	note(arg, "%s", text);
}

static struct manifestfacts
facts_of(const struct basepush *b)
{
	return (manifestfacts_of(b->conf->key, b->conf->server,
	    b->facts.system_id, b->label->id, b->safe_us));
}

/* An earlier backup to compare with, if there is one. */
static int
find_earlier(struct basepush *b, struct basepush_sum *sum, struct err *e)
{
	const struct reuse_conf	 rc = {
		.warm = &b->warm, .state_dir = b->conf->state_dir,
		.restore = b->conf->restore, .base = b->conf->base,
		.id = b->label->id, .chunk_size = b->conf->chunk_size,
		.reread = b->conf->reread,
		.verify = b->conf->verify && b->facts.checksums,
		.abandoned_us = (int64_t)b->conf->abandoned_ms * 1000,
		.note = pass_on, .arg = b
	};
	const char *const	*ids;
	const char		*base, *dead;
	struct manifestfacts	 f;
	size_t			 n;

	if (find_safe_time(b, e) || reuse_open(&b->reuse, &rc, e))
		return (-1);
	copier_begin(b->copier, b->label->id, b->start.lsn);
	ids = reuse_ids(b->reuse, &n);
	base = reuse_base(b->reuse);
	dead = reuse_resumed(b->reuse);
	if (str_fmt(sum->base, LAYOUT_ID, e, "%s", base != NULL ? base :
	    "") ||
	    str_fmt(sum->resumed, LAYOUT_ID, e, "%s", dead != NULL ? dead :
	    "") ||
	    str_fmt(sum->why_full, sizeof(sum->why_full), e, "%s",
	    reuse_why_not(b->reuse)))
		return (-1);
	if (dead != NULL)
		note(b, "going on with what push %s had stored", dead);
	f = facts_of(b);
	return (manifestspool_open(&b->spool, b->conf->key, &f, b->conf->state_dir,
	    b->conf->chunk_size, ids, n, e));
}

/* To the jobs, with what the earlier backup has of it. */
static int
copy_entry(struct basepush *b, struct manifest_entry *en, struct err *e)
{
	struct reuse_found	 f;

	if (en->type != MANIFEST_FILE)
		return (copier_add(b->copier, en, NULL, 0, e));
	if (reuse_find(b->reuse, en, &f, e))
		return (-1);
	switch (f.verdict) {
	case REUSE_NOTHING:
		return (copier_add(b->copier, en, NULL, 0, e));
	case REUSE_COMPARE:
		return (copier_compare(b->copier, en, &f.refs, f.nrefs, e));
	case REUSE_KEEP:
		return (copier_keep(b->copier, en, &f.refs, f.nrefs, e));
	}
	return (-1);
}

static int
copy_files(struct basepush *b, struct err *e)
{
	const struct walk_conf	 wc = {
		b->dir, b->facts.tablespace_dir, filter, left_out, b
	};
	static const enum manifest_type	 type[] = {
		[WALK_DIR] = MANIFEST_DIR, [WALK_FILE] = MANIFEST_FILE,
		[WALK_LINK] = MANIFEST_LINK
	};
	struct manifest_entry	 en;
	struct walk_entry	 w;
	int			 rc;

	if (walk_open(&b->walk, &wc, e))
		return (-1);
	while ((rc = walk_next(b->walk, &w, e)) == 0) {
		en = (struct manifest_entry){
			.type = type[w.type], .path = w.path,
			.target = w.target, .mode = w.mode & 07777,
			.mtime_us = w.mtime_us, .ctime_us = w.ctime_us,
			.inode = w.inode, .size = w.size
		};
		if (w.type == WALK_LINK && labelfacts_tablespace(b->label,
		    b->session, w.path, w.target, e))
			return (-1);
		if (copy_entry(b, &en, e))
			return (-1);
	}
	if (rc != 1 || reuse_end(b->reuse, e))
		return (-1);
	return (copier_drain(b->copier, e));
}

/* Read it until it is whole: the server may write at this moment. */
static int
read_control(struct basepush *b, uint8_t buf[CONTROL_SIZE],
    struct control *ctl, struct stat *st, struct err *e)
{
	const struct timespec	 pause = { 0, 20 * 1000 * 1000 };
	char			 path[PATH_MAX];
	size_t			 n;
	int			 fd, rc = -1, tries;

	if (path_join(path, sizeof(path), b->dir, CONTROL, e))
		return (-1);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return (err_sys(e, ERR_LOCAL, "open %s", path));
	for (tries = 0; rc == -1 && tries < 10; tries++) {
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

/*
 * pg_control of this very cluster, at or after the backup's start: another
 * says that a wrong directory was copied (a stale mount, another instance).
 */
static int
copy_control(struct basepush *b, struct err *e)
{
	struct manifest_entry	 en = { .type = MANIFEST_FILE,
	    .path = CONTROL };
	uint8_t			 buf[CONTROL_SIZE];
	struct control		 ctl;
	struct stat		 st;

	if (read_control(b, buf, &ctl, &st, e))
		return (-1);
	if (ctl.sysid != b->facts.system_id || ctl.redo < b->start.lsn)
		return (err_set(e, ERR_PG, "%s/%s is not of the server that "
		    "conninfo leads to (system identifier %" PRIu64
		    ", expected %" PRIu64 "); check data_directory", b->dir,
		    CONTROL, ctl.sysid, b->facts.system_id));
	if (control_poison(buf, sizeof(buf), e))
		return (-1);
	en.mode = st.st_mode & 07777;
	en.mtime_us = (int64_t)st.st_mtim.tv_sec * 1000000 +
	    st.st_mtim.tv_nsec / 1000;
	manifestspool_late(b->spool);
	manifestspool_databases(b->spool, b->names, b->ndbs);
	return (copier_add(b->copier, &en, buf, sizeof(buf), e));
}

static int
stop_backup(struct basepush *b, struct err *e)
{
	struct manifest_entry	 en = { .type = MANIFEST_FILE,
	    .path = BACKUP_LABEL, .mode = 0600 };
	struct label		*l = b->label;

	if (pgsession_alive(b->session, e) ||
	    pgsession_stop(b->session, &b->stop, e))
		return (-1);
	if (b->stop.timeline != b->start.timeline)
		return (err_set(e, ERR_PG, "the timeline changed from %" PRIu32
		    " to %" PRIu32 " during the backup", b->start.timeline,
		    b->stop.timeline));
	if (b->stop.label_len == 0)
		return (err_set(e, ERR_PG,
		    "PostgreSQL returned no backup_label"));
	l->stop_us = b->stop.time_us;
	l->stop_lsn = b->stop.lsn;
	en.mtime_us = b->stop.time_us;
	if (str_fmt(l->stop_wal, sizeof(l->stop_wal), e, "%s",
	    b->stop.walfile))
		return (-1);
	return (copier_add(b->copier, &en, b->stop.label, b->stop.label_len,
	    e));
}

/*
 * The next push can do without this host's copy of the list, so no failure
 * here is one of the backup.
 */
static void
keep_list(struct basepush *b, struct lastmanifest_writer *copy, struct err *why)
{
	if (copy == NULL || manifestpush_keep(copy, facts_of(b), b->label, why))
		note(b, "the list of files cannot be kept for the next push, "
		    "which will store everything again: %s", why->msg);
	lastmanifest_writer_free(copy);
}

/* All is copied: what is left is to make it a backup. */
static int
complete(struct basepush *b, uint32_t last_pack, struct err *e)
{
	struct lastmanifest_writer	*copy = NULL;
	struct err		 why = ERR_INIT;

	if (manifestpush_run(&copy, &why, &b->warm, b->spool, b->label,
	    b->conf->state_dir, last_pack, e) ||
	    walwait_run(&b->warm, b->label, b->conf->wal_wait_ms,
	    pass_on, b, e) ||
	    connection_up(&b->warm, e) ||
	    reuse_still(b->reuse, e) ||
	    label_publish(b->label, b->warm.a, e)) {
		lastmanifest_writer_free(copy);
		return (-1);
	}
	keep_list(b, copy, &why);
	manifestspool_done(b->spool);
	reuse_done(b->reuse);
	return (0);
}

/* Their names, as of the start: what is made later comes by WAL. */
static int
list_databases(struct basepush *b, struct err *e)
{
	size_t	 i;

	if (pglists_databases(b->session, &b->dbs, &b->ndbs, e))
		return (-1);
	if ((b->names = calloc(b->ndbs + 1, sizeof(*b->names))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list databases"));
	for (i = 0; i < b->ndbs; i++)
		b->names[i] = (struct manifest_database){ b->dbs[i].oid,
		    b->dbs[i].name };
	return (0);
}

static int
run(struct basepush *b, struct basepush_sum *sum, struct err *e)
{
	struct copier_stats	*stats = &sum->stats;
	uint32_t		 last_pack;

	b->label->chunk_size = b->conf->chunk_size;
	if (look_at_cluster(b, e) ||
	    open_copier(b, e) ||
	    prepare(b, e) ||
	    pgsession_start(b->session, b->conf->label, b->conf->fast,
	    &b->start, e) ||
	    str_dup(&b->label->label, b->conf->label, e) ||
	    labelfacts_take(b->label, b->session, &b->facts, &b->start, e) ||
	    list_databases(b, e) ||
	    take_id(b, e) ||
	    find_earlier(b, sum, e) ||
	    copy_files(b, e) ||
	    copy_control(b, e) ||
	    stop_backup(b, e) ||
	    copier_drain(b->copier, e) ||
	    copier_finish(b->copier, stats, &last_pack, e) ||
	    damage_settle(&b->damage, b->label, stats->bad_pages,
	    b->stop.lsn, e))
		return (-1);
	b->label->files = stats->files;
	b->label->size = stats->bytes;
	b->label->stored_size = stats->stored;
	if (complete(b, last_pack, e))
		return (-1);
	if (b->conf->progress != NULL)
		b->conf->progress(b->conf->arg, stats);
	return (0);
}

/* One attempt, from the start of a backup to its label. */
static int
attempt(struct label **out, struct basepush_sum *sum,
    const struct basepush_conf *conf, struct err *e)
{
	struct basepush	*b;
	int		 rc = -1;

	if ((b = calloc(1, sizeof(*b))) == NULL)
		return (err_sys(e, ERR_LOCAL, "start a base backup"));
	b->conf = conf;
	memset(sum, 0, sizeof(*sum));
	if (label_new(&b->label, e) == 0 && (rc = run(b, sum, e)) == 0) {
		*out = b->label;
		b->label = NULL;
	}
	copier_free(b->copier);
	walk_free(b->walk);
	manifestspool_free(b->spool);
	reuse_free(b->reuse);
	free(b->names);
	pglists_databases_free(b->dbs, b->ndbs);
	pgsession_stop_free(&b->stop);
	pgsession_free(b->session);
	label_free(b->label);
	connection_drop(&b->warm);
	free(b);
	return (rc);
}

int
basepush_run(struct label **out, struct basepush_sum *sum,
    const struct basepush_conf *conf, struct err *e)
{
	struct outage	 o = { .store = conf->store,
	    .for_ms = conf->retry_for_ms, .note = conf->note,
	    .arg = conf->arg };
	int		 rc;

	while ((rc = attempt(out, sum, conf, e)) == -1 &&
	    outage_over(&o, e))
		err_clear(e);
	return (rc);
}
