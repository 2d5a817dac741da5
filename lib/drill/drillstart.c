/* SPDX-License-Identifier: ISC */
/* Starts a restored cluster, as often as it takes to keep it inside. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "drill/cover.h"
#include "drill/drillrestore.h"
#include "drill/drillstart.h"
#include "drill/laterspace.h"

/* Nothing can be covered, or one of them cannot, as the message says. */
static int
outside(const struct drillcheck *k, const struct laterspaces *all,
    struct err *e)
{
	const struct laterspace	*l = &all->v[0];

	if (e->kind != ERR_CONFIG)
		return (-1);
	drillreport_set(k->report, DRILLREPORT_INSIDE, DRILLREPORT_FAILED,
	    "tablespace %u was made during the backup or after it, and "
	    "recovery would write to %s, outside the sandbox, which could not "
	    "be prevented: %s; drill on a host that allows user namespaces, "
	    "or a later backup",
	    (unsigned)l->oid, l->path, e->msg);
	err_clear(e);
	return (1);
}

/* Returns 0, 1 if a path cannot be covered, or -1. */
static int
start(const struct drillcheck *k, const struct sandbox *s,
    const struct laterspaces *all, int keep, struct err *e)
{
	struct sandboxconf	 conf;
	struct drillrestore_files f;
	struct cover		*cover = NULL;
	int			 rc;

	if (drillrestore_settings(&conf, &f, k->report, k->conf, s, e))
		return (-1);
	if (all->n > 0 && (laterspace_covered(all, s, e) ||
	    cover_make(&cover, all, s, e)))
		return (outside(k, all, e));
	rc = sandboxserver_start(k->server, s, k->bindir, &conf, cover, keep,
	    e);
	cover_free(cover);
	return (rc == 0 || all->n == 0 ? rc : outside(k, all, e));
}

/*
 * Start it once.  Returns 0 if it is open; 1 as start(); 2 if a path was found
 * that has to be covered; or -1.
 */
static int
attempt(const struct drillcheck *k, const struct sandbox *s,
    struct laterspaces *all, int keep, struct err *e)
{
	struct err	 why = ERR_INIT;
	int		 rc;

	if ((rc = start(k, s, all, keep, e)) != 0)
		return (rc);
	if (sandboxserver_wait(k->server, e) == 0)
		return (laterspace_link(all, s, e));
	if (k->server->pid != 0 || (rc = laterspace_take(all, s, &why)) == 1)
		return (-1);
	err_clear(e);
	if (rc != 0)
		return (err_set(e, why.kind, "%s", why.msg));
	/* What it said of that is no trouble of the backup's. */
	if (unlink(s->log) == -1 && errno != ENOENT)
		return (err_sys(e, ERR_LOCAL, "remove %s", s->log));
	return (2);
}

int
drillstart(const struct drillcheck *k, const struct sandbox *s, int keep,
    struct err *e)
{
	struct laterspaces	 all = { NULL, 0 };
	int			 rc;

	do
		rc = attempt(k, s, &all, keep, e);
	while (rc == 2);
	if (rc == 0) {
		k->report->later += all.n;
		rc = sandboxserver_role(k->server, k->conf->role, e);
	}
	laterspace_free(&all);
	return (rc);
}
