/* SPDX-License-Identifier: ISC */
#ifndef PUSHER_PUSHNEWEST_H
#define PUSHER_PUSHNEWEST_H

#include <stddef.h>
#include <stdint.h>

#include "pg/walname.h"

/*
 * The newest segment of each timeline that the pool has made durable, until it
 * is handed on: a handful of timelines at most, since one process serves one
 * cluster.  All zero is empty.
 */
#define PUSHNEWEST_MAX	8

struct pushnewest {
	char		 name[PUSHNEWEST_MAX][WALNAME_TEXT];
	size_t		 n;
	int64_t		 due;		/* not to be handed on before, ms */
};

/* Note a file; ignored if it is no segment, or there is no room. */
void	 pushnewest_add(struct pushnewest *p, const char *name)
	    __attribute__((nonnull));

/*
 * Take what is there out, into "to", if it is due at "now".  The next time it
 * is due is PUSHNEWEST_MS later.  Returns 1, or 0 if there is nothing.
 */
#define PUSHNEWEST_MS	60000
int	 pushnewest_take(struct pushnewest *p, struct pushnewest *to,
	    int64_t now) __attribute__((nonnull, warn_unused_result));

#endif /* PUSHER_PUSHNEWEST_H */
