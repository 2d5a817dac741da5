/* SPDX-License-Identifier: ISC */
/* What was seen of a repository: one thing more. */
#include <string.h>

#include "plan/rollback.h"

/*
 * The line that makes room.  Whoever can push can add timelines without end.
 * So what was there first stays, and so does what this host itself stored; and
 * the last place is for the timeline that came last, since it may be that of
 * a cluster after a failover.
 */
static size_t
victim(const struct rollback_memory *m)
{
	size_t	 i, last = m->n, oldest = 0;

	for (i = 0; i < m->n; i++) {
		if (m->v[i].since_us < m->v[oldest].since_us)
			oldest = i;
		if (m->v[i].own[0] == '\0' && (last == m->n ||
		    m->v[i].first_us >= m->v[last].first_us))
			last = i;
	}
	return (last < m->n ? last : oldest);
}

static void
make_room(struct rollback_memory *m)
{
	size_t	 i;

	m->full = 1;
	for (i = victim(m) + 1; i < m->n; i++)
		m->v[i - 1] = m->v[i];
	m->n--;
}

/* The line of a timeline, which is made if there is none. */
static struct rollback_line *
line_of(struct rollback_memory *m, uint32_t tli, int64_t now_us)
{
	size_t	 i, k;

	for (i = 0; i < m->n; i++)
		if (m->v[i].tli == tli)
			return (&m->v[i]);
	if (m->n == ROLLBACK_LINES)
		make_room(m);
	for (i = 0; i < m->n && m->v[i].tli < tli; i++)
		;
	for (k = m->n++; k > i; k--)
		m->v[k] = m->v[k - 1];
	m->v[i] = (struct rollback_line){ .tli = tli, .first_us = now_us };
	return (&m->v[i]);
}

/*
 * Keep the higher of two names, which are of one timeline and so in the order
 * of the numbers.  Returns 1 if that is the new one.
 */
static int
raise_to(char to[WALNAME_TEXT], const struct walname *w)
{
	char	 name[WALNAME_TEXT];

	if (strcmp(walname_format(name, w), to) <= 0)
		return (0);
	memcpy(to, name, sizeof(name));
	return (1);
}

static int
is_segment(struct walname *w, const char *name)
{
	struct err	 unused = ERR_INIT;

	return (walname_parse(name, w, &unused) == 0 &&
	    w->kind == WALNAME_SEGMENT);
}

int
rollback_add_seen(struct rollback_memory *m, const char *name, int64_t now_us)
{
	struct rollback_line	*l;
	struct walname		 w;

	if (!is_segment(&w, name))
		return (0);
	l = line_of(m, w.tli, now_us);
	if (!raise_to(l->segment, &w))
		return (0);
	l->since_us = now_us;
	return (1);
}

int
rollback_add_segment(struct rollback_memory *m, const char *name,
    int64_t now_us)
{
	struct rollback_line	*l;
	struct walname		 w;
	int			 changed;

	if (!is_segment(&w, name))
		return (0);
	l = line_of(m, w.tli, now_us);
	changed = raise_to(l->own, &w);
	changed |= raise_to(l->run, &w);
	changed |= raise_to(l->segment, &w);
	if (changed)
		l->since_us = now_us;
	return (changed);
}

int
rollback_add_backup(struct rollback_memory *m,
    const struct lineage_backup *b, int64_t now_us)
{
	struct rollback_line	*l;

	if (strlen(b->id) >= sizeof(l->id))
		return (0);
	l = line_of(m, b->tli, now_us);
	if (l->id[0] != '\0' && b->stop_lsn <= l->stop_lsn)
		return (0);
	memcpy(l->id, b->id, strlen(b->id) + 1);
	l->stop_lsn = b->stop_lsn;
	l->stop_us = b->stop_us;
	l->since_us = now_us;
	return (1);
}
