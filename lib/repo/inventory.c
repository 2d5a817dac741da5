/* SPDX-License-Identifier: ISC */
/*
 * Reading inventories.  The storage host can withhold one, and a thief of the
 * retired key could once add files of such names; neither may make an object
 * count.  So a file is believed only if a signer in service signed it, and
 * every doubt leaves it out.
 */
#include <stdlib.h>
#include <string.h>

#include "base/jval.h"
#include "base/parse.h"
#include "base/str.h"
#include "crypt/retired.h"
#include "crypt/sign.h"
#include "crypt/vouched.h"
#include "repo/inventory.h"

#define FRONT		((size_t)4096)	/* both lines are within it */
#define FILES_MAX	64

/* The names that are to be read. */
struct names {
	const struct key	*key;
	struct vouched		*known;
	struct head_place	 at;
	char			 path[FILES_MAX][LAYOUT_PATH];
	size_t			 n;		/* also counts those behind */
};

/* One file, while it is read. */
struct reading {
	struct store_get *get;
	uint8_t		 front[FRONT];
	size_t		 n;		/* bytes in "front" */
	size_t		 at;		/* where the entries begin in it */
	size_t		 signer;	/* the number of the retired one */
	uint64_t	 entries;
	uint8_t		 hash[HASH_LEN];
	uint8_t		(*entry)[HASH_LEN];	/* owned */
};

/*
 * An entry of vouched/.  Only files of signers that matter are read, and each
 * of them once; all others are none of ours.
 */
static int
on_name(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct names		*l = arg;
	struct head_place	 at = l->at;
	uint8_t			 signer[KEY_ID_LEN];
	char			 path[LAYOUT_PATH];

	(void)i;
	(void)missing;
	if (en == NULL || en->is_dir ||
	    !layout_vouched_signer(en->name, signer, sizeof(signer)) ||
	    !retired_id(l->key, signer))
		return (0);
	if (str_fmt(path, sizeof(path), e, LAYOUT_VOUCHED "/%s", en->name))
		return (-1);
	at.path = path;
	if (vouched_has(l->known, &at))
		return (0);
	if (l->n < FILES_MAX)
		memcpy(l->path[l->n], path, sizeof(path));
	l->n++;
	return (0);
}

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
members(struct reading *r, const struct jval *j, const struct key *key,
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

/* Read the two lines, and check who signed them. */
static int
read_front(struct reading *r, const struct head_place *at,
    const struct key *key, struct err *e)
{
	struct jval	*j = NULL;
	const char	*text;
	size_t		 len;
	int		 rc;

	if ((rc = store_get_take(r->get, r->front, FRONT, &r->n, e)) != 0)
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

static int
wrong_length(const struct reading *r, struct err *e)
{
	return (err_set(e, ERR_CORRUPT, "does not hold the %llu entries that "
	    "were signed", (unsigned long long)r->entries));
}

/* Read the entries, some of which came with the two lines. */
static int
read_entries(struct reading *r, struct err *e)
{
	const size_t	 want = (size_t)r->entries * HASH_LEN;
	const size_t	 have = r->n - r->at;
	uint8_t		*to, extra;
	size_t		 got = 0;

	if (have > want || (r->n < FRONT && have < want))
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
	if (r->n < FRONT)
		return (0);
	if (store_get_take(r->get, &extra, 1, &got, e) != 0)
		return (-1);
	return (got == 0 ? 0 : wrong_length(r, e));
}

/* A search relies on the order; what was signed has it. */
static int
check_entries(const struct reading *r, struct err *e)
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

/* Returns 0, 1 if the file is gone, or -1. */
static int
read_one(struct reading *r, struct store *st, const struct key *key,
    const struct head_place *at, struct err *e)
{
	int	 rc;

	if (store_get_open(&r->get, st, at->path, e) ||
	    store_get_ask(r->get, 0, STORE_TO_END, e))
		return (-1);
	if ((rc = read_front(r, at, key, e)) != 0)
		return (rc);
	return (read_entries(r, e) || check_entries(r, e) ? -1 : 0);
}

/*
 * A file that cannot be read for want of a network is a failure: nobody knows
 * what it lists.  One that is no inventory is noted.
 */
static int
add_one(struct store *st, const struct key *key, const struct head_place *at,
    struct err *e)
{
	struct reading	*r;
	struct err	 why = ERR_INIT;
	int		 rc;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (err_sys(e, ERR_LOCAL, "memory for an inventory"));
	if ((rc = read_one(r, st, key, at, &why)) == 0) {
		rc = vouched_add(retired_vouched(key), at,
		    key_signer(key, r->signer), r->entry,
		    (size_t)r->entries, e);
		r->entry = NULL;
	} else if (rc == -1 && (why.kind == ERR_REMOTE ||
	    why.kind == ERR_LOCAL))
		rc = err_set(e, why.kind, "%s: %s", at->path, why.msg);
	else {
		if (rc == -1) {
			err_ctx(&why, "%s", at->path);
			vouched_note(retired_vouched(key), at, why.msg);
		}
		rc = 0;
	}
	store_get_free(r->get);
	free(r->entry);
	free(r);
	return (rc);
}

static int
load(struct names *l, struct store *st, struct err *e)
{
	static const char *const	 dir[] = { LAYOUT_VOUCHED };
	struct head_place		 at = l->at;
	char				 why[ERR_MSGMAX];
	size_t				 i;

	if (store_list(st, dir, 1, on_name, l, e))
		return (-1);
	if (l->n > FILES_MAX) {
		if (str_fmt(why, sizeof(why), e, LAYOUT_VOUCHED "/ holds %zu "
		    "files of retired signers, more than %d; remove those "
		    "that backup-verify did not make", l->n, FILES_MAX))
			return (-1);
		vouched_note(l->known, &l->at, why);
		return (0);
	}
	vouched_note(l->known, &l->at, "");
	for (i = 0; i < l->n; i++) {
		at.path = l->path[i];
		if (add_one(st, l->key, &at, e))
			return (-1);
	}
	return (0);
}

int
inventory_load(struct store *st, const struct key *key, const char *server,
    uint64_t system_id, struct err *e)
{
	struct names	*l;
	int		 rc;

	if (!retired_any(key) || retired_vouched(key) == NULL)
		return (0);
	if ((l = calloc(1, sizeof(*l))) == NULL)
		return (err_sys(e, ERR_LOCAL, "memory for inventories"));
	l->key = key;
	l->known = retired_vouched(key);
	l->at = (struct head_place){ server, system_id, LAYOUT_VOUCHED };
	vouched_lock(l->known);
	rc = load(l, st, e);
	vouched_unlock(l->known);
	free(l);
	return (rc);
}
