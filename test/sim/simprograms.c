/* SPDX-License-Identifier: ISC */
/* What each actor does in one run. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "catalogue/catalogue.h"
#include "catalogue/pinrelease.h"
#include "expire/expire.h"
#include "memsink.h"
#include "push/basepush.h"
#include "sim.h"
#include "simmodel.h"
#include "simpg.h"
#include "simprograms.h"
#include "verify/verify.h"
#include "wal/walfetch.h"
#include "wal/walpush.h"

static const struct store_conf	 store = { .repository = "simulated" };

static struct archive *
open_archive(const struct key *key, struct err *e)
{
	struct archive	*a = NULL;

	return (archive_open(&a, &store, key, SIMPG_SERVER, SIMPG_SYSTEM,
	    e) ? NULL : a);
}

/* Note how a run ended.  A killed program has said nothing. */
static void
ended(struct simprogram *p, const char *what, int rc, const struct err *e)
{
	if (p->actor.dead)
		sim_say("%s: killed", what);
	else if (rc == 0) {
		p->done++;
		sim_say("%s: done", what);
	} else
		sim_say("%s: %s", what, e->msg);
}

/*
 * What no cut, crash or race explains.  The thief explains damage; a clock
 * that is wrong by a day is for expiry to refuse.
 */
static void
expect(const struct simprogram *p, const char *what, int rc,
    const struct err *e)
{
	if (rc != -1 || p->actor.dead || e->kind == ERR_REMOTE ||
	    p->conf->damage)
		return;
	sim_fail("%s: unexpected failure: %s", what, e->msg);
}

/* --- base-push --- */

static void
say(void *arg, const char *text)
{
	(void)arg;
	sim_say("note: %s", text);
}

void
simprograms_push(struct simprogram *p)
{
	const struct basepush_conf	 conf = {
		.store = &store, .key = p->conf->push,
		.server = SIMPG_SERVER, .conninfo = "",
		.state_dir = p->state, .label = "", .fast = 1, .jobs = 2,
		.codec = { CODEC_NONE, 0 }, .chunk_size = SIMPG_CHUNK,
		.page_hashes_max = 1 << 20,
		.restore = sim_chance(4) ? p->conf->restore : NULL,
		.wal_wait_ms = 5 * 3600 * 1000,
		.abandoned_ms = (uint64_t)p->conf->abandoned_us / 1000,
		.note = say
	};
	struct basepush_sum	 sum;
	struct label		*l = NULL;
	struct err		 e = ERR_INIT;
	int			 rc;

	rc = basepush_run(&l, &sum, &conf, &e);
	if (rc == 0 && !p->actor.dead)
		simmodel_pushed(l->id);
	label_free(l);
	ended(p, "base-push", rc, &e);
	/* Its wait for WAL may end, and its clock may have been turned. */
	if (e.kind != ERR_PG)
		expect(p, "base-push", rc, &e);
}

/* --- archive_command --- */

void
simprograms_archive(struct simprogram *p)
{
	char			 name[WALNAME_TEXT];
	struct walpush_file	 f = { .name = name, .codec = { CODEC_ZSTD, 1 },
	    .state_dir = p->state, .wal_segment_size = SIMPG_SEGSIZE };
	struct archive		*a;
	struct err		 e = ERR_INIT;
	uint64_t		 segno;
	int			 rc = -1;

	if (sim_chance(2))
		simpg_work();
	if (!simpg_ready(name, p->at))
		return;
	f.fd = simpg_open(name);
	if ((a = open_archive(p->conf->push, &e)) != NULL)
		rc = walpush_file(a, &f, &e);
	archive_free(a);
	(void)close(f.fd);
	if (rc == 0 && !p->actor.dead) {
		if (simpg_is_segment(p->at, &segno))
			simmodel_archived(segno);
		p->at++;
	}
	ended(p, "wal-push", rc, &e);
	expect(p, "wal-push", rc, &e);
}

/* --- backup-expire --- */

static int
expire(struct simprogram *p, struct archive *a, struct err *e)
{
	struct expire_conf	 conf = {
		.policy = { .kind = RETENTION_REDUNDANCY,
		    .n = p->conf->redundancy, .unit_days = 1 },
		.minimum_redundancy = 1,
		.abandoned_us = p->conf->abandoned_us,
		.now_us = clock_now_us()
	};
	struct catalogue	*cat = NULL;
	struct expire		*x = NULL;
	struct expire_result	 r;
	int			 rc = -1;

	if (catalogue_load(&cat, a, e) ||
	    expire_plan(&x, a, cat, &conf, e))
		goto out;
	sim_say("expire: planned");
	rc = expire_run(x, a, &r, e);
out:
	expire_free(x);
	catalogue_free(cat);
	return (rc);
}

void
simprograms_expire(struct simprogram *p)
{
	const struct key	*key = sim_chance(2) ? p->conf->public :
	    p->conf->restore;
	struct archive		*a;
	struct err		 e = ERR_INIT;
	int			 rc = -1;

	if ((a = open_archive(key, &e)) != NULL)
		rc = expire(p, a, &e);
	archive_free(a);
	simmodel_expired(&p->actor, !p->actor.dead &&
	    e.kind != ERR_REMOTE);
	ended(p, "backup-expire", rc, &e);
	/*
	 * Pinned meanwhile; a clock that is wrong; a pin in the place of a
	 * withdrawn label, for a moment, which is taken for a damaged one; a
	 * label that was to be put back, and another expiry was faster.
	 */
	if (e.kind != ERR_CONFLICT && e.kind != ERR_LOCAL &&
	    e.kind != ERR_ABSENT &&
	    !(e.kind == ERR_CORRUPT && p->conf->pins))
		expect(p, "backup-expire", rc, &e);
}

