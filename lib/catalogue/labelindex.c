/* SPDX-License-Identifier: ISC */
/*
 * All labels of a cluster and the pins beside them: one listing, then two
 * rounds of small files, however many backups there are.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "catalogue/labelindex.h"
#include "repo/loadeach.h"

/* A directory, as it was listed. */
struct listed {
	char		 id[LAYOUT_ID];
	int64_t		 changed;
};

struct loading {
	struct labelindex	*x;
	struct archive		*a;
	const struct labelindex_events *events;
	struct listed		*v;		/* owned; with twins */
	size_t			 n, room;
};

void
labelindex_fini(struct labelindex *x)
{
	size_t	 i;

	for (i = 0; i < x->nlabel; i++)
		label_free(x->label[i]);
	free(x->label);
	free(x->bare);
	free(x->id);
	free(x->changed);
	free(x->pin);
	free(x->of);
	memset(x, 0, sizeof(*x));
}

static int
compare_names(const void *a, const void *b)
{
	return (strcmp(a, b));
}

/* The index of "id" in x->id; x->nid if it is not there. */
static size_t
place(const struct labelindex *x, const char *id)
{
	const char	(*at)[LAYOUT_ID] = NULL;

	if (x->nid > 0)
		at = bsearch(id, x->id, x->nid, sizeof(*x->id),
		    compare_names);
	return (at == NULL ? x->nid :
	    (size_t)(at - (const char (*)[LAYOUT_ID])x->id));
}

/* An entry of base/. */
static int
on_base(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct loading	*l = arg;
	void		*p;

	(void)i;
	(void)missing;
	if (en == NULL)
		return (0);
	if (!en->is_dir || !layout_id_ok(en->name)) {
		l->events->unknown(l->events->arg, en->name);
		return (0);
	}
	if (l->n == l->room) {
		l->room = l->room == 0 ? 64 : 2 * l->room;
		p = reallocarray(l->v, l->room, sizeof(*l->v));
		if (p == NULL)
			return (err_sys(e, ERR_LOCAL, "list the backups"));
		l->v = p;
	}
	l->v[l->n].changed = en->mtime;
	return (str_fmt(l->v[l->n++].id, LAYOUT_ID, e, "%s", en->name));
}

/*
 * A label that is not authentic is reported and left out.  Every other
 * failure, memory for one, ends the loading: a list without a label that may
 * be sound would make expiry delete what that one needs.
 */
static int
on_label(void *arg, size_t i, const uint8_t *data, size_t n, struct err *e)
{
	struct loading		*l = arg;
	struct labelindex	*x = l->x;
	struct label		*late = NULL;
	struct err		 why = ERR_INIT, unused = ERR_INIT;

	if (data == NULL)
		return (str_fmt(x->bare[x->nbare++], LAYOUT_ID, e, "%s",
		    x->id[i]));
	if (label_parse(&x->label[x->nlabel], data, n, x->id[i], l->a,
	    &why) == 0) {
		x->nlabel++;
		return (0);
	}
	if (why.kind == ERR_CORRUPT && label_parse_unlisted(&late, data, n,
	    x->id[i], l->a, &unused) == 0)
		return (l->events->unlisted(l->events->arg, x->id[i], late,
		    &why, e));
	if (why.kind == ERR_CORRUPT)
		return (l->events->refused(l->events->arg, x->id[i],
		    &why, e));
	return (err_set(e, why.kind, "%s", why.msg));
}

/* A file that is no label, whatever it holds, must not hide the others. */
static int
on_unread(void *arg, size_t i, const struct err *why, struct err *e)
{
	struct loading	*l = arg;
	struct err	 told = *why;

	(void)err_ctx(&told, "label of %s", l->x->id[i]);
	return (l->events->refused(l->events->arg, l->x->id[i], &told, e));
}

/* Labels that are looked for once more. */
struct again {
	struct labelindex	*x;
	size_t			*at;	/* owned: their indices in x->label */
	char			(*text)[LAYOUT_PATH];	/* owned: paths */
	const char		**paths;		/* owned */
	size_t			 n;
};

static int
on_again(void *arg, size_t i, const uint8_t *data, size_t n, struct err *e)
{
	struct again		*g = arg;
	struct labelindex	*x = g->x;
	struct label		**l = &x->label[g->at[i]];

	(void)n;
	(void)e;
	if (data != NULL)
		return (0);
	memcpy(x->bare[x->nbare++], (*l)->id, LAYOUT_ID);
	label_free(*l);
	*l = NULL;
	return (0);
}

/* It was read before, so it stands. */
static int
on_again_unread(void *arg, size_t i, const struct err *why, struct err *e)
{
	(void)arg;
	(void)i;
	(void)why;
	(void)e;
	return (0);
}

