/* SPDX-License-Identifier: ISC */
/* base-push: take a base backup of a running cluster. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "crypt/retired.h"
#include "push/basepush.h"
#include "show/showpush.h"
#include "tool/answering.h"
#include "tool/lowpriority.h"
#include "tool/notify.h"
#include "tool/owner.h"
#include "tool/program.h"
#include "tool/role.h"
#include "tool/tool.h"
#include "tool/work.h"

#define NAME	"base-push"

struct options {
	struct conf_source	 src;
	const char		*label, *base, *source, *from;
	uint64_t		 jobs;
	int			 fast, spread, json, reread;
	struct progress_want	 progress;
};

/* Where the data directory is may be known only to PostgreSQL. */
static int
admit(const char *data_directory, struct err *e)
{
	return (owner_check_data(NAME, data_directory, e));
}

/*
 * Load the restore key if it is there.  A push can do without: it reads the
 * earlier manifest from state_dir.  A key that cannot be used is a failure
 * only if the user chose the backup to compare with.
 */
static int
restore_key(struct key **out, const struct options *o,
    const struct server_conf *conf, struct err *e)
{
	struct err	 unused = ERR_INIT;
	struct key	*key = NULL;

	if (conf->restore_key == NULL ||
	    access(conf->restore_key, R_OK) == -1)
		return (0);
	if (o->base != NULL)
		return (role_key(out, conf, KEY_RESTORE, e));
	if (key_load(&key, conf->restore_key, NULL, &unused) == 0 &&
	    key_role(key) == KEY_RESTORE) {
		*out = key;
		key = NULL;
	}
	key_free(key);
	return (0);
}

static const char *
conninfo_of(const struct server_conf *conf)
{
	return (conf->stream && conf->streaming_conninfo[0] != '\0' ?
	    conf->streaming_conninfo : conf->conninfo);
}

static int
push(const struct options *o, const struct server_conf *conf,
    struct work *w, struct err *e)
{
	const struct store_conf	 store = conf_store_base(conf);
	struct showpush		 s = { .program = NAME, .json = o->json,
	    .want = o->progress };
	struct basepush_conf	 b = {
		.store = &store,
		.server = conf->name,
		.conninfo = conninfo_of(conf),
		.stream = conf->stream,
		.from = o->from,
		.wal_codec = conf->wal_compression,
		.others = conf->repository_name != NULL,
		.stream_kbps = conf->base_bandwidth_limit,
		.spaces = conf->spaces,
		.data_directory = conf->data_directory,
		.state_dir = conf->state_dir,
		.label = o->label,
		.fast = o->fast,
		.jobs = (unsigned)(o->jobs != 0 ? o->jobs : conf->jobs),
		.codec = conf->base_compression,
		.chunk_size = (uint32_t)conf->chunk_size,
		.page_hashes_max = conf->page_hashes_max << 20,
		.verify = conf->checksum,
		.base = o->base,
		.reread = o->reread,
		.wal_wait_ms = conf->wal_wait_ms,
		.retry_for_ms = conf->retry_for_ms,
		.abandoned_ms = conf->abandoned_after_ms,
		.admit = admit,
		.note = showpush_note,
		.arg = &s
	};
	struct label		*l = NULL;
	struct basepush_sum	 sum;
	struct key		*key = NULL, *restore = NULL;
	int			 rc;

	if ((rc = role_key(&key, conf, KEY_PUSH, e)) == 0 &&
	    (rc = restore_key(&restore, o, conf, e)) == 0 &&
	    (rc = work_before(w, e)) == 0 &&
	    (rc = showpush_begin(&s, e)) == 0) {
		if (conf->idle_priority)
			lowpriority_take(NAME);	/* no threads yet */
		/* Backups of retired signers are never compared with. */
		if (restore != NULL)
			retired_forgo(restore);
		b.key = key;
		b.restore = restore;
		b.progress = s.line.form != PROGRESS_NONE ?
		    showpush_progress : NULL;
		rc = basepush_run(&l, &sum, &b, e);
	}
	if (rc == 0) {
		work_pushed(w, l);
		rc = showpush_report(&s, conf->name, l, &sum, e);
	}
	if (rc == 0 && l->damaged_files > 0)
		rc = TOOL_FINDINGS;
	showpush_end(&s);
	label_free(l);
	key_free(key);
	key_free(restore);
	return (rc);
}

static int
run(void *arg, char **args, size_t nargs, struct err *e)
{
	const struct options	*o = arg;
	struct server_conf	 conf = { 0 };
	struct work		 w = { .conf = NULL };
	int			 rc;

	(void)args;
	(void)nargs;
	if (o->base != NULL && !layout_id_ok(o->base))
		return (err_set(e, ERR_USAGE, "--base: found \"%.64s\", "
		    "expected a backup's id as backup-list prints it",
		    o->base));
	if (o->fast && o->spread)
		return (err_set(e, ERR_USAGE, "--fast and --spread cannot "
		    "be combined; see " NAME " --help"));
	if (o->source != NULL && strcmp(o->source, "files") != 0 &&
	    strcmp(o->source, "stream") != 0)
		return (err_set(e, ERR_USAGE, "--source: found \"%.64s\", "
		    "expected files or stream", o->source));
	if (o->from != NULL && (o->source != NULL || o->fast || o->spread))
		return (err_set(e, ERR_USAGE, "--from asks no server, so %s "
		    "does not go with it", o->source != NULL ? "--source" :
		    o->fast ? "--fast" : "--spread"));
	if ((rc = answering_load(&conf, &o->src, NAME, 1, e)) == 0 &&
	    (rc = owner_check(NAME, &conf, NULL, e)) == 0) {
		if (o->source != NULL)
			conf.stream = strcmp(o->source, "stream") == 0;
		work_begin(&w, NAME, &conf);
		rc = work_end(&w, push(o, &conf, &w, e), e);
	}
	notify_end(NAME, &conf, rc, "damaged pages were found and stored", e);
	conf_free(&conf);
	return (rc);
}

static const struct program program = {
	.opt = {
		.name = NAME,
		.synopsis = "[OPTION]...",
		.summary = "Take a base backup of the running cluster and "
		    "store it in the repository."
	},
	.run = run
};

int
main(int argc, char *argv[])
{
	struct options		 o = { .label = "" };
	const struct opt	 opts[] = {
		OPT_CONF(o.src),
		OPT_JOBS(o.jobs),
		{ "base", 0, OPT_STRING, &o.base, "BACKUP",
		    "Compare with this backup instead of the last one.", 0, 0 },
		{ "reread", 0, OPT_FLAG, &o.reread, NULL,
		    "Read unchanged files too.", 0, 0 },
		{ "label", 'l', OPT_STRING, &o.label, "TEXT",
		    "Store this text with the backup.", 0, 0 },
		{ "fast", 0, OPT_FLAG, &o.fast, NULL,
		    "Start with an immediate checkpoint.", 0, 0 },
		{ "spread", 0, OPT_FLAG, &o.spread, NULL,
		    "Start with a spread checkpoint (the default).", 0, 0 },
		{ "json", 0, OPT_FLAG, &o.json, NULL,
		    "Print the report as JSON: an object.", 0, 0 },
		OPT_PROGRESS(o.progress),
		{ "from", 0, OPT_STRING, &o.from, "DIR",
		    "Import the backup in DIR: an unpacked pg_basebackup, or "
		    "a snapshot.", 0, 0 },
		{ "source", 0, OPT_STRING, &o.source, "SOURCE",
		    "Get the files from there: files or stream.", 0, 0 },
		OPT_END
	};

	return (program_main(&program, opts, &o, argc, argv));
}
