/* SPDX-License-Identifier: ISC */
/*
 * Expiry against a model: whole repositories at random, in memory, and what
 * must be there afterwards, file by file, told by going through everything.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "backup/label.h"
#include "base/clock.h"
#include "base/str.h"
#include "catalogue/pin.h"
#include "catalogue/pinning.h"
#include "catalogue/rollbackcheck.h"
#include "catalogue/window.h"
#include "expire/expire.h"
#include "keyring.h"
#include "memrepo.h"
#include "memstore.h"
#include "mortal.h"
#include "pg/lsn.h"
#include "pg/walname.h"
#include "plainlabel.h"
#include "repo/layout.h"
#include "testdir.h"
#include "timelines.h"

#define SEEDS	300
#define SEC	INT64_C(1000000)
#define DAY	(86400 * SEC)
#define HOUR	(3600 * SEC)
#define EPOCH	(INT64_C(1800000000) * SEC)
#define SEGSIZE	((uint32_t)1 << 20)
#define UNIT	(SEGSIZE / TIMELINES_SEG)	/* bytes of a model's LSN */
#define SEGS	(TIMELINES_SPAN / TIMELINES_SEG)
#define BACKUPS	10
#define PACKS	4
#define OLD_UPLOAD	"tmp/0123456789abcdef0123456789abcdef-0123456789abcdef"
#define NEW_UPLOAD	"tmp/0123456789abcdef0123456789abcdef-fedcba9876543210"

#define CHECK(w, cond) do {						\
	if (!(cond))							\
		fail_msg("seed %llu: %s", (unsigned long long)(w)->seed,\
		    #cond);						\
} while (0)

enum state {
	LABELLED,
	WITHDRAWN,		/* by an expiry that died */
	RUNNING,		/* a push under way */
	DEAD			/* a push that died long ago */
};

struct backup {
	char		 id[LAYOUT_ID];
	enum state	 state;
	uint32_t	 tli;
	uint64_t	 start, stop;		/* model's LSNs */
	int64_t		 start_us, stop_us;
	int64_t		 at;			/* of its files, seconds */
	unsigned	 ref[BACKUPS + 1];	/* packs of others, bits */
	int		 base;			/* -1: none */
	int		 pin;			/* some text is there */
	int		 pinned;		/* and it holds */
	char		 when[4][16];		/* day, week, month, year */
};

struct world {
	uint64_t	 seed, x;
	struct timelines t;
	struct backup	 b[BACKUPS + 1];	/* and one that comes late */
	size_t		 n;
	char		 has[TIMELINES_MAX + 1][SEGS];
	/* When its history, and its newest segment, were archived. */
	int64_t		 began[TIMELINES_MAX + 1];
	int64_t		 last[TIMELINES_MAX + 1];
	char		 fed[TIMELINES_MAX + 1];
	int		 known;			/* histories can be read */
	int		 gaps;
	int		 back;			/* the clock was set back */
	struct memstore	 m;
	const struct key *key;
	struct expire_conf conf;
	int64_t		 now;			/* that counts */
};

static struct keyring	 ring;
static struct memstore	 marker;

static uint64_t
rnd(struct world *w, uint64_t below)
{
	return (timelines_rand(&w->x, below));
}

/* --- What a repository looks like --- */

static const char *
wal_path(uint32_t tli, uint64_t segno, const char *end)
{
	static char	 path[4][LAYOUT_PATH];
	static unsigned	 next;
	struct walname	 name = walname_at(tli, segno * SEGSIZE, SEGSIZE);
	char		 text[WALNAME_TEXT], whole[80];
	struct err	 e = ERR_INIT;
	char		*p = path[next++ % 4];

	(void)snprintf(whole, sizeof(whole), "%.40s%s",
	    walname_format(text, &name), end);
	if (layout_wal(p, whole, &e))
		fail_msg("%s", e.msg);
	return (p);
}

static const char *
in_base(const char *id, const char *file)
{
	static char	 path[4][LAYOUT_PATH];
	static unsigned	 next;
	char		*p = path[next++ % 4];

	(void)snprintf(p, LAYOUT_PATH, "base/%.20s%s%.40s", id,
	    *file == '\0' ? "" : "/", file);
	return (p);
}

static const char *
pack(const struct backup *b, unsigned no)
{
	static char	 path[4][LAYOUT_PATH];
	static unsigned	 next;

	return (layout_pack(path[next++ % 4], b->id, no));
}

/* An object as it would have been stored at that time. */
static void
put_object(struct memstore *m, enum head_kind kind, const char *path,
    const void *p, size_t n, int64_t us)
{
	memrepo_object_at(m, ring.push, kind, path, p, n, us);
}

/* The same of a backup, by its time in the listing. */
static void
put_part(struct memstore *m, enum head_kind kind, const char *path,
    int64_t at)
{
	memrepo_object(m, ring.push, kind, path, "x", 1);
	memstore_find(m, path)->mtime = at;
}

/* Every pack a label refers to, each a bit of its backup's directory. */
static void
set_packs(struct label *l, const struct world *w, const struct backup *b)
{
	struct err	 e = ERR_INIT;
	size_t		 i;
	unsigned	 no, last;

	for (i = 0; i <= w->n; i++)
		for (no = 1; no <= PACKS; no = last + 1) {
			last = no;
			if ((b->ref[i] >> no & 1) == 0)
				continue;
			while (last < PACKS && b->ref[i] >> (last + 1) & 1)
				last++;
			if (label_refer(l, w->b[i].id, no, last, &e))
				fail_msg("%s", e.msg);
		}
}

static void
put_label(struct world *w, const struct backup *b)
{
	struct archive	*a = memstore_open(&w->m, ring.push);
	struct label	*l = plainlabel_new(b->id, b->tli, b->start * UNIT,
	    b->stop * UNIT, SEGSIZE);
	struct err	 e = ERR_INIT;

	l->start_us = b->start_us;
	l->stop_us = b->stop_us;
	l->manifest_size = memstore_find(&w->m, in_base(b->id,
	    "manifest"))->n;
	set_packs(l, w, b);
	if (label_publish(l, a, &e))
		fail_msg("seed %llu: %s", (unsigned long long)w->seed, e.msg);
	label_free(l);
	archive_free(a);
}

static void
put_pin(struct world *w, struct backup *b)
{
	static const int64_t	 ends[] = { INT64_MAX, 5 * DAY, -5 * DAY };
	struct archive		*a = memstore_open(&w->m, ring.public);
	struct err		 e = ERR_INIT;
	uint64_t		 which = rnd(w, 4);

	b->pin = 1;
	b->pinned = which != 2;
	if (which == 3)
		memstore_put(&w->m, in_base(b->id, "label.withdrawn"),
		    "rubbish", 0);
	else if (pinning_set(a, b->id, which == 0 ? PIN_FOREVER : w->now +
	    ends[which], &e))
		fail_msg("%s", e.msg);
	archive_free(a);
}

