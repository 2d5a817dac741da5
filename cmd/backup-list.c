/* SPDX-License-Identifier: ISC */
/* backup-list: what can be restored, and from where to where. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/jval.h"
#include "base/str.h"
#include "catalogue/catalogue.h"
#include "catalogue/window.h"
#include "pg/lsn.h"
#include "pg/walname.h"
#include "show/progress.h"
#include "show/show.h"
#include "tool/conf.h"
#include "tool/program.h"
#include "tool/role.h"
#include "tool/systems.h"
#include "tool/tool.h"

#define NAME	"backup-list"

/* One cluster's part of the answer. */
struct view {
	struct archive		*archive;	/* borrowed */
	struct catalogue	*cat;
	struct window		 window;
	int			 timed;		/* archived_us is known */
	int64_t			 archived_us;
};

struct list {
	struct conf_source	 src;
	int			 json;
	struct jval		*all;	/* the list of clusters, if json */
	int			 findings;
};

static const char *
segment(char buf[WALNAME_TEXT], uint32_t tli, uint64_t segno,
    const struct view *v)
{
	return (show_segment(buf, tli, segno, catalogue_segsize(v->cat)));
}

static void
print_backup(const struct view *v, size_t i)
{
	const struct label	*l = catalogue_label(v->cat, i);
	char			 size[PROGRESS_SIZE], stored[PROGRESS_SIZE];
	char			 wal[PROGRESS_SIZE], end[CLOCK_TEXT];
	char			 text[64];

	(void)printf("  %-20s  %-20s  %9s  %9s  %9s  %s\n", l->id,
	    show_moment(end, l->stop_us), progress_size(size, l->size),
	    progress_size(stored, l->stored_size),
	    progress_size(wal, catalogue_since(v->cat, i).bytes),
	    str_clean(text, sizeof(text), l->label, strlen(l->label)));
}

static void
print_damage(const struct view *v)
{
	const struct label	*l;
	char			 text[128];
	size_t			 i, k;

	for (i = 0; i < catalogue_labels(v->cat); i++) {
		l = catalogue_label(v->cat, i);
		if (l->damaged_files == 0)
			continue;
		(void)printf("%s: %" PRIu64 " pages with a wrong checksum in "
		    "%" PRIu64 " files\n", l->id, l->damaged_pages,
		    l->damaged_files);
		for (k = 0; k < l->ndamaged; k++)
			(void)printf("  %s\n", str_clean(text, sizeof(text),
			    l->damaged[k], strlen(l->damaged[k])));
	}
}

static void
print_pins(const struct view *v)
{
	char	 text[SHOW_PIN];
	size_t	 i;

	for (i = 0; i < catalogue_labels(v->cat); i++)
		if (show_pin(text, catalogue_pin(v->cat, i))[0] != '\0')
			(void)printf("%s: %s\n",
			    catalogue_label(v->cat, i)->id, text);
}

static void
print_window(const struct view *v)
{
	const struct window	*w = &v->window;
	const struct coverage	*wal;
	char			 from[CLOCK_TEXT], at[CLOCK_TEXT];
	char			 lsn[LSN_TEXT], name[WALNAME_TEXT];

	if (!w->any) {
		(void)printf("recovery window: none, there is no backup "
		    "with its WAL\n");
		return;
	}
	wal = &w->backup[w->newest].wal;
	(void)printf("recovery window: from %s (backup %s) to WAL %s, LSN "
	    "%s", show_moment(from,
	    catalogue_label(v->cat, w->first)->stop_us),
	    catalogue_label(v->cat, w->first)->id,
	    segment(name, wal->tli, wal->last, v), lsn_format(lsn, wal->end));
	if (v->timed)
		(void)printf(", archived %s", show_moment(at,
		    v->archived_us));
	(void)printf("\n");
}

static void
print_gaps(const struct view *v)
{
	size_t	 i;

	show_gaps(v->window.gap, v->window.ngap, catalogue_segsize(v->cat));
	for (i = 0; i < v->window.n; i++)
		if (!v->window.backup[i].whole)
			(void)printf("backup %s cannot be restored: WAL from "
			    "its start to its end is missing\n",
			    catalogue_label(v->cat, i)->id);
}

