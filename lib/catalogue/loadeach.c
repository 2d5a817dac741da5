/* SPDX-License-Identifier: ISC */
/*
 * Reading many files in one flight.  store_load() ends with the first file
 * that cannot be read, so it is called again for those behind that file.
 */
#include "catalogue/loadeach.h"
#include "crypt/sign.h"
#include "repo/marker.h"

struct loading {
	const struct loadeach	*how;
	size_t			 at;	/* all before this one are done */
	int			 stopped;	/* by how->each */
};

static int
on_file(void *arg, size_t i, const uint8_t *data, size_t n, struct err *e)
{
	struct loading	*l = arg;

	(void)i;			/* counts from the last start */
	if (l->how->each(l->how->arg, l->at, data, n, e)) {
		l->stopped = 1;
		return (-1);
	}
	l->at++;
	return (0);
}

/*
 * Whether the file alone is the trouble: the marker can be read now, so the
 * repository is reachable.
 */
static int
is_its_own(struct archive *a, const struct err *why)
{
	struct marker	 m;
	struct err	 ignore = ERR_INIT;

	return (why->kind != ERR_LOCAL && marker_look(&m, a, &ignore) == 0);
}

int
loadeach_run(const struct loadeach *how, struct archive *a,
    const char *const *paths, size_t n, struct err *e)
{
	struct loading	 l = { .how = how };
	struct err	 why;

	while (l.at < n) {
		why = (struct err)ERR_INIT;
		if (store_load(a->store, paths + l.at, n - l.at, SIGN_MAX,
		    on_file, &l, &why) == 0)
			break;
		if (l.stopped || l.at >= n || !is_its_own(a, &why))
			return (err_set(e, why.kind, "%s", why.msg));
		if (how->refused(how->arg, l.at, &why, e))
			return (-1);
		l.at++;
	}
	return (0);
}
