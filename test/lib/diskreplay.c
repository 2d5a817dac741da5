/* SPDX-License-Identifier: ISC */
/* What may be on a disk after a power cut. */
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "disklog.h"
#include "diskreplay.h"

#define RANDOM_CHOICES	4
#define DIRS_MAX	8		/* that a choice is about, of one cut */
#define NONE		SIZE_MAX

/* Each is one way to lose what was not synced. */
enum choice {
	LOST,			/* all of it */
	KEPT,			/* nothing: as if the process was killed */
	NAMES,			/* names are there, content is not */
	ZEROS,			/* the same, with the size, and zeros */
	DATA,			/* content is there, names are not */
	LATE,			/* of each directory's names only the last
				   change is there; content is not */
	SOME,			/* SOME + i: by chance; i seeds it */
	ONLY = SOME + RANDOM_CHOICES
				/* ONLY + 2 i: the names of one directory, the
				   ith that has any, and nothing else; + 1: all
				   but these */
};

/* One change: of a directory (of one name), or of a file's content. */
struct change {
	size_t		 rec;
	const char	*name;		/* of a directory */
	size_t		 n;
	size_t		 node;		/* NONE: the name goes */
	size_t		 needs;		/* directory whose change ... */
	size_t		 needs_rec;	/* ... of this record comes with it */
};

/* A file, directory or symbolic link. */
struct node {
	uint32_t	 type;		/* DISKLOG_CREATE, _MKDIR, _SYMLINK */
	uint32_t	 mode;
	uint64_t	 dev, ino;
	size_t		 made;		/* record */
	struct change	*change;
	size_t		 nchange;
	size_t		*sync;		/* records */
	size_t		 nsync;
};

struct diskreplay {
	char		*map;
	size_t		 size;
	struct disklog	**rec;
	size_t		 nrec;
	struct node	*node;
	size_t		 nnode;
	size_t		*root;		/* nodes */
	size_t		 nroot;
};

/* How far each node is: its first "keep" changes. */
struct extent {
	size_t	 synced, all, keep;
	size_t	 from, to;	/* changes that are left out all the same */
	int	 zeros;		/* what is behind "synced" is there as zeros */
};

static void die(const char *, ...) __attribute__((format(printf, 1, 2),
    noreturn));

static void
die(const char *fmt, ...)
{
	va_list	 ap;

	(void)fprintf(stderr, "diskreplay: ");
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fprintf(stderr, "\n");
	exit(2);
}

/* Memory for one more; its address may change. */
static void *
more(void *p, size_t n, size_t size)
{
	/* Grown at powers of two. */
	if ((n & (n - 1)) != 0)
		return (p);
	if ((p = reallocarray(p, n == 0 ? 1 : 2 * n, size)) == NULL)
		die("out of memory");
	return (p);
}

/* Writing the parts of a log that no program writes. */

static void
put_record(int fd, struct disklog *r, const char *name, const void *data,
    size_t n)
{
	r->name = name == NULL ? 0 : (uint32_t)strlen(name);
	r->data = (uint32_t)n;
	if (write(fd, r, sizeof(*r)) != (ssize_t)sizeof(*r) ||
	    (r->name > 0 && write(fd, name, r->name) != (ssize_t)r->name) ||
	    (n > 0 && write(fd, data, n) != (ssize_t)n))
		die("write the log: %s", strerror(errno));
}

static int	 begin_fd;

static void
begin_content(struct disklog *r, const char *path)
{
	static char	 buf[1 << 20];
	ssize_t		 n;
	int		 fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		die("%s: %s", path, strerror(errno));
	r->op = DISKLOG_WRITE;
	for (r->off = 0; (n = read(fd, buf, sizeof(buf))) > 0;
	    r->off += (uint64_t)n)
		put_record(begin_fd, r, NULL, buf, (size_t)n);
	(void)close(fd);
}

