/* SPDX-License-Identifier: ISC */
/*
 * Completing the backups in TO.  A label there promises that a restore works,
 * so it comes last, and only when its manifest, its packs and its WAL were
 * copied or compared, stand in a listing that was made afterwards, and cannot
 * be deleted by an expiry that did not see our claims.
 */
#include <inttypes.h>
#include <string.h>

#include "backup/labelfind.h"
#include "base/str.h"
#include "copy/copylabels.h"
#include "copy/copysmall.h"

int
copylabels_lacks(const struct copyside *to, const struct label *l)
{
	return (labelindex_find(&to->labels, l->id) == NULL &&
	    !copyside_withdrawn(to, l->id));
}

static int
finding(struct copylabels *c, const char *id, const struct err *why,
    struct err *e)
{
	char	 path[LAYOUT_PATH];

	c->sum->findings++;
	return (c->conf->finding(c->conf->arg, layout_label(path, id),
	    why->msg, e));
}

/* Another run may complete it. */
static void
late(struct copylabels *c, const char *id, const char *why)
{
	struct err	 unused = ERR_INIT;

	if (c->sum->late++ == 0 && str_fmt(c->sum->why_late,
	    sizeof(c->sum->why_late), &unused, "backup %s: %.200s", id, why))
		err_clear(&unused);
}

/* An expiry that did not see our claims may delete it. */
static int
may_go(const struct copylabels *c, const char *what, const char *id,
    struct err *why)
{
	return (err_set(why, ERR_REMOTE, "%s of %s lies in %s since long "
	    "without a backup, so expiry there may be deleting it; run "
	    "backup-expire there first", what, id,
	    store_name(c->to->a->store)));
}

static int
was_deleted(const struct copylabels *c, const char *what, const char *id,
    struct err *why)
{
	return (err_set(why, ERR_REMOTE, "%s of %s was deleted in %s while it "
	    "was copied", what, id, store_name(c->to->a->store)));
}

/* Each pack of one run stands in TO, with its size, and stays. */
static int
run_stands(const struct copylabels *c, const struct packruns_run *r,
    struct err *why)
{
	const struct copyside_dir *f = copyside_dir(c->from, r->backup);
	const struct copyside_dir *t = copyside_dir(c->to, r->backup);
	const int64_t		 since = copyclaims_since(c->before, c->to,
				    r->backup, c->conf->abandoned_ms);
	char			 what[32];
	uint64_t		 no, size = 0, want = 0;

	for (no = r->first; no <= r->last; no++) {
		if (str_fmt(what, sizeof(what), why, "pack %" PRIu64, no))
			return (-1);
		if (!copyside_has_pack(f, (uint32_t)no, &want) ||
		    !copyside_has_pack(t, (uint32_t)no, &size) ||
		    size != want)
			return (was_deleted(c, what, r->backup, why));
		if (!copyclaims_keep(c->claims, c->before, c->to, r->backup,
		    (uint32_t)no, since))
			return (may_go(c, what, r->backup, why));
	}
	return (0);
}

/*
 * Its WAL from start to stop, which copyplan_complete() has found copied.  No
 * claim keeps it from an expiry that had looked before.
 */
static int
wal_stands(const struct copylabels *c, const struct label *l,
    struct err *why)
{
	const uint32_t	 segsize = c->to->index.segsize;
	struct walname	 w, last;
	char		 name[WALNAME_TEXT];
	uint64_t	 size;

	if (walname_parse(l->start_wal, &w, why) ||
	    walname_parse(l->stop_wal, &last, why))
		return (-1);
	for (;; w = walname_next(&w, segsize)) {
		if (!copyside_has_wal(c->to, &w, &size))
			return (was_deleted(c, "the WAL", walname_format(name,
			    &w), why));
		if (walname_compare(&w, &last) >= 0)
			return (0);
	}
}

static int
stands(const struct copylabels *c, const struct label *l, struct err *why)
{
	uint64_t	 size;
	size_t		 i;

	if (copyclaims_stale(c->claims, c->conf->abandoned_ms))
		return (err_set(why, ERR_REMOTE, "the copy took longer than "
		    "half of abandoned_after"));
	if (!copyside_has_manifest(copyside_dir(c->to, l->id), &size) ||
	    size != l->manifest_size)
		return (was_deleted(c, "the manifest", l->id, why));
	if (!copyclaims_keep(c->claims, c->before, c->to, l->id, 0,
	    copyclaims_since(c->before, c->to, l->id, c->conf->abandoned_ms)))
		return (may_go(c, "the manifest", l->id, why));
	for (i = 0; i < l->npacks; i++)
		if (run_stands(c, &l->packs[i], why))
			return (-1);
	return (wal_stands(c, l, why));
}

