/* SPDX-License-Identifier: ISC */
/*
 * In which order segments become visible: the queue, and a model of all that
 * is around it.  PostgreSQL asks, goes away and asks again; lines take, send,
 * name, fail and are lost; the server does what a line asked for later, or
 * never.  Whenever all of it ends, no segment is there before another that
 * is not; and left alone, everything is archived.
 */
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

#include "pusher/pushqueue.h"

#define FILES	90
#define LINES	3
#define PLACES	16		/* of a line */
#define SPARE	2		/* of these for what is asked for */
#define UNSENT	5		/* at most */
#define ROUNDS	30
#define STEPS	6000

struct file {
	char	 name[WALNAME_TEXT];
	int	 segment;
	int	 there;		/* visible */
	int	 archived;	/* PostgreSQL knows */
};

enum state { FREE, TAKEN, SENT, NAMED, ANSWERED };

struct push {
	enum state		 state;
	unsigned		 since;		/* taken, or named, then */
	struct pushqueue_job	*job;
};

static struct file		 files[FILES];
static size_t			 made;		/* so many have come so far */
static struct push		 lines[LINES][PLACES];
static struct pushqueue		*q;
static struct file		*asked;		/* by PostgreSQL, or NULL */
static uint64_t			 ticket;
static unsigned			 now;	/* counts what happens */
static uint64_t			 seed;

static unsigned
dice(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return ((unsigned)((seed >> 20) % n));
}

static int
null_fd(void)
{
	int	 fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_int_not_equal(fd, -1);
	return (fd);
}

static struct file *
file_of(const struct pushqueue_job *job)
{
	size_t	 i;

	for (i = 0; i < FILES; i++)
		if (strcmp(files[i].name, job->name) == 0)
			return (&files[i]);
	fail_msg("%s is nobody's name", job->name);
	return (NULL);
}

static struct pushid
id_of(const struct file *f)
{
	return ((struct pushid){ .ino = (ino_t)(f - files) + 1 });
}

/* Every fifth is a label, the others are segments. */
static void
begin(unsigned round)
{
	struct err	 e = ERR_INIT;
	unsigned	 i, n = 0;

	seed = 88172645463325252u + round * 49979687u;
	memset(files, 0, sizeof(files));
	for (i = 0; i < FILES; i++) {
		files[i].segment = i % 5 != 4;
		n += (unsigned)files[i].segment;
		(void)snprintf(files[i].name, WALNAME_TEXT, "%024llX%s",
		    0x1ull << 32 | n, files[i].segment ? "" :
		    ".00000028.backup");
		memcpy(files[i].name, "00000001", 8);
	}
	memset(lines, 0, sizeof(lines));
	made = 20;
	asked = NULL;
	assert_int_equal(pushqueue_new(&q, &e), 0);
}

static struct file *
first_waiting(void)
{
	size_t	 i;

	for (i = 0; i < made; i++)
		if (!files[i].archived)
			return (&files[i]);
	return (NULL);
}

static void
pg_asks(void)
{
	struct err		 e = ERR_INIT;
	struct file		*f = first_waiting();
	struct pushid		 id;
	int			 r;

	if (asked != NULL || f == NULL)
		return;
	id = id_of(f);
	r = pushqueue_ask(q, ++ticket, f->name, null_fd(), &id, &e);
	assert_int_not_equal(r, -1);
	if (r == 1) {
		assert_true(f->there);
		f->archived = 1;
	} else
		asked = f;
}

static void
pg_leaves(void)
{
	if (asked != NULL)
		pushqueue_forget(q, ticket);
	asked = NULL;
}

static void
look(void)
{
	struct ready	 r = { .n = 0 };
	size_t		 i;

	for (i = 0; i < made; i++) {
		if (files[i].archived)
			continue;
		r.waiting++;
		if (r.n < READY_MAX)
			memcpy(r.name[r.n++], files[i].name, WALNAME_TEXT);
	}
	pushqueue_listed(q, &r);
}

/* The oldest in that state, or NULL. */
static struct push *
oldest(struct push *line, enum state state)
{
	struct push	*p, *best = NULL;

	for (p = line; p < line + PLACES; p++)
		if (p->state == state && (best == NULL ||
		    p->since < best->since))
			best = p;
	return (best);
}

static size_t
count(const struct push *line, enum state from, enum state to)
{
	size_t	 i, n = 0;

	for (i = 0; i < PLACES; i++)
		n += line[i].state >= from && line[i].state <= to;
	return (n);
}

