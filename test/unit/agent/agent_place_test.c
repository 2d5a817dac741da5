/* SPDX-License-Identifier: ISC */
/* The folder in which agents listen: who may, and who does. */
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/place.h"
#include "base/clock.h"
#include "testdir.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static struct place
place(const char *name)
{
	struct place	 p;

	(void)snprintf(p.dir, sizeof(p.dir), "%s", testdir_path("run"));
	(void)snprintf(p.name, sizeof(p.name), "%s", name);
	return (p);
}

static int
there(const char *name)
{
	struct stat	 st;

	return (lstat(testdir_path(name), &st) == 0);
}

static int
open_files(void)
{
	int	 fd, n = 0;

	for (fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return (n);
}

/* "@" stands for the run folder. */
static void
says(const struct err *e, const char *msg)
{
	char	 expected[2 * ERR_MSGMAX], *to = expected;

	for (; *msg != '\0'; msg++)
		if (*msg == '@')
			to = stpcpy(to, testdir_path("run"));
		else
			*to++ = *msg;
	*to = '\0';
	assert_string_equal(e->msg, expected);
	assert_int_equal(e->kind, ERR_LOCAL);
}

static void
refused(const struct place *p, const char *msg)
{
	struct err	 e = ERR_INIT;
	int		 lock, sock, before = open_files();

	assert_int_equal(place_take(p, &lock, &sock, &e), -1);
	says(&e, msg);
	assert_int_equal(open_files(), before);
}

static void
test_life(void **state)
{
	struct place	 p = place("main.push.1");
	struct stat	 st;
	struct err	 e = ERR_INIT;
	int		 lock, sock, other, client, before = open_files();

	(void)state;
	assert_int_equal(place_connect(&p, &client, &e), 1);	/* no folder */
	assert_false(there("run"));
	assert_int_equal(place_take(&p, &lock, &sock, &e), 0);
	assert_int_equal(stat(testdir_path("run"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(fcntl(lock, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(sock, F_GETFD), FD_CLOEXEC);
	assert_int_equal(place_check(&p, sock, &e), 0);
	assert_true(place_holds(&p, lock));
	assert_int_equal(place_take(&p, &other, &other, &e), 1);
	assert_int_equal(place_connect(&p, &client, &e), 0);
	assert_int_equal(fcntl(client, F_GETFD), FD_CLOEXEC);
	assert_int_equal(close(client), 0);

	place_leave(&p, lock);
	assert_int_equal(place_connect(&p, &client, &e), 1);
	assert_int_equal(close(sock), 0);
	assert_int_equal(place_take(&p, &other, &other, &e), 1);
	place_release(&p, lock);
	assert_int_equal(open_files(), before);
	assert_false(there("run/main.push.1.sock"));
	assert_false(there("run/main.push.1.lock"));
	assert_int_equal(place_take(&p, &lock, &sock, &e), 0);
	assert_int_equal(close(sock), 0);
	assert_int_equal(place_connect(&p, &client, &e), 1);	/* refused */
	assert_int_equal(close(lock), 0);
	assert_int_equal(e.kind, ERR_NONE);
}

/* Who died left all of it behind. */
static void
test_stale(void **state)
{
	struct place	 p = place("main.push.1"), old = place("main.push.0");
	struct err	 e = ERR_INIT;
	int		 lock, sock, client;

	(void)state;
	assert_int_equal(place_take(&old, &lock, &sock, &e), 0);
	(void)close(lock);
	(void)close(sock);
	assert_int_equal(place_take(&p, &lock, &sock, &e), 0);
	(void)close(lock);
	(void)close(sock);
	assert_true(there("run/main.push.1.sock"));
	assert_int_equal(place_connect(&p, &client, &e), 1);
	assert_int_equal(place_take(&p, &lock, &sock, &e), 0);
	assert_int_equal(place_connect(&p, &client, &e), 0);
	(void)close(client);
	/* Of those that are gone, nothing stays. */
	assert_false(there("run/main.push.0.sock"));
	assert_false(there("run/main.push.0.lock"));
	place_leave(&p, lock);
	(void)close(sock);
	place_release(&p, lock);
}

/* Who lives is not swept away, nor is what is not ours to judge. */
static void
test_sweep_spares(void **state)
{
	struct place	 p = place("a"), alive = place("b");
	struct err	 e = ERR_INIT;
	int		 lock[2], sock[2], client;

	(void)state;
	assert_int_equal(place_take(&alive, &lock[0], &sock[0], &e), 0);
	testdir_text("run/c.sock", "a file");
	testdir_text("run/c.lock", "");
	testdir_text("run/other", "");
	assert_int_equal(place_take(&p, &lock[1], &sock[1], &e), 0);
	assert_int_equal(place_connect(&alive, &client, &e), 0);
	(void)close(client);
	assert_true(place_holds(&alive, lock[0]));
	assert_true(there("run/c.sock"));
	assert_true(there("run/c.lock"));
	assert_true(there("run/other"));
	(void)close(lock[0]);
	(void)close(lock[1]);
	(void)close(sock[0]);
	(void)close(sock[1]);
}

static void
test_foreign(void **state)
{
	struct place	 p = place("x");
	struct err	 e = ERR_INIT;
	char		 msg[256];
	int		 client;

	(void)state;
	assert_int_equal(mkdir(testdir_path("run"), 0700), 0);
	testdir_text("run/x.sock", "precious");
	(void)snprintf(msg, sizeof(msg), "@: x.sock: is not a socket owned by "
	    "uid %lu; remove it", (unsigned long)geteuid());
	assert_int_equal(place_connect(&p, &client, &e), 1);
	refused(&p, msg);
	assert_true(there("run/x.sock"));
	assert_int_equal(unlink(testdir_path("run/x.sock")), 0);

	assert_int_equal(symlink("y.sock", testdir_path("run/x.sock")), 0);
	refused(&p, msg);
	assert_int_equal(unlink(testdir_path("run/x.sock")), 0);

	assert_false(there("run/x.lock"));
	assert_int_equal(symlink("y", testdir_path("run/x.lock")), 0);
	refused(&p, "@: open x.lock: Too many levels of symbolic links");
	assert_false(there("run/y"));
	assert_int_equal(unlink(testdir_path("run/x.lock")), 0);

	assert_int_equal(mkfifo(testdir_path("run/x.lock"), 0600), 0);
	(void)snprintf(msg, sizeof(msg), "@: x.lock: is not a file owned by "
	    "uid %lu; remove it", (unsigned long)geteuid());
	refused(&p, msg);
	assert_int_equal(unlink(testdir_path("run/x.lock")), 0);
	assert_int_equal(mkdir(testdir_path("run/x.lock"), 0700), 0);
	refused(&p, "@: open x.lock: Is a directory");
}

/* A socket of another kind, and one that nobody empties. */
static void
test_deaf(void **state)
{
	struct place		 p = place("x");
	struct sockaddr_un	 a = { .sun_family = AF_UNIX };
	struct err		 e = ERR_INIT;
	int			 s, lock, sock, i, rc, client[256];

	(void)state;
	assert_int_equal(mkdir(testdir_path("run"), 0700), 0);
	(void)stpcpy(a.sun_path, testdir_path("run/x.sock"));
	s = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(s, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(s, 1), 0);
	assert_int_equal(place_connect(&p, &sock, &e), -1);
	says(&e, "@: connect to x.sock: Protocol wrong type for socket");
	(void)close(s);
	err_clear(&e);
	assert_int_equal(place_take(&p, &lock, &sock, &e), 0);
	for (i = 0, rc = 0; i < 256 && rc == 0; i++)
		rc = place_connect(&p, &client[i], &e);
	assert_int_equal(rc, -1);
	says(&e, "@: x.sock: too many clients wait for a connection");
	for (i -= 2; i >= 0; i--)
		(void)close(client[i]);
	(void)close(sock);
	(void)close(lock);
}

static void
test_folder(void **state)
{
	struct place	 p = place("x");
	struct err	 e = ERR_INIT;
	char		 msg[512];
	const unsigned long	 me = geteuid();
	int		 sock;

	(void)state;
	assert_int_equal(mkdir(testdir_path("run"), 0755), 0);
	assert_int_equal(chmod(testdir_path("run"), 0755), 0);
	(void)snprintf(msg, sizeof(msg), "@: is owned by uid %lu with mode "
	    "755, expected uid %lu and mode 700", me, me);
	refused(&p, msg);
	assert_int_equal(place_connect(&p, &sock, &e), -1);
	says(&e, msg);
	assert_int_equal(chmod(testdir_path("run"), 0500), 0);
	(void)snprintf(msg, sizeof(msg), "@: is owned by uid %lu with mode "
	    "500, expected uid %lu and mode 700", me, me);
	refused(&p, msg);
	if (me == 0) {
		assert_int_equal(chmod(testdir_path("run"), 0700), 0);
		assert_int_equal(chown(testdir_path("run"), 65534, 65534), 0);
		refused(&p, "@: is owned by uid 65534 with mode 700, "
		    "expected uid 0 and mode 700");
	}
	assert_int_equal(rmdir(testdir_path("run")), 0);

	assert_int_equal(symlink("/tmp", testdir_path("run")), 0);
	refused(&p, "open directory @: Not a directory");
	assert_int_equal(unlink(testdir_path("run")), 0);
	testdir_text("run", "");
	refused(&p, "open directory @: Not a directory");
	assert_int_equal(unlink(testdir_path("run")), 0);

	(void)snprintf(p.dir, sizeof(p.dir), "%s", testdir_path("a/run"));
	(void)snprintf(msg, sizeof(msg), "create directory %s: No such file "
	    "or directory", testdir_path("a/run"));
	refused(&p, msg);
}

/* A file system that takes nothing. */
static void
test_read_only(void **state)
{
	struct place	 p = place("x");
	int		 status;
	pid_t		 pid;

	(void)state;
	assert_int_equal(mkdir(testdir_path("run"), 0700), 0);
	if ((pid = fork()) == 0) {
		if (unshare(CLONE_NEWNS) == -1 ||
		    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ==
		    -1 || mount("none", p.dir, "tmpfs", MS_RDONLY,
		    "mode=700") == -1)
			_exit(77);
		refused(&p, "@: open x.lock: Read-only file system");
		(void)strcat(p.dir, "/run");
		refused(&p, "create directory @/run: Read-only file system");
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

/* No address has room for such a path; we are where we were afterwards. */
static void
test_long_path(void **state)
{
	struct place	 p = place("x");
	struct err	 e = ERR_INIT;
	char		 name[251], *here = getcwd(NULL, 0), *now;
	int		 lock, sock, client;
	size_t		 n;

	(void)state;
	memset(name, 'd', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(mkdir(testdir_path(name), 0700), 0);
	(void)snprintf(p.dir, sizeof(p.dir), "%s/run", testdir_path(name));
	n = sizeof(p.name) - 1;
	memset(p.name, 'n', n);
	p.name[n] = '\0';
	assert_int_equal(place_take(&p, &lock, &sock, &e), 0);
	assert_int_equal(place_connect(&p, &client, &e), 0);
	assert_int_equal(place_check(&p, sock, &e), 0);
	now = getcwd(NULL, 0);
	assert_string_equal(here, now);
	free(here);
	free(now);
	(void)close(client);
	place_leave(&p, lock);
	place_release(&p, lock);
	(void)close(sock);
}

/* Whose working directory was removed can still call. */
static void
test_no_directory(void **state)
{
	struct place	 p = place("x");
	struct err	 e = ERR_INIT;
	int		 status, lock, sock;
	pid_t		 pid;

	(void)state;
	assert_int_equal(mkdir(testdir_path("gone"), 0700), 0);
	if ((pid = fork()) == 0) {
		assert_int_equal(chdir(testdir_path("gone")), 0);
		assert_int_equal(rmdir(testdir_path("gone")), 0);
		assert_int_equal(place_take(&p, &lock, &sock, &e), 0);
		assert_int_equal(place_connect(&p, &sock, &e), 0);
		assert_null(getcwd(NULL, 0));
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* The folder is cleared away by hand: the next agent is not to suffer. */
static void
test_cleared(void **state)
{
	struct place	 p = place("x");
	struct err	 e = ERR_INIT;
	int		 lock[2], sock[2], client;

	(void)state;
	assert_int_equal(place_take(&p, &lock[0], &sock[0], &e), 0);
	assert_int_equal(unlink(testdir_path("run/x.lock")), 0);
	assert_false(place_holds(&p, lock[0]));
	assert_int_equal(unlink(testdir_path("run/x.sock")), 0);
	assert_int_equal(rmdir(testdir_path("run")), 0);
	assert_false(place_holds(&p, lock[0]));
	assert_int_equal(place_take(&p, &lock[1], &sock[1], &e), 0);
	assert_false(place_holds(&p, lock[0]));
	place_leave(&p, lock[0]);
	place_release(&p, lock[0]);
	(void)close(sock[0]);
	assert_int_equal(place_connect(&p, &client, &e), 0);
	assert_true(place_holds(&p, lock[1]));
	(void)close(client);
	(void)close(sock[1]);
	(void)close(lock[1]);
}

static void
test_check(void **state)
{
	struct place	 p = place("x"), q = place("y");
	struct err	 e = ERR_INIT;
	int		 lock, sock;

	(void)state;
	assert_int_equal(place_take(&p, &lock, &sock, &e), 0);
	assert_int_equal(place_check(&q, sock, &e), -1);
	says(&e, "found the socket \"x.sock\", expected y.sock; "
	    "the configuration, the key or the program changed just now");
	err_clear(&e);
	assert_int_equal(place_check(&q, lock, &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
	(void)close(sock);
	(void)close(lock);
}

/* Take, hold for a moment, let go, again and again. */
static void
contend(const struct place *p, const char *mark)
{
	struct err	 e = ERR_INIT;
	const int64_t	 until = clock_mono_ms() + 600000;	/* hangs */
	int		 lock, sock, rc, fd, held = 0;

	while (held < 100 && clock_mono_ms() < until) {
		if ((rc = place_take(p, &lock, &sock, &e)) == -1)
			_exit(2);
		if (rc == 1) {
			(void)sched_yield();
			continue;
		}
		held++;
		fd = open(mark, O_WRONLY | O_CREAT | O_EXCL, 0600);
		if (fd == -1 || !place_holds(p, lock))
			_exit(3);	/* not alone */
		(void)close(fd);
		place_leave(p, lock);
		(void)close(sock);
		if (unlink(mark) == -1)
			_exit(4);
		place_release(p, lock);
	}
	_exit(held == 100 ? 0 : 5);
}

static void
test_one_at_a_time(void **state)
{
	struct place	 p = place("x");
	pid_t		 pid[8];
	size_t		 i;
	int		 status;

	(void)state;
	for (i = 0; i < N(pid); i++)
		if ((pid[i] = fork()) == 0)
			contend(&p, testdir_path("mark"));
	for (i = 0; i < N(pid); i++) {
		assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
		assert_int_equal(status, 0);
	}
	assert_false(there("run/x.sock"));
	assert_false(there("run/x.lock"));
}

#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, testdir_setup, testdir_teardown)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		TEST(test_life),
		TEST(test_stale),
		TEST(test_sweep_spares),
		TEST(test_foreign),
		TEST(test_deaf),
		TEST(test_folder),
		TEST(test_read_only),
		TEST(test_long_path),
		TEST(test_no_directory),
		TEST(test_cleared),
		TEST(test_check),
		TEST(test_one_at_a_time)
	};

	return (cmocka_run_group_tests_name("agent_place", tests, NULL,
	    NULL));
}
