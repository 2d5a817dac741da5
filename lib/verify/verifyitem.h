/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFYITEM_H
#define VERIFY_VERIFYITEM_H

#include <stdint.h>

#include "backup/pack.h"
#include "crypt/hash.h"
#include "crypt/head.h"
#include "pg/walname.h"
#include "repo/layout.h"
#include "repo/object.h"
#include "store/store.h"
#include "verify/proved.h"

/* For a verification: one thing that a job looks at, and what it found. */
enum verifyitem_what {
	VERIFYITEM_HEAD,	/* signature, place, size of the file */
	VERIFYITEM_HASH,	/* and all stored bytes, by the signed hash */
	VERIFYITEM_CONTENT,	/* a WAL file: decrypted, and what it says */
	VERIFYITEM_CHUNKS	/* chunks of one pack: decrypted and hashed */
};

#define VERIFYITEM_CHUNKS_MAX	16
#define VERIFYITEM_GONE		"was listed, and is not there"

struct verifyitem {
	enum verifyitem_what	 what;
	char			 path[LAYOUT_PATH];
	uint64_t		 size;		/* of the file, listed; > 0 */
	enum head_kind		 kind;
	struct walname		 wal;		/* HEAD_WAL: which, and */
	uint32_t		 segsize;
	uint32_t		 tag;		/* the caller's */
	char			 file[128];	/* whose chunks, cleaned */
	const char		*id;		/* whose pack; borrowed */
	unsigned		 n;
	struct {
		struct pack_ref		 ref;	/* of no zero chunk */
		uint32_t		 len;
		struct proved_mark	 mark;
	}			 chunk[VERIFYITEM_CHUNKS_MAX];

	/*
	 * What was found.  "why" is ERR_NONE where all is well, ERR_REMOTE
	 * where it could not be read, ERR_ABSENT where it was listed and is
	 * not there; of several chunks, the first bad one's.
	 */
	struct err		 why;
	uint16_t		 bad;		/* a bit for each bad chunk */
	int			 earlier;	/* it was proved before */
	uint64_t		 bytes;		/* that were read */
	struct object_info	 info;		/* of one without fault */
	int64_t			 ended_us;	/* CONTENT of a segment: when
						   the last transaction in it
						   ended; INT64_MIN: none */

	/* For the jobs. */
	struct verifyitem	*next;
	struct store_get	*get;
	unsigned		 at, tries;
	struct err		 stuck;		/* could not be asked for */
};

/* An item with nothing in it but what it is, owned by the caller. */
int	 verifyitem_new(struct verifyitem **, enum verifyitem_what,
	    struct err *) __attribute__((warn_unused_result, nonnull));
/* The mark of an object that was proved to that depth. */
struct proved_mark verifyitem_mark(enum verifyitem_what, const char *path,
	    const uint8_t head_hash[HASH_LEN]);

/* Items that wait, in order; {0} is an empty queue. */
struct verifyitem_queue {
	struct verifyitem	*head, *tail;
};

void	 verifyitem_put(struct verifyitem_queue *, struct verifyitem *)
	    __attribute__((nonnull));
struct verifyitem *verifyitem_get(struct verifyitem_queue *)
	    __attribute__((nonnull));

/* Release all that wait. */
void	 verifyitem_drop(struct verifyitem_queue *) __attribute__((nonnull));

#endif /* VERIFY_VERIFYITEM_H */
