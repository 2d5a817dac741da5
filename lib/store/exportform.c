/* SPDX-License-Identifier: ISC */
/* The form of an export file. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/parse.h"
#include "base/path.h"
#include "base/str.h"
#include "store/exportform.h"

#define FIRST		"seawall-export"
#define PATH_LEN_MAX	100	/* of a tar header, without a NUL */
#define OCTAL_MAX	((uint64_t)1 << 33)	/* eleven octal digits */

/* What is left of the text; each take ends a word with a NUL. */
struct cursor {
	char	*p, *end;
};

static int
bad(struct err *e, const char *what)
{
	return (err_set(e, ERR_CORRUPT, "the contents of the export are "
	    "damaged: %s", what));
}

/* The rest of the line, with its end made a NUL; NULL if there is none. */
static char *
line(struct cursor *c)
{
	char	*at = c->p, *nl;

	if ((nl = memchr(at, '\n', (size_t)(c->end - at))) == NULL ||
	    memchr(at, '\0', (size_t)(nl - at)) != NULL)
		return (NULL);
	*nl = '\0';
	c->p = nl + 1;
	return (at);
}

/* The value of a line "NAME VALUE". */
static char *
value(struct cursor *c, const char *name)
{
	char		*at = line(c);
	const size_t	 n = strlen(name);

	return (at != NULL && strncmp(at, name, n) == 0 && at[n] == ' ' ?
	    at + n + 1 : NULL);
}

/* A decimal number in its only spelling. */
static int
number(const char *s, uint64_t max, uint64_t *out)
{
	struct err	 unused = ERR_INIT;

	if (s == NULL || (s[0] == '0' && s[1] != '\0'))
		return (-1);
	return (parse_u64(s, 0, max, out, "", &unused));
}

/* Of ASCII, without blanks and control characters. */
static int
is_plain(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s <= ' ' || *s > '~')
			return (0);
	return (1);
}

/* A text that is one component of a path. */
static int
component(char *to, size_t size, const char *s)
{
	struct err	 unused = ERR_INIT;

	if (s == NULL || strchr(s, '/') != NULL || !path_is_inside(s) ||
	    !is_plain(s))
		return (-1);
	return (str_fmt(to, size, &unused, "%s", s));
}

static int
parse_until(struct exportform *f, const char *s)
{
	uint64_t	 us;

	if (s != NULL && strcmp(s, "immediate") == 0)
		f->until = EXPORTFORM_IMMEDIATE;
	else if (s != NULL && strcmp(s, "end") == 0)
		f->until = EXPORTFORM_END;
	else if (s != NULL && str_begins(s, "time ") &&
	    number(s + strlen("time "), INT64_MAX, &us) == 0) {
		f->until = EXPORTFORM_TIME;
		f->until_us = (int64_t)us;
	} else
		return (-1);
	return (0);
}

static int
parse_front(struct exportform *f, struct cursor *c, struct err *e)
{
	const char	*s = line(c);
	uint64_t	 v;

	if (s == NULL || !str_begins(s, "seawall export "))
		return (bad(e, "they do not begin with \"seawall export\""));
	if (strcmp(s, "seawall export 1") != 0)
		return (err_set(e, ERR_CORRUPT, "found \"%.40s\", expected "
		    "version 1 of the export; a newer Seawall may read it",
		    s));
	if (component(f->server, sizeof(f->server), value(c, "server")))
		return (bad(e, "server"));
	if (number(value(c, "system"), UINT64_MAX, &f->system_id))
		return (bad(e, "system"));
	if (component(f->backup, sizeof(f->backup), value(c, "backup")))
		return (bad(e, "backup"));
	if (number(value(c, "made"), OCTAL_MAX - 1, &v))
		return (bad(e, "made"));
	f->made_s = (int64_t)v;
	return (parse_until(f, value(c, "until")) ? bad(e, "until") : 0);
}

size_t
exportform_padding(uint64_t size)
{
	return ((size_t)(-size % EXPORTFORM_BLOCK));
}

int
exportform_add(struct exportform *f, const char *path, uint64_t size,
    struct err *e)
{
	size_t	 room;
	void	*p;

