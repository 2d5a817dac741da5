/* SPDX-License-Identifier: ISC */
/*
 * The decision whether WAL summaries may be relied on, and what they say then.
 * A block that is wrongly left unread is a wrong backup, which nothing would
 * show before a restore.  So each condition has to hold by itself, and any
 * doubt means that all is read.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "cluster/walsummaries.h"
#include "pg/lsn.h"
#include "pg/page.h"
#include "pg/relpath.h"
#include "plan/summaries.h"
#include "push/changedblocks.h"
#include "push/changedlist.h"
#include "repo/layout.h"
#include "reuse/chunksums.h"

#define QUIET_MS	60000		/* without a new summary */
#define PAUSE_NS	(100L * 1000 * 1000)

struct changedblocks {
	struct changedlist	*list;		/* NULL: read all */
	struct chunksums	*sums;	/* of the last backup; or NULL */
	struct chunksums_writer	*keep;		/* NULL once it failed */
	struct err		 err;		/* why it did */
};

/* Whether this cluster is what became of that of the last backup. */
static int
follows(const struct changedblocks_conf *c, uint64_t next_xid,
    struct err *why)
{
	const struct pastbackup_facts	*p = reuse_past(c->reuse);
	const struct summaries_backup	 then = { .timeline = p->timeline,
	    .start_lsn = p->start_lsn, .stop_lsn = p->stop_lsn,
	    .next_xid = p->next_xid, .checksums = p->data_checksums };
	const struct summaries_backup	 now = {
		.timeline = c->start->timeline, .start_lsn = c->start->lsn,
		.next_xid = next_xid, .checksums = c->facts->checksums };

	return (summaries_follow(&then, &now, why));
}

static int
not_covered(enum summaries s, const struct lsn_range *wanted, uint64_t upto,
    struct err *why)
{
	char	 at[LSN_TEXT], from[LSN_TEXT], to[LSN_TEXT];

	(void)lsn_format(at, upto);
	(void)lsn_format(from, wanted->start);
	(void)lsn_format(to, wanted->end);
	switch (s) {
	case SUMMARIES_COMPLETE:
		return (0);
	case SUMMARIES_BEHIND:
		return (err_set(why, ERR_PG, "PostgreSQL wrote no WAL summary "
		    "of %s within %d s, expected all from %s to %s", at,
		    QUIET_MS / 1000, from, to));
	case SUMMARIES_GAP:
		return (err_set(why, ERR_PG, "PostgreSQL has no WAL summary "
		    "of %s, expected all from %s to %s; wal_summary_keep_time "
		    "must be longer than the time between backups", at, from,
		    to));
	case SUMMARIES_OTHER:
		break;
	}
	return (err_set(why, ERR_PG, "no WAL summary begins at %s, where the "
	    "last backup started; was the data directory set back?", from));
}

/*
 * The list of summaries that cover all that is wanted.  The last of them is
 * written only behind the checkpoint of this backup's start, a moment later.
 */
static int
cover(struct walsummaries *s, const struct changedblocks_conf *c,
    const struct lsn_range *wanted, struct lsn_range **list, size_t *n,
    struct err *why)
{
	const struct timespec	 pause = { 0, PAUSE_NS };
	int64_t			 since = clock_mono_ms();
	uint64_t		 upto, before = 0;
	enum summaries		 verdict;

	for (;;) {
		free(*list);
		*list = NULL;
		if (walsummaries_list(s, c->start->timeline, wanted, list, n,
		    why))
			return (-1);
		verdict = summaries_cover(*list, *n, wanted, &upto);
		if (upto > before)
			since = clock_mono_ms();
		before = upto;
		if (verdict != SUMMARIES_BEHIND ||
		    clock_mono_ms() - since > QUIET_MS)
			return (not_covered(verdict, wanted, upto, why));
		(void)nanosleep(&pause, NULL);
	}
}

static int
each(void *arg, const char *path, uint32_t chunk, struct err *e)
{
	return (changedlist_add(arg, path, chunk, e));
}

/* Ask PostgreSQL what changed since the last backup. */
static int
get_list(struct changedlist *l, struct walsummaries *s,
    const struct changedblocks_conf *c, struct err *why)
{
	const struct walsummaries_how	 how = {
		.relseg_blocks = c->facts->relseg_blocks,
		.chunk_blocks = c->chunk_size / PAGE_BYTES,
		.version_dir = c->facts->tablespace_dir,
		.each = each, .arg = l
	};
	const struct lsn_range		 wanted = {
		reuse_past(c->reuse)->start_lsn, c->start->lsn };
	struct lsn_range		*list = NULL;
	size_t				 n = 0;
	int				 rc;

	rc = cover(s, c, &wanted, &list, &n, why) ||
	    walsummaries_blocks(s, c->start->timeline, list, n, &how, why) ?
	    -1 : 0;
	free(list);
	return (rc);
}

