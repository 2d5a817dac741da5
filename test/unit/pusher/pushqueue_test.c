/* SPDX-License-Identifier: ISC */
/* Who waits for which push, and whose result it is. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "pusher/pushknown.h"
#include "pusher/pushqueue.h"

static struct pushqueue	*q;

static int
setup(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	return (pushqueue_new(&q, &e));
}

static int
teardown(void **state)
{
	(void)state;
	pushqueue_free(q);
	return (0);
}

static const char *
name_of(unsigned n)
{
	static char	 buf[8][WALNAME_TEXT];
	static unsigned	 next;
	char		*p = buf[next++ % 8];

	(void)snprintf(p, WALNAME_TEXT, "0000000100000000%08X", n);
	return (p);
}

static struct pushid
id_of(unsigned n)
{
	return ((struct pushid){ 1, n, 1 << 20, { 100, 5 },
	    { 100, 6 } });
}

static int
null_fd(void)
{
	int	 fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_int_not_equal(fd, -1);
	return (fd);
}

static int
ask_as(uint64_t ticket, unsigned n, struct pushid id)
{
	struct err	 e = ERR_INIT;

	return (pushqueue_ask(q, ticket, name_of(n), null_fd(), &id, &e));
}

static int
ask(uint64_t ticket, unsigned n)
{
	return (ask_as(ticket, n, id_of(n)));
}

/* Names "from" to "to" wait, and "more" that are not listed. */
static void
listed(unsigned from, unsigned to, size_t more)
{
	struct ready	 r = { .n = 0 };

	for (; from <= to; from++)
		memcpy(r.name[r.n++], name_of(from), WALNAME_TEXT);
	r.waiting = r.n + more;
	pushqueue_listed(q, &r);
}

static struct pushqueue_job *
take(int ahead, unsigned n, int asked)
{
	struct pushqueue_job	*job = pushqueue_take(q, ahead);

	assert_non_null(job);
	assert_string_equal(job->name, name_of(n));
	assert_int_equal(job->asked, asked);
	assert_int_equal(job->fd == -1, !asked);
	if (!asked) {
		job->fd = null_fd();
		job->id = id_of(n);
	}
	return (job);
}

/* End a job: the tickets that are told, 0 where fewer than two. */
static void
end(struct pushqueue_job *job, enum err_kind kind, int whole,
    uint64_t first, uint64_t second)
{
	struct pushqueue_ask	*a = pushqueue_finish(q, job, kind, whole);
	struct pushqueue_ask	*b = a == NULL ? NULL : a->next;

	assert_int_equal(a == NULL ? 0 : a->ticket, first);
	assert_int_equal(b == NULL ? 0 : b->ticket, second);
	pushqueue_ask_free(a);
	pushqueue_ask_free(b);
}

static void
asked_first(void **state)
{
	(void)state;
	assert_null(pushqueue_take(q, 1));
	listed(1, 5, 0);
	assert_int_equal(ask(11, 9), 0);
	assert_int_equal(ask(12, 3), 0);
	assert_int_equal(pushqueue_waiting(q, 0), 2);
	assert_int_equal(pushqueue_waiting(q, 1), 6);
	end(take(1, 9, 1), ERR_NONE, 1, 11, 0);
	end(take(1, 3, 1), ERR_NONE, 1, 12, 0);
	assert_null(pushqueue_take(q, 0));
	end(take(1, 1, 0), ERR_NONE, 1, 0, 0);
	end(take(1, 2, 0), ERR_NONE, 1, 0, 0);
	end(take(1, 4, 0), ERR_NONE, 1, 0, 0);
	end(take(1, 5, 0), ERR_NONE, 1, 0, 0);
	assert_null(pushqueue_take(q, 1));
	/* All of that is still .ready, and is not done again. */
	listed(1, 6, 0);
	end(take(1, 6, 0), ERR_NONE, 1, 0, 0);
	assert_null(pushqueue_take(q, 1));
}

