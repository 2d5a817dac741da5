/* SPDX-License-Identifier: ISC */
/*
 * The steps of a base backup, in the order that makes it safe: nothing is
 * relied on before it is durable, and the label, which makes all of it a
 * backup, comes last.  A push that dies at any step leaves packs, at most a
 * manifest, and on this host a journal of what it stored.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "push/backupcommit.h"
#include "push/backupid.h"
#include "push/basepush.h"
#include "push/beforehand.h"
#include "push/clusterfiles.h"
#include "push/copyrecord.h"
#include "push/hotbackup.h"
#include "push/labelfacts.h"
#include "push/othernote.h"
#include "push/outerconf.h"
#include "push/seenpush.h"
#include "repo/connection.h"
#include "repo/layout.h"
#include "repo/outage.h"
#include "reuse/reuse.h"

#define BACKUP_LABEL	"backup_label"

struct basepush {
	const struct basepush_conf *conf;
	struct connection	 warm;		/* for all but the packs */
	struct hotbackup	 pg;
	struct clusterfiles	 files;
	struct outerconf	 outer;
	struct copier		*copier;
	struct copyrecord	 record;
	struct reuse		*reuse;
	struct othernote	*others;
	int64_t			 safe_us;	/* see manifestfacts.h */
	struct label		*label;
	uint64_t		 total;		/* bytes, for the progress */
};

