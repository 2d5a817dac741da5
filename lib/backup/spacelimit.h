/* SPDX-License-Identifier: ISC */
#ifndef BACKUP_SPACELIMIT_H
#define BACKUP_SPACELIMIT_H

#include <stddef.h>
#include <stdint.h>

#include "backup/label.h"
#include "base/bucket.h"
#include "base/err.h"

/*
 * How fast the files of single tablespaces may be read or written: the setting
 * tablespace_bandwidth_limit, "NAME:KBPS,NAME:KBPS", with rates in kB/s of
 * 1024 bytes.  A tablespace may also be given by its OID, which is all that a
 * streamed backup knows of it.
 *
 *	spacelimit_parse(&s, "tbs01:4096,16400:2048", e)
 *	spacelimit_find(s, label)	once its tablespaces are known
 *	b = spacelimit_bucket(s, "pg_tblspc/16390/PG_17_202406281/5/16391")
 *	spacelimit_free(s)
 *
 * All that work on a tablespace share its bucket.  A struct is changed by
 * spacelimit_find() alone, which must not run beside spacelimit_bucket().
 */
#define SPACELIMITS_KBPS	UINT64_C(100000000)	/* 100 GB/s */

struct spacelimit {
	char		*name;		/* as it was written; owned */
	struct bucket	*bucket;	/* owned */
	uint32_t	 oid;		/* 0: no such tablespace was found */
};

struct spacelimits {
	struct spacelimit *v;		/* owned */
	size_t		 n;
};

/*
 * Read "text"; *out is NULL if that is empty.  ERR_CONFIG for a text that is
 * no such list, or names a tablespace twice.
 */
int	 spacelimit_parse(struct spacelimits **out, const char *text,
	    struct err *e) __attribute__((warn_unused_result, nonnull));
void	 spacelimit_free(struct spacelimits *);	/* NULL is fine */

/* Take the OIDs from the tablespaces of a label.  NULL is fine. */
void	 spacelimit_find(struct spacelimits *, const struct label *)
	    __attribute__((nonnull(2)));

/*
 * The bucket for the file at "path", relative to the data directory; NULL if
 * it has no limit.  "s" may be NULL.
 */
struct bucket	*spacelimit_bucket(const struct spacelimits *s,
		    const char *path) __attribute__((nonnull(2)));

/*
 * Describe in "buf" the first limit from *i on whose tablespace was not found,
 * with the label's tablespaces, and set *i behind it.  Returns NULL if there
 * is none.  A limit that limits nothing is no failure: the tablespace may have
 * been dropped, or may be younger than the backup.
 */
#define SPACELIMITS_TEXT	512
const char	*spacelimit_unknown(char buf[SPACELIMITS_TEXT],
		    const struct spacelimits *, const struct label *,
		    size_t *i) __attribute__((nonnull(1, 3, 4)));

#endif /* BACKUP_SPACELIMIT_H */
