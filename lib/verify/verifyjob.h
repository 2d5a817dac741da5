/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFYJOB_H
#define VERIFY_VERIFYJOB_H

#include <stdint.h>

#include "base/crew.h"
#include "crypt/key.h"
#include "store/store.h"
#include "verify/proved.h"
#include "verify/verifyitem.h"

/*
 * One job of a verification.  It has a connection of its own, over which it
 * asks for several objects ahead and then looks at one after the other.
 */

/* The desk, over which items go to the jobs and come back from them. */
struct verifyjob_desk {
	struct crew		*crew;		/* borrowed */
	/* Where the objects lie, and the key that opens them. */
	const struct store_conf	*store;
	const struct key	*key;
	const char		*server;
	uint64_t		 system_id;
	/* The marks of what need not be read again; may be NULL. */
	struct proved		*proved;

	/* Under the crew's lock. */
	struct verifyitem_queue	 todo, done;
	const char		*skip;	/* chunks of this backup (item->of) are
					 * answered unread; or NULL */
};

/*
 * The function of a crew's thread; "desk" is a struct verifyjob_desk.  Takes
 * items from "todo", looks at them, and puts them into "done", until the crew
 * stops.  CREW_WORK wakes the jobs, CREW_DONE those that wait for them.
 *
 * What is wrong with an object is in the item and no failure.  Fails with
 * ERR_LOCAL, or with ERR_REMOTE if the repository cannot be reached or one
 * object after the other cannot be read.
 */
int	 verifyjob_run(void *desk, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* VERIFY_VERIFYJOB_H */
