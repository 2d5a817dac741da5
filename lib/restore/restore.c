/* SPDX-License-Identifier: ISC */
/* A base backup back into a directory. */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/manifest.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "crypt/hash.h"
#include "datadir/deltadir.h"
#include "datadir/emptydir.h"
#include "datadir/tree.h"
#include "pg/control.h"
#include "pg/crc32c.h"
#include "pg/pgmanifest.h"
#include "repo/layout.h"
#include "repo/object.h"
#include "restore/delta.h"
#include "restore/deltacheck.h"
#include "restore/fetcher.h"
#include "restore/restore.h"
#include "restore/restore_entry.h"
#include "stream/file.h"

#define CONTROL		"global/pg_control"
#define TBLSPC		"pg_tblspc/"
#define FS_MAX		128

struct held {
	const char	*place;		/* borrowed */
	int		 lock, made;
};

struct restore {
	const struct restore_conf *conf;
	struct restore_entry	 to;
	int			 lock;		/* nobody else restores here */
	int			 made;		/* and the mark is new */
	struct held		*places;	/* the same, tablespaces */
	size_t			 nlocks;
	int			 taken;		/* pg_control is aside */
	int			 changed;	/* no way back */
	struct archive		*a;
	uint32_t		 chunk_size;
	char			**ids;		/* the manifest's table */
	size_t			 nids;
	struct sink		*list;		/* backup_manifest */
	struct pgmanifest	 pgm;
	struct hash_sha256	*sha;
	uint64_t		 size;		/* of the current file */
	int			 is_control;
	int			 passed;	/* its chunks are not asked for */

	/* pg_control, which is written when all else is durable. */
	int			 control_seen;
	uint32_t		 control_mode;
	uint64_t		 control_size;
	int			 control_begun;	/* to be written */
	struct pack_ref		 control;
	uint8_t			 control_bytes[CONTROL_SIZE];

	/* The file systems written to. */
	int			 fs[FS_MAX];
	dev_t			 dev[FS_MAX];
	size_t			 nfs;
};

const char *
restore_place(const struct restore_conf *c, const struct label_tablespace *ts)
{
	size_t	 i;

	for (i = 0; i < c->nmaps; i++)
		if (strcmp(c->maps[i].name, ts->name) == 0)
			return (c->maps[i].dir);
	return (ts->path);
}

struct deltadir_place
restore_over(const struct restore_conf *c, const struct label_tablespace *ts)
{
	const char	*place = restore_place(c, ts);

	return ((struct deltadir_place){ .oid = ts->oid, .name = ts->name,
	    .place = place, .named = place != ts->path });
}

int
restore_is_linked(const struct label_tablespace *ts)
{
	return (ts->path[0] == '/');
}

/* Those of the tablespaces. */
static int
each_place(const struct restore_conf *c, int (*f)(const char *, struct err *),
    struct err *e)
{
	size_t	 i;

	for (i = 0; i < c->label->ntablespaces; i++)
		if (restore_is_linked(&c->label->tablespaces[i]) &&
		    f(restore_place(c, &c->label->tablespaces[i]), e))
			return (-1);
	return (0);
}

static int
on_header(void *arg, uint32_t chunk_size, const char *const *backups,
    size_t n, struct err *e)
{
	struct restore	*r = arg;

	if (strcmp(backups[0], r->conf->label->id) != 0 ||
	    chunk_size != r->conf->label->chunk_size)
		return (err_set(e, ERR_CORRUPT, "manifest: of another backup "
		    "than %s", r->conf->label->id));
	r->chunk_size = chunk_size;
	if ((r->ids = calloc(n, sizeof(*r->ids))) == NULL)
		return (err_sys(e, ERR_LOCAL, "manifest"));
	for (; r->nids < n; r->nids++)
		if (str_dup(&r->ids[r->nids], backups[r->nids], e))
			return (-1);
	return (0);
}

