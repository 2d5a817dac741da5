/* SPDX-License-Identifier: ISC */
/* What damage means: which backups it hits, and which span of WAL. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "pg/lsn.h"
#include "verify/verifyimpact.h"

#define NAMED	3		/* backups that are named one by one */
#define SECOND	INT64_C(1000000)

/* A list of backups that is being made: "backups A, B, C and 4 more". */
struct list {
	char	 text[NAMED * (LAYOUT_ID + 2) + 1];
	size_t	 n, len;
};

static void
list_add(struct list *l, const char *id)
{
	if (l->n++ < NAMED)
		l->len += (size_t)snprintf(l->text + l->len,
		    sizeof(l->text) - l->len, "%s%s", l->n > 1 ? ", " : "",
		    id);
}

#define LIST_TEXT	160

static const char *
list_text(char buf[LIST_TEXT], const struct list *l)
{
	if (l->n > NAMED)
		(void)snprintf(buf, LIST_TEXT, "backups %s and %zu more",
		    l->text, l->n - NAMED);
	else
		(void)snprintf(buf, LIST_TEXT, "backup%s %s",
		    str_plural(l->n), l->text);
	return (buf);
}

/* Whether so many were explained that this one is not; then says so. */
static int
is_enough(char *buf, struct verifyset *s)
{
	if (s->explained < VERIFYIMPACT_EXPLAINED) {
		s->explained++;
		return (0);
	}
	(void)snprintf(buf, VERIFYIMPACT_TEXT, "what that means is said of "
	    "the first %d findings only", VERIFYIMPACT_EXPLAINED);
	return (1);
}

const char *
verifyimpact_pack(char buf[VERIFYIMPACT_TEXT], struct verifyset *s,
    const char *id, uint32_t no)
{
	const struct label	*l;
	struct list		 lost = { .n = 0 };
	char			 text[LIST_TEXT];
	size_t			 i;

	if (is_enough(buf, s))
		return (buf);
	for (i = 0; i < catalogue_labels(s->cat); i++) {
		l = catalogue_label(s->cat, i);
		if (label_has_pack(l, id, no))
			list_add(&lost, l->id);
	}
	if (lost.n == 0)
		(void)snprintf(buf, VERIFYIMPACT_TEXT, "no backup needs it");
	else
		(void)snprintf(buf, VERIFYIMPACT_TEXT, "%s cannot be restored "
		    "completely", list_text(text, &lost));
	return (buf);
}

const char *
verifyimpact_manifest(char buf[VERIFYIMPACT_TEXT], const char *id)
{
	(void)snprintf(buf, VERIFYIMPACT_TEXT, "backup %s cannot be restored",
	    id);
	return (buf);
}

/* What becomes of the backups without a certain segment. */
struct need {
	struct list	 lost;		/* they need it to be restored at all */
	struct list	 cut;		/* recovery from them ends there */
	struct list	 side;		/* the same, along a line that is not
					 * the one they are followed along */
	const struct label *next;	/* the first that begins after it */
};

/*
 * What becomes of backup "i" without the segment.  A segment that begins
 * before the backup's stop is a part of the backup itself; one after it only
 * leads on from there.  Recovery follows the line of the latest timeline if
 * the backup leads there, else that of its own (window.h).
 */
static void
ask(struct need *n, const struct verifyset *s, size_t i, uint32_t tli,
    uint64_t segno)
{
	const uint32_t		 segsize = catalogue_segsize(s->cat);
	const struct label	*l = catalogue_label(s->cat, i);
	const uint32_t		 line = s->window.backup[i].latest ?
				    s->window.latest : l->timeline;
	int			 read;
	const struct lineage_set lines = catalogue_lines(s->cat, &read);

	if (l->start_lsn / segsize > segno) {
		if (l->timeline >= tli && (n->next == NULL ||
		    l->start_lsn < n->next->start_lsn))
			n->next = l;
		return;
	}
	if (lineage_file(&lines, line, segno, segsize) != tli) {
		if (lineage_reaches(&lines, l->timeline, l->stop_lsn, tli))
			list_add(&n->side, l->id);
		return;
	}
	list_add(segno * segsize < l->stop_lsn ? &n->lost : &n->cut, l->id);
}

/*
 * Points after the segment can be reached again from the next backup on: the
 * DBA wants to know for which span of time nothing can be recovered.
 */
static void
say_until(char *buf, size_t size, const struct label *next)
{
	char	 when[CLOCK_TEXT];

	if (next == NULL)
		(void)snprintf(buf, size, "no later point can be reached");
	else
		(void)snprintf(buf, size, "no later point can be reached "
		    "before the end of backup %s (%s)", next->id,
		    clock_format(when, next->stop_us / SECOND * SECOND));
}

static const char *
mean_segment(char buf[VERIFYIMPACT_TEXT], const struct verifyset *s,
    const struct walname *w)
{
	const uint32_t	 segsize = catalogue_segsize(s->cat);
	struct need	 n = { .next = NULL };
	char		 lost[LIST_TEXT], cut[LIST_TEXT], side[LIST_TEXT];
	char		 until[160], lsn[LSN_TEXT];
	size_t		 i;

	for (i = 0; i < catalogue_labels(s->cat); i++)
		ask(&n, s, i, w->tli, walname_segno(w, segsize));
	(void)list_text(lost, &n.lost);
	(void)list_text(cut, &n.cut);
	(void)list_text(side, &n.side);
	(void)lsn_format(lsn, walname_lsn(w, segsize));
	say_until(until, sizeof(until), n.next);
	if (n.lost.n > 0 && n.cut.n > 0)
		(void)snprintf(buf, VERIFYIMPACT_TEXT, "%s cannot be restored, "
		    "and recovery from %s ends at LSN %s: %s", lost, cut, lsn,
		    until);
	else if (n.lost.n > 0)
		(void)snprintf(buf, VERIFYIMPACT_TEXT, "%s cannot be restored",
		    lost);
	else if (n.cut.n > 0)
		(void)snprintf(buf, VERIFYIMPACT_TEXT, "recovery from %s ends "
		    "at LSN %s: %s", cut, lsn, until);
	else if (n.side.n > 0)
		(void)snprintf(buf, VERIFYIMPACT_TEXT, "recovery from %s along "
		    "timeline %" PRIu32 " ends at LSN %s: %s", side, w->tli,
		    lsn, until);
	else
		(void)snprintf(buf, VERIFYIMPACT_TEXT, "no recovery to the "
		    "latest timeline needs it");
	return (buf);
}

const char *
verifyimpact_wal(char buf[VERIFYIMPACT_TEXT], struct verifyset *s,
    const struct walname *w)
{
	if (w->kind == WALNAME_SEGMENT && is_enough(buf, s))
		return (buf);
	switch (w->kind) {
	case WALNAME_SEGMENT:
		return (mean_segment(buf, s, w));
	case WALNAME_HISTORY:
		(void)snprintf(buf, VERIFYIMPACT_TEXT, "no backup of an older "
		    "timeline can be recovered onto timeline %" PRIu32 ", nor "
		    "onto those that descend from it", w->tli);
		break;
	case WALNAME_PARTIAL:
		(void)snprintf(buf, VERIFYIMPACT_TEXT, "recovery does not need "
		    "it; lost is the end of timeline %" PRIu32 ", after the "
		    "point where the next one began", w->tli);
		break;
	case WALNAME_BACKUP:
		(void)snprintf(buf, VERIFYIMPACT_TEXT, "nothing is lost; it is "
		    "only PostgreSQL's note about a backup");
		break;
	}
	return (buf);
}
