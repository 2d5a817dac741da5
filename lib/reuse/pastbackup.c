/* SPDX-License-Identifier: ISC */
/*
 * Earlier backups in the repository.  The order of pastbackup_claim() is half
 * of an agreement with expiry: a push publishes its claim and then looks at
 * the label; expiry withdraws the label and then looks for claims.  Whoever
 * comes second sees the other, without a lock and without a clock.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "backup/label.h"
#include "backup/manifest.h"
#include "base/str.h"
#include "crypt/sign.h"
#include "repo/object.h"
#include "reuse/pastbackup.h"

static const char	 claim_text[] = "seawall claim 1\n";

struct found {
	const char	*id;
	struct archive	*a;
	struct label	*label;
	struct err	*why;
};

/*
 * A label that cannot be trusted is no failure, it is a backup that is not
 * used.  Any other failure to read it is one.
 */
static int
on_label(void *arg, size_t i, const uint8_t *data, size_t n, struct err *e)
{
	struct found	*f = arg;
	struct err	 why = ERR_INIT;

	(void)i;
	if (data == NULL)
		return (0);
	if (label_parse(&f->label, data, n, f->id, f->a, &why) == 0)
		return (0);
	if (why.kind != ERR_CORRUPT)
		return (err_set(e, why.kind, "%s", why.msg));
	(void)err_set(f->why, ERR_CORRUPT, "%s", why.msg);
	return (0);
}

/*
 * Load the label of a backup.  Returns 0; 1 if there is none, or none that can
 * be trusted, and then *why says so; or -1.
 */
static int
load_label(struct label **l, struct archive *a, const char *id,
    struct err *why, struct err *e)
{
	struct found	 f = { .id = id, .a = a, .why = why };
	char		 path[LAYOUT_PATH];
	const char	*paths = layout_label(path, id);

	if (store_load(a->store, &paths, 1, SIGN_MAX, on_label, &f, e))
		return (-1);
	*l = f.label;
	return (f.label == NULL);
}

int
pastbackup_claim_dead(const struct pastbackup_conf *c, const char *id,
    struct err *e)
{
	char	 path[LAYOUT_PATH];

	return (connection_up(c->warm, e) ||
	    archive_publish(c->warm->a, layout_claim(path, id, c->id),
	    claim_text, sizeof(claim_text) - 1, e) ? -1 : 0);
}

int
pastbackup_claim(const struct pastbackup_conf *c,
    const struct lastmanifest *last, struct err *why, struct err *e)
{
	const char	*id = last->facts.id;
	struct label	*l = NULL;
	int		 rc;

	/* The claim first: see above. */
	if (pastbackup_claim_dead(c, id, e))
		return (-1);
	rc = load_label(&l, c->warm->a, id, why, e);
	if (rc == 1 && why->kind == ERR_NONE)
		(void)err_set(why, ERR_ABSENT, "backup %s is no longer in the "
		    "repository", id);
	if (rc == 0 && memcmp(l->manifest_hash, last->facts.manifest_hash,
	    HASH_LEN) != 0) {
		(void)err_set(why, ERR_CORRUPT, "backup %s in the repository "
		    "is not the one that %s was made for", id, last->path);
		rc = 1;
	}
	label_free(l);
	return (rc);
}

/*
 * Fetch the manifest of "l" into this host's copy.  It is published only if it
 * is the very one that the label names, and if what is stored with our key
 * may rely on it.
 */
static int
fetch(const struct pastbackup_conf *c, struct archive *a, const struct label *l,
    struct err *why, struct err *e)
{
	static const struct manifest_events	 nothing = { 0 };
	struct manifestfacts			 f;
	struct lastmanifest_writer		*w = NULL;
	struct object_info			 info;
	struct store_get			*get = NULL;
	struct sink				*s = NULL;
	char					 path[LAYOUT_PATH];
	int					 rc = -1;

	if (lastmanifest_begin(&w, c->warm->a, c->state_dir, e) ||
	    manifest_sink_open(&s, &nothing, w, e) ||
	    lastmanifest_tee_stack(&s, w, e) ||
	    store_get_open(&get, a->store, layout_manifest(path, l->id), e))
		goto out;
	rc = object_fetch(&info, a, get, HEAD_MANIFEST, path, &s, e);
	if (rc == 1)
		(void)err_set(why, ERR_CORRUPT, "%s is missing although the "
		    "backup has a label", path);
	if (rc != 0)
		goto out;
	if (memcmp(info.head_hash, l->manifest_hash, HASH_LEN) != 0 ||
	    !head_fits(&info.head, c->warm->key)) {
		(void)err_set(why, ERR_CONFLICT, "backup %s was made with "
		    "another key or for other recipients", l->id);
		rc = 1;
		goto out;
	}
	/* No time is safe: these may be another host's inodes and times. */
	f = manifestfacts_of(c->warm->key, c->warm->server, c->warm->system_id,
	    l->id, INT64_MIN);
	memcpy(f.manifest_hash, info.head_hash, HASH_LEN);
	f.nrecipients = info.head.nrecipients;
	memcpy(f.recipient, info.head.recipient, sizeof(f.recipient));
	rc = lastmanifest_publish(w, &f, e);
out:
	store_get_free(get);
	sink_free(s);
	lastmanifest_writer_free(w);
	return (rc);
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
 * Find the newest backup whose label can be trusted and whose chunks have our
 * size.  Returns 0; 1 if there is none, and *why says so; or -1.
 */
static int
newest(struct label **out, const struct pastbackup_conf *c, struct archive *a,
    struct err *why, struct err *e)
{
	static const char *const	 base[] = { LAYOUT_BASE };
	struct ids			 ids = { NULL, 0, 0 };
	struct label			*l = NULL;
	size_t				 i;
	int				 rc;

	rc = store_list(a->store, base, 1, on_base, &ids, e);
	if (ids.n > 0)
		qsort(ids.v, ids.n, sizeof(*ids.v), newest_first);
	for (i = 0; rc == 0 && i < ids.n && *out == NULL; i++) {
		if ((rc = load_label(&l, a, ids.v[i], why, e)) == 1)
			rc = 0;
		if (l != NULL && l->chunk_size == c->chunk_size)
			*out = l;
		else
			label_free(l);
		l = NULL;
	}
	free(ids.v);
	if (rc == 0 && *out == NULL && why->kind == ERR_NONE)
		(void)err_set(why, ERR_CONFIG, "found no earlier backup with "
		    "chunk_size %" PRIu32 " in the repository",
		    c->chunk_size);
	return (rc == 0 && *out == NULL ? 1 : rc);
}

int
pastbackup_fetch(const struct pastbackup_conf *c, struct err *why,
    struct err *e)
{
	struct archive	 a;
	struct label	*l = NULL;
	int		 rc;

	if (connection_up(c->warm, e))
		return (-1);
	a = *c->warm->a;		/* the same connection, another role */
	a.key = c->restore;
	if (c->base == NULL)
		rc = newest(&l, c, &a, why, e);
	else if ((rc = load_label(&l, &a, c->base, why, e)) == 1 &&
	    why->kind == ERR_NONE)
		(void)err_set(why, ERR_ABSENT, "found no backup %s in the "
		    "repository", c->base);
	/* A manifest that cannot be read is one that is not used. */
	if (rc == 0 && (rc = fetch(c, &a, l, why, e)) == -1 &&
	    (e->kind == ERR_CORRUPT || e->kind == ERR_CONFIG)) {
		(void)err_set(why, e->kind, "%s", e->msg);
		err_clear(e);
		rc = 1;
	}
	label_free(l);
	return (rc);
}
