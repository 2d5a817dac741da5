/* SPDX-License-Identifier: ISC */
/*
 * Makes what a large cluster leaves in its data directory and in a
 * repository, without its 10 TiB.
 *
 *	generate files DIR FILES CHUNKS
 *		makes sparse relation files, together of that many chunks
 *		of 256 KiB
 *	generate repository REPO KEY STATE PGDATA BACKUPS WAL
 *		makes a repository of server "main" with KEY (a .push): that
 *		many backups, one per night, of the stopped cluster PGDATA,
 *		and WAL files 1 to WAL; the last backup's manifest is
 *		complete, and STATE keeps it
 *
 * The first night stores everything.  Each other night rewrites one of 200
 * groups of chunks, chosen by a hash; a group fills a pack.  So a backup
 * refers to packs that are more and more scattered.  Signatures, labels and
 * the last manifest are real.  Packs, WAL files and the other manifests are
 * sparse files of the right size.  Hashes of chunks are invented.
 */
#include <sys/stat.h>

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/label.h"
#include "backup/manifest.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/parse.h"
#include "base/str.h"
#include "crypt/head.h"
#include "datadir/walk.h"
#include "pg/control.h"
#include "pg/exclude.h"
#include "pg/walname.h"
#include "repo/layout.h"
#include "repo/marker.h"
#include "repo/object.h"
#include "reuse/lastmanifest.h"

#define CHUNK		((uint32_t)262144)
#define STORED		(CHUNK + 17)	/* of a chunk that does not compress */
#define GROUP		1024		/* chunks that fill a pack */
#define BIG		4096		/* chunks of a full relation segment */
#define SMALL		16
#define SEGMENTS	64		/* of a large relation */
#define FIRST_OID	1000000
#define SELDOM		200		/* a night rewrites one in so many */
#define OTHER_MANIFEST	UINT64_C(1500000000)	/* bytes */
#define LABEL_SIZE	200		/* of backup_label */
#define NIGHTS_MAX	60000
#define DAY		(INT64_C(86400) * 1000000)

static const char backup_label[] = "backup_label";

struct night {
	char		 id[LAYOUT_ID];
	int64_t		 start_us;
	uint32_t	*group;		/* the group in each pack */
	uint32_t	 n;
};

struct world {
	struct archive	*a;
	struct key	*key;
	const char	*state, *pgdata;
	char		 dir[PATH_MAX];	/* ROOT/SERVER/SYSTEMID */
	struct control	 ctl;
	struct night	*night;
	size_t		 nights;
	uint64_t	 wal;
	uint64_t	 files, bytes, chunks;
	uint32_t	 groups, head;	/* head: bytes before a pack's chunks */
	uint16_t	*last;		/* the night that wrote a group last */
	uint32_t	*pack;		/* and the number of its pack */
};

static uint64_t
mixed(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return (x ^ x >> 31);
}

/* Make a sparse file of any size. */
static int
hollow(const char *path, uint64_t size, mode_t mode, struct err *e)
{
	int	 fd;

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd == -1)
		return (err_sys(e, ERR_LOCAL, "create %s", path));
	if (ftruncate(fd, (off_t)size) == -1) {
		err_sys(e, ERR_LOCAL, "truncate %s", path);
		(void)close(fd);	/* it has failed already */
		return (-1);
	}
	return (close(fd) == 0 ? 0 : err_sys(e, ERR_LOCAL, "close %s", path));
}

/* The files of the data directory. */

static int
relation(const char *dir, uint64_t oid, uint64_t segment, uint64_t chunks,
    struct err *e)
{
	char	 path[PATH_MAX], more[24] = "";

	if (segment > 0)
		(void)snprintf(more, sizeof(more), ".%" PRIu64, segment);
	if (str_fmt(path, sizeof(path), e, "%s/%" PRIu64 "%s", dir, oid,
	    more))
		return (-1);
	return (hollow(path, chunks * CHUNK, 0600, e));
}

