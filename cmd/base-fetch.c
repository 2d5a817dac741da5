/* SPDX-License-Identifier: ISC */
/* base-fetch: a cluster directory that starts, from a base backup. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/parse.h"
#include "base/path.h"
#include "base/str.h"
#include "pg/lsn.h"
#include "restore/basefetch.h"
#include "restore/recovery.h"
#include "restore/restore.h"
#include "restore/restore_check.h"
#include "restore/unarchived.h"
#include "show/progress.h"
#include "tool/conf.h"
#include "tool/program.h"
#include "tool/role.h"
#include "tool/tool.h"

#define NAME	"base-fetch"

#define COMMAND_MAX	16384

struct options {
	struct conf_source	 src;
	const char		*target, *time, *xid, *name, *lsn;
	const char		*timeline, *action;
	struct opt_list		 tablespaces, databases;
	uint64_t		 jobs, system_id;
	int			 exclusive, standby, dry_run, keep, quiet;
	int			 delta, force;
};

/* What the options come to. */
struct request {
	struct choose_target	 target;
	struct recovery		 recovery;
	char			 time[64];	/* with its zone */
	char			 command[COMMAND_MAX];
	struct restore_map	*maps;		/* owned, with their names */
	size_t			 nmaps;
	const char		*dir;
};

static int
usage(struct err *e, const char *text)
{
	return (err_set(e, ERR_USAGE, "%s; see base-fetch --help", text));
}

static int
time_target(struct request *r, const char *s, struct err *e)
{
	long	 offset;
	int	 assumed;
	char	 iso[CLOCK_TEXT];

	if (clock_parse(s, &r->target.time_us, &assumed, &offset, e))
		return (err_ctx(e, "--target-time"));
	if (assumed)
		tool_note(NAME, "--target-time %s: taken in this "
		    "host's time zone, UTC%+03ld:%02ld", s, offset / 3600,
		    labs(offset) % 3600 / 60);
	/* As PostgreSQL reads it: in its settings "Z" is no zone yet. */
	(void)clock_format(iso, r->target.time_us);
	iso[strcspn(iso, "T")] = ' ';
	if (str_fmt(r->time, sizeof(r->time), e, "%.*s+00",
	    (int)strcspn(iso, "Z"), iso))
		return (-1);
	r->target.kind = CHOOSE_TIME;
	r->recovery.value = r->time;
	return (0);
}

static int
xid_target(struct request *r, const char *s, struct err *e)
{
	struct err	 why = ERR_INIT;
	uint64_t	 xid;

	if (parse_u64(s, 3, UINT64_MAX, &xid, "--target-xid", &why))
		return (err_set(e, ERR_USAGE, "%s", why.msg));
	r->target.kind = CHOOSE_XID;
	r->recovery.value = s;
	return (0);
}

static int
one_target(const struct options *o, struct request *r, struct err *e)
{
	const int	 n = (o->target != NULL) + (o->time != NULL) +
	    (o->xid != NULL) + (o->name != NULL) + (o->lsn != NULL);
	struct err	 why = ERR_INIT;

	if (n > 1)
		return (usage(e, "more than one recovery target was given"));
	if (n > 0 && o->standby)
		return (usage(e, "a standby follows its primary and has no "
		    "recovery target"));
	if (o->exclusive && o->time == NULL && o->xid == NULL &&
	    o->lsn == NULL)
		return (usage(e, "--target-exclusive goes with --target-time, "
		    "--target-xid or --target-lsn"));
	if (o->time != NULL)
		return (time_target(r, o->time, e));
	if (o->xid != NULL)
		return (xid_target(r, o->xid, e));
	if (o->lsn != NULL) {
		if (lsn_parse(o->lsn, &r->target.lsn, &why))
			return (err_set(e, ERR_USAGE, "--target-lsn: %s",
			    why.msg));
		r->target.kind = CHOOSE_LSN;
		r->recovery.value = o->lsn;
	} else if (o->name != NULL) {
		if (o->name[0] == '\0' || strlen(o->name) >= 64)
			return (usage(e, "--target-name: expected 1 to 63 "
			    "bytes"));
		r->target.kind = CHOOSE_NAME;
		r->recovery.value = o->name;
	} else if (o->target != NULL) {
		if (strcmp(o->target, "immediate") != 0)
			return (usage(e, "--target can only be immediate"));
		r->target.kind = CHOOSE_IMMEDIATE;
	}
	return (0);
}

