/* SPDX-License-Identifier: ISC */
/* Receipts are signed by keys that sign nothing else. */
#include <string.h>

#include "crypt/keyparts.h"
#include "crypt/receiptsign.h"
#include "crypt/sign.h"

/* A receipt lies in no repository: its place is the same for all. */
static const struct head_place	 place = { "drill", 0, "receipt" };

int
receiptsign(char **out, size_t *n, const char *text, const struct key *key,
    struct err *e)
{
	if (key->role != KEY_DRILL)
		return (err_set(e, ERR_CONFIG, "signing a receipt needs a "
		    ".drill key, found a .%s key", keyrole_name(key->role)));
	return (sign_text(out, n, "receipt", &place, text, key, e));
}

int
receiptsign_check(const char **text, size_t *len, const void *file, size_t n,
    const struct key *key, struct err *e)
{
	struct key	 as = { .role = KEY_PUBLIC, .nsig = key->ndrill };

	if (key->ndrill == 0)
		return (err_set(e, ERR_CONFIG, "key file %s names no signer "
		    "of receipts; use the .public file that backup-keygen "
		    "--drill made", key_file(key)));
	memcpy(as.sig, key->drill, sizeof(as.sig));
	return (sign_check(text, len, file, n, "receipt", &place, &as, e));
}
