/* SPDX-License-Identifier: ISC */
/* A restore as JSON: its plan, or its result. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pg/lsn.h"
#include "pg/pgconf.h"
#include "restore/soundbackups.h"
#include "show/fetchjson.h"
#include "show/show.h"
#include "show/showheld.h"

static int
json_backup(struct jval *to, const struct label *l, struct err *e)
{
	struct jval	*j = NULL;

	return (label_json(l, &j, e) || jval_set(to, "backup", j, e) ? -1 :
	    0);
}

static int
json_line(struct jval *list, const struct stray_line *l, struct err *e)
{
	const struct lineage_backup	*b = l->newest;
	struct jval			*j = NULL;

	if (jval_object(&j, e))
		return (-1);
	if (jval_set_u64(j, "timeline", l->tli, e) ||
	    show_json_text(j, "newest_backup", b == NULL ? NULL : b->id, e) ||
	    show_json_time(j, "newest_backup_ended", b == NULL ? NULL :
	    &b->stop_us, e) ||
	    show_json_time(j, "newest_commit",
	    l->commit_us == STRAY_UNKNOWN ? NULL : &l->commit_us, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

/* The timeline to follow, and the lines beside it that are left out. */
static int
json_timelines(struct jval *to, const struct basefetch_plan *p,
    struct err *e)
{
	struct jval	*list = NULL;
	size_t		 i;

	if (jval_set_u64(to, "timeline", p->tli, e) || jval_list(&list, e))
		return (-1);
	for (i = 0; i < p->strays.n; i++)
		if (json_line(list, &p->strays.v[i].at, e)) {
			jval_free(list);
			return (-1);
		}
	return (jval_set(to, "timelines_left_out", list, e));
}

/* What PostgreSQL does at a target, and at the end of WAL without one. */
static const char *
action_of(const struct recovery *r)
{
	if (r->standby)
		return (NULL);
	if (r->kind == CHOOSE_END)
		return ("promote");
	return (r->action == NULL ? "pause" : r->action);
}

/* Whether it is certain that recovery finds the target. */
static int
is_proved(const struct fetchjson *f)
{
	switch (f->recovery->kind) {
	case CHOOSE_END:
	case CHOOSE_IMMEDIATE:
		return (1);
	case CHOOSE_TIME:
	case CHOOSE_LSN:
		return (f->plan->verdict == REACH_YES);
	case CHOOSE_XID:
	case CHOOSE_NAME:
		return (f->plan->found.known &&
		    f->plan->verdict == REACH_YES);
	}
	return (0);
}

