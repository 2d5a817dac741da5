/* SPDX-License-Identifier: ISC */
/* Does wal-receive keep up, and has the repository what it acknowledged? */
#include <inttypes.h>
#include <stdio.h>

#include "catalogue/streamed.h"
#include "check/checkneed.h"
#include "check/checkreceive.h"
#include "pg/lsn.h"
#include "plan/receiving.h"
#include "wal/walarchive.h"

#define USUAL		8	/* segments; more than one is usual where
				 * they are large */

/* When the repository last got WAL of the server's timeline. */
static int64_t
stored(const struct checkfacts *f)
{
	const struct walindex_timeline	*t;
	int64_t				 at = 0;
	size_t				 i;

	if (!f->listed || f->pg.system_id != f->a->system_id)
		return (RECEIVING_NEVER);
	t = catalogue_find_timeline(f->cat, f->watch.timeline);
	if (t != NULL)
		at = t->newest_at;
	for (i = 0; i < catalogue_opens(f->cat); i++)
		if (catalogue_open(f->cat, i)->at > at)
			at = catalogue_open(f->cat, i)->at;
	return (at > 0 && at < INT64_MAX / 1000000 ? at * 1000000 :
	    RECEIVING_NEVER);
}

static struct receiving
receiving(const struct checkfacts *f)
{
	return ((struct receiving){
		.now_us = f->pg.now_us,
		.started_us = f->watch.started_us,
		.active = f->slot.active,
		.inactive_us = f->slot.inactive_us,
		.stored_us = stored(f),
		.waits = slotwatch_kept(&f->slot),
		.lag_us = f->slot.lag_us
	});
}

int
checkreceive_since(const struct checkfacts *f, uint64_t *seconds)
{
	const struct receiving	 v = receiving(f);

	*seconds = 0;
	return (f->slot_known && f->slot.exists &&
	    receiving_seconds(&v, seconds));
}

/* Both checks: returns 0, and the result is set, if there is nothing else. */
static int
is_used(const struct checkfacts *f, struct checkreport *r,
    enum checklist_id id)
{
	if (!checkneed_sql(f, r, id))
		return (0);
	if (!f->slot_known)
		checkreport_set(r, id, HEALTH_UNKNOWN, "%s",
		    f->slot_why.msg);
	else if (!checkfacts_received(f))
		checkreport_set(r, id, HEALTH_OK, "not used: the server has "
		    "no slot %s, and nothing says that its WAL is received",
		    f->conf->slot);
	else
		return (1);
	return (0);
}

/*
 * What was acknowledged last, on the server's timeline and within a segment;
 * 0: nothing, or it is not known.  At its first byte a segment may just have
 * been begun, so that nothing was acknowledged yet.
 */
static uint64_t
acknowledged(const struct checkfacts *f)
{
	uint64_t	 lsn = f->slot.acked_lsn;

	if (!checkfacts_primary(f) || !f->listed ||
	    f->pg.system_id != f->a->system_id)
		return (0);
	if (f->seen.system_id == f->pg.system_id &&
	    f->seen.tli == f->watch.timeline && f->seen.lsn > lsn)
		lsn = f->seen.lsn;
	return (lsn % f->pg.segment_size == 0 ? 0 : lsn);
}

/*
 * How far the repository has the segment in which "lsn" lies.  The segment may
 * have got its name, and lost its open objects, since the repository was
 * listed; so that is asked last.  What is refused is for "recoverable" to say.
 */
static int
has_until(const struct checkfacts *f, uint64_t lsn, uint64_t *end,
    struct err *e)
{
	const uint32_t	 segsize = f->pg.segment_size;
	const uint64_t	 begin = lsn / segsize * segsize;
	const struct walname w = walname_at(f->watch.timeline, begin, segsize);
	struct streamed	 s;
	struct err	 problem = ERR_INIT;
	char		 missing[WALNAME_TEXT];
	int		 rc;

	*end = begin + segsize;
	if (coverage_has(catalogue_wal(f->cat), w.tli, begin / segsize))
		return (0);
	if (streamed_segment(&s, f->a, f->cat, w.tli, begin / segsize,
	    &problem, e) == -1)
		return (-1);
	if (s.end >= lsn || problem.kind != ERR_NONE)
		return (0);
	*end = s.end;
	if ((rc = walarchive_has(f->a, &w, &w, segsize, missing, e)) == 0)
		*end = begin + segsize;
	return (rc == -1 ? -1 : 0);
}

