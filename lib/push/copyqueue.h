/* SPDX-License-Identifier: ISC */
#ifndef PUSH_COPYQUEUE_H
#define PUSH_COPYQUEUE_H

#include <stdint.h>

#include "base/crew.h"
#include "push/copyfile.h"

/*
 * The files of a copier that were added and not yet reported, in the order in
 * which they were added.  The copier's thread puts them in at the end and
 * takes them out, complete, at the head; jobs take their pieces in between.
 * The lock is the crew's: every function here takes it, so none may be called
 * under it.
 */
struct copyqueue {
	struct crew	*crew;		/* borrowed; set this alone */

	/* Under the crew's lock. */
	struct copyfile	*head, *tail;	/* owned; not yet reported */
	struct copyfile	*next;		/* the first with pieces to hand out,
					   or one before it; NULL: none */
	unsigned	 files, pieces;	/* not yet reported; not yet copied */
	unsigned	 published;	/* jobs that have ended well */
	int		 closed;	/* nothing will be added any more */
	struct copyfile_result sum;	/* its counts, of all pieces */
	uint64_t	 stored;	/* by the jobs that have ended well */
};

/* Jobs: what there is to do. */
enum copyqueue_task {
	COPYQUEUE_PIECE,	/* copy a piece */
	COPYQUEUE_IDLE,		/* there was none for COPYQUEUE_IDLE_MS */
	COPYQUEUE_END		/* there will be none any more */
};
#define COPYQUEUE_IDLE_MS	5000

/* Wait for a piece: number *no of *f. */
enum copyqueue_task copyqueue_take(struct copyqueue *, struct copyfile **f,
	    unsigned *no);

/* The piece was copied. */
void	 copyqueue_done(struct copyqueue *, struct copyfile *, unsigned no,
	    const struct copyfile_result *);

/* A job has published its last pack; "stored" bytes of packs are its own. */
void	 copyqueue_published(struct copyqueue *, uint64_t stored);

/* The copier: add a file that copyfile_open() has opened; takes it. */
void	 copyqueue_put(struct copyqueue *, struct copyfile *);

/* No more files: jobs end once they have copied what there is. */
void	 copyqueue_close(struct copyqueue *);

/* Take the file at the head out if it is complete, else NULL. */
struct copyfile *copyqueue_pop(struct copyqueue *);

/* What the copier can wait for. */
enum copyqueue_state {
	COPYQUEUE_ROOM,		/* for one more file */
	COPYQUEUE_EMPTY,	/* all that was put in was taken out */
	COPYQUEUE_ENDED		/* all "jobs" have published */
};

/*
 * Whether it is so: 1, or 0 after a wait for a change of at most a second; or
 * -1 with the error of a job that failed.
 */
int	 copyqueue_wait(struct copyqueue *, enum copyqueue_state,
	    unsigned jobs, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Release the files.  Only once no job runs any more. */
void	 copyqueue_free(struct copyqueue *);

#endif /* PUSH_COPYQUEUE_H */
