/* SPDX-License-Identifier: ISC */
/* The member "configuration" of a label. */
#include <stdlib.h>
#include <string.h>

#include "backup/label_config.h"
#include "backup/manifest.h"
#include "base/str.h"

#define MEMBER		"configuration"
#define TEXT_MAX	4200		/* any path, with room to spare */

int
label_config_stored(struct label_config *c, const char *path, struct err *e)
{
	char	**more;

	more = reallocarray(c->stored, c->nstored + 1, sizeof(*more));
	if (more == NULL)
		return (err_sys(e, ERR_LOCAL, "label"));
	c->stored = more;
	if (str_dup(&more[c->nstored], path, e))
		return (-1);
	c->nstored++;
	return (0);
}

int
label_config_missed(struct label_config *c, const char *path,
    const char *why, struct err *e)
{
	struct label_config_missing	*more;

	if (c->nmissing == LABEL_CONFIG_MISSING)
		return (0);
	more = reallocarray(c->missing, c->nmissing + 1, sizeof(*more));
	if (more == NULL)
		return (err_sys(e, ERR_LOCAL, "label"));
	c->missing = more;
	more += c->nmissing++;
	more->path = more->why = NULL;
	return (str_dup(&more->path, path, e) || str_dup(&more->why, why, e) ?
	    -1 : 0);
}

/* JSON must be UTF-8, and a path may be anything: it is for people here. */
static const char *
fit(char buf[TEXT_MAX], const char *s)
{
	size_t	 n = strlen(s), i, k;

	for (i = 0; i < n; i += k)
		if ((k = str_utf8(s + i, n - i)) == 0)
			return (str_clean(buf, TEXT_MAX, s, n));
	return (s);
}

static int
set_stored(const struct label_config *c, struct jval *to, struct err *e)
{
	struct jval	*list = NULL;
	char		 buf[TEXT_MAX];
	size_t		 i;

	if (jval_list(&list, e))
		return (-1);
	for (i = 0; i < c->nstored; i++)
		if (jval_add_str(list, fit(buf, c->stored[i]), e)) {
			jval_free(list);
			return (-1);
		}
	return (jval_set(to, "stored", list, e));
}

static int
add_missing(const struct label_config_missing *m, struct jval *list,
    struct err *e)
{
	struct jval	*one = NULL;
	char		 buf[TEXT_MAX];

	if (jval_object(&one, e))
		return (-1);
	if (jval_set_str(one, "path", fit(buf, m->path), e) ||
	    jval_set_str(one, "why", fit(buf, m->why), e)) {
		jval_free(one);
		return (-1);
	}
	return (jval_add(list, one, e));
}

static int
set_missing(const struct label_config *c, struct jval *to, struct err *e)
{
	struct jval	*list = NULL;
	size_t		 i;

	if (jval_list(&list, e))
		return (-1);
	for (i = 0; i < c->nmissing; i++)
		if (add_missing(&c->missing[i], list, e)) {
			jval_free(list);
			return (-1);
		}
	return (jval_set(to, "missing", list, e));
}

int
label_config_set(const struct label_config *c, struct jval *to,
    struct err *e)
{
	struct jval	*j = NULL;

	if (!c->known)
		return (0);
	if (jval_object(&j, e))
		return (-1);
	if (set_stored(c, j, e) || set_missing(c, j, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_set(to, MEMBER, j, e));
}

static int
bad(struct err *e)
{
	return (err_set(e, ERR_CORRUPT, "member \"" MEMBER "\" has an "
	    "impossible value"));
}

static int
get_missing(struct label_config *c, const struct jval *list, size_t i,
    struct err *e)
{
	const struct jval	*one;
	const char		*path, *why;

	if (jval_at_object(list, i, &one, e) ||
	    jval_get_str(one, "path", &path, e) ||
	    jval_get_str(one, "why", &why, e))
		return (-1);
	if (strlen(path) > LABEL_CONFIG_TEXT ||
	    strlen(why) > LABEL_CONFIG_TEXT)
		return (bad(e));
	return (label_config_missed(c, path, why, e));
}

int
label_config_get(struct label_config *c, const struct jval *from,
    struct err *e)
{
	const struct jval	*j, *stored, *missing;
	const char		*path;
	size_t			 i;

	if (!jval_has(from, MEMBER))
		return (0);
	if (jval_get_object(from, MEMBER, &j, e) ||
	    jval_get_list(j, "stored", &stored, e) ||
	    jval_get_list(j, "missing", &missing, e))
		return (-1);
	if (jval_count(stored) > MANIFEST_CONFIGS_MAX ||
	    jval_count(missing) > LABEL_CONFIG_MISSING)
		return (bad(e));
	for (i = 0; i < jval_count(stored); i++) {
		if (jval_at_str(stored, i, &path, e))
			return (-1);
		if (strlen(path) > LABEL_CONFIG_TEXT)
			return (bad(e));
		if (label_config_stored(c, path, e))
			return (-1);
	}
	for (i = 0; i < jval_count(missing); i++)
		if (get_missing(c, missing, i, e))
			return (-1);
	c->known = 1;
	return (0);
}

void
label_config_fini(struct label_config *c)
{
	while (c->nstored > 0)
		free(c->stored[--c->nstored]);
	while (c->nmissing > 0) {
		free(c->missing[--c->nmissing].path);
		free(c->missing[c->nmissing].why);
	}
	free(c->stored);
	free(c->missing);
	*c = (struct label_config){ .known = 0 };
}
