/* SPDX-License-Identifier: ISC */
/* One label, found without reading all of them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "backup/labelfind.h"
#include "base/str.h"
#include "repo/loadeach.h"

#define AT_ONCE	32			/* labels in one flight */

struct found {
	const char	*ids[AT_ONCE];	/* of the labels that are read */
	struct archive	*a;
	uint32_t	 chunk_size;	/* wanted; 0: any */
	struct label	*label;		/* the first that fits; owned */
	int		 others;	/* some have other chunk sizes */
	struct err	*why;
};

/*
 * A label that cannot be trusted is no failure, it is a backup that is not
 * used.  So is one that cannot be read, on_unread().  Any other failure is one.
 */
static int
on_label(void *arg, size_t i, const uint8_t *data, size_t n, struct err *e)
{
	struct found	*f = arg;
	struct label	*l = NULL;
	struct err	 why = ERR_INIT;

	if (data == NULL || f->label != NULL)
		return (0);
	if (label_parse(&l, data, n, f->ids[i], f->a, &why) == 0) {
		if (f->chunk_size == 0 || l->chunk_size == f->chunk_size)
			f->label = l;
		else {
			f->others = 1;
			label_free(l);
		}
		return (0);
	}
	if (why.kind != ERR_CORRUPT)
		return (err_set(e, why.kind, "%s", why.msg));
	(void)err_set(f->why, ERR_CORRUPT, "%s", why.msg);
	return (0);
}

static int
on_unread(void *arg, size_t i, const struct err *why, struct err *e)
{
	struct found	*f = arg;

	(void)e;
	if (f->label == NULL)
		(void)err_set(f->why, ERR_CORRUPT, "label of %s: %s",
		    f->ids[i], why->msg);
	return (0);
}

/* Find the first of "n" labels that fits. */
static int
load_some(struct found *f, size_t n, struct err *e)
{
	const struct store_reading	 to = { on_label, on_unread, f };
	char				 text[AT_ONCE][LAYOUT_PATH];
	const char			*paths[AT_ONCE];
	size_t				 i;

	for (i = 0; i < n; i++)
		paths[i] = layout_label(text[i], f->ids[i]);
	return (loadeach_run(&to, f->a, paths, n, e));
}

/* Give the label away.  Returns 1 if none was found. */
static int
hand_over(struct found *f, int rc, struct label **out)
{
	if (rc == -1)
		label_free(f->label);
	else if (f->label == NULL)
		rc = 1;
	else
		*out = f->label;
	return (rc);
}

int
labelfind_load(struct label **out, struct archive *a, const char *id,
    struct err *why, struct err *e)
{
	struct found	 f = { .ids = { id }, .a = a, .why = why };

	return (hand_over(&f, load_some(&f, 1, e), out));
}

struct ids {
	char	(*v)[LAYOUT_ID];
	size_t	 n, room;
};

static int
on_base(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct ids	*ids = arg;
	void		*p;

	(void)i;
	(void)missing;
	if (en == NULL || !en->is_dir || !layout_id_ok(en->name))
		return (0);
	if (ids->n == ids->room) {
		ids->room = ids->room == 0 ? 64 : 2 * ids->room;
		if ((p = reallocarray(ids->v, ids->room,
		    sizeof(*ids->v))) == NULL)
			return (err_sys(e, ERR_LOCAL, "list the backups"));
		ids->v = p;
	}
	return (str_fmt(ids->v[ids->n++], LAYOUT_ID, e, "%s", en->name));
}

static int
newest_first(const void *a, const void *b)
{
	return (strcmp(b, a));
}

/*
 * Mostly the newest fits.  There may be any number of forged ones before it, so
 * ever more are read in one flight.
 */
static int
search(struct found *f, const struct ids *ids, struct err *e)
{
	size_t	 i, k, n = 1;

	for (i = 0; i < ids->n && f->label == NULL; i += n, n *= 2) {
		if (n > AT_ONCE)
			n = AT_ONCE;
		if (n > ids->n - i)
			n = ids->n - i;
		for (k = 0; k < n; k++)
			f->ids[k] = ids->v[i + k];
		if (load_some(f, n, e))
			return (-1);
	}
	return (0);
}

int
labelfind_newest(struct label **out, struct archive *a, uint32_t chunk_size,
    struct err *why, struct err *e)
{
	static const char *const	 base[] = { LAYOUT_BASE };
	struct found			 f = { .a = a, .why = why,
	    .chunk_size = chunk_size };
	struct ids			 ids = { NULL, 0, 0 };
	int				 rc;

	rc = store_list(a->store, base, 1, on_base, &ids, e);
	if (ids.n > 0)
		qsort(ids.v, ids.n, sizeof(*ids.v), newest_first);
	if (rc == 0)
		rc = search(&f, &ids, e);
	free(ids.v);
	if (rc == 0 && f.label == NULL && f.others)
		(void)err_set(why, ERR_CONFIG, "found no earlier backup with "
		    "chunk_size %" PRIu32 " in the repository", chunk_size);
	return (hand_over(&f, rc, out));
}
