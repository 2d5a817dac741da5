/* SPDX-License-Identifier: ISC */
/*
 * The verdict on each file: what of it need not be read, or not be stored.
 * A file that is taken unread although it changed is a wrong backup, and
 * nothing would show it before a restore.  So each condition here has to hold
 * by itself, and any doubt means that the file is read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "pg/relpath.h"
#include "reuse/packtable.h"
#include "reuse/pastset.h"
#include "reuse/recordset.h"
#include "reuse/reuse.h"

struct reuse {
	struct reuse_conf	 conf;
	struct pastset		 set;
	struct packtable	*table;
	struct recordset	*index;		/* after reuse_index() */
};

/* Not our failure, but nobody else may ever look. */
static void
note_lost(const struct reuse *r, const struct pastlist *l)
{
	struct packusage_sum	 sum = packusage_sum(l->use);
	char			 text[256];

	if (sum.lost == 0)
		return;
	(void)snprintf(text, sizeof(text), "%zu pack%s that backup %s needs "
	    "%s missing or cut short in the repository, so it cannot be "
	    "restored; what was in there is stored anew", sum.lost,
	    str_plural(sum.lost), l->facts->id, sum.lost == 1 ? "is" : "are");
	r->conf.note(r->conf.arg, text);
}

static struct pastbackup_conf
past_of(const struct reuse_conf *conf)
{
	return ((struct pastbackup_conf){
		.warm = conf->warm, .id = conf->id,
		.state_dir = conf->state_dir, .restore = conf->restore,
		.base = conf->base, .chunk_size = conf->chunk_size
	});
}

int
reuse_check(const struct reuse_conf *conf, struct err *e)
{
	const struct pastbackup_conf	 past = past_of(conf);

	return (conf->base == NULL ? 0 : pastset_check_base(&past, e));
}

/*
 * The packs are listed after the claims were published (pastset_gather()): a
 * pack that the listing shows is then under a claim already.
 */
int
reuse_open(struct reuse **out, const struct reuse_conf *conf, struct err *e)
{
	const struct pastbackup_conf	 past = past_of(conf);
	struct reuse			*r;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list of files"));
	r->conf = *conf;
	if (connection_up(conf->warm, e) ||
	    pastset_gather(&r->set, &past, conf->note, conf->arg, e) ||
	    packtable_new(&r->table, &r->set, conf->id, conf->abandoned_us,
	    e) ||
	    packtable_list(r->table, conf->warm, e)) {
		reuse_free(r);
		return (-1);
	}
	if (pastset_base(&r->set) != NULL)
		note_lost(r, pastset_base(&r->set));
	*out = r;
	return (0);
}

void
reuse_free(struct reuse *r)
{
	if (r == NULL)
		return;
	recordset_free(r->index);
	packtable_free(r->table);
	pastset_free(&r->set);
	free(r);
}

const char *
reuse_base(const struct reuse *r)
{
	const struct pastlist	*l = pastset_base(&r->set);

	return (l == NULL ? NULL : l->facts->id);
}

const char *
reuse_resumed(const struct reuse *r)
{
	const struct pastlist	*l = pastset_resumed(&r->set);

	return (l == NULL ? NULL : l->facts->id);
}

const char *
reuse_why_not(const struct reuse *r)
{
	return (r->set.why_not.msg);
}

const struct pastbackup_facts *
reuse_past(const struct reuse *r)
{
	return (pastset_base(&r->set) == NULL ? NULL : &r->set.past);
}

const uint8_t *
reuse_manifest_hash(const struct reuse *r)
{
	const struct pastlist	*l = pastset_base(&r->set);

	return (l == NULL ? NULL : l->facts->manifest_hash);
}

const char *const *
reuse_ids(const struct reuse *r, size_t *n)
{
	return (packtable_ids(r->table, n));
}

/* Whether "pack" of the backup at *backup, which is taken over, may be used. */
static int
may_take(const struct reuse *r, const struct pastlist *l, uint16_t *backup,
    uint32_t pack)
{
	const size_t	 at = l->place[*backup];

	*backup = (uint16_t)at;
	return (packtable_may_refer(r->table, at, pack));
}

