/* SPDX-License-Identifier: ISC */
/* Commands for the repository's host, and for PostgreSQL. */
#include "show/showsetup.h"

/* As in the sample sshd_config. */
#define APPEND_ONLY	" -P remove,rmdir,rename,posix-rename,setstat," \
			"fsetstat,lsetstat,copy-data,symlink"

void
showsetup_host(FILE *out, const struct showsetup_host *h)
{
	const char	*user = h->user, *dir = h->address->dir;

	(void)fprintf(out, "\nOn %s, as root:\n\n"
	    "id %s >/dev/null 2>&1 || useradd --create-home %s\n"
	    "install -d -m 700 -o %s %s\n", h->address->host, user, user, user,
	    dir);
	/*
	 * A key that may add files must not be able to add a line with more
	 * rights: then the file of keys is root's.
	 */
	if (h->append_only)
		(void)fprintf(out,
		    "install -d -m 755 /etc/ssh/seawall_keys\n"
		    "cat >>/etc/ssh/seawall_keys/%s <<'END'\n", user);
	else
		(void)fprintf(out,
		    "install -d -m 700 -o %s ~%s/.ssh\n"
		    "cat >>~%s/.ssh/authorized_keys <<'END'\n", user, user,
		    user);
	(void)fprintf(out, "restrict,command=\"internal-sftp%s\" %s "
	    "seawall %s\nEND\n", h->append_only ? APPEND_ONLY : "", h->key,
	    h->server);
	if (!h->append_only)
		(void)fprintf(out, "chown %s ~%s/.ssh/authorized_keys\n",
		    user, user);
	else
		(void)fprintf(out,
		    "chmod 644 /etc/ssh/seawall_keys/%s\n"
		    "cat >/etc/ssh/sshd_config.d/seawall-%s.conf <<'END'\n"
		    "Match User %s\n"
		    "\tAuthorizedKeysFile /etc/ssh/seawall_keys/%%u\n"
		    "\tAuthenticationMethods publickey\n"
		    "\tDisableForwarding yes\n"
		    "\tPermitTTY no\n"
		    "\tPermitUserRC no\n"
		    "END\n"
		    "systemctl reload ssh || systemctl reload sshd\n", user,
		    user, user);
	(void)fputc('\n', out);
}

int
showsetup_settings(FILE *out, const struct pgarchiving *p, struct err *e)
{
	char	 text[PGARCHIVING_VALUE + 64];
	size_t	 i;

	for (i = 0; i < p->n; i++) {
		if (pgarchiving_sql(text, sizeof(text), &p->change[i], e))
			return (-1);
		(void)fprintf(out, "  %s;%s\n", text, p->change[i].restart ?
		    "\t-- needs a restart" : "");
	}
	return (0);
}
