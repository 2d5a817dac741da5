/* SPDX-License-Identifier: ISC */
/*
 * The catalogue puts together what three listings say: base/ (labelindex),
 * wal/ (walindex) and the history files (ancestry).
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "catalogue/catalogue.h"
#include "catalogue/labelindex.h"
#include "catalogue/walsince.h"
#include "catalogue/waltimes.h"
#include "pg/walname.h"
#include "plan/grace.h"
#include "repo/layout.h"
#include "repo/marker.h"
#include "wal/ancestry.h"
#include "wal/walindex.h"

struct bad {
	char	 id[64];
	char	 why[ERR_MSGMAX];
	struct label *unlisted;		/* owned; NULL for most */
};

struct catalogue {
	/* Borrowed, while the catalogue is loaded. */
	struct archive	*archive;
	catalogue_file	*each;		/* may be NULL */
	void		*arg;
	uint8_t		 repository[MARKER_ID];
	struct labelindex base;
	struct walsince_backup *since;	/* owned; as the labels */
	struct walsince	*sums;		/* owned, while WAL is listed */
	struct waltimes	 times;		/* the same */
	int64_t		*own_us;	/* owned; as the labels */
	uint64_t	*begun;		/* owned; see catalogue_begun() */
	size_t		 nbegun, begunroom;
	struct bad	*bad;
	size_t		 nbad;
	struct walindex	 wal;
	struct ancestry	 forks;
};

void
catalogue_free(struct catalogue *c)
{
	size_t	 i;

	if (c == NULL)
		return;
	for (i = 0; i < c->nbad; i++)
		label_free(c->bad[i].unlisted);
	labelindex_fini(&c->base);
	walsince_free(c->sums);
	waltimes_fini(&c->times);
	free(c->own_us);
	free(c->since);
	free(c->begun);
	free(c->bad);
	walindex_fini(&c->wal);
	ancestry_fini(&c->forks);
	free(c);
}

static int
read_marker(struct catalogue *c, struct err *e)
{
	struct marker	 m;

	if (marker_look(&m, c->archive, e))
		return (-1);
	if (!walname_segsize_ok(m.wal_segment_size))
		return (err_set(e, ERR_CORRUPT, LAYOUT_MARKER ": has a "
		    "wal_segment_size of %" PRIu64 ", expected a power of two "
		    "from 1 MiB to 1 GiB", m.wal_segment_size));
	c->wal.segsize = (uint32_t)m.wal_segment_size;
	memcpy(c->repository, m.repository_id, sizeof(c->repository));
	return (0);
}

/*
 * One label or history that cannot be trusted must not hide the others: the
 * DBA who needs a backup tonight gets those that are sound.  Whoever deletes
 * has to look at this list first.
 */
static int
on_refused(void *arg, const char *id, const struct err *why, struct err *e)
{
	struct catalogue	*c = arg;
	struct bad		*p;

	p = realloc(c->bad, (c->nbad + 1) * sizeof(*p));
	if (p == NULL)
		return (err_sys(e, ERR_LOCAL, "list the backups"));
	c->bad = p;
	p += c->nbad++;
	(void)str_clean(p->id, sizeof(p->id), id, strlen(id));
	memcpy(p->why, why->msg, sizeof(p->why));
	p->unlisted = NULL;
	return (0);
}

static int
on_unlisted(void *arg, const char *id, struct label *l, const struct err *why,
    struct err *e)
{
	struct catalogue	*c = arg;

	if (on_refused(arg, id, why, e)) {
		label_free(l);
		return (-1);
	}
	c->bad[c->nbad - 1].unlisted = l;
	return (0);
}

static void
on_unknown(void *arg, const char *name)
{
	struct catalogue	*c = arg;

	walindex_ignore(&c->wal, LAYOUT_BASE, name);
}

static int
load_base(struct catalogue *c, struct err *e)
{
	const struct labelindex_events	 events = { on_refused, on_unlisted,
	    on_unknown, c };

	const struct label		*l;
	size_t				 i;

	if (labelindex_load(&c->base, c->archive, &events, e))
		return (-1);
	c->since = calloc(c->base.nlabel + 1, sizeof(*c->since));
	if (c->since == NULL)
		return (err_sys(e, ERR_LOCAL, "list the backups"));
	for (i = 0; i < c->base.nlabel; i++) {
		l = c->base.label[i];
		c->since[i].tli = l->timeline;
		c->since[i].segno = l->start_lsn / c->wal.segsize;
	}
	return (walsince_new(&c->sums, c->since, c->base.nlabel, e));
}

