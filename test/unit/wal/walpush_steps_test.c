/* SPDX-License-Identifier: ISC */
/* Several WAL files on their way at a time over one connection. */
#include <sys/stat.h>

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/path.h"
#include "repo/layout.h"
#include "store/sftp.h"
#include "wal/walarchive.h"
#include "wal/walpush.h"

#include "faultenv.h"
#include "sshd.h"
#include "testdir.h"

#define MANY		8
#define OTHER		"000000010000000000000001"

static struct sshd		 server;
static struct store_conf	 conf;
static char			 uri[1024];
static int			 far;		/* SFTP, or a directory */

static int
setup_far(void **state)
{
	if (faultenv_setup(state) == -1)
		return (-1);
	sshd_start(&server, NULL);
	sshd_reach(&conf, uri, &server, testdir_path("repo"));
	conf.io_timeout_ms = 20000;
	conf.require_fsync = 1;
	far = 1;
	return (0);
}

static int
teardown_far(void **state)
{
	far = 0;
	sshd_stop(&server);
	return (faultenv_teardown(state));
}

static struct archive *
opened(const struct key *key)
{
	struct archive	*a = NULL;
	struct err	 e = ERR_INIT;

	if (!far)
		return (faultenv_open(key));
	if (archive_open(&a, &conf, key, FAULTENV_SERVER, FAULTENV_SYSTEM,
	    &e))
		fail_msg("%s", e.msg);
	return (a);
}

/* A file on its way. */
struct job {
	struct walpush		*w;
	struct walpush_file	 f;
	char			 name[32];
	uint8_t			*content;
	int			 r;		/* the last step; 2: not sent */
	struct err		 e;
};

static const char *
numbered(size_t i)
{
	static char	 name[32];

	(void)snprintf(name, sizeof(name), "0000000100000000000000%02zX",
	    i + 16);
	return (name);
}

static void
job_make(struct job *j, const char *name, unsigned seed)
{
	memset(j, 0, sizeof(*j));
	(void)snprintf(j->name, sizeof(j->name), "%s", name);
	j->content = faultenv_segment(name, seed);
	testdir_write(name, j->content, FAULTENV_SEGSIZE);
	j->f.name = j->name;
	j->f.codec.codec = CODEC_ZSTD;
	j->f.codec.level = 1;
	j->f.state_dir = testdir_path("state");
	j->f.wal_segment_size = FAULTENV_SEGSIZE;
	j->f.fd = open(testdir_path(name), O_RDONLY | O_CLOEXEC);
	assert_int_not_equal(j->f.fd, -1);
	j->r = 2;
}

static void
job_open(struct job *j, struct archive *a)
{
	if (walpush_open(&j->w, a, &j->f, &j->e))
		fail_msg("%s: %s", j->name, j->e.msg);
}

static int
job_send(struct job *j)
{
	return (j->r = walpush_send(j->w, &j->e) == -1 ? -1 : 1);
}

static void
job_free(struct job *j)
{
	walpush_free(j->w);
	free(j->content);
	assert_int_equal(close(j->f.fd), 0);
}

static void
finish(struct job *j, struct archive *a)
{
	struct err	 e = ERR_INIT;

	while ((j->r = walpush_step(j->w, &j->e)) == 1)
		if (store_wait(a->store, &e))
			fail_msg("%s", e.msg);
}

static void
push_one(const char *name)
{
	struct archive	*a = opened(faultenv_push);
	struct job	 j;

	job_make(&j, name, 1);
	if (walpush_file(a, &j.f, &j.e))
		fail_msg("%s", j.e.msg);
	job_free(&j);
	archive_free(a);
}

