/* SPDX-License-Identifier: ISC */
/* Which inventories a copy or an export takes. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "copy/vouchednames.h"
#include "repo/marker.h"

static int
on_name(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct vouchednames	*l = arg;
	uint8_t			 signer[KEY_ID_LEN];
	void			*p;

	(void)i;
	(void)missing;
	if (en == NULL || en->is_dir ||
	    !layout_vouched_signer(en->name, signer, sizeof(signer)))
		return (0);
	if ((p = reallocarray(l->v, l->n + 1, sizeof(*l->v))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list inventories"));
	l->v = p;
	return (str_fmt(l->v[l->n++], LAYOUT_PATH, e, LAYOUT_VOUCHED "/%s",
	    en->name));
}

static int
compare(const void *a, const void *b)
{
	return (strcmp(a, b));
}

int
vouchednames_list(struct vouchednames *l, struct archive *a, struct err *e)
{
	static const char *const	 dir[] = { LAYOUT_VOUCHED };

	if (store_list(a->store, dir, 1, on_name, l, e))
		return (-1);
	if (l->n > 0)
		qsort(l->v, l->n, sizeof(*l->v), compare);
	return (0);
}

int
vouchednames_has(const struct vouchednames *l, const char *path)
{
	return (l->n > 0 && bsearch(path, l->v, l->n, sizeof(*l->v),
	    compare) != NULL);
}

void
vouchednames_fini(struct vouchednames *l)
{
	free(l->v);
	memset(l, 0, sizeof(*l));
}

int
vouchednames_read(struct inventoryfile *r, struct archive *a,
    const char *path, struct err *e)
{
	struct head_place	 at = archive_place(a, path);
	struct err		 why = ERR_INIT;
	int			 rc;

	rc = inventoryfile_read(r, a->store, &at, a->key, &why);
	if (rc != -1)
		return (rc);
	if (why.kind == ERR_CORRUPT || (err_of_one_file(&why) &&
	    marker_stands(a)))
		return (1);
	return (err_set(e, why.kind, "%s: %s", path, why.msg));
}