static int
add_begun(struct catalogue *c, uint64_t segno, struct err *e)
{
	const size_t	 room = c->begunroom == 0 ? 16 : 2 * c->begunroom;
	void		*p;

	if (c->nbegun == c->begunroom) {
		p = reallocarray(c->begun, room, sizeof(*c->begun));
		if (p == NULL)
			return (err_sys(e, ERR_LOCAL, "list the WAL"));
		c->begun = p;
		c->begunroom = room;
	}
	c->begun[c->nbegun++] = segno;
	return (0);
}

static int
on_file(void *arg, const struct walname *w, const struct store_entry *en,
    struct err *e)
{
	struct catalogue	*c = arg;
	const uint64_t		 segno = walname_segno(w, c->wal.segsize);

	if (w->kind == WALNAME_SEGMENT ?
	    walsince_add(c->sums, w->tli, segno, en->size, e) ||
	    waltimes_add(&c->times, w->tli, segno, en->mtime, e) :
	    w->kind == WALNAME_BACKUP && add_begun(c, segno, e))
		return (-1);
	return (c->each == NULL ? 0 : c->each(c->arg, w, en->size, e));
}

/* What is asked of the listing for each backup; then it is forgotten. */
static int
sum_wal(struct catalogue *c, struct err *e)
{
	const struct label	*l;
	size_t			 i;

	walsince_sum(c->sums);
	walsince_free(c->sums);
	c->sums = NULL;
	c->own_us = calloc(c->base.nlabel + 1, sizeof(*c->own_us));
	if (c->own_us == NULL)
		return (err_sys(e, ERR_LOCAL, "list the WAL"));
	if (waltimes_settle(&c->times, e))
		return (-1);
	for (i = 0; i < c->base.nlabel; i++) {
		l = c->base.label[i];
		c->own_us[i] = waltimes_latest(&c->times, l->timeline,
		    l->start_lsn / c->wal.segsize,
		    (l->stop_lsn - (l->stop_lsn > 0)) / c->wal.segsize);
	}
	waltimes_fini(&c->times);
	return (0);
}

/* As if the history file of a timeline had another name. */
static int
forget_history(struct catalogue *c, uint32_t tli)
{
	char	 path[LAYOUT_FOLDER];
	size_t	 i, n = 0;

	(void)layout_wal_history(path, tli);
	for (i = 0; i < c->nbad; i++)
		if (strcmp(c->bad[i].id, path) != 0)
			c->bad[n++] = c->bad[i];
	c->nbad = n;
	walindex_forget(&c->wal, tli);
	return (0);
}

static int
load_forks(struct catalogue *c, struct err *e)
{
	if (key_role(c->archive->key) == KEY_RESTORE)
		return (ancestry_read(&c->forks, c->archive, c->wal.tl,
		    c->wal.ntl, on_refused, c, e));
	return (ancestry_guess(&c->forks, c->wal.tl, c->wal.ntl, c->wal.segsize,
	    e));
}

/*
 * The labels are read before the WAL is listed.  A push publishes its label
 * only after the last of its WAL is stored, so the WAL of every label that
 * was read is found by the later listing.  The other way round, a backup that
 * was completed in between would seem to lack WAL.
 */
static int
load(struct catalogue **out, struct archive *a, catalogue_file *each,
    void *arg, uint32_t without, struct err *e)
{
	struct catalogue	*c;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list the backups"));
	c->archive = a;
	c->each = each;
	c->arg = arg;
	if (read_marker(c, e) ||
	    load_base(c, e) ||
	    walindex_load(&c->wal, a, on_file, on_refused, c, e) ||
	    (without != 0 && forget_history(c, without)) ||
	    sum_wal(c, e) ||
	    load_forks(c, e)) {
		catalogue_free(c);
		return (-1);
	}
	c->archive = NULL;
	*out = c;
	return (0);
}

int
catalogue_load(struct catalogue **out, struct archive *a, struct err *e)
{
	return (load(out, a, NULL, NULL, 0, e));
}

int
catalogue_load_without(struct catalogue **out, struct archive *a,
    uint32_t tli, struct err *e)
{
	return (load(out, a, NULL, NULL, tli, e));
}

int
catalogue_load_files(struct catalogue **out, struct archive *a,
    catalogue_file *each, void *arg, struct err *e)
{
	return (load(out, a, each, arg, 0, e));
}

size_t
catalogue_labels(const struct catalogue *c)
{
	return (c->base.nlabel);
}

const struct label *
catalogue_label(const struct catalogue *c, size_t i)
{
	return (c->base.label[i]);
}

const struct label *
catalogue_find(const struct catalogue *c, const char *id)
{
	return (labelindex_find(&c->base, id));
}

