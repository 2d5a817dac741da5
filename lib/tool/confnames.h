/* SPDX-License-Identifier: ISC */
#ifndef TOOL_CONFNAMES_H
#define TOOL_CONFNAMES_H

#include <stddef.h>

#include "base/err.h"
#include "crypt/head.h"

/*
 * A list of repositories by the names of their sections, as the key
 * "repositories" and the option --repository have it: "near, far".
 */
#define CONFNAMES_MAX	8

struct confnames {
	char		 name[CONFNAMES_MAX][HEAD_SERVER_MAX + 1];
	size_t		 n;
};

/*
 * Read a list; blanks around names do not matter.  ERR_CONFIG if a name could
 * be no server's name either, if one occurs twice, or if there are none or
 * more than CONFNAMES_MAX.
 */
int	 confnames_parse(struct confnames *, const char *text, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* TOOL_CONFNAMES_H */
