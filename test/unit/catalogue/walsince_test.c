/* SPDX-License-Identifier: ISC */
/* WAL since each backup, against the plain comparison of all with all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "catalogue/walsince.h"
#include "timelines.h"

#define BACKUPS	12
#define SEGMENTS 60

struct segment {
	uint32_t	 tli;
	uint64_t	 segno, bytes;
};

static void
check(const struct walsince_backup *b, const struct segment *s, size_t n,
    uint64_t seed)
{
	uint64_t	 segments = 0, bytes = 0;
	size_t		 i;

	for (i = 0; i < n; i++)
		if (s[i].tli >= b->tli && s[i].segno >= b->segno) {
			segments++;
			bytes += s[i].bytes;
		}
	if (b->segments != segments || b->bytes != bytes)
		fail_msg("seed %llu: %llu segments, not %llu",
		    (unsigned long long)seed, (unsigned long long)b->segments,
		    (unsigned long long)segments);
}

static void
test_random(void **state)
{
	struct walsince_backup	 v[BACKUPS];
	struct segment		 s[SEGMENTS];
	struct walsince		*w = NULL;
	struct err		 e = ERR_INIT;
	uint64_t		 seed, x;
	size_t			 i, n, m;

	(void)state;
	for (seed = 1; seed <= 3000; seed++) {
		x = seed;
		n = timelines_rand(&x, BACKUPS + 1);
		m = timelines_rand(&x, SEGMENTS + 1);
		for (i = 0; i < n; i++)
			v[i] = (struct walsince_backup){
			    1 + (uint32_t)timelines_rand(&x, 4),
			    timelines_rand(&x, 20), 99, 99 };
		assert_int_equal(walsince_new(&w, v, n, &e), 0);
		for (i = 0; i < m; i++) {
			s[i].tli = 1 + (uint32_t)timelines_rand(&x, 5);
			s[i].segno = seed % 2 == 0 ? i / 3 :
			    timelines_rand(&x, 22);
			s[i].bytes = timelines_rand(&x, 1000);
			assert_int_equal(walsince_add(w, s[i].tli, s[i].segno,
			    s[i].bytes, &e), 0);
		}
		walsince_sum(w);
		for (i = 0; i < n; i++)
			check(&v[i], s, m, seed);
		walsince_free(w);
	}
	walsince_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_random)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
