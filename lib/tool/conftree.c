/* SPDX-License-Identifier: ISC */
/*
 * Read the configuration files into sections and check each value.  Which
 * section is meant, and whether it is complete, is up to conf.c.
 */
#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/io.h"
#include "base/parse.h"
#include "base/path.h"
#include "base/str.h"
#include "crypt/head.h"
#include "repo/layout.h"
#include "tool/confnames.h"
#include "tool/conftree.h"
#include "tool/inifile.h"

#define FILEMAX		((size_t)1 << 20)

void
conftree_free(struct conftree *t)
{
	size_t	 i, k;

	for (i = 0; i < t->n; i++) {
		free(t->s[i].name);
		free(t->s[i].file);
		for (k = 0; k < CONFKEY_MAX; k++)
			free(t->s[i].value[k]);
	}
	free(t->s);
}

struct conftree_section *
conftree_find(const struct conftree *t, const char *name)
{
	size_t	 i;

	for (i = 0; i < t->n; i++)
		if (strcmp(t->s[i].name, name) == 0)
			return (&t->s[i]);
	return (NULL);
}

struct conftree_section *
conftree_repository(const struct conftree *t, const char *name)
{
	size_t	 i;

	for (i = 0; i < t->n; i++)
		if (str_begins(t->s[i].name, CONFTREE_REPOSITORY) &&
		    strcmp(t->s[i].name + strlen(CONFTREE_REPOSITORY), name) ==
		    0)
			return (&t->s[i]);
	return (NULL);
}

int
conftree_is_server(const struct conftree_section *s)
{
	return (strcmp(s->name, CONFTREE_COMMON) != 0 &&
	    !str_begins(s->name, CONFTREE_REPOSITORY));
}

const char *
conftree_value(const struct conftree *t, const struct conftree_section *server,
    size_t key, const struct conftree_section **at)
{
	const struct conftree_section	*common;

	*at = server;
	if (server->value[key] != NULL)
		return (server->value[key]);
	common = conftree_find(t, CONFTREE_COMMON);
	*at = common != NULL && common->value[key] != NULL ? common : NULL;
	return (*at == NULL ? NULL : common->value[key]);
}

int
conftree_is_name(const char *s)
{
	return (layout_server_ok(s) && strcasecmp(s, CONFTREE_COMMON) != 0);
}

static int
is_section(const char *name)
{
	const size_t	 n = strlen(CONFTREE_REPOSITORY);

	return (strcmp(name, CONFTREE_COMMON) == 0 || conftree_is_name(name) ||
	    (str_begins(name, CONFTREE_REPOSITORY) &&
	    layout_server_ok(name + n)));
}

static int
on_section(void *arg, const char *name, unsigned line, struct err *e)
{
	struct conftree	*t = arg;
	struct conftree_section	*s;
	char		 clean[HEAD_SERVER_MAX + 1];

	if (!is_section(name))
		return (err_set(e, ERR_CONFIG, "found [%s], expected "
		    "[" CONFTREE_COMMON "], [repository NAME] or a server's "
		    "name: at most %d letters, digits, '.', '_', '-'",
		    str_clean(clean, sizeof(clean), name, strlen(name)),
		    HEAD_SERVER_MAX));
	if ((s = conftree_find(t, name)) != NULL)
		return (err_set(e, ERR_CONFIG, "found [%s] again, expected it "
		    "once; the first is at %s:%u", name, s->file, s->line));
	s = realloc(t->s, (t->n + 1) * sizeof(*s));
	if (s == NULL)
		return (err_sys(e, ERR_LOCAL, "read the configuration"));
	t->s = s;
	s += t->n++;
	memset(s, 0, sizeof(*s));
	s->line = line;
	return (str_dup(&s->name, name, e) || str_dup(&s->file, t->file, e) ?
	    -1 : 0);
}

static int
on_value(void *arg, const char *key, const char *value, unsigned line,
    struct err *e)
{
	struct conftree		*t = arg;
	struct conftree_section		*s = &t->s[t->n - 1];
	struct server_conf	 scratch = { 0 };
	const struct confkey	*k;
	char			 clean[48];
	size_t			 i;
	int			 rc;

	if ((i = confkey_find(key)) == SIZE_MAX)
		return (err_set(e, ERR_CONFIG, "found the unknown key "
		    "\"%s\", expected one of seawall.conf(5)",
		    str_clean(clean, sizeof(clean), key, strlen(key))));
	k = confkey_at(i);
	if (s->value[i] != NULL)
		return (err_set(e, ERR_CONFIG, "%s: found again, expected "
		    "once; the first is in line %u", key, s->value_line[i]));
	if (k->kind == CONFKEY_FOLDER && strcmp(s->name, CONFTREE_COMMON) != 0)
		return (err_set(e, ERR_CONFIG,
		    "%s: found in [%s], expected in [" CONFTREE_COMMON "]",
		    key, s->name));
	if (str_begins(s->name, CONFTREE_REPOSITORY) &&
	    !confkey_is_of_repository(k))
		return (err_set(e, ERR_CONFIG, "%s: found in [%s], expected "
		    "in the section of a server or in [" CONFTREE_COMMON "]",
		    key, s->name));
	/*
	 * Only now the line is known, so try the value here.  This finds the
	 * mistakes of all servers before any of them is needed at night.
	 */
	rc = confkey_set(&scratch, k, value, e);
	confkey_free(&scratch);
	s->value_line[i] = line;
	return (rc == -1 ? -1 : str_dup(&s->value[i], value, e));
}

