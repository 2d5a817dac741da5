/* SPDX-License-Identifier: ISC */
/* JSON: members keep their order, and bad input is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/jval.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static void
text_is(const struct jval *j, const char *expected)
{
	struct err	 e = ERR_INIT;
	char		*text;
	size_t		 n;

	assert_int_equal(jval_text(j, 0, &text, &n, &e), 0);
	assert_string_equal(text, expected);
	assert_int_equal(n, strlen(expected));
	free(text);
}

static void
test_build(void **state)
{
	struct err	 e = ERR_INIT;
	struct jval	*j, *list, *inner;
	char		*text;
	size_t		 n;

	(void)state;
	assert_int_equal(jval_object(&j, &e), 0);
	assert_int_equal(jval_list(&list, &e), 0);
	assert_int_equal(jval_object(&inner, &e), 0);
	assert_int_equal(jval_set_str(j, "z", "text \"\\\n", &e), 0);
	assert_int_equal(jval_set_u64(j, "n", INT64_MAX, &e), 0);
	assert_int_equal(jval_set_bool(j, "b", 2, &e), 0);
	assert_int_equal(jval_set_null(j, "a", &e), 0);
	assert_int_equal(jval_add_str(list, "x", &e), 0);
	assert_int_equal(jval_add_u64(list, 0, &e), 0);
	assert_int_equal(jval_add(list, inner, &e), 0);
	assert_int_equal(jval_set(j, "l", list, &e), 0);
	text_is(j, "{\"z\":\"text \\\"\\\\\\n\",\"n\":9223372036854775807,"
	    "\"b\":true,\"a\":null,\"l\":[\"x\",0,{}]}");
	assert_int_equal(jval_text(j, 1, &text, &n, &e), 0);
	assert_non_null(strstr(text, "\n  \"n\": 9223372036854775807,\n"));
	free(text);
	jval_free(j);
	jval_free(NULL);
}

static void
test_refused_values(void **state)
{
	struct err	 e = ERR_INIT;
	struct jval	*j;

	(void)state;
	assert_int_equal(jval_object(&j, &e), 0);
	assert_int_equal(jval_set_str(j, "k", "\xff", &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
	assert_non_null(strstr(e.msg, "cannot store \"k\""));
	err_clear(&e);
	assert_int_equal(jval_set_u64(j, "k", UINT64_C(1) << 63, &e), -1);
	err_clear(&e);
	assert_int_equal(jval_add_u64(j, 1, &e), -1);	/* not a list */
	text_is(j, "{}");
	jval_free(j);
}

static void
test_parse_bad(void **state)
{
	static const char *const rows[] = {
		"", " ", "{", "{}x", "{} {}", "{\"a\":1,\"a\":2}", "{a:1}",
		"{\"a\":1,}", "[1,]", "{\"a\":\"\xff\"}",
		"{\"a\":\"\\u0000\"}", "{\"a\":99999999999999999999}", "1",
		"nul", "{\"a\":NaN}", "{\"\\u0000\":1}", "{'a':1}"
	};
	struct jval	*j = NULL;
	char		 deep[8192];
	size_t		 i;
	struct err	 e;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		err_clear(&e);
		assert_int_equal(jval_parse(rows[i], strlen(rows[i]), &j, &e),
		    -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
		assert_memory_equal(e.msg, "JSON: line ", 11);
	}
	memset(deep, '[', sizeof(deep));
	err_clear(&e);
	assert_int_equal(jval_parse(deep, sizeof(deep), &j, &e), -1);
	err_clear(&e);
	assert_int_equal(jval_parse("{}\0", 3, &j, &e), -1);
	assert_null(j);
}

static const char	 sample[] = "{\"s\":\"text\",\"n\":7,\"b\":false,"
	    "\"o\":{\"x\":1},\"l\":[\"a\",2,{}],\"neg\":-1,\"real\":1.0,"
	    "\"null\":null}";

static void
test_get(void **state)
{
	struct err		 e = ERR_INIT;
	struct jval		*j;
	const struct jval	*o, *l;
	const char		*s;
	uint64_t		 v;
	int			 b = 7;

	(void)state;
	assert_int_equal(jval_parse(sample, strlen(sample), &j, &e), 0);
	assert_int_equal(jval_get_str(j, "s", &s, &e), 0);
	assert_string_equal(s, "text");
	assert_int_equal(jval_get_u64(j, "n", &v, &e), 0);
	assert_int_equal(v, 7);
	assert_int_equal(jval_get_bool(j, "b", &b, &e), 0);
	assert_int_equal(b, 0);
	assert_int_equal(jval_get_object(j, "o", &o, &e), 0);
	assert_int_equal(jval_get_u64(o, "x", &v, &e), 0);
	assert_int_equal(jval_get_list(j, "l", &l, &e), 0);
	assert_int_equal(jval_count(l), 3);
	assert_int_equal(jval_at_str(l, 0, &s, &e), 0);
	assert_int_equal(jval_at_u64(l, 1, &v, &e), 0);
	assert_int_equal(jval_at_object(l, 2, &o, &e), 0);
	assert_true(jval_has(j, "null"));
	assert_false(jval_has(j, "nope"));
	assert_false(jval_has(l, "a"));
	assert_int_equal(jval_count(j), 0);
	jval_free(j);
}

static void
wrong(int rc, struct err *e, const char *msg)
{
	assert_int_equal(rc, -1);
	assert_int_equal(e->kind, ERR_CORRUPT);
	assert_string_equal(e->msg, msg);
	err_clear(e);
}

static void
test_get_wrong(void **state)
{
	struct err		 e = ERR_INIT;
	struct jval		*j;
	const struct jval	*o, *l;
	const char		*s;
	uint64_t		 v;
	int			 b;

	(void)state;
	assert_int_equal(jval_parse(sample, strlen(sample), &j, &e), 0);
	wrong(jval_get_str(j, "n", &s, &e), &e,
	    "JSON: expected \"n\" to be text");
	wrong(jval_get_str(j, "nope", &s, &e), &e,
	    "JSON: expected \"nope\" to be text");
	wrong(jval_get_u64(j, "neg", &v, &e), &e,
	    "JSON: expected \"neg\" to be a number");
	wrong(jval_get_u64(j, "real", &v, &e), &e,
	    "JSON: expected \"real\" to be a number");
	wrong(jval_get_u64(j, "s", &v, &e), &e,
	    "JSON: expected \"s\" to be a number");
	wrong(jval_get_bool(j, "n", &b, &e), &e,
	    "JSON: expected \"n\" to be true or false");
	wrong(jval_get_object(j, "l", &o, &e), &e,
	    "JSON: expected \"l\" to be an object");
	wrong(jval_get_list(j, "o", &l, &e), &e,
	    "JSON: expected \"o\" to be a list");
	assert_int_equal(jval_get_list(j, "l", &l, &e), 0);
	wrong(jval_at_str(l, 1, &s, &e), &e,
	    "JSON: expected \"item\" to be text");
	wrong(jval_at_u64(l, 3, &v, &e), &e,
	    "JSON: expected \"item\" to be a number");
	wrong(jval_at_object(l, 0, &o, &e), &e,
	    "JSON: expected \"item\" to be an object");
	jval_free(j);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_build),
		cmocka_unit_test(test_refused_values),
		cmocka_unit_test(test_parse_bad),
		cmocka_unit_test(test_get),
		cmocka_unit_test(test_get_wrong)
	};

	return (cmocka_run_group_tests_name("jval", tests, NULL, NULL));
}
