/* SPDX-License-Identifier: ISC */
/* backup-show: all that is known of one backup. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jval.h"
#include "base/str.h"
#include "catalogue/catalogue.h"
#include "catalogue/newest.h"
#include "catalogue/window.h"
#include "pg/lsn.h"
#include "repo/layout.h"
#include "show/progress.h"
#include "show/show.h"
#include "tool/conf.h"
#include "tool/program.h"
#include "tool/role.h"
#include "tool/systems.h"
#include "tool/tool.h"

#define NAME	"backup-show"

/* The backup, and what the rest of its cluster says of it. */
struct view {
	const struct archive	*archive;
	const struct catalogue	*cat;
	const struct label	*label;
	size_t			 index;
	struct window		 window;
	const struct window_backup *reach;
	uint64_t		 own;		/* packs */
	int			 timed;		/* archived_us is known */
	int64_t			 archived_us;
};

struct job {
	struct conf_source	 src;
	const char		*id;		/* NULL: the newest */
	int			 json;
	int			 findings;

	struct newest		 found;		/* it, and its cluster */
};

static const char *
clean(char buf[256], const char *s)
{
	return (str_clean(buf, 256, s, strlen(s)));
}

static void
print_ends(const struct view *v)
{
	const struct label	*l = v->label;
	char			 t[CLOCK_TEXT], lsn[LSN_TEXT];

	(void)printf("started      %s, LSN %s, WAL %s\n",
	    show_moment(t, l->start_us), lsn_format(lsn, l->start_lsn),
	    l->start_wal);
	(void)printf("ended        %s, LSN %s, WAL %s\n",
	    show_moment(t, l->stop_us), lsn_format(lsn, l->stop_lsn),
	    l->stop_wal);
	(void)printf("timeline     %" PRIu32, l->timeline);
	if (v->window.latest != l->timeline)
		(void)printf(", which %s to the latest, %" PRIu32,
		    v->reach->latest ? "leads" : "does not lead",
		    v->window.latest);
	(void)printf("\n");
}

static void
print_packs(const struct view *v)
{
	const struct label	*l = v->label;
	uint64_t		 n;
	size_t			 i, k;

	(void)printf("packs        %" PRIu64 " of its own", v->own);
	for (i = 0; i < l->npacks; i = k) {
		n = 0;
		for (k = i; k < l->npacks &&
		    strcmp(l->packs[k].backup, l->packs[i].backup) == 0; k++)
			n += (uint64_t)l->packs[k].last - l->packs[k].first +
			    1;
		if (strcmp(l->packs[i].backup, l->id) != 0)
			(void)printf(", %" PRIu64 " of %s", n,
			    l->packs[i].backup);
	}
	(void)printf("\n");
}

static int
refers(const struct label *l, const char *id)
{
	size_t	 i;

	for (i = 0; i < l->nfrom; i++)
		if (strcmp(l->from[i], id) == 0)
			return (1);
	return (0);
}

/* Which other backups have chunks in this one's packs. */
static void
print_needed_by(const struct view *v)
{
	const struct label	*l;
	const char		*between = "needed by    ";
	size_t			 i;

	for (i = 0; i < catalogue_labels(v->cat); i++) {
		l = catalogue_label(v->cat, i);
		if (l == v->label || !refers(l, v->label->id))
			continue;
		(void)printf("%s%s", between, l->id);
		between = ", ";
	}
	if (between[0] == ',')
		(void)printf("\n");
}

static void
print_holds(const struct view *v)
{
	const struct label	*l = v->label;
	char			 a[PROGRESS_SIZE], b[PROGRESS_SIZE];
	char			 name[256], path[256];
	size_t			 i;

	(void)printf("size         %s in %" PRIu64 " files, chunks of %s\n",
	    progress_size(a, l->size), l->files,
	    progress_size(b, l->chunk_size));
	(void)printf("stored       %s by this backup, the manifest's %s "
	    "included\n", progress_size(a, l->stored_size),
	    progress_size(b, l->manifest_size));
	print_packs(v);
	print_needed_by(v);
	for (i = 0; i < l->ntablespaces; i++)
		(void)printf("tablespace   %s (%" PRIu32 "): %s\n",
		    clean(name, l->tablespaces[i].name),
		    l->tablespaces[i].oid,
		    clean(path, l->tablespaces[i].path));
}

static void
print_reach(const struct view *v)
{
	const struct coverage	*wal = &v->reach->wal;
	struct catalogue_since	 since = catalogue_since(v->cat, v->index);
	char			 size[PROGRESS_SIZE], t[CLOCK_TEXT];
	char			 lsn[LSN_TEXT], name[WALNAME_TEXT];

	(void)printf("WAL since    %" PRIu64 " segments, %s\n",
	    since.segments, progress_size(size, since.bytes));
	if (!v->reach->whole) {
		(void)printf("recovery     none: WAL from its start to its "
		    "end is missing\n");
	} else {
		(void)printf("recovery     from %s to WAL %s, LSN %s",
		    show_moment(t, v->label->stop_us), show_segment(name,
		    wal->tli, wal->last, catalogue_segsize(v->cat)),
		    lsn_format(lsn, wal->end));
		if (v->timed)
			(void)printf(", archived %s", show_moment(t,
			    v->archived_us));
		(void)printf("\n");
	}
	show_gaps(wal->gap, wal->ngap, catalogue_segsize(v->cat));
}

