/* SPDX-License-Identifier: ISC */
/* The process: made sane at its start, its status and message at its end. */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "tool/runlog.h"
#include "tool/tool.h"

/*
 * A line is written at once and is shorter than PIPE_BUF, so that lines of
 * several programs do not mix in PostgreSQL's log pipe.
 */
#define LINEMAX	(ERR_MSGMAX + 256)

#ifndef TOOL_DUMPABLE
#define TOOL_DUMPABLE	0
#endif

/*
 * If a descriptor 0..2 is closed, the next file that is opened gets its number
 * and would receive what is meant for the terminal.  So open /dev/null there,
 * the wrong way round: reading or writing it fails with EBADF and is noticed.
 */
static int
open_low(struct err *e)
{
	int	 fd;

	for (fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) != -1 || errno != EBADF)
			continue;
		if (open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
			return (err_sys(e, ERR_LOCAL, "open /dev/null"));
	}
	return (0);
}

int
tool_init(struct err *e)
{
	const struct rlimit	 none = { 0, 0 };

	if (open_low(e) == -1)
		return (-1);
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
	    signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
		return (err_sys(e, ERR_LOCAL, "ignore signals"));
	(void)umask(077);		/* cannot fail */
	if (setrlimit(RLIMIT_CORE, &none) == -1)
		return (err_sys(e, ERR_LOCAL, "switch core dumps off"));
	/*
	 * A core_pattern that is a pipe ignores the limit, but not this.  It
	 * keeps leak checkers out too, so builds for them set it to 1.
	 */
	if (prctl(PR_SET_DUMPABLE, TOOL_DUMPABLE) == -1)
		return (err_sys(e, ERR_LOCAL, "switch core dumps off"));
	return (0);
}

int
tool_status(enum err_kind kind)
{
	switch (kind) {
	case ERR_NONE:			/* nobody described it */
		return (TOOL_LOCAL);
	case ERR_ABSENT:
		return (TOOL_ABSENT);
	case ERR_USAGE:
		return (TOOL_USAGE);
	case ERR_CONFIG:
		return (TOOL_CONFIG);
	case ERR_LOCAL:
		return (TOOL_LOCAL);
	case ERR_REMOTE:
		return (TOOL_REMOTE);
	case ERR_CONFLICT:
		return (TOOL_CONFLICT);
	case ERR_CORRUPT:
		return (TOOL_CORRUPT);
	case ERR_PG:
		return (TOOL_PG);
	}
	return (TOOL_LOCAL);
}

/* Write one line to stderr. */
static void
say(const char *program, const char *prefix, const char *msg)
{
	char	 raw[LINEMAX], line[LINEMAX];
	size_t	 n, done = 0;
	ssize_t	 w;

	(void)snprintf(raw, sizeof(raw) - 1, "%.64s: %s%s", program, prefix,
	    msg);
	(void)str_clean(line, sizeof(line), raw, strlen(raw));
	n = strlen(line);
	line[n++] = '\n';
	while (done < n) {
		w = write(STDERR_FILENO, line + done, n - done);
		if (w == -1 && errno != EINTR)
			return;		/* nowhere left to complain */
		if (w > 0)
			done += (size_t)w;
	}
}

int
tool_exit(const char *program, int rc, const struct err *e)
{
	const char	*msg;

	if (rc != -1)
		return (rc);
	msg = e->kind == ERR_NONE ? "failed without saying why; this is a bug" :
	    e->msg;
	say(program, "", msg);
	runlog_line(RUNLOG_ERROR, "%s", msg);
	return (tool_status(e->kind));
}

/*
 * JSON leaves DEL and the controls from U+0080 on as they are, and a terminal
 * obeys some of them.  They stand in strings only, so they can be escaped.
 */
static void
print_json(const char *text)
{
	const uint8_t	*p = (const uint8_t *)text;

	for (; *p != '\0'; p++) {
		if (*p == 0x7f)
			(void)printf("\\u007f");
		else if (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0)
			(void)printf("\\u%04x", (unsigned)*++p);
		else
			(void)putchar(*p);
	}
	(void)putchar('\n');
}

int
tool_json(const struct jval *j, struct err *e)
{
	char	*text = NULL;
	size_t	 n;

	if (jval_text(j, 1, &text, &n, e))
		return (-1);
	print_json(text);
	free(text);
	return (0);
}

int
tool_flush(struct err *e)
{
	int	 fd;

	if (fflush(stdout) == EOF || ferror(stdout))
		return (err_sys(e, ERR_LOCAL, "write standard output"));
	/* close(2) is where NFS reports a full disk; any copy will do. */
	if ((fd = dup(STDOUT_FILENO)) == -1 || close(fd) == -1)
		return (err_sys(e, ERR_LOCAL, "close standard output"));
	return (0);
}

void
tool_note(const char *program, const char *fmt, ...)
{
	char	 msg[ERR_MSGMAX];
	va_list	 ap;

	va_start(ap, fmt);
	(void)vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	say(program, "", msg);
	runlog_line(RUNLOG_NOTICE, "%s", msg);
}

void
tool_warn(const char *program, const char *fmt, ...)
{
	char	 msg[ERR_MSGMAX];
	va_list	 ap;

	va_start(ap, fmt);
	(void)vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	say(program, "warning: ", msg);
	runlog_line(RUNLOG_NOTICE, "warning: %s", msg);
}
