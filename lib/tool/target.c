/* SPDX-License-Identifier: ISC */
/* The --target-* options: which of them go together, and what they mean. */
#include <stdint.h>
#include <string.h>

#include "base/parse.h"
#include "base/str.h"
#include "catalogue/backupword.h"
#include "pg/lsn.h"
#include "tool/moment.h"
#include "tool/target.h"

#define NAMEMAX	64		/* MAXFNAMELEN of PostgreSQL, with its NUL */

static int
usage(struct err *e, const char *program, const char *text)
{
	return (err_set(e, ERR_USAGE, "%s; see %s --help", text, program));
}

static int
time_target(struct target *t, const char *s, const char *program,
    struct err *e)
{
	char	 iso[CLOCK_TEXT];

	if (moment_parse(program, "--target-time", s, &t->choose.time_us, e))
		return (-1);
	/*
	 * PostgreSQL reads postgresql.auto.conf before it knows any zone
	 * names, so "Z" would be an error there: +00 is none.
	 */
	(void)clock_format(iso, t->choose.time_us);
	iso[strcspn(iso, "T")] = ' ';
	if (str_fmt(t->time, sizeof(t->time), e, "%.*s+00",
	    (int)strcspn(iso, "Z"), iso))
		return (-1);
	t->choose.kind = CHOOSE_TIME;
	t->value = t->time;
	return (0);
}

static int
xid_target(struct target *t, const char *s, struct err *e)
{
	struct err	 why = ERR_INIT;
	uint64_t	 xid;

	/* 0 to 2 are no transactions: FirstNormalTransactionId is 3. */
	if (parse_u64(s, 3, UINT64_MAX, &xid, "--target-xid", &why))
		return (err_set(e, ERR_USAGE, "%s", why.msg));
	t->choose.kind = CHOOSE_XID;
	t->choose.xid = xid;
	t->value = s;
	return (0);
}

static int
lsn_target(struct target *t, const char *s, struct err *e)
{
	struct err	 why = ERR_INIT;

	if (lsn_parse(s, &t->choose.lsn, &why))
		return (err_set(e, ERR_USAGE, "--target-lsn: %s", why.msg));
	t->choose.kind = CHOOSE_LSN;
	t->value = s;
	return (0);
}

static int
name_target(struct target *t, const char *s, const char *program,
    struct err *e)
{
	if (s[0] == '\0' || strlen(s) >= NAMEMAX)
		return (usage(e, program, "--target-name: expected 1 to 63 "
		    "bytes"));
	t->choose.kind = CHOOSE_NAME;
	t->choose.name = s;
	t->value = s;
	return (0);
}

static int
check_pairs(const struct target_options *o, const char *program,
    struct err *e)
{
	const int	 n = (o->target != NULL) + (o->time != NULL) +
	    (o->xid != NULL) + (o->name != NULL) + (o->lsn != NULL);

	if (n > 1)
		return (usage(e, program, "more than one recovery target was "
		    "given"));
	if (n > 0 && o->standby)
		return (usage(e, program, "a standby follows its primary and "
		    "has no recovery target"));
	if (o->exclusive && o->time == NULL && o->xid == NULL &&
	    o->lsn == NULL)
		return (usage(e, program, "--target-exclusive goes with "
		    "--target-time, --target-xid or --target-lsn"));
	if (o->keep_archiving && o->hold_archiving)
		return (usage(e, program, "--keep-archiving and "
		    "--hold-archiving contradict each other"));
	return (0);
}

static int
one_target(struct target *t, const struct target_options *o,
    const char *program, struct err *e)
{
	if (o->time != NULL)
		return (time_target(t, o->time, program, e));
	if (o->xid != NULL)
		return (xid_target(t, o->xid, e));
	if (o->lsn != NULL)
		return (lsn_target(t, o->lsn, e));
	if (o->name != NULL)
		return (name_target(t, o->name, program, e));
	if (o->target == NULL)
		return (0);
	if (strcmp(o->target, "immediate") != 0)
		return (usage(e, program, "--target can only be immediate"));
	t->choose.kind = CHOOSE_IMMEDIATE;
	return (0);
}

