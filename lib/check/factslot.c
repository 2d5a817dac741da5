/* SPDX-License-Identifier: ISC */
/* The facts of receiving: the server's slot, and this host's memory. */
#include <string.h>
#include <time.h>

#include "check/factslot.h"
#include "cluster/replslot.h"

/* A receiver connects again after a second at first. */
#define TRIES	2

/*
 * What was acknowledged is read before the repository is listed, so it must be
 * there by then.  A memory that cannot be read is none.
 */
static void
remember(struct checkfacts *f)
{
	struct err	 unused = ERR_INIT;

	if (f->conf->state_dir == NULL || receivestate_load(&f->seen,
	    f->conf->state_dir, f->conf->server, f->conf->slot,
	    &unused) != 0)
		memset(&f->seen, 0, sizeof(f->seen));
}

void
factslot_ask(struct checkfacts *f, int patient)
{
	const struct timespec	 second = { 1, 0 };
	struct err		 unused = ERR_INIT;
	int			 i;

	if (!replslot_ok(f->conf->slot)) {
		err_set(&f->slot_why, ERR_CONFIG, "slot: found \"%.64s\", "
		    "expected 1 to 63 of a-z, 0-9 and _", f->conf->slot);
		return;
	}
	for (i = 0; ; i++) {
		if (slotwatch_get(f->session, f->conf->slot, &f->slot,
		    &f->slot_why))
			return;
		if (!patient || i == TRIES || !f->slot.exists ||
		    f->slot.active || f->slot.lost)
			break;
		(void)nanosleep(&second, NULL);
	}
	f->slot_known = 1;
	remember(f);
	/* The role may see files of pg_wal if it saw those that wait. */
	if (f->watch.listed && slotother_get(f->session, f->conf->slot,
	    &f->other, &unused))
		memset(&f->other, 0, sizeof(f->other));
}
