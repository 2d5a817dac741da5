/* SPDX-License-Identifier: ISC */
/*
 * Expiry against a thief.  A cluster lives for some weeks in the model's clock,
 * pushes to two repositories, and expiry runs every day.  The first one has no
 * grace; what stays there is what the policy keeps.  The second one has it, and
 * one day somebody steals the push key and adds whatever he likes there, for
 * as long as the grace.  Nothing that stays in the first one goes in the
 * second.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "backup/label.h"
#include "base/clock.h"
#include "base/str.h"
#include "catalogue/pin.h"
#include "catalogue/pinning.h"
#include "expirerun.h"
#include "keyring.h"
#include "memrepo.h"
#include "memstore.h"
#include "pg/lsn.h"
#include "pg/walname.h"
#include "plainlabel.h"
#include "repo/layout.h"
#include "testdir.h"
#include "timelines.h"

#define SEEDS	80
#define SEC	INT64_C(1000000)
#define HOUR	(3600 * SEC)
#define DAY	(24 * HOUR)
#define EPOCH	(INT64_C(1800000000) * SEC)
#define MB	((uint64_t)1 << 20)
#define GRACE	3			/* days */
#define DAYS	24			/* before the theft */
#define LINES	6			/* timelines of the cluster */
#define FORGED	50			/* the thief's begin with this one */
#define PUSHES	40			/* more than there are days */
#define FAR	4000			/* segments that only he writes */

struct push {
	char		 id[LAYOUT_ID];
	char		 base[LAYOUT_ID];	/* it needs pack 1 of that */
	uint32_t	 tli;
	uint64_t	 start, stop;
	int64_t		 us;
};

struct world {
	uint64_t	 seed, x;
	struct memstore	 m[2];		/* [1] is the one with the thief */
	int		 accidents;	/* things get lost */
	char		 gone[LAYOUT_PATH];	/* the last of them; "" */
	uint64_t	 ntl;		/* timelines of the cluster */
	uint64_t	 at[LINES + 1];	/* where each began, in its parent */
	uint32_t	 parent[LINES + 1];
	uint32_t	 tli;		/* that the cluster is on */
	uint64_t	 lsn;
	int64_t		 now;
	struct push	 running;	/* id "": none */
	struct push	 done[PUSHES];	/* backups of the cluster */
	size_t		 ndone;
	char		 last[LAYOUT_ID];
	const struct key *key;
	struct expire_conf conf;
	int64_t		 grace_us;	/* of the one with the thief */
	unsigned	 forged;	/* things, so far */
};

static struct keyring	 ring;
static struct memstore	 marker;
static unsigned		 refused, runs;

static uint64_t
rnd(struct world *w, uint64_t below)
{
	return (timelines_rand(&w->x, below));
}

/* --- What both of them write --- */

/* An object of that time; one that is there stays. */
static void
put_object(struct memstore *m, enum head_kind kind, const char *path,
    const char *text, int64_t us)
{
	if (!memstore_has(m, path))
		memrepo_object_at(m, ring.push, kind, path, text,
		    strlen(text), us);
}

static const char *
wal_path(char buf[LAYOUT_PATH], uint32_t tli, uint64_t segno)
{
	const struct walname	 w = walname_at(tli, segno * MB, MB);
	char			 name[WALNAME_TEXT];
	struct err		 e = ERR_INIT;

	if (layout_wal(buf, walname_format(name, &w), &e))
		fail_msg("%s", e.msg);
	return (buf);
}

static void
put_wal(struct memstore *m, uint32_t tli, uint64_t segno, int64_t us)
{
	char	 path[LAYOUT_PATH];

	put_object(m, HEAD_WAL, wal_path(path, tli, segno), "x", us);
}

static uint64_t
size_of(const struct memstore *m, const char *path)
{
	const struct memstore_file	*f = memstore_find(m, path);

	return (f == NULL ? 0 : f->n);
}

