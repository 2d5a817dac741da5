/* SPDX-License-Identifier: ISC */
/*
 * Reading many files, or listing many directories, in one flight, of which any
 * may be unreadable.
 */
#include "crypt/sign.h"
#include "repo/loadeach.h"
#include "repo/marker.h"

struct loading {
	const struct store_reading *to;
	struct err	 first;		/* why the first was unreadable */
};

static int
on_file(void *arg, size_t i, const uint8_t *data, size_t n, struct err *e)
{
	const struct loading	*l = arg;

	return (l->to->each(l->to->arg, i, data, n, e));
}

static int
on_unread(void *arg, size_t i, const struct err *why, struct err *e)
{
	struct loading	*l = arg;

	if (!err_of_one_file(why))
		return (err_set(e, why->kind, "%s", why->msg));
	(void)err_set(&l->first, why->kind, "%s", why->msg);
	return (l->to->unread(l->to->arg, i, why, e));
}

int
loadeach_run(const struct store_reading *to, struct archive *a,
    const char *const *paths, size_t n, struct err *e)
{
	struct loading			 l = { to, ERR_INIT };
	const struct store_reading	 own = { on_file, on_unread, &l };

	if (store_load_each(a->store, paths, n, SIGN_MAX, &own, e))
		return (-1);
	if (l.first.kind != ERR_NONE && !marker_stands(a))
		return (err_set(e, l.first.kind, "%s", l.first.msg));
	return (0);
}

struct listing {
	const struct store_listing *to;
	struct err	 first;		/* why the first was not listed */
};

static int
on_entry(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	const struct listing	*l = arg;

	return (l->to->each(l->to->arg, i, en, missing, e));
}

static int
on_unlisted(void *arg, size_t i, const struct err *why, struct err *e)
{
	struct listing	*l = arg;

	if (!err_of_one_file(why))
		return (err_set(e, why->kind, "%s", why->msg));
	(void)err_set(&l->first, why->kind, "%s", why->msg);
	return (l->to->unlisted(l->to->arg, i, why, e));
}

int
loadeach_list(const struct store_listing *to, struct archive *a,
    const char *const *paths, size_t n, struct err *e)
{
	struct listing			 l = { to, ERR_INIT };
	const struct store_listing	 own = { on_entry, on_unlisted, &l };

	if (store_list_each(a->store, paths, n, &own, e))
		return (-1);
	if (l.first.kind != ERR_NONE && !marker_stands(a))
		return (err_set(e, l.first.kind, "%s", l.first.msg));
	return (0);
}

int
loadeach_empty(void *arg, size_t i, const struct err *why, struct err *e)
{
	(void)arg;
	(void)i;
	(void)why;
	(void)e;
	return (0);
}
