/* SPDX-License-Identifier: ISC */
/* How far the work is, for people at a terminal. */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "show/progress.h"

#define ETA_MS	3000	/* before that the rate says little */

const char *
progress_size(char buf[PROGRESS_SIZE], uint64_t bytes)
{
	static const char *const	 unit[] = { "B", "kB", "MB", "GB",
	    "TB" };
	double				 v = (double)bytes;
	size_t				 i;

	/* As pg_size_pretty() does: powers of 1024 with these names. */
	for (i = 0; v >= 1024 && i < 4; i++)
		v /= 1024;
	(void)snprintf(buf, PROGRESS_SIZE, i == 0 ? "%.0f %s" : "%.1f %s", v,
	    unit[i]);
	return (buf);
}

struct progress
progress_begin(const char *what, int quiet)
{
	struct progress	 p = { what, clock_mono_ms(),
	    !quiet && isatty(STDERR_FILENO) };

	return (p);
}

/* The time left at the rate so far; "" if that says nothing yet. */
static void
time_left(char *buf, size_t size, uint64_t done, uint64_t total, uint64_t ms)
{
	uint64_t	 s;

	buf[0] = '\0';
	if (done == 0 || done > total || ms < ETA_MS)
		return;
	s = (uint64_t)((double)(total - done) / (double)done * (double)ms /
	    1000);
	(void)snprintf(buf, size, ", %" PRIu64 ":%02" PRIu64 ":%02" PRIu64
	    " left", s / 3600, s / 60 % 60, s % 60);
}

const char *
progress_line(char buf[PROGRESS_LINE], const char *what, uint64_t done,
    uint64_t total, uint64_t ms)
{
	char	 size[PROGRESS_SIZE], all[PROGRESS_SIZE], rate[PROGRESS_SIZE];
	char	 left[48];

	(void)progress_size(rate, ms > 0 ? done * 1000 / ms : 0);
	(void)progress_size(size, done);
	time_left(left, sizeof(left), done, total, ms);
	if (total == 0)
		(void)snprintf(buf, PROGRESS_LINE, "%s %s, %s/s, %" PRIu64
		    " s", size, what, rate, ms / 1000);
	else				/* what grew meanwhile is not 101% */
		(void)snprintf(buf, PROGRESS_LINE, "%s of %s %s (%d%%), %s/s"
		    "%s", size, progress_size(all, total), what,
		    done >= total ? 100 : (int)((double)done * 100 /
		    (double)total), rate, left);
	return (buf);
}

static uint64_t
elapsed(const struct progress *p)
{
	int64_t	 ms = clock_mono_ms() - p->begin_ms;

	return (ms > 0 ? (uint64_t)ms : 0);
}

void
progress_show(const struct progress *p, uint64_t done, uint64_t total)
{
	char	 line[PROGRESS_LINE];

	if (p->on)
		(void)fprintf(stderr, "\r%s\033[K", progress_line(line,
		    p->what, done, total, elapsed(p)));
}

void
progress_wait(const struct progress *p, const char *text)
{
	if (p->on)
		(void)fprintf(stderr, "\r%s, %" PRIu64 " s\033[K", text,
		    elapsed(p) / 1000);
}

void
progress_end(const struct progress *p)
{
	if (p->on)
		(void)fprintf(stderr, "\r\033[K");
}

void
progress_close(struct progress *p)
{
	progress_end(p);
	p->on = 0;
}