static void
print_damage(const struct label *l)
{
	char	 path[256];
	size_t	 i;

	if (l->damaged_files == 0)
		return;
	(void)printf("DAMAGED      %" PRIu64 " pages in %" PRIu64 " files "
	    "failed their checksum when they were backed up\n",
	    l->damaged_pages, l->damaged_files);
	for (i = 0; i < l->ndamaged; i++)
		(void)printf("             %s\n", clean(path,
		    l->damaged[i]));
}

static void
print_pin(const struct view *v)
{
	char	 text[SHOW_PIN];

	if (show_pin(text, catalogue_pin(v->cat, v->index))[0] != '\0')
		(void)printf("expiry       %s\n", text);
}

static void
print_view(const struct view *v)
{
	const struct label	*l = v->label;
	char			 text[256];

	(void)printf("backup       %s%s%s\n", l->id, l->label[0] != '\0' ?
	    ", " : "", clean(text, l->label));
	(void)printf("server       %s, system identifier %" PRIu64 "\n",
	    v->archive->server, v->archive->system_id);
	(void)printf("PostgreSQL   %" PRIu64 ".%" PRIu64 ", %s, page "
	    "checksums %s\n", l->postgresql / 10000, l->postgresql % 10000,
	    l->from_standby ? "a standby" : "a primary",
	    l->data_checksums ? "on" : "off");
	(void)printf("pushed by    seawall %s\n", clean(text, l->seawall));
	print_ends(v);
	print_holds(v);
	print_reach(v);
	print_pin(v);
	print_damage(l);
}

static int
json_reach(const struct view *v, struct jval *to, struct err *e)
{
	const struct coverage	*wal = &v->reach->wal;
	struct jval		*j = NULL;
	char			 t[CLOCK_TEXT], lsn[LSN_TEXT];
	char			 name[WALNAME_TEXT];

	if (!v->reach->whole)
		return (jval_set_null(to, "recovery", e));
	if (jval_object(&j, e))
		return (-1);
	if (jval_set_str(j, "from", clock_format(t, v->label->stop_us), e) ||
	    jval_set_str(j, "to_wal", show_segment(name, wal->tli, wal->last,
	    catalogue_segsize(v->cat)), e) ||
	    jval_set_str(j, "to_lsn", lsn_format(lsn, wal->end), e) ||
	    (v->timed ? jval_set_str(j, "to_archived", clock_format(t,
	    v->archived_us), e) : jval_set_null(j, "to_archived", e))) {
		jval_free(j);
		return (-1);
	}
	return (jval_set(to, "recovery", j, e));
}

static int
json_needed_by(const struct view *v, struct jval *to, struct err *e)
{
	const struct label	*l;
	struct jval		*list = NULL;
	size_t			 i;

	if (jval_list(&list, e))
		return (-1);
	for (i = 0; i < catalogue_labels(v->cat); i++) {
		l = catalogue_label(v->cat, i);
		if (l != v->label && refers(l, v->label->id) &&
		    jval_add_str(list, l->id, e)) {
			jval_free(list);
			return (-1);
		}
	}
	return (jval_set(to, "needed_by", list, e));
}

static int
json_members(const struct view *v, struct jval *j, struct err *e)
{
	struct catalogue_since	 since = catalogue_since(v->cat, v->index);
	char			 id[24];

	(void)snprintf(id, sizeof(id), "%" PRIu64, v->archive->system_id);
	return (jval_set_str(j, "server", v->archive->server, e) ||
	    jval_set_str(j, "system_identifier", id, e) ||
	    label_json_packs(v->label, j, e) ||
	    json_needed_by(v, j, e) ||
	    jval_set_u64(j, "wal_since_segments", since.segments, e) ||
	    jval_set_u64(j, "wal_since_bytes", since.bytes, e) ||
	    jval_set_bool(j, "wal_complete", v->reach->whole, e) ||
	    jval_set_bool(j, "on_latest_timeline", v->reach->latest, e) ||
	    json_reach(v, j, e) ||
	    show_json_pin(j, catalogue_pin(v->cat, v->index), e) ||
	    show_json_gaps(j, v->reach->wal.gap, v->reach->wal.ngap,
	    catalogue_segsize(v->cat), e) ? -1 : 0);
}

static int
print_json(const struct view *v, struct err *e)
{
	struct jval	*j = NULL;
	int		 rc;

	if (label_json(v->label, &j, e))
		return (-1);
	rc = json_members(v, j, e) || tool_json(j, e) ? -1 : 0;
	jval_free(j);
	return (rc);
}

