/* SPDX-License-Identifier: ISC */
/* Manifests that a stolen database host could sign, met by a restore. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "repo/layout.h"
#include "repo/manifest.h"
#include "repo/object.h"
#include "repo/restore.h"
#include "repoenv.h"
#include "testdir.h"

#define CHUNK	65536

static int
nothing(void *arg, const char *dir, struct err *e)
{
	(void)arg; (void)dir; (void)e;
	return (0);
}

/* The manifest of one directory, or of a link and a file behind it. */
static void
put_manifest(struct archive *a, const char *id, uint32_t chunk,
    const char *path)
{
	const struct codec_spec		 none = { CODEC_NONE, 0 };
	const struct manifest_entry	 all[] = {
		{ .type = MANIFEST_DIR, .path = "pg_tblspc", .mode = 0700 },
		{ .type = MANIFEST_LINK, .path = "pg_tblspc/5",
		    .target = "/gone", .mode = 0777 },
		{ .type = MANIFEST_FILE, .path = path, .mode = 04755 }
	};
	struct manifest_writer		*w = NULL;
	struct object_info		 info;
	struct sink			*s = NULL;
	struct err			 e = ERR_INIT;
	char				 where[LAYOUT_PATH];
	size_t				 i;

	if (object_sink_open(&s, a, HEAD_MANIFEST,
	    layout_manifest(where, REPOENV_ID), none, &info, &e) ||
	    manifest_writer_new(&w, s, chunk, &id, 1, &e))
		fail_msg("%s", e.msg);
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (manifest_writer_entry(w, &all[i], &e))
			fail_msg("%s", e.msg);
	if (manifest_writer_end(w, &e) || sink_finish(s, &e))
		fail_msg("%s", e.msg);
	manifest_writer_free(w);
	sink_free(s);
}

/* Restores with tablespace 5 at "place"; what is said of it. */
static void
restore(const struct repoenv *env, char *place, const char *map,
    struct err *e)
{
	char			 name[] = "far", dir[512];
	struct label_tablespace	 ts = { .oid = 5, .name = name,
	    .path = place };
	struct label		 l = { .id = REPOENV_ID, .chunk_size = CHUNK,
	    .postgresql = 150000, .tablespaces = &ts, .ntablespaces = 1 };
	struct restore_stats	 stats;
	const struct restore_map maps[] = { { "far", map } };
	const struct restore_conf	 c = {
		.store = &env->conf, .key = env->restore, .server = "main",
		.system_id = REPOENV_SYSTEM, .label = &l, .dir = dir,
		.maps = maps, .nmaps = map != NULL, .jobs = 2,
		.configure = nothing
	};

	(void)snprintf(dir, sizeof(dir), "%s", testdir_path("into"));
	assert_int_equal(restore_run(&c, &stats, e), -1);
	assert_int_not_equal(access(testdir_path("into/global/pg_control"),
	    F_OK), 0);
}

static void
case_of(const char *id, uint32_t chunk, const char *path, const char *place,
    int mapped, enum err_kind kind, const char *says)
{
	struct repoenv	 env;
	struct archive	*a;
	struct err	 e = ERR_INIT;
	char		 text[512], map[512];

	repoenv_make(&env);
	repoenv_marker(&env);
	a = repoenv_open(&env, env.push);
	put_manifest(a, id, chunk, path);
	archive_free(a);
	(void)snprintf(text, sizeof(text), "%s", place[0] == '/' ? place :
	    strcmp(place, "place") == 0 ? testdir_path(place) : place);
	(void)snprintf(map, sizeof(map), "%s", testdir_path("map"));
	restore(&env, text, mapped ? map : NULL, &e);
	if (e.kind != kind || strstr(e.msg, says) == NULL)
		fail_msg("%s: found \"%s\", expected \"%s\"", path, e.msg,
		    says);
	assert_int_not_equal(access(testdir_path("place/authorized_keys"),
	    F_OK), 0);
	repoenv_remove(&env);
}

static void
test_hostile(void **state)
{
	(void)state;
	case_of(REPOENV_ID, CHUNK, "pg_tblspc/5/authorized_keys", "place", 0,
	    ERR_CORRUPT, "pg_tblspc/5/authorized_keys is no part of a");
	case_of(REPOENV_ID, CHUNK, "pg_tblspc/5/PG", "place", 0, ERR_CORRUPT,
	    "is no part of a tablespace");
	/* This one may be; what is wrong then comes after it. */
	case_of(REPOENV_ID, CHUNK, "pg_tblspc/5/PG_15", "place", 0,
	    ERR_CORRUPT, "manifest has no global/pg_control");
	case_of("20260101T000000Z", CHUNK, "pg_tblspc/5/PG_15", "place", 0,
	    ERR_CORRUPT, "manifest: of another backup");
	case_of(REPOENV_ID, 2 * CHUNK, "pg_tblspc/5/PG_15", "place", 0,
	    ERR_CORRUPT, "manifest: of another backup");
}

static void
test_places(void **state)
{
	(void)state;
	case_of(REPOENV_ID, CHUNK, "pg_tblspc/5/PG_15", "/caf?", 0, ERR_USAGE,
	    "say --tablespace far:DIR");
	case_of(REPOENV_ID, CHUNK, "pg_tblspc/5/PG_15", "/caf?", 1,
	    ERR_CORRUPT, "manifest has no global/pg_control");
	case_of(REPOENV_ID, CHUNK, "pg_tblspc/5/PG_15", "pg_tblspc/5", 1,
	    ERR_USAGE, "a directory of the cluster itself");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_places),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
