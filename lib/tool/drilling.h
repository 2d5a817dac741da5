/* SPDX-License-Identifier: ISC */
#ifndef TOOL_DRILLING_H
#define TOOL_DRILLING_H

#include <limits.h>
#include <stdint.h>

#include "drill/drillconf.h"
#include "show/progress.h"
#include "tool/opt.h"
#include "tool/serverconf.h"
#include "tool/target.h"

/* The options of backup-drill, and what they mean together. */
struct drilling_options {
	struct target_options	 target;
	int			 to_end, immediate;
	const char		*dir;		/* NULL: in the state folder */
	const char		*check;		/* NULL: the usual ones */
	struct opt_list		 only, sql, expect, tables;
	const char		*sql_db, *dump, *output, *role;
	uint64_t		 rpo_ms, rto_ms;	/* limits; 0: none */
	uint64_t		 jobs, port, seed, system_id;
	const char		*receipt, *html;
	int			 keep, self_test, json;
	struct progress_want	 progress;
};

#define OPT_DRILL(o)							\
	{ "target-time", 0, OPT_STRING, &(o).target.time, "TIME|random",\
	    "Recover to this point in time, or to one by chance.", 0, 0 },\
	OPT_TARGET_PLACE((o).target),					\
	OPT_TARGET_HOW((o).target),					\
	{ "to-end", 0, OPT_FLAG, &(o).to_end, NULL,			\
	    "Recover to the end of all WAL, which is the default.", 0, 0 },\
	{ "immediate", 0, OPT_FLAG, &(o).immediate, NULL,		\
	    "Recover to where the backup is consistent.", 0, 0 },	\
	{ "seed", 0, OPT_U64, &(o).seed, "N",				\
	    "Choose by chance as the drill did that had this seed.", 1,	\
	    UINT32_MAX },						\
	{ "dir", 0, OPT_STRING, &(o).dir, "DIR",			\
	    "Do everything in this folder.", 0, 0 },			\
	{ "only-database", 0, OPT_LIST, &(o).only, "NAME",		\
	    "Restore and check this database alone.", 0, 0 },		\
	{ "check", 0, OPT_STRING, &(o).check, "LIST",			\
	    "Make these checks: amcheck, dump, sql, rows, pages.",	\
	    0, 0 },							\
	{ "sql", 0, OPT_LIST, &(o).sql, "FILE|QUERY",			\
	    "Ask this query.", 0, 0 },					\
	{ "expect", 0, OPT_LIST, &(o).expect, "TEXT",			\
	    "Expect this answer of --sql.", 0, 0 },			\
	{ "sql-database", 0, OPT_STRING, &(o).sql_db, "NAME",		\
	    "Ask --sql in this database.", 0, 0 },			\
	{ "dump", 0, OPT_STRING, &(o).dump, "NAME",			\
	    "Dump this database to --output.", 0, 0 },			\
	{ "table", 0, OPT_LIST, &(o).tables, "TABLE",			\
	    "With --dump: this table alone.", 0, 0 },			\
	{ "output", 0, OPT_STRING, &(o).output, "FILE",			\
	    "Write the dump to this new file.", 0, 0 },			\
	{ "rpo-limit", 0, OPT_SPAN, &(o).rpo_ms, "TIME",		\
	    "Fail if more than this would be lost.", 1, 0 },		\
	{ "rto-limit", 0, OPT_SPAN, &(o).rto_ms, "TIME",		\
	    "Fail if a restore takes longer than this.", 1, 0 },	\
	{ "self-test", 0, OPT_FLAG, &(o).self_test, NULL,		\
	    "Make faults on purpose, which checks must notice.", 0, 0 },\
	{ "role", 0, OPT_STRING, &(o).role, "NAME",			\
	    "Connect as this superuser instead of postgres.", 0, 0 },	\
	{ "keep", 0, OPT_FLAG, &(o).keep, NULL,				\
	    "Leave the sandbox and its server there.", 0, 0 },		\
	{ "port", 0, OPT_U64, &(o).port, "N",				\
	    "With --keep: listen on this port of localhost, too.", 1024, \
	    65535 },							\
	{ "receipt", 0, OPT_STRING, &(o).receipt, "FILE",		\
	    "Write the signed receipt to this new file, too.", 0, 0 },	\
	{ "html", 0, OPT_STRING, &(o).html, "FILE",			\
	    "Write a page for people to this new file.", 0, 0 },	\
	OPT_SYSTEM_ID((o).system_id),					\
	OPT_JOBS((o).jobs),						\
	{ "json", 0, OPT_FLAG, &(o).json, NULL,				\
	    "Print the receipt as JSON: an object.", 0, 0 },		\
	OPT_PROGRESS((o).progress)

/* What stays valid as long as the drill runs. */
struct drilling {
	struct target		 target;
	struct target_options	 asked;		/* with what was chosen */
	struct drillconf_sql	*sql;		/* owned, as are its files */
	char			**file;
	size_t			 nsql;
	char			 dir[PATH_MAX];
	char			 backup[LAYOUT_ID];	/* chosen at random */
	char			 time[CLOCK_TEXT];	/* the same */
	uint64_t		 seed;
	int			 random;	/* something was */
	int			 named;		/* backup or target, by hand */
};

/*
 * Read the options into "c" and "d".  ERR_USAGE for what contradicts itself;
 * ERR_LOCAL if a file of --sql cannot be read; ERR_CONFLICT if one that is to
 * be written exists.  drilling_free() in any case.
 */
int	 drilling_parse(struct drilling *d, struct drillconf *c,
	    const struct drilling_options *, const struct server_conf *,
	    const char *backup, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 3, 4, 6)));

/*
 * Make the plan for what was parsed; what is random is chosen here, from the
 * seed.  Fails as basefetch_plan().
 */
int	 drilling_plan(struct basefetch_plan *, struct drilling *,
	    const struct drillconf *, const struct drilling_options *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 drilling_free(struct drilling *) __attribute__((nonnull));

#endif /* TOOL_DRILLING_H */
