/* SPDX-License-Identifier: ISC */
/* The results of checks for people, for scripts, and for Nagios. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/jval.h"
#include "show/show.h"
#include "show/showcheck.h"

#define ID_TEXT	24		/* room for a system identifier */

enum health
showcheck_worst(const struct showcheck *s)
{
	enum health	 worst = HEALTH_UNKNOWN;
	size_t		 i;

	for (i = 0; i < s->n; i++)
		worst = health_worst(worst, checkreport_worst(&s->v[i]));
	return (worst);
}

static void
text_line(FILE *out, size_t i, const struct checkreport_line *l)
{
	(void)fprintf(out, "%-8s  %s: %s%s%s\n", health_name(l->health),
	    checklist_at(i)->name, l->found, l->cure[0] == '\0' ? "" : "; ",
	    l->cure);
}

void
showcheck_text(FILE *out, const struct showcheck *s)
{
	const struct checkreport	*r;
	size_t				 i, k;

	for (i = 0; i < s->n; i++) {
		r = &s->v[i];
		(void)fprintf(out, "%sserver %s", i == 0 ? "" : "\n",
		    r->server);
		if (r->repository[0] != '\0')
			(void)fprintf(out, ", repository %s", r->repository);
		if (r->system_id != 0)
			(void)fprintf(out, ", system identifier %" PRIu64,
			    r->system_id);
		(void)fprintf(out, ": %s\n",
		    health_name(checkreport_worst(r)));
		for (k = 0; k < CHECKLIST_CHECKS; k++)
			if (r->line[k].done)
				text_line(out, k, &r->line[k]);
	}
}

static int
set_limit(struct jval *to, const char *key, uint64_t limit, struct err *e)
{
	return (limit == HEALTH_OFF ? jval_set_null(to, key, e) :
	    jval_set_u64(to, key, limit, e));
}

/* A figure beyond what JSON's readers take is not worth a failure. */
static int
set_figure(struct jval *to, const struct checkreport_line *l, struct err *e)
{
	if (!l->known)
		return (jval_set_null(to, "value", e));
	return (jval_set_u64(to, "value", l->figure > INT64_MAX ? INT64_MAX :
	    l->figure, e));
}

static int
json_line(struct jval *list, const struct checkreport *r, size_t i,
    struct err *e)
{
	const struct checkreport_line	*l = &r->line[i];
	const char			*unit =
	    checklist_unit(checklist_at(i)->unit);
	struct jval			*j = NULL;

