/* SPDX-License-Identifier: ISC */
/*
 * The steps of a base backup, in the order that makes it safe: nothing is
 * relied on before it is durable, and the label, which makes all of it a
 * backup, comes last.  A push that dies at any step leaves packs, at most a
 * manifest, and on this host a journal of what it stored.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "push/backupcommit.h"
#include "push/backupid.h"
#include "push/basepush.h"
#include "push/beforehand.h"
#include "push/filesource.h"
#include "push/importsource.h"
#include "push/pushrun.h"
#include "push/seenpush.h"
#include "push/streamsource.h"
#include "repo/layout.h"
#include "repo/outage.h"

/* What of earlier pushes is not stored again. */
static struct reuse_conf
reuse_of(struct pushrun *b)
{
	return ((struct reuse_conf){
		.warm = &b->warm, .state_dir = b->conf->state_dir,
		.restore = b->conf->restore, .base = b->conf->base,
		.id = b->label->id, .chunk_size = b->conf->chunk_size,
		.reread = b->conf->reread || b->conf->from != NULL,
		.verify = b->conf->verify && b->pg.facts.checksums,
		.abandoned_us = (int64_t)b->conf->abandoned_ms * 1000,
		.note = pushrun_pass_on, .arg = b
	});
}

static int
prepare(struct pushrun *b, struct err *e)
{
	struct reuse_conf	 rc;

	b->warm = (struct connection){ b->conf->store, b->conf->key,
	    b->conf->server, b->pg.facts.system_id, NULL, 0 };
	rc = reuse_of(b);
	if (othernote_start(&b->others, &rc, e) ||
	    beforehand_check(&rc, &b->pg.facts, e))
		return (-1);
	seenpush_before(&b->warm, b->conf->state_dir, pushrun_pass_on, b);
	return (0);
}

static int
copied(void *arg, const struct manifest_entry *en,
    const struct pack_ref *refs, size_t nrefs, const uint32_t *crcs,
    struct lastpages_file *pages, uint64_t newest, struct err *e)
{
	struct pushrun	*b = arg;

	basepages_copied(b->pages, en->path, refs, nrefs, pages);
	return (b->source->copied(b, en, refs, nrefs, crcs, newest, e));
}

/* Once a second. */
static int
tick(void *arg, const struct copier_stats *stats, struct err *e)
{
	struct pushrun	*b = arg;

	pushrun_progress(b, BASEPUSH_COPY, stats->read + stats->kept +
	    stats->vouched);
	return (b->source->tick(b, e));
}