static int
one_timeline(const struct options *o, struct request *r, struct err *e)
{
	struct err	 why = ERR_INIT;
	uint64_t	 tli;

	if (o->timeline == NULL)
		return (0);
	if (strcmp(o->timeline, "latest") == 0)
		r->target.line = CHOOSE_LINE_LATEST;
	else if (strcmp(o->timeline, "current") == 0)
		r->target.line = CHOOSE_LINE_CURRENT;
	else if (parse_u64(o->timeline, 1, UINT32_MAX, &tli,
	    "--target-timeline", &why) == 0) {
		r->target.line = CHOOSE_LINE_NUMBER;
		r->target.tli = (uint32_t)tli;
	} else
		return (err_set(e, ERR_USAGE, "--target-timeline: found "
		    "\"%.32s\", expected latest, current or a number",
		    o->timeline));
	return (0);
}

static int
check_action(const struct options *o, const struct request *r, struct err *e)
{
	if (o->action == NULL)
		return (0);
	if (strcmp(o->action, "pause") != 0 &&
	    strcmp(o->action, "promote") != 0 &&
	    strcmp(o->action, "shutdown") != 0)
		return (usage(e, "--target-action is pause, promote or "
		    "shutdown"));
	if (r->target.kind == CHOOSE_END)
		return (usage(e, "--target-action goes with a recovery "
		    "target"));
	return (0);
}

/* NAME:DIR; the last colon parts them, since a name may hold one. */
static int
tablespace_maps(const struct options *o, struct request *r, struct err *e)
{
	const char	*arg, *colon;
	char		*name;
	size_t		 i, j;

	if ((r->maps = calloc(o->tablespaces.n + 1, sizeof(*r->maps))) ==
	    NULL)
		return (err_sys(e, ERR_LOCAL, "--tablespace"));
	for (i = 0; i < o->tablespaces.n; i++) {
		arg = o->tablespaces.v[i];
		colon = strrchr(arg, ':');
		if (colon == NULL || colon == arg || colon[1] != '/')
			return (err_set(e, ERR_USAGE, "--tablespace: found "
			    "\"%.128s\", expected NAME:/DIRECTORY", arg));
		if (str_dup(&name, arg, e))
			return (-1);
		name[colon - arg] = '\0';
		r->maps[i].name = name;
		r->maps[i].dir = colon + 1;
		r->nmaps = i + 1;
		for (j = 0; j < i; j++)
			if (strcmp(r->maps[j].dir, colon + 1) == 0 ||
			    strcmp(r->maps[j].name, name) == 0)
				return (err_set(e, ERR_USAGE, "--tablespace: "
				    "\"%.128s\" names a tablespace or a "
				    "directory a second time", arg));
	}
	return (0);
}

static void
request_free(struct request *r)
{
	size_t	 i;

	for (i = 0; i < r->nmaps; i++)
		free((void *)(uintptr_t)r->maps[i].name);
	free(r->maps);
}

/* wal-fetch lies where we lie. */
static int
command(struct request *r, const struct server_conf *conf, struct err *e)
{
	char	 self[PATH_MAX], dir[PATH_MAX], wal[PATH_MAX];
	char	 config[PATH_MAX];
	ssize_t	 n;

	if ((n = readlink("/proc/self/exe", self, sizeof(self) - 1)) == -1)
		return (err_sys(e, ERR_LOCAL, "/proc/self/exe"));
	self[n] = '\0';
	if (path_dir(dir, sizeof(dir), self, e) ||
	    path_join(wal, sizeof(wal), dir, "wal-fetch", e))
		return (-1);
	if (access(wal, X_OK) == -1)
		return (err_sys(e, ERR_LOCAL, "%s, which the restored cluster "
		    "will call", wal));
	if (realpath(conf->file, config) == NULL)
		return (err_sys(e, ERR_CONFIG, "%s", conf->file));
	return (recovery_command(r->command, sizeof(r->command), wal, config,
	    conf->name, e));
}

static int
build_request(const struct options *o, char **args, size_t nargs,
    struct request *r, struct err *e)
{
	if (o->force && !o->delta)
		return (usage(e, "--force goes with --delta"));
	r->dir = args[nargs - 1];
	r->target.backup = nargs == 2 ? args[0] : NULL;
	r->recovery.exclusive = o->exclusive;
	r->recovery.action = o->action;
	r->recovery.standby = o->standby;
	r->recovery.keep_archiving = o->keep;
	if (one_target(o, r, e) || one_timeline(o, r, e) ||
	    check_action(o, r, e) || tablespace_maps(o, r, e))
		return (-1);
	r->recovery.kind = r->target.kind;
	return (0);
}

