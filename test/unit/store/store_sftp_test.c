/* SPDX-License-Identifier: ISC */
/* A real SFTP server as a store. */
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "sshd.h"
#include "store/sftp.h"
#include "store_conformance.h"

static struct conformance_env	 env;
static struct sshd		 server;

static void
configure(struct store_conf *c, const struct sshd *s, char *uri,
    const char *dir)
{
	memset(c, 0, sizeof(*c));
	sshd_reach(c, uri, s, dir);
	c->io_timeout_ms = 300000;	/* for a test that hangs */
	c->require_fsync = 1;
}

static int
setup(void **state)
{
	static char	 uri[1024];

	sshd_start(&server, NULL);
	(void)snprintf(env.dir, sizeof(env.dir), "%s/repo", server.dir);
	configure(&env.conf, &server, uri, env.dir);
	env.own = &server;
	*state = &env;
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	sshd_stop(&server);
	return (0);
}

/* That opening fails, with this kind and all of these words. */
static void
refused(const struct store_conf *c, enum err_kind kind, const char *a,
    const char *b, const char *d)
{
	struct store	*s = NULL;
	struct err	 e = ERR_INIT;

	assert_int_equal(store_open(&s, c, &e), -1);
	if (e.kind != kind || strstr(e.msg, a) == NULL ||
	    strstr(e.msg, b) == NULL || strstr(e.msg, d) == NULL)
		fail_msg("kind %d: %s", e.kind, e.msg);
}

static int
open_files(void)
{
	DIR	*d = opendir("/proc/self/fd");
	int	 n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	(void)closedir(d);
	return (n);
}

static void
test_host_keys(void **state)
{
	struct store_conf	 c = env.conf;
	char			 empty[256], changed[256], cmd[1024];
	int			 files = open_files();

	(void)state;
	(void)snprintf(empty, sizeof(empty), "%s/empty", server.dir);
	(void)snprintf(changed, sizeof(changed), "%s/changed", server.dir);
	(void)snprintf(cmd, sizeof(cmd), ": >%s; { printf '[127.0.0.1]:%d ';"
	    " cat %s.pub; } >%s", empty, server.port, server.other_key,
	    changed);
	assert_int_equal(system(cmd), 0);
	c.known_hosts = empty;
	refused(&c, ERR_CONFIG, "127.0.0.1: unknown host key",
	    server.host_key, "set host_key");
	c.known_hosts = "/no/such/file";
	refused(&c, ERR_CONFIG, "unknown host key", server.host_key, "");
	c.known_hosts = changed;
	refused(&c, ERR_CONFIG, "127.0.0.1: host key has changed",
	    server.host_key, changed);
	c.host_key = server.host_key;
	store_free(conformance_open(&c));
	c.host_key = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
	refused(&c, ERR_CONFIG, "host key has changed", server.host_key,
	    "SHA256:AAAAAAAAAAAAAA");
	assert_int_equal(open_files(), files);
}

static void
test_user_keys(void **state)
{
	struct store_conf	 c = env.conf;
	char			 locked[256], cmd[512];
	int			 files = open_files();

	(void)state;
	c.ssh_key = server.other_key;
	refused(&c, ERR_CONFIG, "the server refused", server.other_key,
	    "authorized_keys");
	c.ssh_key = "/no/such/key";
	refused(&c, ERR_CONFIG, "ssh_key /no/such/key", "No such file", "");
	assert_int_equal(chmod(server.known_hosts, 0600), 0);
	c.ssh_key = server.known_hosts;
	refused(&c, ERR_CONFIG, "not a private key", "", "");
	assert_int_equal(chmod(server.user_key, 0640), 0);
	c.ssh_key = server.user_key;
	refused(&c, ERR_CONFIG, server.user_key, "mode 0640", "chmod 600");
	assert_int_equal(chmod(server.user_key, 0604), 0);
	refused(&c, ERR_CONFIG, server.user_key, "mode 0604", "others may");
	assert_int_equal(chmod(server.user_key, 0600), 0);
	(void)snprintf(locked, sizeof(locked), "%s/locked", server.dir);
	(void)snprintf(cmd, sizeof(cmd),
	    "ssh-keygen -q -t rsa -m PEM -N secret -f %s", locked);
	assert_int_equal(system(cmd), 0);
	c.ssh_key = locked;
	refused(&c, ERR_CONFIG, "without a passphrase", locked, "");
	assert_int_equal(open_files(), files);
}

