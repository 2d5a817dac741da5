/* SPDX-License-Identifier: ISC */
/*
 * Files of a cluster into packs and back: round trips with many jobs, files
 * that change under the reader, torn and damaged pages, jobs that fail.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "backup/pack.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/path.h"
#include "disk/diskcalls.h"
#include "pg/crc32c.h"
#include "pg/page.h"
#include "push/copier.h"
#include "push/copyfile.h"
#include "repo/layout.h"
#include "repoenv.h"
#include "restore/fetcher.h"
#include "testdir.h"

#define CHUNK	((uint32_t)65536)
#define MANY	700		/* more than the copier has under way */
#define START	1000		/* LSN */
#define PARTS	((size_t)6)	/* pieces of a large file */

struct seen {
	struct manifest_entry	 en;
	char			 path[64];
	struct pack_ref		*refs;
	size_t			 nrefs;
	uint64_t		 newest;
	int			 crcs;		/* were reported */
};

struct all {
	struct seen	 seen[MANY];
	size_t		 n;
	size_t		 fail_at;	/* the callback fails there; 0: never */
};

static const char *const ids[] = { REPOENV_ID };

static struct repoenv	 env;

/* What was taken of any bucket.  The real one would make the test wait. */
static atomic_ullong	 taken;
static struct bucket	*taken_of;

int64_t	 __wrap_bucket_take(struct bucket *, uint64_t, int64_t);

int64_t
__wrap_bucket_take(struct bucket *b, uint64_t n, int64_t now)
{
	assert_true(b == taken_of);
	(void)atomic_fetch_add(&taken, n);
	return (now);
}

static int
setup(void **state)
{
	(void)state;
	repoenv_make(&env);
	repoenv_marker(&env);
	assert_int_equal(mkdir(testdir_path("pg"), 0700), 0);
	assert_int_equal(mkdir(testdir_path("pg/base"), 0700), 0);
	assert_int_equal(mkdir(testdir_path("pg/base/5"), 0700), 0);
	assert_int_equal(mkdir(testdir_path("out"), 0700), 0);
	return (0);
}

static void
fill(uint8_t *p, size_t n, unsigned seed)
{
	uint32_t	 x = seed * 2654435761U + 1;
	size_t		 i;

	for (i = 0; i < n; i++) {
		x = x * 1664525U + 1013904223U;
		p[i] = (uint8_t)(x >> 24);
	}
}

static void
page(uint8_t *p, uint32_t blkno, uint64_t lsn)
{
	const uint32_t	 half[2] = { (uint32_t)(lsn >> 32), (uint32_t)lsn };
	uint16_t	 sum;

	fill(p, PAGE_BYTES, blkno + 1);
	memcpy(p, half, sizeof(half));
	p[14] = p[15] = 0x10;		/* pd_upper: not a new page */
	sum = page_checksum(p, blkno);
	memcpy(p + 8, &sum, sizeof(sum));
}

/* A relation of so many pages, each with the LSN. */
static uint8_t *
relation(const char *name, uint32_t pages, uint64_t lsn)
{
	uint8_t		*p = malloc((size_t)pages * PAGE_BYTES);
	uint32_t	 i;

	assert_non_null(p);
	for (i = 0; i < pages; i++)
		page(p + (size_t)i * PAGE_BYTES, i, lsn);
	testdir_write(name, p, (size_t)pages * PAGE_BYTES);
	return (p);
}

static int
copied(void *arg, const struct manifest_entry *en,
    const struct pack_ref *refs, size_t nrefs, const uint32_t *crcs,
    struct lastpages_file *pages, uint64_t newest, struct err *e)
{
	struct all	*a = arg;
	struct seen	*s = &a->seen[a->n];

	(void)pages;
	if (a->fail_at != 0 && a->n + 1 == a->fail_at)
		return (err_set(e, ERR_LOCAL, "no more, please"));
	assert_true(a->n < MANY);
	s->en = *en;
	(void)snprintf(s->path, sizeof(s->path), "%s", en->path);
	s->refs = malloc((nrefs + 1) * sizeof(*refs));
	assert_non_null(s->refs);
	if (nrefs > 0)
		memcpy(s->refs, refs, nrefs * sizeof(*refs));
	s->nrefs = nrefs;
	s->newest = newest;
	s->crcs = crcs != NULL;
	a->n++;
	return (0);
}

static void
forget(struct all *a)
{
	while (a->n > 0)
		free(a->seen[--a->n].refs);
}

static struct copier_conf
conf_of(struct all *a, unsigned jobs, const char *dir)
{
	return ((struct copier_conf){
		.store = &env.conf, .key = env.push, .server = "main",
		.system_id = REPOENV_SYSTEM, .backup_id = REPOENV_ID,
		.codec = { CODEC_ZSTD, 1 }, .jobs = jobs,
		.files = { .dir = dir, .chunk_size = CHUNK, .verify = 1,
		    .start_lsn = START, .relseg_blocks = 131072 },
		.copied = copied, .arg = a
	});
}

static struct manifest_entry
file(const char *path)
{
	return ((struct manifest_entry){ .type = MANIFEST_FILE, .path = path,
	    .mode = 0600, .mtime_us = 1700000000123456 });
}

/* File number i: its path, and how large. */
static size_t
sample(char path[32], unsigned i)
{
	static const size_t	 sizes[] = {
		0, 1, 8191, 8192, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7
	};

	(void)snprintf(path, 32, i % 3 == 0 ? "base/5/%04u" : "base/5/f%04u",
	    i + 1000);
	return (i == 7 ? (5 << 20) + 77 : sizes[i % 8]);
}

static void
restore_all(const struct all *a, unsigned jobs)
{
	const struct fetcher_conf	 fc = { .store = &env.conf,
	    .key = env.restore, .server = "main",
	    .system_id = REPOENV_SYSTEM, .jobs = jobs };
	const struct seen		*s;
	struct fetcher			*f = NULL;
	struct err			 e = ERR_INIT;
	char				 path[512];
	uint64_t			 off, n;
	size_t				 i, k;
	int				 fd;

	assert_int_equal(fetcher_open(&f, &fc, &e), 0);
	for (i = 0; i < a->n; i++) {
		s = &a->seen[i];
		(void)snprintf(path, sizeof(path), "%s/%s",
		    testdir_path("out"), path_base(s->path));
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		assert_true(fd != -1);
		assert_int_equal(ftruncate(fd, (off_t)s->en.size), 0);
		if (fetcher_file(f, fd, path, s->en.mtime_us, &e))
			fail_msg("%s", e.msg);
		for (k = 0; k < s->nrefs; k++) {
			off = k * CHUNK;
			n = s->en.size - off < CHUNK ? s->en.size - off :
			    CHUNK;
			if (fetcher_chunk(f, ids, &s->refs[k], off,
			    (uint32_t)n, &e))
				fail_msg("%s", e.msg);
		}
	}
	if (fetcher_finish(f, &e))
		fail_msg("%s", e.msg);
	fetcher_free(f);
}