static int
make_files(const char *dir, uint64_t files, uint64_t chunks, struct err *e)
{
	uint64_t	 big, i, n, oid = FIRST_OID;

	if (chunks < files * SMALL)
		return (err_set(e, ERR_USAGE, "a file has at least %d chunks",
		    SMALL));
	big = (chunks - files * SMALL) / (BIG - SMALL);
	if (big > files)
		return (err_set(e, ERR_USAGE, "a file has at most %d chunks",
		    BIG));
	for (i = 0; i < big; i++) {
		if (relation(dir, oid, i % SEGMENTS, BIG, e))
			return (-1);
		oid += i % SEGMENTS == SEGMENTS - 1;
	}
	for (; i < files; i++) {
		n = i + 1 < files ? SMALL :
		    chunks - big * BIG - (files - big - 1) * SMALL;
		if (relation(dir, ++oid, 0, n < BIG ? n : BIG, e))
			return (-1);
	}
	return (0);
}

/* The groups that each night wrote. */

static int
is_rewritten(uint32_t group, size_t night)
{
	return (night == 0 ||
	    mixed((uint64_t)night << 32 | group) % SELDOM == 0);
}

static int
plan_night(struct world *w, size_t k, int64_t today, struct err *e)
{
	struct night	*n = &w->night[k];
	char		 id[CLOCK_TEXT];
	uint32_t	 g;

	n->start_us = today - (int64_t)(w->nights - k) * DAY +
	    (4 * INT64_C(3600) + 1) * 1000000;
	if (str_fmt(n->id, LAYOUT_ID, e, "%s", clock_format_id(id,
	    n->start_us)))
		return (-1);
	for (g = 0; g < w->groups; g++)
		n->n += is_rewritten(g, k) != 0;
	if ((n->group = calloc(n->n + 1, sizeof(*n->group))) == NULL)
		return (err_sys(e, ERR_LOCAL, "plan"));
	n->n = 0;
	for (g = 0; g < w->groups; g++)
		if (is_rewritten(g, k))
			n->group[n->n++] = g;
	return (0);
}

static int
plan(struct world *w, struct err *e)
{
	int64_t	 today = clock_now_us() / DAY * DAY;
	struct head head;
	char	 path[LAYOUT_PATH];
	size_t	 k;

	w->groups = (uint32_t)((w->chunks + GROUP - 1) / GROUP);
	w->night = calloc(w->nights, sizeof(*w->night));
	w->last = calloc(w->groups, sizeof(*w->last));
	w->pack = calloc(w->groups, sizeof(*w->pack));
	if (w->night == NULL || w->last == NULL || w->pack == NULL)
		return (err_sys(e, ERR_LOCAL, "plan"));
	for (k = 0; k < w->nights; k++)
		if (plan_night(w, k, today, e))
			return (-1);
	if (head_begin(&head, HEAD_PACK, &(struct head_place){ "main",
	    w->ctl.sysid, layout_pack(path, w->night[0].id, 1) }, w->key, e))
		return (-1);
	w->head = (uint32_t)head.len;
	return (0);
}

/* Walk over the cluster as base-push does. */

static enum walk_verdict
filter(void *arg, const struct walk *walk, const char *path, int is_dir)
{
	(void)arg;
	(void)walk;
	(void)is_dir;
	switch (exclude_path(path)) {
	case EXCLUDE_SKIP:
		return (WALK_SKIP);
	case EXCLUDE_KEEP_DIR:
		return (WALK_EMPTY);
	case EXCLUDE_KEEP:
		break;
	}
	return (WALK_KEEP);
}

static int
for_each(struct world *w, int (*each)(void *, const struct walk_entry *,
    struct err *), void *arg, struct err *e)
{
	const struct walk_conf	 conf = { w->pgdata, "none", filter, NULL,
	    NULL };
	struct walk_entry	 en;
	struct walk		*walk;
	int			 rc;

	if (walk_open(&walk, &conf, e))
		return (-1);
	while ((rc = walk_next(walk, &en, e)) == 0)
		if ((rc = each(arg, &en, e)) != 0)
			break;
	walk_free(walk);
	return (rc == 1 ? 0 : -1);
}

static int
count(void *arg, const struct walk_entry *en, struct err *e)
{
	struct world	*w = arg;

	(void)e;
	if (en->type != WALK_FILE)
		return (0);
	w->files++;
	w->bytes += en->size;
	w->chunks += manifest_chunks(en->size, CHUNK);
	return (0);
}

/* The last manifest. */

struct listing {
	struct world		*w;
	struct manifest_writer	*m;
	uint64_t		 chunk;		/* the next */
	int			 labelled;
};

