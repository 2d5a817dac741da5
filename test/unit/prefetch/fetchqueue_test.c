/* SPDX-License-Identifier: ISC */
/* What is fetched for whom and what ahead: step by step, then at random. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "prefetch/fetchfile.h"
#include "prefetch/fetchqueue.h"
#include "prefetch/fetchwindow.h"

#define MB16	((uint64_t)16 << 20)
#define SEG(n)	"0000000100000000000000" n
#define TLI2(n)	"0000000200000000000000" n

static struct fetchqueue	*q;
static uint64_t			 tickets;

static void
make(unsigned ahead)
{
	struct err	 e = ERR_INIT;

	if (fetchqueue_new(&q, MB16, ahead, &e))
		fail_msg("%s", e.msg);
}

static int
teardown(void **state)
{
	struct fetchask	*a;

	(void)state;
	if (q == NULL)
		return (0);
	while ((a = fetchqueue_answer(q)) != NULL ||
	    (a = fetchqueue_any(q)) != NULL)
		free(a);
	fetchqueue_free(q);
	q = NULL;
	return (0);
}

static uint64_t
ask(const char *name)
{
	struct fetchask	*a = calloc(1, sizeof(*a));

	assert_non_null(a);
	(void)snprintf(a->name, sizeof(a->name), "%s", name);
	a->ticket = ++tickets;
	fetchqueue_ask(q, a);
	return (a->ticket);
}

static struct fetchqueue_file
take(const char *name)
{
	struct fetchqueue_file	 f;

	if (!fetchqueue_take(q, &f))
		fail_msg("nothing to fetch, expected %s", name);
	assert_string_equal(f.name, name);
	return (f);
}

static void
take_none(void)
{
	struct fetchqueue_file	 f;

	assert_int_equal(fetchqueue_waiting(q), 0);
	if (fetchqueue_take(q, &f))
		fail_msg("%s is to be fetched", f.name);
}

static void
done(struct fetchqueue_file f, int rc, enum err_kind kind)
{
	struct err	 e = ERR_INIT;

	if (rc == -1)
		err_set(&e, kind, "failure %d", (int)kind);
	fetchqueue_done(q, f.id, rc, &e);
}

static void
fetch(const char *name)
{
	done(take(name), 0, ERR_NONE);
}

static void
answered(uint64_t ticket, int rc, enum err_kind kind)
{
	struct fetchask	*a = fetchqueue_answer(q);

	assert_non_null(a);
	assert_int_equal(a->ticket, ticket);
	assert_int_equal(a->rc, rc);
	assert_int_equal(a->err.kind, kind);
	free(a);
}

static void
answered_none(void)
{
	assert_null(fetchqueue_answer(q));
}

static void
give(uint64_t ticket, const char *name)
{
	struct fetchqueue_file	 f;
	struct fetchask	*a;
	struct err		 e = ERR_INIT;

	if (!fetchqueue_give(q, &f, &a))
		fail_msg("nothing to give, expected %s", name);
	assert_string_equal(f.name, name);
	assert_int_equal(a->ticket, ticket);
	fetchqueue_given(q, f.id, a, 0, &e);
	answered(ticket, 0, ERR_NONE);
}

static void
give_none(void)
{
	struct fetchqueue_file	 f;
	struct fetchask	*a;

	assert_int_equal(fetchqueue_give(q, &f, &a), 0);
}

static void
drop(const char *name)
{
	struct fetchqueue_file	 f;

	if (!fetchqueue_drop(q, &f))
		fail_msg("nothing to drop, expected %s", name);
	assert_string_equal(f.name, name);
	fetchqueue_dropped(q, f.id);
}

static void
drop_none(void)
{
	struct fetchqueue_file	 f;

	if (fetchqueue_drop(q, &f))
		fail_msg("%s is dropped", f.name);
}

/* Asked, found and given: the window lies behind it. */
static void
get(const char *name)
{
	uint64_t	 t = ask(name);

	fetch(name);
	give(t, name);
}

