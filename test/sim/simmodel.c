/* SPDX-License-Identifier: ISC */
/* The invariants, and what they need to know of the past. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backup/label.h"
#include "base/str.h"
#include "pg/walname.h"
#include "sim.h"
#include "simdisk.h"
#include "simmodel.h"
#include "simpg.h"
#include "simstore.h"

#define NONE		INT64_MIN
#define CLAIMS		64

struct backup {
	char		 id[LAYOUT_ID];
	struct label	*label;		/* owned; as it was published */
	int		 stands;
	int		 pushed;	/* base-push reported it */
	int		 pin_ever;	/* so its WAL may be an island */
	uint64_t	 first, last;	/* segments that it needs */

	/* Until when it is pinned for certain; NONE: it need not be. */
	int64_t		 promise;
	/*
	 * It was withdrawn while its pin was being changed, and another
	 * expiry ran: a known hole, see simmodel.h.
	 */
	int		 doomed;
	/* Who has withdrawn it nevertheless, and may put it back. */
	const struct simactor *taken_by;
	/* Changes of its pin under way, and the least that comes of them. */
	unsigned	 changing, group;
	int64_t		 least;
};

/* A claim that was there before its backup was withdrawn. */
struct claim {
	size_t		 old;		/* index of the backup */
	char		 by[LAYOUT_ID];
	struct simactor	*actor;
	long		 pid;
};

static struct {
	struct simmodel_conf conf;
	struct archive	 archive;	/* to read labels with; no store */
	struct backup	*v;
	size_t		 n, room;
	struct claim	 claim[CLAIMS];
	size_t		 nclaims;
	char		*archived;	/* by number of the segment */
	size_t		 nsegs;
	int		 dirty;		/* names have changed */
	struct simmodel_sum sum;
} m;

static const char *
full(const char *path)
{
	static char	 buf[SIMDISK_PATH];

	(void)snprintf(buf, sizeof(buf), SIMSTORE_ROOT "/" SIMPG_SERVER
	    "/%" PRIu64 "/%.150s", SIMPG_SYSTEM, path);
	return (buf);
}

static int
is_there(const char *path)
{
	return (simdisk_find(full(path)) != NULL);
}

static struct backup *
find(const char *id)
{
	size_t	 i;

	for (i = m.n; i-- > 0;)
		if (strcmp(m.v[i].id, id) == 0)
			return (&m.v[i]);
	return (NULL);
}

static uint64_t
segment_of(const char *wal)
{
	struct walname	 w;
	struct err	 e = ERR_INIT;

	if (walname_parse(wal, &w, &e))
		sim_fail("label names \"%s\" as WAL", wal);
	return (walname_segno(&w, SIMPG_SEGSIZE));
}

static int
has_segment(uint64_t segno)
{
	char		 name[WALNAME_TEXT], path[LAYOUT_PATH];
	struct err	 e = ERR_INIT;

	if (layout_wal(path, simpg_segment(name, segno), &e))
		sim_fail("%s", e.msg);
	return (is_there(path));
}

/* --- What a label needs --- */

static void
check_packs(const struct backup *b, const char *why)
{
	char		 path[LAYOUT_PATH];
	uint32_t	 no;
	size_t		 i;

	for (i = 0; i < b->label->npacks; i++)
		for (no = b->label->packs[i].first;
		    no <= b->label->packs[i].last; no++)
			if (!is_there(layout_pack(path,
			    b->label->packs[i].backup, no)))
				sim_fail("%s is gone, which backup %s refers "
				    "to: %s", path, b->id, why);
}

static void
check_backup(const struct backup *b)
{
	char		 path[LAYOUT_PATH];
	uint64_t	 s;

	check_packs(b, "its label stands");
	if (!is_there(layout_manifest(path, b->id)))
		sim_fail("%s is gone, but the label stands", path);
	for (s = b->first; s <= b->last; s++)
		if (!has_segment(s))
			sim_fail("segment %" PRIu64 " is gone, which backup "
			    "%s needs (%" PRIu64 " to %" PRIu64 ")", s, b->id,
			    b->first, b->last);
}

static int
is_alive(const struct claim *c)
{
	return (c->actor->pid == c->pid && c->actor->running &&
	    !c->actor->dead);
}