/* Write the record of a chunk of "n" bytes. */
static int
put_chunk(struct listing *l, uint64_t n, struct err *e)
{
	const uint32_t	 group = (uint32_t)(l->chunk / GROUP);
	struct pack_ref	 ref = {
		.pack = l->w->pack[group], .backup = l->w->last[group],
		.offset = l->w->head + (uint32_t)(l->chunk % GROUP) * STORED,
		.stored = (uint32_t)n + STORED - CHUNK
	};
	uint64_t	 word;
	size_t		 i;

	/* The table begins with the manifest's own backup, the newest. */
	ref.backup = (uint16_t)(l->w->nights - 1 - ref.backup);
	for (i = 0; i < HASH_LEN / sizeof(word); i++) {
		word = mixed(l->chunk * 4 + i);
		memcpy(ref.hash + i * sizeof(word), &word, sizeof(word));
	}
	l->chunk++;
	return (manifest_writer_chunk(l->m, &ref, e));
}

static int
put_file(struct listing *l, const struct manifest_entry *en, struct err *e)
{
	uint64_t	 left = en->type == MANIFEST_FILE ? en->size : 0, n;

	if (manifest_writer_entry(l->m, en, e))
		return (-1);
	for (; left > 0; left -= n) {
		n = left < CHUNK ? left : CHUNK;
		if (put_chunk(l, n, e))
			return (-1);
	}
	return (0);
}

static int
put_entry(void *arg, const struct walk_entry *en, struct err *e)
{
	const struct manifest_entry	 label = { .type = MANIFEST_FILE,
	    .path = backup_label, .mode = 0600, .size = LABEL_SIZE };
	struct listing			*l = arg;

	if (!l->labelled && strcmp(en->path, backup_label) > 0) {
		l->labelled = 1;
		if (put_file(l, &label, e))
			return (-1);
	}
	return (put_file(l, &(struct manifest_entry){
		.type = en->type == WALK_DIR ? MANIFEST_DIR : MANIFEST_FILE,
		.path = en->path, .mode = en->mode, .mtime_us = en->mtime_us,
		.size = en->size, .ctime_us = en->ctime_us,
		.inode = en->inode, .flags = MANIFEST_CHECKED,
		.crc32c = (uint32_t)mixed(en->inode)
	}, e));
}

static int
write_list(struct world *w, struct sink *s, struct err *e)
{
	struct listing	 l = { .w = w };
	const char	**ids;
	size_t		 k;
	int		 rc = -1;

	if ((ids = calloc(w->nights, sizeof(*ids))) == NULL)
		return (err_sys(e, ERR_LOCAL, "manifest"));
	for (k = 0; k < w->nights; k++)
		ids[k] = w->night[w->nights - 1 - k].id;
	if (manifest_writer_new(&l.m, s, CHUNK, ids, w->nights, e) == 0 &&
	    for_each(w, put_entry, &l, e) == 0)
		rc = manifest_writer_end(l.m, e);
	manifest_writer_free(l.m);
	free(ids);
	return (rc);
}

static int
put_list(struct world *w, struct label *l, struct lastmanifest_writer **copy,
    struct err *e)
{
	const struct codec_spec	 codec = { CODEC_ZSTD, 1 };
	struct object_info	 info;
	struct sink		*s = NULL;
	char			 path[LAYOUT_PATH];
	int			 rc = -1;

	if (object_sink_open(&s, w->a, HEAD_MANIFEST,
	    layout_manifest(path, l->id), codec, &info, e) ||
	    lastmanifest_begin(copy, w->a, w->state, e) ||
	    lastmanifest_tee_stack(&s, *copy, e) ||
	    write_list(w, s, e) ||
	    sink_finish(s, e))
		goto out;
	memcpy(l->manifest_hash, info.head_hash, HASH_LEN);
	l->manifest_size = info.stored;
	rc = 0;
out:
	sink_free(s);
	return (rc);
}

static int
keep_list(struct world *w, const struct label *l,
    struct lastmanifest_writer *copy, struct err *e)
{
	struct manifestfacts	 f;

	f = manifestfacts_of(w->key, "main", w->ctl.sysid, l->id,
	    clock_now_us());
	memcpy(f.manifest_hash, l->manifest_hash, HASH_LEN);
	return (lastmanifest_publish(copy, &f, e));
}

/* Backups. */

static uint64_t
pack_size(const struct world *w, uint32_t group)
{
	uint64_t	 n = GROUP;

	if (group + 1 == w->groups && w->chunks % GROUP != 0)
		n = w->chunks % GROUP;
	return (w->head + n * STORED);
}

