/* SPDX-License-Identifier: ISC */
/* What backup-export prints. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/jval.h"
#include "base/str.h"
#include "show/progress.h"
#include "show/show.h"
#include "show/showexport.h"
#include "tool/tool.h"

static const char *
until_name(enum exportform_until until)
{
	switch (until) {
	case EXPORTFORM_IMMEDIATE:
		return ("immediate");
	case EXPORTFORM_TIME:
		return ("time");
	case EXPORTFORM_END:
		return ("end");
	}
	return (NULL);
}

static int
print_json(const char *file, const struct exportrun_conf *c,
    const struct exportrun_sum *m, struct err *e)
{
	const int64_t	*us = c->want.until == EXPORTFORM_TIME ?
	    &c->want.until_us : NULL;
	struct archive	 a = { .system_id = c->system_id };
	struct jval	*j = NULL;
	int		 rc = -1;

	if (jval_object(&j, e) ||
	    str_fmt(a.server, sizeof(a.server), e, "%s", c->server) ||
	    show_json_cluster(j, &a, e) ||
	    show_json_text(j, "backup", c->want.id, e) ||
	    show_json_text(j, "file", file, e) ||
	    show_json_text(j, "until", until_name(c->want.until), e) ||
	    show_json_time(j, "until_time", us, e) ||
	    show_json_text(j, "last_segment", m->last, e) ||
	    jval_set_u64(j, "wal_files", m->wal, e) ||
	    show_json_sum(j, "objects", m->files, m->bytes, e) ||
	    jval_set_u64(j, "size", m->size, e))
		goto out;
	rc = tool_json(j, e);
out:
	jval_free(j);
	return (rc);
}

int
showexport(const char *file, const struct exportrun_conf *c,
    const struct exportrun_sum *m, int json, struct err *e)
{
	char	 size[PROGRESS_SIZE], when[CLOCK_TEXT], name[SHOW_CLEAN];

	if (json)
		return (print_json(file, c, m, e));
	(void)printf("backup %s exported to %s: %" PRIu64 " object%s (%s), WAL "
	    "to %s; ", c->want.id, show_clean(name, file), m->files,
	    str_plural(m->files), progress_size(size, m->size), m->last);
	switch (c->want.until) {
	case EXPORTFORM_IMMEDIATE:
		(void)printf("it restores to the end of the backup\n");
		break;
	case EXPORTFORM_TIME:
		(void)printf("it restores to %s\n", clock_format(when,
		    c->want.until_us));
		break;
	case EXPORTFORM_END:
		(void)printf("it restores to the end of that WAL\n");
		break;
	}
	return (0);
}
