/* SPDX-License-Identifier: ISC */
/* Running servers, as postmaster.pid, shared memory and /proc show them. */
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/parse.h"
#include "base/path.h"
#include "base/str.h"
#include "datadir/postmaster.h"

#define PIDFILE_MAX	16384
#define SHMEM_LINE	6		/* counted from 0; utils/pidfile.h */

struct pidfile {
	uint64_t	 pid;
	uint64_t	 key, id;	/* of its shared memory */
	int		 shmem;		/* key and id are known */
};

/* The "n"th line, counted from 0; NULL if there are fewer. */
static const char *
line_at(const char *s, unsigned n)
{
	for (; n > 0; n--) {
		if ((s = strchr(s, '\n')) == NULL)
			return (NULL);
		s++;
	}
	return (s);
}

/*
 * Take a number with blanks before it.  A blank or an end of line must follow:
 * a file that is being written may end in the middle of one.
 */
static int
number(const char **s, uint64_t max, uint64_t *v)
{
	struct err	 unused = ERR_INIT;
	char		 digits[24];
	size_t		 n;

	*s += strspn(*s, " ");
	n = strspn(*s, "0123456789");
	if (n == 0 || n >= sizeof(digits) ||
	    ((*s)[n] != ' ' && (*s)[n] != '\n'))
		return (-1);
	memcpy(digits, *s, n);
	digits[n] = '\0';
	*s += n;
	return (parse_u64(digits, 0, max, v, "number", &unused));
}

/* A server in single-user mode writes its process number with a minus. */
static int
pidfile_parse(const char *text, struct pidfile *p)
{
	const char	*s = text + (*text == '-');

	memset(p, 0, sizeof(*p));
	if (number(&s, INT_MAX, &p->pid) || p->pid == 0)
		return (-1);
	s = line_at(text, SHMEM_LINE);
	p->shmem = s != NULL && number(&s, UINT32_MAX, &p->key) == 0 &&
	    number(&s, INT_MAX, &p->id) == 0;
	return (0);
}

/*
 * How many processes are attached to the server's shared memory, or -1 if
 * this host has none that was made by that very process.  Processes that a
 * postmaster left behind when it crashed are attached, and may still write.
 */
static long
attached(const struct pidfile *p)
{
	struct shmid_ds	 ds;

	if (!p->shmem || shmctl((int)p->id, IPC_STAT, &ds) == -1 ||
	    (uint32_t)ds.shm_perm.__key != (uint32_t)p->key ||
	    ds.shm_cpid != (pid_t)p->pid)
		return (-1);
	return ((long)ds.shm_nattch);
}

/*
 * Whether the process is surely not PostgreSQL: after a reboot another one may
 * have the number that the server had.  Its name goes to "name", for a
 * message.
 */