/*
 * Of two files only the one in the limited tablespace is counted, to the byte:
 * when it is read, by several jobs, and when it is written.
 */
static void
test_pace(void **state)
{
	static const char *const	 path[] = { "base/5/1000",
	    "pg_tblspc/16390/PG_17_202406281/5/16391",
	    "pg_tblspc/16399/PG_17_202406281/5/16392" };
	struct label_tablespace	 space = { .oid = 16390 };
	struct label		 label = { .tablespaces = &space,
	    .ntablespaces = 1 };
	const struct fetcher_conf	 fc = { .store = &env.conf,
	    .key = env.restore, .server = "main",
	    .system_id = REPOENV_SYSTEM, .jobs = 2 };
	struct spacelimits	*s = NULL;
	struct copier_stats	 st;
	struct copier_conf	 c;
	struct copier		*cp = NULL;
	struct fetcher		*f = NULL;
	static struct all	 a;
	struct manifest_entry	 en;
	struct err		 e = ERR_INIT;
	char			 name[64], text[] = "slow";
	uint32_t		 last;
	size_t			 i, k;
	int			 fd;

	(void)state;
	space.name = text;
	assert_int_equal(spacelimit_parse(&s, "slow:8", &e), 0);
	taken_of = s->v[0].bucket;
	spacelimit_find(s, &label);
	for (i = 1; i < 3; i++) {
		(void)snprintf(name, sizeof(name), "pg/%s", path[i]);
		for (k = strlen("pg/pg_tblspc/"); name[k] != '\0'; k++)
			if (name[k] == '/') {
				name[k] = '\0';
				(void)mkdir(testdir_path("pg/pg_tblspc"), 0700);
				(void)mkdir(testdir_path(name), 0700);
				name[k] = '/';
			}
		free(relation(name, 1000, 1));
	}
	free(relation("pg/base/5/1000", 9, 1));
	c = conf_of(&a, 3, testdir_path("pg"));
	c.files.spaces = s;
	assert_int_equal(copier_open(&cp, &c, &e), 0);
	for (i = 0; i < 3; i++) {
		en = file(path[i]);
		if (copier_add(cp, &en, NULL, 0, &e))
			fail_msg("%s", e.msg);
	}
	if (copier_drain(cp, &e) || copier_finish(cp, &st, &last, &e))
		fail_msg("%s", e.msg);
	copier_free(cp);
	assert_int_equal(a.n, 3);
	assert_int_equal(atomic_exchange(&taken, 0), 1000 * PAGE_BYTES);

	assert_int_equal(fetcher_open(&f, &fc, &e), 0);
	for (i = 0; i < 3; i++) {
		fd = open(testdir_path("out/paced"), O_WRONLY | O_CREAT |
		    O_TRUNC, 0600);
		assert_int_equal(ftruncate(fd, (off_t)a.seen[i].en.size), 0);
		assert_int_equal(fetcher_file(f, fd, path[i], 0, &e), 0);
		fetcher_pace(f, spacelimit_bucket(s, path[i]));
		for (k = 0; k < a.seen[i].nrefs; k++)
			assert_int_equal(fetcher_chunk(f, ids,
			    &a.seen[i].refs[k], k * CHUNK, a.seen[i].en.size -
			    k * CHUNK < CHUNK ? (uint32_t)(a.seen[i].en.size -
			    k * CHUNK) : CHUNK, &e), 0);
	}
	if (fetcher_finish(f, &e))
		fail_msg("%s", e.msg);
	fetcher_free(f);
	assert_int_equal(atomic_load(&taken), 1000 * PAGE_BYTES);
	spacelimit_free(s);
	forget(&a);
}

/*
 * Files that come in a stream: the same chunks as if they were read, in
 * pieces of any size, with more bytes than may be held at once; and nothing is
 * stored that an earlier backup has.
 */
static void
stream_all(struct copier *c, unsigned n, const struct all *before, size_t step)
{
	struct manifest_entry	 en;
	struct copyfile_past	 past;
	struct err		 e = ERR_INIT;
	char			 path[32];
	uint8_t			*p;
	size_t			 size, at, take, nrefs;
	unsigned		 i;

	for (i = 0; i < n; i++) {
		size = i == 3 ? (20 << 20) + 5 : sample(path, i);
		(void)sample(path, i);
		p = malloc(size + 1);
		assert_non_null(p);
		fill(p, size, i);
		en = file(path);
		en.size = size;
		nrefs = before == NULL ? 0 : before->seen[i].nrefs;
		past = (struct copyfile_past){ .nrefs = nrefs };
		if (nrefs > 0) {
			past.refs = malloc(nrefs * sizeof(*past.refs));
			assert_non_null(past.refs);
			memcpy(past.refs, before->seen[i].refs,
			    nrefs * sizeof(*past.refs));
		}
		for (at = 0; at < nrefs; at++)
			past.refs[at].backup = 1;
		if (copier_stream(c, &en, &past, &e))
			fail_msg("%s", e.msg);
		assert_null(past.refs);
		for (at = 0; at < size; at += take) {
			take = size - at < step ? size - at : step;
			if (copier_feed(c, p + at, take, &e))
				fail_msg("%s", e.msg);
		}
		free(p);
	}
	if (copier_idle(c, &e) || copier_drain(c, &e))
		fail_msg("%s", e.msg);
}

