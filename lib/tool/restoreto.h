/* SPDX-License-Identifier: ISC */
#ifndef TOOL_RESTORETO_H
#define TOOL_RESTORETO_H

#include "plan/choose.h"
#include "restore/restore_conf.h"
#include "tool/opt.h"
#include "tool/tablespaces.h"
#include "tool/target.h"

/*
 * The options of base-fetch that say where a restore goes and what it makes
 * there, and what they mean together with the arguments.
 */

/* As typed; NULL or 0 if not given. */
struct restoreto_options {
	const char	*tar, *tar_dir, *config_dir;
	int		 delta, force;
	struct opt_list	 tablespaces;
};

#define OPT_RESTORETO(o)						\
	{ "delta", 0, OPT_FLAG, &(o).delta, NULL,			\
	    "Reuse what DIR holds: keep what is right, replace or "	\
	    "remove the rest.", 0, 0 },					\
	{ "force", 0, OPT_FLAG, &(o).force, NULL,			\
	    "With --delta: remove even WAL that was never archived.",	\
	    0, 0 },							\
	{ "tar", 0, OPT_STRING, &(o).tar, "FILE",			\
	    "Write the data directory as a tar archive into FILE, or "	\
	    "to standard output if that is \"-\".", 0, 0 },		\
	{ "tar-dir", 0, OPT_STRING, &(o).tar_dir, "DIR",		\
	    "Write tar archives into DIR, one for each tablespace.",	\
	    0, 0 },							\
	OPT_TABLESPACES((o).tablespaces),				\
	{ "config-dir", 0, OPT_STRING, &(o).config_dir, "DIR",		\
	    "Put configuration from outside the data directory here.",	\
	    0, 0 }

struct restoreto {
	enum restore_form form;
	const char	*dir;		/* as in restore_conf.h; or NULL */
	const char	*home;		/* where the cluster will be started:
					   "dir", or, of an archive, what was
					   named, or NULL */
};

/*
 * Check the options and read the arguments, none to two: those of
 * target_arguments(), or, for an archive, "[BACKUP|WORD] [HOME]", where HOME
 * is the absolute path of where it will be unpacked.  Call it after
 * target_parse().  "json" says whether --json is given.
 *
 * ERR_USAGE for options that contradict each other, for other arguments, and
 * for an archive that would go to a terminal.
 */
int	 restoreto_parse(struct restoreto *, const struct restoreto_options *,
	    int json, struct target *, char **args, size_t nargs,
	    struct err *) __attribute__((warn_unused_result, nonnull(1, 2, 4,
	    7)));

/* Whether standard output is the archive. */
int	 restoreto_stdout(const struct restoreto *) __attribute__((nonnull));

#endif /* TOOL_RESTORETO_H */