static int
is_other(uint64_t pid, char *name, size_t size)
{
	struct err	 unused = ERR_INIT;
	char		 path[64], raw[32];
	size_t		 n = 0;
	int		 fd, rc;

	(void)snprintf(path, sizeof(path), "/proc/%llu/comm",
	    (unsigned long long)pid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return (0);
	rc = io_read(fd, raw, sizeof(raw) - 1, &n, path, &unused);
	(void)close(fd);		/* read only: nothing to lose */
	if (rc == -1 || n == 0)
		return (0);
	raw[n] = '\0';
	raw[strcspn(raw, "\n")] = '\0';
	(void)str_clean(name, size, raw, strlen(raw));
	return (strstr(raw, "postgres") == NULL &&
	    strstr(raw, "postmaster") == NULL);
}

static int
check_pidfile(const char *dir, struct err *e)
{
	struct pidfile	 p;
	struct stat	 st;
	char		 path[PATH_MAX], name[64], *text;
	size_t		 n;
	long		 left;
	int		 rc;

	if (path_join(path, sizeof(path), dir, "postmaster.pid", e))
		return (-1);
	/* Opening a pipe would wait for its other end for ever. */
	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return (err_set(e, ERR_CONFIG, "%s: postmaster.pid is not a "
		    "regular file, so a PostgreSQL server may run there; if "
		    "none does, remove it", dir));
	if ((rc = io_load(path, PIDFILE_MAX, &text, &n, e)) == 1)
		return (0);
	if (rc == -1) {
		e->kind = ERR_CONFIG;
		return (err_ctx(e, "a PostgreSQL server may run in %s", dir));
	}
	rc = pidfile_parse(text, &p);
	free(text);
	if (rc == -1)
		return (err_set(e, ERR_CONFIG, "%s: postmaster.pid cannot be "
		    "parsed, so a PostgreSQL server may run there; if none "
		    "does, remove that file", dir));
	rc = kill((pid_t)p.pid, 0) == 0 || errno != ESRCH;
	if (rc && is_other(p.pid, name, sizeof(name)))
		return (err_set(e, ERR_CONFIG, "%s: postmaster.pid names "
		    "process %llu, which is not PostgreSQL (%s); if no server "
		    "in another container or on another host uses this "
		    "directory, remove that file", dir,
		    (unsigned long long)p.pid, name));
	if (rc)
		return (err_set(e, ERR_CONFIG, "%s: a PostgreSQL server runs "
		    "there (process %llu, by postmaster.pid); stop it first",
		    dir, (unsigned long long)p.pid));
	/* The process is gone.  Was it here, and are others left of it? */
	if ((left = attached(&p)) == 0)
		return (0);
	if (left > 0)
		return (err_set(e, ERR_CONFIG, "%s: the PostgreSQL server "
		    "there has crashed, but %ld of its processes still run; "
		    "stop them first", dir, left));
	return (err_set(e, ERR_CONFIG, "%s: postmaster.pid names process "
	    "%llu, which is not on this host, so a server in another "
	    "container or on another host may use this directory; if none "
	    "does, remove that file", dir, (unsigned long long)p.pid));
}

/* Whether a process is PostgreSQL, as far as we are allowed to see that. */
static int
is_postgres(const char *pid)
{
	char	 path[300], exe[PATH_MAX];
	ssize_t	 n;

	(void)snprintf(path, sizeof(path), "/proc/%s/exe", pid);
	if ((n = readlink(path, exe, sizeof(exe) - 1)) == -1)
		return (0);
	exe[n] = '\0';
	/* " (deleted)" follows if the program was upgraded meanwhile. */
	return (str_begins(path_base(exe), "postgres") ||
	    str_begins(path_base(exe), "postmaster"));
}

static int
is_same(const char *path, const struct stat *want)
{
	struct stat	 st;

	return (stat(path, &st) == 0 && st.st_dev == want->st_dev &&
	    st.st_ino == want->st_ino);
}

/*
 * Whether the data directory "cwd" has a tablespace there.  A server's working
 * directory is its data directory.  Returns 1, 0, or -1 if its links could not
 * be read to their end.
 */
static int
has_tablespace(const char *cwd, const struct stat *want, struct err *e)
{
	char		 path[PATH_MAX], link[PATH_MAX];
	struct err	 unused = ERR_INIT;
	struct dirent	*en;
	DIR		*d;
	int		 found = 0;

	if (path_join(path, sizeof(path), cwd, "pg_tblspc", &unused) ||
	    (d = opendir(path)) == NULL)
		return (0);
	while (!found && (errno = 0, (en = readdir(d)) != NULL))
		found = en->d_name[0] != '.' && path_join(link, sizeof(link),
		    path, en->d_name, &unused) == 0 && is_same(link, want);
	if (!found && errno != 0)
		found = err_sys(e, ERR_LOCAL, "read directory %s", path);
	(void)closedir(d);		/* read only: nothing to lose */
	return (found);
}

/*
 * Find a PostgreSQL that runs in "dir", or, with "tablespaces", has one there.
 * *pid is 0 if there is none.
 */
static int
find(const char *dir, int tablespaces, uint64_t *pid, struct err *e)
{
	struct err	 unused = ERR_INIT;
	struct stat	 want;
	struct dirent	*en;
	char		 cwd[300];
	DIR		*proc;
	uint64_t	 n = 0;
	int		 found = 0;

	*pid = 0;
	if (stat(dir, &want) == -1)
		return (errno == ENOENT ? 0 : err_sys(e, ERR_LOCAL, "stat %s",
		    dir));
	if ((proc = opendir("/proc")) == NULL)
		return (err_sys(e, ERR_LOCAL, "read directory /proc"));
	while (!found && (errno = 0, (en = readdir(proc)) != NULL)) {
		if (parse_u64(en->d_name, 1, INT_MAX, &n, "process",
		    &unused) || !is_postgres(en->d_name))
			continue;
		(void)snprintf(cwd, sizeof(cwd), "/proc/%s/cwd", en->d_name);
		found = tablespaces ? has_tablespace(cwd, &want, e) :
		    is_same(cwd, &want);
	}
	if (!found && errno != 0)
		found = err_sys(e, ERR_LOCAL, "read directory /proc");
	if (found == 1)
		*pid = n;
	(void)closedir(proc);		/* the same */
	return (found == -1 ? -1 : 0);
}

int
postmaster_absent(const char *dir, struct err *e)
{
	uint64_t	 pid;

	if (check_pidfile(dir, e) || find(dir, 0, &pid, e))
		return (-1);
	if (pid != 0)
		return (err_set(e, ERR_CONFIG, "%s: a PostgreSQL server runs "
		    "there (process %llu), although postmaster.pid is missing "
		    "or stale; stop it first", dir, (unsigned long long)pid));
	return (0);
}

int
postmaster_elsewhere(const char *dir, struct err *e)
{
	uint64_t	 pid;

	if (find(dir, 1, &pid, e))
		return (-1);
	if (pid != 0)
		return (err_set(e, ERR_CONFIG, "%s: a running PostgreSQL "
		    "server (process %llu) has a tablespace there; choose "
		    "another directory, or stop that server", dir,
		    (unsigned long long)pid));
	return (0);
}