static int
open_sums(struct changedblocks *b, const struct changedblocks_conf *c,
    struct err *why)
{
	const int	 rc = chunksums_open(&b->sums, c->archive,
	    c->state_dir, reuse_manifest_hash(c->reuse), why);

	return (rc != 1 ? rc : err_set(why, ERR_CONFIG, "state_dir has no "
	    "sums of the last backup's pieces, as before the first backup "
	    "with WAL summaries"));
}

/* Either b->list, or why there is none. */
static int
try_all(struct changedblocks *b, const struct changedblocks_conf *c,
    struct err *why)
{
	struct walsummaries	*s = NULL;
	struct changedlist	*l = NULL;
	uint64_t		 xid;
	char			 dir[PATH_MAX];
	int			 rc = -1;

	if (open_sums(b, c, why) ||
	    walsummaries_open(&s, c->conninfo, why) ||
	    walsummaries_next_xid(s, &xid, why) ||
	    follows(c, xid, why) ||
	    layout_state(dir, c->state_dir, c->archive->server,
	    c->archive->system_id, why) ||
	    changedlist_new(&l, dir, why) ||
	    get_list(l, s, c, why))
		goto out;
	b->list = l;
	l = NULL;
	rc = 0;
out:
	changedlist_free(l);
	walsummaries_free(s);
	return (rc);
}

int
changedblocks_open(struct changedblocks **out,
    const struct changedblocks_conf *c, struct err *e)
{
	struct changedblocks	*b;
	struct err		 why = ERR_INIT;
	char			 text[ERR_MSGMAX + 64];

	*out = NULL;
	if (!c->facts->summarize_wal)
		return (0);
	if ((b = calloc(1, sizeof(*b))) == NULL)
		return (err_sys(e, ERR_LOCAL, "changed blocks"));
	if (chunksums_begin(&b->keep, c->archive, c->state_dir, &b->err))
		b->keep = NULL;
	if (!c->reread && reuse_past(c->reuse) != NULL &&
	    try_all(b, c, &why)) {
		(void)snprintf(text, sizeof(text), "changed files are read "
		    "whole: %s", why.msg);
		c->note(c->arg, text);
	}
	*out = b;
	return (0);
}

void
changedblocks_free(struct changedblocks *b)
{
	if (b == NULL)
		return;
	changedlist_free(b->list);
	chunksums_free(b->sums);
	chunksums_writer_free(b->keep);
	free(b);
}

static int
is_main(const char *path)
{
	struct relpath	 rel;

	return (relpath_parse(path, &rel) && rel.fork == RELPATH_MAIN);
}

/* All chunks are the same, except those that the list names. */
static int
mark(struct changedblocks *b, const char *path, struct copyfile_past *past,
    struct err *e)
{
	int	 rc;

	if ((past->same = malloc(past->nrefs)) == NULL)
		return (err_sys(e, ERR_LOCAL, "%s", path));
	memset(past->same, 1, past->nrefs);
	rc = changedlist_mark(b->list, path, past->same, past->nrefs, e);
	if (rc != 0) {
		free(past->same);
		past->same = NULL;
	}
	return (rc == -1 ? -1 : 0);
}

/*
 * The sums are wanted of files that are kept as well: the next push must know
 * them.
 */
int
changedblocks_find(struct changedblocks *b, const char *path,
    const struct reuse_found *f, struct copyfile_past *past, struct err *e)
{
	int	 rc;

	if (b == NULL || b->sums == NULL || !f->same_file || f->nrefs == 0 ||
	    !is_main(path))
		return (0);
	if ((rc = chunksums_find(b->sums, path, f->nrefs, &past->crcs,
	    e)) != 0)
		return (rc == 1 ? 0 : -1);
	past->size = f->size;
	return (b->list != NULL && f->verdict == REUSE_COMPARE ?
	    mark(b, path, past, e) : 0);
}

int
changedblocks_end(struct changedblocks *b, struct err *e)
{
	return (b == NULL || b->sums == NULL ? 0 : chunksums_end(b->sums, e));
}

void
changedblocks_copied(struct changedblocks *b, const char *path,
    const uint32_t *crcs, size_t n)
{
	if (b == NULL || b->keep == NULL || crcs == NULL || n == 0 ||
	    !is_main(path))
		return;
	if (chunksums_add(b->keep, path, crcs, n, &b->err)) {
		chunksums_writer_free(b->keep);
		b->keep = NULL;
	}
}

int
changedblocks_publish(struct changedblocks *b,
    const uint8_t manifest_hash[HASH_LEN], struct err *e)
{
	if (b == NULL)
		return (0);
	if (b->keep == NULL)
		return (err_set(e, b->err.kind, "%s", b->err.msg));
	return (chunksums_publish(b->keep, manifest_hash, e));
}
