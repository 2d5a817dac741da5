/* SPDX-License-Identifier: ISC */
/* Labels as large as they may be, and those that are larger. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "backup/label.h"
#include "crypt/sign.h"
#include "repoenv.h"

#define ID	"20261122T040001Z"

static struct repoenv	 env;

/* A text of "n" bytes. */
static char *
text(size_t n)
{
	char	*s = malloc(n + 1);

	assert_non_null(s);
	memset(s, 'x', n);
	s[n] = '\0';
	return (s);
}

static struct label *
sample(size_t tablespaces)
{
	struct label	*l = NULL;
	struct err	 e = ERR_INIT;
	size_t		 i;

	assert_int_equal(label_new(&l, &e), 0);
	(void)snprintf(l->id, sizeof(l->id), ID);
	l->postgresql = 150010;
	l->start_lsn = 1 << 20;
	l->stop_lsn = 2 << 20;
	l->timeline = 1;
	(void)snprintf(l->start_wal, LABEL_WALNAME,
	    "000000010000000000000001");
	(void)snprintf(l->stop_wal, LABEL_WALNAME,
	    "000000010000000000000001");
	l->wal_segment_size = 1 << 20;
	l->chunk_size = 262144;
	assert_int_equal(label_refer(l, ID, 1, 2, &e), 0);
	l->tablespaces = calloc(tablespaces + 1, sizeof(*l->tablespaces));
	for (i = 0; i < tablespaces; i++)
		l->tablespaces[i] = (struct label_tablespace){
		    (uint32_t)(16384 + i), text(1), text(8) };
	l->ntablespaces = tablespaces;
	return (l);
}

/*
 * Publish the label: it is refused with "why" in the message, or, if that is
 * NULL, published.  The pushing program learns the same beforehand, if "early".
 */
static void
publish(struct label *l, int early, const char *why)
{
	struct archive	*a = repoenv_open(&env, env.push);
	struct err	 e = ERR_INIT;
	static unsigned	 n;

	(void)snprintf(l->id, sizeof(l->id), "20261122T%06uZ", n++);
	if (early) {
		assert_int_equal(label_fits(l, &e), why == NULL ? 0 : -1);
		assert_int_equal(e.kind, why == NULL ? ERR_NONE : ERR_CONFIG);
		err_clear(&e);
	}
	if (label_publish(l, a, &e) == 0 ? why != NULL : why == NULL ||
	    strstr(e.msg, why) == NULL)
		fail_msg("%s", e.msg);
	archive_free(a);
	label_free(l);
}

static void
test_tablespaces(void **state)
{
	struct label	*l;

	(void)state;
	publish(sample(LABEL_TABLESPACES_MAX), 1, NULL);
	publish(sample(LABEL_TABLESPACES_MAX + 1), 1, "\"tablespaces\"");
	l = sample(1);
	free(l->tablespaces[0].path);
	l->tablespaces[0].path = text(LABEL_SPACE_PATH_MAX);
	publish(l, 1, NULL);
	l = sample(1);
	free(l->tablespaces[0].path);
	l->tablespaces[0].path = text(LABEL_SPACE_PATH_MAX + 1);
	publish(l, 1, "\"path\"");
}

static void
test_texts(void **state)
{
	struct label	*l;
	struct err	 e = ERR_INIT;
	char		*s;
	size_t		 i;

	(void)state;
	for (i = 0; i < 2; i++) {
		l = sample(0);
		l->label = text(LABEL_TEXT_MAX + i);
		publish(l, 1, i == 0 ? NULL : "\"label\"");
		l = sample(0);
		l->data_directory = text(LABEL_TEXT_MAX + i);
		publish(l, 1, i == 0 ? NULL : "\"data_directory\"");
		l = sample(0);
		l->damaged[0] = text(LABEL_TEXT_MAX + i);
		l->ndamaged = 1;
		publish(l, 0, i == 0 ? NULL : "\"first\"");
		s = text(LABEL_CONFIG_TEXT + i);
		l = sample(0);
		l->config.known = 1;
		assert_int_equal(label_config_stored(&l->config, s, &e), 0);
		publish(l, 0, i == 0 ? NULL : "\"configuration\"");
		l = sample(0);
		l->config.known = 1;
		assert_int_equal(label_config_missed(&l->config, s, s, &e),
		    0);
		publish(l, 0, i == 0 ? NULL : "\"configuration\"");
		free(s);
	}
}