static uint32_t
crc_of_zeros(uint64_t size)
{
	static const uint8_t		 zeros[65536];
	const uint32_t			 part = crc32c_update(0, zeros,
	    sizeof(zeros));
	const struct crc32c_shift	 shift =
	    crc32c_shift_of(sizeof(zeros));
	uint32_t			 crc = 0;

	for (; size >= sizeof(zeros); size -= sizeof(zeros))
		crc = crc32c_join(crc, part, &shift);
	return (crc32c_update(crc, zeros, (size_t)size));
}

static int
on_file(struct restore *r, const struct manifest_entry *en, struct err *e)
{
	struct pgmanifest_file	 f = {
		.path = en->path, .size = en->size,
		.mtime = en->mtime_us / 1000000, .crc32c = en->crc32c
	};
	int			 empty;

	r->size = en->size;
	r->passed = 0;
	empty = r->conf->only != NULL &&
	    !onlydb_wants(r->conf->only, en->path);
	if (empty)
		f.crc32c = crc_of_zeros(en->size);
	if (!r->to.dry && pgmanifest_file(&r->pgm, &f, e))
		return (-1);
	if ((r->is_control = strcmp(en->path, CONTROL) == 0)) {
		r->control_mode = en->mode & RESTORE_ENTRY_MODE;
		r->control_size = en->size;
		return (restore_entry_reach(&r->to, en, e) == -1 ? -1 : 0);
	}
	return (restore_entry_file(&r->to, en, empty, &r->passed, e));
}

/*
 * Behind the link of a tablespace lies a directory of the host's: nothing is
 * made there but the one directory that PostgreSQL has in it, PG_and so on.
 */
static int
check_place(const struct restore *r, const char *path, struct err *e)
{
	const struct label	*l = r->conf->label;
	const char		*oid = path + strlen(TBLSPC);
	size_t			 n = strcspn(oid, "/"), i;
	char			 text[96], number[16];

	if (oid[n] == '\0' || str_begins(oid + n, "/PG_"))
		return (0);
	for (i = 0; i < l->ntablespaces; i++) {
		(void)snprintf(number, sizeof(number), "%" PRIu32,
		    l->tablespaces[i].oid);
		if (restore_is_linked(&l->tablespaces[i]) && strlen(number) == n &&
		    memcmp(number, oid, n) == 0)
			return (err_set(e, ERR_CORRUPT, "manifest: %s is no "
			    "part of a tablespace", str_clean(text,
			    sizeof(text), path, strlen(path))));
	}
	return (0);
}

static int
on_entry(void *arg, const struct manifest_entry *en, struct err *e)
{
	struct restore	*r = arg;

	if (str_begins(en->path, TBLSPC) &&
	    check_place(r, en->path, e))
		return (-1);
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
	return (err_set(e, ERR_CORRUPT, "manifest: an entry of no type"));
}

static int
on_chunk(void *arg, uint64_t index, const struct pack_ref *ref,
    struct err *e)
{
	struct restore	*r = arg;
	const uint64_t	 off = index * r->chunk_size;
	const uint64_t	 rest = r->size - off;

	if (r->is_control) {
		if (r->control_seen || ref->pack == 0)
			return (err_set(e, ERR_CORRUPT, CONTROL
			    ": expected one chunk"));
		r->control = *ref;
		r->control_seen = 1;
		return (0);
	}
	if (r->passed)
		return (0);
	return (fetcher_chunk(r->to.fetcher, r->ids[ref->backup], ref, off,
	    rest < r->chunk_size ? (uint32_t)rest : r->chunk_size, e));
}

static int
on_end(void *arg, uint64_t entries, uint64_t bytes, struct err *e)
{
	struct restore	*r = arg;

	(void)entries;
	if (bytes != r->conf->label->size)
		return (err_set(e, ERR_CORRUPT, "manifest has %" PRIu64
		    " bytes of files, the label says %" PRIu64, bytes,
		    r->conf->label->size));
	if (!r->control_seen || r->control_size != CONTROL_SIZE)
		return (err_set(e, ERR_CORRUPT, "manifest has no " CONTROL));
	return (0);
}

