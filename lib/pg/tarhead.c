/* SPDX-License-Identifier: ISC */
/* Headers of tar members, as PostgreSQL writes them. */
#include <stdio.h>
#include <string.h>

#include "pg/pgtar.h"
#include "pg/tarhead.h"

#define NAME_MAX_LEN	99	/* of 100: PostgreSQL wants a NUL there */
#define PREFIX_MAX_LEN	155

/* What pax calls the header before a header. */
#define PAX_NAME	"pax_header"

/*
 * A number of a field of "len" bytes: octal digits and a blank, or, of one
 * that is too large for them, base 256 (print_tar_number()).
 */
static void
number(uint8_t *p, size_t len, uint64_t v)
{
	size_t	 i;

	if (v >> (3 * (len - 1)) == 0) {
		p[len - 1] = ' ';
		for (i = len - 1; i > 0; v >>= 3)
			p[--i] = (uint8_t)('0' + (v & 7));
		return;
	}
	for (i = len; i > 1; v >>= 8)
		p[--i] = (uint8_t)(v & 0xff);
	p[0] = 0x80;
}

/* The sum of all bytes, with blanks in the place of the sum itself. */
static void
seal(uint8_t h[PGTAR_BLOCK])
{
	uint64_t	 sum = 0;
	size_t		 i;

	memset(h + 148, ' ', 8);
	for (i = 0; i < PGTAR_BLOCK; i++)
		sum += h[i];
	number(h + 148, 8, sum);
}

/* All but the path. */
static void
fill(uint8_t h[PGTAR_BLOCK], const struct tarhead *t, char type)
{
	memset(h, 0, PGTAR_BLOCK);
	number(h + 100, 8, t->mode & 07777);
	number(h + 108, 8, t->uid);
	number(h + 116, 8, t->gid);
	number(h + 124, 12, t->size);
	number(h + 136, 12, t->mtime < 0 ? 0 : (uint64_t)t->mtime);
	h[156] = (uint8_t)type;
	memcpy(h + 257, "ustar\00000", 8);
	memcpy(h + 265, "postgres", 8);
	memcpy(h + 297, "postgres", 8);
	number(h + 329, 8, 0);
	number(h + 337, 8, 0);
}

/*
 * Put the path of "n" bytes into the header's two fields: all of it, or split
 * at a slash.  Returns 0, or 1 if no slash is in the right place.
 */
static int
place(uint8_t h[PGTAR_BLOCK], const char *path, size_t n)
{
	size_t	 i;

	if (n <= NAME_MAX_LEN) {
		memcpy(h, path, n);
		return (0);
	}
	for (i = n - NAME_MAX_LEN - 1; i < n - 1 && i <= PREFIX_MAX_LEN; i++)
		if (i > 0 && path[i] == '/') {
			memcpy(h + 345, path, i);
			memcpy(h, path + i + 1, n - i - 1);
			return (0);
		}
	return (1);
}

/* "%zu path=%s\n", where the number counts itself, too. */
static size_t
pax_record(char *buf, size_t size, const char *path)
{
	const size_t	 n = strlen(path) + sizeof(" path=\n") - 1;
	size_t		 whole = n, digits, v;

	do {
		digits = 0;
		for (v = whole; v > 0; v /= 10)
			digits++;
		if (whole == n + digits)
			break;
		whole = n + digits;
	} while (1);
	(void)snprintf(buf, size, "%zu path=%s\n", whole, path);
	return (whole);
}

/* A header and a record that say the path of the next member. */
static size_t
pax(uint8_t *buf, const struct tarhead *t, const char *path)
{
	char		 text[TARHEAD_PATH + 32];
	struct tarhead	 head = *t;

	head.mode = 0600;
	head.size = pax_record(text, sizeof(text), path);
	fill(buf, &head, 'x');
	memcpy(buf, PAX_NAME, sizeof(PAX_NAME) - 1);
	seal(buf);
	memcpy(buf + PGTAR_BLOCK, text, (size_t)head.size);
	return (PGTAR_BLOCK + (size_t)head.size +
	    tarhead_padding(head.size));
}

int
tarhead_make(uint8_t buf[TARHEAD_MAX], size_t *n, const struct tarhead *t,
    struct err *e)
{
	uint8_t	 h[PGTAR_BLOCK];
	char	 path[TARHEAD_PATH + 2];
	size_t	 len = strlen(t->path);

	if (len > TARHEAD_PATH)
		return (err_set(e, ERR_LOCAL, "path of %zu bytes: a tar "
		    "archive holds at most %d", len, TARHEAD_PATH));
	(void)snprintf(path, sizeof(path), "%s%s", t->path, t->dir ? "/" :
	    "");
	memset(buf, 0, TARHEAD_MAX);
	*n = 0;
	fill(h, t, t->dir ? '5' : '0');
	if (place(h, path, strlen(path))) {
		*n = pax(buf, t, path);
		/* A reader without pax sees the beginning at least. */
		memcpy(h, path, NAME_MAX_LEN);
	}
	seal(h);
	memcpy(buf + *n, h, sizeof(h));
	*n += sizeof(h);
	return (0);
}

size_t
tarhead_padding(uint64_t size)
{
	return ((size_t)(-size & (PGTAR_BLOCK - 1)));
}
