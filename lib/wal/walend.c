/* SPDX-License-Identifier: ISC */
/*
 * The proof that an absent segment is the end of WAL, and no gap: nothing lies
 * behind it, neither on its own timeline nor on one that left it later.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pg/walname.h"
#include "repo/layout.h"
#include "wal/ancestry.h"
#include "wal/walend.h"

/* What lies behind an absent segment, on its own timeline. */
struct behind {
	struct walname	 w;		/* the absent segment */
	const char	*own;		/* its name */
	uint32_t	 log;		/* the folder being listed */
	uint32_t	 next;		/* the lowest folder above it, or 0 */
	int		 there;		/* the segment is there after all */
	int		 streamed;	/* it has an open object */
	char		 later[WALNAME_TEXT];	/* a later file, or "" */
};

static void
behind_file(struct behind *b, const char *name)
{
	struct err	 unused = ERR_INIT;
	struct walname	 w;
	char		 text[LAYOUT_SEGMENT];
	int		 open;

	/*
	 * A .partial or .backup file shows as well that WAL went on, and so
	 * does an open object of a later segment.
	 */
	open = layout_open_number(name, text) != 0;
	if (open && strcmp(text, b->own) == 0) {
		b->streamed = 1;
		return;
	}
	if (walname_parse(open ? text : name, &w, &unused) == -1 ||
	    w.kind == WALNAME_HISTORY || w.tli != b->w.tli ||
	    w.log != b->log)
		return;
	if (w.log > b->w.log || w.seg > b->w.seg)
		(void)snprintf(b->later, sizeof(b->later), "%s", name);
	else if (!open && w.kind == WALNAME_SEGMENT && w.seg == b->w.seg)
		b->there = 1;
}

/* Folder 0 is that of one log, with its segments; folder 1 has the logs. */
static int
behind_entry(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct behind	*b = arg;
	uint32_t	 log;

	(void)missing; (void)e;
	if (en == NULL)
		return (0);
	if (i == 0)
		behind_file(b, en->name);
	else if (en->is_dir && layout_wal_number(en->name, &log) &&
	    log > b->log && (b->next == 0 || log < b->next))
		b->next = log;
	return (0);
}

/*
 * Most often the segment's own folder and the list of folders settle it, in one
 * round trip.  A later folder alone proves nothing, since a push that died
 * leaves an empty one: then that folder is listed, and so on.
 */
int
walend_later(struct archive *a, const char *name, int *open, struct err *e)
{
	struct behind	 b = { .later = "" };
	char		 log[LAYOUT_FOLDER], tli[LAYOUT_FOLDER];
	const char	*const folders[] = { log, tli };

	*open = 0;
	if (walname_parse(name, &b.w, e))
		return (-1);
	if (b.w.kind != WALNAME_SEGMENT)
		return (0);
	b.own = name;
	(void)layout_wal_timeline(tli, b.w.tli);
	b.next = b.w.log;
	do {
		b.log = b.next;
		b.next = 0;
		(void)layout_wal_log(log, b.w.tli, b.log);
		if (store_list(a->store, folders, 2, behind_entry, &b, e))
			return (-1);
		*open = b.streamed;
	} while (b.later[0] == '\0' && !b.there && b.next != 0);
	if (b.there)
		return (err_set(e, ERR_REMOTE, "%s: was missing, and was there "
		    "a moment later", store_name(a->store)));
	if (b.later[0] == '\0')
		return (0);
	return (err_set(e, ERR_REMOTE, "%s: is not in the repository although "
	    "WAL behind it is (%s); this is a gap, not the end of WAL; "
	    "backup-list shows gaps", store_name(a->store), b.later));
}

/* The timelines above the absent segment's own that have a history file. */
struct above {
	uint32_t		 tli;
	struct walindex_timeline *v;	/* owned */
	size_t			 n, room;
};

