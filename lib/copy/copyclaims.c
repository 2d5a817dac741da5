/* SPDX-License-Identifier: ISC */
/*
 * The claims of a copy.  They bear an id of the copy's own and not that of the
 * backup: a backup may be copied in several attempts, days apart, and a claim
 * holds from the time of its file on.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/str.h"
#include "copy/copyclaims.h"
#include "plan/copyset.h"

static const char	 text[] = "seawall claim 1\n";

/*
 * The suffix is one that a backup gets only as the 500th of one second: a claim
 * counts for nothing once a backup of its id has a label.
 */
int
copyclaims_begin(struct copyclaims *c, struct copyknown *k,
    uint64_t abandoned_ms, struct err *e)
{
	char		 now[CLOCK_TEXT];
	uint16_t	 r;

	memset(c, 0, sizeof(*c));
	c->at_ms = clock_mono_ms();
	if (k != NULL && k->claimer[0] != '\0' &&
	    (uint64_t)(c->at_ms - k->claimer_ms) < abandoned_ms / 8) {
		memcpy(c->claimer, k->claimer, sizeof(c->claimer));
		c->at_ms = k->claimer_ms;
		return (0);
	}
	if (io_random(&r, sizeof(r), e) || str_fmt(c->claimer, LAYOUT_ID, e,
	    "%s-%u", clock_format_id(now, clock_now_us()), 500U + r % 500))
		return (-1);
	if (k != NULL) {
		memcpy(k->claimer, c->claimer, sizeof(k->claimer));
		k->claimer_ms = c->at_ms;
	}
	return (0);
}

void
copyclaims_fini(struct copyclaims *c)
{
	free(c->id);
	memset(c, 0, sizeof(*c));
}

static int
has(const struct copyclaims *c, const char *id)
{
	size_t	 i;

	for (i = 0; i < c->n; i++)
		if (strcmp(c->id[i], id) == 0)
			return (1);
	return (0);
}

static int
claim(struct copyclaims *c, struct archive *to, const char *id,
    struct err *e)
{
	struct err	 why = ERR_INIT;
	char		 path[LAYOUT_PATH];
	void		*p;

	if (has(c, id))
		return (0);
	if ((p = reallocarray(c->id, c->n + 1, sizeof(*c->id))) == NULL)
		return (err_sys(e, ERR_LOCAL, "claim"));
	c->id = p;
	if (archive_publish(to, layout_claim(path, id, c->claimer), text,
	    sizeof(text) - 1, &why) == -1 && why.kind != ERR_CONFLICT)
		return (err_set(e, why.kind, "%s: %s", path, why.msg));
	return (str_fmt(c->id[c->n++], LAYOUT_ID, e, "%s", id));
}

static int
refers(const struct label *l, const char *id)
{
	size_t	 i;

	for (i = 0; i < l->nfrom; i++)
		if (strcmp(l->from[i], id) == 0)
			return (1);
	return (0);
}

int
copyclaims_for(struct copyclaims *c, const struct copyside *to,
    const struct label *l, struct err *e)
{
	const struct labelindex	*x = &to->labels;
	size_t			 i, k;

	if (claim(c, to->a, l->id, e))
		return (-1);
	for (i = 0; i < l->nfrom; i++) {
		if (!layout_id_ok(l->from[i]))
			continue;	/* label_parse() refuses such */
		if (claim(c, to->a, l->from[i], e))
			return (-1);
		if (labelindex_find(x, l->from[i]) != NULL)
			continue;
		for (k = 0; k < x->nlabel; k++)
			if (refers(x->label[k], l->from[i]) &&
			    claim(c, to->a, x->label[k]->id, e))
				return (-1);
	}
	return (0);
}

int64_t
copyclaims_since(const struct copyside *before, const struct copyside *to,
    const char *id, uint64_t abandoned_ms)
{
	const struct copyside_dir	*was = copyside_dir(before, id);
	const struct copyside_dir	*d = copyside_dir(to, id);

	if (was == NULL || d == NULL)
		return (d == NULL ? 0 : d->claim);
	return (copyset_since(was->came, was->ncame, d->claim,
	    (int64_t)(abandoned_ms / 1000)));
}

/* What was not there before the claims came with them. */
int
copyclaims_keep(const struct copyclaims *c, const struct copyside *before,
    const struct copyside *to, const char *id, uint32_t no, int64_t since)
{
	const struct labelindex	*x = &to->labels;
	const struct copyside_dir *d = copyside_dir(to, id);
	struct copyset_dir	 at;
	size_t			 k;

	if (d == NULL)
		return (0);
	at = (struct copyset_dir){ .claim = d->claim, .since = since,
	    .labelled = labelindex_find(x, id) != NULL,
	    .withdrawn = copyside_withdrawn(to, id) };
	if (!copyside_came(copyside_dir(before, id), no, &at.came))
		at.came = d->claim;
	if (copyset_may_rely(&at))
		return (1);
	for (k = 0; no != 0 && k < x->nlabel; k++)
		if (has(c, x->label[k]->id) &&
		    label_has_pack(x->label[k], id, no))
			return (1);
	return (0);
}

int
copyclaims_stale(const struct copyclaims *c, uint64_t abandoned_ms)
{
	return ((uint64_t)(clock_mono_ms() - c->at_ms) > abandoned_ms / 2);
}

void
copyclaims_withdraw(struct copyclaims *c, struct archive *to)
{
	struct err	 unused = ERR_INIT;
	char		 path[LAYOUT_PATH];
	const char	*paths[] = { path };
	size_t		 i;

	for (i = 0; i < c->n; i++) {
		(void)layout_claim(path, c->id[i], c->claimer);
		if (store_remove(to->store, paths, 1, &unused))
			return;
	}
}
