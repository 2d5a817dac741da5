/* SPDX-License-Identifier: ISC */
/* How far the work is, for people at a terminal. */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "show/progress.h"

#define ETA_MS		3000	/* before that the rate says little */
#define LINE_MS		60000	/* between two lines */
#define PROGRESS_NUMBER	24	/* at least PROGRESS_SIZE */

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
progress_begin(const char *program, const char *what,
    const struct progress_want *want)
{
	struct progress	 p = { .program = program, .what = what };

	progress_next(&p, NULL);
	if (want->quiet)
		p.form = PROGRESS_NONE;
	else if (isatty(STDERR_FILENO))
		p.form = PROGRESS_TERMINAL;
	else
		p.form = want->lines ? PROGRESS_LINES : PROGRESS_NONE;
	return (p);
}

void
progress_next(struct progress *p, const char *files)
{
	p->begin_ms = clock_mono_ms();
	p->said_ms = -1;
	p->files = files != NULL;
	if (files != NULL)
		p->what = files;
}

/* "1.5 GB", or how many files. */
static const char *
amount(char buf[PROGRESS_NUMBER], const struct progress *p, uint64_t n)
{
	if (p->files)
		(void)snprintf(buf, PROGRESS_NUMBER, "%" PRIu64, n);
	else
		(void)progress_size(buf, n);
	return (buf);
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

static int
percent(uint64_t done, uint64_t total)
{
	/* What grew meanwhile is not 101%. */
	return (done >= total ? 100 : (int)((double)done * 100 /
	    (double)total));
}

const char *
progress_line(char buf[PROGRESS_LINE], const struct progress *p,
    uint64_t done, uint64_t total, uint64_t ms)
{
	const char	*unit = p->files ? " files" : "";
	char		 have[PROGRESS_NUMBER], all[PROGRESS_NUMBER];
	char		 rate[PROGRESS_NUMBER], left[48];

	(void)amount(rate, p, ms > 0 ? (uint64_t)((double)done * 1000 /
	    (double)ms) : 0);
	(void)amount(have, p, done);
	time_left(left, sizeof(left), done, total, ms);
	if (total == 0)
		(void)snprintf(buf, PROGRESS_LINE, "%s%s %s, %s/s, %" PRIu64
		    " s", have, unit, p->what, rate, ms / 1000);
	else
		(void)snprintf(buf, PROGRESS_LINE, "%s of %s%s %s (%d%%), "
		    "%s/s%s", have, amount(all, p, total), unit, p->what,
		    percent(done, total), rate, left);
	return (buf);
}

int
progress_due(const struct progress *p, int64_t now_ms)
{
	return (p->form == PROGRESS_TERMINAL || (p->form == PROGRESS_LINES &&
	    (p->said_ms == -1 || now_ms - p->said_ms >= LINE_MS)));
}

static void
print(struct progress *p, const char *text, int64_t now_ms)
{
	p->said_ms = now_ms;
	if (p->form == PROGRESS_TERMINAL)
		(void)fprintf(stderr, "\r%s\033[K", text);
	else
		(void)fprintf(stderr, "%s: %s\n", p->program, text);
}

static uint64_t
elapsed(const struct progress *p, int64_t now_ms)
{
	return (now_ms > p->begin_ms ? (uint64_t)(now_ms - p->begin_ms) : 0);
}

void
progress_show(struct progress *p, uint64_t done, uint64_t total)
{
	const int64_t	 now = clock_mono_ms();
	char		 line[PROGRESS_LINE];

	if (progress_due(p, now))
		print(p, progress_line(line, p, done, total, elapsed(p, now)),
		    now);
}

void
progress_wait(struct progress *p, const char *text)
{
	const int64_t	 now = clock_mono_ms();
	char		 line[PROGRESS_LINE];

	if (!progress_due(p, now))
		return;
	(void)snprintf(line, sizeof(line), "%s, %" PRIu64 " s", text,
	    elapsed(p, now) / 1000);
	print(p, line, now);
}

void
progress_end(const struct progress *p)
{
	if (p->form == PROGRESS_TERMINAL)
		(void)fprintf(stderr, "\r\033[K");
}

void
progress_close(struct progress *p)
{
	progress_end(p);
	p->form = PROGRESS_NONE;
}