static int
above_entry(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct above			*b = arg;
	struct walindex_timeline	*v;
	struct err			 unused = ERR_INIT;
	struct walname			 w;

	(void)i; (void)missing;
	if (en == NULL || walname_parse(en->name, &w, &unused) == -1 ||
	    w.kind != WALNAME_HISTORY || w.tli <= b->tli)
		return (0);
	if (b->n == b->room) {
		b->room = b->room * 2 + 8;
		v = reallocarray(b->v, b->room, sizeof(*v));
		if (v == NULL)
			return (err_sys(e, ERR_LOCAL, "histories"));
		b->v = v;
	}
	b->v[b->n++] = (struct walindex_timeline){ .tli = w.tli,
	    .history = 1 };
	return (0);
}

/*
 * A history that cannot be trusted is left out here.  PostgreSQL asks for the
 * histories that it follows, and gets the failure then.
 */
static int
above_refused(void *arg, const char *name, const struct err *why,
    struct err *e)
{
	(void)arg; (void)name; (void)why; (void)e;
	return (0);
}

/*
 * Whether the past of the timeline with history "h" has WAL of the segment's
 * timeline behind the end of the segment.  If the timeline left within this
 * very segment, it has that part of it in a segment of its own.
 */
static int
went_on(const struct history *h, const struct walname *w, uint32_t segsize)
{
	const uint64_t	 segno = walname_segno(w, segsize);
	uint64_t	 begin, end;

	return (history_span(h, w->tli, &begin, &end) &&
	    begin / segsize <= segno && end / segsize > segno);
}

int
walend_left(struct archive *a, const char *name, uint64_t segsize,
    struct err *e)
{
	const char	*const folder = LAYOUT_WAL;
	struct err	 unused = ERR_INIT;
	struct above	 b = { .n = 0 };
	struct ancestry	 f = { .n = 0 };
	struct walname	 w;
	size_t		 i;
	int		 rc = -1;

	if (walname_parse(name, &w, e))
		return (-1);
	if (w.kind != WALNAME_SEGMENT || !walname_segsize_ok(segsize) ||
	    walname_check(&w, (uint32_t)segsize, &unused) == -1)
		return (0);
	b.tli = w.tli;
	if (store_list(a->store, &folder, 1, above_entry, &b, e) ||
	    ancestry_read(&f, a, b.v, b.n, above_refused, NULL, e))
		goto out;
	for (i = 0; i < f.n; i++)
		if (went_on(&f.v[i], &w, (uint32_t)segsize))
			break;
	rc = i == f.n ? 0 : err_set(e, ERR_REMOTE, "%s: is not in the "
	    "repository although timeline %" PRIu32 " began behind it "
	    "(%08" PRIX32 ".history); this is a gap, not the end of WAL; "
	    "backup-list shows gaps", store_name(a->store), f.v[i].tli,
	    f.v[i].tli);
out:
	ancestry_fini(&f);
	free(b.v);
	return (rc);
}

static int
above_damaged(void *arg, const char *name, const struct err *why,
    struct err *e)
{
	(void)arg;
	return (err_set(e, why->kind, "%s: %s", name, why->msg));
}

int
walend_alone(struct archive *a, const char *name, uint64_t end,
    struct err *e)
{
	const char	*const folder = LAYOUT_WAL;
	struct above	 b = { .n = 0 };
	struct ancestry	 f = { .n = 0 };
	struct walname	 w;
	uint64_t	 begin, left;
	size_t		 i;
	int		 rc = -1;

	if (walname_parse(name, &w, e))
		return (-1);
	b.tli = w.tli;
	if (store_list(a->store, &folder, 1, above_entry, &b, e) ||
	    ancestry_read(&f, a, b.v, b.n, above_damaged, NULL, e))
		goto out;
	for (i = 0; i < f.n; i++)
		if (history_span(&f.v[i], w.tli, &begin, &left) && left != end)
			break;
	rc = i == f.n ? 0 : err_set(e, ERR_REMOTE, "%s: is not in the "
	    "repository, and what was streamed of it does not count, since "
	    "timeline %" PRIu32 " came from its timeline (%08" PRIX32
	    ".history); this is a gap, not the end of WAL",
	    store_name(a->store), f.v[i].tli, f.v[i].tli);
out:
	ancestry_fini(&f);
	free(b.v);
	return (rc);
}
