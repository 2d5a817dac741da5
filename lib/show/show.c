/* SPDX-License-Identifier: ISC */
/* The pieces that several listings share. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "crypt/retired.h"
#include "pg/lsn.h"
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

const char *
show_time(char buf[CLOCK_TEXT], int64_t us, int local)
{
	return (local ? clock_format_local(buf, us) : show_moment(buf, us));
}

const char *
show_span(char buf[SHOW_SPAN], int64_t us)
{
	const int64_t	 s = us / SECOND, m = s / 60, h = m / 60;

	if (us < 0)
		(void)snprintf(buf, SHOW_SPAN, "-");
	else if (m == 0)
		(void)snprintf(buf, SHOW_SPAN, "%" PRId64 "s", s);
	else if (h == 0)
		(void)snprintf(buf, SHOW_SPAN, "%" PRId64 "m %" PRId64 "s", m,
		    s % 60);
	else if (h < 24)
		(void)snprintf(buf, SHOW_SPAN, "%" PRId64 "h %" PRId64 "m", h,
		    m % 60);
	else
		(void)snprintf(buf, SHOW_SPAN, "%" PRId64 "d %" PRId64 "h",
		    h / 24, h % 24);
	return (buf);
}

const char *
show_clean(char buf[SHOW_CLEAN], const char *text)
{
	return (str_clean(buf, SHOW_CLEAN, text, strlen(text)));
}

void
show_markup(FILE *out, const char *text)
{
	char	 clean[SHOW_CLEAN];
	size_t	 i;

	(void)show_clean(clean, text);
	for (i = 0; clean[i] != '\0'; i++)
		switch (clean[i]) {
		case '&':
			(void)fputs("&amp;", out);
			break;
		case '<':
			(void)fputs("&lt;", out);
			break;
		case '>':
			(void)fputs("&gt;", out);
			break;
		case '"':
			(void)fputs("&quot;", out);
			break;
		case '\'':
			(void)fputs("&#39;", out);
			break;
		default:
			(void)fputc(clean[i], out);
		}
}

int
show_json_text(struct jval *to, const char *key, const char *text,
    struct err *e)
{
	struct err	 unused = ERR_INIT;
	char		 clean[SHOW_CLEAN];

	if (text == NULL)
		return (jval_set_null(to, key, e));
	if (jval_set_str(to, key, text, &unused) == 0)
		return (0);
	return (jval_set_str(to, key, show_clean(clean, text), e));
}

int
show_json_add_text(struct jval *list, const char *text, struct err *e)
{
	struct err	 unused = ERR_INIT;
	char		 clean[SHOW_CLEAN];

	if (jval_add_str(list, text, &unused) == 0)
		return (0);
	return (jval_add_str(list, show_clean(clean, text), e));
}

int
show_json_sum(struct jval *to, const char *key, uint64_t files,
    uint64_t bytes, struct err *e)
{
	struct jval	*j = NULL;

	if (jval_object(&j, e))
		return (-1);
	if (jval_set_u64(j, "files", files, e) ||
	    jval_set_u64(j, "bytes", bytes, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_set(to, key, j, e));
}

int
show_json_time(struct jval *to, const char *key, const int64_t *us,
    struct err *e)
{
	char	 t[CLOCK_TEXT];

	if (us == NULL)
		return (jval_set_null(to, key, e));
	return (jval_set_str(to, key, clock_format(t, *us), e));
}

int
show_json_cluster(struct jval *to, const struct archive *a, struct err *e)
{
	char	 id[24];

	(void)snprintf(id, sizeof(id), "%" PRIu64, a->system_id);
	if (jval_set_u64(to, "schema", SHOW_SCHEMA, e) ||
	    jval_set_str(to, "server", a->server, e))
		return (-1);
	if (a->system_id == 0)
		return (jval_set_null(to, "system_identifier", e));
	return (jval_set_str(to, "system_identifier", id, e));
}

void
show_gaps(FILE *out, const struct coverage_run *g, size_t n, uint32_t segsize)
{
	char	 a[WALNAME_TEXT], b[WALNAME_TEXT];
	size_t	 i;

	for (i = 0; i < n; i++)
		(void)fprintf(out, "gap: WAL %s to %s is missing (%" PRIu64
		    " segment%s)\n", show_segment(a, g[i].tli, g[i].first,
		    segsize), show_segment(b, g[i].tli, g[i].last, segsize),
		    g[i].last - g[i].first + 1,
		    str_plural(g[i].last - g[i].first + 1));
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

void
show_seen(FILE *out, const struct rollbackcheck *seen)
{
	char	 line[ROLLBACKCHECK_LINE];
	size_t	 i;

	if (seen == NULL || seen->n == 0)
		return;
	for (i = 0; i < seen->n; i++)
		(void)fprintf(out, "%s\n", rollbackcheck_line(line,
		    &seen->v[i]));
	(void)fprintf(out, "%s\n", seen->means);
}

static int
json_gone(struct jval *list, const struct rollbackcheck_finding *f,
    struct err *e)
{
	struct jval	*j = NULL;

	if (jval_object(&j, e))
		return (-1);
	if (jval_set_str(j, "object", f->object, e) ||
	    jval_set_str(j, "found", f->found, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

int
show_json_seen(struct jval *to, const struct rollbackcheck *seen,
    struct err *e)
{
	struct jval	*list = NULL;
	size_t		 i;

	if (jval_list(&list, e))
		return (-1);
	for (i = 0; seen != NULL && i < seen->n; i++)
		if (json_gone(list, &seen->v[i], e)) {
			jval_free(list);
			return (-1);
		}
	return (jval_set(to, "gone", list, e));
}

int
show_json_left_out(struct jval *list, const char *id, const char *why,
    struct err *e)
{
	struct jval	*j = NULL;

	if (jval_object(&j, e))
		return (-1);
	if (show_json_text(j, "id", id, e) ||
	    show_json_text(j, "why", why, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

int
show_json_refused(struct jval *to, const struct catalogue *c, struct err *e)
{
	struct jval	*list = NULL;
	size_t		 i;

	if (jval_list(&list, e))
		return (-1);
	for (i = 0; i < catalogue_bads(c); i++)
		if (show_json_left_out(list, catalogue_bad_id(c, i),
		    catalogue_bad_why(c, i), e)) {
			jval_free(list);
			return (-1);
		}
	return (jval_set(to, "refused", list, e));
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

int
show_reach_make(struct show_reach *r, const struct coverage *wal,
    uint32_t segsize, struct archive *a, struct err *e)
{
	int	 rc;

	memset(r, 0, sizeof(*r));
	r->wal = wal;
	r->segsize = segsize;
	/* 1: the segment has vanished since then, or its time is absurd. */
	rc = catalogue_archived(a, segsize, wal->tli, wal->last,
	    &r->archived_us, e);
	r->timed = rc == 0;
	return (rc == -1 ? -1 : 0);
}

