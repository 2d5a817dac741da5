/* SPDX-License-Identifier: ISC */
/* The agent's front, with clients on one side and work on the other. */
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <poll.h>
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

#include "agent/clients.h"
#include "agent/serve.h"
#include "base/clock.h"
#include "testdir.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define HANG_MS	120000

/* What the last digits of a segment's name make the work do. */
enum { DONE, ABSENT, FAILS, SILENT, TWICE, MUTE, LATER };

struct agent {
	struct serve_conf	 conf;
	struct serve		*s;
	const struct serve_work	*work;
	const char		*why;
	pthread_t		 thread;
	int			 rc;
	struct err		 e;
	pthread_mutex_t		 lock;		/* of what follows */
	int			 asked, forgotten;
	int			 later;		/* threads that answer */
	uint64_t		 last;
};

static struct agent	 agent;

static void
count(int *what, uint64_t ticket)
{
	(void)pthread_mutex_lock(&agent.lock);
	(*what)++;
	agent.last = ticket;
	(void)pthread_mutex_unlock(&agent.lock);
}

static int
value(const int *what)
{
	int	 v;

	(void)pthread_mutex_lock(&agent.lock);
	v = *what;
	(void)pthread_mutex_unlock(&agent.lock);
	return (v);
}

static void
pause_ms(long ms)
{
	const struct timespec	 t = { ms / 1000, ms % 1000 * 1000000 };

	(void)nanosleep(&t, NULL);
}

struct job {
	uint64_t	 ticket;
	char		 name[WALNAME_TEXT];
};

/* The answer names the file, so that no one takes another's for its own. */
static void *
later(void *arg)
{
	struct job	*j = arg;
	struct err	 e = ERR_INIT;

	pause_ms((long)(j->ticket % 7));
	err_set(&e, ERR_REMOTE, "%s", j->name);
	serve_answer(agent.s, j->ticket, -1, &e);
	free(j);
	(void)pthread_mutex_lock(&agent.lock);
	agent.later--;
	(void)pthread_mutex_unlock(&agent.lock);
	return (NULL);
}

static void
answer_later(uint64_t ticket, const char *name)
{
	struct job	*j = calloc(1, sizeof(*j));
	pthread_t	 t;

	j->ticket = ticket;
	(void)stpcpy(j->name, name);
	(void)pthread_mutex_lock(&agent.lock);
	agent.later++;
	(void)pthread_mutex_unlock(&agent.lock);
	if (pthread_create(&t, NULL, later, j) != 0 ||
	    pthread_detach(t) != 0)
		abort();
}

static void
ask(void *arg, uint64_t ticket, struct message_request *req)
{
	struct err	 e = ERR_INIT;

	(void)arg;
	(void)close(req->fd);
	count(&agent.asked, ticket);
	switch (req->name[23] - '0') {
	case DONE:
		serve_answer(agent.s, ticket, 0, &e);
		break;
	case ABSENT:
		serve_answer(agent.s, ticket, 1, &e);
		break;
	case FAILS:
		err_set(&e, ERR_CONFLICT, "other content");
		serve_answer(agent.s, ticket, -1, &e);
		break;
	case SILENT:
		break;
	case TWICE:
		serve_answer(agent.s, ticket, 0, &e);
		serve_answer(agent.s, ticket, 1, &e);
		break;
	case MUTE:
		serve_answer(agent.s, ticket, -1, &e);
		break;
	case LATER:
		answer_later(ticket, req->name);
		break;
	}
}

static void
forget(void *arg, uint64_t ticket)
{
	(void)arg;
	count(&agent.forgotten, ticket);
}

static const struct serve_work	 work = { ask, forget };

/* What ended the last one is still pending. */
static void
swallow(void)
{
	const struct timespec	 now = { 0, 0 };
	sigset_t		 set;

	(void)sigfillset(&set);
	while (sigtimedwait(&set, NULL, &now) > 0)
		continue;
}

static int
setup(void **state)
{
	(void)state;
	swallow();
	testdir_make();
	memset(&agent, 0, sizeof(agent));
	(void)pthread_mutex_init(&agent.lock, NULL);
	agent.work = &work;
	agent.conf.linger_ms = 60000;
	(void)stpcpy(agent.conf.place.dir, testdir_path("run"));
	(void)stpcpy(agent.conf.place.name, "x");
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	(void)pthread_mutex_destroy(&agent.lock);
	testdir_remove();
	return (0);
}

