/* SPDX-License-Identifier: ISC */
/*
 * A backup of what PostgreSQL sends.  The server is not trusted to send what
 * it should: everything that a restored cluster depends on is checked here or
 * in the parsers, before there is a label.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backup/spacelimit.h"
#include "base/clock.h"
#include "base/str.h"
#include "cluster/basebackup.h"
#include "cluster/pglabel.h"
#include "datadir/emptydir.h"
#include "pg/blabel.h"
#include "pg/crc32c.h"
#include "pg/exclude.h"
#include "pg/lsn.h"
#include "pg/pgtar.h"
#include "pg/relpath.h"
#include "push/streamcheck.h"
#include "push/streamlabel.h"
#include "push/streamsource.h"
#include "repo/layout.h"
#include "reuse/recordset.h"

#define BACKUP_LABEL	"backup_label"
#define GATHER_MAX	((size_t)64 << 10)	/* at most one chunk */
#define FILE_MAX	((uint64_t)4 << 40)	/* the references to its chunks
						   are in memory */
#define SECOND_US	INT64_C(1000000)

/* What becomes of a member of an archive. */
enum fate {
	STORE,
	GATHER,			/* in memory: backup_label, pg_control */
	LEAVE_OUT
};

struct streamsource_state {
	struct pushrun		*run;
	struct basebackup	*server;
	struct basebackup_start	 start;
	struct recordset	*files;		/* what was copied */
	struct streamcheck	*check;
	int64_t			 begun_us;	/* by our clock */
	int64_t			 ahead_us;	/* the server's before ours */
	int			 control;	/* pg_control came */

	/* The archive, or the manifest, that is under way. */
	int			 open;		/* an archive is */
	int			 manifest;
	const struct basebackup_space *space;
	struct pgtar		 tar;

	/* The member that is under way. */
	enum fate		 fate;
	struct bucket		*pace;		/* of its tablespace; or NULL */
	struct manifest_entry	 en;
	uint32_t		 crc;		/* unless it is stored */
	size_t			 n;		/* bytes in mem */
	char			 path[MANIFEST_PATH_MAX + 1];
	uint8_t			 mem[GATHER_MAX];
};

static int
unexpected(const char *path, const char *what, struct err *e)
{
	char	 clean[256];

	return (err_set(e, ERR_PG, "base backup: %s: PostgreSQL sent %s",
	    str_clean(clean, sizeof(clean), path, strlen(path)), what));
}

static int
look(struct pushrun *b, struct err *e)
{
	const struct basebackup_conf	 bc = { .conninfo = b->conf->conninfo,
	    .tick = pushrun_starting, .arg = b };
	struct streamsource_state	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, "base backup"));
	b->stream = s;
	s->run = b;
	if (pglabel_check_text(b->conf->label, e) ||
	    basebackup_open(&s->server, &bc, e))
		return (-1);
	b->pg.facts = *basebackup_facts(s->server);
	if (b->pg.facts.block_size != 8192)
		return (err_set(e, ERR_PG, "PostgreSQL was built with blocks "
		    "of %" PRIu32 " bytes, expected 8192; other sizes are not "
		    "supported", b->pg.facts.block_size));
	if (b->pg.facts.archive == PGFACTS_ARCHIVE_OFF)
		pushrun_note(b, "archive_mode is off, so the backup can be "
		    "completed only if wal-receive stores its WAL");
	return (0);
}

static int
start(struct pushrun *b, struct err *e)
{
	const struct basebackup_opt	 o = { .label = b->conf->label,
	    .fast = b->conf->fast,
	    .verify = b->conf->verify && b->pg.facts.checksums,
	    .max_kbps = b->conf->stream_kbps };
	struct streamsource_state	*s = b->stream;
	struct walname			 first;

	pushrun_progress(b, BASEPUSH_CHECKPOINT, 0);
	s->begun_us = clock_now_us();
	if (basebackup_start(s->server, &o, &s->start, e))
		return (-1);
	b->total = s->start.bytes;
	b->pg.start.lsn = s->start.lsn;
	b->pg.start.timeline = s->start.timeline;
	b->pg.start.time_us = s->begun_us;
	first = walname_at(s->start.timeline, s->start.lsn,
	    b->pg.facts.segment_size);
	(void)walname_format(b->pg.start.walfile, &first);
	return (streamlabel_start(b, &s->start, e));
}