/* Early: the jobs connect while PostgreSQL does its checkpoint. */
static int
open_copier(struct pushrun *b, struct err *e)
{
	const struct copier_conf	 c = {
		.store = b->conf->store,
		.key = b->conf->key,
		.server = b->conf->server,
		.system_id = b->pg.facts.system_id,
		.codec = b->conf->codec,
		.jobs = b->conf->jobs,
		.files = {
			.spaces = b->conf->spaces,
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
facts_of(const struct pushrun *b)
{
	return (manifestfacts_of(b->conf->key, b->conf->server,
	    b->pg.facts.system_id, b->label->id, b->safe_us));
}

/* What is known of the pages of chunks, for differences over these. */
static int
open_pages(struct pushrun *b, const char *const *ids, struct err *e)
{
	const struct basepages_conf	 c = {
		.state_dir = b->conf->state_dir, .ids = ids,
		.chunk_size = b->conf->chunk_size,
		.max = b->conf->page_hashes_max,
		.note = pushrun_pass_on, .arg = b
	};

	return (connection_up(&b->warm, e) ||
	    basepages_open(&b->pages, b->warm.a, &c, e) ? -1 : 0);
}

/*
 * Find an earlier backup to compare with, if there is one.  Then all is known
 * that the jobs and the journal need: the table of backups that entries refer
 * to is fixed from here on.
 */
static int
find_earlier(struct pushrun *b, struct basepush_sum *sum, struct err *e)
{
	const struct reuse_conf	 rc = reuse_of(b);
	const char *const	*ids;
	const char		*base, *dead;
	struct manifestfacts	 f;
	size_t			 n;

	b->safe_us = INT64_MIN;
	if ((b->source->safe != NULL && b->source->safe(b, e)) ||
	    reuse_open(&b->reuse, &rc, e))
		return (-1);
	ids = reuse_ids(b->reuse, &n);
	if (open_pages(b, ids, e))
		return (-1);
	copier_begin(b->copier, b->label->id, b->pg.start.lsn,
	    basepages_hashes(b->pages));
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
		pushrun_note(b, "resuming: what the interrupted push %s stored "
		    "is not stored again", dead);
	f = facts_of(b);
	return (manifestspool_open(&b->record.spool, b->conf->key, &f,
	    b->conf->state_dir, b->conf->chunk_size, ids, n, e));
}

/* All packs are durable; make them a backup. */
static int
complete(struct pushrun *b, uint32_t last_pack, struct err *e)
{
	const struct walfill		 fill = {
		.warm = &b->warm, .dir = b->files.dir,
		.state_dir = b->conf->state_dir, .codec = b->conf->wal_codec,
		.wal_segment_size = b->label->wal_segment_size
	};
	const struct backupcommit	 c = {
		.warm = &b->warm, .label = b->label,
		.spool = b->record.spool, .reuse = b->reuse,
		.facts = facts_of(b), .state_dir = b->conf->state_dir,
		.last_pack = last_pack,
		.wal_wait_ms = b->conf->wal_wait_ms,
		.session = b->pg.session,
		.dir = b->conf->from != NULL ? NULL : b->files.dir,
		.fill = b->conf->others && b->files.dir != NULL ? &fill : NULL,
		.received = b->pg.facts.archive == PGFACTS_ARCHIVE_OFF &&
		    !b->label->from_standby,
		.note = pushrun_pass_on, .tick = pushrun_awaiting, .arg = b
	};
	struct err			 why = ERR_INIT;

	if (backupcommit_run(&c, e))
		return (-1);
	if (changedblocks_publish(b->changed, b->label->manifest_hash, &why))
		pushrun_note(b, "sums of chunks cannot be kept on this host, "
		    "so the next push will read changed files whole: %s",
		    why.msg);
	basepages_publish(b->pages);
	seenpush_after(&b->warm, b->conf->state_dir, b->label);
	return (0);
}

/* A limit that limits nothing fails no backup: it may be of yesterday. */
static void
find_limits(const struct pushrun *b)
{
	char	 text[SPACELIMITS_TEXT];
	size_t	 i = 0;

	spacelimit_find(b->conf->spaces, b->label);
	while (spacelimit_unknown(text, b->conf->spaces, b->label, &i) !=
	    NULL)
		pushrun_note(b, "%s", text);
}

/*
 * Take the backup.  backupid_take() comes after the start, since the id is
 * the time of the start, and before find_earlier(), since claims name the id.
 */
static int
run(struct pushrun *b, struct basepush_sum *sum, struct err *e)
{
	struct copier_stats	*stats = &sum->stats;
	uint32_t		 last_pack;

	b->label->chunk_size = b->conf->chunk_size;
	if (b->source->look(b, e) ||
	    open_copier(b, e) ||
	    prepare(b, e) ||
	    b->source->start(b, e) ||
	    backupid_take(b->label->id, &b->warm, b->pg.start.time_us, e))
		return (-1);
	find_limits(b);
	if (find_earlier(b, sum, e)) {
		backupid_return(b->label->id, &b->warm);
		return (-1);
	}
	if (b->source->copy(b, e) ||
	    copier_finish(b->copier, stats, &last_pack, e) ||
	    b->source->settle(b, e) ||
	    damage_settle(&b->record.damage, b->label, stats->bad_pages,
	    b->pg.stop.lsn, e))
		return (-1);
	b->copied = 1;
	othernote_end(b->others);
	b->others = NULL;
	sum->system_id = b->pg.facts.system_id;
	b->label->files = stats->files;
	b->label->size = stats->bytes;
	b->label->stored_size = stats->stored;
	pushrun_progress(b, BASEPUSH_WAL, 0);
	return (complete(b, last_pack, e));
}

/*
 * One attempt, from the session to the label.  *stored says whether it ended
 * while files were copied, and has left packs that the next one need not store.
 * The copier goes first at the end: its jobs use most of what is released after
 * it.
 */
static int
attempt(struct label **out, struct basepush_sum *sum, int *stored,
    const struct basepush_conf *conf, struct err *e)
{
	struct pushrun	*b;
	int		 rc = -1;

	if ((b = calloc(1, sizeof(*b))) == NULL)
		return (err_sys(e, ERR_LOCAL, "start a base backup"));
	b->conf = conf;
	b->source = conf->from != NULL ? &importsource :
	    conf->stream ? &streamsource : &filesource;
	memset(sum, 0, sizeof(*sum));
	if (label_new(&b->label, e) == 0 && (rc = run(b, sum, e)) == 0) {
		*out = b->label;
		b->label = NULL;
	}
	*stored = b->copier != NULL && !b->copied &&
	    copier_published(b->copier) > 0;
	copier_free(b->copier);
	b->source->free(b);
	othernote_end(b->others);
	clusterfiles_free(&b->files);
	copyrecord_free(&b->record);
	outerconf_free(&b->outer);
	changedblocks_free(b->changed);
	basepages_free(b->pages);
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
	int		 rc, stored = 0;

	/*
	 * A host that ends connections again and again, and takes some packs
	 * each time, has all of them in the end.
	 */
	while ((rc = attempt(out, sum, &stored, conf, e)) == -1) {
		if (stored)
			o.in_vain = 0;
		if (!outage_over(&o, e))
			break;
		err_clear(e);
	}
	return (rc);
}
