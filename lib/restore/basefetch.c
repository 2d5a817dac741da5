/* SPDX-License-Identifier: ISC */
/*
 * The plan of a restore.  It is made from listings, labels and histories
 * alone, so that a target that cannot be reached is refused in seconds, not
 * after hours of restoring.  Only where a signer is retired are the headers of
 * WAL, manifests and packs read, too, which may take minutes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "catalogue/backupword.h"
#include "crypt/retired.h"
#include "pg/lsn.h"
#include "pg/walname.h"
#include "plan/coverage.h"
#include "repo/clusterids.h"
#include "repo/layout.h"
#include "repo/object.h"
#include "restore/basefetch.h"
#include "restore/countedwal.h"
#include "restore/soundbackups.h"
#include "restore/whichcluster.h"

/*
 * A label or history that cannot be trusted must not silently change what is
 * restored.  A named backup is not absent because its label is refused.  A
 * timeline whose history is refused may be the latest: without it another one
 * would be taken for that.
 */
static int
check_refused(const struct catalogue *c, const struct choose_target *t,
    struct err *e)
{
	const char	*why, *id;
	size_t		 i;

	if (t->backup != NULL &&
	    (why = catalogue_refused(c, t->backup)) != NULL)
		return (err_set(e, ERR_CORRUPT, "backup %s: %s", t->backup,
		    why));
	if (catalogue_labels(c) == 0 && catalogue_bads(c) > 0)
		return (err_set(e, ERR_CORRUPT, "no backup can be trusted: %s: "
		    "%s", catalogue_bad_id(c, 0), catalogue_bad_why(c, 0)));
	for (i = 0; i < catalogue_bads(c); i++) {
		id = catalogue_bad_id(c, i);
		/* A history, or a folder of WAL: no backup's id. */
		if (!layout_id_ok(id) && t->line != CHOOSE_LINE_CURRENT &&
		    t->line != CHOOSE_LINE_NUMBER)
			return (err_set(e, ERR_CORRUPT, "%s: %s; the "
			    "latest timeline is not known, so choose one "
			    "with --target-timeline", id,
			    catalogue_bad_why(c, i)));
	}
	return (0);
}

/* Choose the backup and the timeline. */
static int
choose(struct basefetch_plan *p, const struct choose_target *t,
    const struct lineage_set *lines, struct err *e)
{
	struct choose_result	 r;

	if (soundbackups_choose(p->catalogue, &p->evidence, lines, t, &r, e))
		return (-1);
	p->label = catalogue_label(p->catalogue, r.index);
	p->tli = r.tli;
	p->xidspan = r.xidspan;
	return (0);
}

/* A segment's name, for a message. */
static const char *
name_of(char buf[WALNAME_TEXT], uint32_t tli, uint64_t segno,
    uint32_t segsize)
{
	struct walname	 w = walname_at(tli, segno * segsize, segsize);

	return (walname_format(buf, &w));
}

/* Find when the last segment was archived: no commit in it is later. */
static int
reached(struct basefetch_plan *p, struct archive *a, struct err *e)
{
	struct store_get	*get = NULL;
	struct head		 h;
	char			 name[WALNAME_TEXT], path[LAYOUT_PATH];
	int			 rc = -1;

	(void)name_of(name, p->last_tli, p->last_segno,
	    (uint32_t)p->label->wal_segment_size);
	if (layout_wal(path, name, e) ||
	    store_get_open(&get, a->store, path, e))
		goto out;
	rc = object_head(&h, a, get, HEAD_WAL, path, e);
	if (rc == 1)
		rc = err_set(e, ERR_REMOTE,
		    "%s: was listed, and is missing now", path);
	if (rc == 0)
		p->reached_us = h.created_us;
out:
	store_get_free(get);
	return (rc);
}

/*
 * Find a gap that no listing shows.  Behind a pinned backup expiry may have
 * removed all later WAL of a timeline, so no later segment is left to show
 * that there was more; the histories still do.  The segment in which a
 * timeline was left may lack a file of its own: its content is in the next
 * timeline's.
 */
static void
look_further(struct basefetch_plan *p, const struct lineage_set *lines,
    const struct history *h, uint32_t segsize)
{
	uint64_t	 known = lineage_known_end(lines, p->tli);

	if (p->gaps > 0 || known / segsize <= p->last_segno + 1)
		return;
	p->gaps = 1;
	p->missing_segno = p->last_segno + 1;
	p->missing_tli = history_tli_at(h, (p->missing_segno + 1) * segsize -
	    1);
}

