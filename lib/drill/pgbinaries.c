/* SPDX-License-Identifier: ISC */
/* Finds PostgreSQL's programs by their version. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "base/parse.h"
#include "base/path.h"
#include "base/str.h"
#include "drill/child.h"
#include "drill/pgbinaries.h"

#define OLDEST	13
#define NEWEST	40		/* of the versions that are looked for */

static const char *const	 versioned[] = {
	"/usr/lib/postgresql/%u/bin",	/* Debian, and PGDG for it */
	"/usr/pgsql-%u/bin",		/* PGDG for Red Hat */
	"/usr/lib/postgresql%u/bin",	/* SUSE */
	"/usr/libexec/postgresql%u"	/* Alpine */
};
static const char *const	 plain[] = {
	"/usr/bin",			/* Fedora */
	"/usr/local/bin", "/usr/local/pgsql/bin"
};

#define VERSIONED	(sizeof(versioned) / sizeof(versioned[0]))
#define PLAIN		(sizeof(plain) / sizeof(plain[0]))

unsigned
pgbinaries_version(const char *text)
{
	const char	*p = strstr(text, "(PostgreSQL) ");
	unsigned	 v = 0;

	if (p == NULL)
		return (0);
	for (p += strlen("(PostgreSQL) "); *p >= '0' && *p <= '9' && v < 1000;
	    p++)
		v = v * 10 + (unsigned)(*p - '0');
	return (v < 1000 ? v : 0);
}

/* The major version that "dir/name" says it has; 0: none that works. */
static unsigned
ask(const char *dir, const char *name)
{
	struct err	 unused = ERR_INIT;
	char		 path[PATH_MAX], out[64], text[256] = "";
	const char	*argv[] = { path, "-V", NULL };
	struct child	 c = { .argv = argv, .out = out, .err = "/dev/null" };
	size_t		 n = 0;
	int		 fd, status;

	if (path_join(path, sizeof(path), dir, name, &unused) ||
	    access(path, X_OK) == -1 ||
	    (fd = memfd_create("version", 0)) == -1)
		return (0);
	(void)snprintf(out, sizeof(out), "/proc/%d/fd/%d", (int)getpid(), fd);
	if (child_run(&c, &status, &unused) || status != 0 ||
	    io_read_at(fd, text, sizeof(text) - 1, 0, &n, path, &unused))
		n = 0;
	text[n] = '\0';
	(void)close(fd);
	return (pgbinaries_version(text));
}

/* Place "i" to look at for a version; 0 when there are no more. */
static int
place(char dir[PATH_MAX], size_t i, unsigned major)
{
	const char	*path = getenv("PATH");
	size_t		 n;

	if (i < VERSIONED) {
		/* One "%u" each. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		(void)snprintf(dir, PATH_MAX, versioned[i], major);
#pragma GCC diagnostic pop
		return (1);
	}
	if ((i -= VERSIONED) < PLAIN) {
		(void)snprintf(dir, PATH_MAX, "%s", plain[i]);
		return (1);
	}
	for (i -= PLAIN; path != NULL && *path != '\0'; i--) {
		n = strcspn(path, ":");
		if (i == 0) {
			(void)snprintf(dir, PATH_MAX, "%.*s", (int)n, path);
			return (1);
		}
		path += n + (path[n] == ':');
	}
	return (0);
}

int
pgbinaries_server(char dir[PATH_MAX], unsigned major, const char *bindir,
    struct err *e)
{
	unsigned	 found;
	size_t		 i;

	if (bindir != NULL) {
		if (str_fmt(dir, PATH_MAX, e, "%s", bindir))
			return (-1);
		if ((found = ask(dir, "postgres")) == major)
			return (0);
		if (found == 0)
			return (err_set(e, ERR_CONFIG, "pg_bindir: %s has no "
			    "program postgres that runs", bindir));
		return (err_set(e, ERR_CONFIG, "pg_bindir: %s has PostgreSQL "
		    "%u, and the backup is of %u", bindir, found, major));
	}
	for (i = 0; place(dir, i, major); i++)
		if (dir[0] == '/' && ask(dir, "postgres") == major)
			return (0);
	return (err_set(e, ERR_CONFIG, "the backup is of PostgreSQL %u, and "
	    "no server of that version was found in /usr/lib/postgresql/%u/"
	    "bin, /usr/pgsql-%u/bin, /usr/bin or PATH; install it, or set "
	    "pg_bindir", major, major, major));
}

int
pgbinaries_client(char path[PATH_MAX], const char *name, const char *dir,
    unsigned major, struct err *e)
{
	char		 at[PATH_MAX];
	unsigned	 v;
	size_t		 i;

	if (path_join(path, PATH_MAX, dir, name, e))
		return (-1);
	if (access(path, X_OK) == 0)
		return (0);
	for (v = major < OLDEST ? OLDEST : major; v <= NEWEST; v++)
		for (i = 0; (v == NEWEST || i < VERSIONED) &&
		    place(at, i, v); i++)
			if (at[0] == '/' && ask(at, name) >= major)
				return (path_join(path, PATH_MAX, at, name,
				    e));
	return (1);
}
