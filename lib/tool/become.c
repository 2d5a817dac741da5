/* SPDX-License-Identifier: ISC */
/* From root to the user who may run PostgreSQL. */
#include <sys/types.h>

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "tool/become.h"

int
become_user(const char *program, const char *name, struct err *e)
{
	const struct passwd	*pw = NULL;

	if (name == NULL && geteuid() != 0)
		return (0);
	if (name == NULL)
		return (err_set(e, ERR_CONFIG, "PostgreSQL does not run as "
		    "root; name the user who restores: %s --user postgres",
		    program));
	if ((pw = getpwnam(name)) == NULL)
		return (err_set(e, ERR_USAGE, "--user: there is no user "
		    "%.64s", name));
	if (pw->pw_uid == 0)
		return (err_set(e, ERR_CONFIG, "--user: PostgreSQL does not "
		    "run as root"));
	if (geteuid() == pw->pw_uid)
		return (0);
	if (geteuid() != 0)
		return (err_set(e, ERR_USAGE, "--user: only root can become "
		    "%.64s", name));
	if (initgroups(name, pw->pw_gid) == -1 || setgid(pw->pw_gid) == -1 ||
	    setuid(pw->pw_uid) == -1 || setenv("HOME", pw->pw_dir, 1) == -1)
		return (err_sys(e, ERR_LOCAL, "become user %.64s", name));
	return (0);
}