/*
 * Cut off WAL that does not count, which PostgreSQL will not get.  Later WAL
 * stands behind it as behind a gap.
 */
static int
cut_refused(struct basefetch_plan *p, struct coverage *cov,
    const struct history *h, uint64_t first, uint32_t segsize, struct err *e)
{
	struct countedwal	 bad;
	int			 rc = countedwal_cut(&bad, cov, p->archive, h,
	    first, segsize, e);

	if (rc != 1)
		return (rc);
	p->gaps = 1;
	p->missing_tli = bad.tli;
	p->missing_segno = bad.segno;
	p->refused = bad.why;
	return (0);
}

/* The backup itself needs WAL behind the end of what there is. */
static int
lacks_own(const struct basefetch_plan *p, const struct coverage *cov,
    uint32_t segsize, struct err *e)
{
	const struct label	*l = p->label;
	char			 name[WALNAME_TEXT];

	if (p->refused.kind != ERR_NONE)
		return (err_set(e, ERR_CORRUPT, "backup %s cannot be restored: "
		    "it needs WAL segment %s, which does not count: %s", l->id,
		    name_of(name, p->missing_tli, p->missing_segno, segsize),
		    p->refused.msg));
	return (err_set(e, ERR_ABSENT, "backup %s cannot be restored: it needs "
	    "WAL segment %s, which is not in the repository", l->id,
	    !cov->any ? l->start_wal : name_of(name, cov->tli, cov->last + 1,
	    segsize)));
}

/*
 * Follow the WAL from the backup's start: all that the backup itself needs
 * must be there, and then as far as it goes.  "read" says whether the
 * histories were read, and not guessed from listings.
 */
static int
follow(struct basefetch_plan *p, const struct lineage_set *lines, int read,
    struct coverage *cov, struct err *e)
{
	const struct label	*l = p->label;
	const uint32_t		 segsize = (uint32_t)l->wal_segment_size;
	const struct history	*h = lineage_find(lines, p->tli);
	struct walname		 first;
	struct history		 alone = { .tli = p->tli };
	uint64_t		 segno;
	int			 rc;

	if (walname_parse(l->start_wal, &first, e) ||
	    walname_check(&first, segsize, e))
		return (-1);
	segno = walname_segno(&first, segsize);
	rc = coverage_follow(catalogue_wal(p->catalogue),
	    h != NULL ? h : &alone, segsize, l->timeline, segno, cov, e);
	if (rc == 1)
		return (err_set(e, ERR_ABSENT, "backup %s does not lie on "
		    "timeline %" PRIu32 " or what it came from", l->id,
		    p->tli));
	if (rc == -1 || cut_refused(p, cov, h != NULL ? h : &alone, segno,
	    segsize, e))
		return (-1);
	if (!cov->any || cov->end < l->stop_lsn)
		return (lacks_own(p, cov, segsize, e));
	p->last_tli = cov->tli;
	p->last_segno = cov->last;
	p->end = cov->end;
	p->wal_segments = cov->last - segno + 1;
	if (p->gaps == 0 && (p->gaps = cov->ngap) > 0) {
		p->missing_tli = cov->gap[0].tli;
		p->missing_segno = cov->gap[0].first;
	}
	if (read)
		look_further(p, lines, h != NULL ? h : &alone, segsize);
	return (0);
}

const char *
basefetch_instead(char buf[BASEFETCH_TEXT], const struct basefetch_plan *p)
{
	char	 name[WALNAME_TEXT];

	if (p->gaps > 0)
		(void)snprintf(buf, BASEFETCH_TEXT, "WAL segment %s %s behind "
		    "that, so choose an earlier target",
		    name_of(name, p->missing_tli, p->missing_segno,
		    (uint32_t)p->label->wal_segment_size),
		    p->refused.kind == ERR_NONE ? "is missing" :
		    "does not count");
	else
		(void)snprintf(buf, BASEFETCH_TEXT, "leave the target out to "
		    "recover all that is archived");
	return (buf);
}

/* What was streamed behind the archived WAL. */
static int
go_on(struct basefetch_plan *p, struct err *e)
{
	int	 rc;

	if (p->gaps > 0)
		return (0);
	rc = streamed_find(&p->streamed, p->archive, p->catalogue, p->tli,
	    p->end, &p->problem, e);
	if (rc == 1)
		p->streamed.end = 0;
	return (rc == -1 ? -1 : 0);
}

uint64_t
basefetch_end(const struct basefetch_plan *p)
{
	return (p->streamed.end != 0 ? p->streamed.end : p->end);
}