static void *
run(void *arg)
{
	(void)arg;
	agent.rc = serve_run(agent.s, agent.work, NULL, agent.why, &agent.e);
	return (NULL);
}

/* Clients may come from now on; they wait until it serves. */
static void
take(void)
{
	struct err	 e = ERR_INIT;

	assert_int_equal(place_take(&agent.conf.place, &agent.conf.lock,
	    &agent.conf.listening, &e), 0);
}

static void
serve(void)
{
	struct err	 e = ERR_INIT;

	if (serve_new(&agent.s, &agent.conf, &e) == -1)
		fail_msg("%s", e.msg);
	assert_int_equal(pthread_create(&agent.thread, NULL, run, NULL), 0);
}

static void
start(void)
{
	take();
	serve();
}

/* It leaves by itself: the name is gone, the lock stays to the end. */
static void
left(void)
{
	struct err	 e = ERR_INIT;
	int		 fd;

	assert_int_equal(pthread_join(agent.thread, NULL), 0);
	assert_int_equal(agent.rc, 0);
	assert_int_equal(agent.e.kind, ERR_NONE);
	assert_int_equal(access(testdir_path("run/x.sock"), F_OK), -1);
	assert_int_equal(place_take(&agent.conf.place, &fd, &fd, &e), 1);
	serve_free(agent.s);
	assert_int_equal(access(testdir_path("run/x.lock"), F_OK), -1);
}

static void
stop(void)
{
	while (value(&agent.later) > 0)	/* they use what is freed here */
		pause_ms(1);
	assert_int_equal(kill(getpid(), SIGTERM), 0);
	left();
}

static int
join(void)
{
	struct err	 e = ERR_INIT;
	int		 sock;

	if (place_connect(&agent.conf.place, &sock, &e) != 0)
		fail_msg("%s", e.msg);
	return (sock);
}

static void
request(int sock, int what, int number)
{
	struct message_request	 r = { .verb = MESSAGE_PUSH, .fd = 0 };
	struct err		 e = ERR_INIT;

	(void)snprintf(r.name, sizeof(r.name), "00000001%08X000000F%d",
	    (unsigned)number, what);
	if (message_send_request(sock, &r, &e) == -1)
		fail_msg("%s", e.msg);
}

static int
call(int what)
{
	int	 sock = join();

	request(sock, what, 0);
	return (sock);
}

/* The next reply; 1 if the connection ends instead. */
static int
hear(int sock, struct message_reply *r, int ms)
{
	struct pollfd	 p = { sock, POLLIN, 0 };
	struct err	 e = ERR_INIT;
	int		 rc;

	if (poll(&p, 1, ms) != 1)
		return (-2);
	if ((rc = message_receive_reply(sock, r, &e)) == -1)
		fail_msg("%s", e.msg);
	return (rc);
}

/* That it is at work it may say at any time. */
static void
expect(int sock, enum message_kind kind, int rc, const char *msg)
{
	struct message_reply	 r;

	do
		assert_int_equal(hear(sock, &r, HANG_MS), 0);
	while (r.kind == MESSAGE_BUSY && kind != MESSAGE_BUSY);
	assert_int_equal(r.kind, kind);
	assert_int_equal(r.rc, rc);
	assert_string_equal(r.err.msg, msg);
}

static void
ends(int sock)
{
	struct message_reply	 r;
	int			 rc;

	do
		rc = hear(sock, &r, HANG_MS);
	while (rc == 0 && r.kind == MESSAGE_BUSY);
	assert_int_equal(rc, 1);
	assert_int_equal(close(sock), 0);
}

static void
test_answers(void **state)
{
	static const struct {
		int		 what, rc;
		const char	*msg;
	} t[] = {
		{ DONE, 0, "" }, { ABSENT, 1, "" },
		{ FAILS, -1, "other content" },
		{ TWICE, 0, "" },
		{ MUTE, -1, "failed without saying why; this is a bug" },
		{ LATER, -1, "0000000100000000000000F6" }
	};
	size_t	 i;
	int	 sock;

	(void)state;
	start();
	for (i = 0; i < N(t); i++) {
		sock = call(t[i].what);
		expect(sock, MESSAGE_ANSWER, t[i].rc, t[i].msg);
		ends(sock);		/* one request, one connection */
	}
	stop();
	assert_int_equal(agent.asked, N(t));
	assert_int_equal(agent.forgotten, 0);
}