static void
note(const struct basepush *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
note(const struct basepush *b, const char *fmt, ...)
{
	va_list	 ap;
	char	 text[ERR_MSGMAX + 256];

	if (b->conf->note == NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	b->conf->note(b->conf->arg, text);
}

static void
pass_on(void *arg, const char *text)
{
	note(arg, "%s", text);
}

static void
progress(const struct basepush *b, enum basepush_phase phase, uint64_t done)
{
	const struct basepush_progress	 p = { phase, done,
	    phase == BASEPUSH_COPY ? b->total : 0 };

	if (b->conf->progress != NULL)
		b->conf->progress(b->conf->arg, &p);
}

static void
still_starting(void *arg)
{
	progress(arg, BASEPUSH_CHECKPOINT, 0);
}

/*
 * Ask PostgreSQL.  An archiver that fails now is only reported: it may work
 * again before the end, when the backup needs its WAL, and until then there
 * are hours to mend it.
 */
static int
look_at_cluster(struct basepush *b, struct err *e)
{
	const struct pgfacts		*f = &b->pg.facts;
	const struct pgsession_conf	 pc = { .conninfo = b->conf->conninfo,
	    .tick = still_starting, .arg = b };

	if (hotbackup_open(&b->pg, &pc, b->conf->label, e))
		return (-1);
	if (f->stuck_wal[0] != '\0')
		note(b, "PostgreSQL fails to archive %s, and the backup cannot "
		    "be completed before that works; see PostgreSQL's log "
		    "for archive_command failures", f->stuck_wal);
	b->files = (struct clusterfiles){
		.dir = b->conf->data_directory != NULL ?
		    b->conf->data_directory : f->data_directory,
		.tablespace_dir = f->tablespace_dir,
		.note = pass_on, .arg = b
	};
	if (b->conf->admit != NULL && b->conf->admit(b->files.dir, e))
		return (-1);
	return (clusterfiles_check(&b->files, f->system_id, e));
}

/*
 * Add up the files for the progress, while nothing is asked of PostgreSQL
 * yet.  What fails here fails again in the copy, which reports it.
 */
static void
count(struct basepush *b)
{
	struct clusterfiles	 files = { .dir = b->files.dir,
	    .tablespace_dir = b->files.tablespace_dir };
	struct manifest_entry	 en;
	struct err		 unused = ERR_INIT;
	int			 rc;

	b->total = 0;
	if (b->conf->progress == NULL)
		return;
	progress(b, BASEPUSH_COUNT, 0);
	if ((rc = clusterfiles_open(&files, &unused)) == 0)
		while ((rc = clusterfiles_next(&files, &en, &unused)) == 0)
			b->total += en.size;
	if (rc != 1)
		b->total = 0;
	clusterfiles_free(&files);
}

/* PostgreSQL begins with a checkpoint, which it spreads over minutes. */
static int
start_backup(struct basepush *b, struct err *e)
{
	count(b);
	progress(b, BASEPUSH_CHECKPOINT, 0);
	return (hotbackup_start(&b->pg, b->label, b->conf->label,
	    b->conf->fast, e));
}

/* What of earlier pushes is not stored again. */
static struct reuse_conf
reuse_of(struct basepush *b)
{
	return ((struct reuse_conf){
		.warm = &b->warm, .state_dir = b->conf->state_dir,
		.restore = b->conf->restore, .base = b->conf->base,
		.id = b->label->id, .chunk_size = b->conf->chunk_size,
		.reread = b->conf->reread,
		.verify = b->conf->verify && b->pg.facts.checksums,
		.abandoned_us = (int64_t)b->conf->abandoned_ms * 1000,
		.note = pass_on, .arg = b
	});
}

static int
prepare(struct basepush *b, struct err *e)
{
	struct reuse_conf	 rc;

	b->warm = (struct connection){ b->conf->store, b->conf->key,
	    b->conf->server, b->pg.facts.system_id, NULL, 0 };
	rc = reuse_of(b);
	if (othernote_start(&b->others, &rc, e) ||
	    beforehand_check(&rc, &b->pg.facts, e))
		return (-1);
	seenpush_before(&b->warm, b->conf->state_dir, pass_on, b);
	return (0);
}

static int
copied(void *arg, const struct manifest_entry *en,
    const struct pack_ref *refs, size_t nrefs, uint64_t newest,
    struct err *e)
{
	struct basepush	*b = arg;

	return (copyrecord_add(&b->record, b->label, en, refs, nrefs, newest,
	    e));
}

/*
 * Once a second.  A session that ended takes the backup with it, however
 * much is still to be copied, so it is looked at all the time.
 */
static int
tick(void *arg, const struct copier_stats *stats, struct err *e)
{
	struct basepush	*b = arg;

	progress(b, BASEPUSH_COPY, stats->read + stats->kept);
	if (copyrecord_tick(&b->record, b->copier, e))
		return (-1);
	return (pgsession_alive(b->pg.session, e));
}

/* Early: the jobs connect while PostgreSQL does its checkpoint. */
static int
open_copier(struct basepush *b, struct err *e)
{
	const struct copier_conf	 c = {
		.store = b->conf->store,
		.key = b->conf->key,
		.server = b->conf->server,
		.system_id = b->pg.facts.system_id,
		.codec = b->conf->codec,
		.jobs = b->conf->jobs,
		.files = {
			.dir = b->files.dir,
			.chunk_size = b->conf->chunk_size,
			.verify = b->conf->verify && b->pg.facts.checksums,
			.relseg_blocks = b->pg.facts.relseg_blocks
		},
		.copied = copied,
		.tick = tick,
		.arg = b
	};

	return (copier_open(&b->copier, &c, e));
}

/* What the journal and the next push's list say of this backup. */
static struct manifestfacts
facts_of(const struct basepush *b)
{
	return (manifestfacts_of(b->conf->key, b->conf->server,
	    b->pg.facts.system_id, b->label->id, b->safe_us));
}

/*
 * Find an earlier backup to compare with, if there is one.  Then all is known
 * that the jobs and the journal need: the table of backups that entries refer
 * to is fixed from here on.
 */
static int
find_earlier(struct basepush *b, struct basepush_sum *sum, struct err *e)
{
	const struct reuse_conf	 rc = reuse_of(b);
	const char *const	*ids;
	const char		*base, *dead;
	struct manifestfacts	 f;
	size_t			 n;

	if (clusterfiles_safe_time(&b->files, b->pg.start.time_us,
	    &b->safe_us, e) ||
	    reuse_open(&b->reuse, &rc, e))
		return (-1);
	copier_begin(b->copier, b->label->id, b->pg.start.lsn);
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
		note(b, "resuming: what the interrupted push %s stored is not "
		    "stored again", dead);
	f = facts_of(b);
	return (manifestspool_open(&b->record.spool, b->conf->key, &f,
	    b->conf->state_dir, b->conf->chunk_size, ids, n, e));
}

/* Hand an entry to the jobs, with what an earlier backup has of it. */
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

/*
 * Copy all files but the last two.  reuse_end() comes after the walk: only
 * when the earlier list has been read to its end is it known that what was
 * taken from it was authentic.
 */
static int
copy_files(struct basepush *b, struct err *e)
{
	struct manifest_entry	 en;
	int			 rc;

	if (clusterfiles_open(&b->files, e))
		return (-1);
	while ((rc = clusterfiles_next(&b->files, &en, e)) == 0) {
		if (en.type == MANIFEST_LINK && labelfacts_tablespace(
		    b->label, b->pg.session, en.path, en.target, e))
			return (-1);
		if (copy_entry(b, &en, e))
			return (-1);
	}
	if (rc != 1 || reuse_end(b->reuse, e))
		return (-1);
	return (copier_drain(b->copier, e));
}

/* The configuration that the walk did not find; the manifest takes it. */
static int
read_configuration(struct basepush *b, struct err *e)
{
	char			*file[PGLISTS_CONFIG_FILES];
	struct outerconf_place	 p = { file, b->pg.facts.data_directory,
	    b->files.dir };
	struct manifest_more	 more = { .dbs = b->pg.names,
	    .ndbs = b->pg.ndbs };
	int			 rc;

	if ((rc = pglists_config(b->pg.session, file, e)) == 0)
		rc = outerconf_read(&b->outer, &b->label->config, &p, e);
	pglists_config_free(file);
	more.configs = b->outer.v;
	more.nconfigs = b->outer.n;
	manifestspool_more(b->record.spool, &more);
	return (rc);
}

/*
 * pg_control is read only now that all other files have been (copier_drain()
 * has returned).  In the manifest it stands in the middle, so from here on
 * the spool takes entries out of order.
 */
static int
copy_control(struct basepush *b, struct err *e)
{
	struct manifest_entry	 en;
	uint8_t			 buf[CONTROL_SIZE];

	if (clusterfiles_control(&b->files, b->pg.facts.system_id,
	    b->pg.start.lsn, buf, &en, &b->label->hot, e))
		return (-1);
	manifestspool_late(b->record.spool);
	return (copier_add(b->copier, &en, buf, sizeof(buf), e));
}

/* Stop the backup; PostgreSQL returns what goes into backup_label. */
static int
stop_backup(struct basepush *b, struct err *e)
{
	struct manifest_entry	 en = { .type = MANIFEST_FILE,
	    .path = BACKUP_LABEL, .mode = 0600 };

	if (hotbackup_stop(&b->pg, b->label, e))
		return (-1);
	en.mtime_us = b->pg.stop.time_us;
	return (copier_add(b->copier, &en, b->pg.stop.label,
	    b->pg.stop.label_len, e));
}

/* All packs are durable; make them a backup. */
static int
complete(struct basepush *b, uint32_t last_pack, struct err *e)
{
	const struct backupcommit	 c = {
		.warm = &b->warm, .label = b->label,
		.spool = b->record.spool, .reuse = b->reuse,
		.facts = facts_of(b), .state_dir = b->conf->state_dir,
		.last_pack = last_pack,
		.wal_wait_ms = b->conf->wal_wait_ms,
		.session = b->pg.session, .dir = b->files.dir,
		.note = pass_on, .arg = b
	};

	if (backupcommit_run(&c, e))
		return (-1);
	seenpush_after(&b->warm, b->conf->state_dir, b->label);
	return (0);
}

/*
 * Take the backup.  backupid_take() comes after the start, since the id is
 * the time of the start, and before find_earlier(), since claims name the id.
 */
static int
run(struct basepush *b, struct basepush_sum *sum, struct err *e)
{
	struct copier_stats	*stats = &sum->stats;
	uint32_t		 last_pack;

	b->label->chunk_size = b->conf->chunk_size;
	if (look_at_cluster(b, e) ||
	    open_copier(b, e) ||
	    prepare(b, e) ||
	    start_backup(b, e) ||
	    backupid_take(b->label->id, &b->warm, b->pg.start.time_us, e))
		return (-1);
	if (find_earlier(b, sum, e)) {
		backupid_return(b->label->id, &b->warm);
		return (-1);
	}
	if (copy_files(b, e) ||
	    read_configuration(b, e) ||
	    copy_control(b, e) ||
	    stop_backup(b, e) ||
	    copier_drain(b->copier, e) ||
	    copier_finish(b->copier, stats, &last_pack, e) ||
	    damage_settle(&b->record.damage, b->label, stats->bad_pages,
	    b->pg.stop.lsn, e))
		return (-1);
	othernote_end(b->others);
	b->others = NULL;
	sum->system_id = b->pg.facts.system_id;
	b->label->files = stats->files;
	b->label->size = stats->bytes;
	b->label->stored_size = stats->stored;
	progress(b, BASEPUSH_WAL, 0);
	return (complete(b, last_pack, e));
}

/*
 * One attempt, from the session to the label.  The copier goes first at the
 * end: its jobs use most of what is released after it.
 */
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
	othernote_end(b->others);
	clusterfiles_free(&b->files);
	copyrecord_free(&b->record);
	outerconf_free(&b->outer);
	reuse_free(b->reuse);
	hotbackup_free(&b->pg);
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