static void
put_backup(struct world *w, struct backup *b)
{
	int64_t		 at = (b->state == RUNNING ? w->now - (int64_t)
	    rnd(w, 6) * DAY : b->stop_us < w->now - 9 * DAY ? b->stop_us :
	    w->now - 9 * DAY) / SEC;
	unsigned	 no;
	size_t		 self = (size_t)(b - w->b);

	w->m.now = b->at = at;
	for (no = 1; no <= PACKS; no++)
		if (b->ref[self] >> no & 1)
			put_part(&w->m, HEAD_PACK, pack(b, no), at);
	if (b->state == LABELLED || b->state == WITHDRAWN) {
		put_part(&w->m, HEAD_MANIFEST, in_base(b->id,
		    "manifest"), at);
		put_label(w, b);
	}
	if (b->state == WITHDRAWN)
		memstore_rename(&w->m, in_base(b->id, "label"),
		    in_base(b->id, "label.withdrawn"));
	if (b->base >= 0) {
		char	 claim[64];

		(void)snprintf(claim, sizeof(claim), "claim-%.20s", b->id);
		memstore_put(&w->m, in_base(w->b[b->base].id, claim), "x",
		    at);
	}
	memstore_put(&w->m, wal_path(b->tli, b->start / TIMELINES_SEG,
	    ".00000028.backup"), "x", at);
}

static void
put_history(struct world *w, const struct history *h)
{
	char	 path[64], text[1024] = "", lsn[LSN_TEXT];
	size_t	 i, n;

	(void)snprintf(path, sizeof(path), "wal/%08X.history", h->tli);
	for (i = n = 0; i < h->n; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "%u\t%s\tx\n", h->v[i].tli,
		    lsn_format(lsn, h->v[i].end * UNIT));
	put_object(&w->m, HEAD_WAL, path, text, n, w->began[h->tli]);
}

/* The number behind the newest segment of a timeline; 0: there is none. */
static uint64_t
end_of(const struct world *w, uint32_t tli)
{
	uint64_t	 s = SEGS;

	while (s > 0 && !w->has[tli][s - 1])
		s--;
	return (s);
}

/* The time in the header matters of the newest segment alone. */
static void
put_wal(struct world *w)
{
	const char	*path;
	uint32_t	 tli;
	uint64_t	 s;
	size_t		 i;

	for (tli = 1; tli <= w->t.n; tli++)
		for (s = 0; s < SEGS; s++) {
			if (!w->has[tli][s])
				continue;
			path = wal_path(tli, s, "");
			put_object(&w->m, HEAD_WAL, path, "x", 1,
			    w->last[tli]);
			if (s + 1 != end_of(w, tli))
				memstore_find(&w->m, path)->mtime = 0;
		}
	for (i = 0; i + 1 < w->t.n; i++)
		put_history(w, &w->t.h[i]);
}

/* --- A history at random --- */

static void
add_backup(struct world *w, uint32_t tli, uint64_t *lsn, int64_t *us)
{
	struct backup	*b = &w->b[w->n];
	size_t		 i;
	char		 id[CLOCK_TEXT];

	memset(b, 0, sizeof(*b));
	b->tli = tli;
	b->start = *lsn;
	*lsn += 1 + rnd(w, 20);
	b->stop = *lsn;
	b->start_us = *us += 2 * SEC;
	*us += (int64_t)rnd(w, 20) * HOUR;
	b->stop_us = *us;
	memcpy(b->id, clock_format_id(id, b->start_us), 17);
	b->base = w->n > 0 && rnd(w, 3) > 0 ? (int)rnd(w, w->n) : -1;
	for (i = 0; b->base >= 0 && i < w->n; i++)
		b->ref[i] = w->b[b->base].ref[i] & (unsigned)rnd(w, 32);
	b->ref[w->n] = (1 + (unsigned)rnd(w, 15)) << 1;
	w->n++;
}

static void
archived(struct world *w, uint32_t tli, uint64_t from, uint64_t lsn,
    int64_t us)
{
	uint64_t	 s;

	for (s = from / TIMELINES_SEG; s <= lsn / TIMELINES_SEG; s++)
		w->has[tli][s] = 1;
	w->last[tli] = us;
}

/*
 * A new timeline: of the cluster, which goes on there, or of a copy that is
 * used for a while.  Returns the one that the cluster is on.
 */
static uint32_t
fork_off(struct world *w, uint32_t tli, uint64_t *lsn, int64_t *us)
{
	const int	 copy = rnd(w, 3) == 0;
	uint32_t	 new;
	uint64_t	 at = *lsn, to;

	if (!copy && rnd(w, 4) == 0)
		tli = 1 + (uint32_t)rnd(w, w->t.n);
	if (rnd(w, 2) == 0)	/* back in time */
		at = 1 + rnd(w, *lsn);
	new = timelines_fork(&w->t, tli, at);
	w->began[new] = *us;
	to = at;
	if (copy && rnd(w, 2) == 0 && w->n < BACKUPS)
		add_backup(w, new, &to, us);
	archived(w, new, at, to, *us);
	if (!copy)
		*lsn = at;
	return (copy ? tli : new);
}

static void
live(struct world *w)
{
	uint64_t	 lsn = 1, from;
	uint32_t	 tli = 1;
	int64_t		 us = EPOCH;
	int		 i;

	timelines_init(&w->t);
	for (i = 0; i < 24 && lsn < TIMELINES_SPAN - 60; i++) {
		from = lsn;
		switch (rnd(w, 7)) {
		case 0:
			if (w->t.n == TIMELINES_MAX || rnd(w, 2) == 0)
				break;
			tli = fork_off(w, tli, &lsn, &us);
			from = lsn;
			break;
		case 1:
		case 2:
		case 3:
			if (w->n < BACKUPS)
				add_backup(w, tli, &lsn, &us);
			break;
		default:
			lsn += rnd(w, 40);
			us += (int64_t)rnd(w, 60) * HOUR;
		}
		archived(w, tli, from, lsn, us);
	}
	w->now = us + (int64_t)rnd(w, 8) * DAY;
	for (tli = 1; tli <= w->t.n; tli++)	/* leftovers come late */
		if (rnd(w, 6) == 0)
			w->last[tli] = w->now - (int64_t)rnd(w, 12) * DAY;
}

/* Which of them came to what; clocks that were wrong; gaps. */
static void
suffer(struct world *w)
{
	struct backup	*b;
	uint32_t	 tli;
	uint64_t	 s;

	for (b = w->b; b < w->b + w->n; b++) {
		switch (rnd(w, 12)) {
		case 0:
			b->state = WITHDRAWN;
			break;
		case 1:
			b->state = RUNNING;
			break;
		case 2:
			b->state = b->start_us < w->now - 9 * DAY ? DEAD :
			    RUNNING;
			break;
		case 3:
			b->stop_us += 500 * DAY;
			break;
		case 4:
			b->stop_us -= (int64_t)rnd(w, 20) * DAY;
			w->back = 1;
			break;
		default:
			break;
		}
	}
	if ((w->gaps = rnd(w, 3) == 0))
		for (tli = 1; tli <= w->t.n; tli++)
			for (s = 0; s < SEGS; s++)
				if (rnd(w, 12) == 0)
					w->has[tli][s] = 0;
}

static void
choose_conf(struct world *w)
{
	int64_t	 skew = ((int64_t)rnd(w, 40) - 20) * HOUR;
	size_t	 i;

	w->conf.policy.kind = rnd(w, 8) == 0 ? RETENTION_ALL :
	    rnd(w, 2) == 0 ? RETENTION_REDUNDANCY : RETENTION_WINDOW;
	w->conf.policy.n = 1 + rnd(w, 5);
	w->conf.policy.unit_days = rnd(w, 3) == 0 ? 7 : 1;
	for (i = 0; i < RETENTION_PERIODS; i++)
		w->conf.policy.keep[i] = rnd(w, 3) > 0 ? 0 : 1 + rnd(w, 4);
	w->conf.minimum_redundancy = rnd(w, 4);
	w->conf.abandoned_us = 7 * DAY;
	if (rnd(w, 4) > 0)
		skew = 0;
	w->conf.now_us = skew > 0 ? w->now + skew : w->now;
	w->m.now = (skew < 0 ? w->now - skew : w->now) / SEC;
	w->key = w->known ? ring.restore : ring.public;
}

