/* SPDX-License-Identifier: ISC */
/* The log of a program's runs, in a file or in syslog. */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "tool/runlog.h"

#define LINEMAX		(ERR_MSGMAX + 512)
#define SYSLOG		"syslog"

static const char *const level_name[] = {
	[RUNLOG_ERROR] = "error", [RUNLOG_NOTICE] = "notice",
	[RUNLOG_INFO] = "info", [RUNLOG_DEBUG] = "debug"
};

/* Of the process; only runlog_begin() and runlog_open() change it. */
static struct {
	char			 program[32];
	char			 server[64];
	char			 id[RUNLOG_ID];	/* "": not made yet */
	char			 path[PATH_MAX]; /* "": no log */
	enum runlog_level	 level;
	int			 quiet;
	char			**args;
	size_t			 nargs;
	int64_t			 begin_ms;
} run;

const char *
runlog_id(void)
{
	struct err	 unused = ERR_INIT;
	uint32_t	 id;

	/* It tells runs apart for people; nothing depends on it. */
	if (run.id[0] == '\0') {
		if (io_random(&id, sizeof(id), &unused))
			id = (uint32_t)getpid();
		(void)str_hex(run.id, (const uint8_t *)&id, sizeof(id));
	}
	return (run.id);
}

void
runlog_begin(const char *program, int quiet, char **args, size_t nargs)
{
	(void)snprintf(run.program, sizeof(run.program), "%s", program);
	run.quiet = quiet;
	run.args = args;
	run.nargs = nargs;
	run.begin_ms = clock_mono_ms();
}

/*
 * Where root is the first to write, the file must belong to the owner of its
 * folder, or that user could not write to it later.
 */
static void
give_away(int fd)
{
	struct stat	 st;
	struct err	 unused = ERR_INIT;
	char		 dir[PATH_MAX];

	if (geteuid() == 0 &&
	    path_dir(dir, sizeof(dir), run.path, &unused) == 0 &&
	    stat(dir, &st) == 0 && fchown(fd, st.st_uid, st.st_gid) == -1)
		(void)fchmod(fd, 0600);	/* root's, as it was made */
}

/*
 * A user that may write to the folder must not lead root elsewhere: no link is
 * followed, and no other name of the file is allowed.
 */
static int
open_file(int *fd, struct err *e)
{
	const int	 flags = O_WRONLY | O_APPEND | O_CLOEXEC |
	    O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
	struct stat	 st;

	*fd = open(run.path, flags);
	if (*fd == -1 && errno == ENOENT &&
	    (*fd = open(run.path, flags | O_CREAT | O_EXCL, 0600)) != -1)
		give_away(*fd);
	else if (*fd == -1 && errno == EEXIST)	/* by another just now */
		*fd = open(run.path, flags);
	if (*fd == -1)
		return (err_sys(e, ERR_LOCAL, "log_file %s", run.path));
	if (fstat(*fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1)
		return (0);
	(void)close(*fd);
	*fd = -1;
	return (err_set(e, ERR_CONFIG, "log_file %s: found something else, "
	    "expected a regular file with one name", run.path));
}

static void
write_file(enum runlog_level level, const char *text)
{
	struct err	 unused = ERR_INIT;
	char		 time[CLOCK_TEXT], line[LINEMAX];
	int		 fd, n;

	if (open_file(&fd, &unused))
		return;
	n = snprintf(line, sizeof(line), "%s %s %s %s %s: %s\n",
	    clock_format(time, clock_now_us()), run.program, run.server,
	    run.id, level_name[level], text);
	if (n > 0 && n < (int)sizeof(line) &&
	    write(fd, line, (size_t)n) == -1)
		err_clear(&unused);	/* nowhere left to complain */
	(void)close(fd);
}

static void
write_syslog(enum runlog_level level, const char *text)
{
	static const int	 priority[] = {
		[RUNLOG_ERROR] = LOG_ERR, [RUNLOG_NOTICE] = LOG_NOTICE,
		[RUNLOG_INFO] = LOG_INFO, [RUNLOG_DEBUG] = LOG_DEBUG
	};

	syslog(priority[level], "%s %s %s: %s", run.server, run.id,
	    level_name[level], text);
}

void
runlog_line(enum runlog_level level, const char *fmt, ...)
{
	char	 raw[ERR_MSGMAX + 128], text[ERR_MSGMAX + 128];
	va_list	 ap;

	if (run.path[0] == '\0' || level > run.level)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	(void)str_clean(text, sizeof(text), raw, strlen(raw));
	if (strcmp(run.path, SYSLOG) == 0)
		write_syslog(level, text);
	else
		write_file(level, text);
}

/* The arguments, which are no secrets, as the options may be. */
static const char *
arguments(char *buf, size_t size)
{
	size_t	 i, n = 0;

	buf[0] = '\0';
	for (i = 0; i < run.nargs && n < size; i++)
		n += (size_t)snprintf(buf + n, size - n, " %s", run.args[i]);
	return (buf);
}

int
runlog_open(const struct server_conf *c, struct err *e)
{
	char	 text[ERR_MSGMAX];
	int	 fd;

	run.path[0] = '\0';
	run.level = c->log_level;
	(void)runlog_id();		/* before there are threads */
	if (c->log_file == NULL)
		return (0);
	if (str_fmt(run.path, sizeof(run.path), e, "%s", c->log_file) ||
	    str_fmt(run.server, sizeof(run.server), e, "%s", c->name))
		goto fail;
	if (strcmp(run.path, SYSLOG) == 0)
		openlog(run.program, LOG_PID, LOG_DAEMON);
	else if (open_file(&fd, e))
		goto fail;
	else
		(void)close(fd);	/* nothing was written */
	runlog_line(RUNLOG_DEBUG, "begin%s", arguments(text, sizeof(text)));
	return (0);
fail:
	run.path[0] = '\0';
	if (!run.quiet)
		return (-1);
	err_clear(e);
	return (0);
}

void
runlog_end(int status)
{
	char	 text[ERR_MSGMAX];

	/* 1: what does not exist, such as the next WAL for a standby. */
	runlog_line(run.quiet && status <= 1 ? RUNLOG_DEBUG : RUNLOG_INFO,
	    "end%s: exit status %d after %lld ms", arguments(text,
	    sizeof(text)), status, (long long)(clock_mono_ms() -
	    run.begin_ms));
	run.path[0] = '\0';
}
