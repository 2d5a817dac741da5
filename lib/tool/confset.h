/* SPDX-License-Identifier: ISC */
#ifndef TOOL_CONFSET_H
#define TOOL_CONFSET_H

#include <stddef.h>

#include "base/err.h"
#include "tool/confkey.h"
#include "tool/opt.h"

/* The options --set KEY=VALUE, which win over the files. */

/*
 * Put their values into the configuration.  ERR_USAGE if one is no KEY=VALUE,
 * if its key is used before --set is looked at, or if it would give one address
 * to a repository that has a name.
 */
int	 confset_apply(struct server_conf *, const struct opt_list *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* What the last of them sets the key with that index to; NULL: none does. */
const char *confset_value(const struct opt_list *, size_t key)
	    __attribute__((nonnull));

#endif /* TOOL_CONFSET_H */