static void
print_rest(const struct view *v)
{
	size_t	 i;

	for (i = 0; i < catalogue_bads(v->cat); i++)
		(void)printf("refused: %s: %s\n",
		    catalogue_bad_id(v->cat, i),
		    catalogue_bad_why(v->cat, i));
	for (i = 0; i < catalogue_unlabelled(v->cat); i++)
		(void)printf("not complete: %s (under way, broken off or "
		    "expired)\n", catalogue_unlabelled_id(v->cat, i));
	if (catalogue_unknown(v->cat) > 0)
		(void)printf("ignored: %zu unknown names, like \"%s\"\n",
		    catalogue_unknown(v->cat),
		    catalogue_unknown_name(v->cat));
}

static void
print_view(const struct view *v)
{
	size_t	 i;

	(void)printf("server %s, system identifier %" PRIu64 "\n",
	    v->archive->server, v->archive->system_id);
	if (catalogue_labels(v->cat) > 0)
		(void)printf("  %-20s  %-20s  %9s  %9s  %9s  %s\n",
		    "BACKUP", "ENDED", "SIZE", "STORED", "WAL SINCE",
		    "LABEL");
	for (i = 0; i < catalogue_labels(v->cat); i++)
		print_backup(v, i);
	print_window(v);
	print_gaps(v);
	print_pins(v);
	print_damage(v);
	print_rest(v);
}