static void
test_forwards(void **state)
{
	uint64_t	 t;

	(void)state;
	make(3);
	take_none();
	t = ask(SEG("10"));
	assert_int_equal(fetchqueue_waiting(q), 1);
	fetch(SEG("10"));
	/* Found: those behind it are fetched before it is even given. */
	assert_int_equal(fetchqueue_waiting(q), 2);
	give(t, SEG("10"));
	assert_int_equal(fetchqueue_waiting(q), 3);
	fetch(SEG("11"));
	fetch(SEG("12"));
	fetch(SEG("13"));
	take_none();
	give_none();
	/* At once, without a fetch. */
	t = ask(SEG("11"));
	give(t, SEG("11"));
	fetch(SEG("14"));
	take_none();
	t = ask(SEG("12"));
	give(t, SEG("12"));
	t = ask(SEG("13"));
	give(t, SEG("13"));
	fetch(SEG("15"));
	fetch(SEG("16"));
	take_none();
	drop_none();
	answered_none();
}

/* The same is asked for again, as PostgreSQL does: it is fetched again. */
static void
test_again(void **state)
{
	uint64_t	 t;

	(void)state;
	make(2);
	get(SEG("10"));
	fetch(SEG("11"));
	t = ask(SEG("10"));
	fetch(SEG("10"));
	give(t, SEG("10"));
	fetch(SEG("12"));
	take_none();
	drop_none();
}

static void
test_jump(void **state)
{
	uint64_t	 t;

	(void)state;
	make(3);
	get(SEG("10"));
	fetch(SEG("11"));
	fetch(SEG("12"));
	/* One further on, which is here: what was skipped is dropped. */
	t = ask(SEG("12"));
	give(t, SEG("12"));
	drop(SEG("11"));
	fetch(SEG("13"));
	/* Far away. */
	t = ask(SEG("80"));
	fetch(SEG("80"));
	drop(SEG("13"));
	give(t, SEG("80"));
	fetch(SEG("81"));
	drop_none();
}

static void
test_backwards(void **state)
{
	(void)state;
	make(4);
	get(SEG("20"));
	fetch(SEG("21"));
	get(SEG("1F"));
	drop(SEG("21"));
	take_none();
	get(SEG("1E"));
	get(SEG("1D"));
	take_none();
	drop_none();
	/* Forwards again. */
	get(SEG("1E"));
	fetch(SEG("1F"));
	fetch(SEG("20"));
}

static void
test_timeline(void **state)
{
	uint64_t	 t;

	(void)state;
	make(3);
	get(SEG("10"));
	fetch(SEG("11"));
	fetch(SEG("12"));
	fetch(SEG("13"));
	/* Asked first on the new timeline, not there: nothing moves. */
	t = ask(TLI2("11"));
	done(take(TLI2("11")), 1, ERR_NONE);
	answered(t, 1, ERR_NONE);
	drop_none();
	t = ask(SEG("11"));
	give(t, SEG("11"));
	t = ask(TLI2("12"));
	fetch(TLI2("12"));
	drop(SEG("12"));
	drop(SEG("13"));
	drop_none();
	give(t, TLI2("12"));
	fetch(TLI2("13"));
	fetch(TLI2("14"));
	fetch(TLI2("15"));
	take_none();
}

/* They are answered by the way. */
static void
test_other_kinds(void **state)
{
	static const char *const	 names[] = {
		"00000002.history", SEG("11") ".partial",
		SEG("11") ".00000028.backup"
	};
	uint64_t			 t;
	size_t				 i;

	(void)state;
	make(2);
	for (i = 0; i < 3; i++) {
		get(names[i]);
		take_none();
	}
	get(SEG("10"));
	fetch(SEG("11"));
	fetch(SEG("12"));
	for (i = 0; i < 3; i++) {
		get(names[i]);
		t = ask(names[i]);
		done(take(names[i]), 1, ERR_NONE);
		answered(t, 1, ERR_NONE);
	}
	take_none();
	drop_none();
}

/* Absence ends the window until it moves, and is never remembered. */
static void
test_absent(void **state)
{
	uint64_t	 t;
	int		 i;

	(void)state;
	make(3);
	get(SEG("10"));
	fetch(SEG("11"));
	done(take(SEG("12")), 1, ERR_NONE);
	take_none();
	t = ask(SEG("11"));
	give(t, SEG("11"));
	/* It moved: they are looked for again. */
	done(take(SEG("12")), 1, ERR_NONE);
	take_none();
	for (i = 0; i < 3; i++) {
		t = ask(SEG("12"));
		done(take(SEG("12")), 1, ERR_NONE);
		answered(t, 1, ERR_NONE);
		take_none();
	}
	t = ask(SEG("12"));
	fetch(SEG("12"));
	give(t, SEG("12"));
	fetch(SEG("13"));
}