/* A label of packs 1 and 2 of its own, and pack 1 of "base", if that is any. */
static void
put_label(struct memstore *m, const struct push *p, uint64_t stop,
    int64_t stop_us)
{
	struct archive	*a = memstore_open(m, ring.push);
	struct label	*l = plainlabel_new(p->id, p->tli, p->start, stop, MB);
	struct err	 e = ERR_INIT;
	char		 path[LAYOUT_PATH];

	l->start_us = p->us < stop_us ? p->us : stop_us;
	l->stop_us = stop_us;
	l->manifest_size = size_of(m, layout_manifest(path, p->id));
	if (label_refer(l, p->id, 1, 2, &e) || (p->base[0] != '\0' &&
	    strcmp(p->base, p->id) != 0 &&
	    label_refer(l, p->base, 1, 1, &e)) ||
	    label_publish(l, a, &e))
		fail_msg("%s", e.msg);
	label_free(l);
	archive_free(a);
}

static void
put_packs(struct memstore *m, const char *id, int64_t us)
{
	char	 path[LAYOUT_PATH];

	put_object(m, HEAD_PACK, layout_pack(path, id, 1), "1", us);
	put_object(m, HEAD_PACK, layout_pack(path, id, 2), "2", us);
}

static void
put_manifest(struct memstore *m, const char *id, int64_t us)
{
	char	 path[LAYOUT_PATH];

	put_object(m, HEAD_MANIFEST, layout_manifest(path, id), "m", us);
}

/* --- The cluster --- */

static void
archive_to(struct world *w, uint64_t to)
{
	uint64_t	 s;
	size_t		 i;

	for (i = 0; i < 2; i++)
		for (s = w->lsn / MB; s <= to / MB; s++)
			put_wal(&w->m[i], w->tli, s, w->now);
	w->lsn = to;
}

/* What PostgreSQL writes: the parent's history, and one line more. */
static size_t
history_text(const struct world *w, uint32_t tli, char *buf, size_t size)
{
	char	 lsn[LSN_TEXT];
	size_t	 n;

	if (tli == 1)
		return (0);
	n = history_text(w, w->parent[tli], buf, size);
	return (n + (size_t)snprintf(buf + n, size - n, "%u\t%s\tx\n",
	    w->parent[tli], lsn_format(lsn, w->at[tli])));
}

/* A failover, or a recovery to an earlier point, perhaps of another line. */
static void
fork_off(struct world *w)
{
	char		 path[LAYOUT_FOLDER], text[1024] = "";
	uint32_t	 from = w->tli, new;
	size_t		 i;

	if (w->ntl == LINES)
		return;
	if (rnd(w, 2) == 0)
		w->lsn = MB + rnd(w, w->lsn - MB);
	while (from > 1 && w->at[from] > w->lsn)
		from = w->parent[from];
	new = (uint32_t)++w->ntl;
	w->parent[new] = from;
	w->at[new] = w->lsn;
	w->tli = new;
	w->running.id[0] = '\0';
	(void)history_text(w, new, text, sizeof(text));
	for (i = 0; i < 2; i++)
		put_object(&w->m[i], HEAD_WAL, layout_wal_history(path, new),
		    text, w->now);
	archive_to(w, w->lsn);
}

static int
stands(const struct world *w, const char *id)
{
	char	 path[LAYOUT_PATH];

	return (id[0] != '\0' && memstore_has(&w->m[0], layout_label(path,
	    id)));
}

static void
push_begins(struct world *w)
{
	struct push	*p = &w->running;
	char		 id[CLOCK_TEXT], path[LAYOUT_PATH];
	size_t		 i;

	memset(p, 0, sizeof(*p));
	memcpy(p->id, clock_format_id(id, w->now), 17);
	p->tli = w->tli;
	p->start = w->lsn;
	p->us = w->now;
	for (i = 0; i < 2; i++) {
		if (stands(w, w->last)) {
			memcpy(p->base, w->last, LAYOUT_ID);
			memstore_put(&w->m[i], layout_claim(path, p->base,
			    p->id), "x", w->now / SEC);
		}
		put_packs(&w->m[i], p->id, w->now);
	}
}

static void
push_ends(struct world *w)
{
	struct push	*p = &w->running;
	size_t		 i;

	archive_to(w, w->lsn + 1 + rnd(w, 2 * MB));
	for (i = 0; i < 2; i++) {
		put_manifest(&w->m[i], p->id, w->now);
		put_label(&w->m[i], p, w->lsn, w->now);
	}
	memcpy(w->last, p->id, LAYOUT_ID);
	p->stop = w->lsn;
	w->done[w->ndone++] = *p;
	p->id[0] = '\0';
}