/* That exactly this content is there under this name. */
static void
must_be(const char *name, const uint8_t *content)
{
	struct archive	*a = opened(faultenv_restore);
	struct err	 e = ERR_INIT;
	static uint8_t	 got[FAULTENV_SEGSIZE + 1];
	int		 fd;

	(void)unlink(testdir_path("out"));
	if (walarchive_fetch(a, name, testdir_path("out"), &e))
		fail_msg("%s: %s", name, e.msg);
	archive_free(a);
	assert_int_not_equal(fd = open(testdir_path("out"), O_RDONLY), -1);
	assert_int_equal(read(fd, got, sizeof(got)), FAULTENV_SEGSIZE);
	assert_memory_equal(got, content, FAULTENV_SEGSIZE);
	assert_int_equal(close(fd), 0);
}

/* The jobs that "meanwhile" works on. */
static struct job	*jobs;
static size_t		 njobs;
static int		 called;

static void
step_others(void *arg)
{
	size_t	 i;

	(void)arg;
	called++;
	for (i = 0; i < njobs; i++)
		if (jobs[i].r == 1)
			jobs[i].r = walpush_step(jobs[i].w, &jobs[i].e);
		else if (jobs[i].r == 2 && jobs[i].w != arg)
			(void)walpush_ready(jobs[i].w);
}

/* All open at once, sent when ready, the others going on meanwhile. */
static void
interleaved(size_t n)
{
	struct archive	*a;
	struct job	 j[MANY];
	struct err	 e = ERR_INIT;
	size_t		 i;

	faultenv_clean();
	a = opened(faultenv_push);
	for (i = 0; i < n; i++) {
		job_make(&j[i], numbered(i), (unsigned)i);
		j[i].f.meanwhile = step_others;
	}
	jobs = j;
	njobs = n;
	called = 0;
	for (i = 0; i < n; i++)
		job_open(&j[i], a);
	for (i = 0; i < n; i++) {
		while (!walpush_ready(j[i].w))
			if (store_wait(a->store, &e))
				fail_msg("%s", e.msg);
		if (job_send(&j[i]) == -1)
			fail_msg("%s: %s", j[i].name, j[i].e.msg);
	}
	assert_in_range(called, (int)n * 16, (int)n * 17);
	for (i = n; i-- > 0;) {
		if (j[i].r == 1)
			finish(&j[i], a);
		if (j[i].r != 0)
			fail_msg("%s: %s", j[i].name, j[i].e.msg);
		assert_int_equal(walpush_step(j[i].w, &e), 0);
	}
	for (i = 0; i < n; i++) {
		walpush_free(j[i].w);
		j[i].w = NULL;
	}
	archive_free(a);
	for (i = 0; i < n; i++) {
		must_be(j[i].name, j[i].content);
		job_free(&j[i]);
	}
	assert_int_equal(faultenv_count("tmp"), 0);
	assert_int_equal(faultenv_count(""), n + 1);
}

static void
test_interleaved(void **state)
{
	(void)state;
	interleaved(1);
	interleaved(2);
	interleaved(3);
	interleaved(MANY);
}

/* The second finds the name taken only when it asks for it. */
static void
test_same_name(void **state)
{
	struct archive	*a;
	struct job	 j[2];
	int		 other, i;

	(void)state;
	for (other = 0; other <= 1; other++) {
		faultenv_clean();
		push_one(OTHER);
		a = opened(faultenv_push);
		job_make(&j[0], numbered(0), 1);
		job_make(&j[1], numbered(0), 1 + (unsigned)other);
		/* The name is the same, the file under it is another now. */
		if (other) {
			assert_int_equal(unlink(testdir_path(numbered(0))),
			    0);
			(void)close(j[0].f.fd);
			(void)close(j[1].f.fd);
			for (i = 0; i < 2; i++) {
				const char *names[] = { "first", "second" };

				testdir_write(names[i], j[i].content,
				    FAULTENV_SEGSIZE);
				j[i].f.fd = open(testdir_path(names[i]),
				    O_RDONLY | O_CLOEXEC);
				assert_int_not_equal(j[i].f.fd, -1);
			}
		}
		for (i = 0; i < 2; i++)
			job_open(&j[i], a);
		for (i = 0; i < 2; i++)
			assert_int_equal(job_send(&j[i]), 1);
		finish(&j[1], a);
		assert_int_equal(j[1].r, 0);
		finish(&j[0], a);
		assert_int_equal(j[0].r, other ? -1 : 0);
		assert_int_equal(j[0].e.kind, other ? ERR_CONFLICT :
		    ERR_NONE);
		if (other)
			assert_non_null(strstr(j[0].e.msg,
			    "the repository holds other content"));
		for (i = 0; i < 2; i++)
			walpush_free(j[i].w);
		archive_free(a);
		must_be(numbered(0), j[1].content);
		for (i = 0; i < 2; i++) {
			j[i].w = NULL;
			job_free(&j[i]);
		}
		assert_int_equal(faultenv_count("tmp"), 0);
		assert_int_equal(faultenv_count("wal"), 2);
	}
}