/* Its periods, as the C library has them; their texts sort as they do. */
static void
find_periods(struct backup *b)
{
	const time_t	 at = (time_t)(b->stop_us / SEC);
	struct tm	 tm;

	assert_non_null(gmtime_r(&at, &tm));
	(void)strftime(b->when[0], sizeof(b->when[0]), "%Y-%m-%d", &tm);
	(void)strftime(b->when[1], sizeof(b->when[1]), "%G-W%V", &tm);
	(void)strftime(b->when[2], sizeof(b->when[2]), "%Y-%m", &tm);
	(void)strftime(b->when[3], sizeof(b->when[3]), "%Y", &tm);
}

static void	 find_fed(struct world *);

static void
make(struct world *w, uint64_t seed)
{
	struct backup	*b;

	memset(w, 0, sizeof(*w));
	w->seed = seed;
	w->x = seed * 2654435761u + 1;
	w->known = rnd(w, 2) == 0;
	live(w);
	suffer(w);
	memstore_copy(&w->m, &marker);
	put_wal(w);
	for (b = w->b; b < w->b + w->n; b++)
		put_backup(w, b);
	for (b = w->b; b < w->b + w->n; b++)
		if (b->state == LABELLED && rnd(w, 6) == 0)
			put_pin(w, b);
	memstore_put(&w->m, "wal/README", "x", 0);
	memstore_put(&w->m, OLD_UPLOAD, "x", w->now / SEC - 30 * 86400);
	memstore_put(&w->m, NEW_UPLOAD, "x", w->now / SEC - 3600);
	choose_conf(w);
	for (b = w->b; b < w->b + w->n; b++)
		find_periods(b);
	find_fed(w);
}

/* --- What the policy promises, from its words alone --- */

static int
future(const struct world *w, const struct backup *b)
{
	return (b->stop_us > w->now + DAY);
}

/* All its WAL is there; its files always are. */
static int
whole(const struct world *w, const struct backup *b)
{
	uint64_t	 s;

	for (s = b->start / TIMELINES_SEG;
	    s <= (b->stop - 1) / TIMELINES_SEG; s++)
		if (s >= SEGS || !w->has[b->tli][s])
			return (0);
	return (1);
}

static int
counts(const struct world *w, const struct backup *b)
{
	return (b->state == LABELLED && !future(w, b) && whole(w, b));
}

static int
leads(const struct world *w, const struct backup *b, uint32_t tli)
{
	return (timelines_writer(&w->t, tli, b->stop - 1) == b->tli);
}

static int
newer(const struct backup *a, const struct backup *b)
{
	if (a->stop_us != b->stop_us)
		return (a->stop_us > b->stop_us);
	if (a->tli != b->tli)
		return (a->tli > b->tli);
	if (a->stop != b->stop)
		return (a->stop > b->stop);
	return (strcmp(a->id, b->id) > 0);
}

/* On one line WAL alone says which is newer. */
static int
further(const struct backup *a, const struct backup *b)
{
	return (a->stop != b->stop ? a->stop > b->stop : newer(a, b));
}

/* Who wants to go back to "us" on "tli" (0: on any) takes this one. */
static const struct backup *
best(const struct world *w, uint32_t tli, int64_t us)
{
	const struct backup	*b, *best = NULL;

	for (b = w->b; b < w->b + w->n; b++)
		if (counts(w, b) && b->stop_us <= us &&
		    (tli == 0 || leads(w, b, tli)) && (best == NULL ||
		    (tli == 0 ? newer(b, best) : further(b, best))))
			best = b;
	return (best);
}

static size_t
rank(const struct world *w, const struct backup *b)
{
	const struct backup	*c;
	size_t			 n = 0;

	for (c = w->b; c < w->b + w->n; c++)
		n += counts(w, c) && newer(c, b);
	return (n);
}

/* How many that lead onto "tli" are further on there; if "own": are on it. */
static size_t
rank_on(const struct world *w, const struct backup *b, uint32_t tli, int own)
{
	const struct backup	*c;
	size_t			 n = 0;

	for (c = w->b; c < w->b + w->n; c++)
		n += counts(w, c) && further(c, b) &&
		    (own ? c->tli == tli : leads(w, c, tli));
	return (n);
}

/* It is one of the "n" newest of the latest line, or of one that is fed. */
static int
on_line(const struct world *w, const struct backup *b, uint64_t n)
{
	uint32_t	 tli;

	for (tli = 1; tli <= w->t.n; tli++)
		if ((tli == w->t.n || w->fed[tli]) && leads(w, b, tli) &&
		    rank_on(w, b, tli, 0) < n)
			return (1);
	return (0);
}

/* Something came to "tli" after the line of "x" had left it. */
static int
went_on(const struct world *w, uint32_t tli, uint32_t x)
{
	const struct backup	*b;
	uint64_t		 p = 0, end;
	uint32_t		 parent, child;

	while (p < TIMELINES_SPAN && timelines_writer(&w->t, x, p) ==
	    timelines_writer(&w->t, tli, p))
		p++;
	parent = timelines_writer(&w->t, x, p - 1);
	end = p - 1;
	while (end + 1 < TIMELINES_SPAN &&
	    timelines_writer(&w->t, x, end) == parent)
		end++;
	child = timelines_writer(&w->t, x, end);
	for (b = w->b; b < w->b + w->n; b++)
		if (b->state == LABELLED && b->tli == tli && b->stop > p &&
		    b->start_us > w->began[child])
			return (1);
	return (end_of(w, tli) * TIMELINES_SEG > p &&
	    w->last[tli] > w->began[child] &&
	    w->last[tli] > w->now - w->conf.abandoned_us);
}

static int
has_part_of(const struct world *w, uint32_t x, uint32_t tli)
{
	uint64_t	 l;

	for (l = 0; l < TIMELINES_SPAN; l++)
		if (timelines_writer(&w->t, x, l) == tli)
			return (1);
	return (0);
}

/* Which timelines went on after all that came from them, and the latest. */
static void
find_fed(struct world *w)
{
	uint32_t	 tli, x;

	for (tli = 1; tli < w->t.n; tli++) {
		w->fed[tli] = 1;
		for (x = tli + 1; x <= w->t.n; x++)
			if ((x == w->t.n || has_part_of(w, x, tli)) &&
			    !went_on(w, tli, x))
				w->fed[tli] = 0;
	}
}

/*
 * It is taken for some moment of the window, on any line, on the latest, on
 * one that is fed, or on one that was backed up within the window.
 */
static int
serves_window(const struct world *w, const struct backup *b)
{
	int64_t			 since, us;
	const struct backup	*c;
	uint32_t		 tli;
	size_t			 i;

	since = w->now - retention_policy_window(&w->conf.policy);
	for (i = 0; i <= w->n; i++) {
		us = i == w->n ? since : w->b[i].stop_us;
		if (us < since || (i < w->n && !counts(w, &w->b[i])))
			continue;
		if (best(w, 0, us) == b)
			return (1);
		for (tli = 1; tli <= w->t.n; tli++)
			if ((tli == w->t.n || w->fed[tli]) &&
			    best(w, tli, us) == b)
				return (1);
		for (c = w->b; c < w->b + w->n; c++)
			if (c->state == LABELLED && !future(w, c) &&
			    c->stop_us > since &&
			    best(w, c->tli, us) == b)
				return (1);
	}
	return (b->stop_us > since);
}

