/* SPDX-License-Identifier: ISC */
/*
 * Asking an agent, and starting one: real processes.  With --agent this
 * program is the agent; what it does depends on its further arguments.
 */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
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

#include "agent/call.h"
#include "agent/serve.h"
#include "base/clock.h"
#include "base/parse.h"
#include "testdir.h"

#ifndef TOOL_DUMPABLE
#define TOOL_DUMPABLE	0
#endif

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define NAME	"0000000100000000000000F"

static void
pause_ms(long ms)
{
	const struct timespec	 t = { ms / 1000, ms % 1000 * 1000000 };

	(void)nanosleep(&t, NULL);
}

/* One line at the end of a file, in one write. */
static void
log_line(const char *dir, const char *file, const char *text)
{
	char	 path[PATH_MAX + 16];
	int	 fd;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, file);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd == -1 || write(fd, text, strlen(text)) == -1 ||
	    close(fd) == -1)
		_exit(1);
}

/*
 * The agent: argv is --agent, the test's directory, how it behaves.
 */
struct agent {
	struct serve	*s;
	const char	*dir;
};

/* What this process has of the one that started it. */
static void
describe(struct agent *a)
{
	/* Not those that a sanitizer catches. */
	const int	 signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGPIPE,
			    SIGTERM, SIGCHLD, SIGXFSZ, SIGUSR1 };
	char		 text[4096], one[512], link[2048], fds[64] = "";
	char		 cwd[64], path[32];
	struct sigaction sa;
	sigset_t	 mask;
	ssize_t		 n;
	int		 fd, caught = 0, i;

	for (fd = 0; fd < 256; fd++)
		if (fcntl(fd, F_GETFD) != -1)
			(void)snprintf(fds + strlen(fds), sizeof(fds) -
			    strlen(fds), "%d ", fd);
	for (i = 0; i < (int)N(signals); i++)
		if (sigaction(signals[i], NULL, &sa) == 0 &&
		    sa.sa_handler != SIG_DFL)
			caught++;
	(void)sigprocmask(SIG_BLOCK, NULL, &mask);
	for (i = 1; i < 32; i++)
		caught += sigismember(&mask, i);
	link[0] = '\0';
	for (fd = 0; fd < 3; fd++) {
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		n = readlink(path, one, sizeof(one) - 1);
		one[n > 0 ? n : 0] = '\0';
		(void)snprintf(link + strlen(link), sizeof(link) -
		    strlen(link), "%s ", one);
	}
	if (getcwd(cwd, sizeof(cwd)) == NULL)
		cwd[0] = '\0';
	(void)snprintf(text, sizeof(text), "fds %s| %s| cwd %s | leader %d %d"
	    " | signals %d | env %s\n", fds, link, cwd, getsid(0) == getpid(),
	    getpgrp() == getpid(), caught, getenv("AGENT_CALL_TEST"));
	log_line(a->dir, "seen", text);
}

static void
agent_ask(void *arg, uint64_t ticket, struct message_request *req)
{
	struct agent	*a = arg;
	struct err	 e = ERR_INIT;

	(void)close(req->fd);
	switch (req->name[23]) {
	case '0':
		serve_answer(a->s, ticket, 0, &e);
		break;
	case '1':
		serve_note(a->s, "noted");
		err_set(&e, ERR_CORRUPT, "damaged");
		serve_answer(a->s, ticket, -1, &e);
		break;
	case '2':			/* for ever at work */
		break;
	case '3':
		(void)kill(getpid(), SIGKILL);
		break;
	case '4':
		(void)kill(getpid(), SIGSTOP);
		break;
	}
}

static void
agent_forget(void *arg, uint64_t ticket)
{
	(void)arg;
	(void)ticket;
}

static const struct serve_work	 work = { agent_ask, agent_forget };

