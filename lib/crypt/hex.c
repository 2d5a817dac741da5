/* SPDX-License-Identifier: ISC */
/* Read hexadecimal text, of which only one spelling is accepted. */
#include <sodium.h>

#include "crypt/hex.h"

int
hex_read(uint8_t *out, size_t len, const char *p, size_t n)
{
	size_t	 i, got;
	int	 upper = 0;

	for (i = 0; i < n; i++)
		upper |= p[i] >= 'A' && p[i] <= 'F';
	if (upper || n != 2 * len ||
	    sodium_hex2bin(out, len, p, n, NULL, &got, NULL) != 0 ||
	    got != len)
		return (-1);
	return (0);
}
