/* SPDX-License-Identifier: ISC */
/*
 * Signers that were retired.  Everything here fails closed: a key without
 * inventories, a cluster of which none was read, an inventory that could not
 * be used, all mean that the object does not count.
 */
#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "crypt/hex.h"
#include "crypt/keyparts.h"
#include "crypt/retired.h"

int
retired_is(const struct key *k, size_t i)
{
	return (k->words[i].retired && !k->trusted[i]);
}

static int
refuse(const struct key *k, const char *hex, size_t files, const char *why,
    struct err *e)
{
	if (k->vouched == NULL)
		return (err_set(e, ERR_CORRUPT, "signed by %s, which is "
		    "retired in the key file %s; what it signed does not "
		    "count for a push: see seawall-after-a-theft(7)", hex,
		    key_file(k)));
	if (files > 0)
		return (err_set(e, ERR_CORRUPT, "signed by %s, which is "
		    "retired in the key file %s, and no inventory lists it: "
		    "it came after the key was stolen, or did not pass; see "
		    "seawall-after-a-theft(7)", hex, key_file(k)));
	return (err_set(e, ERR_CORRUPT, "signed by %s, which is retired in "
	    "the key file %s, and the repository holds no inventory for it "
	    "that counts%s%s; make one with backup-verify --vouch, or bring "
	    "it back if it was removed: see seawall-after-a-theft(7)", hex,
	    key_file(k), why[0] == '\0' ? "" : ": ", why));
}

int
retired_check(const struct key *k, size_t i, const struct head_place *at,
    const uint8_t hash[HASH_LEN], struct err *e)
{
	uint8_t	 entry[HASH_LEN], id[KEY_ID_LEN];
	char	 hex[2 * KEY_ID_LEN + 1], why[ERR_MSGMAX] = "";
	size_t	 files = 0;

	if (!retired_is(k, i))
		return (0);
	vouched_entry(entry, at->path, hash);
	if (k->vouched != NULL && vouched_find(k->vouched, at, k->sig[i],
	    entry, &files, why))
		return (0);
	key_id(id, k->sig[i]);
	return (refuse(k, str_hex(hex, id, sizeof(id)), files, why, e));
}

int
retired_unlisted(const struct key *k, size_t i, const struct head_place *at,
    const uint8_t hash[HASH_LEN])
{
	uint8_t	 entry[HASH_LEN];
	char	 why[ERR_MSGMAX] = "";
	size_t	 files = 0;

	if (!retired_is(k, i) || k->vouched == NULL)
		return (0);
	vouched_entry(entry, at->path, hash);
	return (!vouched_find(k->vouched, at, k->sig[i], entry, &files,
	    why) && files > 0);
}

int
retired_any(const struct key *k)
{
	size_t	 i;

	for (i = 0; i < k->nsig; i++)
		if (retired_is(k, i))
			return (1);
	return (0);
}

int
retired_id(const struct key *k, const uint8_t id[KEY_ID_LEN])
{
	uint8_t	 own[KEY_ID_LEN];
	size_t	 i;

	for (i = 0; i < k->nsig; i++) {
		key_id(own, k->sig[i]);
		if (k->words[i].retired && memcmp(own, id, KEY_ID_LEN) == 0)
			return (1);
	}
	return (0);
}

int
retired_find(size_t *out, const struct key *k, const char *name,
    struct err *e)
{
	uint8_t	 id[KEY_ID_LEN], want[KEY_LEN];
	size_t	 i, n = strlen(name), found = 0;
	int	 whole = hex_read(want, KEY_LEN, name, n) == 0;

	if (!whole && hex_read(want, KEY_ID_LEN, name, n) == -1)
		return (err_set(e, ERR_CONFIG, "found \"%.80s\", expected a "
		    "signer: its id of %d lower-case hexadecimal digits, as "
		    "backup-list prints it, or its key of %d", name,
		    2 * KEY_ID_LEN, 2 * KEY_LEN));
	for (i = 0; i < k->nsig; i++) {
		key_id(id, k->sig[i]);
		if (memcmp(want, whole ? k->sig[i] : id,
		    whole ? KEY_LEN : KEY_ID_LEN) != 0)
			continue;
		*out = i;
		found++;
	}
	if (found == 1)
		return (0);
	return (err_set(e, ERR_CONFIG, "%s is %s in the key file %s", name,
	    found == 0 ? "no signer" : "the id of two signers", key_file(k)));
}

void
retired_mark(struct key *k, size_t i)
{
	k->words[i].retired = 1;
}

void
retired_trust(struct key *k, size_t i)
{
	k->trusted[i] = 1;
}

void
retired_forgo(struct key *k)
{
	vouched_free(k->vouched);
	k->vouched = NULL;
}

struct vouched *
retired_vouched(const struct key *k)
{
	return (k->vouched);
}
