/* SPDX-License-Identifier: ISC */
/*
 * How many bytes are under way on links of all kinds, by a clock of the test.
 *
 * A link takes half of its round trip to bring a packet, works off one after
 * the other at its rate, and takes the other half for the answer.  The sender
 * has data whenever it may send, but never has more than a window under way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "store/pace.h"

#define PACKET		UINT32_C(32768)
#define MOST		96		/* packets; the window */
#define SECOND		INT64_C(1000000)
#define MB		UINT64_C(1000000)

struct link {
	int64_t			 trip_us;
	uint64_t		 rate;		/* bytes per second */
	int64_t			 now, busy_until;
	struct pace		 p;
	struct {
		struct pace_mark m;
		int64_t		 answer;
	}			 ring[MOST];
	size_t			 first, n;
	uint64_t		 answered;
	uint64_t		 most;		/* bytes under way, of late */
};

static void
send_one(struct link *l)
{
	const size_t	 i = (l->first + l->n++) % MOST;
	int64_t		 start = l->now + l->trip_us / 2;

	pace_sent(&l->p, &l->ring[i].m, l->now, PACKET);
	if (start < l->busy_until)
		start = l->busy_until;
	l->busy_until = start + (int64_t)(PACKET * MB / l->rate);
	l->ring[i].answer = l->busy_until + l->trip_us / 2;
	if (l->p.flying > l->most)
		l->most = l->p.flying;
}

static void
answer_one(struct link *l)
{
	if (l->now < l->ring[l->first].answer)
		l->now = l->ring[l->first].answer;
	pace_answered(&l->p, &l->ring[l->first].m, l->now);
	l->first = (l->first + 1) % MOST;
	l->n--;
	l->answered += PACKET;
}

/* Send for that long; "pause" passes before each packet. */
static void
run(struct link *l, int64_t us, int64_t pause)
{
	const int64_t	 end = l->now + us;

	l->most = l->answered = 0;
	while (l->now < end) {
		while (l->n > 0 && l->ring[l->first].answer <= l->now)
			answer_one(l);
		if (l->n < MOST && l->p.flying < pace_ahead(&l->p)) {
			l->now += pause;
			send_one(l);
		} else
			answer_one(l);
	}
}

/* All answers; then the link is idle. */
static void
drain(struct link *l)
{
	while (l->n > 0)
		answer_one(l);
}

/* Objects of up to two seconds, one after the other. */
static void
run_objects(struct link *l, int64_t us)
{
	const int64_t	 end = l->now + us;

	while (l->now < end) {
		run(l, 2 * SECOND, 0);
		drain(l);
	}
}

static struct link
begun(int64_t trip_us, uint64_t rate)
{
	struct link	 l;

	memset(&l, 0, sizeof(l));
	l.trip_us = trip_us;
	l.rate = rate;
	l.now = 1000 * SECOND;		/* as a machine that is up for long */
	return (l);
}

/* In ten seconds: at least "percent" of what the link can do. */
static void
busy(struct link *l, unsigned percent)
{
	const uint64_t	 window = (uint64_t)MOST * PACKET;
	uint64_t	 can = l->rate;

	/* Or of what the window allows. */
	if (window * MB / (uint64_t)l->trip_us < can)
		can = window * MB / (uint64_t)l->trip_us;
	run(l, 10 * SECOND, 0);
	if (l->answered < can / 10 * percent)
		fail_msg("%ju of %ju bytes: %jd us, %ju bytes/s",
		    (uintmax_t)l->answered, (uintmax_t)(10 * can),
		    (intmax_t)l->trip_us, (uintmax_t)l->rate);
}

/* No more than that was under way. */
static void
within(const struct link *l, uint64_t bytes)
{
	if (l->most > bytes + PACKET)
		fail_msg("%ju bytes under way, expected at most %ju: %jd us, "
		    "%ju bytes/s", (uintmax_t)l->most, (uintmax_t)bytes,
		    (intmax_t)l->trip_us, (uintmax_t)l->rate);
}

static void
test_links(void **state)
{
	static const int64_t	 trip[] = { 50, 200, 1000, 10000, 40000,
				    300000 };
	static const uint64_t	 rate[] = { MB / 8, MB, 10 * MB, 50 * MB,
				    1000 * MB };
	struct link		 l;
	uint64_t		 product;
	size_t			 i, k;

	(void)state;
	for (i = 0; i < sizeof(trip) / sizeof(trip[0]); i++)
		for (k = 0; k < sizeof(rate) / sizeof(rate[0]); k++) {
			l = begun(trip[i], rate[k]);
			run_objects(&l, 60 * SECOND);
			busy(&l, 90);
			/* A trip has a packet's own time, too. */
			product = rate[k] * (uint64_t)trip[i] / MB + PACKET;
			within(&l, 3 * product > PACE_LEAST ? 3 * product :
			    PACE_LEAST);
		}
}

/* From the first second on the far link is full, and the near one is not. */
static void
test_begin(void **state)
{
	struct link	 far = begun(40000, 50 * MB);
	struct link	 near = begun(200, 400 * MB);

	(void)state;
	assert_true(pace_ahead(&far.p) == UINT64_MAX);
	busy(&far, 85);
	send_one(&near);
	answer_one(&near);
	busy(&near, 90);
	within(&near, 2 * PACE_LEAST);
}

static void
test_other_rate(void **state)
{
	struct link	 l = begun(40000, MB);

	(void)state;
	run_objects(&l, 10 * SECOND);
	l.rate = 50 * MB;
	busy(&l, 90);
	l.rate = MB;
	run_objects(&l, 20 * SECOND);
	busy(&l, 90);
	within(&l, 2 * PACE_LEAST);
}

/* A longer way is learnt, even if no packet ever meets an idle link. */
static void
test_other_trip(void **state)
{
	struct link	 l = begun(10000, 50 * MB);

	(void)state;
	run_objects(&l, 20 * SECOND);
	l.trip_us = 100000;
	run(&l, 130 * SECOND, 0);
	busy(&l, 90);
	l.trip_us = 200000;
	run_objects(&l, 20 * SECOND);
	busy(&l, 90);
	l.trip_us = 10000;
	run_objects(&l, 130 * SECOND);
	busy(&l, 90);
	within(&l, 50 * MB / 100 * 3);
}

/* Who makes data slowly is no slow link. */
static void
test_slow_source(void **state)
{
	struct link	 l = begun(40000, 50 * MB);

	(void)state;
	run(&l, 10 * SECOND, 0);
	run(&l, 60 * SECOND, 30000);
	busy(&l, 80);
}

/* All at one moment of a coarse clock, and the last sent answered first. */
static void
test_no_time(void **state)
{
	struct pace_mark m[MOST];
	struct pace	 p;
	int		 i, k;

	(void)state;
	memset(&p, 0, sizeof(p));
	for (k = 0; k < 3; k++) {
		for (i = 0; i < MOST; i++)
			pace_sent(&p, &m[i], k, UINT32_MAX);
		while (i-- > 0) {
			pace_answered(&p, &m[i], k);
			assert_true(pace_ahead(&p) >= PACE_LEAST);
		}
	}
	assert_int_equal(p.flying, 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_begin),
		cmocka_unit_test(test_other_rate),
		cmocka_unit_test(test_other_trip),
		cmocka_unit_test(test_slow_source),
		cmocka_unit_test(test_no_time),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