static int
promised(const struct world *w, const struct backup *b)
{
	uint64_t	 min = w->conf.minimum_redundancy;

	if (b->state != LABELLED)
		return (0);
	if (future(w, b) || !whole(w, b) ||
	    w->conf.policy.kind == RETENTION_ALL ||
	    rank(w, b) < (min == 0 ? 1 : min) || on_line(w, b, 1))
		return (1);
	return (w->conf.policy.kind == RETENTION_REDUNDANCY ?
	    rank(w, b) < w->conf.policy.n || on_line(w, b,
	    w->conf.policy.n) : serves_window(w, b));
}

/*
 * It is the newest of its period among those that count and lead onto "tli"
 * (0: all), and not too many later periods have one of these.
 */
static int
stands(const struct world *w, const struct backup *b, size_t kind,
    uint32_t tli)
{
	const char		*own = b->when[kind], *later = own;
	const struct backup	*c;
	const char		*next;
	uint64_t		 n = 0;

	for (c = w->b; c < w->b + w->n; c++)
		if (counts(w, c) && (tli == 0 || leads(w, c, tli)) &&
		    strcmp(c->when[kind], own) == 0 && (tli == 0 ?
		    newer(c, b) : further(c, b)))
			return (0);
	/* From one period to the next one that has a backup. */
	for (; later != NULL; later = next, n++) {
		next = NULL;
		for (c = w->b; c < w->b + w->n; c++)
			if (counts(w, c) && (tli == 0 || leads(w, c, tli)) &&
			    strcmp(c->when[kind], later) > 0 && (next ==
			    NULL || strcmp(c->when[kind], next) < 0))
				next = c->when[kind];
	}
	return (n <= w->conf.policy.keep[kind]);
}

/* It stays for a period, if for nothing else, then to its end only. */
static int
stands_for_period(const struct world *w, const struct backup *b)
{
	size_t		 kind;
	uint32_t	 tli;

	if (!counts(w, b) || w->conf.policy.kind == RETENTION_ALL)
		return (0);
	for (kind = 0; kind < RETENTION_PERIODS; kind++) {
		if (stands(w, b, kind, 0))
			return (1);
		for (tli = 1; tli <= w->t.n; tli++)
			if ((tli == w->t.n || w->fed[tli]) &&
			    leads(w, b, tli) && stands(w, b, kind, tli))
				return (1);
	}
	return (0);
}

/* --- What must be there --- */

static int
there(const struct memstore *m, const struct backup *b)
{
	return (memstore_has(m, in_base(b->id, "label")));
}

/* A dead push's directory counts as one under way while another uses it. */
static int
under_way(const struct world *w, const struct backup *b)
{
	size_t	 i;

	if (b->state != DEAD)
		return (b->state == RUNNING);
	for (i = 0; i < w->n; i++)
		if (w->b[i].base == b - w->b && w->b[i].state == RUNNING)
			return (1);
	return (0);
}

/* A push has a claim on it and may refer to all that its label names. */
static int
claimed(const struct world *w, const struct backup *b)
{
	size_t	 i;

	for (i = 0; i < w->n; i++)
		if (w->b[i].base == b - w->b && under_way(w, &w->b[i]))
			return (1);
	return (0);
}

/*
 * No label, and no push under way with a claim on a label that was, refers to
 * anything that is gone.  Holds at every moment.
 */
static void
check_packs(const struct world *w, const struct memstore *m)
{
	const struct backup	*b;
	size_t			 i;
	unsigned		 no;

	for (b = w->b; b < w->b + w->n; b++) {
		if (!there(m, b) && (b->state == RUNNING ||
		    b->state == DEAD || !claimed(w, b)))
			continue;
		CHECK(w, memstore_has(m, in_base(b->id, "manifest")));
		for (i = 0; i < w->n; i++)
			for (no = 1; no <= PACKS; no++)
				CHECK(w, (b->ref[i] >> no & 1) == 0 ||
				    memstore_has(m, pack(&w->b[i], no)));
	}
}

struct eye {
	const struct memstore	*m;
};

static int
sees(const void *ctx, uint32_t tli, uint64_t segno)
{
	const struct eye	*eye = ctx;

	return (segno < SEGS &&
	    memstore_has(eye->m, wal_path(tli, segno, "")));
}

static int
had(const void *ctx, uint32_t tli, uint64_t segno)
{
	const struct world	*w = ctx;

	return (segno < SEGS && w->has[tli][segno]);
}

/* Recovery from "b" onto every line it leads to comes as far as before. */
static void
check_reach(const struct world *w, const struct memstore *m,
    const struct backup *b, uint32_t tli)
{
	struct eye	 eye = { m };

	if (!leads(w, b, tli))
		return;
	CHECK(w, timelines_recover(&w->t, tli, b->start, sees, &eye) ==
	    timelines_recover(&w->t, tli, b->start, had, w));
}

static void
check_wal(const struct world *w, const struct memstore *m)
{
	const struct backup	*b;
	uint64_t		 s;
	uint32_t		 tli;

	for (b = w->b; b < w->b + w->n; b++) {
		if (!there(m, b))
			continue;
		for (s = b->start / TIMELINES_SEG;
		    s <= (b->stop - 1) / TIMELINES_SEG; s++)
			CHECK(w, !w->has[b->tli][s] ||
			    memstore_has(m, wal_path(b->tli, s, "")));
		/* Dates that are wrong hide who leads where, without those. */
		for (tli = 1; tli <= w->t.n; tli++)
			if (promised(w, b) && (w->known || !w->back))
				check_reach(w, m, b, tli);
	}
}

/* The oldest file in the directory of a push, which may hold claims. */
static int64_t
oldest(const struct world *w, const struct backup *r)
{
	const struct backup	*b;
	int64_t			 at = r->at;

	for (b = w->b; b < w->b + w->n; b++)
		if (b->base == r - w->b && b->at < at)
			at = b->at;
	return (at);
}

/*
 * The last that surely came before a push under way, if that is on "tli":
 * none on the way there ended or came later, and no clock was set back.
 */
static const struct backup *
before(const struct world *w, uint32_t tli, const struct backup *r)
{
	const struct backup	*b, *last = NULL;
	uint64_t		 at;
	int64_t			 us = INT64_MIN;

	for (at = 0; at < TIMELINES_SPAN; at++)
		for (b = w->b; b < w->b + w->n; b++) {
			if (!counts(w, b) || b->stop != at ||
			    !leads(w, b, tli))
				continue;
			if (b->stop_us > r->start_us || b->stop_us < us ||
			    b->at >= oldest(w, r))
				return (last);
			us = b->stop_us;
			last = b;
		}
	return (last);
}

