/* SPDX-License-Identifier: ISC */
/* The merge of what is found now with what earlier pushes stored. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "pg/relpath.h"
#include "reuse/pastbackup.h"
#include "reuse/pastlist.h"
#include "reuse/reuse.h"

#define JOURNALS	6		/* files */
#define SOURCES		(JOURNALS + 1)
#define NOWHERE		SIZE_MAX

/* A backup's directory: what a listing showed of it. */
struct dir {
	char		 id[LAYOUT_ID];
	size_t		 at[SOURCES];	/* in their tables, or NOWHERE */
	int64_t		 latest, claim;	/* times of files, seconds */
	int		 withdrawn;	/* expiry has taken its label back */
};

struct reuse {
	struct reuse_conf	 conf;
	struct pastbackup_conf	 past;
	struct err		 why_not;	/* why there is no base */
	struct pastlist		*src[SOURCES];	/* who knows best, first */
	size_t			 nsrc;
	struct dir		*dir;		/* the push's table: itself first */
	const char		**ids;
	size_t			 ndir;
};

static void
tell(const struct reuse *r, const char *what, const char *why)
{
	char	 text[ERR_MSGMAX + 64];

	(void)snprintf(text, sizeof(text), "%s: %s", what, why);
	r->conf.note(r->conf.arg, text);
}

static void
drop_source(struct reuse *r, size_t i)
{
	pastlist_free(r->src[i]);
	memmove(&r->src[i], &r->src[i + 1], (--r->nsrc - i) *
	    sizeof(r->src[0]));
}

/* A journal's part has the claim of the journal. */
static int
is_claimed(const struct reuse *r)
{
	if (r->nsrc < 2)
		return (0);
	return (strcmp(r->src[r->nsrc - 2]->facts->id,
	    r->src[r->nsrc - 1]->facts->id) == 0);
}

/* Of a journal nothing is asked: what is wrong with it is stored anew. */
static int
add_journals(struct reuse *r, struct err *e)
{
	struct journal	*j[JOURNALS];
	struct err	 why = ERR_INIT;
	size_t		 i, n;
	int		 rc = 0;

	if (journal_find(j, JOURNALS, &n, r->conf.warm->a, r->conf.state_dir,
	    e))
		rc = -1;
	for (i = 0; i < n; i++) {
		if (rc == -1 || pastlist_journal(&r->src[r->nsrc], j[i], e)) {
			rc = -1;
			journal_free(j[i]);
			continue;
		}
		r->nsrc++;
		err_clear(&why);
		if (pastlist_look(r->src[r->nsrc - 1], r->conf.chunk_size,
		    r->conf.warm->key, &why)) {
			journal_remove(j[i]);
			drop_source(r, r->nsrc - 1);
		}
		else if (!is_claimed(r) &&
		    pastbackup_claim_dead(&r->past,
		    r->src[r->nsrc - 1]->facts->id, e))
			rc = -1;
	}
	return (rc);
}

/*
 * Try this host's list: 0; 1 if it cannot be used, and *why says so; or -1.
 * Whatever is wrong with a local file only costs time and space.
 */
static int
add_list(struct reuse *r, struct err *why, struct err *e)
{
	struct pastlist	*s = NULL;
	int		 rc;

	if ((rc = pastlist_last(&s, r->conf.warm->a, r->conf.state_dir,
	    why)) != 0) {
		if (rc == 1)
			(void)err_set(why, ERR_CONFIG, "no list of an earlier "
			    "backup is in state_dir %s", r->conf.state_dir);
		return (1);
	}
	if (r->conf.base != NULL && strcmp(r->conf.base, s->facts->id) != 0) {
		(void)err_set(why, ERR_CONFIG, "the list in state_dir is of "
		    "backup %s, not of %s", s->facts->id, r->conf.base);
		rc = 1;
	} else if (pastlist_look(s, r->conf.chunk_size, r->conf.warm->key, why))
		rc = 1;
	else
		rc = pastbackup_claim(&r->past, s->last, why, e);
	if (rc == 0)
		r->src[r->nsrc++] = s;
	else
		pastlist_free(s);
	return (rc);
}

