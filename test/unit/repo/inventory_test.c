/* SPDX-License-Identifier: ISC */
/* Inventories: written, read, and every way in which they do not count. */
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "crypt/retired.h"
#include "repo/inventory.h"
#include "repo/layout.h"
#include "repoenv.h"
#include "retiring.h"
#include "testdir.h"

static struct repoenv	 env;
static struct key	*push, *later;		/* new signers */
static const uint8_t	*stolen;		/* the retired one */

static int
setup(void **state)
{
	(void)state;
	repoenv_make(&env);
	retiring_renew("k", "n");
	retiring_renew("n", "l");
	push = retiring_load("n.push");
	later = retiring_load("l.push");
	stolen = key_signer(env.push, 0);
	repoenv_marker(&env);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	key_free(push);
	key_free(later);
	repoenv_remove(&env);
	return (0);
}

static void
hash_no(uint8_t hash[HASH_LEN], unsigned i)
{
	memset(hash, 0, HASH_LEN);
	memcpy(hash, &i, sizeof(i));
}

/* Publish one with "n" entries from number "first" on, signed by "k". */
static void
publish(const struct key *k, const uint8_t *signer, unsigned first, size_t n,
    char path[LAYOUT_PATH])
{
	uint8_t	 (*entry)[HASH_LEN] = calloc(n + 1, sizeof(*entry));
	uint8_t	 hash[HASH_LEN];
	size_t	 i;

	assert_non_null(entry);
	for (i = 0; i < n; i++) {
		hash_no(hash, first + (unsigned)i);
		vouched_entry(entry[i], "wal/x", hash);
	}
	retiring_vouch(path, &env, k, signer, entry, n);
	free(entry);
}

/* Whether a reader with that key file counts entry "i"; *msg says why not. */
static int
counts(const char *reader, const char *server, unsigned i, char *msg)
{
	struct key		*k = retiring_load(reader);
	struct archive		*a = NULL;
	struct head_place	 at = { server, env.system_id, "wal/x" };
	struct err		 e = ERR_INIT;
	uint8_t			 hash[HASH_LEN];
	size_t			 signer = 0;
	int			 rc;

	if (archive_open(&a, &env.conf, k, server, env.system_id, &e))
		fail_msg("%s", e.msg);
	while (memcmp(key_signer(k, signer), stolen, KEY_LEN) != 0)
		signer++;
	hash_no(hash, i);
	rc = retired_check(k, signer, &at, hash, &e);
	if (msg != NULL)
		(void)snprintf(msg, ERR_MSGMAX, "%s", e.msg);
	archive_free(a);
	key_free(k);
	return (rc == 0);
}

static void
forget(const char *path)
{
	assert_int_equal(unlink(testdir_path(repoenv_file(path))), 0);
}

static void
move(const char *from, const char *to)
{
	assert_int_equal(rename(testdir_path(repoenv_file(from)),
	    testdir_path(repoenv_file(to))), 0);
}

static void
test_round(void **state)
{
	static const size_t	 sizes[] = {
		0, 1, 2, 100, 127, 128, 129, 3000
	};
	char			 path[LAYOUT_PATH], two[LAYOUT_PATH];
	size_t			 i, n;

	(void)state;
	assert_false(counts("n.restore", "main", 0, NULL));
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		n = sizes[i];
		publish(push, stolen, 0, n, path);
		if (n > 0) {
			assert_true(counts("n.restore", "main", 0, NULL));
			assert_true(counts("n.public", "main",
			    (unsigned)n - 1, NULL));
		}
		assert_false(counts("n.restore", "main", (unsigned)n, NULL));
		forget(path);
	}
	/* Two add up; removing one takes back what it said. */
	publish(push, stolen, 0, 10, path);
	publish(push, stolen, 5, 10, two);
	assert_true(counts("n.restore", "main", 0, NULL));
	assert_true(counts("n.restore", "main", 14, NULL));
	forget(path);
	assert_false(counts("n.restore", "main", 0, NULL));
	assert_true(counts("n.restore", "main", 5, NULL));
	forget(two);
}

static void
refused(const char *reader, const char *msg)
{
	char	 why[ERR_MSGMAX];

	assert_false(counts(reader, "main", 0, why));
	if (strstr(why, msg) == NULL)
		fail_msg("expected %s, found %s", msg, why);
}

static void
test_signer(void **state)
{
	char	 path[LAYOUT_PATH];

	(void)state;
	/* The thief vouches for itself. */
	publish(env.push, stolen, 0, 1, path);
	refused("n.restore", "no inventory for it that counts: vouched/");
	forget(path);
	/* By a signer that was retired later. */
	publish(push, stolen, 0, 1, path);
	assert_true(counts("n.restore", "main", 0, NULL));
	refused("l.restore", "which is retired");
	forget(path);
	publish(later, stolen, 0, 1, path);
	assert_true(counts("l.restore", "main", 0, NULL));
	/* This one does not know that signer. */
	refused("n.restore", "which is not a signer in the key file");
	forget(path);
	/* For another signer. */
	publish(later, key_signer(push, 0), 0, 1, path);
	refused("l.restore", "holds no inventory");
	forget(path);
}