static void
test_busy(void **state)
{
	const int64_t	 began = clock_mono_ms();
	struct err	 none = ERR_INIT;
	int		 sock, other;

	(void)state;
	start();
	sock = call(SILENT);
	expect(sock, MESSAGE_BUSY, 0, "");
	expect(sock, MESSAGE_BUSY, 0, "");
	assert_true(clock_mono_ms() - began >= 1500);
	assert_int_equal(close(sock), 0);
	while (value(&agent.forgotten) == 0)
		pause_ms(5);
	/* Its answer comes late and is nobody else's. */
	other = call(SILENT);
	serve_answer(agent.s, 1, 0, &none);
	serve_answer(agent.s, 0, 0, &none);
	serve_answer(agent.s, 77, 0, &none);
	expect(other, MESSAGE_BUSY, 0, "");
	serve_answer(agent.s, 2, 1, &none);
	expect(other, MESSAGE_ANSWER, 1, "");
	ends(other);
	stop();
	assert_int_equal(agent.forgotten, 1);
}

static void
test_notes(void **state)
{
	char	 line[32];
	int	 sock, i;

	(void)state;
	start();
	serve_note(agent.s, "a %d", 1);
	for (i = 0; i < 3; i++)
		serve_note(agent.s, "again");
	serve_note(agent.s, "b");
	serve_note(agent.s, "again");
	sock = call(DONE);
	expect(sock, MESSAGE_NOTE, 0, "a 1");
	expect(sock, MESSAGE_NOTE, 0, "again (4 times)");
	expect(sock, MESSAGE_NOTE, 0, "b");
	expect(sock, MESSAGE_ANSWER, 0, "");
	ends(sock);
	for (i = 0; i < 18; i++)
		serve_note(agent.s, "line %d", i);
	sock = call(FAILS);
	for (i = 2; i < 18; i++) {
		(void)snprintf(line, sizeof(line), "line %d", i);
		expect(sock, MESSAGE_NOTE, 0, line);
	}
	expect(sock, MESSAGE_ANSWER, -1, "other content");
	ends(sock);
	stop();
}

static void
test_linger(void **state)
{
	int64_t	 began;
	int	 sock;

	(void)state;
	agent.conf.linger_ms = 300;
	take();
	sock = call(SILENT);		/* who waits keeps it alive */
	serve();
	expect(sock, MESSAGE_BUSY, 0, "");
	began = clock_mono_ms();
	assert_int_equal(close(sock), 0);
	left();
	assert_true(clock_mono_ms() - began >= 290);
}

static void
test_watch(void **state)
{
	static const char *const	 how[] = {
		"touched", "a nanosecond", "replaced", "longer", "removed",
		"moved", "folder removed", "folder filled", "lock removed"
	};
	struct timespec	 old[2] = { { 1, 0 }, { 1, 0 } };
	struct stat	 st;
	size_t		 i;
	int		 sock, n;

	(void)state;
	for (i = 0; i < N(how); i++) {
		testdir_text("f", "1");
		assert_int_equal(mkdir(testdir_path("d"), 0700), 0);
		agent.conf.watch[0] = testdir_path("d");
		agent.conf.watch[1] = testdir_path("f");
		start();
		assert_int_equal(stat(testdir_path("f"), &st), 0);
		if (strcmp(how[i], "touched") == 0) {
			assert_int_equal(utimensat(AT_FDCWD,
			    testdir_path("f"), old, 0), 0);
		} else if (strcmp(how[i], "a nanosecond") == 0) {
			old[0] = old[1] = st.st_mtim;
			old[1].tv_nsec ^= 1;
			assert_int_equal(utimensat(AT_FDCWD,
			    testdir_path("f"), old, 0), 0);
		} else if (strcmp(how[i], "replaced") == 0) {
			testdir_text("g", "1");
			old[0] = old[1] = st.st_mtim;
			assert_int_equal(utimensat(AT_FDCWD,
			    testdir_path("g"), old, 0), 0);
			assert_int_equal(rename(testdir_path("g"),
			    testdir_path("f")), 0);
		} else if (strcmp(how[i], "longer") == 0) {
			testdir_text("f", "12");
			old[0] = old[1] = st.st_mtim;
			assert_int_equal(utimensat(AT_FDCWD,
			    testdir_path("f"), old, 0), 0);
		} else if (strcmp(how[i], "removed") == 0) {
			assert_int_equal(unlink(testdir_path("f")), 0);
		} else if (strcmp(how[i], "moved") == 0) {
			assert_int_equal(rename(testdir_path("d"),
			    testdir_path("e")), 0);
			assert_int_equal(rmdir(testdir_path("e")), 0);
		} else if (strcmp(how[i], "folder removed") == 0) {
			assert_int_equal(rmdir(testdir_path("d")), 0);
		} else if (strcmp(how[i], "lock removed") == 0) {
			assert_int_equal(unlink(testdir_path("run/x.lock")),
			    0);
		} else {
			testdir_text("d/file", "that is no reason");
			sock = call(SILENT);
			for (n = 0; n < 3; n++)	/* it looks as often */
				expect(sock, MESSAGE_BUSY, 0, "");
			assert_int_equal(close(sock), 0);
			assert_int_equal(access(testdir_path("run/x.sock"),
			    F_OK), 0);
			assert_int_equal(unlink(testdir_path("d/file")), 0);
			stop();
			assert_int_equal(rmdir(testdir_path("d")), 0);
			continue;
		}
		assert_int_equal(pthread_join(agent.thread, NULL), 0);
		assert_int_equal(agent.rc, 0);
		serve_free(agent.s);
		(void)rmdir(testdir_path("d"));
	}
}

