/* SPDX-License-Identifier: ISC */
/*
 * A manifest turned into files: an event makes an entry, or asks for a chunk.
 *
 * Entries are made on the caller's thread, in order, since a directory has to
 * be there before its files; chunks are only queued here, and the fetcher's
 * jobs bring them.
 */
#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "restore/fetcher.h"
#include "restore/restore_apply.h"

int
restore_apply_header(struct restore_apply *r, uint32_t chunk_size,
    const char *const *backups, size_t n, struct err *e)
{
	const struct label	*l = r->conf->label;

	if (strcmp(backups[0], l->id) != 0 || chunk_size != l->chunk_size)
		return (err_set(e, ERR_CORRUPT, "manifest: belongs to another "
		    "backup than %s", l->id));
	return (manifestread_ids_copy(&r->ids, backups, n, e));
}

static int
on_header(void *arg, uint32_t chunk_size, const char *const *backups,
    size_t n, struct err *e)
{
	return (restore_apply_header(arg, chunk_size, backups, n, e));
}

static int
on_file(struct restore_apply *r, const struct manifest_entry *en,
    struct err *e)
{
	const int	 empty = r->conf->only != NULL &&
	    !onlydb_wants(r->conf->only, en->path);

	r->size = en->size;
	if (r->list != NULL && restore_list_file(r->list, en, empty, e))
		return (-1);
	/* pg_control is not made here, but what is in its place must go. */
	r->is_control = strcmp(en->path, CONTROL_PATH) == 0;
	if (r->is_control) {
		restore_control_entry(r->control, en);
		return (restore_entry_reach(&r->to, en, e) == -1 ? -1 : 0);
	}
	r->passed = r->wants != NULL && !r->wants(en);
	if (r->passed)
		return (0);
	if (restore_entry_file(&r->to, en, empty, &r->passed, e))
		return (-1);
	if (!r->passed)
		fetcher_pace(r->to.fetcher, spacelimit_bucket(
		    r->conf->spaces, en->path));
	return (0);
}

/*
 * Refuse a path behind the link of a tablespace unless it is in the one
 * directory that PostgreSQL has there, PG_15_...: the link leads to any
 * directory of this host, and a manifest must not put a file of its choice
 * there.
 */
int
restore_apply_place(const struct restore_apply *r, const char *path,
    struct err *e)
{
	const char	*rest;
	char		 text[96];

	if (restore_conf_space(r->conf->label, path, &rest) == SIZE_MAX ||
	    rest[0] == '\0' || str_begins(rest, "/PG_"))
		return (0);
	return (err_set(e, ERR_CORRUPT, "manifest: %s is not part of a "
	    "tablespace", str_clean(text, sizeof(text), path, strlen(path))));
}

static int
on_entry(void *arg, const struct manifest_entry *en, struct err *e)
{
	struct restore_apply	*r = arg;

	if (restore_apply_place(r, en->path, e))
		return (-1);
	if (r->wants != NULL && en->type != MANIFEST_FILE && !r->wants(en))
		return (0);
	r->changed = 1;
	switch (en->type) {
	case MANIFEST_DIR:
		return (restore_entry_dir(&r->to, en, e));
	case MANIFEST_LINK:
		return (restore_entry_link(&r->to, en, e));
	case MANIFEST_FILE:
		return (on_file(r, en, e));
	case MANIFEST_END:
		break;
	}
	return (err_set(e, ERR_CORRUPT, "manifest: found an entry of unknown "
	    "type"));
}

static int
on_chunk(void *arg, uint64_t index, const struct pack_ref *ref,
    struct err *e)
{
	struct restore_apply	*r = arg;
	const uint32_t		 chunk_size = r->conf->label->chunk_size;
	const uint64_t		 off = index * chunk_size;
	const uint64_t		 rest = r->size - off;

	if (r->is_control)
		return (restore_control_chunk(r->control, ref, e));
	if (r->passed)
		return (0);
	/* All chunks are full, except perhaps a file's last one. */
	return (fetcher_chunk(r->to.fetcher, (const char *const *)r->ids.id,
	    ref, off, rest < chunk_size ? (uint32_t)rest : chunk_size, e));
}

int
restore_apply_end(const struct restore_apply *r, uint64_t bytes,
    struct err *e)
{
	if (bytes != r->conf->label->size)
		return (err_set(e, ERR_CORRUPT, "manifest has %" PRIu64
		    " bytes of files, the label says %" PRIu64, bytes,
		    r->conf->label->size));
	return (restore_control_check(r->control, e));
}

static int
on_end(void *arg, uint64_t entries, uint64_t bytes, struct err *e)
{
	(void)entries;
	return (restore_apply_end(arg, bytes, e));
}

/* The jobs have the paths that are for messages: they begin with the dir. */
static void
report_differs(void *arg, const char *path)
{
	struct restore_apply	*r = arg;

	restore_entry_report(&r->to, RESTORE_DIFFERS, path +
	    strlen(r->conf->dir) + 1);
}

static void
show_progress(void *arg, uint64_t bytes)
{
	struct restore_apply	*r = arg;

	if (r->conf->progress != NULL)
		r->conf->progress(r->conf->arg, RESTORE_COPY, bytes +
		    r->to.stats->emptied);
}

static void
add_stats(const struct restore_apply *r)
{
	struct fetcher_stats	 st = fetcher_stats(r->to.fetcher);
	struct restore_stats	*to = r->to.stats;

	/* Emptied files go through the fetcher too, unless it is dry. */
	if (!r->to.dry)
		st.files -= to->emptied_files;
	to->kept_files += st.kept_files;
	to->kept += st.kept;
	to->files += st.files;
	to->bytes += st.bytes;
	if (r->to.delta != NULL)
		to->removed = delta_removed(r->to.delta);
}

int
restore_apply(struct restore_apply *r, struct err *e)
{
	static const struct manifest_events	 events = {
		.header = on_header, .entry = on_entry, .chunk = on_chunk,
		.end = on_end
	};
	const struct restore_conf	*c = r->conf;
	const struct fetcher_conf	 fc = {
		.store = c->store, .key = c->key, .server = c->server,
		.system_id = c->system_id, .jobs = c->jobs,
		.keep = r->archive->store,
		.progress = show_progress, .differs = report_differs,
		.arg = r, .dry = r->to.dry
	};
	int				 rc = -1;

	spacelimit_find(c->spaces, c->label);
	if (fetcher_open(&r->to.fetcher, &fc, e) ||
	    manifestread(r->archive, c->label, &events, r, e) ||
	    /* What comes after the last entry; the jobs still write. */
	    (r->to.delta != NULL && delta_finish(r->to.delta, e)) ||
	    fetcher_finish(r->to.fetcher, e))
		goto out;
	add_stats(r);
	rc = 0;
out:
	fetcher_free(r->to.fetcher);
	r->to.fetcher = NULL;
	return (rc);
}

void
restore_apply_free(struct restore_apply *r)
{
	manifestread_ids_free(&r->ids);
}
