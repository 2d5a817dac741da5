/* SPDX-License-Identifier: ISC */
/* What tells one file, and one content, from another. */
#include "pusher/pushid.h"

struct pushid
pushid_of(const struct stat *st)
{
	return ((struct pushid){ st->st_dev, st->st_ino, st->st_size,
	    st->st_mtim, st->st_ctim });
}

static int
same_time(const struct timespec *a, const struct timespec *b)
{
	return (a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec);
}

int
pushid_same(const struct pushid *a, const struct pushid *b)
{
	return (a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	    same_time(&a->mtime, &b->mtime) &&
	    same_time(&a->ctime, &b->ctime));
}
