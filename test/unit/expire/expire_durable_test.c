/* SPDX-License-Identifier: ISC */
/*
 * Expiry and power cuts: a label that stands has all that it refers to, also
 * one that was withdrawn and came back; the next expiry ends the same.
 */
#include <string.h>
#include <unistd.h>

#include "disk/recording.h"

#include "base/clock.h"
#include "catalogue/pinning.h"
#include "expirerun.h"
#include "repo/layout.h"
#include "repoenv.h"

#define MB	((uint64_t)1 << 20)
#define WEEK	(INT64_C(7) * 86400 * 1000000)
#define ONE	"20261101T000000Z"
#define TWO	"20261102T000000Z"
#define THREE	"20261103T000000Z"

static struct repoenv	 env;

static int
has(const char *path)
{
	return (access(testdir_path(repoenv_file(path)), F_OK) == 0);
}

static const char *
wal(char buf[128], unsigned i)
{
	(void)snprintf(buf, 128, "wal/%08X/%08X/%08X%08X%08X", 1, i >> 12, 1,
	    i >> 12, i & 0xfff);
	return (buf);
}

static void
put_backup(const char *id, unsigned seg, unsigned hour, const char *old)
{
	repoenv_backup(&env, id, 1, seg * MB, (seg + 1) * MB + 1, hour, old);
}

static void
build(void)
{
	char		 path[128];
	unsigned	 i;

	for (i = 10; i < 40; i++)
		repoenv_object(&env, wal(path, i), "0123456789");
	repoenv_object(&env, wal(path, 40), "last");
	put_backup(ONE, 11, 0, NULL);
	put_backup(TWO, 20, 24, ONE);
	put_backup(THREE, 30, 48, NULL);
}

/* "abandoned" is how long a push without a label may take. */
static int
expire(int64_t abandoned_us, struct err *e)
{
	const struct expire_conf conf = {
		.policy = { .kind = RETENTION_REDUNDANCY, .n = 1 },
		.abandoned_us = abandoned_us,
		.now_us = clock_now_us()
	};
	struct archive		*a = repoenv_open(&env, env.public);
	struct expire_result	 r;
	const int		 rc = expirerun(a, &conf, &r, e);

	archive_free(a);
	return (rc);
}

/* What a label that stands needs. */
static void
whole(const char *id, unsigned seg, const char *old)
{
	char	 path[LAYOUT_PATH];
	int	 is;

	if (!has(layout_label(path, id)))
		return;
	is = has(layout_pack(path, id, 1)) && has(layout_pack(path, id, 2)) &&
	    has(layout_manifest(path, id)) && has(wal(path, seg)) &&
	    has(wal(path, seg + 1));
	if (old != NULL)
		is = is && has(layout_pack(path, old, 1));
	recording_expect(is, "all that a label refers to");
}

static void
all_gone(const char *id)
{
	char	 path[LAYOUT_PATH];

	recording_expect(!has(layout_label(path, id)) &&
	    !has(layout_withdrawn(path, id)) &&
	    !has(layout_pack(path, id, 1)) &&
	    !has(layout_manifest(path, id)), "nothing of what expired");
}

static void
check(unsigned marks, void *arg)
{
	struct err	 e = ERR_INIT;
	char		 path[LAYOUT_PATH];
	int		 rc;

	(void)marks;
	(void)arg;
	whole(ONE, 11, NULL);
	whole(TWO, 20, ONE);
	whole(THREE, 30, NULL);
	recording_expect(has(layout_label(path, THREE)), "what is kept");
	rc = expire(WEEK, &e);
	recording_expect(rc == 0, rc == 0 ? "" : e.msg);
	whole(THREE, 30, NULL);
	recording_expect(has(layout_label(path, THREE)), "what is kept");
	/*
	 * Files that outlived their label are those of a push that was
	 * interrupted, to all that expiry can see.
	 */
	recording_expect(expire(-WEEK, &e) == 0,
	    "an expiry of abandoned files");
	all_gone(ONE);
	all_gone(TWO);
	recording_expect(!has(wal(path, 29)), "no WAL before what is kept");
}

