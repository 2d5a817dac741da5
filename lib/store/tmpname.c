/* SPDX-License-Identifier: ISC */
/* What the names of uploads begin with. */
#include <string.h>

#include "base/str.h"
#include "crypt/hash.h"
#include "store/tmpname.h"

#define USED	16		/* bytes of the hash */

const char *
tmpname_prefix(char buf[TMPNAME], const char *path)
{
	uint8_t	 hash[HASH_LEN];

	hash_of(hash, path, strlen(path));
	(void)str_hex(buf, hash, USED);
	memcpy(buf + 2 * USED, "-", 2);
	return (buf);
}
