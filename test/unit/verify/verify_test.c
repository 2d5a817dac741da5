/* SPDX-License-Identifier: ISC */
/* Verification: what is found in repositories made by hand. */
#include <sys/stat.h>

#include <fcntl.h>
#include <glob.h>
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
#include "base/clock.h"
#include "base/str.h"
#include "faultenv.h"
#include "mortal.h"
#include "pg/control.h"
#include "pg/walfacts.h"
#include "pg/walname.h"
#include "repo/layout.h"
#include "repo/marker.h"
#include "repo/object.h"
#include "testdir.h"
#include "verify/verify.h"
#include "verify/verifyvouch.h"

#define CHUNK	65536
#define MB	FAULTENV_SEGSIZE
#define ONE	"20261101T000000Z"
#define TWO	"20261102T000000Z"

/* What was told. */
static char	 told[16][2048];
static unsigned	 ntold, nnotes;
static struct verifyvouch *vouch;	/* what is collected, or NULL */
static int	 remembers;		/* what the last one saw */
static void	 (*noted)(void);	/* what happens at the next note */
static void	 (*found)(void);	/* and at the next finding */
static unsigned	 nbare;			/* findings without their meaning */

static int
on_finding(void *arg, const struct verify_finding *f, struct err *e)
{
	(void)arg;
	(void)e;
	if (ntold < 16)
		(void)snprintf(told[ntold], sizeof(told[0]), "%s: %s; %s",
		    f->object, f->found, f->means);
	ntold++;
	nbare += (unsigned)str_begins(f->means, "what that means is said of");
	if (found != NULL)
		found();
	found = NULL;
	return (0);
}

static void
on_note(void *arg, const char *text)
{
	(void)arg;
	(void)text;
	nnotes++;
	if (noted != NULL)
		noted();
	noted = NULL;
}

/* Tests damage a repository in one way after the other. */
static void
forget_seen(void)
{
	glob_t	 g = { .gl_pathc = 0 };
	size_t	 i;

	(void)glob(testdir_path("state/*/*/seen-*"), 0, NULL, &g);
	for (i = 0; i < g.gl_pathc; i++)
		assert_int_equal(unlink(g.gl_pathv[i]), 0);
	globfree(&g);
}

static int
verify(struct archive *a, enum verify_depth depth, const char *id,
    struct verify_sum *sum, struct err *e)
{
	char				 dir[512], state[512];
	const struct store_conf		 store = { .repository = dir,
	    .io_timeout_ms = 10000, .require_fsync = 1 };
	const struct verify_conf	 conf = {
		.store = &store, .depth = depth, .jobs = 2,
		.state_dir = noted != NULL ? NULL : state,
		.now_us = clock_now_us(),
		.vouch = vouch, .finding = on_finding, .note = on_note
	};

	(void)snprintf(dir, sizeof(dir), "%s", testdir_path("repo"));
	(void)snprintf(state, sizeof(state), "%s", testdir_path("state"));
	if (!remembers)
		forget_seen();
	ntold = nnotes = nbare = 0;
	return (verify_run(sum, a, &conf, id, e));
}