int
show_reach_streamed(struct show_reach *r, const struct catalogue *c,
    uint32_t tli, struct archive *a, struct err *e)
{
	struct streamed	 s;
	int		 rc;

	rc = streamed_find(&s, a, c, tli, r->wal->end, &r->problem, e);
	r->streamed = rc == 0 ? s.end : 0;
	return (rc == -1 ? -1 : 0);
}

void
show_reach_problem(FILE *out, const struct show_reach *r)
{
	if (r->problem.kind != ERR_NONE)
		(void)fprintf(out, "streamed: %s; recovery to the end of WAL "
		    "stops there\n", r->problem.msg);
}

void
show_reach(FILE *out, const struct show_reach *r)
{
	char	 at[CLOCK_TEXT], lsn[LSN_TEXT], name[WALNAME_TEXT];

	(void)fprintf(out, "to WAL %s, LSN %s", show_segment(name,
	    r->wal->tli, r->wal->last, r->segsize),
	    lsn_format(lsn, r->wal->end));
	if (r->timed)
		(void)fprintf(out, ", archived %s", show_time(at,
		    r->archived_us, r->local));
	if (r->streamed != 0)
		(void)fprintf(out, ", streamed to LSN %s", lsn_format(lsn,
		    r->streamed));
}

int
show_json_reach(struct jval *to, const struct show_reach *r, struct err *e)
{
	char	 lsn[LSN_TEXT], name[WALNAME_TEXT];

	return (jval_set_str(to, "to_wal", show_segment(name, r->wal->tli,
	    r->wal->last, r->segsize), e) ||
	    jval_set_str(to, "to_lsn", lsn_format(lsn, r->wal->end), e) ||
	    show_json_time(to, "to_archived", r->timed ? &r->archived_us :
	    NULL, e) || (r->streamed == 0 ?
	    jval_set_null(to, "streamed_to_lsn", e) :
	    jval_set_str(to, "streamed_to_lsn", lsn_format(lsn, r->streamed),
	    e)) || show_json_text(to, "streamed_problem",
	    r->problem.kind == ERR_NONE ? NULL :
	    r->problem.msg, e) ? -1 : 0);
}

