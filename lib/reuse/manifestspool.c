/* SPDX-License-Identifier: ISC */
/*
 * The manifest on local disk until its last entries are known.  A manifest
 * writer writes into the journal, by way of a sink that gathers pieces.  In
 * the end the journal is read back through a manifest parser into a second
 * writer, which puts the late entries into their places.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "backup/packusage.h"
#include "base/str.h"
#include "reuse/manifestspool.h"

/* An entry that came out of order; it is merged in the second pass. */
struct late {
	struct manifest_entry	 en;
	char			 path[256];
	struct pack_ref		 ref;
	size_t			 nrefs;		/* 0: written already */
};

struct manifestspool {
	struct sink		 base;		/* first: the writer's sink */
	struct journal		*journal;
	int			 late;		/* entries come in any order */
	uint32_t		 chunk_size;
	const char *const	*ids;		/* borrowed */
	size_t			 nids;
	struct manifest_more	 more;		/* borrowed content */
	int			 differ;	/* chunks have differences */
	struct packusage	*use;		/* what is referred to */
	struct manifest_writer	*w;
	struct late		 l[MANIFESTSPOOL_LATE];
	size_t			 nlate;
	size_t			 n;		/* in buf, not yet appended */
	uint8_t			 buf[JOURNAL_PIECE];
};

/* A failure ends the push, so what could not be appended is not kept. */
static int
flush(struct manifestspool *s, struct err *e)
{
	size_t	 n = s->n;

	s->n = 0;
	return (n == 0 ? 0 : journal_append(s->journal, s->buf, n, e));
}

static int
disk_write(struct sink *base, const void *p, size_t n, struct err *e)
{
	struct manifestspool	*s = (struct manifestspool *)base;
	const uint8_t	*from = p;
	size_t		 take;

	for (; n > 0; from += take, n -= take) {
		if (s->n == JOURNAL_PIECE && flush(s, e))
			return (-1);
		take = n < JOURNAL_PIECE - s->n ? n : JOURNAL_PIECE - s->n;
		memcpy(s->buf + s->n, from, take);
		s->n += take;
	}
	return (0);
}

static int
disk_finish(struct sink *base, struct err *e)
{
	return (flush((struct manifestspool *)base, e));
}

static void
disk_free(struct sink *base)
{
	(void)base;			/* part of the spool */
}

static const struct sink_ops disk_ops = { disk_write, disk_finish, disk_free };

/*
 * The part that is written first is of the version that can hold everything:
 * what comes is not known yet.
 */
static int
new_writer(struct manifestspool *s, struct err *e)
{
	static const struct manifest_more	 more = { .diffs = 1 };

	return (manifest_writer_new_more(&s->w, &s->base, s->chunk_size,
	    s->ids, s->nids, &more, e));
}

int
manifestspool_open(struct manifestspool **out, const struct key *key,
    const struct manifestfacts *f, const char *state_dir, uint32_t chunk_size,
    const char *const *ids, size_t nids, struct err *e)
{
	struct manifestspool	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, "spool"));
	s->base.ops = &disk_ops;
	s->chunk_size = chunk_size;
	s->ids = ids;
	s->nids = nids;
	if (journal_create(&s->journal, key, f, state_dir, e) ||
	    packusage_new(&s->use, nids, e) ||
	    new_writer(s, e)) {
		manifestspool_free(s);
		return (-1);
	}
	*out = s;
	return (0);
}

int
manifestspool_flush(struct manifestspool *s, int sync, struct err *e)
{
	return (manifest_writer_flush(s->w, e) || flush(s, e) ||
	    (sync && journal_sync(s->journal, e)) ? -1 : 0);
}

int
manifestspool_part(struct manifestspool **out,
    const struct manifestspool *of, struct err *e)
{
	struct manifestspool	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, "spool"));
	s->base.ops = &disk_ops;
	s->chunk_size = of->chunk_size;
	s->ids = of->ids;
	s->nids = of->nids;
	if (journal_part(&s->journal, of->journal, e) ||
	    packusage_new(&s->use, s->nids, e) ||
	    new_writer(s, e)) {
		manifestspool_free(s);
		return (-1);
	}
	*out = s;
	return (0);
}

int
manifestspool_part_end(struct manifestspool *s, struct err *e)
{
	return (manifest_writer_end(s->w, e) || flush(s, e) ||
	    journal_publish(s->journal, e) ? -1 : 0);
}

void
manifestspool_done(struct manifestspool *s)
{
	journal_remove(s->journal);
}

/*
 * Each reference counts as a use of its backup, of late entries too: what is
 * not counted here would be missing in the label, and expiry would delete it.
 */
int
manifestspool_add(struct manifestspool *s, const struct manifest_entry *en,
    const struct pack_ref *refs, size_t nrefs, struct err *e)
{
	struct late	*l;
	size_t		 i;

	for (i = 0; i < nrefs; i++) {
		if (packusage_add(s->use, &refs[i], e))
			return (-1);
		s->differ |= refs[i].diff.pack != 0;
	}
	if (!s->late) {
		if (manifest_writer_entry(s->w, en, e))
			return (-1);
		for (i = 0; i < nrefs; i++)
			if (manifest_writer_chunk(s->w, &refs[i], e))
				return (-1);
		return (0);
	}
	assert(s->nlate < MANIFESTSPOOL_LATE && nrefs == 1);
	l = &s->l[s->nlate];
	l->en = *en;
	l->ref = refs[0];
	l->nrefs = nrefs;
	if (str_fmt(l->path, sizeof(l->path), e, "%s", en->path))
		return (-1);
	l->en.path = l->path;
	s->nlate++;
	return (0);
}

void
manifestspool_late(struct manifestspool *s)
{
	s->late = 1;
}