/* A push under way is somewhere behind the backups that it came after. */
static void
check_running(const struct world *w, const struct memstore *m)
{
	const struct backup	*r;
	uint32_t		 tli;
	uint64_t		 s;

	for (r = w->b; r < w->b + w->n; r++) {
		if (r->state != RUNNING)
			continue;
		for (s = r->start / TIMELINES_SEG; s < SEGS && !w->back; s++)
			CHECK(w, !w->has[r->tli][s] ||
			    memstore_has(m, wal_path(r->tli, s, "")));
		for (tli = 1; tli <= w->t.n && !w->back; tli++)
			check_reach(w, m, r, tli);
		for (s = 1; s <= PACKS; s++)
			CHECK(w, (r->ref[r - w->b] >> s & 1) == 0 ||
			    memstore_has(m, pack(r, (unsigned)s)));
	}
}

/* What nobody may ever miss, whatever happened meanwhile. */
static void
check_safe(const struct world *w, const struct memstore *m)
{
	char	 path[64];
	size_t	 i;

	check_packs(w, m);
	check_wal(w, m);
	check_running(w, m);
	for (i = 2; i <= w->t.n; i++) {
		(void)snprintf(path, sizeof(path), "wal/%08zX.history", i);
		CHECK(w, memstore_has(m, path));
	}
	CHECK(w, memstore_has(m, "system"));
	CHECK(w, memstore_has(m, "wal/README"));
	CHECK(w, memstore_has(m, NEW_UPLOAD));
}

/* Points that could be reached can be: on the latest line, in the window. */
static void
check_points(const struct world *w, const struct memstore *m)
{
	const struct backup	*b;
	size_t			 i;

	for (i = 0; i < w->n; i++) {
		b = &w->b[i];
		if (b->state != LABELLED)
			continue;
		if (b->pinned || (w->known && (promised(w, b) ||
		    stands_for_period(w, b))) ||
		    future(w, b) || rank(w, b) == 0 ||
		    rank(w, b) < w->conf.minimum_redundancy ||
		    (w->conf.policy.kind == RETENTION_REDUNDANCY &&
		    (rank(w, b) < w->conf.policy.n || (w->fed[b->tli] &&
		    rank_on(w, b, b->tli, 1) < w->conf.policy.n))))
			CHECK(w, there(m, b));
	}
}

/*
 * Without the histories it is not known who leads where; still, what led onto
 * the latest timeline does.
 */
static void
check_latest(const struct world *w, const struct memstore *m)
{
	const struct backup	*b;
	int			 before = 0, after = 0;

	if (w->gaps && !w->known)
		return;		/* where timelines began cannot be seen */
	for (b = w->b; b < w->b + w->n; b++) {
		if (!counts(w, b) || !leads(w, b, (uint32_t)w->t.n))
			continue;
		before = 1;
		after |= there(m, b);
	}
	CHECK(w, before == after);
}

/* --- What must be gone --- */

static int
named(const struct world *w, const struct memstore *m, size_t dir,
    unsigned no)
{
	const struct backup	*b;

	for (b = w->b; b < w->b + w->n; b++)
		if (b->ref[dir] >> no & 1 && (there(m, b) || (b->state !=
		    RUNNING && b->state != DEAD && claimed(w, b))))
			return (1);
	return (0);
}

/* Directories without a label hold only what somebody refers to. */
static void
check_swept(const struct world *w, const struct memstore *m)
{
	const struct backup	*b;
	size_t			 i;
	unsigned		 no;
	int			 rest;

	for (i = 0; i < w->n; i++) {
		b = &w->b[i];
		if (under_way(w, b) || there(m, b) || claimed(w, b))
			continue;
		for (no = 1, rest = 0; no <= PACKS; no++) {
			CHECK(w, !memstore_has(m, pack(b, no)) ||
			    named(w, m, i, no));
			rest |= memstore_has(m, pack(b, no));
		}
		CHECK(w, !memstore_has(m, in_base(b->id, "manifest")));
		CHECK(w, rest || !memstore_has(m, in_base(b->id, "")));
	}
}

static int
is_needed(const struct world *w, uint32_t tli, uint64_t s)
{
	const struct backup	*b, *r;
	uint64_t		 lowest = UINT64_MAX;
	uint32_t		 newest = 0;
	int			 reached = 0;

	for (b = w->b; b < w->b + w->n; b++) {
		if ((b->pinned || stands_for_period(w, b)) &&
		    b->tli == tli && b->start / TIMELINES_SEG <= s &&
		    s <= (b->stop - 1) / TIMELINES_SEG)
			return (1);
		if (!promised(w, b))
			continue;
		if (leads(w, b, tli)) {
			reached = 1;
			if (s >= b->start / TIMELINES_SEG)
				return (1);
		}
		if (b->start / TIMELINES_SEG < lowest)
			lowest = b->start / TIMELINES_SEG;
		if (b->tli > newest)
			newest = b->tli;
	}
	for (r = w->b; r < w->b + w->n; r++) {
		if (!under_way(w, r))
			continue;
		b = before(w, tli, r);
		if (b == NULL || s >= b->start / TIMELINES_SEG)
			return (1);
	}
	return (!reached && (tli > newest || s >= lowest));
}

/* As much as the policy lets go does go: all there is to be won. */
static void
check_freed(const struct world *w, const struct memstore *m)
{
	const struct backup	*b;
	uint32_t		 tli;
	uint64_t		 s;

	check_swept(w, m);
	CHECK(w, !memstore_has(m, OLD_UPLOAD));
	if (!w->known)
		return;
	for (b = w->b; b < w->b + w->n; b++)
		CHECK(w, there(m, b) == (b->state == LABELLED &&
		    (promised(w, b) || stands_for_period(w, b) ||
		    b->pinned)));
	for (tli = 1; tli <= w->t.n; tli++)
		for (s = 0; s < SEGS; s++)
			CHECK(w, memstore_has(m, wal_path(tli, s, "")) ==
			    (w->has[tli][s] && is_needed(w, tli, s)));
}

/* --- Memory --- */

/* Another host looks, and remembers what stands. */
static void
look(const struct world *w, struct memstore *m)
{
	struct archive	*a = memstore_open(m, w->key);
	struct err	 e = ERR_INIT;

	CHECK(w, rollbackcheck_accept(a, testdir_path("state"), &e) == 0);
	archive_free(a);
}

/* And looks again after an expiry: that is no rollback. */
static void
check_not_missed(const struct world *w, struct memstore *m)
{
	struct archive		*a = memstore_open(m, w->key);
	struct catalogue	*c = NULL;
	struct rollbackcheck	 r;
	struct err		 e = ERR_INIT;

	CHECK(w, catalogue_load(&c, a, &e) == 0);
	CHECK(w, rollbackcheck_run(&r, a, c, testdir_path("state"), 0,
	    &e) == 0);
	if (r.n > 0)
		fail_msg("seed %llu: %s: %s", (unsigned long long)w->seed,
		    r.v[0].object, r.v[0].found);
	CHECK(w, r.note[0] == '\0');
	catalogue_free(c);
	archive_free(a);
}

/* How many gaps in WAL readers see that expiry does not account for. */
static size_t
count_gaps(const struct world *w, struct memstore *m)
{
	struct archive		*a = memstore_open(m, w->key);
	struct catalogue	*c = NULL;
	struct window		 win;
	struct err		 e = ERR_INIT;
	size_t			 n;

	CHECK(w, catalogue_load(&c, a, &e) == 0);
	CHECK(w, window_make(&win, c, &e) == 0);
	n = win.ngap;
	window_free(&win);
	catalogue_free(c);
	archive_free(a);
	return (n);
}

/* --- Runs --- */

