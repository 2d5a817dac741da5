/* SPDX-License-Identifier: ISC */
/* The tests that every back end of the store must pass. */
#include <sys/stat.h>
#include <sys/wait.h>

#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store_conformance.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static _Thread_local int	 counted;

static int
count_one(const char *path, const struct stat *st, int type,
    struct FTW *ftw)
{
	(void)path;
	(void)st;
	(void)ftw;
	counted += type == FTW_F;
	return (0);
}

int
conformance_count(const char *dir, const char *sub)
{
	char	 path[1024];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, sub);
	counted = 0;
	(void)nftw(path, count_one, 8, FTW_PHYS);
	return (counted);
}

static int
remove_one(const char *path, const struct stat *st, int type,
    struct FTW *ftw)
{
	(void)st;
	(void)type;
	return (ftw->level == 0 ? 0 : remove(path));
}

void
conformance_clean(const struct conformance_env *env)
{
	(void)nftw(env->dir, remove_one, 8, FTW_PHYS | FTW_DEPTH);
}

uint8_t
conformance_byte(unsigned seed, size_t i)
{
	return ((uint8_t)(seed + i * 7 + (i >> 8) * 13 + (i >> 16)));
}

int
conformance_put(struct store *s, const char *path, size_t head, size_t n,
    unsigned seed, struct err *e)
{
	struct store_put	*p = NULL;
	uint8_t			*buf;
	size_t			 i, step;
	int			 rc = -1;

	buf = malloc(n + 1);
	assert_non_null(buf);
	for (i = 0; i < n; i++)
		buf[i] = conformance_byte(seed, i);
	if (store_put_open(&p, s, path, head, e))
		goto out;
	for (i = head; i < n; i += step) {
		step = n - i < 50001 ? n - i : 50001;
		if (store_put_write(p, buf + i, step, e))
			goto out;
	}
	rc = store_put_publish(p, buf, e);
out:
	store_put_free(p);
	free(buf);
	return (rc);
}

struct store *
conformance_open(const struct store_conf *c)
{
	struct store	*s = NULL;
	struct err	 e = ERR_INIT;

	if (store_open(&s, c, &e))
		fail_msg("open: %s", e.msg);
	return (s);
}

static struct store *
opened(void **state, const char *base)
{
	struct conformance_env	*env = *state;
	struct store		*s = conformance_open(&env->conf);
	struct err		 e = ERR_INIT;

	if (store_enter(s, base, &e))
		fail_msg("enter: %s", e.msg);
	return (s);
}

#define ok(call, e) do {						\
	if ((call) != 0)						\
		fail_msg("%s: %s", #call, (e)->msg);			\
} while (0)

static void
check_content(struct store *s, const char *path, size_t n, unsigned seed)
{
	struct store_get	*g = NULL;
	struct err		 e = ERR_INIT;
	uint64_t		 size = 0;
	uint8_t			*buf = malloc(n + 10);
	size_t			 i, got = 0;

	assert_non_null(buf);
	ok(store_get_open(&g, s, path, &e), &e);
	ok(store_get_ask(g, 0, STORE_TO_END, &e), &e);
	ok(store_get_size(g, &size, &e), &e);
	assert_int_equal(size, n);
	ok(store_get_take(g, buf, n + 10, &got, &e), &e);
	assert_int_equal(got, n);
	for (i = 0; i < n; i++)
		if (buf[i] != conformance_byte(seed, i))
			fail_msg("%s: byte %zu", path, i);
	ok(store_get_take(g, buf, 1, &got, &e), &e);
	assert_int_equal(got, 0);
	store_get_free(g);
	free(buf);
}

static void
test_sizes(void **state)
{
	static const size_t sizes[] = { 0, 1, 7, 100, 32767, 32768, 32769,
		65536, 100000, 261120, 261121, 1 << 20, 5000001, 13 << 20 };
	static const size_t heads[] = { 0, 1, 100, 40000 };
	struct conformance_env	*env = *state;
	struct store		*s = opened(state, "sizes");
	struct err		 e = ERR_INIT;
	struct stat		 st;
	char			 path[64], full[1024];
	size_t			 i, j;

	for (i = 0; i < COUNT(sizes); i++)
		for (j = 0; j < COUNT(heads); j++) {
			if (heads[j] > sizes[i])
				continue;
			(void)snprintf(path, sizeof(path), "wal/%zu/%zu",
			    i, j);
			ok(conformance_put(s, path, heads[j], sizes[i],
			    (unsigned)i, &e), &e);
			check_content(s, path, sizes[i], (unsigned)i);
			(void)snprintf(full, sizeof(full), "%s/sizes/%s",
			    env->dir, path);
			assert_int_equal(stat(full, &st), 0);
			assert_int_equal(st.st_mode & 07777, 0400);
		}
	store_free(s);
	assert_int_equal(conformance_count(env->dir, "sizes/tmp"), 0);
	conformance_clean(env);
}

