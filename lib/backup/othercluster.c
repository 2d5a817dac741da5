/* SPDX-License-Identifier: ISC */
/* Another cluster under the name of the same server. */
#include <inttypes.h>
#include <stdlib.h>

#include "backup/labelfind.h"
#include "backup/othercluster.h"
#include "base/clock.h"
#include "base/str.h"
#include "repo/clusterids.h"
#include "repo/marker.h"

struct other {
	uint64_t	 id;
	int64_t		 since_us;		/* 0: not known */
	int64_t		 stop_us;		/* of its newest backup */
	char		 backup[LAYOUT_ID];	/* "" if it has none */
};

/*
 * Look at the cluster that the archive has entered.  Returns 0, 1 if it has
 * no marker, or -1.  What this key cannot check is left out.
 */
static int
look(struct other *o, struct archive *a, struct err *e)
{
	struct store_get	*get = NULL;
	struct label		*l = NULL;
	struct marker		 m = { .created_us = 0 };
	struct err		 why = ERR_INIT;
	int			 rc;

	*o = (struct other){ .id = a->system_id };
	if (marker_open(&get, a, e))
		return (-1);
	rc = marker_read(&m, a, get, &why);
	store_get_free(get);
	if (rc == -1 && why.kind != ERR_CORRUPT)
		return (err_set(e, why.kind, "%s", why.msg));
	if (rc == 1)
		return (1);
	if (rc == 0)
		o->since_us = m.created_us;
	err_clear(&why);
	if ((rc = labelfind_newest(&l, a, 0, &why, e)) == -1)
		return (-1);
	if (rc == 0) {
		o->stop_us = l->stop_us;
		rc = str_fmt(o->backup, sizeof(o->backup), e, "%s", l->id);
		label_free(l);
		return (rc);
	}
	return (0);
}

static int
describe(char text[OTHERCLUSTER_TEXT], const struct other *o, size_t more,
    const char *server, uint64_t system_id, struct err *e)
{
	char	 since[CLOCK_TEXT + 32] = "", many[48] = "", t[CLOCK_TEXT];
	char	 how[80] = "";

	if (o->since_us != 0 && str_fmt(since, sizeof(since), e,
	    "in the repository since %s, ", clock_format(t, o->since_us)))
		return (-1);
	if (more > 0 && str_fmt(many, sizeof(many), e, " and %zu more", more))
		return (-1);
	if (o->backup[0] != '\0' && str_fmt(how, sizeof(how), e, ", and "
	    "base-fetch --system-id %" PRIu64 " restores it", o->id))
		return (-1);
	return (str_fmt(text, OTHERCLUSTER_TEXT, e, "cluster %" PRIu64
	    " is new; server %.64s has had another one, system identifier %"
	    PRIu64 " (%s%s%s)%s, as after initdb or pg_upgrade; what was "
	    "stored of it stays%s", system_id, server, o->id, since,
	    o->backup[0] != '\0' ? "last backup " : "without a backup",
	    o->backup, many, how));
}

/* Returns 0 if the cluster has a backup, 1 if it has none, or -1. */
static int
has_backup(struct archive *a, uint64_t system_id, struct err *e)
{
	struct label	*l = NULL;
	struct err	 why = ERR_INIT;
	int		 rc;

	if (archive_enter(a, system_id, e))
		return (-1);
	rc = labelfind_newest(&l, a, 0, &why, e);
	label_free(l);
	return (rc);
}

/*
 * Look at those of the "n" that are others, and keep the best.  One that
 * cannot be read does not hide the others; a lost connection fails the caller.
 */
static int
look_at(struct other *best, size_t *others, struct archive *a,
    const uint64_t *ids, size_t n, uint64_t own, struct err *e)
{
	struct err	 why = ERR_INIT;
	struct other	 o;
	size_t		 i;
	int		 rc;

	for (i = 0; i < n; i++) {
		if (ids[i] == own)
			continue;
		rc = archive_enter(a, ids[i], &why) ? -1 : look(&o, a, &why);
		if (rc == -1 && why.kind == ERR_LOCAL)
			return (err_set(e, why.kind, "%s", why.msg));
		err_clear(&why);
		*others += rc == 0;
		if (rc == 0 && (best->id == 0 || o.stop_us >= best->stop_us))
			*best = o;
	}
	return (0);
}

int
othercluster_text(char text[OTHERCLUSTER_TEXT], const struct store_conf *conf,
    const struct key *key, const char *server, uint64_t system_id,
    struct err *e)
{
	struct archive		*a = NULL;
	struct other		 best = { .id = 0 };
	struct clusterids	 c = { .n = 0 };
	size_t			 others = 0;
	int			 rc = -1;

	/* An odd one may be a cluster whose signers this key does not know. */
	if (archive_root(&a, conf, key, server, e) ||
	    clusterids_list(&c, a, e) ||
	    look_at(&best, &others, a, c.odd, c.nodd, system_id, e) ||
	    look_at(&best, &others, a, c.id, c.n, system_id, e))
		goto out;
	if (others == 0)
		rc = 1;
	else if ((rc = has_backup(a, system_id, e)) != -1)
		rc = rc == 0 ? 1 : describe(text, &best, others - 1, server,
		    system_id, e);
out:
	clusterids_fini(&c);
	archive_free(a);
	return (rc);
}
