/* SPDX-License-Identifier: ISC */
/* Whether the key files that --renew reads say what they are to say. */
#include <string.h>

#include "base/str.h"
#include "crypt/keymatch.h"
#include "crypt/keyparts.h"

int
keymatch_in(const uint8_t *set, size_t n,
    const uint8_t one[KEY_LEN], size_t *at)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		if (memcmp(set + i * KEY_LEN, one, KEY_LEN) == 0) {
			if (at != NULL)
				*at = i;
			return (1);
		}
	return (0);
}

/* How the line of that key begins, cut to what tells it from the others. */
static const char *
line(char buf[32], const char *word, const uint8_t one[KEY_LEN])
{
	char		 hex[17];
	struct err	 ignore = ERR_INIT;

	if (str_fmt(buf, 32, &ignore, "%s %s", word, str_hex(hex, one, 8)))
		buf[0] = '\0';
	return (buf);
}

static int
lacks(const struct key *k, const struct key *other, const char *word,
    const uint8_t one[KEY_LEN], struct err *e)
{
	char	 buf[32];

	return (err_set(e, ERR_CONFIG, "%s lacks the line \"%s...\" of %s; "
	    "use files that were made together", k->file, line(buf, word,
	    one), other->file));
}

/* All signers and drill signers of "b" are in "a". */
static int
has_all(const struct key *a, const struct key *b, struct err *e)
{
	size_t	 i;

	for (i = 0; i < b->nsig; i++)
		if (!keymatch_in(a->sig[0], a->nsig, b->sig[i], NULL))
			return (lacks(a, b, "signer", b->sig[i], e));
	for (i = 0; i < b->ndrill; i++)
		if (!keymatch_in(a->drill[0], a->ndrill, b->drill[i], NULL))
			return (lacks(a, b, "drill-signer", b->drill[i], e));
	return (0);
}

/* The restore key must read what the other one pushes today. */
static int
shares_recipient(const struct key *public, const struct key *restore,
    struct err *e)
{
	size_t	 i;

	for (i = 0; i < public->nrec; i++)
		if (keymatch_in(restore->rec[0], restore->nrec, public->rec[i],
		    NULL))
			return (0);
	return (err_set(e, ERR_CONFIG, "%s holds no recipient whose secret is "
	    "in %s; these are not keys of one repository", public->file,
	    restore->file));
}

static int
says_more(const struct key *k, const struct key *than, size_t i,
    struct err *e)
{
	char	 buf[32];

	return (err_set(e, ERR_CONFIG, "%s believes more of the line "
	    "\"%s...\" than %s does (retired, v2-until); use files that were "
	    "made together", k->file, line(buf, "signer", k->sig[i]),
	    than->file));
}

/* What "a" says of each signer makes no more of its objects count. */
static int
believes_no_more(const struct key *a, const struct key *b, struct err *e)
{
	static const struct key_words	 none = { 0, 0 };
	const struct key_words		*w;
	size_t				 i, at;

	for (i = 0; i < a->nsig; i++) {
		w = keymatch_in(b->sig[0], b->nsig, a->sig[i], &at) ?
		    &b->words[at] : &none;
		if (a->words[i].v2_until_us > w->v2_until_us ||
		    (w->retired && !a->words[i].retired))
			return (says_more(a, b, i, e));
	}
	return (0);
}

int
keymatch_equal(const struct key *public, const struct key *restore,
    struct err *e)
{
	return (shares_recipient(public, restore, e) ||
	    has_all(public, restore, e) || has_all(restore, public, e) ||
	    believes_no_more(public, restore, e) ||
	    believes_no_more(restore, public, e) ? -1 : 0);
}

/*
 * A renewal adds one signer, in front.  Any other that "old" does not have was
 * slipped into the file.
 */
static int
has_one_more(const struct key *next, const struct key *old, struct err *e)
{
	char	 buf[32];
	size_t	 i;

	for (i = 1; i < next->nsig; i++)
		if (!keymatch_in(old->sig[0], old->nsig, next->sig[i], NULL))
			return (err_set(e, ERR_CONFIG, "%s has the line "
			    "\"%s...\" that %s lacks, behind the new signer; "
			    "renew one generation after the other, with files "
			    "that were made together", next->file, line(buf,
			    "signer", next->sig[i]), old->file));
	return (0);
}

int
keymatch_follows(const struct key *next, const struct key *old,
    struct err *e)
{
	size_t	 i;

	if (shares_recipient(next, old, e) || has_all(next, old, e) ||
	    has_one_more(next, old, e) || believes_no_more(next, old, e))
		return (-1);
	for (i = 0; i < next->ndrill; i++)
		if (!keymatch_in(old->drill[0], old->ndrill, next->drill[i],
		    NULL))
			return (lacks(old, next, "drill-signer",
			    next->drill[i], e));
	return (0);
}
