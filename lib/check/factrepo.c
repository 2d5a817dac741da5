/* SPDX-License-Identifier: ISC */
/* The facts that a repository holds. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "check/factrepo.h"
#include "repo/clusterids.h"

/* An unmounted disk looks the same as a server without backups. */
static int
list_clusters(struct checkfacts *f, struct err *e)
{
	struct clusterids	 c = { .n = 0 };
	int			 rc;

	rc = clusterids_list(&c, f->a, e);
	if (rc == 0 && c.n == 0)
		rc = err_set(e, ERR_REMOTE, "%s holds nothing of this server; "
		    "was anything pushed, is its disk mounted?",
		    store_name(f->a->store));
	if (rc == 0) {
		f->clusters = c.id;
		f->nclusters = c.n;
		c.id = NULL;
	}
	clusterids_fini(&c);
	return (rc);
}

static uint64_t
choose(const struct checkfacts *f)
{
	const uint64_t	 want = f->watched ? f->pg.system_id :
			    f->has_dir ? f->dir_system : 0;
	size_t		 i;

	for (i = 0; i < f->nclusters; i++)
		if (f->clusters[i] == want)
			return (want);
	return (f->clusters[f->nclusters - 1]);
}

/* One that cannot be loaded is no rival: what is chosen is judged. */
static int
look_at_rival(struct checkfacts *f, uint64_t chosen, struct err *e)
{
	const uint64_t		 last = f->clusters[f->nclusters - 1];
	struct catalogue	*cat = NULL;
	struct err		 why = ERR_INIT;

	if (last == chosen)
		return (0);
	if (archive_enter(f->a, last, e))
		return (-1);
	if (catalogue_load(&cat, f->a, &why) == 0) {
		f->rival = last;
		f->rival_at = checkfacts_last(cat);
	}
	catalogue_free(cat);
	return (0);
}

/* A repository at the same address that is another one has been replaced. */
static int
is_the_same(struct checkfacts *f, struct err *e)
{
	struct err	 unused = ERR_INIT;
	uint8_t		 id[MARKER_ID];

	if (f->conf->state_dir == NULL || marker_remembered(id, f->a,
	    f->conf->state_dir, &unused) != 0 ||
	    memcmp(id, f->marker.repository_id, MARKER_ID) == 0)
		return (0);
	return (err_set(e, ERR_REMOTE, "%s is another repository than the one "
	    "that this host knows; is its disk mounted?",
	    store_name(f->a->store)));
}

/* By their stop: the order of the labels is that of their starts. */
static size_t
newest(const struct checkfacts *f)
{
	size_t	 i, best = SIZE_MAX;

	for (i = 0; i < catalogue_labels(f->cat); i++)
		if (checkfacts_counts(f, i) && (best == SIZE_MAX ||
		    catalogue_label(f->cat, i)->stop_us >=
		    catalogue_label(f->cat, best)->stop_us))
			best = i;
	return (best);
}

/*
 * What cannot be read must not pass for missing.  A folder of WAL that nobody
 * may list, and that hides nothing, is what the check "retention" names.
 */
static int
is_hidden(const struct checkfacts *f, struct err *e)
{
	const char	*id;
	size_t		 i, whole = 0;

	for (i = 0; i < f->window.n; i++)
		whole += (size_t)f->window.backup[i].whole;
	if (f->window.ngap == 0 && whole == f->window.n)
		return (0);
	for (i = 0; i < catalogue_bads(f->cat); i++) {
		id = catalogue_bad_id(f->cat, i);
		if (str_begins(id, LAYOUT_WAL "/") &&
		    strstr(id, ".history") == NULL)
			return (err_set(e, ERR_REMOTE, "%s",
			    catalogue_bad_why(f->cat, i)));
	}
	return (0);
}

/*
 * Expiry reads the headers of all that backups need, and decides here as it
 * does there.  What it remembers is compared by the check "rollback".
 */
static int
plan(struct checkfacts *f, struct err *e)
{
	f->plan_conf = f->conf->expire;
	f->plan_conf.now_us = f->conf->now_us;
	f->plan_conf.state_dir = NULL;
	f->plan_conf.dry = 1;
	if (expire_plan(&f->plan, f->a, f->cat, &f->plan_conf,
	    &f->plan_why) == 0) {
		f->evidence = expire_evidence(f->plan);
		return (0);
	}
	f->evidence = &f->by_list;
	return (evidence_load(&f->by_list, f->cat, f->a, EVIDENCE_LISTED, e));
}

static int
load(struct checkfacts *f, struct err *e)
{
	if (archive_root(&f->a, f->conf->store, f->conf->key, f->conf->server,
	    e) || store_about(f->a->store, &f->about, e))
		return (-1);
	f->has_about = 1;
	if (list_clusters(f, e) || look_at_rival(f, choose(f), e) ||
	    archive_enter(f->a, choose(f), e) ||
	    marker_look(&f->marker, f->a, e) || is_the_same(f, e) ||
	    catalogue_load(&f->cat, f->a, e) ||
	    plan(f, e) ||
	    window_make_evident(&f->window, f->cat, f->evidence, e) ||
	    is_hidden(f, e))
		return (-1);
	f->newest = newest(f);
	return (0);
}

void
factrepo_load(struct checkfacts *f)
{
	f->listed = load(f, &f->repo_why) == 0;
}
