/* SPDX-License-Identifier: ISC */
/* Restore points, as text and as JSON. */
#include <inttypes.h>

#include "base/str.h"
#include "catalogue/linepoints.h"
#include "pg/lsn.h"
#include "show/show.h"
#include "show/showpoints.h"

static void
print(FILE *out, const struct windows_one *w, const struct linepoints *p)
{
	char	 t[CLOCK_TEXT], lsn[LSN_TEXT], name[SHOW_CLEAN];
	size_t	 i;

	(void)fprintf(out, "  timeline %" PRIu32 ": ", w->tli);
	if (p->commit_lsn == 0)
		(void)fprintf(out, "no commit behind its first backup\n");
	else
		(void)fprintf(out, "last commit %s, at LSN %s\n",
		    show_moment(t, p->commit_us),
		    lsn_format(lsn, p->commit_lsn));
	for (i = 0; i < p->n; i++)
		(void)fprintf(out, "    %s  %-12s  %s\n",
		    show_moment(t, p->v[i].us),
		    lsn_format(lsn, p->v[i].lsn),
		    show_clean(name, p->v[i].name));
	if (p->whole > 0)
		(void)fprintf(out, "    %" PRIu64 " segment%s had no facts, "
		    "and had to be read whole\n", p->whole,
		    str_plural(p->whole));
	if (p->unread > 0)
		(void)fprintf(out, "    in %" PRIu64 " segment%s there may be "
		    "more: not understood\n", p->unread,
		    str_plural(p->unread));
}

static int
add_point(struct jval *list, const struct linepoints_one *p, struct err *e)
{
	struct jval	*j = NULL;
	char		 lsn[LSN_TEXT];

	if (jval_object(&j, e))
		return (-1);
	if (show_json_text(j, "name", p->name, e) ||
	    show_json_time(j, "time", &p->us, e) ||
	    jval_set_str(j, "lsn", lsn_format(lsn, p->lsn), e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

static int
fill(struct jval *j, struct archive *a, const struct windows_one *w,
    const struct linepoints *p, struct err *e)
{
	const int	 any = p->commit_lsn != 0;
	struct jval	*points = NULL;
	char		 lsn[LSN_TEXT], id[24];
	size_t		 i;

	if (str_fmt(id, sizeof(id), e, "%" PRIu64, a->system_id) ||
	    jval_set_u64(j, "schema", SHOW_SCHEMA, e) ||
	    jval_set_str(j, "server", a->server, e) ||
	    jval_set_str(j, "system_identifier", id, e) ||
	    jval_set_u64(j, "timeline", w->tli, e) ||
	    show_json_time(j, "last_commit", any ? &p->commit_us : NULL, e) ||
	    show_json_text(j, "last_commit_lsn", any ? lsn_format(lsn,
	    p->commit_lsn) : NULL, e) ||
	    jval_set_u64(j, "read_whole", p->whole, e) ||
	    jval_set_u64(j, "not_understood", p->unread, e) ||
	    jval_list(&points, e))
		return (-1);
	for (i = 0; i < p->n; i++)
		if (add_point(points, &p->v[i], e)) {
			jval_free(points);
			return (-1);
		}
	return (jval_set(j, "restore_points", points, e));
}

static int
add(struct jval *list, struct archive *a, const struct windows_one *w,
    const struct linepoints *p, struct err *e)
{
	struct jval	*j = NULL;

	if (jval_object(&j, e))
		return (-1);
	if (fill(j, a, w, p, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

static int
show_window(FILE *out, struct jval *list, struct archive *a,
    const struct catalogue *c, const struct windows_one *w, struct err *e)
{
	int			 read, rc;
	const struct lineage_set lines = catalogue_lines(c, &read);
	const struct walread_line line = { a, &lines, w->tli,
	    catalogue_segsize(c) };
	struct linepoints	 p;

	/* Before the end of its first backup nothing can be recovered to. */
	rc = linepoints_find(&p, &line, catalogue_label(c,
	    w->backup[0])->stop_lsn, w->wal.last, e);
	if (rc == 0 && list != NULL)
		rc = add(list, a, w, &p, e);
	else if (rc == 0)
		print(out, w, &p);
	linepoints_fini(&p);
	return (rc);
}

int
showpoints_cluster(FILE *out, struct jval *list, struct archive *a,
    const struct catalogue *c, const struct window *w, struct err *e)
{
	size_t	 i;

	if (list == NULL)
		(void)fprintf(out, "server %s, system identifier %" PRIu64
		    "\n", a->server, a->system_id);
	for (i = 0; i < w->lines.n; i++)
		if (!w->lines.v[i].shared && show_window(out, list, a, c,
		    &w->lines.v[i], e))
			return (-1);
	return (0);
}