static int	 asked, refuse_at;

static int
refuse(void *arg, struct err *e)
{
	(void)arg;
	/* Nothing may be seen of it. */
	assert_int_equal(faultenv_count("wal"), 1);
	return (++asked == refuse_at ? err_set(e, ERR_USAGE,
	    "no longer wanted") : 0);
}

static void
refused(int there, int at)
{
	struct archive	*a;
	struct job	 j;
	int		 rc;

	faultenv_clean();
	push_one(there ? numbered(0) : OTHER);
	a = opened(faultenv_push);
	job_make(&j, numbered(0), 1);
	j.f.still = refuse;
	asked = 0;
	refuse_at = at;
	rc = walpush_file(a, &j.f, &j.e);
	archive_free(a);
	job_free(&j);
	assert_int_equal(faultenv_count("tmp"), 0);
	assert_int_equal(rc, at == 0 ? 0 : -1);
	if (at == 0)
		return;
	assert_string_equal(j.e.msg, "no longer wanted");
	assert_int_equal(asked, at);
	assert_int_equal(faultenv_count("wal"), 1);
}

/* Nobody wants it any more: a new file, and one that is there. */
static void
test_still(void **state)
{
	int	 there, times;

	(void)state;
	for (there = 0; there <= 1; there++) {
		refused(there, 0);
		times = asked;
		/* 17 reads, and when all was read. */
		assert_int_equal(times, 18);
		refused(there, 1);
		refused(there, times);
	}
}

static struct job	*victim;
static int		 harm;

/* Half-way somebody writes to the file that is being read. */
static void
tamper(void *arg)
{
	const struct timespec	 old[2] = { { 1000, 0 }, { 1000, 0 } };
	int			 fd;

	(void)arg;
	if (++called != 8)
		return;
	assert_int_not_equal(fd = open(testdir_path(victim->name), O_RDWR),
	    -1);
	switch (harm) {
	case 0:					/* behind what was read */
		assert_int_equal(pwrite(fd, "x", 1, 100), 1);
		break;
	case 1:
		assert_int_equal(pwrite(fd, "x", 1,
		    (off_t)FAULTENV_SEGSIZE - 1), 1);
		break;
	case 2:
		assert_int_equal(ftruncate(fd, 700000), 0);
		break;
	case 3:
		assert_int_equal(pwrite(fd, "x", 1, (off_t)FAULTENV_SEGSIZE),
		    1);
		break;
	case 4:
		assert_int_equal(futimens(fd, old), 0);
		break;
	}
	assert_int_equal(close(fd), 0);
}

