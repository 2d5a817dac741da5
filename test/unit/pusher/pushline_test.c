/* SPDX-License-Identifier: ISC */
/*
 * The order in which a line names what it sent: a real line and queue, and in
 * place of walpush.c one whose pushes end when they are told to.
 */
#include <sys/stat.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pusher/pushline.h"
#include "wal/walpush.h"

#include "faultenv.h"
#include "testdir.h"

#define FILES	3

/* What becomes of a push, and how often it was let go on. */
static struct {
	int		 answer;	/* of walpush_step() */
	int		 named;
	unsigned	 steps;
	int		 ended;
	enum err_kind	 kind;
	unsigned	 answers;	/* requests that got this end */
}	 push[FILES + 1];

struct walpush {
	size_t	 n;
};

static size_t
number_of(const char *name)
{
	return ((size_t)strtoul(name + 16, NULL, 16));
}

int
walpush_open(struct walpush **out, struct archive *a,
    const struct walpush_file *f, struct err *e)
{
	struct walpush	*w = malloc(sizeof(*w));

	(void)a;
	(void)e;
	assert_non_null(w);
	w->n = number_of(f->name);
	*out = w;
	return (0);
}

int
walpush_ready(struct walpush *w)
{
	(void)w;
	return (1);
}

int
walpush_send(struct walpush *w, struct err *e)
{
	(void)w;
	(void)e;
	return (0);
}

int
walpush_step(struct walpush *w, struct err *e)
{
	push[w->n].steps++;
	if (push[w->n].answer == -1)
		return (err_set(e, ERR_REMOTE, "refused"));
	return (push[w->n].answer);
}

int
walpush_named(const struct walpush *w)
{
	return (push[w->n].named);
}

void
walpush_free(struct walpush *w)
{
	free(w);
}

/* Nobody here pushes a single file, but helpers of other tests do. */
int
walpush_file(struct archive *a, const struct walpush_file *f, struct err *e)
{
	(void)a;
	(void)f;
	return (err_set(e, ERR_LOCAL, "not here"));
}

static struct pushpool_conf	 conf;
static struct pushqueue		*q;
static struct pushline		*line;
static atomic_int		 stop;
static char			 repo[256], dir[256], state_dir[256];

static void
ended(void *arg, const struct pushline_end *end)
{
	struct pushqueue_ask	*a, *next;
	size_t			 n = number_of(end->job->name);

	(void)arg;
	push[n].ended = 1;
	push[n].kind = end->err.kind;
	if (end->err.kind == ERR_REMOTE)
		pushqueue_return(q, end->job);
	else
		for (a = pushqueue_finish(q, end->job, end->err.kind,
		    end->whole); a != NULL; a = next) {
			next = a->next;
			push[n].answers++;
			pushqueue_ask_free(a);
		}
}

static int
turn(void *arg, const struct pushqueue_job *job)
{
	(void)arg;
	return (pushqueue_turn(q, job));
}

