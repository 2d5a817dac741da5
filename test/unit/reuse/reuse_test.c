/* SPDX-License-Identifier: ISC */
/*
 * The merge with an earlier backup against a model of it; which files count
 * as unchanged; and every doubt about the earlier backup.
 */
#include <sys/stat.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "crypt/keygen.h"
#include "mortal.h"
#include "repo/object.h"
#include "repoenv.h"
#include "crypt/tag.h"
#include "reuse/lastmanifest.h"
#include "reuse/manifestspool.h"
#include "reuse/reuse.h"
#include "stream/mem.h"
#include "testdir.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define CHUNK	((uint32_t)65536)
#define ANCIENT	"20261101T000000Z"
#define OLD	"20261102T000000Z"
#define NEW	"20261103T000000Z"
#define SAFE	INT64_C(1700000000000000)
#define MANY	600
#define REFS	6
#define STORED	1000
#define LIST	"state/main/7301234567890123456/last-manifest"

/* A file of the earlier backup. */
struct old {
	char			 path[64];
	struct manifest_entry	 en;
	struct pack_ref		 refs[REFS];
	size_t			 nrefs;
};

static struct repoenv	 env;
static struct old	 olds[MANY];
static size_t		 nolds;
static char		 notes[2048];

static void
put_pack(const char *id, unsigned no, size_t n)
{
	char	 path[LAYOUT_PATH], *p = malloc(n + 1);

	assert_non_null(p);
	memset(p, 'x', n);
	p[n] = '\0';
	repoenv_put(layout_pack(path, id, no), p);
	free(p);
}

/* Chunks of two packs of its own and two of the ancient one, or zeros. */
static void
add_old(const char *path, uint64_t size, unsigned salt)
{
	struct old	*o = &olds[nolds];
	size_t		 i;

	memset(o, 0, sizeof(*o));
	(void)snprintf(o->path, sizeof(o->path), "%s", path);
	o->en = (struct manifest_entry){ .type = MANIFEST_FILE,
	    .path = o->path, .mode = 0600, .size = size,
	    .mtime_us = SAFE - 2000 - salt, .ctime_us = SAFE - 1000 - salt,
	    .inode = 100 + salt, .flags = MANIFEST_CHECKED,
	    .crc32c = 7 * salt };
	o->nrefs = manifest_chunks(size, CHUNK);
	assert_true(o->nrefs <= REFS);
	for (i = 0; i < o->nrefs; i++) {
		if ((salt + i) % 5 == 4)
			continue;
		o->refs[i] = (struct pack_ref){ .pack = 1 + (salt + i) % 2,
		    .backup = (uint16_t)((salt + i) / 2 % 2),
		    .offset = 500, .stored = STORED };
		memset(o->refs[i].hash, (int)(salt + i), HASH_LEN);
	}
	nolds++;
}

static void
write_olds(struct sink *to)
{
	static const char *const	 ids[] = { OLD, ANCIENT };
	struct manifest_writer		*w = NULL;
	struct err			 e = ERR_INIT;
	size_t				 i, k;

	assert_int_equal(manifest_writer_new(&w, to, CHUNK, ids, 2, &e), 0);
	for (i = 0; i < nolds; i++) {
		assert_int_equal(manifest_writer_entry(w, &olds[i].en, &e),
		    0);
		for (k = 0; k < olds[i].nrefs; k++)
			assert_int_equal(manifest_writer_chunk(w,
			    &olds[i].refs[k], &e), 0);
	}
	assert_int_equal(manifest_writer_end(w, &e), 0);
	manifest_writer_free(w);
}

static void
keep_list(const struct manifestfacts *f)
{
	struct archive		*a = repoenv_open(&env, env.push);
	struct lastmanifest_writer	*w = NULL;
	struct sink		*s = NULL;
	struct mem		 m = { .max = 1 << 24 };
	struct err		 e = ERR_INIT;

	if (lastmanifest_begin(&w, a, testdir_path("state"), &e) ||
	    mem_sink_open(&s, &m, m.max, &e) ||
	    lastmanifest_tee_stack(&s, w, &e))
		fail_msg("%s", e.msg);
	write_olds(s);
	assert_int_equal(sink_finish(s, &e), 0);
	if (lastmanifest_publish(w, f, &e))
		fail_msg("%s", e.msg);
	sink_free(s);
	lastmanifest_writer_free(w);
	free(m.p);
	archive_free(a);
}

static struct manifestfacts
facts_of(const struct key *key)
{
	return (manifestfacts_of(key, "main", REPOENV_SYSTEM, OLD, SAFE));
}

/* The list of the olds, their backup's label, and packs that are worth it. */
static void
build(void)
{
	struct manifestfacts	 f;
	unsigned		 i;

	repoenv_make(&env);
	repoenv_marker(&env);
	f = facts_of(env.push);
	keep_list(&f);
	repoenv_label(&env, OLD, 1, 1 << 20, (1 << 20) + 5, 1, ANCIENT);
	for (i = 1; i <= 2; i++) {
		put_pack(OLD, i, 500 + STORED);
		put_pack(ANCIENT, i, 500 + STORED);
	}
	notes[0] = '\0';
}

static int
setup(void **state)
{
	(void)state;
	nolds = 0;
	return (0);
}

