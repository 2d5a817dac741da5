/* SPDX-License-Identifier: ISC */
/* The results of checks as metrics. */
#include <inttypes.h>

#include "show/showmetrics.h"

#define NAME_MAX_TEXT	96

/* Prometheus has base units; the checks have those that people think in. */
struct base_unit {
	const char	*suffix;
	double		 factor;
};

static struct base_unit
base_unit(enum checklist_unit unit)
{
	switch (unit) {
	case CHECKLIST_IN_NONE:
	case CHECKLIST_IN_NUMBER:
		break;
	case CHECKLIST_IN_PERCENT:
		return ((struct base_unit){ "_ratio", 0.01 });
	case CHECKLIST_IN_BYTES:
		return ((struct base_unit){ "_bytes", 1 });
	case CHECKLIST_IN_SECONDS:
		return ((struct base_unit){ "_seconds", 1 });
	case CHECKLIST_IN_MINUTES:
		return ((struct base_unit){ "_seconds", 60 });
	case CHECKLIST_IN_HOURS:
		return ((struct base_unit){ "_seconds", 3600 });
	case CHECKLIST_IN_DAYS:
		return ((struct base_unit){ "_seconds", 86400 });
	}
	return ((struct base_unit){ "", 1 });
}

static const char *
metric(char buf[NAME_MAX_TEXT], size_t check)
{
	size_t	 i;

	(void)snprintf(buf, NAME_MAX_TEXT, "seawall_%s%s",
	    checklist_at(check)->name,
	    base_unit(checklist_at(check)->unit).suffix);
	for (i = 0; buf[i] != '\0'; i++)
		if (buf[i] == '-')
			buf[i] = '_';
	return (buf);
}

static void
head(FILE *out, const char *name, const char *help)
{
	(void)fprintf(out, "# HELP %s %s.\n# TYPE %s gauge\n", name, help,
	    name);
}

/*
 * The labels of a server, to be followed by others.  Its repositories are told
 * apart, since the node exporter refuses two files with one metric.
 */
static void
labels(FILE *out, const char *name, const struct checkreport *r)
{
	(void)fprintf(out, "%s{server=\"%s\"", name, r->server);
	if (r->repository[0] != '\0')
		(void)fprintf(out, ",repository=\"%s\"", r->repository);
}

/* A metric is printed in one piece, for all servers. */
static void
print_figures(FILE *out, const struct showcheck *s, size_t check)
{
	const struct checkreport_line	*l;
	const double	 factor = base_unit(checklist_at(check)->unit).factor;
	char		 name[NAME_MAX_TEXT];
	size_t		 i, n = 0;

	for (i = 0; i < s->n; i++) {
		l = &s->v[i].line[check];
		if (!l->done || !l->known)
			continue;
		if (n++ == 0)
			head(out, metric(name, check),
			    checklist_at(check)->figure);
		labels(out, name, &s->v[i]);
		(void)fprintf(out, "} %.10g\n", (double)l->figure * factor);
	}
}

static void
print_status(FILE *out, const struct showcheck *s)
{
	static const char	 name[] = "seawall_check_status";
	size_t			 i, k;

	head(out, name, "Status of a check: 0 ok, 1 warning, 2 critical, 3 "
	    "unknown");
	for (i = 0; i < s->n; i++)
		for (k = 0; k < CHECKLIST_CHECKS; k++)
			if (s->v[i].line[k].done) {
				labels(out, name, &s->v[i]);
				(void)fprintf(out, ",check=\"%s\"} %d\n",
				    checklist_at(k)->name,
				    health_nagios(s->v[i].line[k].health));
			}
}

void
showmetrics_print(FILE *out, const struct showcheck *s)
{
	static const char	 ran[] = "seawall_check_timestamp_seconds";
	size_t			 i;

	head(out, ran, "When the checks ran");
	for (i = 0; i < s->n; i++) {
		labels(out, ran, &s->v[i]);
		(void)fprintf(out, "} %" PRId64 "\n", s->now_us / 1000000);
	}
	print_status(out, s);
	for (i = 0; i < CHECKLIST_CHECKS; i++)
		if (checklist_at(i)->figure != NULL)
			print_figures(out, s, i);
}