/* The packs of each night that are still in use, beginning with this one. */
static int
refer(const struct world *w, size_t k, struct label *l, struct err *e)
{
	const struct night	*n;
	size_t			 b;
	uint32_t		 i, first;

	for (b = k + 1; b-- > 0;) {
		n = &w->night[b];
		for (i = 0; i < n->n; i++) {
			first = i;
			while (i < n->n && w->last[n->group[i]] == b)
				i++;
			if (i > first && label_refer(l, n->id, first + 1, i,
			    e))
				return (-1);
		}
	}
	return (0);
}

static int
make_packs(struct world *w, size_t k, struct label *l, struct err *e)
{
	const struct night	*n = &w->night[k];
	char			 path[PATH_MAX], name[LAYOUT_PATH];
	uint32_t		 i;

	for (i = 0; i < n->n; i++) {
		w->last[n->group[i]] = (uint16_t)k;
		w->pack[n->group[i]] = i + 1;
		if (str_fmt(path, sizeof(path), e, "%s/%s", w->dir,
		    layout_pack(name, n->id, i + 1)) ||
		    hollow(path, pack_size(w, n->group[i]), 0400, e))
			return (-1);
		l->stored_size += pack_size(w, n->group[i]);
	}
	return (0);
}

static int
set_ends(const struct world *w, size_t k, struct label *l, struct err *e)
{
	const uint32_t	 segsize = w->ctl.wal_segsize;
	struct walname	 first, last;
	char		 text[WALNAME_TEXT];

	l->start_us = w->night[k].start_us;
	l->stop_us = l->start_us + INT64_C(3600) * 1000000;
	l->timeline = 1;
	l->start_lsn = (1 + k * (w->wal - 2) / w->nights) * segsize + 0x28;
	l->stop_lsn = l->start_lsn + segsize;
	first = walname_at(1, l->start_lsn, segsize);
	last = walname_before(1, l->stop_lsn, segsize);
	return (str_fmt(l->start_wal, LABEL_WALNAME, e, "%s",
	    walname_format(text, &first)) ||
	    str_fmt(l->stop_wal, LABEL_WALNAME, e, "%s",
	    walname_format(text, &last)) ? -1 : 0);
}

static int
fill_label(struct world *w, size_t k, struct label *l, struct err *e)
{
	if (str_fmt(l->id, LAYOUT_ID, e, "%s", w->night[k].id) ||
	    set_ends(w, k, l, e))
		return (-1);
	l->postgresql = 150010;
	l->wal_segment_size = w->ctl.wal_segsize;
	l->chunk_size = CHUNK;
	l->data_checksums = 1;
	l->files = w->files;
	l->size = w->bytes;
	return (0);
}

/* Only its size matters. */
static int
hollow_list(struct world *w, struct label *l, struct err *e)
{
	char	 path[PATH_MAX], name[LAYOUT_PATH];

	l->manifest_size = OTHER_MANIFEST;
	if (str_fmt(path, sizeof(path), e, "%s/%s", w->dir,
	    layout_manifest(name, l->id)))
		return (-1);
	return (hollow(path, l->manifest_size, 0400, e));
}

static int
make_backup(struct world *w, size_t k, struct err *e)
{
	struct lastmanifest_writer	*copy = NULL;
	struct label		*l = NULL;
	char			 path[LAYOUT_PATH];
	int			 is_last = k + 1 == w->nights, rc = -1;

	if (label_new(&l, e) ||
	    fill_label(w, k, l, e) ||
	    store_mkdir(w->a->store, layout_base(path, l->id), e) ||
	    make_packs(w, k, l, e) ||
	    refer(w, k, l, e) ||
	    (is_last ? put_list(w, l, &copy, e) : hollow_list(w, l, e)))
		goto out;
	l->stored_size += l->manifest_size;
	if (label_publish(l, w->a, e) ||
	    (is_last && keep_list(w, l, copy, e)))
		goto out;
	rc = 0;
out:
	lastmanifest_writer_free(copy);
	label_free(l);
	return (rc);
}

/* WAL. */

