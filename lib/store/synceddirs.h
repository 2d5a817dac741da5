/* SPDX-License-Identifier: ISC */
#ifndef STORE_SYNCEDDIRS_H
#define STORE_SYNCEDDIRS_H

#include <stddef.h>
#include <stdint.h>

/*
 * The directories that are known to be durable up to the root: this store has
 * fsynced every directory above them since they were there.  The memory is
 * bounded.  Forgetting one costs needless fsyncs, and never breaks a promise.
 */
#define SYNCEDDIRS_MAX	32

/*
 * Which directory it is, where the back end can tell: a number may be used
 * again for a later one, a number and a time of birth are not.
 */
struct synceddirs_id {
	uint64_t	 dev, ino;
	int64_t		 sec;
	uint32_t	 nsec;
};

struct synceddirs {
	char		*dir[SYNCEDDIRS_MAX];	/* NULL: free */
	struct synceddirs_id id[SYNCEDDIRS_MAX];	/* zeros: not known */
	size_t		 next;		/* to be overwritten next */
};

int	 synceddirs_has(const struct synceddirs *, const char *dir);
void	 synceddirs_add(struct synceddirs *, const char *dir);
void	 synceddirs_clear(struct synceddirs *);

/*
 * Say which directory "dir" is now.  If it is another one than before, all is
 * forgotten: expiry removed that one, and the process that made this one may
 * have died before it fsynced the directories above.  synceddirs_add() does not
 * know it; call this again after that.
 */
void	 synceddirs_now(struct synceddirs *, const char *dir,
	    const struct synceddirs_id *);

/*
 * Cut "dir", a full path, to the directory above it.  Returns 1, or 0 with
 * "dir" unchanged if that would be above the parent of "root".  The parent
 * itself counts, since its entry for the root may be new.
 */
int	 synceddirs_up(char *dir, const char *root);

#endif /* STORE_SYNCEDDIRS_H */
