/* SPDX-License-Identifier: ISC */
/*
 * A WAL file out of the archive, or the proof that it is not there.
 *
 * To PostgreSQL a missing segment is the end of WAL: it ends recovery and opens
 * the database short of what was archived.  So "missing" needs a proof, and
 * everything that is no proof is a failure.
 */
#include <stdlib.h>

#include "base/str.h"
#include "pg/walname.h"
#include "repo/layout.h"
#include "repo/marker.h"
#include "repo/object.h"
#include "wal/openwhole.h"
#include "wal/walend.h"
#include "wal/walfetch.h"

struct walfetch {
	struct archive		*a;
	struct store_get	*marker, *get;
	char			 name[WALNAME_TEXT];
	char			 path[LAYOUT_PATH];
};

int
walfetch_open(struct walfetch **out, struct archive *a, const char *name,
    struct err *e)
{
	struct walfetch	*f;

	if ((f = calloc(1, sizeof(*f))) == NULL)
		return (err_sys(e, ERR_LOCAL, "fetch"));
	f->a = a;
	/*
	 * The marker is asked for along with the file, since that costs
	 * nothing.  It comes first: if the disk were mounted between the two,
	 * the marker would be missing and nothing proved.
	 */
	if (str_fmt(f->name, sizeof(f->name), e, "%s", name) ||
	    layout_wal(f->path, name, e) ||
	    marker_open(&f->marker, a, e) ||
	    store_get_open(&f->get, a->store, f->path, e) ||
	    store_get_ask(f->get, 0, STORE_TO_END, e)) {
		walfetch_free(f);
		return (-1);
	}
	*out = f;
	return (0);
}

void
walfetch_free(struct walfetch *f)
{
	if (f == NULL)
		return;
	store_get_free(f->marker);
	store_get_free(f->get);
	free(f);
}

void
walfetch_advance(struct walfetch *f)
{
	(void)store_get_ready(f->get);
}

int
walfetch_look(struct walfetch *f, struct sink **dst, struct err *e)
{
	struct object_info	 info;

	return (object_take(&info, f->a, f->get, HEAD_WAL, f->path, dst, e));
}

/* That the file is absent, and WAL ends before it. */
static int
prove(struct walfetch *f, int *streamed, struct err *e)
{
	struct marker	 m;

	/* The marker's content arrives while folders are listed. */
	(void)store_get_ready(f->marker);
	/*
	 * The marker is read twice.  The first was opened before the file.  The
	 * second is opened last, because what is open can still be read from a
	 * disk that was detached meanwhile (umount -l): only a new open proves
	 * that the disk was mounted during all listings.
	 */
	return (walend_later(f->a, f->name, streamed, e) ||
	    marker_require(&m, f->a, f->marker, e) ||
	    walend_left(f->a, f->name, m.wal_segment_size, e) ||
	    marker_look(&m, f->a, e) ? -1 : 0);
}

/*
 * An export holds WAL for one recovery, and leaves out what came later: then an
 * absent segment is no end.  A history file is absent as in a repository.
 */
static int
left_out(struct walfetch *f, struct err *e)
{
	const char	*until = store_wal_until(f->a->store);
	struct walname	 w;

	if (walname_parse(f->name, &w, e))
		return (-1);
	if (w.kind != WALNAME_SEGMENT || until == NULL)
		return (0);
	return (err_set(e, ERR_ABSENT, "%s: the export does not hold this "
	    "segment; it holds the WAL for a recovery to %s, so recover to "
	    "that, or export more (backup-export --wal-until)",
	    store_name(f->a->store), until));
}

int
walfetch_run(struct walfetch *f, struct sink **dst, struct err *e)
{
	struct err	 unused = ERR_INIT;
	int		 streamed = 0, rc = walfetch_look(f, dst, e);

	if (rc != 1)
		return (rc);
	if (prove(f, &streamed, e) == 0 && left_out(f, e) == 0)
		return (streamed ? WALFETCH_STREAMED : 1);
	/* A server may be lost while a segment is on its way to its name. */
	if (!streamed || e->kind != ERR_REMOTE ||
	    openwhole_take(f->a, f->name, dst, &unused) != 0)
		return (-1);
	err_clear(e);
	return (0);
}
