/* SPDX-License-Identifier: ISC */
#ifndef WAL_OPENLIST_H
#define WAL_OPENLIST_H

#include <stdint.h>

#include "pg/walname.h"
#include "repo/archive.h"
#include "repo/layout.h"

/* The open objects of one segment (lib/FORMAT.md, 14), by a listing. */
struct openlist {
	int		 whole;		/* the segment itself is listed */
	unsigned	 n;		/* open objects */
	unsigned	 last;		/* the highest number; 0: none */
	uint8_t		 has[LAYOUT_OPEN_LAST + 1];	/* by number */
};

/* List the folder of "segment"; all of *out is set on success. */
int	 openlist_load(struct openlist *out, struct archive *,
	    const struct walname *segment, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* WAL_OPENLIST_H */
