/* SPDX-License-Identifier: ISC */
/* Headers as earlier versions made them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypt/tag.h"
#include "oldhead.h"

#define CONTEXT		"seawall object 1\n"
#define CONTEXT_LEN	(sizeof(CONTEXT) - 1)

void
oldhead_sign(uint8_t *object, size_t len, const struct key *push)
{
	uint8_t	 text[CONTEXT_LEN + HEAD_MAX];

	assert_in_range(len, KEY_SIG_LEN, HEAD_MAX);
	memcpy(text, CONTEXT, CONTEXT_LEN);
	memcpy(text + CONTEXT_LEN, object, len - KEY_SIG_LEN);
	key_sign(object + len - KEY_SIG_LEN, push, text,
	    CONTEXT_LEN + len - KEY_SIG_LEN);
}

void
oldhead_make(uint8_t *object, const struct head_place *at,
    const void *content, size_t n, const struct key *push)
{
	struct err	 e = ERR_INIT;
	struct hash	*h = NULL;
	uint8_t		*tag = object + 16 + 4 * 8 + 1 + strlen(at->server) +
	    2 + strlen(at->path) + KEY_ID_LEN;

	assert_int_equal(object[8], 2);
	object[8] = 1;
	assert_int_equal(tag_new(&h, 1, at, push, &e), 0);
	hash_add(h, content, n);
	hash_final(h, tag);
	hash_free(h);
	oldhead_sign(object, (size_t)object[10] << 8 | object[11], push);
}
