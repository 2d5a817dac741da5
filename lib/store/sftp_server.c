/* SPDX-License-Identifier: ISC */
/* What every part of the SFTP store asks of its server. */
#include <string.h>

#include "base/str.h"
#include "store/sftp_server.h"

/* Less than two writes: what failed for want of space. */
#define FULL		((uint64_t)64 << 10)

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

static int
base_is_gone(struct sftp *c)
{
	struct err	 unused = ERR_INIT;

	return (c->base.base_stands &&
	    sftp_server_exists(c, c->base.base, &unused) == 1);
}

int
sftp_server_fail(struct sftp *c, const char *verb, const char *path,
    const struct wire_status *st, struct err *e)
{
	const char	*why = NULL;

	/* After "no such file" a directory may be what could not be made. */
	if (st->code == WIRE_FAILURE || st->code == WIRE_NO_SUCH_FILE)
		why = no_room(c);
	if (st->code == WIRE_NO_SUCH_FILE && base_is_gone(c))
		return (err_set(e, ERR_REMOTE, "%s %s: the repository's "
		    "folder is not there any more on %s; is its disk mounted?",
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
	if (synceddirs_has(&c->base.settled, dir))
		return (0);
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
