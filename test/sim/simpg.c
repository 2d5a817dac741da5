/* SPDX-License-Identifier: ISC */
/*
 * A cluster that exists only as far as backups and WAL show it.  Contents
 * follow from names and versions, so that whoever reads one can tell whether
 * it is right.
 */
#include <sys/mman.h>

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/str.h"
#include "cluster/pgarchiver.h"
#include "push/clusterfiles.h"
#include "push/hotbackup.h"
#include "sim.h"
#include "simpg.h"

#define FIRST_SEG	1
#define FIRST_FILE	1001		/* a relation's number */
#define PAGE_SIZE	8192
#define PAGES		(SIMPG_CHUNK / PAGE_SIZE)
#define FILE_SIZE	4000		/* of most: much more than the header
					   of a pack, so that it is reused */

struct ready {
	char		 name[WALNAME_TEXT];
	uint64_t	 segno;		/* 0: no segment */
};

static struct {
	char		 dir[PATH_MAX];
	unsigned	 calm;
	uint64_t	 lsn;		/* where WAL is written */
	struct ready	*ready;
	size_t		 nready, room;
	struct {
		unsigned	 version;
		int64_t		 changed_us;
	}		 file[SIMPG_FILES];
} pg;

const char *
simpg_segment(char buf[WALNAME_TEXT], uint64_t segno)
{
	const struct walname	 w = walname_at(1, segno * SIMPG_SEGSIZE,
	    SIMPG_SEGSIZE);

	return (walname_format(buf, &w));
}

static void
add_ready(const char *name, uint64_t segno)
{
	if (pg.nready == pg.room) {
		pg.room = pg.room == 0 ? 64 : 2 * pg.room;
		pg.ready = realloc(pg.ready, pg.room * sizeof(*pg.ready));
		if (pg.ready == NULL)
			abort();
	}
	(void)snprintf(pg.ready[pg.nready].name, WALNAME_TEXT, "%s", name);
	pg.ready[pg.nready++].segno = segno;
}

/* The segment under way is full. */
static void
switch_wal(void)
{
	const uint64_t	 segno = pg.lsn / SIMPG_SEGSIZE;
	char		 name[WALNAME_TEXT];

	add_ready(simpg_segment(name, segno), segno);
	pg.lsn = (segno + 1) * SIMPG_SEGSIZE + 40;
}

int
simpg_ready(char name[WALNAME_TEXT], size_t i)
{
	if (i >= pg.nready)
		return (0);
	memcpy(name, pg.ready[i].name, WALNAME_TEXT);
	return (1);
}

int
simpg_is_segment(size_t i, uint64_t *segno)
{
	*segno = pg.ready[i].segno;
	return (*segno != 0);
}

/* The caller frees it. */
static uint8_t *
content(const char *name, size_t *n)
{
	const uint16_t	 magic = 0xD110, info = 2;
	const uint64_t	 id = SIMPG_SYSTEM;
	const uint32_t	 size = SIMPG_SEGSIZE, page = 8192;
	struct walname	 w;
	struct err	 e = ERR_INIT;
	uint64_t	 lsn;
	uint8_t		*p = calloc(1, size);

	if (p == NULL || walname_parse(name, &w, &e))
		abort();
	if (w.kind != WALNAME_SEGMENT) {
		*n = (size_t)snprintf((char *)p, size, "backup file %s\n",
		    name);
		return (p);
	}
	lsn = walname_lsn(&w, size);
	memcpy(p, &magic, 2);
	memcpy(p + 2, &info, 2);
	memcpy(p + 4, &w.tli, 4);
	memcpy(p + 8, &lsn, 8);
	memcpy(p + 24, &id, 8);
	memcpy(p + 32, &size, 4);
	memcpy(p + 36, &page, 4);
	(void)snprintf((char *)p + size / 2, 64, "segment %s", name);
	*n = size;
	return (p);
}

int
simpg_open(const char *name)
{
	struct err	 e = ERR_INIT;
	size_t		 n;
	uint8_t		*p = content(name, &n);
	int		 fd = memfd_create("wal", MFD_CLOEXEC);

	if (fd == -1 || io_write(fd, p, n, name, &e))
		abort();
	free(p);
	return (fd);
}

