/* SPDX-License-Identifier: ISC */
/* What a verification leaves for backup-check. */
#include <stdio.h>

#include "base/clock.h"
#include "check/verifyruns.h"
#include "tool/tool.h"
#include "tool/verified.h"

void
verified_keep(const char *program, const struct server_conf *c,
    const struct showfindings *s, enum verify_depth depth, const char *id,
    int complete)
{
	struct verifyrun	 run = { .at_us = clock_now_us(),
				    .depth = depth, .complete = complete,
				    .findings = s->count };
	struct err		 why = ERR_INIT;

	/* What lies beside the clusters is a finding that nobody counts. */
	if (run.findings == 0 && s->findings)
		run.findings = 1;
	(void)snprintf(run.backup, sizeof(run.backup), "%s", id == NULL ?
	    "" : id);
	(void)snprintf(run.first, sizeof(run.first), "%s", s->first);
	if (verifyruns_record(c->state_dir, c->name, &run, &why))
		tool_warn(program, "backup-check will not know of this run: "
		    "%s", why.msg);
}
