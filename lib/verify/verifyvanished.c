/* SPDX-License-Identifier: ISC */
/*
 * What went away while a verification looked.  What expiry removes is needed
 * by nothing that stays; so the labels that stand at the end decide whether a
 * missing object was expired or lost.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "verify/verifyimpact.h"
#include "verify/verifylisting.h"
#include "verify/verifyset.h"
#include "verify/verifyvanished.h"

struct verifyvanished_object {
	enum head_kind	 kind;
	char		 id[LAYOUT_ID];		/* of a pack or manifest */
	uint32_t	 no;			/* of a pack */
	struct walname	 wal;
};

int
verifyvanished_add(struct verifyvanished *all,
    const struct verifyitem *it, struct err *e)
{
	struct verifyvanished_object	*p;

	p = reallocarray(all->v, all->n + 1, sizeof(*p));
	if (p == NULL)
		return (err_sys(e, ERR_LOCAL, "verify"));
	all->v = p;
	p += all->n;
	memset(p, 0, sizeof(*p));
	p->kind = it->kind;
	p->wal = it->wal;
	p->no = it->pack;
	if (it->kind != HEAD_WAL && str_fmt(p->id, sizeof(p->id), e, "%s",
	    it->id))
		return (-1);
	all->n++;
	return (0);
}

/*
 * Whether the segment belongs to the WAL that backup "i" keeps.  If the backup
 * is pinned that may be only the WAL up to its stop, see lib/FORMAT.md, 10.
 */
static int
leads_there(const struct verifyset *s, size_t i, uint64_t segno)
{
	const struct label	*l = catalogue_label(s->cat, i);
	const uint32_t		 segsize = catalogue_segsize(s->cat);
	enum pin_kind		 pin = catalogue_pin(s->cat, i)->kind;

	return (l->start_lsn / segsize <= segno &&
	    ((pin != PIN_SET && pin != PIN_UNREADABLE) ||
	    segno * segsize < l->stop_lsn));
}

static int
wal_needed(const struct verifyset *s, const struct walname *w)
{
	const struct coverage_run	*g = s->window.gap;
	uint64_t			 segno;
	size_t				 i;

	if (w->kind == WALNAME_HISTORY)		/* these never expire */
		return (1);
	segno = walname_segno(w, catalogue_segsize(s->cat));
	for (i = 0; i < catalogue_labels(s->cat); i++)
		if (catalogue_label(s->cat, i)->timeline <= w->tli &&
		    leads_there(s, i, segno))
			return (1);
	for (i = 0; i < s->window.ngap; i++)
		if (g[i].tli == w->tli && g[i].first <= segno &&
		    segno <= g[i].last)
			return (1);
	return (0);
}

/* Whether a label or a history is refused, so that nothing expires. */
static int
is_paused(const struct catalogue *c)
{
	size_t	 i;

	for (i = 0; i < catalogue_bads(c); i++)
		if (catalogue_bad_unlisted(c, i) == NULL)
			return (1);
	return (0);
}

/*
 * Whether anything that stands now needs the object.  While nothing expires
 * whatever is missing was lost.
 */
static int
is_needed(const struct verifyset *s, const struct verifyvanished_object *g)
{
	const struct label	*l;
	size_t			 i;

	if (is_paused(s->cat))
		return (1);
	if (g->kind == HEAD_WAL)
		return (wal_needed(s, &g->wal));
	for (i = 0; i < catalogue_labels(s->cat); i++) {
		l = catalogue_label(s->cat, i);
		if (g->kind == HEAD_PACK ? label_has_pack(l, g->id, g->no) :
		    strcmp(l->id, g->id) == 0)
			return (1);
	}
	return (0);
}

static int
report_one(struct verifyreport *t, struct verifyset *s,
    const struct verifyvanished_object *g)
{
	char	 path[LAYOUT_PATH], means[VERIFYIMPACT_TEXT];

	switch (g->kind) {
	case HEAD_WAL:
		(void)verifyreport_wal(path, &g->wal);
		(void)verifyimpact_wal(means, s, &g->wal);
		break;
	case HEAD_PACK:
		(void)layout_pack(path, g->id, g->no);
		(void)verifyimpact_pack(means, s, g->id, g->no);
		break;
	case HEAD_MANIFEST:
		(void)layout_manifest(path, g->id);
		(void)verifyimpact_manifest(means, g->id);
		break;
	case HEAD_OPEN:		/* not verified yet */
		return (0);
	}
	return (verifyreport_finding(t, path, means, VERIFYITEM_GONE));
}

int
verifyvanished_report(const struct verifyvanished *all, struct archive *a,
    struct verifyreport *t, const char *id, struct err *e)
{
	struct verifyset	 now = { .cat = NULL };
	size_t			 i;
	int			 rc = 0;

	if (all->n == 0)
		return (0);
	if ((rc = verifyset_load(&now, a, id, t->conf->vouch, e)) == 1 &&
	    (rc = verifylisting_refused(&now, t, id)) == 1)
		rc = err_set(e, ERR_ABSENT, "backup %s was expired while it "
		    "was verified", id);
	for (i = 0; rc == 0 && i < all->n; i++)
		if (is_needed(&now, &all->v[i]))
			rc = report_one(t, &now, &all->v[i]);
	verifyset_fini(&now);
	return (rc);
}

void
verifyvanished_free(struct verifyvanished *all)
{
	free(all->v);
	memset(all, 0, sizeof(*all));
}