static void
check_claims(void)
{
	struct claim	*c, *to = m.claim;
	char		 path[LAYOUT_PATH], why[LAYOUT_ID + 64];

	for (c = m.claim; c < m.claim + m.nclaims; c++) {
		if (!is_alive(c) || is_there(layout_label(path, c->by)))
			continue;
		(void)snprintf(why, sizeof(why), "the push of %s claimed it "
		    "in time", c->by);
		check_packs(&m.v[c->old], why);
		*to++ = *c;
	}
	m.nclaims = (size_t)(to - m.claim);
}

void
simmodel_check(void)
{
	size_t	 i;

	if (!m.dirty)
		return;
	m.dirty = 0;
	for (i = 0; i < m.n; i++)
		if (m.v[i].stands && !m.v[i].doomed)
			check_backup(&m.v[i]);
	check_claims();
}

/* --- Names that appear and go --- */

static struct backup *
add(const char *id)
{
	struct backup	*b;

	if (m.n == m.room) {
		m.room = m.room == 0 ? 64 : 2 * m.room;
		if ((m.v = realloc(m.v, m.room * sizeof(*m.v))) == NULL)
			abort();
	}
	b = &m.v[m.n++];
	memset(b, 0, sizeof(*b));
	(void)snprintf(b->id, sizeof(b->id), "%s", id);
	b->promise = NONE;
	return (b);
}

static void
label_came(const char *id, const struct simnode *d)
{
	struct backup	*b = find(id);
	struct err	 e = ERR_INIT;

	if (b == NULL)
		b = add(id);
	if (b->label == NULL) {
		if (label_parse(&b->label, d->data, d->n, id, &m.archive,
		    &e))
			sim_fail("label %s: %s", id, e.msg);
		b->first = segment_of(b->label->start_wal);
		b->last = segment_of(b->label->stop_wal);
		m.sum.labels++;
		sim_say("label %s: segments %" PRIu64 " to %" PRIu64, id,
		    b->first, b->last);
	}
	b->stands = 1;
	b->taken_by = NULL;
}

static uint64_t
standing(void)
{
	uint64_t	 n = 0;
	size_t		 i;

	for (i = 0; i < m.n; i++)
		n += (uint64_t)m.v[i].stands;
	return (n);
}

/* The latest time by which an expiry may judge, whoever's. */
static int64_t
expirys_now(struct simactor *a)
{
	const int64_t	 here = a == NULL ? sim_now_us() : sim_clock_us(a);
	const int64_t	 there = simdisk_clock_us();

	return (here > there ? here : there);
}

struct same {
	const struct simnode	*node;
	int			 found;
	int			 aside;	/* some pin lies aside */
};

static void
on_same(void *arg, const char *name, const struct simnode *d)
{
	struct same	*s = arg;

	s->found |= d == s->node;
	s->aside |= str_begins(name, "pin-");
}

/* As label.withdrawn, or moved aside from there by a change of a pin. */
static struct same
other_names(const char *id, const struct simnode *d)
{
	struct same	 s = { d, 0, 0 };
	char		 path[LAYOUT_PATH];

	(void)simdisk_list(full(layout_base(path, id)), on_same, &s);
	return (s);
}

static void
label_went(const char *id, const struct simnode *d)
{
	const struct same	 names = other_names(id, d);
	struct backup		*b = find(id);

	b->stands = 0;
	if (!names.found) {
		if (b->pushed)
			sim_fail("backup %s was reported, and its label is "
			    "lost", id);
		return;
	}
	m.sum.withdrawn++;
	sim_say("withdrawn: %s", id);
	if (names.aside && m.conf.expiries > 1) {
		b->doomed = 1;
		b->promise = NONE;
	}
	if (b->promise != NONE && b->promise > expirys_now(sim_self()))
		b->taken_by = sim_self();
	if (standing() < m.conf.least)
		sim_fail("backup %s is withdrawn, and only %" PRIu64 " remain",
		    id, standing());
}

static void
claim_came(const char *old, const char *by)
{
	struct backup	*b = find(old);
	struct claim	*c = &m.claim[m.nclaims];

	if (b == NULL || !b->stands)
		return;
	if (m.nclaims == CLAIMS)
		abort();
	c->old = (size_t)(b - m.v);
	(void)snprintf(c->by, sizeof(c->by), "%s", by);
	c->actor = sim_self();
	c->pid = c->actor->pid;
	m.nclaims++;
	m.sum.claims++;
	sim_say("claimed: %s by %s", old, by);
}