/* A text of the repository on the terminal: no escapes, no line ends. */
static const char *
clean(char buf[PATH_MAX], const char *s)
{
	return (str_clean(buf, PATH_MAX, s, strlen(s)));
}

static void
print_plan(const struct basefetch_plan *p, const struct restore_conf *c)
{
	const struct label	*l = p->label;
	char			 a[CLOCK_TEXT], b[PROGRESS_SIZE];
	char			 d[PROGRESS_SIZE], lsn[LSN_TEXT];
	char			 name[PATH_MAX], place[PATH_MAX];
	size_t			 i, all;

	if (p->systems > 1)
		(void)printf("cluster   %" PRIu64 " (of %u that this server "
		    "has had)\n", p->system_id, p->systems);
	(void)printf("backup    %s%s%s, ended %s\n", l->id,
	    l->label[0] != '\0' ? ", " : "", clean(name, l->label),
	    clock_format(a, l->stop_us));
	(void)printf("size      %s in %" PRIu64 " files, stored in %s\n",
	    progress_size(b, l->size), l->files,
	    progress_size(d, l->stored_size));
	(void)printf("WAL       %" PRIu64 " segments from %s on, all there; "
	    "reaches LSN %s, archived %s\n", p->wal_segments, l->start_wal,
	    lsn_format(lsn, p->end), clock_format(a, p->reached_us));
	if (c->only != NULL) {
		i = onlydb_wanted(c->only, &all);
		(void)printf("databases %zu of %zu; of the others only empty "
		    "files, to be dropped\n", i, all);
	}
	if (p->gaps > 0)
		(void)printf("          later WAL is, or was, there too, but "
		    "behind a gap\n");
	(void)printf("timeline  %" PRIu32 "\n", p->tli);
	(void)printf("into      %s\n", c->dir);
	for (i = 0; i < l->ntablespaces; i++)
		(void)printf("          %s: %s\n",
		    clean(name, l->tablespaces[i].name),
		    clean(place, restore_conf_place(c, &l->tablespaces[i])));
	if (l->damaged_files > 0)
		(void)printf("DAMAGED   %" PRIu64 " pages in %" PRIu64
		    " files failed their checksum when they were backed up\n",
		    l->damaged_pages, l->damaged_files);
}

/* Somebody, or a disk, has touched them. */
static void
warn_refused(const struct catalogue *c)
{
	size_t	 i;

	for (i = 0; i < catalogue_bads(c); i++)
		tool_warn(NAME, "%s: left out: %s",
		    catalogue_bad_id(c, i), catalogue_bad_why(c, i));
}

/* What neither a label nor an archived file tells. */
static void
note_unknown(const struct choose_target *t, const char *id)
{
	if ((t->kind == CHOOSE_XID || t->kind == CHOOSE_NAME) &&
	    (t->backup == NULL || strcmp(t->backup, "latest") == 0))
		tool_note(NAME, "only PostgreSQL can tell whether the "
		    "target lies behind backup %s; if its log says that "
		    "recovery ended before the target was reached, name an "
		    "earlier BACKUP", id);
}

static int
print_settings(const struct recovery *r, struct err *e)
{
	char	*text;

	if (recovery_lines(r, &text, e))
		return (-1);
	(void)printf("\npostgresql.auto.conf:\n%s%s.signal\n", text,
	    r->standby ? "standby" : "recovery");
	free(text);
	return (0);
}

static int
configure(void *arg, const char *dir, struct err *e)
{
	const struct request	*r = arg;

	return (recovery_write(&r->recovery, dir, e));
}

struct shown {
	struct request	*r;
	struct progress	 p;
	uint64_t	 total;
	int		 dry;
};

static int
configure_shown(void *arg, const char *dir, struct err *e)
{
	return (configure(((struct shown *)arg)->r, dir, e));
}

static void
show(void *arg, uint64_t bytes)
{
	const struct shown	*s = arg;

	progress_show(&s->p, bytes, s->total);
}

/* What a delta restore did, or with "would" what it would do. */
static void
print_delta(const struct restore_stats *st, int would)
{
	char	 a[PROGRESS_SIZE], b[PROGRESS_SIZE];

	(void)printf("%s %s, %" PRIu64 " files whole\n", would ?
	    "would keep   " : "\nkept     ", progress_size(a, st->kept),
	    st->kept_files);
	(void)printf("%s %s, in %" PRIu64 " files\n", would ?
	    "would restore" : "restored ", progress_size(b, st->bytes),
	    st->files);
	(void)printf("%s %" PRIu64 " that did not belong to the backup\n",
	    would ? "would remove " : "removed  ", st->removed);
}

