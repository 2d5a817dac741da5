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
#include "base/path.h"
#include "base/str.h"
#include "crypt/head.h"
#include "repo/layout.h"
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

int
conftree_is_name(const char *s)
{
	return (layout_server_ok(s) && strcasecmp(s, CONFTREE_COMMON) != 0);
}

static int
on_section(void *arg, const char *name, unsigned line, struct err *e)
{
	struct conftree	*t = arg;
	struct conftree_section	*s;
	char		 clean[HEAD_SERVER_MAX + 1];

	if (strcmp(name, CONFTREE_COMMON) != 0 && !conftree_is_name(name))
		return (err_set(e, ERR_CONFIG, "found [%s], expected "
		    "[" CONFTREE_COMMON "] or a server's name: at most %d "
		    "letters, digits, '.', '_', '-'",
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

int
conftree_load(struct conftree *t, const char *file, struct err *e)
{
	return (read_file(t, file, e) || read_included(t, file, e) ? -1 : 0);
}
