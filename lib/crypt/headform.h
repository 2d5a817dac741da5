/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_HEADFORM_H
#define CRYPT_HEADFORM_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/hash.h"
#include "crypt/keyrole.h"

/*
 * What the header of an object says (lib/FORMAT.md, 4), and where objects
 * belong.
 */
#define HEAD_MAX	2048	/* bytes; no header is longer */
#define HEAD_SERVER_MAX	63
#define HEAD_PATH_MAX	255
#define HEAD_VERSION	3	/* of new headers; 1 and 2 are read, too */
#define HEAD_FACTS	512	/* bytes for facts, sealed, or zeros */
#define HEAD_FACTS_LEN	496	/* bytes of these before they are sealed */

enum head_kind {
	HEAD_WAL = 1,
	HEAD_PACK = 2,
	HEAD_MANIFEST = 3,
	HEAD_OPEN = 4		/* grows while it is visible: openframe.h */
};

/* The place where an object belongs; the texts are borrowed. */
struct head_place {
	const char	*server;
	uint64_t	 system_id;
	const char	*path;		/* below ROOT/SERVER/SYSTEMID */
};

/* What is marked is set by head_begin() and head_decode(). */
struct head {
	unsigned	 version;		/* marked */
	enum head_kind	 kind;			/* marked */
	uint8_t		 codec;
	int64_t		 created_us;
	uint64_t	 plain_size;		/* bytes before compression */
	uint64_t	 payload_size;		/* bytes behind the header */
	uint8_t		 tag[HASH_LEN];		/* of the content, see tag.h */
	uint8_t		 payload_hash[HASH_LEN];
	uint8_t		 signer[KEY_ID_LEN];	/* marked */
	uint8_t		 signer_key[KEY_LEN];	/* public; not in its bytes;
						 * marked */
	const uint8_t	*facts;		/* of HEAD_FACTS_LEN bytes, for
					 * head_encode(): borrowed; NULL: none.
					 * head_decode() sets NULL */
	size_t		 len;			/* of the header; marked */
	size_t		 nrecipients;		/* marked */
	uint8_t		 recipient[KEY_MAX][KEY_ID_LEN];	/* marked */
};

#endif /* CRYPT_HEADFORM_H */
