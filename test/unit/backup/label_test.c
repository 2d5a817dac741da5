/* SPDX-License-Identifier: ISC */
/* Labels: round trip, damage, and values that cannot be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "backup/label.h"
#include "base/jval.h"
#include "base/str.h"
#include "crypt/sign.h"
#include "repoenv.h"
#include "testdir.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define ID	REPOENV_ID
#define FILENAME "base/" ID "/label"

static struct repoenv	 env;

static char *
copy(const char *s)
{
	struct err	 e = ERR_INIT;
	char		*out = NULL;

	assert_int_equal(str_dup(&out, s, &e), 0);
	return (out);
}

static struct label *
sample(void)
{
	struct label	*l = NULL;
	struct err	 e = ERR_INIT;

	assert_int_equal(label_new(&l, &e), 0);
	(void)snprintf(l->id, sizeof(l->id), ID);
	l->label = copy("nightly");
	l->postgresql = 150010;
	l->start_us = 1795320001000000;
	l->stop_us = 1795320301123456;
	l->start_lsn = UINT64_C(0xA01000028);
	l->stop_lsn = UINT64_C(0xA04000000);	/* a segment's first byte */
	l->oldest_xid = 700;
	l->next_xid = UINT64_C(0x500000003);
	l->timeline = 2;
	(void)snprintf(l->start_wal, LABEL_WALNAME,
	    "000000020000000A00000001");
	(void)snprintf(l->stop_wal, LABEL_WALNAME,
	    "000000020000000A00000003");
	l->wal_segment_size = 16 << 20;
	l->chunk_size = 262144;
	l->data_checksums = 1;
	l->hot = (struct hotsettings){ 1, { 130, 8, 10, 0, 64 } };
	l->files = 3;
	l->size = 1234567;
	l->stored_size = 12345;
	memset(l->manifest_hash, 0xa5, HASH_LEN);
	l->manifest_size = 999;
	assert_int_equal(label_refer(l, "20261101T040001Z", 3, 3, &e), 0);
	assert_int_equal(label_refer(l, "20261101T040001Z", 9, 4000, &e), 0);
	assert_int_equal(label_refer(l, ID, 1, 2, &e), 0);
	l->tablespaces = calloc(1, sizeof(*l->tablespaces));
	l->tablespaces[0].oid = 16385;
	l->tablespaces[0].name = copy("fast");
	l->tablespaces[0].path = copy("/srv/f\xe9st");	/* Latin 1 */
	l->ntablespaces = 1;
	l->damaged_files = 1;
	l->damaged_pages = 2;
	l->damaged[0] = copy("base/5/16384");
	l->ndamaged = 1;
	return (l);
}

static void
compare(const struct label *a, const struct label *b)
{
	size_t	 i;

	assert_string_equal(a->id, b->id);
	assert_string_equal(a->label, b->label);
	assert_string_equal(b->seawall, SEAWALL_VERSION);
	assert_int_equal(a->postgresql, b->postgresql);
	assert_int_equal(a->start_us, b->start_us);
	assert_int_equal(a->stop_us, b->stop_us);
	assert_int_equal(a->start_lsn, b->start_lsn);
	assert_int_equal(a->stop_lsn, b->stop_lsn);
	assert_int_equal(a->oldest_xid, b->oldest_xid);
	assert_int_equal(a->next_xid, b->next_xid);
	assert_int_equal(a->timeline, b->timeline);
	assert_string_equal(a->start_wal, b->start_wal);
	assert_string_equal(a->stop_wal, b->stop_wal);
	assert_int_equal(a->wal_segment_size, b->wal_segment_size);
	assert_int_equal(a->chunk_size, b->chunk_size);
	assert_int_equal(a->from_standby, b->from_standby);
	assert_int_equal(a->data_checksums, b->data_checksums);
	assert_true(b->hot.known);
	assert_memory_equal(a->hot.value, b->hot.value, sizeof(b->hot.value));
	assert_int_equal(a->files, b->files);
	assert_int_equal(a->size, b->size);
	assert_int_equal(a->stored_size, b->stored_size);
	assert_memory_equal(a->manifest_hash, b->manifest_hash, HASH_LEN);
	assert_int_equal(a->manifest_size, b->manifest_size);
	assert_int_equal(a->npacks, b->npacks);
	for (i = 0; i < a->npacks; i++) {
		assert_string_equal(a->packs[i].backup, b->packs[i].backup);
		assert_int_equal(a->packs[i].first, b->packs[i].first);
		assert_int_equal(a->packs[i].last, b->packs[i].last);
	}
	assert_int_equal(b->nfrom, 2);
	assert_int_equal(b->ntablespaces, 1);
	assert_int_equal(b->tablespaces[0].oid, 16385);
	assert_string_equal(b->tablespaces[0].name, "fast");
	assert_string_equal(b->tablespaces[0].path, "/srv/f?st");
	assert_int_equal(b->damaged_files, 1);
	assert_int_equal(b->damaged_pages, 2);
	assert_int_equal(b->ndamaged, 1);
	assert_string_equal(b->damaged[0], "base/5/16384");
}

