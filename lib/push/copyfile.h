/* SPDX-License-Identifier: ISC */
#ifndef PUSH_COPYFILE_H
#define PUSH_COPYFILE_H

#include <stdatomic.h>
#include <stdint.h>

#include "backup/manifest.h"
#include "backup/pack.h"
#include "backup/spacelimit.h"
#include "pg/relpath.h"
#include "push/chunkstore.h"
#include "reuse/lastpages.h"

/*
 * One file on its way into packs.  Jobs copy its pieces without any lock, and
 * several may do so at the same time: each writes only to its own chunks'
 * places in refs[] and crc[].
 *
 *	copyfile_new(), copyfile_earlier() if there is an earlier one,
 *	copyfile_open()				the copier's thread
 *	copyfile_piece()			any job, for each piece
 *	copyfile_done()				the same, under the lock
 *	copyfile_settle()			the copier's thread
 *
 * A file whose content comes in order, from a stream, is not opened:
 * copyfile_open() only cuts it into pieces, and each is copied once
 * copyfile_fed() has brought its content.
 */
#define COPYFILE_PIECE	((uint64_t)4 << 20)	/* bytes, at most; or one
						   chunk, if that is larger */
#define COPYFILE_FED	((uint64_t)1 << 20)	/* the same of a stream, since
						   pieces wait in memory */

struct copyfile_conf {
	const char	*dir;		/* the data directory */
	uint32_t	 chunk_size;
	int		 verify;	/* page checksums */
	uint64_t	 start_lsn;	/* newer pages may be torn */
	uint32_t	 relseg_blocks;	/* blocks in a relation's file */
	const struct spacelimits *spaces; /* NULL: none */
	const struct pagehash *hashes;	/* of relations' pages; NULL: none */
};

/*
 * What an earlier backup has of a file.  Whoever is given it takes what it
 * points to, which may be NULL, and sets it to zeros.
 *
 * A chunk whose "same" is not 0 is taken from there unread, as far as it lies
 * in the part that the file had then; so all its CRCs must be known.
 */
struct copyfile_past {
	struct pack_ref	*refs;
	size_t		 nrefs;
	uint32_t	*crcs;		/* of each chunk */
	uint8_t		*same;		/* of each chunk */
	uint8_t		*bare;		/* see reuse_found; "same" means nothing
					   where it is set */
	uint64_t	 size;		/* of the file then, for "same" */
	struct lastpages_file pages;	/* of the bases of refs */
};

struct copyfile {
	struct copyfile	*next;		/* in the order of the manifest */
	struct manifest_entry en;
	char		*path, *target;	/* owned; the entry's texts */
	uint8_t		*mem;		/* owned; content of no file */
	int		 streamed;	/* content comes by copyfile_fed() */
	int		 is_rel;	/* a relation's file */
	struct relpath	 rel;

	/* Set by copyfile_open(), then constant. */
	int		 fd;		/* -1: nothing to read */
	int		 gone;		/* it was missing when opened */
	uint64_t	 limit;		/* read no further */
	struct bucket	*pace;		/* of its tablespace; or NULL */
	unsigned	 pieces;	/* 0: nothing to copy */

	/* Under the copier's lock. */
	unsigned	 ready;		/* pieces that can be handed out */
	unsigned	 given, copied;	/* pieces handed out, and done */
	uint8_t		**fed;		/* content of each piece, if streamed;
					   NULL before and after */
	uint8_t		*done;		/* whether each piece is */
	uint64_t	 size;		/* the lowest end that was seen */
	uint64_t	 bad_pages, newest;

	struct copyfile_past past;	/* in an earlier backup */
	int		 kept;		/* its chunks are the same now */

	/* By number of the chunk. */
	struct pack_ref	*refs;
	uint32_t	*crc;
	uint64_t	 nrefs;
	struct lastpages_file pages;	/* of their bases */
};

/* What a job brings along. */
struct copyfile_job {
	const struct copyfile_conf *conf;
	struct chunkstore packs;
	uint8_t		*buf;		/* of one chunk */
	const atomic_int *stop;		/* not 0: give up, nobody waits */
	/* Wait until "n" bytes more may be read. */
	int	(*wait)(void *arg, struct bucket *pace, uint64_t n,
		    struct err *e);
	void		*arg;
};

/* What came of a piece. */
struct copyfile_result {
	uint64_t	 read, compared, equal;	/* bytes */
	uint64_t	 vouched;		/* not read, by "same" */
	uint64_t	 end;		/* of the file, or UINT64_MAX */
	uint64_t	 bad_pages;	/* damaged for certain */
	uint64_t	 newest;	/* as in copier_conf.copied() */
};

/* Make one; the entry's texts and the "n" bytes at "mem" are copied. */
int	 copyfile_new(struct copyfile **out, const struct manifest_entry *,
	    const void *mem, size_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 5)));
void	 copyfile_free(struct copyfile *);		/* NULL is fine */

void	 copyfile_past_free(struct copyfile_past *) __attribute__((nonnull));

/* Say it, before the file is opened; with "kept" it is not opened at all. */
void	 copyfile_earlier(struct copyfile *, struct copyfile_past *, int kept);

/*
 * What is known of its pages, once it is settled; NULL if it was kept, and so
 * nothing of it changed.
 */
struct lastpages_file *copyfile_pages(struct copyfile *);

/* The CRC of each chunk, once it is settled; NULL if they are not known. */
const uint32_t *copyfile_crcs(const struct copyfile *);

/* Its content, of the entry's size, will come by copyfile_fed(). */
void	 copyfile_stream(struct copyfile *);

/* The size in bytes of the next piece that is to come; 0 after the last. */
size_t	 copyfile_wants(const struct copyfile *,
	    const struct copyfile_conf *);

/* That piece has come; takes "mem".  Under the copier's lock. */
void	 copyfile_fed(struct copyfile *, uint8_t *mem);

/*
 * Open the file and cut it into pieces.  A file that is gone is no failure:
 * "gone" is set.  Once, before any piece is copied.
 */
int	 copyfile_open(struct copyfile *, const struct copyfile_conf *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Copy piece "no".  Less of it is copied once *job->stop is set. */
int	 copyfile_piece(struct copyfile *, unsigned no,
	    const struct copyfile_job *job, struct copyfile_result *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Take in what came of piece "no".  Under the copier's lock. */
void	 copyfile_done(struct copyfile *, unsigned no,
	    const struct copyfile_result *);

/* The chunks of piece "no": from *first up to, but not including, *last. */
void	 copyfile_range(const struct copyfile *, const struct copyfile_conf *,
	    unsigned no, uint64_t *first, uint64_t *last);

/* Set the entry's size, CRC and flags, once all pieces are copied. */
void	 copyfile_settle(struct copyfile *, const struct copyfile_conf *);

#endif /* PUSH_COPYFILE_H */
