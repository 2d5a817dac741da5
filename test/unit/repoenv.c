/* SPDX-License-Identifier: ISC */
/* A repository for tests. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "repoenv.h"
#include "testdir.h"

void
repoenv_make(struct repoenv *env)
{
	struct err	 e = ERR_INIT;

	memset(env, 0, sizeof(*env));
	testdir_make();
	(void)snprintf(env->dir, sizeof(env->dir), "%s",
	    testdir_path("repo"));
	env->conf.repository = env->dir;
	env->conf.io_timeout_ms = 10000;
	env->conf.require_fsync = 1;
	if (key_generate(testdir_path("k"), NULL, &e) ||
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

struct archive *
repoenv_open(const struct repoenv *env, const struct key *key)
{
	struct archive	*a = NULL;
	struct err	 e = ERR_INIT;

	if (archive_open(&a, &env->conf, key, "main", REPOENV_SYSTEM, &e))
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
