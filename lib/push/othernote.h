/* SPDX-License-Identifier: ISC */
#ifndef PUSH_OTHERNOTE_H
#define PUSH_OTHERNOTE_H

#include "reuse/reuse.h"

/*
 * While a cluster has no backup, base-push mentions the other clusters that
 * its server has had.  Many answers are waited for to find that out, so a
 * thread with a connection of its own asks, while the backup is under way.
 * Nothing is asked where a list in state_dir shows an earlier backup, or where
 * the backup to compare with is named.
 */
struct othernote;

/*
 * Begin to ask.  Of "warm" only the conditions of the connection are used;
 * these must outlive the result.  Returns 0, with NULL where nothing is asked,
 * or -1 if memory or threads run out (ERR_LOCAL).
 */
int	 othernote_start(struct othernote **out, const struct reuse_conf *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Wait for the answer, call conf->note with it if there is something to say,
 * and release everything.  Whether this cluster has a backup must be asked
 * before it gets one, so end this before the label is published.  A failure to
 * find out is silent: nothing depends on it.  NULL is fine.
 */
void	 othernote_end(struct othernote *);

#endif /* PUSH_OTHERNOTE_H */
