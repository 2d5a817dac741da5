/* SPDX-License-Identifier: ISC */
#ifndef PUSHER_PUSHKNOWN_H
#define PUSHER_PUSHKNOWN_H

#include <stddef.h>

#include "pg/walname.h"
#include "pusher/pushid.h"

/*
 * What became of names.  As long as its .ready file exists a name is listed
 * again and again, so it is kept after its result was given out, too.  The
 * newest PUSHKNOWN_MAX names are remembered; all zero is empty.
 */
#define PUSHKNOWN_MAX	256

enum pushknown_state {
	PUSHKNOWN_AHEAD,	/* pushed ahead: counts for one request */
	PUSHKNOWN_TOLD,		/* durable; does not count for requests */
	PUSHKNOWN_HOPELESS	/* nothing to do until it is asked for */
};

struct pushknown {
	char			 name[WALNAME_TEXT];	/* "": free */
	enum pushknown_state	 state;
	struct pushid		 id;
};

struct pushknown_ring {
	struct pushknown	 known[PUSHKNOWN_MAX];
	size_t			 next;
};

/* What is known of that name, or NULL. */
struct pushknown *pushknown_find(struct pushknown_ring *, const char *name)
	    __attribute__((warn_unused_result, nonnull));

/* Note down, or replace, what became of a name; the oldest makes room. */
void	 pushknown_set(struct pushknown_ring *, const char name[WALNAME_TEXT],
	    enum pushknown_state, const struct pushid *)
	    __attribute__((nonnull));

#endif /* PUSHER_PUSHKNOWN_H */
