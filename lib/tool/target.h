/* SPDX-License-Identifier: ISC */
#ifndef TOOL_TARGET_H
#define TOOL_TARGET_H

#include "base/clock.h"
#include "base/err.h"
#include "plan/choose.h"
#include "restore/basefetch.h"
#include "restore/recovery.h"
#include "tool/opt.h"

/*
 * The options that say to which point a cluster is recovered and what it may
 * do then, and what they mean together.
 *
 *	struct target_options	 o = { .target = NULL };
 *	const struct opt	 opts[] = { OPT_TARGET(o), OPT_END };
 *	struct target		 t;
 *	...
 *	if (target_parse(&t, &o, "base-fetch", e))
 *		return (-1);
 */

/* As typed; NULL or 0 if not given. */
struct target_options {
	const char	*time, *xid, *name, *lsn;
	const char	*target;	/* "immediate" */
	const char	*timeline, *action;
	int		 exclusive, standby;
	int		 keep_archiving, hold_archiving;
};

/* Those that mean the same wherever there is a target. */
#define OPT_TARGET_PLACE(o)						\
	{ "target-xid", 0, OPT_STRING, &(o).xid, "XID",			\
	    "Recover to this transaction.", 0, 0 },			\
	{ "target-name", 0, OPT_STRING, &(o).name, "NAME",		\
	    "Recover to this restore point.", 0, 0 },			\
	{ "target-lsn", 0, OPT_STRING, &(o).lsn, "LSN",			\
	    "Recover to this WAL location.", 0, 0 }

#define OPT_TARGET_HOW(o)						\
	{ "target-exclusive", 0, OPT_FLAG, &(o).exclusive, NULL,	\
	    "Stop just before the target.", 0, 0 },			\
	{ "target-timeline", 0, OPT_STRING, &(o).timeline, "TIMELINE",	\
	    "Follow this timeline: latest (the default), current or "	\
	    "a number.", 0, 0 }

#define OPT_TARGET(o)							\
	{ "target-time", 0, OPT_STRING, &(o).time, "TIME",		\
	    "Recover to this point in time.", 0, 0 },			\
	OPT_TARGET_PLACE(o),						\
	{ "target", 0, OPT_STRING, &(o).target, "immediate",		\
	    "Recover to where the backup is consistent.", 0, 0 },	\
	OPT_TARGET_HOW(o),						\
	{ "target-action", 0, OPT_STRING, &(o).action, "ACTION",	\
	    "Do this at the target: pause (PostgreSQL's default), "	\
	    "promote or shutdown.", 0, 0 },				\
	{ "standby", 0, OPT_FLAG, &(o).standby, NULL,			\
	    "Make a standby.", 0, 0 },					\
	{ "keep-archiving", 0, OPT_FLAG, &(o).keep_archiving, NULL,	\
	    "Leave archiving on in the restored cluster.", 0, 0 },	\
	{ "hold-archiving", 0, OPT_FLAG, &(o).hold_archiving, NULL,	\
	    "Hold archiving and subscriptions of a standby, too.", 0, 0 }

struct target {
	struct choose_target choose;	/* its "backup" is NULL */
	/*
	 * What PostgreSQL is to be given as recovery_target_*: borrowed from
	 * the options or from "time", so the struct must not be copied.  NULL
	 * for the kinds that have no value.
	 */
	const char	*value;
	char		 time[CLOCK_TEXT];
};

/*
 * Read the options.  ERR_USAGE if a value cannot be read, or if two options
 * contradict each other: more than one target, a target for a standby,
 * --keep-archiving and --hold-archiving,
 * --target-exclusive or --target-action without a target that they go with.
 * "program" is for messages and for the note of moment_parse().
 */
int	 target_parse(struct target *, const struct target_options *,
	    const char *program, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Read the arguments "[BACKUP|WORD] DIR", of which there are one or two,
 * after target_parse(), WORD as in backupword.h.  A single one that names a
 * backup is ERR_USAGE: the directory was forgotten.  With "optional", which
 * says that there is something to do without a directory, *dir is NULL then,
 * and a backup that is named by its id is meant as it is, without later WAL.
 */
int	 target_arguments(struct target *, const char **dir, int optional,
	    char **args, size_t nargs, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Fill in what PostgreSQL is told about the target once the plan is made: all
 * of "r" but restore_command, which is left alone.  It
 * borrows from "t" and "o".
 */
void	 target_recovery(struct recovery *r, const struct target *t,
	    const struct target_options *o, const struct basefetch_plan *)
	    __attribute__((nonnull));

#endif /* TOOL_TARGET_H */