/* Whether FROM still has the label: else expiry deleted what is missing. */
static int
is_expired(struct copylabels *c, const struct label *l, int *expired,
    struct err *e)
{
	struct label	*now = NULL;
	struct err	 why = ERR_INIT;
	int		 rc;

	rc = labelfind_load(&now, c->from->a, l->id, &why, e);
	label_free(now);
	*expired = rc == 1 && why.kind == ERR_NONE;
	return (rc == -1 ? -1 : 0);
}

/* After the label: see copysmall_pin(). */
static int
pin(struct copylabels *c, const char *id, struct err *e)
{
	const struct labelindex	*t = &c->to->labels;

	if (labelindex_pin(&c->from->labels, id)->kind != PIN_SET ||
	    (labelindex_has(t, id) &&
	    labelindex_pin(t, id)->kind != PIN_NONE))
		return (0);
	return (copysmall_pin(c->to->a, c->from->a, id, e));
}

static int
complete(struct copylabels *c, const struct label *l, struct err *e)
{
	struct err	 why = ERR_INIT;
	int		 rc, expired;

	rc = copyplan_complete(c->plan, l, &why);
	if (rc == -1 && is_expired(c, l, &expired, e))
		return (-1);
	if (rc == 1 || (rc == -1 && expired)) {
		late(c, l->id, why.msg);
		return (0);
	}
	if (rc == -1) {
		(void)err_ctx(&why, "the backup is left out");
		return (finding(c, l->id, &why, e));
	}
	if (stands(c, l, &why)) {
		late(c, l->id, why.msg);
		return (0);
	}
	rc = copysmall_label(c->to->a, c->from->a, l, &why);
	if (rc == -1 && why.kind == ERR_CONFLICT)
		return (finding(c, l->id, &why, e));
	if (rc == -1)
		return (err_set(e, why.kind, "%s", why.msg));
	if (rc == 1) {
		late(c, l->id, "it expired while it was copied");
		return (0);
	}
	c->sum->backups++;
	return (pin(c, l->id, e));
}

/* TO has a label of this backup, or had one before. */
static int
compare(struct copylabels *c, const struct label *l, const struct label *t,
    struct err *e)
{
	struct err	 why = ERR_INIT;

	if (memcmp(l->file_hash, t->file_hash, HASH_LEN) != 0) {
		err_set(&why, ERR_CONFLICT, "%s has another label; nothing was "
		    "changed", store_name(c->to->a->store));
		return (finding(c, l->id, &why, e));
	}
	/* What it lacked was copied; what could not be is a finding. */
	if (labelindex_find(&c->to->labels, l->id) == NULL) {
		c->sum->expired++;	/* while this ran */
		return (0);
	}
	c->sum->backups_there++;
	return (pin(c, l->id, e));
}

/*
 * What lies in the place of a withdrawn label: that of this backup, which
 * expiry is deleting, or something that bars the label.
 */
static int
withdrawn(struct copylabels *c, const char *id, struct err *e)
{
	char	 path[LAYOUT_PATH];

	if (labelindex_pin(&c->to->labels, id)->kind == PIN_WITHDRAWN) {
		c->sum->expired++;
		return (0);
	}
	c->sum->findings++;
	return (c->conf->finding(c->conf->arg, layout_withdrawn(path, id),
	    "this file in the copy is not the withdrawn label of its backup, "
	    "which is not copied while it lies there; look at it, and remove "
	    "it", e));
}

int
copylabels_run(struct copylabels *c, struct err *e)
{
	const struct labelindex	*x = &c->from->labels;
	const struct label	*t;
	size_t			 i;
	int			 rc = 0;

	for (i = 0; rc == 0 && i < x->nlabel; i++) {
		if (!c->plan->chosen[i])
			continue;
		t = labelindex_find(&c->before->labels, x->label[i]->id);
		if (t == NULL)		/* another copy may have been quicker */
			t = labelindex_find(&c->to->labels, x->label[i]->id);
		if (t != NULL)
			rc = compare(c, x->label[i], t, e);
		else if (copyside_withdrawn(c->to, x->label[i]->id))
			rc = withdrawn(c, x->label[i]->id, e);
		else
			rc = complete(c, x->label[i], e);
	}
	return (rc);
}
