/* SPDX-License-Identifier: ISC */
/* How far the work is, for people at a terminal. */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "show/progress.h"

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

void
progress_show(const struct progress *p, uint64_t done, uint64_t total)
{
	int64_t	 ms = clock_mono_ms() - p->begin_ms;
	char	 size[PROGRESS_SIZE], all[PROGRESS_SIZE], rate[PROGRESS_SIZE];

	if (!p->on)
		return;
	(void)progress_size(rate, ms > 0 ? done * 1000 / (uint64_t)ms : 0);
	(void)progress_size(size, done);
	if (total == 0)
		(void)fprintf(stderr, "\r%s %s, %s/s, %lld s\033[K", size,
		    p->what, rate, (long long)ms / 1000);
	else
		(void)fprintf(stderr, "\r%s of %s %s (%d%%), %s/s\033[K",
		    size, progress_size(all, total), p->what,
		    (int)(done * 100 / total), rate);
}

void
progress_end(const struct progress *p)
{
	if (p->on)
		(void)fprintf(stderr, "\r\033[K");
}
