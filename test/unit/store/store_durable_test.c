/* SPDX-License-Identifier: ISC */
/*
 * What a store has done is on the disk when it says so: both back ends, the
 * SFTP server with its system calls recorded where it runs.
 */
#include <sys/stat.h>

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "disk/recording.h"

#include "sshd.h"
#include "store_conformance.h"

static struct conformance_env	 env;
static struct sshd		 server;
static int			 remote;	/* whose calls are recorded */

/* More of the server's environment, for connections from now on. */
static void
tell(const char *more)
{
	char	 text[2048];

	(void)snprintf(text, sizeof(text), "DISK_NOSYNC=1\nexport "
	    "DISK_NOSYNC\n%s", more);
	testdir_text("env", text);
}

/* The root exists: its own name is not ours to make durable. */
static void
begin(void)
{
	const char	*path = env.dir;
	char		 text[1024];

	(void)mkdir(env.dir, 0700);
	conformance_clean(&env);
	(void)mkdir(env.dir, 0700);
	diskreplay_begin(recording_log(), &path, 1);
	(void)snprintf(text, sizeof(text), "DISK_LOG=%s\nexport DISK_LOG\n",
	    recording_log());
	if (remote)
		tell(text);
	else
		diskcalls_log(recording_log());
}

/* Whether all is durable now; the store goes on. */
static void
durable(const char *after)
{
	struct diskreplay	*d = diskreplay_load(recording_log());
	char			 text[1024];

	if (diskreplay_unsynced(d, "tmp", text, sizeof(text)))
		fail_msg("after %s a power cut may undo: %s", after, text);
	diskreplay_free(d);
}

static void
good(int rc, const struct err *e)
{
	if (rc != 0)
		fail_msg("%s", e->msg);
}

/* What another process does is recorded, too: "path" below the root. */
static void
apart(int (*fn)(const char *), const char *path)
{
	char	 full[1024];

	(void)snprintf(full, sizeof(full), "%s/%s", env.dir, path);
	if (remote)
		diskcalls_log(recording_log());
	assert_int_equal(fn(full), 0);
	if (remote)
		diskcalls_log(NULL);
}

static int
make_dir(const char *path)
{
	return (mkdir(path, 0700));
}

static void
test_all(void **state)
{
	static const char *const	 gone[] = { "wal/1/b" };
	static const char *const	 last[] = { "wal/2/c" };
	static const char *const	 dir[] = { "wal/2" };
	struct store			*s;
	struct err			 e = ERR_INIT;

	(void)state;
	begin();
	s = conformance_open(&env.conf);
	good(store_enter(s, "main/7", &e), &e);
	good(conformance_put(s, "wal/1/a", 8, 100000, 1, &e), &e);
	durable("the first object");
	good(conformance_put(s, "wal/1/b", 8, 100000, 2, &e), &e);
	durable("an object in the same directory");
	good(conformance_put(s, "wal/2/c", 8, 100000, 3, &e), &e);
	durable("an object in a new directory");
	good(store_rename(s, "wal/1/a", "base/x/d", &e), &e);
	durable("a rename into a new directory");
	good(store_rename(s, "base/x/d", "base/x/e", &e), &e);
	durable("a rename");
	good(store_mkdir(s, "base/y", &e), &e);
	good(conformance_put(s, "base/y/f", 8, 100, 4, &e), &e);
	durable("an object in a directory of its own");
	/* A removal need not be, until somebody relies on it. */
	good(store_remove(s, gone, 1, &e), &e);
	good(conformance_put(s, "wal/1/b", 8, 100, 5, &e), &e);
	durable("an object in the place of another");
	good(store_remove(s, last, 1, &e), &e);
	good(store_rmdir(s, dir, 1, &e), &e);
	good(conformance_put(s, "wal/2/g", 8, 100, 6, &e), &e);
	durable("an object in a directory that was removed and made again");
	apart(unlink, "main/7/wal/2/g");
	apart(rmdir, "main/7/wal/2");
	good(conformance_put(s, "wal/2/h", 8, 100, 7, &e), &e);
	durable("an object in a directory that others removed");
	/* Over SFTP nobody can tell: see dirsync.c. */
	if (!remote) {
		apart(unlink, "main/7/wal/2/h");
		apart(rmdir, "main/7/wal/2");
		apart(make_dir, "main/7/wal/2");
		good(conformance_put(s, "wal/2/i", 8, 100, 8, &e), &e);
		durable("an object in a directory that others made again");
	}
	store_free(s);
	diskcalls_log(NULL);
}

/* An object whose name was given by somebody who died before its fsync. */
static struct store *
found(void)
{
	char		 from[600], to[600];
	struct store	*s;
	struct err	 e = ERR_INIT;

	begin();
	s = conformance_open(&env.conf);
	good(conformance_put(s, "wal/1/a", 8, 100, 1, &e), &e);
	store_free(s);
	diskcalls_log(recording_log());
	(void)snprintf(from, sizeof(from), "%s/wal/1/a", env.dir);
	(void)snprintf(to, sizeof(to), "%s/wal/1/b", env.dir);
	assert_int_equal(link(from, to), 0);
	if (remote)
		diskcalls_log(NULL);
	return (conformance_open(&env.conf));
}

static void
test_settle(void **state)
{
	struct store	*s = found();
	struct err	 e = ERR_INIT;

	(void)state;
	good(store_settle(s, "wal/1/b", &e), &e);
	durable("store_settle()");
	store_free(s);
	diskcalls_log(NULL);
}

