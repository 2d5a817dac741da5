/* SPDX-License-Identifier: ISC */
/*
 * Signed text: a line with a signature, and the text that it signs.
 *
 * Kind, version and place are signed with the text though they are not stored
 * as part of it: the reader puts in what it expects.  So a label that was
 * copied to another backup's directory, or another cluster's, has a signature
 * that does not fit.  The text is parsed only after the signature was checked.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/str.h"
#include "crypt/hash.h"
#include "crypt/hex.h"
#include "crypt/retired.h"
#include "crypt/sign.h"

#define WHAT_MAX	16	/* "marker", "label" */
#define LINE_MAX_LEN	256

/* The first line, taken apart. */
struct line {
	uint8_t	 signer[KEY_ID_LEN];
	uint8_t	 sig[KEY_SIG_LEN];
	size_t	 len;			/* with its newline */
};

/*
 * Compose the bytes that are signed: what, version, place, text.  The lines
 * before the text cannot be shifted into it, since head_place_check() refuses
 * newlines.
 */
static int
to_sign(uint8_t **out, size_t *n, const char *what,
    const struct head_place *at, const void *text, size_t len, struct err *e)
{
	struct bytes_out o;
	char		 front[HEAD_SERVER_MAX + HEAD_PATH_MAX + 80];
	uint8_t		*buf;

	if (head_place_check(at, e) ||
	    str_fmt(front, sizeof(front), e, "seawall %s 1\n%s\n%" PRIu64
	    "\n%s\n", what, at->server, at->system_id, at->path))
		return (-1);
	if ((buf = malloc(strlen(front) + len)) == NULL)
		return (err_sys(e, ERR_LOCAL, "memory for a %s", what));
	o = bytes_out_of(buf, strlen(front) + len);
	bytes_put(&o, front, strlen(front));
	bytes_put(&o, text, len);
	*out = buf;
	*n = o.n;
	return (0);
}

int
sign_text(char **out, size_t *n, const char *what,
    const struct head_place *at, const char *text, const struct key *key,
    struct err *e)
{
	size_t	 len = strlen(text), signed_len, front;
	uint8_t	*to, id[KEY_ID_LEN], sig[KEY_SIG_LEN];
	char	*buf, id_hex[2 * KEY_ID_LEN + 1], sig_hex[2 * KEY_SIG_LEN + 1];

	if (key_signer_seed(key) == NULL || (key_role(key) == KEY_DRILL) !=
	    (strcmp(what, "receipt") == 0))
		return (err_set(e, ERR_CONFIG, "signing a %s needs a .push "
		    "key", what));
	if (len > SIGN_MAX - LINE_MAX_LEN)
		return (err_set(e, ERR_LOCAL, "a %s of %zu bytes is larger "
		    "than the format allows", what, len));
	if ((buf = malloc(LINE_MAX_LEN + len + 2)) == NULL)
		return (err_sys(e, ERR_LOCAL, "memory for a %s", what));
	/* The newline is signed too: put the text where it will stand. */
	memcpy(buf + LINE_MAX_LEN, text, len);
	buf[LINE_MAX_LEN + len] = '\n';
	if (to_sign(&to, &signed_len, what, at, buf + LINE_MAX_LEN, len + 1,
	    e) == -1) {
		free(buf);
		return (-1);
	}
	key_sign(sig, key, to, signed_len);
	free(to);
	key_id(id, key_signer(key, 0));
	front = (size_t)snprintf(buf, LINE_MAX_LEN, "seawall %s 1 %s %s\n",
	    what, str_hex(id_hex, id, sizeof(id)),
	    str_hex(sig_hex, sig, sizeof(sig)));
	memmove(buf + front, buf + LINE_MAX_LEN, len + 1);
	buf[front + len + 1] = '\0';
	*out = buf;
	*n = front + len + 1;
	return (0);
}

/* Take at most "max" bytes before the next "end"; NULL if it is not there. */
static const char *
word(struct bytes *b, char end, size_t max, size_t *n)
{
	const uint8_t	*p = b->p, *stop;

	stop = b->left == 0 ? NULL :
	    memchr(p, end, b->left < max + 1 ? b->left : max + 1);
	if (stop == NULL)
		return (NULL);
	*n = (size_t)(stop - p);
	(void)bytes_take(b, *n + 1);
	return ((const char *)p);
}

static int
hex_word(struct bytes *b, char end, uint8_t *out, size_t len)
{
	const char	*p;
	size_t		 n;

	if ((p = word(b, end, 2 * len, &n)) == NULL)
		return (-1);
	return (hex_read(out, len, p, n));
}

