/* SPDX-License-Identifier: ISC */
/* The directories of a server and of a cluster, as they come and go. */
#include <string.h>

#include "base/str.h"
#include "repo/clusterdirs.h"
#include "repo/layout.h"

/* Whether a listing has a server's directory. */
struct listed {
	const char	*server;
	int		 found;
};

static int
on_root(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct listed	*l = arg;

	(void)i;
	(void)missing;
	(void)e;
	if (en != NULL && strcmp(en->name, l->server) == 0)
		l->found = 1;
	return (0);
}

int
clusterdirs_server(struct archive *a)
{
	static const char *const	 root[] = { "" };
	struct listed			 l = { a->server, 0 };
	struct err			 e = ERR_INIT, unused = ERR_INIT;
	int				 rc;

	rc = store_enter(a->store, "", &e) ||
	    store_list(a->store, root, 1, on_root, &l, &e) ? -1 : 0;
	if (archive_enter(a, a->system_id, &unused))
		rc = -1;
	return (rc == -1 || l.found);
}

void
clusterdirs_remove(struct archive *a, int keep_server)
{
	struct err	 unused = ERR_INIT;
	char		 base[LAYOUT_PATH], tmp[LAYOUT_PATH + 8];
	const char	*paths[] = { tmp, base, a->server };

	if (layout_enter(base, a->server, a->system_id, &unused) == 0 &&
	    str_fmt(tmp, sizeof(tmp), &unused, "%s/" LAYOUT_TMP, base) == 0 &&
	    store_enter(a->store, "", &unused) == 0 &&
	    store_rmdir(a->store, paths, keep_server ? 2 : 3, &unused) == -1)
		err_clear(&unused);	/* then they stay */
	if (archive_enter(a, a->system_id, &unused))
		err_clear(&unused);	/* it succeeded before */
}
