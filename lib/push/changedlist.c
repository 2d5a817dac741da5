/* SPDX-License-Identifier: ISC */
/*
 * A list of changed chunks on disk.  A record is the length of the path, 0 if
 * it is that of the record before; the path; and the chunk.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/str.h"
#include "cluster/walsummaries.h"
#include "pg/relpath.h"
#include "push/changedlist.h"
#include "reuse/scratch.h"

#define PATH_BYTES	256		/* a relation's path is shorter */
#define READ_BYTES	((size_t)8 << 10)

struct changedlist {
	struct scratch	*file;
	char		 last[PATH_BYTES];	/* that was added */

	/* Reading. */
	int		 reading, ended;
	uint64_t	 at;		/* of what is not in buf yet */
	size_t		 pos, n;
	char		 path[PATH_BYTES];	/* of the record reached */
	uint32_t	 chunk;

	/* What was passed of which nothing can be said. */
	char		 dir[PATH_BYTES];	/* "" or with a slash at end */
	struct relpath	 rel;
	int		 has_rel;
	uint8_t		 buf[READ_BYTES];
};

int
changedlist_new(struct changedlist **out, const char *dir, struct err *e)
{
	struct changedlist	*l;

	if ((l = calloc(1, sizeof(*l))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list of changed blocks"));
	if (scratch_new(&l->file, dir, e)) {
		free(l);
		return (-1);
	}
	*out = l;
	return (0);
}

void
changedlist_free(struct changedlist *l)
{
	if (l == NULL)
		return;
	scratch_free(l->file);
	free(l);
}

/* The relation whose main fork the path is of; 0 if it is none. */
static int
relation(const char *path, struct relpath *rel)
{
	return (relpath_parse(path, rel) && rel->fork == RELPATH_MAIN &&
	    !rel->temp);
}

static int
is_dir(const char *path)
{
	const size_t	 n = strlen(path);

	return (n > 1 && path[n - 1] == '/');
}

int
changedlist_add(struct changedlist *l, const char *path, uint32_t chunk,
    struct err *e)
{
	const int		 same = strcmp(l->last, path) == 0;
	const size_t		 n = same ? 0 : strlen(path);
	struct relpath		 rel;
	uint8_t			 raw[4];
	struct bytes_out	 o = bytes_out_of(raw, 2);
	char			 clean[80];

	if (n >= PATH_BYTES || strcmp(l->last, path) > 0 ||
	    (is_dir(path) ? chunk != WALSUMMARIES_WHOLE :
	    !relation(path, &rel)))
		return (err_set(e, ERR_PG, "WAL summaries: found \"%s\", "
		    "expected a relation's file, in order", str_clean(clean,
		    sizeof(clean), path, strlen(path))));
	bytes_put_u16be(&o, (uint16_t)n);
	if (scratch_put(l->file, raw, 2, e) ||
	    scratch_put(l->file, path, n, e))
		return (-1);
	o = bytes_out_of(raw, 4);
	bytes_put_u32be(&o, chunk);
	if (!same)
		memcpy(l->last, path, n + 1);
	return (scratch_put(l->file, raw, 4, e));
}

static int
take(struct changedlist *l, void *to, size_t n, struct err *e)
{
	uint8_t	*p = to;
	uint64_t left;
	size_t	 some;

	for (; n > 0; p += some, n -= some) {
		if (l->pos == l->n) {
			left = l->file->len - l->at;
			l->n = left < READ_BYTES ? (size_t)left : READ_BYTES;
			l->pos = 0;
			if (l->n == 0)
				return (err_set(e, ERR_LOCAL, "list of "
				    "changed blocks: cut short; check this "
				    "host's disk"));
			if (scratch_get(l->file, l->at, l->buf, l->n, e))
				return (-1);
			l->at += l->n;
		}
		some = l->n - l->pos < n ? l->n - l->pos : n;
		memcpy(p, l->buf + l->pos, some);
		l->pos += some;
	}
	return (0);
}

/* Go on to the next record. */
static int
next(struct changedlist *l, struct err *e)
{
	uint8_t		 raw[4];
	struct bytes	 b;
	size_t		 n;

	l->reading = 1;
	if (l->at == l->file->len && l->pos == l->n) {
		l->ended = 1;
		return (0);
	}
	if (take(l, raw, 2, e))
		return (-1);
	b = bytes_of(raw, 2);
	if ((n = bytes_u16be(&b)) >= PATH_BYTES)
		return (err_set(e, ERR_LOCAL, "list of changed blocks: read "
		    "back other bytes than were written; check this host's "
		    "disk"));
	if (n > 0) {
		if (take(l, l->path, n, e))
			return (-1);
		l->path[n] = '\0';
	}
	if (take(l, raw, 4, e))
		return (-1);
	b = bytes_of(raw, 4);
	l->chunk = bytes_u32be(&b);
	return (0);
}

/*
 * What covers more than the file that it names is remembered.  In the order of
 * paths the files of a directory follow it, and those of a relation its first
 * one, so one of each is enough.
 */
static void
remember(struct changedlist *l)
{
	if (l->chunk != WALSUMMARIES_WHOLE)
		return;
	if (is_dir(l->path))
		memcpy(l->dir, l->path, sizeof(l->dir));
	else
		l->has_rel = relation(l->path, &l->rel);
}

int
changedlist_mark(struct changedlist *l, const char *path, uint8_t *same,
    uint64_t n, struct err *e)
{
	struct relpath	 rel;
	int		 order;

	if (!relation(path, &rel))
		return (1);
	if (!l->reading && next(l, e))
		return (-1);
	while (!l->ended && (order = strcmp(l->path, path)) <= 0) {
		remember(l);
		if (order == 0 && l->chunk < n)
			same[l->chunk] = 0;
		if (next(l, e))
			return (-1);
	}
	return ((l->dir[0] != '\0' && str_begins(path, l->dir)) ||
	    (l->has_rel && relpath_cmp_relation(&l->rel, &rel) == 0));
}
