/* SPDX-License-Identifier: ISC */
#ifndef TOOL_ANSWERING_H
#define TOOL_ANSWERING_H

#include "tool/conf.h"

/*
 * Load the settings as conf_load() does, of several repositories for the first
 * that can be reached, or with "writes" for the first of these that is not
 * read_only.  One that is passed over is a note.  Only ERR_REMOTE passes one
 * over: a changed host key, for instance, is for a person to see.  If none can
 * be reached, the failure is that of the first.  With one repository nothing is
 * asked.
 */
int	 answering_load(struct server_conf *, const struct conf_source *,
	    const char *program, int writes, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* TOOL_ANSWERING_H */
