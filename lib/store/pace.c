/* SPDX-License-Identifier: ISC */
/* The round trip and the rate of a connection, and what follows from them. */
#include "store/pace.h"

/*
 * Until the link was full for a while it is assumed to be fast: what is far
 * away is then sent as much as its window takes, and what is near little.
 */
#define RATE_FIRST	UINT64_C(125000000)

/*
 * A rate is forgotten after so many round trips in which the link was full,
 * but not sooner than after this time: of a near link the trips are shorter
 * than what a busy machine makes a process wait.
 */
#define TRIPS		10
#define RATE_US		UINT64_C(200000)

/* A round trip is forgotten in favour of one that met an idle link. */
#define TRIP_US		UINT64_C(5000000)

/*
 * Without such a one, behind other data, a trip shows mostly how much of that
 * there was; and while the link is not full its rate is not seen.  But what
 * changed on the way, or was measured wrongly, must not count for ever.
 */
#define MOST_US		UINT64_C(60000000)

static uint64_t
larger(uint64_t a, uint64_t b)
{
	return (a > b ? a : b);
}

/* The shortest of this while and of the one before. */
static uint64_t
trip_of(const struct pace *p)
{
	if (p->trip_before_us > 0 && p->trip_before_us < p->trip_us)
		return (p->trip_before_us);
	return (p->trip_us);
}

/* What is on the way at that rate, "quarters" fourths of it. */
static uint64_t
product(const struct pace *p, uint64_t rate, unsigned quarters)
{
	uint64_t	 n;

	if (p->trip_us == 0 ||
	    __builtin_mul_overflow(rate, trip_of(p) * quarters, &n))
		return (UINT64_MAX);
	return (n / 4000000);
}

uint64_t
pace_ahead(const struct pace *p)
{
	return (larger(PACE_LEAST, product(p, larger(p->rate,
	    p->rate_before > 0 ? p->rate_before : RATE_FIRST), 8)));
}

void
pace_sent(struct pace *p, struct pace_mark *m, int64_t now_us,
    uint32_t bytes)
{
	if ((m->bytes = bytes) == 0)
		return;
	if (p->flying == 0)
		p->answered_us = now_us;
	p->flying += bytes;
	m->sent_us = now_us;
	m->answered_us = p->answered_us;
	m->answered = p->answered;
	m->flying = p->flying;
}

static uint64_t
since(int64_t then_us, int64_t now_us)
{
	return (now_us > then_us ? (uint64_t)(now_us - then_us) : 1);
}

static void
trip_seen(struct pace *p, const struct pace_mark *m, int64_t now_us)
{
	const uint64_t	 trip = since(m->sent_us, now_us);

	if (since(p->trip_begun_us, now_us) > (m->flying == m->bytes ?
	    TRIP_US : MOST_US)) {
		p->trip_before_us = p->trip_us;
		p->trip_us = 0;
		p->trip_begun_us = now_us;
	}
	if (p->trip_us == 0 || trip < p->trip_us)
		p->trip_us = trip;
}

/*
 * A rate that was measured while no more was under way than it brings along is
 * that of whoever makes the data, so it replaces none that was higher.
 */
static void
rate_seen(struct pace *p, const struct pace_mark *m, int64_t now_us)
{
	const uint64_t	 rate = (p->answered - m->answered) * 1000000 /
			     since(m->answered_us, now_us);
	int		 full;

	p->rate = larger(p->rate, rate);
	full = m->flying > product(p, larger(p->rate, p->rate_before), 5);
	if (since(p->rate_begun_us, now_us) <= (full ?
	    larger(TRIPS * trip_of(p), RATE_US) : MOST_US))
		return;
	p->rate_before = larger(p->rate, 1);
	p->rate = rate;
	p->rate_begun_us = now_us;
}

void
pace_answered(struct pace *p, const struct pace_mark *m, int64_t now_us)
{
	if (m->bytes == 0)
		return;
	p->answered_us = now_us;
	p->answered += m->bytes;
	p->flying -= m->bytes;
	trip_seen(p, m, now_us);
	rate_seen(p, m, now_us);
}
