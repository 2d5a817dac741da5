/* SPDX-License-Identifier: ISC */
#ifndef TOOL_OPT_H
#define TOOL_OPT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Command lines from a table.  Programs use it through tool/program.h.
 *
 *	static const struct opt_program program = {
 *		.name = "base-fetch",
 *		.synopsis = "[OPTION]... [BACKUP] DIR",
 *		.summary = "Restore a base backup.",
 *		.min_args = 1, .max_args = 2
 *	};
 *	struct conf_source	 src = { 0 };
 *	uint64_t		 jobs = 2;
 *	const struct opt	 opts[] = {
 *		OPT_CONF(src),
 *		{ "jobs", 'j', OPT_U64, &jobs, "N",
 *		    "Work in N parallel streams.", 1, 16 },
 *		OPT_END
 *	};
 *
 *	rc = opt_parse(&program, opts, argc, argv, &args, &nargs, e);
 *	...
 *	opt_free(opts);
 *
 * Every program also has --help and --version.  Options may follow arguments,
 * "--" ends the options, and a long name may be shortened as long as it stays
 * unambiguous.
 */

enum opt_kind {
	OPT_FLAG,		/* int: 1 if given; takes no value */
	OPT_NOFLAG,		/* int: 0 if given; takes no value */
	OPT_INSTEAD,		/* int: 1 if given; takes no value; something
				   is done that takes no arguments */
	OPT_ALONE,		/* the same, by the program itself */
	OPT_BOOL,		/* int: on or off, see parse_bool() */
	OPT_STRING,		/* const char *: borrowed from argv */
	OPT_U64,		/* uint64_t */
	OPT_SIZE,		/* uint64_t: bytes, see parse_size() */
	OPT_SPAN,		/* uint64_t: ms, see parse_span() */
	OPT_LIST		/* struct opt_list: may be repeated */
};

/* The values of a repeated option: "v" is owned, the texts are argv's. */
struct opt_list {
	const char	**v;
	size_t		  n;
};

struct opt {
	const char	*name;		/* without "--"; NULL ends the table */
	char		 letter;	/* 0: none */
	enum opt_kind	 kind;
	void		*to;		/* where the value goes; left alone if
					   the option is not given */
	const char	*arg;		/* the value's name in the help text */
	const char	*help;		/* a sentence */
	uint64_t	 min, max;	/* of numbers; max 0: no limit */
};

#define OPT_END		{ NULL, 0, OPT_FLAG, NULL, NULL, NULL, 0, 0 }

/* Options that several programs have: "to" is a uint64_t, or an int. */
#define OPT_JOBS(to)							\
	{ "jobs", 'j', OPT_U64, &(to), "N",				\
	    "Work in N parallel streams.", 1, 16 }
#define OPT_SYSTEM_ID(to)						\
	{ "system-id", 0, OPT_U64, &(to), "ID",				\
	    "Restore this cluster, if the server has had several.", 1,	\
	    UINT64_MAX }
/* And two of those that work long: "to" is a struct progress_want. */
#define OPT_PROGRESS(to)						\
	{ "quiet", 'q', OPT_FLAG, &(to).quiet, NULL,			\
	    "Print no progress line, not even on a terminal.", 0, 0 },	\
	{ "progress", 0, OPT_FLAG, &(to).lines, NULL,			\
	    "Where there is no terminal, print progress once a minute.", 0, 0 }

struct opt_program {
	const char	*name;
	const char	*synopsis;	/* follows the name in the usage */
	const char	*summary;	/* a sentence or two */
	size_t		 min_args, max_args;	/* SIZE_MAX: any number */
};

/*
 * Read the command line into the places that "opts" names.  *args gets the
 * arguments that are no options; it points into argv, which is permuted.
 * Returns 0; 1 if --help or --version was answered, and then the program ends
 * with success and does nothing else; or -1: ERR_USAGE, one line with a hint,
 * or ERR_LOCAL if stdout could not be written or memory is short.
 * getopt_long(3) keeps global state, so only one thread may call this.
 */
int	 opt_parse(const struct opt_program *, const struct opt *, int argc,
	    char *argv[], char ***args, size_t *nargs, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Free what the options of kind OPT_LIST collected, and empty them. */
void	 opt_free(const struct opt *opts) __attribute__((nonnull));

#endif /* TOOL_OPT_H */