/* Nobody writes into it: opening it would wait for ever. */
static void
test_fifos(void **state)
{
	struct store_conf	 c = env.conf;
	char			 fifo[256];

	(void)state;
	(void)snprintf(fifo, sizeof(fifo), "%s/fifo", server.dir);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	c.ssh_key = fifo;
	refused(&c, ERR_CONFIG, "ssh_key", fifo, "not a regular file");
	c = env.conf;
	c.ssh_config = fifo;
	refused(&c, ERR_CONFIG, "ssh_config", fifo, "not a regular file");
	c = env.conf;
	c.known_hosts = fifo;
	refused(&c, ERR_CONFIG, "known_hosts", fifo, "not a regular file");
}

static void
test_nobody_there(void **state)
{
	struct store_conf	 c = env.conf;

	(void)state;
	c.repository = "ssh://127.0.0.1:1/srv/x";
	refused(&c, ERR_REMOTE, "connect to 127.0.0.1 port 1",
	    "Connection refused", "");
	c.repository = "no-such-host.invalid:/srv/x";
	refused(&c, ERR_REMOTE, "look up no-such-host.invalid", "", "");
}

/* PostgreSQL's archiver has hardly any environment. */
static void
test_poor_environment(void **state)
{
	pid_t	 pid;
	int	 status;

	(void)state;
	if ((pid = fork()) == 0) {
		struct err	 e = ERR_INIT;
		struct store	*s;

		(void)clearenv();
		s = conformance_open(&env.conf);
		status = conformance_put(s, "env", 0, 10, 0, &e);
		store_free(s);
		_exit(status == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	conformance_clean(&env);
}

/* The server's own log shows what it was asked to make durable. */
static void
test_fsync_requested(void **state)
{
	struct store	*s = conformance_open(&env.conf);
	struct err	 e = ERR_INIT;
	char		*log, *link, *file, *dir, want[600];

	(void)state;
	assert_int_equal(store_enter(s, "main/7", &e), 0);
	assert_int_equal(conformance_put(s, "wal/1/logged", 8, 100000, 1,
	    &e), 0);
	store_free(s);
	log = sshd_read_log(&server);
	(void)snprintf(want, sizeof(want), "hardlink old \"%s/main/7/tmp/",
	    env.dir);
	link = strstr(log, want);
	if (link == NULL)
		fail_msg("no link in %s", log);
	/* Of the temporary file before, of every directory after the link. */
	(void)snprintf(want, sizeof(want), "fsync \"%s/main/7/tmp/", env.dir);
	file = strstr(log, want);
	assert_non_null(file);
	assert_true(file < link);
	(void)snprintf(want, sizeof(want), "fsync \"%s/main/7/wal/1\"",
	    env.dir);
	for (;;) {
		dir = strstr(link, want);
		if (dir == NULL)
			fail_msg("no %s", want);
		*strrchr(want, '/') = '\0';
		if (strlen(want) < strlen("fsync \"") + strlen(env.dir) - 5)
			break;
		(void)strcat(want, "\"");
	}
	free(log);
	conformance_clean(&env);
}

/* How often "what" is in the server's log. */
static int
logged(const char *what)
{
	char	*log = sshd_read_log(&server), *p;
	int	 n = 0;

	for (p = log; (p = strstr(p, what)) != NULL; p++)
		n++;
	free(log);
	return (n);
}

/* A name that somebody else gave, and died. */
static void
test_sync_requested(void **state)
{
	struct store	*s = conformance_open(&env.conf);
	struct err	 e = ERR_INIT;
	char		 dir[600], up[600];
	int		 was, was_up;

	(void)state;
	assert_int_equal(conformance_put(s, "wal/2/there", 8, 1000, 1, &e),
	    0);
	store_free(s);
	(void)snprintf(dir, sizeof(dir), "fsync \"%s/wal/2\"", env.dir);
	(void)snprintf(up, sizeof(up), "fsync \"%s/wal\"", env.dir);
	was = logged(dir);
	was_up = logged(up);
	s = conformance_open(&env.conf);
	assert_int_equal(store_settle(s, "wal/2/there", &e), 0);
	assert_int_equal(logged(dir), was + 1);
	assert_int_equal(logged(up), was_up + 1);
	assert_int_equal(store_settle(s, "wal/3/not", &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	store_free(s);
	conformance_clean(&env);
}

/*
 * Where we are slow an answer is there before it is waited for.  The data is
 * less than what may always be under way (store/pace.h), so it waits for none.
 */
static void
test_round_trips(void **state)
{
	struct store	*s = conformance_open(&env.conf);
	struct err	 e = ERR_INIT;
	uint64_t	 before;

	(void)state;
	before = sftp_turns(s);
	assert_int_equal(conformance_put(s, "a/b/one", 100, 100000, 1, &e),
	    0);
	assert_in_range(sftp_turns(s) - before, 0, 4);
	before = sftp_turns(s);
	assert_int_equal(conformance_put(s, "a/b/two", 100, 1000, 1, &e), 0);
	assert_in_range(sftp_turns(s) - before, 0, 4);
	store_free(s);
	conformance_clean(&env);
}

static void
test_append_only(void **state)
{
	static const char *const	 names[] = { "wal/one" };
	static const char *const	 dirs[] = { "wal" };
	struct store_conf		 c;
	struct sshd			 other;
	struct store			*s;
	struct err			 e = ERR_INIT;
	char				 uri[1024], dir[256];
	int				 i;

	(void)state;
	sshd_start(&other, SSHD_APPEND_ONLY);
	(void)snprintf(dir, sizeof(dir), "%s/repo", other.dir);
	configure(&c, &other, uri, dir);
	s = conformance_open(&c);
	assert_int_equal(conformance_put(s, "wal/one", 10, 100000, 1, &e), 0);
	assert_int_equal(conformance_put(s, "wal/two", 10, 0 + 10, 2, &e), 0);
	assert_int_equal(conformance_put(s, "wal/one", 10, 50000, 3, &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	for (i = 0; i < 3; i++) {
		err_clear(&e);
		assert_int_equal(i == 0 ? store_remove(s, names, 1, &e) :
		    i == 1 ? store_rmdir(s, dirs, 1, &e) :
		    store_rename(s, "wal/one", "wal/gone", &e), -1);
		assert_int_equal(e.kind, ERR_REMOTE);
		if (strstr(e.msg, "permission denied on 127.0.0.1") == NULL)
			fail_msg("%s", e.msg);
	}
	assert_int_equal(conformance_count(dir, "wal"), 2);
	err_clear(&e);
	assert_int_equal(conformance_put(s, "wal/three", 10, 99, 1, &e), 0);
	store_free(s);
	sshd_stop(&other);
}

static void
test_no_fsync(void **state)
{
	struct store_conf	 c;
	struct sshd		 other;
	struct store		*s;
	struct err		 e = ERR_INIT;
	char			 uri[1024], dir[256];

	(void)state;
	sshd_start(&other, "-P fsync,hardlink,statvfs");
	(void)snprintf(dir, sizeof(dir), "%s/repo", other.dir);
	configure(&c, &other, uri, dir);
	refused(&c, ERR_CONFIG, "127.0.0.1", "cannot fsync",
	    "require_fsync = no");
	/* The same, but found with the first answer, whatever was asked. */
	c.early = 1;
	s = conformance_open(&c);
	assert_int_equal(conformance_put(s, "wal/one", 10, 1000, 1, &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	assert_non_null(strstr(e.msg, "cannot fsync"));
	store_free(s);
	assert_int_equal(conformance_count(dir, "wal"), 0);
	err_clear(&e);
	c.early = 0;
	c.require_fsync = 0;
	s = conformance_open(&c);
	/* Without hardlink it is RENAME of version 3 that never replaces. */
	assert_int_equal(conformance_put(s, "wal/one", 10, 100000, 1, &e), 0);
	assert_int_equal(conformance_put(s, "wal/one", 10, 50000, 2, &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	assert_int_equal(conformance_count(dir, "wal"), 1);
	store_free(s);
	assert_int_equal(conformance_count(dir, ""), 1);
	sshd_stop(&other);
}

static char	 zeros[65536];

/*
 * Connect and begin an object; -1 if that took longer than the deadline,
 * which is short for the trouble that follows.
 */
static int
begin_put(struct store **s, struct store_put **p, const struct store_conf *c)
{
	struct err	 e = ERR_INIT;

	*s = NULL;
	*p = NULL;
	if (store_open(s, c, &e) == 0 &&
	    store_put_open(p, *s, "wal/never", 0, &e) == 0 &&
	    store_put_write(*p, zeros, sizeof(zeros), &e) == 0)
		return (0);
	if (strstr(e.msg, "did not answer") == NULL)
		fail_msg("%s", e.msg);
	store_put_free(*p);
	store_free(*s);
	return (-1);
}

static void
count_wait(void *arg, int begins)
{
	*(unsigned *)arg += begins != 0;
}

/* Put until it fails: what it says, and how long it took. */
static void
put_into_trouble(int sig, uint64_t timeout_ms, int64_t *ms, struct err *e)
{
	struct store_conf	 c = env.conf;
	struct store_put	*p;
	struct store		*s;
	int64_t			 start;
	unsigned		 waits = 0;
	int			 i;

	c.io_timeout_ms = timeout_ms;
	c.waits = count_wait;
	c.waits_arg = &waits;
	while (begin_put(&s, &p, &c))
		;
	assert_true(sshd_signal(&server, sig) > 0);
	start = clock_mono_ms();
	for (i = 0; i < 1000; i++)
		if (store_put_write(p, zeros, sizeof(zeros), e))
			break;
	if (i == 1000)
		assert_int_equal(store_put_publish(p, "", e), -1);
	*ms = clock_mono_ms() - start;
	store_put_free(p);
	/* Broken for good, and nothing waits for it any more. */
	waits = 0;
	p = NULL;
	{
		struct err	 again = ERR_INIT;

		assert_int_equal(store_put_open(&p, s, "x", 0, &again), -1);
		assert_string_equal(again.msg, e->msg);
	}
	store_free(s);
	assert_int_equal(waits, 0);
	assert_int_equal(conformance_count(env.dir, "wal"), 0);
}

static void
test_stopped_server(void **state)
{
	struct err	 e = ERR_INIT;
	int64_t		 ms;

	(void)state;
	put_into_trouble(SIGSTOP, 1500, &ms, &e);
	(void)sshd_signal(&server, SIGCONT);
	assert_int_equal(e.kind, ERR_REMOTE);
	assert_string_equal(e.msg, "127.0.0.1 did not answer for 2 s");
	assert_true(ms >= 1400);
	/* It works off what it had received, and ends. */
	while (sshd_connections(&server) > 0)
		(void)usleep(10000);
	conformance_clean(&env);
}

static void
test_dropped_connection(void **state)
{
	struct err	 e = ERR_INIT;
	int64_t		 ms;

	(void)state;
	put_into_trouble(SIGKILL, env.conf.io_timeout_ms, &ms, &e);
	assert_int_equal(e.kind, ERR_REMOTE);
	/* Not by the deadline. */
	if (strstr(e.msg, "127.0.0.1") == NULL ||
	    strstr(e.msg, "did not answer") != NULL)
		fail_msg("%s", e.msg);
	conformance_clean(&env);
}

/* sshd itself is stopped: accepted by the kernel, answered by nobody. */
static void
test_stopped_before_greeting(void **state)
{
	struct store_conf	 c = env.conf;
	struct store		*s = NULL;
	struct err		 e = ERR_INIT;
	int64_t			 start = clock_mono_ms();

	(void)state;
	c.io_timeout_ms = 1000;
	assert_int_equal(kill(server.pid, SIGSTOP), 0);
	assert_int_equal(store_open(&s, &c, &e), -1);
	assert_int_equal(kill(server.pid, SIGCONT), 0);
	assert_int_equal(e.kind, ERR_REMOTE);
	assert_string_equal(e.msg, "127.0.0.1 did not answer for 1 s");
	assert_true(clock_mono_ms() - start >= 900);
}

static void
test_full_disk(void **state)
{
	struct store_conf	 c = env.conf;
	struct store		*s;
	struct err		 e = ERR_INIT;
	char			 dir[256], uri[1024];

	(void)state;
	(void)snprintf(dir, sizeof(dir), "%s/full", server.dir);
	assert_int_equal(mkdir(dir, 0700), 0);
	if (mount("none", dir, "tmpfs", 0, "size=1m") == -1) {
		print_message("no right to mount: full disk not tested\n");
		skip();
	}
	(void)snprintf(uri, sizeof(uri), "ssh://127.0.0.1:%d%s", server.port,
	    dir);
	c.repository = uri;
	s = conformance_open(&c);
	assert_int_equal(conformance_put(s, "wal/big", 8, 3 << 20, 1, &e),
	    -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	if (strstr(e.msg, "no space left on 127.0.0.1") == NULL)
		fail_msg("%s", e.msg);
	err_clear(&e);
	assert_int_equal(conformance_put(s, "wal/small", 8, 3 << 10, 1, &e),
	    0);
	store_free(s);
	assert_int_equal(conformance_count(dir, ""), 1);
	assert_int_equal(umount(dir), 0);
}

static void
test_no_parent(void **state)
{
	struct store_conf	 c = env.conf;
	struct store		*s;
	struct err		 e = ERR_INIT;
	char			 uri[1024];

	(void)state;
	(void)snprintf(uri, sizeof(uri), "ssh://127.0.0.1:%d/no/such/repo",
	    server.port);
	c.repository = uri;
	s = conformance_open(&c);
	assert_int_equal(conformance_put(s, "wal/x", 0, 10, 1, &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	if (strstr(e.msg, "no such file or directory on 127.0.0.1") == NULL)
		fail_msg("%s", e.msg);
	store_free(s);
}

int
main(void)
{
	struct CMUnitTest	 tests[CONFORMANCE_TESTS + 14] = {
		cmocka_unit_test(test_host_keys),
		cmocka_unit_test(test_user_keys),
		cmocka_unit_test(test_fifos),
		cmocka_unit_test(test_nobody_there),
		cmocka_unit_test(test_poor_environment),
		cmocka_unit_test(test_fsync_requested),
		cmocka_unit_test(test_sync_requested),
		cmocka_unit_test(test_round_trips),
		cmocka_unit_test(test_append_only),
		cmocka_unit_test(test_no_fsync),
		cmocka_unit_test(test_stopped_server),
		cmocka_unit_test(test_dropped_connection),
		cmocka_unit_test(test_stopped_before_greeting),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_no_parent),
	};

	if (!sshd_available())
		return (0);
	memcpy(tests + 14, conformance_tests, sizeof(conformance_tests));
	return (_cmocka_run_group_tests("store_sftp", tests,
	    14 + CONFORMANCE_TESTS, setup, teardown));
}