/* All the files wait to be archived. */
static void
list(void)
{
	struct ready	 r;
	struct err	 e = ERR_INIT;
	char		 path[256];
	size_t		 n;

	for (n = 1; n <= FILES; n++) {
		(void)snprintf(path, sizeof(path),
		    "d/pg_wal/0000000100000000%08zX", n);
		testdir_text(path, "");
		(void)snprintf(path, sizeof(path), "d/pg_wal/archive_status/"
		    "0000000100000000%08zX.ready", n);
		testdir_text(path, "");
	}
	if (ready_list(&r, dir, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(r.n, FILES);
	pushqueue_listed(q, &r);
}

static int
setup(void **state)
{
	struct pushline_conf	 c = { .pool = &conf, .stop = &stop,
	    .ended = ended, .turn = turn };
	struct err		 e = ERR_INIT;
	size_t			 n;

	if (faultenv_setup(state) != 0 ||
	    mkdir(testdir_path("d"), 0700) == -1 ||
	    mkdir(testdir_path("d/pg_wal"), 0700) == -1 ||
	    mkdir(testdir_path("d/pg_wal/archive_status"), 0700) == -1)
		return (-1);
	(void)snprintf(repo, sizeof(repo), "%s", testdir_path("repo"));
	(void)snprintf(dir, sizeof(dir), "%s", testdir_path("d"));
	(void)snprintf(state_dir, sizeof(state_dir), "%s",
	    testdir_path("state"));
	conf = (struct pushpool_conf){
		.store = { .repository = repo, .io_timeout_ms = 20000 },
		.key = faultenv_push,
		.server = FAULTENV_SERVER,
		.system_id = FAULTENV_SYSTEM,
		.wal_segment_size = FAULTENV_SEGSIZE,
		.data_directory = dir,
		.state_dir = state_dir
	};
	memset(push, 0, sizeof(push));
	for (n = 1; n <= FILES; n++)
		push[n].answer = 1;
	if (pushqueue_new(&q, &e) || pushline_new(&line, &c, &e))
		return (-1);
	list();
	return (0);
}

static int
teardown(void **state)
{
	pushline_free(line);
	pushqueue_free(q);
	return (faultenv_teardown(state));
}

static void
take(size_t n)
{
	struct pushqueue_job	*job = pushqueue_take(q, 1);

	assert_non_null(job);
	assert_int_equal(number_of(job->name), n);
	job->line = line;
	pushline_add(line, job, (struct codec_spec){ CODEC_ZSTD, 1 });
}

/* All that it can do for now. */
static int
work(void)
{
	int	 i, held = 0;

	for (i = 0; i < 3 + FILES && pushline_busy(line); i++)
		held = pushline_work(line);
	return (held);
}

/* One is named: two goes on, and three waits until two is named. */
static void
follow(void **state)
{
	size_t	 n;

	(void)state;
	for (n = 1; n <= FILES; n++)
		take(n);
	(void)work();
	assert_true(push[1].steps > 0);
	assert_int_equal(push[2].steps, 0);
	push[1].named = 1;
	(void)work();
	assert_true(push[2].steps > 0);
	assert_int_equal(push[3].steps, 0);
	push[2].named = 1;
	(void)work();
	assert_true(push[3].steps > 0);
	for (n = 1; n <= FILES; n++)
		push[n].answer = 0;
	assert_int_equal(work(), 0);
	for (n = 1; n <= FILES; n++) {
		assert_true(push[n].ended);
		assert_int_equal(push[n].kind, ERR_NONE);
	}
}

/*
 * One's name was asked for and is refused while two is not yet on the disk,
 * so not named: two waits until one is there after all.
 */
static void
refused(void **state)
{
	unsigned	 was;

	(void)state;
	take(1);
	take(2);
	push[1].named = 1;
	(void)work();
	was = push[2].steps;
	assert_true(was > 0);
	push[1].answer = -1;
	assert_int_equal(work(), 1);
	assert_true(push[1].ended);
	assert_int_equal(push[1].kind, ERR_REMOTE);
	assert_int_equal(push[2].steps, was);

	push[1].answer = 1;
	push[1].named = push[1].ended = 0;
	take(1);
	(void)work();
	assert_int_equal(push[2].steps, was);
	push[1].answer = push[2].answer = 0;
	assert_int_equal(work(), 0);
	assert_true(push[1].ended && push[2].ended);
	assert_int_equal(push[2].kind, ERR_NONE);
}

/* Somebody asks for the first file, which is open as he has it. */
static void
ask(uint64_t ticket)
{
	static const char	 name[] = "000000010000000000000001";
	struct pushid		 id;
	struct stat		 st;
	struct err		 e = ERR_INIT;
	char			 path[512];
	int			 fd;

	(void)snprintf(path, sizeof(path), "%s/pg_wal/%s", dir, name);
	fd = open(path, O_RDONLY);
	assert_int_not_equal(fd, -1);
	assert_int_equal(fstat(fd, &st), 0);
	id = pushid_of(&st);
	assert_int_equal(pushqueue_ask(q, ticket, name, fd, &id, &e), 0);
}

/*
 * Two ask for a file, and one push is under way for the first.  If the file
 * is the same before and after, its result is the second one's, too.  A file
 * that was written to meanwhile is pushed again for the second.
 */
static void
changed(void **state)
{
	int	 i;

	(void)state;
	for (i = 0; i < 2; i++) {
		memset(push, 0, sizeof(push));
		push[1].answer = 1;
		ask(1);
		take(1);
		ask(2);
		(void)work();
		assert_false(push[1].ended);
		if (i == 1)
			testdir_text("d/pg_wal/000000010000000000000001",
			    "more");
		push[1].answer = 0;
		(void)work();
		assert_true(push[1].ended);
		if (push[1].answers != (i == 0 ? 2 : 1))
			fail_msg("a file that %s while it was pushed: %u of 2 "
			    "requests got the result", i == 0 ? "stayed" :
			    "changed", push[1].answers);
	}
	/* The second one's own push. */
	take(1);
	(void)work();
	assert_int_equal(push[1].answers, 2);
}

#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		T(follow), T(refused), T(changed),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
