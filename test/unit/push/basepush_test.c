/* SPDX-License-Identifier: ISC */
/*
 * Whole pushes of a real cluster into a local repository, and what happens to
 * them meanwhile: no label may come of a push that is not a backup.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/io.h"
#include "disk/diskcalls.h"
#include "pg/control.h"
#include "pg/walname.h"
#include "pgenv.h"
#include "push/basepush.h"
#include "repoenv.h"
#include "restore/manifestread.h"
#include "restore/restore.h"
#include "testdir.h"

#define CHUNK	65536
#define PACKS	20	/* more than a backup has */
#define BIG	((size_t)16 << 20)	/* more than all else that changes */

static const struct timespec	 tick = { 0, 100000000 };

/*
 * A socket in the data directory is left out, and base-push says so when its
 * walk finds it: after the start of the backup and before its stop.
 */
#define HOOK	"aaa.socket"

static struct repoenv	 env;
static char		 notes[4096];
static void		(*on_walk)(void);	/* while files are copied */
static void		(*on_wal)(void);	/* after the stop */
static const char	*dir;			/* the data directory */
static char		 link_dir[256], state_dir[512];
static uint64_t		 wal_wait_ms;
static char		 first_id[LAYOUT_ID];

static void
note(void *arg, const char *text)
{
	void	(*fn)(void) = on_walk;

	(void)arg;
	(void)snprintf(notes + strlen(notes), sizeof(notes) - strlen(notes),
	    "%s\n", text);
	if (fn == NULL || strstr(text, HOOK) == NULL)
		return;
	on_walk = NULL;
	fn();
}

static void
progress(void *arg, const struct basepush_progress *p)
{
	static enum basepush_phase	 last;
	const int			 begins = p->phase != last;

	(void)arg;
	last = p->phase;
	if (begins && p->phase == BASEPUSH_WAL && on_wal != NULL)
		on_wal();
}

/* A file of the cluster's part of the repository. */
static const char *
file(const char *path)
{
	char	 text[1024];

	(void)snprintf(text, sizeof(text), "repo/main/%" PRIu64 "/%s",
	    env.system_id, path);
	return (testdir_path(text));
}

/* All segments that are in pg_wal come to the repository, by their names. */
static void
archive_wal(void)
{
	struct walname	 w;
	struct dirent	*d;
	struct err	 e = ERR_INIT;
	char		 path[512], wal[LAYOUT_PATH];
	DIR		*dp;

	(void)snprintf(path, sizeof(path), "%s/pg_wal", pgenv.data);
	assert_non_null(dp = opendir(path));
	while ((d = readdir(dp)) != NULL) {
		err_clear(&e);
		if (walname_parse(d->d_name, &w, &e) ||
		    w.kind != WALNAME_SEGMENT)
			continue;
		assert_int_equal(layout_wal(wal, d->d_name, &e), 0);
		if (access(file(wal), F_OK) == -1)
			repoenv_segment(&env, wal);
	}
	(void)closedir(dp);
}

/* How many backups have a file of that name: labels, or manifests. */
static unsigned
count(const char *name)
{
	struct dirent	*d;
	char		 path[512];
	unsigned	 n = 0;
	DIR		*dp;

	if ((dp = opendir(file("base"))) == NULL)
		return (0);
	while ((d = readdir(dp)) != NULL) {
		(void)snprintf(path, sizeof(path), "base/%.64s/%s", d->d_name,
		    name);
		n += d->d_name[0] != '.' && access(file(path), F_OK) == 0;
	}
	(void)closedir(dp);
	return (n);
}

static void
put_hook(const char *data)
{
	struct sockaddr_un	 sun = { .sun_family = AF_UNIX };
	int			 fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%.80s/" HOOK,
	    data);
	(void)unlink(sun.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	(void)close(fd);
}

/* Push once; *l is the label, if there is one. */
static int
push(const char *conninfo, struct label **l, struct basepush_sum *sum,
    struct err *e)
{
	const struct basepush_conf	 c = {
		.store = &env.conf, .key = env.push, .server = "main",
		.conninfo = conninfo, .data_directory = dir,
		.state_dir = state_dir, .label = "a \"label\"", .fast = 1,
		.jobs = 2, .codec = { CODEC_ZSTD, 1 }, .chunk_size = CHUNK,
		.verify = 1, .wal_wait_ms = wal_wait_ms,
		.abandoned_ms = UINT64_C(7 * 86400) * 1000,
		.note = note, .progress = progress
	};
	int				 rc;

