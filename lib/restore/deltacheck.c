/* SPDX-License-Identifier: ISC */
/* All that can go wrong with a delta restore, asked for beforehand. */
#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/packusage.h"
#include "base/str.h"
#include "repo/layout.h"
#include "restore/delta.h"
#include "restore/deltacheck.h"
#include "restore/restore_entry.h"

struct rehearsal {
	const struct restore_conf *conf;
	struct archive	*a;
	struct delta	*delta;
	struct packusage	*use;
	char		**ids;		/* the manifest's table */
	size_t		 nids;
	size_t		*listed;	/* of the paths that are listed */
	int		 unwanted;	/* the file's chunks are not needed */
	int		(*entered)(void *, int, const char *, struct err *);
	void		*arg;
};

static int
on_header(void *arg, uint32_t chunk_size, const char *const *backups,
    size_t n, struct err *e)
{
	struct rehearsal	*r = arg;

	(void)chunk_size;
	if ((r->ids = calloc(n, sizeof(*r->ids))) == NULL)
		return (err_sys(e, ERR_LOCAL, "manifest"));
	for (; r->nids < n; r->nids++)
		if (str_dup(&r->ids[r->nids], backups[r->nids], e))
			return (-1);
	return (packusage_new(&r->use, n, e));
}

static int
on_entry(void *arg, const struct manifest_entry *en, struct err *e)
{
	struct rehearsal	*r = arg;

	r->unwanted = r->conf->only != NULL && en->type == MANIFEST_FILE &&
	    !onlydb_wants(r->conf->only, en->path);
	return (delta_reach(r->delta, en->path, en->type, e) == -1 ? -1 : 0);
}

static int
on_chunk(void *arg, uint64_t index, const struct pack_ref *ref,
    struct err *e)
{
	struct rehearsal	*r = arg;

	(void)index;
	return (r->unwanted ? 0 : packusage_add(r->use, ref, e));
}

static int
on_end(void *arg, uint64_t entries, uint64_t bytes, struct err *e)
{
	(void)arg;
	(void)entries;
	(void)bytes;
	(void)e;
	return (0);
}

static int
on_pack(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct rehearsal	*r = arg;
	uint32_t		 no;

	(void)missing;
	(void)e;
	if (en != NULL && !en->is_dir &&
	    (no = layout_pack_no(en->name)) != 0)
		packusage_found(r->use, r->listed[i], no, en->size);
	return (0);
}

static int
check_packs(struct rehearsal *r, struct err *e)
{
	char		(*text)[LAYOUT_PATH] = NULL;
	const char	**paths = NULL;
	size_t		 i, n = 0;
	int		 rc = -1;

	if ((text = calloc(r->nids, sizeof(*text))) == NULL ||
	    (paths = calloc(r->nids, sizeof(*paths))) == NULL ||
	    (r->listed = calloc(r->nids, sizeof(*r->listed))) == NULL) {
		err_sys(e, ERR_LOCAL, "list packs");
		goto out;
	}
	for (i = 0; i < r->nids; i++)
		if (packusage_any(r->use, i)) {
			paths[n] = layout_base(text[n], r->ids[i]);
			r->listed[n++] = i;
		}
	if (n > 0 && store_list(r->a->store, paths, n, on_pack, r, e))
		goto out;
	if ((n = packusage_sum(r->use).lost) > 0) {
		err_set(e, ERR_CORRUPT, "%zu packs that backup %s needs are "
		    "missing or cut short in the repository; backup-verify "
		    "names them", n, r->conf->label->id);
		goto out;
	}
	rc = 0;
out:
	free(text);
	free(paths);
	return (rc);
}

/* Modes and names are changed there: by root, or by who owns it. */
static int
on_enter(void *arg, int fd, const char *what, struct err *e)
{
	struct rehearsal	*r = arg;
	struct stat		 st;

	if (fstat(fd, &st) == -1)
		return (err_sys(e, ERR_LOCAL, "stat %s", what));
	if (geteuid() != 0 && st.st_uid != geteuid())
		return (err_set(e, ERR_CONFIG, "%s: belongs to another user "
		    "(number %lu); make it the one's as whom base-fetch runs",
		    what, (unsigned long)st.st_uid));
	return (r->entered(r->arg, fd, what, e));
}

int
deltacheck(const struct restore_conf *conf, struct archive *a, struct tree *t,
    int (*entered)(void *, int, const char *, struct err *), void *arg,
    struct err *e)
{
	static const struct manifest_events	 events = {
		on_header, on_entry, on_chunk, on_end, NULL
	};
	struct rehearsal	 r = { .conf = conf, .a = a,
	    .entered = entered, .arg = arg };
	const struct delta_conf	 dc = { .dry = 1, .check = 1,
	    .entered = on_enter, .arg = &r };
	int			 rc;

	rc = delta_open(&r.delta, t, &dc, e) ||
	    restore_entry_manifest(a, conf->label, &events, &r, e) ||
	    delta_finish(r.delta, e) ||
	    check_packs(&r, e) ? -1 : 0;
	delta_free(r.delta);
	packusage_free(r.use);
	while (r.nids > 0)
		free(r.ids[--r.nids]);
	free(r.ids);
	free(r.listed);
	return (rc);
}
