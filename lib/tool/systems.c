/* SPDX-License-Identifier: ISC */
/* One server's clusters, over one connection. */
#include <stdlib.h>

#include "base/str.h"
#include "catalogue/catalogue.h"
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
	    catalogue_systems(a.store, conf->name, &ids, &n, e))
		goto out;
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
