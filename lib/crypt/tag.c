/* SPDX-License-Identifier: ISC */
/*
 * Content tags.
 *
 * All keys follow from the signer's seed, so a storage host, which sees every
 * tag, can neither make one nor test a guess at a content.  Version 2 of
 * headers brought another tag, which version 3 has, too.  Both must be made as
 * long as objects of version 1 are stored: a push that meets one makes its own
 * tag of that version to compare.
 */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include <sodium.h>

#include "base/str.h"
#include "crypt/tag.h"

static int
need_seed(const struct secret **seed, const struct key *key, struct err *e)
{
	if ((*seed = key_signer_seed(key)) != NULL)
		return (0);
	return (err_set(e, ERR_CONFIG, "a content tag needs a .push key"));
}

int
tag_new_keyed(struct hash **out, const char *use, const struct key *key,
    struct err *e)
{
	const struct secret	*seed;
	uint8_t			 k[HASH_LEN];
	int			 rc;

	if (need_seed(&seed, key, e))
		return (-1);
	(void)crypto_generichash(k, sizeof(k), (const uint8_t *)use,
	    strlen(use), secret_bytes(seed), KEY_LEN);
	rc = hash_new_with(out, k, e);
	sodium_memzero(k, sizeof(k));
	return (rc);
}

/*
 * Poly1305 does the work on the content, since it is fast.  Its output must
 * stay secret: two outputs for known contents under one key give the key
 * away, and a place may see two contents.  So BLAKE2b, under a second secret
 * key, hides it.  Both keys are the place's own: equal contents at two places
 * do not show.
 */
static int
new_2(struct hash **out, const struct head_place *at,
    const struct key *key, struct err *e)
{
	const struct secret	*seed;
	uint8_t			 b[2 * HASH_LEN];
	char			 front[HEAD_SERVER_MAX + HEAD_PATH_MAX + 80];
	int			 rc;

	if (need_seed(&seed, key, e) || head_place_check(at, e) ||
	    str_fmt(front, sizeof(front), e, "seawall content tag 2\n%s\n%"
	    PRIu64 "\n%s\n", at->server, at->system_id, at->path))
		return (-1);
	(void)crypto_generichash(b, sizeof(b), (const uint8_t *)front,
	    strlen(front), secret_bytes(seed), KEY_LEN);
	rc = hash_new_nested(out, b, b + HASH_LEN, e);
	sodium_memzero(b, sizeof(b));
	return (rc);
}

int
tag_new(struct hash **out, unsigned version,
    const struct head_place *at, const struct key *key, struct err *e)
{
	assert(version >= 1 && version <= HEAD_VERSION);
	return (version == 1 ? tag_new_keyed(out, TAG_USE_1, key, e) :
	    new_2(out, at, key, e));
}
