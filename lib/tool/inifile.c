/* SPDX-License-Identifier: ISC */
/* INI text, read by inih, which only sees lines that it cannot misread. */
#include <string.h>

#include <ini.h>

#include "base/str.h"
#include "tool/inifile.h"

/*
 * inih by itself splits long lines, cuts section names at 49 bytes, ignores
 * what follows a "]", drops what follows " ;", and appends indented lines to
 * the value above; for half of this it has build options.  So this reader
 * checks each line and passes on only good "key = value" lines, and empty
 * lines for all others.
 */
struct reader {
	const char			*file;
	const char			*p;	/* what is left of the text */
	size_t				 left;
	unsigned			 line;
	int				 in_section;
	const struct inifile_events	*events;
	void				*arg;
	struct err			*e;
};

static int
failed(const struct reader *r)
{
	return (r->e->kind != ERR_NONE);
}

/* Describe what is wrong with the line "s". */
static int
found(struct reader *r, const char *s, size_t n, const char *expected)
{
	char	 clean[48];

	return (err_set(r->e, ERR_CONFIG, "found \"%s\", expected %s",
	    str_clean(clean, sizeof(clean), s, n), expected));
}

static int
is_blank(char c)
{
	return (c == ' ' || c == '\t');
}

static int
is_control(const char *s, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		if (((unsigned char)s[i] < ' ' && s[i] != '\t') ||
		    s[i] == 0x7f)
			return (1);
	return (0);
}

/* Take the next line without its end and the blanks around it. */
static const char *
next_line(struct reader *r, size_t *n)
{
	const char	*s = r->p, *end;

	end = memchr(s, '\n', r->left);
	*n = end == NULL ? r->left : (size_t)(end - s);
	r->p += *n + (end != NULL);
	r->left -= *n + (end != NULL);
	r->line++;
	if (r->line == 1 && *n >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0) {
		s += 3;
		*n -= 3;
	}
	if (*n > 0 && s[*n - 1] == '\r')
		--*n;
	for (; *n > 0 && is_blank(s[*n - 1]); --*n)
		;
	for (; *n > 0 && is_blank(*s); s++, --*n)
		;
	return (s);
}

static int
section(struct reader *r, const char *s, size_t n)
{
	char	 name[256];

	if (s[n - 1] != ']')
		return (found(r, s, n, "nothing behind [section]"));
	if (n - 2 >= sizeof(name))
		return (found(r, s, n, "a shorter name"));
	memcpy(name, s + 1, n - 2);
	name[n - 2] = '\0';
	r->in_section = 1;
	return (r->events->section(r->arg, name, r->line, r->e));
}

/* Check that inih takes the whole line for one key and its value. */
static int
setting(struct reader *r, const char *s, size_t n, size_t max)
{
	const char	*equals;
	size_t		 i;

	if ((equals = memchr(s, '=', n)) == NULL || equals == s)
		return (found(r, s, n, "key = value or [section]"));
	if (!r->in_section)
		return (found(r, s, n, "a [section] before the first key"));
	/* inih would take a colon for the equals sign. */
	if (memchr(s, ':', (size_t)(equals - s)) != NULL)
		return (found(r, s, n, "key = value"));
	for (i = 1; i < n; i++)
		if ((s[i] == ';' || s[i] == '#') && is_blank(s[i - 1]))
			return (found(r, s + i, n - i,
			    "comments on lines of their own"));
	if (n > max)
		return (err_set(r->e, ERR_CONFIG,
		    "found a line of %zu bytes, expected at most %zu", n,
		    max));
	return (0);
}

/* Give inih its next line in "buf" of "size" bytes, as fgets() would. */
static char *
feed(char *buf, int size, void *arg)
{
	struct reader	*r = arg;
	const char	*s;
	size_t		 n;
	int		 rc = 0;

	if (r->left == 0 || failed(r))
		return (NULL);
	s = next_line(r, &n);
	if (is_control(s, n))
		rc = found(r, s, n, "text without control characters");
	else if (n == 0 || *s == ';' || *s == '#')
		n = 0;
	else if (*s == '[') {
		rc = section(r, s, n);
		n = 0;
	} else
		rc = setting(r, s, n, (size_t)size - 3);
	if (rc == -1)
		return (NULL);
	memcpy(buf, s, n);
	buf[n] = '\n';
	buf[n + 1] = '\0';
	return (buf);
}

/* 0 is failure to inih.  It continues, but feed() gives it no more lines. */
static int
handle(void *arg, const char *sect, const char *key, const char *value
#if INI_HANDLER_LINENO
    , int lineno
#endif
    )
{
	struct reader	*r = arg;

	(void)sect;			/* cut at 49 bytes */
#if INI_HANDLER_LINENO
	(void)lineno;
#endif
	if (failed(r))
		return (0);
	return (r->events->value(r->arg, key, value == NULL ? "" : value,
	    r->line, r->e) == 0);
}

int
inifile_parse(const char *file, const char *text, size_t n,
    const struct inifile_events *events, void *arg, struct err *e)
{
	struct reader	 r = {
		.file = file, .p = text, .left = n, .events = events,
		.arg = arg, .e = e
	};

	if (ini_parse_stream(feed, &r, handle, &r) != 0 && !failed(&r))
		err_set(e, ERR_CONFIG, "not understood");
	return (failed(&r) ? err_ctx(e, "%s:%u", file, r.line) : 0);
}
