/* SPDX-License-Identifier: ISC */
/* What a drill found, for people. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "drill/drillreport.h"
#include "show/show.h"
#include "show/showdrill.h"

#define VALUE	1024

/* The texts that both forms show, from the receipt. */
struct facts {
	const char		*id, *server, *host, *verdict, *found;
	const char		*began, *ended, *backup, *target;
	const struct jval	*checks, *ms, *trouble;
	char			 goal[VALUE], times[VALUE];
};

/* Seconds of a member in milliseconds; "-" if it is null. */
static const char *
seconds(char buf[32], const struct jval *j, const char *key)
{
	struct err	 unused = ERR_INIT;
	uint64_t	 ms;

	if (jval_get_u64(j, key, &ms, &unused))
		return ("-");
	(void)snprintf(buf, 32, "%.1f s", (double)ms / 1000);
	return (buf);
}

static int
read_goal(struct facts *f, const struct jval *j, struct err *e)
{
	const struct jval	*part;
	const char		*value = NULL;

	f->backup = "none";
	(void)snprintf(f->goal, sizeof(f->goal), "none");
	if (jval_is_null(j, "backup"))
		return (0);
	if (jval_get_object(j, "backup", &part, e) ||
	    jval_get_str(part, "id", &f->backup, e) ||
	    jval_get_object(j, "target", &part, e) ||
	    jval_get_str(part, "kind", &f->target, e) ||
	    (!jval_is_null(part, "value") &&
	    jval_get_str(part, "value", &value, e)))
		return (-1);
	(void)snprintf(f->goal, sizeof(f->goal), "%s%s%s", f->target,
	    value == NULL ? "" : " ", value == NULL ? "" : value);
	return (0);
}

static void
read_times(struct facts *f, const struct jval *j)
{
	struct err	 unused = ERR_INIT;
	const char	*against;
	char		 text[32];
	size_t		 n;
	unsigned	 i;

	/* Receipts of earlier versions do not say against what. */
	if (jval_get_str(j, "rpo_against", &against, &unused))
		against = "now";
	n = (size_t)snprintf(f->times, sizeof(f->times), "RPO %s%s, ",
	    seconds(text, j, "rpo_ms"), jval_is_null(j, "rpo_ms") ? "" :
	    strcmp(against, "wal") == 0 ? " (against the primary's WAL)" :
	    strcmp(against, "commit") == 0 ?
	    " (against the primary's last commit)" : " (against now)");
	n += (size_t)snprintf(f->times + n, sizeof(f->times) - n, "RTO %s",
	    seconds(text, j, "rto_ms"));
	for (i = 0; i < DRILLREPORT_PHASES; i++)
		n += (size_t)snprintf(f->times + n, sizeof(f->times) - n,
		    "%s%s %s", i == 0 ? ": " : ", ", drillreport_phase_name(i),
		    seconds(text, f->ms, drillreport_phase_name(i)));
}

static int
read_facts(struct facts *f, const struct jval *j, struct err *e)
{
	memset(f, 0, sizeof(*f));
	if (jval_get_str(j, "id", &f->id, e) ||
	    jval_get_str(j, "server", &f->server, e) ||
	    jval_get_str(j, "host", &f->host, e) ||
	    jval_get_str(j, "verdict", &f->verdict, e) ||
	    jval_get_str(j, "found", &f->found, e) ||
	    jval_get_str(j, "began", &f->began, e) ||
	    jval_get_str(j, "ended", &f->ended, e) ||
	    jval_get_list(j, "checks", &f->checks, e) ||
	    jval_get_list(j, "trouble", &f->trouble, e) ||
	    jval_get_object(j, "ms", &f->ms, e) || read_goal(f, j, e))
		return (-1);
	read_times(f, j);
	return (0);
}

struct line {
	const char	*check, *verdict, *found;
};

static int
read_line(struct line *l, const struct jval *list, size_t i, struct err *e)
{
	const struct jval	*j;

	return (jval_at_object(list, i, &j, e) ||
	    jval_get_str(j, "check", &l->check, e) ||
	    jval_get_str(j, "verdict", &l->verdict, e) ||
	    jval_get_str(j, "found", &l->found, e) ? -1 : 0);
}

