/* SPDX-License-Identifier: ISC */
/*
 * One inventory, read and checked: first its two lines of text, which say who
 * vouches, then the entries.
 */
#include <stdlib.h>
#include <string.h>

#include "base/jval.h"
#include "base/parse.h"
#include "crypt/retired.h"
#include "crypt/sign.h"
#include "crypt/vouched.h"
#include "repo/inventoryfile.h"

/* The length of the first two lines; 0 if they are not there. */
static size_t
two_lines(const uint8_t *p, size_t n)
{
	const uint8_t	*end = memchr(p, '\n', n);

	if (end != NULL)
		end = memchr(end + 1, '\n', n - (size_t)(end + 1 - p));
	return (end == NULL ? 0 : (size_t)(end + 1 - p));
}

static int
members(struct inventoryfile *r, const struct jval *j, const struct key *key,
    struct err *e)
{
	struct err	 why = ERR_INIT;
	const char	*signer, *hash, *ignored;

	if (jval_get_str(j, "signer", &signer, e) ||
	    jval_get_str(j, "until", &ignored, e) ||
	    jval_get_str(j, "depth", &ignored, e) ||
	    jval_get_u64(j, "entries", &r->entries, e) ||
	    jval_get_str(j, "entries_hash", &hash, e) ||
	    jval_get_str(j, "created", &ignored, e) ||
	    jval_get_str(j, "seawall", &ignored, e))
		return (-1);
	if (r->entries > VOUCHED_MAX ||
	    strlen(signer) != 2 * (size_t)KEY_LEN ||
	    retired_find(&r->signer, key, signer, &why) ||
	    parse_hex(hash, r->hash, HASH_LEN, "entries_hash", &why))
		return (err_set(e, ERR_CORRUPT, "%s", why.kind == ERR_NONE ?
		    "has a member that the format does not allow" : why.msg));
	return (0);
}

int
inventoryfile_ask(struct inventoryfile *r, struct store *st,
    const char *path, uint64_t size, struct err *e)
{
	if (store_get_open(&r->get, st, path, e))
		return (-1);
	/* More than there is would make the end a failure of the read. */
	r->asked = size < INVENTORYFILE_FRONT ? (size_t)size :
	    INVENTORYFILE_FRONT;
	return (store_get_ask(r->get, 0, r->asked, e));
}

/* Read the two lines, and check who signed them. */
static int
take_front(struct inventoryfile *r, size_t n, const struct head_place *at,
    const struct key *key, struct err *e)
{
	struct jval	*j = NULL;
	const char	*text;
	size_t		 len;
	int		 rc;

	if ((rc = store_get_take(r->get, r->front, n, &r->n, e)) != 0)
		return (rc);
	if ((r->at = two_lines(r->front, r->n)) == 0)
		return (err_set(e, ERR_CORRUPT, "does not begin with two lines "
		    "of text"));
	rc = sign_check(&text, &len, r->front, r->at, "inventory", at, key,
	    e) || jval_parse(text, len, &j, e) || members(r, j, key, e) ?
	    -1 : 0;
	jval_free(j);
	return (rc);
}

int
inventoryfile_check(struct inventoryfile *r, const struct head_place *at,
    const struct key *key, struct err *e)
{
	return (take_front(r, r->asked, at, key, e));
}

static int
wrong_length(const struct inventoryfile *r, struct err *e)
{
	return (err_set(e, ERR_CORRUPT, "does not hold the %llu entries that "
	    "were signed", (unsigned long long)r->entries));
}

/* Read the entries, some of which came with the two lines. */
static int
read_entries(struct inventoryfile *r, struct err *e)
{
	const size_t	 want = (size_t)r->entries * HASH_LEN;
	const size_t	 have = r->n - r->at;
	uint8_t		*to, extra;
	size_t		 got = 0;

	if (have > want || (r->n < INVENTORYFILE_FRONT && have < want))
		return (wrong_length(r, e));
	if ((to = malloc(want + 1)) == NULL)
		return (err_sys(e, ERR_LOCAL, "memory for an inventory of %zu "
		    "bytes", want));
	r->entry = (uint8_t (*)[HASH_LEN])to;
	memcpy(to, r->front + r->at, have);
	if (have < want && store_get_take(r->get, to + have, want - have,
	    &got, e) != 0)
		return (-1);
	if (got < want - have)
		return (wrong_length(r, e));
	if (r->n < INVENTORYFILE_FRONT)
		return (0);
	if (store_get_take(r->get, &extra, 1, &got, e) != 0)
		return (-1);
	return (got == 0 ? 0 : wrong_length(r, e));
}

/* A search relies on the order; what was signed has it. */
static int
check_entries(const struct inventoryfile *r, struct err *e)
{
	uint8_t	 hash[HASH_LEN];
	size_t	 i;

	hash_of(hash, r->entry, (size_t)r->entries * HASH_LEN);
	if (memcmp(hash, r->hash, HASH_LEN) != 0)
		return (err_set(e, ERR_CORRUPT, "its entries are not those "
		    "that were signed"));
	for (i = 1; i < r->entries; i++)
		if (memcmp(r->entry[i - 1], r->entry[i], HASH_LEN) >= 0)
			return (err_set(e, ERR_CORRUPT, "its entries are not "
			    "in order"));
	return (0);
}

int
inventoryfile_read(struct inventoryfile *r, struct store *st,
    const struct head_place *at, const struct key *key, struct err *e)
{
	int	 rc;

	if (store_get_open(&r->get, st, at->path, e) ||
	    store_get_ask(r->get, 0, STORE_TO_END, e))
		return (-1);
	if ((rc = take_front(r, INVENTORYFILE_FRONT, at, key, e)) != 0)
		return (rc);
	return (read_entries(r, e) || check_entries(r, e) ? -1 : 0);
}

void
inventoryfile_fini(struct inventoryfile *r)
{
	store_get_free(r->get);
	free(r->entry);
	r->get = NULL;
	r->entry = NULL;
}