static int
begin_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	struct disklog	 r = { .dev = st->st_dev, .ino = st->st_ino,
			    .mode = st->st_mode & 07777,
			    .us = (int64_t)st->st_mtime * 1000000 };
	struct stat	 up;
	char		 dir[PATH_MAX], to[PATH_MAX];
	ssize_t		 n = 0;

	if (ftw->level == 0) {
		r.op = DISKLOG_ROOT;
		put_record(begin_fd, &r, path, NULL, 0);
		return (0);
	}
	(void)snprintf(dir, sizeof(dir), "%.*s", ftw->base - 1, path);
	if (stat(dir, &up) == -1)
		die("%s: %s", dir, strerror(errno));
	r.dir_dev = up.st_dev;
	r.dir = up.st_ino;
	r.op = type == FTW_D ? DISKLOG_MKDIR : type == FTW_SL ||
	    type == FTW_SLN ? DISKLOG_SYMLINK : DISKLOG_CREATE;
	if (r.op == DISKLOG_SYMLINK && (n = readlink(path, to,
	    sizeof(to))) == -1)
		die("%s: %s", path, strerror(errno));
	put_record(begin_fd, &r, path + ftw->base, to, (size_t)n);
	if (r.op == DISKLOG_CREATE)
		begin_content(&r, path);
	return (0);
}

void
diskreplay_begin(const char *log, const char *const *dirs, size_t n)
{
	struct disklog	 r = { .op = DISKLOG_SYNCFS };
	struct stat	 st;
	char		 full[PATH_MAX];
	size_t		 i;

	(void)umask(022);
	begin_fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (begin_fd == -1)
		die("%s: %s", log, strerror(errno));
	for (i = 0; i < n; i++) {
		if (realpath(dirs[i], full) == NULL ||
		    nftw(full, begin_one, 16, FTW_PHYS) == -1 ||
		    stat(full, &st) == -1)
			die("%s: %s", dirs[i], strerror(errno));
		r.dev = st.st_dev;
		put_record(begin_fd, &r, NULL, NULL, 0);
	}
	if (close(begin_fd) == -1)
		die("%s: %s", log, strerror(errno));
}

void
diskreplay_mark(const char *log, const char *text)
{
	struct disklog	 r = { .op = DISKLOG_MARK };
	int		 fd;

	if ((fd = open(log, O_WRONLY | O_APPEND | O_CLOEXEC)) == -1)
		die("%s: %s", log, strerror(errno));
	put_record(fd, &r, text, NULL, 0);
	(void)close(fd);
}

/* Reading one. */

static const char *
name_of(const struct disklog *r)
{
	return ((const char *)(r + 1));
}

static const char *
name2_of(const struct disklog *r)
{
	return (name_of(r) + r->name);
}

static const void *
data_of(const struct disklog *r)
{
	return (name2_of(r) + r->name2);
}

/* The node that has the number now: the last that was made with it. */
static size_t
find(const struct diskreplay *d, uint64_t dev, uint64_t ino)
{
	size_t	 i;

	for (i = d->nnode; i > 0; i--)
		if (d->node[i - 1].dev == dev && d->node[i - 1].ino == ino)
			return (i - 1);
	return (NONE);
}

static size_t
make(struct diskreplay *d, const struct disklog *r, uint32_t type, size_t rec)
{
	struct node	*n;

	d->node = more(d->node, d->nnode, sizeof(*d->node));
	n = &d->node[d->nnode];
	*n = (struct node){ .type = type, .mode = r->mode, .dev = r->dev,
	    .ino = r->ino, .made = rec };
	return (d->nnode++);
}

static struct change *
add(struct diskreplay *d, size_t node, size_t rec)
{
	struct node	*n = &d->node[node];

	n->change = more(n->change, n->nchange, sizeof(*n->change));
	n->change[n->nchange] = (struct change){ .rec = rec, .node = NONE,
	    .needs = NONE };
	return (&n->change[n->nchange++]);
}

static void
name(struct diskreplay *d, size_t dir, size_t rec, const char *p, size_t n,
    size_t node)
{
	struct change	*c = add(d, dir, rec);

	c->name = p;
	c->n = n;
	c->node = node;
}

static void
on_rename(struct diskreplay *d, const struct disklog *r, size_t rec)
{
	size_t		 from = find(d, r->dir_dev, r->dir);
	size_t		 to = find(d, r->dir2_dev, r->dir2);
	size_t		 node = find(d, r->dev, r->ino);
	struct change	*c;

	if (to != NONE) {
		if (node == NONE)
			die("record %zu: %.*s comes from a directory that is "
			    "not in the log", rec, (int)r->name2,
			    name2_of(r));
		name(d, to, rec, name2_of(r), r->name2, node);
	}
	if (from == NONE)
		return;
	/* In one directory both changes are of one record: never apart. */
	name(d, from, rec, name_of(r), r->name, NONE);
	if (from != to) {
		c = &d->node[from].change[d->node[from].nchange - 1];
		c->needs = to;
		c->needs_rec = rec;
	}
}

