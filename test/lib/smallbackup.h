/* SPDX-License-Identifier: ISC */
#ifndef TEST_SMALLBACKUP_H
#define TEST_SMALLBACKUP_H

#include "backup/label.h"
#include "repoenv.h"

#define SMALLBACKUP_CHUNK	65536
#define SMALLBACKUP_BYTE	'd'

/*
 * Publish a backup REPOENV_ID without its label, for a repository that has a
 * marker: PG_VERSION ("15\n"), base/1 (SMALLBACKUP_CHUNK times
 * SMALLBACKUP_BYTE), and global/pg_control of a cluster REPOENV_SYSTEM that was
 * shut down.  If *l has a tablespace, which is number 5, there is also
 * PG_15_1/1 in that, like base/1.  What the label must say goes into *l.
 */
void	 smallbackup_put(const struct repoenv *env, struct label *l);

#endif /* TEST_SMALLBACKUP_H */
