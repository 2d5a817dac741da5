/* SPDX-License-Identifier: ISC */
/*
 * Collecting an inventory.  What passes comes in the order of the
 * verification; times come from a listing that is made at the end, when
 * nothing that is listed can still be added before the time in question.
 * Paths are kept as hashes of 16 bytes: nobody finds two that share one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "crypt/vouched.h"
#include "repo/inventory.h"
#include "verify/verifyvouch.h"

#define PATH_HASH	16
#define SECOND		INT64_C(1000000)

struct one {
	uint8_t		 path[PATH_HASH];
	uint8_t		 entry[HASH_LEN];
	char		 early, bad;
};

struct verifyvouch {
	uint8_t		 signer[KEY_LEN];
	uint8_t		 id[KEY_ID_LEN];
	struct one	*v;		/* owned */
	size_t		 n, room;
	uint8_t		(*bad)[PATH_HASH];	/* owned */
	size_t		 nbad, badroom;
	int64_t		 until_us;
	/* Directories of the next level that are to be listed; owned. */
	char		(*dir)[LAYOUT_PATH];
	size_t		 ndir, dirroom;
	const char	**now;		/* those of this level; owned */
};

int
verifyvouch_new(struct verifyvouch **out, const uint8_t *signer,
    struct err *e)
{
	struct verifyvouch	*v;

	if ((v = calloc(1, sizeof(*v))) == NULL)
		return (err_sys(e, ERR_LOCAL, "memory for an inventory"));
	memcpy(v->signer, signer, KEY_LEN);
	key_id(v->id, signer);
	*out = v;
	return (0);
}

void
verifyvouch_free(struct verifyvouch *v)
{
	if (v == NULL)
		return;
	free(v->v);
	free(v->bad);
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

int
verifyvouch_passed(struct verifyvouch *v, const char *path,
    const uint8_t signer[KEY_ID_LEN], const uint8_t hash[HASH_LEN],
    struct err *e)
{
	struct one	*o;
	void		*p = v->v;

	if (memcmp(signer, v->id, KEY_ID_LEN) != 0)
		return (0);
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

static int
compare_paths(const void *a, const void *b)
{
	return (memcmp(a, b, PATH_HASH));
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
 * second of "until" may have come after it.
 */
static void
note_time(struct verifyvouch *v, const char *path, int64_t mtime)
{
	struct one	*o;
	uint8_t		 hash[PATH_HASH];
	size_t		 i, n;

	if (mtime >= v->until_us / SECOND)
		return;
	hash_path(hash, path);
	o = find(v, hash, &n);
	for (i = 0; i < n; i++)
		o[i].early = 1;
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
	if (!en->is_dir) {
		note_time(v, path, en->mtime);
		return (0);
	}
	if (!is_ours(en->name))
		return (0);
	if (grow(&p, v->ndir, &v->dirroom, sizeof(*v->dir), e))
		return (-1);
	v->dir = p;
	memcpy(v->dir[v->ndir++], path, sizeof(path));
	return (0);
}

/* List the directories of one level; those below them become the next. */
static int
list_level(struct verifyvouch *v, struct store *st, struct err *e)
{
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
		rc = n == 0 ? 0 : store_list(st, v->now, n, on_entry, v, e);
	}
	free(dir);
	return (rc);
}

/* wal/, base/; then timelines and backups; then folders of segments. */
static int
list_times(struct verifyvouch *v, struct store *st, struct err *e)
{
	int	 level;

	if ((v->dir = calloc(2, sizeof(*v->dir))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list the repository's times"));
	v->ndir = v->dirroom = 2;
	if (str_fmt(v->dir[0], LAYOUT_PATH, e, LAYOUT_WAL) ||
	    str_fmt(v->dir[1], LAYOUT_PATH, e, LAYOUT_BASE))
		return (-1);
	for (level = 0; level < 3; level++)
		if (list_level(v, st, e))
			return (-1);
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
		else if (!v->v[i].early)
			sum->late++;
		else
			memcpy(entry[sum->listed++], v->v[i].entry, HASH_LEN);
	*out = entry;
	return (0);
}

int
verifyvouch_publish(struct verifyvouch *v, struct archive *a,
    const struct key *push, int64_t until_us, const char *depth,
    struct verifyvouch_sum *sum, struct err *e)
{
	struct inventory	 in = { .signer = v->signer,
	    .until_us = until_us, .depth = depth };
	struct head_place	 at = archive_place(a, LAYOUT_VOUCHED);
	uint8_t			(*entry)[HASH_LEN] = NULL;
	int			 rc = -1;

	memset(sum, 0, sizeof(*sum));
	v->until_us = until_us;
	if (v->n > 0)
		qsort(v->v, v->n, sizeof(*v->v), compare_paths);
	if (list_times(v, a->store, e) || choose(v, &entry, sum, e))
		goto out;
	in.entry = entry;
	in.n = (size_t)sum->listed;
	if (in.n > 0) {
		if (inventory_publish(&in, a->store, push, &at, sum->path, e))
			goto out;
		sum->listed = in.n;
	}
	rc = 0;
out:
	free(entry);
	return (rc);
}