static void
on_sync(struct diskreplay *d, const struct disklog *r, size_t rec)
{
	const size_t	 one = find(d, r->dev, r->ino);
	struct node	*n;
	size_t		 i;

	for (i = 0; i < d->nnode; i++) {
		n = &d->node[i];
		if (n->dev != r->dev || (r->op == DISKLOG_SYNC && i != one))
			continue;
		n->sync = more(n->sync, n->nsync, sizeof(*n->sync));
		n->sync[n->nsync++] = rec;
	}
}

/* A directory's name for what was made or linked. */
static void
on_name(struct diskreplay *d, const struct disklog *r, size_t rec)
{
	size_t	 dir, node;

	if (r->op == DISKLOG_LINK) {
		if ((dir = find(d, r->dir2_dev, r->dir2)) == NONE)
			return;
		if ((node = find(d, r->dev, r->ino)) == NONE)
			die("record %zu: %.*s is linked from outside", rec,
			    (int)r->name2, name2_of(r));
		name(d, dir, rec, name2_of(r), r->name2, node);
	} else if ((dir = find(d, r->dir_dev, r->dir)) != NONE)
		name(d, dir, rec, name_of(r), r->name,
		    r->op == DISKLOG_UNLINK ? NONE : make(d, r, r->op, rec));
}

static void
take(struct diskreplay *d, const struct disklog *r, size_t rec)
{
	size_t	 node;

	switch ((enum disklog_op)r->op) {
	case DISKLOG_CREATE:
	case DISKLOG_MKDIR:
	case DISKLOG_SYMLINK:
	case DISKLOG_LINK:
	case DISKLOG_UNLINK:
		on_name(d, r, rec);
		break;
	case DISKLOG_RENAME:
		on_rename(d, r, rec);
		break;
	case DISKLOG_WRITE:
	case DISKLOG_TRUNCATE:
	case DISKLOG_PUNCH:
		if ((node = find(d, r->dev, r->ino)) != NONE)
			(void)add(d, node, rec);
		break;
	case DISKLOG_SYNC:
	case DISKLOG_SYNCFS:
		on_sync(d, r, rec);
		break;
	case DISKLOG_ROOT:
		d->root = more(d->root, d->nroot, sizeof(*d->root));
		d->root[d->nroot++] = make(d, r, DISKLOG_MKDIR, rec);
		break;
	case DISKLOG_MARK:
		break;
	}
}

struct diskreplay *
diskreplay_load(const char *log)
{
	struct diskreplay	*d = calloc(1, sizeof(*d));
	struct disklog		*r;
	struct stat		 st;
	size_t			 at, len;
	int			 fd;

	if (d == NULL || (fd = open(log, O_RDONLY | O_CLOEXEC)) == -1 ||
	    fstat(fd, &st) == -1)
		die("%s: %s", log, strerror(errno));
	d->size = (size_t)st.st_size;
	if ((d->map = malloc(d->size + 1)) == NULL ||
	    pread(fd, d->map, d->size, 0) != st.st_size)
		die("%s: %s", log, strerror(errno));
	(void)close(fd);
	for (at = 0; at < d->size; at += len) {
		/* Records have any length: each is copied to be aligned. */
		if ((r = malloc(sizeof(*r))) == NULL)
			die("out of memory");
		memcpy(r, d->map + at, sizeof(*r));
		len = sizeof(*r) + r->name + r->name2 + r->data;
		if ((r = realloc(r, len + 1)) == NULL || len > d->size - at)
			die("%s: a record that is cut short", log);
		memcpy(r, d->map + at, len);
		((char *)r)[len] = '\0';	/* behind where a link leads */
		d->rec = more(d->rec, d->nrec, sizeof(*d->rec));
		d->rec[d->nrec] = r;
		take(d, r, d->nrec++);
	}
	free(d->map);
	d->map = NULL;
	return (d);
}

