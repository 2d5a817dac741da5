/* SPDX-License-Identifier: ISC */
/* Runs PostgreSQL's clients, several at a time. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "base/str.h"
#include "drill/child.h"
#include "drill/drillprogram.h"
#include "drill/patience.h"
#include "drill/pgbinaries.h"

#define OUTPUT		4096
#define LOOK_MS		50

int
drillprogram_find(char path[PATH_MAX], const struct drillcheck *d,
    const char *name, enum drillreport_check check, struct err *e)
{
	const int	 rc = pgbinaries_client(path, name, d->bindir,
	    d->report->postgresql / 10000, e);

	if (rc == 1)
		drillreport_set(d->report, check, DRILLREPORT_SKIPPED, "there "
		    "is no %s of PostgreSQL %u or later on this host", name,
		    d->report->postgresql / 10000);
	return (rc);
}

int
drillprogram_to(struct drillprogram *p, const struct drillcheck *d,
    const char *db, struct err *e)
{
	return (sandboxserver_conninfo(p->info, d->server, db, e));
}

/* The first line that a program printed, or what stands for it. */
static void
first_line(struct drillprogram *p)
{
	char		*buf = p->said;
	const size_t	 size = sizeof(p->said);
	const int	 status = p->status;
	struct err	 unused = ERR_INIT;
	char		 text[OUTPUT];
	size_t		 n = 0;
	int		 fd = open(p->out, O_RDONLY | O_CLOEXEC);

	buf[0] = '\0';
	if (fd != -1 && io_read_at(fd, text, sizeof(text) - 1, 0, &n,
	    "output", &unused) == 0) {
		text[n] = '\0';
		(void)str_clean(buf, size, text, strcspn(text, "\n"));
	}
	if (fd != -1)
		(void)close(fd);	/* read only: nothing to lose */
	if (buf[0] == '\0' && status > 128)
		(void)snprintf(buf, size, "ended by signal %d", status - 128);
	else if (buf[0] == '\0')
		(void)snprintf(buf, size, "status %d, without a word",
		    status);
}

static int
start(struct drillprogram *p, size_t i, const struct drillcheck *d,
    struct err *e)
{
	const struct child	 c = { .argv = p->argv, .out = p->out };

	if (str_fmt(p->out, sizeof(p->out), e, "%s.%zu",
	    d->server->at->output, i))
		return (-1);
	if (unlink(p->out) == -1 && errno != ENOENT)
		return (err_sys(e, ERR_LOCAL, "remove %s", p->out));
	return (child_start(&p->pid, &c, e));
}

/* End what still runs; they may not have their own groups yet. */
static void
end_all(struct drillprogram *p, size_t n)
{
	int	 st;

	for (; n > 0; n--, p++) {
		if (p->pid <= 0)
			continue;
		(void)kill(-p->pid, SIGKILL);
		(void)kill(p->pid, SIGKILL);
		(void)waitpid(p->pid, &st, 0);
	}
}

int
drillprogram_run(struct drillprogram *p, size_t n, unsigned jobs,
    const struct drillcheck *d, struct err *e)
{
	size_t	 i, next = 0, done = 0;

	for (i = 0; i < n; i++)
		p[i].pid = 0;
	while (done < n) {
		for (; next < n && next - done < (jobs > 0 ? jobs : 1); next++)
			if (start(&p[next], next, d, e)) {
				p[next].pid = 0;
				goto fail;
			}
		for (i = 0; i < next; i++)
			if (p[i].pid > 0 && child_ended(p[i].pid,
			    &p[i].status)) {
				p[i].pid = 0;
				first_line(&p[i]);
				done++;
			}
		if (done < n && patience_wait(LOOK_MS, e))
			goto fail;
	}
	return (0);
fail:
	end_all(p, next);
	return (-1);
}