static struct verify_sum
look(enum verify_depth depth, const char *id)
{
	struct archive		*a;
	struct verify_sum	 sum;
	struct err		 e = ERR_INIT;

	a = faultenv_open(depth == VERIFY_CONTENTS ? faultenv_restore :
	    faultenv_public);
	if (verify(a, depth, id, &sum, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(sum.findings, ntold);
	archive_free(a);
	return (sum);
}

/* That very finding at this depth, and no other. */
static void
expect(enum verify_depth depth, const char *begin, const char *part)
{
	(void)look(depth, NULL);
	if (ntold != 1 || !str_begins(told[0], begin) ||
	    strstr(told[0], part) == NULL)
		fail_msg("depth %d: %u findings, like \"%s\"", depth, ntold,
		    ntold > 0 ? told[0] : "");
}

static void
expect_none(enum verify_depth depth)
{
	(void)look(depth, NULL);
	if (ntold != 0)
		fail_msg("depth %d: \"%s\"", depth, told[0]);
}

static void
move(const char *from, const char *to)
{
	char	 path[512];

	(void)snprintf(path, sizeof(path), "%s",
	    testdir_path(faultenv_file(from)));
	assert_int_equal(rename(path, testdir_path(faultenv_file(to))), 0);
}

static void
make_old(const char *path)
{
	struct timespec	 t[2] = { { .tv_sec = clock_now_us() / 1000000 -
	    2 * 86400 }, { .tv_sec = 0 } };

	t[1] = t[0];
	assert_int_equal(utimensat(AT_FDCWD,
	    testdir_path(faultenv_file(path)), t, 0), 0);
}

static void
put_marker(void)
{
	struct archive		*a = faultenv_open(faultenv_push);
	struct store_get	*get = NULL;
	struct marker		 m;
	struct err		 e = ERR_INIT;

	if (marker_open(&get, a, &e) || marker_ensure(&m, a, get,
	    testdir_path("state"), MB, &e))
		fail_msg("%s", e.msg);
	store_get_free(get);
	archive_free(a);
}

static void
put_object(enum head_kind kind, const char *path, const void *p, size_t n)
{
	struct archive	*a = faultenv_open(faultenv_push);
	struct sink	*s = NULL;
	struct err	 e = ERR_INIT;

	if (object_sink_open(&s, a, kind, path,
	    (struct codec_spec){ CODEC_ZSTD, 1 }, NULL, &e) ||
	    sink_write(s, p, n, &e) || sink_finish(s, &e))
		fail_msg("%s", e.msg);
	sink_free(s);
	archive_free(a);
}

static const char *
wal(unsigned segno)
{
	static char	 path[4][LAYOUT_PATH];
	static unsigned	 at;
	char		*p = path[at++ % 4];

	(void)snprintf(p, LAYOUT_PATH, "wal/00000001/00000000/"
	    "0000000100000000%08X", segno);
	return (p);
}

static void
put_wal(unsigned first, unsigned last)
{
	uint8_t	*seg;

	for (; first <= last; first++) {
		seg = faultenv_segment(strrchr(wal(first), '/') + 1, first);
		put_object(HEAD_WAL, wal(first), seg, MB);
		free(seg);
	}
}

/* A segment under its name, with facts; "lie": another number of commits. */
static void
put_facts(unsigned segno, uint32_t lie)
{
	struct archive		*a = faultenv_open(faultenv_push);
	uint8_t			*seg = faultenv_segment(strrchr(wal(segno),
	    '/') + 1, segno);
	uint8_t			 facts[WALFACTS_LEN];
	struct walfacts		 f;
	struct walfacts_notes	 n;
	struct object_put	*put = NULL;
	struct sink		*s;
	struct err		 e = ERR_INIT;
	int			 rc;

	walfacts_begin(&n);
	walfacts_add(&n, seg, MB);
	f = *walfacts_end(&n);
	f.commits += lie;
	walfacts_encode(facts, &f);
	if (object_put_open(&put, a, HEAD_WAL, wal(segno), &e) ||
	    object_put_sink(put, (struct codec_spec){ CODEC_ZSTD, 1 }, &s,
	    &e) || sink_write(s, seg, MB, &e))
		fail_msg("%s", e.msg);
	object_put_facts(put, facts);
	assert_int_equal(object_put_end(put, &e), 0);
	while ((rc = object_put_step(put, &e)) == 1)
		assert_int_equal(store_wait(a->store, &e), 0);
	assert_int_equal(rc, 0);
	object_put_free(put);
	archive_free(a);
	free(seg);
}

/* What a backup is made of, and how it is spoiled. */
struct backup {
	const char	*id;
	unsigned	 start;		/* segment */
	int64_t		 start_us;
	const struct backup *old;	/* whose chunk 0 is used again */
	int		 no_packs_of_old;	/* in the label */
	int		 wrong_hash, wrong_offset, wrong_offset_far;
	int		 wrong_old;	/* hash of the old chunk */
	unsigned	 wrong_more;	/* so many more wrong references */
	int		 differs;	/* chunk 1 lies over the old one */
	int		 wrong_diff;	/* the place of its difference */
	int		 no_control, no_backup_label, files_more;
	int		 other_manifest;	/* than the label's */
	struct pack_ref	 ref[2];	/* out */
};

static void
put_file(struct manifest_writer *m, const char *path, uint64_t size,
    const struct pack_ref *ref, unsigned n)
{
	const struct manifest_entry	 en = { .type = MANIFEST_FILE,
	    .path = path, .mode = 0600, .size = size };
	struct err			 e = ERR_INIT;
	unsigned			 i;

	if (manifest_writer_entry(m, &en, &e))
		fail_msg("%s", e.msg);
	for (i = 0; i < n; i++)
		if (manifest_writer_chunk(m, &ref[i], &e))
			fail_msg("%s", e.msg);
}

static void
noise(uint8_t *p, size_t n, uint32_t *x)
{
	for (; n > 0; n--)
		*p++ = (uint8_t)((*x = *x * 1664525 + 1013904223) >> 24);
}

static uint32_t
seed_of(const struct backup *b)
{
	return ((uint32_t)b->start * 2654435761U + 1);
}

/* The old chunk 1 with two other pages, in place of the chunk in "buf". */
static void
put_diff(struct pack_writer *w, struct backup *b, uint8_t buf[CHUNK])
{
	static const uint8_t	 set = 0x24;
	uint8_t			 hash[HASH_LEN];
	struct pack_ref		 base = b->old->ref[1];
	struct err		 e = ERR_INIT;
	uint32_t		 x = seed_of(b->old), y = 7;

	noise(buf, CHUNK, &x);
	noise(buf, CHUNK, &x);
	noise(buf + 2 * PACKDIFF_PAGE, PACKDIFF_PAGE, &y);
	noise(buf + 5 * PACKDIFF_PAGE, PACKDIFF_PAGE, &y);
	hash_of(hash, buf, CHUNK);
	base.backup = 1;
	if (pack_writer_diff(w, buf, CHUNK, hash, &set, &base, &b->ref[1],
	    &e))
		fail_msg("%s", e.msg);
}

static void
put_chunks(struct archive *a, struct backup *b, struct pack_ref *control,
    uint64_t *stored)
{
	static uint8_t		 buf[CHUNK];
	struct pack_counter	*counter = NULL;
	struct pack_writer	*w = NULL;
	struct err		 e = ERR_INIT;
	unsigned		 i;
	uint32_t		 x = seed_of(b);

	if (pack_counter_new(&counter, &e) || pack_writer_new(&w, a, b->id,
	    (struct codec_spec){ CODEC_NONE, 0 }, counter, &e))
		fail_msg("%s", e.msg);
	for (i = 0; i < 2; i++) {
		noise(buf, CHUNK, &x);
		if (i == 1 && b->differs)
			put_diff(w, b, buf);
		else if (pack_writer_add(w, buf, CHUNK, NULL, &b->ref[i], &e))
			fail_msg("%s", e.msg);
	}
	if (pack_writer_add(w, buf, CONTROL_SIZE, NULL, control, &e) ||
	    pack_writer_finish(w, &e))
		fail_msg("%s", e.msg);
	*stored = pack_writer_stored(w);
	pack_writer_free(w);
	pack_counter_free(counter);
}

/* A file of two chunks in two packs, of which neither is the right one. */
static void
put_wrong(struct manifest_writer *m, const struct pack_ref refs[3],
    unsigned i)
{
	struct pack_ref	 wrong[2] = { refs[0], refs[2] };
	char		 path[32];

	wrong[0].hash[3] ^= 1;
	wrong[1].hash[3] ^= 1;
	wrong[0].hash[4] = wrong[1].hash[4] = (uint8_t)(i >> 8);
	wrong[0].hash[5] = wrong[1].hash[5] = (uint8_t)i;
	(void)snprintf(path, sizeof(path), "base/2/%05u", i);
	put_file(m, path, (uint64_t)2 * CHUNK, wrong, 2);
}

static void
put_manifest(struct archive *a, struct backup *b,
    const struct pack_ref *control, struct object_info *info)
{
	const char		*ids[2] = { b->id, b->old ? b->old->id : "" };
	struct pack_ref		 refs[3];
	struct manifest_writer	*m = NULL;
	struct sink		*s = NULL;
	struct err		 e = ERR_INIT;
	char			 path[LAYOUT_PATH];
	unsigned		 i;

	refs[0] = b->ref[0];
	refs[1] = b->ref[1];
	refs[2] = (struct pack_ref){ .pack = 0 };
	if (b->old != NULL) {
		refs[2] = b->old->ref[0];
		refs[2].backup = 1;
		refs[2].hash[3] ^= (uint8_t)b->wrong_old;
	}
	if (b->wrong_hash)
		refs[1].hash[3] ^= 1;
	if (b->wrong_diff)
		refs[1].diff.offset = 100000000;
	if (b->wrong_offset)
		refs[1].offset += 5;
	if (b->wrong_offset_far)
		refs[1].offset = 100000000;
	if (object_sink_open(&s, a, HEAD_MANIFEST,
	    layout_manifest(path, b->id), (struct codec_spec){ CODEC_ZSTD,
	    1 }, info, &e) ||
	    manifest_writer_new_more(&m, s, CHUNK, ids, b->old ? 2 : 1,
	    &(struct manifest_more){ .diffs = b->differs }, &e))
		fail_msg("%s", e.msg);
	if (!b->no_backup_label)
		put_file(m, "backup_label", 0, NULL, 0);
	put_file(m, "base/1/2", (uint64_t)3 * CHUNK, refs, 3);
	for (i = 0; i < b->wrong_more; i++)
		put_wrong(m, refs, i);
	if (!b->no_control)
		put_file(m, "global/pg_control", CONTROL_SIZE, control, 1);
	if (manifest_writer_end(m, &e) || sink_finish(s, &e))
		fail_msg("%s", e.msg);
	manifest_writer_free(m);
	sink_free(s);
}

static void
name_wal(char out[LABEL_WALNAME], unsigned segno)
{
	(void)snprintf(out, LABEL_WALNAME, "%s", strrchr(wal(segno), '/') +
	    1);
}

static void
put_label(struct archive *a, const struct backup *b, uint64_t stored,
    const struct object_info *info)
{
	struct label	*l = NULL;
	struct err	 e = ERR_INIT;

	assert_int_equal(label_new(&l, &e), 0);
	memcpy(l->id, b->id, strlen(b->id) + 1);
	l->postgresql = 150000;
	l->start_us = b->start_us;
	l->stop_us = b->start_us + 1000000;
	l->start_lsn = b->start * MB + 40;
	l->stop_lsn = b->start * MB + 400;
	l->timeline = 1;
	name_wal(l->start_wal, b->start);
	name_wal(l->stop_wal, b->start);
	l->wal_segment_size = MB;
	l->chunk_size = CHUNK;
	l->files = 3 - (uint64_t)b->no_control -
	    (uint64_t)b->no_backup_label + (uint64_t)b->files_more +
	    b->wrong_more;
	l->size = (uint64_t)(3 + 2 * b->wrong_more) * CHUNK +
	    (b->no_control ? 0 : CONTROL_SIZE);
	l->stored_size = stored + info->stored;
	memcpy(l->manifest_hash, info->head_hash, HASH_LEN);
	l->manifest_hash[0] ^= (uint8_t)b->other_manifest;
	l->manifest_size = info->stored;
	assert_int_equal(label_refer(l, b->id, 1, 1, &e), 0);
	if (b->old != NULL && !b->no_packs_of_old)
		assert_int_equal(label_refer(l, b->old->id, 1, 1, &e), 0);
	if (label_publish(l, a, &e))
		fail_msg("%s", e.msg);
	label_free(l);
}

static void
put_backup(struct backup *b)
{
	struct archive		*a = faultenv_open(faultenv_push);
	struct object_info	 info;
	struct pack_ref		 control;
	uint64_t		 stored;

	if (b->start_us == 0)
		b->start_us = clock_now_us() - (INT64_C(100) - b->start) *
		    3600 * 1000000;
	put_chunks(a, b, &control, &stored);
	put_manifest(a, b, &control, &info);
	put_label(a, b, stored, &info);
	archive_free(a);
}

/* Two backups, the second with a chunk of the first's, and WAL 1 to 6. */
static void
put_all(struct backup *one, struct backup *two)
{
	put_marker();
	*one = (struct backup){ .id = ONE, .start = 2 };
	two->id = TWO;
	two->start = 4;
	two->old = one;
	put_backup(one);
	put_backup(two);
	put_wal(1, 6);
}

static void
test_good(void **state)
{
	struct backup		 one, two = { .id = TWO };
	struct verify_sum	 s;
	enum verify_depth	 d;

	(void)state;
	put_all(&one, &two);
	for (d = VERIFY_QUICK; d <= VERIFY_CONTENTS; d++) {
		s = look(d, NULL);
		assert_int_equal(ntold, 0);
		assert_int_equal(s.backups, 2);
		assert_int_equal(s.packs, 2);
		assert_int_equal(s.wal, 6);
		s = look(d, TWO);
		assert_int_equal(ntold, 0);
		assert_int_equal(s.backups, 1);
		assert_int_equal(s.packs, 2);
		assert_int_equal(s.wal, 3);
	}
}

/* The chunk that both need is read once. */
static void
test_read_once(void **state)
{
	struct backup		 one, two = { .id = TWO };
	struct verify_sum	 s;

	(void)state;
	put_all(&one, &two);
	s = look(VERIFY_CONTENTS, NULL);
	assert_int_equal(s.already, one.ref[0].stored);
	/* The headers of both packs are looked at first. */
	assert_true(s.read <= s.listed + (uint64_t)2 * HEAD_MAX);
	s = look(VERIFY_HASHES, NULL);
	assert_int_equal(s.read, s.listed);
	/* One signer, in service: two labels beside all that is listed. */
	assert_int_equal(s.nsigners, 1);
	assert_false(s.signer[0].retired);
	assert_int_equal(s.signer[0].objects, s.backups * 2 + s.packs + s.wal);
}

static void
test_shared_pack(void **state)
{
	struct backup		 one, two = { .id = TWO };
	enum verify_depth	 d;

	(void)state;
	put_all(&one, &two);
	assert_int_equal(unlink(testdir_path(faultenv_file("base/" ONE
	    "/pack-00000001"))), 0);
	for (d = VERIFY_QUICK; d <= VERIFY_CONTENTS; d++)
		expect(d, "base/" ONE "/pack-00000001: missing; ",
		    "backups " ONE ", " TWO " cannot be restored completely");
	/* Its owner has gone; who needs it has not. */
	move("base/" ONE "/label", "aside");
	for (d = VERIFY_QUICK; d <= VERIFY_CONTENTS; d++)
		expect(d, "base/" ONE "/pack-00000001: missing; ",
		    "backup " TWO " cannot be restored completely");
	/* A push under way looks so.  After a day it is worth a look. */
	assert_int_equal(nnotes, 0);
	make_old("base/" ONE "/manifest");
	expect(VERIFY_QUICK, "base/" ONE "/pack-00000001: missing; ", "");
	assert_int_equal(nnotes, 1);
	/* Not so an expired backup. */
	move("aside", "base/" ONE "/label.withdrawn");
	expect(VERIFY_QUICK, "base/" ONE "/pack-00000001: missing; ", "");
	assert_int_equal(nnotes, 0);
}

/* Names that are none of ours are silent, unless one of ours was moved. */
static void
test_names(void **state)
{
	struct backup	 one, two = { .id = TWO };

	(void)state;
	put_all(&one, &two);
	testdir_text(faultenv_file("base/.nfs0000"), "x");
	testdir_text(faultenv_file("wal/.snapshot"), "x");
	expect_none(VERIFY_QUICK);
	assert_int_equal(nnotes, 0);
	testdir_text(faultenv_file("base/" ONE ".old"), "x");
	expect_none(VERIFY_QUICK);
	assert_int_equal(nnotes, 1);
}

/* Signed by who may sign, and wrong: seen by contents alone. */
static void
test_manifests(void **state)
{
	static const struct {
		struct backup	 b;
		const char	*object, *says;
	} cases[] = {
		{ { .no_packs_of_old = 1 }, "manifest",
		    "base/1/2 lies in pack 1 of backup " ONE ", which the "
		    "label does not name: expiry may delete it" },
		{ { .wrong_hash = 1 }, "manifest", "base/" TWO
		    "/pack-00000001: byte 66379: authentic, but not the chunk "
		    "that the manifest means (a chunk of base/1/2), and all "
		    "bytes of that pack are as signed" },
		{ { .wrong_offset = 1 }, "manifest",
		    "(a chunk of base/1/2)" },
		{ { .wrong_old = 1 }, "manifest", "base/" ONE
		    "/pack-00000001: byte " },
		{ { .wrong_offset_far = 1 }, "manifest",
		    "a chunk at byte 100000000 of pack 1, whose chunks lie" },
		{ { .no_control = 1 }, "manifest",
		    "has no global/pg_control" },
		{ { .no_backup_label = 1 }, "manifest",
		    "has no backup_label" },
		{ { .files_more = 1 }, "manifest",
		    "has 3 files of 204800 bytes, the label says 4 of 204800"
		},
	};
	struct backup	 one, two;
	char		 object[64];
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		faultenv_clean();
		two = cases[i].b;
		put_all(&one, &two);
		expect_none(VERIFY_HASHES);
		(void)snprintf(object, sizeof(object), "base/" TWO "/%s: ",
		    cases[i].object);
		expect(VERIFY_CONTENTS, object, cases[i].says);
		assert_non_null(strstr(told[0], "backup " TWO " cannot be "
		    "restored"));
	}
}

/* One byte of a payload changed behind its header, or the end is missing. */
static void
test_damaged(void **state)
{
	const char *const	 paths[] = { "base/" ONE "/pack-00000001",
	    "base/" TWO "/manifest", wal(3) };
	static const char *const says[] = {
		"its bytes do not match the hash that was signed",
		"expected " };
	struct backup		 one, two = { .id = TWO };
	char			*p, begin[128];
	size_t			 i, n, how;

	(void)state;
	put_all(&one, &two);
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		p = testdir_read(faultenv_file(paths[i]), &n);
		(void)snprintf(begin, sizeof(begin), "%s: ", paths[i]);
		for (how = 0; how < 2; how++) {
			p[n - 20] = (char)(p[n - 20] ^ (how == 0));
			(void)unlink(testdir_path(faultenv_file(paths[i])));
			testdir_write(faultenv_file(paths[i]), p, n - how);
			expect(VERIFY_HASHES, begin, says[how]);
			if (i == 0 && how == 0)
				expect(VERIFY_CONTENTS, begin,
				    "(a chunk of global/pg_control)");
			p[n - 20] = (char)(p[n - 20] ^ (how == 0));
		}
		(void)unlink(testdir_path(faultenv_file(paths[i])));
		testdir_write(faultenv_file(paths[i]), p, n);
		free(p);
		expect_none(VERIFY_HASHES);
	}
}

