/* SPDX-License-Identifier: ISC */
/* The copier's queue: in order at its head, whatever the jobs' order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "push/copyqueue.h"

#define CHUNK	((uint32_t)65536)
#define MANY	1000

static const struct copyfile_conf	 conf = { .chunk_size = CHUNK };
static struct copyqueue			 q;

static int
setup(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	memset(&q, 0, sizeof(q));
	return (crew_new(&q.crew, &e));
}

static int
teardown(void **state)
{
	(void)state;
	crew_free(q.crew);
	copyqueue_free(&q);
	return (0);
}

/* A file of one piece, or a directory, which has none. */
static struct copyfile *
entry(enum manifest_type type, const char *path)
{
	const struct manifest_entry	 en = { .type = type, .path = path };
	struct copyfile			*f;
	struct err			 e = ERR_INIT;

	assert_int_equal(copyfile_new(&f, &en, type == MANIFEST_FILE ?
	    "text" : NULL, 4, &e), 0);
	assert_int_equal(copyfile_open(f, &conf, &e), 0);
	return (f);
}

static int
is_so(enum copyqueue_state what)
{
	struct err	 e = ERR_INIT;

	return (copyqueue_wait(&q, what, 2, &e));
}

static void
pop(const char *path)
{
	struct copyfile	*f = copyqueue_pop(&q);

	assert_non_null(f);
	assert_string_equal(f->path, path);
	copyfile_free(f);
}

static struct copyqueue_piece
piece(void)
{
	return ((struct copyqueue_piece){ .result = { .read = 4, .equal = 1,
	    .end = UINT64_MAX } });
}

static void
test_order(void **state)
{
	struct copyqueue_piece	 a = piece(), c = piece();

	(void)state;
	assert_int_equal(is_so(COPYQUEUE_EMPTY), 1);
	copyqueue_put(&q, entry(MANIFEST_FILE, "a"));
	copyqueue_put(&q, entry(MANIFEST_DIR, "b"));
	copyqueue_put(&q, entry(MANIFEST_FILE, "c"));
	copyqueue_put(&q, entry(MANIFEST_DIR, "d"));
	copyqueue_close(&q);
	assert_int_equal(copyqueue_next(&q, &a), COPYQUEUE_PIECE);
	assert_string_equal(a.file->path, "a");
	assert_int_equal(copyqueue_next(&q, &c), COPYQUEUE_PIECE);
	assert_string_equal(c.file->path, "c");
	assert_int_equal(copyqueue_next(&q, &c), COPYQUEUE_END);
	assert_null(c.file);
	assert_null(copyqueue_pop(&q));		/* "a" is not complete */
	assert_int_equal(copyqueue_next(&q, &a), COPYQUEUE_END);
	pop("a");
	pop("b");
	pop("c");
	assert_int_equal(q.sum.read, 8);
	assert_int_equal(q.sum.equal, 2);
	assert_int_equal(is_so(COPYQUEUE_EMPTY), 0);
	pop("d");
	assert_null(copyqueue_pop(&q));
	assert_int_equal(is_so(COPYQUEUE_EMPTY), 1);
	copyqueue_published(&q, 30);
	copyqueue_published(&q, 12);
	assert_int_equal(is_so(COPYQUEUE_ENDED), 1);
	assert_int_equal(q.stored, 42);
}

/* Few pieces, more files than pieces; room again once some are reported. */
static void
test_room(void **state)
{
	struct copyqueue_piece	 p = piece();
	unsigned		 n = 0;
	char			 path[16];

	(void)state;
	for (; n < MANY && is_so(COPYQUEUE_ROOM) == 1; n++) {
		(void)snprintf(path, sizeof(path), "%u", n);
		copyqueue_put(&q, entry(MANIFEST_FILE, path));
	}
	assert_int_equal(n, 64);
	assert_int_equal(copyqueue_next(&q, &p), COPYQUEUE_PIECE);
	assert_int_equal(copyqueue_next(&q, &p), COPYQUEUE_PIECE);
	pop("0");
	for (; n < MANY && q.files < 256; n++)
		copyqueue_put(&q, entry(MANIFEST_DIR, "dir"));
	assert_int_equal(is_so(COPYQUEUE_ROOM), 0);
	assert_int_equal(copyqueue_next(&q, &p), COPYQUEUE_PIECE);
	pop("1");
	assert_int_equal(is_so(COPYQUEUE_ROOM), 1);
}

static int
fails(void *arg, struct err *e)
{
	(void)arg;
	return (err_set(e, ERR_REMOTE, "the line is cut"));
}

/* A job that fails ends the waits of all, and no piece is counted then. */
static void
test_failure(void **state)
{
	struct copyqueue_piece	 p = piece();
	struct err		 e = ERR_INIT;
	int			 rc = 0;

	(void)state;
	copyqueue_put(&q, entry(MANIFEST_FILE, "a"));
	assert_int_equal(copyqueue_next(&q, &p), COPYQUEUE_PIECE);
	assert_int_equal(crew_start(q.crew, fails, NULL, &e), 0);
	while (rc == 0)
		rc = copyqueue_wait(&q, COPYQUEUE_EMPTY, 1, &e);
	assert_int_equal(rc, -1);
	assert_string_equal(e.msg, "the line is cut");
	assert_int_equal(copyqueue_next(&q, &p), COPYQUEUE_END);
	assert_int_equal(q.sum.read, 0);
	assert_null(copyqueue_pop(&q));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test_setup_teardown(test_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_room, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failure, setup,
		    teardown)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
