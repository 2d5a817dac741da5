/* SPDX-License-Identifier: ISC */
#ifndef CHECK_CHECKRECEIVE_H
#define CHECK_CHECKRECEIVE_H

#include "check/checkfacts.h"
#include "check/checkreport.h"

/*
 * The checks of wal-receive, as backup-check(1) has them.  The receiver's reads
 * from the repository what is there of a segment, and fails as it does.
 */
int	 checkreceive_receiver(const struct checkfacts *,
	    struct checkreport *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 checkreceive_slot(const struct checkfacts *, struct checkreport *)
	    __attribute__((nonnull));

/*
 * For how long WAL was not received, as receiving_seconds() (plan/receiving.h)
 * has it; 0 also if there is no slot.
 */
int	 checkreceive_since(const struct checkfacts *, uint64_t *seconds)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CHECK_CHECKRECEIVE_H */
