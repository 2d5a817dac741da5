/* SPDX-License-Identifier: ISC */
/* Gathers all facts of a server in the right order. */
#include <string.h>

#include "check/factdir.h"
#include "check/factrepo.h"
#include "check/factrun.h"
#include "check/factslot.h"
#include "check/factsql.h"
#include "check/gather.h"

void
gather_facts(struct checkfacts *f, const struct check_conf *conf,
    struct gather_need need)
{
	memset(f, 0, sizeof(*f));
	f->conf = conf;
	f->newest = SIZE_MAX;
	if (need.sql || need.dir)
		factsql_ask(f);
	if (f->watched)
		factslot_ask(f, need.receiver);
	if (need.dir)
		factdir_look(f);
	if (need.repo) {
		factrepo_load(f);
		factrun_look(f);
	}
}
