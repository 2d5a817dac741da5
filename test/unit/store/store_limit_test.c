/* SPDX-License-Identifier: ISC */
/* A bandwidth limit on real stores: never faster than it says. */
#include <sys/stat.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bucket.h"
#include "base/clock.h"
#include "sshd.h"
#include "store_conformance.h"
#include "testdir.h"

#define RATE	(UINT64_C(2) << 20)
#define SIZE	((size_t)1 << 20)

static struct sshd	 server;
static char		 uri[1024];

static struct bucket *
bucket(uint64_t rate)
{
	struct bucket	*b;
	struct err	 e = ERR_INIT;

	if (bucket_new(&b, rate, &e))
		fail_msg("%s", e.msg);
	return (b);
}

static struct store_conf
local(struct bucket *limit)
{
	const struct store_conf	 c = {
		.repository = testdir_path("repo"),
		.io_timeout_ms = 300000,
		.limit = limit
	};

	return (c);
}

static struct store_conf
remote(struct bucket *limit)
{
	struct store_conf	 c = {
		.io_timeout_ms = 300000,
		.require_fsync = 1,
		.limit = limit
	};
	char			 dir[256];

	(void)snprintf(dir, sizeof(dir), "%s/repo", server.dir);
	sshd_reach(&c, uri, &server, dir);
	return (c);
}

static int
setup_sshd(void **state)
{
	(void)state;
	sshd_start(&server, NULL);
	return (0);
}

/* One that hangs up on a client that says nothing for two seconds or so. */
static int
setup_impatient(void **state)
{
	(void)state;
	sshd_start_with(&server, NULL,
	    "ClientAliveInterval 1\nClientAliveCountMax 1\n");
	return (0);
}

static int
teardown_sshd(void **state)
{
	(void)state;
	sshd_stop(&server);
	return (0);
}

/* Read what conformance_put() put; how long it took. */
static int64_t
get(struct store *s, const char *path, size_t n, unsigned seed)
{
	struct store_get	*g = NULL;
	struct err		 e = ERR_INIT;
	uint8_t			 buf[30000];
	int64_t			 start = clock_mono_ms();
	size_t			 got, i, at = 0;

	if (store_get_open(&g, s, path, &e) ||
	    store_get_ask(g, 0, STORE_TO_END, &e))
		fail_msg("%s", e.msg);
	do {
		if (store_get_take(g, buf, sizeof(buf), &got, &e))
			fail_msg("%s", e.msg);
		for (i = 0; i < got; i++, at++)
			if (buf[i] != conformance_byte(seed, at))
				fail_msg("byte %zu", at);
	} while (got == sizeof(buf));
	assert_int_equal(at, n);
	store_get_free(g);
	return (clock_mono_ms() - start);
}

static void
not_faster(const struct store_conf *c)
{
	const int64_t	 least = (int64_t)(SIZE * 1000 / RATE);
	struct store	*s = conformance_open(c);
	struct err	 e = ERR_INIT;
	int64_t		 start = clock_mono_ms();

	/* An empty head: every byte passes store_put_write(). */
	if (conformance_put(s, "wal/one", 0, SIZE, 3, &e))
		fail_msg("%s", e.msg);
	assert_true(clock_mono_ms() - start >= least);
	start = clock_mono_ms();
	/* Both ways have the same bucket, and its second is not yet over. */
	(void)get(s, "wal/one", SIZE, 3);
	(void)get(s, "wal/one", SIZE, 3);
	(void)get(s, "wal/one", SIZE, 3);
	assert_true(clock_mono_ms() - start >= least);
	store_free(s);
}

static void
test_local(void **state)
{
	struct bucket		*b = bucket(RATE);
	const struct store_conf	 c = local(b);

	(void)state;
	not_faster(&c);
	bucket_free(b);
}

static void
test_remote(void **state)
{
	struct bucket		*b = bucket(RATE);
	const struct store_conf	 c = remote(b);

	(void)state;
	not_faster(&c);
	bucket_free(b);
}

struct worker {
	const struct store_conf	*conf;
	char			 path[16];
	struct err		 e;
	int			 rc;
};

static void *
put(void *arg)
{
	struct worker	*w = arg;
	struct store	*s = NULL;

	w->rc = store_open(&s, w->conf, &w->e);
	if (w->rc == 0)
		w->rc = conformance_put(s, w->path, 0, SIZE / 2, 1, &w->e);
	store_free(s);
	return (NULL);
}

/* Three connections share it. */
static void
test_shared(void **state)
{
	struct bucket		*b = bucket(RATE);
	const struct store_conf	 c = remote(b);
	struct worker		 w[3];
	pthread_t		 t[3];
	int64_t			 start = clock_mono_ms();
	size_t			 i;

	(void)state;
	for (i = 0; i < 3; i++) {
		w[i] = (struct worker){ .conf = &c, .e = ERR_INIT };
		(void)snprintf(w[i].path, sizeof(w[i].path), "s/%zu", i);
		assert_int_equal(pthread_create(&t[i], NULL, put, &w[i]), 0);
	}
	for (i = 0; i < 3; i++) {
		assert_int_equal(pthread_join(t[i], NULL), 0);
		if (w[i].rc == -1)
			fail_msg("%s", w[i].e.msg);
	}
	assert_true(clock_mono_ms() - start >=
	    (int64_t)(3 * SIZE / 2 * 1000 / RATE));
	bucket_free(b);
}

/* Who waits for its turn still answers "are you there?". */
static void
test_alive(void **state)
{
	struct bucket		*b = bucket(12000);
	const struct store_conf	 c = remote(b);
	struct store		*s = conformance_open(&c);
	struct err		 e = ERR_INIT;

	(void)state;
	if (conformance_put(s, "wal/slow", 0, 50000, 5, &e))
		fail_msg("%s", e.msg);
	assert_true(get(s, "wal/slow", 50000, 5) >= 2500);
	store_free(s);
	bucket_free(b);
}

static void
test_stop(void **state)
{
	struct bucket		*b = bucket(10);
	const struct store_conf	 c = local(b);
	struct store		*s = conformance_open(&c);
	struct err		 e = ERR_INIT;

	(void)state;
	bucket_stop(b);
	assert_int_equal(conformance_put(s, "wal/never", 0, 5000, 5, &e), -1);
	assert_string_equal(e.msg,
	    "stopped while waiting for the bandwidth limit");
	store_free(s);
	bucket_free(b);
	assert_int_equal(conformance_count(testdir_path("repo"), ""), 0);
}

#define LOCAL(t) \
	cmocka_unit_test_setup_teardown(t, testdir_setup, testdir_teardown)
#define REMOTE(t, up) \
	cmocka_unit_test_setup_teardown(t, up, teardown_sshd)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		LOCAL(test_local),
		LOCAL(test_stop),
		REMOTE(test_remote, setup_sshd),
		REMOTE(test_shared, setup_sshd),
		REMOTE(test_alive, setup_impatient)
	};

	return (_cmocka_run_group_tests("store_limit", tests,
	    sshd_available() ? 5 : 2, NULL, NULL));
}