static int
json_backup(const struct view *v, size_t i, struct jval *list, struct err *e)
{
	struct catalogue_since	 since = catalogue_since(v->cat, i);
	struct jval		*j = NULL;

	if (label_json(catalogue_label(v->cat, i), &j, e))
		return (-1);
	if (jval_set_u64(j, "wal_since_segments", since.segments, e) ||
	    jval_set_u64(j, "wal_since_bytes", since.bytes, e) ||
	    jval_set_bool(j, "wal_complete", v->window.backup[i].whole, e) ||
	    jval_set_bool(j, "on_latest_timeline",
	    v->window.backup[i].latest, e) ||
	    show_json_pin(j, catalogue_pin(v->cat, i), e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

static int
json_bad(const struct view *v, size_t i, struct jval *list, struct err *e)
{
	struct jval	*j = NULL;

	if (jval_object(&j, e))
		return (-1);
	if (jval_set_str(j, "id", catalogue_bad_id(v->cat, i), e) ||
	    jval_set_str(j, "why", catalogue_bad_why(v->cat, i), e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

static int
json_unlabelled(const struct view *v, size_t i, struct jval *list,
    struct err *e)
{
	return (jval_add_str(list, catalogue_unlabelled_id(v->cat, i), e));
}

/* A member that is a list of "n" items. */
static int
json_list(struct jval *to, const char *key, const struct view *v, size_t n,
    int (*one)(const struct view *, size_t, struct jval *, struct err *),
    struct err *e)
{
	struct jval	*list = NULL;
	size_t		 i;

	if (jval_list(&list, e))
		return (-1);
	for (i = 0; i < n; i++)
		if (one(v, i, list, e)) {
			jval_free(list);
			return (-1);
		}
	return (jval_set(to, key, list, e));
}

static int
json_window(struct jval *to, const struct view *v, struct err *e)
{
	const struct window	*w = &v->window;
	const struct coverage	*wal;
	struct jval		*j = NULL;
	char			 t[CLOCK_TEXT], lsn[LSN_TEXT];
	char			 name[WALNAME_TEXT];

	if (!w->any)
		return (jval_set_null(to, "recovery_window", e));
	wal = &w->backup[w->newest].wal;
	if (jval_object(&j, e))
		return (-1);
	if (jval_set_str(j, "from", clock_format(t,
	    catalogue_label(v->cat, w->first)->stop_us), e) ||
	    jval_set_str(j, "from_backup",
	    catalogue_label(v->cat, w->first)->id, e) ||
	    jval_set_str(j, "to_wal", segment(name, wal->tli, wal->last, v),
	    e) ||
	    jval_set_str(j, "to_lsn", lsn_format(lsn, wal->end), e) ||
	    (v->timed ? jval_set_str(j, "to_archived", clock_format(t,
	    v->archived_us), e) : jval_set_null(j, "to_archived", e))) {
		jval_free(j);
		return (-1);
	}
	return (jval_set(to, "recovery_window", j, e));
}

static int
json_view(struct jval *list, const struct view *v, struct err *e)
{
	struct jval	*j = NULL;
	char		 id[24];
	int		 read;

	(void)catalogue_lines(v->cat, &read);
	(void)snprintf(id, sizeof(id), "%" PRIu64, v->archive->system_id);
	if (jval_object(&j, e))
		return (-1);
	if (jval_set_str(j, "server", v->archive->server, e) ||
	    jval_set_str(j, "system_identifier", id, e) ||
	    jval_set_u64(j, "timeline", v->window.latest, e) ||
	    jval_set_bool(j, "histories_read", read, e) ||
	    json_window(j, v, e) ||
	    json_list(j, "backups", v, catalogue_labels(v->cat), json_backup,
	    e) ||
	    show_json_gaps(j, v->window.gap, v->window.ngap,
	    catalogue_segsize(v->cat), e) ||
	    json_list(j, "refused", v, catalogue_bads(v->cat), json_bad, e) ||
	    json_list(j, "incomplete", v, catalogue_unlabelled(v->cat),
	    json_unlabelled, e) ||
	    jval_set_u64(j, "unknown_names", catalogue_unknown(v->cat), e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

static int
ask_archived(struct view *v, struct err *e)
{
	const struct coverage	*wal;
	int			 rc;

	if (!v->window.any)
		return (0);
	wal = &v->window.backup[v->window.newest].wal;
	rc = catalogue_archived(v->archive, catalogue_segsize(v->cat),
	    wal->tli, wal->last, &v->archived_us, e);
	v->timed = rc == 0;
	return (rc == -1 ? -1 : 0);
}

static int
bad_pins(const struct view *v)
{
	size_t	 i;

	for (i = 0; i < catalogue_labels(v->cat); i++)
		if (catalogue_pin(v->cat, i)->kind == PIN_UNREADABLE)
			return (1);
	return (0);
}

static int
list_system(void *arg, struct archive *a, struct err *e)
{
	struct list	*l = arg;
	struct view	 v = { .archive = a };
	int		 rc = -1;

	if (catalogue_load(&v.cat, a, e) ||
	    window_make(&v.window, v.cat, e) ||
	    ask_archived(&v, e))
		goto out;
	if (v.window.ngap > 0 || catalogue_bads(v.cat) > 0 ||
	    bad_pins(&v))
		l->findings = 1;
	if (!l->json)
		print_view(&v);
	else if (json_view(l->all, &v, e))
		goto out;
	rc = 0;
out:
	window_free(&v.window);
	catalogue_free(v.cat);
	return (rc);
}

static int
list_server(struct list *l, const char *name, struct err *e)
{
	struct conf_source	 one = l->src;
	struct server_conf	 conf = { 0 };
	struct key		*key = NULL;
	int			 rc = -1;

	one.server = name;
	if (conf_load(&conf, &one, e) ||
	    role_key(&key, &conf, KEY_PUBLIC, e) ||
	    systems_visit(&conf, key, list_system, l, e))
		goto out;
	rc = 0;
out:
	key_free(key);
	conf_free(&conf);
	return (rc);
}

/* One server that cannot be listed does not hide the others. */
static int
list_all(struct list *l, struct err *e)
{
	struct err	 why;
	char		**names = NULL;
	size_t		 i, n = 0;
	int		 rc = 0;

	if (conf_names(&l->src, &names, &n, e))
		return (-1);
	for (i = 0; i < n; i++) {
		why = (struct err)ERR_INIT;
		if (list_server(l, names[i], &why) == 0)
			continue;
		if (n > 1)
			err_ctx(&why, "server %s", names[i]);
		if (rc == -1)
			tool_note(NAME, "%s", why.msg);
		else
			rc = err_set(e, why.kind, "%s", why.msg);
	}
	for (i = 0; i < n; i++)
		free(names[i]);
	free(names);
	return (rc);
}

static int
run(void *arg, char **args, size_t nargs, struct err *e)
{
	struct list	*l = arg;
	int		 rc;

	(void)args;
	(void)nargs;
	if (l->json && jval_list(&l->all, e))
		return (-1);
	rc = l->src.server != NULL ? list_server(l, l->src.server, e) :
	    list_all(l, e);
	if (l->json && tool_json(l->all, e))
		rc = -1;
	jval_free(l->all);
	return (rc == 0 && l->findings ? TOOL_FINDINGS : rc);
}

static const struct program program = {
	.opt = {
		.name = NAME,
		.synopsis = "[OPTION]...",
		.summary = "List the backups of one server, or of all, and to "
		    "which points they can be recovered."
	},
	.run = run
};

int
main(int argc, char *argv[])
{
	struct list		 l = { .json = 0 };
	const struct opt	 opts[] = {
		OPT_CONF(l.src),
		{ "json", 'j', OPT_FLAG, &l.json, NULL,
		    "print JSON: a list of clusters", 0, 0 },
		OPT_END
	};

	return (program_main(&program, opts, &l, argc, argv));
}