/* Flip a byte of a pack behind its header, which stays authentic. */
static void
spoil_pack(const char *path)
{
	const char	*file = faultenv_file(path);
	size_t		 n;
	char		*p = testdir_read(file, &n);

	p[n - 20] = (char)(p[n - 20] ^ 1);
	(void)unlink(testdir_path(file));
	testdir_write(file, p, n);
	free(p);
}

/* Flip a byte of the pack at "path" behind "at". */
static void
flip_at(const char *path, uint32_t at)
{
	const char	*file = faultenv_file(path);
	size_t		 n;
	char		*p = testdir_read(file, &n);

	p[at + 30] = (char)(p[at + 30] ^ 1);
	(void)unlink(testdir_path(file));
	testdir_write(file, p, n);
	free(p);
}

/*
 * A chunk over a base of another backup: what is damaged is named, be it the
 * base or the difference; a difference that was proved is not read again.
 */
static void
test_differences(void **state)
{
	static const struct {
		struct backup	 b;
		const char	*says;
	} cases[] = {
		{ { .wrong_hash = 1 }, "authentic, but with the base at byte" },
		{ { .wrong_diff = 1 }, "a chunk at byte 100000000 of pack 1, "
		    "whose chunks lie" },
		{ { .no_packs_of_old = 1 }, "which the label does not name" },
	};
	struct backup		 one, two = { .differs = 1 };
	size_t			 i;

	(void)state;
	put_all(&one, &two);
	assert_int_equal(two.ref[1].diff.pack, 1);
	expect_none(VERIFY_CONTENTS);
	flip_at("base/" TWO "/pack-00000001", two.ref[1].diff.offset);
	expect(VERIFY_CONTENTS, "base/" TWO "/pack-00000001: byte ",
	    "(a chunk of base/1/2)");
	flip_at("base/" TWO "/pack-00000001", two.ref[1].diff.offset);
	flip_at("base/" ONE "/pack-00000001", two.ref[1].offset);
	expect(VERIFY_CONTENTS, "base/" ONE "/pack-00000001: byte ",
	    "(a chunk of base/1/2)");
	assert_non_null(strstr(told[0], "backups " ONE ", " TWO " cannot"));
	look(VERIFY_CONTENTS, TWO);
	assert_non_null(strstr(told[0], "base/" ONE "/pack-00000001: byte "));
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		faultenv_clean();
		two = cases[i].b;
		two.differs = 1;
		put_all(&one, &two);
		expect(VERIFY_CONTENTS, "base/" TWO "/manifest: ",
		    cases[i].says);
	}
}

