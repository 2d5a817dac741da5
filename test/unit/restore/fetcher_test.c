/* SPDX-License-Identifier: ISC */
/* Chunks fetched into files: what is right is kept. */
#include <sys/stat.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "backup/pack.h"
#include "repoenv.h"
#include "restore/fetcher.h"
#include "testdir.h"

#define CHUNK	65536
#define CHUNKS	5

static const char *const ids[] = { REPOENV_ID };

static uint8_t	 content[CHUNKS * CHUNK];

/* A pack of "content": its second chunk is zeros, its last one short. */
static void
put_pack(const struct repoenv *env, struct pack_ref *refs, size_t size)
{
	const struct codec_spec	 none = { CODEC_NONE, 0 };
	struct pack_counter	*counter = NULL;
	struct pack_writer	*w = NULL;
	struct archive		*a = repoenv_open(env, env->push);
	struct err		 e = ERR_INIT;
	size_t			 i, n;

	for (i = 0; i < sizeof(content); i++)
		content[i] = (uint8_t)(i * 31 + i / CHUNK + i / 251);
	memset(content + CHUNK, 0, CHUNK);
	assert_int_equal(pack_counter_new(&counter, &e), 0);
	assert_int_equal(pack_writer_new(&w, a, REPOENV_ID, none, counter,
	    &e), 0);
	for (i = 0; i * CHUNK < size; i++) {
		n = size - i * CHUNK < CHUNK ? size - i * CHUNK : CHUNK;
		assert_int_equal(pack_writer_add(w, content + i * CHUNK, n,
		    NULL, &refs[i], &e), 0);
	}
	assert_int_equal(pack_writer_finish(w, &e), 0);
	pack_writer_free(w);
	pack_counter_free(counter);
	archive_free(a);
}

static void
count_differs(void *arg, const char *path)
{
	(void)path;
	++*(int *)arg;
}

static struct fetcher_stats
over(const struct repoenv *env, const struct pack_ref *refs, size_t size,
    int dry, int *told)
{
	const struct fetcher_conf	 conf = {
		.store = &env->conf, .key = env->restore, .server = "main",
		.system_id = REPOENV_SYSTEM, .jobs = 2, .dry = dry,
		.differs = count_differs, .arg = told
	};
	struct fetcher			*f = NULL;
	struct fetcher_stats		 st;
	struct stat			 now;
	struct err			 e = ERR_INIT;
	size_t				 i, n;
	int				 fd, resize;

	fd = open(testdir_path("file"), dry ? O_RDONLY : O_RDWR);
	assert_int_not_equal(fd, -1);
	assert_int_equal(fstat(fd, &now), 0);
	resize = (size_t)now.st_size != size;
	if (!dry)
		assert_int_equal(ftruncate(fd, (off_t)size), 0);
	*told = 0;
	assert_int_equal(fetcher_open(&f, &conf, &e), 0);
	assert_int_equal(fetcher_over(f, fd, "file", 1000000, resize, &e), 0);
	for (i = 0; i * CHUNK < size; i++) {
		n = size - i * CHUNK < CHUNK ? size - i * CHUNK : CHUNK;
		assert_int_equal(fetcher_chunk(f, ids, &refs[i],
		    i * CHUNK, (uint32_t)n, &e), 0);
	}
	if (fetcher_finish(f, &e))
		fail_msg("%s", e.msg);
	st = fetcher_stats(f);
	fetcher_free(f);
	return (st);
}

static void
check_file(size_t size)
{
	char	*got;
	size_t	 n;

	got = testdir_read("file", &n);
	assert_int_equal(n, size);
	assert_memory_equal(got, content, size);
	free(got);
}

static void
test_over(void **state)
{
	static const struct {
		size_t	 was, at;	/* bytes, and one of them changed */
		size_t	 brought, kept;
	}		 cases[] = {
		{ 4 * CHUNK + 100, SIZE_MAX, 0, 4 * CHUNK + 100 },
		{ 4 * CHUNK + 100, 0, CHUNK, 3 * CHUNK + 100 },
		{ 4 * CHUNK + 100, CHUNK + 7, CHUNK, 3 * CHUNK + 100 },
		{ 4 * CHUNK + 100, 4 * CHUNK + 99, 100, 4 * CHUNK },
		{ 4 * CHUNK + 101, SIZE_MAX, 0, 4 * CHUNK + 100 },
		{ 4 * CHUNK + 99, SIZE_MAX, 100, 4 * CHUNK },
		{ 2 * CHUNK, SIZE_MAX, 2 * CHUNK + 100, 2 * CHUNK },
		{ 0, SIZE_MAX, 3 * CHUNK + 100, CHUNK },	/* a hole */
		{ 5 * CHUNK, SIZE_MAX, 0, 4 * CHUNK + 100 }
	};
	const size_t	 size = 4 * CHUNK + 100;
	struct pack_ref	 refs[CHUNKS];
	struct fetcher_stats st;
	struct repoenv	 env;
	struct stat	 a, b;
	size_t		 i;
	int		 dry, told;

	(void)state;
	repoenv_make(&env);
	repoenv_marker(&env);
	put_pack(&env, refs, size);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (cases[i].at != SIZE_MAX)
			content[cases[i].at] ^= 1;
		testdir_write("file", content, cases[i].was);
		if (cases[i].at != SIZE_MAX)
			content[cases[i].at] ^= 1;
		for (dry = 1; dry >= 0; dry--) {
			assert_int_equal(stat(testdir_path("file"), &a), 0);
			st = over(&env, refs, size, dry, &told);
			assert_int_equal(stat(testdir_path("file"), &b), 0);
			if (dry) {
				assert_int_equal(a.st_mtim.tv_nsec,
				    b.st_mtim.tv_nsec);
				assert_int_equal(a.st_size, b.st_size);
			} else {
				assert_int_equal(b.st_mtim.tv_sec, 1);
				assert_int_equal(st.bytes, cases[i].brought);
				assert_int_equal(st.kept, cases[i].kept);
				check_file(size);
			}
			assert_int_equal(told, i > 0);
			assert_int_equal(st.files, i > 0);
			assert_int_equal(st.kept_files, i == 0);
		}
	}
	repoenv_remove(&env);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_over),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
