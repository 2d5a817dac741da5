/* SPDX-License-Identifier: ISC */
/* Which backups have all that they need, and since when. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalogue/evidence.h"
#include "catalogue/evidencedirs.h"
#include "plan/grace.h"

/* What the checks of one backup share. */
struct judging {
	const struct catalogue		*cat;
	const struct evidencedirs	*dirs;
	enum evidence_depth		 depth;
	size_t				 i;	/* in the catalogue */
	const struct label		*l;
	const struct evidencedirs_one	*own;
	struct evidence_backup		*b;
};

void
evidence_fini(struct evidence *v)
{
	free(v->v);
	memset(v, 0, sizeof(*v));
}

/* What is found first stands. */
static void	 lacks(struct evidence_backup *, const char *, ...)
		    __attribute__((format(printf, 2, 3)));

static void
lacks(struct evidence_backup *b, const char *fmt, ...)
{
	va_list	 ap;

	if (b->lacks[0] != '\0')
		return;
	va_start(ap, fmt);
	(void)vsnprintf(b->lacks, sizeof(b->lacks), fmt, ap);
	va_end(ap);
}

static void
came(struct evidence_backup *b, int64_t us)
{
	if (us > b->all_us)
		b->all_us = us;
}

static void
judge_head(struct judging *j, const char *path,
    const struct evidencedirs_file *f)
{
	came(j->b, grace_time(f->at));
	if (f->state == EVIDENCEDIRS_REFUSED)
		lacks(j->b, "%s is not authentic, or cannot be read", path);
	else if (f->state == EVIDENCEDIRS_SIZE)
		lacks(j->b, "%s has %" PRIu64 " bytes, expected %" PRIu64
		    " as its header says", path, f->size, f->said);
}

static void
judge_manifest(struct judging *j)
{
	const struct evidencedirs_file	*f = j->own->file;
	char				 path[LAYOUT_PATH];

	(void)layout_manifest(path, j->l->id);
	if (j->own->n == 0 || f->no != 0) {
		lacks(j->b, "%s is missing", path);
		return;
	}
	if (f->size != j->l->manifest_size)
		lacks(j->b, "%s has %" PRIu64 " bytes, expected %" PRIu64
		    " as the label says", path, f->size,
		    j->l->manifest_size);
	judge_head(j, path, f);
}

/* The listed packs are in order, so the first that is missing is found. */
static void
judge_run(struct judging *j, const struct packruns_run *r)
{
	const struct evidencedirs_one	*d = evidencedirs_find(j->dirs,
	    r->backup);
	char				 path[LAYOUT_PATH];
	uint64_t			 no = r->first;
	size_t				 i = evidencedirs_from(d, r->first);

	for (; no <= r->last && i < d->n && d->file[i].no == no; i++, no++)
		judge_head(j, layout_pack(path, r->backup, (uint32_t)no),
		    &d->file[i]);
	if (no <= r->last)
		lacks(j->b, "%s is missing", layout_pack(path, r->backup,
		    (uint32_t)no));
}

/*
 * The label says how many bytes the backup stored, its manifest included.  So
 * without any header a pack of its own is found that was cut short, if not
 * which one.
 */
static void
judge_sum(struct judging *j)
{
	const struct packruns_run	*r;
	char				 path[LAYOUT_PATH];
	uint64_t			 bytes = j->own->file[0].size;
	size_t				 i, k;

	for (i = 0; i < j->l->npacks; i++) {
		r = &j->l->packs[i];
		if (strcmp(r->backup, j->l->id) != 0)
			continue;
		for (k = evidencedirs_from(j->own, r->first);
		    k < j->own->n && j->own->file[k].no <= r->last; k++)
			bytes += j->own->file[k].size;
	}
	if (bytes != j->l->stored_size)
		lacks(j->b, "packs and manifest in %s have %" PRIu64
		    " bytes together, expected %" PRIu64 " as the label says",
		    layout_base(path, j->l->id), bytes, j->l->stored_size);
}

static void
judge_wal(struct judging *j)
{
	const struct label	*l = j->l;
	const uint32_t		 segsize = catalogue_segsize(j->cat);
	const uint64_t		 first = l->start_lsn / segsize;
	const uint64_t		 last = (l->stop_lsn - (l->stop_lsn > 0)) /
	    segsize;
	struct walname		 w;
	char			 name[WALNAME_TEXT];
	uint64_t		 missing;

	came(j->b, catalogue_since(j->cat, j->i).own_us);
	if (coverage_has_all(catalogue_wal(j->cat), l->timeline, first,
	    last < first ? first : last, &missing) ||
	    j->b->lacks[0] != '\0')
		return;
	w = walname_at(l->timeline, missing * segsize, segsize);
	lacks(j->b, "WAL segment %s is missing", walname_format(name, &w));
	j->b->wal = 1;
}

static void
judge(struct judging *j)
{
	size_t	 i;

	j->b->label_us = grace_time(j->own->label_at);
	j->b->dir_us = grace_time(j->own->dir_at);
	came(j->b, j->b->label_us);
	judge_manifest(j);
	for (i = 0; i < j->l->npacks; i++)
		judge_run(j, &j->l->packs[i]);
	if (j->depth == EVIDENCE_LISTED && j->b->lacks[0] == '\0')
		judge_sum(j);
	judge_wal(j);
}

int
evidence_load(struct evidence *v, const struct catalogue *cat,
    struct archive *a, enum evidence_depth depth, struct err *e)
{
	struct evidencedirs	 dirs = { .n = 0 };
	struct judging		 j = { .cat = cat, .dirs = &dirs,
	    .depth = depth };
	int			 rc = -1;

	memset(v, 0, sizeof(*v));
	v->n = catalogue_labels(cat);
	if ((v->v = calloc(v->n + 1, sizeof(*v->v))) == NULL) {
		err_sys(e, ERR_LOCAL, "evidence of backups");
		goto out;
	}
	if (evidencedirs_list(&dirs, cat, a, e) ||
	    (depth == EVIDENCE_HEADERS && evidencedirs_heads(&dirs, a, e)))
		goto out;
	for (j.i = 0; j.i < v->n; j.i++) {
		j.b = &v->v[j.i];
		j.l = catalogue_label(cat, j.i);
		j.own = evidencedirs_find(&dirs, j.l->id);
		judge(&j);
	}
	rc = 0;
out:
	evidencedirs_fini(&dirs);
	return (rc);
}
