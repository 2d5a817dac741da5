/* SPDX-License-Identifier: ISC */
#ifndef TOOL_TRIAL_H
#define TOOL_TRIAL_H

#include "tool/conf.h"
#include "tool/opt.h"

/*
 * wal-push --test and wal-fetch --test: the whole way, step by step.  Each step
 * is printed when it is done, so that a failure stands behind those that went
 * well.  No agent is asked or started.  "program" is the caller's name.
 * Repositories come one after another; one that fails does not keep the next
 * from being tried.
 *
 * They return an exit status, or -1 with the first failure of a step, after the
 * others were printed as notes: TOOL_OK, or
 * TOOL_FINDINGS if "state_dir" cannot be written, without which there is no
 * agent.
 */

/* "to" is an int. */
#define OPT_TEST(to)							\
	{ "test", 0, OPT_ALONE, &(to), NULL,				\
	    "Go the whole way once, and print what was found.", 0, 0 }

/* With a small object of its own (repo/probe.h), as the push key can. */
int	 trial_push(const char *program, const struct conf_set *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * With the newest segment of the highest timeline, into pg_wal and out again.
 * TOOL_ABSENT if the repository has no segment.
 */
int	 trial_fetch(const char *program, const struct conf_set *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* TOOL_TRIAL_H */
