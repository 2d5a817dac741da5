/* SPDX-License-Identifier: ISC */
/*
 * Labels that came while expiry ran.  An expiry removes a claim only once it
 * has seen the label of the push that made it.  So whoever looks for claims
 * first, and for new labels afterwards, sees one of the two.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "expire/latelabels.h"
#include "repo/loadeach.h"

/* Directories without a label in the catalogue, or that it does not have. */
struct late {
	struct expire	*x;
	struct archive	*a;
	char		(*id)[LAYOUT_ID];	/* owned */
	size_t		 n;
	char		(*text)[LAYOUT_PATH];	/* owned; paths to be read */
	const char	**paths;		/* owned */
	size_t		*of;			/* owned; whose they are */
	size_t		 npaths;
	int		 withdrawn;		/* reading withdrawn labels */
};

static int
on_base(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct late	*l = arg;
	void		*p;

	(void)i;
	(void)missing;
	if (en == NULL || !en->is_dir || !layout_id_ok(en->name) ||
	    catalogue_find(l->x->cat, en->name) != NULL)
		return (0);
	if ((p = reallocarray(l->id, l->n + 1, sizeof(*l->id))) == NULL)
		return (err_sys(e, ERR_LOCAL, "expire"));
	l->id = p;
	return (str_fmt(l->id[l->n++], LAYOUT_ID, e, "%s", en->name));
}

/*
 * Whether there is nothing to read.  What lay withdrawn when the catalogue was
 * read is to go: it holds nothing.  Something else that lay in that place lies
 * there still, so no label can have been withdrawn since; anybody may make a
 * directory there, which no run could ever read.
 */
static int
is_known(const struct late *l, const char *id)
{
	const struct pin	*p = catalogue_unlabelled_find(l->x->cat, id);

	return (p != NULL && (p->kind == PIN_WITHDRAWN ||
	    (l->withdrawn && p->kind == PIN_UNREADABLE)));
}

static int
refuse(const char *id, const struct err *why, struct err *e)
{
	return (err_set(e, why->kind, "nothing is deleted, as backup %s, "
	    "completed meanwhile, has a label that cannot be read: %s", id,
	    why->msg));
}

/* In the place of a withdrawn label a pin may lie, which refers to nothing. */
static int
on_label(void *arg, size_t i, const uint8_t *data, size_t n, struct err *e)
{
	struct late	*l = arg;
	struct expire	*x = l->x;
	const char	*id = l->id[l->of[i]];
	struct err	 why = ERR_INIT, unused = ERR_INIT;

	if (data == NULL)
		return (0);
	if (label_parse(&x->held[x->nheld], data, n, id, l->a, &why) == 0) {
		x->nheld++;
		return (0);
	}
	/* One of a retired signer that no inventory lists keeps its packs. */
	if (why.kind == ERR_CORRUPT && label_parse_unlisted(
	    &x->held[x->nheld], data, n, id, l->a, &unused) == 0) {
		x->nheld++;
		return (0);
	}
	if (l->withdrawn && why.kind == ERR_CORRUPT)
		return (0);
	return (refuse(id, &why, e));
}

static int
on_unread(void *arg, size_t i, const struct err *why, struct err *e)
{
	const struct late	*l = arg;

	return (refuse(l->id[l->of[i]], why, e));
}

static int
read_all(struct late *l, int withdrawn, struct err *e)
{
	const struct store_reading	 to = { on_label, on_unread, l };
	size_t				 i;

	l->npaths = 0;
	l->withdrawn = withdrawn;
	for (i = 0; i < l->n; i++) {
		if (is_known(l, l->id[i]))
			continue;
		l->of[l->npaths] = i;
		l->paths[l->npaths] = withdrawn ?
		    layout_withdrawn(l->text[l->npaths], l->id[i]) :
		    layout_label(l->text[l->npaths], l->id[i]);
		l->npaths++;
	}
	return (l->npaths == 0 ? 0 : loadeach_run(&to, l->a, l->paths,
	    l->npaths, e));
}

/* A label may be read twice, before and after it is withdrawn. */
static int
make_room(struct late *l, struct err *e)
{
	struct expire	*x = l->x;
	void		*p;

	p = reallocarray(x->held, x->nheld + 2 * l->n + 1, sizeof(*x->held));
	if (p != NULL)
		x->held = p;
	l->text = calloc(l->n + 1, sizeof(*l->text));
	l->paths = calloc(l->n + 1, sizeof(*l->paths));
	l->of = calloc(l->n + 1, sizeof(*l->of));
	if (p == NULL || l->text == NULL || l->paths == NULL || l->of == NULL)
		return (err_sys(e, ERR_LOCAL, "expire"));
	return (0);
}

/* Labels first: one that is withdrawn between the two looks is seen then. */
int
latelabels_hold(struct expire *x, struct archive *a, struct err *e)
{
	static const char *const	 base[] = { LAYOUT_BASE };
	struct late			 l = { .x = x, .a = a };
	int				 rc = -1;

	if (store_list(a->store, base, 1, on_base, &l, e) ||
	    make_room(&l, e) ||
	    read_all(&l, 0, e) ||
	    read_all(&l, 1, e))
		goto out;
	rc = 0;
out:
	free(l.id);
	free(l.text);
	free(l.paths);
	free(l.of);
	return (rc);
}
