/* SPDX-License-Identifier: ISC */
/* Young timelines, and the doubt that they make, as text and as JSON. */
#include <inttypes.h>

#include "plan/grace.h"
#include "show/show.h"
#include "show/showyoung.h"

#define LINES_MAX	8	/* timelines that are printed one by one */

/* Nobody promotes timeline 1, and a lone one is not beside another. */
static int
is_shown(const struct catalogue *cat, uint32_t tli)
{
	return (tli > 1 && (catalogue_timelines(cat) > 1 ||
	    catalogue_labels(cat) > 0));
}

static void
print_one(FILE *out, uint32_t tli, int64_t until_us)
{
	char	 t[CLOCK_TEXT];

	(void)fprintf(out, "  timeline %" PRIu32 " is young", tli);
	if (until_us == GRACE_UNKNOWN)
		(void)fprintf(out, ", and it is not known since when it is "
		    "there");
	else
		(void)fprintf(out, " until %s", show_moment(t, until_us));
	(void)fprintf(out, "; if nobody promoted it, --delete-timeline %"
	    PRIu32 " removes it\n", tli);
}

/* What makes the doubt last is the first segment, or the history's time. */
static void
print_endless(FILE *out, const struct catalogue *cat, uint32_t tli)
{
	const struct walindex_timeline	*t = catalogue_find_timeline(cat, tli);
	char				 name[WALNAME_TEXT];

	(void)fprintf(out, "  which backups lead onto timeline %" PRIu32
	    " is not sure, so none expires", tli);
	if (t != NULL && t->segments > 0)
		(void)fprintf(out, ": its first segment, %s, is not "
		    "authentic, or a time is not known", show_segment(name,
		    tli, t->first, catalogue_segsize(cat)));
	(void)fprintf(out, "; find out where its files come from, and remove "
	    "what does not belong there\n");
}

static void
print_doubt(FILE *out, const struct catalogue *cat,
    const struct younglines *y)
{
	char	 t[CLOCK_TEXT];

	if (y->doubt == 0)
		return;
	if (showyoung_findings(y))
		print_endless(out, cat, y->doubt);
	else
		(void)fprintf(out, "  which backups lead onto timeline %"
		    PRIu32 " is not sure before %s; until then none "
		    "expires\n", y->doubt, show_moment(t, y->doubt_us));
}

void
showyoung_print(FILE *out, const struct catalogue *cat,
    const struct younglines *y)
{
	size_t	 i, n = 0;

	for (i = 0; i < y->n; i++)
		if (is_shown(cat, y->tli[i]) && n++ < LINES_MAX)
			print_one(out, y->tli[i], y->until_us[i]);
	if (n > LINES_MAX)
		(void)fprintf(out, "  %zu more timeline%s young\n",
		    n - LINES_MAX, n - LINES_MAX == 1 ? " is" : "s are");
	print_doubt(out, cat, y);
}

static const int64_t *
known(const int64_t *us)
{
	return (*us == GRACE_UNKNOWN ? NULL : us);
}

static int
json_one(struct jval *list, uint32_t tli, const int64_t *until_us,
    struct err *e)
{
	struct jval	*j = NULL;

	if (jval_object(&j, e))
		return (-1);
	if (jval_set_u64(j, "timeline", tli, e) ||
	    show_json_time(j, "young_until", known(until_us), e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

int
showyoung_json(struct jval *to, const struct younglines *y, struct err *e)
{
	struct jval	*list = NULL;
	size_t		 i;

	if (jval_list(&list, e))
		return (-1);
	for (i = 0; i < y->n; i++)
		if (json_one(list, y->tli[i], &y->until_us[i], e)) {
			jval_free(list);
			return (-1);
		}
	if (jval_set(to, "young_timelines", list, e))
		return (-1);
	if (y->doubt == 0)
		return (jval_set_null(to, "doubtful_timeline", e) ||
		    jval_set_null(to, "doubtful_until", e) ? -1 : 0);
	return (jval_set_u64(to, "doubtful_timeline", y->doubt, e) ||
	    show_json_time(to, "doubtful_until", known(&y->doubt_us), e) ?
	    -1 : 0);
}

int
showyoung_findings(const struct younglines *y)
{
	return (y->doubt != 0 && y->doubt_us == GRACE_UNKNOWN);
}