	if (jval_object(&j, e) ||
	    jval_set_str(j, "name", checklist_at(i)->name, e) ||
	    jval_set_str(j, "status", health_name(l->health), e) ||
	    set_figure(j, l, e) ||
	    show_json_text(j, "unit", unit[0] == '\0' ? NULL : unit, e) ||
	    set_limit(j, "warning", r->limits[i].warn, e) ||
	    set_limit(j, "critical", r->limits[i].critical, e) ||
	    show_json_text(j, "found", l->found, e) ||
	    show_json_text(j, "cure", l->cure[0] == '\0' ? NULL : l->cure,
	    e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

static int
json_checks(struct jval *to, const struct checkreport *r, struct err *e)
{
	struct jval	*list = NULL;
	size_t		 i;

	if (jval_list(&list, e))
		return (-1);
	for (i = 0; i < CHECKLIST_CHECKS; i++)
		if (r->line[i].done && json_line(list, r, i, e)) {
			jval_free(list);
			return (-1);
		}
	return (jval_set(to, "checks", list, e));
}

static int
json_server(struct jval *list, const struct checkreport *r, struct err *e)
{
	struct jval	*j = NULL;
	char		 id[ID_TEXT];

	(void)snprintf(id, sizeof(id), "%" PRIu64, r->system_id);
	if (jval_object(&j, e) ||
	    show_json_text(j, "server", r->server, e) ||
	    show_json_text(j, "repository", r->repository[0] == '\0' ? NULL :
	    r->repository, e) ||
	    show_json_text(j, "system_identifier", r->system_id == 0 ? NULL :
	    id, e) ||
	    jval_set_str(j, "status", health_name(checkreport_worst(r)), e) ||
	    json_checks(j, r, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

int
showcheck_json_print(FILE *out, int64_t now_us, enum health h,
    struct jval *servers, struct err *e)
{
	struct jval	*j = NULL;
	char		*text = NULL, time[CLOCK_TEXT];
	size_t		 n;
	int		 rc = -1;

	if (jval_object(&j, e) ||
	    jval_set_u64(j, "schema", SHOW_SCHEMA, e) ||
	    jval_set_str(j, "time", show_moment(time, now_us), e) ||
	    jval_set_str(j, "status", health_name(h), e)) {
		jval_free(servers);
		goto out;
	}
	if (jval_set(j, "servers", servers, e) || jval_text(j, 1, &text, &n, e))
		goto out;
	(void)fprintf(out, "%s\n", text);
	rc = 0;
out:
	free(text);
	jval_free(j);
	return (rc);
}

int
showcheck_json(FILE *out, const struct showcheck *s, struct err *e)
{
	struct jval	*list = NULL;
	size_t		 i;

	if (jval_list(&list, e))
		return (-1);
	for (i = 0; i < s->n; i++)
		if (json_server(list, &s->v[i], e)) {
			jval_free(list);
			return (-1);
		}
	return (showcheck_json_print(out, s->now_us, showcheck_worst(s), list,
	    e));
}

/* '|' begins performance data, also in a text. */
static void
plain(FILE *out, const char *text)
{
	for (; *text != '\0'; text++)
		(void)fputc(*text == '|' ? '/' : *text, out);
}

/* "main", or "main@near" for one of its repositories. */
static void
nagios_who(FILE *out, const struct checkreport *r)
{
	(void)fprintf(out, "%s%s%s", r->server, r->repository[0] == '\0' ?
	    "" : "@", r->repository);
}

/* Findings in the first line by name, so that it fits into a message. */
static void
nagios_names(FILE *out, const struct showcheck *s)
{
	size_t	 i, k, ok = 0, unknown = 0, findings = 0;

	for (i = 0; i < s->n; i++)
		for (k = 0; k < CHECKLIST_CHECKS; k++) {
			if (!s->v[i].line[k].done)
				continue;
			ok += s->v[i].line[k].health == HEALTH_OK;
			unknown += s->v[i].line[k].health == HEALTH_UNKNOWN;
			if (!health_finding(s->v[i].line[k].health))
				continue;
			if (findings++ > 0)
				(void)fputs(", ", out);
			nagios_who(out, &s->v[i]);
			(void)fprintf(out, ": %s", checklist_at(k)->name);
		}
	if (findings == 0)
		(void)fprintf(out, "%zu ok, %zu unknown", ok, unknown);
}

static void
nagios_limit(FILE *out, const struct health_limits *l, uint64_t limit)
{
	(void)fputc(';', out);
	if (limit != HEALTH_OFF)
		(void)fprintf(out, "%s%" PRIu64, l->low ? "@" : "", limit);
}

/* Units that Nagios knows; others go without. */
static const char *
nagios_unit(enum checklist_unit unit)
{
	switch (unit) {
	case CHECKLIST_IN_PERCENT:
		return ("%");
	case CHECKLIST_IN_BYTES:
		return ("B");
	case CHECKLIST_IN_SECONDS:
		return ("s");
	case CHECKLIST_IN_NONE:
	case CHECKLIST_IN_NUMBER:
	case CHECKLIST_IN_MINUTES:
	case CHECKLIST_IN_HOURS:
	case CHECKLIST_IN_DAYS:
		break;
	}
	return ("");
}

static void
nagios_data(FILE *out, const struct checkreport *r)
{
	const struct checkreport_line	*l;
	size_t				 i;

	for (i = 0; i < CHECKLIST_CHECKS; i++) {
		l = &r->line[i];
		if (!l->done || !l->known)
			continue;
		(void)fputs(" '", out);
		nagios_who(out, r);
		(void)fprintf(out, " %s'=%" PRIu64 "%s",
		    checklist_at(i)->name, l->figure,
		    nagios_unit(checklist_at(i)->unit));
		nagios_limit(out, &r->limits[i], r->limits[i].warn);
		nagios_limit(out, &r->limits[i], r->limits[i].critical);
	}
}

void
showcheck_nagios(FILE *out, const struct showcheck *s)
{
	static const char *const	 name[] = { "OK", "WARNING",
					    "CRITICAL", "UNKNOWN" };
	const struct checkreport_line	*l;
	size_t				 i, k;

	(void)fprintf(out, "SEAWALL %s - ",
	    name[health_nagios(showcheck_worst(s))]);
	nagios_names(out, s);
	(void)fputs(" |", out);
	for (i = 0; i < s->n; i++)
		nagios_data(out, &s->v[i]);
	(void)fputc('\n', out);
	for (i = 0; i < s->n; i++)
		for (k = 0; k < CHECKLIST_CHECKS; k++) {
			l = &s->v[i].line[k];
			if (!l->done || !health_finding(l->health))
				continue;
			(void)fprintf(out, "%s ",
			    name[health_nagios(l->health)]);
			nagios_who(out, &s->v[i]);
			(void)fprintf(out, ": %s: ", checklist_at(k)->name);
			plain(out, l->found);
			(void)fputs("; ", out);
			plain(out, l->cure);
			(void)fputc('\n', out);
		}
}
