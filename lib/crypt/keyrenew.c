/* SPDX-License-Identifier: ISC */
/*
 * The next key files of a repository: new halves in front of the old ones.
 *
 * What is made must read all that the old files read, or a restore fails years
 * later; and it must not believe anybody else.  So the old files have to
 * belong together, and nothing is dropped on the way.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "crypt/key.h"
#include "crypt/keyfiles.h"
#include "crypt/keygen.h"
#include "crypt/keymatch.h"
#include "crypt/keyrenew.h"
#include "crypt/retired.h"

/* The keys of one run; each may be NULL. */
struct work {
	struct key	*public, *restore;	/* as they are now */
	struct key	*next;		/* .push and .public, with the seed */
	struct key	*reader;	/* .restore */
};

/* Whether the file "base".ROLE exists; -1 if that cannot be told. */
static int
exists(const char *base, enum key_role role, struct err *e)
{
	char	 path[PATH_MAX];

	if (str_fmt(path, sizeof(path), e, "%s.%s", base, keyrole_name(role)))
		return (-1);
	if (access(path, F_OK) == 0)
		return (1);
	return (errno == ENOENT ? 0 : err_sys(e, ERR_LOCAL, "%s", path));
}

/* Returns 0, 1 if the key is sealed and "pass" is NULL, or -1. */
static int
load(struct key **out, const char *base, enum key_role role,
    const struct secret *pass, struct err *e)
{
	char	 path[PATH_MAX];
	int	 rc;

	if (str_fmt(path, sizeof(path), e, "%s.%s", base, keyrole_name(role)))
		return (-1);
	if ((rc = key_load(out, path, pass, e)) != 0)
		return (rc);
	if ((*out)->role != role)
		return (err_set(e, ERR_CONFIG, "key file %s: found a %s key, "
		    "expected a %s key", path, keyrole_name((*out)->role),
		    keyrole_name(role)));
	return (0);
}

static int
new_key(struct key **out, struct err *e)
{
	if ((*out = calloc(1, sizeof(**out))) == NULL)
		return (err_sys(e, ERR_LOCAL, "memory for a key"));
	return (0);
}

static int
add(uint8_t (*set)[KEY_LEN], size_t *n, const uint8_t one[KEY_LEN],
    const char *from, const char *what, struct err *e)
{
	if (*n == KEY_MAX)
		return (err_set(e, ERR_CONFIG, "%s holds %d %ss, so there is "
		    "no room for another; see --drop in backup-keygen(1)",
		    from, KEY_MAX, what));
	memcpy(set[(*n)++], one, KEY_LEN);
	return (0);
}

/* Add all signers of "from", with what is said of them, and receipts'. */
static int
add_signers(struct key *k, const struct key *from, struct err *e)
{
	size_t	 i;

	for (i = 0; i < from->nsig; i++) {
		if (add(k->sig, &k->nsig, from->sig[i], from->file, "signer",
		    e))
			return (-1);
		k->words[k->nsig - 1] = from->words[i];
	}
	memcpy(k->drill, from->drill, sizeof(k->drill));
	k->ndrill = from->ndrill;
	return (0);
}

/* The secrets of "front", if there is one, and behind them those of "back". */
static int
join_secrets(struct key *k, const struct key *front, const struct key *back,
    struct err *e)
{
	const struct key	*from[2] = { front, back };
	uint8_t			*to;
	size_t			 i, j;

	if (secret_new(&k->rec_secret, KEY_MAX * KEY_LEN, &to, e))
		return (-1);
	for (i = 0; i < 2; i++)
		for (j = 0; from[i] != NULL && j < from[i]->nrec; j++) {
			if (add(k->rec, &k->nrec, from[i]->rec[j],
			    back->file, "recipient", e))
				return (-1);
			memcpy(to + (k->nrec - 1) * KEY_LEN,
			    secret_bytes(from[i]->rec_secret) + j * KEY_LEN,
			    KEY_LEN);
		}
	secret_freeze(k->rec_secret);
	return (0);
}

/*
 * Choose whom the new push key seals for: as now, or with a new recipient in
 * place of those that the restore key reads as.
 */