static int
agent_main(const char *dir, const char *how)
{
	struct serve_conf	 c = { .listening = CALL_LISTENING,
				    .lock = CALL_LOCK, .linger_ms = 120000 };
	struct agent		 a = { NULL, dir };
	struct err		 e = ERR_INIT;
	char			 text[32];
	int			 rc;

	(void)alarm(600);		/* whatever goes wrong */
	(void)snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	log_line(dir, "started", text);
	if (strcmp(how, "dies") == 0)
		return (1);
	if (strcmp(how, "slow") == 0)
		pause_ms(300);
	if (strcmp(how, "describes") == 0)
		describe(&a);
	(void)snprintf(c.place.dir, sizeof(c.place.dir), "%s/run", dir);
	(void)stpcpy(c.place.name, "x");
	if (serve_new(&a.s, &c, &e) == -1) {
		log_line(dir, "seen", e.msg);
		return (1);
	}
	rc = serve_run(a.s, strcmp(how, "refuses") == 0 ? NULL : &work, &a,
	    "no key", &e);
	if (strcmp(how, "lingers") == 0)
		pause_ms(300);
	serve_free(a.s);
	return (rc == 0 ? 0 : 1);
}

/* The caller. */

struct call_test {
	struct call_conf	 conf;
	char			*argv[5];
	char			 program[8], option[8], dir[PATH_MAX], how[16];
	char			 notes[256];
};

static void
prepare(struct call_test *t, const char *how)
{
	memset(t, 0, sizeof(*t));
	(void)stpcpy(t->program, "agent");
	(void)stpcpy(t->option, "--agent");
	(void)stpcpy(t->dir, testdir_path(""));
	(void)stpcpy(t->how, how);
	t->argv[0] = t->program;
	t->argv[1] = t->option;
	t->argv[2] = t->dir;
	t->argv[3] = t->how;
	t->conf.argv = t->argv;
	t->conf.silence_ms = 120000;	/* for what hangs */
	(void)stpcpy(t->conf.place.dir, testdir_path("run"));
	(void)stpcpy(t->conf.place.name, "x");
}

static void
note(void *arg, const char *text)
{
	struct call_test	*t = arg;

	(void)strncat(t->notes, text, sizeof(t->notes) -
	    strlen(t->notes) - 1);
}

static int
call(struct call_test *t, char what, struct message_reply *r, struct err *e)
{
	struct message_request	 req = { .verb = MESSAGE_PUSH, .fd = 0 };

	err_clear(e);
	(void)snprintf(req.name, sizeof(req.name), NAME "%c", what);
	return (call_agent(&t->conf, &req, r, note, t, e));
}

/* The processes that were started so far; "last" is the newest. */
static size_t
started(pid_t *last)
{
	struct err	 e = ERR_INIT;
	uint64_t	 v;
	size_t		 n, lines = 0;
	char		*text, *line, *next;

	if (access(testdir_path("started"), F_OK) == -1)
		return (0);
	text = testdir_read("started", &n);
	for (line = text; (next = strchr(line, '\n')) != NULL;
	    line = next + 1, lines++) {
		*next = '\0';
		assert_int_equal(parse_u64(line, 1, INT32_MAX, &v, "pid",
		    &e), 0);
		*last = (pid_t)v;
	}
	free(text);
	return (lines);
}

static void
end(pid_t pid, int signo)
{
	assert_int_equal(kill(pid, signo), 0);
	(void)kill(pid, SIGCONT);
	/* Ours if we started it, else of whoever takes orphans. */
	while (waitpid(pid, NULL, WNOHANG) == 0 || kill(pid, 0) == 0)
		pause_ms(5);
}

static int
setup(void **state)
{
	(void)state;
	testdir_make();
	return (0);
}

static int
teardown(void **state)
{
	pid_t	 pid;

	(void)state;
	if (started(&pid) > 0 && kill(pid, 0) == 0)
		end(pid, SIGKILL);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
	testdir_remove();
	return (0);
}