static int
one_timeline(struct target *t, const char *s, struct err *e)
{
	struct err	 why = ERR_INIT;
	uint64_t	 tli;

	if (s == NULL)
		return (0);
	if (strcmp(s, "latest") == 0)
		t->choose.line = CHOOSE_LINE_LATEST;
	else if (strcmp(s, "current") == 0)
		t->choose.line = CHOOSE_LINE_CURRENT;
	else if (parse_u64(s, 1, UINT32_MAX, &tli, "--target-timeline",
	    &why) == 0) {
		t->choose.line = CHOOSE_LINE_NUMBER;
		t->choose.tli = (uint32_t)tli;
	} else
		return (err_set(e, ERR_USAGE, "--target-timeline: found "
		    "\"%.32s\", expected latest, current or a number", s));
	return (0);
}

static int
check_action(const struct target *t, const char *action, const char *program,
    struct err *e)
{
	if (action == NULL)
		return (0);
	if (strcmp(action, "pause") != 0 && strcmp(action, "promote") != 0 &&
	    strcmp(action, "shutdown") != 0)
		return (usage(e, program, "--target-action is pause, promote "
		    "or shutdown"));
	/* Without a target PostgreSQL ignores the action: say it here. */
	if (t->choose.kind == CHOOSE_END)
		return (usage(e, program, "--target-action goes with a "
		    "recovery target"));
	return (0);
}

int
target_parse(struct target *t, const struct target_options *o,
    const char *program, struct err *e)
{
	memset(t, 0, sizeof(*t));
	t->choose.exclusive = o->exclusive;
	return (check_pairs(o, program, e) ||
	    one_target(t, o, program, e) ||
	    one_timeline(t, o->timeline, e) ||
	    check_action(t, o->action, program, e) ? -1 : 0);
}

int
target_arguments(struct target *t, const char **dir, int optional,
    char **args, size_t nargs, struct err *e)
{
	const char		*last = args[nargs - 1];
	struct err		 unused = ERR_INIT;
	struct backupword	 w;
	const int		 alone = nargs == 1 &&
	    backupword_parse(&w, last, &unused) == 0;

	if (alone && !optional)
		return (err_set(e, ERR_USAGE, "%s names a backup, and DIR is "
		    "missing; for a directory of that name say ./%s", last,
		    last));
	t->choose.backup = nargs == 2 || alone ? args[0] : NULL;
	*dir = alone ? NULL : last;
	/* The configuration of a backup that is named needs no later WAL. */
	if (alone && t->choose.kind == CHOOSE_END &&
	    strcmp(last, "latest") != 0)
		t->choose.kind = CHOOSE_IMMEDIATE;
	return (0);
}

void
target_recovery(struct recovery *r, const struct target *t,
    const struct target_options *o, const struct basefetch_plan *p)
{
	const enum choose_line	 line = t->choose.line;

	r->kind = t->choose.kind;
	r->value = t->value;
	r->exclusive = t->choose.exclusive;
	r->action = o->action;
	r->standby = o->standby;
	r->postgresql = (unsigned)p->label->postgresql;
	/* An export ends behind its target. */
	r->gap = p->gaps > 0 || store_wal_until(p->archive->store) != NULL;
	r->hot = &p->hot;
	/* A standby archives once it is promoted: it has taken over then. */
	r->keep_subscriptions = o->standby && !o->hold_archiving;
	r->keep_archiving = o->keep_archiving || r->keep_subscriptions;
	/*
	 * A standby is to follow its primary to timelines that do not exist
	 * yet, so only what was asked for fixes its timeline.
	 */
	if (!o->standby || line == CHOOSE_LINE_NUMBER ||
	    line == CHOOSE_LINE_CURRENT) {
		r->timeline = p->tli;
		r->current = p->tli == p->label->timeline;
	}
}
