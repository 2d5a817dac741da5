/* SPDX-License-Identifier: ISC */
/*
 * The golden backup: label, manifest and pack are read for ever, from the
 * one to the other, to the last chunk.  With GOLDEN_WRITE=DIR they are made
 * there instead, from the keys in test/data: once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "backup/label.h"
#include "backup/manifest.h"
#include "backup/packdiff.h"
#include "base/io.h"
#include "keyring.h"
#include "repo/object.h"
#include "testdir.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define DATA	"test/data"
#define ID	"20261122T040001Z"
#define CHUNK	65536U
#define CLUSTER	"repo/main/7000000000000000001/"
#define PLACE	CLUSTER "base/" ID "/"
#define VOUCHED	"vouched/962b901f180d50a1-37df3986266600dc"

/* The backup: a directory, two files, and chunk 1 of the second is zeros. */
#define SMALL	"the golden backup\n"
#define LARGE	(2 * CHUNK + 5)

static const char *const names[] = { "pack-00000001", "manifest", "label" };

/* By the version of pack and manifest; the last has differences. */
static const char *const golden[] = { "golden-", "golden-2-", "golden-3-",
    "golden-4-" };

static struct keyring	 ring;
static char		 repo[512];

static int
setup(void **state)
{
	(void)state;
	testdir_make();
	keyring_open(&ring, DATA "/golden");
	(void)snprintf(repo, sizeof(repo), "%s", testdir_path("repo"));
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	keyring_close(&ring);
	testdir_remove();
	return (0);
}

static struct archive *
open_archive(const struct key *key)
{
	const struct store_conf	 conf = {
		.repository = repo, .io_timeout_ms = 10000
	};
	struct archive		*a = NULL;
	struct err		 e = ERR_INIT;

	if (archive_open(&a, &conf, key, "main",
	    UINT64_C(7000000000000000001), &e))
		fail_msg("%s", e.msg);
	return (a);
}

/* Byte i of the large file. */
static uint8_t
byte_of(size_t i)
{
	return (i / CHUNK == 1 ? 0 : (uint8_t)('A' + i % 23));
}

/* Put test/data/(prefix)NAME where the readers will look for it. */
static void
install(const char *prefix)
{
	struct err	 e = ERR_INIT;
	char		 path[512], *p;
	size_t		 i, n;

	if (io_mkdirs(testdir_path(PLACE), 0700, &e))
		fail_msg("%s", e.msg);
	for (i = 0; i < LEN(names); i++) {
		(void)snprintf(path, sizeof(path), DATA "/%s%s",
		    prefix, names[i]);
		if (io_load(path, 1 << 20, &p, &n, &e) != 0)
			fail_msg("%s: %s", path, e.msg);
		(void)snprintf(path, sizeof(path), PLACE "%s", names[i]);
		testdir_write(path, p, n);
		free(p);
	}
}

/* What the reader of the manifest goes through. */
struct walk {
	struct pack_reader	*packs;
	struct manifest_entry	 file;
	unsigned		 entries, chunks, diffs;
};

static int
on_header(void *arg, uint32_t chunk_size, const char *const *ids, size_t n,
    struct err *e)
{
	(void)arg;
	(void)e;
	assert_int_equal(chunk_size, CHUNK);
	assert_int_equal(n, 1);
	assert_string_equal(ids[0], ID);
	return (0);
}

static int
on_entry(void *arg, const struct manifest_entry *en, struct err *e)
{
	static const char *const paths[] = { "base", "base/1", "base/2",
	    "pg_tblspc", "pg_tblspc/16385" };
	struct walk	*w = arg;

	(void)e;
	assert_true(w->entries < LEN(paths));
	assert_string_equal(en->path, paths[w->entries++]);
	if (en->type == MANIFEST_LINK)
		assert_string_equal(en->target, "/srv/ts");
	w->file = *en;
	return (0);
}

static int
on_chunk(void *arg, uint64_t i, const struct pack_ref *ref, struct err *e)
{
	static uint8_t	 got[CHUNK], want[CHUNK];
	struct walk	*w = arg;
	size_t		 n = w->file.size - i * CHUNK < CHUNK ?
	    (size_t)(w->file.size - i * CHUNK) : CHUNK, k;

	for (k = 0; k < n; k++)
		want[k] = w->file.size == LARGE ? byte_of(i * CHUNK + k) :
		    (uint8_t)SMALL[k];
	assert_int_equal(ref->pack, i == 1 ? 0 : 1);
	w->chunks++;
	w->diffs += ref->diff.pack != 0;
	if (pack_reader_ask(w->packs, ID, ID, ref, e) ||
	    pack_reader_take(w->packs, got, n, e))
		return (-1);
	assert_memory_equal(got, want, n);
	return (0);
}