static void
note(void *arg, const char *text)
{
	(void)arg;
	(void)snprintf(notes + strlen(notes), sizeof(notes) - strlen(notes),
	    "%s\n", text);
}

static struct connection
warm_of(const struct key *key)
{
	return ((struct connection){ &env.conf, key, "main",
	    REPOENV_SYSTEM, NULL, 0 });
}

static struct reuse_conf
conf_of(struct connection *w)
{
	return ((struct reuse_conf){ .warm = w,
	    .state_dir = testdir_path("state"), .id = NEW,
	    .chunk_size = CHUNK, .verify = 1, .note = note });
}

static struct reuse *
open_well(struct connection *w)
{
	struct reuse_conf	 c;
	struct reuse		*r = NULL;
	struct err		 e = ERR_INIT;

	c = conf_of(w);
	if (reuse_open(&r, &c, &e))
		fail_msg("%s", e.msg);
	return (r);
}

/* With what a push left that died less than a week ago. */
static struct reuse *
resume_well(struct connection *w)
{
	struct reuse_conf	 c = conf_of(w);
	struct reuse		*r = NULL;
	struct err		 e = ERR_INIT;

	c.abandoned_us = INT64_C(7 * 86400) * 1000000;
	if (reuse_open(&r, &c, &e))
		fail_msg("a push fails after one that died: %s", e.msg);
	return (r);
}

/* Into the new table, where the earlier backup is 1 and the ancient one 2. */
static void
check_refs(const struct old *o, const struct reuse_found *f)
{
	size_t	 i;

	assert_int_equal(f->nrefs, o->nrefs);
	for (i = 0; i < o->nrefs; i++) {
		assert_int_equal(f->refs[i].pack, o->refs[i].pack);
		if (o->refs[i].pack == 0)
			continue;
		assert_int_equal(f->refs[i].backup, o->refs[i].backup + 1);
		assert_int_equal(f->refs[i].offset, o->refs[i].offset);
		assert_memory_equal(f->refs[i].hash, o->refs[i].hash,
		    HASH_LEN);
	}
}

static uint32_t	 seed;

static uint32_t
rnd(uint32_t n)
{
	seed = seed * 1664525U + 1013904223U;
	return ((seed >> 8) % n);
}

static int
by_path(const void *a, const void *b)
{
	return (strcmp(a, b));
}

static const struct old *
find_old(const char *path)
{
	size_t	 i;

	for (i = 0; i < nolds; i++)
		if (strcmp(olds[i].path, path) == 0)
			return (&olds[i]);
	return (NULL);
}

/* Random paths, about half of them in both; what is found is the model's. */
static void
merge_once(unsigned round)
{
	static char		 paths[MANY][32];
	struct connection		 w;
	struct reuse		*r;
	struct reuse_found	 f;
	struct manifest_entry	 en;
	struct err		 e = ERR_INIT;
	const struct old	*o;
	size_t			 i, n = 0;
	unsigned		 all = 1 + rnd(MANY - 1), what;

	seed = round;
	nolds = 0;
	for (i = 0; i < all; i++)
		(void)snprintf(paths[n++], 32, "b%u%c%u", rnd(40),
		    "./-a"[rnd(4)], rnd(1000));
	qsort(paths, n, sizeof(*paths), by_path);
	for (i = 0; i < n; i++)
		if (rnd(4) != 0 && (i == 0 || strcmp(paths[i],
		    paths[i - 1]) != 0))
			add_old(paths[i], rnd(8) == 0 ? 0 : rnd(REFS) *
			    CHUNK + 2000 + rnd(60000), (unsigned)i);
	build();
	w = warm_of(env.push);
	r = open_well(&w);
	assert_string_equal(reuse_why_not(r), "");
	assert_string_equal(reuse_base(r), OLD);
	for (i = 0; i < n; i++) {
		if ((i > 0 && strcmp(paths[i], paths[i - 1]) == 0) ||
		    rnd(4) == 0)
			continue;
		o = find_old(paths[i]);
		en = o != NULL ? o->en : (struct manifest_entry){
		    .type = MANIFEST_FILE };
		en.path = paths[i];
		en.crc32c = 0;
		en.flags = 0;
		what = rnd(2);
		en.size += what;
		assert_int_equal(reuse_find(r, &en, &f, &e), 0);
		if (o == NULL) {
			assert_int_equal(f.verdict, REUSE_NOTHING);
			assert_null(f.refs);
			continue;
		}
		assert_int_equal(f.verdict, what == 0 ? REUSE_KEEP :
		    REUSE_COMPARE);
		assert_int_equal(en.crc32c, what == 0 ? o->en.crc32c : 0);
		assert_int_equal(en.flags, what == 0 ? o->en.flags : 0);
		check_refs(o, &f);
		free(f.refs);
	}
	if (reuse_end(r, &e))
		fail_msg("%s", e.msg);
	reuse_free(r);
	connection_drop(&w);
}

static void
test_merge(void **state)
{
	unsigned	 i;

	(void)state;
	for (i = 0; i < 40; i++) {
		if (i > 0)
			repoenv_remove(&env);
		merge_once(i);
	}
}

