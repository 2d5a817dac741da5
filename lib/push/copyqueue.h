/* SPDX-License-Identifier: ISC */
#ifndef PUSH_COPYQUEUE_H
#define PUSH_COPYQUEUE_H

#include <stdint.h>

#include "base/crew.h"
#include "push/copyfile.h"

/*
 * The files of a copier that were added and not yet reported, in the order in
 * which they were added.  The copier's thread puts files in at the tail and
 * takes them out at the head once they are complete.  In between, jobs take
 * pieces and copy them.
 *
 * The lock is the crew's.  Every function but copyqueue_free() takes it, so
 * none may be called under it.
 */
struct copyqueue {
	struct crew	*crew;		/* borrowed; the caller sets it */

	/* Under the crew's lock, and zero at first. */
	struct copyfile	*head, *tail;	/* owned */
	struct copyfile	*next;		/* no file before it has pieces that
					   were not handed out */
	unsigned	 files;		/* in the queue */
	unsigned	 pieces;	/* of them, not yet copied; of a
					   stream's files those that came */
	uint64_t	 held;		/* bytes of pieces that came from a
					   stream and are not yet copied */
	unsigned	 published;	/* jobs that have ended well */
	int		 closed;	/* nothing will be added any more */
	struct copyfile_result sum;	/* counts of all pieces; end and
					   newest are not used */
	uint64_t	 stored;	/* bytes, by the jobs that ended well */
};

/* What a job is to do next. */
enum copyqueue_task {
	COPYQUEUE_PIECE,	/* copy a piece */
	COPYQUEUE_IDLE,		/* none came for COPYQUEUE_IDLE_MS; ask again */
	COPYQUEUE_END		/* none will come any more */
};
#define COPYQUEUE_IDLE_MS	5000

struct copyqueue_piece {
	struct copyfile	*file;		/* NULL: none */
	unsigned	 no;
	struct copyfile_result result;	/* the job sets it */
};

/*
 * For jobs: hand back the piece that was copied, if "file" is not NULL, and
 * wait for another one.  The file of the former may vanish at once.
 */
enum copyqueue_task copyqueue_next(struct copyqueue *,
	    struct copyqueue_piece *);

/* For jobs: the last pack is published; all packs have "stored" bytes. */
void	 copyqueue_published(struct copyqueue *, uint64_t stored);

/* For the copier: add a file that copyfile_open() has opened; takes it. */
void	 copyqueue_put(struct copyqueue *, struct copyfile *);

/*
 * For the copier: the next piece of the file at the tail, which is streamed,
 * has come: "n" bytes at "mem", which is taken.
 */
void	 copyqueue_feed(struct copyqueue *, uint8_t *mem, size_t n);

/* For the copier: no file will follow; jobs end once all is copied. */
void	 copyqueue_close(struct copyqueue *);

/* For the copier: take out the file at the head; NULL if it is incomplete. */
struct copyfile *copyqueue_pop(struct copyqueue *);

/* What the copier can wait for. */
enum copyqueue_state {
	COPYQUEUE_ROOM,		/* there is room for one more file */
	COPYQUEUE_MEMORY,	/* there is for a stream's next piece */
	COPYQUEUE_EMPTY,	/* all that was put in was taken out */
	COPYQUEUE_ENDED		/* all "jobs" have published */
};

/*
 * For the copier: returns 1 if the state is reached.  If not, it waits for a
 * change, at most a second, and returns 0; or -1 with the error of a job that
 * failed.
 */
int	 copyqueue_wait(struct copyqueue *, enum copyqueue_state,
	    unsigned jobs, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Release the files.  Only after the crew has ended. */
void	 copyqueue_free(struct copyqueue *);

#endif /* PUSH_COPYQUEUE_H */
