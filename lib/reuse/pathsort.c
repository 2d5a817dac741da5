/* SPDX-License-Identifier: ISC */
/*
 * An external sort.  A run is what fitted into memory, sorted; the runs lie
 * one behind the other in one file.  They are merged by a heap into a second
 * file, and the place of each 64th path there is kept, for looking up.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/str.h"
#include "reuse/pathsort.h"
#include "reuse/scratch.h"

#define RUN_BYTES	((size_t)4 << 20)
#define READ_BYTES	((size_t)8 << 10)
#define STRIDE		64
#define HEAD		10		/* length of the path, and number */

/* Reads entries from a part of a file, through a buffer. */
struct cursor {
	struct scratch	*from;
	uint64_t	 at, end;	/* of what is not in the buffer yet */
	size_t		 pos, n;
	uint64_t	 number;	/* of the current entry */
	char		 path[MANIFEST_PATH_MAX + 1];
	uint8_t		 buf[READ_BYTES];
};

struct pathsort {
	struct scratch	*runs, *all;
	struct cursor	 cur;		/* over "all" */

	/* The run that is being filled. */
	uint8_t		*mem;		/* RUN_BYTES: entries */
	size_t		 used;
	size_t		*off;		/* of each entry in it */
	size_t		 noff, room;

	uint64_t	*begins;	/* of each run */
	size_t		 nruns;

	uint64_t	*mark;		/* of each 64th entry in "all" */
	size_t		 nmarks;
	uint64_t	 added, merged;
};

static int
no_memory(struct err *e)
{
	return (err_sys(e, ERR_LOCAL, "sort paths"));
}

int
pathsort_new(struct pathsort **out, const char *dir, struct err *e)
{
	struct pathsort	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (no_memory(e));
	if ((s->mem = malloc(RUN_BYTES)) == NULL) {
		no_memory(e);
		goto fail;
	}
	if (scratch_new(&s->runs, dir, e) || scratch_new(&s->all, dir, e))
		goto fail;
	*out = s;
	return (0);
fail:
	pathsort_free(s);
	return (-1);
}

void
pathsort_free(struct pathsort *s)
{
	if (s == NULL)
		return;
	scratch_free(s->runs);
	scratch_free(s->all);
	free(s->mem);
	free(s->off);
	free(s->begins);
	free(s->mark);
	free(s);
}

/* Make room for one more number in a list; it doubles. */
static int
grow(void *list, size_t n, size_t *room, size_t size, struct err *e)
{
	void	*old, *p;
	size_t	 more = *room == 0 ? 1024 : *room * 2;

	if (n < *room)
		return (0);
	memcpy(&old, list, sizeof(old));
	if ((p = reallocarray(old, more, size)) == NULL)
		return (no_memory(e));
	memcpy(list, &p, sizeof(p));
	*room = more;
	return (0);
}

static int
put_entry(struct scratch *to, const char *path, uint64_t number,
    struct err *e)
{
	uint8_t			 head[HEAD];
	struct bytes_out	 o = bytes_out_of(head, sizeof(head));
	const size_t		 n = strlen(path);

	bytes_put_u16be(&o, (uint16_t)n);
	bytes_put_u64be(&o, number);
	return (scratch_put(to, head, HEAD, e) || scratch_put(to, path, n, e) ?
	    -1 : 0);
}

/* In memory the path has a NUL: it is compared where it lies. */
static int
by_path(const void *a, const void *b, void *mem)
{
	const size_t	*x = a, *y = b;

	return (strcmp((char *)mem + *x + HEAD, (char *)mem + *y + HEAD));
}

