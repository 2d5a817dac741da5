/* SPDX-License-Identifier: ISC */
#ifndef PUSHER_PUSHKNOWN_H
#define PUSHER_PUSHKNOWN_H

#include <stddef.h>

#include "pg/walname.h"
#include "pusher/pushid.h"

/*
 * What became of names: a ring of the newest PUSHKNOWN_MAX.  As long as a name
 * has a .ready file it is listed again and again, so it must be remembered
 * even after its result was given out.  All zero is empty.
 */
#define PUSHKNOWN_MAX	256

enum pushknown_state {
	PUSHKNOWN_AHEAD,	/* pushed ahead: the answer to one request */
	PUSHKNOWN_TOLD,		/* durable; a request pushes it again */
	PUSHKNOWN_HOPELESS	/* it failed, and is pushed only on request */
};

struct pushknown {
	char			 name[WALNAME_TEXT];	/* "": free */
	enum pushknown_state	 state;
	struct pushid		 id;		/* of what was pushed */
};

struct pushknown_ring {
	struct pushknown	 known[PUSHKNOWN_MAX];
	size_t			 next;
};

/* What is known of that name, or NULL.  The caller may change its state. */
struct pushknown *pushknown_find(struct pushknown_ring *r, const char *name)
	    __attribute__((warn_unused_result, nonnull));

/* Note what became of a name, in place of what was known or of the oldest. */
void	 pushknown_set(struct pushknown_ring *r,
	    const char name[WALNAME_TEXT], enum pushknown_state state,
	    const struct pushid *id) __attribute__((nonnull));

#endif /* PUSHER_PUSHKNOWN_H */
