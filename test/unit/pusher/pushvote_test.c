/* SPDX-License-Identifier: ISC */
/* Several repositories: when a file counts as durable, and when not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "pusher/pushvote.h"

static const char *const names[] = { "near", "mid", "far" };
static const uint8_t	 id[3][MARKER_ID] = { "1", "2", "3" };

static struct err
failure(enum err_kind kind, const char *text)
{
	struct err	 e = ERR_INIT;

	(void)err_set(&e, kind, "%s", text);
	return (e);
}

/* What the client hears after these: "h" has, "x" failed, "." not yet. */
static enum pushvote_verdict
verdict(const char *said, size_t quorum)
{
	const struct err	 e = failure(ERR_REMOTE, "no route");
	struct pushvote		 v;
	size_t			 i;

	pushvote_begin(&v, 7);
	for (i = 0; i < 3; i++) {
		if (said[i] == 'h')
			pushvote_has(&v, i, id[i]);
		else if (said[i] == 'x')
			pushvote_fails(&v, i, &e);
	}
	return (pushvote_verdict(&v, quorum));
}

static void
test_quorum(void **state)
{
	static const struct {
		const char		*said;
		size_t			 quorum;
		enum pushvote_verdict	 is;
	} t[] = {
		{ "...", 1, PUSHVOTE_OPEN }, { "h..", 1, PUSHVOTE_DURABLE },
		{ "x..", 1, PUSHVOTE_OPEN }, { "xx.", 1, PUSHVOTE_OPEN },
		{ "xxx", 1, PUSHVOTE_FAILED }, { "xxh", 1, PUSHVOTE_DURABLE },
		{ "h..", 2, PUSHVOTE_OPEN }, { "hx.", 2, PUSHVOTE_OPEN },
		{ "h.h", 2, PUSHVOTE_DURABLE }, { "xx.", 2, PUSHVOTE_FAILED },
		{ "hxx", 2, PUSHVOTE_FAILED }, { "hh.", 3, PUSHVOTE_OPEN },
		{ "x..", 3, PUSHVOTE_FAILED }, { "hhh", 3, PUSHVOTE_DURABLE }
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (verdict(t[i].said, t[i].quorum) != t[i].is)
			fail_msg("%s of %zu: another verdict", t[i].said,
			    t[i].quorum);
}

/* Two names for one repository are one repository. */
static void
test_one_twice(void **state)
{
	struct pushvote	 v;
	struct err	 e = ERR_INIT;

	(void)state;
	pushvote_begin(&v, 7);
	pushvote_has(&v, 0, id[0]);
	pushvote_has(&v, 2, id[0]);
	assert_int_equal(pushvote_count(&v), 1);
	assert_int_equal(pushvote_verdict(&v, 2), PUSHVOTE_OPEN);
	pushvote_has(&v, 1, id[1]);
	assert_int_equal(pushvote_count(&v), 2);
	assert_int_equal(pushvote_verdict(&v, 2), PUSHVOTE_DURABLE);
	assert_int_equal(pushvote_verdict(&v, 3), PUSHVOTE_FAILED);
	pushvote_explain(&e, &v, names, 3, 3);
	assert_int_equal(e.kind, ERR_CONFIG);
	assert_string_equal(e.msg, "repositories near and far are one and the "
	    "same, so the file is in 2, expected it in 3; if one began as a "
	    "copy of the other, see seawall-several-repositories(7)");
}

/* Nor does one count of which nobody knows which it is. */
static void
test_unknown(void **state)
{
	struct pushvote	 v;

	(void)state;
	pushvote_begin(&v, 3);
	pushvote_has(&v, 0, NULL);
	assert_int_equal(pushvote_verdict(&v, 1), PUSHVOTE_OPEN);
	pushvote_has(&v, 1, NULL);
	assert_int_equal(pushvote_verdict(&v, 1), PUSHVOTE_FAILED);
}

/* Other content is the first thing to know, whoever was first to fail. */
static void
test_worst(void **state)
{
	const struct err	 away = failure(ERR_REMOTE, "no route");
	const struct err	 other = failure(ERR_CONFLICT, "other content");
	struct err		 e = ERR_INIT;
	struct pushvote		 v;

	(void)state;
	pushvote_begin(&v, 7);
	pushvote_fails(&v, 0, &away);
	pushvote_fails(&v, 2, &other);
	pushvote_has(&v, 1, id[1]);
	assert_int_equal(pushvote_verdict(&v, 2), PUSHVOTE_FAILED);
	pushvote_explain(&e, &v, names, 3, 2);
	assert_int_equal(e.kind, ERR_CONFLICT);
	assert_string_equal(e.msg, "repository far: other content; expected "
	    "the file to be durable in 2 of 3 repositories");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_quorum),
		cmocka_unit_test(test_one_twice),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_worst)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
