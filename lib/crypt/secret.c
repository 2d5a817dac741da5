/* SPDX-License-Identifier: ISC */
/*
 * Secret bytes: the memory they live in, and how they come in from files and
 * terminals.  Guard pages stop an overrun from reading them, locking keeps
 * them out of swap, and they are wiped when freed.
 */
#include <sys/stat.h>
#include <sys/vfs.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <sodium.h>

#include "base/io.h"
#include "crypt/init.h"
#include "crypt/secret.h"

#define PASS_MAX	1024

struct secret {
	uint8_t	*bytes;
	size_t	 n;		/* secret_load() allocates more */
};

int
secret_new(struct secret **out, size_t n, uint8_t **bytes, struct err *e)
{
	struct secret	*s;

	assert(n >= 1 && n <= SECRET_MAX);
	if (init_sodium(e) == -1)
		return (-1);
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, "memory for a secret"));
	/*
	 * If RLIMIT_MEMLOCK is too small to lock the pages, libsodium goes
	 * without: they are still guarded, wiped and kept out of core files,
	 * and only swap may see them.
	 */
	if ((s->bytes = sodium_malloc(n)) == NULL) {
		err_sys(e, ERR_LOCAL, "guarded memory for a secret");
		free(s);
		return (-1);
	}
	memset(s->bytes, 0, n);
	s->n = n;
	*bytes = s->bytes;
	*out = s;
	return (0);
}

void
secret_freeze(struct secret *s)
{
	/* If the kernel refuses, one protection less is no failure. */
	(void)sodium_mprotect_readonly(s->bytes);
}

int
secret_random(struct secret **out, size_t n, struct err *e)
{
	struct secret	*s;
	uint8_t		*p;

	if (secret_new(&s, n, &p, e) == -1)
		return (-1);
	randombytes_buf(p, n);
	secret_freeze(s);
	*out = s;
	return (0);
}

const uint8_t *
secret_bytes(const struct secret *s)
{
	return (s->bytes);
}

size_t
secret_len(const struct secret *s)
{
	return (s->n);
}

void
secret_free(struct secret *s)
{
	if (s == NULL)
		return;
	sodium_free(s->bytes);		/* wipes */
	free(s);
}

/*
 * Whether this is a pipe without a name, such as a shell's <(command), whose
 * other end is open already.  A FIFO has a name, and may wait for ever for
 * somebody to open its other end.
 */
static int
is_pipe(int fd, const struct stat *st)
{
	struct statfs	 fs;

	return (S_ISFIFO(st->st_mode) && fstatfs(fd, &fs) == 0 &&
	    fs.f_type == PIPEFS_MAGIC);
}

/*
 * Open the file, then look at what was opened: the name may mean another file
 * a moment later.  A shell's pipe is fine; a FIFO or a device is not.  Neither
 * the opening nor the reading of a regular file blocks with O_NONBLOCK, which
 * a pipe must lose: its data may come later.
 */
static int
open_secret(const char *path, int *fd, int *is_private, struct err *e)
{
	struct stat	 st;

	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (*fd == -1)
		return (err_sys(e, ERR_CONFIG, "open %s", path));
	if (fstat(*fd, &st) == -1)
		return (err_sys(e, ERR_CONFIG, "stat %s", path));
	if (!S_ISREG(st.st_mode) && !is_pipe(*fd, &st))
		return (err_set(e, ERR_CONFIG, "%s: is not a regular file",
		    path));
	if (!S_ISREG(st.st_mode) && fcntl(*fd, F_SETFL, 0) == -1)
		return (err_sys(e, ERR_CONFIG, "open %s", path));
	*is_private = (st.st_mode & 077) == 0;
	return (0);
}

int
secret_load(struct secret **out, const char *path, size_t max,
    int *is_private, struct err *e)
{
	struct secret	*s = NULL;
	uint8_t		*p;
	size_t		 got;
	int		 fd = -1, rc = -1;

	if (open_secret(path, &fd, is_private, e) ||
	    secret_new(&s, max + 1, &p, e) ||	/* one more: too long shows */
	    io_read(fd, p, max + 1, &got, path, e))
		goto out;
	if (got == 0 || got > max) {
		err_set(e, ERR_CONFIG, got == 0 ? "%s: is empty" :
		    "%s: is longer than %zu bytes", path, max);
		goto out;
	}
	s->n = got;
	secret_freeze(s);
	*out = s;
	s = NULL;
	rc = 0;
out:
	secret_free(s);
	if (fd != -1)
		(void)close(fd);	/* read only: nothing to lose */
	return (rc);
}

/* Make a secret of the first line of "n" bytes. */
static int
first_line(struct secret **out, const uint8_t *p, size_t n, const char *what,
    struct err *e)
{
	const uint8_t	*end;
	uint8_t		*to;

