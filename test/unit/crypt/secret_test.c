/* SPDX-License-Identifier: ISC */
/* Secrets: guarded, private, asked for without echo. */
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/io.h"
#include "base/str.h"
#include "crypt/secret.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))

static char	 dir[] = "/tmp/seawall-secret.XXXXXX";
static char	 path[64];

static int
setup(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return (-1);
	(void)snprintf(path, sizeof(path), "%s/pass", dir);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	(void)unlink(path);
	return (rmdir(dir));
}

static void
put(const char *text, size_t n, mode_t mode)
{
	struct err	 e = ERR_INIT;

	(void)unlink(path);
	assert_int_equal(io_save(path, mode, text, n, 0, &e), 0);
}

static void
test_new(void **state)
{
	static const size_t	 sizes[] = { 1, 31, 32, 4096, SECRET_MAX };
	struct err		 e = ERR_INIT;
	struct secret		*s, *t;
	uint8_t			*p;
	size_t			 i, j;

	(void)state;
	for (i = 0; i < LEN(sizes); i++) {
		assert_int_equal(secret_new(&s, sizes[i], &p, &e), 0);
		assert_int_equal(secret_len(s), sizes[i]);
		assert_ptr_equal(secret_bytes(s), p);
		for (j = 0; j < sizes[i]; j++)
			assert_int_equal(p[j], 0);
		memset(p, 1, sizes[i]);
		secret_freeze(s);
		assert_int_equal(secret_bytes(s)[sizes[i] - 1], 1);
		secret_free(s);
	}
	assert_int_equal(secret_random(&s, 32, &e), 0);
	assert_int_equal(secret_random(&t, 32, &e), 0);
	assert_memory_not_equal(secret_bytes(s), secret_bytes(t), 32);
	secret_free(s);
	secret_free(t);
	secret_free(NULL);
}

/* Run in a child; its exit status, or 128 + the signal that ended it. */
static int
in_child(int (*f)(void))
{
	pid_t	 pid;
	int	 status;

	if ((pid = fork()) == 0)
		_exit(f());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return (WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
	    WEXITSTATUS(status));
}

static int
write_frozen(void)
{
	struct err	 e = ERR_INIT;
	struct secret	*s;
	uint8_t		*p;

	if (signal(SIGSEGV, SIG_DFL) == SIG_ERR ||	/* cmocka's goes */
	    secret_new(&s, 8, &p, &e) == -1)
		return (0);
	secret_freeze(s);
	p[0] = 1;
	return (0);
}

static int
without_locking(void)
{
	const struct rlimit	 none = { 0, 0 };
	struct err		 e = ERR_INIT;
	struct secret		*s[20];
	int			 i;

	/* The superuser's memory is locked without limit. */
	if (setrlimit(RLIMIT_MEMLOCK, &none) == -1 ||
	    (geteuid() == 0 && setuid(65534) == -1))
		return (1);
	for (i = 0; i < 20; i++)
		if (secret_random(&s[i], 32, &e) == -1)
			return (2);
	for (i = 0; i < 20; i++)
		secret_free(s[i]);
	return (0);
}

static void
test_memory(void **state)
{
	(void)state;
	assert_int_equal(in_child(write_frozen), 128 + SIGSEGV);
	assert_int_equal(in_child(without_locking), 0);
}

static void
test_load(void **state)
{
	static const struct {
		size_t		 n;
		const char	*msg;		/* NULL: success */
	} c[] = {
		{ 0, "is empty" }, { 1, NULL }, { 99, NULL }, { 100, NULL },
		{ 101, "is longer than 100 bytes" },
		{ 5000, "is longer than 100 bytes" },
	};
	struct secret	*s;
	char		 buf[5000];
	size_t		 i;
	int		 is_private;

	(void)state;
	memset(buf, 'x', sizeof(buf));
	for (i = 0; i < LEN(c); i++) {
		struct err	 e = ERR_INIT;

		put(buf, c[i].n, 0640);
		assert_int_equal(secret_load(&s, path, 100, &is_private, &e),
		    c[i].msg == NULL ? 0 : -1);
		assert_int_equal(is_private, 0);
		if (c[i].msg != NULL) {
			assert_int_equal(e.kind, ERR_CONFIG);
			assert_non_null(strstr(e.msg, c[i].msg));
			continue;
		}
		assert_int_equal(secret_len(s), c[i].n);
		assert_memory_equal(secret_bytes(s), buf, c[i].n);
		secret_free(s);
	}
}