/* One under way is waited for; it answers only if it comes. */
static void
test_under_way(void **state)
{
	struct fetchqueue_file	 f;
	uint64_t		 t, u;

	(void)state;
	make(2);
	get(SEG("10"));
	f = take(SEG("11"));
	t = ask(SEG("11"));
	u = ask("00000002.history");
	fetch("00000002.history");	/* asked for: before the window's */
	give(u, "00000002.history");
	answered_none();
	done(f, 0, ERR_NONE);
	give(t, SEG("11"));

	f = take(SEG("12"));
	fetch(SEG("13"));
	t = ask(SEG("12"));
	done(f, 1, ERR_NONE);
	answered_none();
	f = take(SEG("12"));
	done(f, 1, ERR_NONE);
	answered(t, 1, ERR_NONE);

	get(SEG("11"));
	f = take(SEG("12"));
	t = ask(SEG("12"));
	done(f, -1, ERR_REMOTE);
	answered_none();
	f = take(SEG("12"));
	u = ask(SEG("12"));		/* during the second look */
	done(f, -1, ERR_CORRUPT);
	answered(t, -1, ERR_CORRUPT);
	answered_none();
	done(take(SEG("12")), 1, ERR_NONE);
	answered(u, 1, ERR_NONE);
}

/* Looked for before the window moved, and published meanwhile. */
static void
test_old_look(void **state)
{
	struct fetchqueue_file	 f, g;
	uint64_t		 t;

	(void)state;
	make(3);
	get(SEG("10"));
	f = take(SEG("11"));
	g = take(SEG("12"));
	done(f, 1, ERR_NONE);
	t = ask(SEG("11"));
	fetch(SEG("11"));
	give(t, SEG("11"));
	done(g, 1, ERR_NONE);
	fetch(SEG("12"));
	done(take(SEG("13")), 1, ERR_NONE);
	take_none();
}

/* Its failures are nobody's until somebody asks. */
static void
test_failures(void **state)
{
	uint64_t	 t;

	(void)state;
	make(3);
	get(SEG("10"));
	/* Damaged: left out, the others go on. */
	done(take(SEG("11")), -1, ERR_CORRUPT);
	fetch(SEG("12"));
	fetch(SEG("13"));
	take_none();
	t = ask(SEG("11"));
	done(take(SEG("11")), -1, ERR_CORRUPT);
	answered(t, -1, ERR_CORRUPT);
	take_none();
	t = ask(SEG("11"));
	fetch(SEG("11"));		/* mended */
	give(t, SEG("11"));
	fetch(SEG("14"));
	/* The network: none of them would come. */
	t = ask(SEG("12"));
	give(t, SEG("12"));
	done(take(SEG("15")), -1, ERR_REMOTE);
	take_none();
	t = ask(SEG("13"));
	give(t, SEG("13"));
	fetch(SEG("15"));
	answered_none();
}

/* One that is damaged is not tried again each time that the window moves. */
static void
test_damaged_once(void **state)
{
	uint64_t	 t;

	(void)state;
	make(3);
	get(SEG("10"));
	fetch(SEG("11"));
	fetch(SEG("12"));
	done(take(SEG("13")), -1, ERR_CORRUPT);
	t = ask(SEG("11"));
	give(t, SEG("11"));
	fetch(SEG("14"));
	t = ask(SEG("12"));
	give(t, SEG("12"));
	fetch(SEG("15"));
	take_none();
	t = ask(SEG("13"));
	fetch(SEG("13"));
	give(t, SEG("13"));
}

