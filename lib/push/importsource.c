/* SPDX-License-Identifier: ISC */
/*
 * A backup of somebody else becomes one of ours.
 *
 * Nothing was started and nothing can be stopped: all that PostgreSQL said of
 * the backup lies in its directory.  So what is copied is the same from the
 * first file to the last, and what the directory's backup_manifest says of it
 * is proved while it is copied.
 */
#include <sys/stat.h>

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
#include "datadir/postmaster.h"
#include "pg/crc32c.h"
#include "push/filesource.h"
#include "push/importsource.h"
#include "push/importwal.h"
#include "push/streamcheck.h"
#include "repo/layout.h"

#define BACKUP_LABEL	"backup_label"

struct importsource_state {
	struct importfacts	 facts;
	struct streamcheck	*check;		/* NULL: no backup_manifest */
};

static int
look(struct pushrun *b, struct err *e)
{
	const char			*dir = b->conf->from;
	struct importsource_state	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, "%s", dir));
	b->import = s;
	if ((b->conf->admit != NULL && b->conf->admit(dir, e)) ||
	    importfacts_read(&s->facts, dir, e))
		return (-1);
	b->pg.facts = s->facts.pg;
	b->files = (struct clusterfiles){
		.dir = dir, .tablespace_dir = b->pg.facts.tablespace_dir,
		.note = pushrun_pass_on, .arg = b
	};
	if (!s->facts.manifest)
		pushrun_note(b, "%s has no backup_manifest, so nothing proves "
		    "that its files are as PostgreSQL wrote them", dir);
	return (0);
}

/* Where it begins and ends, as a server says at the start and at the stop. */
static int
set_bounds(struct pushrun *b, struct err *e)
{
	const struct importfacts	*f = &b->import->facts;
	const struct walname		 last = walname_before(f->start.tli,
	    f->stop_lsn, f->pg.segment_size);

	b->pg.start.lsn = f->start.start;
	b->pg.start.timeline = b->pg.stop.timeline = f->start.tli;
	b->pg.start.time_us = b->pg.stop.time_us = f->stop_us;
	b->pg.stop.lsn = f->stop_lsn;
	(void)walname_format(b->pg.start.walfile, &f->start.segment);
	(void)walname_format(b->pg.stop.walfile, &last);
	b->pg.stop.label_len = f->label_len;
	return (str_dup(&b->pg.stop.label, f->label, e));
}

/*
 * The label.  When the backup began is not known, since backup_label has that
 * in the server's time zone; it counts as short.
 */
static int
fill_label(struct pushrun *b, struct err *e)
{
	const struct importfacts	*f = &b->import->facts;
	struct label			*l = b->label;

	l->postgresql = f->pg.version;
	l->start_us = l->stop_us = f->stop_us;
	l->start_lsn = f->start.start;
	l->stop_lsn = f->stop_lsn;
	l->timeline = f->start.tli;
	l->wal_segment_size = f->pg.segment_size;
	l->from_standby = f->start.standby;
	l->data_checksums = f->pg.checksums;
	return (str_dup(&l->label, b->conf->label[0] != '\0' ?
	    b->conf->label : f->start.label, e) ||
	    str_dup(&l->seawall, SEAWALL_VERSION, e) ||
	    str_fmt(l->start_wal, sizeof(l->start_wal), e, "%s",
	    b->pg.start.walfile) ||
	    str_fmt(l->stop_wal, sizeof(l->stop_wal), e, "%s",
	    b->pg.stop.walfile) || label_fits(l, e) ? -1 : 0);
}

/* WAL first: without it all that follows would be in vain. */
static int
start(struct pushrun *b, struct err *e)
{
	const struct importwal	 w = {
		.warm = &b->warm, .facts = &b->import->facts,
		.dir = b->files.dir, .state_dir = b->conf->state_dir,
		.codec = b->conf->wal_codec
	};
	unsigned		 n;

	if (set_bounds(b, e) || fill_label(b, e) ||
	    importwal_push(&w, &n, e))
		return (-1);
	if (n > 0)
		pushrun_note(b, "%u WAL segment%s that the archive lacked %s "
		    "pushed from %s/pg_wal", n, str_plural(n), n == 1 ? "was" :
		    "were", b->files.dir);
	return (0);
}

static int
copied(struct pushrun *b, const struct manifest_entry *en,
    const struct pack_ref *refs, size_t nrefs, const uint32_t *crcs,
    uint64_t newest, struct err *e)
{
	struct streamcheck	*check = b->import->check;

	(void)crcs;
	/* These two come late, and were compared by streamcheck_apart(). */
	if (check != NULL && en->type == MANIFEST_FILE &&
	    strcmp(en->path, BACKUP_LABEL) != 0 &&
	    strcmp(en->path, CONTROL_PATH) != 0 &&
	    streamcheck_file(check, en, e))
		return (err_ctx(e, "%s", b->files.dir));
	return (copyrecord_add(&b->record, b->label, en, refs, nrefs, newest,
	    e));
}

static int
tick(struct pushrun *b, struct err *e)
{
	return (copyrecord_tick(&b->record, b->copier, e));
}

/* Read the directory's manifest into the check. */
static int
feed(struct pushrun *b, struct streamcheck *check, struct err *e)
{
	char	 path[PATH_MAX], buf[65536];
	size_t	 n;
	int	 fd, rc = -1;

	if (path_join(path, sizeof(path), b->files.dir, "backup_manifest", e))
		return (-1);
	if ((fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
	    O_CLOEXEC)) == -1)
		return (err_sys(e, ERR_LOCAL, "open %s", path));
	do {
		if (io_read(fd, buf, sizeof(buf), &n, path, e) || (n > 0 &&
		    streamcheck_manifest(check, buf, n, e)))
			goto out;
	} while (n > 0);
	rc = 0;
