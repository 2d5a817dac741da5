/* SPDX-License-Identifier: ISC */
/* The walk over what is to be copied. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "copy/copyplan.h"
#include "plan/packruns.h"
#include "repo/layout.h"

/* A label may say anything: its first segment, or the first of all. */
static uint64_t
start_of(const struct label *l, uint32_t segsize)
{
	struct walname	 w;
	struct err	 unused = ERR_INIT;

	if (walname_parse(l->start_wal, &w, &unused) ||
	    walname_check(&w, segsize, &unused))
		return (0);
	return (walname_segno(&w, segsize));
}

int
copyplan_choose(struct copyplan *p, const struct copyside *from,
    const struct copyset_want *want, struct err *e)
{
	const struct labelindex	*x = &from->labels;
	struct copyset_backup	*b;
	size_t			 i, n;

	memset(p, 0, sizeof(*p));
	p->from = from;
	b = calloc(x->nlabel + 1, sizeof(*b));
	p->chosen = calloc(x->nlabel + 1, 1);
	if (b == NULL || p->chosen == NULL) {
		free(b);
		return (err_sys(e, ERR_LOCAL, "choose the backups"));
	}
	for (i = 0; i < x->nlabel; i++)
		b[i] = (struct copyset_backup){ x->label[i]->id,
		    x->label[i]->stop_us,
		    start_of(x->label[i], from->index.segsize) };
	n = copyset_choose(p->chosen, &p->first, b, x->nlabel, want);
	free(b);
	return (n == 0 && want->kind != COPYSET_ALL);
}

static int
list_wal(struct copyplan *p, const struct copyside *to, struct err *e)
{
	const struct copyside	*f = p->from;
	struct copyitem		*it;
	char			 path[LAYOUT_PATH], name[WALNAME_TEXT];
	size_t			 i;

	for (i = 0; i < f->nwal; i++) {
		if (!copyset_has_wal(&f->wal[i].name, f->index.segsize,
		    p->first))
			continue;
		if (layout_wal(path, walname_format(name, &f->wal[i].name),
		    e) ||
		    (it = copyitem_add(&p->wal, path, HEAD_WAL, e)) == NULL)
			return (-1);
		it->wal = f->wal[i].name;
		it->size = f->wal[i].size;
		it->there = to != NULL && copyside_has_wal(to, &it->wal,
		    &it->to_size);
	}
	return (0);
}

static int
list_manifest(struct copyplan *p, const struct copyside *to, size_t i,
    struct err *e)
{
	const struct label		*l = p->from->labels.label[i];
	const struct copyside_dir	*t;
	struct copyitem			*it;
	char				 path[LAYOUT_PATH];
	uint64_t			 size;

	if (!copyside_has_manifest(copyside_dir(p->from, l->id), &size))
		return (0);
	t = to == NULL ? NULL : copyside_dir(to, l->id);
	it = copyitem_add(&p->packs, layout_manifest(path, l->id),
	    HEAD_MANIFEST, e);
	if (it == NULL)
		return (-1);
	it->id = l->id;
	it->head_hash = l->manifest_hash;
	it->size = size;
	it->there = copyside_has_manifest(t, &it->to_size);
	return (0);
}

/*
 * By what is listed, not by what labels say: whoever may push can write a label
 * that refers to all packs there could ever be.
 */
static int
list_packs(struct copyplan *p, const struct copyside *to, size_t i,
    const struct packruns *wanted, struct err *e)
{
	const char			*id = p->from->labels.id[i];
	const struct copyside_dir	*d = &p->from->dir[i];
	const struct copyside_dir	*t;
	struct copyitem			*it;
	char				 path[LAYOUT_PATH];
	size_t				 k;

	t = to == NULL ? NULL : copyside_dir(to, id);
	for (k = 0; k < d->n; k++) {
		if (!packruns_has(wanted, id, d->pack[k].no))
			continue;
		it = copyitem_add(&p->packs, layout_pack(path, id,
		    d->pack[k].no), HEAD_PACK, e);
		if (it == NULL)
			return (-1);
		it->id = id;
		it->no = d->pack[k].no;
		it->size = d->pack[k].size;
		it->there = copyside_has_pack(t, it->no, &it->to_size);
	}
	return (0);
}

