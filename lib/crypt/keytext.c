/* SPDX-License-Identifier: ISC */
/*
 * Parse key files, strictly: every line has one place and one spelling.
 *
 * A key file that is cut or mistyped must not become another key: objects
 * would be sealed to it, and nobody could read them.  Hence the check word
 * before anything is believed, and nothing behind it.  Values are secrets, so
 * messages give the line's number and what was expected, never what is there.
 */
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/parse.h"
#include "base/str.h"
#include "crypt/hash.h"
#include "crypt/hex.h"
#include "crypt/init.h"
#include "crypt/keypass.h"
#include "crypt/keytext.h"

#define CHECK_LINE	(sizeof("check ") - 1 + 2 * KEYTEXT_CHECK + 1)

/* What is still to be read, line by line. */
struct text {
	const char	*p;
	size_t		 left;
	unsigned	 line;		/* the one at "p" */
	unsigned	 version;	/* 1 or 2, behind the first line */
};

/* The value of an item; not NUL-terminated, and never put in a message. */
struct value {
	const char	*p;
	size_t		 n;
};

/* Sealed secrets, kept until the passphrase is tried. */
struct sealed {
	struct keypass	 kp;
	int		 on;
	uint8_t		 box[KEY_MAX][KEYPASS_SEALED];
	/* From version 2 on; the file up to the line "bound". */
	uint8_t		 bound[KEY_LEN];
	const char	*text;
	size_t		 n;		/* 0 for version 1 */
};

static int
bad_line(const struct text *t, struct err *e, const char *what)
{
	return (err_set(e, ERR_CONFIG, "line %u: expected %s", t->line, what));
}

/* Take the next line if it is "name value"; returns whether it was. */
static int
item(struct text *t, const char *name, struct value *v)
{
	const char	*end;
	size_t		 n = strlen(name);

	end = t->left == 0 ? NULL : memchr(t->p, '\n', t->left);
	if (end == NULL || (size_t)(end - t->p) <= n ||
	    memcmp(t->p, name, n) != 0 || t->p[n] != ' ')
		return (0);
	v->p = t->p + n + 1;
	v->n = (size_t)(end - v->p);
	t->left -= (size_t)(end + 1 - t->p);
	t->p = end + 1;
	t->line++;
	return (1);
}

/* Take a line "name hexadecimal", which must come next. */
static int
hex_item(struct text *t, const char *name, uint8_t *out, size_t len,
    struct err *e)
{
	struct value	 v;

	if (!item(t, name, &v))
		return (bad_line(t, e, name));
	if (hex_read(out, len, v.p, v.n) == -1)
		return (err_set(e, ERR_CONFIG, "line %u: %s: expected %zu "
		    "lower-case hexadecimal digits", t->line - 1, name,
		    2 * len));
	return (0);
}

static int
first_line(struct text *t, enum key_role *role, struct err *e)
{
	static const enum key_role	 roles[] = {
		KEY_PUSH, KEY_RESTORE, KEY_PUBLIC, KEY_DRILL
	};
	struct value	 v;
	char		 name[32], what[33];
	size_t		 i;

	for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		(void)snprintf(name, sizeof(name), "seawall %s key",
		    keyrole_name(roles[i]));
		if (!item(t, name, &v))
			continue;
		if (v.n != 1 || (v.p[0] != '2' &&
		    (v.p[0] != '1' || roles[i] == KEY_DRILL)))
			return (err_set(e, ERR_CONFIG, "is a %s key of version "
			    "%s; this program knows versions 1 and 2",
			    keyrole_name(roles[i]),
			    str_clean(what, sizeof(what), v.p, v.n)));
		t->version = (unsigned)(v.p[0] - '0');
		*role = roles[i];
		return (0);
	}
	return (err_set(e, ERR_CONFIG, "is not a Seawall key file"));
}

/*
 * Take the last line off, and check that nothing before it was changed.  This
 * is against accidents: whoever can write the file can make the word fit.
 */
static int
check_line(struct text *t, const char *text, size_t n, struct err *e)
{
	struct text	 last = { NULL, CHECK_LINE, 0, 0 };
	struct value	 v;
	uint8_t		 found[KEYTEXT_CHECK], made[HASH_LEN];

	if (n >= CHECK_LINE)
		last.p = text + n - CHECK_LINE;
	if (t->left < CHECK_LINE || last.p[-1] != '\n' ||
	    !item(&last, "check", &v) || last.left != 0 ||
	    hex_read(found, sizeof(found), v.p, v.n) == -1)
		return (err_set(e, ERR_CONFIG, "does not end with a line "
		    "\"check\" and 8 digits; cut short, or something follows"));
	hash_of(made, text, n - CHECK_LINE);
	if (memcmp(made, found, KEYTEXT_CHECK) != 0)
		return (err_set(e, ERR_CONFIG, "is damaged: its check word "
		    "does not fit; copy it again from where it was made"));
	t->left -= CHECK_LINE;
	return (0);
}