static void
test_forget(void **state)
{
	struct fetchqueue_file	 f;
	struct fetchask	*a;
	uint64_t		 t, u;

	(void)state;
	make(2);
	t = ask(SEG("10"));
	assert_null(fetchqueue_forget(q, t + 1));
	a = fetchqueue_forget(q, t);
	assert_non_null(a);
	free(a);
	take_none();
	/* Under way: it is dropped when it comes. */
	t = ask(SEG("10"));
	f = take(SEG("10"));
	assert_false(fetchqueue_unwanted(q, f.id));
	free(fetchqueue_forget(q, t));
	assert_true(fetchqueue_unwanted(q, f.id));
	done(f, 0, ERR_NONE);
	drop(SEG("10"));
	take_none();
	/* Here. */
	t = ask(SEG("10"));
	fetch(SEG("10"));
	free(fetchqueue_forget(q, t));
	drop(SEG("10"));
	/* Being given: the answer comes all the same. */
	get(SEG("20"));
	fetch(SEG("21"));
	t = ask(SEG("21"));
	assert_int_equal(fetchqueue_give(q, &f, &a), 1);
	assert_null(fetchqueue_forget(q, t));
	fetchqueue_given(q, f.id, a, 0, &a->err);
	answered(t, 0, ERR_NONE);
	/* One of two. */
	t = ask("00000005.history");
	u = ask("00000005.history");
	free(fetchqueue_forget(q, t));
	fetch("00000005.history");
	give(u, "00000005.history");
	/* It stays in the window where it was only waited for. */
	f = take(SEG("22"));
	t = ask(SEG("22"));
	free(fetchqueue_forget(q, t));
	done(f, 0, ERR_NONE);
	drop_none();
	t = ask(SEG("22"));
	give(t, SEG("22"));
}

static void
test_two_ask(void **state)
{
	struct fetchqueue_file	 f;
	struct fetchask	*a;
	uint64_t		 t, u, v;

	(void)state;
	make(0);
	t = ask(SEG("10"));
	u = ask(SEG("10"));
	fetch(SEG("10"));
	assert_int_equal(fetchqueue_give(q, &f, &a), 1);
	v = ask(SEG("10"));		/* while it is given away */
	give_none();
	fetchqueue_given(q, f.id, a, 0, &a->err);
	answered(t, 0, ERR_NONE);
	fetch(SEG("10"));
	give(u, SEG("10"));
	fetch(SEG("10"));
	give(v, SEG("10"));
	take_none();
	drop_none();
	/* Absent for both at once. */
	t = ask(SEG("11"));
	u = ask(SEG("11"));
	done(take(SEG("11")), 1, ERR_NONE);
	answered(t, 1, ERR_NONE);
	answered(u, 1, ERR_NONE);
	/* A third asks for it anew, and is gone before that is fetched. */
	t = ask(SEG("12"));
	u = ask(SEG("12"));
	fetch(SEG("12"));
	assert_int_equal(fetchqueue_give(q, &f, &a), 1);
	v = ask(SEG("12"));
	fetchqueue_given(q, f.id, a, 0, &a->err);
	answered(t, 0, ERR_NONE);
	free(fetchqueue_forget(q, v));
	fetch(SEG("12"));
	give(u, SEG("12"));
}

static void
test_cannot_be_given(void **state)
{
	struct fetchqueue_file	 f;
	struct fetchask	*a;
	struct err		 e = ERR_INIT;
	uint64_t		 t, u;

	(void)state;
	make(0);
	t = ask(SEG("10"));
	u = ask(SEG("10"));
	fetch(SEG("10"));
	assert_int_equal(fetchqueue_give(q, &f, &a), 1);
	err_set(&e, ERR_LOCAL, "read-only");
	fetchqueue_given(q, f.id, a, -1, &e);
	answered(t, -1, ERR_LOCAL);
	drop(SEG("10"));
	fetch(SEG("10"));
	give(u, SEG("10"));
}

/* What was fetched ahead makes room for what is asked for. */
static void
test_disk_full(void **state)
{
	struct fetchqueue_file	 f;
	uint64_t		 t, u;

	(void)state;
	make(3);
	get(SEG("10"));
	fetch(SEG("11"));
	f = take(SEG("12"));
	t = ask("00000003.history");
	u = ask("00000003.history");
	done(take("00000003.history"), -1, ERR_LOCAL);
	answered_none();
	/* Not before they are gone. */
	take_none();
	assert_true(fetchqueue_unwanted(q, f.id));
	drop(SEG("11"));
	take_none();
	done(f, -1, ERR_LOCAL);
	fetch("00000003.history");
	give(t, "00000003.history");
	fetch("00000003.history");
	give(u, "00000003.history");
	/* Once only, and not at all where there is nothing to drop. */
	get(SEG("11"));
	fetch(SEG("12"));
	t = ask(SEG("20"));
	done(take(SEG("20")), -1, ERR_LOCAL);
	drop(SEG("12"));
	done(take(SEG("20")), -1, ERR_LOCAL);
	answered(t, -1, ERR_LOCAL);
	t = ask(SEG("20"));
	done(take(SEG("20")), -1, ERR_LOCAL);
	answered(t, -1, ERR_LOCAL);
	take_none();
	/* Ahead: no more until it moves. */
	get(SEG("13"));
	done(take(SEG("14")), -1, ERR_LOCAL);
	take_none();
}

