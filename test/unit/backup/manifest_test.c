/* SPDX-License-Identifier: ISC */
/* Manifests: round trips, every cut, every flipped bit, hostile records. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "backup/manifest.h"
#include "base/bytes.h"
#include "base/str.h"
#include "memsink.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define CHUNK	65536U
#define ME	"20261122T040001Z"
#define OLD	"20261101T040001Z-2"

static const char *const backups[] = { ME, OLD };

/* What a reader said, as text, to be compared. */
struct said {
	char	 text[8192];
	size_t	 n;
	int	 stop_at;		/* callback to fail at; 0: none */
	int	 calls;
};

__attribute__((format(printf, 3, 4)))
static int
say(struct said *s, struct err *e, const char *fmt, ...)
{
	va_list	 ap;
	int	 k;

	if (++s->calls == s->stop_at)
		return (err_set(e, ERR_LOCAL, "told to stop"));
	va_start(ap, fmt);
	k = vsnprintf(s->text + s->n, sizeof(s->text) - s->n, fmt, ap);
	va_end(ap);
	if (k > 0 && s->n + (size_t)k < sizeof(s->text))
		s->n += (size_t)k;
	return (0);
}

static int
on_header(void *arg, uint32_t chunk_size, const char *const *ids, size_t n,
    struct err *e)
{
	assert_true(n >= 1);
	return (say(arg, e, "header %u %s %s %zu\n", chunk_size, ids[0],
	    ids[n - 1], n));
}

static int
on_entry(void *arg, const struct manifest_entry *en, struct err *e)
{
	return (say(arg, e, "%d %s %o %lld %llu %lld %llu %u %x %s\n",
	    (int)en->type, en->path, en->mode, (long long)en->mtime_us,
	    (unsigned long long)en->size, (long long)en->ctime_us,
	    (unsigned long long)en->inode, en->flags, en->crc32c,
	    en->target == NULL ? "-" : en->target));
}

static int
on_chunk(void *arg, uint64_t i, const struct pack_ref *ref, struct err *e)
{
	char	 hex[2 * HASH_LEN + 1];

	if (say(arg, e, " chunk %llu %u %u %u %u %s\n",
	    (unsigned long long)i, ref->pack, ref->backup, ref->offset,
	    ref->stored, str_hex(hex, ref->hash, HASH_LEN)))
		return (-1);
	return (ref->diff.pack == 0 ? 0 : say(arg, e, "  over %u %u %u %u "
	    "%s\n", ref->diff.pack, ref->diff.backup, ref->diff.offset,
	    ref->diff.stored, str_hex(hex, ref->diff.base, HASH_LEN)));
}

static int
on_end(void *arg, uint64_t entries, uint64_t bytes, struct err *e)
{
	return (say(arg, e, "end %llu %llu\n", (unsigned long long)entries,
	    (unsigned long long)bytes));
}

static int
on_database(void *arg, uint32_t oid, const char *name, struct err *e)
{
	return (say(arg, e, "database %u %s\n", oid, name));
}

static int
on_config(void *arg, const struct manifest_config *c, struct err *e)
{
	assert_null(c->data);
	return (say(arg, e, "config %s %o %lld %zu\n", c->path, c->mode,
	    (long long)c->mtime_us, c->size));
}

static int
on_content(void *arg, const void *p, size_t n, struct err *e)
{
	return (say(arg, e, "%.*s", (int)n, (const char *)p));
}

static const struct manifest_events events = {
	.header = on_header, .entry = on_entry, .chunk = on_chunk,
	.end = on_end, .database = on_database, .config = on_config,
	.content = on_content
};

/* Feed "n" bytes in pieces; returns what the reader says in the end. */
static int
read_back(const uint8_t *p, size_t n, size_t step, struct said *s,
    struct err *e)
{
	struct sink	*sink = NULL;
	size_t		 k;
	int		 rc = 0;

	assert_int_equal(manifest_sink_open(&sink, &events, s, e), 0);
	for (; rc == 0 && n > 0; p += k, n -= k) {
		k = n < step ? n : step;
		rc = sink_write(sink, p, k, e);
	}
	if (rc == 0)
		rc = sink_finish(sink, e);
	sink_free(sink);
	return (rc);
}

