/* SPDX-License-Identifier: ISC */
/* wal-push: put one WAL file into the repository (archive_command). */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "backup/othercluster.h"
#include "base/path.h"
#include "base/str.h"
#include "catalogue/rollbackpush.h"
#include "pg/walname.h"
#include "pusher/pusher.h"
#include "pusher/ready.h"
#include "tool/agentconf.h"
#include "tool/agentrun.h"
#include "tool/conf.h"
#include "tool/owner.h"
#include "tool/padding.h"
#include "tool/program.h"
#include "tool/pushagent.h"
#include "tool/role.h"
#include "tool/tool.h"
#include "tool/trial.h"
#include "wal/walpush.h"

#define NAME	"wal-push"

/* What is pushed, and for which cluster. */
struct task {
	const char		*path;
	int			 test;		/* nothing is pushed */
	struct conf_source	 src;
	struct server_conf	 conf;
	struct role_cluster	 cluster;
	char			 dir[PATH_MAX];	/* the data directory */
};

/* What begun() and meanwhile() need. */
struct first {
	const struct task	*task;
	const struct store_conf	*store;
	const struct key	*key;
	struct rollbackpush	*seen;
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

/* Without an agent nobody watches the backlog: look once. */
static struct codec_spec
choose_codec(const struct task *t)
{
	struct err	 unused = ERR_INIT;
	struct ready	 r;

	if (t->conf.wal_compression_auto &&
	    ready_list(&r, t->dir, &unused) == 0)
		return (pushpool_codec(t->conf.wal_compression,
		    pushpool_pace(r.waiting, t->conf.backlog_high)));
	return (t->conf.wal_compression);
}

/* The first file of a cluster: is there another one under its name? */
static void
begun(void *arg)
{
	const struct first	*f = arg;
	struct err		 unused = ERR_INIT;
	char			 text[OTHERCLUSTER_TEXT];

	if (othercluster_text(text, f->store, f->key, f->task->conf.name,
	    f->task->cluster.system_id, &unused) == 0)
		tool_note(NAME, "%s", text);
}

static void
meanwhile(void *arg)
{
	rollbackpush_meanwhile(((struct first *)arg)->seen);
}

static void
note(void *arg, const char *text)
{
	(void)arg;
	tool_note(NAME, "%s", text);
}

/*
 * Push over an open connection, and ask with it, in the same round trips,
 * whether what was pushed before still stands.
 */
static int
push_over(struct archive *a, const struct walpush_file *f,
    struct first *first, struct err *e)
{
	char				 name[1][WALNAME_TEXT] = { "" };
	const struct rollbackpush_news	 news = { .segment =
	    (const char (*)[WALNAME_TEXT])name, .n = 1, .note = note };

	rollbackpush_ask(&first->seen, a, f->state_dir);
	if (str_fmt(name[0], WALNAME_TEXT, e, "%s", f->name) ||
	    walpush_file(a, f, e)) {
		rollbackpush_free(first->seen);
		return (-1);
	}
	rollbackpush_answer(first->seen, &news);
	return (0);
}

static int
push_ourselves(const struct task *t, struct err *e)
{
	const struct store_conf	 store = conf_store_wal(&t->conf);
	struct walpush_file	 f = {
		.name = path_base(t->path),
		.fd = -1,
		.codec = choose_codec(t),
		.state_dir = t->conf.state_dir,
		.wal_segment_size = t->cluster.wal_segment_size
	};
	struct first		 first = { t, &store, NULL, NULL };
	struct archive		*a = NULL;
	struct key		*key = NULL;
	int			 rc = -1;

	if (open_file(t, &f.fd, e))
		return (-1);
	if (role_key(&key, &t->conf, KEY_PUSH, e))
		goto out;
	first.key = key;
	f.begun = begun;
	f.meanwhile = meanwhile;
	f.arg = &first;
	if (archive_open(&a, &store, key, t->conf.name, t->cluster.system_id,
	    e) ||
	    push_over(a, &f, &first, e))
		goto out;
	rc = 0;
out:
	archive_free(a);
	key_free(key);
	(void)close(f.fd);		/* read only: nothing to lose */
	return (rc);
}

/* The agent's result, or 1 if it could not be asked, and why. */
static int
push_by_agent(const struct task *t, struct err *why, struct err *e)
{
	struct agentconf	*h = NULL;
	int			 fd, rc = 1;

	if (open_file(t, &fd, e))
		return (-1);
	if (agentconf_new(&h, &t->conf, &t->src, KEY_PUSH, &t->cluster,
	    t->dir, why) == 0 &&
	    pushagent_ask(h, path_base(t->path), fd, &rc, e, why) == -1)
		rc = 1;
	agentconf_free(h);
	(void)close(fd);		/* read only: nothing to lose */
	return (rc);
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
	    role_data_directory(t->dir, sizeof(t->dir), t->path, &t->conf,
	    e) ||
	    owner_check(NAME, &t->conf, t->dir, e) ||
	    role_cluster(&t->cluster, t->dir, e))
		return (-1);
	if ((rc = padding_push(NAME, &t->conf, &t->cluster, t->dir, t->path,
	    e)) != 1)
		return (rc);
	if (!t->conf.agent)
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

static int
run(void *arg, char **args, size_t nargs, struct err *e)
{
	struct task	*t = arg;
	int		 rc;

	t->path = nargs == 0 ? "--test" : args[0];
	if ((rc = conf_load(&t->conf, &t->src, e)) == 0 && (rc = t->test ?
	    trial_push(NAME, &t->conf, e) : push(t, e)) == -1)
		err_ctx(e, "%s", path_base(t->path));
	conf_free(&t->conf);
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
