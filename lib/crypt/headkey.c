/* SPDX-License-Identifier: ISC */
/*
 * The key of a payload, bound to whose object it is.
 *
 * A data key in a sealed box can be copied into another header by somebody
 * that cannot read it.  If it sealed the payload itself, a host that shares a
 * recipient with another could sign that one's ciphertext at a place of its
 * own, and a restore from there would open it.  Whoever signs, and where, is
 * in the key; so such a copy is under a key that nobody has used.
 */
#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "base/bytes.h"
#include "crypt/headkey.h"

#define BIND_MAX	(KEY_LEN + 1 + 8 + 1 + HEAD_SERVER_MAX + 2 + \
			HEAD_PATH_MAX + 1 + KEY_MAX * KEY_ID_LEN)

#define CONTEXT_MAX	sizeof("seawall object payload 3\n")

/* Every field has a fixed length or says its own: no two binds are alike. */
static void
put_bind(struct bytes_out *o, const struct head *h,
    const struct head_place *at)
{
	bytes_put(o, h->signer_key, KEY_LEN);
	bytes_put_u8(o, (uint8_t)h->kind);
	bytes_put_u64be(o, at->system_id);
	bytes_put_u8(o, (uint8_t)strlen(at->server));
	bytes_put(o, at->server, strlen(at->server));
	bytes_put_u16be(o, (uint16_t)strlen(at->path));
	bytes_put(o, at->path, strlen(at->path));
	bytes_put_u8(o, (uint8_t)h->nrecipients);
	bytes_put(o, h->recipient, h->nrecipients * KEY_ID_LEN);
}

static int
derive(struct secret **out, const char *context, const struct head *h,
    const struct head_place *at, const struct secret *data_key, struct err *e)
{
	uint8_t		 text[CONTEXT_MAX + BIND_MAX], *to;
	struct bytes_out o = bytes_out_of(text, sizeof(text));
	struct secret	*s;

	assert(secret_len(data_key) == KEY_LEN && h->version >= 1);
	if (secret_new(&s, KEY_LEN, &to, e) == -1)
		return (-1);
	bytes_put(&o, context, strlen(context));
	put_bind(&o, h, at);
	assert(bytes_out_ok(&o));
	if (h->version < 3)
		memcpy(to, secret_bytes(data_key), KEY_LEN);
	else
		(void)crypto_generichash(to, KEY_LEN, text, o.n,
		    secret_bytes(data_key), KEY_LEN);
	secret_freeze(s);
	*out = s;
	return (0);
}

int
headkey_payload(struct secret **out, const struct head *h,
    const struct head_place *at, const struct secret *data_key, struct err *e)
{
	return (derive(out, "seawall object payload 3\n", h, at, data_key, e));
}

int
headkey_facts(struct secret **out, const struct head *h,
    const struct head_place *at, const struct secret *data_key, struct err *e)
{
	assert(h->version >= 3);
	return (derive(out, "seawall object facts 3\n", h, at, data_key, e));
}