static size_t
index_of(const struct catalogue *c, const struct label *l)
{
	size_t	 i = 0;

	while (catalogue_label(c, i) != l)
		i++;
	return (i);
}

static int
ask_archived(struct view *v, struct archive *a, struct err *e)
{
	const struct coverage	*wal = &v->reach->wal;
	int			 rc;

	if (!v->reach->whole)
		return (0);
	rc = catalogue_archived(a, catalogue_segsize(v->cat), wal->tli,
	    wal->last, &v->archived_us, e);
	v->timed = rc == 0;
	return (rc == -1 ? -1 : 0);
}

static void
count_packs(struct view *v)
{
	const struct packruns_run	*p = v->label->packs;
	size_t				 i;

	for (i = 0; i < v->label->npacks; i++)
		if (strcmp(p[i].backup, v->label->id) == 0)
			v->own += (uint64_t)p[i].last - p[i].first + 1;
}

static int
show(struct job *job, struct archive *a, const struct catalogue *cat,
    const struct label *l, struct err *e)
{
	struct view	 v = { .archive = a, .cat = cat, .label = l };
	int		 rc = -1;

	v.index = index_of(cat, l);
	if (window_make(&v.window, cat, e))
		return (-1);
	v.reach = &v.window.backup[v.index];
	count_packs(&v);
	job->findings = !v.reach->whole || v.reach->wal.ngap > 0 ||
	    l->damaged_files > 0 ||
	    catalogue_pin(cat, v.index)->kind == PIN_UNREADABLE;
	if (ask_archived(&v, a, e))
		goto out;
	if (!job->json)
		print_view(&v);
	else if (print_json(&v, e))
		goto out;
	rc = 0;
out:
	window_free(&v.window);
	return (rc);
}

/* A label that is there and refused is not "no such backup". */
static int
check_refused(const struct catalogue *cat, const char *id, struct err *e)
{
	size_t	 i;

	for (i = 0; i < catalogue_bads(cat); i++)
		if (strcmp(catalogue_bad_id(cat, i), id) == 0)
			return (err_set(e, ERR_CORRUPT, "%s",
			    catalogue_bad_why(cat, i)));
	return (0);
}

/* First, which of the server's clusters has it. */
static int
find(void *arg, struct archive *a, struct err *e)
{
	struct job		*job = arg;
	struct catalogue	*cat = NULL;
	const struct label	*l;
	int			 rc = 0;

	if (job->id == NULL)
		return (newest_look(&job->found, a, e));
	if (catalogue_load(&cat, a, e))
		return (-1);
	if ((l = catalogue_find(cat, job->id)) == NULL)
		rc = check_refused(cat, job->id, e);
	newest_offer(&job->found, cat, l, a->system_id);
	return (rc);
}

static int
show_found(void *arg, struct archive *a, struct err *e)
{
	struct job	*job = arg;

	return (a->system_id != job->found.system_id ? 0 :
	    show(job, a, job->found.cat, job->found.label, e));
}

static int
run(void *arg, char **args, size_t nargs, struct err *e)
{
	struct job		*job = arg;
	struct server_conf	 conf = { 0 };
	struct key		*key = NULL;
	int			 rc = -1;

	if (nargs == 1 && strcmp(args[0], "latest") != 0)
		job->id = args[0];
	if (job->id != NULL && !layout_id_ok(job->id))
		return (err_set(e, ERR_USAGE, "found \"%.64s\", expected a "
		    "backup as backup-list shows it, or latest", job->id));
	if (conf_load(&conf, &job->src, e) ||
	    role_key_silent(&key, &conf, e) ||
	    systems_visit(&conf, key, find, job, e))
		goto out;
	if (job->found.label == NULL) {
		if (job->id == NULL)
			err_set(e, ERR_ABSENT, "there is no backup");
		else
			err_set(e, ERR_ABSENT, "no backup %s in the "
			    "repository; backup-list lists them", job->id);
		goto out;
	}
	if (systems_visit(&conf, key, show_found, job, e))
		goto out;
	rc = job->findings ? TOOL_FINDINGS : 0;
out:
	newest_fini(&job->found);
	key_free(key);
	conf_free(&conf);
	return (rc);
}

static const struct program program = {
	.opt = {
		.name = NAME,
		.synopsis = "[OPTION]... [BACKUP|latest]",
		.summary = "Show one backup: what it holds, where it lies, "
		    "what it needs and how far it can be recovered.",
		.max_args = 1
	},
	.run = run
};

int
main(int argc, char *argv[])
{
	struct job		 job = { .id = NULL };
	const struct opt	 opts[] = {
		OPT_CONF(job.src),
		{ "json", 'j', OPT_FLAG, &job.json, NULL,
		    "print JSON: an object", 0, 0 },
		OPT_END
	};

	return (program_main(&program, opts, &job, argc, argv));
}