static const struct manifest_entry entries[] = {
	{ .type = MANIFEST_DIR, .path = "base", .mode = 0700,
	    .mtime_us = -5 },
	{ .type = MANIFEST_FILE, .path = "base.empty", .mode = 0600 },
	{ .type = MANIFEST_FILE, .path = "base/1 \n\xff", .mode = 0640,
	    .mtime_us = 1795320001000000, .size = 2 * CHUNK + 1,
	    .ctime_us = 7, .inode = 8, .flags = 3, .crc32c = 0xdeadbeef },
	{ .type = MANIFEST_LINK, .path = "pg_tblspc/16385", .mode = 0777,
	    .target = "/srv/ts" },
};

static const struct pack_ref refs[] = {
	{ .pack = 0 },
	{ .pack = 7, .backup = 1, .offset = 500, .stored = 18,
	    .hash = { [31] = 0xab } },
	{ .pack = 1, .backup = 0, .offset = UINT32_MAX - 18, .stored = 18 },
};

#define ZEROS	\
	"00000000000000000000000000000000000000000000000000000000000000"

static const char expected[] =
	"header 65536 " ME " " OLD " 2\n"
	"1 base 700 -5 0 0 0 0 0 -\n"
	"2 base.empty 600 0 0 0 0 0 0 -\n"
	"2 base/1 \n\xff 640 1795320001000000 131073 7 8 3 deadbeef -\n"
	" chunk 0 0 0 0 0 " ZEROS "00\n"
	" chunk 1 7 1 500 18 " ZEROS "ab\n"
	" chunk 2 1 0 4294967277 18 " ZEROS "00\n"
	"3 pg_tblspc/16385 777 0 0 0 0 0 0 /srv/ts\n"
	"end 4 131073\n";

static void
write_sample(struct memsink *m)
{
	struct manifest_writer	*w = NULL;
	struct err		 e = ERR_INIT;
	size_t			 i, k;

	memsink_init(m);
	assert_int_equal(manifest_writer_new(&w, &m->base, CHUNK, backups,
	    LEN(backups), &e), 0);
	for (i = 0; i < LEN(entries); i++) {
		assert_int_equal(manifest_writer_entry(w, &entries[i], &e),
		    0);
		for (k = 0; k < manifest_chunks(entries[i].size, CHUNK); k++)
			assert_int_equal(manifest_writer_chunk(w, &refs[k],
			    &e), 0);
	}
	assert_int_equal(manifest_writer_end(w, &e), 0);
	manifest_writer_free(w);
}

static void
test_round_trip(void **state)
{
	static const size_t	 steps[] = { 1, 7, 64, 65536 };
	struct memsink		 m;
	size_t			 i;

	(void)state;
	write_sample(&m);
	for (i = 0; i < LEN(steps); i++) {
		struct said	 s = { .n = 0 };
		struct err	 e = ERR_INIT;

		assert_int_equal(read_back(m.p, m.n, steps[i], &s, &e), 0);
		assert_string_equal(s.text, expected);
	}
	free(m.p);
}