void
diskreplay_free(struct diskreplay *d)
{
	size_t	 i;

	for (i = 0; i < d->nrec; i++)
		free(d->rec[i]);
	for (i = 0; i < d->nnode; i++) {
		free(d->node[i].change);
		free(d->node[i].sync);
	}
	free(d->rec);
	free(d->node);
	free(d->root);
	free(d);
}

/* One state. */

/* A number that looks random, for one thing of one choice. */
static uint64_t
chance(uint64_t seed, uint64_t what)
{
	uint64_t	 x = seed * UINT64_C(0x9e3779b97f4a7c15) + what + 1;

	x ^= x >> 30;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	x ^= x >> 27;
	x *= UINT64_C(0x94d049bb133111eb);
	return (x ^ x >> 31);
}

/* The number of changes before record "rec". */
static size_t
before(const struct node *n, size_t rec)
{
	size_t	 i = n->nchange;

	while (i > 0 && n->change[i - 1].rec >= rec)
		i--;
	return (i);
}

/* How far a directory is, the "nth" of those with names not synced. */
static size_t
names_kept(const struct extent *x, unsigned choice, size_t nth, size_t id)
{
	const unsigned	 i = choice - ONLY;

	switch (choice) {
	case LOST:
	case DATA:
		return (x->synced);
	case KEPT:
	case NAMES:
	case ZEROS:
	case LATE:
		return (x->all);
	default:
		if (choice >= ONLY)
			return ((i / 2 == nth) == (i % 2 == 0) ? x->all :
			    x->synced);
		return (x->synced + (size_t)(chance(choice, id) %
		    (x->all - x->synced + 1)));
	}
}

static void
content_kept(struct extent *x, unsigned choice, size_t id)
{
	const uint64_t	 c = chance(choice, id);

	x->zeros = 0;
	x->keep = x->synced;
	if (choice == ZEROS || (choice >= SOME && choice < ONLY &&
	    c % 4 == 0)) {
		x->zeros = x->all > x->synced;
		x->keep = x->all;
	} else if (choice == KEPT || choice == DATA ||
	    (choice >= ONLY && (choice - ONLY) % 2 == 1))
		x->keep = x->all;
	else if (choice >= SOME && choice < ONLY)
		x->keep = x->synced + (size_t)(c / 4 %
		    (x->all - x->synced + 1));
}

/*
 * Both changes of a rename in one directory, or none.  From one to another: no
 * old name goes before the new one is there.  Returns 1 if another directory
 * keeps more now.
 */
static int
keep_renames(const struct diskreplay *d, struct extent *x)
{
	const struct node	*n;
	const struct change	*c;
	size_t			 i, k, least;
	int			 more_kept = 0;

	for (i = 0; i < d->nnode; i++) {
		n = &d->node[i];
		if (n->type != DISKLOG_MKDIR)
			continue;
		while (x[i].keep > 0 && x[i].keep < n->nchange &&
		    n->change[x[i].keep].rec == n->change[x[i].keep - 1].rec)
			x[i].keep++;
		for (k = 0; k < x[i].keep; k++) {
			c = &n->change[k];
			if (c->needs == NONE)
				continue;
			least = before(&d->node[c->needs], c->needs_rec + 1);
			if (x[c->needs].keep >= least)
				continue;
			x[c->needs].keep = least;
			more_kept = 1;
		}
	}
	return (more_kept);
}

/*
 * What one choice leaves of each node; the caller frees it.  *dirs becomes
 * the number of directories with names that are not synced.
 */
static struct extent *
extents(const struct diskreplay *d, size_t cut, unsigned choice, size_t *dirs)
{
	struct extent	*x = calloc(d->nnode + 1, sizeof(*x));
	const struct node *n;
	size_t		 i, k;

	if (x == NULL)
		die("out of memory");
	*dirs = 0;
	for (i = 0; i < d->nnode; i++) {
		n = &d->node[i];
		x[i].all = before(n, cut);
		for (k = n->nsync; k > 0 && n->sync[k - 1] >= cut; k--)
			;
		x[i].synced = k == 0 ? 0 : before(n, n->sync[k - 1]);
		if (n->type != DISKLOG_MKDIR) {
			content_kept(&x[i], choice, i);
			continue;
		}
		x[i].keep = names_kept(&x[i], choice, *dirs, i);
		if (choice == LATE && x[i].all > x[i].synced) {
			x[i].from = x[i].synced;
			x[i].to = before(n, n->change[x[i].all - 1].rec);
		}
		*dirs += x[i].all > x[i].synced;
	}
	while (keep_renames(d, x))
		;
	return (x);
}

