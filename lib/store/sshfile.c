/* SPDX-License-Identifier: ISC */
/*
 * What libssh does not look at before it opens a file: its type, and who else
 * may use a private key.
 */
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <errno.h>
#include <unistd.h>

#include "store/sshfile.h"

static int
check_type(const char *what, const char *path, const struct stat *st,
    struct err *e)
{
	if (S_ISREG(st->st_mode) || (S_ISCHR(st->st_mode) &&
	    st->st_rdev == makedev(1, 3)))		/* /dev/null */
		return (0);
	return (err_set(e, ERR_CONFIG, "%s %s: is not a regular file", what,
	    path));
}

int
sshfile_check(const char *what, const char *path, struct err *e)
{
	struct stat	 st;

	if (stat(path, &st) == 0)
		return (check_type(what, path, &st, e));
	if (errno == ENOENT || errno == ENOTDIR)
		return (0);
	return (err_sys(e, ERR_CONFIG, "%s %s", what, path));
}

int
sshfile_check_key(const char *what, const char *path, struct err *e)
{
	struct stat	 st;
	mode_t		 open_to;

	if (stat(path, &st) == -1)
		return (err_sys(e, ERR_CONFIG, "%s %s", what, path));
	if (check_type(what, path, &st, e))
		return (-1);
	open_to = st.st_mode & (st.st_uid == geteuid() ? 077 : 007);
	if (open_to != 0)
		return (err_set(e, ERR_CONFIG, "%s %s: has mode %04o and owner"
		    " uid %lu, so %s may use this private key; chmod 600 it, "
		    "and make a new one if they may have read it", what, path,
		    (unsigned)(st.st_mode & 07777), (unsigned long)st.st_uid,
		    open_to & 007 ? "others" : "its group"));
	if (access(path, R_OK) == -1)
		return (err_sys(e, ERR_CONFIG, "%s %s (mode %04o, owner uid "
		    "%lu)", what, path, (unsigned)(st.st_mode & 07777),
		    (unsigned long)st.st_uid));
	return (0);
}

int
sshfile_no_passphrase(const char *prompt, char *buf, size_t n, int echo,
    int verify, void *arg)
{
	(void)prompt;
	(void)buf;
	(void)n;
	(void)echo;
	(void)verify;
	(void)arg;
	return (-1);
}