static void
test_cut(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	build();
	recording_begin("repo", NULL);
	if (expire(WEEK, &e))
		fail_msg("%s", e.msg);
	recording_mark();
	assert_in_range(recording_each(check, NULL), 50, 5000);
}

/* The full path of an object; it lives as long as repoenv_file() says. */
static const char *
full(const char *path)
{
	return (testdir_path(repoenv_file(path)));
}

/* A server died half way through a rename, and has synced nothing. */
static void
test_half_renamed(void **state)
{
	struct err	 e = ERR_INIT;
	char		 from[LAYOUT_PATH], to[LAYOUT_PATH];

	(void)state;
	build();
	recording_begin("repo", NULL);
	assert_int_equal(link(full(layout_label(from, ONE)),
	    full(layout_withdrawn(to, ONE))), 0);
	if (expire(WEEK, &e))
		fail_msg("%s", e.msg);
	recording_mark();
	assert_in_range(recording_each(check, NULL), 50, 5000);
}

/* Another expiry withdrew it, and died before that was durable. */
static void
test_renamed(void **state)
{
	struct err	 e = ERR_INIT;
	char		 from[LAYOUT_PATH], to[LAYOUT_PATH];

	(void)state;
	build();
	recording_begin("repo", NULL);
	assert_int_equal(rename(full(layout_label(from, ONE)),
	    full(layout_withdrawn(to, ONE))), 0);
	if (expire(WEEK, &e))
		fail_msg("%s", e.msg);
	recording_mark();
	assert_in_range(recording_each(check, NULL), 50, 5000);
}

static void
pin(int64_t until_us)
{
	struct archive	*a = repoenv_open(&env, env.public);
	struct err	 e = ERR_INIT;

	if (pinning_set(a, ONE, until_us, &e))
		fail_msg("%s", e.msg);
	archive_free(a);
}

/* What was pinned, as *arg says of the time before, survives an expiry. */
static void
check_pin(unsigned marks, void *arg)
{
	struct err	 e = ERR_INIT;
	char		 path[LAYOUT_PATH];
	int		 rc = expire(WEEK, &e);

	recording_expect(rc == 0, rc == 0 ? "" : e.msg);
	recording_expect((marks == 0 && !*(const int *)arg) ||
	    has(layout_label(path, ONE)), "a pinned backup");
	whole(ONE, 11, NULL);
}

static void
test_pin(void **state)
{
	int	 pinned;

	(void)state;
	build();
	for (pinned = 0; pinned < 2; pinned++) {
		recording_begin("repo", NULL);
		pin(pinned ? clock_now_us() + INT64_C(86400000000) :
		    PIN_FOREVER);
		recording_mark();
		assert_in_range(recording_each(check_pin, &pinned), 5, 500);
	}
}

/* Who set it died before it was synced; the next one to set it relies on it. */
static void
test_same_pin(void **state)
{
	char	 path[LAYOUT_PATH];
	int	 pinned = 0;

	(void)state;
	build();
	pin(PIN_FOREVER);
	(void)layout_withdrawn(path, ONE);
	assert_int_equal(link(full(path), full("base/" TWO "/kept")), 0);
	assert_int_equal(unlink(full(path)), 0);
	recording_begin("repo", NULL);
	assert_int_equal(link(full("base/" TWO "/kept"), full(path)), 0);
	pin(PIN_FOREVER);
	recording_mark();
	assert_in_range(recording_each(check_pin, &pinned), 2, 500);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test_prestate_setup_teardown(test_cut,
		    repoenv_setup_marked, repoenv_teardown, &env),
		cmocka_unit_test_prestate_setup_teardown(test_half_renamed,
		    repoenv_setup_marked, repoenv_teardown, &env),
		cmocka_unit_test_prestate_setup_teardown(test_renamed,
		    repoenv_setup_marked, repoenv_teardown, &env),
		cmocka_unit_test_prestate_setup_teardown(test_pin,
		    repoenv_setup_marked, repoenv_teardown, &env),
		cmocka_unit_test_prestate_setup_teardown(test_same_pin,
		    repoenv_setup_marked, repoenv_teardown, &env),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
