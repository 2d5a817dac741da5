/* SPDX-License-Identifier: ISC */
/*
 * A strict reader of tar.  Where a field could be read in two ways, as tars of
 * other programs are, it is refused: what is misread here would be a file of a
 * restored cluster.
 */
#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "base/str.h"
#include "pg/pgtar.h"

/* Where the fields of a header are, and how long. */
enum {
	NAME = 0, NAME_LEN = 100,
	MODE = 100, MODE_LEN = 8,
	SIZE = 124, SIZE_LEN = 12,
	MTIME = 136, MTIME_LEN = 12,
	SUM = 148, SUM_LEN = 8,
	TYPE = 156,
	LINK = 157, LINK_LEN = 100,
	MAGIC = 257, MAGIC_LEN = 8,
	PREFIX = 345, PREFIX_LEN = 155
};

void
pgtar_begin(struct pgtar *t, const struct pgtar_events *on, void *arg)
{
	memset(t, 0, sizeof(*t));
	t->on = on;
	t->arg = arg;
}

/*
 * Octal digits, ended by a blank or a NUL, or by the field.  PostgreSQL fills
 * it with zeros in front.
 */
static int
octal(const uint8_t *p, size_t n, uint64_t *v)
{
	size_t	 i;

	*v = 0;
	for (i = 0; i < n && p[i] >= '0' && p[i] <= '7'; i++)
		*v = *v << 3 | (uint64_t)(p[i] - '0');
	if (i == 0)
		return (-1);
	for (; i < n; i++)
		if (p[i] != ' ' && p[i] != '\0')
			return (-1);
	return (0);
}

/* A size from 8 GiB on is in base 256, behind a byte 0x80. */
static int
size_of(const uint8_t *p, uint64_t *v)
{
	size_t	 i;

	if (p[0] != 0x80)
		return (octal(p, SIZE_LEN, v));
	*v = 0;
	for (i = 1; i < SIZE_LEN; i++) {
		if (*v >> 56 != 0)
			return (-1);
		*v = *v << 8 | p[i];
	}
	return (*v > PGTAR_SIZE_MAX ? -1 : 0);
}

/* The sum of all bytes, where the field of the sum counts as blanks. */
static int
sum_fits(const uint8_t *b)
{
	uint64_t	 found, sum = 0;
	size_t		 i;

	for (i = 0; i < PGTAR_BLOCK; i++)
		sum += i >= SUM && i < SUM + SUM_LEN ? (uint64_t)' ' : b[i];
	return (octal(b + SUM, SUM_LEN, &found) == 0 && found == sum);
}

/* Copy a text of at most "n" bytes, and end it. */
static size_t
text(char *to, const uint8_t *from, size_t n)
{
	size_t	 len = strnlen((const char *)from, n);

	memcpy(to, from, len);
	to[len] = '\0';
	return (len);
}

static int
bad(const char *path, const char *what, struct err *e)
{
	char	 clean[PGTAR_PATH];

	return (err_set(e, ERR_CORRUPT, "tar: member \"%s\": %s",
	    str_clean(clean, sizeof(clean), path, strlen(path)), what));
}

/*
 * Put prefix and name together, and take the slash from the end that
 * directories and links have, and "./" from the front, which the directories
 * have that are made up for pg_wal.
 */
static int
path_of(char path[PGTAR_PATH], const uint8_t *b, enum pgtar_type type,
    struct err *e)
{
	size_t	 n = text(path, b + PREFIX, PREFIX_LEN);

	if (n > 0)
		path[n++] = '/';
	n += text(path + n, b + NAME, NAME_LEN);
	if (type != PGTAR_FILE && n > 1 && path[n - 1] == '/')
		path[--n] = '\0';
	if (n > 2 && memcmp(path, "./", 2) == 0)
		memmove(path, path + 2, n - 1);
	return (path_is_inside(path) ? 0 : bad(path, "not a path inside the "
	    "data directory", e));
}

