/* SPDX-License-Identifier: ISC */
/* The recovery windows as a picture: in a terminal, as SVG, as HTML. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "catalogue/pinning.h"
#include "memtext.h"
#include "repoenv.h"
#include "show/picture.h"
#include "show/picturesvg.h"
#include "show/picturetext.h"
#include "testdir.h"

#define MB	((uint64_t)1 << 20)
#define HOUR	(INT64_C(3600) * 1000000)
#define DAY	(24 * HOUR)
#define A	"20261101T000000Z"
#define B	"20261102T000000Z"
#define C	"20261103T000000Z"
#define D	"20261104T000000Z"

static struct repoenv		 env;
static struct archive		*a;
static struct catalogue		*cat;
static struct window		 window;
static struct expire_conf	 expire;
static struct showlist_conf	 conf;
static struct showlist		 list;
static struct picture		 p;

static void
put_wal(uint32_t tli, unsigned first, unsigned last)
{
	char	 path[128];

	for (; first <= last; first++) {
		(void)snprintf(path, sizeof(path), "wal/%08X/00000000/"
		    "%08X00000000%08X", tli, tli, first);
		repoenv_segment(&env, path);
	}
}

/*
 * A, pinned, then a gap, then B and C on timeline 1; D on timeline 2, which
 * began at segment 0x30, while timeline 1 went on.
 */
static int
setup(void **state)
{
	struct err	 e = ERR_INIT;
	size_t		 i;

	(void)state;
	repoenv_make(&env);
	repoenv_marker(&env);
	put_wal(1, 0x10, 0x13);
	put_wal(1, 0x16, 0x32);
	put_wal(2, 0x30, 0x38);
	repoenv_object(&env, "wal/00000002.history", "1\t0/3000010\tx\n");
	a = repoenv_open(&env, env.restore);
	repoenv_backup(&env, A, 1, 0x10 * MB, 0x11 * MB + 1, 0, NULL);
	repoenv_backup(&env, B, 1, 0x20 * MB, 0x21 * MB + 1, 240, NULL);
	repoenv_backup(&env, C, 1, 0x28 * MB, 0x29 * MB + 1, 480, NULL);
	repoenv_backup(&env, D, 2, 0x34 * MB, 0x35 * MB + 1, 600, NULL);
	if (pinning_set(a, A, PIN_FOREVER, &e) ||
	    catalogue_load(&cat, a, &e) || window_make(&window, cat, &e))
		fail_msg("%s", e.msg);
	expire = (struct expire_conf){ .minimum_redundancy = 1, .dry = 1,
	    .policy = { .kind = RETENTION_WINDOW, .n = 7, .unit_days = 1 },
	    .now_us = catalogue_label(cat, 3)->stop_us + 2 * DAY };
	conf = (struct showlist_conf){ .now_us = expire.now_us,
	    .expire = &expire };
	if (showlist_begin(&list, a, cat, &conf, &e) ||
	    showlist_make(&list, a, &window, &e))
		fail_msg("%s", e.msg);
	/* The segments were put there just now: say when they belong. */
	for (i = 0; i < window.lines.n; i++)
		list.line[i].archived_us = catalogue_label(cat,
		    window.lines.v[i].backup[window.lines.v[i].n - 1])->stop_us
		    + DAY;
	list.reach.archived_us = expire.now_us - HOUR;
	if (picture_make(&p, &list, &e))
		fail_msg("%s", e.msg);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	picture_fini(&p);
	showlist_fini(&list);
	window_free(&window);
	catalogue_free(cat);
	archive_free(a);
	repoenv_remove(&env);
	cat = NULL;
	return (0);
}

#define DASHES	"╌╌╌╌╌╌╌╌╌╌"
#define BARS	"━━━━━━━━━━"

static void
test_terminal(void **state)
{
	FILE	*f = memtext_open();
	char	 text[4096], *line, *save = NULL;

	(void)state;
	picturetext_print(f, &p);
	(void)snprintf(text, sizeof(text), "%s", memtext_close(f));
	assert_string_equal(strtok_r(text, "\n", &save),
	    "server main, system identifier 7301234567890123456");
	assert_string_equal(strtok_r(NULL, "\n", &save), "status: 1 gap; 4 "
	    "backups, the newest 2d 0h old; WAL up to <time>, 1h 0m ago");
	/* A pinned, B goes, C and D; no WAL of the last day. */
	assert_string_equal(strtok_r(NULL, "\n", &save),
	    "timeline 2      ◆━" DASHES DASHES "○" BARS BARS "━━●" BARS "●━━");
	assert_string_equal(strtok_r(NULL, "\n", &save), "timeline 1      "
	    "                      " BARS BARS "━━━━━━");
	line = strtok_r(NULL, "\n", &save);
	assert_non_null(strstr(line, "└───────────────────┴"));
	line = strtok_r(NULL, "\n", &save);
	assert_int_equal(strlen(line), 78);
	line = strtok_r(NULL, "\n", &save);
	assert_non_null(strstr(line, "◆ pinned"));
	assert_string_equal(strtok_r(NULL, "\n", &save), "the next expiry "
	    "deletes 1 backup, first " B);
	assert_null(strtok_r(NULL, "\n", &save));
}

