/* SPDX-License-Identifier: ISC */
#ifndef COPY_COPYSIDE_H
#define COPY_COPYSIDE_H

#include <stddef.h>
#include <stdint.h>

#include "catalogue/labelindex.h"
#include "repo/archive.h"
#include "repo/marker.h"
#include "wal/walindex.h"

/*
 * What one side of a copy holds of a cluster: labels, and listings of all
 * else.  Nothing that a listing says is believed before it was read.
 */
struct copyside_pack {
	uint32_t	 no;
	uint64_t	 size;		/* bytes of the file */
	int64_t		 came;		/* as in copyside_dir */
};

/* The directory of a backup, by the same index as in "labels". */
struct copyside_dir {
	struct copyside_pack *pack;	/* owned; ascending */
	size_t		 n, room;
	int		 has_manifest;
	uint64_t	 manifest;	/* bytes of the file */
	int64_t		*came;		/* owned; ascending: when each pack,
					 * manifest and claim came, in seconds
					 * by that side's clock */
	size_t		 ncame, room_came;
	int64_t		 manifest_came;
	int64_t		 claim;		/* when "claimer" claimed it; 0: it
					 * has not */
};

struct copyside_wal {
	struct walname	 name;
	uint64_t	 size;
};

/* A label that is refused, or a folder of WAL that cannot be listed. */
struct copyside_bad {
	char		*path;		/* owned, both */
	char		*why;
};

struct copyside {
	struct archive	*a;		/* borrowed */
	const char	*claimer;	/* borrowed; NULL: look for no claims */
	struct marker	 marker;
	struct labelindex labels;
	struct copyside_dir *dir;	/* owned */
	struct walindex	 index;		/* of the WAL */
	struct copyside_wal *wal;	/* owned; sorted by walname_compare() */
	size_t		 nwal, room;
	struct copyside_bad *bad;	/* owned */
	size_t		 nbad;
};

/*
 * Load it all.  "s" is zeroed except s->a and s->claimer; copyside_fini() in
 * any case.  Packs and WAL are listed after the labels were read, so what a
 * label needs is in the listings.  Fails as marker_require() and listings do.
 */
int	 copyside_load(struct copyside *s, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 copyside_fini(struct copyside *s) __attribute__((nonnull));

/* The directory of backup "id"; NULL if it was not listed. */
const struct copyside_dir *copyside_dir(const struct copyside *,
	    const char *id) __attribute__((nonnull));

/*
 * The pack's size in "size".  Returns 1, or 0 if it was not listed.
 */
int	 copyside_has_pack(const struct copyside_dir *, uint32_t no,
	    uint64_t *size) __attribute__((nonnull(3)));

/* The same for the manifest, and for a WAL file. */
int	 copyside_has_manifest(const struct copyside_dir *, uint64_t *size)
	    __attribute__((nonnull(2)));
int	 copyside_has_wal(const struct copyside *, const struct walname *,
	    uint64_t *size) __attribute__((nonnull));

/* When pack "no" came, or with 0 the manifest.  Returns 1, or 0 as above. */
int	 copyside_came(const struct copyside_dir *, uint32_t no, int64_t *came)
	    __attribute__((nonnull(3)));

/*
 * Whether what lies in the directory of "id", which has no label, shows that
 * its label was withdrawn.
 */
int	 copyside_withdrawn(const struct copyside *, const char *id)
	    __attribute__((nonnull));

#endif /* COPY_COPYSIDE_H */
