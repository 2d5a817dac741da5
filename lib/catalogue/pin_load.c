/* SPDX-License-Identifier: ISC */
/*
 * Reading many pins in one flight.  store_load() ends with the first file
 * that cannot be read, so it is called again for those behind that file.
 */
#include <string.h>

#include "base/str.h"
#include "catalogue/pin.h"
#include "crypt/sign.h"
#include "repo/marker.h"

struct loading {
	struct pin		*v;
	const char *const	*ids;
	const struct archive	*a;
	size_t			 at;	/* all before this one are done */
};

static int
on_text(void *arg, size_t i, const uint8_t *data, size_t n, struct err *e)
{
	struct loading	*l = arg;

	(void)i;
	(void)e;
	if (data != NULL)
		pin_judge(&l->v[l->at], data, n, l->ids[l->at], l->a);
	l->at++;
	return (0);
}

/*
 * A file was refused: a wrong mode, say, or more bytes than a label may have.
 * If the marker can be read now, the repository is reachable and this one
 * file is the trouble; it is in the way of expiry and so keeps its backup.
 */
static int
refused(struct pin *p, struct archive *a, const struct err *why,
    struct err *e)
{
	struct marker	 m;
	struct err	 ignore = ERR_INIT;

	if (why->kind == ERR_LOCAL || marker_look(&m, a, &ignore))
		return (err_set(e, why->kind, "%s", why->msg));
	p->kind = PIN_UNREADABLE;
	p->until_us = PIN_FOREVER;
	(void)str_clean(p->why, sizeof(p->why), why->msg, strlen(why->msg));
	return (0);
}

int
pin_load(struct pin *v, const char *const *paths, const char *const *ids,
    size_t n, struct archive *a, struct err *e)
{
	struct loading	 l = { .v = v, .ids = ids, .a = a };
	struct err	 why;

	memset(v, 0, n * sizeof(*v));
	while (l.at < n) {
		why = (struct err)ERR_INIT;
		if (store_load(a->store, paths + l.at, n - l.at, SIGN_MAX,
		    on_text, &l, &why) == 0)
			break;
		if (l.at >= n || refused(&v[l.at], a, &why, e))
			return (err_set(e, why.kind, "%s", why.msg));
		l.at++;
	}
	return (0);
}
