/* SPDX-License-Identifier: ISC */
/* base-fetch: restore a base backup into a directory that starts. */
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "restore/basefetch.h"
#include "restore/harmless.h"
#include "restore/latertablespace.h"
#include "restore/reachscan.h"
#include "restore/recovery.h"
#include "restore/restore.h"
#include "restore/restore_check.h"
#include "show/showfetch.h"
#include "show/showplan.h"
#include "tool/answering.h"
#include "tool/fromfile.h"
#include "tool/program.h"
#include "tool/restoreto.h"
#include "tool/role.h"
#include "tool/tablespaces.h"
#include "tool/target.h"
#include "tool/walcommand.h"
#include "tool/work.h"

#define NAME	"base-fetch"

struct options {
	struct conf_source	 src;
	struct fromfile		 from;
	struct target_options	 target;
	struct restoreto_options to;
	struct opt_list		 databases;
	uint64_t		 jobs, system_id;
	int			 dry_run, json;
	struct progress_want	 progress;
};

/* One run, from the options to what PostgreSQL is told. */
struct request {
	const struct options	*o;
	struct restoreto	 to;
	struct target		 target;
	struct recovery		 recovery;
	const char		*recorded;	/* place of the original */
	struct harmless		*harmless;	/* once it is written */
	struct tablespaces	 tablespaces;
	char			 command[WALCOMMAND_MAX];
	struct showfetch	 show;
	struct work		 work;
};

static int
build_request(struct request *r, char **args, size_t nargs, struct err *e)
{
	const struct options	*o = r->o;

	if (target_parse(&r->target, &o->target, NAME, e) ||
	    tablespaces_parse(&r->tablespaces, &o->to.tablespaces, e) ||
	    restoreto_parse(&r->to, &o->to, o->json, &r->target, args, nargs,
	    e))
		return (-1);
	r->show.aside = restoreto_stdout(&r->to);
	return (0);
}

static int
configure(void *arg, const char *dir, const char **appended, struct err *e)
{
	struct request			*r = arg;
	const struct harmless_place	 place = { dir, r->to.home };

	if (harmless_write(&r->harmless, &r->recovery, &place, r->recorded,
	    e))
		return (-1);
	*appended = r->harmless->append;
	return (0);
}

static void
on_progress(void *arg, enum restore_phase phase, uint64_t bytes)
{
	showfetch_progress(&((struct request *)arg)->show, phase, bytes);
}

static void
on_deed(void *arg, enum restore_deed deed, const char *path)
{
	struct request	*r = arg;

	showfetch_deed(&r->show, deed, path);
}

/* Restore, or with --dry-run only show what would happen. */
static int
restore(const struct restore_conf *c, struct request *r, struct err *e)
{
	struct restore_stats	 st = { .files = c->label->files,
	    .bytes = c->label->size };

	if (work_before(&r->work, e))
		return (-1);
	showfetch_begin(&r->show);
	if (!r->o->dry_run ? restore_run(c, &st, e) :
	    c->delta && restore_preview(c, &st, e))
		return (-1);
	r->work.record.backups = 1;
	r->work.record.bytes = st.bytes;
	return (showfetch_end(&r->show, &st, r->harmless, e));
}

/* Show what will be done, and do it. */
static int
carry_out(struct request *r, struct restore_conf *c,
    const struct basefetch_plan *p, struct err *e)
{
	struct showfetch *s = &r->show;
	struct onlydb	*only = NULL;
	int		 rc = -1;

	if ((r->o->databases.n > 0 && onlydb_load(&only, p->archive, p->label,
	    r->o->databases.v, r->o->databases.n, e)) || restore_check(c, e) ||
	    latertablespace_records(c, &p->later, e) ||
	    (r->target.choose.kind != CHOOSE_IMMEDIATE &&
	    latertablespace_check(c, p->catalogue, e)))
		goto out;
	c->only = only;
	if (showfetch_plan(s, e))
		goto out;
	if (c->delta && showplan_last_wal(&s->lost, NAME, c, p->catalogue,
	    r->o->to.force, e))
		goto out;
	rc = restore(c, r, e);
out:
	onlydb_free(only);
	return (rc);
}