/* Something gets lost in both: of a backup, a segment, or a history. */
static void
have_an_accident(struct world *w)
{
	const size_t	 from = rnd(w, w->m[0].n);
	const char	*p;
	char		 path[LAYOUT_PATH];
	size_t		 i;

	for (i = 0; i < w->m[0].n; i++) {
		p = w->m[0].v[(from + i) % w->m[0].n].path;
		if (strstr(p, "/pack-") == NULL &&
		    strstr(p, "/manifest") == NULL &&
		    (strlen(p) < 24 || !str_begins(p, "wal/")) &&
		    strstr(p, ".history") == NULL)
			continue;
		(void)snprintf(path, sizeof(path), "%s", p);
		memstore_remove(&w->m[0], path);
		memstore_remove(&w->m[1], path);
		(void)snprintf(w->gone, sizeof(w->gone), "%s", path);
		return;
	}
}

static void
live_a_day(struct world *w)
{
	size_t	 i;

	for (i = 0; i < 2; i++)
		w->m[i].now = w->now / SEC;
	archive_to(w, w->lsn + rnd(w, 3 * MB));
	if (w->running.id[0] != '\0')
		push_ends(w);
	if (rnd(w, 12) == 0)
		fork_off(w);
	if (rnd(w, 5) > 0)
		push_begins(w);
	if (w->running.id[0] != '\0' && rnd(w, 5) > 0)
		push_ends(w);
	if (w->accidents && rnd(w, 12) == 0)
		have_an_accident(w);
}

/* --- The thief --- */

static int64_t
some_time(struct world *w)
{
	return (w->now + DAY - (int64_t)rnd(w, 60) * DAY);
}

static uint32_t
some_line(struct world *w)
{
	return (rnd(w, 3) == 0 ? FORGED + (uint32_t)rnd(w, 4) :
	    1 + (uint32_t)rnd(w, w->ntl));
}

static uint64_t
some_lsn(struct world *w)
{
	return (MB + rnd(w, rnd(w, 2) == 0 ? w->lsn + 5 * MB :
	    (FAR + 200) * MB));
}

/* A directory of base/ that is there already; or none. */
static int
some_dir(struct world *w, char id[LAYOUT_ID])
{
	const struct memstore	*m = &w->m[1];
	const size_t		 from = rnd(w, m->n);
	size_t			 i;
	const char		*p;

	for (i = 0; i < m->n; i++) {
		p = m->v[(from + i) % m->n].path;
		if (!str_begins(p, "base/") || strchr(p + 5, '/') != NULL ||
		    !layout_id_ok(p + 5))
			continue;
		(void)snprintf(id, LAYOUT_ID, "%.23s", p + 5);
		return (1);
	}
	return (0);
}

/* His own: a time that is no full hour, which no push of the cluster has. */
static void
new_id(struct world *w, char id[LAYOUT_ID])
{
	char	 text[CLOCK_TEXT];

	memset(id, 0, LAYOUT_ID);
	memcpy(id, clock_format_id(text, some_time(w) / HOUR * HOUR +
	    (1 + w->forged++) * SEC), 17);
}

static void
forge_backup(struct world *w)
{
	struct memstore	*m = &w->m[1];
	struct push	 p = { .tli = some_line(w), .us = some_time(w) };
	const int	 whole = rnd(w, 2) == 0;
	char		 path[LAYOUT_PATH];
	uint64_t	 stop, s;

	new_id(w, p.id);
	p.start = whole && p.tli < FORGED ? FAR * MB + rnd(w, 100 * MB) :
	    some_lsn(w);
	stop = p.start + 1 + rnd(w, 3 * MB);
	(void)(rnd(w, 3) == 0 && some_dir(w, p.base));
	if (whole || rnd(w, 2) == 0)
		put_packs(m, p.id, some_time(w));
	if (!whole && rnd(w, 2) == 0)
		memstore_put(m, layout_pack(path, p.id, 1), "rubbish",
		    w->now / SEC);
	if (whole || rnd(w, 2) == 0)
		put_manifest(m, p.id, some_time(w));
	for (s = p.start / MB; s <= (stop - 1) / MB; s++)
		if (p.tli >= FORGED || s >= FAR)
			put_wal(m, p.tli, s, some_time(w));
	put_label(m, &p, stop, rnd(w, 2) == 0 ? w->now : some_time(w));
}

