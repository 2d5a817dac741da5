/* SPDX-License-Identifier: ISC */
/* What a verification looks at, gathered from labels and listings. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "plan/packruns.h"
#include "repo/layout.h"
#include "repo/loadeach.h"
#include "verify/verifyset.h"

static int
on_wal(void *arg, const struct walname *name, uint64_t size, struct err *e)
{
	struct verifyset	*s = arg;
	void			*p;

	if (s->nwal == s->room) {
		s->room = s->room == 0 ? 256 : 2 * s->room;
		if ((p = realloc(s->wal, s->room * sizeof(*s->wal))) == NULL)
			return (err_sys(e, ERR_LOCAL, "list the WAL"));
		s->wal = p;
	}
	s->wal[s->nwal++] = (struct verifyset_wal){ *name, size, 0 };
	return (0);
}

static int
compare_wal(const void *va, const void *vb)
{
	const struct verifyset_wal	*a = va, *b = vb;

	return (walname_compare(&a->name, &b->name));
}

static int
compare_packs(const void *va, const void *vb)
{
	const struct verifyset_pack	*a = va, *b = vb;

	return (a->no < b->no ? -1 : a->no > b->no);
}

static int
compare_ids(const void *a, const void *b)
{
	return (strcmp(a, b));
}

/*
 * Every directory with a backup to be verified, or with packs that one refers
 * to.  The latter may be the directories of backups that have expired.  If all
 * backups are verified, those without a label too: one may have got lost.
 */