/* No prefix is a manifest, nor is anything longer. */
static void
test_cut(void **state)
{
	struct memsink	 m;
	size_t		 n;

	(void)state;
	write_sample(&m);
	assert_int_equal(sink_write(&m.base, "x", 1, &(struct err)ERR_INIT),
	    0);
	for (n = 0; n <= m.n; n++) {
		struct said	 s = { .n = 0 };
		struct err	 e = ERR_INIT;

		if (n == m.n - 1)
			continue;
		assert_int_equal(read_back(m.p, n, 1000, &s, &e), -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
		assert_non_null(strstr(e.msg, n > m.n - 1 ?
		    "bytes after the end" : "cut short"));
	}
	free(m.p);
}

/*
 * A manifest is authenticated below us; what is asked of a flipped bit here
 * is that it is refused or that the reader says something else, and never
 * more than memory holds.
 */
static void
test_flips(void **state)
{
	struct memsink	 m;
	size_t		 i;

	(void)state;
	write_sample(&m);
	for (i = 0; i < 8 * m.n; i++) {
		struct said	 s = { .n = 0 };
		struct err	 e = ERR_INIT;

		m.p[i / 8] ^= (uint8_t)(1 << i % 8);
		if (read_back(m.p, m.n, SIZE_MAX, &s, &e) == -1)
			assert_int_equal(e.kind, ERR_CORRUPT);
		else
			assert_string_not_equal(s.text, expected);
		m.p[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	free(m.p);
}

/* A callback's own error stops the reader, at each of them. */
static void
test_stop(void **state)
{
	struct memsink	 m;
	int		 i;

	(void)state;
	write_sample(&m);
	for (i = 1; i <= 9; i++) {
		struct said	 s = { .stop_at = i };
		struct err	 e = ERR_INIT;

		assert_int_equal(read_back(m.p, m.n, 77, &s, &e), -1);
		assert_string_equal(e.msg, "told to stop");
		assert_int_equal(s.calls, i);
	}
	free(m.p);
}

/* A sink that fails at byte n stops the writer, for all n. */
static void
test_writer_fails(void **state)
{
	struct memsink	 m;
	size_t		 n, max;

	(void)state;
	write_sample(&m);
	max = m.n;
	for (n = 0; n < max; n++) {
		struct manifest_writer	*w = NULL;
		struct err		 e = ERR_INIT;
		struct memsink		 t;

		memsink_init(&t);
		t.max = n;
		assert_int_equal(manifest_writer_new(&w, &t.base, CHUNK,
		    backups, 1, &e), 0);
		assert_int_equal(manifest_writer_entry(w, &entries[0], &e),
		    0);
		if (n < 40)
			assert_int_equal(manifest_writer_end(w, &e), -1);
		manifest_writer_free(w);
		free(t.p);
	}
	free(m.p);
}

/* Paths and targets that the format cannot hold. */
static void
test_too_long(void **state)
{
	static char		 text[MANIFEST_PATH_MAX + 2];
	struct manifest_entry	 en = { .type = MANIFEST_DIR, .path = text };
	struct manifest_writer	*w = NULL;
	struct err		 e = ERR_INIT;
	struct memsink		 m;

	(void)state;
	memset(text, 'a', MANIFEST_PATH_MAX + 1);
	memsink_init(&m);
	assert_int_equal(manifest_writer_new(&w, &m.base, CHUNK, backups, 1,
	    &e), 0);
	assert_int_equal(manifest_writer_entry(w, &en, &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
	assert_non_null(strstr(e.msg, "path of more than 4096 bytes"));
	err_clear(&e);
	text[MANIFEST_PATH_MAX] = '\0';
	assert_int_equal(manifest_writer_entry(w, &en, &e), 0);
	en.type = MANIFEST_LINK;
	en.path = "pg_tblspc/1";
	en.target = "relative";
	assert_int_equal(manifest_writer_entry(w, &en, &e), -1);
	assert_non_null(strstr(e.msg, "not an absolute path"));
	err_clear(&e);
	en.target = text;
	text[0] = '/';
	assert_int_equal(manifest_writer_entry(w, &en, &e), 0);
	assert_int_equal(manifest_writer_end(w, &e), 0);
	manifest_writer_free(w);
	free(m.p);
}

/* Records built by hand, to say what no writer says. */
static void
put_text(struct bytes_out *o, const char *s)
{
	bytes_put_u16be(o, (uint16_t)strlen(s));
	bytes_put(o, s, strlen(s));
}

static void
put_header(struct bytes_out *o)
{
	bytes_put(o, "SWMANIF\n\0\1\0\0\0\1\0\0\0\1", 18);
	bytes_put_u8(o, 16);
	bytes_put(o, ME, 16);
}

static void
put_dir(struct bytes_out *o, const char *path)
{
	bytes_put_u8(o, MANIFEST_DIR);
	put_text(o, path);
	bytes_put_u32be(o, 0700);
	bytes_put_u64be(o, 0);
}

static void
put_file(struct bytes_out *o, const char *path, uint64_t size)
{
	bytes_put_u8(o, MANIFEST_FILE);
	put_text(o, path);
	bytes_put_u32be(o, 0600);
	bytes_put_u64be(o, 0);
	bytes_put_u64be(o, size);
	bytes_put_u64be(o, 0);
	bytes_put_u64be(o, 0);
	bytes_put_u8(o, 0);
	bytes_put_u32be(o, 0);
}

static void
put_end(struct bytes_out *o, uint64_t n, uint64_t bytes)
{
	bytes_put_u8(o, MANIFEST_END);
	bytes_put_u64be(o, n);
	bytes_put_u64be(o, bytes);
}

static void
expect(const struct bytes_out *o, const char *why)
{
	struct said	 s = { .n = 0 };
	struct err	 e = ERR_INIT;
	size_t		 step;

	assert_true(bytes_out_ok(o));
	for (step = 1; step <= 4096; step *= 64) {
		err_clear(&e);
		s.n = 0;
		if (why == NULL) {
			assert_int_equal(read_back(o->p, o->n, step, &s, &e),
			    0);
			continue;
		}
		assert_int_equal(read_back(o->p, o->n, step, &s, &e), -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
		if (strstr(e.msg, why) == NULL)
			fail_msg("'%s' does not say '%s'", e.msg, why);
	}
}

static void
test_hostile_paths(void **state)
{
	static const struct {
		const char	*path, *why;
	} cases[] = {
		{ "a", NULL }, { "a/b..c/.d", NULL },
		{ "..", "leads elsewhere" }, { "a/../b", "leads elsewhere" },
		{ "/etc/passwd", "leads elsewhere" }, { "a/", "elsewhere" },
		{ "a//b", "leads elsewhere" }, { "./a", "leads elsewhere" },
		{ ".", "leads elsewhere" }, { "", "empty or too long" },
	};
	uint8_t		 raw[512];
	size_t		 i;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		struct bytes_out o = bytes_out_of(raw, sizeof(raw));

		put_header(&o);
		put_dir(&o, cases[i].path);
		put_end(&o, 1, 0);
		expect(&o, cases[i].why);
	}
}

static void
test_order(void **state)
{
	static const struct {
		const char	*a, *b, *why;
	} cases[] = {
		{ "a", "b", NULL }, { "a", "a.b", NULL }, { "a", "a/b", NULL },
		{ "a.b", "a/b", NULL }, { "a", "\xff", NULL },
		{ "a", "a", "not in order" }, { "b", "a", "not in order" },
		{ "a/b", "a", "not in order" }, { "\xff", "a", "in order" },
		{ "a/b", "a.b", "not in order" },
	};
	uint8_t		 raw[512];
	size_t		 i;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		struct bytes_out o = bytes_out_of(raw, sizeof(raw));

		put_header(&o);
		put_dir(&o, cases[i].a);
		put_dir(&o, cases[i].b);
		put_end(&o, 2, 0);
		expect(&o, cases[i].why);
	}
}

static void
test_sizes(void **state)
{
	uint8_t			 raw[512];
	struct bytes_out	 o = bytes_out_of(raw, sizeof(raw));

	(void)state;
	put_header(&o);
	put_file(&o, "a", UINT64_MAX);
	expect(&o, "impossible size");

	o.n = 0;
	put_header(&o);
	put_file(&o, "a", 1);
	bytes_put_u32be(&o, 0);
	put_file(&o, "b", INT64_MAX);		/* the sum overflows */
	expect(&o, "impossible size");

	o.n = 0;
	put_header(&o);
	put_end(&o, 1, 0);
	expect(&o, "sums at the end differ");

	o.n = 0;
	put_header(&o);
	put_file(&o, "a", 1);
	bytes_put_u32be(&o, 0);
	put_end(&o, 1, 2);
	expect(&o, "sums at the end differ");

	/* One chunk too few: the end is taken for the chunk's pack. */
	o.n = 0;
	put_header(&o);
	put_file(&o, "a", 65537);
	bytes_put_u32be(&o, 0);
	put_end(&o, 1, 65537);
	expect(&o, "");

	/* One too many: four zero bytes are no end. */
	o.n = 0;
	put_header(&o);
	put_file(&o, "a", 65536);
	bytes_put_u32be(&o, 0);
	bytes_put_u32be(&o, 0);
	put_end(&o, 1, 65536);
	expect(&o, "sums at the end differ");
}

static void
put_chunk(struct bytes_out *o, unsigned backup, uint32_t off, uint32_t n)
{
	static const uint8_t	 hash[HASH_LEN];

	bytes_put_u32be(o, 1);
	bytes_put_u16be(o, (uint16_t)backup);
	bytes_put_u32be(o, off);
	bytes_put_u32be(o, n);
	bytes_put(o, hash, sizeof(hash));
}

static void
test_chunks(void **state)
{
	static const struct {
		unsigned	 backup;
		uint32_t	 off, n;
		const char	*why;
	} cases[] = {
		{ 0, 500, 18, NULL }, { 0, 500, 10 + 17, NULL },
		{ 1, 500, 18, "unknown backup" },
		{ 65535, 500, 18, "unknown backup" },
		{ 0, 500, 17, "impossible size" },
		{ 0, 500, 0, "impossible size" },
		{ 0, 500, 10 + 18, "impossible size" },
		{ 0, UINT32_MAX - 18, 18, NULL },
		{ 0, UINT32_MAX - 17, 18, "impossible size" },
		{ 0, 500, UINT32_MAX, "impossible size" },
	};
	uint8_t		 raw[512];
	size_t		 i;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		struct bytes_out o = bytes_out_of(raw, sizeof(raw));

		put_header(&o);
		put_file(&o, "a", 10);
		put_chunk(&o, cases[i].backup, cases[i].off, cases[i].n);
		put_end(&o, 1, 10);
		expect(&o, cases[i].why);
	}
}

static void
test_links(void **state)
{
	static const struct {
		const char	*path, *target, *why;
	} cases[] = {
		{ "pg_tblspc/1", "/a", NULL },
		{ "pg_tblspc/4294967295", "/a", NULL },
		{ "pg_tblspc/4294967296", "/a", "not a tablespace's link" },
		{ "pg_tblspc/0", "/a", "not a tablespace's link" },
		{ "pg_tblspc/01", "/a", "not a tablespace's link" },
		{ "pg_tblspc/x", "/a", "not a tablespace's link" },
		{ "pg_tblspc/1/2", "/a", "not a tablespace's link" },
		{ "pg_wal", "/a", "not a tablespace's link" },
		{ "pg_tblspc/1", "a", "not a tablespace's link" },
		{ "pg_tblspc/1", "", "empty or too long" },
	};
	uint8_t		 raw[512];
	size_t		 i;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		struct bytes_out o = bytes_out_of(raw, sizeof(raw));

		put_header(&o);
		bytes_put_u8(&o, MANIFEST_LINK);
		put_text(&o, cases[i].path);
		bytes_put_u32be(&o, 0777);
		bytes_put_u64be(&o, 0);
		put_text(&o, cases[i].target);
		put_end(&o, 1, 0);
		expect(&o, cases[i].why);
	}
}

/* The header, byte by byte wrong. */
static void
test_header(void **state)
{
	static const struct {
		size_t		 at;
		uint8_t		 byte;
		const char	*why;
	} cases[] = {
		{ 0, 'x', "not a manifest" },
		{ 9, 5,
		    "manifest of version 5; this program knows "
		    "versions 1 to 4" },
		{ 11, 1, "damaged header" },
		{ 13, 0x80, "damaged header" },		/* above 4 MiB */
		{ 15, 1, "damaged header" },		/* no power of two */
		{ 17, 0, "damaged header" },		/* no backups */
		{ 18, 24, "id of 24 bytes" },
		{ 18, 15, "not a backup id" },
		{ 20, '/', "not a backup id" },
		{ 20, 0, "not a backup id" },
	};
	uint8_t		 raw[512];
	size_t		 i;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		struct bytes_out o = bytes_out_of(raw, sizeof(raw));

		put_header(&o);
		put_end(&o, 0, 0);
		raw[cases[i].at] = cases[i].byte;
		expect(&o, cases[i].why);
	}
}

/* Read back in steps of any size it says "text"; cut short it is refused. */
static void
expect_text(const struct memsink *m, const char *text)
{
	static const size_t	 steps[] = { 1, 7, 65536 };
	struct err		 e = ERR_INIT;
	size_t			 i;

	for (i = 0; i < LEN(steps); i++) {
		struct said	 s = { .n = 0 };

		if (read_back(m->p, m->n, steps[i], &s, &e))
			fail_msg("%s", e.msg);
		assert_string_equal(s.text, text);
	}
	for (i = 0; i < m->n; i++) {
		struct said	 s = { .n = 0 };

		err_clear(&e);
		assert_int_equal(read_back(m->p, i, 65536, &s, &e), -1);
	}
}

/*
 * Write a manifest with one entry and what "more" has; it is of "version".
 * The caller frees m->p.
 */
static void
write_more(struct memsink *m, const struct manifest_more *more, int version)
{
	struct manifest_writer	*w = NULL;
	struct err		 e = ERR_INIT;

	memsink_init(m);
	assert_int_equal(manifest_writer_new_more(&w, &m->base, CHUNK,
	    backups, LEN(backups), more, &e), 0);
	assert_int_equal(manifest_writer_entry(w, &entries[0], &e), 0);
	assert_int_equal(manifest_writer_end(w, &e), 0);
	manifest_writer_free(w);
	assert_int_equal(m->p[9], version);
}

/* Version 2: the names of databases, fed byte by byte too. */
static void
test_names(void **state)
{
	static const struct manifest_database	 dbs[] = {
		{ 1, "template1" }, { 5, "o'dd n\xc3\xa4me\n" },
		{ UINT32_MAX, "x" }
	};
	const struct manifest_more more = { .dbs = dbs, .ndbs = LEN(dbs) };
	struct memsink		 m;

	(void)state;
	write_more(&m, &more, MANIFEST_NAMED);
	expect_text(&m, "header 65536 " ME " " OLD " 2\n"
	    "database 1 template1\n"
	    "database 5 o'dd n\xc3\xa4me\n\n"
	    "database 4294967295 x\n"
	    "1 base 700 -5 0 0 0 0 0 -\n"
	    "end 1 0\n");
	free(m.p);
}

/* The header of another version. */
static void
put_version(struct bytes_out *o, uint8_t version)
{
	put_header(o);
	o->p[9] = version;
}

static void
put_database(struct bytes_out *o, uint32_t oid, const char *name, size_t n)
{
	bytes_put_u32be(o, oid);
	bytes_put_u8(o, (uint8_t)n);
	bytes_put(o, name, n);
}

static void
test_bad_names(void **state)
{
	static const struct {
		uint16_t	 count;
		uint32_t	 oid[2];
		const char	*name;
		size_t		 n;
		const char	*why;
	} cases[] = {
		{ 0, { 1, 2 }, "a", 1, "no databases" },
		{ 2, { 0, 2 }, "a", 1, "database 0 after 0" },
		{ 2, { 2, 2 }, "a", 1, "database 2 after 2" },
		{ 2, { 3, 2 }, "a", 1, "database 2 after 3" },
		{ 2, { 1, 2 }, "", 0, "name of 0 bytes" },
		{ 2, { 1, 2 }, "a\0b", 3, "name with a NUL" },
		{ 3, { 1, 2 }, "a", 1, "" }
	};
	uint8_t		 raw[512];
	size_t		 i, k;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		struct bytes_out o = bytes_out_of(raw, sizeof(raw));

		put_version(&o, MANIFEST_NAMED);
		bytes_put_u16be(&o, cases[i].count);
		for (k = 0; k < 2; k++)
			put_database(&o, cases[i].oid[k], cases[i].name,
			    cases[i].n);
		put_end(&o, 0, 0);
		expect(&o, cases[i].why);
	}
}

