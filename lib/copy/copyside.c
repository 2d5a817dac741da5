/* SPDX-License-Identifier: ISC */
/* What one side of a copy holds, from labels and listings. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "copy/copyside.h"
#include "repo/layout.h"
#include "repo/loadeach.h"

static int
add_bad(struct copyside *s, const char *path, const struct err *why,
    struct err *e)
{
	struct copyside_bad	*p;

	p = reallocarray(s->bad, s->nbad + 1, sizeof(*p));
	if (p == NULL)
		return (err_sys(e, ERR_LOCAL, "list the backups"));
	s->bad = p;
	p = &s->bad[s->nbad++];
	memset(p, 0, sizeof(*p));
	return (str_dup(&p->path, path, e) || str_dup(&p->why, why->msg, e) ?
	    -1 : 0);
}

static int
on_refused(void *arg, const char *id, const struct err *why, struct err *e)
{
	char	 path[LAYOUT_PATH];

	return (add_bad(arg, layout_label(path, id), why, e));
}

static int
on_unlisted(void *arg, const char *id, struct label *l,
    const struct err *why, struct err *e)
{
	label_free(l);
	return (on_refused(arg, id, why, e));
}

static void
on_unknown(void *arg, const char *name)
{
	(void)arg;
	(void)name;
}

static int
compare_packs(const void *va, const void *vb)
{
	const struct copyside_pack	*a = va, *b = vb;

	return (a->no < b->no ? -1 : a->no > b->no);
}

static int
compare_times(const void *va, const void *vb)
{
	const int64_t	*a = va, *b = vb;

	return (*a < *b ? -1 : *a > *b);
}

static int
add_time(struct copyside_dir *d, int64_t came, struct err *e)
{
	size_t	 room;
	void	*p;

	if (d->ncame == d->room_came) {
		room = d->room_came == 0 ? 16 : 2 * d->room_came;
		if ((p = reallocarray(d->came, room, sizeof(*d->came))) ==
		    NULL)
			return (err_sys(e, ERR_LOCAL, "list the packs"));
		d->came = p;
		d->room_came = room;
	}
	d->came[d->ncame++] = came;
	return (0);
}

static int
add_pack(struct copyside_dir *d, uint32_t no, const struct store_entry *en,
    struct err *e)
{
	size_t	 room;
	void	*p;

	if (d->n == d->room) {
		room = d->room == 0 ? 16 : 2 * d->room;
		if ((p = reallocarray(d->pack, room, sizeof(*d->pack))) ==
		    NULL)
			return (err_sys(e, ERR_LOCAL, "list the packs"));
		d->pack = p;
		d->room = room;
	}
	d->pack[d->n++] = (struct copyside_pack){ no, en->size, en->mtime };
	return (0);
}

/* An entry of base/ID; at its end all is sorted, to be found. */
static int
on_entry(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct copyside		*s = arg;
	struct copyside_dir	*d = &s->dir[i];
	uint32_t		 no;
	int			 is_claim;

	(void)missing;
	if (en == NULL) {
		if (d->n > 0)
			qsort(d->pack, d->n, sizeof(*d->pack), compare_packs);
		if (d->ncame > 0)
			qsort(d->came, d->ncame, sizeof(*d->came),
			    compare_times);
		return (0);
	}
	if (en->is_dir)
		return (0);
	is_claim = str_begins(en->name, "claim-");
	if (is_claim && s->claimer != NULL &&
	    strcmp(en->name + strlen("claim-"), s->claimer) == 0)
		d->claim = en->mtime;
	no = layout_pack_no(en->name);
	if (strcmp(en->name, "manifest") == 0) {
		d->has_manifest = 1;
		d->manifest = en->size;
		d->manifest_came = en->mtime;
	} else if (no == 0 && !is_claim)
		return (0);
	return (add_time(d, en->mtime, e) ||
	    (no != 0 && add_pack(d, no, en, e)) ? -1 : 0);
}

static int
list_dirs(struct copyside *s, struct err *e)
{
	const struct store_listing	 to = { on_entry, loadeach_empty, s };
	const size_t	 n = s->labels.nid;
	char		(*text)[LAYOUT_PATH] = NULL;
	const char	**path = NULL;
	size_t		 i;
	int		 rc = -1;

	if (n == 0)
		return (0);
	if ((s->dir = calloc(n, sizeof(*s->dir))) == NULL ||
	    (text = calloc(n, sizeof(*text))) == NULL ||
	    (path = calloc(n, sizeof(*path))) == NULL) {
		err_sys(e, ERR_LOCAL, "list the packs");
		goto out;
	}
	for (i = 0; i < n; i++)
		path[i] = layout_base(text[i], s->labels.id[i]);
	rc = loadeach_list(&to, s->a, path, n, e);
out:
	free(path);
	free(text);
	return (rc);
}

