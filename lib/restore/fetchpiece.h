/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_FETCHPIECE_H
#define RESTORE_FETCHPIECE_H

#include <stddef.h>
#include <stdint.h>

#include "backup/pack.h"

/*
 * A piece is what a fetcher hands to a job: some neighbouring chunks of one
 * file, at most FETCHPIECE_CHUNKS and about FETCHPIECE_BYTES of plaintext.
 * No locks are taken here; failures to write are ERR_LOCAL.
 */
#define FETCHPIECE_CHUNKS	16
#define FETCHPIECE_BYTES	((uint64_t)4 << 20)

/* An open file that pieces are written to. */
struct fetchpiece_target {
	int		 fd;
	char		*path;		/* for messages */
	int64_t		 mtime_us;
	int		 over;		/* it had content */
	unsigned	 holders;	/* pieces, and the one who adds them */
	int		 differs;	/* from what it had */
};

struct fetchpiece {
	struct fetchpiece *next;	/* in a queue */
	struct fetchpiece_target *to;	/* borrowed */
	unsigned	 n;
	uint64_t	 bytes;		/* of all chunks */
	struct {
		const char	*id;	/* backup; borrowed */
		const char	*diff_id; /* the same, of its difference */
		struct pack_ref	 ref;
		int		 based;	/* the file has the base */
		uint64_t	 off;	/* in the file */
		uint32_t	 len;
	}		 chunk[FETCHPIECE_CHUNKS];
};

/* First in, first out; begins as zeros. */
struct fetchpiece_queue {
	struct fetchpiece *head, *tail;
	unsigned	 n;
};

/* Owns "fd" only if it succeeds.  One holder: the caller. */
int	 fetchpiece_target_new(struct fetchpiece_target **, int fd,
	    const char *path, int64_t mtime_us, int over, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Set its time, unless "dry", close and release it, also after a failure. */
int	 fetchpiece_target_close(struct fetchpiece_target *, int dry,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * A piece without chunks.  The caller counts it among the holders of the
 * target, and releases it by free().
 */
int	 fetchpiece_new(struct fetchpiece **, struct fetchpiece_target *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Whether one more chunk, of "len" bytes, is too much for the piece. */
int	 fetchpiece_full(const struct fetchpiece *, uint32_t len)
	    __attribute__((nonnull));
void	 fetchpiece_add(struct fetchpiece *, const char *id,
	    const char *diff_id, const struct pack_ref *, uint64_t off,
	    uint32_t len) __attribute__((nonnull));

void	 fetchpiece_put(struct fetchpiece_queue *, struct fetchpiece *)
	    __attribute__((nonnull));
/* NULL if the queue is empty. */
struct fetchpiece *fetchpiece_get(struct fetchpiece_queue *)
	    __attribute__((nonnull));

/* Ask for all chunks, and later take them and write them to the file. */
int	 fetchpiece_ask(const struct fetchpiece *, struct pack_reader *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 fetchpiece_fill(const struct fetchpiece *, struct pack_reader *,
	    void *buf, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* What fetchpiece_compare() found, in bytes; the rest is left to fetch. */
struct fetchpiece_found {
	uint64_t	 right;		/* as the backup has them */
	uint64_t	 settled;	/* differed, and are zeros now; when
					   dry, all that differ */
};

/*
 * Compare the chunks with the file's content, by their hash, and take out of
 * the piece those that need not be fetched.  Where the file has the base of a
 * chunk, only the difference is fetched.  Chunks of zeros that differ are
 * written here.  With "dry" nothing is written, and no chunk stays.
 */
int	 fetchpiece_compare(struct fetchpiece *, int dry, uint8_t *buf,
	    struct fetchpiece_found *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* RESTORE_FETCHPIECE_H */
