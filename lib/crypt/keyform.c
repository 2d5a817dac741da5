/* SPDX-License-Identifier: ISC */
/*
 * Write the text of key files.  The text is composed in guarded memory, and
 * every buffer on the way that held digits of a secret is wiped.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/str.h"
#include "crypt/hash.h"
#include "crypt/keyform.h"
#include "crypt/keypass.h"
#include "crypt/keytext.h"

static void
put_text(struct bytes_out *o, const char *s)
{
	bytes_put(o, s, strlen(s));
}

/* Put "name digits\n", the digits in hexadecimal. */
static void
put_item(struct bytes_out *o, const char *name, const uint8_t *p, size_t n)
{
	char	 digits[2 * KEYPASS_SEALED + 1];

	put_text(o, name);
	put_text(o, " ");
	put_text(o, sodium_bin2hex(digits, sizeof(digits), p, n));
	put_text(o, "\n");
	sodium_memzero(digits, sizeof(digits));
}

static int
put_sealed(struct bytes_out *o, const struct key *k, struct secret **derived,
    const struct secret *pass, struct err *e)
{
	struct keypass	 kp;
	struct secret	*seal;
	uint8_t		 box[KEYPASS_SEALED];
	char		 cost[64];
	size_t		 i;

	keypass_fresh(&kp);
	if (keypass_derive(derived, &kp, pass, e) == -1 ||
	    keypass_purpose(&seal, *derived, KEYPASS_SEAL, e) == -1)
		return (-1);
	(void)snprintf(cost, sizeof(cost), "argon2id %" PRIu64 " %" PRIu64,
	    kp.ops, kp.mem);
	put_item(o, cost, kp.salt, sizeof(kp.salt));
	for (i = 0; i < k->nrec; i++) {
		keypass_seal(box, secret_bytes(k->rec_secret) + i * KEY_LEN,
		    seal);
		put_item(o, "recipient-secret-sealed", box, sizeof(box));
	}
	secret_free(seal);
	return (0);
}

/* Put a signer, with what is said of it. */
static void
put_signer(struct bytes_out *o, const struct key *k, size_t i)
{
	char	 hex[2 * KEY_LEN + 1], when[CLOCK_TEXT];

	put_text(o, "signer ");
	put_text(o, str_hex(hex, k->sig[i], KEY_LEN));
	if (k->words[i].v2_until_us != 0) {
		put_text(o, " v2-until ");
		put_text(o, clock_format(when, k->words[i].v2_until_us));
	}
	put_text(o, k->words[i].retired ? " retired\n" : "\n");
}

/* Bind all that has been put so far to the passphrase. */
static int
put_bound(struct bytes_out *o, const uint8_t *p, const struct secret *derived,
    struct err *e)
{
	uint8_t	 bound[KEY_LEN];

	if (keypass_bound(bound, derived, p, o->n, e) == -1)
		return (-1);
	put_item(o, "bound", bound, sizeof(bound));
	return (0);
}

static int
put_items(struct bytes_out *o, const uint8_t *p, const struct key *k,
    enum key_role role, const struct secret *pass, struct err *e)
{
	struct secret	*derived = NULL;
	size_t		 i;
	int		 rc = -1;

	if (role != KEY_RESTORE)
		pass = NULL;
	if (pass != NULL) {
		if (put_sealed(o, k, &derived, pass, e) == -1)
			goto out;
	} else
		for (i = 0; i < k->nrec; i++)
			put_item(o, role == KEY_RESTORE ? "recipient-secret" :
			    "recipient", role == KEY_RESTORE ?
			    secret_bytes(k->rec_secret) + i * KEY_LEN :
			    k->rec[i], KEY_LEN);
	if (role == KEY_PUSH || role == KEY_DRILL)
		put_item(o, "signer-secret", secret_bytes(k->seed), KEY_LEN);
	for (i = role == KEY_PUSH || role == KEY_DRILL ? 1 : 0;
	    i < k->nsig; i++)
		put_signer(o, k, i);
	for (i = 0; i < k->ndrill; i++)
		put_item(o, "drill-signer", k->drill[i], KEY_LEN);
	if (pass != NULL && bytes_out_ok(o) &&
	    put_bound(o, p, derived, e) == -1)
		goto out;
	rc = 0;
out:
	secret_free(derived);
	return (rc);
}

int
keyform_text(struct secret **out, const struct key *k, enum key_role role,
    int64_t created_us, const struct secret *pass, struct err *e)
{
	struct secret	*work, *text;
	struct bytes_out o;
	char		 line[96], when[CLOCK_TEXT];
	uint8_t		*p, *to, sum[HASH_LEN];

	if (secret_new(&work, KEYTEXT_MAX, &p, e) == -1)
		return (-1);
	o = bytes_out_of(p, KEYTEXT_MAX);
	(void)snprintf(line, sizeof(line), "seawall %s key 2\ncreated %s\n",
	    keyrole_name(role),
	    clock_format(when, created_us - created_us % 1000000));
	put_text(&o, line);
	if (put_items(&o, p, k, role, pass, e) == -1)
		goto fail;
	/* The check word covers all before its own line. */
	hash_of(sum, p, o.n);
	put_item(&o, "check", sum, KEYTEXT_CHECK);
	if (!bytes_out_ok(&o)) {
		err_set(e, ERR_LOCAL, "a key file of more than %d bytes",
		    KEYTEXT_MAX);
		goto fail;
	}
	/* A secret's length is fixed when it is made: copy to one that fits. */
	if (secret_new(&text, o.n, &to, e) == -1)
		goto fail;
	memcpy(to, p, o.n);
	secret_freeze(text);
	secret_free(work);
	*out = text;
	return (0);
fail:
	secret_free(work);
	return (-1);
}
