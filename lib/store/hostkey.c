/* SPDX-License-Identifier: ISC */
/*
 * Check the server's key.  Whoever can answer for the server's address could
 * otherwise play the server: it could not read or forge objects, but it could
 * take them, lose them, or show an older repository.
 */
#include <string.h>

#include "base/str.h"
#include "store/hostkey.h"

const char *
hostkey_algorithms(enum gate_type type)
{
	switch (type) {
	case GATE_ED25519:
		return ("ssh-ed25519");
	case GATE_ECDSA:
		return ("ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,"
		    "ecdsa-sha2-nistp521");
	case GATE_RSA:
		return ("rsa-sha2-512,rsa-sha2-256");
	case GATE_ANY:
	case GATE_TYPES:
		break;
	}
	return (NULL);
}

/* libssh has no error number for it. */
int
hostkey_none(ssh_session ssh)
{
	return (strstr(ssh_get_error(ssh), "server host key algo") != NULL);
}

static enum gate_type
gate_type_of(enum ssh_keytypes_e type)
{
	switch (type) {
	case SSH_KEYTYPE_ED25519:
		return (GATE_ED25519);
	case SSH_KEYTYPE_ECDSA:
	case SSH_KEYTYPE_ECDSA_P256:
	case SSH_KEYTYPE_ECDSA_P384:
	case SSH_KEYTYPE_ECDSA_P521:
		return (GATE_ECDSA);
	case SSH_KEYTYPE_RSA:
		return (GATE_RSA);
	default:
		return (GATE_ANY);
	}
}

int
hostkey_fingerprint(ssh_session ssh, const char *host, char *buf, size_t size,
    const char **type, enum gate_type *found, struct err *e)
{
	ssh_key		 key = NULL;
	unsigned char	*hash = NULL;
	char		*text = NULL;
	size_t		 n;
	int		 rc = -1;

	if (ssh_get_server_publickey(ssh, &key) != SSH_OK ||
	    ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash,
	    &n) != 0 || (text = ssh_get_fingerprint_hash(
	    SSH_PUBLICKEY_HASH_SHA256, hash, n)) == NULL) {
		err_set(e, ERR_REMOTE, "%s: cannot read its host key", host);
		goto out;
	}
	*type = ssh_key_type_to_char(ssh_key_type(key));
	*found = gate_type_of(ssh_key_type(key));
	rc = str_fmt(buf, size, e, "%s", text);
out:
	ssh_string_free_char(text);
	ssh_clean_pubkey_hash(&hash);
	ssh_key_free(key);
	return (rc);
}

static int
check_pinned(const char *host, const char *want, const char *found,
    const char *type, struct err *e)
{
	size_t	 n = strlen(want);

	while (n > 0 && want[n - 1] == '=')	/* some tools print padding */
		n--;
	if (strlen(found) == n && strncmp(found, want, n) == 0)
		return (0);
	return (err_set(e, ERR_CONFIG, "%s: host key has changed: found %s "
	    "(%s), expected %.100s; if this is intended, change host_key",
	    host, found, type, want));
}

int
hostkey_check(ssh_session ssh, const char *host,
    const struct store_conf *conf, enum gate_type *found_type, struct err *e)
{
	const char	*type = "", *file = conf->known_hosts;
	char		 found[128];

	*found_type = GATE_ANY;
	if (hostkey_fingerprint(ssh, host, found, sizeof(found), &type,
	    found_type, e))
		return (-1);
	if (conf->host_key != NULL)
		return (check_pinned(host, conf->host_key, found, type,
		    e));
	if (file == NULL)
		file = "known_hosts";
	switch (ssh_session_is_known_server(ssh)) {
	case SSH_KNOWN_HOSTS_OK:
		return (0);
	case SSH_KNOWN_HOSTS_CHANGED:
		return (err_set(e, ERR_CONFIG, "%s: host key has changed: "
		    "found %s (%s), expected the one in %s; if this is "
		    "intended, edit that file", host, found, type, file));
	case SSH_KNOWN_HOSTS_OTHER:
		return (err_set(e, ERR_CONFIG, "%s: host key %s (%s) is of "
		    "another type than the one in %s; if this is intended, "
		    "edit that file", host, found, type, file));
	case SSH_KNOWN_HOSTS_NOT_FOUND:
	case SSH_KNOWN_HOSTS_UNKNOWN:
		return (err_set(e, ERR_CONFIG, "%s: unknown host key %s (%s);"
		    " compare it with the server's, then add it to %s or set "
		    "host_key", host, found, type, file));
	case SSH_KNOWN_HOSTS_ERROR:
		break;
	}
	return (err_set(e, ERR_CONFIG, "%s: cannot read %s", host, file));
}