static void
signalled(int signo)
{
	int	 sock, fd;
	struct err	 e = ERR_INIT;

	start();
	sock = call(SILENT);
	while (value(&agent.asked) == 0)
		pause_ms(5);
	assert_int_equal(kill(getpid(), signo), 0);
	ends(sock);			/* without an answer */
	assert_int_equal(pthread_join(agent.thread, NULL), 0);
	assert_int_equal(agent.rc, 0);
	assert_int_equal(agent.forgotten, 1);
	assert_int_equal(place_connect(&agent.conf.place, &fd, &e), 1);
	/* A second one, while the work is taken down, does not kill. */
	assert_int_equal(kill(getpid(), signo), 0);
	serve_free(agent.s);
	agent.asked = agent.forgotten = 0;
}

static void
test_signals(void **state)
{
	(void)state;
	signalled(SIGTERM);
	swallow();
	signalled(SIGINT);
	swallow();
	signalled(SIGHUP);
	swallow();
}

/* Whoever is in the queue at the end hears of it at once. */
static void
test_queue_ends(void **state)
{
	int	 sock[4], i;
	struct err	 e = ERR_INIT;

	(void)state;
	assert_int_equal(place_take(&agent.conf.place, &agent.conf.lock,
	    &agent.conf.listening, &e), 0);
	for (i = 0; i < 4; i++)
		sock[i] = call(DONE);
	assert_int_equal(serve_new(&agent.s, &agent.conf, &e), 0);
	assert_int_equal(kill(getpid(), SIGTERM), 0);
	assert_int_equal(serve_run(agent.s, &work, NULL, NULL, &e), 0);
	for (i = 0; i < 4; i++)
		ends(sock[i]);
	serve_free(agent.s);
}

static void
test_refusal(void **state)
{
	int	 sock;

	(void)state;
	agent.work = NULL;
	agent.why = "the key is under a passphrase";
	take();
	sock = call(DONE);
	serve();
	expect(sock, MESSAGE_REFUSAL, 0, agent.why);
	ends(sock);
	left();				/* it is of no use */
}

static void
test_bad_clients(void **state)
{
	const int64_t	 began = clock_mono_ms();
	int		 silent, sock;

	(void)state;
	start();
	silent = join();
	sock = join();
	assert_int_equal(send(sock, "garbage", 7, 0), 7);
	expect(sock, MESSAGE_REFUSAL, 0,
	    "found 7 bytes that are not a request");
	ends(sock);
	sock = call(SILENT);
	request(sock, DONE, 0);		/* one at a time */
	ends(sock);
	assert_int_equal(close(join()), 0);
	ends(silent);
	assert_true(clock_mono_ms() - began >= 4500);
	assert_int_equal(value(&agent.asked), 1);
	assert_int_equal(value(&agent.forgotten), 1);
	stop();
}