static void
test_changed(void **state)
{
	struct archive	*a;
	struct job	 j;
	int		 there;

	(void)state;
	for (there = 0; there <= 1; there++)
		for (harm = 0; harm < 5; harm++) {
			faultenv_clean();
			push_one(there ? numbered(0) : OTHER);
			a = opened(faultenv_push);
			job_make(&j, numbered(0), 1);
			j.f.meanwhile = tamper;
			victim = &j;
			called = 0;
			(void)usleep(20000);	/* a clock tick of mtime */
			assert_int_equal(walpush_file(a, &j.f, &j.e), -1);
			assert_int_equal(j.e.kind, ERR_CORRUPT);
			assert_non_null(strstr(j.e.msg, "file changed "));
			assert_non_null(strstr(j.e.msg,
			    "while it was read"));
			archive_free(a);
			job_free(&j);
			assert_int_equal(faultenv_count("tmp"), 0);
			assert_int_equal(faultenv_count("wal"), 1);
		}
}

/* Ready means that sending begins without a round trip. */
static void
test_ready(void **state)
{
	struct archive	*a;
	struct job	 j;
	struct err	 e = ERR_INIT;
	uint64_t	 turns;

	(void)state;
	faultenv_clean();
	push_one(OTHER);
	a = opened(faultenv_push);
	job_make(&j, numbered(0), 1);
	memset(j.content + 8192, 0, FAULTENV_SEGSIZE - 8192);	/* is small */
	testdir_write(j.name, j.content, FAULTENV_SEGSIZE);
	job_open(&j, a);
	if (far)
		assert_int_equal(walpush_ready(j.w), 0);
	while (!walpush_ready(j.w))
		if (store_wait(a->store, &e))
			fail_msg("%s", e.msg);
	turns = far ? sftp_turns(a->store) : 0;
	assert_int_equal(job_send(&j), 1);
	if (far)
		assert_int_equal(sftp_turns(a->store), turns);
	finish(&j, a);
	assert_int_equal(j.r, 0);
	if (far)
		assert_in_range(sftp_turns(a->store) - turns, 0, 2);
	walpush_free(j.w);
	j.w = NULL;
	archive_free(a);
	must_be(j.name, j.content);
	job_free(&j);
}

/*
 * A single push over a new connection waits for the greeting and what is there,
 * for marker and data, and for the name.  The temporary file's open may be
 * answered a moment after the others, and so may the data after the marker;
 * where it counts, far away, these come in one flight.
 */
static void
test_ahead(void **state)
{
	struct archive	*a;
	struct job	 j;

	(void)state;
	faultenv_clean();
	push_one(OTHER);
	conf.early = 1;
	a = opened(faultenv_push);
	conf.early = 0;
	job_make(&j, numbered(0), 1);
	memset(j.content + 8192, 0, FAULTENV_SEGSIZE - 8192);	/* is small */
	testdir_write(j.name, j.content, FAULTENV_SEGSIZE);
	if (walpush_file(a, &j.f, &j.e))
		fail_msg("%s", j.e.msg);
	assert_in_range(sftp_turns(a->store), 0, 3 + 2);
	archive_free(a);
	must_be(j.name, j.content);
	job_free(&j);
}

/* The data went ahead into a repository that turns out to be another one. */
static void
test_ahead_other(void **state)
{
	char		 dir[PATH_MAX], memory[PATH_MAX];
	struct archive	*a;
	struct job	 j;
	struct err	 e = ERR_INIT;

	(void)state;
	faultenv_clean();
	push_one(OTHER);
	a = opened(faultenv_push);
	if (layout_state(dir, "state", FAULTENV_SERVER, FAULTENV_SYSTEM,
	    &e) || path_join(memory, sizeof(memory), dir, "repository", &e))
		fail_msg("%s", e.msg);
	testdir_text(memory, "00112233445566778899aabbccddeeff\n");
	job_make(&j, numbered(0), 1);
	assert_int_equal(walpush_file(a, &j.f, &j.e), -1);
	assert_int_equal(j.e.kind, ERR_REMOTE);
	assert_non_null(strstr(j.e.msg, "this is another repository"));
	archive_free(a);
	job_free(&j);
	assert_int_equal(faultenv_count("tmp"), 0);
	assert_int_equal(faultenv_count("wal"), 1);
}

/*
 * The connection dies when all was sent of two files, and one of them may
 * have been stepped: no success is said, what is there is whole, and the
 * next push is right.
 */