int
showdrill_text(FILE *out, const struct jval *j, struct err *e)
{
	struct facts	 f;
	struct line	 l;
	const char	*text;
	char		 clean[SHOW_CLEAN];
	size_t		 i;

	if (read_facts(&f, j, e))
		return (-1);
	(void)fprintf(out, "server %s: drill %s %s\n", f.server, f.id,
	    f.verdict);
	(void)fprintf(out, "backup %s, target %s\n", f.backup,
	    show_clean(clean, f.goal));
	for (i = 0; i < jval_count(f.checks); i++) {
		if (read_line(&l, f.checks, i, e))
			return (-1);
		(void)fprintf(out, "  %-9s %-8s %s\n", l.check, l.verdict,
		    show_clean(clean, l.found));
	}
	for (i = 0; i < jval_count(f.trouble); i++) {
		if (jval_at_str(f.trouble, i, &text, e))
			return (-1);
		(void)fprintf(out, "  PostgreSQL said: %s\n",
		    show_clean(clean, text));
	}
	(void)fprintf(out, "%s\n", f.times);
	return (0);
}

static void
row(FILE *out, const char *name, const char *value)
{
	(void)fputs("<tr><th>", out);
	show_markup(out, name);
	(void)fputs("</th><td>", out);
	show_markup(out, value);
	(void)fputs("</td></tr>\n", out);
}

static int
page(FILE *out, const struct facts *f, struct err *e)
{
	struct line	 l;
	size_t		 i;

	(void)fputs("<!DOCTYPE html>\n<html lang=\"en\"><meta charset="
	    "\"utf-8\"><title>Rehearsed restore</title>\n<style>body{font:"
	    "1em sans-serif;margin:2em}table{border-collapse:collapse;margin:"
	    "1em 0}th,td{border:1px solid #999;padding:.3em .6em;text-align:"
	    "left}.failed,.skipped{background:#fdd}</style>\n<h1>Rehearsed "
	    "restore: ", out);
	show_markup(out, f->verdict);
	(void)fputs("</h1>\n<table>\n", out);
	row(out, "Server", f->server);
	row(out, "Drill", f->id);
	row(out, "Host", f->host);
	row(out, "From", f->began);
	row(out, "To", f->ended);
	row(out, "Backup", f->backup);
	row(out, "Target", f->goal);
	row(out, "Finding", f->found);
	row(out, "Times", f->times);
	(void)fputs("</table>\n<table>\n<tr><th>Check</th><th>Verdict</th>"
	    "<th>Found</th></tr>\n", out);
	for (i = 0; i < jval_count(f->checks); i++) {
		if (read_line(&l, f->checks, i, e))
			return (-1);
		(void)fputs("<tr class=\"", out);
		show_markup(out, l.verdict);
		(void)fputs("\"><td>", out);
		show_markup(out, l.check);
		(void)fputs("</td><td>", out);
		show_markup(out, l.verdict);
		(void)fputs("</td><td>", out);
		show_markup(out, l.found);
		(void)fputs("</td></tr>\n", out);
	}
	(void)fputs("</table>\n<p>This page proves nothing: the signed "
	    "receipt does. backup-drill --verify checks it.</p></html>\n",
	    out);
	return (0);
}

int
showdrill_html(const char *path, const struct jval *j, struct err *e)
{
	struct facts	 f;
	char		*text = NULL;
	size_t		 n = 0;
	FILE		*out;
	int		 rc;

	if (read_facts(&f, j, e))
		return (-1);
	if ((out = open_memstream(&text, &n)) == NULL)
		return (err_sys(e, ERR_LOCAL, "memory for a page"));
	rc = page(out, &f, e);
	if (fclose(out) == EOF && rc == 0)
		rc = err_sys(e, ERR_LOCAL, "memory for a page");
	if (rc == 0)
		rc = io_save(path, 0644, text, n, 0, e);
	free(text);
	return (rc);
}