/*
 * Take over a chunk: 1 if it is as the list says; 0 if it is zeros now, since
 * its pack may not be referred to; -1 if that is so of its difference alone.
 * Then it is its base, with which the chunk is to be compared.
 */
static int
take_ref(const struct reuse *r, const struct pastlist *l,
    struct pack_ref *ref)
{
	if (!may_take(r, l, &ref->backup, ref->pack)) {
		memset(ref, 0, sizeof(*ref));
		return (0);
	}
	if (ref->diff.pack == 0 ||
	    may_take(r, l, &ref->diff.backup, ref->diff.pack))
		return (1);
	memcpy(ref->hash, ref->diff.base, HASH_LEN);
	memset(&ref->diff, 0, sizeof(ref->diff));
	return (-1);
}

/* Note that chunk "i" is not what the file had. */
static int
set_bare(struct reuse_found *f, size_t i, struct err *e)
{
	if (f->bare == NULL && (f->bare = calloc(f->nrefs, 1)) == NULL)
		return (err_sys(e, ERR_LOCAL, "list of files"));
	f->bare[i] = 1;
	return (0);
}

/*
 * Take the references over into our table.  One to a pack that the new backup
 * may not refer to becomes zeros, so that its chunk is read and stored anew.
 * Sets *all to whether all are as the list says.
 */
static int
take_refs(const struct reuse *r, struct pastlist *l, struct reuse_found *f,
    int *all, struct err *e)
{
	struct pack_ref	*ref;
	int		 rc;

	f->refs = l->now->refs;
	f->nrefs = l->now->nrefs;
	l->now->refs = NULL;
	*all = 1;
	for (ref = f->refs; ref != f->refs + f->nrefs; ref++) {
		if (ref->pack == 0)
			continue;
		if ((rc = take_ref(r, l, ref)) == 1)
			continue;
		*all = 0;
		if (rc == -1 && set_bare(f, (size_t)(ref - f->refs), e))
			return (-1);
	}
	return (0);
}

/*
 * Whether anything of the file may be taken unread.  A file that was replaced
 * has another inode.  What a stream brought has none, and so never matches.
 *
 * Damaged pages are read again, since the storage may have been mended, and
 * so are relations whose checksums were not verified then and are to be now.
 */
static int
may_trust(const struct reuse *r, const struct pastlist *l,
    const struct manifest_entry *en)
{
	const struct manifest_entry	*old = &l->now->en;
	struct relpath			 rel;

	return (!r->conf.reread && old->inode == en->inode &&
	    (old->flags & MANIFEST_DAMAGED) == 0 &&
	    ((old->flags & MANIFEST_CHECKED) != 0 || !r->conf.verify ||
	    !relpath_parse(en->path, &rel)));
}

/*
 * Whether the file is as it was when the list was made.  Size and mtime alone
 * do not show it: programs set mtime back, so ctime must be the same, which
 * only the kernel sets.
 *
 * The times must lie before the list's safe time as well.  A file that changed
 * within the same tick of its clock as it was read, or while it was read, may
 * have the same times and other content.
 */
static int
at_rest(const struct reuse *r, const struct pastlist *l,
    const struct manifest_entry *en)
{
	const struct manifest_entry	*old = &l->now->en;
	const int64_t			 safe = l->facts->safe_us;

	return (old->size == en->size &&
	    old->mtime_us == en->mtime_us && old->ctime_us == en->ctime_us &&
	    old->mtime_us < safe && old->ctime_us < safe &&
	    may_trust(r, l, en));
}

/*
 * Whether chunks of a changed file may be taken unread if PostgreSQL says that
 * they did not change.  What it says is of this data directory, so the list
 * must be of it as well: a list that was fetched has no safe time.
 */
static int
same_file(const struct reuse *r, const struct pastlist *l,
    const struct manifest_entry *en)
{
	return (l == pastset_base(&r->set) && l->facts->safe_us != INT64_MIN &&
	    l->now->en.ctime_us <= en->ctime_us && may_trust(r, l, en));
}

