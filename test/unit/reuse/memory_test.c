/* SPDX-License-Identifier: ISC */
/*
 * The memory of a push that reuses what is there does not grow with the
 * cluster: ten times the chunks, and the same peak.  What the library
 * allocates is counted, by way of the linker's --wrap (see Makefile): that
 * is exact, and the same under every checker.
 */
#include <sys/stat.h>

#include <fcntl.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "repoenv.h"
#include "reuse/lastmanifest.h"
#include "reuse/manifestspool.h"
#include "reuse/reuse.h"
#include "testdir.h"

#define CHUNK	((uint32_t)65536)
#define OLD	"20261102T000000Z"
#define NEW	"20261103T000000Z"
#define SAFE	INT64_C(1700000000000000)
#define CHUNKS	1000		/* of a file, which has a pack of its own */
#define STORED	1000
#define FEW	10		/* files */
#define MANY	300
#define PLAY	((int64_t)64 << 10)	/* lists of packs, rounded up */

static struct repoenv	 env;
static int64_t		 used, peak;

/* The steps of a push: the peak of each. */
enum step { OPEN, MERGE, WRITE, STEPS };
static const char *const step_name[STEPS] = { "open", "merge", "write" };

/* What is counted. */

void	*__real_malloc(size_t);
void	*__real_calloc(size_t, size_t);
void	*__real_aligned_alloc(size_t, size_t);
void	*__real_realloc(void *, size_t);
void	*__real_reallocarray(void *, size_t, size_t);
char	*__real_strdup(const char *);
void	 __real_free(void *);
void	*__wrap_malloc(size_t);
void	*__wrap_calloc(size_t, size_t);
void	*__wrap_aligned_alloc(size_t, size_t);
void	*__wrap_realloc(void *, size_t);
void	*__wrap_reallocarray(void *, size_t, size_t);
char	*__wrap_strdup(const char *);
void	 __wrap_free(void *);

static void *
count(void *p, size_t before)
{
	if (p == NULL)
		return (NULL);
	used += (int64_t)malloc_usable_size(p) - (int64_t)before;
	if (used > peak)
		peak = used;
	return (p);
}

static size_t
size_of(void *p)
{
	return (p == NULL ? 0 : malloc_usable_size(p));
}

void *
__wrap_malloc(size_t n)
{
	return (count(__real_malloc(n), 0));
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return (count(__real_calloc(n, size), 0));
}

void *
__wrap_aligned_alloc(size_t to, size_t n)
{
	return (count(__real_aligned_alloc(to, n), 0));
}

void *
__wrap_realloc(void *p, size_t n)
{
	size_t	 before = size_of(p);

	return (count(__real_realloc(p, n), before));
}

void *
__wrap_reallocarray(void *p, size_t n, size_t size)
{
	size_t	 before = size_of(p);

	return (count(__real_reallocarray(p, n, size), before));
}

char *
__wrap_strdup(const char *s)
{
	return (count(__real_strdup(s), 0));
}

void
__wrap_free(void *p)
{
	used -= (int64_t)size_of(p);
	__real_free(p);
}

/* A cluster of so many files. */

static struct manifest_entry
entry(char path[32], unsigned i)
{
	(void)snprintf(path, 32, "base/5/%u", 100000 + i);
	return ((struct manifest_entry){ .type = MANIFEST_FILE, .path = path,
	    .mode = 0600, .size = (uint64_t)CHUNKS * CHUNK,
	    .mtime_us = SAFE - 1, .ctime_us = SAFE - 1, .inode = i,
	    .flags = MANIFEST_CHECKED });
}

static int
drop_write(struct sink *s, const void *p, size_t n, struct err *e)
{
	(void)s;
	(void)p;
	(void)n;
	(void)e;
	return (0);
}

static int
drop_finish(struct sink *s, struct err *e)
{
	(void)s;
	(void)e;
	return (0);
}

static void
drop_free(struct sink *s)
{
	(void)s;
}

static const struct sink_ops drop_ops = {
	drop_write, drop_finish, drop_free
};

static void
write_list(struct sink *to, unsigned files)
{
	static const char *const	 ids[] = { OLD };
	struct manifest_writer		*w = NULL;
	struct manifest_entry		 en;
	struct pack_ref			 ref;
	struct err			 e = ERR_INIT;
	char				 path[32];
	unsigned			 i, k;

	assert_int_equal(manifest_writer_new(&w, to, CHUNK, ids, 1, &e), 0);
	for (i = 0; i < files; i++) {
		en = entry(path, i);
		assert_int_equal(manifest_writer_entry(w, &en, &e), 0);
		for (k = 0; k < CHUNKS; k++) {
			ref = (struct pack_ref){ .pack = i + 1,
			    .offset = 500 + k * STORED, .stored = STORED };
			memcpy(ref.hash, &k, sizeof(k));
			assert_int_equal(manifest_writer_chunk(w, &ref, &e),
			    0);
		}
	}
	assert_int_equal(manifest_writer_end(w, &e), 0);
	manifest_writer_free(w);
}

