/* SPDX-License-Identifier: ISC */
/* Expiry: pins that lie aside. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "crypt/sign.h"
#include "repo/expireaside.h"

struct expire_aside {
	char	 id[LAYOUT_ID];
	char	 path[LAYOUT_PATH];
};

struct looking {
	struct expire	*x;
	struct archive	*a;
	size_t		 kept;		/* of x->aside */
	int		 again;
};

static int
on_entry(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct expire		*x = arg;
	struct expire_aside	*p;
	char			 dir[LAYOUT_PATH];

	(void)missing;
	if (en == NULL || en->is_dir || !pin_is_aside(en->name))
		return (0);
	p = realloc(x->aside, (x->naside + 1) * sizeof(*p));
	if (p == NULL)
		return (err_sys(e, ERR_LOCAL, "expire"));
	x->aside = p;
	p += x->naside++;
	memcpy(p->id, x->dir[i].id, sizeof(p->id));
	return (str_fmt(p->path, sizeof(p->path), e, "%s/%s",
	    layout_base(dir, p->id), en->name));
}

/* Where it has a label: pinned after all. */
static int
hold(struct expire *x, const char *id, const struct pin *p)
{
	size_t	 i;

	for (i = 0; i < catalogue_labels(x->cat); i++)
		if (strcmp(x->backup[i].at.id, id) == 0) {
			x->backup[i].pinned = pin_format(x->pin[i], p);
			return (1);
		}
	return (0);
}

/* A withdrawn label that was moved by mistake goes back as well. */
static int
on_text(void *arg, size_t i, const uint8_t *data, size_t n, struct err *e)
{
	struct looking		*l = arg;
	struct expire		*x = l->x;
	struct expire_aside	*p = &x->aside[i];
	struct pin		 pin;
	int			 back;

	(void)e;
	if (data == NULL)
		return (0);
	pin_judge(&pin, data, n, p->id, l->a);
	if (pin_holds(&pin, x->now_us))
		back = hold(x, p->id, &pin);
	else
		back = pin.kind == PIN_WITHDRAWN &&
		    catalogue_find(x->cat, p->id) == NULL;
	if (back) {
		l->again |= pin.kind != PIN_WITHDRAWN;
		memmove(&x->aside[l->kept++], p, sizeof(*p));
	}
	return (0);
}

int
expireaside_look(struct expire *x, struct archive *a, struct err *e)
{
	struct looking	  l = { .x = x, .a = a };
	const char	**paths;
	size_t		  i;
	int		  rc;

	if (expire_state_list(x, a, on_entry, x, e))
		return (-1);
	if (x->naside == 0)
		return (0);
	if ((paths = calloc(x->naside, sizeof(*paths))) == NULL)
		return (err_sys(e, ERR_LOCAL, "expire"));
	for (i = 0; i < x->naside; i++)
		paths[i] = x->aside[i].path;
	rc = store_load(a->store, paths, x->naside, SIGN_MAX, on_text, &l, e);
	free(paths);
	if (rc == -1)
		return (-1);
	x->naside = l.kept;
	return (l.again);
}

int
expireaside_put_back(const struct expire *x, struct archive *a,
    struct err *e)
{
	char		 to[LAYOUT_PATH];
	struct err	 why;
	size_t		 i;

	for (i = 0; i < x->naside; i++) {
		why = (struct err)ERR_INIT;
		if (store_rename(a->store, x->aside[i].path,
		    layout_withdrawn(to, x->aside[i].id), &why) == 0 ||
		    why.kind == ERR_CONFLICT || why.kind == ERR_ABSENT)
			continue;	/* or it was done meanwhile */
		return (err_set(e, why.kind, "%s", why.msg));
	}
	return (0);
}