/* Nobody else's processes are listened to, whatever the modes. */
static void
test_other_user(void **state)
{
	struct sockaddr_un	 a = { .sun_family = AF_UNIX };
	int			 status;
	pid_t			 pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	start();
	assert_int_equal(chmod(testdir_path(""), 0711), 0);
	assert_int_equal(chmod(testdir_path("run"), 0711), 0);
	assert_int_equal(chmod(testdir_path("run/x.sock"), 0777), 0);
	(void)stpcpy(a.sun_path, testdir_path("run/x.sock"));
	if ((pid = fork()) == 0) {
		struct message_reply	 r;
		int	 sock = socket(AF_UNIX, SOCK_SEQPACKET, 0);

		if (setuid(65534) == -1)
			_exit(1);
		if (connect(sock, (struct sockaddr *)&a, sizeof(a)) == -1)
			_exit(2);
		_exit(hear(sock, &r, HANG_MS) == 1 ? 0 : 3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(chmod(testdir_path("run"), 0700), 0);
	stop();
}

/* More than it takes at a time: the rest waits in the queue. */
static void
test_many(void **state)
{
	struct err	 none = ERR_INIT;
	int		 sock[80];
	uint64_t	 t;
	size_t		 i;

	(void)state;
	start();
	for (i = 0; i < N(sock); i++) {
		sock[i] = join();
		request(sock[i], SILENT, (int)i);
	}
	while (value(&agent.asked) < 64)
		pause_ms(5);
	pause_ms(50);
	assert_int_equal(value(&agent.asked), 64);
	for (t = 1; t <= N(sock); t++) {
		while ((uint64_t)value(&agent.asked) < t)
			pause_ms(1);
		serve_answer(agent.s, t, 0, &none);
	}
	for (i = 0; i < N(sock); i++) {
		struct message_reply	 r;

		do
			assert_int_equal(hear(sock[i], &r, HANG_MS), 0);
		while (r.kind == MESSAGE_BUSY);
		assert_int_equal(r.kind, MESSAGE_ANSWER);
		ends(sock[i]);
	}
	stop();
}

static void *
customer(void *arg)
{
	const int		 number = *(int *)arg;
	struct message_reply	 r;
	char			 mine[WALNAME_TEXT];
	int			 i, sock;

	for (i = 0; i < 50; i++) {
		/* Not place_connect(): that is not for threads. */
		sock = socket(AF_UNIX, SOCK_SEQPACKET, 0);
		if (connect(sock, (struct sockaddr *)&(struct sockaddr_un){
		    AF_UNIX, "./.agent_serve_test.sock" }, sizeof(struct
		    sockaddr_un)) == -1)
			return (arg);
		request(sock, LATER, number * 1000 + i);
		(void)snprintf(mine, sizeof(mine), "00000001%08X000000F%d",
		    (unsigned)(number * 1000 + i), LATER);
		serve_note(agent.s, "note %d", i % 20);
		do
			if (hear(sock, &r, HANG_MS) != 0)
				return (arg);
		while (r.kind != MESSAGE_ANSWER);
		if (r.rc != -1 || strcmp(r.err.msg, mine) != 0)
			return (arg);
		(void)close(sock);
	}
	return (NULL);
}

/* Each gets its own answer, whoever gives it and whenever. */
static void
test_crowd(void **state)
{
	pthread_t	 t[8];
	int		 number[8], here;
	void		*bad;
	size_t		 i;

	(void)state;
	start();
	here = open(".", O_PATH | O_CLOEXEC);
	assert_int_equal(chdir(testdir_path("run")), 0);
	assert_int_equal(link("x.sock", ".agent_serve_test.sock"), 0);
	for (i = 0; i < N(t); i++) {
		number[i] = (int)i;
		assert_int_equal(pthread_create(&t[i], NULL, customer,
		    &number[i]), 0);
	}
	for (i = 0; i < N(t); i++) {
		assert_int_equal(pthread_join(t[i], &bad), 0);
		assert_null(bad);
	}
	assert_int_equal(fchdir(here), 0);
	(void)close(here);
	stop();
	assert_int_equal(agent.asked, 400);
}

static void
limit_files(rlim_t n)
{
	struct rlimit	 l;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &l), 0);
	l.rlim_cur = n;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &l), 0);
}

