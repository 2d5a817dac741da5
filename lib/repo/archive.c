/* SPDX-License-Identifier: ISC */
/* One cluster's part of a repository: a connection, entered. */
#include <stdlib.h>

#include "base/str.h"
#include "repo/archive.h"
#include "repo/inventory.h"
#include "repo/layout.h"

int
archive_root(struct archive **out, const struct store_conf *conf,
    const struct key *key, const char *server, struct err *e)
{
	struct archive	*a;

	if ((a = calloc(1, sizeof(*a))) == NULL)
		return (err_sys(e, ERR_LOCAL, "open the repository"));
	a->key = key;
	if (str_fmt(a->server, sizeof(a->server), e, "%s", server) ||
	    store_open(&a->store, conf, e)) {
		archive_free(a);
		return (-1);
	}
	*out = a;
	return (0);
}

int
archive_enter(struct archive *a, uint64_t system_id, struct err *e)
{
	char	 base[LAYOUT_PATH];

	a->system_id = system_id;
	if (layout_enter(base, a->server, system_id, e))
		return (-1);
	/* The folder is there, or marker.c or probe.c make it: no other put. */
	store_makes_base(a->store, 0);
	if (store_enter(a->store, base, e))
		return (-1);
	/*
	 * Here, so that no reader can forget it.  It costs nothing unless the
	 * key file retires a signer.
	 */
	return (inventory_load(a->store, a->key, a->server, system_id, e));
}

int
archive_open(struct archive **out, const struct store_conf *conf,
    const struct key *key, const char *server, uint64_t system_id,
    struct err *e)
{
	struct archive	*a = NULL;

	if (archive_root(&a, conf, key, server, e))
		return (-1);
	if (archive_enter(a, system_id, e)) {
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

int
archive_publish(struct archive *a, const char *path, const void *p, size_t n,
    struct err *e)
{
	struct store_put	*put = NULL;
	int			 rc = -1;

	if (store_put_open(&put, a->store, path, 0, e) == 0 &&
	    store_put_write(put, p, n, e) == 0)
		rc = store_put_publish(put, "", e);
	store_put_free(put);
	return (rc);
}

struct head_place
archive_place(const struct archive *a, const char *path)
{
	return ((struct head_place){ a->server, a->system_id, path });
}
