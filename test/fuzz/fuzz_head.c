/* SPDX-License-Identifier: ISC */
/* Headers of objects, as a hostile storage host may send them. */
#include "crypt/head.h"
#include "crypt/key.h"
#include "crypt/keytext.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const struct head_place	 at = {
		"main", UINT64_C(7000000000000000001), "wal/00000002.history"
	};
	struct key	 key = { .role = KEY_RESTORE, .nrec = 1, .nsig = 1 };
	struct err	 e = ERR_INIT;
	struct secret	*data_key = NULL;
	struct head	 h;

	if (secret_random(&key.rec_secret, KEY_LEN, &e) == -1)
		return (0);
	(void)(head_decode(&h, p, n, HEAD_WAL, &at, &key, &e) == 0);
	err_clear(&e);
	if (head_open(&data_key, p, n, &key, &e) == 0)
		secret_free(data_key);
	secret_free(key.rec_secret);
	return (0);
}