static int
compare_packs(const void *va, const void *vb)
{
	const struct copyitem	*a = va, *b = vb;
	const int		 c = strcmp(a->id, b->id);

	if (c != 0)
		return (c);
	return (a->no < b->no ? -1 : a->no > b->no);
}

int
copyplan_list(struct copyplan *p, const struct copyside *to, struct err *e)
{
	const struct labelindex	*x = &p->from->labels;
	struct packruns		 wanted = { .n = 0 };
	size_t			 i;
	int			 rc = -1;

	if (list_wal(p, to, e))
		return (-1);
	for (i = 0; i < x->nlabel; i++)
		if (p->chosen[i] && (list_manifest(p, to, i, e) ||
		    packruns_add(&wanted, x->label[i]->packs,
		    x->label[i]->npacks, e)))
			goto out;
	packruns_settle(&wanted);
	for (i = 0; i < x->nid; i++)
		if (list_packs(p, to, i, &wanted, e))
			goto out;
	if (p->packs.n > 0)
		qsort(p->packs.v, p->packs.n, sizeof(*p->packs.v),
		    compare_packs);
	rc = 0;
out:
	packruns_fini(&wanted);
	return (rc);
}

void
copyplan_fini(struct copyplan *p)
{
	free(p->chosen);
	copyitem_drop(&p->wal);
	copyitem_drop(&p->packs);
	memset(p, 0, sizeof(*p));
}

/* What became of an object that a backup needs. */
static int
judge(const struct copyitem *it, const char *what, struct err *why)
{
	if (it == NULL)
		return (err_set(why, ERR_CORRUPT, "%s is missing", what));
	if (copyitem_ok(it))
		return (0);
	if (it->state == COPYITEM_GONE) {
		err_set(why, ERR_REMOTE, "%s is gone since it was listed",
		    it->path);
		return (1);
	}
	return (err_set(why, ERR_CORRUPT, "%s could not be copied",
	    it->path));
}

static const struct copyitem *
find_pack(const struct copyplan *p, const char *id, uint32_t no)
{
	const struct copyitem	 want = { .id = id, .no = no };

	return (p->packs.n == 0 ? NULL : bsearch(&want, p->packs.v,
	    p->packs.n, sizeof(*p->packs.v), compare_packs));
}

static int
judge_packs(const struct copyplan *p, const struct packruns_run *r,
    struct err *why)
{
	char		 path[LAYOUT_PATH];
	uint64_t	 no;
	int		 rc;

	/* Ends at the first that is missing, however many are said to be. */
	for (no = r->first; no <= r->last; no++) {
		rc = judge(find_pack(p, r->backup, (uint32_t)no),
		    layout_pack(path, r->backup, (uint32_t)no), why);
		if (rc != 0)
			return (rc);
	}
	return (0);
}

static int
compare_wal(const void *a, const void *b)
{
	return (walname_compare(&((const struct copyitem *)a)->wal,
	    &((const struct copyitem *)b)->wal));
}

static int
judge_wal(const struct copyplan *p, const struct label *l, struct err *why)
{
	const uint32_t	 segsize = p->from->index.segsize;
	struct copyitem	 want = { .no = 0 };
	struct walname	 last;
	char		 name[WALNAME_TEXT];
	int		 rc;

	if (walname_parse(l->start_wal, &want.wal, why) ||
	    walname_parse(l->stop_wal, &last, why) ||
	    walname_check(&want.wal, segsize, why) ||
	    walname_check(&last, segsize, why))
		return (-1);
	for (;;) {
		rc = judge(p->wal.n == 0 ? NULL : bsearch(&want, p->wal.v,
		    p->wal.n, sizeof(*p->wal.v), compare_wal),
		    walname_format(name, &want.wal), why);
		if (rc != 0 || walname_compare(&want.wal, &last) >= 0)
			return (rc);
		want.wal = walname_next(&want.wal, segsize);
	}
}

int
copyplan_complete(const struct copyplan *p, const struct label *l,
    struct err *why)
{
	char	 path[LAYOUT_PATH];
	size_t	 i;
	int	 rc;

	rc = judge(find_pack(p, l->id, 0), layout_manifest(path, l->id), why);
	for (i = 0; rc == 0 && i < l->npacks; i++)
		rc = judge_packs(p, &l->packs[i], why);
	return (rc != 0 ? rc : judge_wal(p, l, why));
}