/* It was taken back, or lost before anybody relied on it. */
static void
claim_went(const char *old, const char *by)
{
	const struct simactor	*a = sim_self();
	size_t			 i;

	for (i = 0; i < m.nclaims; i++)
		if (strcmp(m.v[m.claim[i].old].id, old) == 0 &&
		    strcmp(m.claim[i].by, by) == 0 &&
		    (a == NULL || a == m.claim[i].actor)) {
			m.claim[i] = m.claim[--m.nclaims];
			return;
		}
}

static void
segment_went(const char *name)
{
	struct walname	 w;
	struct err	 e = ERR_INIT;
	uint64_t	 s;
	size_t		 i;

	if (walname_parse(name, &w, &e) || w.kind != WALNAME_SEGMENT)
		return;
	s = walname_segno(&w, SIMPG_SEGSIZE);
	if (s >= m.nsegs || !m.archived[s])
		return;
	for (i = 0; i < m.n; i++)
		if (m.v[i].stands && !m.v[i].pin_ever && m.v[i].first <= s)
			sim_fail("segment %" PRIu64 " is deleted, and backup "
			    "%s, which stands, leads on from %" PRIu64, s,
			    m.v[i].id, m.v[i].first);
	m.sum.expired++;
	sim_say("segment %" PRIu64 " is deleted", s);
}

static void
in_base(const char *id, const char *file, const struct simnode *d, int there)
{
	char	 copy[LAYOUT_ID];

	(void)snprintf(copy, sizeof(copy), "%.*s", (int)strcspn(id, "/"), id);
	if (strcmp(file, "label") == 0) {
		if (there)
			label_came(copy, d);
		else
			label_went(copy, d);
	} else if (str_begins(file, "claim-")) {
		if (there)
			claim_came(copy, file + strlen("claim-"));
		else
			claim_went(copy, file + strlen("claim-"));
	}
}

static void
told(const char *path, const struct simnode *d, int there)
{
	const char	*root = full("");
	const char	*p, *file;

	if (d->is_dir || !str_begins(path, root))
		return;
	p = path + strlen(root);
	if (str_begins(p, LAYOUT_BASE "/") &&
	    (file = strchr(p + strlen(LAYOUT_BASE "/"), '/')) != NULL) {
		m.dirty = 1;
		in_base(p + strlen(LAYOUT_BASE "/"), file + 1, d, there);
	} else if (str_begins(p, LAYOUT_WAL "/")) {
		m.dirty = 1;
		if (!there)
			segment_went(strrchr(p, '/') + 1);
	}
}

/* --- What programs were told --- */

void
simmodel_pushed(const char *id)
{
	struct backup	*b = find(id);

	if (b == NULL)
		sim_fail("base-push reports backup %s, which has no label",
		    id);
	b->pushed = 1;
	m.sum.pushed++;
}

void
simmodel_archived(uint64_t segno)
{
	const size_t	 need = segno + 1;

	if (need > m.nsegs) {
		if ((m.archived = realloc(m.archived, 2 * need)) == NULL)
			abort();
		memset(m.archived + m.nsegs, 0, 2 * need - m.nsegs);
		m.nsegs = 2 * need;
	}
	if (!m.archived[segno])
		m.sum.archived++;
	m.archived[segno] = 1;
	/* It may have been expired meanwhile, but not if it is needed. */
	if (!has_segment(segno))
		segment_went(simpg_segment((char [WALNAME_TEXT]){ 0 },
		    segno));
}

void
simmodel_expired(struct simactor *a, int done)
{
	size_t	 i;

	for (i = 0; i < m.n; i++) {
		if (m.v[i].taken_by != a)
			continue;
		if (done)
			sim_fail("backup %s is withdrawn, though somebody was "
			    "told that it is pinned until %.2fh, and it is "
			    "%.2fh", m.v[i].id,
			    (double)m.v[i].promise / (double)SIM_HOUR,
			    (double)expirys_now(a) / (double)SIM_HOUR);
		m.v[i].taken_by = NULL;
		m.v[i].promise = NONE;
	}
}

