/* SPDX-License-Identifier: ISC */
/*
 * Sweeping tmp/.  SFTP shows no link counts, so a temporary name is known for
 * a second name of an object by what it begins with, the hash of the object's
 * path, and by the size and time that the two have in common.
 *
 * An upload that is under way is safe.  It has no object of its path beside
 * it; or another push was faster, and its own name will be refused anyway.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "expire/tmpsweep.h"
#include "repo/loadeach.h"
#include "store/tmpname.h"

#define DEPTH		2		/* wal/T/L: levels below wal/ */
#define AT_ONCE		((size_t)1 << 20)	/* names of one round */
#define ROUNDS		64		/* the next run does the rest */

/* A file in tmp/. */
struct upload {
	char		 name[TMPNAME];
	uint64_t	 size;
	int64_t		 mtime;
	int		 second;	/* its object stands */
};

/* Directories of one level, to be listed in one flight. */
struct level {
	char		**path;		/* owned, and each of them */
	size_t		 n, room;
};

struct tmpsweep {
	const struct expire *x;
	struct sweep	*sweep;
	/*
	 * Owned: the "at_once" lowest names behind "after", sorted.  While
	 * they are listed there may be twice as many, in any order.
	 */
	struct upload	*v;
	size_t		 n, room, at_once;
	char		 after[TMPNAME];	/* "" in the first round */
	char		 last[TMPNAME];	/* higher names are for another round;
					 * "": all are for this one */
	struct level	 in, out;	/* being listed; found in them */
	int		 depth;		/* of those being listed */
};

static void
level_fini(struct level *l)
{
	while (l->n > 0)
		free(l->path[--l->n]);
	free(l->path);
	memset(l, 0, sizeof(*l));
}

static int
level_add(struct level *l, const char *path, struct err *e)
{
	const size_t	 room = l->room == 0 ? 64 : 2 * l->room;
	void		*p;

	if (l->n == l->room) {
		p = reallocarray(l->path, room, sizeof(*l->path));
		if (p == NULL)
			return (err_sys(e, ERR_LOCAL, "expire"));
		l->path = p;
		l->room = room;
	}
	if (str_dup(&l->path[l->n], path, e))
		return (-1);
	l->n++;
	return (0);
}

static int
compare(const void *a, const void *b)
{
	return (strcmp(((const struct upload *)a)->name,
	    ((const struct upload *)b)->name));
}

/* Sort, and leave what exceeds this round to another one. */
static void
settle(struct tmpsweep *t)
{
	if (t->n > 0)
		qsort(t->v, t->n, sizeof(*t->v), compare);
	if (t->n <= t->at_once)
		return;
	t->n = t->at_once;
	memcpy(t->last, t->v[t->n - 1].name, sizeof(t->last));
}

/* A name of another form is not ours, and stays. */
static int
on_tmp(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct tmpsweep	*t = arg;
	const size_t	 room = t->room == 0 ? 64 : 2 * t->room;
	void		*p;

	(void)i;
	(void)missing;
	if (en == NULL || en->is_dir || !tmpname_is(en->name) ||
	    strcmp(en->name, t->after) <= 0 ||
	    (*t->last != '\0' && strcmp(en->name, t->last) > 0))
		return (0);
	if (t->n == 2 * t->at_once)
		settle(t);
	if (t->n == t->room) {
		p = reallocarray(t->v, room, sizeof(*t->v));
		if (p == NULL)
			return (err_sys(e, ERR_LOCAL, "expire"));
		t->v = p;
		t->room = room;
	}
	t->v[t->n] = (struct upload){ .size = en->size, .mtime = en->mtime };
	return (str_fmt(t->v[t->n++].name, sizeof(t->v->name), e, "%s",
	    en->name));
}