int
simpg_same(const char *name, const void *p, size_t n)
{
	size_t	 want;
	uint8_t	*q = content(name, &want);
	int	 same = n == want && memcmp(p, q, n) == 0;

	free(q);
	return (same);
}

/*
 * Of the first chunk of a large file each version changes another page, so it
 * is stored as a difference for some versions, and then whole.
 */
static void
change_pages(char *buf, unsigned no, unsigned version)
{
	unsigned	 v;

	for (v = version < PAGES ? 0 : version - PAGES + 1; v <= version; v++)
		(void)snprintf(buf + (size_t)(v % PAGES) * PAGE_SIZE, 64,
		    "file %u version %u", no, v);
}

/* Some are of one chunk, some of two; no two versions are alike. */
static size_t
file_content(char *buf, size_t room, unsigned no, unsigned version)
{
	const size_t	 size = no % 5 == 4 ? SIMPG_CHUNK + 100 :
	    FILE_SIZE + no * 10;
	size_t		 i;

	if (size > room)
		abort();
	for (i = 0; i < size; i++)
		buf[i] = (char)('a' + (i + no) % 26);
	if (size > SIMPG_CHUNK) {
		change_pages(buf, no, version);
		(void)snprintf(buf + SIMPG_CHUNK, 64, "file %u part %u", no,
		    version / 4);
	} else
		(void)snprintf(buf, 64, "file %u version %u", no, version);
	return (size);
}

static void
write_file(unsigned no)
{
	static char	 buf[2 * SIMPG_CHUNK];
	char		 path[PATH_MAX + 32];
	const size_t	 n = file_content(buf, sizeof(buf), no,
	    pg.file[no].version);
	FILE		*f;

	(void)snprintf(path, sizeof(path), "%s/base/1/%u", pg.dir,
	    FIRST_FILE + no);
	(void)remove(path);	/* who has it open reads the old one */
	if ((f = fopen(path, "w")) == NULL || fwrite(buf, 1, n, f) != n ||
	    fclose(f) != 0)
		abort();
	pg.file[no].changed_us = sim_clock_us(sim_self());
}

int
simpg_had(const char *path, const void *p, size_t n)
{
	static char	 buf[2 * SIMPG_CHUNK];
	unsigned	 no = 0, v;
	char		 name[32];

	for (no = 0; no < SIMPG_FILES; no++) {
		(void)snprintf(name, sizeof(name), "base/1/%u", FIRST_FILE +
		    no);
		if (strcmp(name, path) == 0)
			break;
	}
	if (no == SIMPG_FILES)
		return (1);
	for (v = pg.file[no].version + 1; v-- > 0;)
		if (file_content(buf, sizeof(buf), no, v) == n &&
		    memcmp(buf, p, n) == 0)
			return (1);
	return (0);
}

void
simpg_work(void)
{
	unsigned	 no;

	for (no = 0; no < SIMPG_FILES; no++)
		if (sim_chance(no < 3 ? pg.calm / 4 + 1 : pg.calm)) {
			pg.file[no].version++;
			write_file(no);
		}
	pg.lsn += 1000 + sim_rand(100000);
	if (sim_chance(3) || pg.lsn % SIMPG_SEGSIZE > SIMPG_SEGSIZE / 2)
		switch_wal();
}

void
simpg_begin(const char *dir, unsigned calm)
{
	char		 path[PATH_MAX + 32];
	struct err	 e = ERR_INIT;
	unsigned	 no;

	memset(&pg, 0, sizeof(pg));
	pg.calm = calm;
	(void)snprintf(pg.dir, sizeof(pg.dir), "%s", dir);
	(void)snprintf(path, sizeof(path), "%s/base/1", dir);
	if (io_mkdirs(path, 0700, &e))
		abort();
	pg.lsn = FIRST_SEG * SIMPG_SEGSIZE + 40;
	for (no = 0; no < SIMPG_FILES; no++)
		write_file(no);
}

void
simpg_end(void)
{
	free(pg.ready);
	memset(&pg, 0, sizeof(pg));
}

/* --- The server as base-push sees it --- */

int	 __wrap_hotbackup_open(struct hotbackup *,
	    const struct pgsession_conf *, const char *, struct err *);
