/* SPDX-License-Identifier: ISC */
/* All clusters of one server, over one connection. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "catalogue/catalogue.h"
#include "catalogue/newest.h"
#include "repo/clusterids.h"
#include "tool/systems.h"

static int
visit_one(struct archive *a, uint64_t id, systems_each *each, void *arg,
    struct err *e)
{
	return (archive_enter(a, id, e) || each(arg, a, e) ? -1 : 0);
}

int
systems_visit(const struct server_conf *conf, const struct key *key,
    systems_each *each, void *arg, struct err *e)
{
	const struct store_conf	 store = conf_store(conf);
	struct archive		 a = { .key = key };
	uint64_t		*ids = NULL;
	size_t			 i, n;
	int			 rc = -1;

	if (str_fmt(a.server, sizeof(a.server), e, "%s", conf->name) ||
	    store_open(&a.store, &store, e) ||
	    clusterids_list(a.store, conf->name, &ids, &n, e))
		goto out;
	/* An unmounted disk looks the same as a server without backups. */
	if (n == 0) {
		err_set(e, ERR_ABSENT, "%s holds nothing of server %s; was"
		    " anything pushed, is its disk mounted?",
		    store_name(a.store), conf->name);
		goto out;
	}
	for (i = 0; i < n; i++)
		if (visit_one(&a, ids[i], each, arg, e))
			goto out;
	rc = 0;
out:
	free(ids);
	store_free(a.store);
	return (rc);
}

/* Which of "ids" were found in the clusters visited so far. */
struct search {
	const struct opt_list	*ids;
	int			 refused;	/* also refused labels */
	int			*found;		/* owned; one for each */
};

static int
find(void *arg, struct archive *a, struct err *e)
{
	struct search		*s = arg;
	struct catalogue	*cat = NULL;
	size_t			 i;

	if (catalogue_load(&cat, a, e))
		return (-1);
	for (i = 0; i < s->ids->n; i++)
		if (catalogue_find(cat, s->ids->v[i]) != NULL ||
		    (s->refused && catalogue_refused(cat, s->ids->v[i])))
			s->found[i] = 1;
	catalogue_free(cat);
	return (0);
}

int
systems_latest(const struct server_conf *conf, const struct key *key,
    char id[LAYOUT_ID], struct err *e)
{
	struct newest	 n = { .label = NULL };
	int		 rc = -1;

	if (systems_visit(conf, key, newest_look, &n, e))
		goto out;
	if (n.label == NULL) {
		err_set(e, ERR_ABSENT, "there is no backup");
		goto out;
	}
	memcpy(id, n.label->id, LAYOUT_ID);
	rc = 0;
out:
	newest_fini(&n);
	return (rc);
}

int
systems_need(const struct server_conf *conf, const struct key *key,
    struct opt_list *ids, int refused, const char *option,
    char latest[LAYOUT_ID], struct err *e)
{
	struct search	 s = { .ids = ids, .refused = refused };
	size_t		 i;
	int		 rc = -1;

	if (ids->n == 0)	/* do not connect for nothing */
		return (0);
	for (i = 0; i < ids->n; i++) {
		if (strcmp(ids->v[i], "latest") != 0)
			continue;
		if (latest[0] == '\0' && systems_latest(conf, key, latest, e))
			return (-1);
		ids->v[i] = latest;
	}
	if ((s.found = calloc(ids->n, sizeof(*s.found))) == NULL)
		return (err_sys(e, ERR_LOCAL, "%s", option));
	if (systems_visit(conf, key, find, &s, e))
		goto out;
	for (i = 0; i < ids->n; i++)
		if (!s.found[i]) {
			err_set(e, ERR_USAGE, "%s: %.64s: no such backup; "
			    "backup-list lists them", option, ids->v[i]);
			goto out;
		}
	rc = 0;
out:
	free(s.found);
	return (rc);
}

/* Which clusters have a timeline. */
struct owner {
	uint32_t	 tli;
	uint64_t	 only;		/* the one to look at; 0: all */
	uint64_t	 id[2];		/* the first two that were found */
	size_t		 n;
};

static int
find_owner(void *arg, struct archive *a, struct err *e)
{
	struct owner		*o = arg;
	struct catalogue	*cat = NULL;
	size_t			 i;
	int			 has;

	if (o->only != 0 && o->only != a->system_id)
		return (0);
	if (catalogue_load(&cat, a, e))
		return (-1);
	has = catalogue_find_timeline(cat, o->tli) != NULL;
	for (i = 0; i < catalogue_labels(cat); i++)
		has |= catalogue_label(cat, i)->timeline == o->tli;
	if (has && o->n < 2)
		o->id[o->n++] = a->system_id;
	catalogue_free(cat);
	return (0);
}

int
systems_timeline(const struct server_conf *conf, const struct key *key,
    uint32_t tli, uint64_t *system_id, struct err *e)
{
	struct owner	 o = { .tli = tli, .only = *system_id };

	if (systems_visit(conf, key, find_owner, &o, e))
		return (-1);
	if (o.n == 0)
		return (err_set(e, ERR_USAGE, "nothing of timeline %" PRIu32
		    " is in the repository", tli));
	if (o.n > 1)
		return (err_set(e, ERR_USAGE, "clusters %" PRIu64 " and %"
		    PRIu64 " both have a timeline %" PRIu32 "; choose with "
		    "--system-id", o.id[0], o.id[1], tli));
	*system_id = o.id[0];
	return (0);
}
