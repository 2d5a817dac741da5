/* SPDX-License-Identifier: ISC */
/* The coming days of two backups, as text and as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "memtext.h"
#include "repoenv.h"
#include "show/showsimulate.h"

#define MB	((uint64_t)1 << 20)
#define DAY	INT64_C(86400000000)
#define A	"20261101T000000Z"
#define B	"20261102T000000Z"

static struct repoenv	 env;
static struct archive	*a;
static struct catalogue	*cat;

/* Text of "days" days under "redundancy 1"; or JSON, if there is a list. */
static const char *
show(uint64_t days, struct jval *list)
{
	const struct expire_conf	 conf = { .dry = 1,
	    .policy = { .kind = RETENTION_REDUNDANCY, .n = 1 },
	    .now_us = catalogue_label(cat, catalogue_labels(cat) - 1)->stop_us
	    + DAY / 2 };
	struct expire			*x = NULL;
	struct showsimulate		 s = { .archive = a,
	    .policy = conf.policy, .days = days };
	struct err			 e = ERR_INIT;
	FILE				*out = memtext_open();

	if (expire_plan(&x, a, cat, &conf, &e))
		fail_msg("%s", e.msg);
	s.expire = x;
	if (showsimulate_show(out, list, &s, &e))
		fail_msg("%s", e.msg);
	expire_free(x);
	return (list != NULL ? (fclose(out), NULL) : memtext_close(out));
}

static int
setup(void **state)
{
	struct err	 e = ERR_INIT;
	unsigned	 i;
	char		 path[128];

	(void)state;
	repoenv_make(&env);
	repoenv_marker(&env);
	for (i = 0x10; i <= 0x24; i++) {
		(void)snprintf(path, sizeof(path), "wal/00000001/00000000/"
		    "0000000100000000%08X", i);
		repoenv_segment(&env, path);
	}
	a = repoenv_open(&env, env.public);
	repoenv_backup(&env, A, 1, 0x10 * MB, 0x11 * MB + 1, 0, NULL);
	repoenv_backup(&env, B, 1, 0x20 * MB, 0x21 * MB + 1, 24, A);
	if (catalogue_load(&cat, a, &e))
		fail_msg("%s", e.msg);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	catalogue_free(cat);
	archive_free(a);
	repoenv_remove(&env);
	return (0);
}

/* Whether "text" goes on with "want", in which # is any digit; moves behind. */
static void
next(const char **text, const char *want)
{
	const char	*s = *text, *w = want;

	for (; *w != '\0'; s++, w++)
		if (*w == '#' ? *s < '0' || *s > '9' : *s != *w)
			fail_msg("expected \"%s\", found \"%s\"", want, *text);
	*text = s;
}

/* All of the first day, then what changes. */
static void
test_text(void **state)
{
	const char	*t = show(2, NULL);

	(void)state;
	next(&t, "server main, system identifier 7301234567890123456\n"
	    "  redundancy 1; nothing is deleted or written\n"
	    "  a backup every 24 hours is assumed, as lately\n");
	next(&t, "####-##-##: 1 kept, 1 expires, any point from <time> on\n"
	    "  expire " A ": not needed for redundancy 1\n"
	    "  keep   " B ": one of the 1 newest\n");
	next(&t, "####-##-##: 1 kept, 1 expires, any point from <time> on\n"
	    "  expire " B ": not needed for redundancy 1\n"
	    "  keep   ########T######Z (assumed): one of the 1 newest\n");
	next(&t, "####-##-##: 1 kept, 1 expires, any point from <time> on\n"
	    "  expire ########T######Z (assumed): not needed for redundancy "
	    "1\n"
	    "  keep   ########T######Z (assumed): one of the 1 newest\n");
	assert_string_equal(t, "");
}

static void
test_json(void **state)
{
	struct jval	*list = NULL;
	struct err	 e = ERR_INIT;
	const char	*t;

	(void)state;
	assert_int_equal(jval_list(&list, &e), 0);
	(void)show(1, list);
	t = memtext_json(list);
	next(&t, "[{\"schema\":1,\"server\":\"main\",\"system_identifier\":"
	    "\"7301234567890123456\",\"policy\":\"redundancy 1\","
	    "\"assumed_interval\":86400,\"days\":[");
	next(&t, "{\"time\":\"<time>\",\"kept\":1,\"expired\":1,"
	    "\"any_point_from\":\"<time>\",\"backups\":["
	    "{\"id\":\"" A "\",\"keep\":false,\"why\":\"not needed for "
	    "redundancy 1\",\"end_only\":false,\"assumed\":false},"
	    "{\"id\":\"" B "\",\"keep\":true,\"why\":\"one of the 1 newest\","
	    "\"end_only\":false,\"assumed\":false}]},");
	next(&t, "{\"time\":\"<time>\",\"kept\":1,\"expired\":1,"
	    "\"any_point_from\":\"<time>\",\"backups\":["
	    "{\"id\":\"" B "\",\"keep\":false,\"why\":\"not needed for "
	    "redundancy 1\",\"end_only\":false,\"assumed\":false},"
	    "{\"id\":\"########T######Z\",\"keep\":true,\"why\":\"one of the "
	    "1 newest\",\"end_only\":false,\"assumed\":true}]}]}]");
	assert_string_equal(t, "");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_json)
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
