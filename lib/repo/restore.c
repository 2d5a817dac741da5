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

#include "base/io.h"
#include "base/parse.h"
#include "base/path.h"
#include "base/str.h"
#include "crypt/hash.h"
#include "pg/control.h"
#include "pg/pgmanifest.h"
#include "repo/emptydir.h"
#include "repo/fetcher.h"
#include "repo/layout.h"
#include "repo/manifest.h"
#include "repo/object.h"
#include "repo/restore.h"
#include "stream/file.h"

#define CONTROL		"global/pg_control"
#define TBLSPC		"pg_tblspc/"
#define FS_MAX		128
#define MODE		0777U	/* no set-uid program comes from a backup */

struct restore {
	const struct restore_conf *conf;
	int			 lock;		/* nobody else restores here */
	struct archive		*a;
	struct fetcher		*fetcher;
	uint32_t		 chunk_size;
	char			**ids;		/* the manifest's table */
	size_t			 nids;
	struct sink		*list;		/* backup_manifest */
	struct pgmanifest	 pgm;
	struct hash_sha256	*sha;
	uint64_t		 size;		/* of the current file */
	int			 is_control;

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

/* In-place tablespaces (PostgreSQL 15) are directories of the cluster. */
static int
is_linked(const struct label_tablespace *ts)
{
	return (ts->path[0] == '/');
}

/* Whether "b" is "a" or lies in it; links are not looked through. */
static int
holds(const char *a, const char *b)
{
	size_t	 n = strlen(a);

	while (n > 1 && a[n - 1] == '/')
		n--;
	return (strncmp(a, b, n) == 0 && (b[n] == '/' || b[n] == '\0'));
}

/* Absolute, as far as that can be said of what may not exist yet. */
static int
absolute(char *buf, size_t size, const char *dir, struct err *e)
{
	char	 cwd[PATH_MAX];

	if (realpath(dir, cwd) != NULL)
		return (str_fmt(buf, size, e, "%s", cwd));
	if (dir[0] == '/')
		return (str_fmt(buf, size, e, "%s", dir));
	if (getcwd(cwd, sizeof(cwd)) == NULL)
		return (err_sys(e, ERR_LOCAL, "working directory"));
	return (str_fmt(buf, size, e, "%s/%s", cwd, dir));
}

/* No two of the directories may be the same, or one inside another. */
static int
check_apart(const struct restore_conf *c, const char *dir, size_t before,
    struct err *e)
{
	const struct label_tablespace	*ts;
	char				 a[PATH_MAX], b[PATH_MAX];
	size_t				 i;

	if (absolute(a, sizeof(a), dir, e))
		return (-1);
	for (i = 0; i <= before; i++) {
		ts = &c->label->tablespaces[i];
		if (i < before && !is_linked(ts))
			continue;
		if (absolute(b, sizeof(b), i == before ? c->dir :
		    restore_place(c, ts), e))
			return (-1);
		if (holds(a, b) || holds(b, a))
			return (err_set(e, ERR_USAGE, "%s and %s are not two "
			    "directories, one beside the other", b, a));
	}
	return (0);
}

int
restore_check(const struct restore_conf *c, struct err *e)
{
	const struct label_tablespace	*ts;
	const char			*dir;
	size_t				 i, j;
	int				 again, state;

	for (i = 0; i < c->nmaps; i++) {
		for (j = 0; j < c->label->ntablespaces; j++)
			if (strcmp(c->label->tablespaces[j].name,
			    c->maps[i].name) == 0)
				break;
		if (j == c->label->ntablespaces)
			return (err_set(e, ERR_USAGE, "--tablespace %s: "
			    "backup %s has no tablespace of that name",
			    c->maps[i].name, c->label->id));
	}
	if ((again = emptydir_check(c->dir, e)) == -1)
		return (-1);
	for (i = 0; i < c->label->ntablespaces; i++) {
		ts = &c->label->tablespaces[i];
		dir = restore_place(c, ts);
		if (!is_linked(ts) && dir != ts->path)
			return (err_set(e, ERR_USAGE, "--tablespace %s: it is "
			    "a directory of the cluster itself and stays "
			    "there", ts->name));
		if (!is_linked(ts))
			continue;
		/* The label's way to show what is no UTF-8. */
		if (dir == ts->path && strchr(dir, '?') != NULL)
			return (err_set(e, ERR_USAGE, "tablespace %s: its "
			    "path %s may have another letter for each ?; say "
			    "--tablespace %s:DIR", ts->name, dir, ts->name));
		if (dir[0] != '/')
			return (err_set(e, ERR_USAGE, "--tablespace %s: found "
			    "%s, expected an absolute path", ts->name, dir));
		if (check_apart(c, dir, i, e))
			return (err_ctx(e, "tablespace %s", ts->name));
		state = emptydir_check(dir, e);
		/* What another directory's restore left is not ours. */
		if (state == 1 && !again)
			err_set(e, ERR_CONFIG, "%s: left by an interrupted "
			    "restore into another directory than %s; remove it "
			    "by hand if it is not needed", dir, c->dir);
		if (state == -1 || (state == 1 && !again))
			return (err_ctx(e, "tablespace %s (--tablespace %s:DIR "
			    "puts it elsewhere)", ts->name, ts->name));
	}
	return (0);
}

/* Those of the tablespaces. */
static int
each_place(const struct restore_conf *c, int (*f)(const char *, struct err *),
    struct err *e)
{
	size_t	 i;