/* Each of the things that tell a file that was touched. */
static void
test_at_rest(void **state)
{
	static const struct {
		const char	*what;
		int64_t		 size, mtime, ctime, inode;	/* added now */
		int64_t		 then;		/* to its times, both */
		int64_t		 then_ctime;	/* to its ctime */
		int64_t		 then_mtime;	/* to its mtime */
		unsigned	 flags;		/* of the old */
		int		 reread, no_verify, is_rel, kept;
	} cases[] = {
		{ "nothing", .flags = 1, .kept = 1 },
		{ "size", .size = 1, .flags = 1 },
		{ "less", .size = -1, .flags = 1 },
		{ "mtime", .mtime = 1, .flags = 1 },
		{ "an old mtime", .mtime = -1000000, .flags = 1 },
		{ "ctime, by a restored mtime", .ctime = 1, .flags = 1 },
		{ "inode", .inode = 1, .flags = 1 },
		{ "too near the start", .then = 2000, .flags = 1 },
		{ "just not", .then = 999, .flags = 1, .kept = 1 },
		{ "ctime too near", .then_ctime = 1000, .flags = 1 },
		{ "mtime too near", .then_mtime = 2000, .flags = 1 },
		{ "in the future", .then = INT64_C(86400000000),
		    .flags = 1 },
		{ "asked for", .reread = 1, .flags = 1 },
		{ "never verified", .is_rel = 1 },
		{ "nor shall it be", .is_rel = 1, .no_verify = 1,
		    .kept = 1 },
		{ "no pages to verify", .kept = 1 },
		{ "verified", .is_rel = 1, .flags = 1, .kept = 1 },
		{ "damaged", .is_rel = 1, .flags = 3 },
		{ "damaged, not verified now", .is_rel = 1, .flags = 3,
		    .no_verify = 1 },
	};
	struct reuse_conf	 c;
	struct connection		 w;
	struct reuse		*r = NULL;
	struct reuse_found	 f;
	struct manifest_entry	 en;
	struct err		 e = ERR_INIT;
	size_t			 i;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		if (i > 0)
			repoenv_remove(&env);
		nolds = 0;
		add_old("base/5/1000", 3 * CHUNK - 5, 0);
		add_old("conf", 3 * CHUNK - 5, 0);
		olds[0].en.flags = olds[1].en.flags =
		    (uint8_t)cases[i].flags;
		olds[0].en.mtime_us = olds[1].en.mtime_us += cases[i].then +
		    cases[i].then_mtime;
		olds[1].en.ctime_us += cases[i].then + cases[i].then_ctime;
		olds[0].en.ctime_us = olds[1].en.ctime_us;
		en = olds[!cases[i].is_rel].en;
		en.size += (uint64_t)cases[i].size;
		en.mtime_us += cases[i].mtime;
		en.ctime_us += cases[i].ctime;
		en.inode += (uint64_t)cases[i].inode;
		build();
		w = warm_of(env.push);
		c = conf_of(&w);
		c.reread = cases[i].reread;
		c.verify = !cases[i].no_verify;
		assert_int_equal(reuse_open(&r, &c, &e), 0);
		assert_int_equal(reuse_find(r, &en, &f, &e), 0);
		if (f.verdict != (cases[i].kept ? REUSE_KEEP :
		    REUSE_COMPARE))
			fail_msg("%s", cases[i].what);
		free(f.refs);
		reuse_free(r);
		connection_drop(&w);
	}
}

/*
 * Not used, and why.  The claim that was published before the label was looked
 * at is taken back.
 */
static void
check_full(const char *why, int told)
{
	struct connection		 w = warm_of(env.push);
	struct reuse		*r = open_well(&w);
	struct reuse_found	 f;
	struct manifest_entry	 en = olds[0].en;
	struct err		 e = ERR_INIT;
	const char *const	*ids;
	size_t			 n;

	assert_null(reuse_base(r));
	if (strstr(reuse_why_not(r), why) == NULL)
		fail_msg("'%s' is not in '%s'", why, reuse_why_not(r));
	assert_int_equal(strstr(notes, "everything is stored anew: ") !=
	    NULL, told);
	ids = reuse_ids(r, &n);
	assert_int_equal(n, 1);
	assert_string_equal(ids[0], NEW);
	assert_int_equal(reuse_find(r, &en, &f, &e), 0);
	assert_int_equal(f.verdict, REUSE_NOTHING);
	assert_int_equal(reuse_end(r, &e), 0);
	assert_int_equal(access(testdir_path(repoenv_file("base/" OLD
	    "/claim-" NEW)), F_OK), -1);
	reuse_free(r);
	connection_drop(&w);
}

static void
some_olds(void)
{
	add_old("base/5/1", 3 * CHUNK, 1);
	add_old("base/5/2", 5 * CHUNK - 9, 2);
	add_old("conf", 3000, 3);
}

static void
test_lost(void **state)
{
	(void)state;
	some_olds();
	build();
	assert_int_equal(unlink(testdir_path(LIST)), 0);
	check_full("no list of an earlier backup", 0);
}

static void
test_label_gone(void **state)
{
	(void)state;
	some_olds();
	build();
	assert_int_equal(rename(testdir_path(repoenv_file("base/" OLD
	    "/label")), testdir_path(repoenv_file("base/" OLD
	    "/label.withdrawn"))), 0);
	check_full("backup " OLD " is no longer in the repository", 1);
}

static void
test_label_bad(void **state)
{
	(void)state;
	some_olds();
	build();
	repoenv_change("base/" OLD "/label", "rubbish", 7);
	check_full("label of " OLD, 1);
}

