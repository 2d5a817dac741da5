/* SPDX-License-Identifier: ISC */
/* The merge of what is found now with an earlier backup's manifest. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/str.h"
#include "pg/relpath.h"
#include "repo/earlier.h"
#include "repo/manifest_reader.h"
#include "repo/packuse.h"

#define STEP	((size_t)64 << 10)

struct reuse {
	struct reuse_conf	 conf;
	struct err		 why_not;	/* ERR_NONE: there is a base */
	struct lastlist		*last;
	char			(*id)[LAYOUT_ID];	/* ours, then its table */
	const char		**ids;
	size_t			 nids;
	struct packuse		*use;		/* by its table */
	struct hash		*tap;
	struct manifest_reader	*reader;
	struct manifest_item	*now;		/* the next not looked at */
	int			 ended;
};

/*
 * The first reading of the list: is it authentic, and which packs does it
 * use?
 */
static int
on_header(void *arg, uint32_t chunk_size, const char *const *backups,
    size_t nbackups, struct err *e)
{
	struct reuse	*r = arg;
	void		*id, *ids;
	size_t		 i;

	if (chunk_size != r->conf.chunk_size)
		return (err_set(e, ERR_CONFLICT, "backup %s has chunks of %"
		    PRIu32 " bytes, chunk_size is %" PRIu32, backups[0],
		    chunk_size, r->conf.chunk_size));
	if (strcmp(backups[0], r->last->facts.id) != 0 ||
	    nbackups >= UINT16_MAX)
		return (err_set(e, ERR_CORRUPT, "%s: damaged",
		    r->last->path));
	if ((id = reallocarray(r->id, nbackups + 1, sizeof(*r->id))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list of files"));
	r->id = id;
	r->ids[0] = r->id[0];
	ids = reallocarray(r->ids, nbackups + 1, sizeof(*r->ids));
	if (ids == NULL)
		return (err_sys(e, ERR_LOCAL, "list of files"));
	r->ids = ids;
	for (i = 0; i < nbackups; i++)
		if (str_fmt(r->id[i + 1], LAYOUT_ID, e, "%s", backups[i]))
			return (-1);
	for (i = 0; i <= nbackups; i++)
		r->ids[i] = r->id[i];
	r->nids = nbackups + 1;
	return (packuse_new(&r->use, nbackups, e));
}

static int
on_chunk(void *arg, uint64_t index, const struct pack_ref *ref,
    struct err *e)
{
	struct reuse	*r = arg;

	(void)index;
	return (packuse_add(r->use, ref, e));
}

static int
read_all(struct reuse *r, struct hash *h, struct sink *s, struct err *e)
{
	uint8_t		*buf;
	uint64_t	 at = 0;
	size_t		 n, want;
	int		 rc = -1;

	if ((buf = malloc(STEP)) == NULL)
		return (err_sys(e, ERR_LOCAL, "list of files"));
	for (; at < r->last->len; at += n) {
		want = r->last->len - at < STEP ?
		    (size_t)(r->last->len - at) : STEP;
		if (io_read_at(r->last->fd, buf, want, at, &n, r->last->path,
		    e))
			goto out;
		if (n == 0)
			break;		/* the tag will not fit */
		hash_add(h, buf, n);
		if (sink_write(s, buf, n, e))
			goto out;
	}
	rc = 0;
out:
	free(buf);
	return (rc);
}

static int
first_reading(struct reuse *r, struct err *e)
{
	static const struct manifest_events	 events = {
		on_header, NULL, on_chunk, NULL
	};
	struct hash	*h = NULL;
	struct sink	*s = NULL;
	int		 rc = -1;

	if (lastlist_hash(r->last, &h, e) ||
	    manifest_sink_open(&s, &events, r, e) ||
	    read_all(r, h, s, e) ||
	    lastlist_check(r->last, h, e) ||
	    sink_finish(s, e))
		goto out;
	rc = 0;
out:
	sink_free(s);
	hash_free(h);
	return (rc);
}

/* base/ID: which packs are there. */
struct listing {
	struct reuse	*r;
	size_t		*index;		/* of the paths: in its table */
};

static int
on_pack(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct listing	*l = arg;
	uint32_t	 no;

	(void)missing;
	(void)e;
	if (en != NULL && !en->is_dir &&
	    (no = layout_pack_no(en->name)) != 0)
		packuse_found(l->r->use, l->index[i], no, en->size);
	return (0);
}

static int
list_packs(struct reuse *r, struct err *e)
{
	const size_t	 all = r->nids - 1;
	struct listing	 l = { .r = r };
	char		(*text)[LAYOUT_PATH] = NULL;
	const char	**paths = NULL;
	size_t		 i, n = 0;
	int		 rc = -1;

	if ((text = calloc(all, sizeof(*text))) == NULL ||
	    (paths = calloc(all, sizeof(*paths))) == NULL ||
	    (l.index = calloc(all, sizeof(*l.index))) == NULL) {
		err_sys(e, ERR_LOCAL, "list packs");
		goto out;
	}
	for (i = 0; i < all; i++)
		if (packuse_any(r->use, i)) {
			paths[n] = layout_base(text[n], r->ids[i + 1]);
			l.index[n++] = i;
		}
	if (n > 0 && (warm_up(r->conf.warm, e) ||
	    store_list(r->conf.warm->a->store, paths, n, on_pack, &l, e)))
		goto out;
	rc = 0;
out:
	free(text);
	free(paths);
	free(l.index);
	return (rc);
}

static void
tell_lost(struct reuse *r)
{
	struct packuse_sum	 sum = packuse_sum(r->use);
	char			 text[256];

	if (sum.lost == 0)
		return;
	(void)snprintf(text, sizeof(text), "%zu packs that backup %s needs "
	    "are missing or cut short in the repository, so it cannot be "
	    "restored; what they held is stored anew", sum.lost,
	    r->last->facts.id);
	r->conf.note(r->conf.arg, text);
}

/* Where there simply is none yet, that is no news. */
static void
tell_full(struct reuse *r)
{
	char	 text[ERR_MSGMAX + 32];

	if (r->why_not.kind == ERR_CONFIG)
		return;
	(void)snprintf(text, sizeof(text), "everything is stored anew: %s",
	    r->why_not.msg);
	r->conf.note(r->conf.arg, text);
}

/*
 * Try this host's list: 0; 1 if it cannot be used, and *why says so; or -1.
 * Whatever is wrong with a local file only costs time and space.
 */
static int
use_list(struct reuse *r, struct err *why, struct err *e)
{
	int	 rc;

	if ((rc = lastlist_open(&r->last, r->conf.warm->a,
	    r->conf.state_dir, why)) != 0) {
		if (rc == 1)
			(void)err_set(why, ERR_CONFIG, "no list of an earlier "
			    "backup is in state_dir %s", r->conf.state_dir);
		return (1);
	}
	if (r->conf.base != NULL &&
	    strcmp(r->conf.base, r->last->facts.id) != 0)
		(void)err_set(why, ERR_CONFIG, "the list in state_dir is of "
		    "backup %s, not of %s", r->last->facts.id, r->conf.base);
	else if (!listfacts_fit(&r->last->facts,
	    r->conf.warm->key))
		(void)err_set(why, ERR_CONFLICT, "backup %s was made for other "
		    "readers than the key names now", r->last->facts.id);
	if (why->kind != ERR_NONE)
		return (1);
	if (first_reading(r, why)) {
		if (why->kind == ERR_CORRUPT && strstr(why->msg,
		    r->last->path) == NULL)
			err_ctx(why, "%s is damaged", r->last->path);
		return (1);
	}
	if ((rc = earlier_claim(&r->conf, r->last, why, e)) != 0)
		return (rc);
	if (list_packs(r, e) ||
	    lastlist_hash(r->last, &r->tap, e) ||
	    manifest_reader_new(&r->reader, r->last->fd, r->last->len,
	    r->tap, e))
		return (-1);
	tell_lost(r);
	return (0);
}

static void
drop_list(struct reuse *r)
{
	packuse_free(r->use);
	lastlist_free(r->last);
	r->use = NULL;
	r->last = NULL;
	r->nids = 1;
}

/* This host's list, else one that is fetched; else there is no base. */
static int
find_base(struct reuse *r, struct err *e)
{
	struct err	 why = ERR_INIT, again = ERR_INIT;
	int		 rc;

	if ((rc = use_list(r, &why, e)) != 1)
		return (rc);
	drop_list(r);
	if (r->conf.restore != NULL) {
		if ((rc = earlier_fetch(&r->conf, &again, e)) == 0 &&
		    (rc = use_list(r, &again, e)) == 1)
			drop_list(r);
		if (rc != 1)
			return (rc);
		if (why.kind == ERR_CONFIG)
			why = again;
	}
	if (r->conf.base != NULL)
		return (err_set(e, why.kind, "--base %s: %s%s", r->conf.base,
		    why.msg, r->conf.restore == NULL ? "; to fetch its list "
		    "needs restore_key" : ""));
	r->why_not = why;
	tell_full(r);
	return (0);
}

int
reuse_open(struct reuse **out, const struct reuse_conf *conf, struct err *e)
{
	struct reuse	*r;

	if ((r = calloc(1, sizeof(*r))) == NULL ||
	    (r->id = calloc(1, sizeof(*r->id))) == NULL ||
	    (r->ids = calloc(1, sizeof(*r->ids))) == NULL) {
		reuse_free(r);
		return (err_sys(e, ERR_LOCAL, "list of files"));
	}
	r->conf = *conf;
	r->nids = 1;
	r->ids[0] = r->id[0];
	if (str_fmt(r->id[0], LAYOUT_ID, e, "%s", conf->id) ||
	    warm_up(conf->warm, e) ||
	    find_base(r, e)) {
		reuse_free(r);
		return (-1);
	}
	*out = r;
	return (0);
}

void
reuse_free(struct reuse *r)
{
	if (r == NULL)
		return;
	manifest_reader_drop(r->now);
	manifest_reader_free(r->reader);
	hash_free(r->tap);
	drop_list(r);
	free(r->id);
	free(r->ids);
	free(r);
}

const char *
reuse_base(const struct reuse *r)
{
	return (r->reader == NULL ? NULL : r->last->facts.id);
}

const char *
reuse_why_not(const struct reuse *r)
{
	return (r->why_not.msg);
}

const char *const *
reuse_ids(const struct reuse *r, size_t *n)
{
	*n = r->nids;
	return (r->ids);
}

/* Move on to the first entry that is not before "path". */
static int
advance(struct reuse *r, const char *path, struct err *e)
{
	int	 rc;

	while (!r->ended && (r->now == NULL ||
	    strcmp(r->now->path, path) < 0)) {
		manifest_reader_drop(r->now);
		r->now = NULL;
		if ((rc = manifest_reader_next(r->reader, &r->now, e)) == -1)
			return (-1);
		r->ended = rc;
	}
	return (0);
}

/* Into our table; what cannot be referred to becomes "not there". */
static int
take_refs(struct reuse *r, struct reuse_found *f)
{
	struct pack_ref	*ref;
	int		 all = 1;

	f->refs = r->now->refs;
	f->nrefs = r->now->nrefs;
	r->now->refs = NULL;
	for (ref = f->refs; ref != f->refs + f->nrefs; ref++) {
		if (ref->pack == 0)
			continue;
		if (packuse_worth(r->use, ref->backup, ref->pack))
			ref->backup++;
		else {
			memset(ref, 0, sizeof(*ref));
			all = 0;
		}
	}
	return (all);
}

static int
at_rest(const struct reuse *r, const struct manifest_entry *old,
    const struct manifest_entry *en)
{
	const int64_t	 safe = r->last->facts.safe_us;
	struct relpath	 rel;

	return (!r->conf.reread && old->size == en->size &&
	    old->mtime_us == en->mtime_us && old->ctime_us == en->ctime_us &&
	    old->inode == en->inode &&
	    old->mtime_us < safe && old->ctime_us < safe &&
	    (old->flags & MANIFEST_DAMAGED) == 0 &&
	    ((old->flags & MANIFEST_CHECKED) != 0 || !r->conf.verify ||
	    !relpath_parse(en->path, &rel)));
}

int
reuse_find(struct reuse *r, struct manifest_entry *en, struct reuse_found *f,
    struct err *e)
{
	const struct manifest_entry	*old;
	int				 all;

	*f = (struct reuse_found){ .verdict = REUSE_NOTHING };
	if (r->reader == NULL)
		return (0);
	if (advance(r, en->path, e))
		return (-1);
	if (r->ended || strcmp(r->now->path, en->path) != 0 ||
	    r->now->en.type != MANIFEST_FILE)
		return (0);
	old = &r->now->en;
	all = take_refs(r, f);
	f->verdict = REUSE_COMPARE;
	if (all && at_rest(r, old, en)) {
		f->verdict = REUSE_KEEP;
		en->flags = old->flags;
		en->crc32c = old->crc32c;
	}
	return (0);
}

int
reuse_end(struct reuse *r, struct err *e)
{
	int	 rc = 0;

	if (r->reader == NULL)
		return (0);
	while (rc == 0 && !r->ended) {
		manifest_reader_drop(r->now);
		r->now = NULL;
		if ((rc = manifest_reader_next(r->reader, &r->now, e)) == 1) {
			r->ended = 1;
			rc = 0;
		}
	}
	return (rc == 0 ? lastlist_check(r->last, r->tap, e) : -1);
}