/* A success counts once, and then the file is pushed when asked for. */
static void
known(void **state)
{
	(void)state;
	listed(1, 2, 0);
	end(take(1, 1, 0), ERR_NONE, 1, 0, 0);
	end(take(1, 2, 0), ERR_NONE, 1, 0, 0);
	assert_int_equal(ask(11, 1), 1);
	assert_int_equal(pushqueue_waiting(q, 1), 0);
	assert_int_equal(ask(12, 1), 0);
	end(take(1, 1, 1), ERR_NONE, 1, 12, 0);
	assert_int_equal(ask(13, 1), 0);
	pushqueue_forget(q, 13);
	assert_int_equal(ask(14, 2), 1);
}

/* Another file under the name that was pushed ahead. */
static void
other_file(void **state)
{
	struct pushid		 id[8];
	size_t			 i;

	(void)state;
	for (i = 0; i < 8; i++)
		id[i] = id_of(1);
	id[0].dev++;
	id[1].ino++;
	id[2].size--;
	id[3].mtime.tv_sec++;
	id[4].mtime.tv_nsec++;
	id[5].ctime.tv_sec--;
	id[6].ctime.tv_nsec--;
	for (i = 0; i < 8; i++) {
		teardown(NULL);
		assert_int_equal(setup(NULL), 0);
		listed(1, 1, 0);
		end(take(1, 1, 0), ERR_NONE, 1, 0, 0);
		assert_int_equal(ask_as(11, 1, id[i]), i == 7);
		if (i < 7) {
			end(take(1, 1, 1), ERR_CONFLICT, 1, 11, 0);
			continue;
		}
		assert_null(pushqueue_take(q, 1));
	}
	/* Not whole: it changed while it was read. */
	listed(2, 2, 0);
	end(take(1, 2, 0), ERR_NONE, 0, 0, 0);
	assert_int_equal(ask(12, 2), 0);
}

/* Asked for while it is pushed ahead: each way that may end. */
static void
in_flight(void **state)
{
	static const struct {
		enum err_kind	 kind;
		int		 same, whole, told;
	} t[] = {
		{ ERR_NONE, 1, 1, 1 }, { ERR_NONE, 0, 1, 0 },
		{ ERR_NONE, 1, 0, 0 }, { ERR_CONFLICT, 1, 1, 1 },
		{ ERR_CONFLICT, 0, 1, 0 }, { ERR_CONFLICT, 1, 0, 0 },
		{ ERR_CORRUPT, 1, 1, 1 }, { ERR_CORRUPT, 0, 1, 0 },
		{ ERR_CORRUPT, 1, 0, 0 }, { ERR_REMOTE, 1, 1, 0 },
		{ ERR_LOCAL, 1, 1, 0 }, { ERR_CONFIG, 1, 1, 0 },
		{ ERR_USAGE, 1, 1, 0 },
	};
	struct pushid		 id;
	struct pushqueue_job	*job;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		teardown(NULL);
		assert_int_equal(setup(NULL), 0);
		listed(1, 1, 0);
		job = take(1, 1, 0);
		id = id_of(t[i].same ? 1 : 7);
		assert_int_equal(ask_as(11, 1, id), 0);
		assert_null(pushqueue_take(q, 1));
		assert_int_equal(pushqueue_waiting(q, 1), 0);
		end(job, t[i].kind, t[i].whole, t[i].told ? 11 : 0, 0);
		if (t[i].told) {
			assert_null(pushqueue_take(q, 1));
			continue;
		}
		/* From its own descriptor, whose result is final. */
		job = take(0, 1, 1);
		assert_true(pushid_same(&job->id, &id));
		end(job, ERR_REMOTE, 1, 11, 0);
		assert_null(pushqueue_take(q, 1));
	}
}

