/* SPDX-License-Identifier: ISC */
/*
 * A base backup into tar archives: the order of the steps.
 *
 * What recovery is told depends on the backup's configuration, so that is
 * restored first, into a directory of its own.  Then the manifest is read a
 * second time, from its beginning to its end, and every entry becomes a
 * member.
 */
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/path.h"
#include "restore/inorder.h"
#include "restore/restore_apply.h"
#include "restore/restore_stage.h"
#include "restore/restore_tar.h"
#include "restore/tarset.h"

#define AUTO	"postgresql.auto.conf"

struct restore_tar {
	const struct restore_conf *conf;
	struct restore_stats	*stats;
	struct restore_stage	 stage;
	struct restore_control	 control;
	struct restore_apply	 apply;	/* for its checks */
	struct restore_list	*list;
	struct tarset		*set;
	struct inorder		*chunks;
	const char		*append; /* to postgresql.conf; or NULL */

	/* Of the file whose chunks come. */
	uint64_t		 size;
	int			 is_control, passed, empty;
	struct bucket		*pace;
};

static int
on_header(void *arg, uint32_t chunk_size, const char *const *backups,
    size_t n, struct err *e)
{
	struct restore_tar	*r = arg;

	return (restore_apply_header(&r->apply, chunk_size, backups, n, e));
}

/*
 * Files that are made here.  No backup has one of them, and two members of
 * one name would be a riddle.
 */
static int
is_ours(const char *path)
{
	static const char *const	 names[] = { "backup_manifest",
	    "recovery.signal", "standby.signal", "tablespace_map" };
	size_t				 i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(path, names[i]) == 0)
			return (1);
	return (0);
}

static int
add_member(struct restore_tar *r, const struct manifest_entry *en,
    const char *tail, uint64_t size, struct err *e)
{
	struct tarset_member	*m;

	if (tarset_member_new(&m, r->set, en, size, tail, e))
		return (-1);
	return (inorder_mark(r->chunks, m, e));
}

static int
on_file(struct restore_tar *r, const struct manifest_entry *en, struct err *e)
{
	const char	*tail = NULL;
	uint64_t	 size = en->size;

	r->size = en->size;
	r->empty = r->conf->only != NULL &&
	    !onlydb_wants(r->conf->only, en->path);
	r->pace = spacelimit_bucket(r->conf->spaces, en->path);
	if (restore_list_file(r->list, en, r->empty, e))
		return (-1);
	/* What recovery_write() has made of it comes behind all chunks. */
	r->passed = strcmp(en->path, AUTO) == 0;
	r->is_control = strcmp(en->path, CONTROL_PATH) == 0;
	if (r->is_control)
		restore_control_entry(&r->control, en);
	if (r->is_control || r->passed)
		return (0);
	if (r->empty) {
		r->stats->emptied_files++;
		r->stats->emptied += size;
	} else {
		r->stats->files++;
		r->stats->bytes += size;
	}
	if (r->append != NULL && strcmp(en->path, "postgresql.conf") == 0) {
		tail = r->append;
		size += strlen(tail);
	}
	return (add_member(r, en, tail, size, e));
}

