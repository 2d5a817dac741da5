/* SPDX-License-Identifier: ISC */
/* Releasing a pin behind which WAL has expired. */
#include <string.h>

#include "base/clock.h"
#include "catalogue/pinrelease.h"
#include "plan/expirygap.h"

#define DAY	(INT64_C(86400) * 1000000)

int
pinrelease_gap(const struct catalogue *c, size_t label, struct err *e)
{
	const struct lineage_backup	 b = catalogue_backup(c, label);
	struct lineage_set		 lines;
	int				 read;

	lines = catalogue_lines(c, &read);
	return (expirygap_behind(catalogue_wal(c), &lines,
	    catalogue_segsize(c), &b, e));
}

static int
has_gap(const struct catalogue *c, const char *id, struct err *e)
{
	size_t	 i;

	for (i = 0; i < catalogue_labels(c); i++)
		if (strcmp(catalogue_label(c, i)->id, id) == 0)
			return (pinrelease_gap(c, i, e));
	return (0);
}

/* What is no pin, but lies in the place of one, excuses the gap as well. */
int
pinrelease_run(struct archive *a, const struct catalogue *c, const char *id,
    struct err *e)
{
	const int64_t	 now = clock_now_us();
	struct pin	 p;
	int		 gap;

	if ((gap = has_gap(c, id, e)) == -1 || pinning_read(&p, a, id, e))
		return (-1);
	if (!gap || p.kind == PIN_NONE || p.kind == PIN_WITHDRAWN)
		return (pinning_release(a, id, e));
	return (pinning_set(a, id, p.kind == PIN_SET && !pin_holds(&p, now) ?
	    p.until_us : now - DAY, e));
}