/* Two who ask for one name: the same file, or another one. */
static void
two(void **state)
{
	struct pushqueue_job	*job;

	(void)state;
	assert_int_equal(ask(11, 1), 0);
	assert_int_equal(ask(12, 1), 0);
	assert_int_equal(ask_as(13, 1, id_of(4)), 0);
	assert_int_equal(pushqueue_waiting(q, 0), 3);
	job = take(1, 1, 1);
	assert_null(pushqueue_take(q, 1));
	end(job, ERR_NONE, 1, 11, 12);
	job = take(1, 1, 1);
	end(job, ERR_CONFLICT, 1, 13, 0);
	assert_int_equal(ask(14, 1), 0);
	assert_int_equal(ask(15, 1), 0);
	end(take(1, 1, 1), ERR_REMOTE, 1, 14, 0);
	end(take(1, 1, 1), ERR_NONE, 1, 15, 0);
}

/*
 * A neighbour's failure is dropped, and not repeated until it is asked for;
 * nothing behind it is pushed ahead meanwhile.
 */
static void
neighbours(void **state)
{
	(void)state;
	listed(1, 3, 0);
	assert_int_equal(ask(11, 1), 0);
	end(take(1, 1, 1), ERR_NONE, 1, 11, 0);
	end(take(1, 2, 0), ERR_CORRUPT, 1, 0, 0);
	assert_null(pushqueue_take(q, 1));
	listed(2, 4, 0);
	assert_null(pushqueue_take(q, 1));
	assert_int_equal(ask(12, 2), 0);
	end(take(1, 2, 1), ERR_CORRUPT, 1, 12, 0);
	assert_int_equal(ask(13, 2), 0);
	end(take(1, 2, 1), ERR_NONE, 1, 13, 0);
	listed(3, 6, 0);
	end(take(1, 3, 0), ERR_NONE, 1, 0, 0);
	end(take(1, 4, 0), ERR_NONE, 1, 0, 0);
	assert_int_equal(ask(14, 3), 1);
	/* The network's failures say nothing of the file. */
	end(take(1, 5, 0), ERR_REMOTE, 1, 0, 0);
	assert_null(pushqueue_take(q, 1));
	listed(3, 6, 0);
	end(take(1, 5, 0), ERR_CONFIG, 1, 0, 0);
	assert_null(pushqueue_take(q, 1));
	listed(3, 6, 0);
	end(take(1, 5, 0), ERR_NONE, 1, 0, 0);
	end(take(1, 6, 0), ERR_NONE, 1, 0, 0);
}

static void
forgotten(void **state)
{
	struct pushqueue_job	*job;

	(void)state;
	assert_int_equal(ask(11, 1), 0);
	assert_int_equal(ask(12, 2), 0);
	pushqueue_forget(q, 11);
	pushqueue_forget(q, 99);
	job = take(1, 2, 1);
	pushqueue_forget(q, 12);
	assert_int_equal(ask(13, 3), 0);	/* the list's end is right */
	end(job, ERR_NONE, 1, 0, 0);
	/* PostgreSQL asks again: it is there. */
	assert_int_equal(ask(14, 2), 1);
	job = take(1, 3, 1);
	pushqueue_forget(q, 13);
	pushqueue_return(q, job);
	assert_null(pushqueue_take(q, 1));
}

static void
returned(void **state)
{
	struct pushqueue_job	*one, *two;

	(void)state;
	listed(1, 4, 0);
	one = take(1, 1, 0);
	two = take(1, 2, 0);
	pushqueue_return(q, two);
	pushqueue_return(q, one);
	one = take(1, 1, 0);
	assert_int_equal(ask(11, 1), 0);
	pushqueue_return(q, one);		/* now it is asked for */
	one = take(1, 1, 1);
	assert_int_equal(one->again, 0);
	assert_int_equal(ask(12, 9), 0);
	assert_int_equal(ask(13, 1), 0);
	pushqueue_return(q, one);
	one = take(1, 1, 1);
	assert_int_equal(one->again, 1);
	end(one, ERR_NONE, 1, 11, 13);
	two = take(1, 9, 1);
	assert_int_equal(two->again, 0);
	end(two, ERR_NONE, 1, 12, 0);
	end(take(1, 2, 0), ERR_NONE, 1, 0, 0);
	/* Listed anew while one is under way. */
	one = take(1, 3, 0);
	listed(3, 5, 0);
	pushqueue_return(q, one);
	end(take(1, 3, 0), ERR_NONE, 1, 0, 0);
	end(take(1, 4, 0), ERR_NONE, 1, 0, 0);
	end(take(1, 5, 0), ERR_NONE, 1, 0, 0);
	assert_null(pushqueue_take(q, 1));
}