	*l = NULL;
	notes[0] = '\0';
	err_clear(e);
	rc = basepush_run(l, sum, &c, e);
	on_walk = on_wal = NULL;
	return (rc);
}

/* It must succeed; the caller frees the label. */
static struct label *
push_well(struct basepush_sum *sum)
{
	struct label	*l;
	struct err	 e = ERR_INIT;
	unsigned	 labels = count("label");

	on_wal = archive_wal;
	wal_wait_ms = 60000;		/* PostgreSQL's archiver needs time */
	if (push(pgenv.conninfo, &l, sum, &e))
		fail_msg("the push failed: %s", e.msg);
	wal_wait_ms = 300;
	if (count("label") != labels + 1)
		fail_msg("a push succeeded and left no label");
	return (l);
}

/* It must fail so, and leave no label. */
static void
push_badly(const char *conninfo, enum err_kind kind, const char *says)
{
	struct basepush_sum	 sum;
	struct label		*l;
	struct err		 e = ERR_INIT;
	unsigned		 labels = count("label");

	if (push(conninfo, &l, &sum, &e) == 0)
		fail_msg("the push succeeded; it should say \"%s\"", says);
	if (count("label") != labels)
		fail_msg("a push that failed left a label: %s", e.msg);
	if (e.kind != kind || strstr(e.msg, says) == NULL)
		fail_msg("found \"%s\", expected \"%s\"", e.msg, says);
}

static int
setup(void **state)
{
	struct control	 ctl;
	struct err	 e = ERR_INIT;
	char		 path[256], *p;
	size_t		 n;

	(void)state;
	pgenv_need();
	repoenv_make(&env);
	wal_wait_ms = 300;
	dir = pgenv.data;
	(void)snprintf(state_dir, sizeof(state_dir), "%s",
	    testdir_path("state"));
	(void)snprintf(path, sizeof(path), "%s/" CONTROL_PATH, pgenv.data);
	if (io_load(path, CONTROL_SIZE, &p, &n, &e) ||
	    control_parse((uint8_t *)p, n, &ctl, &e))
		fail_msg("%s", e.msg);
	free(p);
	env.system_id = ctl.sysid;
	put_hook(pgenv.data);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	repoenv_remove(&env);
	return (0);
}

static void
nothing_yet(void)
{
	if (count("label") != 0 || count("manifest") != 0)
		fail_msg("a label or manifest stands before the wait for WAL");
	archive_wal();
}

/* Run a program as the server's user. */
static int
ctl(const struct postgres *p, const char *verb)
{
	char		 bin[300], opts[256], log[128];
	const char	*argv[] = { bin, "-D", p->data, "-l", log, "-o", opts,
			    "-w", "-t", "60", verb, NULL };

	(void)snprintf(bin, sizeof(bin), "%s/pg_ctl", p->bin);
	(void)snprintf(log, sizeof(log), "%s/log", p->top);
	(void)snprintf(opts, sizeof(opts), "-k %s -c listen_addresses= "
	    "-c port=5432 -c fsync=off -c archive_mode=off", p->top);
	return (postgres_run(p, argv));
}

static int
nothing(void *arg, const char *into, const char **appended, struct err *e)
{
	(void)arg; (void)into; (void)appended; (void)e;
	return (0);
}

static void
restore_to(const char *into, const struct label *l)
{
	struct restore_stats	 stats;
	struct err		 e = ERR_INIT;
	const struct restore_conf c = {
		.store = &env.conf, .key = env.restore, .server = "main",
		.system_id = env.system_id, .label = l, .dir = into,
		.jobs = 2, .configure = nothing
	};

	if (restore_run(&c, &stats, &e))
		fail_msg("%s", e.msg);
}

/* pg_control is copied last: a checkpoint during the copy is in it. */
static void
check_control(const char *data, const struct label *l)
{
	struct control	 ctl;
	struct err	 e = ERR_INIT;
	char		 path[256], *p;
	size_t		 n;

	(void)snprintf(path, sizeof(path), "%s/" CONTROL_PATH, data);
	if (io_load(path, CONTROL_SIZE, &p, &n, &e) ||
	    control_parse((uint8_t *)p, n, &ctl, &e))
		fail_msg("%s", e.msg);
	free(p);
	if (ctl.redo <= l->start_lsn)
		fail_msg("pg_control is older than files of the backup");
}

/*
 * The restored cluster with the WAL of the one that was pushed.  Without its
 * backup_label it would recover from the last checkpoint of pg_control, which
 * may lie behind the backup's start: PostgreSQL must refuse that.
 */
