/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_KEYPARTS_H
#define CRYPT_KEYPARTS_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/keyrole.h"
#include "crypt/secret.h"

/*
 * For the files key*.c of this room, and tests: what a key consists of.
 *
 * For the words behind a signer see lib/FORMAT.md, 3.  Nothing but --renew
 * looks at the drill signers today.
 */
struct key_words {
	int64_t		 v2_until_us;	/* 0: not said, version 3 only */
	int		 retired;	/* see retired.h */
};

struct vouched;

/* 9999-12-31T23:59:59Z: without end, as in key files of version 1. */
#define KEYPARTS_FOREVER	(INT64_C(253402300799) * 1000000)

struct key {
	enum key_role	 role;
	size_t		 nrec, nsig;
	uint8_t		 rec[KEY_MAX][KEY_LEN];	/* recipients, public */
	uint8_t		 sig[KEY_MAX][KEY_LEN];	/* signers, public */
	struct key_words words[KEY_MAX];	/* what is said of each */
	int		 trusted[KEY_MAX];	/* by this run, if retired */
	size_t		 ndrill;
	uint8_t		 drill[KEY_MAX][KEY_LEN]; /* sign receipts, public */
	struct secret	*rec_secret;	/* nrec * KEY_LEN bytes, or NULL */
	struct secret	*seed;		/* of sig[0], or NULL */
	char		*file;		/* it was read from; may be NULL */
	struct vouched	*vouched;	/* inventories; NULL: nobody retired */
};

#endif /* CRYPT_KEYPARTS_H */