static int
read_file(struct conftree *t, const char *path, struct err *e)
{
	static const struct inifile_events	 events = {
		on_section, on_value
	};
	char					*text = NULL;
	size_t					 n;
	int					 rc;

	rc = io_load(path, FILEMAX, &text, &n, e);
	if (rc == 1)
		rc = err_set(e, ERR_CONFIG, "%s: no such file, expected the "
		    "configuration; seawall-setup writes one, or see --config "
		    "and SEAWALL_CONFIG", path);
	else if (rc == -1)
		e->kind = ERR_CONFIG;
	else {
		t->file = path;
		rc = inifile_parse(path, text, n, &events, t, e);
	}
	free(text);
	return (rc);
}

static int
is_conf(const struct dirent *d)
{
	size_t	 n = strlen(d->d_name);

	return (n > 5 && d->d_name[0] != '.' &&
	    strcmp(d->d_name + n - 5, ".conf") == 0);
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return (strcmp((*a)->d_name, (*b)->d_name));
}

/* Read the files of include_dir, if it is set, in the order of names. */
static int
read_included(struct conftree *t, const char *file, struct err *e)
{
	size_t			 key = confkey_find("include_dir");
	const struct conftree_section	*s = conftree_find(t, CONFTREE_COMMON);
	struct dirent		**list = NULL;
	char			 base[PATH_MAX], dir[PATH_MAX];
	char			 path[PATH_MAX];
	int			 i, n = -1, rc = -1;

	if (s == NULL || s->value[key] == NULL)
		return (0);
	if (path_dir(base, sizeof(base), file, e) ||
	    (s->value[key][0] == '/' ?
	    str_fmt(dir, sizeof(dir), e, "%s", s->value[key]) :
	    path_join(dir, sizeof(dir), base, s->value[key], e)))
		return (-1);
	if ((n = scandir(dir, &list, is_conf, by_name)) == -1)
		return (err_sys(e, ERR_CONFIG, "%s:%u: include_dir %s", file,
		    s->value_line[key], dir));
	for (i = 0; i < n; i++)
		if (path_join(path, sizeof(path), dir, list[i]->d_name, e) ||
		    read_file(t, path, e))
			goto out;
	rc = 0;
out:
	for (i = 0; i < n; i++)
		free(list[i]);
	free(list);
	return (rc);
}

/* "FILE:LINE: KEY: " of the server's value, in front of a message. */
static int
wrong(const struct conftree_section *at, size_t key, struct err *e)
{
	return (err_ctx(e, "%s:%u: %s", at->file, at->value_line[key],
	    confkey_at(key)->name));
}

/* The repositories of a server stand, and no two are the same place. */
static int
check_places(const struct conftree *t, const struct confnames *l,
    struct err *e)
{
	const size_t			 place = confkey_find("repository");
	const struct conftree_section	*s[CONFNAMES_MAX];
	size_t				 i, j;

	for (i = 0; i < l->n; i++) {
		s[i] = conftree_repository(t, l->name[i]);
		if (s[i] == NULL || s[i]->value[place] == NULL ||
		    s[i]->value[place][0] == '\0')
			return (err_set(e, ERR_CONFIG, "found \"%s\", "
			    "expected a section [repository %s] with "
			    "repository = %s", l->name[i], l->name[i],
			    confkey_at(place)->what));
		for (j = 0; j < i; j++)
			if (strcmp(s[i]->value[place], s[j]->value[place]) ==
			    0)
				return (err_set(e, ERR_CONFIG, "found two "
				    "names, %s and %s, for one repository, "
				    "%s", l->name[j], l->name[i],
				    s[i]->value[place]));
	}
	return (0);
}

/*
 * With two repositories or more nothing but the user can say when a WAL file
 * is safe.
 */
static int
check_server(const struct conftree *t, const struct conftree_section *s,
    struct err *e)
{
	const size_t			 set = confkey_find("repositories");
	const size_t			 quorum = confkey_find("quorum");
	const size_t			 place = confkey_find("repository");
	const struct conftree_section	*at, *of, *beside;
	const char			*text = conftree_value(t, s, set, &at);
	const char			*want = conftree_value(t, s, quorum,
					    &of);
	struct confnames		 l;
	uint64_t			 n = 1;

	if (text == NULL || text[0] == '\0') {
		if (want == NULL)
			return (0);
		err_set(e, ERR_CONFIG, "found without repositories, expected "
		    "repositories = %s", confkey_at(set)->what);
		return (wrong(of, quorum, e));
	}
	if (confnames_parse(&l, text, e) || check_places(t, &l, e))
		return (wrong(at, set, e));
	if (conftree_value(t, s, place, &beside) != NULL) {
		err_set(e, ERR_CONFIG, "found beside repositories (%s:%u), "
		    "expected one of both for [%s]", at->file,
		    at->value_line[set], s->name);
		return (wrong(beside, place, e));
	}
	if (want == NULL && l.n > 1) {
		err_set(e, ERR_CONFIG, "found %zu without quorum, expected "
		    "quorum = N: in how many of them a WAL file must be "
		    "durable before PostgreSQL may remove it", l.n);
		return (wrong(at, set, e));
	}
	if (want != NULL && (parse_u64(want, 1, l.n, &n, "quorum", e)))
		return (err_ctx(e, "%s:%u: %zu repositories", of->file,
		    of->value_line[quorum], l.n));
	return (0);
}

static int
check_sets(const struct conftree *t, struct err *e)
{
	size_t	 i;

	for (i = 0; i < t->n; i++)
		if (conftree_is_server(&t->s[i]) &&
		    check_server(t, &t->s[i], e))
			return (-1);
	return (0);
}

int
conftree_load(struct conftree *t, const char *file, struct err *e)
{
	return (read_file(t, file, e) || read_included(t, file, e) ||
	    check_sets(t, e) ? -1 : 0);
}