static void
backlog(void **state)
{
	struct pushqueue_job	*job, *bad;

	(void)state;
	assert_int_equal(ask(11, 1), 0);
	listed(1, 12, 0);
	assert_int_equal(pushqueue_backlog(q), 12);
	assert_int_equal(pushqueue_unasked(q), 11);
	end(take(1, 1, 1), ERR_NONE, 1, 11, 0);
	end(take(1, 2, 0), ERR_NONE, 1, 0, 0);
	bad = take(1, 3, 0);
	job = take(1, 4, 0);
	end(bad, ERR_CORRUPT, 1, 0, 0);
	listed(1, 5, 100);
	assert_int_equal(pushqueue_backlog(q), 102);
	assert_int_equal(pushqueue_unasked(q), 102);
	assert_int_equal(ask(12, 4), 0);
	listed(2, 5, 0);
	assert_int_equal(pushqueue_backlog(q), 2);
	assert_int_equal(pushqueue_unasked(q), 1);
	end(job, ERR_NONE, 1, 12, 0);
}

/* The oldest results are forgotten, and jobs are bounded. */
static void
bounds(void **state)
{
	struct pushqueue_job	*jobs[PUSHQUEUE_JOBS];
	unsigned		 i;

	(void)state;
	for (i = 0; i < PUSHKNOWN_MAX + 1; i++) {
		listed(i, i, 0);
		end(take(1, i, 0), ERR_NONE, 1, 0, 0);
	}
	assert_int_equal(ask(11, 0), 0);
	pushqueue_forget(q, 11);
	for (i = 1; i < PUSHKNOWN_MAX + 1; i++)
		assert_int_equal(ask(11, i), 1);
	for (i = 0; i < PUSHQUEUE_JOBS; i++) {
		assert_int_equal(ask(20 + i, 1000 + i), 0);
		jobs[i] = take(1, 1000 + i, 1);
	}
	assert_int_equal(ask(19, 999), 0);
	assert_null(pushqueue_take(q, 1));
	pushqueue_return(q, jobs[3]);
	jobs[3] = take(1, 1003, 1);
	end(jobs[7], ERR_NONE, 1, 27, 0);
	jobs[7] = take(1, 999, 1);
}

/*
 * Anything in any order: every ticket is told once at most, a success only
 * if that very file was pushed, a failure only if it was its own file's; and
 * in the end everybody was told and no descriptor is left.
 */
#define TICKETS	4000

struct told {
	unsigned	 name, file;
	int		 open;
};

static void
must_be_right(const struct told *t, const struct pushqueue_job *job,
    enum err_kind kind)
{
	assert_true(t->open);
	assert_string_equal(name_of(t->name), job->name);
	if (kind == ERR_NONE || kind == ERR_CONFLICT || kind == ERR_CORRUPT ||
	    !job->asked)
		assert_int_equal(t->file, job->id.ino);
}

static unsigned
dice(unsigned n)
{
	static uint64_t	 x = 88172645463325252u;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return ((unsigned)((x >> 20) % n));
}