out:
	(void)close(fd);		/* read only */
	return (rc);
}

static int
open_check(struct pushrun *b, struct err *e)
{
	struct importsource_state	*s = b->import;
	const struct importfacts	*f = &s->facts;
	char				 dir[PATH_MAX];

	if (!f->manifest)
		return (0);
	if (layout_state(dir, b->conf->state_dir, b->conf->server,
	    f->pg.system_id, e) ||
	    streamcheck_new(&s->check, dir, f->pg.system_id, e))
		return (-1);
	streamcheck_copied(s->check);
	return (streamcheck_apart(s->check, CONTROL_PATH, CONTROL_SIZE,
	    crc32c_update(0, f->control, CONTROL_SIZE), e) ||
	    streamcheck_apart(s->check, BACKUP_LABEL, f->label_len,
	    crc32c_update(0, f->label, f->label_len), e) ||
	    feed(b, s->check, e) || streamcheck_begin(s->check, e) ?
	    err_ctx(e, "%s", b->files.dir) : 0);
}

/* A tablespace has the name of its number, and is where its link leads. */
static int
add_space(struct label *l, const struct manifest_entry *en, struct err *e)
{
	struct label_tablespace	*t;
	uint64_t		 oid;

	if (parse_u64(path_base(en->path), 1, UINT32_MAX, &oid, en->path, e))
		return (-1);
	t = reallocarray(l->tablespaces, l->ntablespaces + 1, sizeof(*t));
	if (t == NULL)
		return (err_sys(e, ERR_LOCAL, "tablespaces"));
	l->tablespaces = t;
	t += l->ntablespaces++;
	*t = (struct label_tablespace){ .oid = (uint32_t)oid };
	return (str_dup(&t->path, en->target, e) ||
	    str_dup(&t->name, path_base(en->path), e) || label_fits(l, e) ?
	    -1 : 0);
}

/*
 * A link leads to what is there today, on this host, and not to what the
 * backup had.  pg_wal may be one, since nothing of it is copied.
 */
static int
check_link(const struct pushrun *b, const struct manifest_entry *en,
    struct err *e)
{
	char		 path[PATH_MAX], clean[256];
	struct stat	 st;

	if (en->type == MANIFEST_LINK || strcmp(en->path, "pg_wal") == 0)
		return (0);
	if (path_join(path, sizeof(path), b->files.dir, en->path, e))
		return (-1);
	if (lstat(path, &st) == -1)
		return (err_sys(e, ERR_LOCAL, "%s", path));
	return (!S_ISLNK(st.st_mode) ? 0 : err_set(e, ERR_CONFIG, "%s/%s is a "
	    "symbolic link; put in its place what the backup had there",
	    b->files.dir, str_clean(clean, sizeof(clean), en->path,
	    strlen(en->path))));
}

static int
copy_files(struct pushrun *b, struct err *e)
{
	struct manifest_entry	 en;
	int			 rc;

	if (clusterfiles_open(&b->files, e))
		return (-1);
	while ((rc = clusterfiles_next(&b->files, &en, e)) == 0)
		if (check_link(b, &en, e) || (en.type == MANIFEST_LINK &&
		    add_space(b->label, &en, e)) ||
		    filesource_entry(b, &en, e))
			return (-1);
	if (rc != 1 || reuse_end(b->reuse, e) || copier_drain(b->copier, e))
		return (-1);
	return (b->import->check == NULL ? 0 :
	    streamcheck_end(b->import->check, e));
}

/* The two files that PostgreSQL writes last, as they were judged. */
static int
copy_rest(struct pushrun *b, struct err *e)
{
	const struct importfacts	*f = &b->import->facts;
	struct manifest_entry		 en;
	uint8_t				 buf[CONTROL_SIZE], was[CONTROL_SIZE];

	memcpy(was, f->control, sizeof(was));
	if (clusterfiles_control(&b->files, f->pg.system_id, f->start.start,
	    buf, &en, &b->label->hot, e) || control_poison(was, sizeof(was),
	    e))
		return (-1);
	if (memcmp(was, buf, sizeof(was)) != 0)
		return (err_set(e, ERR_CONFIG, "%s/" CONTROL_PATH " changed "
		    "meanwhile: a server runs there", b->files.dir));
	manifestspool_late(b->record.spool);
	if (copier_add(b->copier, &en, buf, sizeof(buf), e))
		return (-1);
	en = (struct manifest_entry){ .type = MANIFEST_FILE,
	    .path = BACKUP_LABEL, .mode = 0600, .mtime_us = f->stop_us };
	return (copier_add(b->copier, &en, b->pg.stop.label, f->label_len,
	    e));
}

static int
copy(struct pushrun *b, struct err *e)
{
	return (open_check(b, e) || copy_files(b, e) || copy_rest(b, e) ||
	    copier_drain(b->copier, e) ||
	    postmaster_absent(b->files.dir, e) ? -1 : 0);
}

/* All is in the spool already. */
static int
settle(struct pushrun *b, struct err *e)
{
	(void)b;
	(void)e;
	return (0);
}

static void
release(struct pushrun *b)
{
	struct importsource_state	*s = b->import;

	if (s == NULL)
		return;
	streamcheck_free(s->check);
	importfacts_free(&s->facts);
	free(s);
	b->import = NULL;
}

const struct pushsource importsource = {
	.look = look, .start = start, .copy = copy,
	.settle = settle, .copied = copied, .tick = tick, .free = release
};
