/* SPDX-License-Identifier: ISC */
/*
 * Pins that lie aside, because a program died while it changed them.  They
 * are looked for only where something is to be deleted: in the directories of
 * backups that go, or that have no label.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "catalogue/pinaside.h"
#include "expire/interruptedpins.h"

struct interruptedpins_pin {
	char	 id[LAYOUT_ID];
	char	 path[LAYOUT_PATH];
};

static int
on_entry(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct expire		*x = arg;
	struct interruptedpins_pin	*p;
	char			 dir[LAYOUT_PATH];

	(void)missing;
	if (en == NULL || en->is_dir || !pinaside_is_name(en->name))
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

/* If the backup has a label it is pinned after all, and 1 is returned. */
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

/*
 * Which of them are to be put back: a pin that holds, if its backup stands;
 * and a withdrawn label that a program moved aside by mistake, taking it for
 * a pin.  Without that one the next run would take the directory for a backup
 * under way, and claims on it could not be judged.  The others are garbage.
 */
static int
judge(struct expire *x, const struct pin *pin)
{
	size_t	 i, n = 0;
	int	 back, again = 0;

	for (i = 0; i < x->naside; i++) {
		if (pin_holds(&pin[i], x->now_us)) {
			back = hold(x, x->aside[i].id, &pin[i]);
			again |= back;
		} else {
			back = pin[i].kind == PIN_WITHDRAWN &&
			    catalogue_find(x->cat, x->aside[i].id) == NULL;
		}
		if (back)
			memmove(&x->aside[n++], &x->aside[i],
			    sizeof(*x->aside));
	}
	x->naside = n;
	return (again);
}

/*
 * All that lie aside are read in one flight, as their names say nothing of
 * how long they hold.
 */
int
interruptedpins_look(struct expire *x, struct archive *a, struct err *e)
{
	const char	**paths = NULL, **ids = NULL;
	struct pin	 *pin = NULL;
	size_t		  i;
	int		  rc = -1;

	if (expire_state_list(x, a, on_entry, x, e))
		return (-1);
	if (x->naside == 0)
		return (0);
	if ((paths = calloc(x->naside, sizeof(*paths))) == NULL ||
	    (ids = calloc(x->naside, sizeof(*ids))) == NULL ||
	    (pin = calloc(x->naside, sizeof(*pin))) == NULL) {
		err_sys(e, ERR_LOCAL, "expire");
		goto out;
	}
	for (i = 0; i < x->naside; i++) {
		paths[i] = x->aside[i].path;
		ids[i] = x->aside[i].id;
	}
	if (pin_load(pin, paths, ids, x->naside, a, e) == 0)
		rc = judge(x, pin);
out:
	free(paths);
	free(ids);
	free(pin);
	return (rc);
}

int
interruptedpins_put_back(const struct expire *x, struct archive *a,
    struct err *e)
{
	size_t	 i;

	for (i = 0; i < x->naside; i++)
		if (pinaside_return(a, x->aside[i].id, x->aside[i].path, e))
			return (-1);
	return (0);
}
