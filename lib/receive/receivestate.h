/* SPDX-License-Identifier: ISC */
#ifndef RECEIVE_RECEIVESTATE_H
#define RECEIVE_RECEIVESTATE_H

#include <stdint.h>

#include "base/err.h"

/*
 * What this host remembers of a slot: the cluster, and the last position that
 * was acknowledged to it.  It is one line of text, "SYSTEMID TIMELINE LSN", in
 * STATE_DIR/SERVER/received-SLOT.
 */
struct receivestate {
	uint64_t	 system_id;
	uint32_t	 tli;		/* 0: nothing was acknowledged */
	uint64_t	 lsn;
};

/*
 * Returns 0; 1, and *out all zero, if nothing is remembered; or -1, ERR_LOCAL,
 * also for a file that is no such line.
 */
int	 receivestate_load(struct receivestate *out, const char *state_dir,
	    const char *server, const char *slot, struct err *)
	    __attribute__((warn_unused_result, nonnull));
/* Remove it; that there is none is no failure.  ERR_LOCAL. */
int	 receivestate_forget(const char *state_dir, const char *server,
	    const char *slot, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 receivestate_save(const struct receivestate *, const char *state_dir,
	    const char *server, const char *slot, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* RECEIVE_RECEIVESTATE_H */
