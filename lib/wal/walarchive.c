/* SPDX-License-Identifier: ISC */
/* WAL files into local files, and whether the archive has them. */
#include <string.h>

#include "pg/walname.h"
#include "repo/layout.h"
#include "stream/file.h"
#include "wal/walarchive.h"
#include "wal/walfetch.h"

int
walarchive_fetch(struct archive *a, const char *name, const char *path,
    struct err *e)
{
	struct walfetch	*f = NULL;
	struct sink	*s = NULL;
	int		 rc = -1;

	if (walfetch_open(&f, a, name, e) == 0 &&
	    file_sink_open(&s, path, WALARCHIVE_TEMP, 0600, 1, e) == 0)
		rc = walfetch_run(f, &s, e);
	sink_free(s);
	walfetch_free(f);
	return (rc);
}

/*
 * A look at a run of segments, one folder after the other, so that memory does
 * not grow with the run.
 */
struct look {
	struct walname	 want;		/* the next segment to be found */
	struct walname	 last;
	uint32_t	 segsize;
	uint32_t	 log;		/* the folder being listed */
	uint8_t		 seen[4096];	/* by seg: 4 GiB of 1 MiB segments */
	int		 missing;	/* "want" is */
};

/* All names of a folder were seen: move "want" over those that are there. */
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
	char		 folder[LAYOUT_FOLDER];
	const char	*path = folder;
	uint64_t	 log;

	for (log = first->log; log <= last->log && !l.missing; log++) {
		l.log = (uint32_t)log;
		memset(l.seen, 0, sizeof(l.seen));
		(void)layout_wal_log(folder, first->tli, l.log);
		if (store_list(a->store, &path, 1, look_entry, &l, e))
			return (-1);
	}
	(void)walname_format(missing, &l.want);
	return (l.missing);
}
