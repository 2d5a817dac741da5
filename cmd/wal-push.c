/* SPDX-License-Identifier: ISC */
/* wal-push: put one WAL file into the repository (archive_command). */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/path.h"
#include "pg/walname.h"
#include "tool/agentconf.h"
#include "tool/agentrun.h"
#include "tool/conf.h"
#include "tool/owner.h"
#include "tool/padding.h"
#include "tool/program.h"
#include "tool/pushagent.h"
#include "tool/pushself.h"
#include "tool/role.h"
#include "tool/tool.h"
#include "tool/trial.h"

#define NAME	"wal-push"

/* What is pushed, and for which cluster. */
struct task {
	const char		*path;
	int			 test;		/* nothing is pushed */
	struct conf_source	 src;
	struct conf_set		 set;
	struct role_cluster	 cluster;
	char			 dir[PATH_MAX];	/* the data directory */
};

/*
 * Each attempt opens the file again.  A descriptor that was passed to an agent
 * shares its file position with the agent's copy, and an agent that was given
 * up may still be reading.
 */
static int
open_file(const struct task *t, int *fd, struct err *e)
{
	/* Non-blocking: the path may be a FIFO, which would hang here. */
	*fd = open(t->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (*fd == -1)
		return (err_sys(e, ERR_LOCAL, "open %s", t->path));
	return (0);
}

/* The agent's result, or 1 if it could not be asked, and why. */
static int
push_by_agent(const struct task *t, struct err *why, struct err *e)
{
	struct agentconf	*h = NULL;
	int			 fd, rc = 1;

	if (open_file(t, &fd, e))
		return (-1);
	if (agentconf_new(&h, t->set.conf, t->set.n, &t->src, KEY_PUSH,
	    &t->cluster, t->dir, why) == 0 &&
	    pushagent_ask(h, path_base(t->path), fd, &rc, e, why) == -1)
		rc = 1;
	agentconf_free(h);
	(void)close(fd);		/* read only: nothing to lose */
	return (rc);
}

static int
push_ourselves(struct task *t, struct err *e)
{
	const struct pushself	 p = { NAME, t->path, &t->set, &t->cluster,
				    t->dir };

	return (pushagent_targets(&t->set, e) ? -1 : pushself_file(&p, e));
}

/* Whoever runs this must be able to, wherever the file goes. */
static int
check_owners(const struct task *t, struct err *e)
{
	size_t	 i;

	for (i = 0; i < t->set.n; i++)
		if (owner_check(NAME, &t->set.conf[i], t->dir, e))
			return (-1);
	return (0);
}

/*
 * Returns 1 if the file was not filled up with zeros; or 0 if it was and the
 * repositories have what it was made from.
 */
static int
padding(const struct task *t, struct err *e)
{
	size_t	 i, have = 0;
	int	 rc;

	for (i = 0; i < t->set.n; i++) {
		rc = padding_push(NAME, &t->set.conf[i], &t->cluster, t->dir,
		    t->path, e);
		if (rc == 1)
			return (1);
		have += rc == 0;
	}
	return (have >= t->set.quorum ? 0 : -1);
}

static int
push(struct task *t, struct err *e)
{
	struct err	 why = ERR_INIT;
	struct walname	 name;
	int		 fd, rc;

	if (open_file(t, &fd, e))
		return (-1);
	(void)close(fd);		/* read only: nothing to lose */
	if (walname_parse(path_base(t->path), &name, e) ||
	    role_data_directory(t->dir, sizeof(t->dir), t->path, t->set.conf,
	    e) || check_owners(t, e) ||
	    role_cluster(&t->cluster, t->dir, e))
		return (-1);
	if ((rc = padding(t, e)) != 1)
		return (rc);
	if (!t->set.conf[0].agent)
		return (push_ourselves(t, e));
	if ((rc = push_by_agent(t, &why, e)) == -1 && e->kind == ERR_LOCAL) {
		/* The agent lacks something that this process may have. */
		why = *e;
		err_clear(e);
	} else if (rc != 1)
		return (rc);
	rc = push_ourselves(t, e);
	/* If both fail, the own failure is printed: one line, not two. */
	if (rc == 0)
		tool_note(NAME, "agent: %s", why.msg);
	return (rc);
}

/* Nothing goes where nothing may be written, not even a test. */
static int
test(struct task *t, struct err *e)
{
	return (pushagent_targets(&t->set, e) ? -1 :
	    trial_push(NAME, &t->set, e));
}

static int
run(void *arg, char **args, size_t nargs, struct err *e)
{
	struct task	*t = arg;
	int		 rc;

	t->path = nargs == 0 ? "--test" : args[0];
	if ((rc = conf_load_set(&t->set, &t->src, e)) == 0 &&
	    (rc = t->test ? test(t, e) : push(t, e)) == -1)
		err_ctx(e, "%s", path_base(t->path));
	conf_free_set(&t->set);
	return (rc);
}

static const struct program program = {
	.opt = {
		.name = NAME,
		.synopsis = "[OPTION]... PATH | --test",
		.summary = "Put one WAL file into the repository; exits 0 "
		    "only once it is durable there.",
		.min_args = 1, .max_args = 1
	},
	.run = run,
	.silent = 1
};

int
main(int argc, char *argv[])
{
	struct task		 t = { .path = NULL };
	const struct opt	 opts[] = {
		OPT_CONF(t.src), OPT_TEST(t.test), OPT_END
	};

	if (agentrun_is(argc, argv))
		return (agentrun(&pushagent_work, argc, argv));
	return (program_main(&program, opts, &t, argc, argv));
}
