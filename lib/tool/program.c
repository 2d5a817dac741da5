/* SPDX-License-Identifier: ISC */
/* The frame of every program: from main()'s arguments to its exit status. */
#include "tool/program.h"
#include "tool/tool.h"

static int
run(const struct program *p, const struct opt *opts, void *arg, int argc,
    char *argv[], struct err *e)
{
	char	**args;
	size_t	  nargs;
	int	  rc;

	/* First of all: opt_parse() may print, and open_low() guards that. */
	if (tool_init(e) == -1)
		return (-1);
	if ((rc = opt_parse(&p->opt, opts, argc, argv, &args, &nargs, e)) != 0)
		return (rc == 1 ? TOOL_OK : -1);
	rc = p->run(arg, args, nargs, e);
	/*
	 * Also after a failure: what was done until then is part of the
	 * output, and the failure's description is kept.
	 */
	if (!p->silent && tool_flush(e) == -1)
		return (-1);
	return (rc);
}

int
program_main(const struct program *p, const struct opt *opts, void *arg,
    int argc, char *argv[])
{
	struct err	 e = ERR_INIT;
	int		 rc, status;

	rc = run(p, opts, arg, argc, argv, &e);
	opt_free(opts);
	status = tool_exit(p->opt.name, rc, &e);
	if (rc == -1 && p->failed != NULL)
		return (p->failed(arg, e.kind, status));
	return (status);
}
