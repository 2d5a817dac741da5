/* SPDX-License-Identifier: ISC */
/*
 * All that can go wrong with a delta restore, found out beforehand: once
 * pg_control is aside there is no way back to the cluster that was there.
 */
#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "backup/packusage.h"
#include "repo/layout.h"
#include "restore/delta.h"
#include "restore/deltacheck.h"
#include "restore/manifestread.h"

struct check {
	const struct restore_conf *conf;
	struct archive	*a;
	struct delta	*delta;
	struct packusage	*use;
	struct manifestread_ids ids;
	size_t		*listed;	/* of each path listed: index in ids */
	int		 unwanted;	/* chunks of this file are not needed */
	struct syncset	*written;
};

static int
on_header(void *arg, uint32_t chunk_size, const char *const *backups,
    size_t n, struct err *e)
{
	struct check	*r = arg;

	(void)chunk_size;
	return (manifestread_ids_copy(&r->ids, backups, n, e) ||
	    packusage_new(&r->use, n, e) ? -1 : 0);
}

/* The delta, which only checks, comes to each entry as the restore will. */
static int
on_entry(void *arg, const struct manifest_entry *en, struct err *e)
{
	struct check	*r = arg;

	r->unwanted = r->conf->only != NULL && en->type == MANIFEST_FILE &&
	    !onlydb_wants(r->conf->only, en->path);
	return (delta_reach(r->delta, en->path, en->type, e) == -1 ? -1 : 0);
}

static int
on_chunk(void *arg, uint64_t index, const struct pack_ref *ref,
    struct err *e)
{
	struct check	*r = arg;

	(void)index;
	return (r->unwanted ? 0 : packusage_add(r->use, ref, e));
}

/* A name in the directory of one of the backups that were listed. */
static int
on_pack(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct check	*r = arg;
	uint32_t		 no;

	(void)missing;
	(void)e;
	if (en != NULL && !en->is_dir &&
	    (no = layout_pack_no(en->name)) != 0)
		packusage_found(r->use, r->listed[i], no, en->size);
	return (0);
}

/* List the backups whose packs the manifest needs, and compare. */
static int
check_packs(struct check *r, struct err *e)
{
	char		(*text)[LAYOUT_PATH] = NULL;
	const char	**paths = NULL;
	size_t		 i, n = 0;
	int		 rc = -1;

	if ((text = calloc(r->ids.n, sizeof(*text))) == NULL ||
	    (paths = calloc(r->ids.n, sizeof(*paths))) == NULL ||
	    (r->listed = calloc(r->ids.n, sizeof(*r->listed))) == NULL) {
		err_sys(e, ERR_LOCAL, "list packs");
		goto out;
	}
	for (i = 0; i < r->ids.n; i++)
		if (packusage_any(r->use, i)) {
			paths[n] = layout_base(text[n], r->ids.id[i]);
			r->listed[n++] = i;
		}
	/* One call for all: the store lists several side by side. */
	if (n > 0 && store_list(r->a->store, paths, n, on_pack, r, e))
		goto out;
	if ((n = packusage_sum(r->use).lost) > 0) {
		err_set(e, ERR_CORRUPT, "%zu pack%s that backup %s needs %s "
		    "missing or cut short in the repository; run "
		    "backup-verify to list them", n, str_plural(n),
		    r->conf->label->id, n == 1 ? "is" : "are");
		goto out;
	}
	rc = 0;
out:
	free(text);
	free(paths);
	return (rc);
}

/* The restore changes modes and names there: its owner or root can. */
static int
on_enter(void *arg, int fd, const char *what, struct err *e)
{
	struct check	*r = arg;
	struct stat		 st;

	if (fstat(fd, &st) == -1)
		return (err_sys(e, ERR_LOCAL, "stat %s", what));
	if (geteuid() != 0 && st.st_uid != geteuid())
		return (err_set(e, ERR_CONFIG, "%s: is owned by uid %lu; "
		    "change its owner to the user that runs base-fetch",
		    what, (unsigned long)st.st_uid));
	return (syncset_add_fd(r->written, fd, what, e));
}

int
deltacheck(const struct restore_conf *conf, struct archive *a, struct tree *t,
    struct syncset *written, struct err *e)
{
	static const struct manifest_events	 events = {
		.header = on_header, .entry = on_entry, .chunk = on_chunk
	};
	struct check	 r = { .conf = conf, .a = a,
	    .written = written };
	const struct delta_conf	 dc = { .dry = 1, .check = 1,
	    .entered = on_enter, .arg = &r };
	int			 rc;

	rc = delta_open(&r.delta, t, &dc, e) ||
	    manifestread(a, conf->label, &events, &r, e) ||
	    delta_finish(r.delta, e) ||
	    check_packs(&r, e) ? -1 : 0;
	delta_free(r.delta);
	packusage_free(r.use);
	manifestread_ids_free(&r.ids);
	free(r.listed);
	return (rc);
}