static int
fetch(struct request *r, const struct server_conf *conf, struct err *e)
{
	const struct options	*o = r->o;
	const struct store_conf	 store = conf_store_base(conf);
	struct restore_conf	 c = {
		.store = &store,
		.server = conf->name,
		.form = r->to.form, .out = STDOUT_FILENO,
		.dir = r->to.dir, .config_dir = o->to.config_dir,
		.maps = r->tablespaces.v, .nmaps = r->tablespaces.n,
		.jobs = (unsigned)(o->jobs != 0 ? o->jobs : conf->jobs),
		.spaces = conf->spaces,
		.configure = configure,
		.progress = on_progress,
		.delta = o->to.delta, .report = on_deed,
		.arg = r
	};
	struct basefetch_plan	 p = { .label = NULL };
	struct key		*key = NULL;
	int			 rc = -1;

	if (showfetch_open(&r->show, e) ||
	    walcommand_make(r->command, conf, o->src.repository, e) ||
	    role_key(&key, conf, KEY_RESTORE, e) ||
	    basefetch_plan(&p, &store, key, conf->name, o->system_id,
	    &r->target.choose, e) || reachscan_check(&p, &r->target.choose,
	    e) || basefetch_later(&p, &r->target.choose, e))
		goto out;
	c.key = key;
	c.system_id = p.system_id;
	c.label = p.label;
	memcpy(r->work.record.backup, p.label->id, LAYOUT_ID);
	r->recorded = p.label->data_directory;
	c.archive = p.archive;
	target_recovery(&r->recovery, &r->target, &o->target, &p);
	r->recovery.restore_command = r->command;
	r->recovery.in_place = restore_conf_in_place(&c);
	r->show.plan = &p;
	r->show.conf = &c;
	r->show.target = &r->target.choose;
	r->show.recovery = &r->recovery;
	rc = c.dir == NULL ? showfetch_config(&r->show, e) :
	    carry_out(r, &c, &p, e);
out:
	showfetch_close(&r->show);
	basefetch_plan_free(&p);
	key_free(key);
	return (rc);
}

static int
run(void *arg, char **args, size_t nargs, struct err *e)
{
	struct options		*o = arg;
	struct request		 r = { .o = o, .show = { .program = NAME,
	    .json = o->json, .dry = o->dry_run, .want = o->progress } };
	struct server_conf	 conf = { 0 };
	int			 rc;

	if ((rc = fromfile_use(&o->from, &o->src, &o->target, e)) == 0 &&
	    (rc = build_request(&r, args, nargs, e)) == 0 &&
	    (rc = answering_load(&conf, &o->src, NAME, 0, e)) == 0) {
		if (!o->dry_run && r.to.dir != NULL)
			work_begin(&r.work, NAME, &conf);
		r.work.directory = r.to.dir;
		rc = work_end(&r.work, fetch(&r, &conf, e), e);
	}
	conf_free(&conf);
	tablespaces_fini(&r.tablespaces);
	harmless_free(r.harmless);
	return (rc);
}

static const struct program program = {
	.opt = {
		.name = NAME,
		.synopsis = "[OPTION]... [BACKUP|WORD] DIR",
		.summary = "Restore a base backup into a directory, to "
		    "recover from archived WAL.",
		.max_args = 2
	},
	.run = run
};

int
main(int argc, char *argv[])
{
	struct options		 o = { .jobs = 0 };
	const struct opt	 opts[] = {
		OPT_CONF(o.src),
		OPT_TRUST(o.src), OPT_FROM_FILE(o.from),
		OPT_TARGET(o.target),
		OPT_RESTORETO(o.to),
		{ "only-database", 0, OPT_LIST, &o.databases, "NAME",
		    "Restore this database; databases not named get only "
		    "empty files.", 0, 0 },
		OPT_SYSTEM_ID(o.system_id),
		OPT_JOBS(o.jobs),
		{ "dry-run", 'n', OPT_FLAG, &o.dry_run, NULL,
		    "Show what would be done; do nothing.", 0, 0 },
		{ "json", 0, OPT_FLAG, &o.json, NULL,
		    "Print the result, or with --dry-run the plan, as JSON: "
		    "an object.", 0, 0 },
		OPT_PROGRESS(o.progress),
		OPT_END
	};

	return (program_main(&program, opts, &o, argc, argv));
}