/* The window came back to a file that it had lost on its way. */
static void
test_wanted_again(void **state)
{
	struct fetchqueue_file	 f;
	uint64_t		 t;

	(void)state;
	make(2);
	get(SEG("10"));
	f = take(SEG("11"));
	get(SEG("40"));
	assert_true(fetchqueue_unwanted(q, f.id));
	get(SEG("10"));			/* backwards */
	assert_true(fetchqueue_unwanted(q, f.id));
	t = ask(SEG("11"));
	assert_false(fetchqueue_unwanted(q, f.id));
	done(f, 0, ERR_NONE);
	give(t, SEG("11"));
	fetch(SEG("12"));
	drop_none();
}

static void
test_bounds(void **state)
{
	static const struct {
		uint64_t	 segsize;
		unsigned	 ahead, want;
	}		 t[] = {
		{ 0, 8, 0 }, { 12345, 8, 0 }, { 1 << 20, 8, 8 },
		{ 1 << 20, 64, 64 }, { 1 << 20, 65, 64 }, { MB16, 64, 64 },
		{ MB16, 0, 0 }, { 64 << 20, 64, 16 }, { 1 << 30, 8, 1 },
		{ 512 << 20, 8, 2 }, { 512 << 20, 1, 1 }
	};
	struct fetchwindow	 w;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		w = fetchwindow_of(t[i].segsize, t[i].ahead);
		if (w.ahead != t[i].want)
			fail_msg("case %zu: %u, expected %u", i, w.ahead,
			    t[i].want);
	}
}

/* Across the end of a log, up to the last name, never over it. */
static void
test_window_names(void **state)
{
	struct fetchwindow	 w = fetchwindow_of(MB16, 3);
	char			 n[WALNAME_TEXT];

	(void)state;
	assert_int_equal(fetchwindow_name(&w, 0, n), 0);
	assert_int_equal(fetchwindow_move(&w, "0000000A00000003000000FE"), 1);
	assert_int_equal(fetchwindow_name(&w, 0, n), 1);
	assert_string_equal(n, "0000000A00000003000000FF");
	assert_int_equal(fetchwindow_name(&w, 1, n), 1);
	assert_string_equal(n, "0000000A0000000400000000");
	assert_int_equal(fetchwindow_name(&w, 3, n), 0);
	assert_true(fetchwindow_has(&w, "0000000A0000000400000001"));
	assert_false(fetchwindow_has(&w, "0000000A0000000400000002"));
	assert_false(fetchwindow_has(&w, "0000000B0000000400000001"));
	assert_int_equal(fetchwindow_move(&w, "0000000AFFFFFFFF000000FE"), 1);
	assert_int_equal(fetchwindow_name(&w, 0, n), 1);
	assert_string_equal(n, "0000000AFFFFFFFF000000FF");
	assert_int_equal(fetchwindow_name(&w, 1, n), 0);
	/* Not of this cluster. */
	assert_int_equal(fetchwindow_move(&w, "0000000A0000000300000100"), 0);
}

/* More files than there are places for. */
static void
test_too_many(void **state)
{
	struct fetchask	*a;
	char			 name[WALNAME_TEXT];
	unsigned		 i;

	(void)state;
	make(8);
	for (i = 0; i < FETCHFILE_MAX; i++) {
		(void)snprintf(name, sizeof(name), "%08X.history", i + 1);
		(void)ask(name);
	}
	answered_none();
	(void)ask(SEG("10"));
	a = fetchqueue_answer(q);
	assert_non_null(a);
	assert_int_equal(a->rc, -1);
	assert_string_equal(a->err.msg,
	    "more than 192 files are asked for at once");
	free(a);
	(void)ask("00000001.history");
	answered_none();
}

/* Anything in any order: everybody is answered once, and it comes to rest. */

#define NAMES	24
#define TASKS	8

static unsigned	 seed;

static unsigned
pick(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return ((seed >> 16) % n);
}