/* 0 if it went through, 1 if it gave up for a pin. */
static int
expire(const struct world *w, struct memstore *m, int left,
    void (*meet)(void *), void *arg, int at, int *count)
{
	struct archive		*a = memstore_open(m, w->key);
	struct catalogue	*c = NULL;
	struct expire		*x = NULL;
	struct expire_result	 r;
	struct err		 e = ERR_INIT;
	int			 rc;

	mortal_wrap(a, left);
	if (meet != NULL)
		mortal_meet(a, at, meet, arg);
	rc = catalogue_load(&c, a, &e) ||
	    expire_plan(&x, a, c, &w->conf, &e) ||
	    expire_run(x, a, &r, &e);
	if (rc != 0 && left > 9999 && e.kind != ERR_CONFLICT)
		fail_msg("seed %llu: %s", (unsigned long long)w->seed, e.msg);
	if (count != NULL)
		*count = mortal_count(a);
	expire_free(x);
	catalogue_free(c);
	archive_free(a);
	return (rc);
}

/*
 * All of the one is in the other, too.  (A folder of WAL that was emptied and
 * not removed is not looked at any more once its timeline has no file; and
 * who died when he asked for the time left a directory for a day; a pin that
 * is over and was put aside goes with its backup.)
 */
static void
check_same(const struct world *w, const struct memstore *a,
    const struct memstore *b)
{
	size_t	 i;

	for (i = 0; i < a->n; i++)
		if (!memstore_has(b, a->v[i].path) &&
		    !str_begins(a->v[i].path, "tmp/clock") &&
		    strstr(a->v[i].path, "/pin-") == NULL &&
		    (a->v[i].data != NULL || !str_begins(a->v[i].path, "wal/")))
			fail_msg("seed %llu: %s is in one only",
			    (unsigned long long)w->seed, a->v[i].path);
}

/*
 * What is said to go, without and with doing it.  Both clocks agree here: a dry
 * run knows one of them only.
 */
static void
check_dry(const struct world *w)
{
	struct expire_conf	 conf = w->conf;
	struct expire_result	 r[2];
	struct memstore		 m = { .n = 0 };
	struct err		 e = ERR_INIT;
	int			 i;

	memstore_copy(&m, &w->m);
	m.now = w->now / SEC;
	conf.now_us = w->now;
	for (i = 0; i < 2; i++) {
		struct archive		*a = memstore_open(&m, w->key);
		struct catalogue	*c = NULL;
		struct expire		*x = NULL;

		CHECK(w, catalogue_load(&c, a, &e) == 0);
		conf.dry = i == 0;
		CHECK(w, expire_plan(&x, a, c, &conf, &e) == 0);
		CHECK(w, expire_run(x, a, &r[i], &e) == 0);
		expire_free(x);
		catalogue_free(c);
		archive_free(a);
		if (i == 0) {
			check_same(w, &w->m, &m);
			check_same(w, &m, &w->m);
		}
	}
	CHECK(w, memcmp(&r[0], &r[1], sizeof(r[0])) == 0);
	memstore_clear(&m);
}

static int
run(const struct world *w, struct memstore *m)
{
	return (expire(w, m, 1 << 20, NULL, NULL, 0, NULL));
}

/*
 * A push under way holds the WAL behind the newest backup before it, or all
 * where there is none: who comes later knows of fewer, and holds more.
 */
static int
is_running(const struct world *w)
{
	size_t	 i;

	for (i = 0; i < w->n; i++)
		if (under_way(w, &w->b[i]))
			return (1);
	return (0);
}

/*
 * Behind what stands alone for a period expiry makes gaps, and leaves none that
 * looks like damage.  Those behind pins have tests of their own.
 */
static void
check_gaps(const struct world *w, struct memstore *after)
{
	struct memstore	 before = { .n = 0 };
	size_t		 i;

	for (i = 0; i < w->n; i++)
		if (w->b[i].pin)
			return;
	if (!w->known || is_running(w))
		return;
	memstore_copy(&before, &w->m);
	CHECK(w, count_gaps(w, &before) > 0 || count_gaps(w, after) == 0);
	memstore_clear(&before);
}

/* Another expiry comes in, and may die as well. */
struct other {
	struct world	*w;
	struct memstore	*m;
	int		 left;
};

static void
other_expiry(void *arg)
{
	struct other	*o = arg;

	(void)expire(o->w, o->m, o->left, NULL, NULL, 0, NULL);
}

/* A push comes in: its claim, and a look whether the label stands. */
static void
other_push(void *arg)
{
	struct other	*o = arg;
	struct world	*w = o->w;
	struct backup	*n = &w->b[w->n];
	char		 claim[64], id[CLOCK_TEXT];
	size_t		 i;

	memset(n, 0, sizeof(*n));
	memcpy(n->id, clock_format_id(id, w->now + HOUR), 17);
	n->base = (int)rnd(w, w->n);
	(void)snprintf(claim, sizeof(claim), "claim-%.20s", n->id);
	memstore_put(o->m, in_base(w->b[n->base].id, claim), "x",
	    w->now / SEC);
	if (!there(o->m, &w->b[n->base]))
		n->base = -1;
	for (i = 0; i < w->n && n->base >= 0; i++)
		n->ref[i] = w->b[n->base].ref[i];
	n->ref[w->n] = 2;
	n->state = RUNNING;
	n->tli = (uint32_t)w->t.n;
	n->start = TIMELINES_SPAN - 20;
	n->stop = TIMELINES_SPAN - 10;
	n->start_us = n->stop_us = w->now;
	put_part(o->m, HEAD_PACK, pack(n, 1), w->now / SEC);
}

/* Somebody pins a backup meanwhile. */
static void
other_pin(void *arg)
{
	struct other	*o = arg;
	struct backup	*b = &o->w->b[o->left];
	struct archive	*a = memstore_open(o->m, ring.public);
	struct err	 e = ERR_INIT;

	if (pinning_set(a, b->id, PIN_FOREVER, &e) == 0)
		b->pinned = 1;
	archive_free(a);
}

/* And in the end it has a label. */
static void
finish(struct world *w, struct memstore *m, struct backup *b)
{
	struct memstore	 keep = w->m;

	w->m = *m;
	put_part(&w->m, HEAD_MANIFEST, in_base(b->id, "manifest"),
	    w->now / SEC);
	put_label(w, b);
	*m = w->m;
	w->m = keep;
}

static void
push_ends(struct world *w, struct memstore *m)
{
	finish(w, m, &w->b[w->n]);
	w->b[w->n++].state = LABELLED;
}

/* A push that was under way all the time ends, and is pinned at once. */
static void
other_end(void *arg)
{
	struct other	*o = arg;
	struct backup	*b;

	for (b = o->w->b; b < o->w->b + o->w->n; b++)
		if (b->state == RUNNING) {
			finish(o->w, o->m, b);
			if (rnd(o->w, 2) == 0) {
				o->left = (int)(b - o->w->b);
				other_pin(o);
			}
		}
}

static void
all_ended(struct world *w, const struct memstore *m)
{
	struct backup	*b;

	for (b = w->b; b < w->b + w->n; b++)
		if (b->state == RUNNING && there(m, b))
			b->state = LABELLED;
}

/* SEED=n: that one alone.  Few where each instruction is watched. */
static uint64_t
next_seed(uint64_t seed)
{
	const char	*one = getenv("SEED"), *wrap = getenv("WRAP");
	uint64_t	 max = wrap != NULL && *wrap != '\0' ? 30 : SEEDS;

	if (one != NULL)
		return (seed == 0 ? strtoull(one, NULL, 10) : 0);
	return (seed < max ? seed + 1 : 0);
}

