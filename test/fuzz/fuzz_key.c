/* SPDX-License-Identifier: ISC */
/* Key files, as given and with the check word that makes them complete. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "crypt/hash.h"
#include "crypt/key.h"
#include "crypt/keytext.h"

static void
parse(const char *text, size_t n)
{
	struct err	 e = ERR_INIT;
	struct key	*k;

	if ((k = calloc(1, sizeof(*k))) == NULL)
		return;
	(void)(keytext_parse(k, text, n, NULL, &e) == 0);
	key_free(k);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	uint8_t	 sum[HASH_LEN];
	char	*text, hex[9];

	if ((text = malloc(n + 32)) == NULL)
		return (0);
	if (n > 0)
		memcpy(text, p, n);
	parse(text, n);
	hash_of(sum, text, n);
	(void)snprintf(text + n, 32, "check %s\n", str_hex(hex, sum, 4));
	parse(text, n + 15);
	free(text);
	return (0);
}