static void
keep_list(unsigned files)
{
	struct archive		*a = repoenv_open(&env, env.push);
	struct lastmanifest_writer	*w = NULL;
	struct sink		 drop = { .ops = &drop_ops }, *s = &drop;
	struct manifestfacts	 f;
	struct err		 e = ERR_INIT;

	f = manifestfacts_of(env.push, "main", REPOENV_SYSTEM, OLD, SAFE);
	if (lastmanifest_begin(&w, a, testdir_path("state"), &e) ||
	    lastmanifest_tee_stack(&s, w, &e))
		fail_msg("%s", e.msg);
	write_list(s, files);
	assert_int_equal(sink_finish(s, &e), 0);
	if (lastmanifest_publish(w, &f, &e))
		fail_msg("%s", e.msg);
	sink_free(s);
	lastmanifest_writer_free(w);
	archive_free(a);
}

static void
put_packs(unsigned files)
{
	char		 path[LAYOUT_PATH];
	unsigned	 i;

	for (i = 1; i <= files; i++) {
		repoenv_put(layout_pack(path, OLD, i), "");
		assert_int_equal(truncate(testdir_path(repoenv_file(path)),
		    500 + CHUNKS * STORED), 0);
	}
}

static void
note(void *arg, const char *text)
{
	(void)arg;
	fail_msg("%s", text);
}

/* The highest since the last time that it was asked. */
static int64_t
lap(int64_t before)
{
	int64_t	 high = peak - before;

	peak = used;
	return (high);
}

/* As base-push does: all of it is unchanged. */
static void
push(unsigned files, int64_t high[STEPS])
{
	struct connection		 w = { &env.conf, env.push, "main",
				    REPOENV_SYSTEM, NULL, 0 };
	const struct reuse_conf	 c = { .warm = &w,
				    .state_dir = testdir_path("state"),
				    .id = NEW, .chunk_size = CHUNK,
				    .verify = 1, .note = note };
	struct sink		 drop = { .ops = &drop_ops };
	struct manifestfacts	 facts;
	struct manifest_entry	 en;
	struct reuse_found	 f;
	struct reuse		*r = NULL;
	struct manifestspool		*s = NULL;
	struct err		 e = ERR_INIT;
	const char *const	*ids;
	char			 path[32];
	size_t			 n;
	int64_t			 before = used;
	unsigned		 i;

	peak = used;
	facts = manifestfacts_of(env.push, "main", REPOENV_SYSTEM, NEW, SAFE);
	if (reuse_open(&r, &c, &e))
		fail_msg("%s", e.msg);
	high[OPEN] = lap(before);
	ids = reuse_ids(r, &n);
	if (manifestspool_open(&s, env.push, &facts, c.state_dir, CHUNK, ids,
	    n, &e))
		fail_msg("%s", e.msg);
	for (i = 0; i < files; i++) {
		en = entry(path, i);
		assert_int_equal(reuse_find(r, &en, &f, &e), 0);
		assert_int_equal(f.verdict, REUSE_KEEP);
		assert_int_equal(manifestspool_add(s, &en, f.refs, f.nrefs,
		    &e), 0);
		free(f.refs);
	}
	if (reuse_end(r, &e))
		fail_msg("%s", e.msg);
	high[MERGE] = lap(before);
	if (manifestspool_write(s, &drop, &e))
		fail_msg("%s", e.msg);
	high[WRITE] = lap(before);
	manifestspool_done(s);
	manifestspool_free(s);
	reuse_free(r);
	connection_drop(&w);
}

static void
push_cluster(unsigned files, int64_t high[STEPS])
{
	int64_t	 before;

	repoenv_make(&env);
	repoenv_marker(&env);
	keep_list(files);
	repoenv_label(&env, OLD, 1, 1 << 20, (1 << 20) + 5, 1, NULL);
	put_packs(files);
	before = used;
	push(files, high);
	/* Little comes from other libraries and is freed by ours. */
	assert_in_range(used - before + PLAY, 0, 2 * PLAY);
	repoenv_remove(&env);
}

static void
test_constant(void **state)
{
	int64_t		 few[STEPS], many[STEPS];
	enum step	 i;

	(void)state;
	push_cluster(FEW, few);
	push_cluster(MANY, many);
	/* One file's chunks at least: so it is counted. */
	assert_true(few[MERGE] > (int64_t)CHUNKS * HASH_LEN);
	for (i = 0; i < STEPS; i++)
		if (many[i] > few[i] + PLAY)
			fail_msg("%s: %d files took %lld bytes, %d took "
			    "%lld", step_name[i], FEW, (long long)few[i],
			    MANY, (long long)many[i]);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_constant),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