/* Version 3: configuration files, fed byte by byte too. */
static void
read_configs(size_t ndbs, const char *names)
{
	static const struct manifest_database	 dbs[] = { { 1, "one" } };
	static const struct manifest_config	 configs[] = {
		{ "/etc/a", 0640, -7, 0, "" },
		{ "/etc/a.d/1.conf", 0600, 8, 5, "a = b" },
		{ "/etc/b", 0600, 9, 1, "c" }
	};
	const struct manifest_more more = { dbs, ndbs, configs,
	    LEN(configs), 0 };
	struct memsink		 m;
	char			 text[512];

	write_more(&m, &more, MANIFEST_CONFIGURED);
	(void)snprintf(text, sizeof(text), "header 65536 " ME " " OLD " 2\n"
	    "%sconfig /etc/a 640 -7 0\nconfig /etc/a.d/1.conf 600 8 5\n"
	    "a = bconfig /etc/b 600 9 1\nc1 base 700 -5 0 0 0 0 0 -\n"
	    "end 1 0\n", names);
	expect_text(&m, text);
	free(m.p);
}

static void
test_configs(void **state)
{
	(void)state;
	read_configs(1, "database 1 one\n");
	read_configs(0, "");
}

/* More than the parser holds at once, and the sum of sizes at its limit. */
static void
test_large_configs(void **state)
{
	static char			 names[9][16];
	static char			 text[1 << 20];
	struct manifest_config		 configs[9];
	struct manifest_more		 more = { .configs = configs };
	struct manifest_events		 on = { .entry = on_entry };
	size_t				 i;

	(void)state;
	memset(text, 'x', sizeof(text));
	for (i = 0; i < 9; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "/%zu", i);
		configs[i] = (struct manifest_config){ .path = names[i],
		    .size = sizeof(text), .data = text };
	}
	for (more.nconfigs = 8; more.nconfigs < 10; more.nconfigs++) {
		struct said		 s = { .n = 0 };
		struct manifest_writer	*w = NULL;
		struct sink		*sink = NULL;
		struct err		 e = ERR_INIT;
		int			 rc;

		assert_int_equal(manifest_sink_open(&sink, &on, &s, &e), 0);
		rc = manifest_writer_new_more(&w, sink, CHUNK, backups, 1,
		    &more, &e);
		if (rc == 0)
			rc = manifest_writer_end(w, &e) ||
			    sink_finish(sink, &e) ? -1 : 0;
		assert_int_equal(rc, more.nconfigs == 8 ? 0 : -1);
		if (rc == -1)
			assert_non_null(strstr(e.msg, "too large"));
		manifest_writer_free(w);
		sink_free(sink);
	}
}

