/* SPDX-License-Identifier: ISC */
/* The list of names that are to be pushed ahead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "pusher/pushahead.h"

static struct pushahead	 list;

static const char *
name_of(unsigned tli, unsigned n)
{
	static char	 buf[4][WALNAME_TEXT];
	static unsigned	 next;
	char		*p = buf[next++ % 4];

	(void)snprintf(p, WALNAME_TEXT, "%08X00000000%08X", tli, n);
	return (p);
}

static int
setup(void **state)
{
	(void)state;
	memset(&list, 0xff, sizeof(list));
	pushahead_clear(&list);
	return (0);
}

static void
add(unsigned tli, unsigned from, unsigned to)
{
	for (; from <= to; from++)
		pushahead_add(&list, name_of(tli, from));
}

/* These come out, in this order. */
static void
take(unsigned tli, unsigned from, unsigned to)
{
	char	 name[WALNAME_TEXT];

	for (; from <= to; from++) {
		assert_int_equal(pushahead_take(&list, name), 1);
		assert_string_equal(name, name_of(tli, from));
	}
}

static void
nothing_left(void)
{
	char	 name[WALNAME_TEXT];

	assert_int_equal(pushahead_count(&list), 0);
	assert_int_equal(pushahead_take(&list, name), 0);
}

static void
test_before(void **state)
{
	(void)state;
	assert_true(pushahead_is_before(name_of(1, 1), name_of(1, 2)));
	assert_false(pushahead_is_before(name_of(1, 2), name_of(1, 2)));
	assert_false(pushahead_is_before(name_of(1, 2), name_of(1, 1)));
	assert_false(pushahead_is_before(name_of(1, 1), name_of(2, 2)));
	assert_false(pushahead_is_before("00000001.history",
	    name_of(1, 1)));
	assert_false(pushahead_is_before("", name_of(1, 1)));
	assert_true(pushahead_is_segment(name_of(1, 1)));
	assert_false(pushahead_is_segment("00000001.history"));
	assert_false(pushahead_is_segment(
	    "000000010000000000000001.partial"));
}

static void
test_order(void **state)
{
	(void)state;
	nothing_left();
	add(1, 1, 5);
	assert_int_equal(pushahead_count(&list), 5);
	take(1, 1, 2);
	assert_int_equal(pushahead_put_back(&list, name_of(1, 2)), 1);
	assert_int_equal(pushahead_put_back(&list, name_of(1, 1)), 1);
	take(1, 1, 5);
	nothing_left();
	add(1, 6, 7);
	pushahead_clear(&list);
	nothing_left();
}

static void
test_room(void **state)
{
	unsigned	 n;

	(void)state;
	add(2, 1, READY_MAX);
	for (n = PUSHAHEAD_BACK; n > 0; n--)
		assert_int_equal(pushahead_put_back(&list, name_of(1, n)),
		    1);
	assert_int_equal(pushahead_put_back(&list, name_of(1, 0)), 0);
	take(1, 1, PUSHAHEAD_BACK);
	take(2, 1, READY_MAX);
	nothing_left();
}

static void
test_drop(void **state)
{
	(void)state;
	add(1, 1, 6);
	add(2, 1, 2);
	assert_true(pushahead_has_before(&list, name_of(1, 2)));
	assert_false(pushahead_has_before(&list, name_of(1, 1)));
	assert_false(pushahead_has_before(&list, name_of(3, 9)));
	pushahead_drop(&list, name_of(1, 9));
	pushahead_drop(&list, name_of(1, 1));
	pushahead_drop(&list, name_of(1, 3));
	assert_false(pushahead_has_before(&list, name_of(1, 2)));
	pushahead_drop_behind(&list, name_of(1, 4));
	take(1, 2, 2);
	take(1, 4, 4);
	take(2, 1, 2);
	nothing_left();
	pushahead_drop(&list, name_of(1, 1));
	pushahead_drop_behind(&list, name_of(1, 1));
	nothing_left();
}

#define T(f)	cmocka_unit_test_setup(f, setup)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		T(test_before), T(test_order), T(test_room), T(test_drop),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
