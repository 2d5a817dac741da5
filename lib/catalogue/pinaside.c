/* SPDX-License-Identifier: ISC */
/* Pins that were renamed, so that another file can take their place. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "catalogue/pinaside.h"

#define PREFIX	"pin-"		/* then digits, and '-' between them */

int
pinaside_is_name(const char *name)
{
	return (str_begins(name, PREFIX) && strlen(name) < 64 &&
	    name[strspn(name, PREFIX "0123456789")] == '\0');
}

/*
 * The new name is made of the time and the process, so no two programs choose
 * the same.  Why not simply remove the pin that was seen: another program may
 * have changed it just now.  What lies under its name then is a pin that
 * somebody was promised, or a withdrawn label, which expiry still needs.
 */
int
pinaside_move(struct archive *a, const char *id, char aside[LAYOUT_PATH],
    struct pin *found, struct err *e)
{
	char		 from[LAYOUT_PATH], dir[LAYOUT_PATH];
	const char	*one = aside;
	struct err	 why = ERR_INIT;

	(void)layout_withdrawn(from, id);
	if (str_fmt(aside, LAYOUT_PATH, e, "%s/" PREFIX "%" PRId64 "-%ld",
	    layout_base(dir, id), clock_now_us(), (long)getpid()))
		return (-1);
	if (store_rename(a->store, from, aside, &why))
		return (why.kind == ERR_ABSENT ? 1 :
		    err_set(e, why.kind, "%s", why.msg));
	return (pin_load(found, &one, &id, 1, a, e));
}

/* Not over what came there meanwhile. */
int
pinaside_return(struct archive *a, const char *id, const char *aside,
    struct err *e)
{
	char		 path[LAYOUT_PATH];
	struct err	 why = ERR_INIT;

	if (store_rename(a->store, aside, layout_withdrawn(path, id),
	    &why) == 0 || why.kind == ERR_CONFLICT || why.kind == ERR_ABSENT)
		return (0);
	return (err_set(e, why.kind, "%s", why.msg));
}

/* All that a backup has aside.  A directory may have such a name, too. */
struct asides {
	const char	*id;
	char		 (*path)[LAYOUT_PATH];	/* owned */
	int		*is_dir;		/* owned */
	size_t		 n;
};

static int
on_aside(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct asides	*all = arg;
	void		*p;
	char		 dir[LAYOUT_PATH];

	(void)i;
	(void)missing;
	if (en == NULL || !pinaside_is_name(en->name))
		return (0);
	p = realloc(all->path, (all->n + 1) * sizeof(*all->path));
	if (p == NULL)
		return (err_sys(e, ERR_LOCAL, "pin"));
	all->path = p;
	p = realloc(all->is_dir, (all->n + 1) * sizeof(*all->is_dir));
	if (p == NULL)
		return (err_sys(e, ERR_LOCAL, "pin"));
	all->is_dir = p;
	all->is_dir[all->n] = en->is_dir;
	return (str_fmt(all->path[all->n++], LAYOUT_PATH, e, "%s/%s",
	    layout_base(dir, all->id), en->name));
}

int
pinaside_clear(struct archive *a, const char *id, struct err *e)
{
	struct asides	 all = { .id = id };
	char		 dir[LAYOUT_PATH];
	const char	*one = layout_base(dir, id);
	size_t		 i;
	int		 rc = -1;

	if (store_list(a->store, &one, 1, on_aside, &all, e))
		goto out;
	for (i = 0; i < all.n; i++) {
		one = all.path[i];
		if (all.is_dir[i] ? store_rmdir(a->store, &one, 1, e) :
		    store_remove(a->store, &one, 1, e))
			goto out;
	}
	/*
	 * A pin that came back in a crash would keep its backup again; or
	 * expiry, which has just withdrawn the label, would put that back.
	 */
	(void)layout_withdrawn(dir, id);
	if (all.n > 0 && store_settle(a->store, dir, e))
		goto out;
	rc = all.n == 0;
out:
	free(all.path);
	free(all.is_dir);
	return (rc);
}