/*
 * The second pass: what was spooled, with the late entries in their places,
 * and references by the table that is left.
 */
struct merge {
	struct manifestspool		*s;
	struct manifest_writer	*w;
	uint16_t		*place;		/* in the table that is left */
};

/*
 * Write the late entries that come before "path", in order; all that are left
 * if it is NULL.
 */
static int
merge_late(struct merge *m, const char *path, struct err *e)
{
	struct late	*l, *least;
	size_t		 i;

	for (;;) {
		least = NULL;
		for (i = 0; i < m->s->nlate; i++) {
			l = &m->s->l[i];
			if (l->nrefs != 0 && (least == NULL ||
			    strcmp(l->path, least->path) < 0))
				least = l;
		}
		if (least == NULL ||
		    (path != NULL && strcmp(least->path, path) > 0))
			return (0);
		if (manifest_writer_entry(m->w, &least->en, e) ||
		    manifest_writer_chunk(m->w, &least->ref, e))
			return (-1);
		least->nrefs = 0;		/* written */
	}
}

static int
merge_header(void *arg, uint32_t chunk_size, const char *const *backups,
    size_t nbackups, struct err *e)
{
	(void)arg; (void)chunk_size; (void)backups; (void)nbackups; (void)e;
	return (0);
}

static int
merge_entry(void *arg, const struct manifest_entry *en, struct err *e)
{
	struct merge	*m = arg;

	if (merge_late(m, en->path, e))
		return (-1);
	return (manifest_writer_entry(m->w, en, e));
}

/* What lies nowhere has place 0, which stays 0. */
static int
merge_chunk(void *arg, uint64_t index, const struct pack_ref *ref,
    struct err *e)
{
	struct merge	*m = arg;
	struct pack_ref	 moved = *ref;

	(void)index;
	moved.backup = m->place[ref->backup];
	moved.diff.backup = m->place[ref->diff.backup];
	return (manifest_writer_chunk(m->w, &moved, e));
}

static int
merge_end(void *arg, uint64_t entries, uint64_t bytes, struct err *e)
{
	struct merge	*m = arg;

	(void)entries; (void)bytes;
	if (merge_late(m, NULL, e))
		return (-1);
	return (manifest_writer_end(m->w, e));
}

void
manifestspool_more(struct manifestspool *s,
    const struct manifest_more *more)
{
	s->more = *more;
}

/*
 * Begin the manifest.  Its table has only the backups that it does refer to:
 * a backup in the table is one that expiry must keep packs of.
 */
static int
begin(struct merge *m, struct sink *to, struct err *e)
{
	const struct manifestspool	*s = m->s;
	struct manifest_more		 more = s->more;
	const char		**ids;
	size_t			 i, n = 0;
	int			 rc;

	more.diffs = s->differ;
	if ((ids = calloc(s->nids, sizeof(*ids))) == NULL ||
	    (m->place = calloc(s->nids, sizeof(*m->place))) == NULL) {
		free(ids);
		return (err_sys(e, ERR_LOCAL, "manifest"));
	}
	for (i = 0; i < s->nids; i++)
		if (i == 0 || packusage_any(s->use, i)) {
			m->place[i] = (uint16_t)n;
			ids[n++] = s->ids[i];
		}
	rc = manifest_writer_new_more(&m->w, to, s->chunk_size, ids, n,
	    &more, e);
	free(ids);
	return (rc);
}

/*
 * Read the journal back.  A disk that loses a piece would otherwise cut the
 * manifest short, and with it the backup.
 */
static int
read_back(struct manifestspool *s, struct sink *to, struct err *e)
{
	size_t	 n;

	journal_rewind(s->journal);
	do {
		if (journal_read(s->journal, s->buf, sizeof(s->buf), &n, e) ||
		    sink_write(to, s->buf, n, e))
			return (-1);
	} while (n == sizeof(s->buf));
	return (journal_is_whole(s->journal) ? 0 : err_set(e, ERR_LOCAL,
	    "journal in state_dir: read back other bytes than were "
	    "written; check this host's disk"));
}

/*
 * What is sent is what the journal gave back, parsed and checked again on the
 * way.  Nothing is held in memory but the late entries.
 */
int
manifestspool_write(struct manifestspool *s, struct sink *to, struct err *e)
{
	static const struct manifest_events	 events = {
		.header = merge_header, .entry = merge_entry,
		.chunk = merge_chunk, .end = merge_end
	};
	struct merge	 m = { .s = s };
	struct sink	*parser = NULL;
	int		 rc = -1;

	if (manifest_writer_end(s->w, e) || flush(s, e) || begin(&m, to, e))
		goto out;
	if (manifest_sink_open(&parser, &events, &m, e) ||
	    read_back(s, parser, e) ||
	    sink_finish(parser, e))
		goto out;
	rc = 0;
out:
	sink_free(parser);
	manifest_writer_free(m.w);
	free(m.place);
	return (rc);
}

/*
 * All packs of the backup itself belong to it, also one in which nothing is
 * used because its file vanished: they go when the backup does.
 */
int
manifestspool_packs(const struct manifestspool *s, uint32_t last_pack,
    struct label *l, struct err *e)
{
	uint32_t	 first, last;
	size_t		 i;

	if (last_pack > 0 && label_refer(l, s->ids[0], 1, last_pack, e))
		return (-1);
	for (i = 1; i < s->nids; i++)
		for (last = 0; packusage_run(s->use, i, last, &first, &last);)
			if (label_refer(l, s->ids[i], first, last, e))
				return (-1);
	return (0);
}

void
manifestspool_free(struct manifestspool *s)
{
	if (s == NULL)
		return;
	manifest_writer_free(s->w);
	packusage_free(s->use);
	journal_free(s->journal);
	free(s);
}
