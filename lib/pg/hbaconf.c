/* SPDX-License-Identifier: ISC */
/* A tokenizer for pg_hba.conf and pg_ident.conf. */
#include <string.h>

#include "pg/hbaconf.h"

/* A token; "over" says that it did not fit. */
struct token {
	char	*p;
	size_t	 n, size;
	int	 over;
	int	 quoted;		/* it began with a quote */
	int	 comma;			/* a comma ended it */
};

static int
is_blank(char c)
{
	return (c == ' ' || c == '\t' || c == '\r');
}

/*
 * A backslash at its end continues a line (from PostgreSQL 14 on, where no
 * earlier one takes such a line).  Returns how many bytes it has here, or 0.
 */
static size_t
continued(const char *p, const char *end)
{
	if (*p != '\\' || p + 1 == end)
		return (0);
	if (p[1] == '\n')
		return (2);
	return (p[1] == '\r' && p + 2 < end && p[2] == '\n' ? 3 : 0);
}

static void
put(struct token *t, char c)
{
	if (t->n + 1 >= t->size || c == '\0') {
		t->over = 1;
		return;
	}
	t->p[t->n++] = c;
}

/* Up to what separates tokens; two quotes inside of quotes are one. */
static const char *
take_text(const char *p, const char *end, struct token *t)
{
	int	 in = 0, was = 0;
	size_t	 skip;

	for (; p < end && *p != '\n'; p++) {
		if ((skip = continued(p, end)) > 0) {
			p += skip - 1;
			continue;
		}
		if (!in && (is_blank(*p) || *p == '#'))
			break;
		if (!in && *p == ',') {
			t->comma = 1;
			return (p + 1);
		}
		if (*p != '"' || was)
			put(t, *p);
		was = in && *p == '"' ? !was : 0;
		if (*p == '"') {
			in = !in;
			if (t->n == 0)
				t->quoted = 1;
		}
	}
	return (p);
}

/* Over blanks and commas; *comma is set by one of the latter. */
static const char *
skip_blanks(const char *p, const char *end, int *comma)
{
	size_t	 skip;

	while (p < end && (is_blank(*p) || *p == ',' ||
	    continued(p, end) > 0)) {
		if (*p == ',')
			*comma = 1;
		skip = continued(p, end);
		p += skip > 0 ? skip : 1;
	}
	return (p);
}

static enum pgconf_kind
kind_of(const char *token)
{
	if (strcmp(token, "include") == 0)
		return (PGCONF_INCLUDE);
	if (strcmp(token, "include_if_exists") == 0)
		return (PGCONF_INCLUDE_IF_EXISTS);
	if (strcmp(token, "include_dir") == 0)
		return (PGCONF_INCLUDE_DIR);
	return (PGCONF_SETTING);
}

static const char *
end_of_line(const char *p, const char *end)
{
	while (p < end && *p != '\n')
		p += continued(p, end) > 0 ? continued(p, end) : 1;
	return (p < end ? p + 1 : end);
}

/* Whether nothing but a comment follows in this line. */
static int
ends_line(const char *p, const char *end)
{
	int	 comma = 0;

	p = skip_blanks(p, end, &comma);
	return (!comma && (p == end || *p == '\n' || *p == '#'));
}

/*
 * Judge a token.  "include" counts as the first of exactly two in a line
 * without a list; PostgreSQL takes all else for a rule.
 */
static int
judge(struct hbaconf_name *name, const struct token *t, int last)
{
	enum pgconf_kind	 kind = kind_of(name->value);

	if (t->over)
		kind = PGCONF_SETTING;
	if (name->n++ == 0) {
		name->first = kind;
		name->lists = t->comma;
	}
	if (!t->over && !t->quoted && t->n > 1 && name->value[0] == '@') {
		(void)memmove(name->value, name->value + 1, t->n);
		name->kind = PGCONF_INCLUDE;
		return (1);
	}
	name->kind = name->first;
	return (!t->over && name->n == 2 && last && !name->lists &&
	    !t->comma && t->n > 0 && name->first != PGCONF_SETTING);
}

int
hbaconf_next(const char **at, const char *end, struct hbaconf_name *name)
{
	struct token	 t;
	int		 found = 0;

	while (!found && *at < end) {
		if (!name->in_line) {
			name->in_line = 1;
			name->n = 0;
			name->lists = 0;
		}
		*at = skip_blanks(*at, end, &name->lists);
		if (*at == end || **at == '\n' || **at == '#') {
			*at = end_of_line(*at, end);
			name->in_line = 0;
			continue;
		}
		t = (struct token){ .p = name->value,
		    .size = sizeof(name->value) };
		*at = take_text(*at, end, &t);
		name->value[t.n] = '\0';
		found = judge(name, &t, ends_line(*at, end));
	}
	return (found);
}
