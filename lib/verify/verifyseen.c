/* SPDX-License-Identifier: ISC */
/* What was seen earlier and is gone now: findings of a verification. */
#include <string.h>

#include "catalogue/rollbackcheck.h"
#include "verify/verifyseen.h"

/* A file that is there although it holds no WAL: its size was a finding. */
static int
is_there(const struct verifyset *set, const char *object)
{
	const char			*slash = strrchr(object, '/');
	const struct verifyset_wal	*w;
	struct walname			 name;
	struct err			 unused = ERR_INIT;

	if (slash == NULL || walname_parse(slash + 1, &name, &unused))
		return (0);
	w = verifyset_wal(set, &name);
	return (w != NULL && w->bad);
}

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
		if (!is_there(set, c.v[i].object) &&
		    verifyreport_finding(t, c.v[i].object, c.means, "%s",
		    c.v[i].found))
			return (-1);
	return (0);
}