	for (i = 0; i < c->label->ntablespaces; i++)
		if (is_linked(&c->label->tablespaces[i]) &&
		    f(restore_place(c, &c->label->tablespaces[i]), e))
			return (-1);
	return (0);
}

static int
begin_place(const char *dir, struct err *e)
{
	return (emptydir_begin(dir, NULL, e));
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

static int
make_dir(const struct restore *r, const struct manifest_entry *en,
    struct err *e)
{
	char	 path[PATH_MAX];

	if (path_join(path, sizeof(path), r->conf->dir, en->path, e))
		return (-1);
	if (mkdir(path, 0700) == -1 ||
	    chmod(path, (en->mode & MODE) | 0700) == -1)
		return (err_sys(e, ERR_LOCAL, "create directory %s", path));
	/* The data directory's own mode is as its directories': 0700, 0750. */
	if (strcmp(en->path, "base") == 0 &&
	    chmod(r->conf->dir, (en->mode & 0750) | 0700) == -1)
		return (err_sys(e, ERR_LOCAL, "set the mode of %s",
		    r->conf->dir));
	return (0);
}

static int
make_link(const struct restore *r, const struct manifest_entry *en,
    struct err *e)
{
	const struct label	*l = r->conf->label;
	struct err		 why = ERR_INIT;
	char			 path[PATH_MAX];
	uint64_t		 oid;
	size_t			 i;

	if (parse_u64(path_base(en->path), 1, UINT32_MAX, &oid, en->path,
	    &why) == -1)
		return (err_set(e, ERR_CORRUPT, "%s", why.msg));
	for (i = 0; i < l->ntablespaces; i++)
		if (l->tablespaces[i].oid == oid &&
		    is_linked(&l->tablespaces[i]))
			break;
	if (i == l->ntablespaces)
		return (err_set(e, ERR_CORRUPT, "%s: a tablespace that the "
		    "label does not name", en->path));
	if (path_join(path, sizeof(path), r->conf->dir, en->path, e))
		return (-1);
	if (symlink(restore_place(r->conf, &l->tablespaces[i]), path) == -1)
		return (err_sys(e, ERR_LOCAL, "create link %s", path));
	return (0);
}

static int
make_file(struct restore *r, const struct manifest_entry *en, struct err *e)
{
	const struct pgmanifest_file	 f = {
		.path = en->path, .size = en->size,
		.mtime = en->mtime_us / 1000000, .crc32c = en->crc32c
	};
	char				 path[PATH_MAX];
	int				 fd;

	r->size = en->size;
	if (pgmanifest_file(&r->pgm, &f, e))
		return (-1);
	if ((r->is_control = strcmp(en->path, CONTROL) == 0)) {
		r->control_mode = en->mode & MODE;
		r->control_size = en->size;
		return (0);
	}
	if (path_join(path, sizeof(path), r->conf->dir, en->path, e))
		return (-1);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	if (fd == -1)
		return (err_sys(e, ERR_LOCAL, "create %s", path));
	if (fchmod(fd, en->mode & MODE) == -1 ||
	    ftruncate(fd, (off_t)en->size) == -1) {
		err_sys(e, ERR_LOCAL, "prepare %s", path);
		(void)close(fd);	/* nothing was written to it */
		return (-1);
	}
	return (fetcher_file(r->fetcher, fd, path, en->mtime_us, e));
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
		if (is_linked(&l->tablespaces[i]) && strlen(number) == n &&
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
	if (str_begins(en->path, TBLSPC) &&
	    check_place(arg, en->path, e))
		return (-1);
	switch (en->type) {
	case MANIFEST_DIR:
		return (make_dir(arg, en, e));
	case MANIFEST_LINK:
		return (make_link(arg, en, e));
	case MANIFEST_FILE:
		return (make_file(arg, en, e));
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
	return (fetcher_chunk(r->fetcher, r->ids[ref->backup], ref, off,
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
fetch_files(struct restore *r, struct err *e)
{
	static const struct manifest_events	 events = {
		on_header, on_entry, on_chunk, on_end
	};
	const struct restore_conf	*c = r->conf;
	struct fetcher_conf		 fc = { c->store, c->key, c->server,
	    c->system_id, c->jobs, NULL, c->progress, c->arg };
	struct object_info		 info;
	struct store_get		*get = NULL;
	struct sink			*s = NULL;
	char				 path[LAYOUT_PATH];
	int				 rc = -1;

	(void)layout_manifest(path, c->label->id);
	r->a = c->archive;
	if (r->a == NULL && archive_open(&r->a, c->store, c->key, c->server,
	    c->system_id, e))
		goto out;
	fc.keep = r->a->store;
	if (fetcher_open(&r->fetcher, &fc, e) ||
	    store_get_open(&get, r->a->store, path, e) ||
	    manifest_sink_open(&s, &events, r, e))
		goto out;
	if ((rc = object_fetch(&info, r->a, get, HEAD_MANIFEST, path, &s,
	    e)) == 1)
		rc = err_set(e, ERR_CORRUPT, "%s is missing although the "
		    "backup has a label", path);
	if (rc == 0 && (info.stored != c->label->manifest_size ||
	    memcmp(info.head_hash, c->label->manifest_hash, HASH_LEN) != 0))
		rc = err_set(e, ERR_CORRUPT, "%s is not the one that the "
		    "label names", path);
	if (rc == 0)
		rc = fetcher_finish(r->fetcher, e);
out:
	sink_free(s);
	store_get_free(get);
	return (rc);
}

/*
 * One descriptor for each file system, opened before anything is written:
 * syncfs() reports the writes that failed (since Linux 5.8) after that.
 */
static int
watch_fs(struct restore *r, const char *dir, struct err *e)
{
	struct stat	 st;
	size_t		 i;
	int		 fd;

	if (stat(dir, &st) == -1)
		return (err_sys(e, ERR_LOCAL, "stat %s", dir));
	for (i = 0; i < r->nfs; i++)
		if (r->dev[i] == st.st_dev)
			return (0);
	if (i == FS_MAX)
		return (err_set(e, ERR_LOCAL, "tablespaces on more than %d "
		    "file systems", FS_MAX));
	if ((fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return (err_sys(e, ERR_LOCAL, "open directory %s", dir));
	r->fs[i] = fd;
	r->dev[i] = st.st_dev;
	r->nfs++;
	return (0);
}

static int
watch_all(struct restore *r, struct err *e)
{
	const struct restore_conf	*c = r->conf;
	const struct label_tablespace	*ts = c->label->tablespaces;
	size_t				 i;

	if (watch_fs(r, c->dir, e))
		return (-1);
	for (i = 0; i < c->label->ntablespaces; i++)
		if (is_linked(&ts[i]) &&
		    watch_fs(r, restore_place(c, &ts[i]), e))
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
run(struct restore *r, struct err *e)
{
	const struct restore_conf	*c = r->conf;

	if (restore_check(c, e) ||
	    emptydir_begin(c->dir, &r->lock, e) ||
	    each_place(c, begin_place, e) ||
	    watch_all(r, e) ||
	    list_begin(r, e) ||
	    fetch_files(r, e) ||
	    read_control(r, e) ||
	    list_end(r, e) ||
	    c->configure(c->arg, c->dir, e) ||
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

int
restore_run(const struct restore_conf *conf, struct err *e)
{
	struct restore	 r = { .conf = conf, .lock = -1 };
	int		 rc = run(&r, e);

	if (rc == -1 && r.control_begun)
		take_back_control(&r, e);
	fetcher_free(r.fetcher);
	sink_free(r.list);
	hash_sha256_free(r.sha);
	if (conf->archive == NULL)
		archive_free(r.a);
	while (r.nids > 0)
		free(r.ids[--r.nids]);
	free(r.ids);
	while (r.nfs > 0)
		(void)close(r.fs[--r.nfs]);	/* read only */
	if (r.lock != -1)
		(void)close(r.lock);		/* the same */
	return (rc);
}
