/* SPDX-License-Identifier: ISC */
#ifndef SHOW_LISTJSON_H
#define SHOW_LISTJSON_H

#include "base/jval.h"
#include "show/showlist.h"

/* Append the listing of backup-list to "list" as an object. */
int	 listjson_add(struct jval *list, const struct showlist *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* SHOW_LISTJSON_H */