/*
 * A manifest of a few kilobytes can refer wrongly to many chunks.  One finding
 * each for it or for a damaged pack is enough, and so are a few reads.
 */
static void
test_many_wrong(void **state)
{
	struct backup		 one, two = { .wrong_more = 1500 };
	struct verify_sum	 sum;

	(void)state;
	put_all(&one, &two);
	sum = look(VERIFY_CONTENTS, NULL);
	assert_int_equal(ntold, 1);
	assert_in_range(sum.read, 1, (uint64_t)600 * CHUNK);
	spoil_pack("base/" ONE "/pack-00000001");
	spoil_pack("base/" TWO "/pack-00000001");
	sum = look(VERIFY_CONTENTS, NULL);
	assert_int_equal(ntold, 2);
	assert_in_range(sum.read, 1, (uint64_t)600 * CHUNK);
}

/*
 * A backup of the thief refers wrongly to a genuine pack.  It came after the
 * time for which somebody vouches, so it says nothing.
 */
static void
test_late_label(void **state)
{
	const char *const	 old[] = { "label", "manifest",
	    "pack-00000001" };
	struct backup		 one, two = { .wrong_old = 1 };
	struct archive		*a;
	struct verify_sum	 sum;
	struct err		 e = ERR_INIT;
	char			 path[64];
	size_t			 i;

	(void)state;
	put_all(&one, &two);
	for (i = 0; i < sizeof(old) / sizeof(old[0]); i++) {
		(void)snprintf(path, sizeof(path), "base/" ONE "/%s", old[i]);
		make_old(path);
	}
	a = faultenv_open(faultenv_public);
	if (verifyvouch_new(&vouch, key_signer(faultenv_push, 0),
	    clock_now_us() - INT64_C(86400000000), &e) ||
	    verifyvouch_list(vouch, a, &e))
		fail_msg("%s", e.msg);
	archive_free(a);
	sum = look(VERIFY_CONTENTS, NULL);
	assert_int_equal(ntold, 0);
	assert_int_equal(sum.backups, 1);
	assert_int_equal(sum.packs, 1);
	assert_int_equal(nnotes, 1);
	verifyvouch_free(vouch);
	vouch = NULL;
	expect(VERIFY_CONTENTS, "base/" TWO "/manifest: ", "as signed");
}