/* Published by one role, read by all three. */
static void
test_round_trip(void **state)
{
	const struct key *const	 keys[] = {
		env.push, env.restore, env.public
	};
	struct archive		*a = repoenv_open(&env, env.push);
	struct label		*l = sample(), *back = NULL;
	struct err		 e = ERR_INIT;
	char			*file;
	size_t			 n, i;

	(void)state;
	if (label_publish(l, a, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(label_publish(l, a, &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	archive_free(a);
	file = testdir_read(repoenv_file(FILENAME), &n);
	for (i = 0; i < LEN(keys); i++) {
		err_clear(&e);
		a = repoenv_open(&env, keys[i]);
		if (label_parse(&back, file, n, ID, a, &e))
			fail_msg("%s", e.msg);
		compare(l, back);
		label_free(back);
		archive_free(a);
	}
	free(file);
	label_free(l);
}

/* Every cut, every bit, and another backup's name. */
static void
test_damage(void **state)
{
	struct archive	*a = repoenv_open(&env, env.push);
	struct label	*l = sample(), *back = NULL;
	struct err	 e = ERR_INIT;
	char		*file;
	size_t		 n, i;

	(void)state;
	assert_int_equal(label_publish(l, a, &e), 0);
	file = testdir_read(repoenv_file(FILENAME), &n);
	for (i = 0; i < n; i++) {
		err_clear(&e);
		assert_int_equal(label_parse(&back, file, i, ID, a, &e), -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
		assert_true(str_begins(e.msg, "label of " ID ": "));
	}
	for (i = 0; i < 8 * n; i++) {
		err_clear(&e);
		file[i / 8] = (char)(file[i / 8] ^ 1 << i % 8);
		assert_int_equal(label_parse(&back, file, n, ID, a, &e), -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
		file[i / 8] = (char)(file[i / 8] ^ 1 << i % 8);
	}
	err_clear(&e);
	assert_int_equal(label_parse(&back, file, n, "20261122T040001Z-2", a,
	    &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	free(file);
	label_free(l);
	archive_free(a);
}

/* Sign a text with one member replaced: what a reader says of it. */
static void
expect(struct archive *a, const char *text, const char *from, const char *to,
    const char *why)
{
	struct head_place	 place = archive_place(a, FILENAME);
	struct label		*back = NULL;
	struct err		 e = ERR_INIT;
	char			*file = NULL, *changed, *at;
	size_t			 n;

	if ((at = strstr(text, from)) == NULL)
		fail_msg("no %s in %s", from, text);
	changed = malloc(strlen(text) + strlen(to) + 1);
	memcpy(changed, text, (size_t)(at - text));
	(void)sprintf(changed + (at - text), "%s%s", to, at + strlen(from));
	assert_int_equal(sign_text(&file, &n, "label", &place, changed,
	    env.push, &e), 0);
	if (label_parse(&back, file, n, ID, a, &e) == 0) {
		if (why != NULL)
			fail_msg("%s passed", to);
	} else if (why == NULL || e.kind != ERR_CORRUPT ||
	    strstr(e.msg, why) == NULL)
		fail_msg("%s: '%s'", to, e.msg);
	label_free(back);
	free(file);
	free(changed);
}

static void
test_values(void **state)
{
	static const struct {
		const char	*from, *to, *why;
	} cases[] = {
		{ "\"files\"", "\"later\":[],\"files\"", NULL },
		{ "\"files\"", "\"folders\"", "files" },
		{ "\"files\":3", "\"files\":-3", "files" },
		{ "\"files\":3", "\"files\":\"3\"", "files" },
		{ "\"files\":3", "\"files\":3,\"files\":3", "" },
		{ "\"" ID "\"", "\"20261122T040002Z\"", "\"id\"" },
		{ "\"main\"", "\"mane\"", "\"server\"" },
		{ "7301234567890123456", "7301234567890123457",
		    "system_identifier" },
		{ "\"timeline\":2", "\"timeline\":0", "timeline" },
		{ "\"timeline\":2", "\"timeline\":1", "start_wal" },
		{ "\"timeline\":2", "\"timeline\":4294967296", "timeline" },
		{ "\"oldest_xid\":700,", "", NULL },
		{ "\"oldest_xid\":700", "\"oldest_xid\":0", "oldest_xid" },
		{ "\"oldest_xid\":700", "\"oldest_xid\":true",
		    "oldest_xid" },
		{ "\"next_xid\":21474836483", "\"next_xid\":700", NULL },
		{ "\"next_xid\":21474836483", "\"next_xid\":699",
		    "oldest_xid" },
		{ "A/1000028", "A/2000028", "start_wal" },
		{ "A/1000028", "x", "start_lsn" },
		{ "A/4000000", "A/4000001", "stop_wal" },
		{ "A/4000000", "A/1000000", "stop_lsn" },
		{ "0000000A00000003", "0000000A00000004", NULL },
		{ "0000000A00000003", "0000000A00000005", "stop_wal" },
		{ "0000000A00000003\"", "0000000A00000003.partial\"",
		    "stop_wal" },
		{ "16777216", "16777217", "wal_segment_size" },
		{ "16777216", "2147483648", "wal_segment_size" },
		{ "262144", "262145", "chunk_size" },
		{ "a5a5", "A5a5", "manifest_hash" },
		{ "\"a5", "\"", "manifest_hash" },
		{ "Z\",\"stop_time", "\",\"stop_time", "start_time" },
		{ "[3,3,9,4000]", "[3,3,9]", "ranges" },
		{ "[3,3,9,4000]", "[]", "ranges" },
		{ "[3,3,9,4000]", "[0,3]", "ranges" },
		{ "[3,3,9,4000]", "[4,3]", "ranges" },
		{ "[3,3,9,4000]", "[9,9,3,3]", "ranges" },
		{ "[3,3,9,4000]", "[3,9,9,10]", "ranges" },
		{ "[3,3,9,4000]", "[3,4294967296]", "ranges" },
		{ "[3,3,9,4000]", "[3,\"3\"]", "" },
		{ "\"20261101T040001Z\"", "\"../../etc\"", "backup" },
		{ "\"20261101T040001Z\"", "\"" ID "\"", "backup" },
		{ "\"hot_standby_settings\"", "\"unknown\"", NULL },
		{ "\"hot_standby_settings\":{", "\"hot_standby_settings\":["
		    "],\"x\":{", "hot_standby_settings" },
		{ "\"max_connections\":130", "\"x\":130",
		    "max_connections" },
		{ "\"max_connections\":130", "\"max_connections\":2147483648",
		    "max_connections" },
		{ "\"oid\":16385", "\"oid\":0", "oid" },
	};
	struct archive	*a = repoenv_open(&env, env.push);
	struct label	*l = sample();
	struct err	 e = ERR_INIT;
	char		*file;
	size_t		 n, i;

	(void)state;
	assert_int_equal(label_publish(l, a, &e), 0);
	file = testdir_read(repoenv_file(FILENAME), &n);
	file[n - 1] = '\0';
	for (i = 0; i < LEN(cases); i++)
		expect(a, strchr(file, '\n') + 1, cases[i].from, cases[i].to,
		    cases[i].why);
	free(file);
	label_free(l);
	archive_free(a);
}

/* What a reader would refuse is not published. */
static void
test_not_published(void **state)
{
	struct archive	*a = repoenv_open(&env, env.push);
	struct label	*l = sample();
	struct err	 e = ERR_INIT;

	(void)state;
	l->start_lsn = 1;
	assert_int_equal(label_publish(l, a, &e), -1);
	assert_non_null(strstr(e.msg, "not published: label of " ID));
	l->start_lsn = UINT64_C(0xA01000028);
	err_clear(&e);
	archive_free(a);
	a = repoenv_open(&env, env.public);
	assert_int_equal(label_publish(l, a, &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	label_free(l);
	archive_free(a);
}

static void
test_json(void **state)
{
	struct label	*l = sample();
	struct jval	*j = NULL;
	struct err	 e = ERR_INIT;
	char		*text = NULL;
	size_t		 n;

	(void)state;
	assert_int_equal(label_json(l, &j, &e), 0);
	assert_int_equal(jval_text(j, 0, &text, &n, &e), 0);
	assert_true(str_begins(text, "{\"id\":\"" ID "\","));
	assert_null(strstr(text, "packs"));
	free(text);
	jval_free(j);
	label_free(l);
}

int
main(void)
{
#define T(f)	cmocka_unit_test_prestate_setup_teardown(f, \
		    repoenv_setup_marked, repoenv_teardown, &env)
	const struct CMUnitTest	 tests[] = {
		T(test_round_trip),
		T(test_damage),
		T(test_values),
		T(test_not_published),
		T(test_json),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