static int
again_make(struct again *g, struct err *e)
{
	struct labelindex	*x = g->x;
	size_t			 i;

	if ((g->at = calloc(x->nlabel, sizeof(*g->at))) == NULL ||
	    (g->text = calloc(x->nlabel, sizeof(*g->text))) == NULL ||
	    (g->paths = calloc(x->nlabel, sizeof(*g->paths))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list the backups"));
	for (i = 0; i < x->nlabel; i++)
		if (labelindex_pin(x, x->label[i]->id)->kind ==
		    PIN_WITHDRAWN) {
			g->paths[g->n] = layout_label(g->text[g->n],
			    x->label[i]->id);
			g->at[g->n++] = i;
		}
	return (0);
}

/*
 * An expiry may have withdrawn a label after it was read.  Then it lies in the
 * place of the pin, and no longer in its own; where it lies in both, that is a
 * finding.
 */
static int
drop_withdrawn(struct labelindex *x, struct archive *a, struct err *e)
{
	struct again			 g = { .x = x };
	const struct store_reading	 to = { on_again, on_again_unread,
	    &g };
	size_t				 i, n = 0;
	int				 rc;

	if (x->nlabel == 0)
		return (0);
	rc = again_make(&g, e) || (g.n > 0 &&
	    loadeach_run(&to, a, g.paths, g.n, e)) ? -1 : 0;
	for (i = 0; i < x->nlabel; i++)
		if (x->label[i] != NULL)
			x->label[n++] = x->label[i];
	x->nlabel = n;
	qsort(x->bare, x->nbare, sizeof(*x->bare), compare_names);
	free(g.at);
	free(g.text);
	free(g.paths);
	return (rc);
}

static int
compare_labels(const void *va, const void *vb)
{
	const struct label	*a = *(struct label *const *)va;
	const struct label	*b = *(struct label *const *)vb;

	if (a->start_us != b->start_us)
		return (a->start_us < b->start_us ? -1 : 1);
	return (strcmp(a->id, b->id));
}

/*
 * A listing from a host that is not trusted may name a backup twice; that
 * must not make it two, which would count twice for the policy.
 */
static void
take_dirs(struct labelindex *x, struct listed *v, size_t n)
{
	size_t	 i;

	qsort(v, n, sizeof(*v), compare_names);
	for (i = 0; i < n; i++) {
		if (x->nid == 0 || strcmp(v[i].id, x->id[x->nid - 1]) != 0)
			memcpy(x->id[x->nid++], v[i].id, LAYOUT_ID);
		if (v[i].changed > x->changed[x->nid - 1])
			x->changed[x->nid - 1] = v[i].changed;
	}
}

/*
 * First all labels, then all files in the place of a pin.  The order matters:
 * expiry withdraws a label by renaming it to that very place.  A withdrawn
 * label that is found there after the label was missing proves that the backup
 * was withdrawn.  The other way round, a label could be withdrawn between the
 * two reads, and the backup would show neither.
 */
static int
load_all(struct loading *l, char (*text)[LAYOUT_PATH], const char **paths,
    const char **ids, struct err *e)
{
	const struct store_reading	 to = { on_label, on_unread, l };
	struct labelindex	*x = l->x;
	size_t			 i;

	for (i = 0; i < x->nid; i++) {
		ids[i] = x->id[i];
		paths[i] = layout_label(text[i], x->id[i]);
	}
	if (loadeach_run(&to, l->a, paths, x->nid, e))
		return (-1);
	for (i = 0; i < x->nid; i++)
		paths[i] = layout_withdrawn(text[i], x->id[i]);
	return (pin_load(x->pin, paths, ids, x->nid, l->a, e) ||
	    drop_withdrawn(x, l->a, e) ? -1 : 0);
}

static int
load_labels(struct loading *l, struct err *e)
{
	struct labelindex	*x = l->x;
	char			(*text)[LAYOUT_PATH] = NULL;
	const char		**paths = NULL, **ids = NULL;
	size_t			 i;
	int			 rc = -1;

	if (l->n == 0)
		return (0);
	if ((x->id = calloc(l->n, sizeof(*x->id))) == NULL ||
	    (x->changed = calloc(l->n, sizeof(*x->changed))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list the backups"));
	take_dirs(x, l->v, l->n);
	if ((text = calloc(x->nid, sizeof(*text))) == NULL ||
	    (paths = calloc(x->nid, sizeof(*paths))) == NULL ||
	    (ids = calloc(x->nid, sizeof(*ids))) == NULL ||
	    (x->pin = calloc(x->nid, sizeof(*x->pin))) == NULL ||
	    (x->of = calloc(x->nid, sizeof(*x->of))) == NULL ||
	    (x->label = calloc(x->nid, sizeof(*x->label))) == NULL ||
	    (x->bare = calloc(x->nid, sizeof(*x->bare))) == NULL) {
		err_sys(e, ERR_LOCAL, "list the backups");
		goto out;
	}
	if (load_all(l, text, paths, ids, e))
		goto out;
	qsort(x->label, x->nlabel, sizeof(*x->label), compare_labels);
	for (i = 0; i < x->nlabel; i++)
		x->of[place(x, x->label[i]->id)] = x->label[i];
	rc = 0;
out:
	free(ids);
	free(paths);
	free(text);
	return (rc);
}

int
labelindex_load(struct labelindex *x, struct archive *a,
    const struct labelindex_events *events, struct err *e)
{
	static const char *const	 base[] = { LAYOUT_BASE };
	struct loading			 l = { .x = x, .a = a,
	    .events = events };
	int				 rc;

	rc = store_list(a->store, base, 1, on_base, &l, e) ||
	    load_labels(&l, e) ? -1 : 0;
	free(l.v);
	return (rc);
}

int64_t
labelindex_changed(const struct labelindex *x, const char *id)
{
	return (x->changed[place(x, id)]);
}

const struct pin *
labelindex_pin(const struct labelindex *x, const char *id)
{
	return (&x->pin[place(x, id)]);
}

const struct label *
labelindex_find(const struct labelindex *x, const char *id)
{
	const size_t	 i = place(x, id);

	return (i == x->nid ? NULL : x->of[i]);
}

int
labelindex_has(const struct labelindex *x, const char *id)
{
	return (place(x, id) != x->nid);
}

int
labelindex_is_bare(const struct labelindex *x, const char *id)
{
	return (x->nbare > 0 && bsearch(id, x->bare, x->nbare,
	    sizeof(*x->bare), compare_names) != NULL);
}