/* As many backups as a manifest's table has room for; in any order. */
static struct label *
with_packs(unsigned backups)
{
	struct label	*l = sample(0);
	struct err	 e = ERR_INIT;
	char		 id[LAYOUT_ID];
	unsigned	 i, k;

	for (i = 0; i < backups; i++) {
		k = (unsigned)((uint64_t)i * 7919 % backups);
		(void)snprintf(id, sizeof(id), "20200101T%06uZ", k);
		assert_int_equal(label_refer(l, id, 7 + k, 8 + k, &e), 0);
	}
	return (l);
}

static void
test_packs(void **state)
{
	struct label	*l;
	struct err	 e = ERR_INIT;

	(void)state;
	publish(with_packs(UINT16_MAX - 1), 0, NULL);
	publish(with_packs(UINT16_MAX), 0, "\"packs\"");
	/* One of the first named again at the end. */
	l = with_packs(1000);
	assert_int_equal(label_refer(l, "20200101T000002Z", 5000, 5001, &e),
	    0);
	publish(l, 0, "\"backup\"");
}

/*
 * So many runs of packs, no two of which are neighbours: one more is refused,
 * by a writer and in what another writer made.
 */
static void
test_ranges(void **state)
{
	struct label		*l = sample(0), *back = NULL;
	struct archive		*a = repoenv_open(&env, env.push);
	struct err		 e = ERR_INIT;
	struct head_place	 place = archive_place(a, "base/" ID "/label");
	char			*json = NULL, *file = NULL, *at;
	size_t			 n;
	unsigned		 i;

	(void)state;
	for (i = (unsigned)l->npacks; i < LABEL_RANGES_MAX; i++)
		assert_int_equal(label_refer(l, "20200101T000002Z", 2 * i + 1,
		    2 * i + 1, &e), 0);
	assert_int_equal(label_refer(l, "20200101T000002Z", 2 * i + 1,
	    2 * i + 1, &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
	assert_non_null(strstr(e.msg, "more than 65536 runs"));
	err_clear(&e);
	assert_int_equal(label_text(l, a, &json, &e), 0);
	assert_int_equal(sign_text(&file, &n, "label", &place, json, env.push,
	    &e), 0);
	assert_int_equal(label_parse(&back, file, n, ID, a, &e), 0);
	assert_int_equal(back->npacks, LABEL_RANGES_MAX);
	label_free(back);
	free(file);
	/* One run more. */
	assert_non_null(at = strstr(json, ",131071,131071]"));
	assert_non_null(file = malloc(strlen(json) + 64));
	(void)snprintf(file, strlen(json) + 64, "%.*s,131071,131071,131073,"
	    "131073]%s", (int)(at - json), json, at + 15);
	free(json);
	json = file;
	assert_int_equal(sign_text(&file, &n, "label", &place, json, env.push,
	    &e), 0);
	back = NULL;
	assert_int_equal(label_parse(&back, file, n, ID, a, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_non_null(strstr(e.msg, "\"ranges\""));
	free(json);
	free(file);
	label_free(l);
	archive_free(a);
}

/* What was read is asked faster, and answers the same. */
static void
test_has_pack(void **state)
{
	struct archive	*a = repoenv_open(&env, env.push);
	struct label	*l = with_packs(100), *back = NULL;
	struct err	 e = ERR_INIT;
	char		*file = NULL, *json = NULL, id[LAYOUT_ID];
	struct head_place place;
	size_t		 n;
	unsigned	 k, no;

	(void)state;
	place = archive_place(a, "base/" ID "/label");
	assert_int_equal(label_text(l, a, &json, &e), 0);
	assert_int_equal(sign_text(&file, &n, "label", &place, json, env.push,
	    &e), 0);
	assert_int_equal(label_parse(&back, file, n, ID, a, &e), 0);
	assert_true(label_has_pack(back, ID, 2));
	assert_false(label_has_pack(back, ID, 3));
	for (k = 0; k < 110; k++) {
		(void)snprintf(id, sizeof(id), "20200101T%06uZ", k);
		for (no = 1; no < 120; no++)
			assert_int_equal(label_has_pack(back, id, no),
			    label_has_pack(l, id, no));
	}
	free(json);
	free(file);
	label_free(back);
	label_free(l);
	archive_free(a);
}

int
main(void)
{
#define T(f)	cmocka_unit_test_prestate_setup_teardown(f, \
		    repoenv_setup_marked, repoenv_teardown, &env)
	const struct CMUnitTest	 tests[] = {
		T(test_tablespaces),
		T(test_texts),
		T(test_packs),
		T(test_ranges),
		T(test_has_pack),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
