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
	soundwal_fini(&v->wal);
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

/*
 * A name is made only where it is needed: many labels may refer to the same
 * many packs.
 */
static void
judge_head(struct judging *j, const char *id,
    const struct evidencedirs_file *f)
{
	char	 path[LAYOUT_PATH];

	came(j->b, grace_time(f->at));
	if (f->state != EVIDENCEDIRS_REFUSED && f->state != EVIDENCEDIRS_SIZE)
		return;
	(void)(f->no == 0 ? layout_manifest(path, id) :
	    layout_pack(path, id, f->no));
	if (f->state == EVIDENCEDIRS_REFUSED)
		lacks(j->b, "%s is not authentic, or cannot be read", path);
	else
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
	judge_head(j, j->l->id, f);
}

/* The listed packs are in order, so the first that is missing is found. */
static void
judge_run(struct judging *j, const struct packruns_run *r)
{
	const struct evidencedirs_one	*d = evidencedirs_find(j->dirs,
	    r->backup);
	char				 path[LAYOUT_PATH];
	uint64_t			 no = r->first;
	size_t				 i;

	/* A directory that does not exist is not even listed. */
	i = d == NULL ? 0 : evidencedirs_from(d, r->first);
	for (; d != NULL && no <= r->last && i < d->n &&
	    d->file[i].no == no; i++, no++)
		judge_head(j, r->backup, &d->file[i]);
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

/* The segments from the start of a backup to its stop. */
static struct coverage_run
own_wal(const struct label *l, uint32_t segsize)
{
	const uint64_t	 first = l->start_lsn / segsize;
	const uint64_t	 last = (l->stop_lsn - (l->stop_lsn > 0)) / segsize;

	return ((struct coverage_run){ l->timeline, first,
	    last < first ? first : last });
}

static void
lacks_wal(struct judging *j, uint64_t segno, const char *why)
{
	const uint32_t		 segsize = catalogue_segsize(j->cat);
	const struct walname	 w = walname_at(j->l->timeline,
	    segno * segsize, segsize);
	char			 name[WALNAME_TEXT];

	lacks(j->b, "WAL segment %s %s", walname_format(name, &w), why);
	j->b->wal = 1;
}

static void
judge_wal(struct judging *j)
{
	const struct coverage_run	 r = own_wal(j->l,
	    catalogue_segsize(j->cat));
	uint64_t			 missing;

	came(j->b, catalogue_since(j->cat, j->i).own_us);
	if (j->b->lacks[0] == '\0' &&
	    !coverage_has_all(catalogue_wal(j->cat), r.tli, r.first, r.last,
	    &missing))
		lacks_wal(j, missing, "is missing");
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

/* Set "j" to backup "i". */
static void
choose(struct judging *j, struct evidence *v, size_t i)
{
	j->i = i;
	j->b = &v->v[i];
	j->l = catalogue_label(j->cat, i);
	j->own = evidencedirs_find(j->dirs, j->l->id);
}

/*
 * What guesses about timelines go by.  Of a backup that lacks something nothing
 * is asked, so that a label cannot ask for more WAL than is listed.
 */
static int
want_wal(struct judging *j, struct evidence *v, struct err *e)
{
	const struct walindex_timeline	*t;
	struct coverage_run		 r;
	size_t				 i;

	for (i = 0; i < catalogue_timelines(j->cat); i++) {
		t = catalogue_timeline(j->cat, i);
		r = (struct coverage_run){ t->tli, t->first, t->first };
		if (t->segments > 0 && soundwal_want(&v->wal, &r, e))
			return (-1);
		r.first = r.last = t->oldest;
		if (t->segments > 0 && t->oldest_at > 0 &&
		    soundwal_want(&v->wal, &r, e))
			return (-1);
	}
	for (i = 0; i < v->n; i++) {
		choose(j, v, i);
		r = own_wal(j->l, catalogue_segsize(j->cat));
		if (j->b->lacks[0] == '\0' &&
		    soundwal_want(&v->wal, &r, e))
			return (-1);
	}
	return (0);
}

/* A linked file has the name and the time of WAL; its header tells. */
static int
judge_wal_heads(struct judging *j, struct evidence *v, struct archive *a,
    struct err *e)
{
	const uint32_t		 segsize = catalogue_segsize(j->cat);
	struct coverage_run	 r;
	uint64_t		 bad;
	size_t			 i;

	if (want_wal(j, v, e) || soundwal_read(&v->wal, a, segsize, e))
		return (-1);
	for (i = 0; i < v->n; i++) {
		choose(j, v, i);
		r = own_wal(j->l, segsize);
		if (j->b->lacks[0] == '\0' &&
		    !soundwal_all(&v->wal, r.tli, r.first, r.last, &bad))
			lacks_wal(j, bad, "is not authentic, or cannot be "
			    "read");
	}
	return (0);
}

int
evidence_load(struct evidence *v, const struct catalogue *cat,
    struct archive *a, enum evidence_depth depth, struct err *e)
{
	struct evidencedirs	 dirs = { .n = 0 };
	struct judging		 j = { .cat = cat, .dirs = &dirs,
	    .depth = depth };
	size_t			 i;
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
	for (i = 0; i < v->n; i++) {
		choose(&j, v, i);
		judge(&j);
	}
	rc = depth == EVIDENCE_HEADERS ? judge_wal_heads(&j, v, a, e) : 0;
out:
	evidencedirs_fini(&dirs);
	return (rc);
}