static void
test_lost(void **state)
{
	struct archive	*a;
	struct job	 j[2];
	struct err	 e = ERR_INIT;
	int		 k, i, n;

	(void)state;
	for (k = 0; k < 6; k++) {
		faultenv_clean();
		push_one(OTHER);
		a = opened(faultenv_push);
		for (i = 0; i < 2; i++) {
			job_make(&j[i], numbered((size_t)i), (unsigned)i);
			job_open(&j[i], a);
		}
		for (i = 0; i < 2; i++)
			assert_int_equal(job_send(&j[i]), 1);
		for (i = 0; i < k && j[0].r == 1; i++) {
			if (store_wait(a->store, &e))
				fail_msg("%s", e.msg);
			j[0].r = walpush_step(j[0].w, &j[0].e);
			assert_int_not_equal(j[0].r, -1);
		}
		assert_true(sshd_signal(&server, SIGKILL) > 0);
		for (i = 0; i < 2; i++)
			while (j[i].r == 1)
				if ((j[i].r = walpush_step(j[i].w,
				    &j[i].e)) == 1)
					(void)!store_wait(a->store, &e);
		assert_int_equal(j[1].r, -1);
		assert_int_equal(j[1].e.kind, ERR_REMOTE);
		n = 1 + (j[0].r == 0);
		for (i = 0; i < 2; i++)
			walpush_free(j[i].w);
		archive_free(a);
		assert_in_range(faultenv_count("wal"), n, 3);
		a = opened(faultenv_push);
		for (i = 0; i < 2; i++) {
			err_clear(&j[i].e);
			if (walpush_file(a, &j[i].f, &j[i].e))
				fail_msg("%s", j[i].e.msg);
		}
		archive_free(a);
		for (i = 0; i < 2; i++) {
			must_be(j[i].name, j[i].content);
			j[i].w = NULL;
			job_free(&j[i]);
		}
		assert_int_equal(faultenv_count("wal"), 3);
	}
}

/* Given up after it was sent: nothing to be seen, and the rest goes on. */
static void
test_given_up(void **state)
{
	struct archive	*a;
	struct job	 j[3];
	int		 i;

	(void)state;
	faultenv_clean();
	push_one(OTHER);
	a = opened(faultenv_push);
	for (i = 0; i < 3; i++) {
		job_make(&j[i], numbered((size_t)i), (unsigned)i);
		job_open(&j[i], a);
	}
	assert_int_equal(job_send(&j[0]), 1);
	assert_int_equal(job_send(&j[1]), 1);
	walpush_free(j[1].w);
	walpush_free(j[2].w);
	j[1].w = j[2].w = NULL;
	finish(&j[0], a);
	assert_int_equal(j[0].r, 0);
	walpush_free(j[0].w);
	j[0].w = NULL;
	archive_free(a);
	must_be(j[0].name, j[0].content);
	for (i = 0; i < 3; i++)
		job_free(&j[i]);
	assert_int_equal(faultenv_count("tmp"), 0);
	assert_int_equal(faultenv_count("wal"), 2);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_interleaved),
		cmocka_unit_test(test_same_name),
		cmocka_unit_test(test_still),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_ready),
		cmocka_unit_test(test_given_up),
	};
	const struct CMUnitTest	 distant[] = {
		cmocka_unit_test(test_interleaved),
		cmocka_unit_test(test_same_name),
		cmocka_unit_test(test_still),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_ready),
		cmocka_unit_test(test_given_up),
		cmocka_unit_test(test_ahead),
		cmocka_unit_test(test_ahead_other),
		cmocka_unit_test(test_lost),
	};
	int			 failed;

	failed = cmocka_run_group_tests_name("local", tests, faultenv_setup,
	    faultenv_teardown);
	if (sshd_available())
		failed += cmocka_run_group_tests_name("sftp", distant,
		    setup_far, teardown_far);
	return (failed);
}
