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
 * One job of a verification: a connection of its own, over which it asks for
 * several items ahead and looks at one after the other.
 */

/* What the jobs share with those that hand in work. */
struct verifyjob_desk {
	struct crew		*crew;
	/* Where the objects lie, and the key that opens them. */
	const struct store_conf	*store;
	const struct key	*key;
	const char		*server;
	uint64_t		 system_id;
	/* Where CONTENT and HASH are looked up first; may be NULL. */
	struct proved		*proved;

	/* Under the crew's lock. */
	struct verifyitem_queue	 todo, done;
};

/*
 * For crew_start(): take items from desk->todo (CREW_WORK says that there are
 * some) and put them to desk->done (CREW_DONE) once they were looked at,
 * until the crew stops.  Fails with ERR_LOCAL, or with ERR_REMOTE if the
 * repository cannot be reached or one object after the other cannot be read.
 */
int	 verifyjob_run(void *desk, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* VERIFY_VERIFYJOB_H */
