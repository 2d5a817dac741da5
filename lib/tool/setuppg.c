/* SPDX-License-Identifier: ISC */
/* seawall-setup and PostgreSQL's settings. */
#include <stdio.h>

#include "cluster/pgarchiving.h"
#include "show/showsetup.h"
#include "tool/setupask.h"
#include "tool/setuppg.h"

int
setuppg(const char *conninfo, const char *command, int apply, int *left,
    struct err *e)
{
	const char		*to = conninfo == NULL ? "" : conninfo;
	struct pgarchiving	 p;

	if (pgarchiving_ask(&p, to, command, e))
		return (-1);
	if (p.other[0] != '\0') {
		setupask_step("PostgreSQL", "archives by another program or "
		    "server, left as it is: %.512s", p.other);
		setupask_step("", "to change over, set archive_command = "
		    "'%s'", command);
		*left = 1;
		return (0);
	}
	setupask_step("PostgreSQL", "%s", p.n == 0 ? "has all settings" :
	    apply ? "set by:" : "lacks these settings, which --apply makes:");
	if (showsetup_settings(stdout, &p, e) ||
	    (apply && p.n > 0 && pgarchiving_apply(&p, to, e)))
		return (-1);
	if (p.restart)
		setupask_step("", "PostgreSQL has to be restarted: until then "
		    "it archives nothing");
	*left |= p.restart || (!apply && p.n > 0);
	return (0);
}