/*
 * As many whole ones as it takes to push out all others: on the line of the
 * cluster, ended just now, or long enough ago to begin a window.
 */
static void
forge_rivals(struct world *w)
{
	struct memstore	*m = &w->m[1];
	struct push	 p = { .tli = w->tli };
	uint64_t	 i, s;

	for (i = 0; i <= w->conf.policy.n; i++) {
		new_id(w, p.id);
		p.us = w->now - (w->conf.policy.kind == RETENTION_WINDOW ?
		    retention_policy_window(&w->conf.policy) + HOUR : 0);
		p.start = FAR * MB + rnd(w, 100 * MB);
		for (s = 0; s < 3; s++)
			put_wal(m, p.tli, p.start / MB + s, w->now);
		put_packs(m, p.id, w->now);
		put_manifest(m, p.id, w->now);
		put_label(m, &p, p.start + 2 * MB, p.us);
	}
}

static void
forge_history(struct world *w)
{
	char		 path[LAYOUT_FOLDER], text[256] = "", lsn[LSN_TEXT];
	uint32_t	 tli = FORGED + (uint32_t)rnd(w, 4);

	(void)snprintf(text, sizeof(text), "%u\t%s\tx\n",
	    1 + (uint32_t)rnd(w, w->ntl), lsn_format(lsn, some_lsn(w)));
	put_object(&w->m[1], HEAD_WAL, layout_wal_history(path, tli), text,
	    some_time(w));
}

/* Where the cluster never comes, or where it was and nothing is any more. */
static void
forge_wal(struct world *w)
{
	const uint32_t	 tli = some_line(w);
	const uint64_t	 seg = tli >= FORGED || rnd(w, 2) == 0 ?
	    FAR + rnd(w, 200) : rnd(w, 1 + w->at[tli] / MB);

	put_wal(&w->m[1], tli, seg, some_time(w));
}

/* Any file of objects that is there; the older ones come first. */
static const char *
some_file(struct world *w, char buf[LAYOUT_PATH])
{
	const struct memstore	*m = &w->m[1];
	const size_t		 from = rnd(w, 1 + rnd(w, m->n));
	size_t			 i;

	for (i = 0; i < m->n; i++)
		if (m->v[(from + i) % m->n].data != NULL) {
			(void)snprintf(buf, LAYOUT_PATH, "%s",
			    m->v[(from + i) % m->n].path);
			return (buf);
		}
	return (LAYOUT_MARKER);
}

/*
 * An older file under a new name, with its old time: what got lost, a forged
 * timeline, the beginning of one that is there, or its end.
 */
static void
link_file(struct world *w)
{
	char		 path[LAYOUT_PATH], from[LAYOUT_PATH];
	const uint32_t	 tli = rnd(w, 2) == 0 ? w->tli : some_line(w);
	const uint64_t	 seg = tli >= FORGED || rnd(w, 3) == 0 ?
	    FAR + rnd(w, 200) : rnd(w, 1 + w->at[tli] / MB);

	if (w->gone[0] != '\0' && rnd(w, 3) == 0 &&
	    strstr(w->gone, ".history") == NULL)
		(void)snprintf(path, sizeof(path), "%s", w->gone);
	else
		(void)wal_path(path, tli, seg);
	if (!memstore_has(&w->m[1], path))
		memstore_link(&w->m[1], some_file(w, from), path);
}

static void
forge_beside(struct world *w)
{
	struct memstore	*m = &w->m[1];
	struct push	 p = { .tli = 1, .start = MB };
	char		 id[LAYOUT_ID], by[LAYOUT_ID], path[LAYOUT_PATH];
	char		 aside[LAYOUT_PATH];

	if (!some_dir(w, id))
		return;
	new_id(w, by);
	switch (rnd(w, 6)) {
	case 0:
		memstore_put(m, layout_claim(path, id, by), "x",
		    w->now / SEC);
		return;
	case 5:
		/* A directory in the place of a pin. */
		(void)layout_withdrawn(aside, rnd(w, 2) == 0 ? id : by);
		if (memstore_has(m, aside))
			return;
		(void)snprintf(path, sizeof(path), "%.90s/x", aside);
		memstore_put(m, path, "x", w->now / SEC);
		return;
	case 1:
		if (!memstore_has(m, layout_withdrawn(path, id)))
			memstore_put(m, path, rnd(w, 2) == 0 ? "rubbish" :
			    "seawall pin 1\n{\"until\":null,\"created\":"
			    "\"2026-01-01T00:00:00Z\",\"seawall\":\"1\"}\n",
			    w->now / SEC);
		return;
	case 2:
		put_packs(m, by, some_time(w));
		return;
	default:
		/* A label that says that this push was a backup once. */
		if (memstore_has(m, layout_label(path, id)) ||
		    memstore_has(m, layout_withdrawn(aside, id)))
			return;
		memcpy(p.id, id, LAYOUT_ID);
		put_label(m, &p, 2 * MB, w->now - 40 * DAY);
		(void)snprintf(aside, sizeof(aside), "%.60s/%s",
		    layout_base(path, id), rnd(w, 2) == 0 ? "pin-1-1" :
		    "label.withdrawn");
		memstore_rename(m, layout_label(path, id), aside);
	}
}