static void
boot(const struct label *l)
{
	struct postgres	 p = pgenv;
	char		 cmd[1024], from[256], to[256];

	postgres_stop(&pgenv);
	(void)snprintf(p.data, sizeof(p.data), "%.60s/restored", pgenv.top);
	restore_to(p.data, l);
	(void)snprintf(cmd, sizeof(cmd), "cp '%s'/pg_wal/0* '%s'/pg_wal/ && "
	    "%s chown -R %d:%d '%s'", pgenv.data, p.data,
	    getuid() == 0 ? "" : ":", (int)p.uid, (int)p.gid, p.data);
	assert_int_equal(system(cmd), 0);
	check_control(p.data, l);
	(void)snprintf(from, sizeof(from), "%s/backup_label", p.data);
	(void)snprintf(to, sizeof(to), "%s/label", p.top);
	if (rename(from, to) == -1)
		fail_msg("the backup has no backup_label");
	if (ctl(&p, "start") == 0) {
		(void)ctl(&p, "stop");
		fail_msg("PostgreSQL started without backup_label: pg_control "
		    "still names a checkpoint");
	}
	assert_int_equal(rename(to, from), 0);
	if (ctl(&p, "start") != 0)
		fail_msg("PostgreSQL did not start on what was restored: see "
		    "%s/log", p.top);
	if (postgres_sql(&p, "select 1 / (count(*) = 1000)::int from t") != 0)
		fail_msg("what was restored lacks rows");
	assert_int_equal(ctl(&p, "stop"), 0);
	pgenv_start();
}

struct refs {
	const struct label	*l;
	struct manifestread_ids	 ids;
};

static int
on_header(void *arg, uint32_t chunk_size, const char *const *ids, size_t n,
    struct err *e)
{
	(void)chunk_size;
	return (manifestread_ids_copy(&((struct refs *)arg)->ids, ids, n, e));
}

static int
on_chunk(void *arg, uint64_t index, const struct pack_ref *ref,
    struct err *e)
{
	const struct refs	*r = arg;
	const char		*id = r->ids.id[ref->backup];
	char			 path[LAYOUT_PATH];

	(void)index;
	if (ref->pack == 0)
		return (0);
	if (!label_has_pack(r->l, id, ref->pack))
		return (err_set(e, ERR_CORRUPT, "the manifest refers to pack "
		    "%u of %s, and the label does not", ref->pack, id));
	if (access(file(layout_pack(path, id, ref->pack)), F_OK) == -1)
		return (err_set(e, ERR_CORRUPT, "the manifest refers to %s, "
		    "which is missing", path));
	return (0);
}

/*
 * Expiry deletes what no label refers to: all that the manifest refers to must
 * be in the label, and all packs that were stored for it.
 */
static void
check_packs(const struct label *l)
{
	static const struct manifest_events	 events = {
		.header = on_header, .chunk = on_chunk
	};
	struct archive	*a = repoenv_open(&env, env.restore);
	struct refs	 r = { .l = l };
	struct err	 e = ERR_INIT;
	char		 path[LAYOUT_PATH];
	uint32_t	 no;

	if (manifestread(a, l, &events, &r, &e))
		fail_msg("%s", e.msg);
	manifestread_ids_free(&r.ids);
	archive_free(a);
	for (no = 1; no < PACKS; no++)
		if (access(file(layout_pack(path, l->id, no)), F_OK) == 0 &&
		    !label_has_pack(l, l->id, no))
			fail_msg("%s is in no label", path);
}

/* What the label says, and whether what it refers to is there. */
static void
check_label(const struct label *l, const struct basepush_sum *sum)
{
	assert_true(sum->system_id == env.system_id);
	assert_string_equal(l->label, "a \"label\"");
	assert_string_equal(l->data_directory, pgenv.data);
	assert_int_equal(l->timeline, 1);
	assert_true(l->start_lsn < l->stop_lsn);
	assert_true(l->start_us <= l->stop_us);
	assert_true(strcmp(l->start_wal, l->stop_wal) <= 0);
	assert_true(l->oldest_xid >= 3 && l->next_xid >= l->oldest_xid);
	assert_int_equal(l->wal_segment_size, 1 << 20);
	assert_int_equal(l->chunk_size, CHUNK);
	assert_false(l->from_standby);
	assert_true(l->data_checksums);
	assert_true(l->hot.known);
	assert_true(l->files == sum->stats.files && l->files > 100);
	assert_true(l->size == sum->stats.bytes && l->size > BIG);
	assert_true(l->stored_size == sum->stats.stored + l->manifest_size);
	assert_int_equal(l->damaged_pages, 0);
	check_packs(l);
}

