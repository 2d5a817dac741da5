/* SPDX-License-Identifier: ISC */
/* Reads the manifest that a label names. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "repo/layout.h"
#include "repo/object.h"
#include "restore/manifestread.h"

/*
 * The caller's events, and why the first that failed did so.  The parser and
 * object_fetch() put the manifest's name in front of every failure; a full
 * disk of this host must not be blamed on the manifest.
 */
struct heard {
	const struct manifest_events *events;
	void		*arg;
	struct err	 why;
};

static int
keep_why(struct heard *h, int rc, const struct err *e)
{
	if (rc == -1 && e->kind != ERR_CORRUPT)
		h->why = *e;
	return (rc);
}

static int
hear_header(void *arg, uint32_t chunk_size, const char *const *backups,
    size_t n, struct err *e)
{
	struct heard	*h = arg;

	return (h->events->header == NULL ? 0 : keep_why(h,
	    h->events->header(h->arg, chunk_size, backups, n, e), e));
}

static int
hear_entry(void *arg, const struct manifest_entry *en, struct err *e)
{
	struct heard	*h = arg;

	return (h->events->entry == NULL ? 0 : keep_why(h,
	    h->events->entry(h->arg, en, e), e));
}

static int
hear_chunk(void *arg, uint64_t index, const struct pack_ref *ref,
    struct err *e)
{
	struct heard	*h = arg;

	return (h->events->chunk == NULL ? 0 : keep_why(h,
	    h->events->chunk(h->arg, index, ref, e), e));
}

static int
hear_end(void *arg, uint64_t entries, uint64_t bytes, struct err *e)
{
	struct heard	*h = arg;

	return (h->events->end == NULL ? 0 : keep_why(h,
	    h->events->end(h->arg, entries, bytes, e), e));
}

static int
hear_database(void *arg, uint32_t oid, const char *name, struct err *e)
{
	struct heard	*h = arg;

	return (h->events->database == NULL ? 0 : keep_why(h,
	    h->events->database(h->arg, oid, name, e), e));
}

static int
hear_config(void *arg, const struct manifest_config *c, struct err *e)
{
	struct heard	*h = arg;

	return (h->events->config == NULL ? 0 : keep_why(h,
	    h->events->config(h->arg, c, e), e));
}

static int
hear_content(void *arg, const void *p, size_t n, struct err *e)
{
	struct heard	*h = arg;

	return (h->events->content == NULL ? 0 : keep_why(h,
	    h->events->content(h->arg, p, n, e), e));
}

int
manifestread(struct archive *a, const struct label *l,
    const struct manifest_events *events, void *arg, struct err *e)
{
	static const struct manifest_events	 all = {
		.header = hear_header, .entry = hear_entry, .chunk = hear_chunk,
		.end = hear_end, .database = hear_database,
		.config = hear_config, .content = hear_content
	};
	struct heard		 h = { events, arg, ERR_INIT };
	struct object_info	 info;
	struct store_get	*get = NULL;
	struct sink		*s = NULL;
	char			 path[LAYOUT_PATH];
	int			 rc = -1;

	(void)layout_manifest(path, l->id);
	if (store_get_open(&get, a->store, path, e) ||
	    manifest_sink_open(&s, &all, &h, e))
		goto out;
	if ((rc = object_fetch(&info, a, get, HEAD_MANIFEST, path, &s,
	    e)) == 1)
		rc = err_set(e, ERR_CORRUPT, "%s is missing although the "
		    "backup has a label", path);
	/*
	 * It is authentic and lies in its place.  Whether it is the one that
	 * the label names shows only now that all of it has come: what the
	 * events did must not count until this returns 0.
	 */
	if (rc == 0 && (info.stored != l->manifest_size ||
	    memcmp(info.head_hash, l->manifest_hash, HASH_LEN) != 0))
		rc = err_set(e, ERR_CORRUPT, "%s is not the one that the "
		    "label names", path);
	if (rc == -1 && h.why.kind != ERR_NONE)
		*e = h.why;
out:
	sink_free(s);
	store_get_free(get);
	return (rc);
}

int
manifestread_ids_copy(struct manifestread_ids *t, const char *const *ids,
    size_t n, struct err *e)
{
	if ((t->id = calloc(n, sizeof(*t->id))) == NULL)
		return (err_sys(e, ERR_LOCAL, "manifest"));
	for (; t->n < n; t->n++)
		if (str_dup(&t->id[t->n], ids[t->n], e))
			return (-1);
	return (0);
}

void
manifestread_ids_free(struct manifestread_ids *t)
{
	while (t->n > 0)
		free(t->id[--t->n]);
	free(t->id);
	t->id = NULL;
}
