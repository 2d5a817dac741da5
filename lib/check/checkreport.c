/* SPDX-License-Identifier: ISC */
/* The results of all checks of a server. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "check/checkreport.h"

/* Twice the longest text, so that a cut is made behind a whole character. */
#define RAW	(2 * CHECKREPORT_TEXT)

static void __attribute__((format(printf, 3, 0)))
text(char *buf, size_t size, const char *fmt, va_list ap)
{
	char	 raw[RAW];

	(void)vsnprintf(raw, sizeof(raw), fmt, ap);
	(void)str_clean(buf, size, raw, strlen(raw));
}

static struct checkreport_line *
begin(struct checkreport *r, enum checklist_id id, enum health h)
{
	struct checkreport_line	*l = &r->line[id];

	memset(l, 0, sizeof(*l));
	l->done = 1;
	l->health = h;
	return (l);
}

void
checkreport_set(struct checkreport *r, enum checklist_id id, enum health h,
    const char *fmt, ...)
{
	struct checkreport_line	*l = begin(r, id, h);
	va_list			 ap;

	va_start(ap, fmt);
	text(l->found, sizeof(l->found), fmt, ap);
	va_end(ap);
}

void
checkreport_figure(struct checkreport *r, enum checklist_id id,
    uint64_t figure, const char *fmt, ...)
{
	struct checkreport_line	*l;
	va_list			 ap;

	l = begin(r, id, health_judge(&r->limits[id], figure));
	l->known = 1;
	l->figure = figure;
	va_start(ap, fmt);
	text(l->found, sizeof(l->found), fmt, ap);
	va_end(ap);
}

void
checkreport_add_figure(struct checkreport *r, enum checklist_id id,
    uint64_t figure)
{
	r->line[id].known = 1;
	r->line[id].figure = figure;
}

void
checkreport_cure(struct checkreport *r, enum checklist_id id,
    const char *fmt, ...)
{
	struct checkreport_line	*l = &r->line[id];
	va_list			 ap;

	if (!health_finding(l->health))
		return;
	va_start(ap, fmt);
	text(l->cure, sizeof(l->cure), fmt, ap);
	va_end(ap);
}

const char *
checkreport_bytes(char buf[CHECKREPORT_BYTES], uint64_t bytes)
{
	static const char *const	 unit[] = { "KiB", "MiB", "GiB",
					    "TiB", "PiB", "EiB" };
	size_t				 i = 0;
	double				 v = (double)bytes / 1024;

	if (bytes < 1024)
		(void)snprintf(buf, CHECKREPORT_BYTES, "%u byte%s",
		    (unsigned)bytes, str_plural(bytes));
	else {
		while (v >= 1024 && i + 1 < sizeof(unit) / sizeof(unit[0])) {
			v /= 1024;
			i++;
		}
		(void)snprintf(buf, CHECKREPORT_BYTES, "%.1f %s", v, unit[i]);
	}
	return (buf);
}

enum health
checkreport_worst(const struct checkreport *r)
{
	enum health	 worst = HEALTH_UNKNOWN;
	size_t		 i;

	for (i = 0; i < CHECKLIST_CHECKS; i++)
		if (r->line[i].done)
			worst = health_worst(worst, r->line[i].health);
	return (worst);
}