/* Where there simply is none yet, that is no news. */
static void
tell_full(struct reuse *r)
{
	if (r->why_not.kind != ERR_CONFIG)
		tell(r, "everything is stored anew", r->why_not.msg);
}

/* This host's list, else one that is fetched; else there is no base. */
static int
add_base(struct reuse *r, struct err *e)
{
	struct err	 why = ERR_INIT, again = ERR_INIT;
	int		 rc;

	if ((rc = add_list(r, &why, e)) != 1)
		return (rc);
	if (r->conf.restore != NULL) {
		if ((rc = pastbackup_fetch(&r->past, &again, e)) == 0)
			rc = add_list(r, &again, e);
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

/* The place of a backup in the push's table, made if it has none. */
static int
place_of(struct reuse *r, const char *id, size_t *at, struct err *e)
{
	void	*p;
	size_t	 i;

	for (i = 0; i < r->ndir; i++)
		if (strcmp(r->dir[i].id, id) == 0)
			break;
	*at = i;
	if (i < r->ndir)
		return (0);
	if (i == UINT16_MAX)
		return (err_set(e, ERR_LOCAL, "list of backups: found more "
		    "than a manifest can refer to, %d", UINT16_MAX));
	if ((p = reallocarray(r->dir, i + 1, sizeof(*r->dir))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list of backups"));
	r->dir = p;
	memset(&r->dir[i], 0, sizeof(r->dir[i]));
	r->ndir++;
	for (i = 0; i < SOURCES; i++)
		r->dir[r->ndir - 1].at[i] = NOWHERE;
	return (str_fmt(r->dir[r->ndir - 1].id, LAYOUT_ID, e, "%s", id));
}

/* One table of what all sources refer to. */
static int
make_table(struct reuse *r, struct err *e)
{
	struct pastlist	*s;
	size_t		 i, k, at;

	if (place_of(r, r->conf.id, &at, e))
		return (-1);
	for (i = r->nsrc; i-- > 0;) {		/* the base comes first */
		s = r->src[i];
		for (k = 0; k < s->nids; k++) {
			if (place_of(r, s->id[k], &at, e))
				return (-1);
			s->place[k] = (uint16_t)at;
			r->dir[at].at[i] = k;
		}
	}
	if ((r->ids = calloc(r->ndir, sizeof(*r->ids))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list of backups"));
	for (i = 0; i < r->ndir; i++)
		r->ids[i] = r->dir[i].id;
	return (0);
}

/* base/ID: which packs are there. */
struct listing {
	struct reuse	*r;
	struct dir	**dir;		/* of the paths */
	int		 again;		/* only the packs count */
};

static int
on_pack(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct listing	*l = arg;
	struct reuse	*r = l->r;
	struct dir	*d = l->dir[i];
	uint32_t	 no;
	size_t		 k;

	(void)missing;
	(void)e;
	if (en == NULL || en->is_dir)
		return (0);
	if (!l->again && strcmp(en->name, "label.withdrawn") == 0)
		d->withdrawn = 1;
	if (!l->again && str_begins(en->name, "claim-") &&
	    strcmp(en->name + strlen("claim-"), r->conf.id) == 0)
		d->claim = en->mtime;
	if ((no = layout_pack_no(en->name)) == 0)
		return (0);
	if (!l->again && en->mtime > d->latest)
		d->latest = en->mtime;
	for (k = 0; k < r->nsrc; k++)
		if (d->at[k] != NOWHERE)
			packusage_found(r->src[k]->use, d->at[k], no, en->size);
	return (0);
}

static int
is_used(const struct reuse *r, const struct dir *d)
{
	size_t	 k;

	for (k = 0; k < r->nsrc; k++)
		if (d->at[k] != NOWHERE &&
		    packusage_any(r->src[k]->use, d->at[k]))
			return (1);
	return (0);
}

static int
list_packs(struct reuse *r, int again, struct err *e)
{
	struct listing	 l = { .r = r, .again = again };
	char		(*text)[LAYOUT_PATH] = NULL;
	const char	**paths = NULL;
	size_t		 i, n = 0;
	int		 rc = -1;

	if ((text = calloc(r->ndir, sizeof(*text))) == NULL ||
	    (paths = calloc(r->ndir, sizeof(*paths))) == NULL ||
	    (l.dir = calloc(r->ndir, sizeof(*l.dir))) == NULL) {
		err_sys(e, ERR_LOCAL, "list packs");
		goto out;
	}
	for (i = 1; i < r->ndir; i++)
		if (is_used(r, &r->dir[i])) {
			paths[n] = layout_base(text[n], r->dir[i].id);
			l.dir[n++] = &r->dir[i];
		}
	if (n > 0 && (connection_up(r->conf.warm, e) ||
	    store_list(r->conf.warm->a->store, paths, n, on_pack, &l, e)))
		goto out;
	rc = 0;
out:
	free(text);
	free(paths);
	free(l.dir);
	return (rc);
}

static void
tell_lost(const struct reuse *r, const struct pastlist *s)
{
	struct packusage_sum	 sum = packusage_sum(s->use);
	char			 text[256];

	if (sum.lost == 0)
		return;
	(void)snprintf(text, sizeof(text), "%zu packs that backup %s needs "
	    "are missing or cut short in the repository, so it cannot be "
	    "restored; what they held is stored anew", sum.lost,
	    s->facts->id);
	r->conf.note(r->conf.arg, text);
}

int
reuse_open(struct reuse **out, const struct reuse_conf *conf, struct err *e)
{
	struct reuse	*r;
	size_t		 i;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list of files"));
	r->conf = *conf;
	r->past = (struct pastbackup_conf){
		.warm = conf->warm, .id = conf->id,
		.state_dir = conf->state_dir, .restore = conf->restore,
		.base = conf->base, .chunk_size = conf->chunk_size
	};
	if (connection_up(conf->warm, e) ||
	    add_journals(r, e) ||
	    add_base(r, e) ||
	    make_table(r, e) ||
	    list_packs(r, 0, e)) {
		reuse_free(r);
		return (-1);
	}
	for (i = 0; i < r->nsrc; i++)
		if (r->src[i]->last != NULL)
			tell_lost(r, r->src[i]);
	*out = r;
	return (0);
}

void
reuse_free(struct reuse *r)
{
	if (r == NULL)
		return;
	while (r->nsrc > 0)
		drop_source(r, r->nsrc - 1);
	free(r->dir);
	free(r->ids);
	free(r);
}

const char *
reuse_base(const struct reuse *r)
{
	const struct pastlist	*s = r->nsrc == 0 ? NULL :
	    r->src[r->nsrc - 1];

	return (s == NULL || s->last == NULL ? NULL : s->facts->id);
}

const char *
reuse_resumed(const struct reuse *r)
{
	return (r->nsrc == 0 || r->src[0]->journal == NULL ? NULL :
	    r->src[0]->facts->id);
}

const char *
reuse_why_not(const struct reuse *r)
{
	return (r->why_not.msg);
}

const char *const *
reuse_ids(const struct reuse *r, size_t *n)
{
	*n = r->ndir;
	return (r->ids);
}

/*
 * A push that died has no label that expiry would withdraw (or it died when
 * the label was there, and then that shows): its directory
 * goes once nothing was added to it for abandoned_after.  So it is relied on
 * only if our claim came long before that, by the repository's own clock.
 */
static int
is_fresh(const struct reuse *r, const struct dir *d)
{
	return (d->claim != 0 && !d->withdrawn &&
	    d->claim - d->latest < r->conf.abandoned_us / 2000000);
}

/* Whether the new backup may refer to it. */
static int
may_refer(const struct reuse *r, size_t at, uint32_t pack)
{
	const struct dir	*d = &r->dir[at];
	const struct pastlist	*s;
	size_t			 k;

	for (k = 0; k < r->nsrc; k++) {
		s = r->src[k];
		if (d->at[k] == NOWHERE)
			continue;
		if (s->last != NULL ? packusage_worth(s->use, d->at[k], pack) :
		    is_fresh(r, d) && packusage_there(s->use, d->at[k], pack))
			return (1);
	}
	return (0);
}

/* Into our table; what cannot be referred to becomes "not there". */
static int
take_refs(const struct reuse *r, struct pastlist *s, struct reuse_found *f)
{
	struct pack_ref	*ref;
	size_t		 at;
	int		 all = 1;

	f->refs = s->now->refs;
	f->nrefs = s->now->nrefs;
	s->now->refs = NULL;
	for (ref = f->refs; ref != f->refs + f->nrefs; ref++) {
		if (ref->pack == 0)
			continue;
		at = s->place[ref->backup];
		if (may_refer(r, at, ref->pack))
			ref->backup = (uint16_t)at;
		else {
			memset(ref, 0, sizeof(*ref));
			all = 0;
		}
	}
	return (all);
}

static int
at_rest(const struct reuse *r, const struct pastlist *s,
    const struct manifest_entry *en)
{
	const struct manifest_entry	*old = &s->now->en;
	const int64_t			 safe = s->facts->safe_us;
	struct relpath			 rel;

	return (!r->conf.reread && old->size == en->size &&
	    old->mtime_us == en->mtime_us && old->ctime_us == en->ctime_us &&
	    old->inode == en->inode &&
	    old->mtime_us < safe && old->ctime_us < safe &&
	    (old->flags & MANIFEST_DAMAGED) == 0 &&
	    ((old->flags & MANIFEST_CHECKED) != 0 || !r->conf.verify ||
	    !relpath_parse(en->path, &rel)));
}

/* The first source that has the file: 0; 1 if none has; or -1. */
static int
find_source(struct reuse *r, const char *path, struct pastlist **out,
    struct err *e)
{
	size_t	 i;
	int	 rc;

	for (i = 0; i < r->nsrc; i++) {
		if ((rc = pastlist_find(r->src[i], path, e)) == -1)
			return (-1);
		if (rc == 0 && r->src[i]->now->en.type == MANIFEST_FILE) {
			*out = r->src[i];
			return (0);
		}
	}
	return (1);
}

int
reuse_find(struct reuse *r, struct manifest_entry *en, struct reuse_found *f,
    struct err *e)
{
	struct pastlist	*s;
	int		 rc;

	*f = (struct reuse_found){ .verdict = REUSE_NOTHING };
	if ((rc = find_source(r, en->path, &s, e)) != 0)
		return (rc == 1 ? 0 : -1);
	f->verdict = REUSE_COMPARE;
	if (take_refs(r, s, f) && at_rest(r, s, en)) {
		f->verdict = REUSE_KEEP;
		en->flags = s->now->en.flags;
		en->crc32c = s->now->en.crc32c;
	}
	return (0);
}

int
reuse_end(struct reuse *r, struct err *e)
{
	size_t	 i;

	for (i = 0; i < r->nsrc; i++)
		if (pastlist_end(r->src[i], e))
			return (-1);
	return (0);
}

/* How many packs may be referred to, by each who knows of them. */
static size_t
referable(const struct reuse *r)
{
	const struct packusage	*u;
	size_t			 i, k, n = 0;
	uint32_t		 no, last;

	for (i = 1; i < r->ndir; i++)
		for (k = 0; k < r->nsrc; k++) {
			if (r->dir[i].at[k] == NOWHERE)
				continue;
			u = r->src[k]->use;
			last = 0;
			while (packusage_run(u, r->dir[i].at[k], last, &no,
			    &last))
				for (; no <= last; no++)
					n += (size_t)may_refer(r, i, no);
		}
	return (n);
}

int
reuse_still(struct reuse *r, struct err *e)
{
	const size_t	 before = referable(r);
	size_t		 now = 0, k;
	int		 tries;

	/* Once more where a listing ran while files came and went. */
	for (tries = 0; now < before && tries < 2; tries++) {
		for (k = 0; k < r->nsrc; k++)
			packusage_forget(r->src[k]->use);
		if (list_packs(r, 1, e))
			return (-1);
		now = referable(r);
	}
	if (now < before)
		return (err_set(e, ERR_REMOTE, "packs of earlier backups that "
		    "this one refers to have gone from the repository since "
		    "it began (%zu of %zu); it is not a backup; start it "
		    "again, and find out what removes files there",
		    before - now, before));
	return (0);
}

void
reuse_done(struct reuse *r)
{
	size_t	 i;

	for (i = 0; i < r->nsrc; i++)
		if (r->src[i]->journal != NULL)
			journal_remove(r->src[i]->journal);
}