/*
 * A directory of base/ that was emptied and not removed.  If its backup began
 * lately it looks like a push that has stored nothing yet, and holds WAL.
 */
static int
has_emptied(const struct memstore *m)
{
	size_t	 i, k, n;

	for (i = 0; i < m->n; i++) {
		n = strlen(m->v[i].path);
		if (m->v[i].data != NULL ||
		    !str_begins(m->v[i].path, "base/"))
			continue;
		for (k = 0; k < m->n; k++)
			if (str_begins(m->v[k].path, m->v[i].path) &&
			    m->v[k].path[n] == '/')
				break;
		if (k == m->n)
			return (1);
	}
	return (0);
}

static void
test_once(void **state)
{
	static struct world	 w;
	struct memstore		 dead, done;
	uint64_t		 seed;
	int			 all, emptied;

	(void)state;
	for (seed = next_seed(0); seed != 0; seed = next_seed(seed)) {
		make(&w, seed);
		if (seed % 4 == 0)
			check_dry(&w);
		memset(&done, 0, sizeof(done));
		memset(&dead, 0, sizeof(dead));
		memstore_copy(&done, &w.m);
		look(&w, &done);
		CHECK(&w, expire(&w, &done, 1 << 20, NULL, NULL, 0,
		    &all) == 0);
		check_not_missed(&w, &done);
		check_gaps(&w, &done);
		check_safe(&w, &done);
		check_points(&w, &done);
		check_latest(&w, &done);
		check_freed(&w, &done);
		/* Killed somewhere; the next run comes to the same end. */
		memstore_copy(&dead, &w.m);
		CHECK(&w, expire(&w, &dead, (int)rnd(&w, (uint64_t)all),
		    NULL, NULL, 0, NULL) == 1);
		check_not_missed(&w, &dead);
		check_safe(&w, &dead);
		emptied = has_emptied(&dead);
		CHECK(&w, run(&w, &dead) == 0);
		if (!w.known || (w.back && is_running(&w)))
			goto next;
		check_same(&w, &done, &dead);
		if (!is_running(&w) && !emptied)
			check_same(&w, &dead, &done);
next:
		memstore_clear(&done);
		memstore_clear(&dead);
		memstore_clear(&w.m);
	}
}

/* Others at work, coming in before each operation in turn. */
static void
test_together(void **state)
{
	static struct world	 w;
	struct memstore		 m;
	struct other		 o = { .w = &w, .m = &m };
	uint64_t		 seed, what;
	int			 at, all;

	(void)state;
	for (seed = next_seed(0); seed != 0; seed = next_seed(seed)) {
		make(&w, seed);
		if (w.n == 0) {
			memstore_clear(&w.m);
			continue;
		}
		memset(&m, 0, sizeof(m));
		memstore_copy(&m, &w.m);
		(void)expire(&w, &m, 1 << 20, NULL, NULL, 0, &all);
		memstore_copy(&m, &w.m);
		at = (int)rnd(&w, (uint64_t)all);
		/* Where a clock was set back, nobody knows what came first. */
		what = rnd(&w, w.back ? 4 : 5);
		if (what < 2)
			o.left = what == 0 ? 1 << 20 :
			    (int)rnd(&w, (uint64_t)all);
		else
			o.left = (int)rnd(&w, w.n);
		(void)expire(&w, &m, 1 << 20, what < 2 ? other_expiry :
		    what == 2 ? other_push : what == 3 ? other_pin :
		    other_end, &o, at, NULL);
		if (what == 2)
			push_ends(&w, &m);
		check_safe(&w, &m);
		all_ended(&w, &m);
		check_safe(&w, &m);
		(void)run(&w, &m);
		check_safe(&w, &m);
		check_points(&w, &m);
		memstore_clear(&m);
		memstore_clear(&w.m);
	}
}

/* The plan is refused, and nothing has changed. */
static struct err
refused(const struct world *w, struct memstore *m)
{
	struct archive		*a = memstore_open(m, w->key);
	struct catalogue	*c = NULL;
	struct expire		*x = NULL;
	struct err		 e = ERR_INIT;

	CHECK(w, catalogue_load(&c, a, &e) == 0);
	CHECK(w, expire_plan(&x, a, c, &w->conf, &e) == -1);
	catalogue_free(c);
	archive_free(a);
	check_same(w, &w->m, m);
	check_same(w, m, &w->m);
	return (e);
}

static int
there_at(const struct memstore *before, const struct memstore *after,
    const struct backup *b)
{
	return (there(before, b) == there(after, b));
}

/* Clocks that are wrong: nothing goes that should not. */
static void
test_clocks(void **state)
{
	static const int	 days[][2] = {	/* host's and repository's */
		{ 2, 0 }, { -2, 0 }, { 0, 3 }, { 0, -3 }, { 4000, 0 },
		{ 4000, 3998 }, { -1000, 0 }
	};
	static struct world	 w;
	struct memstore		 m = { .n = 0 };
	uint64_t		 seed;
	size_t			 i;

	(void)state;
	for (seed = 1; seed <= 10; seed++) {
		make(&w, seed);
		for (i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
			struct err	 e;

			w.conf.now_us = w.now + days[i][0] * DAY;
			w.m.now = w.now / SEC + days[i][1] * 86400;
			memstore_copy(&m, &w.m);
			e = refused(&w, &m);
			CHECK(&w, e.kind == ERR_LOCAL);
			CHECK(&w, strstr(e.msg, "correct the wrong") != NULL);
		}
		/* Both before all that ever was: nothing has come to pass. */
		w.now -= 4000 * DAY;
		w.conf.now_us = w.now;
		w.m.now = w.now / SEC;
		memstore_copy(&m, &w.m);
		CHECK(&w, run(&w, &m) == 0);
		check_packs(&w, &m);
		check_wal(&w, &m);
		for (i = 0; i < w.n; i++)
			CHECK(&w, there_at(&w.m, &m, &w.b[i]));
		memstore_clear(&m);
		memstore_clear(&w.m);
	}
}

/* No other ended later, be its clock right or wrong. */
static int
is_last(const struct world *w, const struct backup *b)
{
	const struct backup	*c;

	for (c = w->b; c < w->b + w->n; c++)
		if (c->state == LABELLED && c != b && c->stop_us >=
		    b->stop_us)
			return (0);
	return (1);
}

/* One is deleted on demand: all others stay, with what they need. */
static void
delete_one(struct world *w, struct backup *b)
{
	const char	*id = b->id;
	struct memstore	 m = { .n = 0 };
	struct err	 e;

	w->conf.policy.kind = RETENTION_ALL;
	w->conf.minimum_redundancy = 0;
	w->conf.gone = &id;
	w->conf.ngone = 1;
	memstore_copy(&m, &w->m);
	if (b->pinned) {
		e = refused(w, &m);
		CHECK(w, e.kind == ERR_USAGE);
		CHECK(w, strstr(e.msg, "release it first with") != NULL);
	} else {
		if (whole(w, b)) {
			w->conf.minimum_redundancy = BACKUPS;
			e = refused(w, &m);
			CHECK(w, strstr(e.msg, "minimum_redundancy is") !=
			    NULL);
			w->conf.minimum_redundancy = 0;
		}
		if (whole(w, b) && is_last(w, b)) {
			e = refused(w, &m);
			CHECK(w, strstr(e.msg, "add --force") != NULL);
		}
		w->conf.force = 1;
		CHECK(w, run(w, &m) == 0);
		b->state = WITHDRAWN;
		check_safe(w, &m);
		check_points(w, &m);
		check_freed(w, &m);
	}
	memstore_clear(&m);
}