	if (f->n == f->room) {
		room = f->room == 0 ? 256 : 2 * f->room;
		if ((p = reallocarray(f->v, room, sizeof(*f->v))) == NULL)
			return (err_sys(e, ERR_LOCAL, "list the export"));
		f->v = p;
		f->room = room;
	}
	f->v[f->n++] = (struct exportform_file){ path, size, 0 };
	return (0);
}

static int
is_small(const char *path)
{
	const char	*name = path_base(path);

	return (!str_begins(path, "wal/") && !str_begins(name, "pack-") &&
	    strcmp(name, "manifest") != 0);
}

/* "file SIZE PATH" */
static int
parse_file(struct exportform *f, char *s, uint64_t *small, struct err *e)
{
	char		*path;
	uint64_t	 size;

	if (s == NULL || (path = strchr(s, ' ')) == NULL)
		return (bad(e, "a line that names no file"));
	*path++ = '\0';
	if (number(s, EXPORTFORM_SIZE_MAX, &size) ||
	    strlen(path) > PATH_LEN_MAX || !path_is_inside(path) ||
	    !is_plain(path))
		return (bad(e, "a line with a bad name or size"));
	if (f->n == EXPORTFORM_FILES_MAX)
		return (bad(e, "too many files"));
	if (exportform_add(f, path, size, e))
		return (-1);
	if (!is_small(path))
		return (0);
	if (f->small + 1 != f->n || size > EXPORTFORM_SMALL_MAX - *small)
		return (bad(e, "the order of the files"));
	f->small++;
	*small += size;
	return (0);
}

/* Where each begins, behind the first member of "n" bytes. */
static int
place(struct exportform *f, size_t n, struct err *e)
{
	uint64_t	 at = EXPORTFORM_BLOCK + n + exportform_padding(n);
	size_t		 i;

	for (i = 0; i < f->n; i++) {
		f->v[i].at = at + EXPORTFORM_BLOCK;
		at = f->v[i].at + f->v[i].size +
		    exportform_padding(f->v[i].size);
		if (at > EXPORTFORM_SIZE_MAX)
			return (bad(e, "more bytes than there can be"));
	}
	f->end = at;
	return (0);
}

static int
compare(const void *va, const void *vb, void *arg)
{
	const struct exportform_file	*v = arg;

	return (strcmp(v[*(const size_t *)va].path,
	    v[*(const size_t *)vb].path));
}

