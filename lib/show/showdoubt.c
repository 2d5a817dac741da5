/* SPDX-License-Identifier: ISC */
/* What base-fetch cannot know of a target. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "pg/lsn.h"
#include "show/progress.h"
#include "show/showdoubt.h"
#include "tool/tool.h"

#define ENDED	"\"recovery ended before configured recovery target was " \
	"reached\""
#define LISTED	3		/* earlier backups that are named */

/* The newest WAL does not show that the target lies before its end. */
static void
warn_end(const char *program, const struct basefetch_plan *p,
    const struct choose_target *t)
{
	const char	*what = "no transaction that ended behind the target";
	const char	*setting = "recovery_target_time";

	if (p->verdict != REACH_DOUBT)
		return;
	if (t->kind == CHOOSE_LSN) {
		what = "no record behind the target";
		setting = "recovery_target_lsn";
	} else if (t->kind == CHOOSE_XID) {
		what = "no end of the target transaction";
		setting = "recovery_target_xid";
	}
	tool_warn(program, "%s was found in the newest WAL; if there is none "
	    "in older WAL either, PostgreSQL fails with " ENDED ": then "
	    "remove %s from postgresql.auto.conf and start it again, which "
	    "recovers all that is archived", what, setting);
}

/* Whether backup number "i" leads to the target's timeline, and is earlier. */
static int
is_earlier(const struct basefetch_plan *p, const struct lineage_set *lines,
    size_t i)
{
	const struct lineage_backup	 b = catalogue_backup(p->catalogue, i);

	return (b.stop_lsn < p->label->stop_lsn &&
	    lineage_reaches(lines, b.tli, b.stop_lsn, p->tli));
}

/* What the user can do: the earlier backups, newest first. */
static const char *
cure(char *buf, size_t size, const struct basefetch_plan *p)
{
	int			 read;
	const struct lineage_set lines = catalogue_lines(p->catalogue, &read);
	size_t			 i, n = 0, len = 0;

	for (i = catalogue_labels(p->catalogue); i-- > 0;) {
		if (!is_earlier(p, &lines, i) || n++ >= LISTED)
			continue;
		len += (size_t)snprintf(buf + len, size - len, "%s%s",
		    n == 1 ? "name an earlier BACKUP then: " : ", ",
		    catalogue_label(p->catalogue, i)->id);
	}
	if (n > LISTED)
		(void)snprintf(buf + len, size - len, " and %zu more "
		    "(backup-list)", n - LISTED);
	if (n == 0)
		(void)snprintf(buf, size, "there is no earlier backup");
	return (buf);
}

/* How much WAL PostgreSQL reads before it knows. */
static const char *
amount(char *buf, size_t size, const struct basefetch_plan *p)
{
	char	 bytes[PROGRESS_SIZE];

	(void)snprintf(buf, size, "%" PRIu64 " segment%s of WAL (%s)",
	    p->wal_segments, str_plural(p->wal_segments),
	    progress_size(bytes, p->wal_segments *
	    p->label->wal_segment_size));
	return (buf);
}

/* Nobody named the backup, and no label says on which side the target is. */
static void
warn_choice(const char *program, const struct basefetch_plan *p,
    const char *target)
{
	char	 t[CLOCK_TEXT], wal[64], what[160];

	tool_warn(program, "only PostgreSQL can find out whether %s lies "
	    "behind the end of backup %s, which was chosen and ended %s; if "
	    "not, or if WAL does not have it at all, it fails after up to %s "
	    "with " ENDED "; %s%s", target, p->label->id,
	    clock_format(t, p->label->stop_us), amount(wal, sizeof(wal), p),
	    cure(what, sizeof(what), p), p->systems > 1 ? "; or it lies in "
	    "another cluster of this server: --system-id" : "");
}

static void
warn_xid(const char *program, const struct basefetch_plan *p,
    const struct choose_target *t, int named)
{
	char	 target[48], what[160];

	(void)snprintf(target, sizeof(target), "transaction %" PRIu64, t->xid);
	if (p->xidspan == XIDSPAN_UNKNOWN && !named)
		warn_choice(program, p, target);
	if (p->xidspan == XIDSPAN_BEGUN)
		tool_warn(program, "%s began before backup %s ended; if it "
		    "also ended before, PostgreSQL does not stop there and "
		    "fails at the end of WAL; %s", target, p->label->id,
		    cure(what, sizeof(what), p));
}

static void
warn_name(const char *program, const struct basefetch_plan *p, int named)
{
	char	 wal[64];

	if (!named)
		warn_choice(program, p, "the restore point");
	else
		tool_note(program, "whether the restore point exists is known "
		    "when PostgreSQL has read up to %s", amount(wal,
		    sizeof(wal), p));
}

/* What the search in archived WAL has shown, and what it cost. */
static void
note_found(const char *program, const struct findtarget_found *f)
{
	char	 lsn[LSN_TEXT];

	if (f->whole > 0)
		tool_note(program, "%" PRIu64 " segment%s had to be read whole "
		    "to look for the target: an earlier version archived %s, "
		    "without facts", f->whole, str_plural(f->whole),
		    f->whole == 1 ? "it" : "them");
	if (f->at.lsn != 0 && f->same > 0)
		tool_warn(program, "there are %zu restore points of this name; "
		    "recovery stops at the first, at LSN %s", f->same + 1,
		    lsn_format(lsn, f->at.lsn));
}

void
showdoubt_warn(const char *program, const struct basefetch_plan *p,
    const struct choose_target *t)
{
	const int	 named = t->backup != NULL &&
	    strcmp(t->backup, "latest") != 0;

	note_found(program, &p->found);
	if (p->later.unknown > 0)
		tool_note(program, "%" PRIu64 " WAL segment%s behind the "
		    "start of the backup %s archived without facts by an "
		    "earlier version: tablespaces that were made there, and "
		    "settings that were raised, are not known",
		    p->later.unknown,
		    str_plural(p->later.unknown), p->later.unknown == 1 ?
		    "was" : "were");
	if (p->found.at.lsn != 0) {
		if (p->verdict == REACH_DOUBT)
			tool_warn(program, "some WAL before the target was not "
			    "understood: PostgreSQL may end there with "
			    ENDED);
		return;
	}
	warn_end(program, p, t);
	if (t->kind == CHOOSE_XID)
		warn_xid(program, p, t, named);
	if (t->kind == CHOOSE_NAME)
		warn_name(program, p, named);
}