static int
copied(struct pushrun *b, const struct manifest_entry *en,
    const struct pack_ref *refs, size_t nrefs, const uint32_t *crcs,
    uint64_t newest, struct err *e)
{
	(void)newest;			/* no page is judged here */
	(void)crcs;
	return (recordset_add(b->stream->files, en, refs, nrefs, e));
}

static int
tick(struct pushrun *b, struct err *e)
{
	(void)b;
	(void)e;
	return (0);
}

/* Where the member belongs in the data directory. */
static int
place(struct streamsource_state *s, const char *path, struct err *e)
{
	if (s->space == NULL)
		return (str_fmt(s->path, sizeof(s->path), e, "%s", path));
	if (!str_begins(path, "PG_"))
		return (unexpected(path, "this in a tablespace", e));
	return (str_fmt(s->path, sizeof(s->path), e, "pg_tblspc/%" PRIu32
	    "/%s", s->space->oid, path));
}

/*
 * The server has decided already what belongs into a backup.  What is left out
 * besides is what the other source leaves out: signal files, and a mark.
 */
static enum fate
fate_of(const char *path, enum manifest_type type)
{
	struct relpath	 rel;

	if (strcmp(path, BACKUP_LABEL) == 0 || strcmp(path, CONTROL_PATH) == 0)
		return (GATHER);
	if (exclude_path(path) == EXCLUDE_SKIP ||
	    strcmp(path, EMPTYDIR_MARK) == 0)
		return (LEAVE_OUT);
	return (type == MANIFEST_FILE && relpath_parse(path, &rel) &&
	    rel.temp ? LEAVE_OUT : STORE);
}

static int
store(struct streamsource_state *s, struct err *e)
{
	struct copyfile_past	 past = { .nrefs = 0 };

	if (reuse_seek(s->run->reuse, s->path, &past.refs, &past.nrefs, e))
		return (-1);
	basepages_find(s->run->pages, s->path, &past);
	return (copier_stream(s->run->copier, &s->en, &past, e));
}

static int
on_entry(void *arg, const struct pgtar_entry *t, struct err *e)
{
	struct streamsource_state	*s = arg;

	if (place(s, t->path, e))
		return (-1);
	if (t->type == PGTAR_LINK)
		return (unexpected(s->path, "a link", e));
	s->en = (struct manifest_entry){
		.type = t->type == PGTAR_DIR ? MANIFEST_DIR : MANIFEST_FILE,
		.path = s->path, .mode = t->mode,
		.mtime_us = t->mtime * SECOND_US, .size = t->size
	};
	s->fate = fate_of(s->path, s->en.type);
	s->crc = 0;
	s->n = 0;
	s->pace = spacelimit_bucket(s->run->conf->spaces, s->path);
	if (t->type == PGTAR_FILE)
		streamcheck_arrives(s->check);
	else
		return (s->fate != STORE ? 0 :
		    copier_add(s->run->copier, &s->en, NULL, 0, e));
	/* Recovery of a standby's backup relies on it. */
	if (s->control)
		return (unexpected(s->path, "it behind pg_control", e));
	if (t->size > FILE_MAX ||
	    (s->fate == GATHER && (t->size == 0 || t->size > GATHER_MAX)))
		return (unexpected(s->path, "it in a size that cannot be", e));
	return (s->fate == STORE ? store(s, e) : 0);
}