static void
stream_and_again(unsigned jobs, size_t step, size_t then)
{
	struct copier_stats	 st;
	struct copier_conf	 conf;
	struct copier		*c = NULL;
	struct err		 e = ERR_INIT;
	static struct all	 first, second;
	uint32_t		 last;
	uint8_t			*p;
	const size_t		 big = (20 << 20) + 5;

	assert_non_null(p = malloc(big));
	fill(p, big, 3);
	conf = conf_of(&first, jobs, "/nowhere");
	assert_int_equal(copier_open(&c, &conf, &e), 0);
	stream_all(c, 30, NULL, step);
	assert_int_equal(copier_finish(c, &st, &last, &e), 0);
	copier_free(c);
	assert_int_equal(st.files, 30);
	assert_int_equal(first.n, 30);
	assert_int_equal(first.seen[3].en.size, big);
	assert_int_equal(first.seen[3].en.crc32c, crc32c_update(0, p, big));
	assert_int_equal(first.seen[0].en.flags, MANIFEST_CHECKED);
	restore_all(&first, 2);

	conf = conf_of(&second, jobs, "/nowhere");
	conf.backup_id = "20261122T050001Z";
	assert_int_equal(copier_open(&c, &conf, &e), 0);
	stream_all(c, 30, &first, then);
	assert_int_equal(copier_finish(c, &st, &last, &e), 0);
	copier_free(c);
	assert_int_equal(st.equal, st.read);
	forget(&second);
	forget(&first);
	free(p);
}

static void
test_stream(void **state)
{
	(void)state;
	stream_and_again(1, 777, 5 << 20);
}

static void
test_stream_jobs(void **state)
{
	(void)state;
	stream_and_again(3, 5 << 20, 4099);
}

/* Many files, few files' room: all come back, in order, whatever the jobs. */
static void
test_round_trip(void **state)
{
	static const unsigned	 jobs[] = { 1, 3, 16 };
	struct copier_stats	 st;
	struct copier_conf	 c;
	struct copier		*cp = NULL;
	struct all		 a = { .n = 0 };
	struct manifest_entry	 en;
	struct stat		 sb;
	struct err		 e = ERR_INIT;
	uint8_t			*want = malloc(6 << 20);
	char			 path[32], name[48], dir[512], *got;
	uint32_t		 last;
	uint64_t		 total;
	int64_t			 begin;
	size_t			 n, size;
	unsigned		 i, j;

	(void)state;
	assert_non_null(want);
	(void)snprintf(dir, sizeof(dir), "%s", testdir_path("pg"));
	for (i = 0; i < MANY; i++) {
		n = sample(path, i);
		fill(want, n, i);
		(void)snprintf(name, sizeof(name), "pg/%s", path);
		testdir_write(name, want, n);
	}
	c = conf_of(&a, 5, dir);
	c.files.verify = 0;
	begin = clock_mono_ms();
	assert_int_equal(copier_open(&cp, &c, &e), 0);
	for (i = 0, total = 0; i < MANY; i++) {
		total += sample(path, i);
		en = file(path);
		if (copier_add(cp, &en, NULL, 0, &e))
			fail_msg("%s", e.msg);
	}
	if (copier_drain(cp, &e))
		fail_msg("%s", e.msg);
	if (copier_finish(cp, &st, &last, &e))
		fail_msg("%s", e.msg);
	copier_free(cp);
	assert_int_equal(a.n, MANY);
	assert_int_equal(st.files, MANY);
	assert_true(st.bytes == total && st.read == total);
	/* One for each job, and one more whenever they grew old. */
	assert_in_range(last, 1, 5 * (1 + (uint64_t)(clock_mono_ms() - begin) /
	    PACK_OPEN_MS));
	for (j = 0; j < 3; j++) {
		restore_all(&a, jobs[j]);
		for (i = 0; i < MANY; i++) {
			n = sample(path, i);
			assert_string_equal(a.seen[i].path, path);
			assert_true(a.seen[i].en.size == n);
			fill(want, n, i);
			assert_int_equal(a.seen[i].en.crc32c,
			    crc32c_update(0, want, n));
			(void)snprintf(name, sizeof(name), "out/%s",
			    path_base(path));
			if (io_load(testdir_path(name), 8 << 20, &got, &size,
			    &e))
				fail_msg("%s", e.msg);
			assert_int_equal(size, n);
			assert_memory_equal(got, want, n);
			free(got);
			assert_int_equal(stat(testdir_path(name), &sb), 0);
			assert_int_equal(sb.st_mtim.tv_sec, 1700000000);
			assert_int_equal(sb.st_mtim.tv_nsec, 123456000);
		}
	}
	forget(&a);
	free(want);
}

/* One file through copyfile, with a change between open and read. */
struct change {
	const char	*path;
	size_t		 before, after;	/* sizes */
	size_t		 want;
};

static void
test_changes(void **state)
{
	static const struct change	 cases[] = {
		/* Relations: what there was at first, or what is left. */
		{ "base/5/1", 4 * CHUNK, 9 * CHUNK, 4 * CHUNK },
		{ "base/5/1", 4 * CHUNK, 2 * CHUNK + 5, 2 * CHUNK + 5 },
		{ "base/5/1", 4 * CHUNK, 0, 0 },
		{ "base/5/1", 0, CHUNK, 0 },
		{ "base/5/1", 6 << 20, (4 << 20) + 8192, (4 << 20) + 8192 },
		{ "base/5/1", 9 << 20, 3 << 20, 3 << 20 },
		/* All else: to its end. */
		{ "log", 10, 4 * CHUNK + 3, 4 * CHUNK + 3 },
		{ "log", 0, 7, 7 },
		{ "log", CHUNK, CHUNK, CHUNK },
		{ "log", 4 * CHUNK, 3, 3 },
		{ "log", 4 * CHUNK, 0, 0 }
	};
	struct copyfile_result	 r;
	atomic_int		 stop = 0;
	struct copyfile_job	 j;
	struct copyfile		*f;
	struct manifest_entry	 en;
	struct copier_conf	 c;
	struct pack_counter	*counter = NULL;
	struct pack_writer	*w = NULL;
	struct archive		*a = repoenv_open(&env, env.push);
	struct err		 e = ERR_INIT;
	uint8_t			*data = malloc(10 << 20), *buf = malloc(CHUNK);
	char			 dir[512], name[48];
	unsigned		 no;
	size_t			 i;

	(void)state;
	assert_non_null(data);
	assert_non_null(buf);
	fill(data, 10 << 20, 3);
	(void)snprintf(dir, sizeof(dir), "%s", testdir_path("pg"));
	c = conf_of(NULL, 1, dir);
	c.files.verify = 0;
	assert_int_equal(pack_counter_new(&counter, &e), 0);
	if (pack_writer_new(&w, a, REPOENV_ID, c.codec, counter, &e))
		fail_msg("%s", e.msg);
	j = (struct copyfile_job){ .conf = &c.files, .packs = { w, w },
	    .buf = buf, .stop = &stop };
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(name, sizeof(name), "pg/%s", cases[i].path);
		testdir_write(name, data, cases[i].before);
		en = file(cases[i].path);
		assert_int_equal(copyfile_new(&f, &en, NULL, 0, &e), 0);
		assert_int_equal(copyfile_open(f, &c.files, &e), 0);
		if (cases[i].after > cases[i].before)
			testdir_write(name, data, cases[i].after);
		else
			assert_int_equal(truncate(testdir_path(name),
			    (off_t)cases[i].after), 0);
		/* Pieces end in any order. */
		for (no = f->pieces; no-- > 0;) {
			if (copyfile_piece(f, no, &j, &r, &e))
				fail_msg("%s", e.msg);
			copyfile_done(f, no, &r);
		}
		copyfile_settle(f, &c.files);
		assert_int_equal(f->en.size, cases[i].want);
		assert_int_equal(f->nrefs,
		    (cases[i].want + CHUNK - 1) / CHUNK);
		assert_int_equal(f->en.crc32c,
		    crc32c_update(0, data, cases[i].want));
		copyfile_free(f);
	}
	pack_writer_free(w);
	pack_counter_free(counter);
	archive_free(a);
	free(data);
	free(buf);
}