int	 __wrap_hotbackup_start(struct hotbackup *, struct label *,
	    const char *, int, struct err *);
int	 __wrap_hotbackup_stop(struct hotbackup *, struct label *,
	    struct err *);
int	 __wrap_pgsession_alive(struct pgsession *, struct err *);
void	 __wrap_pgsession_free(struct pgsession *);
int	 __wrap_pglists_config(struct pgsession *,
	    char *file[PGLISTS_CONFIG_FILES], struct err *);
int	 __wrap_pgarchiver_get(struct pgsession *, struct pgarchiver *,
	    struct err *);

int
__wrap_hotbackup_open(struct hotbackup *h, const struct pgsession_conf *c,
    const char *text, struct err *e)
{
	static char	 none;		/* nothing looks into a session here */

	(void)c;
	(void)text;
	h->session = (struct pgsession *)(void *)&none;
	h->facts = (struct pgfacts){ .version = 150010,
	    .system_id = SIMPG_SYSTEM, .timeline = 1,
	    .segment_size = SIMPG_SEGSIZE, .block_size = 8192,
	    .relseg_blocks = 131072, .archive = PGFACTS_ARCHIVE_ON,
	    .now_us = sim_clock_us(sim_self()) };
	return (str_fmt(h->facts.data_directory, PATH_MAX, e, "%s", pg.dir) ||
	    str_fmt(h->facts.tablespace_dir, RELPATH_VERSION_DIR, e,
	    "PG_15_202209061") ? -1 : 0);
}

int
__wrap_hotbackup_start(struct hotbackup *h, struct label *l,
    const char *text, int fast, struct err *e)
{
	(void)fast;
	sim_yield("pg_backup_start");
	pg.lsn += 100;
	h->start.lsn = pg.lsn;
	h->start.timeline = 1;
	h->start.time_us = sim_clock_us(sim_self());
	(void)simpg_segment(h->start.walfile, pg.lsn / SIMPG_SEGSIZE);
	l->postgresql = h->facts.version;
	l->start_us = h->start.time_us;
	l->start_lsn = h->start.lsn;
	l->timeline = 1;
	l->wal_segment_size = SIMPG_SEGSIZE;
	free(l->seawall);
	free(l->data_directory);
	l->seawall = l->data_directory = NULL;
	sim_say("start at segment %s", h->start.walfile);
	return (str_dup(&l->label, text, e) ||
	    str_dup(&l->seawall, SEAWALL_VERSION, e) ||
	    str_dup(&l->data_directory, pg.dir, e) ||
	    str_fmt(l->start_wal, sizeof(l->start_wal), e, "%s",
	    h->start.walfile) ? -1 : 0);
}

int
__wrap_hotbackup_stop(struct hotbackup *h, struct label *l, struct err *e)
{
	const struct walname	 w = walname_at(1, h->start.lsn,
	    SIMPG_SEGSIZE);
	char			 name[WALNAME_TEXT + 32];
	char			 start[WALNAME_TEXT];

	sim_yield("pg_backup_stop");
	pg.lsn += 100;
	l->stop_us = h->stop.time_us = sim_clock_us(sim_self());
	l->stop_lsn = h->stop.lsn = pg.lsn;
	h->stop.timeline = 1;
	l->next_xid = l->oldest_xid = 100;
	(void)simpg_segment(h->stop.walfile, pg.lsn / SIMPG_SEGSIZE);
	switch_wal();
	(void)snprintf(name, sizeof(name), "%.24s.%08X.backup",
	    walname_format(start, &w),
	    (unsigned)(h->start.lsn % SIMPG_SEGSIZE));
	add_ready(name, 0);
	h->stop.label_len = strlen(name);
	/* A host's clock may have been turned meanwhile. */
	if (l->stop_us < l->start_us)
		return (err_set(e, ERR_PG, "the clock was turned back"));
	return (str_dup(&h->stop.label, name, e) || str_fmt(l->stop_wal,
	    sizeof(l->stop_wal), e, "%s", h->stop.walfile) ? -1 : 0);
}

int
__wrap_pgsession_alive(struct pgsession *s, struct err *e)
{
	(void)s;
	return (sim_self()->dead ? err_set(e, ERR_PG, "killed") : 0);
}

