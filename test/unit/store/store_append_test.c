/* SPDX-License-Identifier: ISC */
/* Appending to a visible object: the same tests for each store. */
#include <sys/mount.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "sshd.h"
#include "store/store_append.h"
#include "store_conformance.h"

#define HANG_MS		300000

static struct conformance_env	 env;
static struct sshd		 server;

#define ok(call, e) do {						\
	if ((call) != 0)						\
		fail_msg("%s: %s", #call, (e)->msg);			\
} while (0)

static int
setup_local(void **state)
{
	static char	 tmp[] = "/tmp/seawall-append.XXXXXX";

	if (mkdtemp(tmp) == NULL)
		return (-1);
	memset(&env, 0, sizeof(env));
	(void)snprintf(env.dir, sizeof(env.dir), "%s/repo", tmp);
	env.conf.repository = env.dir;
	env.conf.io_timeout_ms = HANG_MS;
	env.conf.require_fsync = 1;
	*state = &env;
	return (0);
}

static int
teardown_local(void **state)
{
	(void)state;
	conformance_clean(&env);
	(void)rmdir(env.dir);
	*strrchr(env.dir, '/') = '\0';
	return (rmdir(env.dir));
}

static void
reach(const char *sftp_args)
{
	static char	 uri[1024];

	sshd_start(&server, sftp_args);
	memset(&env, 0, sizeof(env));
	(void)snprintf(env.dir, sizeof(env.dir), "%s/repo", server.dir);
	sshd_reach(&env.conf, uri, &server, env.dir);
	env.conf.io_timeout_ms = HANG_MS;
	env.conf.require_fsync = 1;
	env.own = &server;
}

static int
setup_sftp(void **state)
{
	reach(NULL);
	*state = &env;
	return (0);
}

static int
setup_append_only(void **state)
{
	reach(SSHD_APPEND_ONLY);
	*state = &env;
	return (0);
}

static int
setup_no_fsync(void **state)
{
	reach("-P fsync,hardlink,statvfs");
	env.conf.require_fsync = 0;
	*state = &env;
	return (0);
}

static int
teardown_sftp(void **state)
{
	(void)state;
	sshd_stop(&server);
	return (0);
}

static void
inside(char path[1024], const char *name)
{
	(void)snprintf(path, 1024, "%s/%s", env.dir, name);
}

/* What lies there: the pattern, "n" bytes long, not to be written to. */
static void
check_file(const char *name, size_t n)
{
	struct stat	 st;
	char		 path[1024];
	uint8_t		*buf = malloc(n + 1);
	size_t		 i;
	int		 fd;

	assert_non_null(buf);
	inside(path, name);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0400);
	assert_int_equal(st.st_size, n);
	assert_true((fd = open(path, O_RDONLY)) != -1);
	for (i = 0; i < n; i += 65536)
		assert_true(pread(fd, buf + i, n - i < 65536 ? n - i : 65536,
		    (off_t)i) > 0);
	for (i = 0; i < n; i++)
		if (buf[i] != conformance_byte(1, i))
			fail_msg("byte %zu", i);
	assert_int_equal(close(fd), 0);
	free(buf);
}

/* One flight of the pattern's next "n" bytes. */
static int
send_next(struct store_append *a, uint64_t *off, size_t n, struct err *e)
{
	uint8_t	*buf = malloc(n);
	size_t	 i;
	int	 rc;

	assert_non_null(buf);
	for (i = 0; i < n; i++)
		buf[i] = conformance_byte(1, (size_t)*off + i);
	rc = store_append_send(a, buf, n, e);
	*off += n;
	free(buf);
	return (rc);
}

/* Wait until "durable" is at least "want". */
static int
until(struct store *s, struct store_append *a, uint64_t want, struct err *e)
{
	const int64_t	 start = clock_mono_ms();
	uint64_t	 durable = 0;

	for (;;) {
		if (store_append_step(a, &durable, e))
			return (-1);
		if (durable >= want)
			break;
		if (store_append_wait(s, NULL, 0, 1000, e))
			return (-1);
		if (clock_mono_ms() - start > HANG_MS)
			fail_msg("hangs");
	}
	assert_int_equal(durable, want);
	return (0);
}

static void
test_sizes(void **state)
{
	static const size_t	 size[] = { 1, 32768, 32767, 32769, 1000000,
				    5, 1 << 20 };
	struct store_append	*a = NULL;
	struct store		*s = conformance_open(&env.conf);
	struct err		 e = ERR_INIT;
	uint64_t		 off = 0, durable = 1;
	size_t			 i;

	(void)state;
	ok(store_append_open(&a, s, "wal/1/0/x", &e), &e);
	ok(store_append_step(a, &durable, &e), &e);
	assert_int_equal(durable, 0);
	for (i = 0; i < sizeof(size) / sizeof(size[0]); i++) {
		ok(send_next(a, &off, size[i], &e), &e);
		ok(until(s, a, off, &e), &e);
		assert_int_equal(store_append_flights(a), 0);
		check_file("wal/1/0/x", (size_t)off);
	}
	store_append_free(a);
	check_file("wal/1/0/x", (size_t)off);
	store_free(s);
	conformance_clean(&env);
}

