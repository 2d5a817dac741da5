/* SPDX-License-Identifier: ISC */
/*
 * Names and nodes.  There are some hundreds of names, in a table by their
 * hash, and beside that in a list in the order in which they were made, so
 * that a listing follows from the seed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"
#include "simdisk.h"

#define BUCKETS		1024

struct name {
	char		 path[SIMDISK_PATH];
	struct simnode	*node;
	struct name	*next;			/* of its bucket */
	struct name	*prev, *follow;		/* in the order of making */
};

/* A change that is not durable yet. */
struct change {
	char		 path[SIMDISK_PATH];
	struct simnode	*node;			/* a reference */
	int		 added;			/* else removed */
	int		 decided, stays;	/* by a crash */
};

static struct {
	struct name	*bucket[BUCKETS];
	struct name	*first, *last;
	struct change	*pending;
	size_t		 npending, room;
	unsigned	 epoch;
	int64_t		 ahead_us;
	simdisk_told	*told;
} disk;

int64_t
simdisk_clock_us(void)
{
	return (sim_now_us() + disk.ahead_us);
}

int64_t
simdisk_now(void)
{
	return (simdisk_clock_us() / SIM_SECOND);
}

void
simdisk_turn(int64_t us)
{
	disk.ahead_us = us;
}

unsigned
simdisk_epoch(void)
{
	return (disk.epoch);
}

static unsigned
hash(const char *path)
{
	unsigned	 h = 5381;

	while (*path != '\0')
		h = h * 33 ^ (unsigned char)*path++;
	return (h % BUCKETS);
}

static struct name *
lookup(const char *path)
{
	struct name	*n;

	for (n = disk.bucket[hash(path)]; n != NULL; n = n->next)
		if (strcmp(n->path, path) == 0)
			return (n);
	return (NULL);
}

struct simnode *
simdisk_find(const char *path)
{
	struct name	*n = lookup(path);

	return (n == NULL ? NULL : n->node);
}

static struct simnode *
new_node(int is_dir)
{
	struct simnode	*d = calloc(1, sizeof(*d));

	if (d == NULL)
		abort();
	d->refs = 1;
	d->is_dir = is_dir;
	d->mtime = simdisk_now();
	return (d);
}

struct simnode *
simdisk_file(const void *p, size_t n)
{
	struct simnode	*d = new_node(0);

	if ((d->data = malloc(n + 1)) == NULL)
		abort();
	memcpy(d->data, p, n);
	d->n = n;
	return (d);
}

void
simdisk_ref(struct simnode *d)
{
	d->refs++;
}

void
simdisk_unref(struct simnode *d)
{
	if (d == NULL || --d->refs > 0)
		return;
	free(d->data);
	free(d);
}

/* The directory above, or "" for the topmost. */
static void
above(char dir[SIMDISK_PATH], const char *path)
{
	(void)snprintf(dir, SIMDISK_PATH, "%.*s",
	    (int)(strrchr(path, '/') - path), path);
}

static void
touch_above(const char *path)
{
	struct simnode	*d;
	char		 dir[SIMDISK_PATH];

	above(dir, path);
	if ((d = simdisk_find(dir)) != NULL)
		d->mtime = simdisk_now();
}

static void
add(const char *path, struct simnode *node)
{
	struct name	*n = calloc(1, sizeof(*n));
	unsigned	 h = hash(path);

	if (n == NULL || strlen(path) >= sizeof(n->path))
		abort();
	memcpy(n->path, path, strlen(path) + 1);
	n->node = node;
	simdisk_ref(node);
	n->next = disk.bucket[h];
	disk.bucket[h] = n;
	n->prev = disk.last;
	if (disk.last != NULL)
		disk.last->follow = n;
	else
		disk.first = n;
	disk.last = n;
	touch_above(path);
	if (disk.told != NULL)
		disk.told(path, node, 1);
}

static void
drop(const char *path)
{
	struct name	**p = &disk.bucket[hash(path)], *n;
	struct simnode	*node;

	while (strcmp((*p)->path, path) != 0)
		p = &(*p)->next;
	n = *p;
	*p = n->next;
	if (n->prev != NULL)
		n->prev->follow = n->follow;
	else
		disk.first = n->follow;
	if (n->follow != NULL)
		n->follow->prev = n->prev;
	else
		disk.last = n->prev;
	node = n->node;
	free(n);
	touch_above(path);
	if (disk.told != NULL)
		disk.told(path, node, 0);
	simdisk_unref(node);
}

static void
note(const char *path, struct simnode *node, int added)
{
	struct change	*c;

	if (disk.npending == disk.room) {
		disk.room = disk.room == 0 ? 64 : 2 * disk.room;
		disk.pending = realloc(disk.pending,
		    disk.room * sizeof(*disk.pending));
		if (disk.pending == NULL)
			abort();
	}
	c = &disk.pending[disk.npending++];
	memset(c, 0, sizeof(*c));
	(void)snprintf(c->path, sizeof(c->path), "%s", path);
	c->node = node;
	simdisk_ref(node);
	c->added = added;
}

static int
has_above(const char *path)
{
	char		 dir[SIMDISK_PATH];

	above(dir, path);
	return (dir[0] == '\0' || simdisk_find(dir) != NULL);
}

