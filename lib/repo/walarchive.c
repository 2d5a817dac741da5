/* SPDX-License-Identifier: ISC */
/* WAL files out of the archive, and whether they are there. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "pg/walname.h"
#include "repo/layout.h"
#include "repo/marker.h"
#include "repo/object.h"
#include "repo/walarchive.h"
#include "stream/file.h"

/*
 * What a killed wal-fetch leaves in pg_wal PostgreSQL takes for its own and
 * removes at its next start (RemoveTempXlogFiles in xlog.c).
 */
#define TEMP		"xlogtemp"

/* What lies behind an absent segment, on its own timeline. */
struct behind {
	struct walname	 w;		/* the absent one */
	uint32_t	 log;		/* the folder being listed */
	uint32_t	 next;		/* the one after it; 0 for none */
	int		 there;		/* the absent one is there after all */
	char		 later[WALNAME_TEXT];	/* "" if there is none */
};

/* The number of a folder of segments: 1, or 0 if it is none. */
static int
is_log(const struct behind *b, const struct store_entry *en, uint32_t *log)
{
	struct err	 unused = ERR_INIT;
	struct walname	 w;
	char		 text[WALNAME_TEXT];

	if (!en->is_dir || strlen(en->name) != 8)
		return (0);
	(void)snprintf(text, sizeof(text), "%08" PRIX32 "%.8s00000000",
	    b->w.tli, en->name);
	if (walname_parse(text, &w, &unused) == -1)
		return (0);
	*log = w.log;
	return (1);
}

static void
behind_file(struct behind *b, const char *name)
{
	struct err	 unused = ERR_INIT;
	struct walname	 w;

	/* A .partial or .backup file, too, shows that WAL went on. */
	if (walname_parse(name, &w, &unused) == -1 ||
	    w.kind == WALNAME_HISTORY || w.tli != b->w.tli ||
	    w.log != b->log)
		return;
	if (w.log > b->w.log || w.seg > b->w.seg)
		(void)walname_format(b->later, &w);
	else if (w.kind == WALNAME_SEGMENT && w.seg == b->w.seg)
		b->there = 1;
}

/* Folder 0 has segments of one log, folder 1 the logs. */
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
	else if (is_log(b, en, &log) && log > b->log &&
	    (b->next == 0 || log < b->next))
		b->next = log;
	return (0);
}

/*
 * PostgreSQL takes an absent segment for the end of WAL.  It is not the end
 * if a later one of its timeline is there: one was lost, or one is still on
 * its way.  That is a failure, worth a retry.  A later folder alone says
 * nothing: a push that died leaves an empty one.
 */
static int
check_end(struct archive *a, const char *name, struct err *e)
{
	struct behind	 b = { .later = "" };
	char		 log[LAYOUT_PATH], tli[LAYOUT_PATH];
	const char	*const folders[] = { log, tli };

	if (walname_parse(name, &b.w, e))
		return (-1);
	if (b.w.kind != WALNAME_SEGMENT)
		return (0);
	b.next = b.w.log;
	do {
		b.log = b.next;
		b.next = 0;
		if (str_fmt(tli, sizeof(tli), e, LAYOUT_WAL "/%08" PRIX32,
		    b.w.tli) ||
		    str_fmt(log, sizeof(log), e, "%s/%08" PRIX32, tli,
		    b.log) ||
		    store_list(a->store, folders, 2, behind_entry, &b, e))
			return (-1);
	} while (b.later[0] == '\0' && !b.there && b.next != 0);
	if (b.there)
		return (err_set(e, ERR_REMOTE, "%s: was not there, and was a "
		    "moment later", store_name(a->store)));
	if (b.later[0] == '\0')
		return (0);
	return (err_set(e, ERR_REMOTE, "%s: is not in the repository although "
	    "WAL behind it is (%s); this is a gap, not the end of WAL; "
	    "backup-list shows gaps", store_name(a->store), b.later));
}

int
walarchive_fetch(struct archive *a, const char *name, const char *path,
    struct err *e)
{
	struct store_get	*marker = NULL, *get = NULL;
	struct sink		*s = NULL;
	struct marker		 m;
	struct object_info	 info;
	char			 object[LAYOUT_PATH];
	int			 rc = -1;

	/*
	 * The marker is opened along with the file: a proof costs no more.
	 * Before it: a disk that is mounted in between proves nothing, one
	 * with an open file is not unmounted.
	 */
	if (layout_wal(object, name, e) ||
	    marker_open(&marker, a, e) ||
	    store_get_open(&get, a->store, object, e) ||
	    file_sink_open(&s, path, TEMP, 0600, 1, e))
		goto out;
	rc = object_fetch(&info, a, get, HEAD_WAL, object, &s, e);
	if (rc == 1 && (marker_require(&m, a, marker, e) ||
	    check_end(a, name, e)))
		rc = -1;
out:
	sink_free(s);
	store_get_free(marker);
	store_get_free(get);
	return (rc);
}

/* A look at the folders of a run of segments, one folder after the other. */
struct look {
	struct walname	 want;		/* the next that must be there */
	struct walname	 last;
	uint32_t	 segsize;
	uint32_t	 log;		/* the folder being listed */
	uint8_t		 seen[4096];	/* by seg: 4 GiB of 1 MiB segments */
	int		 missing;
};

/* All of a folder's names were seen: go on from what is there. */
static void
look_folder(struct look *l)
{
	uint64_t	 end = walname_segno(&l->last, l->segsize);

	while (!l->missing && l->want.log == l->log &&
	    walname_segno(&l->want, l->segsize) <= end) {
		if (!l->seen[l->want.seg])
			l->missing = 1;
		else
			l->want = walname_next(&l->want, l->segsize);
	}
}

static int
look_entry(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct look	*l = arg;
	struct err	 unused = ERR_INIT;
	struct walname	 w;

	(void)i; (void)missing; (void)e;
	if (en == NULL)
		look_folder(l);
	else if (!en->is_dir && en->size > 0 &&
	    walname_parse(en->name, &w, &unused) == 0 &&
	    walname_check(&w, l->segsize, &unused) == 0 &&
	    w.kind == WALNAME_SEGMENT && w.tli == l->want.tli &&
	    w.log == l->log)
		l->seen[w.seg] = 1;
	return (0);
}

int
walarchive_has(struct archive *a, const struct walname *first,
    const struct walname *last, uint32_t segsize, char missing[WALNAME_TEXT],
    struct err *e)
{
	struct look	 l = { .want = *first, .last = *last,
	    .segsize = segsize };
	char		 folder[LAYOUT_PATH];
	const char	*path = folder;
	uint64_t	 log;

	for (log = first->log; log <= last->log && !l.missing; log++) {
		l.log = (uint32_t)log;
		memset(l.seen, 0, sizeof(l.seen));
		if (str_fmt(folder, sizeof(folder), e,
		    LAYOUT_WAL "/%08" PRIX32 "/%08" PRIX32, first->tli,
		    l.log) ||
		    store_list(a->store, &path, 1, look_entry, &l, e))
			return (-1);
	}
	(void)walname_format(missing, &l.want);
	return (l.missing);
}
