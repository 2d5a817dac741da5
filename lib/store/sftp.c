/* SPDX-License-Identifier: ISC */
/* The store on an SFTP server: open, close, and what its parts share. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "store/session.h"
#include "store/sftp.h"

#define READ_LEN	((size_t)255 << 10)	/* OpenSSH's max-read-length */

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
	    sftp_exists(c, c->base.base, &unused) == 1);
}

int
sftp_fail(struct sftp *c, const char *verb, const char *path,
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
sftp_mkdirs(struct sftp *c, const char *path, struct err *e)
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
sftp_exists(struct sftp *c, const char *path, struct err *e)
{
	struct ask	 a;

	if (ask_path(c->r, WIRE_STAT, path, &a, e) || ask_wait(&a, e))
		return (-1);
	if (a.status.code == WIRE_OK)
		return (0);
	if (a.status.code == WIRE_NO_SUCH_FILE)
		return (1);
	return (sftp_fail(c, "stat", path, &a.status, e));
}

static int
sftp_wait(struct store *s, struct err *e)
{
	struct requests	*r = ((struct sftp *)s)->r;

	if (request_in_flight(r) == 0 && !request_broken(r))
		return (0);
	return (request_wait(r, e));
}

static int
sftp_poll(struct store *s, struct err *e)
{
	return (request_poll(((struct sftp *)s)->r, e));
}

static int
sftp_keep(struct store *s, struct err *e)
{
	return (request_keep(((struct sftp *)s)->r, e));
}

static void
sftp_free(struct store *s)
{
	struct sftp	*c = (struct sftp *)s;
	struct err	 e = ERR_INIT;

	/* Also that temporary names are gone. */
	while (!request_broken(c->r) && request_in_flight(c->r) > 0)
		if (request_wait(c->r, &e))
			break;
	request_free(c->r);
	backend_fini(s);
	free(c);
}

static const struct store_ops	 sftp_ops = {
	.free = sftp_free,
	.put_open = sftp_put_open,
	.put_write = sftp_put_write,
	.put_end = sftp_put_end,
	.put_step = sftp_put_step,
	.put_named = sftp_put_named,
	.put_free = sftp_put_free,
	.get_open = sftp_get_open,
	.get_size = sftp_get_size,
	.get_ask = sftp_get_ask,
	.get_take = sftp_get_take,
	.get_ready = sftp_get_ready,
	.get_free = sftp_get_free,
	.load = sftp_get_load,
	.list = sftp_dir_list,
	.rename = sftp_dir_rename,
	.settle = sftp_dir_settle,
	.remove = sftp_dir_remove,
	.rmdir = sftp_dir_rmdir,
	.mkdir = sftp_dir_mkdir,
	.wait = sftp_wait,
	.poll = sftp_poll,
	.keep = sftp_keep
};

static int
greet(struct sftp *c, int require_fsync, struct err *e)
{
	if (request_init(c->r, &c->can, e))
		return (-1);
	if (!c->can.fsync && require_fsync)
		return (err_set(e, ERR_CONFIG, "%s: its SFTP server cannot "
		    "fsync (no fsync@openssh.com), so what is stored there "
		    "may not survive a power cut; say require_fsync = no to "
		    "accept that", c->host));
	return (0);
}

int
sftp_over(struct store **out, struct transport *t,
    const struct sftp_conf *conf, struct err *e)
{
	char		 name[ADDRESS_HOSTMAX + ADDRESS_DIRMAX + 1];
	struct sftp	*c;

	if ((c = calloc(1, sizeof(*c))) == NULL) {
		err_sys(e, ERR_LOCAL, "connect to %s", conf->host);
		goto fail;
	}
	c->in_order = conf->in_order;
	c->read_len = READ_LEN;
	if (str_fmt(c->host, sizeof(c->host), e, "%s", conf->host) ||
	    str_fmt(name, sizeof(name), e, "%s:%s", conf->host, conf->dir) ||
	    backend_init(&c->base, &sftp_ops, name, conf->dir, e))
		goto fail;
	if (request_new(&c->r, t, conf->host, conf->io_timeout_ms, e)) {
		backend_fini(&c->base);
		goto fail;
	}
	if (greet(c, conf->require_fsync, e)) {
		sftp_free(&c->base);
		return (-1);
	}
	*out = &c->base;
	return (0);
fail:
	free(c);
	t->ops->free(t);
	return (-1);
}

int
sftp_open(struct store **out, const struct store_conf *conf,
    const struct address *a, struct err *e)
{
	struct sftp_conf	 over;
	struct transport	*t;

	memset(&over, 0, sizeof(over));
	over.host = a->host;
	over.dir = a->dir;
	over.io_timeout_ms = conf->io_timeout_ms;
	over.require_fsync = conf->require_fsync;
	if (session_open(&t, conf, a, &over.in_order, e) ||
	    sftp_over(out, t, &over, e))
		return (-1);
	request_on_wait(((struct sftp *)*out)->r, conf->waits,
	    conf->waits_arg);
	return (0);
}

uint64_t
sftp_turns(const struct store *s)
{
	return (request_turns(((const struct sftp *)s)->r));
}
