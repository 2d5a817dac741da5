/* SPDX-License-Identifier: ISC */
/* Open and close a store on an SFTP server; its table of calls. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "store/allowance.h"
#include "store/backend.h"
#include "store/session.h"
#include "store/sftp.h"
#include "store/sftp_append.h"
#include "store/sftp_dir.h"
#include "store/sftp_get.h"
#include "store/sftp_load.h"
#include "store/sftp_publish.h"
#include "store/sftp_put.h"
#include "store/sftp_server.h"

/* OpenSSH's max-read-length.  A server that gives less teaches us so. */
#define READ_LEN	((size_t)255 << 10)

/*
 * Without a bound a server could list names for ever.  tmp/ of an append-only
 * server, which keeps a second name of every object until expiry removes it,
 * has a million after some months without expiry.
 */
#define NAMES_MAX	(UINT32_C(1) << 26)

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

/* A refusal to say what is free is no failure: then it is not known. */
static int
sftp_about(struct store *s, struct store_about *about, struct err *e)
{
	struct sftp	*c = (struct sftp *)s;
	struct ask	 a;

	if (request_meet(c->r, e))
		return (-1);
	about->fsync = c->can.fsync;
	about->hardlink = c->can.hardlink;
	if (!c->can.statvfs)
		return (0);
	if (ask_space(c->r, s->root, &a, e) || ask_wait(&a, e))
		return (-1);
	if (a.status.code != WIRE_OK)
		return (0);
	about->space = 1;
	about->bytes = a.space.bytes;
	about->bytes_free = a.space.bytes_free;
	about->files = a.space.files;
	about->files_free = a.space.files_free;
	return (0);
}

static void
sftp_free(struct store *s)
{
	struct sftp	*c = (struct sftp *)s;
	struct err	 e = ERR_INIT;

	/*
	 * Nobody waited for the removal of temporary names; hanging up now
	 * could leave them there.
	 */
	while (!request_broken(c->r) && request_in_flight(c->r) > 0)
		if (request_wait(c->r, &e))
			break;
	request_free(c->r);
	allowance_return(c->allowance);
	backend_fini(s);
	free(c);
}

static const struct store_ops	 sftp_ops = {
	.free = sftp_free,
	.put_open = sftp_put_open,
	.put_write = sftp_put_write,
	.put_end = sftp_put_end,
	.put_step = sftp_publish_step,
	.put_named = sftp_publish_named,
	.put_free = sftp_put_free,
	.get_open = sftp_get_open,
	.get_exists = sftp_get_exists,
	.get_size = sftp_get_size,
	.get_ask = sftp_get_ask,
	.get_take = sftp_get_take,
	.get_ready = sftp_get_ready,
	.get_free = sftp_get_free,
	.load = sftp_load,
	.list = sftp_dir_list,
	.rename = sftp_dir_rename,
	.settle = sftp_dir_settle,
	.remove = sftp_dir_remove,
	.rmdir = sftp_dir_rmdir,
	.mkdir = sftp_dir_mkdir,
	.append_open = sftp_append_open,
	.append_send = sftp_append_send,
	.append_step = sftp_append_step,
	.append_free = sftp_append_free,
	.append_wait = sftp_append_wait,
	.wait = sftp_wait,
	.poll = sftp_poll,
	.keep = sftp_keep,
	.about = sftp_about
};

/* The server has said what it can. */
static int
greeted(void *arg, struct err *e)
{
	const struct sftp	*c = arg;

	if (!c->can.fsync && c->require_fsync)
		return (err_set(e, ERR_CONFIG, "the server cannot fsync (no "
		    "fsync@openssh.com), so what is stored there may not "
		    "survive a power cut; set require_fsync = no to accept "
		    "that"));
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
	c->require_fsync = conf->require_fsync;
	c->allowance = -1;
	c->read_len = READ_LEN;
	c->names_max = NAMES_MAX;
	if (str_fmt(c->host, sizeof(c->host), e, "%s", conf->host) ||
	    str_fmt(name, sizeof(name), e, "%s:%s", conf->host, conf->dir) ||
	    backend_init(&c->base, &sftp_ops, name, conf->dir, e))
		goto fail;
	if (request_new(&c->r, t, conf->host, conf->io_timeout_ms, e)) {
		backend_fini(&c->base);
		goto fail;
	}
	if (request_init(c->r, &c->can, greeted, c, e) ||
	    (!(conf->early && conf->in_order) && request_meet(c->r, e))) {
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
	int			 fd;

	if (allowance_take(&fd, conf, a, e))
		return (-1);
	memset(&over, 0, sizeof(over));
	over.host = a->host;
	over.dir = a->dir;
	over.io_timeout_ms = conf->io_timeout_ms;
	over.require_fsync = conf->require_fsync;
	over.early = conf->early && !conf->spare;
	if (session_open(&t, conf, a, &over.in_order, e) ||
	    sftp_over(out, t, &over, e)) {
		allowance_return(fd);
		return (-1);
	}
	((struct sftp *)*out)->allowance = fd;
	request_on_wait(((struct sftp *)*out)->r, conf->waits,
	    conf->waits_arg);
	return (0);
}

uint64_t
sftp_turns(const struct store *s)
{
	return (request_turns(((const struct sftp *)s)->r));
}
