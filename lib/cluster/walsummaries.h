/* SPDX-License-Identifier: ISC */
#ifndef CLUSTER_WALSUMMARIES_H
#define CLUSTER_WALSUMMARIES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "pg/lsn.h"

/*
 * What PostgreSQL 17 and later say of the blocks that their WAL changed ("WAL
 * Summarization Information Functions" in PostgreSQL's manual).  Any role may
 * ask; pgfacts.h says whether there are any.  It is a connection of its own,
 * so that nothing that fails here touches the session of a backup.
 *
 *	if (walsummaries_open(&s, conninfo, e) ||
 *	    walsummaries_next_xid(s, &xid, e) ||
 *	    walsummaries_list(s, timeline, &wanted, &list, &n, e) ||
 *	    walsummaries_blocks(s, timeline, list, n, &how, e))
 *		goto out;
 * out:
 *	free(list);
 *	walsummaries_free(s);
 *
 * Failures are those of pgsession.h.
 */
struct walsummaries;

int	 walsummaries_open(struct walsummaries **out, const char *conninfo,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 walsummaries_free(struct walsummaries *);	/* NULL is fine */

/*
 * The number, with its epoch, behind the highest of all transactions that have
 * ended.  It only goes up.
 */
int	 walsummaries_next_xid(struct walsummaries *, uint64_t *xid,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#define WALSUMMARIES_MAX	100000

/*
 * The summaries of the timeline that hold any of the WAL that is wanted, in
 * ascending order of start.  The caller frees *list.  ERR_PG if there are more
 * than WALSUMMARIES_MAX.
 */
int	 walsummaries_list(struct walsummaries *, uint32_t timeline,
	    const struct lsn_range *wanted, struct lsn_range **list,
	    size_t *n, struct err *)
	    __attribute__((warn_unused_result, nonnull));

struct walsummaries_how {
	uint32_t	 relseg_blocks;	/* blocks in a relation's file */
	uint32_t	 chunk_blocks;	/* and in a chunk */
	const char	*version_dir;	/* in tablespaces; relpath.h */
	/*
	 * Called for each chunk of a main fork in which a block changed, with
	 * the path of its file and its number there, in ascending order of
	 * path.  "chunk" is WALSUMMARIES_WHOLE if the relation was created or
	 * truncated; then "path" is that of its first file.  It also is if the
	 * path ends with a slash: then a database came or went, with all that
	 * is below.
	 */
	int	(*each)(void *arg, const char *path, uint32_t chunk,
		    struct err *);
	void	*arg;
};
#define WALSUMMARIES_WHOLE	UINT32_MAX

/*
 * What these summaries say, all of them: it fails if one has gone, or is
 * damaged.  PostgreSQL sorts; memory does not grow here.
 */
int	 walsummaries_blocks(struct walsummaries *, uint32_t timeline,
	    const struct lsn_range *list, size_t n,
	    const struct walsummaries_how *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CLUSTER_WALSUMMARIES_H */