/* Sort what is in memory, and write it as a run. */
static int
end_run(struct pathsort *s, struct err *e)
{
	struct bytes	 b;
	uint64_t	*p;
	size_t		 i;

	if (s->noff == 0)
		return (0);
	p = reallocarray(s->begins, s->nruns + 2, sizeof(*p));
	if (p == NULL)
		return (no_memory(e));
	s->begins = p;
	s->begins[s->nruns++] = s->runs->len;
	qsort_r(s->off, s->noff, sizeof(*s->off), by_path, s->mem);
	for (i = 0; i < s->noff; i++) {
		b = bytes_of(s->mem + s->off[i] + 2, 8);
		if (put_entry(s->runs, (char *)s->mem + s->off[i] + HEAD,
		    bytes_u64be(&b), e))
			return (-1);
	}
	s->begins[s->nruns] = s->runs->len;
	s->used = s->noff = 0;
	return (0);
}

int
pathsort_add(struct pathsort *s, const char *path, uint64_t number,
    struct err *e)
{
	const size_t		 n = strlen(path);
	struct bytes_out	 o;

	if (n == 0 || n > MANIFEST_PATH_MAX)
		return (err_set(e, ERR_LOCAL, "a path has %zu bytes, expected "
		    "1 to %d", n, MANIFEST_PATH_MAX));
	if (s->used + HEAD + n + 1 > RUN_BYTES && end_run(s, e))
		return (-1);
	if (grow(&s->off, s->noff, &s->room, sizeof(*s->off), e))
		return (-1);
	o = bytes_out_of(s->mem + s->used, RUN_BYTES - s->used);
	bytes_put_u16be(&o, (uint16_t)n);
	bytes_put_u64be(&o, number);
	bytes_put(&o, path, n + 1);
	s->off[s->noff++] = s->used;
	s->used += o.n;
	s->added++;
	return (0);
}

/* The next "n" bytes: from the buffer, which is filled again where needed. */
static int
take(struct cursor *c, void *to, size_t n, struct err *e)
{
	size_t	 part;

	while (n > 0) {
		if (c->pos == c->n) {
			c->pos = 0;
			c->n = c->end - c->at < READ_BYTES ?
			    (size_t)(c->end - c->at) : READ_BYTES;
			if (c->n == 0)
				return (err_set(e, ERR_LOCAL, "sort paths: "
				    "read back other bytes than were written; "
				    "check this host's disk"));
			if (scratch_get(c->from, c->at, c->buf, c->n, e))
				return (-1);
			c->at += c->n;
		}
		part = c->n - c->pos < n ? c->n - c->pos : n;
		memcpy(to, c->buf + c->pos, part);
		to = (uint8_t *)to + part;
		c->pos += part;
		n -= part;
	}
	return (0);
}

/* Move on to the next entry: 0, 1 at the end, or -1. */
static int
step(struct cursor *c, struct err *e)
{
	uint8_t		 head[HEAD];
	struct bytes	 b;
	size_t		 n;

	if (c->pos == c->n && c->at == c->end)
		return (1);
	if (take(c, head, HEAD, e))
		return (-1);
	b = bytes_of(head, sizeof(head));
	n = bytes_u16be(&b);
	c->number = bytes_u64be(&b);
	if (n == 0 || n > MANIFEST_PATH_MAX)
		return (err_set(e, ERR_LOCAL, "sort paths: read back other "
		    "bytes than were written; check this host's disk"));
	c->path[n] = '\0';
	return (take(c, c->path, n, e));
}

static void
aim(struct cursor *c, struct scratch *from, uint64_t at, uint64_t end)
{
	c->from = from;
	c->at = at;
	c->end = end;
	c->pos = c->n = 0;
	c->path[0] = '\0';
}

/* Let the entry at place "i" of the heap sink to where it belongs. */
static void
sink_down(struct cursor **heap, size_t n, size_t i)
{
	struct cursor	*c;
	size_t		 least, side;

	for (;; i = least) {
		least = i;
		for (side = 2 * i + 1; side <= 2 * i + 2 && side < n; side++)
			if (strcmp(heap[side]->path, heap[least]->path) < 0)
				least = side;
		if (least == i)
			return;
		c = heap[i];
		heap[i] = heap[least];
		heap[least] = c;
	}
}

/* Write the next entry of the whole order, unless its path came already. */
static int
merge_one(struct pathsort *s, const struct cursor *c, size_t *room,
    struct err *e)
{
	char	 clean[128];

