/* SPDX-License-Identifier: ISC */
/* The names of uploads. */
#include <string.h>

#include "base/str.h"
#include "crypt/hash.h"
#include "store/tmpname.h"

#define USED	16		/* bytes of the hash */
#define RANDOM	8		/* random bytes behind it */
#define EARLIER	12		/* random bytes of earlier versions */

const char *
tmpname_prefix(char buf[TMPNAME], const char *path)
{
	uint8_t	 hash[HASH_LEN];

	hash_of(hash, path, strlen(path));
	(void)str_hex(buf, hash, USED);
	memcpy(buf + 2 * USED, "-", 2);
	return (buf);
}

int
tmpname_is(const char *name)
{
	static const char	 digits[] = "0123456789abcdef";
	const size_t		 n = strspn(name, digits);

	if (n == 2 * EARLIER && name[n] == '\0')
		return (1);
	if (n != 2 * USED || name[n] != '-')
		return (0);
	name += n + 1;
	return (strspn(name, digits) == 2 * RANDOM &&
	    name[2 * RANDOM] == '\0');
}