static void
put_config(struct bytes_out *o, const char *path, size_t n, uint32_t mode,
    uint32_t size)
{
	bytes_put_u16be(o, (uint16_t)n);
	bytes_put(o, path, n);
	bytes_put_u32be(o, mode);
	bytes_put_u64be(o, 1);
	bytes_put_u32be(o, size);
}

/* What a thief of a .push key could write, to get a file elsewhere. */
static void
test_bad_configs(void **state)
{
	static const struct {
		uint16_t	 count;
		const char	*path;
		uint32_t	 mode, size;
		const char	*why;
	} cases[] = {
		{ 0, "/b", 0600, 0, "none, or too many" },
		{ 257, "/b", 0600, 0, "none, or too many" },
		{ 2, "etc/passwd", 0600, 0, "absolute and plain" },
		{ 2, "/b/../../etc/passwd", 0600, 0, "absolute and plain" },
		{ 2, "/..", 0600, 0, "absolute and plain" },
		{ 2, "//b", 0600, 0, "absolute and plain" },
		{ 2, "/b/", 0600, 0, "absolute and plain" },
		{ 2, "/b/./c", 0600, 0, "absolute and plain" },
		{ 2, "/", 0600, 0, "empty or too long" },
		{ 2, "/a", 0600, 0, "not in order" },
		{ 2, "/A", 0600, 0, "not in order" },
		{ 2, "/b", 010600, 0, "permission bits" },
		{ 2, "/b", 0600, (1 << 20) + 1, "too large" },
		{ 2, "/b", 0600, UINT32_MAX, "too large" },
		{ 3, "/b", 0600, 0, "" }
	};
	uint8_t		 raw[512];
	size_t		 i;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		struct bytes_out o = bytes_out_of(raw, sizeof(raw));

		put_version(&o, MANIFEST_CONFIGURED);
		bytes_put_u16be(&o, 0);
		bytes_put_u16be(&o, cases[i].count);
		put_config(&o, "/a", 2, 0600, 0);
		put_config(&o, cases[i].path, strlen(cases[i].path),
		    cases[i].mode, cases[i].size);
		put_end(&o, 0, 0);
		expect(&o, cases[i].why);
	}
}

