/* SPDX-License-Identifier: ISC */
#ifndef CHECK_FACTRUN_H
#define CHECK_FACTRUN_H

#include "check/checkfacts.h"

/*
 * Look at the directories of backups without a label, if the repository was
 * listed: sets "run".  Those that expiry has withdrawn are left out, and those
 * that began before the newest backup that counts: that one has resumed them.
 * A failure becomes the reason why the repository is not known.
 */
void	 factrun_look(struct checkfacts *) __attribute__((nonnull));

#endif /* CHECK_FACTRUN_H */
