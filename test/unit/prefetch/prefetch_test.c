/* SPDX-License-Identifier: ISC */
/* Segments fetched ahead from real stores, local and over SSH. */
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "atrest.h"
#include "base/clock.h"
#include "crypt/vouched.h"
#include "prefetch/prefetch.h"
#include "repoenv.h"
#include "retiring.h"
#include "sshd.h"
#include "testdir.h"
#include "wal/walarchive.h"
#include "wal/walfetch.h"
#include "wal/walpush.h"

#define SEG	((size_t)1 << 20)
#define SEG_ROOM (SEG + (1 << 16))	/* of an object, too */
#define AHEAD	4
#define WAIT_MS	120000		/* for what hangs */

static struct repoenv	 env;
static struct sshd	 server;
static int		 with_sshd;
static struct store_conf store;
static struct fetchpool_conf conf;
static struct prefetch	*pre;
static char		 data_dir[512], out_dir[512], url[1024];

/*
 * The front, as far as the work behind it sees it: answers are noted down.
 * Linked in place of serve.c.
 */
static struct {
	pthread_mutex_t	 lock;
	uint64_t	 answered;	/* ticket */
	int		 rc;
	struct err	 err;
	char		 note[ERR_MSGMAX];
	uint64_t	 gone;		/* a client that is no more */
} front = { .lock = PTHREAD_MUTEX_INITIALIZER };

void
serve_answer(struct serve *s, uint64_t ticket, int rc, const struct err *e)
{
	(void)s;
	(void)pthread_mutex_lock(&front.lock);
	front.answered = ticket;
	front.rc = rc;
	front.err = *e;
	(void)pthread_mutex_unlock(&front.lock);
}

int
serve_waits(struct serve *s, uint64_t ticket)
{
	int	 is;

	(void)s;
	(void)pthread_mutex_lock(&front.lock);
	is = ticket != front.gone;
	(void)pthread_mutex_unlock(&front.lock);
	return (is);
}

void
serve_note(struct serve *s, const char *fmt, ...)
{
	va_list	 ap;

	(void)s;
	va_start(ap, fmt);
	(void)vsnprintf(front.note, sizeof(front.note), fmt, ap);
	va_end(ap);
}

static void
start(void)
{
	struct err	 e = ERR_INIT;

	front.note[0] = '\0';
	conf.store = store;
	if (prefetch_new(&pre, &conf, (struct serve *)(void *)&front, &e))
		fail_msg("%s", e.msg);
}

/* On a busy machine three seconds may not be enough. */
static void
end_of(struct prefetch *p)
{
	int	 i;

	for (i = 0; i < 40; i++)
		if (prefetch_free(p) == 0)
			return;
	fail_msg("a thread does not end");
}

static void
end(void)
{
	end_of(pre);
	pre = NULL;
}

static int
setup(void **state)
{
	(void)state;
	repoenv_make(&env);
	store = env.conf;
	(void)snprintf(data_dir, sizeof(data_dir), "%s",
	    testdir_path("pg"));
	(void)snprintf(out_dir, sizeof(out_dir), "%s", testdir_path("out"));
	assert_int_equal(mkdir(data_dir, 0700), 0);
	assert_int_equal(mkdir(out_dir, 0700), 0);
	conf = (struct fetchpool_conf){
		.key = env.restore,
		.server = "main",
		.system_id = REPOENV_SYSTEM,
		.wal_segment_size = SEG,
		.data_directory = data_dir,
		.ahead = AHEAD
	};
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	end();
	if (with_sshd)
		sshd_stop(&server);
	with_sshd = 0;
	if (geteuid() == 0)
		(void)umount(data_dir);	/* test_disk_full() */
	repoenv_remove(&env);
	return (0);
}

/* The same repository by way of a server. */
static int
over_ssh(void)
{
	if (!sshd_available())
		return (0);
	sshd_start(&server, NULL);
	with_sshd = 1;
	sshd_reach(&store, url, &server, env.dir);
	return (1);
}

static const char *
name_of(unsigned tli, unsigned seg)
{
	static char	 buf[8][WALNAME_TEXT];
	static unsigned	 next;
	char		*p = buf[next++ % 8];

	(void)snprintf(p, WALNAME_TEXT, "%08X00000003%08X", tli, seg);
	return (p);
}

