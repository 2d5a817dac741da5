/* SPDX-License-Identifier: ISC */
#ifndef COPY_COPYLANE_H
#define COPY_COPYLANE_H

#include <stdint.h>

#include "base/crew.h"
#include "copy/copy_conf.h"
#include "copy/copyitem.h"

/*
 * The jobs of a copy: threads, each with a connection to either side.  One of
 * them begins with the WAL, and the others with packs and manifests; who has
 * no more of these helps with the WAL, a run of it at a time.  A WAL file gets
 * its name only after all those before it that can be copied.
 */
struct copylane_desk {
	const struct copy_conf *conf;	/* borrowed */
	struct crew	*crew;		/* borrowed; what follows is touched
					 * under its lock */
	struct copyitem_list wal, packs;
	size_t		 next_wal, next_pack;
	size_t		 settled;	/* WAL files, the first ones, that have
					 * their names or will not get them */
	unsigned	 running;	/* jobs; the crew is told of each end */
	uint64_t	 bytes;		/* that were sent so far */
};

/* One of them; "desk" is a struct copylane_desk.  For crew_start(). */
int	 copylane_run(void *desk, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* COPY_COPYLANE_H */
