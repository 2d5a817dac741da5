/* SPDX-License-Identifier: ISC */
/* A backup of a few files, for tests of restores. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "backup/manifest.h"
#include "backup/pack.h"
#include "pg/control.h"
#include "pg/crc32c.h"
#include "repo/layout.h"
#include "repo/object.h"
#include "smallbackup.h"

/* That of a cluster that was shut down. */
static void
make_control(uint8_t raw[CONTROL_SIZE])
{
	const uint64_t	 sysid = REPOENV_SYSTEM;
	const uint32_t	 shut_down = CONTROL_SHUT_DOWN;
	uint32_t	 crc;
	FILE		*f;

	f = fopen("test/data/good-pg-control-15", "rb");
	assert_non_null(f);
	assert_int_equal(fread(raw, 1, CONTROL_SIZE, f), CONTROL_SIZE);
	assert_int_equal(fclose(f), 0);
	memcpy(raw, &sysid, sizeof(sysid));
	memcpy(raw + 16, &shut_down, sizeof(shut_down));
	crc = crc32c_update(0, raw, 288);
	memcpy(raw + 288, &crc, sizeof(crc));
}

void
smallbackup_put(const struct repoenv *env, struct label *l)
{
	static uint8_t			 data[SMALLBACKUP_CHUNK];
	static uint8_t			 control[CONTROL_SIZE];
	const struct {
		struct manifest_entry	 en;
		const void		*content;
	}				 all[] = {
		{ { .type = MANIFEST_FILE, .path = "PG_VERSION", .size = 3,
		    .mode = 0600 }, "15\n" },
		{ { .type = MANIFEST_DIR, .path = "base", .mode = 0700 },
		    NULL },
		{ { .type = MANIFEST_FILE, .path = "base/1",
		    .size = SMALLBACKUP_CHUNK, .mode = 0600 }, data },
		{ { .type = MANIFEST_DIR, .path = "global", .mode = 0700 },
		    NULL },
		{ { .type = MANIFEST_FILE, .path = "global/pg_control",
		    .size = CONTROL_SIZE, .mode = 0600 }, control },
		{ { .type = MANIFEST_DIR, .path = "pg_tblspc", .mode = 0700 },
		    NULL },
		{ { .type = MANIFEST_LINK, .path = "pg_tblspc/5",
		    .target = "/gone", .mode = 0777 }, NULL },
		{ { .type = MANIFEST_DIR, .path = "pg_tblspc/5/PG_15_1",
		    .mode = 0700 }, NULL },
		{ { .type = MANIFEST_FILE, .path = "pg_tblspc/5/PG_15_1/1",
		    .size = SMALLBACKUP_CHUNK, .mode = 0600 }, data }
	};
	const struct codec_spec		 none = { CODEC_NONE, 0 };
	const char			*id = REPOENV_ID;
	struct archive			*a = repoenv_open(env, env->push);
	struct pack_counter		*counter = NULL;
	struct pack_writer		*packs = NULL;
	struct manifest_writer		*w = NULL;
	struct object_info		 info;
	struct pack_ref			 ref;
	struct sink			*s = NULL;
	struct err			 e = ERR_INIT;
	char				 where[LAYOUT_PATH];
	size_t				 i, n = sizeof(all) / sizeof(all[0]);

	if (l->ntablespaces == 0)
		n -= 4;
	memset(data, SMALLBACKUP_BYTE, sizeof(data));
	make_control(control);
	if (pack_counter_new(&counter, &e) ||
	    pack_writer_new(&packs, a, id, none, counter, &e) ||
	    object_sink_open(&s, a, HEAD_MANIFEST, layout_manifest(where,
	    id), none, &info, &e) ||
	    manifest_writer_new(&w, s, SMALLBACKUP_CHUNK, &id, 1, &e))
		fail_msg("%s", e.msg);
	for (i = 0; i < n; i++) {
		if (manifest_writer_entry(w, &all[i].en, &e) ||
		    (all[i].content != NULL && (pack_writer_add(packs,
		    all[i].content, all[i].en.size, NULL, &ref, &e) ||
		    manifest_writer_chunk(w, &ref, &e))))
			fail_msg("%s", e.msg);
		l->size += all[i].en.size;
	}
	if (pack_writer_finish(packs, &e) || manifest_writer_end(w, &e) ||
	    sink_finish(s, &e))
		fail_msg("%s", e.msg);
	l->manifest_size = info.stored;
	memcpy(l->manifest_hash, info.head_hash, HASH_LEN);
	manifest_writer_free(w);
	sink_free(s);
	pack_writer_free(packs);
	pack_counter_free(counter);
	archive_free(a);
}