static int
collect_dirs(struct verifyset *s, struct err *e)
{
	const struct label	*l;
	char			(*id)[LAYOUT_ID];
	size_t			 i, k, n = 0, max, last;

	max = catalogue_unlabelled(s->cat);
	for (i = 0; i < catalogue_labels(s->cat); i++)
		max += 1 + catalogue_label(s->cat, i)->nfrom;
	if ((id = calloc(max + 1, sizeof(*id))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list the backups"));
	for (i = 0; i < catalogue_labels(s->cat); i++) {
		l = catalogue_label(s->cat, i);
		if (!verifyset_has_label(s, i))
			continue;
		memcpy(id[n++], l->id, LAYOUT_ID);
		for (k = 0; k < l->nfrom; k++)
			if (str_fmt(id[n++], LAYOUT_ID, e, "%s",
			    l->from[k])) {
				free(id);
				return (-1);
			}
	}
	for (i = 0; s->one == NULL && i < catalogue_unlabelled(s->cat); i++)
		if (str_fmt(id[n++], LAYOUT_ID, e, "%s",
		    catalogue_unlabelled_id(s->cat, i))) {
			free(id);
			return (-1);
		}
	qsort(id, n, sizeof(*id), compare_ids);
	if ((s->dir = calloc(n + 1, sizeof(*s->dir))) == NULL) {
		free(id);
		return (err_sys(e, ERR_LOCAL, "list the backups"));
	}
	for (i = 0; i < n; i++) {
		last = s->ndir;
		if (last > 0 && strcmp(s->dir[last - 1].id, id[i]) == 0)
			continue;
		memcpy(s->dir[s->ndir++].id, id[i], LAYOUT_ID);
	}
	free(id);
	return (0);
}

static int
add_pack(struct verifyset_dir *d, uint32_t no, uint64_t size, struct err *e)
{
	void	*p;

	if (d->n == d->room) {
		d->room = d->room == 0 ? 16 : 2 * d->room;
		p = realloc(d->pack, d->room * sizeof(*d->pack));
		if (p == NULL)
			return (err_sys(e, ERR_LOCAL, "list the packs"));
		d->pack = p;
	}
	d->pack[d->n] = (struct verifyset_pack){ .no = no };
	d->pack[d->n++].size = size;
	return (0);
}

/* An entry of base/ID; at its end the packs are sorted, to be found. */
static int
on_base(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct verifyset	*s = arg;
	struct verifyset_dir	*d = &s->dir[i];
	uint32_t		 no;

	(void)missing;
	if (en == NULL) {
		if (d->n > 0)
			qsort(d->pack, d->n, sizeof(*d->pack), compare_packs);
		return (0);
	}
	if (en->is_dir)
		return (0);
	if (strcmp(en->name, "manifest") == 0) {
		d->has_manifest = 1;
		d->manifest = en->size;
		d->manifest_at = en->mtime;
	}
	no = layout_pack_no(en->name);
	return (no == 0 ? 0 : add_pack(d, no, en->size, e));
}

/*
 * List all these directories in one flight.  What a label needs of one that
 * nobody may open is missing, and is reported so.
 */
static int
list_dirs(struct verifyset *s, struct archive *a, struct err *e)
{
	const struct store_listing	 to = { on_base, loadeach_empty, s };
	char		(*text)[LAYOUT_PATH] = NULL;
	const char	**path = NULL;
	size_t		 i;
	int		 rc = -1;

	if (s->ndir == 0)
		return (0);
	if ((text = calloc(s->ndir, sizeof(*text))) == NULL ||
	    (path = calloc(s->ndir, sizeof(*path))) == NULL) {
		err_sys(e, ERR_LOCAL, "list the packs");
		goto out;
	}
	for (i = 0; i < s->ndir; i++)
		path[i] = layout_base(text[i], s->dir[i].id);
	rc = loadeach_list(&to, a, path, s->ndir, e);
out:
	free(path);
	free(text);
	return (rc);
}

/*
 * The WAL is listed by the catalogue, in the same round as its own needs, and
 * the directories after it: a pack that a label names was stored before that
 * label, so it is in a listing that is made after the labels were read.
 */
int
verifyset_load(struct verifyset *s, struct archive *a, const char *id,
    const struct verifyvouch *vouch, struct err *e)
{
	memset(s, 0, sizeof(*s));
	s->vouch = vouch;
	if (catalogue_load_files(&s->cat, a, on_wal, s, e))
		return (-1);
	if (s->nwal > 0)
		qsort(s->wal, s->nwal, sizeof(*s->wal), compare_wal);
	if (window_make(&s->window, s->cat, e))
		return (-1);
	if (id != NULL && (s->one = catalogue_find(s->cat, id)) == NULL)
		return (1);
	return (collect_dirs(s, e) || list_dirs(s, a, e) ? -1 : 0);
}

void
verifyset_fini(struct verifyset *s)
{
	size_t	 i;

	for (i = 0; i < s->ndir; i++)
		free(s->dir[i].pack);
	free(s->dir);
	free(s->wal);
	window_free(&s->window);
	catalogue_free(s->cat);
	memset(s, 0, sizeof(*s));
}

int
verifyset_is_late(const struct verifyset *s, size_t i)
{
	const struct label	*l = catalogue_label(s->cat, i);
	char			 path[LAYOUT_PATH];

	return (s->vouch != NULL && verifyvouch_leaves_out(s->vouch,
	    layout_label(path, l->id), l->signer));
}

int
verifyset_has_label(const struct verifyset *s, size_t i)
{
	if (verifyset_is_late(s, i))
		return (0);
	return (s->one == NULL || s->one == catalogue_label(s->cat, i));
}

const struct verifyset_wal *
verifyset_wal(const struct verifyset *s, const struct walname *name)
{
	const struct verifyset_wal	 want = { .name = *name };

	return (s->nwal == 0 ? NULL : bsearch(&want, s->wal, s->nwal,
	    sizeof(*s->wal), compare_wal));
}

/*
 * Whether a recovery from the one backup, to any target, may ask for the file:
 * WAL from the backup's first segment on, on timelines to which it leads.  A
 * timeline whose history is not known may be one of them.
 */
int
verifyset_has_wal(const struct verifyset *s, const struct verifyset_wal *f)
{
	const struct label	*l = s->one;
	struct lineage_set		 lines;
	uint32_t		 segsize = catalogue_segsize(s->cat);
	int			 read;

	if (l == NULL)
		return (1);
	if (f->name.tli < l->timeline || (f->name.kind != WALNAME_HISTORY &&
	    walname_segno(&f->name, segsize) < l->start_lsn / segsize))
		return (0);
	lines = catalogue_lines(s->cat, &read);
	return (!read || lineage_find(&lines, f->name.tli) == NULL ||
	    lineage_reaches(&lines, l->timeline, l->stop_lsn, f->name.tli));
}

static int
compare_dir(const void *id, const void *d)
{
	return (strcmp(id, ((const struct verifyset_dir *)d)->id));
}

struct verifyset_dir *
verifyset_dir(struct verifyset *s, const char *id)
{
	return (s->ndir == 0 ? NULL : bsearch(id, s->dir, s->ndir,
	    sizeof(*s->dir), compare_dir));
}

struct verifyset_pack *
verifyset_pack(struct verifyset *s, const char *id, uint32_t no)
{
	struct verifyset_dir		*d = verifyset_dir(s, id);
	const struct verifyset_pack	 key = { .no = no };

	return (d == NULL || d->n == 0 ? NULL : bsearch(&key, d->pack, d->n,
	    sizeof(*d->pack), compare_packs));
}

/*
 * Newer backups refer mostly to packs of older ones.  Merging all their runs
 * first makes each pack come up once, however many backups need it.
 */
int
verifyset_ranges(const struct verifyset *s, verifyset_range *each, void *arg,
    struct err *e)
{
	const struct label	*l;
	struct packruns		 packs = { 0 };
	size_t			 i;
	int			 rc = 0;

	for (i = 0; rc == 0 && i < catalogue_labels(s->cat); i++) {
		l = catalogue_label(s->cat, i);
		if (verifyset_has_label(s, i))
			rc = packruns_add(&packs, l->packs, l->npacks, e);
	}
	packruns_settle(&packs);
	for (i = 0; rc == 0 && i < packs.n; i++)
		rc = each(arg, packs.v[i].backup, packs.v[i].first,
		    packs.v[i].last, e);
	packruns_fini(&packs);
	return (rc);
}
