/* SPDX-License-Identifier: ISC */
#ifndef PUSH_COPYFILE_H
#define PUSH_COPYFILE_H

#include <stdatomic.h>
#include <stdint.h>

#include "backup/manifest.h"
#include "backup/pack.h"
#include "pg/relpath.h"

/*
 * One file on its way into packs: the part of the copier that a job runs
 * without any lock.  Pieces of one file may be copied by several jobs at the
 * same time; each writes only its own chunks' places in refs[] and crc[].
 */
#define COPYFILE_PIECE	((uint64_t)4 << 20)	/* bytes, at most; or one
						   chunk, if that is larger */

struct copyfile_conf {
	const char	*dir;		/* the data directory */
	uint32_t	 chunk_size;
	int		 verify;	/* page checksums */
	uint64_t	 start_lsn;	/* newer pages may be torn */
	uint32_t	 relseg_blocks;
};

struct copyfile {
	struct copyfile	*next;		/* in the order of the manifest */
	struct manifest_entry en;	/* texts owned */
	char		*path, *target;
	uint8_t		*mem;		/* owned; content that is no file */
	int		 is_rel;
	struct relpath	 rel;

	/* Set when opened, constant then. */
	int		 fd;
	int		 gone;
	uint64_t	 limit;		/* read no further */
	unsigned	 pieces;

	/* Under the copier's lock. */
	unsigned	 given, copied;	/* pieces handed out, and done */
	uint8_t		*done;		/* which of them */
	uint64_t	 size;		/* lowest end that was seen */
	uint64_t	 bad_pages, newest;

	/* From an earlier backup, or NULL; "kept": these are its chunks. */
	struct pack_ref	*old;
	size_t		 nold;
	int		 kept;

	/* By chunk. */
	struct pack_ref	*refs;
	uint32_t	*crc;
	uint64_t	 nrefs;
};

struct copyfile_job {			/* what a job brings along */
	const struct copyfile_conf *conf;
	struct pack_writer *pack;
	uint8_t		*buf;		/* one chunk */
	const atomic_int *stop;		/* not 0: give up, nobody waits */
};

struct copyfile_result {
	uint64_t	 read, compared, equal;	/* bytes */
	uint64_t	 end;		/* where the file ended, or UINT64_MAX */
	uint64_t	 bad_pages, newest;
};

int	 copyfile_new(struct copyfile **, const struct manifest_entry *,
	    const void *mem, size_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 5)));
void	 copyfile_free(struct copyfile *);

/* What an earlier backup has of it; *refs is taken.  Before it is opened. */
void	 copyfile_earlier(struct copyfile *, struct pack_ref **refs,
	    size_t nrefs, int kept);

/* Open the file, or find it gone.  Once, before any piece is copied. */
int	 copyfile_open(struct copyfile *, const struct copyfile_conf *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Copy piece "no"; less of it where it is told to stop. */
int	 copyfile_piece(struct copyfile *, unsigned no,
	    const struct copyfile_job *, struct copyfile_result *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Take in what came of piece "no".  Under the copier's lock. */
void	 copyfile_done(struct copyfile *, unsigned no,
	    const struct copyfile_result *);

/* Which chunks a piece has: from *first on, up to before *last. */
void	 copyfile_range(const struct copyfile *, const struct copyfile_conf *,
	    unsigned no, uint64_t *first, uint64_t *last);

/* Size, CRC and flags of the whole, once all pieces are copied. */
void	 copyfile_settle(struct copyfile *, const struct copyfile_conf *);

#endif /* PUSH_COPYFILE_H */