static int
json_target(struct jval *to, const struct fetchjson *f, struct err *e)
{
	static const char *const	 kind[] = {
		[CHOOSE_END] = "end", [CHOOSE_IMMEDIATE] = "immediate",
		[CHOOSE_TIME] = "time", [CHOOSE_XID] = "xid",
		[CHOOSE_NAME] = "name", [CHOOSE_LSN] = "lsn"
	};
	const struct recovery		*r = f->recovery;
	const struct laterfacts		*l = &f->plan->later;
	const struct findtarget_place	 before = { l->commit_lsn,
	    l->commit_us };
	const struct findtarget_place	*at = f->plan->found.known ?
	    &f->plan->found.at : &before;
	struct jval			*j = NULL;
	char				 lsn[LSN_TEXT];

	if (jval_object(&j, e))
		return (-1);
	if (jval_set_str(j, "kind", kind[r->kind], e) ||
	    (r->kind == CHOOSE_TIME ?
	    show_json_time(j, "value", &f->target->time_us, e) :
	    show_json_text(j, "value", r->value, e)) ||
	    jval_set_bool(j, "inclusive", !r->exclusive, e) ||
	    show_json_text(j, "action", action_of(r), e) ||
	    jval_set_bool(j, "proved", is_proved(f), e) ||
	    show_json_text(j, "found_lsn", at->lsn == 0 ? NULL :
	    lsn_format(lsn, at->lsn), e) ||
	    show_json_time(j, "found_at", at->lsn == 0 ? NULL : &at->us, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_set(to, "target", j, e));
}

/* From where to where the archived WAL reaches without a gap. */
static int
json_recovery(struct jval *to, const struct basefetch_plan *p, struct err *e)
{
	const uint32_t	 segsize = (uint32_t)p->label->wal_segment_size;
	struct jval	*j = NULL;
	char		 last[WALNAME_TEXT], missing[WALNAME_TEXT];
	char		 lsn[LSN_TEXT];

	if (jval_object(&j, e))
		return (-1);
	if (show_json_time(j, "from", &p->label->stop_us, e) ||
	    jval_set_str(j, "from_wal", p->label->start_wal, e) ||
	    jval_set_str(j, "to_wal", show_segment(last, p->last_tli,
	    p->last_segno, segsize), e) ||
	    jval_set_str(j, "to_lsn", lsn_format(lsn, p->end), e) ||
	    show_json_time(j, "to_archived", &p->reached_us, e) ||
	    (p->streamed.end == 0 ? jval_set_null(j, "streamed_to_lsn", e) :
	    jval_set_str(j, "streamed_to_lsn", lsn_format(lsn,
	    p->streamed.end), e)) ||
	    jval_set_u64(j, "segments", p->wal_segments, e) ||
	    show_json_text(j, "missing_wal", p->gaps == 0 ? NULL :
	    show_segment(missing, p->missing_tli, p->missing_segno, segsize),
	    e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_set(to, "recovery", j, e));
}

static int
json_tablespace(struct jval *list, const struct restore_conf *c,
    const struct label_tablespace *t, struct err *e)
{
	struct jval	*j = NULL;
	char		 inside[24];

	if (jval_object(&j, e))
		return (-1);
	(void)snprintf(inside, sizeof(inside), "pg_tblspc/%" PRIu32, t->oid);
	if (jval_set_u64(j, "oid", t->oid, e) ||
	    show_json_text(j, "name", t->name, e) ||
	    show_json_text(j, "path", c->form == RESTORE_TAR ? inside :
	    restore_conf_place(c, t), e) ||
	    show_json_text(j, "recorded_path", t->path, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

static int
json_places(struct jval *to, const struct restore_conf *c, struct err *e)
{
	struct jval	*list = NULL;
	size_t		 i;

	if (show_json_text(to, "directory", c->dir, e) || jval_list(&list, e))
		return (-1);
	for (i = 0; i < c->label->ntablespaces; i++)
		if (json_tablespace(list, c, &c->label->tablespaces[i], e)) {
			jval_free(list);
			return (-1);
		}
	return (jval_set(to, "tablespaces", list, e));
}

/* How many databases come back; null: all of them. */
static int
json_databases(struct jval *to, const struct restore_conf *c, struct err *e)
{
	struct jval	*j = NULL;
	size_t		 wanted, all;

	if (c->only == NULL)
		return (jval_set_null(to, "databases", e));
	if (jval_object(&j, e))
		return (-1);
	wanted = onlydb_wanted(c->only, &all);
	if (jval_set_u64(j, "restored", wanted, e) ||
	    jval_set_u64(j, "of", all, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_set(to, "databases", j, e));
}

/* WAL that only the data directory had, which a delta restore removes. */
static int
json_lost(struct jval *to, const struct unarchived *w, struct err *e)
{
	struct jval	*j = NULL;

	if (w->n == 0)
		return (jval_set_null(to, "unarchived_wal", e));
	if (jval_object(&j, e))
		return (-1);
	if (jval_set_u64(j, "files", w->n, e) ||
	    show_json_text(j, "first", w->first, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_set(to, "unarchived_wal", j, e));
}

static int
json_work(struct jval *to, const struct fetchjson *f, struct err *e)
{
	const struct restore_stats	*s = f->stats;

	return (jval_set_bool(to, "delta", f->conf->delta, e) ||
	    show_json_sum(to, "restored", s->files, s->bytes, e) ||
	    show_json_sum(to, "kept", s->kept_files, s->kept, e) ||
	    show_json_sum(to, "emptied", s->emptied_files, s->emptied, e) ||
	    jval_set_u64(to, "removed", s->removed, e) ||
	    json_lost(to, f->lost, e) ? -1 : 0);
}

static int
json_setting(struct jval *list, const struct pgconf_line *l, struct err *e)
{
	struct jval	*j = NULL;

	if (jval_object(&j, e))
		return (-1);
	if (show_json_text(j, "name", l->name, e) ||
	    show_json_text(j, "value", l->value, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

/* What is written into postgresql.auto.conf, and the signal file. */
static int
json_settings(struct jval *to, const struct recovery *r,
    const struct harmless *h, struct err *e)
{
	struct recovery		 all = *r;
	struct pgconf_line	 l;
	struct jval		*list = NULL;
	const char		*at;
	char			*text = NULL;
	int			 rc = -1;

	if (h != NULL) {
		all.more = h->set;
		all.nmore = h->nset;
	}
	if (recovery_lines(&all, &text, e) || jval_list(&list, e))
		goto out;
	for (at = text; pgconf_next(&at, text + strlen(text), &l);)
		if (json_setting(list, &l, e))
			goto out;
	rc = jval_set(to, "settings", list, e);
	list = NULL;			/* jval_set() owns it in any case */
	if (rc == 0)
		rc = jval_set_str(to, "signal_file", r->standby ?
		    "standby.signal" : "recovery.signal", e);
out:
	jval_free(list);
	free(text);
	return (rc);
}

/* How many clusters the server has had, and one of them without a backup. */
static int
json_clusters(struct jval *to, const struct basefetch_plan *p, struct err *e)
{
	char	 id[24];

	(void)snprintf(id, sizeof(id), "%" PRIu64, p->bare_id);
	return (jval_set_u64(to, "clusters", p->systems, e) ||
	    show_json_text(to, "cluster_without_backup", p->bare_id == 0 ?
	    NULL : id, e) ? -1 : 0);
}

/* What there is even if only configuration files come back. */
static int
head(struct jval *j, const struct fetchjson *f, struct err *e)
{
	const struct basefetch_plan	*p = f->plan;

	return (jval_set_bool(j, "dry_run", f->dry, e) ||
	    show_json_cluster(j, p->archive, e) ||
	    json_clusters(j, p, e) ||
	    json_backup(j, p->label, e) ||
	    show_json_text(j, "config_dir", f->conf->config_dir, e) ? -1 : 0);
}

/* The backups that were left out of the choice, and what they lack. */
static int
json_incomplete(struct jval *to, const struct basefetch_plan *p,
    struct err *e)
{
	struct jval	*list = NULL;
	const char	*lacks;
	size_t		 i;

	if (jval_list(&list, e))
		return (-1);
	for (i = 0; i < catalogue_labels(p->catalogue); i++) {
		lacks = soundbackups_lacks(&p->evidence, i);
		if (lacks != NULL && show_json_left_out(list,
		    catalogue_label(p->catalogue, i)->id, lacks, e)) {
			jval_free(list);
			return (-1);
		}
	}
	return (jval_set(to, "incomplete", list, e));
}

static int
body(struct jval *j, const struct fetchjson *f, struct err *e)
{
	const struct basefetch_plan	*p = f->plan;

	return (json_timelines(j, p, e) ||
	    json_target(j, f, e) ||
	    jval_set_bool(j, "standby", f->recovery->standby, e) ||
	    json_recovery(j, p, e) ||
	    json_places(j, f->conf, e) ||
	    json_databases(j, f->conf, e) ||
	    show_json_refused(j, p->catalogue, e) ||
	    json_incomplete(j, p, e) ||
	    json_work(j, f, e) ||
	    json_settings(j, f->recovery, f->harmless, e) ||
	    showheld_json(j, f->recovery, f->harmless, e) ||
	    (!f->dry && jval_set_bool(j, "owned_by_root", f->root, e)) ?
	    -1 : 0);
}

int
fetchjson_make(struct jval **out, const struct fetchjson *f, struct err *e)
{
	struct jval	*j = NULL;

	if (jval_object(&j, e))
		return (-1);
	if (head(j, f, e) || (f->conf->dir != NULL && body(j, f, e)) ||
	    (!f->dry &&
	    jval_set_u64(j, "seconds", (f->ms + 500) / 1000, e))) {
		jval_free(j);
		return (-1);
	}
	*out = j;
	return (0);
}