/* A length that lies is found at once, and so is a NUL byte. */
static void
test_config_paths(void **state)
{
	uint8_t			 raw[512];
	struct bytes_out	 o = bytes_out_of(raw, sizeof(raw));

	(void)state;
	put_version(&o, MANIFEST_CONFIGURED);
	bytes_put_u16be(&o, 0);
	bytes_put_u16be(&o, 1);
	bytes_put_u16be(&o, MANIFEST_PATH_MAX + 1);
	expect(&o, "empty or too long");
	o.n -= 2;
	put_config(&o, "/a\0b", 4, 0600, 0);
	put_end(&o, 0, 0);
	expect(&o, "NUL byte");
}

/* Zeros, a whole chunk and one over a base, of a file of three chunks. */
static const struct pack_ref differing[] = {
	{ .pack = 0 },
	{ .pack = 7, .backup = 1, .offset = 500, .stored = 100,
	    .hash = { [31] = 0xab } },
	{ .pack = 8, .backup = 1, .offset = 600, .stored = 200,
	    .hash = { [31] = 0xcd }, .diff = { .pack = 1, .backup = 0,
	    .offset = 700, .stored = 20, .base = { [31] = 0xef } } }
};

static void
test_differences(void **state)
{
	static const struct manifest_more	 more = { .diffs = 1 };
	const struct manifest_entry	 en = { .type = MANIFEST_FILE,
	    .path = "base/1", .size = 3 * CHUNK };
	struct manifest_writer		*w = NULL;
	struct memsink			 m;
	struct err			 e = ERR_INIT;
	size_t				 i;

	(void)state;
	memsink_init(&m);
	assert_int_equal(manifest_writer_new_more(&w, &m.base, CHUNK,
	    backups, LEN(backups), &more, &e), 0);
	assert_int_equal(manifest_writer_entry(w, &en, &e), 0);
	for (i = 0; i < 3; i++)
		assert_int_equal(manifest_writer_chunk(w, &differing[i], &e),
		    0);
	assert_int_equal(manifest_writer_end(w, &e), 0);
	manifest_writer_free(w);
	assert_int_equal(m.p[9], MANIFEST_DIFFERING);
	expect_text(&m, "header 65536 " ME " " OLD " 2\n"
	    "2 base/1 0 0 196608 0 0 0 0 -\n"
	    " chunk 0 0 0 0 0 " ZEROS "00\n"
	    " chunk 1 7 1 500 100 " ZEROS "ab\n"
	    " chunk 2 8 1 600 200 " ZEROS "cd\n"
	    "  over 1 0 700 20 " ZEROS "ef\n"
	    "end 1 196608\n");
	free(m.p);
}