/* Choose a backup, and find what recovery from there gets. */
static int
settle(struct basefetch_plan *p, const struct choose_target *t,
    const struct lineage_set *lines, int read, struct err *e)
{
	struct coverage		 cov = { 0 };
	int			 rc = -1;

	p->gaps = 0;
	p->refused = p->problem = (struct err)ERR_INIT;
	p->streamed.end = 0;
	if (choose(p, t, lines, e) == 0 &&
	    follow(p, lines, read, &cov, e) == 0 &&
	    reached(p, p->archive, e) == 0)
		rc = go_on(p, e);
	coverage_free(&cov);
	return (rc);
}

static struct findtarget_way
way(const struct basefetch_plan *p, const struct lineage_set *lines)
{
	const struct label	*l = p->label;
	const uint32_t		 segsize = (uint32_t)l->wal_segment_size;

	return ((struct findtarget_way){
		.line = { p->archive, lines, p->tli, segsize },
		.start_lsn = l->start_lsn, .stop_lsn = l->stop_lsn,
		.last_segno = p->last_segno,
		.streamed = p->streamed.end == 0 ? 0 : p->streamed.number,
		.streamed_segno = p->streamed.segno,
		.between = p->streamed.segno > p->end / segsize
	});
}

/*
 * Labels do not show where a restore point lies, and not for certain where a
 * transaction ended.  So go back from backup to backup, until recovery from
 * one stops there.  Of one that was named only that is asked.
 */
static int
find(struct basefetch_plan *p, const struct choose_target *t,
    const struct lineage_set *lines, struct err *e)
{
	struct findtarget	 f = { .target = t };
	struct findtarget_way	 w = way(p, lines);
	struct choose_target	 older = { .kind = CHOOSE_LSN,
	    .line = CHOOSE_LINE_NUMBER, .tli = p->tli };
	struct err		 none = ERR_INIT;
	char			 cure[BASEFETCH_TEXT];
	const int		 named = t->backup != NULL &&
	    strcmp(t->backup, "latest") != 0;
	const char		*id = p->label->id;
	int			 rc;

	(void)basefetch_instead(cure, p);
	while ((rc = findtarget_look(&f, &w, e)) == 1 && !named &&
	    p->xidspan != XIDSPAN_LATER) {
		older.lsn = w.stop_lsn - 1;
		if (settle(p, &older, lines, 1, &none))
			break;
		w = way(p, lines);
		id = p->label->id;
		(void)basefetch_instead(cure, p);
	}
	if (none.kind != ERR_NONE && none.kind != ERR_ABSENT)
		rc = err_set(e, none.kind, "%s", none.msg);
	else if (rc == 1)	/* in doubt the labels' choice stands */
		rc = f.found.verdict == REACH_DOUBT ?
		    settle(p, t, lines, 1, e) :
		    findtarget_refuse(&f, &w, id, cure, e);
	p->found = f.found;
	p->reach = f.reach;
	p->verdict = f.found.verdict;
	findtarget_fini(&f);
	return (rc);
}

/* Choose in the catalogue of one cluster, and follow its WAL. */
static int
reach(struct basefetch_plan *p, const struct choose_target *t, struct err *e)
{
	struct lineage_set	 lines;
	int			 read;

	/* Refusals first: without them the choice would be another one. */
	lines = catalogue_lines(p->catalogue, &read);
	if (check_refused(p->catalogue, t, e) ||
	    settle(p, t, &lines, read, e))
		return (-1);
	/* Only a .restore key can read histories and WAL. */
	if (read && (t->kind == CHOOSE_NAME || t->kind == CHOOSE_XID) &&
	    find(p, t, &lines, e))
		return (-1);
	hotneeds_find(&p->hot, p->catalogue, p->label, p->tli, &lines);
	return (0);
}

/*
 * Whether the target lies in the cluster "id".  Returns the backup's stop time
 * if it does, and INT64_MIN if not, or if that cannot be found out.
 */
static int64_t
has_target(struct archive *a, uint64_t id, const struct choose_target *t,
    char backup[LAYOUT_ID])
{
	struct basefetch_plan	 p = { .archive = a };
	struct err		 unused = ERR_INIT;
	int64_t			 us = INT64_MIN;

	if (archive_enter(a, id, &unused) == 0 &&
	    catalogue_load(&p.catalogue, a, &unused) == 0 &&
	    reach(&p, t, &unused) == 0 &&
	    basefetch_target(&p, t, &unused) == 0 &&
	    str_fmt(backup, LAYOUT_ID, &unused, "%s", p.label->id) == 0)
		us = p.label->stop_us;
	catalogue_free(p.catalogue);
	return (us);
}