static int
parse_line(struct line *l, const void *file, size_t n, const char *what,
    struct err *e)
{
	struct bytes	 b = bytes_of(file, n);
	const char	*p;
	char		 found[WHAT_MAX + 1];
	size_t		 len;

	p = word(&b, ' ', 7, &len);
	if (p == NULL || len != 7 || memcmp(p, "seawall", 7) != 0)
		return (err_set(e, ERR_CORRUPT, "is not a %s: does not begin "
		    "with \"seawall\"", what));
	p = word(&b, ' ', WHAT_MAX, &len);
	if (p == NULL || len != strlen(what) || memcmp(p, what, len) != 0)
		return (err_set(e, ERR_CORRUPT, "found a %s, expected a %s",
		    p == NULL ? "?" : str_clean(found, sizeof(found), p, len),
		    what));
	p = word(&b, ' ', WHAT_MAX, &len);
	if (p == NULL || len != 1 || p[0] != '1')
		return (err_set(e, ERR_CORRUPT, "is a %s of format version "
		    "%s; this program knows version 1", what, p == NULL ?
		    "?" : str_clean(found, sizeof(found), p, len)));
	if (hex_word(&b, ' ', l->signer, sizeof(l->signer)) == -1 ||
	    hex_word(&b, '\n', l->sig, sizeof(l->sig)) == -1)
		return (err_set(e, ERR_CORRUPT,
		    "the line with the %s's signature is malformed", what));
	l->len = n - b.left;
	return (0);
}

/*
 * The marker is that of a repository which stood before the signer was
 * retired, and has nothing that a thief could gain by: it always counts.
 */
static int
counts(const void *file, size_t n, const char *what,
    const struct head_place *at, const struct key *key, size_t signer,
    struct err *e)
{
	uint8_t	 hash[HASH_LEN];

	if (!retired_is(key, signer) || strcmp(what, "marker") == 0)
		return (0);
	hash_of(hash, file, n);
	return (retired_check(key, signer, at, hash, e));
}

int
sign_signer(uint8_t id[KEY_ID_LEN], const void *file, size_t n,
    const char *what, struct err *e)
{
	struct line	 l;

	if (parse_line(&l, file, n, what, e) == -1)
		return (-1);
	memcpy(id, l.signer, KEY_ID_LEN);
	return (0);
}

static int
is_unlisted(const void *file, size_t n, const char *what,
    const struct head_place *at, const struct key *key, size_t signer,
    struct err *e)
{
	uint8_t	 hash[HASH_LEN];

	hash_of(hash, file, n);
	if (retired_unlisted(key, signer, at, hash))
		return (0);
	return (err_set(e, ERR_CORRUPT, "the %s's signer is not retired, or "
	    "no inventory of it counts", what));
}

/* Whether what a signer has signed is accepted. */
typedef int	 accepted(const void *file, size_t n, const char *what,
		    const struct head_place *, const struct key *,
		    size_t signer, struct err *);

static int
check(const char **text, size_t *len, const void *file, size_t n,
    const char *what, const struct head_place *at, const struct key *key,
    accepted *accept, struct err *e)
{
	const char	*body;
	struct line	 l;
	uint8_t		*buf;
	size_t		 body_len, buf_len, signer;
	int		 rc;

	/* Bound the memory before anything is authentic. */
	if (n > SIGN_MAX)
		return (err_set(e, ERR_CORRUPT, "a %s of %zu bytes is larger "
		    "than the format allows", what, n));
	if (parse_line(&l, file, n, what, e) == -1)
		return (-1);
	body = (const char *)file + l.len;
	body_len = n - l.len;
	/* The newline is signed; its absence has a message of its own. */
	if (body_len == 0 || body[body_len - 1] != '\n')
		return (err_set(e, ERR_CORRUPT, "the %s is cut short", what));
	if (to_sign(&buf, &buf_len, what, at, body, body_len, e) == -1)
		return (-1);
	rc = key_verify(key, &signer, l.signer, l.sig, buf, buf_len, e);
	free(buf);
	if (rc == 0)
		rc = accept(file, n, what, at, key, signer, e);
	if (rc == -1)
		return (err_ctx(e, "%s", what));
	*text = body;
	*len = body_len;
	return (0);
}

int
sign_check(const char **text, size_t *len, const void *file, size_t n,
    const char *what, const struct head_place *at, const struct key *key,
    struct err *e)
{
	return (check(text, len, file, n, what, at, key, counts, e));
}

int
sign_check_unlisted(const char **text, size_t *len, const void *file,
    size_t n, const char *what, const struct head_place *at,
    const struct key *key, struct err *e)
{
	return (check(text, len, file, n, what, at, key, is_unlisted, e));
}