const struct pin *
catalogue_pin(const struct catalogue *c, size_t i)
{
	return (labelindex_pin(&c->base, c->base.label[i]->id));
}

int64_t
catalogue_changed(const struct catalogue *c, size_t i)
{
	const int64_t	 us = grace_time(labelindex_changed(&c->base,
	    c->base.label[i]->id));

	return (us == GRACE_UNKNOWN ? 0 : us);
}

struct lineage_backup
catalogue_backup(const struct catalogue *c, size_t i)
{
	const struct label	*l = c->base.label[i];

	return ((struct lineage_backup){
		.id = l->id, .start_us = l->start_us, .stop_us = l->stop_us,
		.start_lsn = l->start_lsn, .stop_lsn = l->stop_lsn,
		.tli = l->timeline,
		.oldest_xid = l->oldest_xid, .next_xid = l->next_xid
	});
}

size_t
catalogue_bads(const struct catalogue *c)
{
	return (c->nbad);
}

const char *
catalogue_bad_id(const struct catalogue *c, size_t i)
{
	return (c->bad[i].id);
}

const char *
catalogue_bad_why(const struct catalogue *c, size_t i)
{
	return (c->bad[i].why);
}

const struct label *
catalogue_bad_unlisted(const struct catalogue *c, size_t i)
{
	return (c->bad[i].unlisted);
}

const char *
catalogue_refused(const struct catalogue *c, const char *id)
{
	size_t	 i;

	for (i = 0; i < c->nbad; i++)
		if (strcmp(c->bad[i].id, id) == 0)
			return (c->bad[i].why);
	return (NULL);
}

size_t
catalogue_unlabelled(const struct catalogue *c)
{
	return (c->base.nbare);
}

const char *
catalogue_unlabelled_id(const struct catalogue *c, size_t i)
{
	return (c->base.bare[i]);
}

int
catalogue_is_unlabelled(const struct catalogue *c, const char *id)
{
	return (labelindex_is_bare(&c->base, id));
}

int
catalogue_has_directory(const struct catalogue *c, const char *id)
{
	return (labelindex_has(&c->base, id));
}

const struct pin *
catalogue_unlabelled_pin(const struct catalogue *c, size_t i)
{
	return (labelindex_pin(&c->base, c->base.bare[i]));
}

const struct pin *
catalogue_unlabelled_find(const struct catalogue *c, const char *id)
{
	return (labelindex_is_bare(&c->base, id) ?
	    labelindex_pin(&c->base, id) : NULL);
}

size_t
catalogue_unknown(const struct catalogue *c)
{
	return (c->wal.unknown);
}

const char *
catalogue_unknown_name(const struct catalogue *c)
{
	return (c->wal.unknown_name);
}

size_t
catalogue_opens(const struct catalogue *c)
{
	return (c->wal.nopen);
}

const struct walindex_open *
catalogue_open(const struct catalogue *c, size_t i)
{
	return (&c->wal.open[i]);
}

size_t
catalogue_misplaced(const struct catalogue *c)
{
	return (c->wal.misplaced);
}

const char *
catalogue_misplaced_path(const struct catalogue *c)
{
	return (c->wal.misplaced_path);
}

uint32_t
catalogue_segsize(const struct catalogue *c)
{
	return (c->wal.segsize);
}

const uint8_t *
catalogue_repository(const struct catalogue *c)
{
	return (c->repository);
}

int
catalogue_begun(const struct catalogue *c, uint64_t segno)
{
	size_t	 i;

	for (i = 0; i < c->base.nlabel; i++)
		if (c->base.label[i]->start_lsn / c->wal.segsize == segno)
			return (1);
	for (i = 0; i < c->nbegun; i++)
		if (c->begun[i] == segno)
			return (1);
	return (0);
}

const struct coverage_set *
catalogue_wal(const struct catalogue *c)
{
	return (&c->wal.set);
}

size_t
catalogue_timelines(const struct catalogue *c)
{
	return (c->wal.ntl);
}

const struct walindex_timeline *
catalogue_timeline(const struct catalogue *c, size_t i)
{
	return (&c->wal.tl[i]);
}

const struct walindex_timeline *
catalogue_find_timeline(const struct catalogue *c, uint32_t tli)
{
	return (walindex_find(&c->wal, tli));
}

struct catalogue_since
catalogue_since(const struct catalogue *c, size_t i)
{
	return ((struct catalogue_since){ c->since[i].segments,
	    c->since[i].bytes, c->own_us[i] });
}

struct lineage_set
catalogue_lines(const struct catalogue *c, int *read)
{
	*read = c->forks.read;
	return ((struct lineage_set){ c->forks.v, c->forks.n });
}
