/* SPDX-License-Identifier: ISC */
/* Tampering with what lies on the storage host. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"
#include "simdisk.h"
#include "simpg.h"
#include "simstore.h"
#include "simthief.h"

#define PLACE	SIMSTORE_ROOT "/" SIMPG_SERVER "/7"

/* What stands in a node for a while. */
struct content {
	char	*p;
	size_t	 n;
};

static struct content
copy_of(const struct simnode *d, size_t n)
{
	struct content	 c = { calloc(1, n + 1), n };

	if (c.p == NULL)
		abort();
	memcpy(c.p, d->data, n < d->n ? n : d->n);
	return (c);
}

static struct content
altered(const struct simnode *d, const struct simnode *other)
{
	struct content	 c;

	switch (sim_rand(4)) {
	case 0:
		c = copy_of(d, d->n);
		if (c.n > 0)
			c.p[sim_rand(c.n)] ^= (char)(1 << sim_rand(8));
		return (c);
	case 1:
		return (copy_of(d, d->n == 0 ? 0 : sim_rand(d->n)));
	case 2:
		return (copy_of(d, d->n + 1 + sim_rand(100)));
	default:
		return (copy_of(other, other->n));
	}
}

/* Pins are not signed: whoever may alter them may also expire. */
static int
is_pin(const struct simnode *d)
{
	return (d->n > 12 && memcmp(d->data, "seawall pin ", 12) == 0);
}

void
simthief_run(struct simprogram *p)
{
	const char	*dir = sim_chance(2) ? PLACE "/base" : PLACE "/wal";
	const char	*path = simdisk_any(dir), *from;
	struct simnode	*d;
	struct content	 was, now;

	(void)p;
	if (path == NULL)
		return;
	d = simdisk_find(path);
	from = simdisk_any(dir);
	if (is_pin(d) || is_pin(simdisk_find(from)))
		return;
	now = altered(d, simdisk_find(from));
	sim_say("tampers with %s, as %s", path + strlen(PLACE) + 1,
	    from + strlen(PLACE) + 1);
	was = (struct content){ d->data, d->n };
	simdisk_ref(d);
	d->data = now.p;
	d->n = now.n;
	sim_sleep((int64_t)sim_rand(4 * SIM_HOUR));
	free(d->data);
	d->data = was.p;
	d->n = was.n;
	sim_say("puts it back");
	simdisk_unref(d);
	p->done++;
}