/* Read a time; returns -1 unless it is spelled the one way. */
static int
moment(const struct value *v, int64_t *us, char raw[CLOCK_TEXT])
{
	struct err	 ignored = ERR_INIT;
	char		 again[CLOCK_TEXT];

	(void)str_clean(raw, CLOCK_TEXT, v->p, v->n);
	if (v->n >= CLOCK_TEXT ||
	    clock_parse(raw, us, NULL, NULL, &ignored) == -1 ||
	    strcmp(raw, clock_format(again, *us)) != 0)
		return (-1);
	return (0);
}

/* The time is for people only, but has one spelling like all else. */
static int
created(struct text *t, struct err *e)
{
	struct value	 v;
	char		 raw[CLOCK_TEXT];
	int64_t		 us;

	if (!item(t, "created", &v))
		return (bad_line(t, e, "created"));
	if (moment(&v, &us, raw) == -1)
		return (err_set(e, ERR_CONFIG, "line %u: created: found %s, "
		    "expected YYYY-MM-DDThh:mm:ssZ", t->line - 1, raw));
	return (0);
}

/* Costs are bounded: a forged file must not take this host's memory. */
static int
argon2id(struct text *t, struct sealed *s, struct err *e)
{
	struct value	 v, part;
	const char	*end;
	uint64_t	*to[2] = { &s->kp.ops, &s->kp.mem };
	const uint64_t	 max[2] = { KEYPASS_OPS_MAX, KEYPASS_MEM_MAX };
	const uint64_t	 min[2] = { crypto_pwhash_argon2id_OPSLIMIT_MIN,
	    crypto_pwhash_argon2id_MEMLIMIT_MIN };
	char		 word[24];
	int		 i;

	if (!item(t, "argon2id", &v))
		return (0);
	for (i = 0; i < 2; i++) {
		if ((end = memchr(v.p, ' ', v.n)) == NULL)
			return (err_set(e, ERR_CONFIG, "line %u: argon2id: "
			    "expected three values", t->line - 1));
		part = (struct value){ v.p, (size_t)(end - v.p) };
		(void)str_clean(word, sizeof(word), part.p, part.n);
		if (parse_u64(word, min[i], max[i], to[i], i == 0 ?
		    "argon2id opslimit" : "argon2id memlimit", e) == -1)
			return (err_ctx(e, "line %u", t->line - 1));
		v = (struct value){ end + 1, v.n - part.n - 1 };
	}
	if (hex_read(s->kp.salt, sizeof(s->kp.salt), v.p, v.n) == -1)
		return (err_set(e, ERR_CONFIG, "line %u: argon2id: expected "
		    "a salt of %zu lower-case hexadecimal digits",
		    t->line - 1, 2 * sizeof(s->kp.salt)));
	s->on = 1;
	return (0);
}

/* Take 1 to KEY_MAX lines with public keys, none of them twice. */
static int
publics(struct text *t, const char *name, uint8_t (*out)[KEY_LEN], size_t *n,
    struct err *e)
{
	struct text	 at = *t;
	struct value	 v;
	size_t		 i;

	do {
		if (*n == KEY_MAX)
			return (err_set(e, ERR_CONFIG, "line %u: more than %d "
			    "lines of %s", t->line, KEY_MAX, name));
		if (hex_item(t, name, out[*n], KEY_LEN, e) == -1)
			return (-1);
		for (i = 0; i < *n; i++)
			if (memcmp(out[i], out[*n], KEY_LEN) == 0)
				return (err_set(e, ERR_CONFIG, "line %u: the "
				    "same %s again", t->line - 1, name));
		(*n)++;
		at = *t;
	} while (item(&at, name, &v));
	return (0);
}

/* Take a blank and "word" off the front; returns whether they were there. */
static int
take_word(struct value *v, const char *word)
{
	size_t	 n = strlen(word) + 1;

	if (v->n < n || v->p[0] != ' ' || memcmp(v->p + 1, word, n - 1) != 0 ||
	    (v->n > n && v->p[n] != ' '))
		return (0);
	v->p += n;
	v->n -= n;
	return (1);
}

