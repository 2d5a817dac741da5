/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_HEAD_H
#define CRYPT_HEAD_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/hash.h"
#include "crypt/key.h"

/* The header of an object (lib/FORMAT.md, 4), and where objects belong. */

#define HEAD_MAX	2048		/* no header is longer */
#define HEAD_SERVER_MAX	63
#define HEAD_PATH_MAX	255
#define HEAD_VERSION	2	/* of those that are made; read: 1, too */

enum head_kind {
	HEAD_WAL = 1,
	HEAD_PACK = 2,
	HEAD_MANIFEST = 3
};

/* Where an object belongs; the texts are borrowed. */
struct head_place {
	const char	*server;
	uint64_t	 system_id;
	const char	*path;		/* below ROOT/SERVER/SYSTEMID */
};

/* ERR_LOCAL if a text is empty, too long or has control characters. */
int	 head_place_check(const struct head_place *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

struct head {
	unsigned	 version;		/* set by encode and decode */
	enum head_kind	 kind;
	uint8_t		 codec;
	int64_t		 created_us;
	uint64_t	 plain_size;
	uint64_t	 payload_size;
	uint8_t		 tag[HASH_LEN];		/* of the content */
	uint8_t		 payload_hash[HASH_LEN];
	uint8_t		 signer[KEY_ID_LEN];	/* set by encode and decode */
	size_t		 len;			/* the same */
	size_t		 nrecipients;		/* the same */
	uint8_t		 recipient[KEY_MAX][KEY_ID_LEN];
};

/*
 * How many bytes the header of an object at that place will have: known
 * before its content is, so that room can be left for it.
 */
size_t	 head_len(const struct key *, const struct head_place *);

/* No header of an object at that place is shorter. */
size_t	 head_len_min(const struct head_place *);

/*
 * Seal "data_key" (KEY_LEN bytes) to each recipient, sign, and fill "buf"
 * (HEAD_MAX bytes) with h->len bytes.  ERR_CONFIG if the key is no push key,
 * ERR_LOCAL if the place is too long.
 */
int	 head_encode(uint8_t *buf, struct head *h, const struct head_place *,
	    const struct key *, const struct secret *data_key, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Check the header at the beginning of "n" bytes and read it: magic, version,
 * shape, a signature by one of the key's signers, the kind and the place that
 * were expected.  Any difference is ERR_CORRUPT; nothing of *h may be used
 * then.  "n" may be more than the header (its length is h->len).
 */
int	 head_decode(struct head *h, const uint8_t *buf, size_t n,
	    enum head_kind, const struct head_place *, const struct key *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Whether new objects of this .push key may rely on this one for ever: the
 * key's own signer made it, and each of the key's recipients can read it.
 * Otherwise who takes an old key out of service would lose new backups.
 */
int	 head_fits(const struct head *, const struct key *);

/*
 * The data key of a header that head_decode() has accepted: ERR_CONFIG if
 * this key holds no secret of any recipient ("needs a .restore key", or "was
 * sealed to other keys" with their ids), ERR_CORRUPT if the box is damaged.
 */
int	 head_open(struct secret **data_key, const uint8_t *buf, size_t n,
	    const struct key *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CRYPT_HEAD_H */