static void
judge_receiver(const struct checkfacts *f, struct checkreport *r)
{
	const enum checklist_id	 id = CHECKLIST_RECEIVER;
	const struct receiving	 v = receiving(f);
	uint64_t		 seconds;
	char			 size[CHECKREPORT_BYTES];

	(void)checkreport_bytes(size, v.waits);
	if (v.active)
		checkreport_set(r, id, receiving_judge(&v, &r->limits[id]),
		    "it is connected to slot %s, %s of WAL are not "
		    "acknowledged", f->conf->slot, size);
	else
		checkreport_set(r, id, receiving_judge(&v, &r->limits[id]),
		    "no receiver is connected to slot %s; %s of WAL wait "
		    "for it", f->conf->slot, size);
	if (receiving_seconds(&v, &seconds))
		checkreport_add_figure(r, id, seconds);
	checkreport_cure(r, id, "see what wal-receive last said, and start "
	    "it; if WAL is to be received no more: wal-receive --drop-slot");
}

int
checkreceive_receiver(const struct checkfacts *f, struct checkreport *r,
    struct err *e)
{
	const enum checklist_id	 id = CHECKLIST_RECEIVER;
	const uint64_t		 lsn = acknowledged(f);
	char			 a[LSN_TEXT], b[LSN_TEXT];
	uint64_t		 end;

	if (!is_used(f, r, id))
		return (0);
	if (!f->slot.exists || !f->slot.physical || f->slot.lost) {
		checkreport_set(r, id, HEALTH_UNKNOWN, "see slot");
		return (0);
	}
	judge_receiver(f, r);
	if (lsn == 0)
		return (0);
	if (has_until(f, lsn, &end, e))
		return (-1);
	if (end >= lsn)
		return (0);
	checkreport_set(r, id, HEALTH_CRITICAL, "WAL until LSN %s was "
	    "acknowledged, and the repository has it until %s",
	    lsn_format(a, lsn), lsn_format(b, end));
	checkreport_cure(r, id, "run SELECT pg_switch_wal() while wal-receive "
	    "runs, so that it stores the whole segment; and find out who "
	    "changed the repository, or what else reads from the slot");
	return (0);
}

/* A slot that is there and of use, by what the server keeps for it. */
static void
judge_slot(const struct checkfacts *f, struct checkreport *r)
{
	const enum checklist_id	 id = CHECKLIST_SLOT;
	const struct slotwatch	*s = &f->slot;
	const uint64_t		 kept = slotwatch_kept(s);
	char			 size[CHECKREPORT_BYTES];
	char			 left[CHECKREPORT_BYTES];

	(void)checkreport_bytes(size, kept);
	(void)checkreport_bytes(left, s->safe);
	if (s->limited)
		checkreport_figure(r, id, kept, "%s of WAL are kept for slot "
		    "%s, which is given up after %s more", size,
		    f->conf->slot, left);
	else
		checkreport_figure(r, id, kept, "%s of WAL are kept for slot "
		    "%s, without a limit", size, f->conf->slot);
	if (r->line[id].health == HEALTH_WARNING && kept / USUAL <
	    f->pg.segment_size && r->limits[id].warn ==
	    checklist_at(id)->limits.warn)
		r->line[id].health = HEALTH_OK;
	if (s->limited && s->safe <= s->limit / 2)
		r->line[id].health = health_worst(r->line[id].health,
		    HEALTH_WARNING);
	if (s->unreserved || (s->limited && s->safe <= s->limit / 8))
		r->line[id].health = HEALTH_CRITICAL;
	checkreport_cure(r, id, "let wal-receive run until it has caught up; "
	    "until then raise max_slot_wal_keep_size, if that is set");
}

void
checkreceive_slot(const struct checkfacts *f, struct checkreport *r)
{
	const enum checklist_id	 id = CHECKLIST_SLOT;

	if (f->watched && !f->slot_known &&
	    f->slot_why.kind == ERR_CONFIG) {
		checkreport_set(r, id, HEALTH_CRITICAL, "%s",
		    f->slot_why.msg);
		checkreport_cure(r, id, "correct it in the configuration");
		return;
	}
	if (!is_used(f, r, id))
		return;
	if (!f->slot.exists) {
		checkreport_set(r, id, HEALTH_CRITICAL, "WAL is to be "
		    "received, and the server has no slot %s",
		    f->conf->slot);
		checkreport_cure(r, id, "run wal-receive --create-slot, and "
		    "while it runs SELECT pg_switch_wal() and base-push; if "
		    "its slot is another one set slot; if WAL is to be "
		    "received no more: wal-receive --drop-slot");
	} else if (!f->slot.physical) {
		checkreport_set(r, id, HEALTH_CRITICAL, "slot %s is a logical "
		    "one", f->conf->slot);
		checkreport_cure(r, id, "set slot to another name");
	} else if (f->slot.lost) {
		checkreport_set(r, id, HEALTH_CRITICAL, "the server has given "
		    "slot %s up, and removed WAL that was not received",
		    f->conf->slot);
		checkreport_cure(r, id, "run wal-receive --drop-slot, then "
		    "wal-receive --create-slot, and while it runs SELECT "
		    "pg_switch_wal() and base-push");
	} else
		judge_slot(f, r);
}
