/* SPDX-License-Identifier: ISC */
/* The memory of which tables had rows. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/parse.h"
#include "base/path.h"
#include "base/str.h"
#include "drill/rowsfile.h"

#define FIRST		"seawall drill rows 1\n"
#define MOST		((size_t)64 << 20)	/* bytes */
#define NAME_SIZE	42

/* A file's name; what is no such name is not ours. */
static int
parse_name(const char *name, uint64_t *system_id, uint64_t *lsn)
{
	const char	*p = parse_leading(name, UINT64_MAX, system_id);
	char		 again[NAME_SIZE];

	if (p == NULL || *p != '-' ||
	    parse_leading(p + 1, UINT64_MAX, lsn) == NULL)
		return (0);
	(void)snprintf(again, sizeof(again), "%" PRIu64 "-%" PRIu64,
	    *system_id, *lsn);
	return (strcmp(again, name) == 0);
}

struct listed {
	uint64_t	 system_id, lsn;
};

/* All files, in no order; the caller frees *v.  None if there is no folder. */
static int
list(struct listed **v, size_t *n, const char *dir, struct err *e)
{
	struct dirent	*en;
	struct listed	 one, *more;
	DIR		*d;
	int		 rc = 0;

	*v = NULL;
	*n = 0;
	if ((d = opendir(dir)) == NULL)
		return (errno == ENOENT ? 0 : err_sys(e, ERR_LOCAL, "read "
		    "directory %s", dir));
	while (rc == 0 && (errno = 0, (en = readdir(d)) != NULL)) {
		if (!parse_name(en->d_name, &one.system_id, &one.lsn))
			continue;
		more = reallocarray(*v, *n + 1, sizeof(*more));
		if (more == NULL) {
			rc = err_sys(e, ERR_LOCAL, "%s", dir);
			break;
		}
		*v = more;
		more[(*n)++] = one;
	}
	if (rc == 0 && errno != 0)
		rc = err_sys(e, ERR_LOCAL, "read directory %s", dir);
	(void)closedir(d);		/* read only: nothing to lose */
	return (rc);
}

static int
path_of(char path[PATH_MAX], const char *dir, uint64_t system_id,
    uint64_t lsn, struct err *e)
{
	return (str_fmt(path, PATH_MAX, e, "%s/%" PRIu64 "-%" PRIu64,
	    dir, system_id, lsn));
}

/* Take the text apart at its line feeds. */
static int
split(struct rowsfile *r, const char *path, struct err *e)
{
	char	*p = r->text, *end;
	size_t	 lines = 0;

	for (end = p; (end = strchr(end, '\n')) != NULL; end++)
		lines++;
	if (!str_begins(p, FIRST))
		return (err_set(e, ERR_LOCAL, "%s is no list of tables; "
		    "remove it", path));
	if ((r->table = calloc(lines, sizeof(*r->table))) == NULL)
		return (err_sys(e, ERR_LOCAL, "%s", path));
	for (p += strlen(FIRST); (end = strchr(p, '\n')) != NULL;
	    p = end + 1) {
		*end = '\0';
		r->table[r->n++] = p;
	}
	return (0);
}

int
rowsfile_load(struct rowsfile *r, const char *state_dir, const char *server,
    uint64_t system_id, uint64_t lsn, struct err *e)
{
	char		 dir[PATH_MAX], path[PATH_MAX];
	struct listed	*v;
	size_t		 i, n, len;
	int		 rc, any = 0;

	*r = (struct rowsfile){ .n = 0 };
	if (str_fmt(dir, PATH_MAX, e, "%s/%s/rows", state_dir, server) ||
	    (rc = list(&v, &n, dir, e)) != 0)
		return (-1);
	for (i = 0; i < n; i++)
		if (v[i].system_id == system_id && v[i].lsn < lsn &&
		    (!any || v[i].lsn > r->lsn)) {
			any = 1;
			r->lsn = v[i].lsn;
		}
	free(v);
	if (!any)
		return (1);
	if (path_of(path, dir, system_id, r->lsn, e))
		return (-1);
	if ((rc = io_load(path, MOST, &r->text, &len, e)) == 0)
		rc = split(r, path, e);
	if (rc != 0)
		rowsfile_free(r);
	return (rc);
}

void
rowsfile_free(struct rowsfile *r)
{
	free(r->text);
	free(r->table);
	*r = (struct rowsfile){ .n = 0 };
}

/* The furthest first, and this cluster's before any other's. */
static int
by_use(const void *a, const void *b, void *arg)
{
	const struct listed	*x = a, *y = b;
	const uint64_t		*id = arg;
	const int		 mine = (y->system_id == *id) -
	    (x->system_id == *id);

	return (mine != 0 ? mine : x->lsn < y->lsn ? 1 : x->lsn > y->lsn ?
	    -1 : 0);
}

static int
prune(const char *dir, uint64_t system_id, struct err *e)
{
	struct listed	*v;
	char		 path[PATH_MAX];
	size_t		 i, n;
	int		 rc;

	rc = list(&v, &n, dir, e);
	if (n > 0)
		qsort_r(v, n, sizeof(*v), by_use, &system_id);
	for (i = 0; rc == 0 && i < n; i++) {
		if (i < ROWSFILE_KEPT && v[i].system_id == system_id)
			continue;
		rc = path_of(path, dir, v[i].system_id, v[i].lsn, e);
		if (rc == 0 && unlink(path) == -1 && errno != ENOENT)
			rc = err_sys(e, ERR_LOCAL, "remove %s", path);
	}
	free(v);
	return (rc);
}

int
rowsfile_save(const char *const *table, size_t n, const char *state_dir,
    const char *server, uint64_t system_id, uint64_t lsn, struct err *e)
{
	char	 dir[PATH_MAX], path[PATH_MAX], *text = NULL;
	size_t	 i, len;
	FILE	*f;
	int	 rc;

	if (str_fmt(dir, PATH_MAX, e, "%s/%s/rows", state_dir, server) ||
	    path_of(path, dir, system_id, lsn, e) || io_mkdirs(dir, 0700, e))
		return (-1);
	if ((f = open_memstream(&text, &len)) == NULL)
		return (err_sys(e, ERR_LOCAL, "memory for tables"));
	(void)fputs(FIRST, f);
	for (i = 0; i < n; i++)
		(void)fprintf(f, "%s\n", table[i]);
	if (fclose(f) == EOF)
		rc = err_sys(e, ERR_LOCAL, "memory for tables");
	else if (len > MOST)
		rc = err_set(e, ERR_LOCAL, "%zu tables have too long names", n);
	else
		rc = io_save(path, 0600, text, len, 1, e) ||
		    prune(dir, system_id, e) ? -1 : 0;
	free(text);
	return (rc);
}
