/* SPDX-License-Identifier: ISC */
#ifndef COPY_EXPORTSMALL_H
#define COPY_EXPORTSMALL_H

#include <stddef.h>
#include <stdint.h>

#include "backup/label.h"
#include "repo/archive.h"
#include "repo/layout.h"

/*
 * The small files of an export, in their order: the marker, the inventories
 * that are authentic, and the label.  Each is read whole and checked.
 */
struct exportsmall {
	struct exportsmall_file {
		char	 path[LAYOUT_PATH];
		uint8_t	*p;		/* owned */
		size_t	 n;
	}		*v;		/* owned */
	size_t		 n;
};

/*
 * Zeroed before; exportsmall_fini() in any case.  ERR_REMOTE if the label is
 * gone by now, ERR_CORRUPT if the marker is not authentic.
 */
int	 exportsmall_load(struct exportsmall *, struct archive *,
	    const struct label *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 exportsmall_fini(struct exportsmall *) __attribute__((nonnull));

#endif /* COPY_EXPORTSMALL_H */