const int64_t *
show_window_from(const struct window *w, const struct catalogue *cat)
{
	return (w->any ? &catalogue_label(cat, w->first)->stop_us : NULL);
}

const char *
show_pin(char buf[SHOW_PIN], const struct pin *p)
{
	char	 text[PIN_TEXT];

	(void)pin_format(text, p);
	if (p->kind == PIN_WITHDRAWN)
		(void)snprintf(buf, SHOW_PIN, "not pinned, and cannot be, "
		    "label.withdrawn: %s; to keep the backup, remove that "
		    "file with backup-expire --release", p->why);
	else if (p->kind == PIN_UNREADABLE)
		(void)snprintf(buf, SHOW_PIN, "%s, label.withdrawn: %s; if "
		    "it is not meant as a pin, remove that file with "
		    "backup-expire --release", text, p->why);
	else if (p->kind == PIN_SET && p->until_us == PIN_MARK)
		(void)snprintf(buf, SHOW_PIN, "to its end only: the WAL "
		    "behind it has expired");
	else if (p->kind == PIN_SET && !pin_holds(p, clock_now_us()))
		(void)snprintf(buf, SHOW_PIN, "%s, which has passed", text);
	else
		(void)snprintf(buf, SHOW_PIN, "%s", text);
	return (buf);
}

int
show_bad_pins(const struct catalogue *cat)
{
	size_t	 i;

	for (i = 0; i < catalogue_labels(cat); i++)
		if (pin_is_bad(catalogue_pin(cat, i)))
			return (1);
	return (0);
}

int
show_json_pin(struct jval *to, const struct pin *p, struct err *e)
{
	int	 ends = p->kind == PIN_SET && p->until_us != PIN_FOREVER &&
		    p->until_us != PIN_MARK;

	/* A pin that has ended is shown with its end, but does not pin. */
	return (jval_set_bool(to, "pinned", pin_holds(p, clock_now_us()),
	    e) ||
	    show_json_time(to, "pinned_until", ends ? &p->until_us : NULL,
	    e) ||
	    (pin_is_bad(p) ? jval_set_str(to, "pin_refused",
	    p->why, e) : jval_set_null(to, "pin_refused", e)) ? -1 : 0);
}

const char *
show_signer(char buf[SHOW_SIGNER], const struct archive *a,
    const struct label *l)
{
	char	 id[2 * KEY_ID_LEN + 1];

	(void)snprintf(buf, SHOW_SIGNER, "%s%s", str_hex(id, l->signer,
	    KEY_ID_LEN), retired_id(a->key, l->signer) ? ", retired" : "");
	return (buf);
}

int
show_json_signer(struct jval *j, const struct archive *a,
    const struct label *l, struct err *e)
{
	char	 id[2 * KEY_ID_LEN + 1];

	return (jval_set_str(j, "signer", str_hex(id, l->signer, KEY_ID_LEN),
	    e) || jval_set_bool(j, "signer_retired", retired_id(a->key,
	    l->signer), e) ? -1 : 0);
}
