/* SPDX-License-Identifier: ISC */
#ifndef CLUSTER_PGARCHIVING_H
#define CLUSTER_PGARCHIVING_H

#include "base/err.h"

/*
 * The settings by which a server archives its WAL: what they are, and what has
 * to change.
 */
#define PGARCHIVING_VALUE	1024
#define PGARCHIVING_MAX		4

struct pgarchiving_setting {
	const char	*name;
	char		 value[PGARCHIVING_VALUE];	/* that it must have */
	int		 restart;	/* it needs one */
};

struct pgarchiving {
	/* Those that differ from what is wanted, in order. */
	struct pgarchiving_setting	 change[PGARCHIVING_MAX];
	size_t				 n;
	/*
	 * The archive_command or archive_library of somebody else, or of
	 * wal-push with other arguments, which must not be changed unasked;
	 * "": none.
	 */
	char				 other[PGARCHIVING_VALUE];
	int				 restart;	/* one is due, by
							   these or earlier
							   changes */
};

/*
 * Ask the server what it has, and compare with "command" as archive_command.
 * Any role may ask; "conninfo" is libpq's.  Failures are those of pgsession.h.
 */
int	 pgarchiving_ask(struct pgarchiving *, const char *conninfo,
	    const char *command, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Make the changes by ALTER SYSTEM, and have the server read them: those that
 * need no restart count from then on.  Takes a superuser.
 */
int	 pgarchiving_apply(const struct pgarchiving *, const char *conninfo,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* "ALTER SYSTEM SET archive_mode = 'on'"; ERR_LOCAL if "size" is too small. */
int	 pgarchiving_sql(char *buf, size_t size,
	    const struct pgarchiving_setting *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CLUSTER_PGARCHIVING_H */
