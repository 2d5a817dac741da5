/* SPDX-License-Identifier: ISC */
/*
 * Headers of objects, as a hostile storage host may send them, and as a thief
 * of a push key may sign them.
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "crypt/head.h"
#include "crypt/hex.h"
#include "crypt/key.h"
#include "crypt/keyparts.h"

#define CONTEXT		"seawall object 1\n"
#define CONTEXT_LEN	(sizeof(CONTEXT) - 1)

static const struct head_place	 at = {
	"main", UINT64_C(7000000000000000001), "wal/00000002.history"
};

/* Nobody has that signer's secret. */
static void
as_host(const uint8_t *p, size_t n)
{
	struct key	 key = { .role = KEY_PUBLIC, .nrec = 1, .nsig = 1 };
	struct err	 e = ERR_INIT;
	struct head	 h;

	key.words[0].v2_until_us = KEYPARTS_FOREVER;
	if (head_decode(&h, p, n, HEAD_WAL, &at, &key, &e) == 0)
		abort();
}

/* The secrets of test/data/golden.*, whose objects are among the seeds. */
static int
golden(struct key *k, struct err *e)
{
	static const char	 seed[] = "2f4f0fdcb62ce3a1ecbc17479e9475cc"
		    "8dfe4f5cd3735c6e42eb4e040d498705";
	static const char	 rec[] = "f91aded475cb3ec4ce2a5f24e852c5d0"
		    "727544df231510eca8f4b74c54779cc7";
	uint8_t			*to, sk[64];

	memset(k, 0, sizeof(*k));
	k->role = KEY_RESTORE;
	k->nrec = k->nsig = 1;
	k->words[0].v2_until_us = KEYPARTS_FOREVER;
	if (secret_new(&k->seed, KEY_LEN, &to, e) ||
	    hex_read(to, KEY_LEN, seed, 2 * KEY_LEN) ||
	    secret_new(&k->rec_secret, KEY_LEN, &to, e) ||
	    hex_read(to, KEY_LEN, rec, 2 * KEY_LEN))
		return (-1);
	(void)crypto_scalarmult_base(k->rec[0], secret_bytes(k->rec_secret));
	(void)crypto_sign_seed_keypair(k->sig[0], sk, secret_bytes(k->seed));
	return (0);
}

/* The same bytes, properly signed: what is behind the signature's check. */
static void
as_thief(const uint8_t *p, size_t n)
{
	uint8_t		 buf[HEAD_MAX], text[CONTEXT_LEN + HEAD_MAX];
	static struct key key;		/* made once */
	struct err	 e = ERR_INIT;
	struct secret	*payload_key;
	struct head	 h;
	size_t		 len;

	if (n < 12 || n > HEAD_MAX)
		return;
	len = (size_t)p[10] << 8 | p[11];
	if (len < KEY_SIG_LEN || len > n ||
	    (key.nsig == 0 && golden(&key, &e)))
		return;
	memcpy(buf, p, n);
	memcpy(text, CONTEXT, CONTEXT_LEN);
	memcpy(text + CONTEXT_LEN, buf, len - KEY_SIG_LEN);
	key_sign(buf + len - KEY_SIG_LEN, &key, text,
	    CONTEXT_LEN + len - KEY_SIG_LEN);
	if (head_decode(&h, buf, n, HEAD_WAL, &at, &key, &e) == 0 &&
	    head_open(&payload_key, &h, buf, &at, &key, &e) == 0)
		secret_free(payload_key);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	as_host(p, n);
	as_thief(p, n);
	return (0);
}
