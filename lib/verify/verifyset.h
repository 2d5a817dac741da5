/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFYSET_H
#define VERIFY_VERIFYSET_H

#include <stddef.h>
#include <stdint.h>

#include "catalogue/catalogue.h"
#include "catalogue/window.h"
#include "crypt/hash.h"
#include "pg/walname.h"
#include "repo/archive.h"
#include "verify/verifyvouch.h"

/*
 * For a verification: what is stored of a cluster, by its labels and
 * listings, and which of it is to be verified.  An object that is "bad" was
 * reported, and is left alone from then on.
 */
struct verifyset_wal {
	struct walname	 name;
	uint64_t	 size;
	int		 bad;
};

struct verifyset_pack {
	uint32_t	 no;
	int		 bad;
	uint64_t	 size;
	/* Set once the header was read and found right. */
	int		 known;
	uint64_t	 begin, end;	/* its chunks lie between these bytes */
	uint8_t		 head_hash[HASH_LEN];
	/* Set once all bytes were compared with the signed hash. */
	int		 hashed, sound;
};

struct verifyset_dir {
	char		 id[LAYOUT_ID];
	uint64_t	 manifest;	/* its size, if "has_manifest" */
	int64_t		 manifest_at;	/* seconds, by the repository's clock */
	int		 has_manifest, bad_manifest;
	/*
	 * Its manifest refers wrongly to a chunk, and was reported: no more of
	 * its chunks are looked at.
	 */
	int		 wrong_chunk;
	struct verifyset_pack *pack;	/* owned; all listed, by number */
	size_t		 n, room;
};

struct verifyset {
	struct catalogue *cat;		/* owned */
	struct window	 window;
	struct verifyset_wal *wal;	/* owned; by walname_compare() */
	size_t		 nwal, room;
	struct verifyset_dir *dir;	/* owned; by id */
	size_t		 ndir;
	unsigned	 explained;	/* findings since verifylisting_run()
					   began, see verifyimpact.h */
	uint64_t	 left;		/* bytes of all that is not bad, set
					   by verifylisting_run() */
	const struct label *one;	/* the backup; NULL: all of them */
	const struct verifyvouch *vouch; /* borrowed; NULL: none is made */
};

/*
 * Load the catalogue, and list the directories that the backup "id" refers
 * to; or all of them (NULL), also those without a label.  Returns 0, 1 if
 * there is no such backup (or its label was refused, see catalogue_bads()), or
 * -1.  Release with verifyset_fini() in any case.
 *
 * With "vouch", whose times must be listed, backups that came too late are
 * left out: their labels say nothing about the other objects.
 */
int	 verifyset_load(struct verifyset *, struct archive *, const char *id,
	    const struct verifyvouch *vouch, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 5)));
void	 verifyset_fini(struct verifyset *);

/* Whether the backup with that index is left out since it came too late. */
int	 verifyset_is_late(const struct verifyset *, size_t label);

/* Whether the backup with that index, or the WAL file, is to be verified. */
int	 verifyset_has_label(const struct verifyset *, size_t label);
int	 verifyset_has_wal(const struct verifyset *,
	    const struct verifyset_wal *);

/* The stored WAL file of that name; NULL if not listed. */
const struct verifyset_wal *verifyset_wal(const struct verifyset *,
	    const struct walname *);

/* The directory of backup "id", and pack "no" in it; NULL if not listed. */
struct verifyset_dir *verifyset_dir(struct verifyset *, const char *id);
struct verifyset_pack *verifyset_pack(struct verifyset *, const char *id,
	    uint32_t no);

/*
 * Call "each" with every run of packs that a backup to be verified refers to:
 * packs "first" to "last" of backup "id".  Runs come in the order of ids and
 * numbers, and each pack is in one of them.  "each" returns 0, or -1 to stop.
 */
typedef int	 verifyset_range(void *arg, const char *id, uint32_t first,
		    uint32_t last, struct err *);
int	 verifyset_ranges(const struct verifyset *, verifyset_range *each,
	    void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 4)));

#endif /* VERIFY_VERIFYSET_H */
