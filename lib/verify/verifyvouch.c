/* SPDX-License-Identifier: ISC */
/*
 * Collecting an inventory.  Times come from a listing that is made before the
 * verification begins: the time in question is past, so nothing that is not
 * listed yet came before it, and labels that came later are known before what
 * they say is looked at.  What passes comes in the order of the verification.
 * Paths are kept as hashes of 16 bytes: nobody finds two that share one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "crypt/retired.h"
#include "crypt/vouched.h"
#include "plan/grace.h"
#include "repo/inventory.h"
#include "repo/loadeach.h"
#include "verify/verifyvouch.h"

#define PATH_HASH	16
#define SECOND		INT64_C(1000000)

struct one {
	uint8_t		 path[PATH_HASH];
	uint8_t		 entry[HASH_LEN];
	char		 bad;
};

/* A file that came before the time in question, or nobody knows when. */
struct timed {
	uint8_t		 path[PATH_HASH];
	char		 undated;
};

struct verifyvouch {
	uint8_t		 signer[KEY_LEN];
	uint8_t		 id[KEY_ID_LEN];
	int64_t		 until_us;
	size_t		 most;		/* entries in a file */
	struct one	*v;		/* owned; what passed in time */
	size_t		 n, room;
	uint64_t	 late, undated;	/* what passed besides */
	uint8_t		(*bad)[PATH_HASH];	/* owned */
	size_t		 nbad, badroom;
	struct timed	*time;		/* owned; sorted when it is complete */
	size_t		 ntime, timeroom;
	/* Directories of the next level that are to be listed; owned. */
	char		(*dir)[LAYOUT_PATH];
	size_t		 ndir, dirroom;
	const char	**now;		/* those of this level; owned */
};

int
verifyvouch_new(struct verifyvouch **out, const uint8_t *signer,
    int64_t until_us, struct err *e)
{
	struct verifyvouch	*v;

	if ((v = calloc(1, sizeof(*v))) == NULL)
		return (err_sys(e, ERR_LOCAL, "memory for an inventory"));
	memcpy(v->signer, signer, KEY_LEN);
	key_id(v->id, signer);
	v->until_us = until_us;
	v->most = VOUCHED_MAX;
	*out = v;
	return (0);
}

void
verifyvouch_split(struct verifyvouch *v, size_t entries)
{
	v->most = entries;
}

void
verifyvouch_free(struct verifyvouch *v)
{
	if (v == NULL)
		return;
	free(v->v);
	free(v->bad);
	free(v->time);
	free(v->dir);
	free(v->now);
	free(v);
}

/* Make room for one more of "n" items; *p may move. */
static int
grow(void **p, size_t n, size_t *room, size_t size, struct err *e)
{
	void	*q;

	if (n < *room)
		return (0);
	*room = *room == 0 ? 256 : 2 * *room;
	if ((q = reallocarray(*p, *room, size)) == NULL)
		return (err_sys(e, ERR_LOCAL, "memory for an inventory"));
	*p = q;
	return (0);
}

static void
hash_path(uint8_t out[PATH_HASH], const char *path)
{
	uint8_t	 h[HASH_LEN];

	hash_of(h, path, strlen(path));
	memcpy(out, h, PATH_HASH);
}

static int
compare_paths(const void *a, const void *b)
{
	return (memcmp(a, b, PATH_HASH));
}

/* What was listed of that path; NULL if it came later, or was not listed. */
static const struct timed *
find_time(const struct verifyvouch *v, const char *path)
{
	uint8_t	 hash[PATH_HASH];

	hash_path(hash, path);
	return (v->ntime == 0 ? NULL : bsearch(hash, v->time, v->ntime,
	    sizeof(*v->time), compare_paths));
}

int
verifyvouch_leaves_out(const struct verifyvouch *v, const char *path,
    const uint8_t signer[KEY_ID_LEN])
{
	const struct timed	*t;

	if (memcmp(signer, v->id, KEY_ID_LEN) != 0)
		return (0);
	t = find_time(v, path);
	return (t == NULL || t->undated);
}

int
verifyvouch_passed(struct verifyvouch *v, const char *path,
    const uint8_t signer[KEY_ID_LEN], const uint8_t hash[HASH_LEN],
    struct err *e)
{
	const struct timed	*t;
	struct one		*o;
	void			*p = v->v;