static void
test_never_replaces(void **state)
{
	struct conformance_env	*env = *state;
	struct store		*s = opened(state, "a/b");
	struct err		 e = ERR_INIT;

	ok(conformance_put(s, "x/one", 10, 5000, 1, &e), &e);
	assert_int_equal(conformance_put(s, "x/one", 10, 6000, 2, &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	assert_non_null(strstr(e.msg, "x/one exists already"));
	check_content(s, "x/one", 5000, 1);
	err_clear(&e);
	ok(conformance_put(s, "x/two", 10, 6000, 2, &e), &e);
	store_free(s);
	assert_int_equal(conformance_count(env->dir, "a/b/tmp"), 0);
	assert_int_equal(conformance_count(env->dir, ""), 2);
	conformance_clean(env);
}

/* Exit status of a process that publishes: 0 done, 1 name taken, 2 failed. */
static int
racer(void **state, unsigned seed, int ready, int start)
{
	struct conformance_env	*env = *state;
	struct store		*s = NULL;
	struct err		 e = ERR_INIT;
	char			 c;
	int			 rc;

	if (store_open(&s, &env->conf, &e) || store_enter(s, "race", &e) ||
	    write(ready, "r", 1) != 1 || close(ready) == -1 ||
	    read(start, &c, 1) != 0)
		return (2);
	rc = conformance_put(s, "wal/prize", 8, 200000, seed, &e);
	store_free(s);
	if (rc == 0)
		return (0);
	return (e.kind == ERR_CONFLICT ? 1 : 2);
}

static void
test_race(void **state)
{
	struct conformance_env	*env = *state;
	struct store		*s;
	pid_t			 pid[4];
	int			 ready[2], go[2], status, winner, i, round;
	char			 c;

	for (round = 0; round < 3; round++) {
		assert_int_equal(pipe(ready), 0);
		assert_int_equal(pipe(go), 0);
		for (i = 0; i < 4; i++)
			if ((pid[i] = fork()) == 0) {
				(void)close(ready[0]);
				(void)close(go[1]);
				_exit(racer(state, (unsigned)i, ready[1],
				    go[0]));
			}
		(void)close(ready[1]);
		(void)close(go[0]);
		/* All are connected; one that failed says so by its status. */
		for (i = 0; i < 4 && read(ready[0], &c, 1) == 1; i++)
			;
		(void)close(ready[0]);
		(void)close(go[1]);
		for (i = 0, winner = -1; i < 4; i++) {
			assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
			assert_true(WIFEXITED(status));
			assert_in_range(WEXITSTATUS(status), 0, 1);
			if (WEXITSTATUS(status) == 0) {
				assert_int_equal(winner, -1);
				winner = i;
			}
		}
		assert_int_not_equal(winner, -1);
		s = opened(state, "race");
		check_content(s, "wal/prize", 200000, (unsigned)winner);
		store_free(s);
		assert_int_equal(conformance_count(env->dir, ""), 1);
		conformance_clean(env);
	}
}

static void
test_abandoned(void **state)
{
	struct conformance_env	*env = *state;
	struct store		*s = opened(state, "gone");
	struct store_put	*p = NULL;
	struct err		 e = ERR_INIT;
	char			 buf[70000] = "x";
	size_t			 i;

	for (i = 0; i < 3; i++) {
		ok(store_put_open(&p, s, "wal/never", 16, &e), &e);
		if (i > 0)
			ok(store_put_write(p, buf, i * 35000, &e), &e);
		store_put_free(p);
	}
	ok(store_keep(s, &e), &e);
	store_free(s);
	assert_int_equal(conformance_count(env->dir, ""), 0);
	conformance_clean(env);
}

static void
test_absent(void **state)
{
	struct store		*s = opened(state, "no");
	struct store_get	*g = NULL;
	struct err		 e = ERR_INIT;
	uint64_t		 size;
	size_t			 got;
	char			 c;

	ok(store_get_open(&g, s, "wal/nothing", &e), &e);
	ok(store_get_ask(g, 0, STORE_TO_END, &e), &e);
	assert_int_equal(store_get_take(g, &c, 1, &got, &e), 1);
	assert_int_equal(store_get_size(g, &size, &e), 1);
	store_get_free(g);
	store_free(s);
}

static void
test_ranges(void **state)
{
	struct conformance_env	*env = *state;
	struct store		*s = opened(state, "r");
	struct store_get	*g[8];
	struct err		 e = ERR_INIT;
	static uint8_t		 buf[900000];
	size_t			 i, j, got;

	ok(conformance_put(s, "pack", 0, 3000000, 9, &e), &e);
	for (i = 0; i < COUNT(g); i++) {	/* several at a time */
		ok(store_get_open(&g[i], s, "pack", &e), &e);
		ok(store_get_ask(g[i], i * 1000, 300000, &e), &e);
		ok(store_get_ask(g[i], 2000000, 500000, &e), &e);
		ok(store_get_ask(g[i], 2500000, 100000, &e), &e);
	}
	for (i = 0; i < COUNT(g); i++) {
		ok(store_get_take(g[i], buf, 900000, &got, &e), &e);
		assert_int_equal(got, 900000);
		for (j = 0; j < 300000; j++)
			assert_int_equal(buf[j],
			    conformance_byte(9, j + i * 1000));
		for (; j < 900000; j++)
			assert_int_equal(buf[j],
			    conformance_byte(9, j + 1700000));
		store_get_free(g[i]);
	}
	/* A range beyond the end is reported as damage, not as the end. */
	ok(store_get_open(&g[0], s, "pack", &e), &e);
	ok(store_get_ask(g[0], 2999000, 2000, &e), &e);
	assert_int_equal(store_get_take(g[0], buf, 2000, &got, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_non_null(strstr(e.msg, "cut short"));
	store_get_free(g[0]);
	/* Freed with many answers outstanding; the store still works. */
	err_clear(&e);
	ok(store_get_open(&g[0], s, "pack", &e), &e);
	ok(store_get_ask(g[0], 0, STORE_TO_END, &e), &e);
	ok(store_get_take(g[0], buf, 10, &got, &e), &e);
	store_get_free(g[0]);
	check_content(s, "pack", 3000000, 9);
	store_free(s);
	conformance_clean(env);
}

struct loaded {
	size_t	 next, absent;
};

static int
take_loaded(void *arg, size_t i, const uint8_t *data, size_t n,
    struct err *e)
{
	struct loaded	*l = arg;

	(void)e;
	assert_int_equal(i, l->next++);
	if (data == NULL) {
		l->absent++;
		assert_int_equal(i % 3, 2);
		return (0);
	}
	assert_int_equal(n, i * 300);
	if (n > 0)
		assert_int_equal(data[n - 1],
		    conformance_byte((unsigned)i, n - 1));
	return (0);
}

static int
stop_loading(void *arg, size_t i, const uint8_t *data, size_t n,
    struct err *e)
{
	(void)data;
	(void)n;
	++*(size_t *)arg;
	return (i == 4 ? err_set(e, ERR_USAGE, "enough") : 0);
}

static void
test_load(void **state)
{
	struct conformance_env	*env = *state;
	struct store		*s = opened(state, "load");
	struct err		 e = ERR_INIT;
	struct loaded		 l = { 0, 0 };
	static char		 name[300][32];
	const char		*paths[300];
	size_t			 i, n = 0;

	for (i = 0; i < 300; i++) {
		(void)snprintf(name[i], sizeof(name[i]), "base/%zu/label", i);
		paths[i] = name[i];
		if (i % 3 != 2)
			ok(conformance_put(s, name[i], 0, i * 300,
			    (unsigned)i, &e), &e);
	}
	ok(store_load(s, paths, 300, 100000, take_loaded, &l, &e), &e);
	assert_int_equal(l.next, 300);
	assert_int_equal(l.absent, 100);
	assert_int_equal(store_load(s, paths, 300, 100000, stop_loading, &n,
	    &e), -1);
	assert_string_equal(e.msg, "enough");
	assert_int_equal(n, 5);
	err_clear(&e);
	l.next = l.absent = 0;
	assert_int_equal(store_load(s, paths, 300, 30000, take_loaded, &l,
	    &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_non_null(strstr(e.msg, "30600 bytes, expected at most 30000"));
	store_free(s);
	conformance_clean(env);
}

struct tolerant {
	size_t	 next, loaded, unread;
	int	 stop;		/* at the first that cannot be read */
};

static int
take_tolerant(void *arg, size_t i, const uint8_t *data, size_t n,
    struct err *e)
{
	struct tolerant	*t = arg;

	(void)e;
	assert_int_equal(i, t->next++);
	assert_non_null(data);
	assert_int_equal(n, 100);
	assert_int_equal(data[99], conformance_byte((unsigned)i, 99));
	t->loaded++;
	return (0);
}

static int
take_unread(void *arg, size_t i, const struct err *why, struct err *e)
{
	struct tolerant	*t = arg;

	assert_int_equal(i, t->next++);
	assert_int_not_equal(why->kind, ERR_NONE);
	assert_true(err_of_one_file(why));
	assert_non_null(strstr(why->msg, i % 4 == 1 ? "expected at most 100" :
	    "label"));
	t->unread++;
	return (t->stop ? err_set(e, ERR_USAGE, "enough") : 0);
}

/* A file in the place of a directory is named, at whichever depth it is. */
static void
test_file_in_the_way(void **state)
{
	static const char *const	 file[] = { "way", "a/way", "a/b/way" };
	struct store			*s;
	struct err			 e;
	char				 path[64];
	size_t				 i, k;

	for (i = 0; i < 3; i++) {
		s = opened(state, "base");
		e = (struct err)ERR_INIT;
		ok(conformance_put(s, file[i], 0, 1, 1, &e), &e);
		for (k = 0; k < 2; k++) {
			(void)snprintf(path, sizeof(path), "%s/%s", file[i],
			    k == 0 ? "c" : "d/e/f");
			e = (struct err)ERR_INIT;
			assert_int_equal(conformance_put(s, path, 0, 1, 1,
			    &e), -1);
			assert_int_equal(e.kind, ERR_REMOTE);
			assert_non_null(strstr(e.msg, "is a file where a "
			    "directory belongs"));
			(void)snprintf(path, sizeof(path), "base/%s",
			    file[i]);
			assert_non_null(strstr(e.msg, path));
		}
		store_free(s);
		conformance_clean(*state);
	}
}

/* Of each four one is too large, and one is a directory. */
static void
test_load_each(void **state)
{
	struct store			*s = opened(state, "each");
	struct err			 e = ERR_INIT;
	struct tolerant			 t = { 0, 0, 0, 0 };
	const struct store_reading	 to = { take_tolerant, take_unread,
	    &t };
	static char			 name[200][32];
	const char			*paths[200];
	char				 inside[64];
	size_t				 i;

	for (i = 0; i < 200; i++) {
		(void)snprintf(name[i], sizeof(name[i]), "base/%zu/label", i);
		paths[i] = name[i];
		(void)snprintf(inside, sizeof(inside), "%s/x", name[i]);
		ok(conformance_put(s, i % 4 == 2 ? inside : name[i], 0,
		    i % 4 == 1 ? 101 : 100, (unsigned)i, &e), &e);
	}
	ok(store_load_each(s, paths, 200, 100, &to, &e), &e);
	assert_int_equal(t.next, 200);
	assert_int_equal(t.loaded, 100);
	assert_int_equal(t.unread, 100);
	t = (struct tolerant){ .stop = 1 };
	assert_int_equal(store_load_each(s, paths, 200, 100, &to, &e), -1);
	assert_string_equal(e.msg, "enough");
	assert_int_equal(t.next, 2);
	store_free(s);
	conformance_clean(*state);
}

#define LARGE	((size_t)1 << 20)

static int
take_large(void *arg, size_t i, const uint8_t *data, size_t n, struct err *e)
{
	size_t	 k;

	(void)e;
	assert_int_equal(i, (*(size_t *)arg)++);
	assert_int_equal(n, LARGE + i);
	for (k = 0; k < n; k += 1009)
		assert_int_equal(data[k], conformance_byte((unsigned)i, k));
	return (0);
}

/* More objects than the store asks for at a time. */
static void
test_load_large(void **state)
{
	struct store		*s = opened(state, "large");
	struct err		 e = ERR_INIT;
	static char		 name[12][32];
	const char		*paths[12];
	size_t			 i, n = 0;

	for (i = 0; i < 12; i++) {
		(void)snprintf(name[i], sizeof(name[i]), "base/%zu/label", i);
		paths[i] = name[i];
		ok(conformance_put(s, name[i], 0, LARGE + i, (unsigned)i,
		    &e), &e);
	}
	ok(store_load(s, paths, 12, LARGE + 12, take_large, &n, &e), &e);
	assert_int_equal(n, 12);
	store_free(s);
	conformance_clean(*state);
}

struct listed {
	size_t	 files[240], ends, missing, dirs;
};

static int
take_listed(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct listed	*l = arg;

	(void)e;
	if (en == NULL) {
		l->ends++;
		l->missing += missing != 0;
		return (0);
	}
	assert_int_equal(missing, 0);
	if (en->is_dir) {
		l->dirs++;
		return (0);
	}
	assert_true(en->mtime > 1600000000);
	assert_int_equal(en->size, strtoul(en->name, NULL, 10));
	l->files[i]++;
	return (0);
}

static void
test_list(void **state)
{
	struct conformance_env	*env = *state;
	struct store		*s = opened(state, "list");
	struct err		 e = ERR_INIT;
	struct listed		 l;
	static char		 name[240][32];
	const char		*paths[240], *root[] = { "" };
	char			 full[1024];
	FILE			*f;
	size_t			 i, j, n;

	memset(&l, 0, sizeof(l));
	ok(store_mkdir(s, "wal", &e), &e);
	for (i = 0; i < 240; i++) {
		(void)snprintf(name[i], sizeof(name[i]), "wal/%zu", i);
		paths[i] = name[i];
		if (i % 10 == 9)
			continue;
		(void)snprintf(full, sizeof(full), "%s/list/wal/%zu",
		    env->dir, i);
		assert_int_equal(mkdir(full, 0700), 0);
		n = i == 3 ? 1500 : i % 7;
		for (j = 0; j < n; j++) {
			(void)snprintf(full, sizeof(full),
			    "%s/list/wal/%zu/%zu", env->dir, i, j);
			assert_non_null(f = fopen(full, "w"));
			assert_int_equal(ftruncate(fileno(f), (off_t)j), 0);
			assert_int_equal(fclose(f), 0);
		}
	}
	ok(store_list(s, paths, 240, take_listed, &l, &e), &e);
	assert_int_equal(l.ends, 240);
	assert_int_equal(l.missing, 24);
	assert_int_equal(l.dirs, 0);
	for (i = 0; i < 240; i++)
		assert_int_equal(l.files[i],
		    i % 10 == 9 ? 0 : i == 3 ? 1500 : i % 7);
	memset(&l, 0, sizeof(l));
	ok(store_list(s, root, 1, take_listed, &l, &e), &e);
	assert_int_equal(l.dirs, 1);
	store_free(s);
	conformance_clean(env);
}

static void
test_rename(void **state)
{
	struct conformance_env	*env = *state;
	struct store		*s = opened(state, "ren");
	struct err		 e = ERR_INIT;

	ok(conformance_put(s, "base/1/label", 0, 100, 1, &e), &e);
	ok(conformance_put(s, "base/2/label", 0, 200, 2, &e), &e);
	ok(store_rename(s, "base/1/label", "gone/1", &e), &e);
	check_content(s, "gone/1", 100, 1);
	assert_int_equal(conformance_count(env->dir, "ren/base"), 1);
	assert_int_equal(store_rename(s, "base/2/label", "gone/1", &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	check_content(s, "gone/1", 100, 1);
	check_content(s, "base/2/label", 200, 2);
	err_clear(&e);
	assert_int_equal(store_rename(s, "base/3/label", "gone/3", &e), -1);
	assert_int_equal(e.kind, ERR_ABSENT);
	store_free(s);
	conformance_clean(env);
}

static void
test_remove(void **state)
{
	static const char *const files[] = { "d/1/x", "d/1/none", "d/2/x" };
	static const char *const dirs[] = { "d/1", "d/2", "d/none", "d" };
	static const char *const some[] = { "d/1/x" };
	struct conformance_env	*env = *state;
	struct store		*s = opened(state, "rem");
	struct err		 e = ERR_INIT;
	char			 path[1024];

	ok(conformance_put(s, files[0], 0, 100, 1, &e), &e);
	ok(conformance_put(s, files[2], 0, 100, 1, &e), &e);
	ok(store_remove(s, some, 1, &e), &e);
	ok(store_rmdir(s, dirs, 4, &e), &e);
	(void)snprintf(path, sizeof(path), "%s/rem/d/1", env->dir);
	assert_int_equal(access(path, F_OK), -1);
	check_content(s, files[2], 100, 1);
	/* A folder that expiry removed is made again. */
	ok(conformance_put(s, files[0], 0, 100, 1, &e), &e);
	check_content(s, files[0], 100, 1);
	ok(store_remove(s, files, 3, &e), &e);
	ok(store_rmdir(s, dirs, 4, &e), &e);
	(void)snprintf(path, sizeof(path), "%s/rem/d", env->dir);
	assert_int_equal(access(path, F_OK), -1);
	store_free(s);
	conformance_clean(env);
}

static void
test_mkdir(void **state)
{
	static const char *const bad[] = { "../x", "/x", "a/../b", "a//b",
		"a/" };
	struct conformance_env	*env = *state;
	struct store		*s = opened(state, "mk");
	struct err		 e = ERR_INIT;
	char			 path[1024];
	struct stat		 st;
	size_t			 i;

	ok(store_mkdir(s, "base/20261122T040001Z", &e), &e);
	(void)snprintf(path, sizeof(path), "%s/mk/base/20261122T040001Z",
	    env->dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(store_mkdir(s, "base/20261122T040001Z", &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	for (i = 0; i < COUNT(bad); i++) {
		err_clear(&e);
		assert_int_equal(store_mkdir(s, bad[i], &e), -1);
		assert_int_equal(e.kind, ERR_LOCAL);
		err_clear(&e);
		assert_int_equal(conformance_put(s, bad[i], 0, 1, 1, &e), -1);
	}
	store_free(s);
	conformance_clean(env);
}

static void *
put_many(void *arg)
{
	static _Thread_local void	*state;
	struct store			*s;
	struct err			 e = ERR_INIT;
	char				 path[64];
	size_t				 i;

	state = arg;
	s = opened(&state, "thread");
	for (i = 0; i < 20; i++) {
		(void)snprintf(path, sizeof(path), "wal/%p/%zu",
		    (void *)&state, i);
		ok(conformance_put(s, path, 8, 100000, (unsigned)i, &e), &e);
		check_content(s, path, 100000, (unsigned)i);
	}
	store_free(s);
	return (NULL);
}

static void
test_threads(void **state)
{
	struct conformance_env	*env = *state;
	pthread_t		 t[4];
	size_t			 i;

	for (i = 0; i < COUNT(t); i++)
		assert_int_equal(pthread_create(&t[i], NULL, put_many, env),
		    0);
	for (i = 0; i < COUNT(t); i++)
		assert_int_equal(pthread_join(t[i], NULL), 0);
	assert_int_equal(conformance_count(env->dir, ""), 80);
	conformance_clean(env);
}

/* One of several objects that are written at the same time. */
struct step {
	struct store_put	*p;
	char			 path[32];
	size_t			 n, off;	/* all bytes; bytes written */
	int			 ended;
	int			 r;		/* result of the last step */
};

static void
fill(uint8_t *buf, size_t off, size_t n, unsigned seed)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		buf[i] = conformance_byte(seed, off + i);
}

#define STEP_HEAD	100

static void
step_open(struct step *t, struct store *s, const char *path, size_t n)
{
	struct err	 e = ERR_INIT;

	memset(t, 0, sizeof(*t));
	(void)snprintf(t->path, sizeof(t->path), "%s", path);
	t->n = n;
	t->off = STEP_HEAD;
	t->r = 1;
	ok(store_put_open(&t->p, s, path, STEP_HEAD, &e), &e);
}

/* Write some more; returns 1 when all is written. */
static int
step_write(struct step *t, unsigned seed)
{
	static uint8_t	 buf[50001];
	struct err	 e = ERR_INIT;
	size_t		 n = t->n - t->off;

	if (n > sizeof(buf))
		n = sizeof(buf);
	fill(buf, t->off, n, seed);
	ok(store_put_write(t->p, buf, n, &e), &e);
	t->off += n;
	return (t->off == t->n);
}

static void
step_end(struct step *t, unsigned seed)
{
	uint8_t		 head[STEP_HEAD];
	struct err	 e = ERR_INIT;

	while (!step_write(t, seed))
		;
	fill(head, 0, sizeof(head), seed);
	ok(store_put_end(t->p, head, &e), &e);
	t->ended = 1;
}

/* Step until the result is not "wait". */
static int
step_through(struct step *t, struct store *s, struct err *e)
{
	struct err	 we = ERR_INIT;

	while ((t->r = store_put_step(t->p, e)) == 1)
		ok(store_wait(s, &we), &we);
	return (t->r);
}

/* Eight objects of different sizes, written in turn, piece by piece. */
static void
test_interleaved(void **state)
{
	static const size_t	 sizes[] = { 100, 101, 40000, 65536, 300000,
				    1 << 20, 3000000, 5000001 };
	struct conformance_env	*env = *state;
	struct store		*s = opened(state, "steps");
	struct step		 t[COUNT(sizes)];
	struct err		 e = ERR_INIT;
	char			 path[32], full[1024];
	size_t			 i, done = 0;

	for (i = 0; i < COUNT(sizes); i++) {
		(void)snprintf(path, sizeof(path), "wal/%zu/%zu", i % 3, i);
		step_open(&t[i], s, path, sizes[i]);
	}
	while (done < COUNT(sizes)) {
		for (i = 0; i < COUNT(sizes); i++) {
			if (t[i].r == 0)
				continue;
			if (!t[i].ended && !step_write(&t[i], (unsigned)i))
				continue;
			(void)snprintf(full, sizeof(full), "%s/steps/%s",
			    env->dir, t[i].path);
			if (!t[i].ended) {
				step_end(&t[i], (unsigned)i);
				assert_int_equal(access(full, F_OK), -1);
				continue;
			}
			if ((t[i].r = store_put_step(t[i].p, &e)) == -1)
				fail_msg("%s", e.msg);
			if (t[i].r == 0) {
				assert_int_equal(access(full, F_OK), 0);
				done++;
			}
		}
		ok(store_poll(s, &e), &e);
	}
	for (i = 0; i < COUNT(sizes); i++) {
		assert_int_equal(store_put_step(t[i].p, &e), 0);
		store_put_free(t[i].p);
		check_content(s, t[i].path, sizes[i], (unsigned)i);
	}
	ok(store_wait(s, &e), &e);
	store_free(s);
	assert_int_equal(conformance_count(env->dir, "steps/tmp"), 0);
	assert_int_equal(conformance_count(env->dir, ""), COUNT(sizes));
	conformance_clean(env);
}

/* Given up after any number of answers: all of it exists, or nothing. */
static void
test_given_up(void **state)
{
	struct conformance_env	*env = *state;
	struct store		*s;
	struct step		 t[3];
	struct err		 e = ERR_INIT;
	size_t			 i, n;
	int			 k, r = 1;

	for (k = 0; r != 0; k++) {
		assert_in_range(k, 0, 200);
		s = opened(state, "gone");
		for (i = 0; i < COUNT(t); i++) {
			step_open(&t[i], s, i == 0 ? "wal/0" : i == 1 ?
			    "wal/1" : "wal/2", 200000);
			step_end(&t[i], (unsigned)i);
		}
		for (n = 0; n < (size_t)k; n++) {
			ok(store_wait(s, &e), &e);
			if ((r = store_put_step(t[1].p, &e)) == -1)
				fail_msg("%s", e.msg);
		}
		for (i = 0; i < COUNT(t); i++)
			store_put_free(t[i].p);
		/* The connection still works. */
		ok(conformance_put(s, "wal/after", 8, 1000, 9, &e), &e);
		store_free(s);
		assert_int_equal(conformance_count(env->dir, "gone/tmp"), 0);
		n = (size_t)conformance_count(env->dir, "gone/wal");
		assert_in_range(n, 1, k == 0 ? 1 : 2);
		s = opened(state, "gone");
		if (n == 2)
			check_content(s, "wal/1", 200000, 1);
		store_free(s);
		conformance_clean(env);
	}
}

/* Both are complete before either has its name: the second finds it taken. */
static void
test_taken_meanwhile(void **state)
{
	struct conformance_env	*env = *state;
	struct store		*s = opened(state, "taken");
	struct step		 t[2];
	struct err		 e = ERR_INIT;
	size_t			 i;

	for (i = 0; i < 2; i++)
		step_open(&t[i], s, "wal/same", 200000);
	for (i = 0; i < 2; i++)
		step_end(&t[i], (unsigned)i);
	assert_int_equal(step_through(&t[1], s, &e), 0);
	assert_int_equal(step_through(&t[0], s, &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	assert_non_null(strstr(e.msg, "wal/same exists already"));
	for (i = 0; i < 2; i++)
		store_put_free(t[i].p);
	check_content(s, "wal/same", 200000, 1);
	store_free(s);
	assert_int_equal(conformance_count(env->dir, "taken/tmp"), 0);
	assert_int_equal(conformance_count(env->dir, ""), 1);
	conformance_clean(env);
}

/* The folder vanishes before the object gets its name: it is made again. */
static void
test_folder_gone(void **state)
{
	static const char *const dirs[] = { "wal/a/b", "wal/a" };
	struct conformance_env	*env = *state;
	struct store		*s = opened(state, "folder");
	struct step		 t;
	struct err		 e = ERR_INIT;

	step_open(&t, s, "wal/a/b/one", 70000);
	step_end(&t, 3);
	ok(store_rmdir(s, dirs, 2, &e), &e);
	if (step_through(&t, s, &e))
		fail_msg("%s", e.msg);
	store_put_free(t.p);
	check_content(s, "wal/a/b/one", 70000, 3);
	store_free(s);
	assert_int_equal(conformance_count(env->dir, "folder/tmp"), 0);
	conformance_clean(env);
}

static void
check_unmounted(int rc, struct err *e)
{
	assert_int_equal(rc, -1);
	assert_int_equal(e->kind, ERR_REMOTE);
	if (strstr(e->msg, "is its disk mounted?") == NULL)
		fail_msg("%s", e->msg);
	err_clear(e);
}

/* The disk with the base is unmounted: nothing is put in its mount point. */
static void
test_base_gone(void **state)
{
	struct conformance_env	*env = *state;
	struct store		*s = opened(state, "gone/7");
	struct step		 t;
	struct err		 e = ERR_INIT;
	char			 here[600], away[600];

	(void)snprintf(here, sizeof(here), "%s/gone", env->dir);
	(void)snprintf(away, sizeof(away), "%s/away", env->dir);
	store_makes_base(s, 0);
	check_unmounted(conformance_put(s, "wal/a/one", 8, 100, 1, &e), &e);
	store_makes_base(s, 1);
	ok(conformance_put(s, "wal/a/one", 8, 100, 1, &e), &e);
	store_makes_base(s, 0);
	ok(conformance_put(s, "wal/b/two", 8, 100, 1, &e), &e);
	step_open(&t, s, "wal/c/three", 70000);
	step_end(&t, 3);
	assert_int_equal(rename(here, away), 0);
	check_unmounted(step_through(&t, s, &e), &e);
	store_put_free(t.p);
	check_unmounted(conformance_put(s, "wal/a/four", 8, 100, 1, &e), &e);
	check_unmounted(store_mkdir(s, "base/five", &e), &e);
	assert_int_equal(access(here, F_OK), -1);
	store_free(s);
	conformance_clean(env);
}

static void
test_ready(void **state)
{
	struct conformance_env	*env = *state;
	struct store		*s = opened(state, "ready");
	struct store_get	*g[3];
	struct err		 e = ERR_INIT;
	uint64_t		 size;
	uint8_t			 buf[5000];
	size_t			 i, got;

	ok(conformance_put(s, "wal/there", 8, 3000, 1, &e), &e);
	ok(store_get_open(&g[0], s, "wal/there", &e), &e);
	ok(store_get_ask(g[0], 0, STORE_TO_END, &e), &e);
	ok(store_get_open(&g[1], s, "wal/absent", &e), &e);
	ok(store_get_open(&g[2], s, "wal/there", &e), &e);
	for (i = 0; i < 3; i++)
		while (!store_get_ready(g[i]))
			ok(store_wait(s, &e), &e);
	ok(store_get_size(g[0], &size, &e), &e);
	assert_int_equal(size, 3000);
	ok(store_get_take(g[0], buf, sizeof(buf), &got, &e), &e);
	assert_int_equal(got, 3000);
	assert_int_equal(buf[2999], conformance_byte(1, 2999));
	assert_int_equal(store_get_size(g[1], &size, &e), 1);
	ok(store_get_size(g[2], &size, &e), &e);
	assert_int_equal(size, 3000);
	for (i = 0; i < 3; i++)
		store_get_free(g[i]);
	store_free(s);
	conformance_clean(env);
}

/* How much is free changes at any time; what is free fits into the whole. */
static void
test_about(void **state)
{
	struct conformance_env	*env = *state;
	struct store		*s = opened(state, "about");
	struct store_about	 about;
	struct err		 e = ERR_INIT;

	ok(conformance_put(s, "wal/there", 8, 3000, 1, &e), &e);
	ok(store_about(s, &about, &e), &e);
	assert_true(about.fsync && about.hardlink && about.space);
	assert_true(about.bytes > 3000);
	assert_true(about.bytes_free <= about.bytes);
	assert_true(about.files_free <= about.files);
	store_free(s);
	conformance_clean(env);
}

const struct CMUnitTest	 conformance_tests[CONFORMANCE_TESTS] = {
	cmocka_unit_test(test_sizes),
	cmocka_unit_test(test_never_replaces),
	cmocka_unit_test(test_race),
	cmocka_unit_test(test_abandoned),
	cmocka_unit_test(test_absent),
	cmocka_unit_test(test_ranges),
	cmocka_unit_test(test_load),
	cmocka_unit_test(test_file_in_the_way),
	cmocka_unit_test(test_load_each),
	cmocka_unit_test(test_load_large),
	cmocka_unit_test(test_list),
	cmocka_unit_test(test_rename),
	cmocka_unit_test(test_remove),
	cmocka_unit_test(test_mkdir),
	cmocka_unit_test(test_threads),
	cmocka_unit_test(test_interleaved),
	cmocka_unit_test(test_given_up),
	cmocka_unit_test(test_taken_meanwhile),
	cmocka_unit_test(test_folder_gone),
	cmocka_unit_test(test_base_gone),
	cmocka_unit_test(test_ready),
	cmocka_unit_test(test_about),
};