/* More flights than may be under way: each in its turn, none lost. */
static void
test_flights(void **state)
{
	struct store_append	*a = NULL;
	struct store		*s = conformance_open(&env.conf);
	struct err		 e = ERR_INIT;
	uint64_t		 off = 0, durable, last = 0;
	int			 i;

	(void)state;
	ok(store_append_open(&a, s, "wal/flights", &e), &e);
	for (i = 0; i < 100; i++) {
		ok(send_next(a, &off, 1000, &e), &e);
		assert_in_range(store_append_flights(a), 0,
		    STORE_APPEND_FLIGHTS);
		if (i % 7 != 0)
			continue;
		ok(store_append_step(a, &durable, &e), &e);
		assert_int_equal(durable % 1000, 0);
		assert_true(durable >= last && durable <= off);
		last = durable;
	}
	ok(until(s, a, off, &e), &e);
	store_append_free(a);
	check_file("wal/flights", 100000);
	store_free(s);
	conformance_clean(&env);
}

/* What is taken stays as it is, and another name may be tried. */
static void
test_taken(void **state)
{
	struct store_append	*a = NULL;
	struct store		*s = conformance_open(&env.conf);
	struct err		 e = ERR_INIT;
	uint64_t		 off = 0;

	(void)state;
	ok(conformance_put(s, "wal/taken", 0, 100, 1, &e), &e);
	if (store_append_open(&a, s, "wal/taken", &e) == 0)
		assert_int_equal(send_next(a, &off, 10, &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	assert_non_null(strstr(e.msg, "wal/taken exists already"));
	store_append_free(a);
	check_file("wal/taken", 100);
	/* The same, found out by a step. */
	err_clear(&e);
	a = NULL;
	if (store_append_open(&a, s, "wal/taken", &e) == 0)
		assert_int_equal(until(s, a, 1, &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	store_append_free(a);
	err_clear(&e);
	a = NULL;
	off = 0;
	ok(store_append_open(&a, s, "wal/free", &e), &e);
	ok(send_next(a, &off, 10, &e), &e);
	ok(until(s, a, 10, &e), &e);
	store_append_free(a);
	check_file("wal/free", 10);
	store_free(s);
	conformance_clean(&env);
}

/* Two at once, and other calls in between. */
static void
test_two(void **state)
{
	struct store_append	*a = NULL, *b = NULL;
	struct store		*s = conformance_open(&env.conf);
	struct err		 e = ERR_INIT;
	uint64_t		 na = 0, nb = 0;
	int			 i;

	(void)state;
	ok(store_append_open(&a, s, "wal/1/a", &e), &e);
	for (i = 0; i < 5; i++)
		ok(send_next(a, &na, 70000, &e), &e);
	ok(store_append_open(&b, s, "wal/2/b", &e), &e);
	for (i = 0; i < 5; i++)
		ok(send_next(b, &nb, 3000, &e), &e);
	ok(conformance_put(s, "wal/1/c", 8, 100000, 1, &e), &e);
	ok(until(s, b, nb, &e), &e);
	ok(until(s, a, na, &e), &e);
	store_append_free(a);
	ok(send_next(b, &nb, 1, &e), &e);
	ok(until(s, b, nb, &e), &e);
	store_append_free(b);
	check_file("wal/1/a", 350000);
	check_file("wal/2/b", 15001);
	check_file("wal/1/c", 100000);
	store_free(s);
	conformance_clean(&env);
}

/* Given up with all under way: what was sent may be there, nothing breaks. */
static void
test_given_up(void **state)
{
	struct store_append	*a = NULL;
	struct store		*s = conformance_open(&env.conf);
	struct err		 e = ERR_INIT;
	uint64_t		 off = 0;

	(void)state;
	ok(store_append_open(&a, s, "wal/given-up", &e), &e);
	store_append_free(a);
	a = NULL;
	ok(store_append_open(&a, s, "wal/sent", &e), &e);
	ok(send_next(a, &off, 300000, &e), &e);
	ok(send_next(a, &off, 300000, &e), &e);
	store_append_free(a);
	check_file("wal/sent", 600000);
	ok(conformance_put(s, "wal/after", 8, 1000, 1, &e), &e);
	store_free(s);
	conformance_clean(&env);
}

/* An fsync of a file without a name succeeds; that is no success. */
static void
test_vanished(void **state)
{
	struct store_append	*a = NULL;
	struct store		*s = conformance_open(&env.conf);
	struct err		 e = ERR_INIT;
	uint64_t		 off = 0;
	char			 path[1024];

	(void)state;
	ok(store_append_open(&a, s, "wal/gone", &e), &e);
	ok(send_next(a, &off, 10, &e), &e);
	ok(until(s, a, off, &e), &e);
	inside(path, "wal/gone");
	assert_int_equal(unlink(path), 0);
	assert_true(send_next(a, &off, 10, &e) == -1 ||
	    until(s, a, off, &e) == -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	if (strstr(e.msg, "wal/gone was removed") == NULL)
		fail_msg("%s", e.msg);
	store_append_free(a);
	/* The store is as good as ever. */
	err_clear(&e);
	ok(conformance_put(s, "wal/after", 8, 1000, 1, &e), &e);
	store_free(s);
	conformance_clean(&env);
}

/* Cut by somebody: what was durable is not there any more. */
static void
test_cut(void **state)
{
	struct store_append	*a = NULL;
	struct store		*s = conformance_open(&env.conf);
	struct err		 e = ERR_INIT;
	uint64_t		 off = 0;
	char			 path[1024];

	(void)state;
	ok(store_append_open(&a, s, "wal/cut", &e), &e);
	ok(send_next(a, &off, 100, &e), &e);
	ok(until(s, a, off, &e), &e);
	inside(path, "wal/cut");
	/* Another file in its place is as bad as none. */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(close(open(path, O_CREAT | O_WRONLY, 0400)), 0);
	assert_true(send_next(a, &off, 10, &e) == -1 ||
	    until(s, a, off, &e) == -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	store_append_free(a);
	store_free(s);
	conformance_clean(&env);
}

/* Expiry removes empty folders; this store knows of them, and makes them. */
static void
test_folder_gone(void **state)
{
	struct store_append	*a = NULL;
	struct store		*s = conformance_open(&env.conf);
	struct err		 e = ERR_INIT;
	uint64_t		 off = 0;

	(void)state;
	ok(conformance_put(s, "wal/1/2/x", 0, 10, 1, &e), &e);
	conformance_clean(&env);
	ok(store_append_open(&a, s, "wal/1/2/y", &e), &e);
	ok(send_next(a, &off, 10, &e), &e);
	ok(until(s, a, off, &e), &e);
	store_append_free(a);
	check_file("wal/1/2/y", 10);
	store_free(s);
	conformance_clean(&env);
}

static void
test_base_gone(void **state)
{
	struct store_append	*a = NULL;
	struct store		*s = conformance_open(&env.conf);
	struct err		 e = ERR_INIT;
	uint64_t		 off = 0;

	(void)state;
	ok(store_enter(s, "main/7", &e), &e);
	store_makes_base(s, 0);
	assert_true(store_append_open(&a, s, "wal/x", &e) == -1 ||
	    send_next(a, &off, 10, &e) == -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	if (strstr(e.msg, "is its disk mounted?") == NULL)
		fail_msg("%s", e.msg);
	store_append_free(a);
	store_free(s);
	assert_int_equal(conformance_count(env.dir, ""), 0);
	conformance_clean(&env);
}

/* Other descriptors are waited for at the same time. */
static void
test_beside(void **state)
{
	struct store_append	*a = NULL;
	struct store		*s = conformance_open(&env.conf);
	struct pollfd		 fds[2];
	struct err		 e = ERR_INIT;
	uint64_t		 off = 0;
	int			 p[2], q[2];

	(void)state;
	assert_int_equal(pipe(p), 0);
	assert_int_equal(pipe(q), 0);
	memset(fds, 0, sizeof(fds));
	fds[0].fd = p[0];
	fds[1].fd = q[0];
	fds[0].events = fds[1].events = POLLIN;
	/* Nothing at all: the time is up. */
	ok(store_append_wait(s, fds, 2, 1, &e), &e);
	assert_int_equal(fds[0].revents | fds[1].revents, 0);
	assert_int_equal(write(q[1], "x", 1), 1);
	ok(store_append_wait(s, fds, 2, HANG_MS, &e), &e);
	assert_int_equal(fds[0].revents, 0);
	assert_int_equal(fds[1].revents, POLLIN);
	ok(store_append_open(&a, s, "wal/x", &e), &e);
	ok(send_next(a, &off, 10, &e), &e);
	ok(store_append_wait(s, fds, 2, HANG_MS, &e), &e);
	assert_int_equal(fds[1].revents, POLLIN);
	ok(until(s, a, 10, &e), &e);
	store_append_free(a);
	store_free(s);
	assert_int_equal(close(p[0]) | close(p[1]) | close(q[0]) |
	    close(q[1]), 0);
	conformance_clean(&env);
}

static void
test_full(void **state)
{
	struct store_conf	 c = env.conf;
	struct store_append	*a = NULL;
	struct store		*s;
	struct err		 e = ERR_INIT;
	uint64_t		 off = 0;
	char			 dir[1024], repo[1024];
	int			 i, rc = 0;

	(void)state;
	(void)snprintf(dir, sizeof(dir), "%s", env.dir);
	(void)strcpy(strrchr(dir, '/'), "/full");
	assert_int_equal(mkdir(dir, 0700), 0);
	if (mount("none", dir, "tmpfs", 0, "size=1m") == -1) {
		(void)rmdir(dir);
		print_message("no right to mount: full disk not tested\n");
		return;
	}
	c.repository = dir;
	if (env.own != NULL)
		sshd_reach(&c, repo, &server, dir);
	s = conformance_open(&c);
	ok(store_append_open(&a, s, "x", &e), &e);
	for (i = 0; i < 30 && rc == 0; i++)
		rc = send_next(a, &off, 100000, &e);
	if (rc == 0)
		rc = until(s, a, off, &e);
	assert_int_equal(rc, -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	if (strstr(e.msg, "no space left") == NULL)
		fail_msg("%s", e.msg);
	store_append_free(a);
	store_free(s);
	assert_int_equal(umount(dir), 0);
	assert_int_equal(rmdir(dir), 0);
}

/* The server stops answering: a step says so, after io_timeout. */
static void
test_silent(void **state)
{
	struct store_conf	 c = env.conf;
	struct store_append	*a = NULL;
	struct store		*s;
	struct err		 e = ERR_INIT;
	uint64_t		 off = 0;

	(void)state;
	s = conformance_open(&c);
	ok(store_append_open(&a, s, "wal/silent", &e), &e);
	ok(send_next(a, &off, 10, &e), &e);
	ok(until(s, a, 10, &e), &e);
	store_append_free(a);
	store_free(s);
	a = NULL;
	c.io_timeout_ms = 3000;
	s = conformance_open(&c);
	ok(store_append_open(&a, s, "wal/silent2", &e), &e);
	ok(send_next(a, &off, 10, &e), &e);
	assert_true(sshd_signal(&server, SIGSTOP) > 0);
	if (send_next(a, &off, 10, &e) == 0)
		assert_int_equal(until(s, a, UINT64_MAX, &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	if (strstr(e.msg, "did not answer for 3 s") == NULL)
		fail_msg("%s", e.msg);
	assert_true(sshd_signal(&server, SIGCONT) > 0);
	store_append_free(a);
	store_free(s);
	conformance_clean(&env);
}

static void
test_killed(void **state)
{
	struct store_append	*a = NULL;
	struct store		*s = conformance_open(&env.conf);
	struct err		 e = ERR_INIT;
	uint64_t		 off = 0, durable;
	int			 i, rc = 0;

	(void)state;
	ok(store_append_open(&a, s, "wal/killed", &e), &e);
	ok(send_next(a, &off, 10, &e), &e);
	ok(until(s, a, 10, &e), &e);
	assert_true(sshd_signal(&server, SIGKILL) > 0);
	for (i = 0; i < 100 && rc == 0; i++)
		rc = send_next(a, &off, 10, &e);
	assert_int_equal(rc, -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	err_clear(&e);
	assert_int_equal(store_append_step(a, &durable, &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	store_append_free(a);
	store_free(s);
	conformance_clean(&env);
}

#define SAME								\
	cmocka_unit_test(test_sizes),					\
	cmocka_unit_test(test_flights),					\
	cmocka_unit_test(test_taken),					\
	cmocka_unit_test(test_two),					\
	cmocka_unit_test(test_given_up),				\
	cmocka_unit_test(test_vanished),				\
	cmocka_unit_test(test_cut),					\
	cmocka_unit_test(test_folder_gone),				\
	cmocka_unit_test(test_base_gone),				\
	cmocka_unit_test(test_beside)

int
main(void)
{
	const struct CMUnitTest	 local[] = {
		cmocka_unit_test(test_full), SAME,
	}, sftp[] = {
		cmocka_unit_test(test_full), SAME,
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_killed),
	}, other[] = { SAME };
	int	 rc;

	rc = cmocka_run_group_tests(local, setup_local, teardown_local);
	if (!sshd_available())
		return (rc);
	rc += cmocka_run_group_tests(sftp, setup_sftp, teardown_sftp);
	rc += cmocka_run_group_tests(other, setup_append_only, teardown_sftp);
	return (rc + cmocka_run_group_tests(other, setup_no_fsync,
	    teardown_sftp));
}