/* A repository where another backup has that name. */
static void
test_other_manifest(void **state)
{
	struct manifestfacts	 f;

	(void)state;
	some_olds();
	build();
	f = facts_of(env.push);
	f.manifest_hash[31] = 1;
	keep_list(&f);
	check_full("is not the one that", 1);
}

static void
test_chunk_size(void **state)
{
	struct connection		 w;
	struct reuse_conf	 c;
	struct reuse		*r = NULL;
	struct err		 e = ERR_INIT;

	(void)state;
	some_olds();
	build();
	w = warm_of(env.push);
	c = conf_of(&w);
	c.chunk_size = 2 * CHUNK;
	assert_int_equal(reuse_open(&r, &c, &e), 0);
	assert_null(reuse_base(r));
	assert_string_equal(reuse_why_not(r), "backup " OLD " has chunks of "
	    "65536 bytes, chunk_size is 131072");
	assert_non_null(strstr(notes, "chunk_size"));
	reuse_free(r);
	connection_drop(&w);
}

static void
test_recipients(void **state)
{
	struct manifestfacts	 f;
	struct connection		 w;

	(void)state;
	some_olds();
	build();
	f = facts_of(env.push);
	f.recipient[0][0] ^= 1;
	keep_list(&f);
	check_full("made for other recipients", 1);
	f = facts_of(env.push);		/* one more does no harm */
	f.nrecipients++;
	keep_list(&f);
	notes[0] = '\0';
	w = warm_of(env.push);
	reuse_free(open_well(&w));
	connection_drop(&w);
	assert_string_equal(notes, "");
}

static void
test_other_key(void **state)
{
	struct key	*other = NULL;
	struct connection	 w;
	struct reuse	*r;
	struct err	 e = ERR_INIT;

	(void)state;
	some_olds();
	build();
	assert_int_equal(keygen_files(testdir_path("o"), NULL, &e), 0);
	assert_int_equal(key_load(&other, testdir_path("o.push"), NULL, &e),
	    0);
	w = warm_of(other);
	r = open_well(&w);
	assert_null(reuse_base(r));
	assert_non_null(strstr(reuse_why_not(r), "recipients"));
	reuse_free(r);
	connection_drop(&w);
	key_free(other);
}

/* Every byte counts, and every length. */
static void
test_tampered(void **state)
{
	char	*p;
	size_t	 i, n;

	(void)state;
	some_olds();
	build();
	p = testdir_read(LIST, &n);
	assert_true(n > 300);
	for (i = 0; i < n; i++) {
		p[i] ^= 1;
		testdir_write(LIST, p, n);
		check_full("", 1);
		p[i] ^= 1;
		notes[0] = '\0';
		testdir_write(LIST, p, i);
		check_full(LIST, 1);
		notes[0] = '\0';
	}
	testdir_write(LIST, "", 0);
	check_full("is damaged or was not made with this key", 1);
	free(p);
}

/* The list that an earlier program kept is as good as ours. */
static void
test_earlier_list(void **state)
{
	static const char	 context[] = "seawall last manifest 1\n";
	struct connection	 w;
	struct reuse	*r;
	struct hash	*h;
	struct err	 e = ERR_INIT;
	uint8_t		 tag[HASH_LEN];
	char		*p;
	size_t		 n;

	(void)state;
	some_olds();
	build();
	p = testdir_read(LIST, &n);
	assert_memory_equal(p + n - 40, "SWLAST2\n", 8);
	assert_int_equal(tag_new_keyed(&h, "seawall last manifest 2\n",
	    env.push, &e), 0);
	hash_add(h, p, n - HASH_LEN);
	hash_final(h, tag);
	hash_free(h);
	assert_memory_equal(p + n - HASH_LEN, tag, HASH_LEN);
	p[n - 34] = '1';
	testdir_write(LIST, p, n);
	check_full(LIST, 1);		/* not with the tag of version 2 */
	notes[0] = '\0';
	assert_int_equal(tag_new_keyed(&h, TAG_USE_1, env.push, &e), 0);
	hash_add(h, context, sizeof(context) - 1);
	hash_add(h, p, n - HASH_LEN);
	hash_final(h, (uint8_t *)p + n - HASH_LEN);
	hash_free(h);
	testdir_write(LIST, p, n);
	w = warm_of(env.push);
	r = open_well(&w);
	assert_string_equal(reuse_base(r), OLD);
	reuse_free(r);
	connection_drop(&w);
	free(p);
}

static void
test_other_cluster(void **state)
{
	struct connection	 w;
	struct reuse	*r;
	char		*p;
	size_t		 n;

	(void)state;
	some_olds();
	build();
	p = testdir_read(LIST, &n);
	assert_int_equal(mkdir(testdir_path("state/main/42"), 0700), 0);
	testdir_write("state/main/42/last-manifest", p, n);
	free(p);
	w = warm_of(env.push);
	w.system_id = 42;
	r = open_well(&w);
	assert_null(reuse_base(r));
	assert_non_null(strstr(reuse_why_not(r), "is of another cluster"));
	reuse_free(r);
	connection_drop(&w);
}