static void
take(struct push *line)
{
	const int	 ahead = count(line, TAKEN, ANSWERED) + SPARE < PLACES;
	struct push	*p = oldest(line, FREE);

	if (p == NULL || count(line, TAKEN, TAKEN) >= UNSENT ||
	    (p->job = pushqueue_take(q, ahead)) == NULL)
		return;
	p->job->line = line;
	p->state = TAKEN;
	p->since = now++;
	if (p->job->fd == -1) {
		p->job->fd = null_fd();
		p->job->id = id_of(file_of(p->job));
	}
}

static void
finish(struct push *p, enum err_kind kind, int whole)
{
	struct pushqueue_ask	*a, *next;

	p->state = FREE;
	for (a = pushqueue_finish(q, p->job, kind, whole); a != NULL;
	    a = next) {
		next = a->next;
		if (asked != NULL && a->ticket == ticket) {
			assert_true(kind != ERR_NONE || asked->there);
			asked->archived = kind == ERR_NONE;
			asked = NULL;
		}
		pushqueue_ask_free(a);
	}
}

static void
give_back(struct push *p)
{
	p->state = FREE;
	pushqueue_return(q, p->job);
}

/* What pushline.c does with all that were sent; some are not durable yet. */
static void
step(struct push *line)
{
	struct push	*p[PLACES], *t;
	size_t		 n = 0, i;
	int		 r;

	for (; (t = oldest(line, SENT)) != NULL; t->state = FREE)
		p[n++] = t;
	for (i = 0; i < n; i++) {
		p[i]->state = SENT;
		if ((r = pushqueue_turn(q, p[i]->job)) == -1)
			finish(p[i], ERR_LOCAL, 1);
		else if (r == 1 && dice(3) != 0) {
			p[i]->state = NAMED;
			p[i]->since = now++;
			p[i]->job->named = 1;
		}
	}
}

/* The server does the next thing that this line asked for. */
static void
serve(struct push *line)
{
	struct push	*p = oldest(line, NAMED);
	struct file	*f, *before;

	if (p == NULL)
		return;
	f = file_of(p->job);
	for (before = files; f->segment && before < f; before++)
		if (before->segment && !before->there)
			fail_msg("%s is there before %s", f->name,
			    before->name);
	f->there = 1;
	p->state = ANSWERED;
}

static void
hear(struct push *line)
{
	struct push	*p = oldest(line, ANSWERED);

	if (p != NULL)
		finish(p, ERR_NONE, 1);
}

static void
lose(struct push *line)
{
	const int	 worked = (int)dice(2);
	enum state	 s;
	struct push	*p;

	while (dice(3) != 0)
		serve(line);
	for (s = TAKEN; s <= ANSWERED; s++)
		while ((p = oldest(line, s)) != NULL) {
			if (!p->job->asked || (worked && !p->job->again))
				give_back(p);
			else
				finish(p, ERR_REMOTE, 1);
		}
}

/* One that has no name yet fails. */
static void
fail_one(struct push *line)
{
	static const enum err_kind kinds[] = { ERR_LOCAL, ERR_CORRUPT,
	    ERR_REMOTE };
	struct push	*p = &line[dice(PLACES)];
	enum err_kind	 kind = kinds[dice(3)];

	if (p->state != TAKEN && p->state != SENT)
		return;
	if (kind == ERR_REMOTE && !p->job->asked)
		give_back(p);
	else
		finish(p, kind, dice(2) != 0);
}

static void
anything(int trouble)
{
	struct push	*line = lines[dice(LINES)], *p;

	switch (dice(trouble ? 12 : 9)) {
	case 0:
		if (dice(3) == 0)
			pg_asks();
		break;
	case 1:
		made += made < FILES;
		break;
	case 2:
		look();
		break;
	case 3:
	case 4:
		take(line);
		break;
	case 5:
		if ((p = oldest(line, TAKEN)) != NULL)
			p->state = SENT;
		break;
	case 6:
		step(line);
		break;
	case 7:
		serve(line);
		break;
	case 8:
		hear(line);
		break;
	case 9:
		if (dice(6) == 0)
			pg_leaves();
		break;
	case 10:
		if (dice(15) == 0)
			lose(line);
		break;
	case 11:
		if (dice(3) == 0)
			fail_one(line);
		break;
	}
}

static void
no_gaps(void **state)
{
	unsigned	 round, i;
	struct push	*p;

	(void)state;
	for (round = 0; round < ROUNDS; round++) {
		begin(round);
		for (i = 0; i < STEPS; i++)
			anything(1);
		for (i = 0; first_waiting() != NULL || made < FILES; i++) {
			assert_true(i < 20 * STEPS);	/* nobody is stuck */
			anything(0);
		}
		for (i = 0; i < LINES; i++)
			for (p = lines[i]; p < lines[i] + PLACES; p++)
				if (p->state != FREE)
					finish(p, ERR_REMOTE, 1);
		pushqueue_free(q);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = { cmocka_unit_test(no_gaps) };

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