/* PostgreSQL's own list of files, for pg_verifybackup. */
static int
list_write(void *arg, const void *p, size_t n, struct err *e)
{
	struct restore	*r = arg;

	hash_sha256_add(r->sha, p, n);
	return (sink_write(r->list, p, n, e));
}

static int
list_begin(struct restore *r, struct err *e)
{
	char	 path[PATH_MAX];

	if (path_join(path, sizeof(path), r->conf->dir, "backup_manifest",
	    e) ||
	    hash_sha256_new(&r->sha, e) ||
	    file_sink_open(&r->list, path, "backup_manifest", 0600, 0, e))
		return (-1);
	return (pgmanifest_begin(&r->pgm,
	    (unsigned)(r->conf->label->postgresql / 10000),
	    r->conf->system_id, list_write, r, e));
}

/* No WAL ranges: WAL comes by restore_command, authenticated there. */
static int
list_end(struct restore *r, struct err *e)
{
	uint8_t	 sum[32];

	if (pgmanifest_end(&r->pgm, e))
		return (-1);
	hash_sha256_final(r->sha, sum);
	if (pgmanifest_seal(&r->pgm, sum, e))
		return (-1);
	return (sink_finish(r->list, e));
}

static int
fetch_manifest(struct restore *r, struct err *e)
{
	static const struct manifest_events	 events = {
		on_header, on_entry, on_chunk, on_end, NULL
	};

	return (restore_entry_manifest(r->a, r->conf->label, &events, r, e));
}

/* Paths that the jobs know begin with the directory. */
static void
tell_differs(void *arg, const char *path)
{
	struct restore	*r = arg;

	restore_entry_tell(&r->to, RESTORE_DIFFERS, path +
	    strlen(r->conf->dir) + 1);
}

static void
show_progress(void *arg, uint64_t bytes)
{
	struct restore	*r = arg;

	if (r->conf->progress != NULL)
		r->conf->progress(r->conf->arg, bytes +
		    r->to.stats->emptied);
}

static int
fetch_files(struct restore *r, struct err *e)
{
	const struct restore_conf	*c = r->conf;
	struct fetcher_conf		 fc = {
		.store = c->store, .key = c->key, .server = c->server,
		.system_id = c->system_id, .jobs = c->jobs,
		.progress = show_progress, .differs = tell_differs,
		.arg = r, .dry = r->to.dry
	};
	struct fetcher_stats		 st;

	fc.keep = r->a->store;
	if (fetcher_open(&r->to.fetcher, &fc, e) ||
	    fetch_manifest(r, e) ||
	    (r->to.delta != NULL && delta_finish(r->to.delta, e)) ||
	    fetcher_finish(r->to.fetcher, e))
		return (-1);
	st = fetcher_stats(r->to.fetcher);
	if (!r->to.dry)
		st.files -= r->to.stats->emptied_files;
	r->to.stats->kept_files += st.kept_files;
	r->to.stats->kept += st.kept;
	r->to.stats->files += st.files;
	r->to.stats->bytes += st.bytes;
	if (r->to.delta != NULL)
		r->to.stats->removed = delta_removed(r->to.delta);
	return (0);
}

static void
tell_delta(void *arg, enum delta_deed deed, const char *path)
{
	restore_entry_tell(arg, deed == DELTA_LINK ? RESTORE_LINK :
	    RESTORE_REMOVED, path);
}

/* The directory, and the places as far as they are there. */
static int
open_tree(struct restore *r, struct tree **t, struct err *e)
{
	const struct restore_conf	*c = r->conf;
	const struct label_tablespace	*ts = c->label->tablespaces;
	struct stat			 st;
	size_t				 i;

	if (tree_open(t, c->dir, e))
		return (-1);
	for (i = 0; i < c->label->ntablespaces; i++) {
		if (!restore_is_linked(&ts[i]) ||
		    (r->nlocks == 0 && stat(restore_place(c, &ts[i]), &st) ==
		    -1))
			continue;
		if (tree_mount(*t, ts[i].oid, restore_place(c, &ts[i]), e))
			return (-1);
	}
	return (0);
}