/* Links out of the directory are news to who has made them. */
static void
told(void *arg, enum restore_deed deed, const char *path)
{
	const struct shown	*s = arg;
	char			 name[PATH_MAX];

	(void)clean(name, path);
	switch (deed) {
	case RESTORE_REMOVED:
		if (s->dry)
			(void)printf("remove    %s\n", name);
		break;
	case RESTORE_DIFFERS:
		if (s->dry)
			(void)printf("replace   %s\n", name);
		break;
	case RESTORE_LINK:
		if (s->dry)
			(void)printf("remove    %s, a link; what is behind "
			    "it stays\n", name);
		else
			tool_note(NAME, "%s was a link; what is "
			    "behind it is left as it is", name);
		break;
	}
}

static int
restore(const struct restore_conf *c, const struct request *r,
    const struct shown *s, int quiet, struct err *e)
{
	struct restore_stats	 st;
	int			 rc;

	rc = restore_run(c, &st, e);
	if (!quiet)
		progress_end(&s->p);
	if (rc == -1)
		return (-1);
	if (c->delta)
		print_delta(&st, 0);
	(void)printf("\nrestored; start PostgreSQL on %s and watch its log\n",
	    c->dir);
	if (geteuid() == 0)
		(void)printf("its files belong to root, as whom PostgreSQL "
		    "does not run: chown them\n");
	if (!r->recovery.keep_archiving)
		(void)printf("archiving is held there (archive_command = "
		    "'false' in postgresql.auto.conf):\nset it once this "
		    "cluster has taken over\n");
	return (0);
}

static int
preview(const struct restore_conf *c, const struct request *r,
    const struct shown *s, int quiet, struct err *e)
{
	struct restore_stats	 st;
	int			 rc;

	if (c->delta) {
		(void)printf("\n");
		rc = restore_preview(c, &st, e);
		if (!quiet)
			progress_end(&s->p);
		if (rc == -1)
			return (-1);
		print_delta(&st, 1);
	}
	return (print_settings(&r->recovery, e));
}

/* The last that was committed goes only if somebody says so. */
static int
check_wal(const struct options *o, const struct restore_conf *c,
    const struct catalogue *cat, struct err *e)
{
	struct unarchived	 w;

	if (unarchived_find(&w, c->dir, c->archive, cat, e))
		return (-1);
	if (w.n == 0)
		return (0);
	if (!o->force)
		return (err_set(e, ERR_CONFIG, "%s: pg_wal holds WAL that was "
		    "never archived: %s%s; copy %s away, to be put into pg_wal "
		    "again before PostgreSQL is started, and say --force",
		    c->dir, w.first, w.n == 1 ? "" : " and more",
		    w.n == 1 ? "it" : "pg_wal"));
	tool_warn(NAME, "%s: pg_wal holds %zu WAL file%s that %s "
	    "never archived, %s first; %s is removed", c->dir, w.n,
	    w.n == 1 ? "" : "s", w.n == 1 ? "was" : "were", w.first,
	    w.n == 1 ? "it" : "all of it");
	return (0);
}

static int
fetch(const struct options *o, const struct server_conf *conf,
    struct request *r, struct err *e)
{
	const struct store_conf	 store = conf_store_base(conf);
	struct shown		 s = { .r = r, .dry = o->dry_run };
	struct restore_conf	 c = {
		.store = &store,
		.server = conf->name,
		.dir = r->dir,
		.maps = r->maps, .nmaps = r->nmaps,
		.jobs = (unsigned)(o->jobs != 0 ? o->jobs : conf->jobs),
		.configure = configure_shown,
		.progress = o->quiet ? NULL : show,
		.delta = o->delta, .report = told,
		.arg = &s
	};
	struct basefetch_plan	 p = { 0 };
	struct key		*key = NULL;
	struct onlydb		*only = NULL;
	int			 rc = -1;