static void
anything(void **state)
{
	static struct told	 t[TICKETS];
	static const enum err_kind kinds[] = { ERR_NONE, ERR_NONE, ERR_NONE,
	    ERR_REMOTE, ERR_CORRUPT, ERR_CONFLICT, ERR_LOCAL };
	struct pushqueue_job	*jobs[4] = { NULL };
	struct pushqueue_ask	*a, *next;
	unsigned		 k, n, tickets = 0, loops = 0;
	enum err_kind		 kind;
	int			 left = 1, low = null_fd(), rc;

	(void)state;
	assert_int_equal(close(low), 0);
	while (left || tickets < TICKETS) {
		assert_true(loops++ < 100 * TICKETS);
		n = dice(12);
		if (tickets < TICKETS && dice(3) == 0) {
			t[tickets] = (struct told){ n, 100 + n + dice(2), 1 };
			rc = ask_as(tickets, n, id_of(t[tickets].file));
			if (rc == 1)
				t[tickets].open = 0;
			tickets++;
		}
		if (tickets > 0 && dice(20) == 0) {
			k = dice(tickets);
			pushqueue_forget(q, k);
			t[k].open = 0;
		}
		if (dice(10) == 0)
			listed(n, n + dice(8), 0);
		k = dice(4);
		if (jobs[k] == NULL) {
			if ((jobs[k] = pushqueue_take(q, (int)dice(2))) ==
			    NULL)
				goto count;
			if (!jobs[k]->asked) {
				jobs[k]->fd = null_fd();
				jobs[k]->id = id_of(100 + (unsigned)strtoul(
				    jobs[k]->name + 16, NULL, 16));
			}
		} else if (dice(6) == 0) {
			pushqueue_return(q, jobs[k]);
			jobs[k] = NULL;
		} else {
			struct pushqueue_job	 was = *jobs[k];

			kind = kinds[dice(7)];
			for (a = pushqueue_finish(q, jobs[k], kind,
			    dice(5) != 0); a != NULL; a = next) {
				must_be_right(&t[a->ticket], &was, kind);
				t[a->ticket].open = 0;
				next = a->next;
				pushqueue_ask_free(a);
			}
			jobs[k] = NULL;
		}
count:
		left = 0;
		for (k = 0; k < tickets; k++)
			left |= t[k].open;
	}
	teardown(NULL);
	assert_int_equal(setup(NULL), 0);
	rc = null_fd();
	assert_int_equal(rc, low);
	assert_int_equal(close(rc), 0);
}

/*
 * On one line names follow each other; on another they wait until what is
 * before them is there.
 */
static void
turns_on_a_line(void **state)
{
	static const char	 line[2] = "";
	struct pushqueue_job	*j[7];
	unsigned		 i;

	(void)state;
	listed(1, 6, 0);
	assert_int_equal(ask(11, 1), 0);
	j[1] = take(1, 1, 1);
	for (i = 2; i <= 5; i++)
		j[i] = take(1, i, 0);
	for (i = 1; i <= 5; i++)
		j[i]->line = &line[i > 3];
	/* Two and three are on the line of one, and wait for its name. */
	assert_int_equal(pushqueue_turn(q, j[1]), 1);
	assert_int_equal(pushqueue_turn(q, j[2]), 0);
	j[1]->named = 1;
	assert_int_equal(pushqueue_turn(q, j[2]), 1);
	assert_int_equal(pushqueue_turn(q, j[3]), 0);
	j[2]->named = 1;
	assert_int_equal(pushqueue_turn(q, j[3]), 1);
	/* Four is on another: all must have been answered. */
	j[3]->named = 1;
	assert_int_equal(pushqueue_turn(q, j[4]), 0);
	end(j[1], ERR_NONE, 1, 11, 0);
	end(j[2], ERR_NONE, 1, 0, 0);
	assert_int_equal(pushqueue_turn(q, j[4]), 0);
	end(j[3], ERR_NONE, 1, 0, 0);
	assert_int_equal(pushqueue_turn(q, j[4]), 1);
	j[4]->named = 1;
	assert_int_equal(pushqueue_turn(q, j[5]), 1);
	/* Somebody asks for what is named: that is no other file. */
	assert_int_equal(ask(12, 4), 0);
	assert_int_equal(pushqueue_turn(q, j[5]), 1);
	/* What is not taken yet is on no line; what failed ends the run. */
	j[6] = take(1, 6, 0);
	j[6]->line = &line[0];
	assert_int_equal(pushqueue_turn(q, j[6]), 0);
	end(j[4], ERR_CORRUPT, 1, 12, 0);
	assert_int_equal(pushqueue_turn(q, j[5]), -1);
	assert_int_equal(pushqueue_turn(q, j[6]), -1);
	end(j[5], ERR_LOCAL, 1, 0, 0);
	end(j[6], ERR_LOCAL, 1, 0, 0);
}

