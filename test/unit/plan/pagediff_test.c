/* SPDX-License-Identifier: ISC */
/* When a chunk is stored as a difference, and of which pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "plan/pagediff.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define ROOM	12

/* A hash for each letter; a blank is no page. */
static void
hashes(uint8_t *to, const char *text)
{
	size_t	 i;

	memset(to, 0, (size_t)ROOM * PAGEDIFF_HASH);
	for (i = 0; text[i] != '\0'; i++)
		if (text[i] != ' ')
			to[i * PAGEDIFF_HASH + i % PAGEDIFF_HASH] =
			    (uint8_t)text[i];
}

static void
test_choose(void **state)
{
	static const struct {
		const char	*base, *now;
		size_t		 n;
		uint8_t		 set[2];
	} cases[] = {
		{ "aaaaaaaaaaaa", "baaaaaaaaaaa", 1, { 0x01, 0 } },
		{ "aaaaaaaaaaaa", "aaaaaaaaaaab", 1, { 0, 0x08 } },
		{ "aaaaaaaaaaaa", "abababababaa", 5, { 0xaa, 0x02 } },
		{ "aaaaaaaaaaaa", "bbbbbbaaaaaa", 6, { 0x3f, 0 } },
		/* More than half is a new base. */
		{ "aaaaaaaaaaaa", "bbbbbbbaaaaa", 0, { 0x7f, 0 } },
		{ "aaaaaaaaaaaa", "bbbbbbbbbbbb", 0, { 0xff, 0x0f } },
		/* A chunk that changed and has no other page: a lie. */
		{ "aaaaaaaaaaaa", "aaaaaaaaaaaa", 0, { 0, 0 } },
		/* Short last chunks, of the same length and of others. */
		{ "aaaaa", "aabaa", 1, { 0x04, 0 } },
		{ "a", "b", 0, { 0x01, 0 } },
		{ "aa", "ab", 1, { 0x02, 0 } },
		{ "aaaaa", "baaaaa", 0, { 0, 0 } },
		{ "aaaaaa", "baaaa", 0, { 0, 0 } },
		{ "aaaaaaaaaaaa", "baaaaaaaaaa", 0, { 0, 0 } },
		{ "", "aaaa", 0, { 0, 0 } },
		{ "aaaa", "", 0, { 0, 0 } },
	};
	uint8_t	 base[ROOM * PAGEDIFF_HASH], now[ROOM * PAGEDIFF_HASH];
	uint8_t	 set[2];
	size_t	 i, pages;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		pages = strlen(cases[i].now);
		hashes(base, cases[i].base);
		hashes(now, cases[i].now);
		memset(set, 0, sizeof(set));
		if (pagediff_choose(base, ROOM, now, pages, set) !=
		    cases[i].n || memcmp(set, cases[i].set, 2) != 0)
			fail_msg("case %zu: '%s' over '%s': set %02x %02x", i,
			    cases[i].now, cases[i].base, set[0], set[1]);
	}
	/* More pages than the base's list has room for. */
	hashes(base, "aaaaaaaa");
	hashes(now, "baaaaaaaa");
	assert_int_equal(pagediff_choose(base, 8, now, 9, set), 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_choose),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
