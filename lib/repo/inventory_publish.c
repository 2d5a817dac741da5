/* SPDX-License-Identifier: ISC */
/* Writing an inventory: the entries in order, and who vouches for them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/jval.h"
#include "base/str.h"
#include "crypt/sign.h"
#include "crypt/vouched.h"
#include "repo/inventory.h"

static int
compare(const void *a, const void *b)
{
	return (memcmp(a, b, HASH_LEN));
}

/* An object may have been looked at twice; its entry is one. */
static void
sort(struct inventory *v)
{
	size_t	 i, n = 0;

	if (v->n == 0)
		return;
	qsort(v->entry, v->n, sizeof(*v->entry), compare);
	for (i = 0; i < v->n; i++)
		if (n == 0 || compare(v->entry[n - 1], v->entry[i]) != 0)
			memmove(v->entry[n++], v->entry[i], HASH_LEN);
	v->n = n;
}

static int
compose(char **text, const struct inventory *v, struct err *e)
{
	struct jval	*j = NULL;
	uint8_t		 sum[HASH_LEN];
	char		 key[2 * KEY_LEN + 1], hash[2 * HASH_LEN + 1];
	char		 until[CLOCK_TEXT], now[CLOCK_TEXT];
	size_t		 n;
	int		 rc = -1;

	hash_of(sum, v->n == 0 ? (const uint8_t *)"" : v->entry[0],
	    v->n * HASH_LEN);
	if (jval_object(&j, e) ||
	    jval_set_str(j, "signer", str_hex(key, v->signer, KEY_LEN), e) ||
	    jval_set_str(j, "until", clock_format(until, v->until_us), e) ||
	    jval_set_str(j, "depth", v->depth, e) ||
	    jval_set_u64(j, "entries", v->n, e) ||
	    jval_set_str(j, "entries_hash", str_hex(hash, sum, HASH_LEN),
	    e) ||
	    jval_set_str(j, "created", clock_format(now, clock_now_us()),
	    e) ||
	    jval_set_str(j, "seawall", SEAWALL_VERSION, e) ||
	    jval_text(j, 0, text, &n, e))
		goto out;
	rc = 0;
out:
	jval_free(j);
	return (rc);
}

static int
choose_name(char path[LAYOUT_PATH], const uint8_t *signer, struct err *e)
{
	uint8_t	 id[KEY_ID_LEN], random[8];
	char	 a[2 * KEY_ID_LEN + 1], b[2 * sizeof(random) + 1];

	key_id(id, signer);
	if (io_random(random, sizeof(random), e))
		return (-1);
	return (str_fmt(path, LAYOUT_PATH, e, LAYOUT_VOUCHED "/%s-%s",
	    str_hex(a, id, sizeof(id)), str_hex(b, random, sizeof(random))));
}

int
inventory_publish(struct inventory *v, struct store *st,
    const struct key *key, struct head_place *at, char path[LAYOUT_PATH],
    struct err *e)
{
	struct store_put	*put = NULL;
	char			*text = NULL, *front = NULL;
	size_t			 n;
	int			 rc = -1;

	sort(v);
	if (v->n > VOUCHED_MAX)
		return (err_set(e, ERR_LOCAL, "found %zu objects to vouch "
		    "for, more than the %d that an inventory holds", v->n,
		    VOUCHED_MAX));
	if (choose_name(path, v->signer, e))
		return (-1);
	at->path = path;
	if (compose(&text, v, e) ||
	    sign_text(&front, &n, "inventory", at, text, key, e) ||
	    store_put_open(&put, st, path, 0, e) ||
	    store_put_write(put, front, n, e) ||
	    (v->n > 0 && store_put_write(put, v->entry, v->n * HASH_LEN,
	    e)) ||
	    store_put_publish(put, "", e))
		goto out;
	rc = 0;
out:
	store_put_free(put);
	free(front);
	free(text);
	return (rc == 0 ? 0 : err_ctx(e, "%s", path));
}
