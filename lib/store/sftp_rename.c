/* SPDX-License-Identifier: ISC */
/* What RENAME does to a name that is taken, found out on names of our own. */
#include "base/str.h"
#include "store/sftp_rename.h"

/* Make an empty file of a new name in BASE/tmp. */
static int
make(struct sftp *c, char path[STORE_PATHMAX], struct err *e)
{
	const uint32_t	 how = WIRE_FOR_WRITE | WIRE_CREATE | WIRE_EXCL;
	char		 of[STORE_PATHMAX];
	struct ask	 a;

	if (str_fmt(of, sizeof(of), e, "%s/rename", c->base.base) ||
	    backend_tmp(&c->base, of, path, e) ||
	    ask_open(c->r, path, how, &a, e) || ask_wait(&a, e))
		return (-1);
	if (a.status.code == WIRE_NO_SUCH_FILE &&
	    (sftp_server_mkdirs(c, path, e) ||
	    ask_open(c->r, path, how, &a, e) || ask_wait(&a, e)))
		return (-1);
	if (a.status.code != WIRE_OK)
		return (sftp_server_fail(c, "create", path, &a.status, e));
	return (ask_handle(c->r, WIRE_CLOSE, &a.handle, NULL, e));
}

/*
 * Only what lies there afterwards is believed: a server may replace a file and
 * report a failure, or the reverse.
 */
static int
judge(struct sftp *c, const char *from, const char *to, struct err *e)
{
	struct ask	 a;
	int		 left;

	if (ask_rename(c->r, from, to, &a, e) || ask_wait(&a, e) ||
	    (left = sftp_server_exists(c, from, e)) == -1)
		return (-1);
	if (left == 1 || a.status.code == WIRE_OK)
		return (err_set(e, ERR_CONFIG, "%s: its SFTP server makes no "
		    "hard links, and its RENAME replaces a file that has the "
		    "name already, so nothing that is stored there would be "
		    "safe; use a server with hardlink@openssh.com", c->host));
	if (a.status.code == WIRE_PERMISSION_DENIED ||
	    a.status.code == WIRE_OP_UNSUPPORTED)
		return (err_set(e, ERR_CONFIG, "%s: its SFTP server makes no "
		    "hard links, and denies RENAME, so nothing gets its name "
		    "there; permit one of them to this SSH key", c->host));
	c->rename_proved = 1;
	return (0);
}

static void
forget(struct sftp *c, const char *path)
{
	struct err	 unused = ERR_INIT;

	if (path[0] != '\0' && ask_path(c->r, WIRE_REMOVE, path, NULL,
	    &unused))
		err_clear(&unused);	/* lost: expiry will sweep it */
}

int
sftp_rename_proved(struct sftp *c, struct err *e)
{
	char	 from[STORE_PATHMAX] = "", to[STORE_PATHMAX] = "";
	int	 rc;

	if (c->rename_proved)
		return (0);
	rc = make(c, from, e) || make(c, to, e) || judge(c, from, to, e) ?
	    -1 : 0;
	forget(c, from);
	forget(c, to);
	return (rc);
}