/* PostgreSQL sends no more than we take, so it reads no faster either. */
static int
wait_pace(const struct streamsource_state *s, size_t n, struct err *e)
{
	const int64_t	 until = bucket_take(s->pace, n, clock_mono_ms());
	int		 r;

	while ((r = bucket_pause(s->pace, until, e)) == 1)
		if (copier_idle(s->run->copier, e))
			return (-1);
	return (r);
}

static int
on_data(void *arg, const void *p, size_t n, struct err *e)
{
	struct streamsource_state	*s = arg;

	if (s->pace != NULL && wait_pace(s, n, e))
		return (-1);
	if (s->fate == STORE)
		return (copier_feed(s->run->copier, p, n, e));
	s->crc = crc32c_update(s->crc, p, n);
	if (s->fate == GATHER) {
		memcpy(s->mem + s->n, p, n);
		s->n += n;
	}
	return (0);
}

/*
 * pg_control has come: as clusterfiles_control() has it, but that it cannot be
 * read again.
 */
static int
take_control(struct streamsource_state *s, struct err *e)
{
	struct pushrun	*b = s->run;
	struct control	 ctl;
	char		 found[LSN_TEXT], expected[LSN_TEXT];

	if (s->n != CONTROL_SIZE)
		return (unexpected(s->path, "it in a size that cannot be", e));
	if (control_parse(s->mem, s->n, &ctl, e))
		return (err_ctx(e, CONTROL_PATH));
	if (ctl.sysid != b->pg.facts.system_id)
		return (err_set(e, ERR_PG, CONTROL_PATH ": found system "
		    "identifier %" PRIu64 ", expected %" PRIu64, ctl.sysid,
		    b->pg.facts.system_id));
	if (ctl.redo < b->pg.start.lsn)
		return (err_set(e, ERR_PG, CONTROL_PATH ": found its "
		    "checkpoint at %s, expected %s, where this backup starts, "
		    "or later", lsn_format(found, ctl.redo),
		    lsn_format(expected, b->pg.start.lsn)));
	if (streamcheck_apart(s->check, s->path, s->n, s->crc, e) ||
	    control_poison(s->mem, s->n, e))
		return (-1);
	s->control = 1;
	b->label->hot = ctl.hot;
	return (copier_add(b->copier, &s->en, s->mem, s->n, e));
}

/*
 * backup_label has come.  Its header has the time by the server's clock, in
 * whole seconds, at which it was sent.
 */
static int
take_backup_label(struct streamsource_state *s, struct err *e)
{
	struct pushrun	*b = s->run;
	struct blabel	 bl;

	if (b->pg.stop.label != NULL)
		return (unexpected(s->path, "it twice", e));
	if (blabel_parse((char *)s->mem, s->n, b->pg.facts.segment_size, &bl,
	    e))
		return (err_ctx(e, BACKUP_LABEL));
	if (bl.start != b->pg.start.lsn || bl.tli != b->pg.start.timeline ||
	    !bl.streamed || bl.incremental)
		return (unexpected(s->path, "that of another backup", e));
	if ((b->pg.stop.label = malloc(s->n + 1)) == NULL)
		return (err_sys(e, ERR_LOCAL, BACKUP_LABEL));
	memcpy(b->pg.stop.label, s->mem, s->n);
	b->pg.stop.label[s->n] = '\0';
	b->pg.stop.label_len = s->n;
	b->label->from_standby = bl.standby;
	s->ahead_us = s->en.mtime_us - clock_now_us();
	return (copier_add(b->copier, &s->en, s->mem, s->n, e));
}

static int
on_done(void *arg, struct err *e)
{
	struct streamsource_state	*s = arg;

	switch (s->fate) {
	case STORE:
		return (0);
	case GATHER:
		return (strcmp(s->path, BACKUP_LABEL) == 0 ?
		    take_backup_label(s, e) : take_control(s, e));
	case LEAVE_OUT:
		break;
	}
	return (streamcheck_apart(s->check, s->path, s->en.size, s->crc, e));
}

static int
end_archive(struct streamsource_state *s, struct err *e)
{
	if (s->open && pgtar_end(&s->tar, e))
		return (-1);
	s->open = 0;
	return (0);
}