/* Mark the temporary names of the object "path" that stands there. */
static void
mark(struct tmpsweep *t, const char *path, const struct store_entry *en)
{
	char		 begin[TMPNAME];
	size_t		 lo = 0, hi = t->n, mid;
	struct upload	*u;

	(void)tmpname_prefix(begin, path);
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (strcmp(t->v[mid].name, begin) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (u = t->v + lo; u < t->v + t->n && str_begins(u->name, begin); u++)
		if (u->size == en->size && u->mtime == en->mtime)
			u->second = 1;
}

/*
 * All objects lie below wal/, base/ and vouched/, except the marker, which is
 * at the top.
 */
static int
on_object(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct tmpsweep	*t = arg;
	struct err	 ignore = ERR_INIT;
	char		 path[LAYOUT_PATH];

	(void)missing;
	if (en == NULL || strchr(en->name, '/') != NULL ||
	    str_fmt(path, sizeof(path), &ignore, "%s%s%s", t->in.path[i],
	    *t->in.path[i] == '\0' ? "" : "/", en->name))
		return (0);
	if (!en->is_dir)
		mark(t, path, en);
	else if (*t->in.path[i] != '\0' && t->depth < DEPTH)
		return (level_add(&t->out, path, e));
	return (0);
}

/*
 * List every object, level by level, each in one flight.  Whoever may push can
 * make a directory that nobody may open.  The second name of an object in it
 * goes when it is old enough, as an interrupted upload.
 */
static int
look_at_objects(struct tmpsweep *t, struct archive *a, struct err *e)
{
	const struct store_listing	 to = { on_object, loadeach_empty, t };
	static const char *const	 first[] = { "", LAYOUT_WAL,
		LAYOUT_BASE, LAYOUT_VOUCHED };
	size_t				 i;

	for (i = 0; i < sizeof(first) / sizeof(first[0]); i++)
		if (level_add(&t->out, first[i], e))
			return (-1);
	for (t->depth = 0; t->out.n > 0; t->depth++) {
		level_fini(&t->in);
		t->in = t->out;
		memset(&t->out, 0, sizeof(t->out));
		if (loadeach_list(&to, a, (const char *const *)t->in.path,
		    t->in.n, e))
			return (-1);
	}
	return (0);
}

static int
has_hashes(const struct tmpsweep *t)
{
	size_t	 i;

	for (i = 0; i < t->n; i++)
		if (strchr(t->v[i].name, '-') != NULL)
			return (1);
	return (0);
}

static int
remove_them(struct tmpsweep *t, struct err *e)
{
	const struct upload	*u;
	const uint64_t		 files = t->sweep->files;
	size_t			 i;

	for (i = 0; i < t->n; i++)
		if (t->v[i].second && sweep_add(t->sweep, LAYOUT_TMP,
		    t->v[i].name, 0, e))
			return (-1);
	t->sweep->files = files;	/* they free nothing */
	for (i = 0; i < t->n; i++) {
		u = &t->v[i];
		if (!u->second && expire_state_abandoned(t->x, u->mtime) &&
		    sweep_add(t->sweep, LAYOUT_TMP, u->name, u->size, e))
			return (-1);
	}
	return (sweep_flush(t->sweep, e));
}

/* Those names of tmp/ that follow "after" in order, as many as fit. */
static int
one_round(struct tmpsweep *t, struct archive *a, struct err *e)
{
	static const char *const	 tmp[] = { LAYOUT_TMP };

	memcpy(t->after, t->last, sizeof(t->after));
	*t->last = '\0';
	t->n = 0;
	if (store_list(a->store, tmp, 1, on_tmp, t, e))
		return (-1);
	settle(t);
	/* Mostly tmp/ is empty, and nothing has to be listed for it. */
	if (has_hashes(t) && look_at_objects(t, a, e))
		return (-1);
	return (remove_them(t, e));
}

int
tmpsweep_rounds(const struct expire *x, struct archive *a, struct sweep *s,
    size_t at_once, struct err *e)
{
	struct tmpsweep	 t = { .x = x, .sweep = s, .at_once = at_once };
	int		 i, rc;

	rc = one_round(&t, a, e);
	for (i = 1; rc == 0 && *t.last != '\0' && i < ROUNDS; i++)
		rc = one_round(&t, a, e);
	level_fini(&t.in);
	level_fini(&t.out);
	free(t.v);
	return (rc);
}

int
tmpsweep_run(const struct expire *x, struct archive *a, struct sweep *s,
    struct err *e)
{
	return (tmpsweep_rounds(x, a, s, AT_ONCE, e));
}