/* One chunk of form 2 behind a header of version 4. */
static void
put_differing(struct bytes_out *o, uint64_t size, const struct pack_ref *r)
{
	o->n = 0;
	put_header(o);
	((uint8_t *)o->p)[9] = MANIFEST_DIFFERING;
	bytes_put_u16be(o, 0);			/* databases */
	bytes_put_u16be(o, 0);			/* configuration files */
	put_file(o, "a", size);
	bytes_put_u8(o, MANIFEST_BASED);
	bytes_put_u32be(o, r->pack);
	bytes_put_u16be(o, r->backup);
	bytes_put_u32be(o, r->offset);
	bytes_put_u32be(o, r->stored);
	bytes_put(o, r->diff.base, HASH_LEN);
	bytes_put_u32be(o, r->diff.pack);
	bytes_put_u16be(o, r->diff.backup);
	bytes_put_u32be(o, r->diff.offset);
	bytes_put_u32be(o, r->diff.stored);
	bytes_put(o, r->hash, HASH_LEN);
	put_end(o, 1, size);
}

static void
test_hostile_differences(void **state)
{
	const struct pack_ref	 good = { .pack = 1, .offset = 500,
	    .stored = 100, .diff = { .pack = 2, .offset = 500,
	    .stored = 20 } };
	uint8_t			 raw[512];
	struct bytes_out	 o = bytes_out_of(raw, sizeof(raw));

	(void)state;
#define BAD(change, size, why) do {					\
	struct pack_ref	 r = good;					\
	change;								\
	put_differing(&o, size, &r);					\
	expect(&o, why);						\
} while (0)
	BAD((void)0, 8192, NULL);
	BAD((void)0, 3 * 8192, NULL);
	BAD(r.diff.stored = 8192 + 17, 8192, NULL);
	BAD((void)0, 8191, "difference of impossible size");
	BAD((void)0, 8193, "difference of impossible size");
	BAD(r.diff.stored = 19, 8192, "difference of impossible size");
	BAD(r.diff.stored = 8192 + 18, 8192, "impossible size or offset");
	BAD(r.diff.offset = UINT32_MAX - 19, 8192, "impossible size or");
	BAD(r.diff.backup = 1, 8192, "unknown backup");
	BAD(r.diff.pack = 0, 8192, "chunk in pack 0");
	BAD(r.pack = 0, 8192, "chunk in pack 0");
	BAD(r.backup = 1, 8192, "unknown backup");
	BAD(r.stored = 17, 8192, "impossible size or offset");