/* Gone before it is opened: not there.  Later: copied all the same. */
static void
test_vanished(void **state)
{
	struct copier_stats	 st;
	struct copier_conf	 c;
	struct copier		*cp = NULL;
	struct all		 a = { .n = 0 };
	struct manifest_entry	 en, dir_en;
	struct err		 e = ERR_INIT;
	char			 dir[512];
	uint32_t		 last;

	(void)state;
	(void)snprintf(dir, sizeof(dir), "%s", testdir_path("pg"));
	free(relation("pg/base/5/1", 3, START - 1));
	c = conf_of(&a, 2, dir);
	assert_int_equal(copier_open(&cp, &c, &e), 0);
	en = file("base/5/0");
	dir_en = (struct manifest_entry){ .type = MANIFEST_DIR,
	    .path = "base/5/00" };
	assert_int_equal(copier_add(cp, &en, NULL, 0, &e), 0);
	assert_int_equal(copier_add(cp, &dir_en, NULL, 0, &e), 0);
	en = file("base/5/1");
	assert_int_equal(copier_add(cp, &en, NULL, 0, &e), 0);
	assert_int_equal(unlink(testdir_path("pg/base/5/1")), 0);
	en = file("label");
	assert_int_equal(copier_add(cp, &en, "text", 4, &e), 0);
	en = file("none");
	assert_int_equal(copier_add(cp, &en, NULL, 0, &e), 0);
	if (copier_drain(cp, &e))
		fail_msg("%s", e.msg);
	if (copier_finish(cp, &st, &last, &e))
		fail_msg("%s", e.msg);
	copier_free(cp);
	assert_int_equal(a.n, 3);
	assert_string_equal(a.seen[0].path, "base/5/00");
	assert_string_equal(a.seen[1].path, "base/5/1");
	assert_int_equal(a.seen[1].en.size, 3 * PAGE_BYTES);
	assert_int_equal(a.seen[1].en.flags, MANIFEST_CHECKED);
	assert_string_equal(a.seen[2].path, "label");
	assert_int_equal(a.seen[2].en.size, 4);
	assert_int_equal(a.seen[2].en.flags, 0);
	assert_int_equal(st.files, 2);
	forget(&a);
}

/* Damaged pages by file; pages newer than the start are left to judge. */
static void
test_damage(void **state)
{
	struct copier_stats	 st;
	struct copier_conf	 c;
	struct copier		*cp = NULL;
	struct all		 a = { .n = 0 };
	struct manifest_entry	 en;
	struct err		 e = ERR_INIT;
	uint8_t			*p;
	char			 dir[512];
	uint32_t		 last;

	(void)state;
	(void)snprintf(dir, sizeof(dir), "%s", testdir_path("pg"));
	p = relation("pg/base/5/1", 40, START - 1);
	p[3 * PAGE_BYTES + 5000] ^= 1;
	p[39 * PAGE_BYTES + 8191] ^= 1;
	testdir_write("pg/base/5/1", p, 40 * PAGE_BYTES);
	memset(p, 0, PAGE_BYTES);			/* new: fine */
	testdir_write("pg/base/5/1_fsm", p, PAGE_BYTES);
	free(p);
	p = relation("pg/base/5/2", 4, START + 50);
	p[5000] ^= 1;
	page(p + PAGE_BYTES, 1, START + 99);
	p[PAGE_BYTES + 5000] ^= 1;
	testdir_write("pg/base/5/2", p, 4 * PAGE_BYTES - 100);
	testdir_write("pg/base/5/none", p, 4 * PAGE_BYTES);
	free(p);
	c = conf_of(&a, 2, dir);
	assert_int_equal(copier_open(&cp, &c, &e), 0);
	en = file("base/5/1");
	assert_int_equal(copier_add(cp, &en, NULL, 0, &e), 0);
	en = file("base/5/1_fsm");
	assert_int_equal(copier_add(cp, &en, NULL, 0, &e), 0);
	en = file("base/5/2");
	assert_int_equal(copier_add(cp, &en, NULL, 0, &e), 0);
	en = file("base/5/none");
	assert_int_equal(copier_add(cp, &en, NULL, 0, &e), 0);
	if (copier_drain(cp, &e))
		fail_msg("%s", e.msg);
	if (copier_finish(cp, &st, &last, &e))
		fail_msg("%s", e.msg);
	copier_free(cp);
	assert_int_equal(a.n, 4);
	assert_int_equal(a.seen[0].en.flags,
	    MANIFEST_CHECKED | MANIFEST_DAMAGED);
	assert_int_equal(a.seen[1].en.flags, MANIFEST_CHECKED);
	assert_int_equal(a.seen[2].en.flags, MANIFEST_CHECKED);
	assert_int_equal(a.seen[2].newest, START + 99);
	assert_int_equal(a.seen[3].en.flags, 0);
	assert_int_equal(st.bad_pages, 2);
	forget(&a);
}

/*
 * A relation's second and third file: the numbers of their blocks go on from
 * the file before, and the checksum is over the number.
 */