/* What got lost, as if it had never been away; a history says anything. */
static void
forge_lost(struct world *w)
{
	struct memstore	*m = &w->m[1];
	char		 text[256], lsn[LSN_TEXT];

	if (w->gone[0] == '\0')
		return;
	(void)snprintf(text, sizeof(text), "1\t%s\tx\n", lsn_format(lsn,
	    some_lsn(w)));
	if (strstr(w->gone, ".history") != NULL)
		put_object(m, HEAD_WAL, w->gone, text, some_time(w));
	else
		put_object(m, str_begins(w->gone, "wal/") ? HEAD_WAL :
		    strstr(w->gone, "/pack-") != NULL ? HEAD_PACK :
		    HEAD_MANIFEST, w->gone, strstr(w->gone, "/manifest") !=
		    NULL ? "m" : "x", some_time(w));
}

static void
steal(struct world *w)
{
	uint64_t	 n;

	if (rnd(w, 2) == 0)
		forge_rivals(w);
	if (rnd(w, 2) == 0)
		link_file(w);
	if (rnd(w, 2) == 0)
		forge_lost(w);
	for (n = 1 + rnd(w, 12); n > 0; n--)
		switch (rnd(w, 6)) {
		case 0:
		case 1:
			forge_backup(w);
			break;
		case 5:
			link_file(w);
			break;
		case 2:
			forge_history(w);
			break;
		case 3:
			forge_wal(w);
			break;
		default:
			forge_beside(w);
		}
}

/* --- Expiry --- */

static int
expire(struct world *w, struct memstore *m)
{
	struct archive		*a = memstore_open(m, w->key);
	struct expire_result	 r;
	struct err		 e = ERR_INIT;
	int			 rc;

	w->conf.now_us = w->now;
	w->conf.grace_us = m == &w->m[0] ? 0 : w->grace_us;
	rc = expirerun(a, &w->conf, &r, &e);
	if (rc != 0 && m == &w->m[0])
		fail_msg("seed %llu: %s", (unsigned long long)w->seed, e.msg);
	archive_free(a);
	return (rc);
}

/* Whether this file is there, or it is a label that was not withdrawn. */
static int
is_there(const struct memstore *m, const char *path)
{
	char	 label[LAYOUT_PATH];

	(void)snprintf(label, sizeof(label), "%s", path);
	if (strstr(label, ".withdrawn") != NULL)
		*strstr(label, ".withdrawn") = '\0';
	return (memstore_has(m, path) || memstore_has(m, label));
}

static int
leads_to(const struct world *w, const struct push *p, uint32_t tli)
{
	uint64_t	 end = UINT64_MAX;

	for (; tli != p->tli && tli > 1; tli = w->parent[tli])
		if (w->at[tli] < end)
			end = w->at[tli];
	return (tli == p->tli && p->stop <= end);
}

/*
 * Whether a backup that stays without the thief needs this segment, or a push
 * under way, or the cluster where it is now.  Of a branch that was left, and
 * to which no backup leads, expiry keeps some WAL for a while; how much of it
 * does not matter.
 */