static int
make_wal(struct world *w, struct err *e)
{
	struct walname	 name;
	char		 path[PATH_MAX], place[LAYOUT_PATH];
	char		 text[WALNAME_TEXT];
	uint32_t	 log = UINT32_MAX;
	uint64_t	 i;

	for (i = 1; i <= w->wal; i++) {
		name = walname_at(1, i * w->ctl.wal_segsize,
		    w->ctl.wal_segsize);
		if (layout_wal(place, walname_format(text, &name), e))
			return (-1);
		if (str_fmt(path, sizeof(path), e, "%s/%s", w->dir, place))
			return (-1);
		if (name.log != log) {
			*strrchr(path, '/') = '\0';
			if (io_mkdirs(path, 0700, e))
				return (-1);
			path[strlen(path)] = '/';
			log = name.log;
		}
		if (hollow(path, 700 + mixed(i) % w->ctl.wal_segsize / 2,
		    0400, e))
			return (-1);
	}
	return (0);
}

static int
read_control(struct world *w, struct err *e)
{
	uint8_t	 buf[CONTROL_SIZE];
	char	 path[PATH_MAX];
	size_t	 n;
	int	 fd, rc;

	if (str_fmt(path, sizeof(path), e, "%s/global/pg_control",
	    w->pgdata))
		return (-1);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return (err_sys(e, ERR_LOCAL, "open %s", path));
	rc = io_read_at(fd, buf, sizeof(buf), 0, &n, path, e);
	(void)close(fd);		/* read only: nothing to lose */
	return (rc == 0 ? control_parse(buf, n, &w->ctl, e) : -1);
}

static int
begin(struct world *w, const char *repository, struct err *e)
{
	const struct store_conf	 conf = { .repository = repository,
	    .io_timeout_ms = 60000, .require_fsync = 1 };
	struct store_get	*get = NULL;
	struct marker		 m;
	int			 rc = -1;

	if (read_control(w, e) ||
	    archive_open(&w->a, &conf, w->key, "main", w->ctl.sysid, e) ||
	    str_fmt(w->dir, sizeof(w->dir), e, "%s/main/%" PRIu64, repository,
	    w->ctl.sysid) ||
	    marker_open(&get, w->a, e) ||
	    marker_ensure(&m, w->a, get, w->state, w->ctl.wal_segsize, e))
		goto out;
	rc = 0;
out:
	store_get_free(get);
	return (rc);
}

static int
make_repository(struct world *w, char *argv[], struct err *e)
{
	uint64_t	 n;
	size_t		 k;

	w->state = argv[2];
	w->pgdata = argv[3];
	if (parse_u64(argv[4], 1, NIGHTS_MAX, &n, "BACKUPS", e) ||
	    parse_u64(argv[5], 2 * n + 2, UINT32_MAX, &w->wal, "WAL", e) ||
	    key_load(&w->key, argv[1], NULL, e) ||
	    begin(w, argv[0], e))
		return (-1);
	w->nights = (size_t)n;
	w->files = w->chunks = 1;	/* backup_label */
	w->bytes = LABEL_SIZE;
	if (for_each(w, count, w, e) || plan(w, e) || make_wal(w, e))
		return (-1);
	for (k = 0; k < w->nights; k++)
		if (make_backup(w, k, e))
			return (-1);
	return (0);
}

static void
world_fini(struct world *w)
{
	size_t	 k;

	for (k = 0; w->night != NULL && k < w->nights; k++)
		free(w->night[k].group);
	free(w->night);
	free(w->last);
	free(w->pack);
	archive_free(w->a);
	key_free(w->key);
}

static int
run(int argc, char *argv[], struct err *e)
{
	struct world	 w = { 0 };
	uint64_t	 files, chunks;
	int		 rc;

	if (argc == 5 && strcmp(argv[1], "files") == 0)
		return (parse_u64(argv[3], 1, 1 << 24, &files, "FILES", e) ||
		    parse_u64(argv[4], 1, UINT32_MAX, &chunks, "CHUNKS", e) ||
		    make_files(argv[2], files, chunks, e) ? -1 : 0);
	if (argc != 8 || strcmp(argv[1], "repository") != 0)
		return (err_set(e, ERR_USAGE, "usage: generate files DIR "
		    "FILES CHUNKS | repository REPO KEY STATE PGDATA BACKUPS "
		    "WAL"));
	rc = make_repository(&w, argv + 2, e);
	world_fini(&w);
	return (rc);
}

int
main(int argc, char *argv[])
{
	struct err	 e = ERR_INIT;

	(void)umask(077);
	if (run(argc, argv, &e) == 0)
		return (0);
	(void)fprintf(stderr, "generate: %s\n", e.msg);
	return (1);
}
