/* SPDX-License-Identifier: ISC */
#ifndef TOOL_SYSTEMS_H
#define TOOL_SYSTEMS_H

#include "crypt/key.h"
#include "repo/archive.h"
#include "repo/layout.h"
#include "tool/conf.h"
#include "tool/opt.h"

/*
 * A server may have had several clusters, one after the other: each system
 * identifier below ROOT/SERVER is one.  These functions look at all of them,
 * over one connection.
 */

/* Called for one cluster; returns 0, or -1 with its own error to stop. */
typedef int	 systems_each(void *arg, struct archive *, struct err *);

/*
 * What lies beside the clusters under names like theirs and is none
 * (clusterids.h) is a finding: it is printed on stderr, and *found is set.
 */
struct systems_odd {
	const char	*program;
	int		*found;
};

/*
 * Call "each" for all clusters of the server.  With "odd" NULL what is none is
 * passed over in silence.  A cluster that cannot be read, or is damaged, does
 * not hide the others: they are visited, too, and the first failure is the
 * result.  ERR_ABSENT if the repository holds nothing of the server.
 */
int	 systems_visit(const struct server_conf *, const struct key *,
	    systems_each *each, struct systems_odd *odd, void *arg,
	    struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 3, 6)));

/*
 * Check that one of the server's clusters has each of these backups, so that
 * a slip in a name is noticed before anything is done.  In place of the word
 * "latest" the list gets the id of the newest backup, which is written to
 * "latest" unless an earlier call did (then it is no empty string); so all
 * calls mean the same one.  ERR_USAGE, with "option" in front, if one is
 * missing.  Nothing is asked for an empty list.  With "refused", a backup whose
 * label is refused counts as well.
 */
int	 systems_need(const struct server_conf *, const struct key *,
	    struct opt_list *ids, int refused, const char *option,
	    char latest[LAYOUT_ID], struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The id of the newest backup of all clusters.  ERR_ABSENT if the server has
 * no backup.
 */
int	 systems_latest(const struct server_conf *, const struct key *,
	    char id[LAYOUT_ID], struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Find the one cluster that has timeline "tli": a history, WAL or a backup.
 * With *system_id not 0 only that cluster is looked at; else it is set.
 * ERR_USAGE if none has it, or several do.
 */
int	 systems_timeline(const struct server_conf *, const struct key *,
	    uint32_t tli, uint64_t *system_id, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* TOOL_SYSTEMS_H */
