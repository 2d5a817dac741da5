/* SPDX-License-Identifier: ISC */
/* SSH keys of our own. */
#include <string.h>
#include <strings.h>

#include <libssh/libssh.h>

#include "base/io.h"
#include "base/str.h"
#include "store/sshfile.h"
#include "store/sshkeygen.h"

int
sshkeygen_file(const char *path, struct err *e)
{
	ssh_key	 key = NULL;
	char	*text = NULL;
	int	 rc = -1;

	if (ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &key) != SSH_OK ||
	    ssh_pki_export_privkey_base64(key, NULL, NULL, NULL, &text) !=
	    SSH_OK)
		err_set(e, ERR_LOCAL, "%s: libssh cannot make a key", path);
	else
		rc = io_save(path, 0600, text, strlen(text), 0, e);
	if (text != NULL) {
		explicit_bzero(text, strlen(text));
		ssh_string_free_char(text);
	}
	ssh_key_free(key);
	return (rc);
}

int
sshkeygen_public(char line[SSHKEYGEN_LINE], const char *path, struct err *e)
{
	ssh_key	 key = NULL;
	char	*text = NULL;
	int	 rc = -1;

	if (sshfile_check_key("ssh_key", path, e))
		return (-1);
	if (ssh_pki_import_privkey_file(path, NULL, sshfile_no_passphrase,
	    NULL, &key) != SSH_OK ||
	    ssh_pki_export_pubkey_base64(key, &text) != SSH_OK)
		err_set(e, ERR_CONFIG, "ssh_key %s: not a private key that "
		    "can be used without a passphrase", path);
	else
		rc = str_fmt(line, SSHKEYGEN_LINE, e, "%s %s",
		    ssh_key_type_to_char(ssh_key_type(key)), text);
	if (text != NULL)
		ssh_string_free_char(text);
	ssh_key_free(key);
	return (rc);
}
