/* SPDX-License-Identifier: ISC */
/* The facts that the server tells. */
#include "base/clock.h"
#include "check/factsql.h"

/*
 * The clock of the server is compared with ours in the middle of the question.
 * This host's clock is asked anew, since connecting took its time.
 */
static int
ask(struct checkfacts *f)
{
	int64_t	 before, after;

	before = clock_now_us();
	if (pgfacts_get(f->session, &f->pg, &f->sql_why))
		return (-1);
	after = clock_now_us();
	f->asked_us = before + (after - before) / 2;
	return (pgwatch_get(f->session, &f->watch, &f->sql_why));
}

void
factsql_ask(struct checkfacts *f)
{
	const struct pgsession_conf	 conf = {
		.conninfo = f->conf->conninfo,
		.name = "backup-check",
		.timeout_ms = f->conf->timeout_ms
	};

	if (!f->conf->sql) {
		err_set(&f->sql_why, ERR_PG, "this host has no conninfo and "
		    "no key that pushes, so the server is not asked");
		return;
	}
	if (pgsession_open(&f->session, &conf, &f->sql_why))
		return;
	f->watched = ask(f) == 0;
}