static int
recipients(struct work *w, const struct key *new, struct err *e)
{
	const struct key	*old = w->public;
	size_t			 i;

	if (new != NULL && add(w->next->rec, &w->next->nrec, new->rec[0],
	    old->file, "recipient", e))
		return (-1);
	for (i = 0; i < old->nrec; i++)
		if ((new == NULL || !keymatch_in(w->restore->rec[0],
		    w->restore->nrec, old->rec[i], NULL)) &&
		    add(w->next->rec, &w->next->nrec, old->rec[i], old->file,
		    "recipient", e))
			return (-1);
	return (0);
}

/* Retire the signers of "k" that "old" has, too: the one named, or all. */
static int
retire(struct key *k, const struct keyrenew_conf *c, const struct key *old,
    struct err *e)
{
	const uint8_t	*one = NULL;
	size_t		 i;

	if (c->retire == NULL)
		return (0);
	if (strcmp(c->retire, "all") != 0) {
		if (retired_find(&i, old, c->retire, e))
			return (-1);
		one = key_signer(old, i);
	}
	for (i = 0; i < k->nsig; i++)
		if (keymatch_in(old->sig[0], old->nsig, k->sig[i], NULL) &&
		    (one == NULL || memcmp(one, k->sig[i], KEY_LEN) == 0))
			retired_mark(k, i);
	return (0);
}

/*
 * Leave a retired signer out, since a key file holds KEY_MAX only.  Of one that
 * is in service this would make everything uncounted that it signed.
 */
static int
drop(struct key *k, const struct keyrenew_conf *c, struct err *e)
{
	size_t	 i;

	if (c->drop == NULL || k == NULL)
		return (0);
	if (retired_find(&i, k, c->drop, e))
		return (-1);
	if (!k->words[i].retired)
		return (err_set(e, ERR_CONFIG, "signer %s is not retired in "
		    "the key file %s, so all that it signed counts; retire "
		    "it first", c->drop, k->file));
	for (; i + 1 < k->nsig; i++) {
		memcpy(k->sig[i], k->sig[i + 1], KEY_LEN);
		k->words[i] = k->words[i + 1];
	}
	k->nsig--;
	return (0);
}

static int
build(struct work *w, const struct keyrenew_conf *c, struct err *e)
{
	struct key	*new = NULL;
	int		 rc = -1;

	if (new_key(&w->next, e) ||
	    keygen_signer(w->next, e) ||
	    add_signers(w->next, w->public, e) ||
	    retire(w->next, c, w->public, e))
		goto out;
	if (c->recipient && (new_key(&new, e) || keygen_recipient(new, e)))
		goto out;
	if (recipients(w, new, e))
		goto out;
	if (w->restore != NULL && (new_key(&w->reader, e) ||
	    join_secrets(w->reader, new, w->restore, e) ||
	    add_signers(w->reader, w->next, e)))
		goto out;
	rc = 0;
out:
	key_free(new);
	return (rc);
}

/* All of them; the restore key if the old one is here. */
static int
renew(struct work *w, const char *old, const char *next, int readable,
    const struct keyrenew_conf *c, const struct secret *pass, struct err *e)
{
	int	 rc;

	if (c->recipient && !readable)
		return (err_set(e, ERR_CONFIG, "%s.restore: no such file; a "
		    "new recipient is added to the old ones' secrets, so run "
		    "this where they are", old));
	if ((rc = load(&w->public, old, KEY_PUBLIC, NULL, e)) != 0 ||
	    (readable && (rc = load(&w->restore, old, KEY_RESTORE, pass,
	    e)) != 0))
		return (rc);
	if ((readable && keymatch_equal(w->public, w->restore, e)) ||
	    drop(w->public, c, e) || drop(w->restore, c, e) ||
	    build(w, c, e))
		return (-1);
	return (keyfiles_write(next, w->reader, w->next, w->next, pass, e));
}

/*
 * The other files of the new generation exist, and the restore key must say
 * what they say.
 */
static int
retired_already(const struct key *next, const struct keyrenew_conf *c,
    const struct key *old, struct err *e)
{
	struct key	 as = *next;
	size_t		 i;

	if (retire(&as, c, old, e))
		return (-1);
	for (i = 0; i < as.nsig; i++)
		if (as.words[i].retired != next->words[i].retired)
			return (err_set(e, ERR_CONFIG, "%s was made without "
			    "--retire %s; make new files of another name with "
			    "it", next->file, c->retire));
	return (0);
}