/* What nobody may open is a finding, and the rest is verified all the same. */
static void
test_closed(void **state)
{
	const char *const	 paths[] = { "base/" ONE "/pack-00000001",
	    "base/" TWO "/manifest", wal(3) };
	struct backup		 one, two = { .id = TWO };
	char			 begin[128], order[600];
	const int		 root = geteuid() == 0;
	size_t			 i;

	(void)state;
	put_all(&one, &two);
	(void)snprintf(order, sizeof(order), "chown -R 65534 '%s'",
	    testdir_path("."));
	if (root && (system(order) != 0 || seteuid(65534) != 0))
		fail_msg("cannot become another user");
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		assert_int_equal(chmod(testdir_path(faultenv_file(paths[i])),
		    0), 0);
		(void)snprintf(begin, sizeof(begin), "%s: ", paths[i]);
		expect(VERIFY_HASHES, begin, "ermission denied");
		assert_int_equal(chmod(testdir_path(faultenv_file(paths[i])),
		    0400), 0);
	}
	expect_none(VERIFY_HASHES);
	if (root)
		assert_int_equal(seteuid(0), 0);
}

/* It is authentic and lies in its place: the headers tell, without a key. */
static void
test_other_manifest(void **state)
{
	static const enum verify_depth	 levels[] = { VERIFY_HASHES,
	    VERIFY_CONTENTS };
	struct backup			 one, two = { .other_manifest = 1 };
	size_t				 i;

	(void)state;
	put_all(&one, &two);
	for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		expect(levels[i], "base/" TWO "/manifest: ",
		    "is not the manifest that the label names");
}

