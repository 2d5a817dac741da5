/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_HEADPARSE_H
#define CRYPT_HEADPARSE_H

#include "base/err.h"
#include "crypt/headform.h"

/* For head.c: the bytes of a header, without any check of a signature. */

#define HEADPARSE_MAGIC		8
#define HEADPARSE_CODEC		3	/* the largest; 3 is WAL's own */
#define HEADPARSE_BOX		(KEY_LEN + 48)	/* key, X25519 key, tag */
#define HEADPARSE_RECIPIENT	(KEY_ID_LEN + HEADPARSE_BOX)

extern const uint8_t headparse_magic[HEADPARSE_MAGIC];

/* What of a header is not in struct head; the pointers lead into "buf". */
struct headparse {
	const uint8_t	*server, *path, *boxes, *sig;
	const uint8_t	*facts;		/* HEAD_FACTS bytes; NULL: none */
	size_t		 server_len, path_len, nrec;
	uint64_t	 system_id;
};

/*
 * Take the header apart that the "n" bytes at "buf" begin with.  Checks the
 * magic, the version and the shape: ERR_CORRUPT.
 */
int	 headparse_read(struct headparse *, struct head *, const uint8_t *buf,
	    size_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CRYPT_HEADPARSE_H */
