/* SPDX-License-Identifier: ISC */
/* What does this host remember, is its clock right, does its agent live? */
#include <inttypes.h>

#include "agent/alive.h"
#include "base/path.h"
#include "base/str.h"
#include "catalogue/archivetime.h"
#include "catalogue/rollbackcheck.h"
#include "check/checkhost.h"
#include "check/checkneed.h"
#include "plan/clockskew.h"
#include "repo/layout.h"

#define SECOND		INT64_C(1000000)	/* in microseconds */
#define ANSWER_MS	10000		/* an agent sends MESSAGE_BUSY every
					 * second, and refuses at once */

int
checkhost_rollback(const struct checkfacts *f, struct checkreport *r,
    struct err *e)
{
	const enum checklist_id	 id = CHECKLIST_ROLLBACK;
	struct rollbackcheck	 seen;
	char			 line[ROLLBACKCHECK_LINE];

	if (!checkneed_repo(f, r, id))
		return (0);
	if (f->conf->state_dir == NULL) {
		checkreport_set(r, id, HEALTH_UNKNOWN, "there is no "
		    "state_dir");
		return (0);
	}
	if (rollbackcheck_run(&seen, f->a, f->cat, f->conf->state_dir, 0, e))
		return (-1);
	if (seen.n > 0)
		checkreport_set(r, id, HEALTH_CRITICAL, "%s",
		    rollbackcheck_line(line, &seen.v[0]));
	else if (seen.note[0] != '\0')
		checkreport_set(r, id, HEALTH_UNKNOWN, "%s", seen.note);
	else
		checkreport_set(r, id, HEALTH_OK, "nothing is gone that this "
		    "host saw");
	checkreport_cure(r, id, "%s", seen.means);
	return (0);
}

/*
 * The segment that came last says when it was sent, by the clock of the host
 * that pushed it, and the listing when it lay there, by the repository's.
 */
static int
repository_skew(const struct checkfacts *f, struct clockskew *s,
    struct err *e)
{
	const struct walindex_timeline	*t = NULL;
	struct archivetime		 v;
	struct walname			 w;
	char				 name[WALNAME_TEXT];
	const uint32_t			 segsize = catalogue_segsize(f->cat);
	size_t				 i = catalogue_timelines(f->cat);
	int				 rc;

	while (i-- > 0 && t == NULL)
		if (catalogue_timeline(f->cat, i)->segments > 0)
			t = catalogue_timeline(f->cat, i);
	if (t == NULL)
		return (0);
	w = walname_at(t->tli, t->last * segsize, segsize);
	if (layout_wal(v.path, walname_format(name, &w), e) ||
	    archivetime_look(&v, 1, f->a, e) ||
	    (rc = catalogue_archived(f->a, segsize, t->tli, t->last,
	    &s->stored_us, e)) == -1)
		return (-1);
	s->sent_us = v.us;
	s->bytes = segsize;
	s->stored = rc == 0 && v.us != ARCHIVETIME_UNKNOWN;
	return (0);
}

int
checkhost_clock(const struct checkfacts *f, struct checkreport *r,
    struct err *e)
{
	const enum checklist_id	 id = CHECKLIST_CLOCK;
	struct clockskew	 s = { .asked = f->watched,
				    .here_us = f->asked_us,
				    .server_us = f->pg.now_us };
	uint64_t		 server, repo;

	if (f->listed && repository_skew(f, &s, e))
		return (-1);
	if (!s.asked && !s.stored) {
		checkreport_set(r, id, HEALTH_UNKNOWN, "neither the server "
		    "nor the repository says what time it is");
		return (0);
	}
	server = clockskew_server(&s);
	repo = clockskew_repository(&s);
	if (repo > server)
		checkreport_figure(r, id, repo, "the clocks of the repository "
		    "and of the host that pushes are %" PRIu64 " s apart",
		    repo);
	else
		checkreport_figure(r, id, server, "this host's clock and %s "
		    "are %" PRIu64 " s apart", s.asked ? "the server's" :
		    "the repository's", server);
	checkreport_cure(r, id, "run a time service on these hosts; a "
	    "repository's clock is seen with the next segment");
	return (0);
}

void
checkhost_agent(const struct checkfacts *f, struct checkreport *r)
{
	const enum checklist_id	 id = CHECKLIST_AGENT;
	struct alive		 a;
	struct err		 why = ERR_INIT;
	char			 dir[PATH_MAX], prefix[PLACE_NAME];

	if (f->conf->agents_dir == NULL ||
	    path_join(dir, sizeof(dir), f->conf->agents_dir, "run", &why) ||
	    str_fmt(prefix, sizeof(prefix), &why, "%s.push.",
	    f->conf->server) || alive_ask(&a, dir, prefix, ANSWER_MS, &why)) {
		checkreport_set(r, id, HEALTH_UNKNOWN, "%s", why.kind ==
		    ERR_NONE ? "there is no state_dir" : why.msg);
		return;
	}
	if (a.silent > 0) {
		checkreport_set(r, id, HEALTH_CRITICAL, "the agent with "
		    "process id %ld does not answer", (long)a.pid);
		checkreport_cure(r, id, "kill -KILL %ld; the next push starts "
		    "another", (long)a.pid);
	} else if (a.replaced > 0) {
		checkreport_set(r, id, HEALTH_WARNING, "the agent with "
		    "process id %ld runs a program that was replaced",
		    (long)a.old);
		checkreport_cure(r, id, "kill %ld; the next push starts "
		    "another", (long)a.old);
	} else if (a.agents > 0)
		checkreport_set(r, id, HEALTH_OK, "it answers");
	else
		checkreport_set(r, id, HEALTH_OK, "none runs, and none is "
		    "needed until there is something to archive");
}
