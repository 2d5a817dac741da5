/* SPDX-License-Identifier: ISC */
/* A repository for tests, whose store can be made to fail. */
#include <sys/stat.h>

#include <ftw.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "pg/walname.h"
#include "store/backend.h"

#include "crypt/keygen.h"
#include "faultenv.h"
#include "testdir.h"

struct key	*faultenv_push, *faultenv_restore, *faultenv_public;

static struct key *
load(const char *name)
{
	struct err	 e = ERR_INIT;
	struct key	*k = NULL;

	assert_int_equal(key_load(&k, testdir_path(name), NULL, &e), 0);
	return (k);
}

int
faultenv_setup(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	testdir_make();
	if (keygen_files(testdir_path("key"), NULL, &e) == -1) {
		print_message("%s\n", e.msg);
		return (-1);
	}
	faultenv_push = load("key.push");
	faultenv_restore = load("key.restore");
	faultenv_public = load("key.public");
	return (0);
}

int
faultenv_teardown(void **state)
{
	(void)state;
	key_free(faultenv_push);
	key_free(faultenv_restore);
	key_free(faultenv_public);
	testdir_remove();
	return (0);
}

struct archive *
faultenv_open_as(const struct key *key, const char *server, uint64_t id)
{
	const struct store_conf	 conf = {
		.repository = testdir_path("repo"),
		.io_timeout_ms = 5000,
		.require_fsync = 1
	};
	struct err		 e = ERR_INIT;
	struct archive		*a = NULL;

	assert_int_equal(archive_open(&a, &conf, key, server, id, &e), 0);
	return (a);
}

struct archive *
faultenv_open(const struct key *key)
{
	return (faultenv_open_as(key, FAULTENV_SERVER, FAULTENV_SYSTEM));
}

const char *
faultenv_file(const char *path)
{
	static char	 buf[4][512];
	static size_t	 next;
	char		*p = buf[next++ % 4];

	(void)snprintf(p, sizeof(buf[0]), "repo/%s/%" PRIu64 "/%s",
	    FAULTENV_SERVER, FAULTENV_SYSTEM, path);
	return (p);
}

static int
drop(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return (remove(path));
}

void
faultenv_clean(void)
{
	(void)nftw(testdir_path("repo"), drop, 8, FTW_DEPTH | FTW_PHYS);
	(void)nftw(testdir_path("state"), drop, 8, FTW_DEPTH | FTW_PHYS);
}

static int	 counted;

static int
count(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)path;
	(void)st;
	(void)ftw;
	counted += type == FTW_F;
	return (0);
}

int
faultenv_count(const char *sub)
{
	counted = 0;
	(void)nftw(testdir_path(*sub == '\0' ? "repo" : faultenv_file(sub)),
	    count, 8, FTW_PHYS);
	return (counted);
}

uint8_t *
faultenv_segment(const char *name, unsigned seed)
{
	const uint16_t	 magic = 0xD110, info = 2;
	const uint64_t	 id = FAULTENV_SYSTEM;
	const uint32_t	 size = (uint32_t)FAULTENV_SEGSIZE, page = 8192;
	struct walname	 w;
	struct err	 e = ERR_INIT;
	uint64_t	 lsn;
	uint8_t		*p = malloc(size);
	size_t		 i;

	assert_non_null(p);
	assert_int_equal(walname_parse(name, &w, &e), 0);
	lsn = walname_lsn(&w, size);
	for (i = 0; i < size; i++)
		p[i] = (uint8_t)(i < size / 2 ? seed + i * 7 + (i >> 9) : 0);
	memset(p, 0, 40);
	memcpy(p, &magic, 2);
	memcpy(p + 2, &info, 2);
	memcpy(p + 4, &w.tli, 4);
	memcpy(p + 8, &lsn, 8);
	memcpy(p + 24, &id, 8);
	memcpy(p + 32, &size, 4);
	memcpy(p + 36, &page, 4);
	return (p);
}

/*
 * The failing store is the local one with each operation behind a gate.  Its
 * state is global, hence one archive at a time.
 */
static const struct store_ops	*real;
static unsigned			 calls, fail_at;
static int			 fail_after;

/* Count the call; fail if it must not do anything. */
static int
gate(struct err *e)
{
	calls++;
	if (fail_at == 0 || calls < fail_at ||
	    (calls == fail_at && fail_after))
		return (0);
	return (err_set(e, ERR_REMOTE, "injected failure"));
}

/* The operation's result, or a failure if its answer is to be lost. */
static int
answer(int rc, struct err *e)
{
	if (calls == fail_at && fail_after && rc != -1)
		return (err_set(e, ERR_REMOTE, "injected loss of an answer"));
	return (rc);
}

static int
put_open(struct store_put **out, struct store *s, const char *path,
    size_t head, struct err *e)
{
	struct store_put	*p = NULL;

	if (gate(e) || real->put_open(&p, s, path, head, e))
		return (-1);
	if (answer(0, e) == -1) {
		real->put_free(p);
		return (-1);
	}
	*out = p;
	return (0);
}

static int
put_write(struct store_put *p, const void *buf, size_t n, struct err *e)
{
	return (gate(e) ? -1 : answer(real->put_write(p, buf, n, e), e));
}

static int
put_end(struct store_put *p, const void *head, struct err *e)
{
	return (gate(e) ? -1 : answer(real->put_end(p, head, e), e));
}

static int
put_step(struct store_put *p, struct err *e)
{
	return (gate(e) ? -1 : answer(real->put_step(p, e), e));
}

static int
get_open(struct store_get **out, struct store *s, const char *path,
    struct err *e)
{
	return (gate(e) ? -1 : real->get_open(out, s, path, e));
}

static int
get_size(struct store_get *g, uint64_t *size, struct err *e)
{
	return (gate(e) ? -1 : real->get_size(g, size, e));
}

static int
get_ask(struct store_get *g, uint64_t off, uint64_t n, struct err *e)
{
	return (gate(e) ? -1 : real->get_ask(g, off, n, e));
}

static int
get_take(struct store_get *g, void *buf, size_t n, size_t *got,
    struct err *e)
{
	return (gate(e) ? -1 : real->get_take(g, buf, n, got, e));
}

static int
append_open(struct store_append **out, struct store *s, const char *path,
    struct err *e)
{
	struct store_append	*p = NULL;

	if (gate(e) || real->append_open(&p, s, path, e))
		return (-1);
	if (answer(0, e) == -1) {
		real->append_free(p);
		return (-1);
	}
	*out = p;
	return (0);
}

static int
append_send(struct store_append *p, const void *buf, size_t n, struct err *e)
{
	return (gate(e) ? -1 : answer(real->append_send(p, buf, n, e), e));
}

static struct store_ops		 failing;

unsigned
faultenv_fail(struct archive *a, unsigned k, int after)
{
	unsigned	 before = calls;

	if (a->store->ops != &failing) {
		real = a->store->ops;
		failing = *real;
		failing.put_open = put_open;
		failing.put_write = put_write;
		failing.put_end = put_end;
		failing.put_step = put_step;
		failing.get_open = get_open;
		failing.get_size = get_size;
		failing.get_ask = get_ask;
		failing.get_take = get_take;
		failing.append_open = append_open;
		failing.append_send = append_send;
		a->store->ops = &failing;
	}
	calls = 0;
	fail_at = k;
	fail_after = after;
	return (before);
}