static struct label *
read_label(struct archive *a)
{
	struct label	*l = NULL;
	struct err	 e = ERR_INIT;
	char		*p;
	size_t		 n;

	p = testdir_read(PLACE "label", &n);
	if (label_parse(&l, p, n, ID, a, &e))
		fail_msg("%s", e.msg);
	free(p);
	return (l);
}

/* The manifest and through it every chunk. */
static int
read_files(struct archive *a, struct walk *w, struct object_info *info,
    struct err *e)
{
	static const struct manifest_events on = {
		.header = on_header, .entry = on_entry, .chunk = on_chunk
	};
	struct store_get	*get = NULL;
	struct sink		*s = NULL;
	int			 rc = -1;

	if (pack_reader_new(&w->packs, a, e) ||
	    store_get_open(&get, a->store, "base/" ID "/manifest", e) ||
	    manifest_sink_open(&s, &on, w, e) ||
	    object_fetch(info, a, get, HEAD_MANIFEST, "base/" ID "/manifest",
	    &s, e))
		goto out;
	rc = 0;
out:
	sink_free(s);
	store_get_free(get);
	pack_reader_free(w->packs);
	return (rc);
}

static void
test_read(void **state)
{
	struct archive		*a;
	struct object_info	 info;
	struct label		*l;
	struct err		 e = ERR_INIT;
	size_t			 i;

	(void)state;
	for (i = 0; i < LEN(golden); i++) {
		struct walk	 w = { .entries = 0 };

		install(golden[i]);
		a = open_archive(ring.restore);
		l = read_label(a);
		assert_string_equal(l->label, "golden");
		assert_int_equal(l->files, 2);
		if (read_files(a, &w, &info, &e))
			fail_msg("%s%s", golden[i], e.msg);
		assert_int_equal(info.head.version, i < 3 ? i + 1 : 3);
		assert_int_equal(w.diffs, i < 3 ? 0 : 1);
		assert_int_equal(w.entries, 5);
		assert_int_equal(w.chunks, 4);
		assert_memory_equal(info.head_hash, l->manifest_hash,
		    HASH_LEN);
		assert_int_equal(info.stored, l->manifest_size);
		label_free(l);
		archive_free(a);
	}
}

/* The inventory in its place, and a key that retires the signer of all. */
static const char *
why_refused(const char *label, int inventory)
{
	static struct err	 e;
	struct archive		*a;
	struct label		*l = NULL;
	struct key		*k = NULL;
	char			*p;
	size_t			 n;

	install(label);
	e = (struct err)ERR_INIT;
	if (inventory) {
		if (io_load(DATA "/golden-inventory", 1 << 20, &p, &n, &e) ||
		    io_mkdirs(testdir_path(CLUSTER "vouched"), 0700, &e))
			fail_msg("%s", e.msg);
		testdir_write(CLUSTER VOUCHED, p, n);
		free(p);
	}
	if (key_load(&k, DATA "/golden-retired.public", NULL, &e))
		fail_msg("%s", e.msg);
	a = open_archive(k);
	p = testdir_read(PLACE "label", &n);
	if (label_parse(&l, p, n, ID, a, &e) == 0)
		assert_string_equal(l->label, "golden");
	label_free(l);
	free(p);
	archive_free(a);
	key_free(k);
	return (e.msg);
}

static void
test_inventory(void **state)
{
	(void)state;
	assert_non_null(strstr(why_refused("golden-3-", 0), "holds no "
	    "inventory"));
	assert_string_equal(why_refused("golden-3-", 1), "");
	assert_non_null(strstr(why_refused("golden-2-", 1), "no inventory "
	    "lists it"));
	assert_int_equal(unlink(testdir_path(CLUSTER VOUCHED)), 0);
}

/* Each bad object in the golden one's place: refused, whoever asks. */
static void
test_bad_objects(void **state)
{
	static const struct {
		const char	*bad, *name;
	} cases[] = {
		{ "bad-label-flipped", "label" },
		{ "bad-label-cut", "label" },
		{ "bad-label-version", "label" },
		{ "bad-label-marker", "label" },
		{ "bad-pack-flipped", "pack-00000001" },
		{ "bad-pack-cut", "pack-00000001" },
		{ "bad-pack-wal", "pack-00000001" },
		{ "bad-manifest-flipped", "manifest" },
		{ "bad-manifest-cut", "manifest" },
		{ "bad-manifest-pack", "manifest" }
	};
	struct archive		*a;
	struct object_info	 info;
	struct label		*l = NULL;
	char			 path[512], *p;
	size_t			 i, n;
	int			 rc;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		struct walk	 w = { .entries = 0 };
		struct err	 e = ERR_INIT;

		install(golden[0]);
		(void)snprintf(path, sizeof(path), DATA "/%s", cases[i].bad);
		if (io_load(path, 1 << 20, &p, &n, &e) != 0)
			fail_msg("%s: %s", path, e.msg);
		(void)snprintf(path, sizeof(path), PLACE "%s",
		    cases[i].name);
		testdir_write(path, p, n);
		a = open_archive(ring.restore);
		rc = strcmp(cases[i].name, "label") == 0 ?
		    label_parse(&l, p, n, ID, a, &e) :
		    read_files(a, &w, &info, &e);
		if (rc != -1 || e.kind != ERR_CORRUPT)
			fail_msg("%s: %d %s", cases[i].bad, rc, e.msg);
		archive_free(a);
		free(p);
	}
}