static int
open_files(void)
{
	int	 fd, n = 0;

	for (fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return (n);
}

static void
test_life(void **state)
{
	struct call_test	 t;
	struct message_reply	 r;
	struct err		 e = ERR_INIT;
	pid_t			 pid;
	int			 before = open_files(), i;

	(void)state;
	prepare(&t, "");
	for (i = 0; i < 20; i++) {
		assert_int_equal(call(&t, '0', &r, &e), 0);
		assert_int_equal(r.rc, 0);
	}
	assert_int_equal(call(&t, '1', &r, &e), 0);
	assert_int_equal(r.rc, -1);
	assert_int_equal(r.err.kind, ERR_CORRUPT);
	assert_string_equal(r.err.msg, "damaged");
	assert_string_equal(t.notes, "noted");
	assert_int_equal(open_files(), before);
	assert_int_equal(started(&pid), 1);
	end(pid, SIGTERM);
	assert_int_equal(access(testdir_path("run/x.sock"), F_OK), -1);
	assert_int_equal(access(testdir_path("run/x.lock"), F_OK), -1);
	assert_int_equal(call(&t, '0', &r, &e), 0);
	assert_int_equal(started(&pid), 2);
	end(pid, SIGTERM);
}

static void
test_what_it_has(void **state)
{
	struct call_test	 t;
	struct message_reply	 r;
	struct err		 e = ERR_INIT;
	sigset_t		 mask;
	char			*seen;
	size_t			 n;
	int			 fds[40], status, i;
	pid_t			 pid;

	(void)state;
	prepare(&t, "describes");
	if ((pid = fork()) == 0) {
		/* A careless parent; also 3 and 4 free, or not, by chance. */
		(void)setenv("AGENT_CALL_TEST", "kept", 1);
		(void)signal(SIGTERM, SIG_IGN);
		(void)signal(SIGPIPE, SIG_IGN);
		(void)sigfillset(&mask);
		(void)sigprocmask(SIG_BLOCK, &mask, NULL);
		for (i = 0; i < 40; i++)
			fds[i] = dup(0);
		(void)close(fds[7]);
		(void)close(3);
		(void)close(4);
		_exit(call(&t, '0', &r, &e) == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	seen = testdir_read("seen", &n);
	assert_string_equal(seen, "fds 0 1 2 3 4 | /dev/null /dev/null "
	    "/dev/null | cwd / | leader 1 1 | signals 0 | env kept\n");
	free(seen);
	assert_int_equal(started(&pid), 1);
	end(pid, SIGTERM);
}

static void
race(const char *how, int killed)
{
	struct call_test	 t;
	struct message_reply	 r;
	struct err		 e = ERR_INIT;
	pid_t			 pid[20], agent = 0;
	size_t			 i;
	int			 gate[2], status, ok = 0;
	char			 c;

	prepare(&t, how);
	assert_int_equal(pipe(gate), 0);
	for (i = 0; i < N(pid); i++)
		if ((pid[i] = fork()) == 0) {
			(void)close(gate[1]);
			if (read(gate[0], &c, 1) != 0)
				_exit(2);
			status = call(&t, '0', &r, &e);
			if (status == -1)
				(void)fprintf(stderr, "%s\n", e.msg);
			_exit(status == 0 ? 0 : 1);
		}
	(void)close(gate[0]);
	(void)close(gate[1]);
	for (i = 0; i < N(pid); i++) {
		assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
		ok += status == 0;
	}
	assert_int_equal(ok, N(pid));
	assert_int_equal(started(&agent), killed + 1);
	if (killed == 0)
		return;
	end(agent, SIGTERM);
}

/* Twenty at once start one. */
static void
test_race(void **state)
{
	(void)state;
	race("", 0);
}

static void
test_race_slow(void **state)
{
	(void)state;
	race("slow", 0);
}

/* And one again where the last was killed and left its socket. */
static void
test_race_stale(void **state)
{
	pid_t	 pid;

	(void)state;
	race("", 0);
	assert_int_equal(started(&pid), 1);
	end(pid, SIGKILL);
	assert_int_equal(access(testdir_path("run/x.sock"), F_OK), 0);
	race("", 1);
}

static void
test_dies_at_once(void **state)
{
	struct call_test	 t;
	struct message_reply	 r;
	struct err		 e = ERR_INIT;
	pid_t			 pid;

	(void)state;
	prepare(&t, "dies");
	assert_int_equal(call(&t, '0', &r, &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
	/* It depends on how far we came before it died. */
	if (strcmp(e.msg, "the agent ended twice without an answer") != 0)
		assert_string_equal(e.msg,
		    "the agent ended as soon as it was started");
	assert_int_equal(started(&pid), 2);
}

static void
test_refuses(void **state)
{
	struct call_test	 t;
	struct message_reply	 r;
	struct err		 e = ERR_INIT;

	(void)state;
	prepare(&t, "refuses");
	assert_int_equal(call(&t, '0', &r, &e), -1);
	assert_string_equal(e.msg, "no key");
	assert_int_equal(e.kind, ERR_LOCAL);
}

/* Killed while a client waits: asked once more, then it is enough. */
static void
test_killed(void **state)
{
	struct call_test	 t;
	struct message_reply	 r;
	struct err		 e = ERR_INIT;
	pid_t			 pid;

	(void)state;
	prepare(&t, "");
	assert_int_equal(call(&t, '3', &r, &e), -1);
	assert_string_equal(e.msg,
	    "the agent ended twice without an answer");
	assert_int_equal(started(&pid), 2);
	assert_int_equal(call(&t, '0', &r, &e), 0);
	assert_int_equal(started(&pid), 3);
}

static void
test_stopped(void **state)
{
	const int64_t		 began = clock_mono_ms();
	struct call_test	 t;
	struct message_reply	 r;
	struct err		 e = ERR_INIT;
	pid_t			 pid;

	(void)state;
	prepare(&t, "");
	assert_int_equal(call(&t, '0', &r, &e), 0);
	t.conf.silence_ms = 1500;
	assert_int_equal(call(&t, '4', &r, &e), -1);
	assert_string_equal(e.msg, "the agent sent nothing for 1500 ms");
	assert_true(clock_mono_ms() - began >= 1500);
	assert_int_equal(call(&t, '0', &r, &e), -1);	/* and still */
	assert_int_equal(started(&pid), 1);
}

/* At work for longer than it may be silent, and then killed. */
static void
test_busy(void **state)
{
	const int64_t		 began = clock_mono_ms();
	struct call_test	 t;
	struct message_reply	 r;
	struct err		 e = ERR_INIT;
	pid_t			 pid = 0, child;
	int			 status, i;

	(void)state;
	prepare(&t, "");
	t.conf.silence_ms = 4000;	/* it says something each second */
	if ((child = fork()) == 0)
		_exit(call(&t, '2', &r, &e) == -1 &&
		    strstr(e.msg, "twice") != NULL ? 0 : 1);
	for (i = 1; i <= 2; i++) {
		while (started(&pid) < (size_t)i)
			pause_ms(10);
		pause_ms(i == 1 ? 5000 : 500);
		assert_int_equal(kill(pid, SIGKILL), 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_true(clock_mono_ms() - began >= 5500);
}

/* SIGTERM ends who waits, as ever. */
static void
test_caller_ends(void **state)
{
	struct call_test	 t;
	struct message_reply	 r;
	struct err		 e = ERR_INIT;
	pid_t			 pid = 0, child;
	int			 status;

	(void)state;
	prepare(&t, "");
	if ((child = fork()) == 0) {
		(void)call(&t, '2', &r, &e);
		_exit(0);
	}
	while (started(&pid) < 1)
		pause_ms(10);
	pause_ms(200);
	assert_int_equal(kill(child, SIGTERM), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	assert_int_equal(call(&t, '0', &r, &e), 0);
	assert_int_equal(started(&pid), 1);
}

/* It was told to leave, and takes its time. */
static void
test_leaving(void **state)
{
	struct call_test	 t;
	struct message_reply	 r;
	struct err		 e = ERR_INIT;
	pid_t			 pid;

	(void)state;
	prepare(&t, "lingers");
	assert_int_equal(call(&t, '0', &r, &e), 0);
	assert_int_equal(started(&pid), 1);
	assert_int_equal(kill(pid, SIGTERM), 0);
	while (access(testdir_path("run/x.sock"), F_OK) == 0)
		pause_ms(1);
	assert_int_equal(call(&t, '0', &r, &e), 0);
	assert_int_equal(started(&pid), 2);
}

/* Who holds the lock and does not listen is waited for, but not long. */
static void
test_lock_held(void **state)
{
	const int64_t		 began = clock_mono_ms();
	struct call_test	 t;
	struct message_reply	 r;
	struct err		 e = ERR_INIT;
	char			 msg[PATH_MAX];
	pid_t			 pid;
	int			 lock, sock;

	(void)state;
	prepare(&t, "");
	assert_int_equal(place_take(&t.conf.place, &lock, &sock, &e), 0);
	(void)close(sock);
	assert_int_equal(call(&t, '0', &r, &e), -1);
	(void)snprintf(msg, sizeof(msg), "%s is held, but no agent listens",
	    testdir_path("run/x.lock"));
	assert_string_equal(e.msg, msg);
	assert_true(clock_mono_ms() - began >= 1900);
	assert_int_equal(started(&pid), 0);
	(void)close(lock);
}

static void
test_foreign_file(void **state)
{
	struct call_test	 t;
	struct message_reply	 r;
	struct err		 e = ERR_INIT;
	char			 msg[2 * PATH_MAX];
	pid_t			 pid;

	(void)state;
	prepare(&t, "");
	assert_int_equal(mkdir(testdir_path("run"), 0700), 0);
	testdir_text("run/x.sock", "precious");
	assert_int_equal(call(&t, '0', &r, &e), -1);
	(void)snprintf(msg, sizeof(msg), "%s: x.sock: is not a socket owned by "
	    "uid %lu; remove it", testdir_path("run"),
	    (unsigned long)geteuid());
	assert_string_equal(e.msg, msg);
	assert_int_equal(started(&pid), 0);
}

/*
 * No descriptor for this or that: an error, and nothing left behind.  An
 * agent inherits the limit, and says what it lacks.
 */
static void
test_no_descriptors(void **state)
{
	struct call_test	 t;
	struct message_reply	 r;
	struct err		 e = ERR_INIT;
	struct rlimit		 was, low;
	rlim_t			 n;
	int			 rc, before = open_files();
	pid_t			 pid = 0;

	(void)state;
	prepare(&t, "");
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	low = was;
	for (n = 3; n < 24; n++) {
		low.rlim_cur = n;
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
		rc = call(&t, '0', &r, &e);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
		if (rc == -1)
			assert_int_equal(e.kind, ERR_LOCAL);
		assert_int_equal(open_files(), before);
	}
	assert_true(started(&pid) > 0);
	if (kill(pid, 0) == 0)
		end(pid, SIGKILL);
	assert_int_equal(call(&t, '0', &r, &e), 0);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(int argc, char *argv[])
{
	const struct CMUnitTest	 tests[] = {
		TEST(test_life),
		TEST(test_what_it_has),
		TEST(test_race),
		TEST(test_race_slow),
		TEST(test_race_stale),
		TEST(test_dies_at_once),
		TEST(test_refuses),
		TEST(test_killed),
		TEST(test_stopped),
		TEST(test_busy),
		TEST(test_caller_ends),
		TEST(test_leaving),
		TEST(test_lock_held),
		TEST(test_foreign_file),
		TEST(test_no_descriptors)
	};

	if (argc == 4 && strcmp(argv[1], "--agent") == 0)
		return (agent_main(argv[2], argv[3]));
	/* As the programs are, which closes much of /proc/self to them. */
	if (prctl(PR_SET_DUMPABLE, TOOL_DUMPABLE) == -1)
		return (1);
	return (cmocka_run_group_tests_name("agent_call", tests, NULL, NULL));
}