	if (strcmp(s->cur.path, c->path) == 0)
		return (err_set(e, ERR_CORRUPT, "%s: found this path twice",
		    str_clean(clean, sizeof(clean), c->path,
		    strlen(c->path))));
	memcpy(s->cur.path, c->path, strlen(c->path) + 1);
	if (s->merged++ % STRIDE == 0) {
		if (grow(&s->mark, s->nmarks, room, sizeof(*s->mark), e))
			return (-1);
		s->mark[s->nmarks++] = s->all->len;
	}
	return (put_entry(s->all, c->path, c->number, e));
}

static int
merge_runs(struct pathsort *s, struct cursor **heap, struct err *e)
{
	size_t	 i, n = s->nruns, room = 0;
	int	 rc;

	for (i = 0; i < n; i++) {
		aim(heap[i], s->runs, s->begins[i], s->begins[i + 1]);
		if (step(heap[i], e) != 0)	/* no run is empty */
			return (-1);
	}
	for (i = n; i-- > 0;)
		sink_down(heap, n, i);
	while (n > 0) {
		if (merge_one(s, heap[0], &room, e) ||
		    (rc = step(heap[0], e)) == -1)
			return (-1);
		if (rc == 1) {
			struct cursor	*ended = heap[0];

			heap[0] = heap[--n];
			heap[n] = ended;
		}
		sink_down(heap, n, 0);
	}
	return (0);
}

int
pathsort_merge(struct pathsort *s, struct err *e)
{
	struct cursor	**heap = NULL;
	size_t		 i;
	int		 rc = -1;

	if (end_run(s, e))
		return (-1);
	free(s->mem);
	free(s->off);
	s->mem = NULL;
	s->off = NULL;
	if ((heap = calloc(s->nruns + 1, sizeof(*heap))) == NULL) {
		no_memory(e);
		goto out;
	}
	for (i = 0; i < s->nruns; i++)
		if ((heap[i] = malloc(sizeof(*heap[i]))) == NULL) {
			no_memory(e);
			goto out;
		}
	if (merge_runs(s, heap, e))
		goto out;
	aim(&s->cur, s->all, 0, s->all->len);
	rc = s->merged == s->added ? 0 : err_set(e, ERR_LOCAL, "sort paths: "
	    "read back fewer than were written; check this host's disk");
out:
	for (i = 0; heap != NULL && i < s->nruns; i++)
		free(heap[i]);
	free(heap);
	return (rc);
}

int
pathsort_next(struct pathsort *s, char path[MANIFEST_PATH_MAX + 1],
    uint64_t *number, struct err *e)
{
	int	 rc;

	if ((rc = step(&s->cur, e)) != 0)
		return (rc);
	memcpy(path, s->cur.path, strlen(s->cur.path) + 1);
	*number = s->cur.number;
	return (0);
}

/* Go to the mark, and read the path there. */
static int
at_mark(struct pathsort *s, struct cursor *c, size_t i, struct err *e)
{
	aim(c, s->all, s->mark[i], s->all->len);
	return (step(c, e) == 0 ? 0 : -1);
}

/* First the last mark that is not behind the path, then up to 64 steps. */
int
pathsort_find(struct pathsort *s, const char *path, uint64_t *number,
    struct err *e)
{
	struct cursor	 c;
	size_t		 low = 0, high = s->nmarks, mid, i;
	int		 rc = 0;

	while (high - low > 1) {
		mid = low + (high - low) / 2;
		if (at_mark(s, &c, mid, e))
			return (-1);
		if (strcmp(c.path, path) <= 0)
			low = mid;
		else
			high = mid;
	}
	if (s->nmarks == 0)
		return (1);
	if (at_mark(s, &c, low, e))
		return (-1);
	for (i = 0; i < STRIDE && rc == 0; i++) {
		if (strcmp(c.path, path) == 0) {
			*number = c.number;
			return (0);
		}
		rc = step(&c, e);
	}
	return (rc == -1 ? -1 : 1);
}
