/* SPDX-License-Identifier: ISC */
#ifndef PUSHER_PUSHID_H
#define PUSHER_PUSHID_H

#include <sys/stat.h>

/*
 * Which file it is, and which content, as far as fstat(2) can say.  Whatever
 * is written to a file, and whatever takes its place, changes one of these.
 */
struct pushid {
	dev_t		 dev;
	ino_t		 ino;
	off_t		 size;		/* bytes */
	struct timespec	 mtime, ctime;
};

struct pushid pushid_of(const struct stat *st) __attribute__((nonnull));

/* Whether both are the same file with the same content: 1 or 0. */
int	 pushid_same(const struct pushid *a, const struct pushid *b)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PUSHER_PUSHID_H */