/* The push key was made elsewhere: only the restore key is missing. */
static int
complete(struct work *w, const char *old, const char *next,
    const struct keyrenew_conf *c, const struct secret *pass, struct err *e)
{
	int	 rc;

	if ((rc = load(&w->next, next, KEY_PUBLIC, NULL, e)) != 0 ||
	    (rc = load(&w->restore, old, KEY_RESTORE, pass, e)) != 0)
		return (rc);
	if (drop(w->restore, c, e) ||
	    keymatch_follows(w->next, w->restore, e) ||
	    retired_already(w->next, c, w->restore, e) ||
	    new_key(&w->reader, e) ||
	    join_secrets(w->reader, NULL, w->restore, e) ||
	    add_signers(w->reader, w->next, e))
		return (-1);
	return (keyfiles_write(next, w->reader, NULL, NULL, pass, e));
}

static void
name_signers(struct keyrenew *done, const struct key *next)
{
	uint8_t	 id[KEY_ID_LEN];
	size_t	 i;

	key_id(id, next->sig[0]);
	(void)str_hex(done->signer, id, KEY_ID_LEN);
	done->nretired = 0;
	done->nsigners = next->nsig;
	for (i = 0; i < next->nsig; i++) {
		if (!next->words[i].retired)
			continue;
		key_id(id, next->sig[i]);
		(void)str_hex(done->retired[done->nretired++], id,
		    KEY_ID_LEN);
	}
}

int
keyrenew_files(struct keyrenew *done, const char *old, const char *next,
    const struct keyrenew_conf *c, const struct secret *pass, struct err *e)
{
	struct work	 w = { NULL, NULL, NULL, NULL };
	int		 readable, begun, ended, rc;

	if ((readable = exists(old, KEY_RESTORE, e)) == -1 ||
	    (begun = exists(next, KEY_PUBLIC, e)) == -1 ||
	    (ended = exists(next, KEY_RESTORE, e)) == -1)
		return (-1);
	done->push = !begun || ended || !readable || c->recipient;
	done->restore = readable;
	rc = done->push ? renew(&w, old, next, readable, c, pass, e) :
	    complete(&w, old, next, c, pass, e);
	if (rc == 0)
		name_signers(done, w.next);
	key_free(w.public);
	key_free(w.restore);
	key_free(w.next);
	key_free(w.reader);
	return (rc);
}

/* The same keys, and one more that signs receipts. */
static int
with_drill(struct work *w, const struct key *drill, struct err *e)
{
	if (new_key(&w->next, e) || add_signers(w->next, w->public, e) ||
	    recipients(w, NULL, e) ||
	    add(w->next->drill, &w->next->ndrill, drill->sig[0],
	    w->public->file, "drill-signer", e) || new_key(&w->reader, e) ||
	    join_secrets(w->reader, NULL, w->restore, e))
		return (-1);
	return (add_signers(w->reader, w->next, e));
}

static int
write_drill(struct work *w, const char *next, const struct key *drill,
    const struct secret *pass, struct err *e)
{
	if (keyfiles_drill(next, drill, e))
		return (-1);
	if (keyfiles_write(next, w->reader, w->next, NULL, pass, e) == 0)
		return (0);
	keyfiles_drill_undo(next);
	return (-1);
}

int
keyrenew_drill(const char *old, const char *next, const struct secret *pass,
    struct err *e)
{
	struct work	 w = { NULL, NULL, NULL, NULL };
	struct key	*drill = NULL;
	int		 rc;

	if ((rc = load(&w.public, old, KEY_PUBLIC, NULL, e)) == 0 &&
	    (rc = load(&w.restore, old, KEY_RESTORE, pass, e)) == 0)
		rc = keymatch_equal(w.public, w.restore, e) ||
		    new_key(&drill, e) || keygen_signer(drill, e) ||
		    with_drill(&w, drill, e) ||
		    write_drill(&w, next, drill, pass, e) ? -1 : 0;
	key_free(w.public);
	key_free(w.restore);
	key_free(w.next);
	key_free(w.reader);
	key_free(drill);
	return (rc);
}
