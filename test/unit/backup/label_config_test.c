/* SPDX-License-Identifier: ISC */
/* The label's member "configuration": round trip, limits, damage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "backup/label_config.h"

static char *
text_of(const struct label_config *c)
{
	struct jval	*j = NULL;
	struct err	 e = ERR_INIT;
	char		*text;
	size_t		 n;

	assert_int_equal(jval_object(&j, &e), 0);
	assert_int_equal(label_config_set(c, j, &e), 0);
	assert_int_equal(jval_text(j, 0, &text, &n, &e), 0);
	jval_free(j);
	return (text);
}

static int
parse(struct label_config *c, const char *text, struct err *e)
{
	struct jval	*j = NULL;
	int		 rc;

	assert_int_equal(jval_parse(text, strlen(text), &j, e), 0);
	rc = label_config_get(c, j, e);
	jval_free(j);
	return (rc);
}

static void
test_round_trip(void **state)
{
	struct label_config	 c = { .known = 1 }, back = { .known = 0 };
	struct err		 e = ERR_INIT;
	char			*text, *again;

	(void)state;
	assert_int_equal(label_config_stored(&c, "/etc/\xc3\xa4", &e), 0);
	assert_int_equal(label_config_stored(&c, "/etc/\xe4", &e), 0);
	assert_int_equal(label_config_missed(&c, "", "who knows", &e), 0);
	text = text_of(&c);
	assert_int_equal(parse(&back, text, &e), 0);
	assert_int_equal(back.known, 1);
	assert_int_equal(back.nstored, 2);
	assert_string_equal(back.stored[0], "/etc/\xc3\xa4");
	assert_string_equal(back.stored[1], "/etc/?");
	assert_int_equal(back.nmissing, 1);
	assert_string_equal(back.missing[0].path, "");
	assert_string_equal(back.missing[0].why, "who knows");
	again = text_of(&back);
	assert_non_null(strstr(again, "/etc/?"));
	free(again);
	free(text);
	label_config_fini(&c);
	label_config_fini(&back);
}

/* Nobody looked: no member, as in labels of earlier versions. */
static void
test_unknown(void **state)
{
	struct label_config	 c = { .known = 0 };
	struct err		 e = ERR_INIT;
	char			*text;

	(void)state;
	text = text_of(&c);
	assert_string_equal(text, "{}");
	assert_int_equal(parse(&c, text, &e), 0);
	assert_int_equal(c.known, 0);
	free(text);
}

static void
test_many_missing(void **state)
{
	struct label_config	 c = { .known = 1 };
	struct err		 e = ERR_INIT;
	int			 i;

	(void)state;
	for (i = 0; i < LABEL_CONFIG_MISSING + 5; i++)
		assert_int_equal(label_config_missed(&c, "/a", "b", &e), 0);
	assert_int_equal(c.nmissing, LABEL_CONFIG_MISSING);
	label_config_fini(&c);
}

static void
test_bad(void **state)
{
	static const char *const	 bad[] = {
		"{\"configuration\":[]}",
		"{\"configuration\":{\"stored\":[]}}",
		"{\"configuration\":{\"missing\":[]}}",
		"{\"configuration\":{\"stored\":[1],\"missing\":[]}}",
		"{\"configuration\":{\"stored\":[],\"missing\":[\"a\"]}}",
		"{\"configuration\":{\"stored\":[],\"missing\":"
		    "[{\"path\":\"a\"}]}}",
	};
	static char	 many[4096];
	size_t		 i, n;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct label_config	 c = { .known = 0 };
		struct err		 e = ERR_INIT;

		assert_int_equal(parse(&c, bad[i], &e), -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
		label_config_fini(&c);
	}
	n = (size_t)snprintf(many, sizeof(many), "{\"configuration\":"
	    "{\"missing\":[],\"stored\":[\"a\"");
	for (i = 0; i < 256; i++)
		n += (size_t)snprintf(many + n, sizeof(many) - n, ",\"a\"");
	(void)snprintf(many + n, sizeof(many) - n, "]}}");
	{
		struct label_config	 c = { .known = 0 };
		struct err		 e = ERR_INIT;

		assert_int_equal(parse(&c, many, &e), -1);
		assert_non_null(strstr(e.msg, "impossible"));
		label_config_fini(&c);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_many_missing),
		cmocka_unit_test(test_bad),
	};

	return (cmocka_run_group_tests_name("label_config", tests, NULL,
	    NULL));
}
