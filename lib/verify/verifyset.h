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

/*
 * For a verification: what is there of a cluster, by its labels and
 * listings, and which of it is to be looked at.
 */
struct verifyset_wal {
	struct walname	 name;
	uint64_t	 size;
	int		 bad;		/* told of; not to be looked at */
};

struct verifyset_pack {
	uint32_t	 no;
	int		 bad;
	int		 known;		/* the header was looked at, and */
	uint64_t	 begin, end;	/* where its chunks lie, */
	uint8_t		 head_hash[HASH_LEN];
	uint64_t	 size;
};

struct verifyset_dir {
	char		 id[LAYOUT_ID];
	uint64_t	 manifest;	/* its size; 0: not there */
	int		 has_manifest, bad_manifest;
	struct verifyset_pack *pack;	/* owned; all that are listed */
	size_t		 n, room;
};

struct verifyset {
	struct catalogue *cat;		/* owned */
	struct window	 window;
	struct verifyset_wal *wal;	/* owned; by timeline and name */
	size_t		 nwal, room;
	struct verifyset_dir *dir;	/* owned; by id */
	size_t		 ndir;
	uint64_t	 left;		/* bytes of all that is not bad, once
					   verifylisting_run() has looked */
	const struct label *one;	/* the backup; NULL: all of them */
};

/*
 * Load all that listings tell.  "id" NULL: all backups.  Returns 0, 1 if
 * there is no such backup (or its label is refused, see catalogue_bads()),
 * or -1.  Release with verifyset_fini() in any case.
 */
int	 verifyset_load(struct verifyset *, struct archive *, const char *id,
	    struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 4)));
void	 verifyset_fini(struct verifyset *);

/* Whether a backup, a WAL file, is to be looked at. */
int	 verifyset_has_label(const struct verifyset *, size_t label);
int	 verifyset_has_wal(const struct verifyset *,
	    const struct verifyset_wal *);

/* What was listed under that name, or NULL. */
struct verifyset_dir *verifyset_dir(struct verifyset *, const char *id);
struct verifyset_pack *verifyset_pack(struct verifyset *, const char *id,
	    uint32_t no);

/*
 * Call back for each run of packs that a backup in the set refers to, in the
 * order of directories and numbers, each pack once.
 */
typedef int	 verifyset_range(void *arg, const char *id, uint32_t first,
		    uint32_t last, struct err *);
int	 verifyset_ranges(const struct verifyset *, verifyset_range *,
	    void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 4)));

/* Whether a label refers to the pack. */
int	 verifyset_refers(const struct label *, const char *id, uint32_t no);

#endif /* VERIFY_VERIFYSET_H */
