/* SPDX-License-Identifier: ISC */
#ifndef WAL_PADDED_H
#define WAL_PADDED_H

#include <stdint.h>

#include "crypt/hash.h"
#include "pg/walname.h"
#include "repo/archive.h"

/*
 * Segments that were filled up with zeros (wal/openfetch.h), so that they are
 * never archived as whole ones.  They are noted in the data directory, in the
 * file PADDED_FILE (lib/FORMAT.md, 14).
 */
#define PADDED_FILE	"seawall_padded"
#define PADDED_MAX	64		/* lines; the oldest go */

struct padded {
	char		 name[WALNAME_TEXT];
	uint64_t	 end;		/* LSN: zeros follow from here on */
	uint8_t		 hash[HASH_LEN];	/* of all, with the zeros */
};

struct padded_list {
	struct padded	 v[PADDED_MAX];	/* the newest is the last */
	size_t		 n;
};

/*
 * Read the notes of the data directory "dir"; there are none if the file is
 * missing.  ERR_LOCAL if it cannot be read, or has another form.
 */
int	 padded_load(struct padded_list *, const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Add a note, durably.  ERR_LOCAL; then the notes are as they were, or with
 * the new one.
 */
int	 padded_add(const char *dir, const struct padded *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Whether a segment of that name was filled up: the newest note, or NULL. */
const struct padded *padded_find(const struct padded_list *,
	    const char *name) __attribute__((nonnull));

/*
 * Whether the file that is open as "fd" is one of these: read if there is a
 * note of its name, and compared.  Returns 1 with the note in *out, 0 if it is
 * not, or -1 as padded_load(), or if the file cannot be read.
 */
int	 padded_is(struct padded *out, const char *dir, const char *name,
	    int fd, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Whether all that such a segment holds is in the repository, so that it need
 * not be archived: the whole segment is there and authentic, or an open object
 * of it reaches p->end.  "segsize" 0: as the marker says.  Any key will do.
 * Returns 0 if so, or -1: ERR_CONFLICT if not, else the repository's failure.
 */
int	 padded_stored(const struct padded *p, struct archive *,
	    uint64_t segsize, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* WAL_PADDED_H */