static void
test_file_content(void **state)
{
	static const struct {
		const char	*text;
		const char	*pass;		/* NULL: refused */
	} c[] = {
		{ "a\n", "a" }, { "a", "a" }, { "a b \n", "a b " },
		{ "one\ntwo\n", "one" }, { "\nnext\n", NULL }, { "\n", NULL },
		{ "", NULL },
	};
	struct secret	*s;
	char		 buf[1026];
	size_t		 i;

	(void)state;
	for (i = 0; i < LEN(c); i++) {
		struct err	 e = ERR_INIT;

		put(c[i].text, strlen(c[i].text), 0600);
		assert_int_equal(secret_from_file(&s, path, &e),
		    c[i].pass == NULL ? -1 : 0);
		if (c[i].pass == NULL) {
			assert_int_equal(e.kind, ERR_CONFIG);
			assert_null(strstr(e.msg, "next"));
			continue;
		}
		assert_int_equal(secret_len(s), strlen(c[i].pass));
		assert_memory_equal(secret_bytes(s), c[i].pass,
		    strlen(c[i].pass));
		secret_free(s);
	}
	memset(buf, 'x', sizeof(buf));
	for (i = 1023; i <= 1025; i++) {
		struct err	 e = ERR_INIT;

		put(buf, i, 0600);
		assert_int_equal(secret_from_file(&s, path, &e),
		    i > 1024 ? -1 : 0);
		if (i <= 1024)
			secret_free(s);
	}
}

static void
test_file_mode(void **state)
{
	static const mode_t	 bad[] = {
		0640, 0604, 0610, 0601, 0620, 0602, 0644, 0777
	};
	static const mode_t	 good[] = { 0600, 0400, 0700 };
	struct secret		*s;
	size_t			 i;

	(void)state;
	for (i = 0; i < LEN(bad); i++) {
		struct err	 e = ERR_INIT;

		put("a\n", 2, bad[i]);
		assert_int_equal(secret_from_file(&s, path, &e), -1);
		assert_int_equal(e.kind, ERR_CONFIG);
		assert_non_null(strstr(e.msg, "chmod 600"));
		assert_non_null(strstr(e.msg, path));
	}
	for (i = 0; i < LEN(good); i++) {
		struct err	 e = ERR_INIT;

		put("a\n", 2, good[i]);
		assert_int_equal(secret_from_file(&s, path, &e), 0);
		secret_free(s);
	}
}