void
simmodel_pin(const char *id, int64_t until_us)
{
	struct backup	*b = find(id);

	b->pin_ever = 1;
	if (b->changing++ == 0) {
		b->group = 0;
		b->least = INT64_MAX;
	}
	b->group++;
	if (until_us < b->least)
		b->least = until_us;
	/* From now on it may have the new pin, or the old one. */
	if (until_us < b->promise)
		b->promise = until_us;
}

static void
on_pin(void *arg, const char *name, const struct simnode *d)
{
	(void)d;
	*(int *)arg |= strcmp(name, "label.withdrawn") == 0 ||
	    str_begins(name, "pin-");
}

/* Whether a pin is there, in its place or aside, if the label stands. */
static int
has_pin(const char *id)
{
	char	 path[LAYOUT_PATH];
	int	 found = 0;

	(void)simdisk_list(full(layout_base(path, id)), on_pin, &found);
	return (found);
}

void
simmodel_pin_end(const char *id, int64_t until_us, int done)
{
	struct backup	*b = find(id);
	const int64_t	 was = b->promise;

	b->changing--;
	if (done && until_us != NONE) {
		b->promise = b->group == 1 ? until_us : b->least;
		m.sum.pins++;
	}
	if (b->promise != was)
		sim_say("%s is promised until %.2fh", id,
		    (double)b->promise / (double)SIM_HOUR);
	/* It cannot have been withdrawn before it was promised. */
	if (done && b->promise != NONE && !b->stands &&
	    b->promise > expirys_now(NULL))
		sim_fail("backup %s is reported as pinned, and its label is "
		    "gone", id);
	if (done && until_us != NONE && b->group == 1 && b->stands &&
	    b->promise > expirys_now(NULL) && !has_pin(id))
		sim_fail("backup %s is reported as pinned, and no pin is "
		    "there", id);
}

int
simmodel_any(char id[LAYOUT_ID])
{
	uint64_t	 k = standing();
	size_t		 i;

	if (k == 0)
		return (1);
	k = sim_rand(k) + 1;
	for (i = 0;; i++)
		if (m.v[i].stands && --k == 0)
			break;
	(void)snprintf(id, LAYOUT_ID, "%s", m.v[i].id);
	return (0);
}

int
simmodel_ending(char id[LAYOUT_ID], int64_t us)
{
	size_t	 i, n = 0, k;

	for (i = 0; i < m.n; i++)
		n += m.v[i].stands && m.v[i].promise != NONE &&
		    m.v[i].promise < us;
	if (n == 0)
		return (1);
	k = sim_rand(n) + 1;
	for (i = 0;; i++)
		if (m.v[i].stands && m.v[i].promise != NONE &&
		    m.v[i].promise < us && --k == 0)
			break;
	(void)snprintf(id, LAYOUT_ID, "%s", m.v[i].id);
	return (0);
}

int
simmodel_changing(const char *id)
{
	const struct backup	*b = find(id);

	return (b != NULL && b->changing > 0);
}

int
simmodel_stands(const char *id)
{
	const struct backup	*b = find(id);

	return (b != NULL && b->stands);
}

int
simmodel_any_segment(uint64_t *segno)
{
	uint64_t	 lo = UINT64_MAX, hi = m.nsegs;
	size_t		 i;

	for (i = 0; i < m.n; i++)
		if (m.v[i].stands && !m.v[i].pin_ever && m.v[i].first < lo)
			lo = m.v[i].first;
	if (lo >= hi)
		return (1);
	*segno = lo + sim_rand(hi - lo);
	return (!m.archived[*segno]);
}

struct simmodel_sum
simmodel_sum(void)
{
	return (m.sum);
}

void
simmodel_begin(const struct simmodel_conf *conf)
{
	memset(&m, 0, sizeof(m));
	m.conf = *conf;
	m.archive.key = conf->key;
	(void)snprintf(m.archive.server, sizeof(m.archive.server), "%s",
	    SIMPG_SERVER);
	m.archive.system_id = SIMPG_SYSTEM;
	simdisk_begin(told);
}

void
simmodel_end(void)
{
	simdisk_end();
	while (m.n > 0)
		label_free(m.v[--m.n].label);
	free(m.v);
	free(m.archived);
}