static void
test_delete(void **state)
{
	static struct world	 w;
	uint64_t		 seed;
	size_t			 i;

	(void)state;
	for (seed = next_seed(0); seed != 0; seed = next_seed(seed)) {
		make(&w, seed);
		i = w.n == 0 ? 0 : rnd(&w, w.n);
		if (w.n > 0 && w.b[i].state == LABELLED)
			delete_one(&w, &w.b[i]);
		memstore_clear(&w.m);
	}
}

/* --- A whole timeline is deleted --- */

/* When a timeline got its newest thing. */
static int64_t
newest_thing(const struct world *w, uint32_t tli)
{
	const struct backup	*b;
	int64_t			 us = tli > 1 ? w->began[tli] : INT64_MIN;

	if (end_of(w, tli) > 0 && w->last[tli] > us)
		us = w->last[tli];
	for (b = w->b; b < w->b + w->n; b++)
		if (b->state == LABELLED && b->tli == tli && b->start_us > us)
			us = b->start_us;
	return (us);
}

/* What must hold of a timeline that was let go. */
static void
check_may_go(const struct world *w, uint32_t tli)
{
	const struct backup	*b;
	uint32_t		 x;
	int			 newer = 0, others = 0;

	for (x = 1; x <= w->t.n; x++) {
		CHECK(w, x == tli || !has_part_of(w, x, tli));
		newer |= x != tli && newest_thing(w, x) >
		    newest_thing(w, tli);
		others |= x != tli && (w->fed[x] || x == w->t.n);
	}
	CHECK(w, newer);
	CHECK(w, others || !w->known);
	for (b = w->b; b < w->b + w->n; b++)
		CHECK(w, b->tli != tli || !b->pinned);
}

/*
 * Nothing that counts lacks anything, at any moment; and all WAL of other
 * timelines is there, unless an ordinary expiry came by.
 */
static void
check_drop_safe(const struct world *w, const struct memstore *m, uint32_t tli,
    int expired)
{
	const struct backup	*b;
	uint64_t		 s;
	uint32_t		 x;
	char			 path[64];

	check_packs(w, m);
	for (b = w->b; b < w->b + w->n; b++) {
		CHECK(w, b->tli == tli || there(m, b) == there(&w->m, b));
		if (!there(m, b))
			continue;
		for (s = b->start / TIMELINES_SEG;
		    s <= (b->stop - 1) / TIMELINES_SEG; s++)
			CHECK(w, !w->has[b->tli][s] ||
			    memstore_has(m, wal_path(b->tli, s, "")));
	}
	(void)snprintf(path, sizeof(path), "wal/%08X.history", tli);
	for (x = 1; x <= w->t.n; x++)
		for (s = 0; s < SEGS; s++)
			CHECK(w, expired || x == tli || !w->has[x][s] ||
			    memstore_has(m, wal_path(x, s, "")));
	for (s = 0; s < SEGS; s++)
		CHECK(w, tli == 1 || memstore_has(m, path) ||
		    !memstore_has(m, wal_path(tli, s, "")));
	for (x = 2; x <= w->t.n; x++) {
		(void)snprintf(path, sizeof(path), "wal/%08X.history", x);
		CHECK(w, x == tli || memstore_has(m, path));
	}
}

static void
check_drop_done(const struct world *w, const struct memstore *m, uint32_t tli)
{
	const struct backup	*b;
	char			 path[64];

	(void)snprintf(path, sizeof(path), "wal/%08X", tli);
	CHECK(w, !memstore_has(m, path));
	(void)snprintf(path, sizeof(path), "wal/%08X.history", tli);
	CHECK(w, !memstore_has(m, path));
	for (b = w->b; b < w->b + w->n; b++)
		CHECK(w, b->tli != tli || !there(m, b));
}

/* Die somewhere; maybe an ordinary expiry comes; the same command ends it. */
static void
drop_and_die(struct world *w, uint32_t tli, int all)
{
	struct memstore	 m = { .n = 0 };
	const int	 other = rnd(w, 2) == 0;
	char		 path[64];
	int		 rc;

	memstore_copy(&m, &w->m);
	CHECK(w, expire(w, &m, (int)rnd(w, (uint64_t)all), NULL, NULL, 0,
	    NULL) == 1);
	check_drop_safe(w, &m, tli, 0);
	if (other) {
		w->conf.timeline = 0;
		CHECK(w, run(w, &m) == 0);
		check_drop_safe(w, &m, tli, 1);
		w->conf.timeline = tli;
	}
	(void)snprintf(path, sizeof(path), "wal/%08X.history", tli);
	if (memstore_has(&m, path)) {
		/* Expiry may have taken the WAL that was the evidence. */
		rc = expire(w, &m, 9999, NULL, NULL, 0, NULL);
		CHECK(w, rc == 0 || other);
		check_drop_safe(w, &m, tli, other);
		if (rc == 0)
			check_drop_done(w, &m, tli);
	}
	memstore_clear(&m);
}

static void
drop_one(struct world *w, uint32_t tli, unsigned *went)
{
	struct archive		*a;
	struct catalogue	*c = NULL;
	struct expire		*x = NULL;
	struct memstore		 m = { .n = 0 };
	struct err		 e = ERR_INIT;
	int			 all, rc;

	w->conf.policy.kind = RETENTION_ALL;
	w->conf.minimum_redundancy = 0;
	w->conf.timeline = tli;
	w->conf.force = 1;
	memstore_copy(&m, &w->m);
	a = memstore_open(&m, w->key);
	CHECK(w, catalogue_load(&c, a, &e) == 0);
	rc = expire_plan(&x, a, c, &w->conf, &e);
	expire_free(x);
	catalogue_free(c);
	archive_free(a);
	if (rc == -1) {
		CHECK(w, e.kind == ERR_USAGE || (e.kind == ERR_ABSENT &&
		    tli == 1 && end_of(w, tli) == 0));
		check_same(w, &w->m, &m);
	} else {
		++*went;
		check_may_go(w, tli);
		look(w, &m);
		CHECK(w, expire(w, &m, 1 << 20, NULL, NULL, 0, &all) == 0);
		check_not_missed(w, &m);
		check_drop_safe(w, &m, tli, 0);
		check_drop_done(w, &m, tli);
		drop_and_die(w, tli, all);
	}
	memstore_clear(&m);
}

static void
test_drop(void **state)
{
	static struct world	 w;
	uint64_t		 seed;
	unsigned		 went = 0, tried = 0;

	(void)state;
	for (seed = next_seed(0); seed != 0; seed = next_seed(seed)) {
		make(&w, seed);
		tried++;
		drop_one(&w, 1 + (uint32_t)rnd(&w, w.t.n), &went);
		memstore_clear(&w.m);
	}
	if (tried > 100)
		assert_in_range(went, tried / 20, tried);
}

static int
setup(void **state)
{
	(void)state;
	testdir_make();
	keyring_open(&ring, NULL);
	memrepo_marker(&marker, ring.push, SEGSIZE);
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
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_together),
		cmocka_unit_test(test_delete),
		cmocka_unit_test(test_drop),
		cmocka_unit_test(test_clocks)
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
