/* SPDX-License-Identifier: ISC */
/* What all agents do: prepare, serve, end. */
#include <sys/prctl.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "tool/agentrun.h"
#include "tool/program.h"
#include "tool/tool.h"

/* PostgreSQL writes it when it starts and removes it when it stops. */
#define RUNNING	"postmaster.pid"

int
agentrun_is(int argc, char *argv[])
{
	return (argc > 1 && strcmp(argv[1], AGENTCONF_OPTION) == 0);
}

/*
 * Serve.  An agent that has no key or cannot open its work serves too: it
 * answers each caller with the reason, and is not started again and again.
 */
static int
work(const struct agentrun_work *w, struct agentrun *r, struct serve *s,
    struct err *e)
{
	struct err	 why = ERR_INIT;
	struct key	*key = NULL;
	void		*arg = NULL;
	int		 rc;

	if (role_key(&key, r->conf, w->role, &why) == 0) {
		r->key = key;
		if (w->open(&arg, r, s, &why) == -1)
			arg = NULL;
	}
	rc = serve_run(s, arg == NULL ? NULL : w->work, arg, why.msg, e);
	if (w->free(arg) == 1)
		_exit(TOOL_OK);
	key_free(key);
	return (rc);
}

/* What the process was started with. */
struct start {
	const struct agentrun_work *work;
	struct conf_source	 src;
};

static int
serve(const struct start *start, const char *dir,
    struct conf_set *set, struct err *e)
{
	const struct agentrun_work *w = start->work;
	const struct server_conf *conf = &set->conf[0];
	struct serve_conf	 sc;
	struct agentconf		*h = NULL;
	struct serve		*s = NULL;
	struct role_cluster	 cluster;
	struct agentrun		 r = { .set = set, .conf = conf,
				    .cluster = &cluster };
	char			 alive[PATH_MAX];
	int			 rc = -1;

	if (role_cluster(&cluster, dir, e) ||
	    agentconf_new(&h, conf, set->n, &start->src, w->role, &cluster,
	    dir, e) ||
	    agentconf_serve(&sc, h, conf->agent_linger_ms, e) ||
	    str_fmt(alive, sizeof(alive), e, "%s/" RUNNING,
	    h->data_directory))
		goto out;
	if (w->while_running && access(alive, F_OK) == 0)
		sc.alive = alive;
	r.data_directory = h->data_directory;
	if (serve_new(&s, &sc, e) || work(w, &r, s, e))
		goto out;
	rc = 0;
out:
	serve_free(s);
	agentconf_free(h);
	return (rc);
}

static int
run(void *arg, char **args, size_t nargs, struct err *e)
{
	const struct start	*start = arg;
	struct conf_set		 set = { .n = 0 };
	int			 rc;

	(void)nargs;
	if ((rc = conf_load_set(&set, &start->src, e)) == 0)
		rc = serve(start, args[0], &set, e);
	conf_free_set(&set);
	return (rc);
}

/* AGENTCONF_FAILED says why there is only one status. */
static int
failed(const void *arg, enum err_kind kind, int status)
{
	(void)arg;
	(void)kind;
	(void)status;
	return (AGENTCONF_FAILED);
}

int
agentrun(const struct agentrun_work *w, int argc, char *argv[])
{
	const struct program	 program = {
		.opt = {
			.name = w->program,
			.synopsis = AGENTCONF_OPTION " [OPTION]... DIR",
			.summary = "The agent, which the program starts by "
			    "itself.",
			.min_args = 1, .max_args = 1
		},
		.run = run,
		.failed = failed,
		.silent = 1
	};
	struct start		 start = { .work = w };
	const struct opt	 opts[] = { OPT_CONF(start.src), OPT_END };

	agentconf_raise_limits();
	/* Drop the option that made this process an agent. */
	argv[1] = argv[0];
	/* It was run as /proc/self/exe, and ps and top would show "exe". */
	(void)prctl(PR_SET_NAME, w->program);	/* cannot fail */
	return (program_main(&program, opts, &start, argc - 1, argv + 1));
}