/* The same for WAL files. */
static void
test_wal_contents(void **state)
{
	struct backup	 one, two = { .id = TWO };
	uint8_t		*seg;

	(void)state;
	put_all(&one, &two);
	seg = faultenv_segment(strrchr(wal(9), '/') + 1, 9);
	put_object(HEAD_WAL, wal(7), seg, MB);
	expect_none(VERIFY_HASHES);
	expect(VERIFY_CONTENTS, wal(7), "another segment's content; recovery "
	    "from backups " ONE ", " TWO " ends at LSN 0/700000: no later "
	    "point can be reached");
	assert_int_equal(unlink(testdir_path(faultenv_file(wal(7)))), 0);
	put_object(HEAD_WAL, wal(7), seg, 2000);
	expect_none(VERIFY_HASHES);
	expect(VERIFY_CONTENTS, wal(7), "holds 2000 bytes of WAL, expected "
	    "1048576");
	assert_int_equal(unlink(testdir_path(faultenv_file(wal(7)))), 0);
	free(seg);
	put_facts(7, 0);
	expect_none(VERIFY_CONTENTS);
	assert_int_equal(unlink(testdir_path(faultenv_file(wal(7)))), 0);
	put_facts(7, 1);
	expect_none(VERIFY_HASHES);
	expect(VERIFY_CONTENTS, wal(7), "facts that are not those of its WAL");
	assert_int_equal(unlink(testdir_path(faultenv_file(wal(7)))), 0);
	put_object(HEAD_WAL, "wal/00000002.history", "# nothing\n", 10);
	expect_none(VERIFY_HASHES);
	expect(VERIFY_CONTENTS, "wal/00000002.history: ", "names no timeline "
	    "that this one came from; no backup of an older timeline can be "
	    "recovered onto timeline 2");
}

static void
test_future(void **state)
{
	struct backup	 one, two = { .id = TWO };

	(void)state;
	two.start_us = clock_now_us() + INT64_C(7200) * 1000000;
	put_all(&one, &two);
	expect(VERIFY_QUICK, "base/" TWO "/label: its backup began at ",
	    "which is in the future by this host's clock");
	expect(VERIFY_CONTENTS, "base/" TWO "/label: ", "in the future");
}