static int
parse_records(const char *name, struct err *e)
{
	static const struct manifest_events	 none = { .header = NULL };
	struct sink	*s = NULL;
	char		 path[512], *p;
	size_t		 n;
	int		 rc = -1;

	(void)snprintf(path, sizeof(path), DATA "/%s", name);
	if (io_load(path, 1 << 20, &p, &n, e) != 0)
		fail_msg("%s: %s", path, e->msg);
	if (manifest_sink_open(&s, &none, NULL, e) == 0 &&
	    sink_write(s, p, n, e) == 0)
		rc = sink_finish(s, e);
	sink_free(s);
	free(p);
	return (rc);
}

/* What an authentic manifest may not say either. */
static void
test_records(void **state)
{
	static const char *const bad[] = {
		"bad-records-version", "bad-records-order",
		"bad-records-twice", "bad-records-outside",
		"bad-records-absolute", "bad-records-backup",
		"bad-records-link", "bad-records-sum", "bad-records-count",
		"bad-records-cut", "bad-records-extended",
		"bad-records-chunk-size", "bad-records-databases",
		"bad-records-config-path", "bad-records-config-relative",
		"bad-records-config-order", "bad-records-config-size",
		"bad-records-config-none"
	};
	struct err	 ok = ERR_INIT;
	size_t		 i;

	(void)state;
	if (parse_records("good-records", &ok))
		fail_msg("good-records: %s", ok.msg);
	if (parse_records("good-records-named", &ok))
		fail_msg("good-records-named: %s", ok.msg);
	if (parse_records("good-records-config", &ok))
		fail_msg("good-records-config: %s", ok.msg);
	for (i = 0; i < LEN(bad); i++) {
		struct err	 e = ERR_INIT;

		if (parse_records(bad[i], &e) != -1 || e.kind != ERR_CORRUPT)
			fail_msg("%s: %s", bad[i], e.msg);
	}
}

/* The label can be read with the public halves alone. */
static void
test_label_public(void **state)
{
	struct archive	*a;

	(void)state;
	install(golden[0]);
	a = open_archive(ring.public);
	label_free(read_label(a));
	archive_free(a);
}

/*
 * The making of it.  The first chunk of the large file lies over one in which
 * pages 1 and 3 are others.
 */
static void
add_diff(struct pack_writer *w, const uint8_t *p, struct pack_ref *ref)
{
	static uint8_t		 base[CHUNK];
	static const uint8_t	 set = 0x0a;
	struct pack_ref		 lies;
	struct err		 e = ERR_INIT;
	uint8_t			 hash[HASH_LEN];

	memcpy(base, p, CHUNK);
	memset(base + PACKDIFF_PAGE, 'x', PACKDIFF_PAGE);
	memset(base + 3 * PACKDIFF_PAGE, 'y', PACKDIFF_PAGE);
	hash_of(hash, p, CHUNK);
	if (pack_writer_add(w, base, CHUNK, NULL, &lies, &e) ||
	    pack_writer_diff(w, p, CHUNK, hash, &set, &lies, ref, &e))
		fail_msg("%s", e.msg);
}

static void
add_file(struct manifest_writer *m, struct pack_writer *w, const char *path,
    const uint8_t *p, size_t n)
{
	struct manifest_entry	 en = { .type = MANIFEST_FILE, .path = path,
	    .mode = 0600, .mtime_us = INT64_C(1795320001000000), .size = n };
	struct pack_ref		 ref;
	struct err		 e = ERR_INIT;
	size_t			 k;

	if (manifest_writer_entry(m, &en, &e))
		fail_msg("%s", e.msg);
	for (; n > 0; p += k, n -= k) {
		k = n < CHUNK ? n : CHUNK;
		if (n == LARGE)
			add_diff(w, p, &ref);
		else if (pack_writer_add(w, p, k, NULL, &ref, &e))
			fail_msg("%s", e.msg);
		if (manifest_writer_chunk(m, &ref, &e))
			fail_msg("%s", e.msg);
	}
}

