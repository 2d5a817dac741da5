/* SPDX-License-Identifier: ISC */
/* Headers and objects as earlier versions made them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/bytes.h"
#include "crypt/seal.h"
#include "crypt/tag.h"
#include "memsink.h"
#include "oldhead.h"

#define CONTEXT		"seawall object 1\n"
#define CONTEXT_LEN	(sizeof(CONTEXT) - 1)
#define BOX		(KEY_LEN + crypto_box_SEALBYTES)

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

size_t
oldhead_encode(uint8_t *buf, const struct head *h, const struct head_place *at,
    const struct key *push, const struct secret *data_key)
{
	struct bytes_out o = bytes_out_of(buf, HEAD_MAX);
	uint8_t		 id[KEY_ID_LEN], box[BOX];
	size_t		 i;

	bytes_put(&o, "SEAWALL\n", 8);
	bytes_put_u8(&o, (uint8_t)h->version);
	bytes_put_u8(&o, (uint8_t)h->kind);
	bytes_put_u16be(&o, 0);			/* the length, below */
	bytes_put_u8(&o, h->codec);
	bytes_put_u8(&o, (uint8_t)key_recipients(push));
	bytes_put_u16be(&o, 0);
	bytes_put_u64be(&o, (uint64_t)h->created_us);
	bytes_put_u64be(&o, h->plain_size);
	bytes_put_u64be(&o, h->payload_size);
	bytes_put_u64be(&o, at->system_id);
	bytes_put_u8(&o, (uint8_t)strlen(at->server));
	bytes_put(&o, at->server, strlen(at->server));
	bytes_put_u16be(&o, (uint16_t)strlen(at->path));
	bytes_put(&o, at->path, strlen(at->path));
	key_id(id, key_signer(push, 0));
	bytes_put(&o, id, sizeof(id));
	bytes_put(&o, h->tag, HASH_LEN);
	bytes_put(&o, h->payload_hash, HASH_LEN);
	for (i = 0; i < key_recipients(push); i++) {
		key_id(id, key_recipient(push, i));
		bytes_put(&o, id, sizeof(id));
		assert_int_equal(crypto_box_seal(box, secret_bytes(data_key),
		    KEY_LEN, key_recipient(push, i)), 0);
		bytes_put(&o, box, sizeof(box));
	}
	o.n += KEY_SIG_LEN;
	assert_true(o.n <= HEAD_MAX);
	buf[10] = (uint8_t)(o.n >> 8);
	buf[11] = (uint8_t)o.n;
	oldhead_sign(buf, o.n, push);
	return (o.n);
}

uint8_t *
oldhead_object(size_t *len, unsigned version, int64_t created_us,
    const struct head_place *at, const void *content, size_t n,
    const struct key *push)
{
	struct head	 h = {
		.version = version, .kind = HEAD_WAL,
		.created_us = created_us, .plain_size = n
	};
	struct err	 e = ERR_INIT;
	struct secret	*data_key = NULL;
	struct memsink	 m;
	struct sink	*s = &m.base;
	struct hash	*tag = NULL;
	uint8_t		*out, head[HEAD_MAX];

	memsink_init(&m);
	if (secret_random(&data_key, KEY_LEN, &e) ||
	    seal_sink_stack(&s, data_key, &e) ||
	    sink_write(s, content, n, &e) || sink_finish(s, &e) ||
	    tag_new(&tag, version, at, push, &e))
		fail_msg("%s", e.msg);
	hash_add(tag, content, n);
	hash_final(tag, h.tag);
	hash_free(tag);
	h.payload_size = m.n;
	hash_of(h.payload_hash, m.p, m.n);
	*len = oldhead_encode(head, &h, at, push, data_key);
	assert_non_null(out = malloc(*len + m.n));
	memcpy(out, head, *len);
	memcpy(out + *len, m.p, m.n);
	*len += m.n;
	sink_free(s);
	free(m.p);
	secret_free(data_key);
	return (out);
}