/* A file changes while the backup runs, and PostgreSQL does a checkpoint. */
static void
change_late(void)
{
	char	 path[256];
	uint8_t	*p = malloc(BIG);
	int	 fd;

	assert_non_null(p);
	(void)snprintf(path, sizeof(path), "%s/zzz", pgenv.data);
	assert_int_not_equal(fd = open(path, O_WRONLY | O_CREAT, 0644), -1);
	memset(p, 'z', BIG);
	assert_int_equal(write(fd, p, BIG), BIG);
	assert_int_equal(close(fd), 0);
	free(p);
	pgenv_sql("create temp table x as select 1; checkpoint");
}

/*
 * Files count as unchanged that were at rest two seconds before the start of
 * the push that read them, so a cluster that was just made is too young.
 */
static void
wait_for_age(void)
{
	struct stat	 st;
	char		 path[256];

	(void)snprintf(path, sizeof(path), "%s/base/1/1255", pgenv.data);
	assert_int_equal(stat(path, &st), 0);
	while (time(NULL) < st.st_ctim.tv_sec + 4)
		(void)nanosleep(&tick, NULL);
}

/* Remove the packs of the first backup; returns how many there were. */
static unsigned
lose_packs(void)
{
	char		 path[LAYOUT_PATH];
	unsigned	 n = 0;
	uint32_t	 no;

	for (no = 1; no < PACKS; no++)
		n += unlink(file(layout_pack(path, first_id, no))) == 0;
	return (n);
}

static pid_t	 child;

/*
 * In another process: once base-push has found WAL missing, the first thing
 * that it does is to ask PostgreSQL for it.  Then packs go, and WAL comes.
 */
static void
lose_packs_meanwhile(void)
{
	int	 i;

	if ((child = fork()) != 0)
		return;
	for (i = 0; i < 300; i++) {
		if (postgres_sql(&pgenv, "select 1 / count(*) from "
		    "pg_stat_activity where application_name = 'base-push' "
		    "and query like '%pg_stat_archiver%' and query not like "
		    "'%pg_control_system%'") == 0) {
			i = lose_packs() > 0 ? 0 : 2;
			archive_wal();
			_exit(i);
		}
		(void)nanosleep(&tick, NULL);
	}
	_exit(1);
}

