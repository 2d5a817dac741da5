/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as the answers of an SFTP server.  The first byte chooses the
 * operation, the size of the pieces, and whether the bytes are raw or are put
 * into packets.  Packets follow a valid greeting and have right lengths and
 * ids, so that the readers of every answer are reached.
 */
#include <stdlib.h>
#include <string.h>

#include "store/sftp.h"
#include "store/store.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

struct script {
	struct transport	 base;
	const uint8_t		*p;
	size_t			 n, step;
	uint8_t			 framed[1 << 16];
};

/* Make a greeting, and a packet of each [length, type, body]. */
static void
frame(struct script *s, const uint8_t *p, size_t n)
{
	static const uint8_t	 hello[] = "\0\0\0\xa6\x02\0\0\0\x03"
	    "\0\0\0\x11" "fsync@openssh.com" "\0\0\0\x01" "1"
	    "\0\0\0\x14" "hardlink@openssh.com" "\0\0\0\x01" "1"
	    "\0\0\0\x13" "statvfs@openssh.com" "\0\0\0\x01" "2";
	struct bytes_out	 o = bytes_out_of(s->framed,
	    sizeof(s->framed));
	uint32_t		 id = 0;
	size_t			 len;

	bytes_put(&o, hello, sizeof(hello) - 1);
	s->framed[3] = (uint8_t)(sizeof(hello) - 1 - 4);
	for (; n >= 2; n -= len, p += len) {
		len = p[0] < n - 2 ? p[0] : n - 2;
		bytes_put_u32be(&o, (uint32_t)len + 5);
		bytes_put_u8(&o, p[1]);
		bytes_put_u32be(&o, id++);
		bytes_put(&o, p + 2, len);
		p += 2;
		n -= 2;
	}
	s->p = s->framed;
	s->n = o.n;
}

static int
script_read(struct transport *t, void *buf, size_t n, uint64_t expect,
    size_t *got, struct err *e)
{
	struct script	*s = (struct script *)t;

	(void)expect;
	(void)e;
	*got = n < s->n ? n : s->n;
	*got = *got < s->step ? *got : s->step;
	memcpy(buf, s->p, *got);
	s->p += *got;
	s->n -= *got;
	return (0);
}

static int
script_write(struct transport *t, const void *buf, size_t n, size_t *took,
    struct err *e)
{
	(void)t;
	(void)buf;
	(void)e;
	*took = n;
	return (0);
}

static int
script_wait(struct transport *t, int64_t deadline, struct err *e)
{
	(void)deadline;
	(void)e;
	return (((struct script *)t)->n == 0);
}

static int
script_keep(struct transport *t, struct err *e)
{
	(void)t;
	(void)e;
	return (0);
}

static void
script_free(struct transport *t)
{
	free(t);
}

static const struct transport_ops	 script_ops = {
	script_read, script_write, script_wait, script_keep, script_free,
	NULL
};

static int
each_entry(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	(void)arg;
	(void)i;
	(void)missing;
	(void)e;
	return (en != NULL && strchr(en->name, '/') != NULL ? abort(), -1 : 0);
}

static int
each_object(void *arg, size_t i, const uint8_t *p, size_t n, struct err *e)
{
	(void)arg;
	(void)i;
	(void)e;
	return (p != NULL && n > 5000 ? abort(), -1 : 0);
}

static int
put(struct store *s, struct err *e)
{
	static const char	 buf[70000];
	struct store_put	*p = NULL;
	int			 rc;

	if (store_put_open(&p, s, "a/b", 10, e))
		return (-1);
	rc = store_put_write(p, buf, sizeof(buf), e) ||
	    store_put_publish(p, buf, e) ? -1 : 0;
	store_put_free(p);
	return (rc);
}

static int
get(struct store *s, struct err *e)
{
	static char		 buf[70000];
	struct store_get	*g = NULL;
	size_t			 got;
	int			 rc;

	if (store_get_open(&g, s, "a/b", e))
		return (-1);
	rc = store_get_ask(g, 0, 10000, e) ||
	    store_get_ask(g, 50000, STORE_TO_END, e) ? -1 :
	    store_get_take(g, buf, sizeof(buf), &got, e);
	store_get_free(g);
	return (rc == 1 ? 0 : rc);	/* a missing file is no failure */
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const char *const	 paths[] = { "a", "b", "c" };
	struct sftp_conf		 conf = { "h", "/r", 1000, 1, 0, 0 };
	struct script			*t;
	struct store			*s = NULL;
	struct err			 e = ERR_INIT;
	int				 rc = 0;

	if (n < 1 || (t = calloc(1, sizeof(*t))) == NULL)
		return (0);
	t->base.ops = &script_ops;
	t->p = p + 1;
	t->n = n - 1;
	t->step = p[0] & 0x80 ? 1 : SIZE_MAX;
	if (p[0] & 0x40)
		frame(t, p + 1, n - 1);
	if (sftp_over(&s, &t->base, &conf, &e))
		return (0);
	switch (p[0] % 6) {
	case 0: rc = put(s, &e); break;
	case 1: rc = get(s, &e); break;
	case 2: rc = store_list(s, paths, 3, each_entry, NULL, &e); break;
	case 3: rc = store_load(s, paths, 3, 5000, each_object, NULL, &e);
		break;
	case 4: rc = store_rename(s, "a", "b/c", &e); break;
	case 5: rc = store_remove(s, paths, 3, &e); break;
	}
	if ((rc == 0) != (e.kind == ERR_NONE))
		abort();
	store_free(s);
	return (0);
}
