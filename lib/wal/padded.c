/* SPDX-License-Identifier: ISC */
/*
 * The notes of padded segments: a few lines in the data directory.
 *
 * What is noted decides that a file is not archived, and that this counts as
 * done.  So a note binds the very bytes of the file, and the repository is
 * asked whether it still has them.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/parse.h"
#include "base/str.h"
#include "pg/lsn.h"
#include "repo/marker.h"
#include "repo/object.h"
#include "wal/openlist.h"
#include "wal/openread.h"
#include "wal/padded.h"

#define FIRST	"seawall padded 1\n"
#define LINE	(WALNAME_TEXT + LSN_TEXT + 2 * HASH_LEN + 3)
#define FILE_MAX (sizeof(FIRST) + PADDED_MAX * (size_t)LINE)
#define STEP	((size_t)64 << 10)

static int
file_of(char path[PATH_MAX], const char *dir, struct err *e)
{
	return (str_fmt(path, PATH_MAX, e, "%s/" PADDED_FILE, dir));
}

/* The text up to "end", which is cut off there; *s moves behind it. */
static char *
word(char **s, char end)
{
	char	*p = *s, *q = strchr(p, end);

	if (q == NULL)
		return (NULL);
	*q = '\0';
	*s = q + 1;
	return (p);
}

/* Returns 1 if that is no line of ours. */
static int
parse_line(struct padded *p, char **s)
{
	struct err	 unused = ERR_INIT;
	struct walname	 w;
	const char	*name = word(s, ' ');
	const char	*end = name == NULL ? NULL : word(s, ' ');
	const char	*hash = end == NULL ? NULL : word(s, '\n');

	return (hash == NULL || walname_parse(name, &w, &unused) ||
	    w.kind != WALNAME_SEGMENT ||
	    str_fmt(p->name, sizeof(p->name), &unused, "%s", name) ||
	    lsn_parse(end, &p->end, &unused) ||
	    parse_hex(hash, p->hash, HASH_LEN, "hash", &unused));
}

static int
parse(struct padded_list *l, char *text, size_t n)
{
	char	*s = text + strlen(FIRST);

	if (strlen(text) != n || !str_begins(text, FIRST))
		return (1);
	while (*s != '\0')
		if (l->n == PADDED_MAX || parse_line(&l->v[l->n++], &s))
			return (1);
	return (0);
}

int
padded_load(struct padded_list *l, const char *dir, struct err *e)
{
	char	 path[PATH_MAX], *text = NULL;
	size_t	 n;
	int	 rc;

	memset(l, 0, sizeof(*l));
	if (file_of(path, dir, e) ||
	    (rc = io_load(path, FILE_MAX, &text, &n, e)) == -1)
		return (-1);
	if (rc == 0 && parse(l, text, n))
		rc = err_set(e, ERR_LOCAL, "%s: is not a list of segments "
		    "that wal-fetch has filled up with zeros; see wal-push(1) "
		    "before you remove it", path);
	free(text);
	return (rc == -1 ? -1 : 0);
}

int
padded_add(const char *dir, const struct padded *p, struct err *e)
{
	struct padded_list	 l;
	char			 path[PATH_MAX], text[FILE_MAX];
	char			 lsn[LSN_TEXT], hex[2 * HASH_LEN + 1];
	size_t			 i, n;

	if (file_of(path, dir, e) || padded_load(&l, dir, e))
		return (-1);
	if (l.n == PADDED_MAX)
		memmove(&l.v[0], &l.v[1], --l.n * sizeof(l.v[0]));
	l.v[l.n++] = *p;
	n = (size_t)snprintf(text, sizeof(text), FIRST);
	for (i = 0; i < l.n; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s %s %s\n",
		    l.v[i].name, lsn_format(lsn, l.v[i].end),
		    str_hex(hex, l.v[i].hash, HASH_LEN));
	return (io_save(path, 0600, text, n, 1, e));
}

const struct padded *
padded_find(const struct padded_list *l, const char *name)
{
	size_t	 i;

	for (i = l->n; i > 0; i--)
		if (strcmp(l->v[i - 1].name, name) == 0)
			return (&l->v[i - 1]);
	return (NULL);
}

static int
hash_file(uint8_t out[HASH_LEN], int fd, const char *name, struct err *e)
{
	struct hash	*h = NULL;
	uint8_t		 buf[STEP];
	uint64_t	 off = 0;
	size_t		 n;
	int		 rc = -1;

	if (hash_new(&h, e))
		return (-1);
	do {
		if (io_read_at(fd, buf, sizeof(buf), off, &n, name, e))
			goto out;
		hash_add(h, buf, n);
		off += n;
	} while (n == sizeof(buf));
	hash_final(h, out);
	rc = 0;
out:
	hash_free(h);
	return (rc);
}

/* The same segment may have been filled up twice, the second time further. */
int
padded_is(struct padded *out, const char *dir, const char *name, int fd,
    struct err *e)
{
	struct padded_list	 l;
	uint8_t			 hash[HASH_LEN];
	size_t			 i;

	if (padded_load(&l, dir, e))
		return (-1);
	if (padded_find(&l, name) == NULL)
		return (0);
	if (hash_file(hash, fd, name, e))
		return (-1);
	for (i = 0; i < l.n; i++)
		if (strcmp(l.v[i].name, name) == 0 &&
		    hash_equal(l.v[i].hash, hash)) {
			*out = l.v[i];
			return (1);
		}
	return (0);
}

/* Returns 1 if the whole segment is there, 0 if not, or -1. */
static int
whole(struct archive *a, const char *name, struct err *e)
{
	struct store_get	*get = NULL;
	struct head		 h;
	char			 path[LAYOUT_PATH];
	int			 rc = -1;

	if (layout_wal(path, name, e) == 0 &&
	    store_get_open(&get, a->store, path, e) == 0)
		rc = object_head(&h, a, get, HEAD_WAL, path, e);
	store_get_free(get);
	return (rc == -1 ? -1 : !rc);
}

static int
lost(const struct padded *p, struct err *e)
{
	char	 lsn[LSN_TEXT];

	return (err_set(e, ERR_CONFLICT, "was filled up with zeros by "
	    "wal-fetch, from LSN %s on, and the repository no longer has what "
	    "was streamed of it; see wal-push(1)", lsn_format(lsn, p->end)));
}

int
padded_stored(const struct padded *p, struct archive *a, uint64_t segsize,
    struct err *e)
{
	struct openlist	 list;
	struct marker	 m;
	struct walname	 w;
	unsigned	 i;
	int		 rc;

	if (marker_look(&m, a, e) || walname_parse(p->name, &w, e))
		return (-1);
	if (segsize == 0)
		segsize = m.wal_segment_size;
	if (!walname_segsize_ok(segsize))
		return (err_set(e, ERR_CORRUPT, "the size of the cluster's "
		    "segments is not known"));
	if ((rc = whole(a, p->name, e)) != 0)
		return (rc == -1 ? -1 : 0);
	if (openlist_load(&list, a, &w, e))
		return (-1);
	for (i = 1; i <= list.last; i++) {
		if (!list.has[i])
			continue;
		rc = openread_reaches(a, &w, (uint32_t)segsize, i, p->end, e);
		if (rc != 0)
			return (rc == -1 ? -1 : 0);
	}
	/* It may have become whole, and the rest have gone, meanwhile. */
	if ((rc = whole(a, p->name, e)) != 0)
		return (rc == -1 ? -1 : 0);
	return (lost(p, e));
}
