/* SPDX-License-Identifier: ISC */
/* The choice between the clusters that a server has had. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "repo/clusterids.h"
#include "restore/whichcluster.h"

/* What keeps from restoring an earlier cluster. */
struct doubt {
	uint64_t	 id;		/* the latest; 0: none */
	int		 unread;	/* it cannot be read */
	struct err	 why;
};

/* When the newest backup began. */
static int64_t
newest(const struct catalogue *c)
{
	size_t	 n = catalogue_labels(c);

	return (n == 0 ? INT64_MIN : catalogue_label(c, n - 1)->start_us);
}

/*
 * Whether a cluster has the named backup.  One whose label is refused counts
 * as there: it must be reported as such, not as absent.
 */
static int
has(const struct catalogue *c, const char *backup)
{
	return (catalogue_find(c, backup) != NULL ||
	    catalogue_refused(c, backup) != NULL);
}

/*
 * Whether cluster "c" is to be preferred to "best": because it has the named
 * backup, or, where none is named, the newest one.
 */
static int
better(const struct catalogue *c, const struct catalogue *best,
    const char *backup)
{
	if (best == NULL)
		return (1);
	return (backup != NULL ? has(c, backup) : newest(c) > newest(best));
}

static void
doubt(struct doubt *d, uint64_t id, int unread, enum err_kind kind,
    const char *why)
{
	d->id = id;
	d->unread = unread;
	err_clear(&d->why);
	err_set(&d->why, kind, "%s", why);
}

/* Take a cluster if it is better.  "c" is taken over. */
static void
offer(struct whichcluster *w, struct doubt *d, uint64_t id,
    struct catalogue *c, const char *backup)
{
	struct err	 why = ERR_INIT;

	if (catalogue_labels(c) == 0 && catalogue_bads(c) == 0)
		w->bare_id = id;
	else if (catalogue_labels(c) == 0) {
		err_set(&why, ERR_CORRUPT, "%s: %s", catalogue_bad_id(c, 0),
		    catalogue_bad_why(c, 0));
		doubt(d, id, 0, ERR_CORRUPT, why.msg);
	}
	if (!better(c, w->catalogue, backup)) {
		catalogue_free(c);
		return;
	}
	catalogue_free(w->catalogue);
	w->catalogue = c;
	w->system_id = id;
}

/*
 * Somebody, or a disk, has touched the later cluster, and only the user knows
 * whether the earlier one is meant.
 */
static int
refuse(const struct whichcluster *w, const struct doubt *d, struct err *e)
{
	char	 cure[96] = "";

	if (catalogue_labels(w->catalogue) > 0)
		(void)snprintf(cure, sizeof(cure), "; to restore cluster %"
		    PRIu64 ", which is older, add --system-id %" PRIu64,
		    w->system_id, w->system_id);
	return (err_set(e, d->why.kind, "%s cluster %" PRIu64 " %s: %s%s",
	    d->unread ? "later" : "no backup of", d->id,
	    d->unread ? "cannot be read" : "can be trusted", d->why.msg,
	    cure));
}

/* Whether what was found can be believed to be what the user means. */
static int
settle(struct whichcluster *w, const struct doubt *d, uint64_t odd,
    const char *backup, struct err *e)
{
	if (w->catalogue == NULL || (backup != NULL && d->unread &&
	    !has(w->catalogue, backup)))
		return (err_set(e, d->why.kind, "%s", d->why.msg));
	if (backup != NULL)
		return (0);
	if (d->id > w->system_id)
		return (refuse(w, d, e));
	if (odd > w->system_id)
		return (err_set(e, ERR_CORRUPT, "%" PRIu64 " has the name of "
		    "a later cluster and no authentic marker; if it holds "
		    "nothing of yours remove it on the repository host, or "
		    "add --system-id %" PRIu64, odd, w->system_id));
	return (0);
}

static int
load_all(struct whichcluster *w, struct archive *a, const uint64_t *ids,
    size_t n, uint64_t odd, const char *backup, struct err *e)
{
	struct doubt		 d = { .why = ERR_INIT };
	struct catalogue	*c;
	struct err		 why;
	size_t			 i;

	for (i = 0; i < n; i++) {
		c = NULL;
		why = (struct err)ERR_INIT;
		if (archive_enter(a, ids[i], &why) == 0 &&
		    catalogue_load(&c, a, &why) == 0) {
			offer(w, &d, ids[i], c, backup);
			continue;
		}
		if (why.kind != ERR_REMOTE && why.kind != ERR_CORRUPT)
			return (err_set(e, why.kind, "%s", why.msg));
		doubt(&d, ids[i], 1, why.kind, why.msg);
	}
	return (settle(w, &d, odd, backup, e) ||
	    archive_enter(a, w->system_id, e) ? -1 : 0);
}

int
whichcluster_choose(struct whichcluster *w, struct archive *a,
    uint64_t system_id, const char *backup, struct err *e)
{
	struct clusterids	 c = { .n = 0 };
	int			 rc = -1;

	memset(w, 0, sizeof(*w));
	w->systems = 1;
	if (system_id != 0)
		rc = load_all(w, a, &system_id, 1, 0, backup, e);
	else if (clusterids_list(&c, a, e) == 0) {
		w->systems = (unsigned)c.n;
		rc = c.n > 0 ? load_all(w, a, c.id, c.n, c.nodd > 0 ?
		    c.odd[c.nodd - 1] : 0, backup, e) :
		    err_set(e, ERR_ABSENT, "%s: holds nothing of server %s; "
		    "is the repository's disk mounted?", store_name(a->store),
		    a->server);
	}
	clusterids_fini(&c);
	if (rc == -1) {
		catalogue_free(w->catalogue);
		w->catalogue = NULL;
	}
	return (rc);
}