/* A segment of log 3, as PostgreSQL 15 begins one, hard to compress. */
static void
make_segment(unsigned tli, unsigned seg)
{
	static uint8_t	 buf[SEG];
	uint64_t	 at = (UINT64_C(3) << 32) + seg * SEG;
	uint64_t	 sysid = REPOENV_SYSTEM, x = seg * 7919 + tli;
	uint32_t	 segsize = SEG, page = 8192;
	uint16_t	 magic = 0xD110, info = 2;
	size_t		 i;

	for (i = 0; i + 8 <= sizeof(buf); i += 8) {
		x = x * UINT64_C(6364136223846793005) + 1442695040888963407u;
		memcpy(buf + i, &x, 8);
	}
	memset(buf, 0, 40);
	memcpy(buf, &magic, 2);
	memcpy(buf + 2, &info, 2);
	memcpy(buf + 4, &tli, 4);
	memcpy(buf + 8, &at, 8);
	memcpy(buf + 24, &sysid, 8);
	memcpy(buf + 32, &segsize, 4);
	memcpy(buf + 36, &page, 4);
	testdir_write(name_of(tli, seg), buf, sizeof(buf));
}

static void
push(unsigned tli, unsigned first, unsigned last)
{
	struct walpush_file	 w = {
		.codec = { CODEC_ZSTD, 1 },
		.wal_segment_size = SEG
	};
	struct archive		*a = repoenv_open(&env, env.push);
	struct err		 e = ERR_INIT;
	unsigned		 i;

	for (i = first; i <= last; i++) {
		make_segment(tli, i);
		w.name = name_of(tli, i);
		w.state_dir = testdir_path("state");
		w.fd = open(testdir_path(w.name), O_RDONLY);
		assert_int_not_equal(w.fd, -1);
		if (walpush_file(a, &w, &e))
			fail_msg("%s", e.msg);
		(void)close(w.fd);
	}
	archive_free(a);
}

static uint64_t	 tickets;

static uint64_t
ask(const char *name, const char *dir, const char *target)
{
	struct message_request	 req = { .verb = MESSAGE_FETCH };

	(void)snprintf(req.name, sizeof(req.name), "%s", name);
	(void)snprintf(req.target, sizeof(req.target), "%s", target);
	req.fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_not_equal(req.fd, -1);
	prefetch_work.ask(pre, ++tickets, &req);
	return (tickets);
}

static int
wait_answer(uint64_t ticket, struct err *e)
{
	int64_t	 end_ms = clock_mono_ms() + WAIT_MS;
	int	 rc = 0, there = 0;

	while (!there) {
		(void)pthread_mutex_lock(&front.lock);
		if ((there = front.answered == ticket)) {
			rc = front.rc;
			if (rc == -1)
				*e = front.err;
		}
		(void)pthread_mutex_unlock(&front.lock);
		if (!there && clock_mono_ms() > end_ms)
			fail_msg("no answer");
		if (!there)
			(void)usleep(200);
	}
	return (rc);
}

static int
fetch(const char *name, struct err *e)
{
	err_clear(e);
	return (wait_answer(ask(name, out_dir, "RECOVERYXLOG"), e));
}

/* All of a file, freed by the caller. */
static uint8_t *
slurp(const char *path, size_t *n)
{
	uint8_t	*p = calloc(1, SEG_ROOM);
	FILE	*f = fopen(path, "r");

	assert_non_null(p);
	if (f == NULL)
		fail_msg("%s: %s", path, strerror(errno));
	*n = fread(p, 1, SEG_ROOM, f);
	(void)fclose(f);
	return (p);
}

static void
check_file(const char *dir, const char *name)
{
	char	 path[600];
	uint8_t	*want, *got;
	size_t	 n, m;

	(void)snprintf(path, sizeof(path), "%s/RECOVERYXLOG", dir);
	want = slurp(testdir_path(name), &n);
	got = slurp(path, &m);
	assert_int_equal(m, n);
	assert_memory_equal(want, got, n);
	free(want);
	free(got);
	assert_int_equal(unlink(path), 0);
}

static void
get(const char *name)
{
	struct err	 e = ERR_INIT;

	if (fetch(name, &e) != 0)
		fail_msg("%s: %s", name, e.msg);
	check_file(out_dir, name);
}

