/* SPDX-License-Identifier: ISC */
/* Whether root may write where another user's programs write, too. */
#include <sys/stat.h>

#include <limits.h>
#include <pwd.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"
#include "store/address.h"
#include "tool/owner.h"

/*
 * A user without an entry in the password database, as in many containers, is
 * shown as sudo(8) takes it: #NUMBER.
 */
static int
user_name(char *buf, size_t size, uid_t uid, struct err *e)
{
	const struct passwd	*pw = getpwuid(uid);

	if (pw != NULL)
		return (str_fmt(buf, size, e, "%s", pw->pw_name));
	return (str_fmt(buf, size, e, "#%lu", (unsigned long)uid));
}

/*
 * A path that does not exist, or that not even root can look at (a mount of
 * another user's), proves nothing; its first use will say what is wrong.
 */
static int
check(const char *program, const char *what, const char *path, struct err *e)
{
	struct stat	 st;
	char		 user[128];

	if (geteuid() != 0 || stat(path, &st) == -1 || st.st_uid == 0)
		return (0);
	if (user_name(user, sizeof(user), st.st_uid, e))
		return (-1);
	if (user[0] == '#')
		return (err_set(e, ERR_CONFIG, "run by root, but %s %s belongs "
		    "to uid %s, which could not use what root leaves there; "
		    "run it as that user: sudo -u '%s' %s", what, path,
		    user + 1, user, program));
	return (err_set(e, ERR_CONFIG, "run by root, but %s %s belongs to %s, "
	    "who could not use what root leaves there; run it as that user: "
	    "sudo -u %s %s, or runuser -u %s -- %s", what, path, user, user,
	    program, user, program));
}

/* The folder of the server, too: the one above it may be a mount point. */
static int
check_repository(const char *program, const struct server_conf *c,
    struct err *e)
{
	const char	*what = "the repository";
	struct address	 a;
	char		 path[PATH_MAX];

	if (address_parse(c->repository, &a, e))
		return (-1);
	if (a.host[0] != '\0')
		return (0);
	if (check(program, what, a.dir, e) ||
	    path_join(path, sizeof(path), a.dir, c->name, e))
		return (-1);
	return (check(program, what, path, e));
}

int
owner_check_data(const char *program, const char *dir, struct err *e)
{
	return (check(program, "the data directory", dir, e));
}

int
owner_check(const char *program, const struct server_conf *c,
    const char *dir, struct err *e)
{
	if (dir == NULL)
		dir = c->data_directory;
	if ((dir != NULL && owner_check_data(program, dir, e)) ||
	    check(program, "the state folder", c->state_base, e) ||
	    check(program, "the state folder", c->state_dir, e))
		return (-1);
	return (check_repository(program, c, e));
}