/* A job that is taken by nobody's line is on none. */
static void
turns_on_no_line(void **state)
{
	struct pushqueue_job	*one, *two;

	(void)state;
	listed(1, 2, 0);
	one = take(1, 1, 0);
	two = take(1, 2, 0);
	one->named = 1;
	assert_int_equal(pushqueue_turn(q, two), 0);
	end(one, ERR_NONE, 1, 0, 0);
	end(two, ERR_NONE, 1, 0, 0);
}

/* What is ahead becomes visible in the order of the timeline. */
static void
turns(void **state)
{
	struct pushqueue_job	*j[5];
	unsigned		 i;

	(void)state;
	listed(1, 5, 0);
	assert_int_equal(ask(11, 1), 0);
	assert_int_equal(ask(12, 9), 0);
	j[0] = take(1, 1, 1);
	end(take(1, 9, 1), ERR_NONE, 1, 12, 0);
	for (i = 1; i < 4; i++)
		j[i] = take(1, i + 1, 0);
	assert_int_equal(pushqueue_turn(q, j[0]), 1);
	assert_int_equal(pushqueue_turn(q, j[1]), 0);
	end(j[0], ERR_NONE, 1, 11, 0);
	assert_int_equal(pushqueue_turn(q, j[1]), 1);
	assert_int_equal(pushqueue_turn(q, j[2]), 0);
	/* Who is waited for has no need to wait. */
	assert_int_equal(ask(13, 4), 0);
	assert_int_equal(pushqueue_turn(q, j[3]), 1);
	/* It was not done, and 3 waits for it still, and for who asks. */
	pushqueue_return(q, j[1]);
	assert_int_equal(pushqueue_turn(q, j[2]), 0);
	assert_int_equal(ask(14, 2), 0);
	assert_int_equal(pushqueue_turn(q, j[2]), 0);
	j[1] = take(1, 2, 1);
	assert_int_equal(pushqueue_turn(q, j[2]), 0);
	/* Of another timeline, and no segment: these wait for nobody. */
	(void)snprintf(j[2]->name, WALNAME_TEXT, "000000020000000000000003");
	assert_int_equal(pushqueue_turn(q, j[2]), 1);
	(void)snprintf(j[2]->name, WALNAME_TEXT,
	    "000000010000000000000003.00000028.backup");
	assert_int_equal(pushqueue_turn(q, j[2]), 1);
	memcpy(j[2]->name, name_of(3), WALNAME_TEXT);
	/* It fails: nothing of what comes behind it, until it was pushed. */
	end(j[1], ERR_CORRUPT, 1, 14, 0);
	assert_int_equal(pushqueue_turn(q, j[2]), -1);
	assert_int_equal(pushqueue_turn(q, j[3]), 1);
	end(j[2], ERR_LOCAL, 1, 0, 0);
	end(j[3], ERR_NONE, 1, 13, 0);
	assert_null(pushqueue_take(q, 1));
	listed(2, 5, 0);
	assert_null(pushqueue_take(q, 1));
	assert_int_equal(ask(15, 2), 0);
	end(take(1, 2, 1), ERR_NONE, 1, 15, 0);
	listed(3, 5, 0);
	end(take(1, 3, 0), ERR_NONE, 1, 0, 0);
	j[4] = take(1, 5, 0);
	assert_int_equal(pushqueue_turn(q, j[4]), 1);
	end(j[4], ERR_NONE, 1, 0, 0);
	assert_int_equal(ask(16, 3), 1);
}

/* Nothing is known of "n" any more: none behind it goes before it. */
static void
nobody_goes_behind(unsigned n)
{
	struct pushqueue_job	*job = pushqueue_take(q, 1);

	if (job != NULL && pushqueue_turn(q, job) == 1)
		fail_msg("%s goes before %s", job->name, name_of(n));
	if (job != NULL)
		end(job, ERR_LOCAL, 1, 0, 0);
}