/* Files in a folder: all, or those of a whole segment. */
static size_t
count_if(const char *dir, int whole)
{
	struct stat	 st;
	struct dirent	*de;
	size_t		 n = 0;
	DIR		*d = opendir(dir);

	if (d == NULL)
		return (0);
	while ((de = readdir(d)) != NULL)
		n += de->d_name[0] != '.' && (!whole ||
		    (fstatat(dirfd(d), de->d_name, &st, 0) == 0 &&
		    st.st_size == SEG));
	(void)closedir(d);
	return (n);
}

static size_t
count(const char *dir)
{
	return (count_if(dir, 0));
}

static size_t
ahead(void)
{
	char	 path[600];

	(void)snprintf(path, sizeof(path), "%s/" FETCHPOOL_DIR, data_dir);
	return (count_if(path, 1));
}

/* Until so many wait in the folder, and no more come. */
static void
expect_ahead(size_t n)
{
	int64_t		 end_ms = clock_mono_ms() + WAIT_MS;
	unsigned	 still;

	for (still = 0; still < 50; still++) {
		if (ahead() != n)
			still = 0;
		if (clock_mono_ms() > end_ms)
			fail_msg("%zu files are there, expected %zu",
			    ahead(), n);
		(void)usleep(1000);
	}
}

static void
in_order(void)
{
	unsigned	 i;

	push(1, 5, 24);
	start();
	get(name_of(1, 5));
	expect_ahead(AHEAD);
	for (i = 6; i <= 24; i++)
		get(name_of(1, i));
	expect_ahead(0);
	assert_string_equal(front.note, "");
}

static void
test_in_order(void **state)
{
	(void)state;
	in_order();
}

static void
test_in_order_ssh(void **state)
{
	(void)state;
	if (over_ssh())
		in_order();
}

static void
test_backwards(void **state)
{
	unsigned	 i;

	(void)state;
	push(1, 5, 12);
	start();
	get(name_of(1, 8));
	expect_ahead(4);
	for (i = 7; i >= 5; i--) {
		get(name_of(1, i));
		expect_ahead(0);
	}
	get(name_of(1, 6));
	expect_ahead(4);
}

static void
test_timeline(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	push(1, 5, 9);
	push(2, 8, 12);
	start();
	get(name_of(1, 6));
	expect_ahead(3);
	assert_int_equal(fetch(name_of(2, 7), &e), -1);	/* 8 is there: a gap */
	assert_int_equal(e.kind, ERR_REMOTE);
	get(name_of(1, 7));
	expect_ahead(2);
	get(name_of(2, 8));
	expect_ahead(4);
	assert_int_equal(fetch("00000003.history", &e), 1);
	get(name_of(2, 9));
	expect_ahead(3);
}

/* Who asks learns that part of the absent segment was streamed. */
static void
test_streamed(void **state)
{
	struct err	 e = ERR_INIT;
	char		 path[LAYOUT_PATH];

	(void)state;
	push(1, 5, 6);
	start();
	get(name_of(1, 5));
	get(name_of(1, 6));
	assert_int_equal(fetch(name_of(1, 7), &e), 1);
	assert_int_equal(layout_wal_open(path, name_of(1, 7), 1, &e), 0);
	repoenv_put(path, "");
	assert_int_equal(fetch(name_of(1, 7), &e), WALFETCH_STREAMED);
	assert_int_equal(fetch(name_of(1, 7), &e), WALFETCH_STREAMED);
}

/* A standby at the end of WAL: asked again is looked for again. */
static void
absent_then_there(void)
{
	struct err	 e = ERR_INIT;
	int		 i;

	push(1, 5, 6);
	start();
	get(name_of(1, 5));
	get(name_of(1, 6));
	for (i = 0; i < 5; i++)
		assert_int_equal(fetch(name_of(1, 7), &e), 1);
	push(1, 7, 8);
	get(name_of(1, 7));
	expect_ahead(1);
	get(name_of(1, 8));
	assert_int_equal(fetch(name_of(1, 9), &e), 1);
}

static void
test_absent(void **state)
{
	(void)state;
	absent_then_there();
}

static void
test_absent_ssh(void **state)
{
	char		*log, *p;
	unsigned	 n = 0;

	(void)state;
	if (!over_ssh())
		return;
	absent_then_there();
	/* Who polls does not cost a connection each time. */
	log = sshd_read_log(&server);
	for (p = log; (p = strstr(p, "session opened")) != NULL; p++)
		n++;
	free(log);
	assert_in_range(n, 1, 4);
}