/* What lies in packs that are not there, or hardly used, is stored anew. */
static void
test_packs(void **state)
{
	struct connection		 w;
	struct reuse		*r;
	struct reuse_found	 f;
	struct manifest_entry	 en;
	struct err		 e = ERR_INIT;
	char			 path[LAYOUT_PATH];

	(void)state;
	add_old("a", CHUNK, 0);			/* pack 1 of OLD */
	add_old("b", CHUNK, 1);			/* pack 2 of OLD */
	add_old("c", CHUNK, 2);			/* pack 1 of ANCIENT */
	add_old("d", CHUNK, 3);			/* pack 2 of ANCIENT */
	add_old("e", 2 * CHUNK, 2);		/* both of ANCIENT */
	build();
	repoenv_change("base/" OLD "/pack-00000001", "short", 5);
	assert_int_equal(unlink(testdir_path(repoenv_file(layout_pack(path,
	    OLD, 2)))), 0);
	assert_int_equal(unlink(testdir_path(repoenv_file(layout_pack(path,
	    ANCIENT, 2)))), 0);
	put_pack(ANCIENT, 2, 4 * STORED + 1);
	w = warm_of(env.push);
	r = open_well(&w);
	assert_non_null(strstr(notes, "2 packs that backup " OLD " needs are "
	    "missing or cut short"));
	en = olds[0].en;
	assert_int_equal(reuse_find(r, &en, &f, &e), 0);
	assert_int_equal(f.verdict, REUSE_COMPARE);
	assert_int_equal(f.refs[0].pack, 0);
	free(f.refs);
	en = olds[1].en;
	assert_int_equal(reuse_find(r, &en, &f, &e), 0);
	assert_int_equal(f.verdict, REUSE_COMPARE);
	assert_int_equal(f.refs[0].pack, 0);
	free(f.refs);
	en = olds[2].en;
	assert_int_equal(reuse_find(r, &en, &f, &e), 0);
	assert_int_equal(f.verdict, REUSE_KEEP);
	check_refs(&olds[2], &f);
	free(f.refs);
	en = olds[3].en;
	assert_int_equal(reuse_find(r, &en, &f, &e), 0);
	assert_int_equal(f.verdict, REUSE_COMPARE);
	assert_int_equal(f.refs[0].pack, 0);
	free(f.refs);
	en = olds[4].en;
	assert_int_equal(reuse_find(r, &en, &f, &e), 0);
	assert_int_equal(f.verdict, REUSE_COMPARE);
	assert_int_equal(f.refs[0].pack, 1);
	assert_int_equal(f.refs[0].backup, 2);
	assert_int_equal(f.refs[1].pack, 0);
	free(f.refs);
	assert_int_equal(reuse_end(r, &e), 0);
	reuse_free(r);
	connection_drop(&w);
}

/* What expiry found when it withdrew the label and looked for claims. */
static int	 withdrawn, claimed;

static void
withdraw(void *arg)
{
	char	 from[512], to[512];

	(void)arg;
	(void)snprintf(from, sizeof(from), "%s", testdir_path(repoenv_file(
	    "base/" OLD "/label")));
	(void)snprintf(to, sizeof(to), "%s", testdir_path(repoenv_file(
	    "base/" OLD "/label.withdrawn")));
	withdrawn = rename(from, to) == 0;
	claimed = access(testdir_path(repoenv_file("base/" OLD "/claim-"
	    NEW)), F_OK) == 0;
}

/*
 * Expiry comes at moment "k" of the push's calls that look at the repository,
 * or of those that change it.  If it finds no claim it deletes the packs, so
 * then nothing of the backup may be relied on.
 */
static int
met(int k, int looks)
{
	struct connection	 w;
	struct reuse		*r;
	int			 is_relied_on;

	build();
	w = warm_of(env.push);
	w.a = repoenv_open(&env, env.push);
	w.used_ms = clock_mono_ms();
	mortal_wrap(w.a, 1 << 20);
	withdrawn = claimed = 0;
	if (looks)
		mortal_meet_look(w.a, k, withdraw, NULL);
	else
		mortal_meet(w.a, k, withdraw, NULL);
	r = open_well(&w);
	is_relied_on = reuse_base(r) != NULL;
	if (withdrawn && !claimed && is_relied_on)
		fail_msg("the claim came late: expiry found none, and the "
		    "push relies on the backup");
	reuse_free(r);
	connection_drop(&w);
	repoenv_remove(&env);
	return (withdrawn + 2 * is_relied_on);
}

/* The claim is published before the label is looked at. */
static void
test_claim_first(void **state)
{
	int	 k, looks, seen[4] = { 0 };

	(void)state;
	add_old("a", CHUNK, 0);
	for (looks = 0; looks < 2; looks++)
		for (k = 0; k < 12; k++)
			seen[met(k, looks)]++;
	/* It came too early, too late, and never. */
	assert_true(seen[1] > 0 && seen[3] > 0 && seen[2] > 0);
	assert_int_equal(seen[0], 0);
	build();			/* what the teardown removes */
}

