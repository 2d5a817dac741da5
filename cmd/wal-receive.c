/* SPDX-License-Identifier: ISC */
/* wal-receive: stream WAL into the repository, so that no commit is lost. */
#include <signal.h>
#include <string.h>

#include "cluster/replslot.h"
#include "pg/lsn.h"
#include "receive/receive.h"
#include "tool/conf.h"
#include "tool/service.h"
#include "tool/owner.h"
#include "tool/program.h"
#include "tool/role.h"
#include "tool/tool.h"

#define NAME	"wal-receive"

struct job {
	struct conf_source	 src;
	struct server_conf	 conf;
	const char		*slot;		/* NULL: of the configuration */
	const char		*once;
	int			 create_slot, drop_slot, from_now;
	char			 name[REPLSLOT_NAME];
};

/* Set by the handler; nothing else can be reached from there. */
static volatile sig_atomic_t	 asked_to_end;

static void
end(int sig)
{
	(void)sig;
	asked_to_end = 1;
}

static int
stopped(void *arg)
{
	(void)arg;
	return (asked_to_end);
}

static void
ready(void *arg)
{
	(void)arg;
	service_state("READY=1");
}

static void
note(void *arg, const char *text)
{
	(void)arg;
	tool_note(NAME, "%s", text);
}

/* Without SA_RESTART: a wait ends when the signal comes. */
static int
catch_signals(struct err *e)
{
	struct sigaction	 sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = end;
	sigemptyset(&sa.sa_mask);
	if (sigaction(SIGTERM, &sa, NULL) == -1 ||
	    sigaction(SIGINT, &sa, NULL) == -1 ||
	    sigaction(SIGHUP, &sa, NULL) == -1)
		return (err_sys(e, ERR_LOCAL, "sigaction"));
	return (0);
}

static const char *
conninfo(const struct job *job)
{
	return (job->conf.streaming_conninfo[0] != '\0' ?
	    job->conf.streaming_conninfo : job->conf.conninfo);
}

static int
choose_slot(struct job *job, struct err *e)
{
	const char	*slot = job->slot != NULL ? job->slot : job->conf.slot;

	if (slot == NULL) {
		(void)replslot_default(job->name, job->conf.name);
		return (0);
	}
	if (!replslot_ok(slot))
		return (err_set(e, job->slot != NULL ? ERR_USAGE : ERR_CONFIG,
		    "slot: found \"%.64s\", expected 1 to 63 of a-z, 0-9 and "
		    "_", slot));
	memcpy(job->name, slot, strlen(slot) + 1);
	return (0);
}

/*
 * While a segment is compressed no commit of the next one can be acknowledged,
 * and xz takes seconds for it.
 */
static struct codec_spec
codec(const struct server_conf *c)
{
	static const struct codec_spec	 fast = { CODEC_WAL, 1 };

	return (c->wal_compression.codec == CODEC_XZ ||
	    c->wal_compression.codec == CODEC_WAL ? fast :
	    c->wal_compression);
}

static int
receive(struct job *job, struct err *e)
{
	const struct store_conf	 store = conf_store_wal(&job->conf);
	struct receive_conf	 rc = {
		.store = &store, .server = job->conf.name,
		.state_dir = job->conf.state_dir, .conninfo = conninfo(job),
		.sql_conninfo = job->conf.conninfo[0] != '\0' ?
		    job->conf.conninfo : conninfo(job),
		.slot = job->name, .codec = codec(&job->conf),
		.status_ms = job->conf.status_interval_ms,
		.create_slot = job->create_slot, .from_now = job->from_now,
		.stopped = stopped, .ready = ready, .note = note
	};
	struct key		*key = NULL;
	int			 r;

	if (job->once != NULL && lsn_parse(job->once, &rc.once, e)) {
		e->kind = ERR_USAGE;
		return (-1);
	}
	if (role_key(&key, &job->conf, KEY_PUSH, e) || catch_signals(e)) {
		key_free(key);
		return (-1);
	}
	rc.key = key;
	r = receive_run(&rc, e);
	service_state("STOPPING=1");
	key_free(key);
	return (r);
}

static int
drop(const struct job *job, struct err *e)
{
	const struct receive_conf	 rc = {
		.server = job->conf.name, .state_dir = job->conf.state_dir,
		.conninfo = conninfo(job), .slot = job->name
	};

	return (receive_drop(&rc, e));
}

static int
run(void *arg, char **args, size_t nargs, struct err *e)
{
	struct job	*job = arg;
	int		 rc = -1;

	(void)args;
	(void)nargs;
	if (job->drop_slot && (job->create_slot || job->from_now ||
	    job->once != NULL))
		return (err_set(e, ERR_USAGE, "--drop-slot does nothing else; "
		    "give it alone"));
	if (conf_load(&job->conf, &job->src, e) == 0 &&
	    conf_may_write(&job->conf, e) == 0 &&
	    owner_check(NAME, &job->conf, NULL, e) == 0 &&
	    choose_slot(job, e) == 0)
		rc = job->drop_slot ? drop(job, e) : receive(job, e);
	conf_free(&job->conf);
	return (rc);
}

static const struct program program = {
	.opt = {
		.name = NAME,
		.synopsis = "[OPTION]...",
		.summary = "Stream WAL into the repository; acknowledge it "
		    "when it is durable there.",
		.max_args = 0
	},
	.run = run,
	.silent = 1
};

int
main(int argc, char *argv[])
{
	struct job		 job = { .slot = NULL };
	const struct opt	 opts[] = {
		OPT_CONF(job.src),
		{ "slot", 0, OPT_STRING, &job.slot, "NAME",
		    "Use this replication slot.", 0, 0 },
		{ "create-slot", 0, OPT_FLAG, &job.create_slot, NULL,
		    "Create the slot if it does not exist.", 0, 0 },
		{ "drop-slot", 0, OPT_FLAG, &job.drop_slot, NULL,
		    "Remove the slot, and what is remembered of it.", 0, 0 },
		{ "from-now", 0, OPT_FLAG, &job.from_now, NULL,
		    "Begin with the server's WAL of now.", 0, 0 },
		{ "once", 0, OPT_STRING, &job.once, "LSN",
		    "End when all WAL before LSN is durable.", 0, 0 },
		OPT_END
	};

	return (program_main(&program, opts, &job, argc, argv));
}
