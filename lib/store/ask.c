/* SPDX-License-Identifier: ISC */
/*
 * Single SFTP questions and their answers.  Each question accepts exactly one
 * type of answer, and a status; anything else violates the protocol.
 */
#include <string.h>

#include "store/ask.h"
#include "store/backend.h"

#define PACKET_MAX	(2 * STORE_PATHMAX + 128)

int
ask_pending(const struct ask *a)
{
	return (a->r != NULL && a->waiting && !request_broken(a->r));
}

int
ask_wait(struct ask *a, struct err *e)
{
	while (a->waiting)
		if (request_wait(a->r, e))
			return (-1);
	return (0);
}

void
ask_drain(struct ask *a)
{
	struct err	 e = ERR_INIT;

	while (ask_pending(a))
		if (request_wait(a->r, &e))
			return;
}

static int
wrong(uint8_t type, struct err *e)
{
	return (err_set(e, ERR_REMOTE, "an answer of type %u that does not "
	    "fit its question, or is damaged", type));
}

static int
on_status(void *arg, uint8_t type, struct bytes *b, struct err *e)
{
	struct wire_status	 unused;
	struct ask		*a = arg;

	if (type != WIRE_STATUS ||
	    wire_get_status(b, a == NULL ? &unused : &a->status))
		return (wrong(type, e));
	if (a != NULL)
		a->waiting = 0;
	return (0);
}

/*
 * Where the good answer has a type of its own, a status must be a refusal.
 * "OK" would be a success without the handle or attributes that we need.
 */
static int
refused(struct ask *a, uint8_t type, struct bytes *b, struct err *e)
{
	if (on_status(a, type, b, e))
		return (-1);
	return (a->status.code == WIRE_OK ? wrong(type, e) : 0);
}

static int
on_handle(void *arg, uint8_t type, struct bytes *b, struct err *e)
{
	struct ask	*a = arg;

	if (type != WIRE_HANDLE)
		return (refused(a, type, b, e));
	if (wire_get_handle(b, &a->handle))
		return (wrong(type, e));
	a->waiting = 0;
	a->status.code = WIRE_OK;
	return (0);
}

static int
on_attrs(void *arg, uint8_t type, struct bytes *b, struct err *e)
{
	struct ask	*a = arg;

	if (type != WIRE_ATTRS)
		return (refused(a, type, b, e));
	if (wire_get_attrs(b, &a->attrs))
		return (wrong(type, e));
	a->waiting = 0;
	a->status.code = WIRE_OK;
	return (0);
}

static int
on_space(void *arg, uint8_t type, struct bytes *b, struct err *e)
{
	struct ask	*a = arg;

	if (type != WIRE_EXTENDED_REPLY)
		return (refused(a, type, b, e));
	if (wire_get_space(b, &a->space))
		return (wrong(type, e));
	a->waiting = 0;
	a->status.code = WIRE_OK;
	return (0);
}

static int
send(struct requests *r, struct bytes_out *o, request_answer *fn,
    struct ask *a, struct err *e)
{
	/* Zeroed on failure, too: then ask_drain() has nothing to wait for. */
	if (a != NULL)
		memset(a, 0, sizeof(*a));
	if (!bytes_out_ok(o))
		return (err_set(e, ERR_LOCAL, "path too long"));
	if (a != NULL) {
		a->r = r;
		a->waiting = 1;
	}
	return (request_send(r, o->p, o->n, fn, a, e));
}

int
ask_open(struct requests *r, const char *path, uint32_t flags,
    struct ask *a, struct err *e)
{
	uint8_t			 buf[PACKET_MAX];
	struct bytes_out	 o;

	wire_begin(&o, buf, sizeof(buf), WIRE_OPEN);
	wire_text(&o, path);
	bytes_put_u32be(&o, flags);
	if (flags & WIRE_CREATE)
		wire_mode(&o, 0400);
	else
		wire_no_attrs(&o);
	return (send(r, &o, on_handle, a, e));
}

int
ask_path(struct requests *r, enum wire_type type, const char *path,
    struct ask *a, struct err *e)
{
	uint8_t			 buf[PACKET_MAX];
	struct bytes_out	 o;

	wire_begin(&o, buf, sizeof(buf), type);
	wire_text(&o, path);
	if (type == WIRE_MKDIR)
		wire_mode(&o, 0700);
	return (send(r, &o, type == WIRE_STAT ? on_attrs :
	    type == WIRE_OPENDIR ? on_handle : on_status, a, e));
}

int
ask_handle(struct requests *r, enum wire_type type,
    const struct wire_handle *h, struct ask *a, struct err *e)
{
	uint8_t			 buf[PACKET_MAX];
	struct bytes_out	 o;

	wire_begin(&o, buf, sizeof(buf), type);
	wire_put_handle(&o, h);
	return (send(r, &o, type == WIRE_FSTAT ? on_attrs : on_status, a, e));
}

int
ask_fsync(struct requests *r, const struct wire_handle *h, struct ask *a,
    struct err *e)
{
	uint8_t			 buf[PACKET_MAX];
	struct bytes_out	 o;

	wire_begin(&o, buf, sizeof(buf), WIRE_EXTENDED);
	wire_text(&o, "fsync@openssh.com");
	wire_put_handle(&o, h);
	return (send(r, &o, on_status, a, e));
}

int
ask_link(struct requests *r, const char *from, const char *to,
    struct ask *a, struct err *e)
{
	uint8_t			 buf[PACKET_MAX];
	struct bytes_out	 o;

	wire_begin(&o, buf, sizeof(buf), WIRE_EXTENDED);
	wire_text(&o, "hardlink@openssh.com");
	wire_text(&o, from);
	wire_text(&o, to);
	return (send(r, &o, on_status, a, e));
}

int
ask_rename(struct requests *r, const char *from, const char *to,
    struct ask *a, struct err *e)
{
	uint8_t			 buf[PACKET_MAX];
	struct bytes_out	 o;

	wire_begin(&o, buf, sizeof(buf), WIRE_RENAME);
	wire_text(&o, from);
	wire_text(&o, to);
	return (send(r, &o, on_status, a, e));
}

int
ask_space(struct requests *r, const char *path, struct ask *a,
    struct err *e)
{
	uint8_t			 buf[PACKET_MAX];
	struct bytes_out	 o;

	wire_begin(&o, buf, sizeof(buf), WIRE_EXTENDED);
	wire_text(&o, "statvfs@openssh.com");
	wire_text(&o, path);
	return (send(r, &o, on_space, a, e));
}