int
simdisk_link(const char *path, struct simnode *node)
{
	if (!has_above(path))
		return (ENOENT);
	if (simdisk_find(path) != NULL)
		return (EEXIST);
	note(path, node, 1);
	add(path, node);
	return (0);
}

int
simdisk_mkdir(const char *path)
{
	struct simnode	*d;
	int		 rc;

	d = new_node(1);
	rc = simdisk_link(path, d);
	simdisk_unref(d);
	return (rc);
}

static int
is_empty(const char *dir)
{
	const size_t		 len = strlen(dir);
	const struct name	*n;

	for (n = disk.first; n != NULL; n = n->follow)
		if (strncmp(n->path, dir, len) == 0 && n->path[len] == '/')
			return (0);
	return (1);
}

int
simdisk_unlink(const char *path)
{
	struct simnode	*d = simdisk_find(path);

	if (d == NULL)
		return (ENOENT);
	note(path, d, 0);
	drop(path);
	return (0);
}

int
simdisk_rmdir(const char *path)
{
	struct simnode	*d = simdisk_find(path);

	if (d == NULL)
		return (ENOENT);
	if (!d->is_dir || !is_empty(path))
		return (ENOTEMPTY);
	return (simdisk_unlink(path));
}

int
simdisk_rename(const char *from, const char *to)
{
	struct simnode	*d = simdisk_find(from);
	int		 rc;

	if (d == NULL)
		return (ENOENT);
	if ((rc = simdisk_link(to, d)) != 0)
		return (rc);
	return (simdisk_unlink(from));
}

/* Whether "dir" is that of "path", or above it. */
static int
is_above(const char *dir, const char *path)
{
	const size_t	 len = strlen(dir);

	return (strncmp(dir, path, len) == 0 && path[len] == '/');
}

void
simdisk_sync(const char *path)
{
	struct change	*c, *to = disk.pending;
	char		 dir[SIMDISK_PATH];

	for (c = disk.pending; c < disk.pending + disk.npending; c++) {
		above(dir, c->path);
		if (is_above(dir, path))
			simdisk_unref(c->node);
		else
			*to++ = *c;
	}
	disk.npending = (size_t)(to - disk.pending);
}

/* Of the changes of one name those that stay are the first ones. */
static void
decide(void)
{
	struct change	*c, *d;
	int		 stays;

	for (c = disk.pending; c < disk.pending + disk.npending; c++) {
		if (c->decided)
			continue;
		stays = !sim_chance(2);
		for (d = c; d < disk.pending + disk.npending; d++) {
			if (strcmp(c->path, d->path) != 0)
				continue;
			d->decided = 1;
			d->stays = stays;
			stays = stays && !sim_chance(2);
		}
	}
}

/* A name came back whose directory did not: fsck would make that. */
static void
make_above(const char *path)
{
	struct simnode	*d;
	char		 dir[SIMDISK_PATH];

	above(dir, path);
	if (dir[0] == '\0' || simdisk_find(dir) != NULL)
		return;
	make_above(dir);
	d = new_node(1);
	add(dir, d);
	simdisk_unref(d);
}

static void
undo(const struct change *c)
{
	const int	 there = simdisk_find(c->path) != NULL;

	if (c->stays)
		return;
	if (!c->added && !there) {
		sim_say("crash: %s is back", c->path);
		make_above(c->path);
		add(c->path, c->node);
	} else if (c->added && there && (!c->node->is_dir ||
	    is_empty(c->path))) {
		sim_say("crash: %s is lost", c->path);
		drop(c->path);
	}
}

void
simdisk_crash(void)
{
	size_t	 i;

	disk.epoch++;
	decide();
	for (i = disk.npending; i-- > 0;)
		undo(&disk.pending[i]);
	while (disk.npending > 0)
		simdisk_unref(disk.pending[--disk.npending].node);
}

int
simdisk_list(const char *dir, void (*each)(void *, const char *,
    const struct simnode *), void *arg)
{
	const size_t		 len = strlen(dir);
	const struct name	*n;

	if (simdisk_find(dir) == NULL)
		return (ENOENT);
	for (n = disk.first; n != NULL; n = n->follow)
		if (is_above(dir, n->path) &&
		    strchr(n->path + len + 1, '/') == NULL)
			each(arg, n->path + len + 1, n->node);
	return (0);
}

const char *
simdisk_any(const char *dir)
{
	const struct name	*n;
	uint64_t		 count = 0;

	for (n = disk.first; n != NULL; n = n->follow)
		count += is_above(dir, n->path) && !n->node->is_dir;
	if (count == 0)
		return (NULL);
	count = sim_rand(count) + 1;
	for (n = disk.first;; n = n->follow)
		if (is_above(dir, n->path) && !n->node->is_dir &&
		    --count == 0)
			return (n->path);
}

void
simdisk_begin(simdisk_told *told)
{
	memset(&disk, 0, sizeof(disk));
	disk.told = told;
}

void
simdisk_end(void)
{
	char	 path[SIMDISK_PATH];

	disk.told = NULL;
	while (disk.npending > 0)
		simdisk_unref(disk.pending[--disk.npending].node);
	free(disk.pending);
	while (disk.first != NULL) {
		memcpy(path, disk.first->path, sizeof(path));
		drop(path);
	}
	memset(&disk, 0, sizeof(disk));
}
