/* SPDX-License-Identifier: ISC */
#ifndef SHOW_BACKUPJSON_H
#define SHOW_BACKUPJSON_H

#include "base/jval.h"
#include "show/showbackup.h"

/* Make a JSON object of the listing of backup-show; the caller frees it. */
int	 backupjson_make(struct jval **, const struct showbackup *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* SHOW_BACKUPJSON_H */