	if ((end = memchr(p, '\n', n)) != NULL)
		n = (size_t)(end - p);
	if (n == 0 || n > PASS_MAX)
		return (err_set(e, ERR_CONFIG, "%s: expected a passphrase of "
		    "1 to %d bytes, found %s", what, PASS_MAX,
		    n == 0 ? "none" : "more"));
	if (secret_new(out, n, &to, e) == -1)
		return (-1);
	memcpy(to, p, n);
	secret_freeze(*out);
	return (0);
}

int
secret_from_file(struct secret **out, const char *path, struct err *e)
{
	struct secret	*s = NULL;
	int		 is_private, rc = -1;

	if (secret_load(&s, path, SECRET_MAX - 1, &is_private, e) == -1)
		return (-1);
	if (!is_private)
		err_set(e, ERR_CONFIG, "%s: group or others have permissions "
		    "on this passphrase file; chmod 600 it", path);
	else
		rc = first_line(out, s->bytes, s->n, path, e);
	secret_free(s);
	return (rc);
}

/* Signals that end or stop a program while its terminal does not echo. */
static const int deadly[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };

#define NDEADLY	(sizeof(deadly) / sizeof(deadly[0]))

static int
deadly_pending(void)
{
	sigset_t	 set;
	size_t		 i;

	if (sigpending(&set) == -1)
		return (0);
	for (i = 0; i < NDEADLY; i++)
		if (sigismember(&set, deadly[i]) == 1)
			return (1);
	return (0);
}

/*
 * Read bytes up to a newline.  Signals are blocked (see ask()), so look ten
 * times a second whether one is pending.
 */
static int
read_line(int fd, uint8_t *p, size_t max, size_t *n, struct err *e)
{
	struct pollfd	 pfd = { .fd = fd, .events = POLLIN };
	ssize_t		 r;

	for (*n = 0; *n < max && memchr(p, '\n', *n) == NULL;
	    *n += (size_t)r) {
		r = 0;
		if (deadly_pending())
			return (err_set(e, ERR_LOCAL, "interrupted"));
		if (poll(&pfd, 1, 100) <= 0)
			continue;
		r = read(fd, p + *n, max - *n);
		if (r == -1 && (errno == EINTR || errno == EAGAIN))
			r = 0;
		else if (r == -1)
			return (err_sys(e, ERR_LOCAL, "read the terminal"));
		else if (r == 0)
			break;
	}
	return (0);
}

/*
 * Ask once.  Deadly signals are blocked until the terminal echoes again:
 * otherwise a user who presses ^C is left with one that does not.  They take
 * effect when they are unblocked.
 */
static int
ask(int fd, const char *prompt, struct secret **out, struct err *e)
{
	struct termios	 was, quiet;
	struct secret	*line = NULL;
	sigset_t	 hold, old;
	uint8_t		*p;
	size_t		 n, i;
	int		 rc = -1;

	if (secret_new(&line, PASS_MAX + 2, &p, e) == -1)
		return (-1);
	if (tcgetattr(fd, &was) == -1) {
		secret_free(line);
		return (err_sys(e, ERR_CONFIG, "terminal"));
	}
	quiet = was;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	(void)sigemptyset(&hold);
	for (i = 0; i < NDEADLY; i++)
		(void)sigaddset(&hold, deadly[i]);
	(void)pthread_sigmask(SIG_BLOCK, &hold, &old);
	if (tcsetattr(fd, TCSAFLUSH, &quiet) == -1)
		err_sys(e, ERR_LOCAL, "turn off the terminal's echo");
	else if (io_write(fd, prompt, strlen(prompt), "terminal", e) == 0 &&
	    read_line(fd, p, PASS_MAX + 2, &n, e) == 0 &&
	    io_write(fd, "\n", 1, "terminal", e) == 0)
		rc = first_line(out, p, n, "terminal", e);
	/* TCSAFLUSH also drops what was typed ahead, so it never shows. */
	if (tcsetattr(fd, TCSAFLUSH, &was) == -1 && rc == 0) {
		secret_free(*out);
		rc = err_sys(e, ERR_LOCAL, "turn on the terminal's echo");
	}
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	secret_free(line);
	return (rc);
}

int
secret_from_tty(struct secret **out, const char *prompt, int confirm,
    struct err *e)
{
	struct secret	*one = NULL, *two = NULL;
	int		 fd, rc = -1;

	if ((fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) == -1)
		return (err_set(e, ERR_CONFIG, "there is no terminal to ask "
		    "for a passphrase; give it in a file"));
	if (ask(fd, prompt, &one, e) ||
	    (confirm && ask(fd, "repeat it: ", &two, e)))
		goto out;
	if (confirm && (one->n != two->n ||
	    sodium_memcmp(one->bytes, two->bytes, one->n) != 0)) {
		err_set(e, ERR_CONFIG, "the two passphrases differ");
		goto out;
	}
	*out = one;
	one = NULL;
	rc = 0;
out:
	secret_free(one);
	secret_free(two);
	(void)close(fd);	/* nothing written there matters any more */
	return (rc);
}
