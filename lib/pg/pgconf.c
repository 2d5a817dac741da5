/* SPDX-License-Identifier: ISC */
/* A tokenizer for postgresql.conf. */
#include <string.h>

#include "pg/pgconf.h"

#define LOWER	"abcdefghijklmnopqrstuvwxyz"
#define UPPER	"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS	"0123456789"
#define BLANKS	" \t\r\n\f\v"

/* What is left of one line. */
struct rest {
	const char	*p, *end;
};

/* Text that must fit; "over" says that it did not. */
struct field {
	char		*p;
	size_t		 n, size;
	int		 over;
};

static void
put(struct field *f, char c)
{
	/* A NUL would end the value early: PostgreSQL refuses it anyway. */
	if (f->n + 1 >= f->size || c == '\0') {
		f->over = 1;
		return;
	}
	f->p[f->n++] = c;
	f->p[f->n] = '\0';
}

static char
lower(char c)
{
	return (c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
}

static int
is_in(char c, const char *set)
{
	return (c != '\0' && strchr(set, c) != NULL);
}

/* Bytes above 127 are letters to PostgreSQL, whatever they mean. */
static int
is_letter(char c)
{
	return (is_in(c, LOWER UPPER "_") || (unsigned char)c >= 0x80);
}

static void
skip_blanks(struct rest *r)
{
	while (r->p < r->end && is_in(*r->p, " \t\r"))
		r->p++;
}

static int
at_end(const struct rest *r)
{
	return (r->p == r->end || *r->p == '#');
}

static int
take_name(struct rest *r, struct field *f)
{
	if (r->p == r->end || !is_letter(*r->p))
		return (-1);
	while (r->p < r->end && (is_letter(*r->p) ||
	    is_in(*r->p, DIGITS "$.")))
		put(f, lower(*r->p++));
	return (f->over ? -1 : 0);
}

/* What follows a backslash: a letter that stands for another, or octal. */
static char
take_escape(struct rest *r)
{
	static const char	 from[] = "bfnrt", to[] = "\b\f\n\r\t";
	char			 c = *r->p++;
	unsigned		 v, n;

	if (is_in(c, from))
		return (to[strchr(from, c) - from]);
	if (!is_in(c, "01234567"))
		return (c);
	v = (unsigned)(c - '0');
	for (n = 1; n < 3 && r->p < r->end && is_in(*r->p, "01234567"); n++)
		v = v * 8 + (unsigned)(*r->p++ - '0');
	return ((char)(unsigned char)v);
}

static int
take_quoted(struct rest *r, struct field *f)
{
	r->p++;				/* the quote */
	while (r->p < r->end) {
		if (*r->p == '\\') {
			if (++r->p == r->end)
				return (-1);
			put(f, take_escape(r));
		} else if (*r->p != '\'') {
			put(f, *r->p++);
		} else if (r->p + 1 < r->end && r->p[1] == '\'') {
			put(f, '\'');
			r->p += 2;
		} else {
			r->p++;
			return (f->over ? -1 : 0);
		}
	}
	return (-1);			/* no quote at its end */
}

static int
take_value(struct rest *r, struct field *f)
{
	if (r->p < r->end && *r->p == '\'')
		return (take_quoted(r, f));
	while (r->p < r->end && (is_letter(*r->p) ||
	    is_in(*r->p, DIGITS "$-+._:/")))
		put(f, *r->p++);
	return (f->n == 0 || f->over ? -1 : 0);
}

static enum pgconf_kind
kind_of(const char *name)
{
	if (strcmp(name, "include") == 0)
		return (PGCONF_INCLUDE);
	if (strcmp(name, "include_if_exists") == 0)
		return (PGCONF_INCLUDE_IF_EXISTS);
	if (strcmp(name, "include_dir") == 0)
		return (PGCONF_INCLUDE_DIR);
	return (PGCONF_SETTING);
}

/* Read one line; -1 if it holds no setting. */
static int
take_line(struct rest r, struct pgconf_line *l)
{
	struct field	 name = { l->name, 0, sizeof(l->name), 0 };
	struct field	 value = { l->value, 0, sizeof(l->value), 0 };

	l->name[0] = l->value[0] = '\0';
	skip_blanks(&r);
	if (take_name(&r, &name))
		return (-1);
	skip_blanks(&r);
	if (r.p < r.end && *r.p == '=')
		r.p++;
	skip_blanks(&r);
	if (take_value(&r, &value))
		return (-1);
	skip_blanks(&r);
	if (!at_end(&r))
		return (-1);
	l->kind = kind_of(l->name);
	return (0);
}

int
pgconf_next(const char **at, const char *end, struct pgconf_line *l)
{
	struct rest	 r;
	const char	*nl;

	while (*at < end) {
		nl = memchr(*at, '\n', (size_t)(end - *at));
		r = (struct rest){ *at, nl == NULL ? end : nl };
		*at = nl == NULL ? end : nl + 1;
		if (take_line(r, l) == 0)
			return (1);
	}
	return (0);
}

int
pgconf_list_next(const char **at, char *name, size_t size)
{
	struct field	 f = { name, 0, size, 0 };
	const char	*p = *at + strspn(*at, BLANKS ",");
	size_t		 end = 0;	/* without the blanks behind it */
	int		 quoted = 0;

	name[0] = '\0';
	for (; *p != '\0' && (quoted || *p != ','); p++) {
		if (*p == '"') {
			quoted = !quoted;
			continue;
		}
		put(&f, *p);
		if (quoted || !is_in(*p, BLANKS))
			end = f.n;
	}
	name[end] = '\0';
	*at = p;
	return (end > 0);
}
