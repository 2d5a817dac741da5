/* SPDX-License-Identifier: ISC */
/*
 * What a thief of a push key can do with objects that it cannot read: sign
 * them as its own.
 *
 *	forward object KEY SERVER SYSTEMID PATH VERSION <theirs >ours
 *		puts the payload and the sealed data keys of an object under
 *		a header of that place and version, made now, and signs it
 *		with KEY (a .push)
 *	forward text KEY SERVER SYSTEMID PATH label <text >ours
 *		signs a text, as a label or marker of that place
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/parse.h"
#include "crypt/headparse.h"
#include "crypt/key.h"
#include "crypt/sign.h"

#define CONTEXT		"seawall object 1\n"
#define CONTEXT_LEN	(sizeof(CONTEXT) - 1)
#define MAX		((size_t)64 << 20)	/* bytes of an object */

/* The fields of their header, in the order of FORMAT.md, 4. */
static void
put_header(struct bytes_out *o, const struct headparse *p,
    const struct head *h, unsigned version, const struct head_place *at,
    const struct key *key)
{
	static const uint8_t	 none[HEAD_FACTS];
	uint8_t			 id[KEY_ID_LEN];

	bytes_put(o, headparse_magic, HEADPARSE_MAGIC);
	bytes_put_u8(o, (uint8_t)version);
	bytes_put_u8(o, (uint8_t)h->kind);
	bytes_put_u16be(o, 0);		/* the length; it is known later */
	bytes_put_u8(o, h->codec);
	bytes_put_u8(o, (uint8_t)h->nrecipients);
	bytes_put_u16be(o, 0);
	bytes_put_u64be(o, (uint64_t)clock_now_us());
	bytes_put_u64be(o, h->plain_size);
	bytes_put_u64be(o, h->payload_size);
	bytes_put_u64be(o, at->system_id);
	bytes_put_u8(o, (uint8_t)strlen(at->server));
	bytes_put(o, at->server, strlen(at->server));
	bytes_put_u16be(o, (uint16_t)strlen(at->path));
	bytes_put(o, at->path, strlen(at->path));
	key_id(id, key_signer(key, 0));
	bytes_put(o, id, sizeof(id));
	bytes_put(o, h->tag, HASH_LEN);
	bytes_put(o, h->payload_hash, HASH_LEN);
	bytes_put(o, p->boxes, h->nrecipients * HEADPARSE_RECIPIENT);
	if (version >= 3)
		bytes_put(o, p->facts == NULL ? none : p->facts, HEAD_FACTS);
}

static int
object(const uint8_t *theirs, size_t n, unsigned version,
    const struct head_place *at, const struct key *key, struct err *e)
{
	uint8_t		 buf[HEAD_MAX], text[CONTEXT_LEN + HEAD_MAX];
	uint8_t		 sig[KEY_SIG_LEN];
	struct bytes_out o = bytes_out_of(buf, sizeof(buf));
	struct headparse p;
	struct head	 h;

	if (headparse_read(&p, &h, theirs, n, e))
		return (-1);
	put_header(&o, &p, &h, version, at, key);
	buf[10] = (uint8_t)((o.n + KEY_SIG_LEN) >> 8);
	buf[11] = (uint8_t)(o.n + KEY_SIG_LEN);
	memcpy(text, CONTEXT, CONTEXT_LEN);
	memcpy(text + CONTEXT_LEN, buf, o.n);
	key_sign(sig, key, text, CONTEXT_LEN + o.n);
	bytes_put(&o, sig, sizeof(sig));
	if (!bytes_out_ok(&o))
		return (err_set(e, ERR_LOCAL, "the header is too long"));
	if (io_write(STDOUT_FILENO, buf, o.n, "output", e) ||
	    io_write(STDOUT_FILENO, theirs + h.len, n - h.len, "output", e))
		return (-1);
	return (0);
}

static int
text(const char *theirs, const char *what, const struct head_place *at,
    const struct key *key, struct err *e)
{
	char	*out;
	size_t	 n;
	int	 rc;

	if (sign_text(&out, &n, what, at, theirs, key, e))
		return (-1);
	rc = io_write(STDOUT_FILENO, out, n, "output", e);
	free(out);
	return (rc);
}

static int
run(char *argv[], uint8_t *theirs, struct err *e)
{
	struct key	*key = NULL;
	struct head_place at = { .server = argv[3], .path = argv[5] };
	uint64_t	 version;
	size_t		 n;
	int		 rc = -1;

	if (parse_u64(argv[4], 1, UINT64_MAX, &at.system_id, "SYSTEMID", e) ||
	    key_load(&key, argv[2], NULL, e) ||
	    io_read(STDIN_FILENO, theirs, MAX, &n, "input", e))
		goto out;
	theirs[n] = '\0';
	if (strcmp(argv[1], "text") == 0)
		rc = text((const char *)theirs, argv[6], &at, key, e);
	else if (parse_u64(argv[6], 1, 3, &version, "VERSION", e) == 0)
		rc = object(theirs, n, (unsigned)version, &at, key, e);
out:
	key_free(key);
	return (rc);
}

int
main(int argc, char *argv[])
{
	struct err	 e = ERR_INIT;
	uint8_t		*theirs = NULL;
	int		 rc = 1;

	if (argc != 7)
		err_set(&e, ERR_USAGE, "expected object or text, KEY, SERVER, "
		    "SYSTEMID, PATH, and VERSION or label");
	else if ((theirs = malloc(MAX + 1)) == NULL)
		err_sys(&e, ERR_LOCAL, "input");
	else if (run(argv, theirs, &e) == 0)
		rc = 0;
	if (rc != 0)
		(void)fprintf(stderr, "forward: %s\n", e.msg);
	free(theirs);
	return (rc);
}