/* Who was given up behind one that failed is not listed by its own failure. */
static void
turns_after_failures(void **state)
{
	struct pushqueue_job	*j[4];

	(void)state;
	listed(1, 5, 0);
	assert_int_equal(ask(11, 1), 0);
	j[1] = take(1, 1, 1);
	j[2] = take(1, 2, 0);
	j[3] = take(1, 3, 0);
	end(j[1], ERR_REMOTE, 1, 11, 0);
	pushqueue_return(q, j[3]);
	nobody_goes_behind(1);
	pushqueue_return(q, j[2]);
	nobody_goes_behind(1);
	/* Listed again, all is as before. */
	listed(1, 5, 0);
	j[1] = take(1, 1, 0);
	assert_int_equal(pushqueue_turn(q, j[1]), 1);
	end(j[1], ERR_NONE, 1, 0, 0);
	j[2] = take(1, 2, 0);
	assert_int_equal(pushqueue_turn(q, j[2]), 1);
	end(j[2], ERR_NONE, 1, 0, 0);
}

/* ... and who asked for it went away, before it was taken, or while it was. */
static void
turns_after_forgotten(void **state)
{
	struct pushqueue_job	*j[3];

	(void)state;
	listed(1, 5, 0);
	assert_int_equal(ask(11, 1), 0);
	pushqueue_forget(q, 11);
	nobody_goes_behind(1);

	listed(1, 5, 0);
	assert_int_equal(ask(12, 1), 0);
	j[1] = take(1, 1, 1);
	j[2] = take(1, 2, 0);
	pushqueue_forget(q, 12);
	assert_int_equal(pushqueue_turn(q, j[2]), 0);
	pushqueue_return(q, j[1]);
	assert_int_equal(pushqueue_turn(q, j[2]), -1);
	pushqueue_return(q, j[2]);
	nobody_goes_behind(1);
}

/* A segment failed for good, and then a file that is none and sorts behind. */
static void
turns_behind_a_label(void **state)
{
	struct ready		 r = { .n = 3, .waiting = 3 };
	struct pushqueue_job	*one, *label;

	(void)state;
	memcpy(r.name[0], name_of(1), WALNAME_TEXT);
	(void)snprintf(r.name[1], WALNAME_TEXT, "%s.00000028.backup",
	    name_of(1));
	memcpy(r.name[2], name_of(2), WALNAME_TEXT);
	pushqueue_listed(q, &r);
	one = take(1, 1, 0);
	label = pushqueue_take(q, 1);
	assert_non_null(label);
	assert_string_equal(label->name, r.name[1]);
	end(one, ERR_LOCAL, 1, 0, 0);
	end(label, ERR_LOCAL, 0, 0, 0);
	pushqueue_listed(q, &r);
	nobody_goes_behind(1);
}

/*
 * A segment that had failed for good is tried again, and who asked for that
 * is gone: what is behind it is listed, and waits.
 */
static void
turns_behind_another_try(void **state)
{
	struct pushqueue_job	*j[4];

	(void)state;
	listed(1, 3, 0);
	end(take(1, 1, 0), ERR_LOCAL, 1, 0, 0);
	assert_int_equal(ask(11, 1), 0);
	listed(1, 3, 0);
	j[1] = take(1, 1, 1);
	j[2] = take(1, 2, 0);
	j[3] = take(1, 3, 0);
	pushqueue_return(q, j[2]);
	pushqueue_forget(q, 11);
	listed(1, 3, 0);
	assert_int_equal(pushqueue_turn(q, j[3]), 0);
	end(j[1], ERR_NONE, 1, 0, 0);
	assert_int_equal(pushqueue_turn(q, j[3]), 0);
	end(take(1, 2, 0), ERR_NONE, 1, 0, 0);
	assert_int_equal(pushqueue_turn(q, j[3]), 1);
	end(j[3], ERR_NONE, 1, 0, 0);
}

#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		T(asked_first), T(known), T(other_file), T(in_flight), T(two),
		T(neighbours), T(forgotten), T(returned), T(backlog),
		T(bounds), T(turns), T(turns_on_a_line), T(turns_on_no_line),
		T(turns_after_failures), T(turns_after_forgotten),
		T(turns_behind_a_label), T(turns_behind_another_try),
		T(anything),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
