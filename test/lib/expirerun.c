/* SPDX-License-Identifier: ISC */
/* One expiry, whole. */
#include "catalogue/catalogue.h"
#include "expirerun.h"

int
expirerun(struct archive *a, const struct expire_conf *conf,
    struct expire_result *r, struct err *e)
{
	struct catalogue	*c = NULL;
	struct expire		*x = NULL;
	int			 rc;

	rc = catalogue_load(&c, a, e) || expire_plan(&x, a, c, conf, e) ||
	    expire_run(x, a, r, e) ? -1 : 0;
	expire_free(x);
	catalogue_free(c);
	return (rc);
}