void
__wrap_pgsession_free(struct pgsession *s)
{
	(void)s;
}

int
__wrap_pglists_config(struct pgsession *s, char *file[PGLISTS_CONFIG_FILES],
    struct err *e)
{
	size_t	 i;

	(void)s;
	(void)e;
	for (i = 0; i < PGLISTS_CONFIG_FILES; i++)
		file[i] = NULL;
	return (0);
}

int
__wrap_pgarchiver_get(struct pgsession *s, struct pgarchiver *a,
    struct err *e)
{
	(void)s;
	(void)a;
	return (err_set(e, ERR_PG, "not simulated"));
}

/* --- The data directory, with times of the cluster's own clock --- */

int	 __wrap_clusterfiles_open(struct clusterfiles *, struct err *);
int	 __wrap_clusterfiles_next(struct clusterfiles *,
	    struct manifest_entry *, struct err *);
int	 __wrap_clusterfiles_safe_time(const struct clusterfiles *, int64_t,
	    int64_t *, struct err *);
int	 __wrap_clusterfiles_check(const struct clusterfiles *, uint64_t,
	    struct err *);
int	 __wrap_clusterfiles_control(const struct clusterfiles *, uint64_t,
	    uint64_t, uint8_t buf[CONTROL_SIZE], struct manifest_entry *,
	    struct hotsettings *, struct err *);
void	 __wrap_clusterfiles_free(struct clusterfiles *);

struct walking {
	unsigned	 at;
	char		 path[32];
};

int
__wrap_clusterfiles_open(struct clusterfiles *c, struct err *e)
{
	struct walking	*w = calloc(1, sizeof(*w));

	(void)e;
	c->walk = (struct walk *)w;
	return (w == NULL ? -1 : 0);
}

int
__wrap_clusterfiles_next(struct clusterfiles *c, struct manifest_entry *en,
    struct err *e)
{
	struct walking	*w = (struct walking *)c->walk;
	unsigned	 no;

	(void)e;
	if (w->at < 2 || w->at == 2 + SIMPG_FILES) {
		*en = (struct manifest_entry){ .type = MANIFEST_DIR,
		    .path = w->at == 0 ? "base" : w->at == 1 ? "base/1" :
		    "global", .mode = 0700 };
		w->at++;
		return (0);
	}
	if (w->at > 2 + SIMPG_FILES)
		return (1);
	no = w->at++ - 2;
	(void)snprintf(w->path, sizeof(w->path), "base/1/%u", FIRST_FILE +
	    no);
	*en = (struct manifest_entry){ .type = MANIFEST_FILE,
	    .path = w->path, .mode = 0600,
	    .mtime_us = pg.file[no].changed_us,
	    .ctime_us = pg.file[no].changed_us, .inode = no + 1,
	    .size = no % 5 == 4 ? SIMPG_CHUNK + 100 : FILE_SIZE + no * 10 };
	sim_yield("copy %s", w->path);
	return (0);
}

int
__wrap_clusterfiles_safe_time(const struct clusterfiles *c, int64_t start_us,
    int64_t *safe_us, struct err *e)
{
	(void)c;
	(void)e;
	*safe_us = start_us - 2 * SIM_SECOND;
	return (0);
}

int
__wrap_clusterfiles_check(const struct clusterfiles *c, uint64_t system_id,
    struct err *e)
{
	(void)c;
	(void)system_id;
	(void)e;
	return (0);
}

int
__wrap_clusterfiles_control(const struct clusterfiles *c, uint64_t system_id,
    uint64_t start_lsn, uint8_t buf[CONTROL_SIZE], struct manifest_entry *en,
    struct hotsettings *hot, struct err *e)
{
	(void)c;
	(void)system_id;
	(void)e;
	memset(buf, 0, CONTROL_SIZE);
	(void)snprintf((char *)buf, CONTROL_SIZE, "control at %" PRIu64,
	    start_lsn);
	*en = (struct manifest_entry){ .type = MANIFEST_FILE,
	    .path = CONTROL_PATH, .mode = 0600 };
	memset(hot, 0, sizeof(*hot));
	return (0);
}

void
__wrap_clusterfiles_free(struct clusterfiles *c)
{
	free(c->walk);
	c->walk = NULL;
}
