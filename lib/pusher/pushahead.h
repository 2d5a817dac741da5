/* SPDX-License-Identifier: ISC */
#ifndef PUSHER_PUSHAHEAD_H
#define PUSHER_PUSHAHEAD_H

#include <stddef.h>

#include "pg/walname.h"
#include "pusher/ready.h"

/*
 * The names of files that are to be pushed ahead, in order: those of the last
 * listing, and before them up to PUSHAHEAD_BACK that were taken out and put
 * back.  Empty after pushahead_clear(), not before.
 */
#define PUSHAHEAD_BACK	256

struct pushahead {
	char		 name[PUSHAHEAD_BACK + READY_MAX][WALNAME_TEXT];
	size_t		 first, end;
};

/* Whether a WAL file's name is that of a segment. */
int	 pushahead_is_segment(const char *name)
	    __attribute__((warn_unused_result, nonnull));

/* Whether "a" and "b" are segments of one timeline, "a" before "b". */
int	 pushahead_is_before(const char *a, const char *b)
	    __attribute__((warn_unused_result, nonnull));

void	 pushahead_clear(struct pushahead *) __attribute__((nonnull));

/* Add a name at the end; at most READY_MAX after a clear. */
void	 pushahead_add(struct pushahead *, const char name[WALNAME_TEXT])
	    __attribute__((nonnull));

/* Take out the first: 1 with its name, or 0 if the list is empty. */
int	 pushahead_take(struct pushahead *, char name[WALNAME_TEXT])
	    __attribute__((warn_unused_result, nonnull));

/* Put a name in front: 1, or 0 if there is no room. */
int	 pushahead_put_back(struct pushahead *, const char name[WALNAME_TEXT])
	    __attribute__((warn_unused_result, nonnull));

/* Take out that name, or all segments behind it on its timeline. */
void	 pushahead_drop(struct pushahead *, const char *name)
	    __attribute__((nonnull));
void	 pushahead_drop_behind(struct pushahead *, const char *name)
	    __attribute__((nonnull));

/* How many names there are, and whether one is a segment before "name". */
size_t	 pushahead_count(const struct pushahead *) __attribute__((nonnull));
int	 pushahead_has_before(const struct pushahead *, const char *name)
	    __attribute__((nonnull));

#endif /* PUSHER_PUSHAHEAD_H */
