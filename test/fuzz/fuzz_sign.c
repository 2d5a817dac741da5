/* SPDX-License-Identifier: ISC */
/* Signed text, as a hostile storage host may send it. */
#include <stdlib.h>

#include "crypt/key.h"
#include "crypt/keytext.h"
#include "crypt/sign.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const struct head_place	 at = { "main", 7, "system" };
	struct key	 key = { .role = KEY_PUBLIC, .nrec = 1, .nsig = 1 };
	struct err	 e = ERR_INIT;
	const char	*text;
	size_t		 len;

	/* Nobody has this signer's secret, so no input may pass. */
	if (sign_check(&text, &len, p, n, "marker", &at, &key, &e) == 0)
		abort();
	return (0);
}