static int
on_entry(void *arg, const struct manifest_entry *en, struct err *e)
{
	struct restore_tar	*r = arg;

	if (restore_apply_place(&r->apply, en->path, e))
		return (-1);
	if (is_ours(en->path))
		return (err_set(e, ERR_CORRUPT, "manifest: has %s, which "
		    "belongs to no backup", en->path));
	switch (en->type) {
	case MANIFEST_DIR:
	case MANIFEST_LINK:
		return (add_member(r, en, NULL, 0, e));
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
	static const struct pack_ref	 zeros = { .pack = 0 };
	struct restore_tar		*r = arg;
	const uint32_t			 chunk_size =
	    r->conf->label->chunk_size;
	const uint64_t			 rest = r->size - index * chunk_size;

	if (r->is_control)
		return (restore_control_chunk(&r->control, ref, e));
	if (r->passed)
		return (0);
	return (inorder_chunk(r->chunks, (const char *const *)r->apply.ids.id,
	    r->empty ? &zeros : ref,
	    rest < chunk_size ? (uint32_t)rest : chunk_size, r->pace, e));
}

static int
on_end(void *arg, uint64_t entries, uint64_t bytes, struct err *e)
{
	struct restore_tar	*r = arg;

	(void)entries;
	return (restore_apply_end(&r->apply, bytes, e));
}

static void
show_progress(void *arg, uint64_t bytes)
{
	const struct restore_tar	*r = arg;

	if (r->conf->progress != NULL)
		r->conf->progress(r->conf->arg, RESTORE_COPY, bytes);
}

static int
pass_mark(void *arg, const void *mark, struct err *e)
{
	return (tarset_member(((struct restore_tar *)arg)->set, mark, e));
}

static int
pass_data(void *arg, const void *p, size_t n, struct err *e)
{
	return (tarset_data(((struct restore_tar *)arg)->set, p, n, e));
}

/* All entries of the manifest. */
static int
copy(struct restore_tar *r, struct err *e)
{
	static const struct manifest_events	 events = {
		.header = on_header, .entry = on_entry, .chunk = on_chunk,
		.end = on_end
	};
	const struct restore_conf	*c = r->conf;
	const struct inorder_conf	 ic = {
		.fetch = {
			.store = c->store, .key = c->key,
			.server = c->server, .system_id = c->system_id,
			.jobs = c->jobs, .keep = c->archive->store,
			.progress = show_progress, .arg = r
		},
		.chunk_size = c->label->chunk_size,
		.mark = pass_mark, .data = pass_data, .arg = r
	};

	return (inorder_open(&r->chunks, &ic, e) ||
	    manifestread(c->archive, c->label, &events, r, e) ||
	    inorder_finish(r->chunks, e) ? -1 : 0);
}

/* A file that the directory of the configuration has, if it has it. */
static int
add_made(struct restore_tar *r, const char *name, struct err *e)
{
	char	*text = NULL;
	size_t	 n;
	int	 rc;

	if ((rc = restore_stage_load(&r->stage, name, &text, &n, e)) == 0)
		rc = tarset_file(r->set, name, 0600, text, n, e);
	free(text);
	return (rc == -1 ? -1 : 0);
}

/* What is in no manifest, and at last the file without which nothing starts. */
static int
add_rest(struct restore_tar *r, struct err *e)
{
	const uint16_t	 backup = r->control.ref.backup;

	if (r->append != NULL)
		restore_list_appended(r->list, r->append);
	if (add_made(r, AUTO, e) ||
	    add_made(r, "recovery.signal", e) ||
	    add_made(r, "standby.signal", e) ||
	    tarset_map(r->set, r->list, e) ||
	    restore_list_finish(r->list, e) ||
	    tarset_list(r->set, r->stage.dir, e) ||
	    restore_control_read(&r->control, r->conf->archive,
	    r->apply.ids.id[backup], r->conf->system_id, e) ||
	    tarset_file(r->set, CONTROL_PATH, r->control.mode,
	    r->control.bytes, CONTROL_SIZE, e))
		return (-1);
	if (r->conf->progress != NULL)	/* what follows may take minutes */
		r->conf->progress(r->conf->arg, RESTORE_SYNC,
		    r->conf->label->size);
	return (tarset_finish(r->set, e));
}

static int
run(struct restore_tar *r, struct err *e)
{
	const struct restore_conf	*c = r->conf;

	spacelimit_find(c->spaces, c->label);
	if ((c->form == RESTORE_TARS && io_mkdirs(c->dir, 0700, e)) ||
	    restore_stage_make(&r->stage, c, e) ||
	    restore_stage_fill(&r->stage, c, c->archive, e) ||
	    c->configure(c->arg, r->stage.dir, &r->append, e) ||
	    restore_list_open(&r->list, r->stage.dir, restore_conf_major(c),
	    c->system_id, e) ||
	    tarset_open(&r->set, c, e) ||
	    copy(r, e) || add_rest(r, e))
		return (-1);
	return (0);
}

int
restore_tar_run(const struct restore_conf *conf, struct restore_stats *stats,
    struct err *e)
{
	struct restore_tar	 r = { .conf = conf, .stats = stats,
	    .apply = { .conf = conf } };
	int			 rc;

	r.apply.control = &r.control;
	memset(stats, 0, sizeof(*stats));
	rc = run(&r, e);
	inorder_free(r.chunks);
	restore_apply_free(&r.apply);
	tarset_free(r.set);
	restore_list_free(r.list);
	restore_stage_remove(&r.stage);
	return (rc);
}
