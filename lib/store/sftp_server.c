/* SPDX-License-Identifier: ISC */
/*
 * What every part of the SFTP store asks of its server: why it refused,
 * directories, and whether a name exists.
 */
#include <sys/stat.h>

#include <string.h>

#include "base/str.h"
#include "store/sftp_server.h"

/* Less than two writes: with no more free than this, space was the reason. */
#define FULL		((uint64_t)64 << 10)

/*
 * SFTP version 3 has no status for a full disk; a server says "failure".  So
 * ask how much is free.  NULL if there is room, or the server cannot tell.
 */
static const char *
no_room(struct sftp *c)
{
	struct err	 e = ERR_INIT;
	struct ask	 a;

	if (!c->can.statvfs || ask_space(c->r, c->base.root, &a, &e) ||
	    ask_wait(&a, &e) || a.status.code != WIRE_OK)
		return (NULL);
	if (a.space.bytes_free < FULL)
		return ("no space left");
	if (a.space.files > 0 && a.space.files_free == 0)
		return ("no inodes left");
	return (NULL);
}

/* Whether the base must exist and does not: its disk is not mounted. */
static int
base_is_gone(struct sftp *c)
{
	struct err	 unused = ERR_INIT;

	return (c->base.base_stands &&
	    sftp_server_exists(c, c->base.base, &unused) == 1);
}

/*
 * Describe the file in the place of a directory on the way to "path", which a
 * server reports as "no such file", too.  Returns 0 if there is none.
 */
static int
file_in_the_way(struct sftp *c, const char *verb, const char *path,
    struct err *e)
{
	const size_t	 root = strlen(c->base.root);
	struct err	 unused = ERR_INIT;
	struct ask	 a;
	char		 dir[STORE_PATHMAX];
	size_t		 n;

	if (strncmp(path, c->base.root, root) != 0)
		return (0);
	for (n = root; path[n] == '/'; n += 1 + strcspn(path + n + 1, "/")) {
		if (str_fmt(dir, sizeof(dir), &unused, "%.*s", (int)n, path) ||
		    ask_path(c->r, WIRE_STAT, dir, &a, &unused) ||
		    ask_wait(&a, &unused) || a.status.code != WIRE_OK)
			return (0);
		if (a.attrs.mode != 0 && !S_ISDIR(a.attrs.mode))
			return (err_set(e, ERR_REMOTE, "%s %s: %s on %s is a "
			    "file where a directory belongs; find out who "
			    "made it, and remove it", verb, path, dir,
			    c->host));
	}
	return (0);
}

int
sftp_server_fail(struct sftp *c, const char *verb, const char *path,
    const struct wire_status *st, struct err *e)
{
	const char	*why = NULL;

	err_denied(e, st->code == WIRE_PERMISSION_DENIED);
	/*
	 * Nobody waits for the answers to mkdirs.  On a full disk they fail,
	 * and what follows finds no directory: ask about space then, too.
	 */
	if (st->code == WIRE_FAILURE || st->code == WIRE_NO_SUCH_FILE)
		why = no_room(c);
	if (st->code == WIRE_NO_SUCH_FILE &&
	    file_in_the_way(c, verb, path, e))
		return (-1);
	if (st->code == WIRE_NO_SUCH_FILE && base_is_gone(c))
		return (err_set(e, ERR_REMOTE, "%s %s: the repository's "
		    "folder is missing on %s; is its disk mounted?",
		    verb, path, c->host));
	if (why != NULL || st->code != WIRE_FAILURE || st->text[0] == '\0')
		return (err_set(e, ERR_REMOTE, "%s %s: %s on %s", verb, path,
		    why != NULL ? why : wire_explain(st->code), c->host));
	return (err_set(e, ERR_REMOTE, "%s %s: the server on %s says only "
	    "\"%s\"; quota, read-only or damaged file system?", verb, path,
	    c->host, st->text));
}

int
sftp_server_mkdirs(struct sftp *c, const char *path, struct err *e)
{
	char		 dir[STORE_PATHMAX];
	struct ask	 a;
	size_t		 n = backend_first_dir(&c->base, path);

	if (str_fmt(dir, sizeof(dir), e, "%.*s",
	    (int)(strrchr(path, '/') - path), path))
		return (-1);
	/*
	 * This connection has seen it before.  If expiry has removed it, the
	 * request that needs it fails, and the caller makes it once more.
	 */
	if (synceddirs_has(&c->base.synced, dir))
		return (0);
	/*
	 * From the top down, each without asking whether it exists; a
	 * refusal shows when the file is opened or named.
	 */
	while (path[n] != '\0') {
		if (str_fmt(dir, sizeof(dir), e, "%.*s", (int)n, path))
			return (-1);
		if (ask_path(c->r, WIRE_MKDIR, dir, c->in_order ? NULL : &a,
		    e) || (!c->in_order && ask_wait(&a, e)))
			return (-1);
		n += 1 + strcspn(path + n + 1, "/");
	}
	return (0);
}

int
sftp_server_exists(struct sftp *c, const char *path, struct err *e)
{
	struct ask	 a;

	if (ask_path(c->r, WIRE_STAT, path, &a, e) || ask_wait(&a, e))
		return (-1);
	if (a.status.code == WIRE_OK)
		return (0);
	if (a.status.code == WIRE_NO_SUCH_FILE)
		return (1);
	return (sftp_server_fail(c, "stat", path, &a.status, e));
}
