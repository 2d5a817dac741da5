/* SPDX-License-Identifier: ISC */
/*
 * What WAL the repository has, by its listings: the folders of timelines, then
 * the folders in them, then the files.  All folders of a level are listed in
 * one flight, so a slow network costs three round trips and no more.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "pg/walname.h"
#include "repo/layout.h"
#include "repo/loadeach.h"
#include "wal/walindex.h"

#define SEGMENT_LEN	24		/* of a segment's name */
#define ID_LEN		16		/* of a backup's, without a suffix */

/* The folders of one level, with what their names say. */
struct folders {
	char		(*path)[LAYOUT_FOLDER];
	const char	**list;		/* the same, for store_list() */
	uint32_t	(*id)[2];	/* timeline; log on the last level */
	size_t		 n, room;
};

struct scan {
	struct walindex	*w;
	struct folders	 in, out;	/* being listed; found in them */
	walindex_seen	*seen;
	walindex_unlisted *unlisted;
	void		*arg;
};

static void
folders_fini(struct folders *f)
{
	free(f->path);
	free(f->list);
	free(f->id);
	memset(f, 0, sizeof(*f));
}

static int
folders_grow(struct folders *f, struct err *e)
{
	size_t	 room = f->room == 0 ? 64 : 2 * f->room;
	void	*p;

	if ((p = realloc(f->path, room * sizeof(*f->path))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list the WAL"));
	f->path = p;
	if ((p = realloc(f->id, room * sizeof(*f->id))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list the WAL"));
	f->id = p;
	f->room = room;
	return (0);
}

static int
folders_add(struct folders *f, uint32_t tli, uint32_t log, const char *path,
    struct err *e)
{
	if (f->n == f->room && folders_grow(f, e))
		return (-1);
	if (str_fmt(f->path[f->n], LAYOUT_FOLDER, e, "%s", path))
		return (-1);
	f->id[f->n][0] = tli;
	f->id[f->n][1] = log;
	f->n++;
	return (0);
}

/* Make the list of pointers, once the paths no longer move. */
static int
folders_close(struct folders *f, struct err *e)
{
	size_t	 i;

	if (f->n == 0)
		return (0);
	if ((f->list = calloc(f->n, sizeof(*f->list))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list the WAL"));
	for (i = 0; i < f->n; i++)
		f->list[i] = f->path[i];
	return (0);
}

/*
 * Whether a name begins like that of a WAL file or of a backup's directory:
 * what bears it may be one that somebody moved or renamed.  File systems and
 * copying programs leave other names (.nfs..., lost+found, .snapshot).
 */
static int
is_like_ours(const char *name)
{
	struct walname	 parsed;
	struct err	 ignore = ERR_INIT;
	char		 begin[SEGMENT_LEN + 1];

	if (walname_parse(name, &parsed, &ignore) == 0)
		return (1);
	(void)snprintf(begin, sizeof(begin), "%s", name);
	if (strlen(begin) == SEGMENT_LEN &&
	    walname_parse(begin, &parsed, &ignore) == 0)
		return (1);
	(void)snprintf(begin, ID_LEN + 1, "%s", name);
	return (layout_id_ok(begin));
}

void
walindex_ignore(struct walindex *w, const char *folder, const char *name)
{
	char	 path[sizeof(w->misplaced_path)];

	if (w->unknown++ == 0)
		(void)str_clean(w->unknown_name, sizeof(w->unknown_name),
		    name, strlen(name));
	if (!is_like_ours(name) || w->misplaced++ != 0)
		return;
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	(void)str_clean(w->misplaced_path, sizeof(w->misplaced_path), path,
	    strlen(path));
}

/* The place of a timeline in the sorted array, or where it would be. */
static size_t
find_timeline(const struct walindex *w, uint32_t tli)
{
	size_t	 lo = 0, hi = w->ntl, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (w->tl[mid].tli < tli)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo);
}

const struct walindex_timeline *
walindex_find(const struct walindex *w, uint32_t tli)
{
	const size_t	 i = find_timeline(w, tli);

	return (i < w->ntl && w->tl[i].tli == tli ? &w->tl[i] : NULL);
}

void
walindex_forget(struct walindex *w, uint32_t tli)
{
	const size_t			 i = find_timeline(w, tli);
	struct walindex_timeline	*t = &w->tl[i];

	if (i == w->ntl || t->tli != tli)
		return;
	t->history = 0;
	t->history_at = 0;
	if (!t->dir && t->segments + t->partials + t->backups == 0)
		memmove(t, t + 1, (--w->ntl - i) * sizeof(*t));
}

/*
 * Add a timeline at the end of the array.  That doubles whenever its length is
 * a power of two, so its capacity need not be kept anywhere.
 */
static struct walindex_timeline *
add_timeline(struct walindex *w, uint32_t tli, struct err *e)
{
	struct walindex_timeline	*p = w->tl;

	if ((w->ntl & (w->ntl - 1)) == 0 && (p = reallocarray(w->tl,
	    w->ntl == 0 ? 1 : 2 * w->ntl, sizeof(*p))) == NULL) {
		err_sys(e, ERR_LOCAL, "list the WAL");
		return (NULL);
	}
	w->tl = p;
	p += w->ntl++;
	memset(p, 0, sizeof(*p));
	p->tli = tli;
	return (p);
}

static int
compare_timelines(const void *va, const void *vb)
{
	const struct walindex_timeline	*a = va, *b = vb;

	return (a->tli < b->tli ? -1 : a->tli > b->tli);
}

/*
 * Sort what wal/ has, and make one of a timeline's history and its folder.  No
 * listing is trusted to name each of them once.  A folder alone makes no
 * timeline unless a file is found in it, see on_log(): until then its "dir" is
 * 0.  Sorting once is what keeps many forged timelines cheap.
 */
static void
settle_timelines(struct walindex *w)
{
	struct walindex_timeline	*to;
	size_t				 i, n = 0;

	if (w->ntl > 0)
		qsort(w->tl, w->ntl, sizeof(*w->tl), compare_timelines);
	for (i = 0; i < w->ntl; i++) {
		to = n == 0 ? NULL : &w->tl[n - 1];
		if (to == NULL || to->tli != w->tl[i].tli) {
			w->tl[n++] = w->tl[i];
			continue;
		}
		to->history |= w->tl[i].history;
		to->dir |= w->tl[i].dir;
		to->bytes += w->tl[i].bytes;
		if (w->tl[i].history_at > to->history_at)
			to->history_at = w->tl[i].history_at;
	}
	w->ntl = n;
	for (i = 0; i < n; i++)
		w->tl[i].dir &= w->tl[i].history;
}

/* Forget the folders in which no file was found. */
static void
drop_empty(struct walindex *w)
{
	size_t	 i, n = 0;

	for (i = 0; i < w->ntl; i++)
		if (w->tl[i].history || w->tl[i].dir)
			w->tl[n++] = w->tl[i];
	w->ntl = n;
}

/* wal/: folders of timelines, and history files. */
static int
on_top(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct scan			*s = arg;
	struct walindex_timeline	*t;
	struct walname			 name;
	struct err			 ignore = ERR_INIT;
	char				 path[LAYOUT_FOLDER];
	uint32_t			 tli;

	(void)i;
	(void)missing;
	if (en == NULL) {
		settle_timelines(s->w);
		return (0);
	}
	if (en->is_dir && layout_wal_number(en->name, &tli) && tli != 0) {
		if ((t = add_timeline(s->w, tli, e)) == NULL)
			return (-1);
		t->dir = 1;
		return (folders_add(&s->out, tli, 0,
		    layout_wal_timeline(path, tli), e));
	}
	if (!en->is_dir && layout_is_history_aside(en->name))
		return (0);
	if (en->is_dir || walname_parse(en->name, &name, &ignore) ||
	    name.kind != WALNAME_HISTORY) {
		walindex_ignore(s->w, LAYOUT_WAL, en->name);
		return (0);
	}
	/* A timeline may have a history and no segment yet: it is listed. */
	if ((t = add_timeline(s->w, name.tli, e)) == NULL)
		return (-1);
	t->history = 1;
	t->history_at = en->mtime;
	t->bytes += en->size;
	return (s->seen(s->arg, &name, en, e));
}

/* wal/TTTTTTTT: folders of logs, and nothing else. */
static int
on_timeline(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct scan	*s = arg;
	char		 path[LAYOUT_FOLDER];
	uint32_t	 tli, log;

	(void)missing;
	if (en == NULL)
		return (0);
	if (!en->is_dir || !layout_wal_number(en->name, &log)) {
		walindex_ignore(s->w, s->in.path[i], en->name);
		return (0);
	}
	tli = s->in.id[i][0];
	return (folders_add(&s->out, tli, log, layout_wal_log(path, tli, log),
	    e));
}

static int
add_segment(struct scan *s, struct walindex_timeline *t,
    const struct walname *name, int64_t at, struct err *e)
{
	uint64_t	 segno = walname_segno(name, s->w->segsize);

	if (t->segments == 0 || segno < t->first) {
		t->first = segno;
		t->first_at = at;
	}
	if (t->segments == 0 || segno > t->last)
		t->last = segno;
	if (at > 0 && (t->oldest_at == 0 || at < t->oldest_at)) {
		t->oldest = segno;
		t->oldest_at = at;
	}
	if (at > t->newest_at)
		t->newest_at = at;
	t->segments++;
	return (coverage_add(&s->w->set, name->tli, segno, e));
}

static int
open_order(const void *a, const void *b)
{
	const struct walindex_open	*x = a, *y = b;

	if (x->tli != y->tli)
		return (x->tli < y->tli ? -1 : 1);
	if (x->segno != y->segno)
		return (x->segno < y->segno ? -1 : 1);
	return (x->number < y->number ? -1 : x->number > y->number);
}

/*
 * Returns 1 if the entry is an open object, at its place; it is added.  It is
 * no segment, and counts for no coverage.
 */
static int
add_open(struct scan *s, size_t i, const struct store_entry *en,
    struct err *e)
{
	struct walindex		*w = s->w;
	struct walindex_open	*p;
	struct walname		 name;
	struct err		 ignore = ERR_INIT;
	char			 text[LAYOUT_SEGMENT];
	const unsigned		 number = layout_open_number(en->name, text);

	if (en->is_dir || number == 0 || walname_parse(text, &name, &ignore) ||
	    name.tli != s->in.id[i][0] || name.log != s->in.id[i][1] ||
	    walname_check(&name, w->segsize, &ignore))
		return (0);
	if (w->nopen == w->open_room) {
		w->open_room = 2 * w->open_room + 16;
		p = reallocarray(w->open, w->open_room, sizeof(*p));
		if (p == NULL)
			return (err_sys(e, ERR_LOCAL, "list the WAL"));
		w->open = p;
	}
	w->open[w->nopen++] = (struct walindex_open){ name.tli,
	    walname_segno(&name, w->segsize), number, en->size, en->mtime };
	/* Its folder was listed, so it is there. */
	w->tl[find_timeline(w, name.tli)].dir = 1;
	return (1);
}

/*
 * wal/TTTTTTTT/LLLLLLLL: files.  One that lies in another folder than its name
 * says is ignored: wal-fetch would never find it there.
 */
static int
on_log(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct scan			*s = arg;
	struct walindex_timeline	*t;
	struct walname			 name;
	struct err			 ignore = ERR_INIT;
	int				 r;

	(void)missing;
	if (en == NULL)
		return (0);
	if ((r = add_open(s, i, en, e)) != 0)
		return (r == 1 ? 0 : -1);
	if (en->is_dir || walname_parse(en->name, &name, &ignore) ||
	    name.kind == WALNAME_HISTORY || name.tli != s->in.id[i][0] ||
	    name.log != s->in.id[i][1] ||
	    walname_check(&name, s->w->segsize, &ignore)) {
		walindex_ignore(s->w, s->in.path[i], en->name);
		return (0);
	}
	/* Its folder was listed, so it is there. */
	t = &s->w->tl[find_timeline(s->w, name.tli)];
	t->dir = 1;
	t->bytes += en->size;
	if (s->seen(s->arg, &name, en, e))
		return (-1);
	/* A file that a crash of the repository's host left empty is no WAL. */
	if (name.kind == WALNAME_SEGMENT)
		return (en->size == 0 ? 0 : add_segment(s, t, &name,
		    en->mtime, e));
	if (name.kind == WALNAME_PARTIAL)
		t->partials++;
	else
		t->backups++;
	return (0);
}

/* Whoever may push can make a folder that nobody may open. */
static int
on_unlisted(void *arg, size_t i, const struct err *why, struct err *e)
{
	struct scan	*s = arg;

	return (s->unlisted(s->arg, s->in.path[i], why, e));
}

/* List the folders that were found on the level above. */
static int
next_level(struct scan *s, struct archive *a, store_listed *each,
    struct err *e)
{
	const struct store_listing	 to = { each, on_unlisted, s };

	folders_fini(&s->in);
	s->in = s->out;
	memset(&s->out, 0, sizeof(s->out));
	if (s->in.n == 0)
		return (0);
	if (folders_close(&s->in, e))
		return (-1);
	/* Without wal/ itself nothing is known. */
	return (each == on_top ? store_list(a->store, s->in.list, s->in.n,
	    each, s, e) : loadeach_list(&to, a, s->in.list, s->in.n, e));
}

int
walindex_load(struct walindex *w, struct archive *a, walindex_seen *seen,
    walindex_unlisted *unlisted, void *arg, struct err *e)
{
	struct scan	 s = { .w = w, .seen = seen, .unlisted = unlisted,
	    .arg = arg };
	int		 rc = -1;

	if (folders_add(&s.out, 0, 0, LAYOUT_WAL, e) ||
	    next_level(&s, a, on_top, e) ||
	    next_level(&s, a, on_timeline, e) ||
	    next_level(&s, a, on_log, e))
		goto out;
	coverage_settle(&w->set);
	drop_empty(w);
	if (w->nopen > 0)
		qsort(w->open, w->nopen, sizeof(*w->open), open_order);
	rc = 0;
out:
	folders_fini(&s.in);
	folders_fini(&s.out);
	return (rc);
}

void
walindex_fini(struct walindex *w)
{
	coverage_set_free(&w->set);
	free(w->tl);
	free(w->open);
	w->open = NULL;
	w->nopen = w->open_room = 0;
	w->tl = NULL;
	w->ntl = 0;
}
