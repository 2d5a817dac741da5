/* SPDX-License-Identifier: ISC */
/* What a list of files says of itself, to bytes and back. */
#include <stdio.h>
#include <string.h>

#include "reuse/manifestfacts.h"

struct manifestfacts
manifestfacts_of(const struct key *key, const char *server, uint64_t system_id,
    const char *id, int64_t safe_us)
{
	struct manifestfacts	 f = { .system_id = system_id,
	    .safe_us = safe_us, .nrecipients = key_recipients(key) };
	size_t			 i;

	(void)snprintf(f.server, sizeof(f.server), "%s", server);
	(void)snprintf(f.id, sizeof(f.id), "%s", id);
	for (i = 0; i < f.nrecipients; i++)
		key_id(f.recipient[i], key_recipient(key, i));
	return (f);
}

static void
put_text(struct bytes_out *o, const char *s)
{
	bytes_put_u8(o, (uint8_t)strlen(s));
	bytes_put(o, s, strlen(s));
}

void
manifestfacts_put(struct bytes_out *o, const struct manifestfacts *f)
{
	put_text(o, f->server);
	bytes_put_u64be(o, f->system_id);
	put_text(o, f->id);
	bytes_put(o, f->manifest_hash, HASH_LEN);
	bytes_put_u64be(o, (uint64_t)f->safe_us);
	bytes_put_u8(o, (uint8_t)f->nrecipients);
	bytes_put(o, f->recipient, f->nrecipients * KEY_ID_LEN);
}

/* The bytes may be anybody's: tags are checked only after they are parsed. */
static int
get_text(struct bytes *b, char *out, size_t size)
{
	size_t		 n = bytes_u8(b);
	const uint8_t	*p = bytes_take(b, n);

	if (p == NULL || n >= size || memchr(p, '\0', n) != NULL)
		return (-1);
	memcpy(out, p, n);
	out[n] = '\0';
	return (0);
}

int
manifestfacts_get(struct manifestfacts *f, const void *p, size_t n)
{
	struct bytes	 b = bytes_of(p, n);

	memset(f, 0, sizeof(*f));
	if (get_text(&b, f->server, sizeof(f->server)))
		return (-1);
	f->system_id = bytes_u64be(&b);
	if (get_text(&b, f->id, sizeof(f->id)))
		return (-1);
	bytes_copy(&b, f->manifest_hash, HASH_LEN);
	f->safe_us = (int64_t)bytes_u64be(&b);
	f->nrecipients = bytes_u8(&b);
	if (f->nrecipients > KEY_MAX)
		return (-1);
	bytes_copy(&b, f->recipient, f->nrecipients * KEY_ID_LEN);
	return (bytes_ok(&b) && layout_id_ok(f->id) ? 0 : -1);
}

int
manifestfacts_fit(const struct manifestfacts *f, const struct key *key)
{
	struct head	 h = { .nrecipients = f->nrecipients };

	key_id(h.signer, key_signer(key, 0));
	memcpy(h.recipient, f->recipient, sizeof(h.recipient));
	return (head_fits(&h, key));
}
