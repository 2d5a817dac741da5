/* SPDX-License-Identifier: ISC */
/*
 * Removing old WAL, 64 folders at a time.  So memory does not grow with the
 * archive, and a run that dies has removed what it had listed until then.
 */
#include <stdlib.h>

#include "expire/walsweep.h"
#include "pg/walname.h"
#include "repo/layout.h"

#define AT_ONCE	64			/* folders in one flight */

struct walsweep {
	struct sweep	*sweep;
	const struct retention_wal *plan;
	uint32_t	 tli;
	uint64_t	 floor;
	uint32_t	 segsize;
	uint32_t	*log;		/* folders that may hold old WAL */
	size_t		 n, room;
	char		 path[AT_ONCE][LAYOUT_FOLDER];
	const char	*paths[AT_ONCE];
	uint32_t	 here[AT_ONCE];	/* their numbers */
};

static uint32_t
log_of(const struct walsweep *w, uint64_t segno)
{
	struct walname	 name;

	name = walname_at(w->tli, segno * w->segsize, w->segsize);
	return (name.log);
}

/*
 * A folder has the log part of its segments as its name.  Those above that of
 * the last segment below the floor hold nothing that may go.
 */
static int
on_folder(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct walsweep	*w = arg;
	uint32_t	 log;
	void		*p;

	(void)i;
	(void)missing;
	if (en == NULL || !en->is_dir ||
	    !layout_wal_number(en->name, &log) ||
	    log > log_of(w, w->floor - 1))
		return (0);
	if (w->n == w->room) {
		w->room = w->room == 0 ? 64 : 2 * w->room;
		if ((p = realloc(w->log, w->room * sizeof(*w->log))) == NULL)
			return (err_sys(e, ERR_LOCAL, "expire"));
		w->log = p;
	}
	w->log[w->n++] = log;
	return (0);
}

/*
 * Only a name that lies where FORMAT.md puts it may go: right timeline, right
 * folder, possible for this segment size.  Everything else is not ours.
 */
static int
on_file(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct walsweep	*w = arg;
	struct err	 ignore = ERR_INIT;
	struct walname	 name;
	uint64_t	 segno;
	char		 text[LAYOUT_SEGMENT];

	(void)missing;
	/* An open object goes with its segment. */
	if (en == NULL || en->is_dir ||
	    walname_parse(layout_open_number(en->name, text) != 0 ? text :
	    en->name, &name, &ignore) ||
	    name.kind == WALNAME_HISTORY || name.tli != w->tli ||
	    name.log != w->here[i] ||
	    walname_check(&name, w->segsize, &ignore))
		return (0);
	segno = walname_segno(&name, w->segsize);
	if (segno >= w->floor || retention_wal_island(w->plan, w->tli, segno))
		return (0);
	return (sweep_add(w->sweep, w->paths[i], en->name, en->size, e));
}

static int
sweep_some(struct walsweep *w, const uint32_t *log, size_t n, struct err *e)
{
	size_t	 i;

	for (i = 0; i < n; i++) {
		w->paths[i] = layout_wal_log(w->path[i], w->tli, log[i]);
		w->here[i] = log[i];
	}
	if (store_list(w->sweep->store, w->paths, n, on_file, w, e) ||
	    sweep_flush(w->sweep, e))
		return (-1);
	return (w->sweep->dry ? 0 :
	    store_rmdir(w->sweep->store, w->paths, n, e));
}

int
walsweep_run(struct sweep *s, const struct retention_wal *plan, uint32_t tli,
    uint64_t floor, uint32_t segsize, struct err *e)
{
	struct walsweep	*w;
	char		 dir[LAYOUT_FOLDER];
	const char	*dirs = dir;
	size_t		 i, k;
	int		 rc = -1;

	if (floor == 0)
		return (0);
	if ((w = calloc(1, sizeof(*w))) == NULL)
		return (err_sys(e, ERR_LOCAL, "expire"));
	w->sweep = s;
	w->plan = plan;
	w->tli = tli;
	w->floor = floor;
	w->segsize = segsize;
	(void)layout_wal_timeline(dir, tli);
	if (store_list(s->store, &dirs, 1, on_folder, w, e))
		goto out;
	for (i = 0; i < w->n; i += k) {
		k = w->n - i < AT_ONCE ? w->n - i : AT_ONCE;
		if (sweep_some(w, w->log + i, k, e))
			goto out;
	}
	rc = 0;
out:
	free(w->log);
	free(w);
	return (rc);
}
