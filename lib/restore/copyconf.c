/* SPDX-License-Identifier: ISC */
/* The settings of a restored copy, and where its includes lead. */
#include <sys/stat.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/str.h"
#include "datadir/insidedir.h"
#include "datadir/pgincludes.h"
#include "restore/copyconf.h"

struct item {
	char	*name, *value;
	int	 automatic;		/* of postgresql.auto.conf */
};

struct copyconf {
	const char	*dir;		/* while it is read, as "automatic" */
	int		 automatic;
	struct item	*v;
	size_t		 n;
	int		 has_main;
	char		*astray;
};

static int
is_regular(const char *path)
{
	struct stat	 st;

	return (stat(path, &st) == 0 && S_ISREG(st.st_mode));
}

static int
note_astray(struct copyconf *c, const char *path, struct err *e)
{
	return (c->astray == NULL ? str_dup(&c->astray, path, e) : 0);
}

static int
on_setting(void *arg, const struct pgconf_line *l, struct err *e)
{
	struct copyconf	*c = arg;
	struct item	*more;

	more = reallocarray(c->v, c->n + 1, sizeof(*more));
	if (more == NULL)
		return (err_sys(e, ERR_LOCAL, "configuration"));
	c->v = more;
	more += c->n++;
	*more = (struct item){ .automatic = c->automatic };
	return (str_dup(&more->name, l->name, e) ||
	    str_dup(&more->value, l->value, e) ? -1 : 0);
}

static int
on_named(void *arg, const char *path, struct err *e)
{
	struct copyconf	*c = arg;

	return (insidedir(path, c->dir) ? 0 : note_astray(c, path, e));
}

/* A link may lead out, also that of a file in an include_dir. */
static int
on_file(void *arg, const char *path, const struct stat *st, const char *text,
    size_t n, struct err *e)
{
	(void)st;
	(void)text;
	(void)n;
	return (on_named(arg, path, e));
}

static int
on_unread(void *arg, const char *path, const char *why, struct err *e)
{
	(void)why;
	return (note_astray(arg, path, e));
}

static int
read_all(struct copyconf *c, const char *path, int automatic, struct err *e)
{
	static const struct pgincludes_events	 on = {
		.named = on_named, .file = on_file, .setting = on_setting,
		.unread = on_unread
	};

	c->automatic = automatic;
	return (pgincludes_read(path, PGINCLUDES_CONF, &on, c, e));
}

int
copyconf_read(struct copyconf **out, const char *dir, struct err *e)
{
	struct copyconf	*c;
	struct stat	 st;
	char		 top[PATH_MAX], path[PATH_MAX];
	int		 rc;

	if (realpath(dir, top) == NULL)
		return (err_sys(e, ERR_LOCAL, "%s", dir));
	if ((c = calloc(1, sizeof(*c))) == NULL)
		return (err_sys(e, ERR_LOCAL, "configuration"));
	c->dir = top;
	rc = path_join(path, sizeof(path), top, "postgresql.conf", e);
	c->has_main = rc == 0 && lstat(path, &st) == 0 &&
	    S_ISREG(st.st_mode);
	if (c->has_main)
		rc = read_all(c, path, 0, e);
	if (rc == 0)
		rc = path_join(path, sizeof(path), top,
		    "postgresql.auto.conf", e);
	if (rc == 0 && is_regular(path))
		rc = read_all(c, path, 1, e);
	c->dir = NULL;			/* it was ours */
	if (rc == 0)
		*out = c;
	else
		copyconf_free(c);
	return (rc);
}

void
copyconf_free(struct copyconf *c)
{
	if (c == NULL)
		return;
	while (c->n > 0) {
		free(c->v[--c->n].name);
		free(c->v[c->n].value);
	}
	free(c->v);
	free(c->astray);
	free(c);
}

int
copyconf_has_main(const struct copyconf *c)
{
	return (c->has_main);
}

const char *
copyconf_astray(const struct copyconf *c)
{
	return (c->astray);
}

static const char *
find(const struct copyconf *c, const char *name, int automatic)
{
	size_t	 i;

	for (i = c->n; i-- > 0;)
		if ((automatic || !c->v[i].automatic) &&
		    strcmp(c->v[i].name, name) == 0)
			return (c->v[i].value);
	return (NULL);
}

const char *
copyconf_get(const struct copyconf *c, const char *name)
{
	return (find(c, name, 1));
}

const char *
copyconf_main(const struct copyconf *c, const char *name)
{
	return (find(c, name, 0));
}