static void
test_later_files(void **state)
{
	static const struct {
		const char	*path;
		uint32_t	 first;		/* number of its first block */
		uint64_t	 bad;
	} c[] = {
		{ "base/5/1", 0, 0 }, { "base/5/1.1", 16, 0 },
		{ "base/5/1.2", 32, 0 }, { "base/5/2.1", 0, 3 },
		{ "base/5/2.2", 16, 3 }, { "base/5/3.1", 17, 3 }
	};
	uint8_t			 buf[3 * PAGE_BYTES];
	struct copier_stats	 st;
	struct copier_conf	 cc;
	struct copier		*cp;
	struct all		 a = { .n = 0 };
	struct manifest_entry	 en;
	struct err		 e = ERR_INIT;
	char			 dir[512], path[64], id[LAYOUT_ID];
	uint32_t		 last, k;
	size_t			 i;

	(void)state;
	(void)snprintf(dir, sizeof(dir), "%s", testdir_path("pg"));
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		for (k = 0; k < 3; k++)
			page(buf + k * PAGE_BYTES, c[i].first + k, START - 1);
		(void)snprintf(path, sizeof(path), "pg/%s", c[i].path);
		testdir_write(path, buf, sizeof(buf));
		cp = NULL;
		cc = conf_of(&a, 1, dir);
		cc.files.relseg_blocks = 16;
		(void)snprintf(id, sizeof(id), "20261122T04000%zuZ", i);
		cc.backup_id = id;
		en = file(c[i].path);
		if (copier_open(&cp, &cc, &e) ||
		    copier_add(cp, &en, NULL, 0, &e) ||
		    copier_drain(cp, &e) ||
		    copier_finish(cp, &st, &last, &e))
			fail_msg("%s", e.msg);
		copier_free(cp);
		if (st.bad_pages != c[i].bad)
			fail_msg("%s with the checksums of blocks from %u: "
			    "%u bad pages, expected %u", c[i].path,
			    c[i].first, (unsigned)st.bad_pages,
			    (unsigned)c[i].bad);
	}
	forget(&a);
}

struct mender {
	char	 path[512];
	uint8_t	 page[PAGE_BYTES];
};

static void *
mend(void *arg)
{
	const struct timespec	 soon = { 0, 5 * 1000 * 1000 };
	struct mender		*m = arg;
	int			 fd;

	(void)nanosleep(&soon, NULL);
	fd = open(m->path, O_WRONLY);
	(void)(pwrite(fd, m->page, PAGE_BYTES, PAGE_BYTES) == PAGE_BYTES);
	(void)close(fd);
	return (NULL);
}

/* A page that is being written is read again; what is whole is stored. */
static void
test_torn(void **state)
{
	struct copier_stats	 st;
	struct copier_conf	 c;
	struct copier		*cp = NULL;
	struct all		 a = { .n = 0 };
	struct manifest_entry	 en;
	struct mender		 m;
	struct err		 e = ERR_INIT;
	pthread_t		 t;
	uint8_t			*p;
	char			 dir[512], *got;
	uint32_t		 last;
	size_t			 n;

	(void)state;
	(void)snprintf(dir, sizeof(dir), "%s", testdir_path("pg"));
	(void)snprintf(m.path, sizeof(m.path), "%s",
	    testdir_path("pg/base/5/1"));
	p = relation("pg/base/5/1", 3, START - 1);
	memcpy(m.page, p + PAGE_BYTES, PAGE_BYTES);
	p[PAGE_BYTES + 4096] ^= 1;
	testdir_write("pg/base/5/1", p, 3 * PAGE_BYTES);
	p[PAGE_BYTES + 4096] ^= 1;
	c = conf_of(&a, 1, dir);
	assert_int_equal(copier_open(&cp, &c, &e), 0);
	en = file("base/5/1");
	assert_int_equal(copier_add(cp, &en, NULL, 0, &e), 0);
	assert_int_equal(pthread_create(&t, NULL, mend, &m), 0);
	if (copier_drain(cp, &e))
		fail_msg("%s", e.msg);
	if (copier_finish(cp, &st, &last, &e))
		fail_msg("%s", e.msg);
	(void)pthread_join(t, NULL);
	copier_free(cp);
	assert_int_equal(st.bad_pages, 0);
	restore_all(&a, 1);
	got = testdir_read("out/1", &n);
	assert_int_equal(n, 3 * PAGE_BYTES);
	assert_memory_equal(got, p, n);
	free(got);
	free(p);
	forget(&a);
}

/* The chunks of what was seen, as an earlier backup's. */
static struct copyfile_past
earlier(const struct seen *s)
{
	struct pack_ref	*refs = malloc((s->nrefs + 1) * sizeof(*refs));
	size_t		 i;

	assert_non_null(refs);
	for (i = 0; i < s->nrefs; i++) {
		refs[i] = s->refs[i];
		if (refs[i].pack != 0) {
			refs[i].backup = 3;
			refs[i].pack += 70;
		}
	}
	return ((struct copyfile_past){ .refs = refs, .nrefs = s->nrefs });
}

/* The end of a run that reports to "a". */
static struct copier_stats
drained(struct copier *cp)
{
	struct copier_stats	 st = { .files = 0 };
	struct err		 e = ERR_INIT;
	uint32_t		 last;

	if (copier_drain(cp, &e))
		fail_msg("%s", e.msg);
	if (copier_finish(cp, &st, &last, &e))
		fail_msg("%s", e.msg);
	copier_free(cp);
	return (st);
}

/* Chunk by chunk: where it must lie, and what must have been counted. */
#define WAS	((size_t)5 * CHUNK + 9)

static struct copier_stats
expected(const uint8_t *was, const uint8_t *now, size_t size,
    const struct seen *got, const struct seen *old)
{
	static const uint8_t	 zeros[CHUNK];
	struct copier_stats	 st = { .files = 0 };
	const struct pack_ref	*r;
	size_t			 k, n, before;

	for (k = 0; k * CHUNK < size; k++) {
		n = size - k * CHUNK < CHUNK ? size - k * CHUNK : CHUNK;
		before = k * CHUNK >= WAS ? 0 : WAS - k * CHUNK < CHUNK ?
		    WAS - k * CHUNK : CHUNK;
		r = &got->refs[k];
		if (before > 0 && old->refs[k].pack != 0) {
			st.compared += n;
			if (n == before && memcmp(was + k * CHUNK,
			    now + k * CHUNK, n) == 0) {
				st.equal += n;
				assert_int_equal(r->backup, 3);
				assert_int_equal(r->pack,
				    old->refs[k].pack + 70);
				assert_int_equal(r->offset,
				    old->refs[k].offset);
				continue;
			}
		}
		assert_int_equal(r->backup, 0);
		if (memcmp(now + k * CHUNK, zeros, n) == 0)
			assert_int_equal(r->pack, 0);
		else
			st.stored += n;
	}
	return (st);
}

