/* SPDX-License-Identifier: ISC */
/* Bandwidth limits of single tablespaces. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backup/spacelimit.h"
#include "base/parse.h"
#include "base/str.h"

#define KEY		"tablespace_bandwidth_limit"
#define TBLSPC		"pg_tblspc/"

static int
wrong(const char *item, struct err *e)
{
	return (err_set(e, ERR_CONFIG, KEY ": found \"%.64s\", expected "
	    "TABLESPACE:KBPS, as in tbs01:4096,tbs02:2048; a rate is 1 or "
	    "more", item));
}

/* One "NAME:KBPS"; the name may have colons, too. */
static int
add(struct spacelimits *s, char *item, struct err *e)
{
	struct spacelimit	*l = &s->v[s->n];
	struct err		 unused = ERR_INIT;
	char			*colon = strrchr(item, ':');
	uint64_t		 kbps;
	size_t			 i;

	if (colon == NULL || colon == item || parse_u64(colon + 1, 1,
	    SPACELIMITS_KBPS, &kbps, KEY, &unused))
		return (wrong(item, e));
	*colon = '\0';
	for (i = 0; i < s->n; i++)
		if (strcmp(s->v[i].name, item) == 0)
			return (err_set(e, ERR_CONFIG, KEY ": names the "
			    "tablespace %.64s twice", item));
	s->n++;
	return (str_dup(&l->name, item, e) ||
	    bucket_new(&l->bucket, kbps * 1024, e) ? -1 : 0);
}

/* The item without the white space around it. */
static char *
trim(char *item)
{
	size_t	 n;

	item += strspn(item, " \t");
	for (n = strlen(item); n > 0 && strchr(" \t", item[n - 1]) != NULL; )
		item[--n] = '\0';
	return (item);
}

int
spacelimit_parse(struct spacelimits **out, const char *text, struct err *e)
{
	struct spacelimits	*s = NULL;
	char			*copy = NULL, *rest, *item;
	int			 rc = -1;

	*out = NULL;
	if (*text == '\0')
		return (0);
	if (str_dup(&copy, text, e))
		return (-1);
	/* Each item has at least two bytes, and one that follows. */
	if ((s = calloc(1, sizeof(*s))) == NULL ||
	    (s->v = calloc(strlen(text) + 1, sizeof(*s->v))) == NULL) {
		err_sys(e, ERR_LOCAL, KEY);
		goto out;
	}
	for (rest = copy; (item = strsep(&rest, ",")) != NULL; )
		if (add(s, trim(item), e))
			goto out;
	*out = s;
	s = NULL;
	rc = 0;
out:
	spacelimit_free(s);
	free(copy);
	return (rc);
}

void
spacelimit_free(struct spacelimits *s)
{
	size_t	 i;

	if (s == NULL)
		return;
	for (i = 0; s->v != NULL && i < s->n; i++) {
		free(s->v[i].name);
		bucket_free(s->v[i].bucket);
	}
	free(s->v);
	free(s);
}

/* Whether the limit is meant for it, by its name or by its OID. */
static int
is_of(const struct spacelimit *l, const struct label_tablespace *t)
{
	char	 oid[16];

	(void)snprintf(oid, sizeof(oid), "%" PRIu32, t->oid);
	return (strcmp(l->name, t->name) == 0 || strcmp(l->name, oid) == 0);
}

void
spacelimit_find(struct spacelimits *s, const struct label *label)
{
	size_t	 i, k;

	for (i = 0; s != NULL && i < s->n; i++)
		for (k = 0; k < label->ntablespaces; k++)
			if (is_of(&s->v[i], &label->tablespaces[k])) {
				s->v[i].oid = label->tablespaces[k].oid;
				break;
			}
}

struct bucket *
spacelimit_bucket(const struct spacelimits *s, const char *path)
{
	struct err	 unused = ERR_INIT;
	char		 text[16];
	uint64_t	 oid;
	size_t		 i, n;

	if (s == NULL || !str_begins(path, TBLSPC))
		return (NULL);
	path += strlen(TBLSPC);
	n = strcspn(path, "/");
	if (n >= sizeof(text))
		return (NULL);
	memcpy(text, path, n);
	text[n] = '\0';
	if (parse_u64(text, 1, UINT32_MAX, &oid, "oid", &unused))
		return (NULL);
	for (i = 0; i < s->n; i++)
		if (s->v[i].oid == oid)
			return (s->v[i].bucket);
	return (NULL);
}

/* "none", or "tbs01, tbs02": what could have been meant. */
static void
names(char *buf, size_t size, const struct label *label)
{
	size_t	 i, n = 0;
	int	 len;

	(void)snprintf(buf, size, "none");
	for (i = 0; i < label->ntablespaces; i++) {
		len = snprintf(buf + n, size - n, "%s%s", i > 0 ? ", " : "",
		    label->tablespaces[i].name);
		if (len < 0 || (size_t)len >= size - n) {
			(void)snprintf(buf + n, size - n, ", ...");
			return;
		}
		n += (size_t)len;
	}
}

const char *
spacelimit_unknown(char buf[SPACELIMITS_TEXT], const struct spacelimits *s,
    const struct label *label, size_t *i)
{
	char	 have[256], clean[256];

	for (; s != NULL && *i < s->n; ++*i)
		if (s->v[*i].oid == 0)
			break;
	if (s == NULL || *i == s->n)
		return (NULL);
	names(have, sizeof(have), label);
	(void)snprintf(buf, SPACELIMITS_TEXT, KEY " names %.64s, and the "
	    "backup has no such tablespace; it has: %s", s->v[*i].name,
	    str_clean(clean, sizeof(clean), have, strlen(have)));
	++*i;
	return (buf);
}
