/* SPDX-License-Identifier: ISC */
/* A repository for tests. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "backup/label.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/path.h"
#include "crypt/keygen.h"
#include "plainlabel.h"
#include "repo/layout.h"
#include "repo/marker.h"
#include "repo/object.h"
#include "repoenv.h"
#include "testdir.h"
#include "wal/openwrite.h"

void
repoenv_make(struct repoenv *env)
{
	struct err	 e = ERR_INIT;

	memset(env, 0, sizeof(*env));
	testdir_make();
	(void)snprintf(env->dir, sizeof(env->dir), "%s",
	    testdir_path("repo"));
	env->system_id = REPOENV_SYSTEM;
	env->conf.repository = env->dir;
	env->conf.io_timeout_ms = 10000;
	env->conf.require_fsync = 1;
	if (keygen_files(testdir_path("k"), NULL, &e) ||
	    key_load(&env->push, testdir_path("k.push"), NULL, &e) ||
	    key_load(&env->restore, testdir_path("k.restore"), NULL, &e) ||
	    key_load(&env->public, testdir_path("k.public"), NULL, &e))
		fail_msg("%s", e.msg);
}

void
repoenv_remove(struct repoenv *env)
{
	key_free(env->push);
	key_free(env->restore);
	key_free(env->public);
	testdir_remove();
}

int
repoenv_setup(void **state)
{
	repoenv_make(*state);
	return (0);
}

int
repoenv_setup_marked(void **state)
{
	repoenv_make(*state);
	repoenv_marker(*state);
	return (0);
}

int
repoenv_teardown(void **state)
{
	repoenv_remove(*state);
	return (0);
}

struct archive *
repoenv_open(const struct repoenv *env, const struct key *key)
{
	struct archive	*a = NULL;
	struct err	 e = ERR_INIT;

	if (archive_open(&a, &env->conf, key, "main", env->system_id, &e))
		fail_msg("%s", e.msg);
	return (a);
}

const char *
repoenv_file(const char *path)
{
	static char	 buf[4][512];
	static unsigned	 next;
	char		*p = buf[next++ % 4];

	(void)snprintf(p, sizeof(buf[0]), "repo/main/%" PRIu64 "/%s",
	    REPOENV_SYSTEM, path);
	return (p);
}

void
repoenv_change(const char *path, const void *p, size_t n)
{
	(void)unlink(testdir_path(repoenv_file(path)));
	testdir_write(repoenv_file(path), p, n);
}

void
repoenv_marker(const struct repoenv *env)
{
	struct archive		*a = repoenv_open(env, env->push);
	struct store_get	*get = NULL;
	struct marker		 m;
	struct err		 e = ERR_INIT;

	if (marker_open(&get, a, &e) ||
	    marker_ensure(&m, a, get, testdir_path("state"), 1 << 20, &e))
		fail_msg("%s", e.msg);
	store_get_free(get);
	archive_free(a);
}

void
repoenv_put(const char *path, const char *text)
{
	struct err	 e = ERR_INIT;
	char		 dir[512];

	if (path_dir(dir, sizeof(dir), testdir_path(repoenv_file(path)),
	    &e) || io_mkdirs(dir, 0700, &e))
		fail_msg("%s", e.msg);
	testdir_text(repoenv_file(path), text);
}

static void
put_object(const struct repoenv *env, enum head_kind kind, const char *path,
    const void *p, size_t n)
{
	struct archive	*a = repoenv_open(env, env->push);
	struct sink	*s = NULL;
	struct err	 e = ERR_INIT;

	if (object_sink_open(&s, a, kind, path,
	    (struct codec_spec){ CODEC_NONE, 0 }, NULL, &e) ||
	    sink_write(s, p, n, &e) || sink_finish(s, &e))
		fail_msg("%s", e.msg);
	sink_free(s);
	archive_free(a);
}

void
repoenv_object_of(const struct repoenv *env, enum head_kind kind,
    const char *path, const char *text)
{
	put_object(env, kind, path, text, strlen(text));
}

void
repoenv_segment(const struct repoenv *env, const char *path)
{
	static const uint8_t	 zeros[1 << 20];

	put_object(env, HEAD_WAL, path, zeros, sizeof(zeros));
}

void
repoenv_stream(const struct repoenv *env, const struct repoenv_stream *s)
{
	static const uint8_t	 zeros[1 << 20];
	const uint8_t		*wal = s->wal != NULL ? s->wal : zeros;
	const size_t		 frame = s->frame != 0 ? s->frame : s->n;
	struct openwrite_spec	 spec = {
		.segment = walname_at(s->tli, s->start, 1 << 20),
		.segsize = 1 << 20, .number = s->number,
		.codec = { CODEC_ZSTD, 3 }
	};
	struct archive		*a = repoenv_open(env, env->push);
	struct openwrite	*w = NULL;
	struct err		 e = ERR_INIT;
	size_t			 off, n;
	int			 rc = openwrite_open(&w, a, &spec, &e);

	for (off = 0; rc == 0 && off < s->n; off += n) {
		n = s->n - off < frame ? s->n - off : frame;
		rc = openwrite_add(w, wal + off, n, &e);
	}
	if (rc != 0)
		fail_msg("%s", e.msg);
	openwrite_free(w);
	archive_free(a);
}

void
repoenv_object(const struct repoenv *env, const char *path, const char *text)
{
	repoenv_object_of(env, HEAD_WAL, path, text);
}

/* The size of a file; 0 if it does not exist. */
static uint64_t
size_of(struct archive *a, const char *path)
{
	struct store_get	*get = NULL;
	struct err		 e = ERR_INIT;
	uint64_t		 size = 0;

	if (store_get_open(&get, a->store, path, &e) ||
	    store_get_size(get, &size, &e) == -1)
		fail_msg("%s", e.msg);
	store_get_free(get);
	return (size);
}

static void
set_sizes(struct archive *a, struct label *l)
{
	char	 path[LAYOUT_PATH];

	l->manifest_size = size_of(a, layout_manifest(path, l->id));
	l->stored_size = l->manifest_size +
	    size_of(a, layout_pack(path, l->id, 1)) +
	    size_of(a, layout_pack(path, l->id, 2));
}

void
repoenv_label(const struct repoenv *env, const char *id, uint32_t tli,
    uint64_t start, uint64_t stop, unsigned hour, const char *old)
{
	struct archive	*a = repoenv_open(env, env->push);
	struct label	*l = plainlabel_new(id, tli, start, stop, 1 << 20);
	struct err	 e = ERR_INIT;

	l->start_us = clock_now_us() + ((INT64_C(-30) * 24 + hour) * 3600) *
	    INT64_C(1000000);
	l->stop_us = l->start_us + INT64_C(3600) * 1000000;
	l->hot = env->hot;
	set_sizes(a, l);
	if (label_refer(l, id, 1, 2, &e) ||
	    (old != NULL && label_refer(l, old, 1, 1, &e)) ||
	    label_publish(l, a, &e))
		fail_msg("%s", e.msg);
	label_free(l);
	archive_free(a);
}

void
repoenv_backup(const struct repoenv *env, const char *id, uint32_t tli,
    uint64_t start, uint64_t stop, unsigned hour, const char *old)
{
	char	 path[LAYOUT_PATH];

	repoenv_object_of(env, HEAD_PACK, layout_pack(path, id, 1), "x");
	repoenv_object_of(env, HEAD_PACK, layout_pack(path, id, 2), "x");
	repoenv_object_of(env, HEAD_MANIFEST, layout_manifest(path, id), "x");
	repoenv_label(env, id, tli, start, stop, hour, old);
}