/*
 * With an earlier backup: what is equal at its place is not stored, whatever
 * else became of the file; what is kept is not even opened.
 */
static void
test_earlier(void **state)
{
	static const struct {
		size_t		 size;		/* now; it was WAS */
		size_t		 change;	/* this byte; 0: none */
	} cases[] = {
		{ WAS, 0 }, { WAS, 1 }, { WAS, WAS - 1 }, { WAS, 2 * CHUNK },
		{ WAS, 3 * CHUNK - 1 }, { 3 * CHUNK, 0 }, { 3 * CHUNK + 9, 0 },
		{ 1, 0 }, { 0, 0 }, { 6 * CHUNK, 0 }, { 7 * CHUNK, 0 },
	};
	struct copier_conf	 c;
	struct copier_stats	 st, want;
	struct copier		*cp = NULL;
	struct all		 a = { .n = 0 }, b = { .n = 0 };
	struct manifest_entry	 en;
	struct copyfile_past	 past;
	struct err		 e = ERR_INIT;
	uint8_t			*was = malloc(7 * CHUNK);
	uint8_t			*now = malloc(7 * CHUNK);
	char			 dir[512], id[LAYOUT_ID];
	size_t			 i;

	(void)state;
	assert_non_null(was);
	assert_non_null(now);
	(void)snprintf(dir, sizeof(dir), "%s", testdir_path("pg"));
	fill(was, 7 * CHUNK, 4);
	memset(was + 2 * CHUNK, 0, CHUNK);
	testdir_write("pg/base/5/1", was, WAS);
	c = conf_of(&a, 2, dir);
	c.files.verify = 0;
	en = file("base/5/1");
	assert_int_equal(copier_open(&cp, &c, &e), 0);
	assert_int_equal(copier_add(cp, &en, NULL, 0, &e), 0);
	st = drained(cp);
	assert_int_equal(st.compared + st.equal + st.kept, 0);
	assert_int_equal(a.seen[0].refs[2].pack, 0);
	c.arg = &b;
	c.backup_id = id;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memcpy(now, was, 7 * CHUNK);
		now[cases[i].change] ^= cases[i].change != 0;
		testdir_write("pg/base/5/1", now, cases[i].size);
		(void)snprintf(id, sizeof(id), "20261123T0400%02zuZ", i);
		assert_int_equal(copier_open(&cp, &c, &e), 0);
		past = earlier(&a.seen[0]);
		if (copier_compare(cp, &en, &past, &e))
			fail_msg("%s", e.msg);
		assert_null(past.refs);
		st = drained(cp);
		want = expected(was, now, cases[i].size, &b.seen[0],
		    &a.seen[0]);
		assert_int_equal(st.read, cases[i].size);
		assert_int_equal(st.compared, want.compared);
		assert_int_equal(st.equal, want.equal);
		assert_int_equal(st.stored > 0, want.stored > 0);
		assert_int_equal(b.seen[0].en.size, cases[i].size);
		assert_int_equal(b.seen[0].en.crc32c,
		    crc32c_update(0, now, cases[i].size));
		forget(&b);
	}
	assert_int_equal(unlink(testdir_path("pg/base/5/1")), 0);
	assert_int_equal(copier_open(&cp, &c, &e), 0);
	past = earlier(&a.seen[0]);
	en = a.seen[0].en;
	en.path = "base/5/1";
	assert_int_equal(copier_keep(cp, &en, &past, &e), 0);
	st = drained(cp);
	assert_int_equal(st.read, 0);
	assert_int_equal(st.files, 1);
	assert_int_equal(st.kept_files, 1);
	assert_int_equal(st.kept, WAS);
	assert_int_equal(st.stored, 0);
	assert_int_equal(b.seen[0].en.crc32c, a.seen[0].en.crc32c);
	assert_int_equal(b.seen[0].nrefs, 6);
	assert_int_equal(b.seen[0].refs[5].backup, 3);
	assert_int_equal(b.seen[0].refs[2].pack, 0);
	forget(&a);
	forget(&b);
	free(was);
	free(now);
}

/* A copy of "was", in which no byte is the same. */
static void
other(uint8_t *now, const uint8_t *was, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		now[i] = was[i] ^ 0x55;
}

/*
 * Chunks that something else vouches for are not read.  On disk every byte is
 * another one, so it shows in the CRC what was read and what was not.
 */