#undef BAD
	/* Forms that no version has. */
	o.n = 0;
	put_header(&o);
	raw[9] = MANIFEST_DIFFERING;
	bytes_put_u32be(&o, 0);
	put_file(&o, "a", 1);
	bytes_put_u8(&o, 3);
	expect(&o, "unknown form");
}

static void
test_unknown(void **state)
{
	uint8_t			 raw[512];
	struct bytes_out	 o = bytes_out_of(raw, sizeof(raw));

	(void)state;
	put_header(&o);
	bytes_put_u8(&o, 4);
	expect(&o, "unknown type");
	o.n = 0;
	put_header(&o);
	put_dir(&o, "a");
	raw[o.n - 12] = 1;			/* a mode beyond 07777 */
	put_end(&o, 1, 0);
	expect(&o, "permission bits only");
	o.n = 0;
	put_header(&o);
	put_file(&o, "a", 0);
	raw[o.n - 5] = 4;
	put_end(&o, 1, 0);
	expect(&o, "unknown flags");
	o.n = 0;
	put_header(&o);
	bytes_put_u8(&o, MANIFEST_DIR);
	bytes_put_u16be(&o, MANIFEST_PATH_MAX + 1);
	expect(&o, "empty or too long");	/* without waiting for it */
	o.n = 0;
	put_header(&o);
	bytes_put_u8(&o, MANIFEST_DIR);
	bytes_put_u16be(&o, 3);
	bytes_put(&o, "a\0b", 3);
	expect(&o, "NUL byte");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_flips),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_writer_fails),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_hostile_paths),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_chunks),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_bad_names),
		cmocka_unit_test(test_configs),
		cmocka_unit_test(test_large_configs),
		cmocka_unit_test(test_bad_configs),
		cmocka_unit_test(test_config_paths),
		cmocka_unit_test(test_differences),
		cmocka_unit_test(test_hostile_differences),
		cmocka_unit_test(test_unknown),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
