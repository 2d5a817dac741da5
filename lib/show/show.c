/* SPDX-License-Identifier: ISC */
/* Pieces of listings. */
#include <inttypes.h>
#include <stdio.h>

#include "show/show.h"

#define SECOND	INT64_C(1000000)

const char *
show_segment(char buf[WALNAME_TEXT], uint32_t tli, uint64_t segno,
    uint32_t segsize)
{
	struct walname	 w = walname_at(tli, segno * segsize, segsize);

	return (walname_format(buf, &w));
}

const char *
show_moment(char buf[CLOCK_TEXT], int64_t us)
{
	return (clock_format(buf, us / SECOND * SECOND));
}

void
show_gaps(const struct coverage_run *g, size_t n, uint32_t segsize)
{
	char	 a[WALNAME_TEXT], b[WALNAME_TEXT];
	size_t	 i;

	for (i = 0; i < n; i++)
		(void)printf("gap: WAL %s to %s is missing (%" PRIu64
		    " segments)\n", show_segment(a, g[i].tli, g[i].first,
		    segsize), show_segment(b, g[i].tli, g[i].last, segsize),
		    g[i].last - g[i].first + 1);
}

static int
json_gap(struct jval *list, const struct coverage_run *g, uint32_t segsize,
    struct err *e)
{
	struct jval	*j = NULL;
	char		 a[WALNAME_TEXT], b[WALNAME_TEXT];

	if (jval_object(&j, e))
		return (-1);
	if (jval_set_str(j, "first", show_segment(a, g->tli, g->first,
	    segsize), e) ||
	    jval_set_str(j, "last", show_segment(b, g->tli, g->last,
	    segsize), e) ||
	    jval_set_u64(j, "segments", g->last - g->first + 1, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

int
show_json_gaps(struct jval *to, const struct coverage_run *g, size_t n,
    uint32_t segsize, struct err *e)
{
	struct jval	*list = NULL;
	size_t		 i;

	if (jval_list(&list, e))
		return (-1);
	for (i = 0; i < n; i++)
		if (json_gap(list, &g[i], segsize, e)) {
			jval_free(list);
			return (-1);
		}
	return (jval_set(to, "gaps", list, e));
}

const char *
show_pin(char buf[SHOW_PIN], const struct pin *p)
{
	char	 text[PIN_TEXT];

	(void)pin_format(text, p);
	if (p->kind == PIN_UNREADABLE)
		(void)snprintf(buf, SHOW_PIN, "%s, label.withdrawn: %s; if "
		    "it is none, backup-expire --release takes it away",
		    text, p->why);
	else if (p->kind == PIN_SET && !pin_holds(p, clock_now_us()))
		(void)snprintf(buf, SHOW_PIN, "%s, which is over", text);
	else
		(void)snprintf(buf, SHOW_PIN, "%s", text);
	return (buf);
}

int
show_json_pin(struct jval *to, const struct pin *p, struct err *e)
{
	char	 t[CLOCK_TEXT];
	int	 ends = p->kind == PIN_SET && p->until_us != PIN_FOREVER;

	return (jval_set_bool(to, "pinned", pin_holds(p, clock_now_us()),
	    e) ||
	    (ends ? jval_set_str(to, "pinned_until", clock_format(t,
	    p->until_us), e) : jval_set_null(to, "pinned_until", e)) ||
	    (p->kind == PIN_UNREADABLE ? jval_set_str(to, "pin_refused",
	    p->why, e) : jval_set_null(to, "pin_refused", e)) ? -1 : 0);
}
