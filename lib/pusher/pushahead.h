/* SPDX-License-Identifier: ISC */
#ifndef PUSHER_PUSHAHEAD_H
#define PUSHER_PUSHAHEAD_H

#include <stddef.h>

#include "pg/walname.h"
#include "pusher/ready.h"

/*
 * The names of files that are to be pushed ahead, in order: those of the last
 * listing, and in front of them up to PUSHAHEAD_BACK that were taken and put
 * back.  It must be made empty by pushahead_clear() first.
 */
#define PUSHAHEAD_BACK	256

struct pushahead {
	char		 name[PUSHAHEAD_BACK + READY_MAX][WALNAME_TEXT];
	size_t		 first, end;
};

/* Whether a WAL file's name is that of a segment: 1 or 0. */
int	 pushahead_is_segment(const char *name)
	    __attribute__((warn_unused_result, nonnull));

/* Whether "a" and "b" are segments of one timeline, "a" before "b". */
int	 pushahead_is_before(const char *a, const char *b)
	    __attribute__((warn_unused_result, nonnull));

void	 pushahead_clear(struct pushahead *l) __attribute__((nonnull));

/* Add a name at the end; at most READY_MAX times after a clear. */
void	 pushahead_add(struct pushahead *l, const char name[WALNAME_TEXT])
	    __attribute__((nonnull));

/* Take out the first name.  Returns 1 with it, or 0 if there is none. */
int	 pushahead_take(struct pushahead *l, char name[WALNAME_TEXT])
	    __attribute__((warn_unused_result, nonnull));

/* Put a name in front.  Returns 1, or 0 if there is no room. */
int	 pushahead_put_back(struct pushahead *l,
	    const char name[WALNAME_TEXT])
	    __attribute__((warn_unused_result, nonnull));

/* Take out that name, if it is there. */
void	 pushahead_drop(struct pushahead *l, const char *name)
	    __attribute__((nonnull));

/* Take out all segments behind "name" on its timeline. */
void	 pushahead_drop_behind(struct pushahead *l, const char *name)
	    __attribute__((nonnull));

/* The number of names. */
size_t	 pushahead_count(const struct pushahead *l) __attribute__((nonnull));

/* Whether there is a segment before "name" on its timeline: 1 or 0. */
int	 pushahead_has_before(const struct pushahead *l, const char *name)
	    __attribute__((nonnull));

#endif /* PUSHER_PUSHAHEAD_H */
