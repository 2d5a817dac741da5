/* SPDX-License-Identifier: ISC */
/* Releasing a pin behind which WAL has expired. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "catalogue/pinrelease.h"
#include "plan/expirygap.h"

#define DAY	(INT64_C(86400) * 1000000)

int
pinrelease_gap(const struct catalogue *c, size_t label, struct err *e)
{
	const struct lineage_backup	 b = catalogue_backup(c, label);
	const size_t			 n = catalogue_labels(c);
	struct expirygap		 g = { .wal = catalogue_wal(c),
					    .segsize = catalogue_segsize(c) };
	struct lineage_backup		*pinned;
	struct lineage_set		 lines;
	size_t				 i;
	int				 read, rc;

	if ((pinned = calloc(n + 1, sizeof(*pinned))) == NULL)
		return (err_sys(e, ERR_LOCAL, "release a pin"));
	for (i = 0; i < n; i++)
		if (catalogue_pin(c, i)->kind != PIN_NONE)
			pinned[g.n++] = catalogue_backup(c, i);
	g.pinned = pinned;
	lines = catalogue_lines(c, &read);
	rc = expirygap_behind(&g, &lines, &b, e);
	free(pinned);
	return (rc);
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