static const char *
any_name(void)
{
	static char	 name[WALNAME_TEXT];
	unsigned	 i = pick(NAMES);

	if (i < 4)
		(void)snprintf(name, sizeof(name), "%08X.history", i + 2);
	else
		(void)snprintf(name, sizeof(name), "%08X00000000%08X",
		    1 + pick(2), i);
	return (name);
}

struct play {
	struct fetchqueue_file	 task[TASKS];
	unsigned		 ntasks, open, files, ahead;
	int			 sometimes;	/* failures happen */
};

static void
finish_one(struct play *p)
{
	static const enum err_kind	 kinds[] = {
		ERR_REMOTE, ERR_LOCAL, ERR_CORRUPT
	};
	unsigned			 i;
	int				 rc = 0;

	if (p->ntasks == 0)
		return;
	i = pick(p->ntasks);
	if (p->sometimes && pick(3) == 0)
		rc = pick(2) ? 1 : -1;
	if (rc == 0)
		p->files++;
	done(p->task[i], rc, kinds[pick(3)]);
	p->task[i] = p->task[--p->ntasks];
}

static void
give_one(struct play *p)
{
	struct fetchqueue_file	 f;
	struct fetchask	*a;
	struct err		 e = ERR_INIT;

	if (!fetchqueue_give(q, &f, &a))
		return;
	assert_string_equal(f.name, a->name);
	if (p->sometimes && pick(10) == 0) {
		err_set(&e, ERR_LOCAL, "read-only");
		fetchqueue_given(q, f.id, a, -1, &e);
		return;
	}
	p->files--;
	fetchqueue_given(q, f.id, a, 0, &e);
}

static void
play(struct play *p)
{
	struct fetchqueue_file	 f;
	struct fetchask	*a;
	unsigned		 n;

	switch (pick(7)) {
	case 0:
		if (p->sometimes && p->open < 6) {
			(void)ask(any_name());
			p->open++;
		}
		break;
	case 1:
	case 2:
		n = fetchqueue_waiting(q);
		if (p->ntasks < TASKS) {
			assert_int_equal(fetchqueue_take(q, &f), n > 0);
			if (n > 0)
				p->task[p->ntasks++] = f;
		}
		break;
	case 3:
		finish_one(p);
		break;
	case 4:
		give_one(p);
		break;
	case 5:
		if (fetchqueue_drop(q, &f)) {
			p->files--;
			fetchqueue_dropped(q, f.id);
		}
		break;
	case 6:
		if (p->sometimes && pick(8) == 0 && (a =
		    fetchqueue_forget(q, tickets - pick(4))) != NULL) {
			free(a);
			p->open--;
		}
		break;
	}
	while ((a = fetchqueue_answer(q)) != NULL) {
		assert_in_range(a->rc + 1, 0, 2);
		assert_int_equal(a->rc == -1, a->err.kind != ERR_NONE);
		free(a);
		assert_int_not_equal(p->open--, 0);
	}
	/* Files on the disk: the window, and who asks. */
	assert_true(p->files <= p->ahead + TASKS + 6);
}

static void
test_random(void **state)
{
	struct play	 p;
	unsigned	 round, i;

	(void)state;
	for (round = 0; round < 400; round++) {
		seed = round;
		memset(&p, 0, sizeof(p));
		p.ahead = round % 9;
		make(p.ahead);
		p.sometimes = 1;
		for (i = 0; i < 2000; i++)
			play(&p);
		p.sometimes = 0;
		for (i = 0; i < 2000; i++)
			play(&p);
		if (p.open != 0 || p.ntasks != 0 || p.files > p.ahead)
			fail_msg("round %u: %u asks, %u tasks, %u files",
			    round, p.open, p.ntasks, p.files);
		take_none();
		drop_none();
		(void)teardown(NULL);
	}
}

#define T(f)	cmocka_unit_test_teardown(f, teardown)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		T(test_forwards), T(test_again), T(test_jump),
		T(test_backwards), T(test_timeline), T(test_other_kinds),
		T(test_absent), T(test_under_way), T(test_failures),
		T(test_damaged_once), T(test_old_look),
		T(test_forget), T(test_two_ask), T(test_cannot_be_given),
		T(test_disk_full), T(test_wanted_again), T(test_bounds),
		T(test_window_names), T(test_too_many), T(test_random)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