static int64_t
cpu_ms(void)
{
	struct timespec	 ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ((int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000);
}

/* A full table: who calls hears so, nothing spins, all is well later. */
static void
test_full_table(void **state)
{
	struct sockaddr_un	 a = { .sun_family = AF_UNIX };
	struct rlimit		 was;
	int64_t			 cpu;
	rlim_t			 free_one;
	int			 sock[3], i;

	(void)state;
	start();
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	(void)stpcpy(a.sun_path, testdir_path("run/x.sock"));
	for (i = 0; i < 3; i++)
		sock[i] = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	free_one = (rlim_t)dup(0);
	(void)close((int)free_one);

	limit_files(free_one);		/* nothing but the spare */
	assert_int_equal(connect(sock[0], (struct sockaddr *)&a, sizeof(a)),
	    0);
	expect(sock[0], MESSAGE_REFUSAL, 0,
	    "the agent has too many open files");

	limit_files(free_one + 1);	/* one client, not its descriptor */
	assert_int_equal(connect(sock[1], (struct sockaddr *)&a, sizeof(a)),
	    0);
	request(sock[1], DONE, 0);
	expect(sock[1], MESSAGE_REFUSAL, 0, "request for 0000000100000000"
	    "000000F0: its descriptor does not fit; too many files are open");

	limit_files(3);			/* not even the spare */
	cpu = cpu_ms();
	assert_int_equal(connect(sock[2], (struct sockaddr *)&a, sizeof(a)),
	    0);
	request(sock[2], DONE, 0);
	pause_ms(1500);
	assert_in_range(cpu_ms() - cpu, 0, 100);
	assert_int_equal(value(&agent.asked), 0);
	limit_files(was.rlim_cur);
	expect(sock[2], MESSAGE_ANSWER, 0, "");
	for (i = 0; i < 3; i++)
		ends(sock[i]);
	stop();
}

static void
test_new_refuses(void **state)
{
	struct err	 e = ERR_INIT;
	struct serve	*s;
	sigset_t	 set;
	char		 msg[PATH_MAX + 64];

	(void)state;
	assert_int_equal(place_take(&agent.conf.place, &agent.conf.lock,
	    &agent.conf.listening, &e), 0);
	agent.conf.watch[0] = testdir_path("none");
	assert_int_equal(serve_new(&s, &agent.conf, &e), -1);
	(void)snprintf(msg, sizeof(msg), "stat %s: No such file or directory",
	    testdir_path("none"));
	assert_string_equal(e.msg, msg);
	agent.conf.watch[0] = NULL;
	agent.conf.place.name[0] = 'y';
	err_clear(&e);
	assert_int_equal(serve_new(&s, &agent.conf, &e), -1);
	assert_string_equal(e.msg, "found the socket \"x.sock\", expected "
	    "y.sock; the configuration, the key or the program changed just "
	    "now");
	assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &set), 0);
	assert_false(sigismember(&set, SIGTERM));	/* as it was */
	agent.conf.place.name[0] = 'x';
	err_clear(&e);			/* and both are still there */
	assert_int_equal(serve_new(&s, &agent.conf, &e), 0);
	assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &set), 0);
	assert_true(sigismember(&set, SIGTERM));
	serve_free(s);
	serve_free(NULL);
	assert_int_equal(access(testdir_path("run/x.sock"), F_OK), -1);
}

/* Who leaves between its answer and the sending is not forgotten as well. */
static void
test_tickets(void **state)
{
	static struct clients	 t;
	const struct err	 none = ERR_INIT;
	struct err		 e = ERR_INIT;
	struct client		*c;
	int			 fds[2];

	(void)state;
	assert_int_equal(clients_init(&t, &e), 0);
	c = clients_free(&t);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	c->fd = fds[0];
	assert_int_equal(clients_waits(&t, 1), 0);
	assert_int_equal(clients_asks(&t, c), 1);
	assert_int_equal(clients_waits(&t, 1), 1);
	assert_int_equal(clients_waits(&t, 0), 0);
	clients_answer(&t, 1, 0, &none);
	assert_int_equal(clients_waits(&t, 1), 0);
	assert_int_equal(clients_leaves(&t, c), 0);
	ends(fds[1]);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	c->fd = fds[0];
	assert_int_equal(clients_asks(&t, c), 2);
	clients_answer(&t, 1, 0, &none);
	assert_int_equal(clients_waits(&t, 1), 0);
	assert_int_equal(clients_waits(&t, 2), 1);
	/* Gone, and nobody has polled since. */
	(void)close(fds[1]);
	assert_int_equal(clients_waits(&t, 2), 0);
	assert_int_equal(clients_leaves(&t, c), 2);
	clients_done(&t);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		TEST(test_new_refuses),	/* before signals are blocked */
		TEST(test_tickets),
		TEST(test_answers),
		TEST(test_busy),
		TEST(test_notes),
		TEST(test_linger),
		TEST(test_watch),
		TEST(test_signals),
		TEST(test_queue_ends),
		TEST(test_refusal),
		TEST(test_bad_clients),
		TEST(test_other_user),
		TEST(test_many),
		TEST(test_crowd),
		TEST(test_full_table)
	};

	return (cmocka_run_group_tests_name("agent_serve", tests, NULL,
	    NULL));
}
