/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_HEAD_H
#define CRYPT_HEAD_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/hash.h"
#include "crypt/key.h"

/* The header of an object (lib/FORMAT.md, 4), and where objects belong. */

#define HEAD_MAX	2048	/* bytes; no header is longer */
#define HEAD_SERVER_MAX	63
#define HEAD_PATH_MAX	255
#define HEAD_VERSION	2	/* of new headers; version 1 is read, too */

enum head_kind {
	HEAD_WAL = 1,
	HEAD_PACK = 2,
	HEAD_MANIFEST = 3
};

/* The place where an object belongs; the texts are borrowed. */
struct head_place {
	const char	*server;
	uint64_t	 system_id;
	const char	*path;		/* below ROOT/SERVER/SYSTEMID */
};

/* ERR_LOCAL if a text is empty, too long or has control characters. */
int	 head_place_check(const struct head_place *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The callers of head_encode() fill in what is not marked. */
struct head {
	unsigned	 version;		/* set by encode and decode */
	enum head_kind	 kind;
	uint8_t		 codec;
	int64_t		 created_us;
	uint64_t	 plain_size;		/* bytes before compression */
	uint64_t	 payload_size;		/* bytes behind the header */
	uint8_t		 tag[HASH_LEN];		/* of the content, see tag.h */
	uint8_t		 payload_hash[HASH_LEN];
	uint8_t		 signer[KEY_ID_LEN];	/* set by encode and decode */
	size_t		 len;			/* of the header; the same */
	size_t		 nrecipients;		/* the same */
	uint8_t		 recipient[KEY_MAX][KEY_ID_LEN]; /* the same */
};

/*
 * The length that the header of an object at that place will have.  It is
 * known before the content is, so that room can be left for the header.
 */
size_t	 head_len(const struct key *, const struct head_place *);

/* The length of the shortest possible header of an object at that place. */
size_t	 head_len_min(const struct head_place *);

/*
 * Seal "data_key" (KEY_LEN bytes) to each recipient of "key", sign, and write
 * h->len bytes to "buf", which has room for HEAD_MAX.  ERR_CONFIG if "key" is
 * no push key, ERR_LOCAL if the place is too long.
 */
int	 head_encode(uint8_t *buf, struct head *h, const struct head_place *,
	    const struct key *key, const struct secret *data_key,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Read the header at the beginning of the "n" bytes at "buf", which may be
 * more (h->len says how long the header is).  Checks magic, version, shape,
 * the signature by one of the signers of "key", the kind, and the place.  Any
 * difference is ERR_CORRUPT, and then nothing in *h may be used.
 */
int	 head_decode(struct head *h, const uint8_t *buf, size_t n,
	    enum head_kind, const struct head_place *, const struct key *key,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Whether new objects of the push key "key" may rely on this object for ever:
 * the key's own signer made it, and each of the key's recipients can read it.
 * Otherwise an administrator who takes an old key out of service would lose
 * new backups.
 */
int	 head_fits(const struct head *, const struct key *key);

/*
 * Open the data key of a header that head_decode() has accepted.  ERR_CONFIG
 * if "key" holds no secret of any recipient (the message says that a .restore
 * key is needed, or lists the recipients' ids); ERR_CORRUPT if the sealed box
 * is damaged.
 */
int	 head_open(struct secret **data_key, const uint8_t *buf, size_t n,
	    const struct key *key, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CRYPT_HEAD_H */
