/* SPDX-License-Identifier: ISC */
/* Reading many pins in one flight. */
#include <string.h>

#include "base/str.h"
#include "catalogue/pin.h"
#include "repo/loadeach.h"

struct loading {
	struct pin		*v;
	const char *const	*ids;
	const struct archive	*a;
};

static int
on_text(void *arg, size_t i, const uint8_t *data, size_t n, struct err *e)
{
	struct loading	*l = arg;

	(void)e;
	if (data != NULL)
		pin_judge(&l->v[i], data, n, l->ids[i], l->a);
	return (0);
}

/* It is in the way of expiry, and so keeps its backup. */
static int
on_unread(void *arg, size_t i, const struct err *why, struct err *e)
{
	struct pin	*p = &((struct loading *)arg)->v[i];

	(void)e;
	p->kind = PIN_UNREADABLE;
	p->until_us = PIN_FOREVER;
	(void)str_clean(p->why, sizeof(p->why), why->msg, strlen(why->msg));
	return (0);
}

int
pin_load(struct pin *v, const char *const *paths, const char *const *ids,
    size_t n, struct archive *a, struct err *e)
{
	struct loading		 l = { .v = v, .ids = ids, .a = a };
	const struct store_reading to = { on_text, on_unread, &l };

	memset(v, 0, n * sizeof(*v));
	return (loadeach_run(&to, a, paths, n, e));
}