/* What is drawn, without drawing it. */
static void
test_layout(void **state)
{
	(void)state;
	assert_int_equal(p.nlane, 2);
	assert_int_equal(p.lane[0], 2);
	assert_int_equal(p.lane[1], 1);
	assert_int_equal(p.nspan, 4);
	assert_int_equal(p.span[0].gap + p.span[1].gap + p.span[2].gap +
	    p.span[3].gap, 1);
	assert_int_equal(p.nmark, 4);
	assert_int_equal(p.mark[0].kind, PICTURE_PINNED);
	assert_int_equal(p.mark[1].kind, PICTURE_GOES);
	assert_int_equal(p.mark[2].kind, PICTURE_KEPT);
	assert_int_equal(p.mark[3].kind, PICTURE_KEPT);
	assert_int_equal(p.to_us, conf.now_us);
	assert_int_equal(picture_x(&p, p.from_us - 1, 100), 0);
	assert_int_equal(picture_x(&p, p.to_us + 1, 100), 100);
	assert_int_equal(picture_x(&p, p.from_us + (p.to_us - p.from_us) / 2 +
	    HOUR, 100), 50);
}

/* What expires next is promised only where that is known. */
static void
test_next(void **state)
{
	char		 next[PICTURE_NEXT];
	struct err	 e = ERR_INIT;

	(void)state;
	picture_fini(&p);
	showlist_fini(&list);
	expire.policy.n = 30;
	if (showlist_begin(&list, a, cat, &conf, &e) ||
	    showlist_make(&list, a, &window, &e) ||
	    picture_make(&p, &list, &e))
		fail_msg("%s", e.msg);
	assert_non_null(strstr(picture_next(next, &p), "expires next: " B
	    ", not before 20"));
	picture_fini(&p);
	showlist_fini(&list);
	conf.expire = NULL;
	if (showlist_begin(&list, a, cat, &conf, &e) ||
	    showlist_make(&list, a, &window, &e) ||
	    picture_make(&p, &list, &e))
		fail_msg("%s", e.msg);
	assert_non_null(strstr(picture_next(next, &p), "not known: no "
	    "retention_policy"));
	assert_int_equal(p.mark[1].kind, PICTURE_KEPT);
}

static const char *
save(const char *name)
{
	static char		 text[65536];
	struct picturesvg	*f = NULL;
	struct err		 e = ERR_INIT;
	char			*read;
	size_t			 n;

	if (picturesvg_open(&f, testdir_path(name), &e))
		fail_msg("%s", e.msg);
	picturesvg_add(f, &p);
	picturesvg_failed(f, "other", "its disk <b>is</b> away & gone");
	if (picturesvg_save(f, &e))
		fail_msg("%s", e.msg);
	picturesvg_free(f);
	read = testdir_read(name, &n);
	assert_true(n < sizeof(text));
	memcpy(text, read, n);
	text[n] = '\0';
	free(read);
	return (text);
}

/* Each tag that is opened is closed, in order; texts hold none. */
static void
balanced(const char *text, const char *alone)
{
	const char	*stack[32], *s = text;
	size_t		 n = 0, len;

	while ((s = strchr(s, '<')) != NULL) {
		s++;
		len = strcspn(s, " />");
		if (s[0] == '!' || s[0] == '?')
			continue;
		if (s[0] == '/') {
			len = strcspn(++s, ">");
			assert_true(n > 0);
			n--;
			assert_memory_equal(stack[n], s, len);
		} else if (s[strcspn(s, ">") - 1] != '/' &&
		    (len != 4 || strncmp(s, alone, 4) != 0)) {
			assert_true(n < 32);
			stack[n++] = s;
		}
	}
	assert_int_equal(n, 0);
}

static void
test_svg(void **state)
{
	const char	*text = save("p.svg");

	(void)state;
	balanced(text, "none");
	assert_non_null(strstr(text, "<svg xmlns=\"http://www.w3.org/2000/svg\""
	    " viewBox=\"0 0 360 "));
	assert_non_null(strstr(text, ">timeline 2</text>"));
	assert_non_null(strstr(text, "<title>" A ", ended "));
	assert_non_null(strstr(text, "\">server other is not known: its disk "
	    "&lt;b&gt;is&lt;/b&gt; away &amp;</text>"));
}

/* Nothing is fetched and nothing runs. */
static void
test_html(void **state)
{
	const char	*text = save("p.html");

	(void)state;
	balanced(text, "meta");
	assert_null(strstr(text, "http"));
	assert_null(strstr(text, "src="));
	assert_null(strstr(text, "<script"));
	assert_non_null(strstr(text, "name=\"viewport\""));
	assert_non_null(strstr(text, "<td><b>" B "</b></td>"));
	assert_non_null(strstr(text, "<td>no: not needed for recovery window "
	    "of 7 days</td>"));
}

/* What was known before is better than a page without anything. */
static void
test_nothing(void **state)
{
	struct picturesvg	*f = NULL;
	struct err		 e = ERR_INIT;
	char			*text;
	size_t			 n;

	(void)state;
	testdir_text("old.html", "old");
	if (picturesvg_open(&f, testdir_path("old.html"), &e) ||
	    picturesvg_save(f, &e))
		fail_msg("%s", e.msg);
	picturesvg_free(f);
	text = testdir_read("old.html", &n);
	assert_int_equal(n, 3);
	assert_memory_equal(text, "old", 3);
	free(text);
}

static void
test_name(void **state)
{
	static const char *const bad[] = { "", "svg", "a.png", "a.svg/b",
	    "a.html.gz" };
	struct picturesvg	*f = NULL;
	struct err		 e;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		e = (struct err)ERR_INIT;
		assert_int_equal(picturesvg_open(&f, bad[i], &e), -1);
		assert_int_equal(e.kind, ERR_USAGE);
	}
}

int
main(void)
{
#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest	 tests[] = {
		T(test_terminal),
		T(test_layout),
		T(test_next),
		T(test_svg),
		T(test_html),
		T(test_nothing),
		cmocka_unit_test(test_name)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
