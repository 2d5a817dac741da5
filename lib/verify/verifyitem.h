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

/*
 * For a verification: an item is one question to a job and its answer.  The
 * verification fills it in and hands it over, a job looks and fills in what it
 * found, and the verification reads that.  It belongs to one of them at a
 * time, so no lock guards it.
 */
enum verifyitem_what {
	VERIFYITEM_HEAD,	/* signature, place, size of the file */
	VERIFYITEM_HASH,	/* and all stored bytes, by the signed hash */
	VERIFYITEM_CONTENT,	/* a WAL file: decrypted, and what it says */
	VERIFYITEM_CHUNKS	/* chunks of one pack, and their differences, of
				   one pack: decrypted and hashed */
};

#define VERIFYITEM_CHUNKS_MAX	16	/* one bit each in "bad" */
#define VERIFYITEM_GONE		"was listed, and is missing now"

struct verifyitem {
	/* The question. */
	enum verifyitem_what	 what;
	char			 path[LAYOUT_PATH];
	uint64_t		 size;		/* of the file, listed; not 0 */
	enum head_kind		 kind;
	struct walname		 wal;		/* HEAD_WAL: which file */
	uint32_t		 segsize;	/* HEAD_WAL: bytes */
	const char		*id;		/* else: whose; borrowed */
	uint32_t		 pack;		/* HEAD_PACK: its number */
	const char		*diff_id;	/* CHUNKS: the same of their */
	uint32_t		 diff_pack;	/* differences; 0: none */
	/* CHUNKS: of a file, whose path is printable here, of backup "of". */
	char			 file[128];
	const char		*of;		/* borrowed, as "id" */
	unsigned		 n;
	struct {
		struct pack_ref		 ref;	/* of no zero chunk */
		uint32_t		 len;
		struct proved_mark	 mark;
	}			 chunk[VERIFYITEM_CHUNKS_MAX];

	/*
	 * The answer.  The kind of "why" is ERR_NONE if all is well, ERR_REMOTE
	 * if the object could not be read, ERR_ABSENT if it is missing now; all
	 * else is what is wrong with it.  Of several bad chunks it is the first
	 * one's.
	 */
	struct err		 why;
	uint16_t		 bad;		/* a bit for each bad chunk */
	int			 earlier;	/* it was proved before */
	uint64_t		 bytes;		/* that were read */
	struct object_info	 info;		/* if all is well */
	/*
	 * CONTENT of a segment: when the last transaction in it ended,
	 * INT64_MIN if none did.
	 */
	int64_t			 ended_us;

	/* For the job that has it. */
	struct verifyitem	*next;		/* in the queue */
	struct store_get	*get;		/* an open read, or NULL */
	unsigned		 at;		/* the chunk that is due */
	unsigned		 tries;		/* that failed */
	struct err		 stuck;		/* why asking for it failed */
};

/* A new item without anything in it but "what"; the caller releases it. */
int	 verifyitem_new(struct verifyitem **, enum verifyitem_what what,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* The bytes that the item's chunk of that index is stored in. */
uint64_t verifyitem_stored(const struct verifyitem *, unsigned i)
	    __attribute__((nonnull));

/* The mark of an object that was proved to the depth "what". */
struct proved_mark verifyitem_mark(enum verifyitem_what what,
	    const char *path, const uint8_t head_hash[HASH_LEN]);

/* Items in the order in which they were put; {0} is an empty queue. */
struct verifyitem_queue {
	struct verifyitem	*head, *tail;
};

/* The queue takes the item over. */
void	 verifyitem_put(struct verifyitem_queue *, struct verifyitem *)
	    __attribute__((nonnull));

/* The first item, which the caller takes over; NULL if there is none. */
struct verifyitem *verifyitem_get(struct verifyitem_queue *)
	    __attribute__((nonnull));

/* Release all items that are left. */
void	 verifyitem_drop(struct verifyitem_queue *) __attribute__((nonnull));

#endif /* VERIFY_VERIFYITEM_H */