static int
on_wal(void *arg, const struct walname *name, const struct store_entry *en,
    struct err *e)
{
	struct copyside	*s = arg;
	size_t		 room;
	void		*p;

	if (s->nwal == s->room) {
		room = s->room == 0 ? 256 : 2 * s->room;
		if ((p = reallocarray(s->wal, room, sizeof(*s->wal))) == NULL)
			return (err_sys(e, ERR_LOCAL, "list the WAL"));
		s->wal = p;
		s->room = room;
	}
	s->wal[s->nwal++] = (struct copyside_wal){ *name, en->size };
	return (0);
}

static int
on_folder(void *arg, const char *path, const struct err *why, struct err *e)
{
	return (add_bad(arg, path, why, e));
}

static int
compare_wal(const void *a, const void *b)
{
	return (walname_compare(&((const struct copyside_wal *)a)->name,
	    &((const struct copyside_wal *)b)->name));
}

int
copyside_load(struct copyside *s, struct err *e)
{
	const struct labelindex_events	 events = { on_refused, on_unlisted,
	    on_unknown, s };

	if (marker_look(&s->marker, s->a, e))
		return (-1);
	if (!walname_segsize_ok(s->marker.wal_segment_size))
		return (err_set(e, ERR_CORRUPT, "%s: " LAYOUT_MARKER ": no "
		    "cluster has WAL segments of %llu bytes",
		    store_name(s->a->store),
		    (unsigned long long)s->marker.wal_segment_size));
	s->index.segsize = (uint32_t)s->marker.wal_segment_size;
	if (labelindex_load(&s->labels, s->a, &events, e) ||
	    list_dirs(s, e) ||
	    walindex_load(&s->index, s->a, on_wal, on_folder, s, e))
		return (-1);
	if (s->nwal > 0)
		qsort(s->wal, s->nwal, sizeof(*s->wal), compare_wal);
	return (0);
}

void
copyside_fini(struct copyside *s)
{
	struct archive	*a = s->a;
	const char	*claimer = s->claimer;
	size_t		 i;

	for (i = 0; s->dir != NULL && i < s->labels.nid; i++) {
		free(s->dir[i].pack);
		free(s->dir[i].came);
	}
	for (i = 0; i < s->nbad; i++) {
		free(s->bad[i].path);
		free(s->bad[i].why);
	}
	free(s->dir);
	free(s->wal);
	free(s->bad);
	labelindex_fini(&s->labels);
	walindex_fini(&s->index);
	memset(s, 0, sizeof(*s));
	s->a = a;
	s->claimer = claimer;
}

static int
compare_ids(const void *a, const void *b)
{
	return (strcmp(a, b));
}

const struct copyside_dir *
copyside_dir(const struct copyside *s, const char *id)
{
	const char	(*at)[LAYOUT_ID] = NULL;

	if (s->labels.nid > 0)
		at = bsearch(id, s->labels.id, s->labels.nid,
		    sizeof(*s->labels.id), compare_ids);
	return (at == NULL ? NULL : &s->dir[at -
	    (const char (*)[LAYOUT_ID])s->labels.id]);
}

static const struct copyside_pack *
find_pack(const struct copyside_dir *d, uint32_t no)
{
	const struct copyside_pack	 want = { .no = no };

	return (d == NULL || d->n == 0 ? NULL : bsearch(&want, d->pack, d->n,
	    sizeof(*d->pack), compare_packs));
}

int
copyside_has_pack(const struct copyside_dir *d, uint32_t no, uint64_t *size)
{
	const struct copyside_pack	*at = find_pack(d, no);

	if (at == NULL)
		return (0);
	*size = at->size;
	return (1);
}

int
copyside_came(const struct copyside_dir *d, uint32_t no, int64_t *came)
{
	const struct copyside_pack	*at = find_pack(d, no);

	if (d == NULL || (no == 0 ? !d->has_manifest : at == NULL))
		return (0);
	*came = no == 0 ? d->manifest_came : at->came;
	return (1);
}

int
copyside_has_manifest(const struct copyside_dir *d, uint64_t *size)
{
	if (d == NULL || !d->has_manifest)
		return (0);
	*size = d->manifest;
	return (1);
}

int
copyside_has_wal(const struct copyside *s, const struct walname *name,
    uint64_t *size)
{
	const struct copyside_wal	 want = { .name = *name };
	const struct copyside_wal	*at = NULL;

	if (s->nwal > 0)
		at = bsearch(&want, s->wal, s->nwal, sizeof(*s->wal),
		    compare_wal);
	if (at == NULL)
		return (0);
	*size = at->size;
	return (1);
}

int
copyside_withdrawn(const struct copyside *s, const char *id)
{
	return (labelindex_is_bare(&s->labels, id) &&
	    labelindex_pin(&s->labels, id)->kind != PIN_NONE);
}
