/* SPDX-License-Identifier: ISC */
/* What was seen earlier and is gone now: findings of a verification. */
#include "catalogue/rollbackcheck.h"
#include "verify/verifyseen.h"

int
verifyseen_check(const struct verifyset *set, struct archive *a,
    struct verifyreport *t, struct err *e)
{
	struct rollbackcheck	 c;
	size_t			 i;

	if (t->conf->state_dir == NULL)
		return (0);
	if (rollbackcheck_run(&c, a, set->cat, t->conf->state_dir, 1, e))
		return (-1);
	if (c.note[0] != '\0')
		verifyreport_note(t, "%s", c.note);
	for (i = 0; i < c.n; i++)
		if (verifyreport_finding(t, c.v[i].object, c.means, "%s",
		    c.v[i].found))
			return (-1);
	return (0);
}