/* The directory as it is, before we put anything of ours into it. */
static int
open_delta(struct restore *r, struct err *e)
{
	const struct delta_conf	 dc = { .dry = r->to.dry,
	    .told = tell_delta, .arg = &r->to };

	return (open_tree(r, &r->to.tree, e) || (r->conf->delta &&
	    delta_open(&r->to.delta, r->to.tree, &dc, e)) ? -1 : 0);
}

/*
 * One descriptor for each file system, opened before anything is written:
 * syncfs() reports the writes that failed (since Linux 5.8) after that.
 */
static int
watch_fs(void *arg, int fd, const char *dir, struct err *e)
{
	struct restore	*r = arg;
	struct stat	 st;
	size_t		 i;

	if (fstat(fd, &st) == -1)
		return (err_sys(e, ERR_LOCAL, "stat %s", dir));
	for (i = 0; i < r->nfs; i++)
		if (r->dev[i] == st.st_dev)
			return (0);
	if (i == FS_MAX)
		return (err_set(e, ERR_LOCAL, "%s and others are on more than "
		    "%d file systems", dir, FS_MAX));
	if ((r->fs[i] = fcntl(fd, F_DUPFD_CLOEXEC, 0)) == -1)
		return (err_sys(e, ERR_LOCAL, "open directory %s", dir));
	r->dev[i] = st.st_dev;
	r->nfs++;
	return (0);
}