void
simprograms_pin(struct simprogram *p)
{
	const int	 release = sim_chance(6);
	int64_t		 until;
	char		 id[LAYOUT_ID];
	struct archive	*a;
	struct catalogue *cat = NULL;
	struct err	 e = ERR_INIT;
	int		 rc = -1;

	/* A pin is often renewed about when it ends. */
	if ((sim_chance(3) || simmodel_ending(id, sim_now_us() + SIM_HOUR /
	    2)) && simmodel_any(id))
		return;
	/* Two who change one pin at the same moment may lose it, both. */
	if (!p->conf->rivals && simmodel_changing(id))
		return;
	until = release ? INT64_MIN : sim_clock_us(&p->actor) + SIM_HOUR / 2 +
	    (int64_t)sim_rand((uint64_t)p->conf->pin_us);
	simmodel_pin(id, until);
	sim_say("%s %s", release ? "--release" : "--keep", id);
	if ((a = open_archive(p->conf->public, &e)) != NULL &&
	    catalogue_load(&cat, a, &e) == 0)
		rc = release ? pinrelease_run(a, cat, id, &e) :
		    pinning_set(a, id, until, &e);
	catalogue_free(cat);
	archive_free(a);
	simmodel_pin_end(id, until, rc != -1 && !p->actor.dead);
	ended(p, "pin", rc, &e);
	if (e.kind != ERR_CONFLICT && e.kind != ERR_ABSENT)
		expect(p, "pin", rc, &e);
}

/* --- Readers --- */

static uint64_t
expired(void)
{
	return (simmodel_sum().withdrawn + simmodel_sum().expired);
}

static int
on_finding(void *arg, const struct verify_finding *f, struct err *e)
{
	const struct simprogram	*p = arg;

	(void)e;
	sim_say("finding: %s: %s; %s", f->object, f->found, f->means);
	/*
	 * That a clock is wrong is true enough, and so is a rename that a
	 * crash stopped, or a gap behind a backup that is pinned no more.  And
	 * what expiry took after the labels were read may be reported as
	 * missing.
	 */
	if (!p->conf->damage && strstr(f->found, "in the future") == NULL &&
	    strstr(f->found, "under a second name") == NULL &&
	    !(p->conf->pins && str_begins(f->object, "wal/")) &&
	    p->expired == expired())
		sim_fail("backup-verify: %s: %s; %s", f->object, f->found,
		    f->means);
	return (0);
}

void
simprograms_verify(struct simprogram *p)
{
	const struct verify_conf	 conf = {
		.store = &store, .jobs = 2,
		.depth = sim_chance(3) ? VERIFY_QUICK : VERIFY_CONTENTS,
		.state_dir = p->state, .now_us = clock_now_us(),
		.finding = on_finding, .note = say, .arg = p
	};
	struct verify_sum		 sum;
	struct archive			*a;
	struct err			 e = ERR_INIT;
	char				 id[LAYOUT_ID];
	const char			*one = NULL;
	int				 rc = -1;

	p->expired = expired();
	if (sim_chance(2) && simmodel_any(id) == 0)
		one = id;
	if ((a = open_archive(p->conf->restore, &e)) != NULL)
		rc = verify_run(&sum, a, &conf, one, &e);
	archive_free(a);
	ended(p, "backup-verify", rc, &e);
	if (e.kind != ERR_ABSENT)	/* expired meanwhile */
		expect(p, "backup-verify", rc, &e);
}

void
simprograms_fetch(struct simprogram *p)
{
	struct memsink	 sink;
	struct sink	*s = &sink.base;
	struct walfetch	*w = NULL;
	struct archive	*a;
	struct err	 e = ERR_INIT;
	char		 name[WALNAME_TEXT];
	uint64_t	 segno;
	int		 rc = -1;

	if (simmodel_any_segment(&segno))
		return;
	(void)simpg_segment(name, segno);
	memsink_init(&sink);
	if ((a = open_archive(p->conf->restore, &e)) != NULL &&
	    walfetch_open(&w, a, name, &e) == 0)
		rc = walfetch_run(w, &s, &e);
	if (rc == 0 && !simpg_same(name, sink.p, sink.n))
		sim_fail("wal-fetch returned another content of %s", name);
	if (rc == 1 && simmodel_any_segment(&segno) == 0)
		sim_fail("wal-fetch says that WAL ends before %s", name);
	walfetch_free(w);
	sink_free(s);
	free(sink.p);
	archive_free(a);
	ended(p, "wal-fetch", rc, &e);
	expect(p, "wal-fetch", rc, &e);
}

void
simprograms_main(void *arg)
{
	struct simprogram	*p = arg;
	struct simactor		*a = &p->actor;
	static long		 pids = 100;

	sim_sleep((int64_t)sim_rand((uint64_t)p->pause_us));
	while (!sim_ending()) {
		a->pid = ++pids;
		a->dead = 0;
		a->running = 1;
		a->runs++;
		a->began_us = sim_now_us();
		p->run(p);
		a->running = 0;
		a->deaths += (uint64_t)a->dead;
		sim_sleep((int64_t)sim_rand((uint64_t)p->pause_us));
	}
}
