/* SPDX-License-Identifier: ISC */
/* The backups of one cluster as JSON. */
#include <stdio.h>

#include "base/str.h"
#include "show/listjson.h"

static int
json_backup(const struct showlist *s, size_t i, struct jval *list,
    struct err *e)
{
	const struct window_backup	*w = &s->window->backup[i];
	struct catalogue_since		 since = catalogue_since(s->cat, i);
	const int64_t			 age = s->conf->now_us -
	    catalogue_label(s->cat, i)->stop_us;
	struct jval			*j = NULL;

	if (label_json(catalogue_label(s->cat, i), &j, e))
		return (-1);
	if ((age < 0 ? jval_set_null(j, "age_seconds", e) :
	    jval_set_u64(j, "age_seconds", (uint64_t)age / 1000000, e)) ||
	    showkeep_json(j, &s->keep, i, e) ||
	    jval_set_u64(j, "wal_since_segments", since.segments, e) ||
	    jval_set_u64(j, "wal_since_bytes", since.bytes, e) ||
	    jval_set_bool(j, "wal_complete", w->whole, e) ||
	    show_json_text(j, "lacks", w->incomplete, e) ||
	    jval_set_bool(j, "on_latest_timeline", w->latest, e) ||
	    show_json_pin(j, catalogue_pin(s->cat, i), e) ||
	    show_json_signer(j, s->archive, catalogue_label(s->cat, i), e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

static int
json_unlabelled(const struct showlist *s, size_t i, struct jval *list,
    struct err *e)
{
	return (jval_add_str(list, catalogue_unlabelled_id(s->cat, i), e));
}

/* A member that is a list of "n" items, which "one" appends. */
static int
json_list(struct jval *to, const char *key, const struct showlist *s,
    size_t n, int (*one)(const struct showlist *, size_t, struct jval *,
    struct err *), struct err *e)
{
	struct jval	*list = NULL;
	size_t		 i;

	if (jval_list(&list, e))
		return (-1);
	for (i = 0; i < n; i++)
		if (one(s, i, list, e)) {
			jval_free(list);
			return (-1);
		}
	return (jval_set(to, key, list, e));
}

static int
json_window(struct jval *to, const struct showlist *s, struct err *e)
{
	const struct window	*w = s->window;
	struct jval		*j = NULL;

	if (!w->any)
		return (jval_set_null(to, "recovery_window", e));
	if (jval_object(&j, e))
		return (-1);
	if (show_json_time(j, "from", show_window_from(w, s->cat), e) ||
	    jval_set_str(j, "from_backup",
	    catalogue_label(s->cat, w->first)->id, e) ||
	    show_json_reach(j, &s->reach, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_set(to, "recovery_window", j, e));
}

static int
json_line_backups(const struct showlist *s, const struct windows_one *w,
    struct jval *to, struct err *e)
{
	struct jval	*list = NULL;
	size_t		 i;

	if (jval_list(&list, e))
		return (-1);
	for (i = 0; i < w->n; i++)
		if (jval_add_str(list, catalogue_label(s->cat,
		    w->backup[i])->id, e)) {
			jval_free(list);
			return (-1);
		}
	return (jval_set(to, "backups", list, e));
}

static int
json_line(const struct showlist *s, size_t i, struct jval *list,
    struct err *e)
{
	const struct windows_one	*w = &s->window->lines.v[i];
	const struct label		*first;
	struct jval			*j = NULL;

	if (w->shared)
		return (0);
	first = catalogue_label(s->cat, w->backup[0]);
	if (jval_object(&j, e))
		return (-1);
	if (jval_set_u64(j, "timeline", w->tli, e) ||
	    show_json_time(j, "from", &first->stop_us, e) ||
	    jval_set_str(j, "from_backup", first->id, e) ||
	    show_json_reach(j, &s->line[i], e) ||
	    json_line_backups(s, w, j, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

static int
json_problems(struct jval *to, const struct showlist *s, struct err *e)
{
	struct showlist_problem	 v[SHOWLIST_PROBLEMS];
	const size_t		 n = showlist_problems(s, v);
	struct jval		*list = NULL;
	char			 text[80];
	size_t			 i;

	if (jval_list(&list, e))
		return (-1);
	for (i = 0; i < n; i++) {
		(void)snprintf(text, sizeof(text), "%zu %s%s", v[i].n,
		    v[i].what, str_plural(v[i].n));
		if (jval_add_str(list, text, e)) {
			jval_free(list);
			return (-1);
		}
	}
	return (jval_set_bool(to, "ok", n == 0, e) ||
	    jval_set(to, "problems", list, e) ? -1 : 0);
}

int
listjson_add(struct jval *list, const struct showlist *s, struct err *e)
{
	const struct catalogue	*cat = s->cat;
	struct jval		*j = NULL;
	int			 read;

	(void)catalogue_lines(cat, &read);
	if (jval_object(&j, e))
		return (-1);
	if (show_json_cluster(j, s->archive, e) ||
	    json_problems(j, s, e) ||
	    showkeep_json_policy(j, &s->keep, e) ||
	    jval_set_u64(j, "timeline", s->window->latest, e) ||
	    jval_set_bool(j, "histories_read", read, e) ||
	    json_window(j, s, e) ||
	    json_list(j, "windows", s, s->window->lines.n, json_line, e) ||
	    json_list(j, "backups", s, catalogue_labels(cat), json_backup,
	    e) ||
	    show_json_gaps(j, s->window->gap, s->window->ngap,
	    catalogue_segsize(cat), e) ||
	    show_json_refused(j, cat, e) ||
	    json_list(j, "incomplete", s, catalogue_unlabelled(cat),
	    json_unlabelled, e) ||
	    jval_set_u64(j, "unknown_names", catalogue_unknown(cat), e) ||
	    show_json_seen(j, s->seen, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}
