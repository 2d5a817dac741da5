/* SPDX-License-Identifier: ISC */
/* What has changed since somebody was told. */
#include "plan/notice.h"

/* What a check counts as: one that is not known counts as before. */
static enum health
counts(enum health now, enum health before)
{
	return (now == HEALTH_UNKNOWN ? before : now);
}

static int
is_due(const struct notice_memory *m, int64_t now_us, int64_t again_us)
{
	return (again_us > 0 && (m->told_us == NOTICE_NEVER ||
	    m->told_us > now_us || now_us - m->told_us >= again_us));
}

enum notice
notice_decide(const struct notice_memory *m, const enum health *now, size_t n,
    int64_t now_us, int64_t again_us)
{
	int	 before = 0, after = 0, worse = 0;
	size_t	 i;

	for (i = 0; i < n && i < NOTICE_CHECKS; i++) {
		before |= health_finding(m->check[i]);
		after |= health_finding(counts(now[i], m->check[i]));
		worse |= health_finding(now[i]) && now[i] > m->check[i];
	}
	if (worse)
		return (NOTICE_WORSE);
	if (before && !after)
		return (NOTICE_WELL);
	return (after && is_due(m, now_us, again_us) ? NOTICE_AGAIN :
	    NOTICE_NONE);
}

void
notice_told(struct notice_memory *m, const enum health *now, size_t n,
    int64_t now_us)
{
	size_t	 i;

	for (i = 0; i < n && i < NOTICE_CHECKS; i++)
		m->check[i] = counts(now[i], m->check[i]);
	m->told_us = now_us;
}

/* Only what is still a finding waits for the next notice. */
void
notice_better(struct notice_memory *m, const enum health *now, size_t n)
{
	size_t	 i;

	for (i = 0; i < n && i < NOTICE_CHECKS; i++)
		if (counts(now[i], m->check[i]) < m->check[i])
			m->check[i] = now[i];
}

const char *
notice_name(enum notice n)
{
	switch (n) {
	case NOTICE_NONE:
		break;
	case NOTICE_WORSE:
		return ("worse");
	case NOTICE_AGAIN:
		return ("again");
	case NOTICE_WELL:
		return ("well");
	}
	return ("none");
}
