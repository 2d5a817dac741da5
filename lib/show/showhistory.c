/* SPDX-License-Identifier: ISC */
/* What was run, as lines and as JSON. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/str.h"
#include "show/progress.h"
#include "show/show.h"
#include "show/showhistory.h"
#include "tool/runhistory.h"
#include "tool/tool.h"

#define TOOK	32

static const char *
took(char buf[TOOK], const struct runrecord *r)
{
	const uint64_t	 s = (r->ms + 500) / 1000;

	if (r->status == RUNRECORD_UNDER_WAY)
		(void)snprintf(buf, TOOK, "-");
	else
		(void)snprintf(buf, TOOK, "%" PRIu64 ":%02" PRIu64 ":%02"
		    PRIu64, s / 3600, s / 60 % 60, s % 60);
	return (buf);
}

static void
print_deed(FILE *out, const struct runrecord *r)
{
	char	 bytes[PROGRESS_SIZE], stored[PROGRESS_SIZE];

	if (r->backup[0] != '\0')
		(void)fprintf(out, "%s, ", r->backup);
	else
		(void)fprintf(out, "%" PRIu64 " backup%s, ", r->backups,
		    str_plural(r->backups));
	(void)fprintf(out, "%s", progress_size(bytes, r->bytes));
	if (r->stored > 0)
		(void)fprintf(out, ", stored in %s",
		    progress_size(stored, r->stored));
}

static void
print_run(FILE *out, const struct runrecord *r)
{
	char	 begin[CLOCK_TEXT], text[TOOK];

	(void)fprintf(out, "  %s  %-13s  %9s  ", show_moment(begin,
	    r->begin_us), r->program, took(text, r));
	if (r->status == RUNRECORD_UNDER_WAY)
		(void)fprintf(out, "no end: it is under way, or was killed");
	else if (r->status == TOOL_OK || r->status == TOOL_FINDINGS) {
		(void)fprintf(out, "%s: ", r->status == TOOL_OK ? "ok" :
		    "findings");
		print_deed(out, r);
	} else
		(void)fprintf(out, "failed (%d): %s", r->status, r->error);
	(void)fprintf(out, "\n");
}

static int
add(struct jval *list, const struct runrecord *r, struct err *e)
{
	struct jval	*j = NULL;

	if (runrecord_json(&j, r, e) || jval_set_u64(j, "schema",
	    SHOW_SCHEMA, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

int
showhistory_server(FILE *out, struct jval *list, const struct server_conf *c,
    struct err *e)
{
	struct runrecord	*all = NULL;
	size_t			 i, n;
	int			 rc = 0;

	if (runhistory_load(&all, &n, c->state_dir, c->name, e))
		return (-1);
	if (list == NULL)
		(void)fprintf(out, "server %s: %zu run%s on this host\n",
		    c->name, n, str_plural(n));
	for (i = 0; rc == 0 && i < n; i++)
		if (list == NULL)
			print_run(out, &all[i]);
		else
			rc = add(list, &all[i], e);
	free(all);
	return (rc);
}