static void
add_dir(struct manifest_writer *m, enum manifest_type type, const char *path)
{
	struct manifest_entry	 en = { .type = type, .path = path,
	    .mode = 0700, .target = "/srv/ts" };
	struct err		 e = ERR_INIT;

	if (manifest_writer_entry(m, &en, &e))
		fail_msg("%s", e.msg);
}

static void
make_label(struct archive *a, const struct object_info *info)
{
	struct label	*l = NULL;
	struct err	 e = ERR_INIT;

	if (label_new(&l, &e))
		fail_msg("%s", e.msg);
	(void)snprintf(l->id, sizeof(l->id), ID);
	l->label = strdup("golden");
	l->postgresql = 150010;
	l->start_us = INT64_C(1795320001123456);
	l->stop_us = INT64_C(1795320061000000);
	l->start_lsn = 0x1000028;
	l->stop_lsn = 0x1000100;
	l->timeline = 1;
	(void)snprintf(l->start_wal, LABEL_WALNAME,
	    "000000010000000000000001");
	(void)snprintf(l->stop_wal, LABEL_WALNAME,
	    "000000010000000000000001");
	l->wal_segment_size = 16 << 20;
	l->chunk_size = CHUNK;
	l->files = 2;
	l->size = LARGE + sizeof(SMALL) - 1;
	memcpy(l->manifest_hash, info->head_hash, HASH_LEN);
	l->manifest_size = info->stored;
	assert_int_equal(label_refer(l, ID, 1, 1, &e), 0);
	if (label_publish(l, a, &e))
		fail_msg("%s", e.msg);
	label_free(l);
}

static void
make_backup(struct archive *a)
{
	static uint8_t		 large[LARGE];
	static const char *const ids[] = { ID };
	static const struct manifest_more more = { .diffs = 1 };
	struct pack_counter	*c = NULL;
	struct pack_writer	*w = NULL;
	struct manifest_writer	*m = NULL;
	struct object_info	 info;
	struct sink		*s = NULL;
	struct err		 e = ERR_INIT;
	size_t			 i;

	for (i = 0; i < LARGE; i++)
		large[i] = byte_of(i);
	if (pack_counter_new(&c, &e) ||
	    pack_writer_new(&w, a, ID, (struct codec_spec){ CODEC_ZSTD, 3 },
	    c, &e) ||
	    object_sink_open(&s, a, HEAD_MANIFEST, "base/" ID "/manifest",
	    (struct codec_spec){ CODEC_XZ, 0 }, &info, &e) ||
	    manifest_writer_new_more(&m, s, CHUNK, ids, 1, &more, &e))
		fail_msg("%s", e.msg);
	add_dir(m, MANIFEST_DIR, "base");
	add_file(m, w, "base/1", (const uint8_t *)SMALL, sizeof(SMALL) - 1);
	add_file(m, w, "base/2", large, LARGE);
	add_dir(m, MANIFEST_DIR, "pg_tblspc");
	add_dir(m, MANIFEST_LINK, "pg_tblspc/16385");
	if (pack_writer_finish(w, &e) || manifest_writer_end(m, &e) ||
	    sink_finish(s, &e))
		fail_msg("%s", e.msg);
	make_label(a, &info);
	manifest_writer_free(m);
	sink_free(s);
	pack_writer_free(w);
	pack_counter_free(c);
}

static void
test_write(void **state)
{
	const char	*dir = getenv("GOLDEN_WRITE");
	struct archive	*a = open_archive(ring.push);
	struct err	 e = ERR_INIT;
	char		 path[512], *p;
	size_t		 i, n;

	(void)state;
	store_makes_base(a->store, 1);	/* there is no marker */
	make_backup(a);
	archive_free(a);
	for (i = 0; i < LEN(names); i++) {
		(void)snprintf(path, sizeof(path), PLACE "%s", names[i]);
		p = testdir_read(path, &n);
		(void)snprintf(path, sizeof(path), "%s/%s%s", dir,
		    golden[LEN(golden) - 1], names[i]);
		if (io_save(path, 0644, p, n, 0, &e) == -1 &&
		    e.kind != ERR_CONFLICT)
			fail_msg("%s", e.msg);
		err_clear(&e);
		free(p);
	}
}

int
main(void)
{
#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest	 tests[] = {
		T(test_read),
		T(test_label_public), T(test_inventory),
		T(test_bad_objects), T(test_records),
	};
	const struct CMUnitTest	 make[] = { T(test_write) };

	return (getenv("GOLDEN_WRITE") != NULL ?
	    cmocka_run_group_tests(make, NULL, NULL) :
	    cmocka_run_group_tests(tests, NULL, NULL));
}
