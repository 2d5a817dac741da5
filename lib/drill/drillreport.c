/* SPDX-License-Identifier: ISC */
/* The lines of a drill, and the rule that makes one verdict of them. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "drill/drillreport.h"

void
drillreport_init(struct drillreport *r)
{
	memset(r, 0, sizeof(*r));
	r->rpo_ms = r->rto_ms = DRILLREPORT_NONE;
	r->rpo_limit_ms = r->rto_limit_ms = DRILLREPORT_NONE;
}

void
drillreport_set(struct drillreport *r, enum drillreport_check check,
    enum drillreport_verdict verdict, const char *fmt, ...)
{
	struct drillreport_line	*l = &r->line[check];
	char			 text[2 * DRILLREPORT_TEXT];
	va_list			 ap;

	if (l->verdict == DRILLREPORT_FAILED || verdict < l->verdict)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)str_clean(l->found, sizeof(l->found), text, strlen(text));
	l->verdict = verdict;
}

const char *
drillreport_check_name(enum drillreport_check check)
{
	static const char *const	 name[DRILLREPORT_CHECKS] = {
		"restored", "open", "target", "write", "inside", "amcheck",
		"dump", "sql", "rows", "pages", "rpo", "rto", "self-test"
	};

	return (name[check]);
}

const char *
drillreport_verdict_name(enum drillreport_verdict verdict)
{
	static const char *const	 name[] = {
		"unasked", "ok", "skipped", "failed"
	};

	return (name[verdict]);
}

const char *
drillreport_phase_name(enum drillreport_phase phase)
{
	static const char *const	 name[DRILLREPORT_PHASES] = {
		"plan", "fetch", "replay", "first_write", "checks"
	};

	return (name[phase]);
}

static void
limit(struct drillreport *r, enum drillreport_check check, const char *name,
    uint64_t ms, uint64_t most)
{
	if (most == DRILLREPORT_NONE)
		return;
	if (ms == DRILLREPORT_NONE)
		drillreport_set(r, check, DRILLREPORT_SKIPPED, "the %s was "
		    "not measured, and its limit is %.1f s", name,
		    (double)most / 1000);
	else
		drillreport_set(r, check, ms <= most ? DRILLREPORT_OK :
		    DRILLREPORT_FAILED, "the %s is %.1f s, and its limit is "
		    "%.1f s", name, (double)ms / 1000, (double)most / 1000);
}

void
drillreport_limits(struct drillreport *r)
{
	limit(r, DRILLREPORT_RPO, "RPO", r->rpo_ms, r->rpo_limit_ms);
	limit(r, DRILLREPORT_RTO, "RTO", r->rto_ms, r->rto_limit_ms);
}

/* What every drill checks; where it never came to that it proves nothing. */
static int
is_needed(enum drillreport_check check)
{
	return (check <= DRILLREPORT_INSIDE);
}

enum drillreport_verdict
drillreport_all(const struct drillreport *r)
{
	enum drillreport_verdict all = DRILLREPORT_OK, v;
	unsigned		 i;

	for (i = 0; i < DRILLREPORT_CHECKS; i++) {
		v = r->line[i].verdict;
		if (v == DRILLREPORT_UNASKED && is_needed(i))
			v = DRILLREPORT_SKIPPED;
		if (v > all)
			all = v;
	}
	return (all);
}

const char *
drillreport_found(const struct drillreport *r)
{
	const enum drillreport_verdict	 all = drillreport_all(r);
	unsigned			 i;

	if (all == DRILLREPORT_OK)
		return (r->line[DRILLREPORT_TARGET].found);
	for (i = 0; i < DRILLREPORT_CHECKS; i++)
		if (r->line[i].verdict == all)
			return (r->line[i].found);
	return ("the drill did not come to its end");
}
