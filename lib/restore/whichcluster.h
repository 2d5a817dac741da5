/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_WHICHCLUSTER_H
#define RESTORE_WHICHCLUSTER_H

#include "catalogue/catalogue.h"
#include "repo/archive.h"

/* Which of a server's clusters is restored where the user names none. */
struct whichcluster {
	struct catalogue *catalogue;	/* the caller frees it */
	uint64_t	 system_id;
	unsigned	 systems;	/* how many the server has had */
	uint64_t	 bare_id;	/* one of them that has no backup; 0 if
					   each has */
};

/*
 * Choose the cluster that has "backup", an id, or, if that is NULL, the newest
 * one of all; enter it, and load its catalogue.  With system_id other than 0
 * it is that cluster.  "a" is at the root.
 *
 * Nothing is restored in place of a later cluster that cannot be read or of
 * which no backup can be trusted, nor beside a name like that of a later one
 * that has no authentic marker: the failure says which, and how to choose with
 * --system-id.  An earlier one is no obstacle.  ERR_ABSENT if the server has
 * no cluster.
 */
int	 whichcluster_choose(struct whichcluster *, struct archive *a,
	    uint64_t system_id, const char *backup, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 5)));

#endif /* RESTORE_WHICHCLUSTER_H */