/* What is missing before and behind the second backup. */
static void
test_gaps(void **state)
{
	struct backup	 one, two = { .id = TWO };

	(void)state;
	put_all(&one, &two);
	assert_int_equal(unlink(testdir_path(faultenv_file(wal(3)))), 0);
	expect(VERIFY_QUICK, wal(3), "recovery from backup " ONE " ends at "
	    "LSN 0/300000: no later point can be reached before the end of "
	    "backup " TWO " (");
	(void)look(VERIFY_QUICK, TWO);
	assert_int_equal(ntold, 0);
	put_wal(3, 3);
	assert_int_equal(unlink(testdir_path(faultenv_file(wal(4)))), 0);
	assert_int_equal(unlink(testdir_path(faultenv_file(wal(5)))), 0);
	expect(VERIFY_QUICK, wal(4), "missing, and so is "
	    "000000010000000000000005; backup " TWO " cannot be restored, "
	    "and recovery from backup " ONE " ends at LSN 0/400000");
	assert_int_equal(unlink(testdir_path(faultenv_file(wal(6)))), 0);
	expect(VERIFY_QUICK, wal(4), "missing; backup " TWO " cannot");
}

/* The listings that come before the one that is reported count for nothing. */
static void
test_explained(void **state)
{
	const unsigned	 most = 200;
	struct backup	 one, two = { .id = TWO };
	unsigned	 i;

	(void)state;
	put_all(&one, &two);
	for (i = 7; i < 7 + most; i++)
		testdir_text(faultenv_file(wal(i)), "x");
	(void)look(VERIFY_QUICK, NULL);
	assert_int_equal(ntold, most);
	assert_int_equal(nbare, 0);
	testdir_text(faultenv_file(wal(i)), "x");
	(void)look(VERIFY_QUICK, NULL);
	assert_int_equal(ntold, most + 1);
	assert_int_equal(nbare, 1);
}

/* What an earlier verification saw, at any depth and of any backup. */
static void
test_set_back(void **state)
{
	struct backup		 one, two = { .id = TWO };
	enum verify_depth	 d;

	(void)state;
	put_all(&one, &two);
	expect_none(VERIFY_QUICK);
	remembers = 1;
	(void)look(VERIFY_SIGNATURES, ONE);
	assert_int_equal(ntold, 0);
	/* The storage host goes back to a time before these. */
	move("base/" TWO, "away");
	assert_int_equal(unlink(testdir_path(faultenv_file(wal(6)))), 0);
	for (d = VERIFY_QUICK; d <= VERIFY_CONTENTS; d++) {
		(void)look(d, d == VERIFY_HASHES ? ONE : NULL);
		assert_int_equal(ntold, 2);
		assert_non_null(strstr(told[0], "base/" TWO "/label: gone, "
		    "although this host saw it, last at "));
		assert_non_null(strstr(told[0], "and no newer backup stands; "
		    "the repository was set back to an earlier state"));
		assert_non_null(strstr(told[1], wal(6)));
		assert_non_null(strstr(told[1], "and backup " ONE " needs it "
		    "for later points; the repository was set back"));
	}
	/* It comes back. */
	move("away", "base/" TWO);
	put_wal(6, 6);
	expect_none(VERIFY_QUICK);
	remembers = 0;
}