static void
test_backup(void **state)
{
	struct basepush_sum	 sum;
	struct label		*l;
	struct err		 e = ERR_INIT;
	char			 path[LAYOUT_PATH];
	int			 status;

	(void)state;
	/* boot() takes WAL from there. */
	pgenv_sql("alter system set wal_keep_size = '512MB'");
	pgenv_sql("select pg_reload_conf()");
	pgenv_sql("create table t as select generate_series(1, 1000) as i");
	change_late();
	wait_for_age();
	on_walk = change_late;
	on_wal = nothing_yet;
	wal_wait_ms = 60000;
	if (push(pgenv.conninfo, &l, &sum, &e))
		fail_msg("%s", e.msg);
	check_label(l, &sum);
	(void)snprintf(first_id, sizeof(first_id), "%s", l->id);
	boot(l);
	label_free(l);

	/* The next one knows it, and reads what changed after its start. */
	l = push_well(&sum);
	assert_string_equal(sum.base, first_id);
	if (sum.stats.kept_files < 100)
		fail_msg("only %" PRIu64 " files were taken unread",
		    sum.stats.kept_files);
	if (sum.stats.read < BIG)
		fail_msg("a file that changed after the start of the backup "
		    "before was taken unread");
	assert_true(sum.stats.equal >= BIG);
	if (access(file(layout_claim(path, first_id, l->id)), F_OK) == -1)
		fail_msg("there is no claim on the backup that is reused");
	check_label(l, &sum);
	label_free(l);

	/* What they share is looked at again before the label. */
	assert_int_equal(rename(file("wal"), testdir_path("gone")), 0);
	on_wal = lose_packs_meanwhile;
	wal_wait_ms = 60000;
	push_badly(pgenv.conninfo, ERR_REMOTE, "packs that this backup shares "
	    "with earlier ones were removed from the repository since it "
	    "began");
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* No label without its WAL; the next push resumes what was stored. */
static void
test_no_wal(void **state)
{
	struct basepush_sum	 sum;
	struct label		*l;

	(void)state;
	push_badly(pgenv.conninfo, ERR_PG, "was not archived within 0 s, so "
	    "the backup was not completed");
	l = push_well(&sum);
	if (sum.resumed[0] == '\0')
		fail_msg("a push that failed left no journal");
	assert_string_equal(sum.base, "");
	assert_true(sum.stats.equal + sum.stats.kept > l->size / 2);
	check_label(l, &sum);
	label_free(l);
	l = push_well(&sum);
	if (sum.resumed[0] != '\0')
		fail_msg("a push that succeeded left the journal of %s",
		    sum.resumed);
	label_free(l);
}

/* Write rubbish near the end of a file of the state folder. */
static void
spoil(const char *name)
{
	char		 path[700];
	struct stat	 st;
	int		 fd;

	(void)snprintf(path, sizeof(path), "%s/main/%" PRIu64 "/%s",
	    state_dir, env.system_id, name);
	assert_int_not_equal(fd = open(path, O_WRONLY), -1);
	assert_int_equal(fstat(fd, &st), 0);
	assert_true(st.st_size > 10000);
	assert_int_equal(pwrite(fd, "rubbish", 7, st.st_size - 5000), 7);
	assert_int_equal(close(fd), 0);
}

static void
spoil_list(void)
{
	spoil("last-manifest");
}

/* The list of the last backup changes while it is used. */
static void
test_list_changes(void **state)
{
	struct basepush_sum	 sum;

	(void)state;
	label_free(push_well(&sum));
	on_walk = spoil_list;
	on_wal = archive_wal;
	push_badly(pgenv.conninfo, ERR_CORRUPT, "last-manifest");
}

static void
spoil_journal(void)
{
	char		 path[600], name[64] = "";
	struct dirent	*d;
	DIR		*dp;

	(void)snprintf(path, sizeof(path), "%s/main/%" PRIu64, state_dir,
	    env.system_id);
	assert_non_null(dp = opendir(path));
	while ((d = readdir(dp)) != NULL)
		if (strncmp(d->d_name, "journal.", 8) == 0)
			(void)snprintf(name, sizeof(name), "%.60s",
			    d->d_name);
	(void)closedir(dp);
	spoil(name);
	archive_wal();
}

/* This host's disk gives back other bytes than were written. */
static void
test_journal(void **state)
{
	(void)state;
	on_wal = spoil_journal;
	push_badly(pgenv.conninfo, ERR_LOCAL, "journal in state_dir: read back "
	    "other bytes than were written");
}

static void
end_session(void)
{
	pgenv_sql("select pg_terminate_backend(pid) from pg_stat_activity "
	    "where application_name = 'base-push'");
}

/* The session that ends takes the backup with it. */
static void
test_session_ends(void **state)
{
	(void)state;
	on_walk = end_session;
	on_wal = archive_wal;
	push_badly(pgenv.conninfo, ERR_PG, "terminating connection");
}

static void
lose_directory(void)
{
	diskcalls_refuse('d', "/global", EIO, 3);
}

/* Files that the walk did not come to are in no backup. */
static void
test_walk_fails(void **state)
{
	struct basepush_sum	 sum;
	struct label		*l;
	struct err		 e = ERR_INIT;
	int			 rc;

	(void)state;
	on_walk = lose_directory;
	on_wal = archive_wal;
	rc = push(pgenv.conninfo, &l, &sum, &e);
	diskcalls_allow();
	if (rc == 0 || count("label") != 0)
		fail_msg("a directory could not be read, and the files before "
		    "it became a backup");
	assert_int_equal(e.kind, ERR_LOCAL);
	if (strstr(e.msg, "read directory global") == NULL)
		fail_msg("%s", e.msg);
}

/* A page of a relation that nobody reads: base/1 is template1. */
static void
damage(int undo)
{
	static char	 path[256];
	static uint8_t	 was;
	uint8_t		 b;
	int		 fd;

	(void)snprintf(path, sizeof(path), "%s/base/1/1255", pgenv.data);
	assert_int_not_equal(fd = open(path, O_RDWR), -1);
	if (!undo)
		assert_int_equal(pread(fd, &was, 1, 8192 + 5000), 1);
	b = undo ? was : was ^ 1;
	assert_int_equal(pwrite(fd, &b, 1, 8192 + 5000), 1);
	assert_int_equal(close(fd), 0);
}

/* A page that is newer than the start is torn: replay writes it anew. */
static void
tear(void)
{
	char	 path[256], text[256], *p;
	size_t	 n;
	struct err e = ERR_INIT;
	int	 fd;

	(void)snprintf(text, sizeof(text), "create table torn as select "
	    "generate_series(1, 9000); checkpoint; copy (select "
	    "pg_relation_filepath('torn')) to '%s/torn'", pgenv.top);
	pgenv_sql(text);
	(void)snprintf(path, sizeof(path), "%s/torn", pgenv.top);
	if (io_load(path, 100, &p, &n, &e))
		fail_msg("%s", e.msg);
	(void)snprintf(path, sizeof(path), "%s/%.*s", pgenv.data,
	    (int)strcspn(p, "\n"), p);
	free(p);
	assert_int_not_equal(fd = open(path, O_RDWR), -1);
	assert_int_equal(pwrite(fd, "torn", 4, 8192 + 5000), 4);
	assert_int_equal(close(fd), 0);
}

/* Damage is found with the cluster's own numbers: blocks, start, stop. */
static void
test_damage(void **state)
{
	struct basepush_sum	 sum;
	struct label		*l;

	(void)state;
	on_walk = tear;
	l = push_well(&sum);
	if (l->damaged_pages != 0)
		fail_msg("a page that replay writes anew counts as damaged");
	label_free(l);
	pgenv_sql("drop table torn");
	damage(0);
	l = push_well(&sum);
	damage(1);
	if (l->damaged_pages != 1 || l->damaged_files != 1)
		fail_msg("one page was damaged, the label says %" PRIu64,
		    l->damaged_pages);
	assert_string_equal(l->damaged[0], "base/1/1255");
	label_free(l);
}

static void
make_space(void)
{
	char	 path[128];

	pgenv_space(path, "late");
}

/* A tablespace that is made during the backup is in its label. */
static void
test_late_tablespace(void **state)
{
	struct basepush_sum	 sum;
	struct label		*l;

	(void)state;
	on_walk = make_space;
	l = push_well(&sum);
	pgenv_sql("drop tablespace late");
	if (l->ntablespaces != 1)
		fail_msg("the label has %zu tablespaces, expected 1",
		    l->ntablespaces);
	assert_string_equal(l->tablespaces[0].name, "late");
	label_free(l);
}

static struct postgres	 cold, other;

/* Whose pg_control it is, and of when: asked at the end of the copy, too. */
static void
swap_dir(void)
{
	assert_int_equal(unlink(link_dir), 0);
	assert_int_equal(symlink(other.data, link_dir), 0);
}

static void
test_wrong_directory(void **state)
{
	(void)state;
	postgres_stop(&pgenv);
	postgres_copy(&cold, &pgenv);
	pgenv_start();
	assert_int_equal(postgres_new(&other), 0);

	dir = other.data;
	on_wal = archive_wal;
	push_badly(pgenv.conninfo, ERR_PG, "found system identifier ");
	if (access(file("base"), F_OK) == 0)
		fail_msg("a push of another cluster's directory began");
	dir = cold.data;
	on_wal = archive_wal;
	push_badly(pgenv.conninfo, ERR_PG, "found its checkpoint at ");

	/* A mount that changes under the push. */
	(void)snprintf(link_dir, sizeof(link_dir), "%s",
	    testdir_path("link"));
	assert_int_equal(symlink(pgenv.data, link_dir), 0);
	dir = link_dir;
	on_walk = swap_dir;
	on_wal = archive_wal;
	push_badly(pgenv.conninfo, ERR_PG, "found system identifier ");
	postgres_free(&cold);
	postgres_free(&other);
}

static const struct postgres *standby;

static void
promote(void)
{
	assert_int_equal(postgres_sql(standby, "select pg_promote()"), 0);
}

/* Its WAL goes over to another timeline: no WAL leads from start to stop. */
static void
test_promoted(void **state)
{
	(void)state;
	standby = pgenv_standby();
	put_hook(standby->data);
	dir = standby->data;
	on_walk = promote;
	on_wal = archive_wal;
	push_badly(standby->conninfo, ERR_PG, "was promoted during");
}

#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		T(test_backup),
		T(test_no_wal),
		T(test_list_changes),
		T(test_journal),
		T(test_session_ends),
		T(test_walk_fails),
		T(test_damage),
		T(test_late_tablespace),
		T(test_wrong_directory),
		T(test_promoted)
	};

	return (cmocka_run_group_tests(tests, pgenv_setup, pgenv_teardown));
}