static int
watch_dir(struct restore *r, const char *dir, struct err *e)
{
	int	 fd, rc;

	if ((fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return (err_sys(e, ERR_LOCAL, "open directory %s", dir));
	rc = watch_fs(r, fd, dir, e);
	(void)close(fd);		/* read only: nothing to lose */
	return (rc);
}

static int
watch_all(struct restore *r, struct err *e)
{
	const struct restore_conf	*c = r->conf;
	const struct label_tablespace	*ts = c->label->tablespaces;
	size_t				 i;

	if (watch_dir(r, c->dir, e))
		return (-1);
	for (i = 0; i < c->label->ntablespaces; i++)
		if (restore_is_linked(&ts[i]) &&
		    watch_dir(r, restore_place(c, &ts[i]), e))
			return (-1);
	return (0);
}

static int
sync_all(const struct restore *r, struct err *e)
{
	size_t	 i;

	for (i = 0; i < r->nfs; i++)
		if (syncfs(r->fs[i]) == -1)
			return (err_sys(e, ERR_LOCAL, "sync the files of %s",
			    r->conf->dir));
	return (0);
}

/*
 * Whether a server came to grief there, perhaps by a write that failed: not
 * one that was shut down, and not one that was restored and never started.
 */
static int
has_crashed(const char *dir)
{
	struct control	 ctl;
	struct err	 unused = ERR_INIT;

	return (deltadir_control(dir, &ctl, &unused) == 0 &&
	    ctl.state != CONTROL_SHUT_DOWN &&
	    ctl.state != CONTROL_SHUT_DOWN_IN_RECOVERY &&
	    ctl.checkpoint != CONTROL_POISON);
}

/*
 * Before anything is compared, so that memory can forget what it holds (see
 * restore_entry_file()): a server's that crashed, and our own, where a run before
 * this one came to grief, perhaps because its sync failed.  If it fails here,
 * that is about what others wrote, and is found by its hash; the last sync
 * decides.
 */
static int
sync_before(struct restore *r)
{
	struct err	 unused = ERR_INIT;

	r->to.cold = r->conf->delta && (!r->made ||
	    has_crashed(r->conf->dir));
	if (r->to.cold)
		(void)sync_all(r, &unused);
	return (0);
}

/* While the connection is warm: the sync may take minutes. */
static int
read_control(struct restore *r, struct err *e)
{
	struct pack_reader	*pr = NULL;
	struct control		 ctl;
	int			 rc = -1;

	if (pack_reader_new(&pr, r->a, e) ||
	    pack_reader_ask(pr, r->ids[r->control.backup], &r->control, e) ||
	    pack_reader_take(pr, r->control_bytes, CONTROL_SIZE, e) ||
	    control_parse(r->control_bytes, CONTROL_SIZE, &ctl, e))
		goto out;
	if (ctl.sysid != r->conf->system_id) {
		err_set(e, ERR_CORRUPT, CONTROL " is of another cluster (%"
		    PRIu64 ")", ctl.sysid);
		goto out;
	}
	rc = 0;
out:
	pack_reader_free(pr);
	return (rc);
}

/* The last file: with it the directory becomes a cluster. */
static int
write_control(struct restore *r, struct err *e)
{
	char	 path[PATH_MAX];

	r->control_begun = 1;
	return (path_join(path, sizeof(path), r->conf->dir, CONTROL, e) ||
	    io_save(path, r->control_mode, r->control_bytes, CONTROL_SIZE, 0,
	    e) ? -1 : 0);
}

static int
enter_archive(struct restore *r, struct err *e)
{
	const struct restore_conf	*c = r->conf;

	r->a = c->archive;
	return (r->a == NULL ? archive_open(&r->a, c->store, c->key,
	    c->server, c->system_id, e) : 0);
}

/* What stands in the way of a delta restore must not show half way. */
static int
rehearse_delta(struct restore *r, struct err *e)
{
	const struct restore_conf	*c = r->conf;
	struct tree			*t = NULL;
	int				 rc;

	if (!c->delta || access(c->dir, F_OK) == -1)
		return (0);
	rc = open_tree(r, &t, e) ||
	    deltacheck(c, r->a, t, watch_fs, r, e) ? -1 : 0;
	tree_free(t);
	return (rc);
}

/* The place of a tablespace. */
static int
begin_place(struct restore *r, const struct label_tablespace *ts,
    struct err *e)
{
	const struct restore_conf	*c = r->conf;
	const unsigned			 major =
	    (unsigned)(c->label->postgresql / 10000);
	const struct deltadir_place	 place = restore_over(c, ts);
	struct held			*h = &r->places[r->nlocks];

	h->place = place.place;
	if (c->delta ? deltadir_place_begin(c->dir, major, &place, &h->lock,
	    &h->made, e) : emptydir_place_begin(place.place, c->dir, major,
	    &h->lock, e))
		return (-1);
	r->nlocks++;
	return (0);
}

/* Mark and lock the directories; after this nothing starts there. */
static int
begin(struct restore *r, struct err *e)
{
	const struct restore_conf	*c = r->conf;
	const struct label		*l = c->label;
	size_t				 i;

	r->places = calloc(l->ntablespaces + 1, sizeof(*r->places));
	if (r->places == NULL)
		return (err_sys(e, ERR_LOCAL, "tablespaces"));
	if (c->delta ? deltadir_begin(c->dir, c->system_id,
	    (unsigned)(l->postgresql / 10000), &r->lock, &r->made, e) :
	    emptydir_begin(c->dir, &r->lock, e))
		return (-1);
	for (i = 0; i < l->ntablespaces; i++)
		if (restore_is_linked(&l->tablespaces[i]) &&
		    begin_place(r, &l->tablespaces[i], e))
			return (-1);
	return (watch_all(r, e) || (c->delta && deltadir_take(c->dir,
	    &r->taken, e)) ? -1 : 0);
}

static int
run(struct restore *r, struct err *e)
{
	const struct restore_conf	*c = r->conf;

	if (restore_check(c, e) ||
	    enter_archive(r, e) ||
	    rehearse_delta(r, e) ||
	    begin(r, e) ||
	    sync_before(r) ||
	    open_delta(r, e) ||
	    list_begin(r, e) ||
	    fetch_files(r, e) ||
	    read_control(r, e) ||
	    list_end(r, e) ||
	    c->configure(c->arg, c->dir, e) ||
	    (c->delta && deltadir_forget(c->dir, e)) ||
	    sync_all(r, e) ||
	    write_control(r, e) ||
	    each_place(c, emptydir_end, e) ||
	    emptydir_end(c->dir, e))
		return (-1);
	return (0);
}

/* What failed must not start. */
static void
take_back_control(const struct restore *r, struct err *e)
{
	struct err	 unused = ERR_INIT;
	char		 path[PATH_MAX];

	if (path_join(path, sizeof(path), r->conf->dir, CONTROL, &unused) ==
	    0 && unlink(path) == -1 && errno != ENOENT)
		err_ctx(e, "remove %s by hand (%s)", path, strerror(errno));
}

/* Nothing was changed yet: it becomes what it was. */
static int
give_back(const struct restore *r)
{
	struct err	 unused = ERR_INIT;
	size_t		 i;

	if (r->changed || !r->conf->delta)
		return (0);
	if (r->taken && deltadir_give_back(r->conf->dir, &unused))
		return (0);
	for (i = 0; i < r->nlocks; i++)
		if (r->places[i].made)
			emptydir_undo(r->places[i].place);
	if (r->made)
		emptydir_undo(r->conf->dir);
	return (r->made || r->taken);
}

/* What a failure leaves behind, in words. */
static void
tell_left(const struct restore *r, struct err *e)
{
	if (r->control_begun)
		take_back_control(r, e);
	if (r->lock == -1)
		return;
	if (give_back(r))
		err_ctx(e, "%s is as it was", r->conf->dir);
	else
		err_ctx(e, "%s is incomplete and has no pg_control; the same "
		    "command %s", r->conf->dir, r->conf->delta ? "goes on" :
		    "begins anew");
}

static void
release(struct restore *r)
{
	fetcher_free(r->to.fetcher);
	delta_free(r->to.delta);
	tree_free(r->to.tree);
	sink_free(r->list);
	hash_sha256_free(r->sha);
	if (r->conf->archive == NULL)
		archive_free(r->a);
	while (r->nids > 0)
		free(r->ids[--r->nids]);
	free(r->ids);
	while (r->nfs > 0)
		(void)close(r->fs[--r->nfs]);	/* read only */
	while (r->nlocks > 0)
		(void)close(r->places[--r->nlocks].lock);
	free(r->places);
	if (r->lock != -1)
		(void)close(r->lock);		/* nothing to lose */
}

int
restore_run(const struct restore_conf *conf, struct restore_stats *stats,
    struct err *e)
{
	struct restore	 r = { .conf = conf, .to = { .conf = conf,
	    .stats = stats }, .lock = -1 };
	int		 rc;

	memset(stats, 0, sizeof(*stats));
	rc = run(&r, e);
	if (rc == -1)
		tell_left(&r, e);
	release(&r);
	return (rc);
}

int
restore_preview(const struct restore_conf *conf, struct restore_stats *stats,
    struct err *e)
{
	struct restore	 r = { .conf = conf, .to = { .conf = conf,
	    .stats = stats, .dry = 1 }, .lock = -1 };
	int		 rc;

	memset(stats, 0, sizeof(*stats));
	rc = restore_check(conf, e);
	if (rc == 0 && access(conf->dir, F_OK) == 0)
		rc = enter_archive(&r, e) || rehearse_delta(&r, e) ||
		    open_delta(&r, e) || fetch_files(&r, e) ? -1 : 0;
	else if (rc == 0) {
		stats->bytes = conf->label->size;
		stats->files = conf->label->files;
	}
	release(&r);
	return (rc);
}