struct entry {
	const char	*name;
	size_t		 n, node;
};

static int
is_called(const struct entry *v, const char *name, size_t n)
{
	return (v->n == n && memcmp(v->name, name, n) == 0);
}

/* The names of a directory; the caller frees them. */
static size_t
entries(const struct diskreplay *d, const struct extent *x, size_t dir,
    struct entry **out)
{
	const struct node	*n = &d->node[dir];
	const struct change	*c;
	struct entry		*v = NULL;
	size_t			 i, k, nv = 0;

	for (i = 0; i < x[dir].keep; i++) {
		if (i >= x[dir].from && i < x[dir].to)
			continue;
		c = &n->change[i];
		for (k = 0; k < nv && !is_called(&v[k], c->name, c->n); k++)
			;
		if (c->node == NONE) {
			if (k < nv)
				v[k] = v[--nv];
			continue;
		}
		if (k == nv)
			v = more(v, nv++, sizeof(*v));
		v[k] = (struct entry){ c->name, c->n, c->node };
	}
	*out = v;
	return (nv);
}

static uint64_t
mix(uint64_t h, uint64_t v)
{
	return (chance(h, v));
}

/* A number for the state: equal where all that can be seen is. */
static uint64_t
look(const struct diskreplay *d, const struct extent *x, size_t node)
{
	struct entry	*v;
	uint64_t	 h, sum = 0;
	size_t		 i, k, n;

	h = mix(node, x[node].keep > x[node].synced && x[node].zeros ?
	    x[node].synced + (UINT64_C(1) << 40) : 0);
	if (d->node[node].type != DISKLOG_MKDIR)
		return (mix(h, x[node].keep));
	n = entries(d, x, node, &v);
	for (i = 0; i < n; i++) {
		h = 0;
		for (k = 0; k < v[i].n; k++)
			h = h * 31 + (uint8_t)v[i].name[k];
		sum += mix(h, look(d, x, v[i].node));
	}
	free(v);
	return (mix(node, sum));
}

static uint64_t
look_all(const struct diskreplay *d, const struct extent *x)
{
	uint64_t	 h = 0;
	size_t		 i;

	for (i = 0; i < d->nroot; i++)
		h = mix(h, look(d, x, d->root[i]));
	return (h);
}

/* All states. */

static int
is_data(const struct disklog *r)
{
	return (r->op == DISKLOG_WRITE || r->op == DISKLOG_PUNCH);
}

/* What an order can be wrong about. */
static int
is_step(const struct disklog *r)
{
	return (r->op == DISKLOG_LINK || r->op == DISKLOG_RENAME ||
	    r->op == DISKLOG_UNLINK || r->op == DISKLOG_SYNC ||
	    r->op == DISKLOG_SYNCFS || r->op == DISKLOG_MARK);
}

static size_t
first_cut(const struct diskreplay *d)
{
	size_t	 i, first = 0;

	/* What diskreplay_begin() wrote ends with the last root's SYNCFS. */
	for (i = 0; i < d->nrec; i++)
		if (d->rec[i]->op == DISKLOG_SYNCFS && d->rec[i]->us == 0)
			first = i + 1;
	return (first);
}

/* Whether something happens near this moment. */
static int
is_near(const struct diskreplay *d, size_t cut)
{
	size_t	 i;

	if (cut + 2 >= d->nrec)
		return (1);
	for (i = cut == 0 ? 0 : cut - 1; i <= cut; i++)
		if (is_step(d->rec[i]))
			return (1);
	return (0);
}

static void
add_states(const struct diskreplay *d, struct diskreplay_state **v, size_t *n,
    uint64_t **seen, size_t *nseen, size_t cut, unsigned marks)
{
	struct extent	*x;
	unsigned	 choice;
	uint64_t	 h;
	size_t		 i, dirs = 0;

	for (choice = LOST; choice <= ONLY || (choice < ONLY + 2 * dirs &&
	    choice < ONLY + 2 * DIRS_MAX); choice++) {
		if (choice >= ONLY && dirs < 2)
			return;		/* one is like none or all */
		x = extents(d, cut, choice, &dirs);
		/* The same on the disk, but more was promised: another. */
		h = mix(look_all(d, x), marks);
		free(x);
		for (i = 0; i < *nseen && (*seen)[i] != h; i++)
			;
		if (i < *nseen)
			continue;
		*seen = more(*seen, *nseen, sizeof(**seen));
		(*seen)[(*nseen)++] = h;
		*v = more(*v, *n, sizeof(**v));
		(*v)[(*n)++] = (struct diskreplay_state){ cut, choice,
		    marks };
	}
}