	if (command(r, conf, e) || role_key(&key, conf, KEY_RESTORE, e) ||
	    basefetch_plan(&p, &store, key, conf->name, o->system_id,
	    &r->target, e))
		goto out;
	c.key = key;
	c.system_id = p.system_id;
	c.label = p.label;
	c.archive = p.archive;
	r->recovery.restore_command = r->command;
	r->recovery.postgresql = (unsigned)p.label->postgresql;
	r->recovery.gap = p.gaps > 0;
	/* A standby goes where its primary goes, unless told otherwise. */
	if (!o->standby || r->target.line == CHOOSE_LINE_NUMBER ||
	    r->target.line == CHOOSE_LINE_CURRENT) {
		r->recovery.timeline = p.tli;
		r->recovery.current = p.tli == p.label->timeline;
	}
	if ((o->databases.n > 0 && onlydb_load(&only, p.archive, p.label,
	    o->databases.v, o->databases.n, e)) || restore_check(&c, e))
		goto out;
	c.only = only;
	print_plan(&p, &c);
	if (tool_flush(e))		/* it is known before anything is done */
		goto out;
	warn_refused(p.catalogue);
	note_unknown(&r->target, p.label->id);
	if (o->delta && check_wal(o, &c, p.catalogue, e))
		goto out;
	s.p = progress_begin("restored");
	s.total = p.label->size;
	if (o->dry_run ? preview(&c, r, &s, o->quiet, e) :
	    restore(&c, r, &s, o->quiet, e))
		goto out;
	rc = 0;
out:
	onlydb_free(only);
	basefetch_plan_free(&p);
	key_free(key);
	return (rc);
}

static int
run(void *arg, char **args, size_t nargs, struct err *e)
{
	const struct options	*o = arg;
	struct request		 r = { .dir = NULL };
	struct server_conf	 conf = { 0 };
	int			 rc;

	if ((rc = build_request(o, args, nargs, &r, e)) == 0 &&
	    (rc = conf_load(&conf, &o->src, e)) == 0)
		rc = fetch(o, &conf, &r, e);
	conf_free(&conf);
	request_free(&r);
	return (rc);
}

static const struct program program = {
	.opt = {
		.name = NAME,
		.synopsis = "[OPTION]... [BACKUP|latest] DIR",
		.summary = "Restore a base backup into a directory, to recover "
		    "from archived WAL.",
		.min_args = 1, .max_args = 2
	},
	.run = run
};

int
main(int argc, char *argv[])
{
	struct options		 o = { 0 };
	const struct opt	 opts[] = {
		OPT_CONF(o.src),
		{ "target-time", 0, OPT_STRING, &o.time, "TIME",
		    "recover to this moment", 0, 0 },
		{ "target-xid", 0, OPT_STRING, &o.xid, "XID",
		    "recover to this transaction", 0, 0 },
		{ "target-name", 0, OPT_STRING, &o.name, "NAME",
		    "recover to this restore point", 0, 0 },
		{ "target-lsn", 0, OPT_STRING, &o.lsn, "LSN",
		    "recover to this WAL location", 0, 0 },
		{ "target", 0, OPT_STRING, &o.target, "immediate",
		    "recover to where the backup is consistent", 0, 0 },
		{ "target-exclusive", 0, OPT_FLAG, &o.exclusive, NULL,
		    "stop just before the target", 0, 0 },
		{ "target-timeline", 0, OPT_STRING, &o.timeline, "TIMELINE",
		    "latest (the default), current or a number", 0, 0 },
		{ "target-action", 0, OPT_STRING, &o.action, "ACTION",
		    "pause (PostgreSQL's default), promote or shutdown", 0,
		    0 },
		{ "standby", 0, OPT_FLAG, &o.standby, NULL,
		    "make a standby", 0, 0 },
		{ "delta", 0, OPT_FLAG, &o.delta, NULL,
		    "go over what DIR holds: keep what is right, remove what "
		    "does not belong to the backup", 0, 0 },
		{ "force", 0, OPT_FLAG, &o.force, NULL,
		    "with --delta: remove also WAL that was never archived",
		    0, 0 },
		{ "only-database", 0, OPT_LIST, &o.databases, "NAME",
		    "restore this database, and of those not named only "
		    "empty files", 0, 0 },
		{ "tablespace", 'T', OPT_LIST, &o.tablespaces, "NAME:DIR",
		    "put that tablespace into DIR", 0, 0 },
		{ "keep-archiving", 0, OPT_FLAG, &o.keep, NULL,
		    "do not hold archiving in the restored cluster", 0, 0 },
		{ "system-id", 0, OPT_U64, &o.system_id, "ID",
		    "which cluster, where the server has had several", 1,
		    UINT64_MAX },
		{ "jobs", 'j', OPT_U64, &o.jobs, "N",
		    "restore in N parallel streams", 1, 16 },
		{ "dry-run", 'n', OPT_FLAG, &o.dry_run, NULL,
		    "only say what would be done", 0, 0 },
		{ "quiet", 'q', OPT_FLAG, &o.quiet, NULL,
		    "no progress line, also on a terminal", 0, 0 },
		OPT_END
	};

	return (program_main(&program, opts, &o, argc, argv));
}
