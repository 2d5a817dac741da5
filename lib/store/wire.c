/* SPDX-License-Identifier: ISC */
/*
 * Packets of SFTP version 3: bytes from and to values.
 *
 * Readers take all fields from a cursor that cannot overrun and whose failure
 * is sticky, then ask bytes_ok() once: nothing cut, nothing left over.
 */
#include <sys/stat.h>

#include <string.h>

#include "base/str.h"
#include "store/wire.h"

#define HAS_SIZE	0x00000001u
#define HAS_OWNER	0x00000002u
#define HAS_MODE	0x00000004u
#define HAS_TIMES	0x00000008u
#define HAS_EXTENDED	0x80000000u

void
wire_begin(struct bytes_out *o, void *buf, size_t size, enum wire_type type)
{
	*o = bytes_out_of(buf, size);
	bytes_put_u32be(o, 0);
	bytes_put_u8(o, (uint8_t)type);
	bytes_put_u32be(o, 0);
}

void
wire_text(struct bytes_out *o, const char *s)
{
	bytes_put_u32be(o, (uint32_t)strlen(s));
	bytes_put(o, s, strlen(s));
}

void
wire_put_handle(struct bytes_out *o, const struct wire_handle *h)
{
	bytes_put_u32be(o, h->n);
	bytes_put(o, h->byte, h->n);
}

void
wire_no_attrs(struct bytes_out *o)
{
	bytes_put_u32be(o, 0);
}

void
wire_mode(struct bytes_out *o, uint32_t mode)
{
	bytes_put_u32be(o, HAS_MODE);
	bytes_put_u32be(o, mode);
}

uint8_t *
wire_write_head(uint8_t *end, const struct wire_handle *h, uint64_t off,
    uint32_t n)
{
	struct bytes_out	 o;
	uint8_t			*p = end - (WIRE_HEAD + 4 + h->n + 8 + 4);

	wire_begin(&o, p, (size_t)(end - p), WIRE_WRITE);
	wire_put_handle(&o, h);
	bytes_put_u64be(&o, off);
	bytes_put_u32be(&o, n);
	return (p);
}

/* Take a string behind its length; NULL if it is cut short. */
static const uint8_t *
take_string(struct bytes *b, size_t *n)
{
	*n = bytes_u32be(b);
	return (bytes_take(b, *n));
}

int
wire_get_status(struct bytes *b, struct wire_status *s)
{
	const uint8_t	*text;
	size_t		 n;

	s->code = bytes_u32be(b);
	s->text[0] = '\0';
	if (b->left == 0)		/* some servers send no text */
		return (bytes_ok(b) ? 0 : -1);
	if ((text = take_string(b, &n)) != NULL)
		str_clean(s->text, sizeof(s->text), text, n);
	(void)take_string(b, &n);	/* language */
	return (bytes_ok(b) ? 0 : -1);
}

int
wire_get_handle(struct bytes *b, struct wire_handle *h)
{
	uint32_t	 n = bytes_u32be(b);

	h->n = 0;
	if (n == 0 || n > sizeof(h->byte))
		return (-1);
	bytes_copy(b, h->byte, n);
	if (!bytes_ok(b))
		return (-1);
	h->n = n;
	return (0);
}

static void
take_attrs(struct bytes *b, struct wire_attrs *a)
{
	uint32_t	 flags, i, n;
	size_t		 len;

	memset(a, 0, sizeof(*a));
	flags = bytes_u32be(b);
	if (flags & HAS_SIZE) {
		a->size = bytes_u64be(b);
		a->has_size = 1;
	}
	if (flags & HAS_OWNER)
		(void)bytes_u64be(b);
	if (flags & HAS_MODE)
		a->mode = bytes_u32be(b);
	if (flags & HAS_TIMES) {
		(void)bytes_u32be(b);
		a->mtime = bytes_u32be(b);
	}
	/* "n" is the server's word: stop when the bytes do. */
	if (flags & HAS_EXTENDED) {
		n = bytes_u32be(b);
		for (i = 0; i < n && !b->bad; i++) {
			(void)take_string(b, &len);
			(void)take_string(b, &len);
		}
	}
}

int
wire_get_attrs(struct bytes *b, struct wire_attrs *a)
{
	take_attrs(b, a);
	return (bytes_ok(b) ? 0 : -1);
}

int
wire_get_data(struct bytes *b, const uint8_t **data, size_t *n)
{
	*data = take_string(b, n);
	return (bytes_ok(b) && *n > 0 ? 0 : -1);
}

static int
is_text(const uint8_t *p, size_t n, const char *s)
{
	return (p != NULL && n == strlen(s) && memcmp(p, s, n) == 0);
}

int
wire_get_version(struct bytes *b, struct wire_features *f)
{
	const uint8_t	*name, *data;
	size_t		 n, m;

	memset(f, 0, sizeof(*f));
	f->version = bytes_u32be(b);
	/* Pairs of name and data; those that we don't know are skipped. */
	while (b->left > 0 && !b->bad) {
		name = take_string(b, &n);
		data = take_string(b, &m);
		if (is_text(name, n, "fsync@openssh.com"))
			f->fsync = is_text(data, m, "1");
		else if (is_text(name, n, "hardlink@openssh.com"))
			f->hardlink = is_text(data, m, "1");
		else if (is_text(name, n, "statvfs@openssh.com"))
			f->statvfs = is_text(data, m, "2");
	}
	return (bytes_ok(b) ? 0 : -1);
}

int
wire_get_space(struct bytes *b, struct wire_space *s)
{
	uint64_t	 frsize, blocks, avail;

	(void)bytes_u64be(b);			/* f_bsize */
	frsize = bytes_u64be(b);
	blocks = bytes_u64be(b);
	(void)bytes_u64be(b);			/* f_bfree */
	avail = bytes_u64be(b);
	s->files = bytes_u64be(b);
	(void)bytes_u64be(b);			/* f_ffree */
	s->files_free = bytes_u64be(b);
	(void)bytes_u64be(b);			/* f_fsid */
	(void)bytes_u64be(b);			/* f_flag */
	(void)bytes_u64be(b);			/* f_namemax */
	/* A file system may be larger than 64 bits can say. */
	if (__builtin_mul_overflow(frsize, avail, &s->bytes_free))
		s->bytes_free = UINT64_MAX;
	if (__builtin_mul_overflow(frsize, blocks, &s->bytes))
		s->bytes = UINT64_MAX;
	return (bytes_ok(b) ? 0 : -1);
}

uint32_t
wire_get_count(struct bytes *b)
{
	return (bytes_u32be(b));
}

int
wire_get_entry(struct bytes *b, struct wire_entry *en)
{
	const uint8_t	*shown;
	size_t		 n;

	en->name = take_string(b, &en->n);
	shown = take_string(b, &n);		/* the line of "ls -l" */
	take_attrs(b, &en->attrs);
	if (b->bad)
		return (-1);
	/* Without a mode, "ls -l" begins with 'd' for a directory. */
	en->is_dir = en->attrs.mode != 0 ? S_ISDIR(en->attrs.mode) :
	    n > 0 && shown[0] == 'd';
	return (0);
}

const char *
wire_explain(uint32_t code)
{
	static const char *const	 text[] = {
		"success", "end of file", "no such file or directory",
		"permission denied", "failure", "bad message",
		"no connection", "connection lost", "not supported"
	};

	return (code < sizeof(text) / sizeof(text[0]) ? text[code] :
	    "unknown failure");
}

void
wire_patch(uint8_t *p, uint32_t v)
{
	struct bytes_out	 o = bytes_out_of(p, 4);

	bytes_put_u32be(&o, v);
}