/* What was there at the start is looked at again before it is relied on. */
static void
test_still(void **state)
{
	struct connection		 w;
	struct reuse		*r;
	struct err		 e = ERR_INIT;
	char			 path[LAYOUT_PATH];

	(void)state;
	add_old("a", CHUNK, 0);			/* pack 1 of OLD */
	add_old("b", CHUNK, 1);			/* pack 2 of OLD */
	add_old("c", CHUNK, 2);			/* pack 1 of ANCIENT */
	build();
	assert_int_equal(unlink(testdir_path(repoenv_file(layout_pack(path,
	    OLD, 2)))), 0);			/* never relied on */
	w = warm_of(env.push);
	r = open_well(&w);
	assert_int_equal(reuse_still(r, &e), 0);
	assert_int_equal(reuse_still(r, &e), 0);
	assert_int_equal(unlink(testdir_path(repoenv_file(layout_pack(path,
	    ANCIENT, 1)))), 0);
	assert_int_equal(reuse_still(r, &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	assert_non_null(strstr(e.msg, "1 of 2 packs that this backup shares "
	    "with earlier ones were removed"));
	reuse_free(r);
	connection_drop(&w);
}

/* The list is changed while it is in use. */
static void
test_changed_meanwhile(void **state)
{
	struct connection	 w;
	struct reuse	*r;
	struct err	 e = ERR_INIT;
	char		*p;
	size_t		 n, i;

	(void)state;
	some_olds();
	build();
	w = warm_of(env.push);
	r = open_well(&w);
	p = testdir_read(LIST, &n);
	for (i = 0; i + 8 < n && memcmp(p + i, "base/5/1", 8) != 0; i++)
		;
	p[i + 11] ^= 1;			/* the mode */
	testdir_write(LIST, p, n);
	free(p);
	assert_int_equal(reuse_end(r, &e), -1);
	assert_non_null(strstr(e.msg, "damaged"));
	reuse_free(r);
	connection_drop(&w);
}

/* Publish a manifest of the olds for real, and a label that names it. */
static void
publish_olds(void)
{
	struct archive		*a = repoenv_open(&env, env.push);
	struct codec_spec	 codec = { CODEC_ZSTD, 3 };
	struct object_info	 info;
	struct sink		*s = NULL;
	struct label		*l = NULL;
	struct err		 e = ERR_INIT;
	char			 path[LAYOUT_PATH], *file;
	size_t			 n;

	if (object_sink_open(&s, a, HEAD_MANIFEST, layout_manifest(path,
	    OLD), codec, &info, &e))
		fail_msg("%s", e.msg);
	write_olds(s);
	assert_int_equal(sink_finish(s, &e), 0);
	sink_free(s);
	file = testdir_read(repoenv_file("base/" OLD "/label"), &n);
	assert_int_equal(label_parse(&l, file, n, OLD, a, &e), 0);
	memcpy(l->manifest_hash, info.head_hash, HASH_LEN);
	l->chunk_size = CHUNK;
	assert_int_equal(unlink(testdir_path(repoenv_file("base/" OLD
	    "/label"))), 0);
	if (label_publish(l, a, &e))
		fail_msg("%s", e.msg);
	label_free(l);
	free(file);
	archive_free(a);
}

/* With a .restore key a list that is lost is fetched, but all is read. */
static void
test_fetch(void **state)
{
	struct connection		 w;
	struct reuse_conf	 c;
	struct reuse		*r = NULL;
	struct reuse_found	 f;
	struct manifest_entry	 en;
	struct err		 e = ERR_INIT;
	unsigned		 way;

	(void)state;
	some_olds();
	build();
	publish_olds();
	for (way = 0; way < 4; way++) {
		w = warm_of(env.push);
		c = conf_of(&w);
		c.id = (const char *const []){ "20261103T000000Z",
		    "20261103T000000Z-2", "20261103T000000Z-3",
		    "20261103T000000Z-4" }[way];
		c.restore = env.restore;
		if (way == 0)
			assert_int_equal(unlink(testdir_path(LIST)), 0);
		else if (way == 1)
			testdir_write(LIST, "tampered with", 13);
		else if (way == 2)
			c.base = OLD;
		else {
			c.base = OLD;
			c.restore = NULL;
		}
		notes[0] = '\0';
		if (reuse_open(&r, &c, &e))
			fail_msg("%s", e.msg);
		assert_string_equal(notes, "");
		assert_string_equal(reuse_base(r), OLD);
		en = olds[0].en;
		assert_int_equal(reuse_find(r, &en, &f, &e), 0);
		assert_int_equal(f.verdict, REUSE_COMPARE);
		check_refs(&olds[0], &f);
		free(f.refs);
		assert_int_equal(reuse_end(r, &e), 0);
		reuse_free(r);
		connection_drop(&w);
	}
}

/* The directory that a claim made for a backup that is gone goes, too. */
static void
test_dir_gone(void **state)
{
	(void)state;
	some_olds();
	build();
	assert_int_equal(unlink(testdir_path(repoenv_file("base/" OLD
	    "/label"))), 0);
	check_full("backup " OLD " is no longer in the repository", 1);
	assert_int_equal(rename(testdir_path(repoenv_file("base/" OLD)),
	    testdir_path("away")), 0);
	check_full("backup " OLD " is no longer in the repository", 1);
	assert_int_equal(access(testdir_path(repoenv_file("base/" OLD)),
	    F_OK), -1);
}

static void
test_base(void **state)
{
	static const struct {
		const char	*base;
		int		 key;
		enum err_kind	 kind;
		const char	*text;
	} cases[] = {
		{ ANCIENT, 0, ERR_CONFIG, "--base " ANCIENT ": the list in "
		    "state_dir is of backup " OLD ", not of " ANCIENT "; set "
		    "restore_key to fetch its list" },
		{ ANCIENT, 1, ERR_ABSENT, "found no backup " ANCIENT },
		{ OLD, 0, ERR_NONE, "" },
	};
	struct connection		 w;
	struct reuse_conf	 c;
	struct reuse		*r;
	struct err		 e;
	size_t			 i;

	(void)state;
	some_olds();
	build();
	for (i = 0; i < LEN(cases); i++) {
		w = warm_of(env.push);
		c = conf_of(&w);
		c.base = cases[i].base;
		c.restore = cases[i].key ? env.restore : NULL;
		err_clear(&e);
		r = NULL;
		assert_int_equal(reuse_open(&r, &c, &e),
		    cases[i].kind == ERR_NONE ? 0 : -1);
		assert_int_equal(e.kind, cases[i].kind);
		if (strstr(e.msg, cases[i].text) == NULL)
			fail_msg("%s", e.msg);
		reuse_free(r);
		connection_drop(&w);
	}
}

/* The same, found out before there is an id and anything is written. */
static void
test_check_base(void **state)
{
	static const struct {
		const char	*base;
		int		 key, big;
		enum err_kind	 kind;
		const char	*text;
	} cases[] = {
		{ NULL, 0, 1, ERR_NONE, "" },
		{ ANCIENT, 0, 0, ERR_ABSENT, "--base " ANCIENT ": found no "
		    "backup " ANCIENT " in the repository" },
		{ ANCIENT, 1, 0, ERR_ABSENT, "found no backup " ANCIENT },
		{ OLD, 0, 0, ERR_NONE, "" },
		{ OLD, 1, 0, ERR_NONE, "" },
		{ OLD, 0, 1, ERR_CONFLICT, "backup " OLD " has chunks of "
		    "262144 bytes, chunk_size is 524288" }
	};
	struct connection	 w;
	struct reuse_conf	 c;
	struct err		 e;
	size_t			 i;

	(void)state;
	some_olds();
	build();
	for (i = 0; i <= LEN(cases); i++) {
		w = warm_of(env.push);
		c = conf_of(&w);
		c.id = "";
		err_clear(&e);
		if (i == LEN(cases)) {
			/* There is no list of it on this host. */
			assert_int_equal(unlink(testdir_path(LIST)), 0);
			c.base = OLD;
			c.restore = NULL;
			c.chunk_size = 262144;
			assert_int_equal(reuse_check(&c, &e), -1);
			assert_int_equal(e.kind, ERR_CONFIG);
			assert_non_null(strstr(e.msg, "set restore_key"));
			connection_drop(&w);
			break;
		}
		c.base = cases[i].base;
		c.restore = cases[i].key ? env.restore : NULL;
		c.chunk_size = (uint32_t)262144 << cases[i].big;
		assert_int_equal(reuse_check(&c, &e),
		    cases[i].kind == ERR_NONE ? 0 : -1);
		assert_int_equal(e.kind, cases[i].kind);
		if (strstr(e.msg, cases[i].text) == NULL)
			fail_msg("%s", e.msg);
		connection_drop(&w);
	}
}

/* A push that died: what it had of the olds from "from" on, in its pack 9. */
#define DEAD	"20261102T120000Z"
#define DEADER	"20261102T110000Z"

static void
put_journal(const char *id, size_t from, size_t to)
{
	struct manifestfacts	 f = manifestfacts_of(env.push, "main",
	    REPOENV_SYSTEM, id, SAFE);
	const char *const	 ids[] = { id, ANCIENT, OLD };
	struct manifestspool		*s = NULL;
	struct pack_ref		 refs[REFS];
	struct err		 e = ERR_INIT;
	size_t			 i, k;

	if (manifestspool_open(&s, env.push, &f, testdir_path("state"), CHUNK,
	    ids, 3, &e))
		fail_msg("%s", e.msg);
	for (i = from; i < to; i++) {
		memcpy(refs, olds[i].refs, sizeof(refs));
		for (k = 0; k < olds[i].nrefs; k++) {
			refs[k].backup = refs[k].backup == 0 ? 2 : 1;
			if (k == 0)
				refs[k] = (struct pack_ref){ .pack = 9,
				    .offset = 500, .stored = STORED };
		}
		assert_int_equal(manifestspool_add(s, &olds[i].en, refs,
		    olds[i].nrefs, &e), 0);
	}
	assert_int_equal(manifestspool_flush(s, 1, &e), 0);
	manifestspool_free(s);
	put_pack(id, 9, 500 + 9 * STORED);	/* little of it is known */
}

static void
age(const char *path, int hours)
{
	struct timespec	 t[2];

	t[0].tv_sec = t[1].tv_sec = time(NULL) - (time_t)hours * 3600;
	t[0].tv_nsec = t[1].tv_nsec = 0;
	assert_int_equal(utimensat(AT_FDCWD,
	    testdir_path(repoenv_file(path)), t, 0), 0);
}

/* The newest journal that knows a file wins, then the last backup's list. */
static void
test_journals(void **state)
{
	static const struct {
		int		 hours;		/* since the pack */
		int		 withdrawn, gone, kept;
	} cases[] = {
		{ 0, 0, 0, 1 }, { 80, 0, 0, 1 }, { 90, 0, 0, 0 },
		{ 0, 1, 0, 0 }, { 0, 0, 1, 0 },
	};
	static const char	 pack[] = "base/" DEAD "/pack-00000009";
	struct connection		 w;
	struct reuse		*r;
	struct reuse_found	 f;
	struct manifest_entry	 en;
	struct err		 e = ERR_INIT;
	const char *const	*ids;
	size_t			 i, k, n;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		if (i > 0)
			repoenv_remove(&env);
		nolds = 0;
		add_old("a", 2 * CHUNK, 0);
		add_old("b", 2 * CHUNK, 1);
		add_old("c", 2 * CHUNK, 2);
		build();
		put_journal(DEADER, 0, 2);
		put_journal(DEAD, 0, 1);
		age(pack, cases[i].hours);
		if (cases[i].withdrawn)
			repoenv_put("base/" DEAD "/label.withdrawn", "x");
		if (cases[i].gone)
			assert_int_equal(unlink(testdir_path(repoenv_file(
			    pack))), 0);
		w = warm_of(env.push);
		r = resume_well(&w);
		assert_string_equal(reuse_resumed(r), DEAD);
		assert_string_equal(reuse_base(r), OLD);
		ids = reuse_ids(r, &n);
		assert_int_equal(n, 5);
		for (k = 0; k < 3; k++) {
			en = olds[k].en;
			assert_int_equal(reuse_find(r, &en, &f, &e), 0);
			assert_int_equal(f.verdict, k > 0 || cases[i].kept ?
			    REUSE_KEEP : REUSE_COMPARE);
			assert_int_equal(f.nrefs, 2);
			assert_int_equal(f.refs[0].pack, k == 2 ? 1 :
			    k == 1 || cases[i].kept ? 9 : 0);
			if (f.refs[0].pack == 9)
				assert_string_equal(ids[f.refs[0].backup],
				    k == 0 ? DEAD : DEADER);
			assert_string_equal(ids[f.refs[1].backup],
			    olds[k].refs[1].backup == 0 ? OLD : ANCIENT);
			free(f.refs);
		}
		assert_int_equal(reuse_end(r, &e), 0);
		assert_int_equal(access(testdir_path(repoenv_file("base/" DEAD
		    "/claim-" NEW)), F_OK), 0);
		assert_int_equal(access(testdir_path("state/main/"
		    "7301234567890123456/journal." DEAD), F_OK), 0);
		reuse_done(r);
		assert_int_equal(access(testdir_path("state/main/"
		    "7301234567890123456/journal." DEAD), F_OK), -1);
		reuse_free(r);
		connection_drop(&w);
	}
}

/* What a dead push refers to of a backup that is gone is gone, too. */
static void
test_journal_without_base(void **state)
{
	struct connection		 w;
	struct reuse		*r;
	struct reuse_found	 f;
	struct manifest_entry	 en;
	struct err		 e = ERR_INIT;

	(void)state;
	add_old("a", 2 * CHUNK, 0);
	build();
	put_journal(DEAD, 0, 1);
	assert_int_equal(unlink(testdir_path(repoenv_file("base/" OLD
	    "/label"))), 0);
	w = warm_of(env.push);
	r = resume_well(&w);
	assert_null(reuse_base(r));
	assert_string_equal(reuse_resumed(r), DEAD);
	en = olds[0].en;
	assert_int_equal(reuse_find(r, &en, &f, &e), 0);
	assert_int_equal(f.verdict, REUSE_COMPARE);
	assert_int_equal(f.refs[0].pack, 9);
	assert_int_equal(f.refs[1].pack, 0);
	free(f.refs);
	reuse_free(r);
	connection_drop(&w);
}

/*
 * A push that died just behind its label: the list is of its backup, and the
 * journal is there as well.  One claim does for both.
 */
static void
test_journal_of_base(void **state)
{
	struct connection		 w;
	struct reuse		*r;
	struct reuse_found	 f;
	struct manifest_entry	 en;
	struct err		 e = ERR_INIT;

	(void)state;
	add_old("a", 2 * CHUNK, 0);
	build();
	put_journal(OLD, 0, 1);
	w = warm_of(env.push);
	r = resume_well(&w);
	assert_string_equal(reuse_base(r), OLD);
	assert_string_equal(reuse_resumed(r), OLD);
	en = olds[0].en;
	assert_int_equal(reuse_find(r, &en, &f, &e), 0);
	assert_int_not_equal(f.verdict, REUSE_NOTHING);
	free(f.refs);
	assert_int_equal(reuse_end(r, &e), 0);
	reuse_free(r);
	connection_drop(&w);
}

#define T(f)	cmocka_unit_test_prestate_setup_teardown(f, \
		    setup, repoenv_teardown, &env)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		T(test_merge),
		T(test_at_rest),
		T(test_lost),
		T(test_label_gone),
		T(test_label_bad),
		T(test_other_manifest),
		T(test_chunk_size),
		T(test_recipients),
		T(test_other_key),
		T(test_tampered),
		T(test_earlier_list),
		T(test_other_cluster),
		T(test_packs),
		T(test_claim_first),
		T(test_still),
		T(test_changed_meanwhile),
		T(test_fetch),
		T(test_base),
		T(test_dir_gone),
		T(test_check_base),
		T(test_journals),
		T(test_journal_without_base),
		T(test_journal_of_base)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
