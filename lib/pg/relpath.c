/* SPDX-License-Identifier: ISC */
/* Finds the relation that a file belongs to by the file's path. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "pg/relpath.h"

/*
 * Read a number from 1 to 2^32 - 1 without leading zeros; the text behind it,
 * or NULL.
 */
static const char *
number(const char *s, uint32_t *out)
{
	size_t		 n = strspn(s, "0123456789"), i;
	uint64_t	 v = 0;

	if (n < 1 || n > 10 || *s == '0')
		return (NULL);
	for (i = 0; i < n; i++)
		v = v * 10 + (uint64_t)(s[i] - '0');
	if (v > UINT32_MAX)
		return (NULL);
	*out = (uint32_t)v;
	return (s + n);
}

/* Read a number and a '/'. */
static const char *
folder(const char *s, uint32_t *out)
{
	s = number(s, out);
	return (s != NULL && *s == '/' ? s + 1 : NULL);
}

static const char *
fork_name(const char *s, enum relpath_fork *out)
{
	static const struct { const char *name; enum relpath_fork fork; }
	forks[] = {
		{ "_fsm", RELPATH_FSM },
		{ "_vm", RELPATH_VM },
		{ "_init", RELPATH_INIT },
	};
	size_t	 i;

	*out = RELPATH_MAIN;
	for (i = 0; i < sizeof(forks) / sizeof(forks[0]); i++)
		if (str_begins(s, forks[i].name)) {
			*out = forks[i].fork;
			return (s + strlen(forks[i].name));
		}
	return (s);
}

/* A temporary relation's name begins with tN_; N, the backend, may be 0. */
static const char *
temporary(const char *s, struct relpath *r)
{
	const char	*p = s + 2;

	if (s[0] != 't')
		return (s);
	r->temp = 1;
	if (s[1] != '0')
		p = number(s + 1, &r->backend);
	return (p != NULL && *p == '_' ? p + 1 : NULL);
}

/* [tN_]NUMBER[_FORK][.SEGMENT]; segment 0 has no number in its name. */
static int
file(const char *s, struct relpath *r)
{
	if ((s = temporary(s, r)) == NULL || (s = number(s, &r->rel)) == NULL)
		return (0);
	s = fork_name(s, &r->fork);
	if (*s == '.' && (s = number(s + 1, &r->segment)) == NULL)
		return (0);
	return (*s == '\0');
}

/* Read "PG_", the version's two numbers, and a '/'. */
static const char *
version_dir(const char *s)
{
	uint32_t	 ignored;

	if (!str_begins(s, "PG_") || (s = number(s + 3, &ignored)) == NULL ||
	    *s != '_')
		return (NULL);
	return (folder(s + 1, &ignored));
}

int
relpath_parse(const char *s, struct relpath *out)
{
	struct relpath	 r = { 0, 0, 0, RELPATH_MAIN, 0, 0, 0 };

	if (str_begins(s, "global/")) {
		r.space = RELPATH_GLOBAL;
		s += strlen("global/");
	} else if (str_begins(s, "base/")) {
		r.space = RELPATH_DEFAULT;
		s = folder(s + strlen("base/"), &r.db);
	} else if (str_begins(s, "pg_tblspc/")) {
		if ((s = folder(s + strlen("pg_tblspc/"), &r.space)) != NULL &&
		    (s = version_dir(s)) != NULL)
			s = folder(s, &r.db);
	} else
		return (0);
	if (s == NULL || !file(s, &r))
		return (0);
	*out = r;
	return (1);
}

uint64_t
relpath_first_block(const struct relpath *r, uint32_t relseg_size)
{
	uint64_t	 first = (uint64_t)r->segment * relseg_size;

	/* No block has the number 2^32 - 1 (InvalidBlockNumber in block.h). */
	return (first < UINT32_MAX ? first : UINT64_MAX);
}

int
relpath_cmp_relation(const struct relpath *a, const struct relpath *b)
{
	if (a->space != b->space)
		return (a->space < b->space ? -1 : 1);
	if (a->db != b->db)
		return (a->db < b->db ? -1 : 1);
	if (a->rel != b->rel)
		return (a->rel < b->rel ? -1 : 1);
	if (a->temp != b->temp)
		return (a->temp < b->temp ? -1 : 1);
	if (a->backend != b->backend)
		return (a->backend < b->backend ? -1 : 1);
	return (0);
}

const char *
relpath_version_dir(char buf[RELPATH_VERSION_DIR], unsigned major,
    uint32_t catalog)
{
	/* 3 + 10 + 1 + 10 characters at most. */
	(void)snprintf(buf, RELPATH_VERSION_DIR, "PG_%u_%" PRIu32, major,
	    catalog);
	return (buf);
}