static int
sort(struct exportform *f, struct err *e)
{
	size_t	 i;

	if ((f->sorted = calloc(f->n + 1, sizeof(*f->sorted))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list the export"));
	for (i = 0; i < f->n; i++)
		f->sorted[i] = i;
	qsort_r(f->sorted, f->n, sizeof(*f->sorted), compare, f->v);
	for (i = 1; i < f->n; i++)
		if (strcmp(f->v[f->sorted[i - 1]].path,
		    f->v[f->sorted[i]].path) == 0)
			return (bad(e, "a file is listed twice"));
	return (0);
}

/* The backup is there. */
static int
find_label(const struct exportform *f, struct err *e)
{
	char	 path[PATH_LEN_MAX + 1];

	(void)snprintf(path, sizeof(path), "base/%s/label", f->backup);
	return (exportform_find(f, path) != NULL ? 0 : bad(e,
	    "the label of the backup is not listed"));
}

int
exportform_parse(struct exportform *f, char *text, size_t n, struct err *e)
{
	struct cursor	 c = { text, text + n };
	uint64_t	 small = 0;

	f->text = text;
	f->text_size = n;
	if (parse_front(f, &c, e))
		return (-1);
	while (c.p < c.end)
		if (parse_file(f, value(&c, "file"), &small, e))
			return (-1);
	return (place(f, n, e) || sort(f, e) || find_label(f, e) ? -1 : 0);
}

void
exportform_fini(struct exportform *f)
{
	free(f->v);
	free(f->sorted);
	free(f->text);
	memset(f, 0, sizeof(*f));
}

static void
write_until(FILE *out, const struct exportform *f)
{
	switch (f->until) {
	case EXPORTFORM_IMMEDIATE:
		(void)fprintf(out, "until immediate\n");
		break;
	case EXPORTFORM_TIME:
		(void)fprintf(out, "until time %" PRId64 "\n", f->until_us);
		break;
	case EXPORTFORM_END:
		(void)fprintf(out, "until end\n");
		break;
	}
}

int
exportform_text(const struct exportform *f, char **text, size_t *n,
    struct err *e)
{
	FILE	*out;
	size_t	 i;

	*text = NULL;
	if ((out = open_memstream(text, n)) == NULL)
		return (err_sys(e, ERR_LOCAL, "list the export"));
	(void)fprintf(out, "seawall export 1\nserver %s\nsystem %" PRIu64
	    "\nbackup %s\nmade %" PRId64 "\n", f->server, f->system_id,
	    f->backup, f->made_s);
	write_until(out, f);
	for (i = 0; i < f->n; i++)
		(void)fprintf(out, "file %" PRIu64 " %s\n", f->v[i].size,
		    f->v[i].path);
	if (fclose(out) != 0) {
		free(*text);
		*text = NULL;
		return (err_sys(e, ERR_LOCAL, "list the export"));
	}
	return (0);
}

size_t
exportform_from(const struct exportform *f, const char *path)
{
	size_t	 low = 0, high = f->n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (strcmp(f->v[f->sorted[mid]].path, path) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return (low);
}

const struct exportform_file *
exportform_find(const struct exportform *f, const char *path)
{
	const size_t	 i = exportform_from(f, path);

	if (i == f->n || strcmp(f->v[f->sorted[i]].path, path) != 0)
		return (NULL);
	return (&f->v[f->sorted[i]]);
}

/* "digits" octal digits and a zero. */
static void
octal(uint8_t *to, int digits, uint64_t v)
{
	to[digits] = 0;
	while (digits > 0) {
		to[--digits] = (uint8_t)('0' + (v & 7));
		v >>= 3;
	}
}

static void
size_field(uint8_t *to, uint64_t size)
{
	int	 i;

	if (size < OCTAL_MAX) {
		octal(to, 11, size);
		return;
	}
	memset(to, 0, 12);
	to[0] = 0x80;
	for (i = 0; i < 8; i++)
		to[11 - i] = (uint8_t)(size >> (8 * i));
}

/* All of a header; "path" is a text of at most 100 bytes. */
static void
header(uint8_t b[EXPORTFORM_BLOCK], const char *path, uint64_t size,
    int64_t made_s)
{
	memset(b, 0, EXPORTFORM_BLOCK);
	memcpy(b, path, strlen(path));
	octal(b + 100, 7, 0400);
	octal(b + 108, 7, 0);
	octal(b + 116, 7, 0);
	size_field(b + 124, size);
	octal(b + 136, 11, (uint64_t)made_s);
	b[156] = '0';
	memcpy(b + 257, "ustar\00000", 8);
}

static void
seal(uint8_t b[EXPORTFORM_BLOCK])
{
	uint64_t	 sum = 0;
	size_t		 i;

	memset(b + 148, ' ', 8);
	for (i = 0; i < EXPORTFORM_BLOCK; i++)
		sum += b[i];
	octal(b + 148, 6, sum);		/* the blank behind it stays */
}

void
exportform_first(uint8_t b[EXPORTFORM_BLOCK], uint64_t size)
{
	header(b, FIRST, size, 0);
	seal(b);
}

void
exportform_header(uint8_t b[EXPORTFORM_BLOCK], const struct exportform *f,
    size_t i)
{
	header(b, f->v[i].path, f->v[i].size, f->made_s);
	/* At most 63 and 20 digits, of 155. */
	(void)snprintf((char *)b + 345, 155, "%s/%" PRIu64, f->server,
	    f->system_id);
	seal(b);
}

int
exportform_first_size(const uint8_t b[EXPORTFORM_BLOCK], uint64_t *size,
    struct err *e)
{
	uint8_t		 want[EXPORTFORM_BLOCK];
	size_t		 i;

	*size = 0;
	for (i = 124; i < 135; i++)
		*size = *size << 3 | (b[i] & 7);
	exportform_first(want, *size);
	if (memcmp(b, want, sizeof(want)) != 0)
		return (err_set(e, ERR_CORRUPT, "this is no export, or one "
		    "whose beginning is damaged"));
	if (*size > EXPORTFORM_TEXT_MAX)
		return (bad(e, "they are too long"));
	return (0);
}
