/* SPDX-License-Identifier: ISC */
/*
 * A backup of the data directory on this host.  pg_control is copied last, and
 * backup_label is what PostgreSQL returns at the stop.
 */
#include "push/filesource.h"
#include "push/labelfacts.h"

#define BACKUP_LABEL	"backup_label"

/*
 * Ask PostgreSQL.  An archiver that fails now is only reported: it may work
 * again before the end, when the backup needs its WAL, and until then there
 * are hours to mend it.
 */
static int
look_at_cluster(struct pushrun *b, struct err *e)
{
	const struct pgfacts		*f = &b->pg.facts;
	const struct pgsession_conf	 pc = { .conninfo = b->conf->conninfo,
	    .tick = pushrun_starting, .arg = b };

	if (hotbackup_open(&b->pg, &pc, b->conf->label, e))
		return (-1);
	if (f->stuck_wal[0] != '\0')
		pushrun_note(b, "PostgreSQL fails to archive %s, and the "
		    "backup cannot be completed before that works; see "
		    "PostgreSQL's log for archive_command failures",
		    f->stuck_wal);
	b->files = (struct clusterfiles){
		.dir = b->conf->data_directory != NULL ?
		    b->conf->data_directory : f->data_directory,
		.tablespace_dir = f->tablespace_dir,
		.note = pushrun_pass_on, .arg = b
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
count(struct pushrun *b)
{
	struct clusterfiles	 files = { .dir = b->files.dir,
	    .tablespace_dir = b->files.tablespace_dir };
	struct manifest_entry	 en;
	struct err		 unused = ERR_INIT;
	int			 rc;

	b->total = 0;
	if (b->conf->progress == NULL)
		return;
	pushrun_progress(b, BASEPUSH_COUNT, 0);
	if ((rc = clusterfiles_open(&files, &unused)) == 0)
		while ((rc = clusterfiles_next(&files, &en, &unused)) == 0)
			b->total += en.size;
	if (rc != 1)
		b->total = 0;
	clusterfiles_free(&files);
}

/* PostgreSQL begins with a checkpoint, which it spreads over minutes. */
static int
start_backup(struct pushrun *b, struct err *e)
{
	count(b);
	pushrun_progress(b, BASEPUSH_CHECKPOINT, 0);
	return (hotbackup_start(&b->pg, b->label, b->conf->label,
	    b->conf->fast, e));
}

static int
safe(struct pushrun *b, struct err *e)
{
	return (clusterfiles_safe_time(&b->files, b->pg.start.time_us,
	    &b->safe_us, e));
}

static int
copied(struct pushrun *b, const struct manifest_entry *en,
    const struct pack_ref *refs, size_t nrefs, const uint32_t *crcs,
    uint64_t newest, struct err *e)
{
	changedblocks_copied(b->changed, en->path, crcs, nrefs);
	return (copyrecord_add(&b->record, b->label, en, refs, nrefs, newest,
	    e));
}

/*
 * Once a second.  A session that ended takes the backup with it, however
 * much is still to be copied, so it is looked at all the time.
 */
static int
tick(struct pushrun *b, struct err *e)
{
	if (copyrecord_tick(&b->record, b->copier, e))
		return (-1);
	return (pgsession_alive(b->pg.session, e));
}

int
filesource_entry(struct pushrun *b, struct manifest_entry *en, struct err *e)
{
	struct reuse_found	 f;
	struct copyfile_past	 past = { .nrefs = 0 };

	if (en->type == MANIFEST_LINK)	/* perhaps of a new tablespace */
		spacelimit_find(b->conf->spaces, b->label);
	if (en->type != MANIFEST_FILE)
		return (copier_add(b->copier, en, NULL, 0, e));
	if (reuse_find(b->reuse, en, &f, e))
		return (-1);
	past.refs = f.refs;
	past.nrefs = f.nrefs;
	past.bare = f.bare;
	if (changedblocks_find(b->changed, en->path, &f, &past, e)) {
		copyfile_past_free(&past);
		return (-1);
	}
	if (f.verdict == REUSE_COMPARE)
		basepages_find(b->pages, en->path, &past);
	switch (f.verdict) {
	case REUSE_NOTHING:
		return (copier_add(b->copier, en, NULL, 0, e));
	case REUSE_COMPARE:
		return (copier_compare(b->copier, en, &past, e));
	case REUSE_KEEP:
		return (copier_keep(b->copier, en, &past, e));
	}
	return (-1);
}

/* Find out what need not be read of files that changed. */
static int
ask_changes(struct pushrun *b, struct err *e)
{
	const struct changedblocks_conf	 c = {
		.conninfo = b->conf->conninfo, .facts = &b->pg.facts,
		.start = &b->pg.start, .reuse = b->reuse,
		.archive = b->warm.a, .state_dir = b->conf->state_dir,
		.chunk_size = b->conf->chunk_size,
		.reread = b->conf->reread,
		.note = pushrun_pass_on, .arg = b
	};

	return (connection_up(&b->warm, e) ||
	    changedblocks_open(&b->changed, &c, e) ? -1 : 0);
}

/*
 * Copy all files but the last two.  reuse_end() comes after the walk: only
 * when the earlier list has been read to its end is it known that what was
 * taken from it was authentic.
 */
static int
copy_files(struct pushrun *b, struct err *e)
{
	struct manifest_entry	 en;
	int			 rc;

	if (clusterfiles_open(&b->files, e))
		return (-1);
	while ((rc = clusterfiles_next(&b->files, &en, e)) == 0) {
		if (en.type == MANIFEST_LINK && labelfacts_tablespace(
		    b->label, b->pg.session, en.path, en.target, e))
			return (-1);
		if (filesource_entry(b, &en, e))
			return (-1);
	}
	if (rc != 1 || reuse_end(b->reuse, e))
		return (-1);
	return (copier_drain(b->copier, e));
}

/* The configuration that the walk did not find; the manifest takes it. */
static int
read_configuration(struct pushrun *b, struct err *e)
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
copy_control(struct pushrun *b, struct err *e)
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
stop_backup(struct pushrun *b, struct err *e)
{
	struct manifest_entry	 en = { .type = MANIFEST_FILE,
	    .path = BACKUP_LABEL, .mode = 0600 };

	if (hotbackup_stop(&b->pg, b->label, e))
		return (-1);
	en.mtime_us = b->pg.stop.time_us;
	return (copier_add(b->copier, &en, b->pg.stop.label,
	    b->pg.stop.label_len, e));
}

static int
copy(struct pushrun *b, struct err *e)
{
	return (ask_changes(b, e) ||
	    copy_files(b, e) ||
	    changedblocks_end(b->changed, e) ||
	    read_configuration(b, e) ||
	    copy_control(b, e) ||
	    stop_backup(b, e) ||
	    copier_drain(b->copier, e) ? -1 : 0);
}

/* All is in the spool already. */
static int
settle(struct pushrun *b, struct err *e)
{
	(void)b;
	(void)e;
	return (0);
}

static void
release(struct pushrun *b)
{
	(void)b;
}

const struct pushsource filesource = {
	.look = look_at_cluster, .start = start_backup, .safe = safe,
	.copy = copy, .settle = settle, .copied = copied, .tick = tick,
	.free = release
};