static void
test_vouched(void **state)
{
	static const struct {
		const char	*path;
		size_t		 size;		/* now; it was WAS */
		const char	*same;		/* by PostgreSQL's word */
		const char	*unread;
	} cases[] = {
		/* Chunk 2 was zeros, so nothing is known to refer to. */
		{ "base/5/1", WAS, "111111", "110111" },
		{ "base/5/1", WAS, "101110", "100110" },
		{ "base/5/1", WAS, "000000", "000000" },
		/* Of chunk 1 and 4 only the base is known: B. */
		{ "base/5/1", WAS, "1B11B1", "100101" },
		/* The last chunk is not whole: it has grown. */
		{ "base/5/1", WAS + 1, "111111", "110110" },
		{ "base/5/1", 6 * CHUNK, "111111", "110110" },
		{ "base/5/1", 7 * CHUNK - 1, "111111", "1101100" },
		/* Shorter, and no truncation in the WAL: in doubt. */
		{ "base/5/1", WAS - 1, "111111", "000000" },
		{ "base/5/1", 5 * CHUNK, "111111", "00000" },
		{ "base/5/PG_VERSION", WAS, "111111", "000000" },
	};
	struct copier_conf	 c;
	struct copier_stats	 st;
	struct copier		*cp = NULL;
	struct all		 a = { .n = 0 }, b = { .n = 0 };
	struct manifest_entry	 en;
	struct copyfile_past	 past;
	struct err		 e = ERR_INIT;
	uint8_t			*was = calloc(7, CHUNK);
	uint8_t			*now = malloc(7 * CHUNK);
	char			 dir[512], id[LAYOUT_ID];
	size_t			 i, k, n, unread;

	(void)state;
	assert_non_null(was);
	assert_non_null(now);
	(void)snprintf(dir, sizeof(dir), "%s", testdir_path("pg"));
	fill(was, WAS, 4);
	memset(was + 2 * CHUNK, 0, CHUNK);
	testdir_write("pg/base/5/1", was, WAS);
	c = conf_of(&a, 2, dir);
	c.files.verify = 0;
	en = file("base/5/1");
	assert_int_equal(copier_open(&cp, &c, &e), 0);
	assert_int_equal(copier_add(cp, &en, NULL, 0, &e), 0);
	(void)drained(cp);
	c.arg = &b;
	c.backup_id = id;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		other(now, was, cases[i].size);
		(void)snprintf(dir, sizeof(dir), "pg/%s", cases[i].path);
		testdir_write(dir, now, cases[i].size);
		(void)snprintf(dir, sizeof(dir), "%s", testdir_path("pg"));
		(void)snprintf(id, sizeof(id), "20261124T0400%02zuZ", i);
		en = file(cases[i].path);
		past = earlier(&a.seen[0]);
		past.size = WAS;
		past.crcs = calloc(past.nrefs, sizeof(*past.crcs));
		past.same = calloc(past.nrefs, 1);
		past.bare = calloc(past.nrefs, 1);
		assert_non_null(past.crcs);
		assert_non_null(past.same);
		assert_non_null(past.bare);
		for (k = 0; k < past.nrefs; k++) {
			n = WAS - k * CHUNK < CHUNK ? WAS - k * CHUNK : CHUNK;
			past.crcs[k] = crc32c_update(0, was + k * CHUNK, n);
			past.same[k] = cases[i].same[k] != '0';
			past.bare[k] = cases[i].same[k] == 'B';
		}
		assert_int_equal(copier_open(&cp, &c, &e), 0);
		if (copier_compare(cp, &en, &past, &e))
			fail_msg("%s", e.msg);
		assert_null(past.same);
		st = drained(cp);
		for (k = unread = 0; k * CHUNK < cases[i].size; k++) {
			n = cases[i].size - k * CHUNK < CHUNK ?
			    cases[i].size - k * CHUNK : CHUNK;
			if (cases[i].unread[k] == '1') {
				memcpy(now + k * CHUNK, was + k * CHUNK, n);
				unread += n;
			}
			if ((b.seen[0].refs[k].backup == 3) !=
			    (cases[i].unread[k] == '1'))
				fail_msg("case %zu: chunk %zu was %sread", i,
				    k, cases[i].unread[k] == '1' ? "" :
				    "not ");
		}
		assert_int_equal(st.vouched, unread);
		assert_int_equal(st.read, cases[i].size - unread);
		assert_int_equal(b.seen[0].en.crc32c,
		    crc32c_update(0, now, cases[i].size));
		assert_true(b.seen[0].crcs);
		forget(&b);
	}
	forget(&a);
	free(was);
	free(now);
}

/* What is done of files that were not reported: whole pieces of them. */
static int
on_part(void *arg, const struct manifest_entry *en,
    const struct pack_ref *refs, size_t nrefs, struct err *e)
{
	size_t	*got = arg, i;

	(void)e;
	assert_string_equal(en->path, "base/5/1");
	assert_int_equal(en->size, PARTS * COPYFILE_PIECE);
	assert_int_equal(nrefs, PARTS * COPYFILE_PIECE / CHUNK);
	for (*got = i = 0; i < nrefs; i++)
		*got += refs[i].pack != 0;
	assert_int_equal(*got % (COPYFILE_PIECE / CHUNK), 0);
	return (0);
}

static void
test_partial(void **state)
{
	const struct timespec	 pause = { 0, 1000 * 1000 };
	struct copier_conf	 c;
	struct copier		*cp = NULL;
	struct all		 a = { .n = 0 };
	struct manifest_entry	 en = file("base/5/1");
	struct err		 e = ERR_INIT;
	uint8_t			*p = malloc(PARTS * COPYFILE_PIECE);
	char			 dir[512];
	size_t			 got = 0, before = 0;
	unsigned		 tries;

	(void)state;
	assert_non_null(p);
	fill(p, PARTS * COPYFILE_PIECE, 3);
	testdir_write("pg/base/5/1", p, PARTS * COPYFILE_PIECE);
	free(p);
	(void)snprintf(dir, sizeof(dir), "%s", testdir_path("pg"));
	c = conf_of(&a, 2, dir);
	c.files.verify = 0;
	assert_int_equal(copier_open(&cp, &c, &e), 0);
	assert_int_equal(copier_add(cp, &en, NULL, 0, &e), 0);
	for (tries = 0; got < PARTS * COPYFILE_PIECE / CHUNK && tries < 20000;
	    tries++) {
		assert_int_equal(copier_partial(cp, on_part, &got, &e), 0);
		assert_true(got >= before);
		before = got;
		(void)nanosleep(&pause, NULL);
	}
	assert_int_equal(got, PARTS * COPYFILE_PIECE / CHUNK);
	(void)drained(cp);
	assert_int_equal(a.n, 1);
	forget(&a);
}

static const char *
pack_path(void)
{
	return (testdir_path(repoenv_file("base/" REPOENV_ID
	    "/pack-00000001")));
}

static int
add_many(struct copier *cp, unsigned n, struct err *e)
{
	struct manifest_entry	 en;
	char			 path[32];
	unsigned		 i;

	for (i = 0; i < n; i++) {
		(void)snprintf(path, sizeof(path), "f%04u", i);
		en = file(path);
		if (copier_add(cp, &en, "some text", 9, e))
			return (-1);
	}
	return (0);
}

static int
tick_fails(void *arg, const struct copier_stats *st, struct err *e)
{
	(void)arg; (void)st;
	return (err_set(e, ERR_PG, "the session is gone"));
}