/* Drop states that are not near a step, evenly, until "max" are left. */
static size_t
thin_out(const struct diskreplay *d, struct diskreplay_state *v, size_t n,
    size_t max)
{
	size_t	 i, k = 0, near = 0, far, want, seen = 0, met = 0;

	for (i = 0; i < n; i++)
		near += is_near(d, v[i].cut) != 0;
	far = n - near;
	want = max > near ? max - near : 0;
	if (n <= max)
		return (n);
	for (i = 0; i < n; i++) {
		if (is_near(d, v[i].cut)) {
			/* Even these may be too many. */
			if (near <= max || (met + 1) * max / near >
			    met * max / near)
				v[k++] = v[i];
			met++;
			continue;
		}
		if (far > 0 && (seen + 1) * want / far > seen * want / far)
			v[k++] = v[i];
		seen++;
	}
	return (k);
}

size_t
diskreplay_states(const struct diskreplay *d, size_t max,
    struct diskreplay_state **out)
{
	struct diskreplay_state	*v = NULL;
	uint64_t		*seen = NULL;
	size_t			 cut, n = 0, nseen = 0, first = first_cut(d);
	size_t			 far = 0, every, cuts = 0;
	unsigned		 marks = 0;

	/* Moments within a run of writes differ by chance only. */
	for (cut = first; cut <= d->nrec; cut++)
		far += cut < d->nrec && !is_near(d, cut);
	every = max == 0 || far <= max ? 1 : far / max + 1;
	for (cut = first; cut <= d->nrec; cut++) {
		marks += cut > 0 && d->rec[cut - 1]->op == DISKLOG_MARK;
		if (cut < d->nrec && is_data(d->rec[cut]) &&
		    cut > first && is_data(d->rec[cut - 1]))
			continue;
		if (cut < d->nrec && !is_near(d, cut) && cuts++ % every != 0)
			continue;
		add_states(d, &v, &n, &seen, &nseen, cut, marks);
	}
	free(seen);
	if (max > 0)
		n = thin_out(d, v, n, max);
	*out = v;
	return (n);
}

/* As text. */

static const char *const	 op_name[] = {
	[DISKLOG_CREATE] = "create", [DISKLOG_MKDIR] = "mkdir",
	[DISKLOG_SYMLINK] = "symlink", [DISKLOG_LINK] = "link",
	[DISKLOG_RENAME] = "rename", [DISKLOG_UNLINK] = "unlink",
	[DISKLOG_WRITE] = "write", [DISKLOG_TRUNCATE] = "truncate",
	[DISKLOG_PUNCH] = "punch", [DISKLOG_SYNC] = "sync",
	[DISKLOG_SYNCFS] = "syncfs", [DISKLOG_MARK] = "mark",
	[DISKLOG_ROOT] = "root"
};

/* The name that was last given to the node before record "rec". */
static const char *
called(const struct diskreplay *d, size_t node, size_t rec, int *n)
{
	const struct change	*c, *best = NULL;
	size_t			 i, k;

	*n = 1;
	for (i = 0; i < d->nnode; i++)
		for (k = 0; k < d->node[i].nchange; k++) {
			c = &d->node[i].change[k];
			if (d->node[i].type == DISKLOG_MKDIR &&
			    c->node == node && c->rec < rec &&
			    (best == NULL || c->rec > best->rec))
				best = c;
		}
	if (best == NULL)
		return ("?");
	*n = (int)best->n;
	return (best->name);
}

static void
describe_record(const struct diskreplay *d, size_t rec, char *buf,
    size_t size)
{
	const struct disklog	*r = d->rec[rec];
	const char		*p;
	size_t			 node = find(d, r->dev, r->ino);
	int			 n = (int)r->name;

	p = name_of(r);
	if (r->name == 0 && node != NONE)
		p = called(d, node, rec, &n);
	(void)snprintf(buf, size, "%s %.*s%s%.*s", op_name[r->op], n, p,
	    r->name2 > 0 ? " as " : "", (int)r->name2, name2_of(r));
}