/* Read what follows the key in a signer line; -1 if it is anything else. */
static int
signer_words(struct key_words *w, struct value v)
{
	struct value	 at;
	const char	*end;
	char		 raw[CLOCK_TEXT];

	if (take_word(&v, "v2-until")) {
		if (v.n < 2)
			return (-1);
		at = (struct value){ v.p + 1, v.n - 1 };
		if ((end = memchr(at.p, ' ', at.n)) != NULL)
			at.n = (size_t)(end - at.p);
		if (moment(&at, &w->v2_until_us, raw) == -1 ||
		    w->v2_until_us <= 0)
			return (-1);
		v = (struct value){ at.p + at.n, v.n - 1 - at.n };
	}
	w->retired = take_word(&v, "retired");
	return (v.n == 0 ? 0 : -1);
}

/* Take one signer, whose line has just been read as "v". */
static int
signer(const struct text *t, struct key *k, struct value v, struct err *e)
{
	struct key_words	*w;
	struct value		 rest = { v.p, 0 };
	size_t			 i;

	if (k->nsig == KEY_MAX)
		return (err_set(e, ERR_CONFIG, "line %u: more than %d lines "
		    "of signer", t->line - 1, KEY_MAX));
	if (t->version > 1 && v.n > 2 * KEY_LEN) {
		rest = (struct value){ v.p + 2 * KEY_LEN, v.n - 2 * KEY_LEN };
		v.n = 2 * KEY_LEN;
	}
	if (hex_read(k->sig[k->nsig], KEY_LEN, v.p, v.n) == -1)
		return (err_set(e, ERR_CONFIG, "line %u: signer: expected %d "
		    "lower-case hexadecimal digits", t->line - 1,
		    2 * KEY_LEN));
	w = &k->words[k->nsig];
	w->v2_until_us = t->version == 1 ? KEYPARTS_FOREVER : 0;
	if (signer_words(w, rest) == -1)
		return (err_set(e, ERR_CONFIG, "line %u: signer: expected "
		    "\"v2-until YYYY-MM-DDThh:mm:ssZ\", \"retired\", both or "
		    "nothing behind the key", t->line - 1));
	for (i = 0; i < k->nsig; i++)
		if (memcmp(k->sig[i], k->sig[k->nsig], KEY_LEN) == 0)
			return (err_set(e, ERR_CONFIG, "line %u: the same "
			    "signer again", t->line - 1));
	k->nsig++;
	return (0);
}

/* Take all signers that follow, and the signers of receipts. */
static int
signers(struct text *t, struct key *k, struct err *e)
{
	struct text	 at;
	struct value	 v;
	size_t		 i, j;

	while (item(t, "signer", &v))
		if (signer(t, k, v, e) == -1)
			return (-1);
	if (k->nsig == 0)
		return (bad_line(t, e, "signer"));
	at = *t;
	if (t->version == 1 || !item(&at, "drill-signer", &v))
		return (0);
	if (publics(t, "drill-signer", k->drill, &k->ndrill, e) == -1)
		return (-1);
	for (i = 0; i < k->ndrill; i++)
		for (j = 0; j < k->nsig; j++)
			if (memcmp(k->drill[i], k->sig[j], KEY_LEN) == 0)
				return (err_set(e, ERR_CONFIG, "holds the "
				    "same key as signer and as drill-signer"));
	return (0);
}

/* Compute the public halves of secrets; refuse the same one twice. */
static int
halves(struct key *k, const uint8_t *secrets, struct err *e)
{
	size_t	 i, j;

	for (i = 0; i < k->nrec; i++) {
		(void)crypto_scalarmult_base(k->rec[i],
		    secrets + i * KEY_LEN);
		for (j = 0; j < i; j++)
			if (memcmp(k->rec[i], k->rec[j], KEY_LEN) == 0)
				return (err_set(e, ERR_CONFIG,
				    "holds the same recipient-secret twice"));
	}
	return (0);
}

static int
recipient_secrets(struct text *t, struct key *k, struct sealed *s,
    struct err *e)
{
	const char	*name;
	struct text	 at;
	struct value	 v;
	uint8_t		*to;

