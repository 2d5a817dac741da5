/* SPDX-License-Identifier: ISC */
/* One cluster's part of a repository, over one connection. */
#include <stdlib.h>

#include "base/str.h"
#include "repo/archive.h"
#include "repo/layout.h"

int
archive_open(struct archive **out, const struct store_conf *conf,
    const struct key *key, const char *server, uint64_t system_id,
    struct err *e)
{
	struct archive	*a;
	char		 base[LAYOUT_PATH];

	if ((a = calloc(1, sizeof(*a))) == NULL)
		return (err_sys(e, ERR_LOCAL, "open the repository"));
	a->key = key;
	a->system_id = system_id;
	if (layout_enter(base, server, system_id, e) ||
	    str_fmt(a->server, sizeof(a->server), e, "%s", server) ||
	    store_open(&a->store, conf, e) ||
	    store_enter(a->store, base, e)) {
		archive_free(a);
		return (-1);
	}
	*out = a;
	return (0);
}

void
archive_free(struct archive *a)
{
	if (a == NULL)
		return;
	store_free(a->store);
	free(a);
}

struct head_place
archive_place(const struct archive *a, const char *path)
{
	return ((struct head_place){ a->server, a->system_id, path });
}