void
diskreplay_describe(const struct diskreplay *d,
    const struct diskreplay_state *s, char *buf, size_t size)
{
	static const char *const kept[] = {
		[LOST] = "all that was not synced is lost",
		[KEPT] = "all is there",
		[NAMES] = "names are there, content that was not synced is "
		    "not",
		[ZEROS] = "content that was not synced is zeros",
		[DATA] = "content is there, names that were not synced are "
		    "not",
		[LATE] = "of names that were not synced only the last one is "
		    "there"
	};
	char	 last[512] = "nothing";

	if (s->cut > 0)
		describe_record(d, s->cut - 1, last, sizeof(last));
	if (s->choice < SOME)
		(void)snprintf(buf, size, "cut after %s: %s", last,
		    kept[s->choice]);
	else if (s->choice < ONLY)
		(void)snprintf(buf, size, "cut after %s: chance %u", last,
		    s->choice - SOME);
	else
		(void)snprintf(buf, size, "cut after %s: %s names of the "
		    "directory number %u that was not synced", last,
		    (s->choice - ONLY) % 2 == 0 ? "only" : "all but",
		    (s->choice - ONLY) / 2);
}

void
diskreplay_print(const struct diskreplay *d)
{
	char	 buf[1024];
	size_t	 i;

	for (i = 0; i < d->nrec; i++) {
		describe_record(d, i, buf, sizeof(buf));
		(void)printf("%zu %s\n", i, buf);
	}
}

/* Into directories. */

static int
wipe(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	if (ftw->level > 0 && remove(path) == -1)
		die("remove %s: %s", path, strerror(errno));
	return (0);
}

static void
put_write(int fd, const struct disklog *r, int zeros, const char *path)
{
	const char	*p = data_of(r);
	char		*none = NULL;

	if (zeros) {
		if ((none = calloc(1, r->data + 1)) == NULL)
			die("out of memory");
		p = none;
	}
	if (pwrite(fd, p, r->data, (off_t)r->off) != (ssize_t)r->data)
		die("write %s: %s", path, strerror(errno));
	free(none);
}

static void
put_file(const struct diskreplay *d, const struct extent *x,
    const struct node *n, const char *path)
{
	const struct disklog	*r = d->rec[n->made];
	struct timespec		 ts[2];
	int64_t			 us = r->us;
	size_t			 i;
	int			 fd;

	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd == -1)
		die("create %s: %s", path, strerror(errno));
	for (i = 0; i < x->keep; i++) {
		r = d->rec[n->change[i].rec];
		us = r->us;
		if (r->op == DISKLOG_WRITE)
			put_write(fd, r, x->zeros && i >= x->synced, path);
		else if (r->op == DISKLOG_TRUNCATE) {
			if (ftruncate(fd, (off_t)r->off) == -1)
				die("%s: %s", path, strerror(errno));
		} else if (fallocate(fd, FALLOC_FL_PUNCH_HOLE |
		    FALLOC_FL_KEEP_SIZE, (off_t)r->off, (off_t)r->len) == -1)
			die("%s: %s", path, strerror(errno));
	}
	ts[0].tv_sec = ts[1].tv_sec = us / 1000000;
	ts[0].tv_nsec = ts[1].tv_nsec = us % 1000000 * 1000;
	if (fchmod(fd, n->mode) == -1 || futimens(fd, ts) == -1 ||
	    close(fd) == -1)
		die("%s: %s", path, strerror(errno));
}

static void
put_dir(const struct diskreplay *d, const struct extent *x, size_t dir,
    const char *path, char **first)
{
	const struct node	*n;
	struct entry		*v;
	char			 to[PATH_MAX];
	size_t			 i, k, nv = entries(d, x, dir, &v);

	for (i = 0; i < nv; i++) {
		n = &d->node[k = v[i].node];
		(void)snprintf(to, sizeof(to), "%s/%.*s", path, (int)v[i].n,
		    v[i].name);
		if (n->type == DISKLOG_MKDIR) {
			if (mkdir(to, 0700) == -1)
				die("%s: %s", to, strerror(errno));
			put_dir(d, x, k, to, first);
			(void)chmod(to, n->mode);
		} else if (n->type == DISKLOG_SYMLINK) {
			if (symlink(data_of(d->rec[n->made]), to) == -1)
				die("%s: %s", to, strerror(errno));
		} else if (first[k] != NULL) {
			if (link(first[k], to) == -1)
				die("link %s: %s", to, strerror(errno));
		} else {
			put_file(d, &x[k], n, to);
			if ((first[k] = strdup(to)) == NULL)
				die("out of memory");
		}
	}
	free(v);
}