/* Every cut, every byte changed, and every kind of extension. */
static void
test_damage(void **state)
{
	char	 path[LAYOUT_PATH], *good, *bad;
	size_t	 n, i;

	(void)state;
	publish(push, stolen, 0, 2, path);
	good = testdir_read(repoenv_file(path), &n);
	bad = malloc(n + 1);
	assert_non_null(bad);
	for (i = 0; i < n; i += i > 700 && i + 70 < n ? 1 : 7) {
		repoenv_change(path, good, i);
		assert_false(counts("n.public", "main", 0, NULL));
		memcpy(bad, good, n);
		bad[i] ^= 1;
		repoenv_change(path, bad, n);
		assert_false(counts("n.public", "main", 0, NULL));
	}
	memcpy(bad, good, n);
	bad[n] = 0;
	repoenv_change(path, bad, n + 1);
	refused("n.public", "does not hold the 2 entries");
	repoenv_change(path, good, n);
	assert_true(counts("n.public", "main", 0, NULL));
	free(bad);

	/* Under another name it is not what was signed. */
	forget(path);
	path[strlen(path) - 1] = path[strlen(path) - 1] == '0' ? '1' : '0';
	repoenv_change(path, good, n);
	refused("n.public", "the signature by");
	forget(path);
	free(good);
}

/*
 * Any number of files that no signer in service has signed makes no difference;
 * inventories have a limit, and then nothing is believed.
 */
static void
test_junk(void **state)
{
	char	 path[LAYOUT_PATH], junk[LAYOUT_PATH], id[24];
	char	 more[64][LAYOUT_PATH];
	int	 i;

	(void)state;
	publish(push, stolen, 0, 1, path);
	(void)snprintf(id, sizeof(id), "%.17s", strchr(path, '/') + 1);
	repoenv_put("vouched/README", "x");
	repoenv_put("vouched/0011223344556677-0011223344556677", "x");
	(void)mkdir(testdir_path(repoenv_file(
	    "vouched/0011223344556677-0011223344556688")), 0700);
	for (i = 0; i < 200; i++) {
		(void)snprintf(junk, sizeof(junk), "vouched/%s%016x", id, i);
		repoenv_put(junk, i % 2 ? "" : "seawall\n\n");
	}
	assert_true(counts("n.public", "main", 0, NULL));
	for (i = 0; i < 63; i++)
		publish(env.push, stolen, 0, 1, more[i]);	/* the thief */
	assert_true(counts("n.public", "main", 0, NULL));
	for (i = 0; i < 63; i++) {
		forget(more[i]);
		publish(push, stolen, 7, 1, more[i]);
	}
	assert_true(counts("n.public", "main", 0, NULL));
	publish(push, stolen, 8, 1, more[63]);
	refused("n.public", "holds 65 inventories of retired signers");
	for (i = 0; i < 64; i++)
		forget(more[i]);
	for (i = 0; i < 200; i++) {
		(void)snprintf(junk, sizeof(junk), "vouched/%s%016x", id, i);
		forget(junk);
	}
	forget(path);
}

/*
 * What cannot be read stops no program, and takes nothing else away; but
 * where the marker cannot be read either, the repository has failed.
 */
static void
test_unreadable(void **state)
{
	struct err	 e = ERR_INIT;
	struct key	*k = retiring_load("n.public");
	struct archive	*a = NULL;
	char		 path[LAYOUT_PATH], link[LAYOUT_PATH];

	(void)state;
	publish(push, stolen, 0, 1, path);
	memcpy(link, path, sizeof(link));
	link[strlen(link) - 1] = link[strlen(link) - 1] == '0' ? '1' : '0';
	assert_int_equal(symlink("elsewhere", testdir_path(repoenv_file(link))),
	    0);
	assert_true(counts("n.public", "main", 0, NULL));
	forget(link);

	/* A file in the place of the directory: it cannot be listed. */
	move("vouched", "vouched.away");
	repoenv_put("vouched", "x");
	refused("n.public", "no inventory for it that counts: vouched");
	move("system", "system.away");
	assert_int_equal(archive_open(&a, &env.conf, k, "main", env.system_id,
	    &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	move("system.away", "system");
	forget("vouched");
	move("vouched.away", "vouched");
	assert_true(counts("n.public", "main", 0, NULL));
	forget(path);
	key_free(k);
}

/* One that comes while a program runs is found by its next connection. */
static void
test_later(void **state)
{
	struct key		*k = retiring_load("n.restore");
	struct archive		*a = repoenv_open(&env, k);
	struct head_place	 at = archive_place(a, "wal/x");
	struct err		 e = ERR_INIT;
	uint8_t			 hash[HASH_LEN];
	char			 path[LAYOUT_PATH];
	size_t			 signer = 1;

	(void)state;
	hash_no(hash, 0);
	publish(push, stolen, 0, 1, path);
	assert_int_equal(retired_check(k, signer, &at, hash, &e), -1);
	archive_free(a);
	a = repoenv_open(&env, k);
	err_clear(&e);
	at = archive_place(a, "wal/x");
	assert_int_equal(retired_check(k, signer, &at, hash, &e), 0);
	/* It was read once, and stays. */
	forget(path);
	archive_free(a);
	a = repoenv_open(&env, k);
	at = archive_place(a, "wal/x");
	assert_int_equal(retired_check(k, signer, &at, hash, &e), 0);
	archive_free(a);
	key_free(k);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_signer),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_junk),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_later),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
