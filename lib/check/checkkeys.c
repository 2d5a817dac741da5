/* SPDX-License-Identifier: ISC */
/* Are the key files there, private, and made for each other? */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "check/checkkeys.h"
#include "crypt/key.h"
#include "crypt/keymatch.h"
#include "crypt/retired.h"

#define IDS	192		/* room for the ids of all keys of a kind */

struct keys {
	struct key	*push, *restore, *public;	/* owned; or NULL */
};

/* Returns 0, with *out NULL if this host is not to read it; or -1. */
static int
load(struct key **out, const char *path, const char *setting,
    enum key_role role, struct err *e)
{
	int	 rc;

	if (path == NULL || (role == KEY_RESTORE && access(path, R_OK) == -1))
		return (0);
	if ((rc = key_load(out, path, NULL, e)) != 0)
		return (rc == 1 ? 0 : -1);	/* 1: under a passphrase */
	if (key_role(*out) != role)
		return (err_set(e, ERR_CONFIG, "%s: is a .%s file, expected "
		    "a .%s file for %s", path,
		    keyrole_name(key_role(*out)), keyrole_name(role),
		    setting));
	return (0);
}

static int
has(const uint8_t *(*get)(const struct key *, size_t), size_t n,
    const struct key *k, const uint8_t one[KEY_LEN], size_t *at)
{
	for (*at = 0; *at < n; (*at)++)
		if (memcmp(get(k, *at), one, KEY_LEN) == 0)
			return (1);
	return (0);
}

/* What this key pushes must count for those that have "reader". */
static int
is_believed(const struct key *push, const struct key *reader, struct err *e)
{
	size_t	 i;

	if (!has(key_signer, key_signers(reader), reader, key_signer(push, 0),
	    &i))
		return (err_set(e, ERR_CONFIG, "%s signs what %s does not "
		    "believe: its signer is missing there", key_file(push),
		    key_file(reader)));
	if (retired_is(reader, i))
		return (err_set(e, ERR_CONFIG, "%s signs with a key that %s "
		    "retires", key_file(push), key_file(reader)));
	return (0);
}

/* What is pushed must be readable by the restore key at hand. */
static int
is_read(const struct key *push, const struct key *restore, struct err *e)
{
	size_t	 i, k;

	for (i = 0; i < key_recipients(push); i++)
		if (has(key_recipient, key_recipients(restore), restore,
		    key_recipient(push, i), &k))
			return (0);
	return (err_set(e, ERR_CONFIG, "%s cannot read what %s pushes",
	    key_file(restore), key_file(push)));
}

static int
match(const struct keys *k, struct err *e)
{
	if (k->push != NULL && k->public != NULL &&
	    is_believed(k->push, k->public, e))
		return (-1);
	if (k->push != NULL && k->restore != NULL &&
	    (is_believed(k->push, k->restore, e) ||
	    is_read(k->push, k->restore, e)))
		return (-1);
	return (k->public != NULL && k->restore != NULL ?
	    keymatch_equal(k->public, k->restore, e) : 0);
}

/* The first digits of ids, as listings print them. */
static const char *
ids(char buf[IDS], const uint8_t *(*get)(const struct key *, size_t),
    size_t n, const struct key *k)
{
	uint8_t	 id[KEY_ID_LEN];
	char	 hex[2 * KEY_ID_LEN + 1];
	size_t	 i, len = 0;

	buf[0] = '\0';
	for (i = 0; i < n && len + sizeof(hex) + 2 < IDS; i++) {
		key_id(id, get(k, i));
		len += (size_t)snprintf(buf + len, IDS - len, "%s%s",
		    i == 0 ? "" : ", ", str_hex(hex, id, KEY_ID_LEN));
	}
	return (buf);
}

static void
tell(const struct keys *k, struct checkreport *r)
{
	const struct key	*from = k->public != NULL ? k->public :
				    k->push != NULL ? k->push : k->restore;
	char			 readers[IDS], signers[IDS];

	if (from == NULL) {
		checkreport_set(r, CHECKLIST_KEYS, HEALTH_UNKNOWN, "no key "
		    "file can be opened without a passphrase");
		return;
	}
	checkreport_set(r, CHECKLIST_KEYS, HEALTH_OK, "read by %s; signed by "
	    "%s", ids(readers, key_recipient, key_recipients(from), from),
	    ids(signers, key_signer, key_signers(from), from));
}

void
checkkeys_run(const struct checkkeys_files *f, struct checkreport *r)
{
	struct keys	 k = { NULL, NULL, NULL };
	struct err	 why = ERR_INIT;

	if (f->push == NULL && f->restore == NULL && f->public == NULL)
		err_set(&why, ERR_CONFIG, "neither key, public_key nor "
		    "restore_key is set");
	if (why.kind != ERR_NONE ||
	    load(&k.push, f->push, "key", KEY_PUSH, &why) ||
	    load(&k.public, f->public, "public_key", KEY_PUBLIC, &why) ||
	    load(&k.restore, f->restore, "restore_key", KEY_RESTORE, &why) ||
	    match(&k, &why)) {
		checkreport_set(r, CHECKLIST_KEYS, HEALTH_CRITICAL, "%s",
		    why.msg);
		checkreport_cure(r, CHECKLIST_KEYS, "put the files in place "
		    "that seawall-setup or backup-keygen made together, with "
		    "mode 0600");
	} else
		tell(&k, r);
	key_free(k.push);
	key_free(k.public);
	key_free(k.restore);
}