	if (memcmp(signer, v->id, KEY_ID_LEN) != 0)
		return (0);
	t = find_time(v, path);
	if (t == NULL || t->undated) {
		v->late++;
		v->undated += t != NULL;
		return (0);
	}
	if (grow(&p, v->n, &v->room, sizeof(*v->v), e))
		return (-1);
	v->v = p;
	o = &v->v[v->n++];
	memset(o, 0, sizeof(*o));
	hash_path(o->path, path);
	vouched_entry(o->entry, path, hash);
	return (0);
}

int
verifyvouch_bad(struct verifyvouch *v, const char *path, struct err *e)
{
	void	*p = v->bad;

	if (grow(&p, v->nbad, &v->badroom, sizeof(*v->bad), e))
		return (-1);
	v->bad = p;
	hash_path(v->bad[v->nbad++], path);
	return (0);
}

/* All that were collected under that path, which may be one object twice. */
static struct one *
find(struct verifyvouch *v, const uint8_t path[PATH_HASH], size_t *n)
{
	struct one	*o, *end = v->v + v->n, *first;

	*n = 0;
	o = v->n == 0 ? NULL : bsearch(path, v->v, v->n, sizeof(*v->v),
	    compare_paths);
	if (o == NULL)
		return (NULL);
	while (o > v->v && compare_paths(o - 1, path) == 0)
		o--;
	for (first = o; o < end && compare_paths(o, path) == 0; o++)
		(*n)++;
	return (first);
}

/*
 * The repository's times are whole seconds, cut off.  A file of the very
 * second of "until" may have come after it.  Nobody knows when one came that
 * has no time, or one of 1970.
 */
static int
note_time(struct verifyvouch *v, const char *path, int64_t mtime,
    struct err *e)
{
	const int	 undated = grace_time(mtime) == GRACE_UNKNOWN;
	void		*p = v->time;

	if (!undated && mtime >= v->until_us / SECOND)
		return (0);
	if (grow(&p, v->ntime, &v->timeroom, sizeof(*v->time), e))
		return (-1);
	v->time = p;
	hash_path(v->time[v->ntime].path, path);
	v->time[v->ntime++].undated = (char)undated;
	return (0);
}

/* Only directories where objects lie are entered: two levels below wal/. */
static int
is_ours(const char *name)
{
	uint32_t	 unused;

	return (layout_wal_number(name, &unused) || layout_id_ok(name));
}

static int
on_entry(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct verifyvouch	*v = arg;
	struct err		 why = ERR_INIT;
	char			 path[LAYOUT_PATH];
	void			*p = v->dir;

	(void)missing;
	/* A name that is too long for a path is no object's. */
	if (en == NULL || str_fmt(path, sizeof(path), &why, "%s/%s",
	    v->now[i], en->name) == -1)
		return (0);
	if (!en->is_dir)
		return (note_time(v, path, en->mtime, e));
	if (!is_ours(en->name))
		return (0);
	if (grow(&p, v->ndir, &v->dirroom, sizeof(*v->dir), e))
		return (-1);
	v->dir = p;
	memcpy(v->dir[v->ndir++], path, sizeof(path));
	return (0);
}

/*
 * List the directories of one level; those below them become the next.  Whoever
 * may push can make one that nobody may open.  What lies in it has no time
 * here, so it is not listed; the verification reports the directory.
 */
static int
list_level(struct verifyvouch *v, struct archive *a, struct err *e)
{
	const struct store_listing	 to = { on_entry, loadeach_empty, v };
	char	(*dir)[LAYOUT_PATH] = v->dir;
	size_t	 i, n = v->ndir;
	int	 rc = -1;

	free(v->now);
	v->dir = NULL;
	v->ndir = v->dirroom = 0;
	if ((v->now = calloc(n + 1, sizeof(*v->now))) == NULL)
		err_sys(e, ERR_LOCAL, "list the repository's times");
	else {
		for (i = 0; i < n; i++)
			v->now[i] = dir[i];
		rc = n == 0 ? 0 : loadeach_list(&to, a, v->now, n, e);
	}
	free(dir);
	return (rc);
}