/* What fails in a job, in a callback, or in the middle of it all. */
static void
test_failures(void **state)
{
	struct copier_stats	 st;
	struct copier_conf	 c;
	struct copier		*cp = NULL;
	struct all		 a = { .n = 0 };
	struct err		 e = ERR_INIT;
	struct store_conf	 bad = env.conf;
	char			 dir[512];
	uint32_t		 last;

	(void)state;
	(void)snprintf(dir, sizeof(dir), "%s", testdir_path("pg"));
	a.fail_at = 300;
	c = conf_of(&a, 3, dir);
	assert_int_equal(copier_open(&cp, &c, &e), 0);
	assert_true(add_many(cp, 600, &e) || copier_drain(cp, &e));
	assert_string_equal(e.msg, "no more, please");
	copier_free(cp);
	forget(&a);

	/* Left in the middle: nothing is published. */
	err_clear(&e);
	a.fail_at = 0;
	assert_int_equal(copier_open(&cp, &c, &e), 0);
	assert_int_equal(add_many(cp, 200, &e), 0);
	copier_free(cp);
	forget(&a);
	assert_int_equal(access(pack_path(), F_OK), -1);

	/* No repository: every job fails, and one of them says so. */
	bad.repository = testdir_path("k.push");
	c.store = &bad;
	assert_int_equal(copier_open(&cp, &c, &e), 0);
	assert_true(add_many(cp, 600, &e) || copier_drain(cp, &e) ||
	    copier_finish(cp, &st, &last, &e));
	assert_int_not_equal(e.kind, ERR_NONE);
	copier_free(cp);
	forget(&a);

	/* The session is watched while there is only waiting. */
	err_clear(&e);
	c.store = &env.conf;
	c.tick = tick_fails;
	assert_int_equal(copier_open(&cp, &c, &e), 0);
	(void)sleep(1);
	assert_int_equal(add_many(cp, 1, &e), -1);
	assert_string_equal(e.msg, "the session is gone");
	copier_free(cp);
	forget(&a);
}

/* A pack that is damaged or gone fails the fetch, whatever the jobs. */
static void
test_fetch_failures(void **state)
{
	const struct fetcher_conf	 fc = { .store = &env.conf,
	    .key = env.restore, .server = "main",
	    .system_id = REPOENV_SYSTEM, .jobs = 4 };
	struct copier_stats	 st;
	struct copier_conf	 c;
	struct copier		*cp = NULL;
	struct fetcher		*f = NULL;
	struct all		 a = { .n = 0 };
	struct manifest_entry	 en = file("big");
	struct err		 e = ERR_INIT;
	uint8_t			*data = malloc(1 << 20);
	char			 dir[512], path[512];
	uint32_t		 last;
	unsigned		 i, round;
	size_t			 k;
	int			 fd, rc;

	(void)state;
	assert_non_null(data);
	(void)snprintf(dir, sizeof(dir), "%s", testdir_path("pg"));
	(void)snprintf(path, sizeof(path), "%s", testdir_path("out/big"));
	fill(data, 1 << 20, 1);
	testdir_write("pg/big", data, 1 << 20);
	c = conf_of(&a, 1, dir);
	assert_int_equal(copier_open(&cp, &c, &e), 0);
	assert_int_equal(copier_add(cp, &en, NULL, 0, &e), 0);
	if (copier_drain(cp, &e))
		fail_msg("%s", e.msg);
	if (copier_finish(cp, &st, &last, &e))
		fail_msg("%s", e.msg);
	copier_free(cp);
	for (round = 0; round < 3; round++) {
		err_clear(&e);
		if (round == 1)		/* another chunk's place */
			a.seen[0].refs[3].offset++;
		if (round == 2)
			assert_int_equal(unlink(pack_path()), 0);
		assert_int_equal(fetcher_open(&f, &fc, &e), 0);
		for (i = 0, rc = 0; rc == 0 && i < 50; i++) {
			fd = open(path, O_WRONLY | O_CREAT, 0600);
			rc = fetcher_file(f, fd, path, 0, &e);
			for (k = 0; rc == 0 && k < a.seen[0].nrefs; k++)
				rc = fetcher_chunk(f, ids,
				    &a.seen[0].refs[k], k * CHUNK, CHUNK, &e);
		}
		if (rc == 0)
			rc = fetcher_finish(f, &e);
		fetcher_free(f);
		if (round == 0 && rc == -1)
			fail_msg("%s", e.msg);
		assert_int_equal(rc, round == 0 ? 0 : -1);
		if (round > 0)
			assert_int_equal(e.kind, ERR_CORRUPT);
	}
	/* Given up in the middle: nothing hangs. */
	assert_int_equal(fetcher_open(&f, &fc, &e), 0);
	fetcher_free(f);
	forget(&a);
	free(data);
}

/* Copy a relation of 40 pages; it must fail for the call that does. */
static void
copy_refused(char class, int why, unsigned well, const char *says,
    const char *else_)
{
	struct copier_stats	 st;
	struct copier_conf	 c;
	struct copier		*cp = NULL;
	struct all		 a = { .n = 0 };
	struct manifest_entry	 en = file("base/5/1");
	struct err		 e = ERR_INIT;
	char			 dir[512];
	uint32_t		 last;
	int			 rc;

	(void)snprintf(dir, sizeof(dir), "%s", testdir_path("pg"));
	free(relation("pg/base/5/1", 40, START - 1));
	c = conf_of(&a, 2, dir);
	assert_int_equal(copier_open(&cp, &c, &e), 0);
	diskcalls_refuse(class, "/pg/base/5/1", why, well);
	rc = copier_add(cp, &en, NULL, 0, &e) || copier_drain(cp, &e) ||
	    copier_finish(cp, &st, &last, &e) ? -1 : 0;
	diskcalls_allow();
	copier_free(cp);
	forget(&a);
	if (diskcalls_failed()[0] == '\0')
		fail_msg("no call failed");
	if (rc == 0)
		fail_msg("%s (errno %d)", else_, why);
	if (e.kind != ERR_LOCAL || strstr(e.msg, says) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", e.msg, says);
}

/* What cannot be read is no part of a backup, and then there is none. */
static void
test_calls_fail(void **state)
{
	static const int	 why[] = { EIO, EACCES, EMFILE, ENFILE,
				    ENOMEM, ELOOP, ESTALE };
	size_t			 i;
	unsigned		 well;

	(void)state;
	for (i = 0; i < sizeof(why) / sizeof(why[0]); i++) {
		copy_refused('o', why[i], 0, "open /",
		    "a file that could not be opened passed for vanished");
		copy_refused('t', why[i], 0, "stat /",
		    "a file that could not be looked at was copied");
	}
	for (well = 0; well < 5; well++)
		copy_refused('i', EIO, well, "read base/5/1",
		    "a file that could not be read passed for a shorter one");
}

int
main(void)
{
#define T(f)	cmocka_unit_test_prestate_setup_teardown(f, \
		    setup, repoenv_teardown, &env)
	const struct CMUnitTest	 tests[] = {
		T(test_round_trip),
		T(test_stream),
		T(test_stream_jobs),
		T(test_changes),
		T(test_vanished),
		T(test_damage),
		T(test_later_files),
		T(test_torn),
		T(test_partial),
		T(test_earlier),
		T(test_vouched),
		T(test_failures),
		T(test_calls_fail),
		T(test_fetch_failures),
		T(test_pace)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