int
reuse_find(struct reuse *r, struct manifest_entry *en, struct reuse_found *f,
    struct err *e)
{
	struct pastlist	*l;
	int		 rc, all;

	*f = (struct reuse_found){ .verdict = REUSE_NOTHING };
	if ((rc = pastset_find(&r->set, en->path, &l, e)) != 0)
		return (rc == 1 ? 0 : -1);
	f->verdict = REUSE_COMPARE;
	f->size = l->now->en.size;
	f->same_file = same_file(r, l, en);
	if (take_refs(r, l, f, &all, e)) {
		free(f->refs);
		return (-1);
	}
	if (all && at_rest(r, l, en)) {
		f->verdict = REUSE_KEEP;
		en->flags = l->now->en.flags;
		en->crc32c = l->now->en.crc32c;
	}
	return (0);
}

int
reuse_end(struct reuse *r, struct err *e)
{
	return (pastset_end(&r->set, e));
}

/* Whether any chunk may be referred to; else there is nothing to keep. */
static int
any_ref(const struct reuse_found *f)
{
	size_t	 i;

	for (i = 0; i < f->nrefs; i++)
		if (f->refs[i].pack != 0)
			return (1);
	return (0);
}

/* Take over what one list has of one file. */
static int
index_one(struct reuse *r, struct pastlist *l, struct err *e)
{
	const struct manifest_entry	 en = { .type = MANIFEST_FILE,
	    .path = l->now->path };
	struct reuse_found		 f = { .nrefs = 0 };
	int				 rc, all;

	rc = take_refs(r, l, &f, &all, e);
	if (rc == 0 && any_ref(&f))
		rc = recordset_add(r->index, &en, f.refs, f.nrefs, e);
	free(f.refs);
	free(f.bare);
	return (rc);
}

/* reuse_end() proves that what was read is what was found authentic. */
int
reuse_index(struct reuse *r, const char *dir, struct err *e)
{
	char		 after[MANIFEST_PATH_MAX + 1] = "";
	struct pastlist	*l;
	int		 rc;

	if (recordset_new(&r->index, dir, e))
		return (-1);
	while ((rc = pastset_next(&r->set, after, &l, e)) == 0) {
		if (str_fmt(after, sizeof(after), e, "%s", l->now->path) ||
		    index_one(r, l, e))
			return (-1);
	}
	return (rc == -1 || reuse_end(r, e) ||
	    recordset_sort(r->index, e) ? -1 : 0);
}

int
reuse_seek(struct reuse *r, const char *path, struct pack_ref **refs,
    size_t *nrefs, struct err *e)
{
	struct recordset_item	 it;
	int			 rc;

	*refs = NULL;
	*nrefs = 0;
	if ((rc = recordset_find(r->index, path, &it, e)) != 0)
		return (rc == 1 ? 0 : -1);
	*refs = it.refs;
	*nrefs = it.nrefs;
	it.refs = NULL;
	recordset_drop(&it);
	return (0);
}

/*
 * Compared is what may be referred to, not what is: that needs no second
 * reading of the manifest.  A pack that is gone in spite of a claim is reason
 * enough to stop, whether this backup needs it or not.
 */
int
reuse_still(struct reuse *r, struct err *e)
{
	const size_t	 before = packtable_referable(r->table);
	size_t		 now = 0;
	int		 tries;

	/* A listing that ran while files came and went may miss some. */
	for (tries = 0; now < before && tries < 2; tries++) {
		if (packtable_relist(r->table, r->conf.warm, e))
			return (-1);
		now = packtable_referable(r->table);
	}
	if (now < before)
		return (err_set(e, ERR_REMOTE, "%zu of %zu packs that this "
		    "backup shares with earlier ones were removed from the "
		    "repository since it began, so it was not completed; "
		    "find out what removes them and run base-push again",
		    before - now, before));
	return (0);
}

void
reuse_done(struct reuse *r)
{
	pastset_remove_journals(&r->set);
}