/* A tablespace in another place has a link, which no archive holds. */
static int
add_link(struct streamsource_state *s, struct err *e)
{
	const struct manifest_entry	 en = { .type = MANIFEST_LINK,
	    .path = s->path, .target = s->space->path, .mode = 0777,
	    .mtime_us = s->begun_us };

	if (s->space->path[0] != '/')
		return (0);
	if (str_fmt(s->path, sizeof(s->path), e, "pg_tblspc/%" PRIu32,
	    s->space->oid))
		return (-1);
	return (copier_add(s->run->copier, &en, NULL, 0, e));
}

static int
take_piece(struct streamsource_state *s, const struct basebackup_piece *p,
    struct err *e)
{
	static const struct pgtar_events on = { on_entry, on_data, on_done };

	switch (p->what) {
	case BASEBACKUP_ARCHIVE:
		if (end_archive(s, e))
			return (-1);
		pgtar_begin(&s->tar, &on, s);
		s->open = 1;
		s->space = p->space;
		return (p->space == NULL ? 0 : add_link(s, e));
	case BASEBACKUP_MANIFEST:
		s->manifest = 1;
		return (end_archive(s, e));
	case BASEBACKUP_DATA:
		return (s->manifest ?
		    streamcheck_manifest(s->check, p->data, p->n, e) :
		    pgtar_add(&s->tar, p->data, p->n, e));
	case BASEBACKUP_IDLE:
		return (copier_idle(s->run->copier, e));
	case BASEBACKUP_END:
		break;
	}
	return (end_archive(s, e));
}

static int
copy(struct pushrun *b, struct err *e)
{
	struct streamsource_state	*s = b->stream;
	struct basebackup_piece		 p;
	char				 dir[PATH_MAX];

	if (layout_state(dir, b->conf->state_dir, b->conf->server,
	    b->pg.facts.system_id, e) ||
	    reuse_index(b->reuse, dir, e) ||
	    recordset_new(&s->files, dir, e) ||
	    streamcheck_new(&s->check, dir, b->pg.facts.system_id, e))
		return (-1);
	do {
		if (basebackup_next(s->server, &p, e) ||
		    streamcheck_of_server(take_piece(s, &p, e), e))
			return (-1);
	} while (p.what != BASEBACKUP_END);
	if (!s->control || b->pg.stop.label == NULL)
		return (err_set(e, ERR_PG, "base backup: PostgreSQL sent no "
		    "pg_control or no backup_label"));
	return (streamlabel_stop(b, &p, s->ahead_us, e) ||
	    copier_drain(b->copier, e) ? -1 : 0);
}

/* Sort what came, compare it with the server's list, and spool it. */
static int
settle(struct pushrun *b, struct err *e)
{
	struct streamsource_state	*s = b->stream;
	struct recordset_item		 it;
	int				 rc;

	if (streamcheck_of_server(recordset_sort(s->files, e), e) ||
	    streamcheck_begin(s->check, e))
		return (-1);
	while ((rc = recordset_next(s->files, &it, e)) == 0) {
		if ((it.en.type == MANIFEST_FILE &&
		    streamcheck_file(s->check, &it.en, e)) ||
		    manifestspool_add(b->record.spool, &it.en, it.refs,
		    it.nrefs, e))
			rc = -1;
		recordset_drop(&it);
		if (rc == -1)
			return (-1);
	}
	return (rc == 1 ? streamcheck_end(s->check, e) : -1);
}

static void
release(struct pushrun *b)
{
	struct streamsource_state	*s = b->stream;

	if (s == NULL)
		return;
	basebackup_free(s->server);
	recordset_free(s->files);
	streamcheck_free(s->check);
	free(s);
	b->stream = NULL;
}

const struct pushsource streamsource = {
	.look = look, .start = start, .copy = copy,
	.settle = settle, .copied = copied, .tick = tick, .free = release
};
