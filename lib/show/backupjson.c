/* SPDX-License-Identifier: ISC */
/* One backup as JSON. */
#include <string.h>

#include "base/str.h"
#include "show/backupfacts.h"
#include "show/backupjson.h"

static const struct label *
label_of(const struct showbackup *s)
{
	return (catalogue_label(s->cat, s->index));
}

static const struct window_backup *
reach_of(const struct showbackup *s)
{
	return (&s->window->backup[s->index]);
}

static int
json_reach(const struct showbackup *s, struct jval *to, struct err *e)
{
	struct jval	*j = NULL;

	if (!reach_of(s)->whole || reach_of(s)->incomplete != NULL)
		return (jval_set_null(to, "recovery", e));
	if (jval_object(&j, e))
		return (-1);
	if (show_json_time(j, "from", &label_of(s)->stop_us, e) ||
	    show_json_reach(j, &s->reach, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_set(to, "recovery", j, e));
}

static int
json_needed_by(const struct showbackup *s, struct jval *to, struct err *e)
{
	const struct label	*l;
	struct jval		*list = NULL;
	size_t			 i;

	if (jval_list(&list, e))
		return (-1);
	for (i = 0; i < catalogue_labels(s->cat); i++) {
		l = catalogue_label(s->cat, i);
		if (i != s->index &&
		    showbackup_refers(l, label_of(s)->id) &&
		    jval_add_str(list, l->id, e)) {
			jval_free(list);
			return (-1);
		}
	}
	return (jval_set(to, "needed_by", list, e));
}

/* A figure that is 0 where it is not known. */
static int
json_known(struct jval *to, const char *key, uint64_t v, struct err *e)
{
	return (v == 0 ? jval_set_null(to, key, e) :
	    jval_set_u64(to, key, v, e));
}

static int
json_facts(const struct showbackup *s, struct jval *j, struct err *e)
{
	const struct backupfacts	 f = backupfacts_make(s->cat,
	    s->index, s->window, s->reach.timed ? s->reach.archived_us : 0);

	return (jval_set_str(j, "status", backupfacts_status(f.status), e) ||
	    show_json_text(j, "previous", f.previous == NULL ? NULL :
	    f.previous->id, e) ||
	    show_json_text(j, "next", f.next == NULL ? NULL : f.next->id,
	    e) ||
	    jval_set_u64(j, "own_wal_segments", f.segments, e) ||
	    jval_set_u64(j, "own_wal_bytes", f.wal_bytes, e) ||
	    jval_set_u64(j, "start_offset", f.start_offset, e) ||
	    jval_set_u64(j, "stop_offset", f.stop_offset, e) ||
	    json_known(j, "took_us", f.us, e) ||
	    json_known(j, "copied_per_second", f.read_rate, e) ||
	    json_known(j, "stored_per_second", f.stored_rate, e) ||
	    (f.known ? jval_set_u64(j, "wal_to_next_segments",
	    f.until.segments, e) ||
	    jval_set_u64(j, "wal_to_next_bytes", f.until.bytes, e) :
	    jval_set_null(j, "wal_to_next_segments", e) ||
	    jval_set_null(j, "wal_to_next_bytes", e)) ||
	    json_known(j, "wal_per_hour", f.hourly, e) ? -1 : 0);
}

static int
json_members(const struct showbackup *s, struct jval *j, struct err *e)
{
	const struct window_backup	*r = reach_of(s);
	struct catalogue_since		 since;

	since = catalogue_since(s->cat, s->index);
	return (show_json_cluster(j, s->archive, e) ||
	    json_facts(s, j, e) ||
	    showkeep_json(j, s->keep, s->index, e) ||
	    showkeep_json_policy(j, s->keep, e) ||
	    label_json_packs(label_of(s), j, e) ||
	    json_needed_by(s, j, e) ||
	    jval_set_u64(j, "wal_since_segments", since.segments, e) ||
	    jval_set_u64(j, "wal_since_bytes", since.bytes, e) ||
	    jval_set_bool(j, "wal_complete", r->whole, e) ||
	    show_json_text(j, "lacks", r->incomplete, e) ||
	    jval_set_bool(j, "on_latest_timeline", r->latest, e) ||
	    json_reach(s, j, e) ||
	    show_json_pin(j, catalogue_pin(s->cat, s->index), e) ||
	    show_json_signer(j, s->archive, label_of(s), e) ||
	    show_json_gaps(j, r->wal.gap, r->wal.ngap,
	    catalogue_segsize(s->cat), e) ? -1 : 0);
}

int
backupjson_make(struct jval **out, const struct showbackup *s, struct err *e)
{
	struct jval	*j = NULL;

	if (label_json(label_of(s), &j, e))
		return (-1);
	if (json_members(s, j, e)) {
		jval_free(j);
		return (-1);
	}
	*out = j;
	return (0);
}
