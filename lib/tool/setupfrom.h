/* SPDX-License-Identifier: ISC */
#ifndef TOOL_SETUPFROM_H
#define TOOL_SETUPFROM_H

#include <stddef.h>

#include "base/err.h"
#include "tool/opt.h"

/*
 * What another tool's configuration says in our words: a barman.conf or
 * pgbackrest.conf (sections; the common one, and the server's, which wins), or
 * a file of variables as WAL-G takes them.
 *
 * Nothing is taken that two tools must not share, such as a slot or a
 * repository, and no value of what has no equal is kept: it may be a secret.
 */
struct setupfrom {
	char	**found;		/* "key=value", of ours */
	size_t	  nfound;
	char	**rest;			/* their names that have no equal */
	size_t	  nrest;
};

/*
 * Read "path".  ERR_CONFIG if it cannot be read, has a line that is none of
 * these, or has sections of servers and none is "server".  The caller calls
 * setupfrom_free() in any case, with *f zeroed before.
 */
int	 setupfrom_read(struct setupfrom *f, const char *path,
	    const char *server, struct err *e)
	    __attribute__((warn_unused_result, nonnull));
void	 setupfrom_free(struct setupfrom *f);

/*
 * Read "path", append to "set" what that lacks, and print both lists, but no
 * password.  The texts stay *f's.
 */
int	 setupfrom(struct setupfrom *f, struct opt_list *set,
	    const char *path, const char *server, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

#endif /* TOOL_SETUPFROM_H */