static void
test_file_kind(void **state)
{
	struct err	 e = ERR_INIT;
	struct secret	*s;
	char		 name[32], fifo[256];
	int		 fd[2];

	(void)state;
	assert_int_equal(secret_from_file(&s, dir, &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	err_clear(&e);
	assert_int_equal(secret_from_file(&s, "/nonexistent/p", &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	assert_string_equal(e.msg,
	    "open /nonexistent/p: No such file or directory");
	err_clear(&e);

	/* Nobody has the other end of a FIFO: no waiting for it. */
	(void)snprintf(fifo, sizeof(fifo), "%s/fifo", dir);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(secret_from_file(&s, fifo, &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	assert_non_null(strstr(e.msg, "is not a regular file"));
	assert_int_equal(unlink(fifo), 0);
	err_clear(&e);

	/* What a shell's <(command) gives. */
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], "piped\n", 6), 6);
	assert_int_equal(close(fd[1]), 0);
	(void)snprintf(name, sizeof(name), "/dev/fd/%d", fd[0]);
	assert_int_equal(secret_from_file(&s, name, &e), 0);
	assert_memory_equal(secret_bytes(s), "piped", 5);
	secret_free(s);
	assert_int_equal(close(fd[0]), 0);
}

static int
no_terminal(void)
{
	struct err	 e = ERR_INIT;
	struct secret	*s;

	if (setsid() == -1)
		return (1);
	return (secret_from_tty(&s, "pass: ", 0, &e) == -1 &&
	    e.kind == ERR_CONFIG && str_begins(e.msg, "there is no terminal")
	    ? 0 : 2);
}

static void
test_no_terminal(void **state)
{
	(void)state;
	assert_int_equal(in_child(no_terminal), 0);
}

/* What a person does: wait for a text, then type. */
struct turn {
	const char	*wait;
	const char	*type;
};

/* Everything that the terminal showed is in "seen" afterwards. */
static void
play(int fd, const struct turn *t, size_t n, char *seen, size_t room)
{
	struct pollfd	 pfd = { .fd = fd, .events = POLLIN };
	size_t		 have = 0, from = 0, i = 0;
	const char	*at;
	ssize_t		 r;

	seen[0] = '\0';
	while (poll(&pfd, 1, 20000) == 1) {
		r = read(fd, seen + have, room - have - 1);
		if (r <= 0)
			break;
		have += (size_t)r;
		seen[have] = '\0';
		if (i < n && (at = strstr(seen + from, t[i].wait)) != NULL) {
			from = (size_t)(at - seen) + strlen(t[i].wait);
			assert_int_equal(write(fd, t[i].type,
			    strlen(t[i].type)), (ssize_t)strlen(t[i].type));
			i++;
		}
	}
	assert_int_equal(i, n);
}

/* Status 0: got "geheim"; 1: an error, which is shown. */
static int
at_terminal(int confirm, const struct turn *t, size_t n, char *seen,
    size_t room, tcflag_t *flags)
{
	struct termios	 tio;
	struct err	 e = ERR_INIT;
	struct secret	*s;
	pid_t		 pid;
	int		 fd, status;

	if ((pid = forkpty(&fd, NULL, NULL, NULL)) == 0) {
		if (secret_from_tty(&s, "pass: ", confirm, &e) == -1) {
			(void)printf("%s\n", e.msg);
			(void)fflush(stdout);
			_exit(1);
		}
		status = secret_len(s) == 6 &&
		    memcmp(secret_bytes(s), "geheim", 6) == 0 ? 0 : 2;
		secret_free(s);
		_exit(status);
	}
	assert_true(pid > 0);
	play(fd, t, n, seen, room);
	assert_int_equal(tcgetattr(fd, &tio), 0);
	*flags = tio.c_lflag;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	(void)close(fd);
	return (WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
	    WEXITSTATUS(status));
}

static void
test_terminal(void **state)
{
	static const struct {
		int		 confirm;
		struct turn	 turns[2];
		int		 status;
		const char	*msg;
	} c[] = {
		{ 0, { { "pass: ", "geheim\n" } }, 0, "" },
		{ 1, { { "pass: ", "geheim\n" },
		    { "repeat it: ", "geheim\n" } }, 0, "" },
		{ 1, { { "pass: ", "geheim\n" },
		    { "repeat it: ", "geheum\n" } }, 1,
		    "the two passphrases differ" },
		{ 0, { { "pass: ", "\n" } }, 1, "1 to 1024 bytes" },
		{ 0, { { "pass: ", "\003" } }, 128 + SIGINT, "" },
		{ 0, { { "pass: ", "gehe\003" } }, 128 + SIGINT, "" },
	};
	char		 seen[4096];
	tcflag_t	 flags;
	size_t		 i;

	(void)state;
	for (i = 0; i < LEN(c); i++) {
		assert_int_equal(at_terminal(c[i].confirm, c[i].turns,
		    (size_t)c[i].confirm + 1, seen, sizeof(seen), &flags),
		    c[i].status);
		assert_null(strstr(seen, "gehe"));
		assert_non_null(strstr(seen, c[i].msg));
		assert_true((flags & ECHO) != 0);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_new),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_load),
		cmocka_unit_test(test_file_content),
		cmocka_unit_test(test_file_mode),
		cmocka_unit_test(test_file_kind),
		cmocka_unit_test(test_no_terminal),
		cmocka_unit_test(test_terminal),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