static void
test_absent(void **state)
{
	struct archive		*a = faultenv_open(faultenv_public);
	struct verify_sum	 s;
	struct err		 e = ERR_INIT;
	struct backup		 one, two = { .id = TWO };

	(void)state;
	assert_int_equal(verify(a, VERIFY_QUICK, NULL, &s, &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	assert_non_null(strstr(e.msg, "is the repository's disk mounted?"));
	err_clear(&e);
	put_all(&one, &two);
	assert_int_equal(verify(a, VERIFY_QUICK, "20200101T000000Z", &s, &e),
	    1);
	archive_free(a);
}

/* What cannot be asked is an error, wherever it happens, and no finding. */
static void
test_faults(void **state)
{
	struct backup		 one, two = { .id = TWO };
	struct archive		*a;
	struct verify_sum	 s;
	struct err		 e;
	unsigned		 k;
	int			 rc = -1;

	(void)state;
	put_all(&one, &two);
	for (k = 1; rc != 0 && k < 1000; k++) {
		a = faultenv_open(faultenv_restore);
		e = (struct err)ERR_INIT;
		(void)faultenv_fail(a, k, 0);
		rc = verify(a, VERIFY_CONTENTS, NULL, &s, &e);
		assert_int_equal(s.findings, 0);
		assert_int_equal(ntold, 0);
		if (rc == -1)
			assert_int_equal(e.kind, ERR_REMOTE);
		(void)faultenv_fail(a, 0, 0);
		archive_free(a);
	}
	assert_int_equal(rc, 0);
	assert_true(k > 8);
}

static void
drop(const char *path)
{
	(void)unlink(testdir_path(faultenv_file(path)));
}

/* Expiry of the first backup; it stops where packs and WAL are gone. */
static void
expire_one(void)
{
	drop("base/" ONE "/label");
	drop("base/" ONE "/pack-00000001");
	drop(wal(1));
	drop(wal(2));
	drop(wal(3));
}

static void
expire_all_of_one(void)
{
	expire_one();
	drop("base/" ONE "/manifest");
}

static void
on_look(void *arg)
{
	void	(*fn)(void) = *(void (**)(void))arg;

	fn();
}

/* Two that share nothing; what expires at any moment is not missed. */
static void
expire_meanwhile(enum verify_depth depth, void (*expire)(void))
{
	struct backup		 one, two;
	struct archive		*a;
	struct verify_sum	 s;
	struct err		 e = ERR_INIT;
	int			 k, looks = 1;

	for (k = 0; k < looks; k++) {
		one = (struct backup){ .id = ONE, .start = 2 };
		two = (struct backup){ .id = TWO, .start = 4 };
		put_backup(&one);
		if (k == 0)
			put_backup(&two);
		put_wal(1, k == 0 ? 6 : 3);
		a = faultenv_open(depth == VERIFY_CONTENTS ?
		    faultenv_restore : faultenv_public);
		mortal_wrap(a, 99);
		mortal_meet_look(a, k, on_look, &expire);
		if (verify(a, depth, NULL, &s, &e))
			fail_msg("look %d: %s", k, e.msg);
		looks = mortal_looks(a);
		archive_free(a);
		if (ntold != 0)
			fail_msg("look %d: \"%s\"", k, told[0]);
		expire_all_of_one();
	}
	assert_true(k > 6);
}

static void
test_expired_meanwhile(void **state)
{
	struct backup		 one = { .id = ONE, .start = 2 };
	struct archive		*a;
	struct verify_sum	 s;
	struct err		 e = ERR_INIT;
	enum verify_depth	 d;

	(void)state;
	put_marker();
	expire_meanwhile(VERIFY_QUICK, expire_all_of_one);
	expire_all_of_one();
	drop("base/" TWO "/label");
	drop("base/" TWO "/manifest");
	drop("base/" TWO "/pack-00000001");
	expire_meanwhile(VERIFY_CONTENTS, expire_one);
	/* Behind all listings, before anything else is looked at. */
	for (d = VERIFY_HASHES; d <= VERIFY_CONTENTS; d++) {
		put_backup(&one);
		put_wal(1, 3);
		noted = expire_all_of_one;
		(void)look(d, NULL);
		assert_int_equal(ntold, 0);
		assert_int_equal(nnotes, 1);
		put_backup(&one);
		put_wal(1, 3);
		noted = expire_all_of_one;
		a = faultenv_open(faultenv_restore);
		assert_int_equal(verify(a, d, ONE, &s, &e), -1);
		assert_int_equal(e.kind, ERR_ABSENT);
		assert_string_equal(e.msg, "backup " ONE " was expired while "
		    "it was verified");
		err_clear(&e);
		archive_free(a);
	}
}

static void
lose_wal(void)
{
	drop(wal(4));
}

static void
lose_pack(void)
{
	drop("base/" TWO "/pack-00000001");
}

static void
lose_manifest(void)
{
	drop("base/" TWO "/manifest");
}

/* What is needed and goes away meanwhile is a finding all the same. */
static void
test_lost_meanwhile(void **state)
{
	static void	(*const lose[])(void) = {
		lose_wal, lose_pack, lose_manifest
	};
	struct backup	 one, two;
	enum verify_depth d;
	size_t		 i;

	(void)state;
	put_marker();
	put_wal(1, 6);
	one = (struct backup){ .id = ONE, .start = 2 };
	put_backup(&one);
	for (d = VERIFY_HASHES; d <= VERIFY_CONTENTS; d++)
		for (i = 0; i < 3; i++) {
			drop("base/" TWO "/label");
			lose_pack();
			lose_manifest();
			two = (struct backup){ .id = TWO, .start = 4 };
			put_backup(&two);
			noted = lose[i];
			(void)look(d, NULL);
			assert_int_equal(ntold, 1);
			assert_non_null(strstr(told[0], ": was listed, and is "
			    "missing now; "));
			assert_non_null(strstr(told[0], "backup " TWO
			    " cannot be restored"));
			if (i == 0)
				put_wal(4, 4);
		}
}

/*
 * A pack whose header was read, and which goes away before its chunks are: the
 * manifest of the first backup is a finding just in between.
 */
static void
test_lost_late(void **state)
{
	struct backup	 one = { .id = ONE, .start = 2, .no_control = 1 };
	struct backup	 two = { .id = TWO, .start = 4 };

	(void)state;
	put_marker();
	put_wal(1, 6);
	put_backup(&one);
	put_backup(&two);
	found = lose_pack;
	(void)look(VERIFY_CONTENTS, NULL);
	assert_int_equal(ntold, 2);
	assert_true(str_begins(told[0], "base/" ONE "/manifest: "));
	assert_true(str_begins(told[1], "base/" TWO "/pack-00000001: was "
	    "listed, and is "));
	assert_non_null(strstr(told[1], "; backup " TWO " cannot be "
	    "restored"));
}

int
main(void)
{
#define T(f)	cmocka_unit_test_setup_teardown(f, faultenv_setup, \
		    faultenv_teardown)
	const struct CMUnitTest	 tests[] = {
		T(test_good),
		T(test_read_once),
		T(test_shared_pack),
		T(test_names),
		T(test_manifests),
		T(test_damaged),
		T(test_differences),
		T(test_many_wrong),
		T(test_late_label),
		T(test_other_manifest),
		T(test_wal_contents),
		T(test_future),
		T(test_gaps),
		T(test_explained),
		T(test_set_back),
		T(test_absent),
		T(test_closed),
		T(test_faults),
		T(test_expired_meanwhile),
		T(test_lost_meanwhile),
		T(test_lost_late)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