/*
 * The chosen cluster does not have the target.  Add to the message which other
 * cluster of the server does.  It is not restored unasked: that is a decision
 * between two clusters, and an LSN or a number can be found in both.
 */
static void
name_other(const struct basefetch_plan *p, const struct choose_target *t,
    struct err *e)
{
	const struct err	 was = *e;
	struct err		 unused = ERR_INIT;
	struct archive		*a = p->archive;
	char			 id[LAYOUT_ID], best_id[LAYOUT_ID] = "";
	struct clusterids	 c = { .n = 0 };
	uint64_t		 best = 0;
	int64_t			 us, best_us = INT64_MIN;
	size_t			 i, others = 0;

	if (e->kind != ERR_ABSENT || t->kind == CHOOSE_END ||
	    t->kind == CHOOSE_IMMEDIATE || store_enter(a->store, "", &unused))
		return;
	if (clusterids_list(&c, a, &unused))
		c.n = 0;
	for (i = 0; i < c.n; i++) {
		if (c.id[i] == p->system_id)
			continue;
		others++;
		if ((us = has_target(a, c.id[i], t, id)) <= best_us)
			continue;
		best_us = us;
		best = c.id[i];
		memcpy(best_id, id, sizeof(best_id));
	}
	clusterids_fini(&c);
	if (others == 0)
		return;
	err_clear(e);
	if (best != 0)
		err_set(e, was.kind, "cluster %" PRIu64 ": %s; another "
		    "cluster of this server can be recovered to the target, "
		    "from backup %s: --system-id %" PRIu64, p->system_id,
		    was.msg, best_id, best);
	else
		err_set(e, was.kind, "cluster %" PRIu64 ": %s; no other "
		    "cluster of this server (%zu) can be recovered to the "
		    "target either", p->system_id, was.msg, others);
}

/*
 * Choose and enter the cluster.  In "t" a word for a backup becomes its id;
 * all but "latest", which is no choice of a backup.
 */
static int
enter(struct basefetch_plan *p, uint64_t system_id, struct choose_target *t,
    struct err *e)
{
	struct backupword	 word = { BACKUPWORD_LATEST, NULL };
	struct whichcluster	 w = { .catalogue = NULL };
	const struct label	*l;
	int			 rc;

	if ((t->backup != NULL && backupword_parse(&word, t->backup, e)) ||
	    whichcluster_choose(&w, p->archive, system_id, word.id, e))
		return (-1);
	p->catalogue = w.catalogue;
	p->system_id = w.system_id;
	p->systems = w.systems;
	p->bare_id = w.bare_id;
	t->backup = word.id;
	if (word.kind == BACKUPWORD_LATEST || word.kind == BACKUPWORD_ID)
		return (0);
	if ((rc = backupword_find(&word, p->catalogue, &l, e)) == 0)
		t->backup = l->id;
	return (rc == -1 ? -1 : 0);
}

int
basefetch_plan(struct basefetch_plan *p, const struct store_conf *conf,
    const struct key *key, const char *server, uint64_t system_id,
    const struct choose_target *target, struct err *e)
{
	struct choose_target	 named = *target, *const t = &named;
	int			 rc = -1;

	memset(p, 0, sizeof(*p));
	p->verdict = REACH_YES;
	if (archive_root(&p->archive, conf, key, server, e) ||
	    enter(p, system_id, t, e))
		goto out;
	/* Only its header says whether a pack of a retired signer counts. */
	if (evidence_load(&p->evidence, p->catalogue, p->archive,
	    retired_any(key) ? EVIDENCE_HEADERS : EVIDENCE_LISTED, e))
		goto out;
	if (reach(p, t, e)) {
		name_other(p, t, e);
		goto out;
	}
	if (straylines_find(&p->strays, p->archive, p->catalogue, t, p->tli,
	    p->last_segno + 1 - p->wal_segments, p->last_segno,
	    clock_now_us(), e) || straylines_check(&p->strays, t, e))
		goto out;
	if (basefetch_target(p, t, e)) {
		name_other(p, t, e);
		goto out;
	}
	rc = 0;
out:
	if (rc == -1)
		basefetch_plan_free(p);
	return (rc);
}

void
basefetch_plan_free(struct basefetch_plan *p)
{
	laterfacts_fini(&p->later);
	straylines_fini(&p->strays);
	evidence_fini(&p->evidence);
	catalogue_free(p->catalogue);
	archive_free(p->archive);
	p->catalogue = NULL;
	p->archive = NULL;
	p->label = NULL;
}
