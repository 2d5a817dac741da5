/* SPDX-License-Identifier: ISC */
/* The frame of every program: from main()'s arguments to its exit status. */
#include <stdio.h>

#include "tool/conf.h"
#include "tool/confshow.h"
#include "tool/program.h"
#include "tool/runlog.h"
#include "tool/tool.h"

/* Where the configuration is that is only to be printed; or NULL. */
static const struct conf_source *
only_shown(const struct opt *o)
{
	for (; o->name != NULL; o++)
		if (o->kind == OPT_INSTEAD && *(const int *)o->to)
			return (o->to);
	return (NULL);
}

static int
run(const struct program *p, const struct opt *opts, void *arg, int argc,
    char *argv[], struct err *e)
{
	const struct conf_source	*src;
	char				**args;
	size_t				  nargs;
	int				  rc;

	/* First of all: opt_parse() may print, and open_low() guards that. */
	if (tool_init(e) == -1)
		return (-1);
	if ((rc = opt_parse(&p->opt, opts, argc, argv, &args, &nargs, e)) != 0)
		return (rc == 1 ? TOOL_OK : -1);
	if ((src = only_shown(opts)) != NULL)
		return (confshow_print(stdout, p->opt.name, src, e) ||
		    tool_flush(e) ? -1 : TOOL_OK);
	runlog_begin(p->opt.name, p->silent, args, nargs);
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
		status = p->failed(arg, e.kind, status);
	runlog_end(status);
	return (status);
}