/* Who finds a name taken relies on it. */
static void
test_taken(void **state)
{
	struct store	*s = found();
	struct err	 e = ERR_INIT;

	(void)state;
	assert_int_equal(conformance_put(s, "wal/1/b", 8, 100, 1, &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	durable("a conflict");
	store_free(s);
	diskcalls_log(NULL);
}

/* Make the "k"th sync from now on fail. */
static void
fail_at(unsigned k)
{
	char	 text[1200];

	if (!remote) {
		(void)diskcalls_fail("s", k);
		return;
	}
	(void)unlink(testdir_path("trace"));
	(void)snprintf(text, sizeof(text), "DISK_TRACE=%s\nDISK_FAIL=s:",
	    testdir_path("trace"));
	(void)snprintf(text + strlen(text), 100, "%u\nexport DISK_TRACE "
	    "DISK_FAIL\n", k);
	tell(text);
}

/* Returns 1 if it did, 0 if call "k" was no sync, -1 if there was none. */
static int
did_fail(unsigned k)
{
	char	 line[DISKCALLS_LINE + 1] = "";
	FILE	*f;
	size_t	 n;

	if (!remote)
		return (diskcalls_fail("", 0) >= k ? 1 : -1);
	assert_non_null(f = fopen(testdir_path("trace"), "r"));
	assert_int_equal(fseek(f, (long)(k - 1) * DISKCALLS_LINE, SEEK_SET),
	    0);
	n = fread(line, DISKCALLS_LINE, 1, f);
	(void)fclose(f);
	if (n == 0)
		return (-1);
	/* No promise is made for the root's name in its own parent. */
	return (strstr(line, " FAILS") != NULL && (strstr(line, env.dir) !=
	    NULL || strstr(line, "fsync") == NULL));
}

static int
put_and_rename(struct err *e)
{
	struct store	*s = conformance_open(&env.conf);
	int		 rc;

	rc = conformance_put(s, "wal/1/a", 8, 100000, 1, e) ||
	    store_rename(s, "wal/1/a", "base/x/a", e) ||
	    store_settle(s, "base/x/a", e) ? -1 : 0;
	store_free(s);
	return (rc);
}

static void
test_failures(void **state)
{
	struct err	 e = ERR_INIT;
	unsigned	 k, many = 0;
	int		 rc, did;

	(void)state;
	for (k = 1; k < 100; k++) {
		begin();
		diskcalls_log(NULL);
		err_clear(&e);
		fail_at(k);
		rc = put_and_rename(&e);
		if ((did = did_fail(k)) == -1)
			break;
		many += did == 1;
		if (did == 1 && rc != -1)
			fail_msg("sync number %u failed, and success was "
			    "reported", k);
		if (did == 1) {
			assert_int_equal(e.kind, ERR_REMOTE);
			assert_non_null(strstr(e.msg, "fsync"));
		} else
			good(rc, &e);
	}
	assert_in_range(many, 4, 30);
}

static int
local_setup(void **state)
{
	(void)state;
	testdir_make();
	diskcalls_nosync(1);
	(void)snprintf(env.dir, sizeof(env.dir), "%s", testdir_path("repo"));
	env.conf.repository = env.dir;
	env.conf.io_timeout_ms = 300000;
	env.conf.require_fsync = 1;
	return (0);
}

static int
local_teardown(void **state)
{
	(void)state;
	testdir_remove();
	return (0);
}

static const char *
server_program(void)
{
	static const char *const	 all[] = {
		"/usr/lib/openssh/sftp-server",
		"/usr/libexec/openssh/sftp-server", "/usr/lib/ssh/sftp-server"
	};
	size_t				 i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (access(all[i], X_OK) == 0)
			return (all[i]);
	fail_msg("no sftp-server");
	return (NULL);
}

/* Each connection's server reads the file "env" first. */
static int
remote_setup(void **state)
{
	static char	 uri[1024];
	char		 text[6000], lib[PATH_MAX], force[700];
	int		 i;

	(void)state;
	testdir_make();
	diskcalls_nosync(1);
	remote = 1;
	if (realpath("/proc/self/exe", lib) == NULL)
		return (-1);
	/* B/unit/store/NAME: B/test/diskcalls.so */
	for (i = 0; i < 3; i++)
		*strrchr(lib, '/') = '\0';
	(void)snprintf(text, sizeof(text), "#!/bin/sh\n. %s\nLD_PRELOAD="
	    "%s/test/diskcalls.so\nexport LD_PRELOAD\nexec %s\n",
	    testdir_path("env"), lib, server_program());
	testdir_text("server", text);
	if (chmod(testdir_path("server"), 0755) == -1)
		return (-1);
	tell("");
	(void)snprintf(force, sizeof(force), "ForceCommand %s\n",
	    testdir_path("server"));
	sshd_start_with(&server, NULL, force);
	(void)snprintf(env.dir, sizeof(env.dir), "%s/repo", server.dir);
	memset(&env.conf, 0, sizeof(env.conf));
	sshd_reach(&env.conf, uri, &server, env.dir);
	env.conf.io_timeout_ms = 300000;
	env.conf.require_fsync = 1;
	return (0);
}

static int
remote_teardown(void **state)
{
	sshd_stop(&server);
	return (local_teardown(state));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_settle),
		cmocka_unit_test(test_failures),
	};
	int			 failed;

	failed = cmocka_run_group_tests_name("local", tests, local_setup,
	    local_teardown);
	if (!sshd_available()) {
		print_message("[  SKIPPED ] no sshd\n");
		return (failed);
	}
	return (failed + cmocka_run_group_tests_name("sftp", tests,
	    remote_setup, remote_teardown));
}
