/* SPDX-License-Identifier: ISC */
/*
 * Earlier backups in the repository.  The order of pastbackup_claim() is half
 * of an agreement with expiry: a push publishes its claim and then looks at
 * the label; expiry withdraws the label and then looks for claims.  Whoever
 * comes second sees the other, without a lock and without a clock.
 */
#include <inttypes.h>
#include <string.h>

#include "backup/labelfind.h"
#include "backup/manifest.h"
#include "repo/object.h"
#include "reuse/pastbackup.h"

static const char	 claim_text[] = "seawall claim 1\n";

/*
 * A claim's name ends in our own id, so one that stands is ours.  There may be
 * one: of a push that died just behind its label this host has the list and
 * the journal, and a claim that is not used stays where nothing may be
 * removed.
 */
int
pastbackup_claim_dead(const struct pastbackup_conf *c, const char *id,
    struct err *e)
{
	struct err	 why = ERR_INIT;
	char		 path[LAYOUT_PATH];

	if (connection_up(c->warm, e))
		return (-1);
	if (archive_publish(c->warm->a, layout_claim(path, id, c->id),
	    claim_text, sizeof(claim_text) - 1, &why) == -1 &&
	    why.kind != ERR_CONFLICT)
		return (err_set(e, why.kind, "%s", why.msg));
	return (0);
}

/*
 * Take back a claim on a backup that is not used: in the directory of one that
 * is gone it would be all there is.  A server that permits no removals keeps
 * it; expiry removes it then, as it does any claim.
 */
static void
unclaim(const struct pastbackup_conf *c, const char *id)
{
	struct err	 unused = ERR_INIT;
	char		 claim[LAYOUT_PATH], dir[LAYOUT_PATH];
	const char	*path = layout_claim(claim, id, c->id);

	if (store_remove(c->warm->a->store, &path, 1, &unused) == -1)
		return;
	path = layout_base(dir, id);
	if (store_rmdir(c->warm->a->store, &path, 1, &unused) == -1)
		return;
}

int
pastbackup_claim(const struct pastbackup_conf *c,
    const struct lastmanifest *last, struct pastbackup_facts *facts,
    struct err *why, struct err *e)
{
	const char	*id = last->facts.id;
	struct label	*l = NULL;
	int		 rc;

	/* The claim first: see above. */
	if (pastbackup_claim_dead(c, id, e))
		return (-1);
	rc = labelfind_load(&l, c->warm->a, id, why, e);
	if (rc == 1 && why->kind == ERR_NONE)
		(void)err_set(why, ERR_ABSENT, "backup %s is no longer in the "
		    "repository", id);
	if (rc == 0 && memcmp(l->manifest_hash, last->facts.manifest_hash,
	    HASH_LEN) != 0) {
		(void)err_set(why, ERR_CORRUPT, "backup %s in the repository "
		    "is not the one that %s was made for", id, last->path);
		rc = 1;
	}
	if (rc == 0)
		*facts = (struct pastbackup_facts){ .timeline = l->timeline,
		    .start_lsn = l->start_lsn, .stop_lsn = l->stop_lsn,
		    .next_xid = l->next_xid,
		    .data_checksums = l->data_checksums };
	label_free(l);
	if (rc == 1)
		unclaim(c, id);
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

/*
 * Find the newest backup whose label can be trusted and whose chunks have our
 * size.  Returns 0; 1 if there is none, and *why says so; or -1.
 */
static int
newest(struct label **out, const struct pastbackup_conf *c, struct archive *a,
    struct err *why, struct err *e)
{
	const int	 rc = labelfind_newest(out, a, c->chunk_size, why, e);

	if (rc == 1 && why->kind == ERR_NONE)
		(void)err_set(why, ERR_CONFIG, "found no earlier backup of "
		    "this cluster in the repository");
	return (rc);
}

int
pastbackup_check(const struct pastbackup_conf *c, struct err *e)
{
	struct label	*l = NULL;
	struct err	 why = ERR_INIT;
	int		 rc;

	if (connection_up(c->warm, e) ||
	    (rc = labelfind_load(&l, c->warm->a, c->base, &why, e)) == -1)
		return (-1);
	if (rc == 1)
		return (err_set(e, why.kind == ERR_NONE ? ERR_ABSENT :
		    why.kind, "found no backup %s in the repository%s%s",
		    c->base, why.kind == ERR_NONE ? "" : ": ", why.msg));
	rc = 0;
	if (l->chunk_size != c->chunk_size)
		rc = err_set(e, ERR_CONFLICT, "backup %s has chunks of %"
		    PRIu32 " bytes, chunk_size is %" PRIu32, c->base,
		    l->chunk_size, c->chunk_size);
	label_free(l);
	return (rc);
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
	else if ((rc = labelfind_load(&l, &a, c->base, why, e)) == 1 &&
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
