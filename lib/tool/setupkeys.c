/* SPDX-License-Identifier: ISC */
/* The keys that a new server needs. */
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "crypt/keygen.h"
#include "tool/setupask.h"
#include "tool/setupkeys.h"

static int
seawall_keys(const struct setupfiles *f, const struct server_conf *known,
    int dry_run, struct err *e)
{
	char	 push[PATH_MAX];
	int	 rc;

	if (str_fmt(push, sizeof(push), e, "%s.push", f->keys))
		return (-1);
	if (known != NULL && (known->key == NULL ||
	    strcmp(known->key, push) != 0)) {
		setupask_step("keys", "[%s] has %s", f->server,
		    known->key == NULL ? "none to push with" : known->key);
		return (0);
	}
	if ((rc = setupfiles_has_keys(f, e)) == -1)
		return (-1);
	if (rc == 1)
		setupask_step("keys", "%s is there", push);
	else if (dry_run)
		setupask_step("keys", "would make %s, .restore and .public",
		    push);
	else if (keygen_files(f->keys, NULL, e))
		return (-1);
	else
		setupask_step("keys", "made %s, .restore and .public", push);
	return (0);
}

static int
ssh_key(char *line, const struct setupfiles *f,
    const struct server_conf *known, int dry_run, struct err *e)
{
	const char	*path = known == NULL ? f->ssh_key : known->ssh_key;
	int		 found;

	if (path == NULL) {
		setupask_step("SSH key", "[%s] names none: those of the agent "
		    "and of ~/.ssh", f->server);
		return (0);
	}
	found = access(path, F_OK) == 0;
	setupask_step("SSH key", "%s %s", found ? "found" : dry_run ?
	    "would make" : "make", path);
	if (dry_run)
		return (0);
	return ((!found && sshkeygen_file(path, e)) ||
	    sshkeygen_public(line, path, e) ? -1 : 0);
}

int
setupkeys(char line[SSHKEYGEN_LINE], const struct setupfiles *f,
    const struct server_conf *known, int ssh, int dry_run, struct err *e)
{
	line[0] = '\0';
	return (seawall_keys(f, known, dry_run, e) ||
	    (ssh && ssh_key(line, f, known, dry_run, e)) ? -1 : 0);
}
