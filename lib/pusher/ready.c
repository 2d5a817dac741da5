/* SPDX-License-Identifier: ISC */
/* The WAL files that wait to be archived, by their .ready files. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "pusher/ready.h"

#define SUFFIX		".ready"

static int
is_history(const char *name)
{
	return (strchr(name, '.') != NULL &&
	    strcmp(strchr(name, '.'), ".history") == 0);
}

/* Whether PostgreSQL asks for "a" before "b". */
static int
before(const char *a, const char *b)
{
	if (is_history(a) != is_history(b))
		return (is_history(a));
	return (strcmp(a, b) < 0);
}

/* Returns 0 with the WAL file's name that an entry stands for, else 1. */
static int
entry_name(const char *entry, char name[WALNAME_TEXT])
{
	struct err	 unused = ERR_INIT;
	struct walname	 w;
	size_t		 n = strlen(entry), m = strlen(SUFFIX);

	if (n <= m || n - m >= WALNAME_TEXT ||
	    strcmp(entry + n - m, SUFFIX) != 0)
		return (1);
	memcpy(name, entry, n - m);
	name[n - m] = '\0';
	return (walname_parse(name, &w, &unused) == -1);
}

/*
 * Keep the first READY_MAX in order, by insertion: the folder may have 100,000
 * names, of which all but a few are compared with the last one only.
 */
static void
insert(struct ready *r, const char name[WALNAME_TEXT])
{
	size_t	 i;

	r->waiting++;
	if (r->n == READY_MAX && !before(name, r->name[r->n - 1]))
		return;
	if (r->n < READY_MAX)
		r->n++;
	for (i = r->n - 1; i > 0 && before(name, r->name[i - 1]); i--)
		memcpy(r->name[i], r->name[i - 1], WALNAME_TEXT);
	memcpy(r->name[i], name, WALNAME_TEXT);
}

int
ready_list(struct ready *r, const char *dir, struct err *e)
{
	char		 path[PATH_MAX], name[WALNAME_TEXT];
	struct dirent	*de;
	DIR		*d;
	int		 rc = 0;

	memset(r, 0, sizeof(*r));
	if (str_fmt(path, sizeof(path), e, "%s/pg_wal/archive_status", dir))
		return (-1);
	if ((d = opendir(path)) == NULL)
		return (err_sys(e, ERR_LOCAL, "open %s", path));
	while (errno = 0, (de = readdir(d)) != NULL)
		if (entry_name(de->d_name, name) == 0)
			insert(r, name);
	if (errno != 0)
		rc = err_sys(e, ERR_LOCAL, "read %s", path);
	(void)closedir(d);		/* read only: nothing to lose */
	return (rc);
}

int
ready_still(const char *dir, const char *name)
{
	struct err	 unused = ERR_INIT;
	char		 path[PATH_MAX];

	return (str_fmt(path, sizeof(path), &unused,
	    "%s/pg_wal/archive_status/%s" SUFFIX, dir, name) == 0 &&
	    access(path, F_OK) == 0);
}
