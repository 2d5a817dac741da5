/* SPDX-License-Identifier: ISC */
/* What a verification says of open objects. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "pg/walname.h"
#include "repoenv.h"
#include "testdir.h"
#include "verify/verify.h"

#define SEG	(UINT32_C(1) << 20)
#define FOLDER	"wal/00000001/00000000/"
#define NAME(n)	"00000001000000000000000" n
#define PATH(n)	FOLDER NAME("5") ".open-00" n
#define STOPS	"recovery to the end of WAL stops before it"

static struct repoenv	 env;
static char		 told[4][1024];
static unsigned		 ntold;

#define ok(call) do {							\
	if ((call) != 0)						\
		fail_msg("%s: %s", #call, e.msg);			\
} while (0)

static int
setup(void **state)
{
	(void)state;
	repoenv_make(&env);
	repoenv_marker(&env);
	repoenv_segment(&env, FOLDER NAME("4"));
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	repoenv_remove(&env);
	return (0);
}

/* Frames of 100 bytes each, 0: all; WAL of another "kind" is other WAL. */
static void
stream(uint32_t tli, uint64_t segno, unsigned number, size_t frames,
    uint8_t kind)
{
	static uint8_t	 wal[SEG];

	memset(wal, kind, sizeof(wal));
	repoenv_stream(&env, &(struct repoenv_stream){ .tli = tli,
	    .start = segno * SEG, .number = number, .wal = wal,
	    .n = frames == 0 ? SEG : frames * 100,
	    .frame = frames == 0 ? 0 : 100 });
}

/* The segments of this test hold zeros: what is said of these is left out. */
static int
on_finding(void *arg, const struct verify_finding *f, struct err *e)
{
	(void)arg;
	(void)e;
	if (strcmp(f->object, FOLDER NAME("4")) == 0 || ntold == 4)
		return (0);
	(void)snprintf(told[ntold++], sizeof(told[0]), "%s: %s; %s",
	    f->object, f->found, f->means);
	return (0);
}

static void
on_note(void *arg, const char *text)
{
	(void)arg;
	(void)text;
}

static struct verify_sum
look(enum verify_depth depth)
{
	const struct verify_conf	 conf = { .store = &env.conf,
	    .depth = depth, .jobs = 1, .now_us = clock_now_us(),
	    .finding = on_finding, .note = on_note };
	struct archive			*a;
	struct verify_sum		 sum;
	struct err			 e = ERR_INIT;

	a = repoenv_open(&env, depth == VERIFY_CONTENTS ? env.restore :
	    env.public);
	ntold = 0;
	ok(verify_run(&sum, a, &conf, NULL, &e));
	archive_free(a);
	return (sum);
}

/* From that depth on this finding, and no other. */
static void
expect(enum verify_depth from, const char *begin, const char *part)
{
	enum verify_depth	 d;

	for (d = VERIFY_QUICK; d <= VERIFY_CONTENTS; d++) {
		(void)look(d);
		if (d < from && ntold != 0)
			fail_msg("depth %d: %s", d, told[0]);
		if (d >= from && (ntold != 1 || strncmp(told[0], begin,
		    strlen(begin)) != 0 || strstr(told[0], part) == NULL))
			fail_msg("depth %d: %u, like \"%s\"", d, ntold,
			    ntold > 0 ? told[0] : "");
	}
}

static void
expect_none(void)
{
	expect(VERIFY_CONTENTS + 1, "", "");
}

static void
test_good(void **state)
{
	struct verify_sum	 s;
	uint64_t		 without;
	char			*p;
	size_t			 n;

	(void)state;
	without = look(VERIFY_HASHES).wal;
	stream(1, 5, 1, 3, 1);
	stream(1, 5, 2, 7, 1);
	repoenv_put(PATH("3"), "");
	expect_none();
	s = look(VERIFY_HASHES);
	assert_int_equal(s.wal, without + 3);
	assert_true(s.listed > 2000 && s.read >= 2000);
	/* A cut is what a crash leaves, and nobody knows of any other. */
	p = testdir_read(repoenv_file(PATH("2")), &n);
	repoenv_change(PATH("2"), p, n - 10);
	expect_none();
	free(p);
}

static void
test_refused(void **state)
{
	(void)state;
	stream(1, 5, 1, 3, 1);
	repoenv_object(&env, PATH("2"), "no open object, and long enough to "
	    "have a header");
	expect(VERIFY_SIGNATURES, PATH("2"), STOPS);
	/* Where the segment is complete it counts for nothing. */
	repoenv_segment(&env, FOLDER NAME("5"));
	(void)look(VERIFY_SIGNATURES);
	assert_int_equal(ntold, 0);
}

/* What ends a run is damage only where no other object leads on. */
static void
test_broken(void **state)
{
	char	*p;
	size_t	 n;

	(void)state;
	stream(1, 5, 1, 9, 1);
	p = testdir_read(repoenv_file(PATH("1")), &n);
	p[n - 1] ^= 1;
	repoenv_change(PATH("1"), p, n);
	expect(VERIFY_SIGNATURES, PATH("1"), "bytes behind LSN 0/500320 are "
	    "not authentic; recovery ends at LSN 0/500320");
	stream(1, 5, 2, 8, 1);
	expect(VERIFY_SIGNATURES, PATH("1"), "not authentic");
	stream(1, 5, 3, 9, 1);
	expect_none();
	free(p);
}

static void
test_differ(void **state)
{
	(void)state;
	stream(1, 5, 1, 3, 1);
	stream(1, 5, 2, 2, 2);
	expect(VERIFY_CONTENTS, PATH("2"), ".open-001 and .open-002 differ");
}

static void
test_gap(void **state)
{
	(void)state;
	stream(1, 6, 1, 3, 1);
	expect(VERIFY_QUICK, FOLDER NAME("5") ": missing, although WAL behind "
	    "it was streamed", "");
	/* A segment on its way to its name has a whole open object. */
	stream(1, 5, 1, 3, 1);
	expect(VERIFY_SIGNATURES, FOLDER NAME("5") ": missing, and streamed "
	    "up to LSN 0/50012C only, although WAL behind it was streamed",
	    "");
	stream(1, 5, 2, 0, 1);
	expect_none();
}

/* Of a timeline that was left nothing counts, whatever state it is in. */
static void
test_left(void **state)
{
	(void)state;
	stream(1, 6, 1, 3, 1);
	repoenv_object(&env, FOLDER NAME("6") ".open-002",
	    "no open object, and long enough to have a header");
	repoenv_object(&env, "wal/00000002.history",
	    "1\t0/5000A0\tno recovery target specified\n");
	expect_none();
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(test_good),
		T(test_refused),
		T(test_broken),
		T(test_differ),
		T(test_gap),
		T(test_left),
	};

	return (cmocka_run_group_tests_name("verifyopen", tests, NULL, NULL));
}