/* wal/, base/; then timelines and backups; then folders of segments. */
int
verifyvouch_list(struct verifyvouch *v, struct archive *a, struct err *e)
{
	int	 level;

	if ((v->dir = calloc(2, sizeof(*v->dir))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list the repository's times"));
	v->ndir = v->dirroom = 2;
	if (str_fmt(v->dir[0], LAYOUT_PATH, e, LAYOUT_WAL) ||
	    str_fmt(v->dir[1], LAYOUT_PATH, e, LAYOUT_BASE))
		return (-1);
	for (level = 0; level < 3; level++)
		if (list_level(v, a, e))
			return (-1);
	if (v->ntime > 0)
		qsort(v->time, v->ntime, sizeof(*v->time), compare_paths);
	return (0);
}

/* Leave only what may be listed, and count the rest. */
static int
choose(struct verifyvouch *v, uint8_t (**out)[HASH_LEN],
    struct verifyvouch_sum *sum, struct err *e)
{
	uint8_t		(*entry)[HASH_LEN];
	struct one	*o;
	size_t		 i, k, n;

	for (i = 0; i < v->nbad; i++) {
		o = find(v, v->bad[i], &n);
		for (k = 0; k < n; k++)
			o[k].bad = 1;
	}
	if ((entry = calloc(v->n + 1, sizeof(*entry))) == NULL)
		return (err_sys(e, ERR_LOCAL, "memory for an inventory"));
	for (i = 0; i < v->n; i++)
		if (v->v[i].bad)
			sum->bad++;
		else
			memcpy(entry[sum->listed++], v->v[i].entry, HASH_LEN);
	*out = entry;
	return (0);
}

/*
 * Whether the inventory counts that was just published, for this very key
 * file.  If not, the user must not believe that the old backups are safe.
 */
static int
check_counts(struct archive *a, const struct inventory *in,
    const struct head_place *at, struct err *e)
{
	struct vouched	*known = retired_vouched(a->key);
	char		 why[ERR_MSGMAX] = "";
	size_t		 files;

	if (inventory_load(a->store, a->key, a->server, a->system_id, e))
		return (-1);
	if (known != NULL && vouched_has(known, at))
		return (0);
	if (known != NULL)
		(void)vouched_find(known, at, in->signer, in->entry[0],
		    &files, why);
	return (err_set(e, ERR_CORRUPT, "%s was published, and does not count "
	    "for the key file %s%s%s", at->path, key_file(a->key),
	    why[0] == '\0' ? "" : ": ", why));
}

/* As many files as the entries need. */
static int
publish(struct verifyvouch *v, struct inventory *in, struct archive *a,
    const struct key *push, struct verifyvouch_sum *sum, struct err *e)
{
	struct head_place	 at = archive_place(a, LAYOUT_VOUCHED);
	uint8_t			(*entry)[HASH_LEN] = in->entry;
	uint64_t		 n = sum->listed, i;
	char			 path[LAYOUT_PATH];

	sum->listed = 0;
	for (i = 0; i < n; i += v->most) {
		in->entry = entry + i;
		in->n = n - i < v->most ? (size_t)(n - i) : v->most;
		if (inventory_publish(in, a->store, push, &at, path, e) ||
		    check_counts(a, in, &at, e))
			return (-1);
		if (sum->files++ == 0)
			memcpy(sum->path, path, sizeof(path));
		sum->listed += in->n;
	}
	return (0);
}

int
verifyvouch_publish(struct verifyvouch *v, struct archive *a,
    const struct key *push, const char *depth, struct verifyvouch_sum *sum,
    struct err *e)
{
	struct inventory	 in = { .signer = v->signer,
	    .until_us = v->until_us, .depth = depth };
	uint8_t			(*entry)[HASH_LEN] = NULL;
	int			 rc;

	memset(sum, 0, sizeof(*sum));
	sum->late = v->late;
	sum->undated = v->undated;
	if (v->n > 0)
		qsort(v->v, v->n, sizeof(*v->v), compare_paths);
	if (choose(v, &entry, sum, e))
		return (-1);
	in.entry = entry;
	rc = publish(v, &in, a, push, sum, e);
	free(entry);
	return (rc);
}