	if (argon2id(t, s, e) ||
	    secret_new(&k->rec_secret, KEY_MAX * KEY_LEN, &to, e))
		return (-1);
	name = s->on ? "recipient-secret-sealed" : "recipient-secret";
	do {
		if (k->nrec == KEY_MAX)
			return (err_set(e, ERR_CONFIG, "line %u: more than %d "
			    "lines of %s", t->line, KEY_MAX, name));
		if (s->on ? hex_item(t, name, s->box[k->nrec], KEYPASS_SEALED,
		    e) : hex_item(t, name, to + k->nrec * KEY_LEN, KEY_LEN, e))
			return (-1);
		k->nrec++;
		at = *t;
	} while (item(&at, name, &v));
	return (s->on ? 0 : halves(k, to, e));
}

/* Take the line that binds the public lines to the passphrase. */
static int
bound(struct text *t, const char *text, struct sealed *s, struct err *e)
{
	if (!s->on || t->version == 1)
		return (0);
	s->text = text;
	s->n = (size_t)(t->p - text);
	return (hex_item(t, "bound", s->bound, sizeof(s->bound), e));
}

static int
check_bound(const struct sealed *s, const struct secret *derived,
    struct err *e)
{
	uint8_t	 made[KEY_LEN];

	if (keypass_bound(made, derived, s->text, s->n, e) == -1)
		return (-1);
	if (!hash_equal(made, s->bound))
		return (err_set(e, ERR_CONFIG, "was changed by somebody who "
		    "did not know its passphrase; its signers cannot be "
		    "trusted: use a copy of the file as it was made"));
	return (0);
}

/* Open the sealed secrets, once the whole file has proved well-formed. */
static int
unlock(struct key *k, const struct sealed *s, const struct secret *pass,
    struct err *e)
{
	struct secret	*derived = NULL, *seal = NULL;
	uint8_t		*to;
	size_t		 i;
	int		 rc = -1;

	secret_free(k->rec_secret);
	k->rec_secret = NULL;
	if (keypass_derive(&derived, &s->kp, pass, e) ||
	    (s->n > 0 && keypass_purpose(&seal, derived, KEYPASS_SEAL, e)) ||
	    secret_new(&k->rec_secret, KEY_MAX * KEY_LEN, &to, e))
		goto out;
	for (i = 0; i < k->nrec; i++)
		if (keypass_open(to + i * KEY_LEN, s->box[i],
		    seal != NULL ? seal : derived, e) == -1)
			goto out;
	if (s->n > 0 && check_bound(s, derived, e) == -1)
		goto out;
	rc = halves(k, to, e);
out:
	secret_free(seal);
	secret_free(derived);
	return (rc);
}

/*
 * Take the signer's secret.  The public keys of earlier signers follow it: a
 * push must believe the marker that one of them signed before a rotation.  The
 * own signer's objects of earlier header versions count: a push opens nothing,
 * and must recognize what it stored.
 */
static int
signer_seed(struct text *t, struct key *k, struct err *e)
{
	uint8_t		*to, sk[crypto_sign_SECRETKEYBYTES];

	if (secret_new(&k->seed, KEY_LEN, &to, e) ||
	    hex_item(t, "signer-secret", to, KEY_LEN, e))
		return (-1);
	(void)crypto_sign_seed_keypair(k->sig[0], sk, to);
	sodium_memzero(sk, sizeof(sk));
	secret_freeze(k->seed);
	k->words[0].v2_until_us = KEYPARTS_FOREVER;
	k->nsig = 1;
	return (0);
}

int
keytext_parse(struct key *k, const char *text, size_t n,
    const struct secret *pass, struct err *e)
{
	struct text	 t = { text, n, 1, 0 };
	struct sealed	 s = { .on = 0 };

	if (init_sodium(e) ||
	    first_line(&t, &k->role, e) ||
	    check_line(&t, text, n, e) ||
	    created(&t, e))
		return (-1);
	if (k->role == KEY_RESTORE ? recipient_secrets(&t, k, &s, e) :
	    k->role != KEY_DRILL &&
	    publics(&t, "recipient", k->rec, &k->nrec, e))
		return (-1);
	if (((k->role == KEY_PUSH || k->role == KEY_DRILL) &&
	    signer_seed(&t, k, e)) || (k->role != KEY_DRILL &&
	    (signers(&t, k, e) || bound(&t, text, &s, e))))
		return (-1);
	if (t.left != 0)
		return (bad_line(&t, e, "check"));
	if (s.on && pass == NULL)
		return (1);
	if (s.on && unlock(k, &s, pass, e) == -1)
		return (-1);
	if (k->rec_secret != NULL)
		secret_freeze(k->rec_secret);
	return (0);
}