static int
is_needed(const struct world *w, const char *path)
{
	const struct push	*p;
	struct walname		 name;
	struct err		 e = ERR_INIT;
	uint64_t		 segno;
	int			 led = 0;

	if (walname_parse(strrchr(path, '/') + 1, &name, &e) ||
	    name.kind != WALNAME_SEGMENT)
		return (1);
	segno = walname_segno(&name, MB);
	for (p = w->done; p < w->done + w->ndone; p++) {
		if (!stands(w, p->id) || !leads_to(w, p, name.tli))
			continue;
		if (segno >= p->start / MB)
			return (1);
		led = 1;
	}
	p = &w->running;
	if (p->id[0] != '\0' && name.tli == p->tli && segno >= p->start / MB)
		return (1);
	return (name.tli == w->tli && !led);
}

/* All that stays without the thief stays with him. */
static int
is_harmed(const struct world *w, int report)
{
	const struct memstore	*m = &w->m[0];
	size_t			 i;

	for (i = 0; i < m->n; i++) {
		if (m->v[i].data == NULL || str_begins(m->v[i].path, "tmp/") ||
		    is_there(&w->m[1], m->v[i].path) ||
		    (str_begins(m->v[i].path, "wal/") &&
		    !is_needed(w, m->v[i].path)))
			continue;
		if (report)
			fail_msg("seed %llu: %s is gone",
			    (unsigned long long)w->seed, m->v[i].path);
		return (1);
	}
	return (0);
}

static void
make(struct world *w, uint64_t seed, int64_t grace_us)
{
	memset(w, 0, sizeof(*w));
	w->seed = seed;
	w->x = seed * 2654435761u + 1;
	memstore_copy(&w->m[0], &marker);
	w->ntl = w->tli = 1;
	w->lsn = 20 * MB;
	w->now = EPOCH;
	w->conf.policy.kind = rnd(w, 2) == 0 ? RETENTION_REDUNDANCY :
	    RETENTION_WINDOW;
	w->conf.policy.n = 1 + rnd(w, 4);
	w->conf.policy.unit_days = rnd(w, 4) == 0 ? 7 : 1;
	w->conf.minimum_redundancy = rnd(w, 3);
	w->conf.abandoned_us = 7 * DAY;
	w->grace_us = grace_us;
	w->accidents = rnd(w, 2) == 0;
	memstore_copy(&w->m[1], &marker);
	w->key = rnd(w, 2) == 0 ? ring.restore : ring.public;
}

/* Whether the thief has done harm within the grace. */
static int
play(struct world *w, uint64_t seed, int64_t grace_us)
{
	int	 day, harmed = 0;

	make(w, seed, grace_us);
	for (day = 0; day < DAYS + GRACE; day++) {
		live_a_day(w);
		if (day >= DAYS)
			steal(w);
		(void)expire(w, &w->m[0]);
		runs++;
		refused += expire(w, &w->m[1]) != 0;
		harmed |= is_harmed(w, grace_us > 0);
		w->now += DAY;
	}
	memstore_clear(&w->m[0]);
	memstore_clear(&w->m[1]);
	return (harmed);
}

/* SEED=n: that one alone.  Few where each instruction is watched. */
static uint64_t
next_seed(uint64_t seed)
{
	const char	*one = getenv("SEED"), *wrap = getenv("WRAP");
	uint64_t	 max = wrap != NULL && *wrap != '\0' ? 5 : SEEDS;

	if (one != NULL)
		return (seed == 0 ? strtoull(one, NULL, 10) : 0);
	return (seed < max ? seed + 1 : 0);
}

static void
test_grace(void **state)
{
	static struct world	 w;
	uint64_t		 seed;

	(void)state;
	refused = runs = 0;
	for (seed = next_seed(0); seed != 0; seed = next_seed(seed))
		assert_int_equal(play(&w, seed, GRACE * DAY), 0);
	/* Mostly expiry does its work. */
	assert_true(refused <= runs / 10);
}

/* Without the grace the same thief does harm, so he is worth fearing. */
static void
test_none(void **state)
{
	static struct world	 w;
	uint64_t		 seed;
	unsigned		 harmed = 0;

	(void)state;
	for (seed = 1; seed <= 10; seed++)
		harmed += play(&w, seed, 0) != 0;
	assert_true(harmed > 3);
}

static int
setup(void **state)
{
	(void)state;
	testdir_make();
	keyring_open(&ring, NULL);
	memrepo_marker(&marker, ring.push, MB);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	memstore_clear(&marker);
	keyring_close(&ring);
	testdir_remove();
	return (0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_grace),
		cmocka_unit_test(test_none)
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