static int
type_of(uint8_t c, enum pgtar_type *type)
{
	switch (c) {
	case '0':
		*type = PGTAR_FILE;
		return (0);
	case '5':
		*type = PGTAR_DIR;
		return (0);
	case '2':
		*type = PGTAR_LINK;
		return (0);
	}
	return (-1);
}

static int
header(struct pgtar *t, struct err *e)
{
	const uint8_t		*b = t->block;
	struct pgtar_entry	 en = { .path = "" };
	char			 path[PGTAR_PATH], target[PGTAR_TARGET];
	uint64_t		 mode, mtime;

	if (memcmp(b + MAGIC, "ustar\00000", MAGIC_LEN) != 0 || !sum_fits(b))
		return (err_set(e, ERR_CORRUPT, "tar: found bytes that are no "
		    "header of a member"));
	(void)text(path, b + NAME, NAME_LEN);
	if (type_of(b[TYPE], &en.type))
		return (bad(path, "neither file nor directory nor link", e));
	if (path_of(path, b, en.type, e))
		return (-1);
	if (octal(b + MODE, MODE_LEN, &mode) || mode > 07777 ||
	    size_of(b + SIZE, &en.size) ||
	    octal(b + MTIME, MTIME_LEN, &mtime))
		return (bad(path, "mode, size or time is no number", e));
	if (en.type != PGTAR_FILE && en.size != 0)
		return (bad(path, "has content and is no file", e));
	if ((text(target, b + LINK, LINK_LEN) == 0) !=
	    (en.type != PGTAR_LINK))
		return (bad(path, "has a wrong target", e));
	en.path = path;
	en.target = target;
	en.mode = (uint32_t)mode;
	en.mtime = (int64_t)mtime;
	t->left = en.size;
	t->pad = (size_t)(-en.size % PGTAR_BLOCK);
	if (t->on->entry(t->arg, &en, e))
		return (-1);
	return (en.type == PGTAR_FILE && en.size == 0 ?
	    t->on->done(t->arg, e) : 0);
}

static int
is_zero(const uint8_t *p, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		if (p[i] != 0)
			return (0);
	return (1);
}

/* A block between members is complete. */
static int
block(struct pgtar *t, struct err *e)
{
	t->n = 0;
	if (is_zero(t->block, PGTAR_BLOCK)) {
		t->zeros += t->zeros < 2;
		return (0);
	}
	if (t->zeros > 0)
		return (err_set(e, ERR_CORRUPT, "tar: found bytes behind the "
		    "end of the archive"));
	return (header(t, e));
}

static size_t
least(uint64_t a, size_t b)
{
	return (a < b ? (size_t)a : b);
}

int
pgtar_add(struct pgtar *t, const void *from, size_t n, struct err *e)
{
	const uint8_t	*p = from;
	size_t		 take;
	int		 rc = 0;

	for (; rc == 0 && n > 0; p += take, n -= take) {
		if (t->left > 0) {
			take = least(t->left, n);
			t->left -= take;
			rc = t->on->data(t->arg, p, take, e);
			if (rc == 0 && t->left == 0)
				rc = t->on->done(t->arg, e);
		} else if (t->pad > 0) {
			take = least(t->pad, n);
			t->pad -= take;
			if (!is_zero(p, take))
				rc = err_set(e, ERR_CORRUPT, "tar: found "
				    "bytes behind a member's content");
		} else {
			take = least(PGTAR_BLOCK - t->n, n);
			memcpy(t->block + t->n, p, take);
			if ((t->n += take) == PGTAR_BLOCK)
				rc = block(t, e);
		}
	}
	return (rc);
}

int
pgtar_end(const struct pgtar *t, struct err *e)
{
	if (t->left > 0 || t->pad > 0 || t->n > 0 || t->zeros == 1)
		return (err_set(e, ERR_CORRUPT, "tar: the archive is cut "
		    "short"));
	return (0);
}
