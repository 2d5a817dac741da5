/* SPDX-License-Identifier: ISC */
#ifndef TOOL_PROGRAM_H
#define TOOL_PROGRAM_H

#include "base/err.h"
#include "tool/opt.h"

/*
 * main(), once for all programs.  A program is a table of options and a
 * function:
 *
 *	static const struct program program = {
 *		.opt = {
 *			.name = "backup-list",
 *			.synopsis = "[OPTION]...",
 *			.summary = "List the backups of one server."
 *		},
 *		.run = run
 *	};
 *
 *	int
 *	main(int argc, char *argv[])
 *	{
 *		struct job		 job = { 0 };
 *		const struct opt	 opts[] = {
 *			OPT_CONF(job.src),
 *			{ "json", 'j', OPT_FLAG, &job.json, NULL,
 *			    "Print JSON.", 0, 0 },
 *			OPT_END
 *		};
 *
 *		return (program_main(&program, opts, &job, argc, argv));
 *	}
 */
struct program {
	struct opt_program	 opt;	/* name, usage, number of arguments */

	/*
	 * Called once the command line is read; "arg" is program_main()'s.
	 * It returns an exit status (TOOL_OK, TOOL_ABSENT, TOOL_FINDINGS), or
	 * -1 after describing the failure.  It frees what it made.
	 */
	int	(*run)(void *arg, char **args, size_t nargs, struct err *);

	/*
	 * The exit status of a failure; "status" is what all other programs
	 * use for its kind.  NULL: that one.  Called for each failure, also
	 * when "run" was not called because the command line was wrong.
	 */
	int	(*failed)(const void *arg, enum err_kind, int status);

	/*
	 * The program prints no result, so nothing is wrong if standard output
	 * cannot be written.
	 */
	int	 silent;
};

/*
 * Prepare the process (tool_init), read the command line, answer --help,
 * --version and --show-config (tool/confshow.h), call "run", check that
 * everything printed has arrived, free the lists in "opts", and print the
 * failure, if any, as one line.  Returns the exit status, for main() to return.
 * A result that could not be written is a failure even if "run" succeeded.
 */
int	 program_main(const struct program *, const struct opt *opts,
	    void *arg, int argc, char *argv[])
	    __attribute__((warn_unused_result, nonnull(1, 2, 5)));

#endif /* TOOL_PROGRAM_H */