/* No marker: nothing is proved. */
static void
test_unmounted(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	start();
	assert_int_equal(fetch(name_of(1, 5), &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	assert_non_null(strstr(e.msg, "is its disk mounted?"));
}

static void
test_damaged(void **state)
{
	char		 path[256];
	uint8_t		*was;
	size_t		 n;
	struct err	 e = ERR_INIT;

	(void)state;
	push(1, 5, 12);
	(void)snprintf(path, sizeof(path), "wal/00000001/00000003/%s",
	    name_of(1, 6));
	was = slurp(testdir_path(repoenv_file(path)), &n);
	was[n / 2] ^= 1;
	repoenv_change(path, was, n);
	start();
	get(name_of(1, 5));
	expect_ahead(3);		/* 7, 8, 9 */
	assert_int_equal(fetch(name_of(1, 6), &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_int_equal(count(out_dir), 0);
	was[n / 2] ^= 1;
	repoenv_change(path, was, n);
	get(name_of(1, 6));
	free(was);
	expect_ahead(4);
	/* Exchanged for its neighbour. */
	was = slurp(testdir_path(repoenv_file(path)), &n);
	(void)snprintf(path, sizeof(path), "wal/00000001/00000003/%s",
	    name_of(1, 11));
	repoenv_change(path, was, n);
	free(was);
	get(name_of(1, 7));
	assert_int_equal(fetch(name_of(1, 11), &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_int_equal(count(out_dir), 0);
}

/* What is in the folder at the start is not ours to trust. */
static void
test_emptied(void **state)
{
	char	 path[600];

	(void)state;
	push(1, 5, 12);
	(void)snprintf(path, sizeof(path), "%s/" FETCHPOOL_DIR, data_dir);
	assert_int_equal(mkdir(path, 0755), 0);
	(void)snprintf(path, sizeof(path), "pg/" FETCHPOOL_DIR "/%s",
	    name_of(1, 6));
	testdir_text(path, "what a killed one left");
	(void)snprintf(path, sizeof(path), "pg/" FETCHPOOL_DIR "/%s.1",
	    name_of(1, 6));
	testdir_text(path, "what a killed one left");
	start();
	(void)snprintf(path, sizeof(path), "%s/" FETCHPOOL_DIR, data_dir);
	assert_int_equal(count(path), 0);
	get(name_of(1, 5));
	get(name_of(1, 6));
	expect_ahead(4);
	end();
	assert_int_equal(count(data_dir), 0);
}

static void
expect_none_ahead(const char *why)
{
	start();
	if (strstr(front.note, why) == NULL)
		fail_msg("said \"%s\", expected \"%s\"", front.note, why);
	get(name_of(1, 5));
	get(name_of(1, 6));
	(void)usleep(100000);
	assert_int_equal(count(out_dir), 0);
	end();
}

static void
test_foreign_folder(void **state)
{
	char	 path[600];

	(void)state;
	push(1, 5, 12);
	(void)snprintf(path, sizeof(path), "%s/" FETCHPOOL_DIR, data_dir);
	testdir_text("other", "x");
	assert_int_equal(symlink(out_dir, path), 0);
	expect_none_ahead("Not a directory");
	assert_int_equal(unlink(path), 0);
	testdir_text("pg/" FETCHPOOL_DIR, "x");
	expect_none_ahead("Not a directory");
	assert_int_equal(unlink(path), 0);
	if (geteuid() == 0) {
		assert_int_equal(mkdir(path, 0700), 0);
		assert_int_equal(chown(path, 65534, 65534), 0);
		expect_none_ahead("owned by uid 65534, expected uid 0");
		assert_int_equal(rmdir(path), 0);
	}
	/* A folder in it is nothing that we made. */
	assert_int_equal(mkdir(path, 0700), 0);
	(void)snprintf(path, sizeof(path), "%s/" FETCHPOOL_DIR "/x", data_dir);
	assert_int_equal(mkdir(path, 0700), 0);
	expect_none_ahead("empty ");
}

static void *
end_soon(void *first)
{
	(void)usleep(300000);
	end_of(first);
	return (NULL);
}

/* After a change of the configuration the one before leaves a bit later. */
static void
test_two_agents(void **state)
{
	struct prefetch	*first;
	pthread_t	 t;

	(void)state;
	push(1, 5, 16);
	start();
	get(name_of(1, 5));
	expect_ahead(AHEAD);
	first = pre;
	start();			/* while the first one stays */
	if (strstr(front.note, "another agent still uses it") == NULL)
		fail_msg("said \"%s\"", front.note);
	get(name_of(1, 6));
	assert_int_equal(ahead(), AHEAD);
	end();
	pre = first;
	get(name_of(1, 6));
	expect_ahead(AHEAD);

	assert_int_equal(pthread_create(&t, NULL, end_soon, first), 0);
	start();			/* waits for the first one's end */
	assert_int_equal(pthread_join(t, NULL), 0);
	assert_string_equal(front.note, "");
	get(name_of(1, 7));
	expect_ahead(AHEAD);
	get(name_of(1, 8));
}

/* pg_wal may be a link to another file system. */
static void
test_other_file_system(void **state)
{
	struct stat	 a, b;
	struct err	 e = ERR_INIT;
	char		 dir[] = "/dev/shm/seawall.XXXXXX";
	unsigned	 i;

	(void)state;
	if (mkdtemp(dir) == NULL || stat(dir, &a) == -1 ||
	    stat(data_dir, &b) == -1 || a.st_dev == b.st_dev) {
		print_message("no second file system here: not tested\n");
		skip();
	}
	push(1, 5, 12);
	start();
	for (i = 5; i <= 12; i++) {
		if (wait_answer(ask(name_of(1, i), dir, "RECOVERYXLOG"), &e))
			fail_msg("%s", e.msg);
		check_file(dir, name_of(1, i));
		assert_int_equal(count(dir), 0);
	}
	expect_ahead(0);
	assert_int_equal(rmdir(dir), 0);
}

/* Replaced in one step, whatever was there. */
static void
test_target_there(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	push(1, 5, 6);
	start();
	testdir_text("out/RECOVERYXLOG", "old");
	get(name_of(1, 5));
	/* A folder cannot be. */
	(void)snprintf(url, sizeof(url), "%s/RECOVERYXLOG", out_dir);
	assert_int_equal(mkdir(url, 0700), 0);
	assert_int_equal(fetch(name_of(1, 6), &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
	assert_int_equal(rmdir(url), 0);
	get(name_of(1, 6));
}

/* Room for three segments: the one that is asked for comes first. */
static void
test_disk_full(void **state)
{
	unsigned	 i;

	(void)state;
	if (geteuid() != 0 || mount("none", data_dir, "tmpfs", 0,
	    "size=3200k,mode=700") == -1) {
		print_message("no tmpfs can be mounted: not tested\n");
		skip();
	}
	(void)snprintf(out_dir, sizeof(out_dir), "%s",
	    testdir_path("pg/out"));
	assert_int_equal(mkdir(out_dir, 0700), 0);
	push(1, 5, 12);
	start();
	for (i = 5; i <= 12; i++)
		get(name_of(1, i));
	/* All is taken by what was fetched ahead, and another is asked for. */
	get(name_of(1, 5));
	get(name_of(1, 6));
	(void)usleep(200000);
	assert_in_range(ahead(), 0, 3);
	get(name_of(1, 12));
}

/*
 * The server does nothing more, for old connections and new ones.  What it
 * had sent before has arrived when this returns.
 */
static void
stop_server(void)
{
	sshd_pause(&server);
	atrest_wait();
}

/* Closed while nobody used it: nobody is told. */
static void
test_idle_killed(void **state)
{
	unsigned	 i;

	(void)state;
	if (!over_ssh())
		return;
	push(1, 5, 30);
	start();
	for (i = 0; i < 3; i++) {
		get(name_of(1, 5 + i * 8));
		expect_ahead(4);
		stop_server();
		(void)sshd_signal(&server, SIGKILL);
		(void)kill(server.pid, SIGCONT);
	}
	get(name_of(1, 29));
}

/* At any moment: who asks again, as wal-fetch does, gets all of them. */
static void
test_connection_killed(void **state)
{
	struct err	 e = ERR_INIT;
	unsigned	 i, tries;

	(void)state;
	if (!over_ssh())
		return;
	push(1, 5, 40);
	start();
	for (i = 5; i <= 40; i++) {
		for (tries = 0; fetch(name_of(1, i), &e) == -1; tries++) {
			assert_int_equal(e.kind, ERR_REMOTE);
			if (tries == 5)
				fail_msg("%s: %s", name_of(1, i), e.msg);
		}
		check_file(out_dir, name_of(1, i));
		if (i % 5 == 0)
			sshd_signal(&server, SIGKILL);
	}
}

static void
test_server_gone(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	if (!over_ssh())
		return;
	push(1, 5, 20);
	store.io_timeout_ms = 6000;
	start();
	get(name_of(1, 5));
	expect_ahead(4);
	(void)kill(server.pid, SIGSTOP);
	sshd_signal(&server, SIGKILL);
	get(name_of(1, 6));
	get(name_of(1, 9));		/* what is here is here */
	assert_int_equal(fetch(name_of(1, 15), &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	(void)kill(server.pid, SIGCONT);
	get(name_of(1, 15));
}

static void
end_without_network(void)
{
	store.io_timeout_ms = WAIT_MS;
	start();
	get(name_of(1, 5));
	expect_ahead(4);
	stop_server();
	(void)ask(name_of(1, 15), out_dir, "RECOVERYXLOG");
	atrest_wait();			/* under way, and it hangs */
	assert_int_equal(prefetch_free(pre), 1);
	assert_int_equal(count(data_dir), 0);
}

/*
 * A network that says nothing does not keep the agent from leaving: another
 * process here too, since that leaves its threads to their end.
 */
static void
test_end_without_network(void **state)
{
	pid_t	 pid;
	int	 st;

	(void)state;
	if (!over_ssh())
		return;
	push(1, 5, 20);
	assert_int_not_equal(pid = fork(), -1);
	if (pid == 0) {
		end_without_network();
		_exit(77);
	}
	assert_int_equal(waitpid(pid, &st, 0), pid);
	assert_true(WIFEXITED(st));
	assert_int_equal(WEXITSTATUS(st), 77);
}

static void
test_forgotten(void **state)
{
	unsigned	 i;

	(void)state;
	push(1, 5, 20);
	start();
	for (i = 5; i <= 20; i++)
		prefetch_work.forget(pre, ask(name_of(1, i), out_dir,
		    "RECOVERYXLOG"));
	get(name_of(1, 5));
	expect_ahead(4);
}

/* Held up, the agent has not heard yet that its client is gone. */
static void
test_gone_unheard(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	push(1, 5, 20);
	start();
	get(name_of(1, 5));
	expect_ahead(4);
	front.gone = tickets + 1;
	assert_int_equal(fetch(name_of(1, 6), &e), -1);
	assert_string_equal(e.msg, "nobody waits for it any more");
	assert_int_equal(count(out_dir), 0);
	get(name_of(1, 6));
	get(name_of(1, 7));
}

/* Vouch for a segment, whose header's length is in its bytes 10 and 11. */
static void
vouch(const struct key *by, const char *name)
{
	uint8_t	 hash[HASH_LEN], entry[1][HASH_LEN], *p;
	char	 path[LAYOUT_PATH];
	size_t	 n;

	(void)snprintf(path, sizeof(path), "wal/00000001/00000003/%s", name);
	p = slurp(testdir_path(repoenv_file(path)), &n);
	hash_of(hash, p, (size_t)p[10] << 8 | p[11]);
	free(p);
	vouched_entry(entry[0], path, hash);
	retiring_vouch(path, &env, by, key_signer(env.push, 0), entry, 1);
}

/* An agent that runs when somebody vouches for what it refused. */
static void
test_vouched(void **state)
{
	struct key	*k, *by;
	struct err	 e = ERR_INIT;

	(void)state;
	retiring_renew("k", "n");
	k = retiring_load("n.restore");
	by = retiring_load("n.push");
	push(1, 5, 6);
	conf.key = k;
	start();
	assert_int_equal(fetch(name_of(1, 5), &e), -1);
	assert_non_null(strstr(e.msg, "which is retired"));
	vouch(by, name_of(1, 5));
	get(name_of(1, 5));
	assert_int_equal(fetch(name_of(1, 6), &e), -1);
	assert_non_null(strstr(e.msg, "no inventory lists it"));
	vouch(by, name_of(1, 6));
	get(name_of(1, 6));
	end();
	key_free(by);
	key_free(k);
}

#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		T(test_in_order), T(test_in_order_ssh), T(test_backwards),
		T(test_timeline), T(test_absent), T(test_absent_ssh),
		T(test_streamed), T(test_unmounted), T(test_damaged),
		T(test_emptied),
		T(test_foreign_folder), T(test_two_agents),
		T(test_other_file_system), T(test_target_there),
		T(test_disk_full), T(test_idle_killed),
		T(test_connection_killed), T(test_server_gone),
		T(test_end_without_network), T(test_forgotten),
		T(test_gone_unheard), T(test_vouched)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