void
diskreplay_put(const struct diskreplay *d, const struct diskreplay_state *s)
{
	const struct disklog	*r;
	struct extent		*x;
	char			 path[PATH_MAX], **first;
	size_t			 i, dirs;

	x = extents(d, s->cut, s->choice, &dirs);
	if ((first = calloc(d->nnode + 1, sizeof(*first))) == NULL)
		die("out of memory");
	(void)umask(022);
	for (i = 0; i < d->nroot; i++) {
		r = d->rec[d->node[d->root[i]].made];
		(void)snprintf(path, sizeof(path), "%.*s", (int)r->name,
		    name_of(r));
		if (nftw(path, wipe, 16, FTW_PHYS | FTW_DEPTH) == -1)
			die("%s: %s", path, strerror(errno));
		put_dir(d, x, d->root[i], path, first);
	}
	for (i = 0; i < d->nnode; i++)
		free(first[i]);
	free(first);
	free(x);
}

/* What is not durable. */

struct compare {
	const struct diskreplay	*d;
	const struct extent	*now, *then;
	const char		*but;
	char			*buf;
	size_t			 size;
};

static const struct entry *
entry_of(const struct entry *v, size_t n, const struct entry *like)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		if (is_called(&v[i], like->name, like->n))
			return (&v[i]);
	return (NULL);
}

/* Whether it is the name that does not count. */
static int
is_left_out(const struct compare *c, const struct entry *v)
{
	return (c->but != NULL && is_called(v, c->but, strlen(c->but)));
}

/* Whether a name of one list is missing, or another, in the other. */
static int
differ(struct compare *c, const char *path, const struct entry *a, size_t na,
    const struct entry *b, size_t nb, const char *what)
{
	const struct entry	*o;
	size_t			 i;

	for (i = 0; i < na; i++) {
		o = entry_of(b, nb, &a[i]);
		if ((o != NULL && o->node == a[i].node) ||
		    is_left_out(c, &a[i]))
			continue;
		(void)snprintf(c->buf, c->size, "%s/%.*s %s", path,
		    (int)a[i].n, a[i].name, what);
		return (1);
	}
	return (0);
}

static int
compare(struct compare *c, size_t node, const char *path)
{
	const struct node	*n = &c->d->node[node];
	struct entry		*a, *b;
	char			 to[PATH_MAX];
	size_t			 i, na, nb;
	int			 r;

	if (n->type != DISKLOG_MKDIR) {
		if (c->now[node].all == c->now[node].synced)
			return (0);
		(void)snprintf(c->buf, c->size, "%s: content is not synced",
		    path);
		return (1);
	}
	na = entries(c->d, c->now, node, &a);
	nb = entries(c->d, c->then, node, &b);
	r = differ(c, path, a, na, b, nb, "is lost") ||
	    differ(c, path, b, nb, a, na, "comes back");
	for (i = 0; r == 0 && i < na; i++) {
		if (is_left_out(c, &a[i]))
			continue;
		(void)snprintf(to, sizeof(to), "%s/%.*s", path, (int)a[i].n,
		    a[i].name);
		r = compare(c, a[i].node, to);
	}
	free(a);
	free(b);
	return (r);
}

int
diskreplay_unsynced(const struct diskreplay *d, const char *but, char *buf,
    size_t size)
{
	struct compare	 c = { .d = d, .but = but, .buf = buf,
			    .size = size };
	struct extent	*now, *then;
	size_t		 i, dirs;
	int		 r = 0;

	c.now = now = extents(d, d->nrec, KEPT, &dirs);
	c.then = then = extents(d, d->nrec, LOST, &dirs);
	for (i = 0; r == 0 && i < d->nroot; i++)
		r = compare(&c, d->root[i], "");
	free(now);
	free(then);
	return (r);
}
