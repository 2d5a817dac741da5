/* SPDX-License-Identifier: ISC */
/* Starts and ends a throwaway PostgreSQL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "postgres.h"

#define MAXARGS	48

static const struct timespec tick = { 0, 50000000 };

/* Find the newest version by its name: 9.x sorts last, but does not match. */
static int
find(struct postgres *p)
{
	static const char *const	 where[] = {
		"/usr/lib/postgresql/1[0-9]/bin/initdb",
		"/usr/pgsql-1[0-9]/bin/initdb",
		"/usr/bin/initdb",
		"/usr/local/bin/initdb",
		"/usr/local/pgsql/bin/initdb"
	};
	size_t				 i;
	glob_t				 g;

	for (i = 0; i < sizeof(where) / sizeof(where[0]); i++) {
		if (glob(where[i], 0, NULL, &g) != 0)
			continue;
		(void)snprintf(p->bin, sizeof(p->bin), "%s",
		    g.gl_pathv[g.gl_pathc - 1]);
		*strrchr(p->bin, '/') = '\0';
		globfree(&g);
		return (0);
	}
	return (1);
}

static void
choose_user(struct postgres *p)
{
	const struct passwd	*pw;

	p->uid = getuid();
	p->gid = getgid();
	if (p->uid != 0)
		return;
	if ((pw = getpwnam("postgres")) == NULL &&
	    (pw = getpwnam("nobody")) == NULL)
		fail_msg("no user postgres or nobody");
	else {
		p->uid = pw->pw_uid;
		p->gid = pw->pw_gid;
	}
}

static void
become(const struct postgres *p)
{
	int	 fd;

	if (getuid() == 0 && (setgroups(0, NULL) == -1 ||
	    setgid(p->gid) == -1 || setuid(p->uid) == -1))
		_exit(126);
	if (chdir(p->top) == -1 || (fd = open("log", O_WRONLY | O_CREAT |
	    O_APPEND, 0600)) == -1 || dup2(fd, 1) == -1 || dup2(fd, 2) == -1)
		_exit(126);
	if ((fd = open("/dev/null", O_RDONLY)) == -1 || dup2(fd, 0) == -1)
		_exit(126);
}

static pid_t
spawn(const struct postgres *p, const char *const *argv)
{
	char	*args[MAXARGS];
	pid_t	 pid;
	int	 i;

	/* execv() takes no const, although it changes nothing. */
	for (i = 0; argv[i] != NULL && i < MAXARGS - 1; i++)
		assert_non_null(args[i] = strdup(argv[i]));
	args[i] = NULL;
	assert_int_not_equal(pid = fork(), -1);
	if (pid == 0) {
		become(p);
		(void)execv(args[0], args);
		_exit(127);
	}
	while (i > 0)
		free(args[--i]);
	return (pid);
}

int
postgres_run(const struct postgres *p, const char *const *argv)
{
	pid_t	 pid = spawn(p, argv);
	int	 status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return (WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

static void
make_folder(struct postgres *p)
{
	(void)strcpy(p->top, "/tmp/pg.XXXXXX");
	assert_non_null(mkdtemp(p->top));
	if (getuid() == 0)
		assert_int_equal(chown(p->top, p->uid, p->gid), 0);
	assert_int_equal(chmod(p->top, 0755), 0);
	(void)snprintf(p->data, sizeof(p->data), "%s/data", p->top);
	(void)snprintf(p->conninfo, sizeof(p->conninfo),
	    "host=%s port=5432 user=postgres dbname=postgres", p->top);
}

int
postgres_new(struct postgres *p)
{
	const char	*ci = getenv("CI");
	char		 initdb[300];
	const char	*argv[] = { initdb, "-D", p->data, "-U", "postgres",
			    "-A", "trust", "-E", "UTF8", "--no-locale", "-N",
			    "-k", "--wal-segsize=1", NULL };

	memset(p, 0, sizeof(*p));
	if (find(p)) {
		if (ci != NULL && strcmp(ci, "true") == 0)
			fail_msg("PostgreSQL is not installed");
		print_message("skipped: PostgreSQL is not installed\n");
		return (1);
	}
	choose_user(p);
	make_folder(p);
	(void)snprintf(initdb, sizeof(initdb), "%s/initdb", p->bin);
	if (postgres_run(p, argv) != 0)
		fail_msg("initdb failed: see %s/log", p->top);
	return (0);
}

void
postgres_start(struct postgres *p, ...)
{
	char		 bin[300];
	const char	*argv[MAXARGS] = { bin, "-D", p->data, "-k", p->top,
			    "-c", "listen_addresses=", "-c", "port=5432",
			    "-c", "fsync=off", "-c", "shared_buffers=8MB",
			    "-c", "max_connections=10",
			    "-c", "autovacuum=off" };
	const char	*setting;
	va_list		 ap;
	int		 n = 17, i;

	(void)snprintf(bin, sizeof(bin), "%s/postgres", p->bin);
	va_start(ap, p);
	while ((setting = va_arg(ap, const char *)) != NULL) {
		assert_true(n + 3 < MAXARGS);
		argv[n++] = "-c";
		argv[n++] = setting;
	}
	va_end(ap);
	argv[n] = NULL;
	p->pid = spawn(p, argv);
	for (i = 0; i < 600; i++) {
		if (postgres_sql(p, "select 1") == 0)
			return;
		assert_int_equal(waitpid(p->pid, NULL, WNOHANG), 0);
		(void)nanosleep(&tick, NULL);
	}
	fail_msg("PostgreSQL does not answer: see %s/log", p->top);
}

void
postgres_stop(struct postgres *p)
{
	if (p->pid == 0)
		return;
	assert_int_equal(kill(p->pid, SIGINT), 0);	/* fast */
	assert_int_equal(waitpid(p->pid, NULL, 0), p->pid);
	p->pid = 0;
}

void
postgres_copy(struct postgres *to, const struct postgres *from)
{
	const char	*argv[] = { "/bin/cp", "-a", from->data, to->data,
			    NULL };

	*to = *from;
	to->pid = 0;
	make_folder(to);
	argv[3] = to->data;
	assert_int_equal(postgres_run(to, argv), 0);
}

int
postgres_sql(const struct postgres *p, const char *text)
{
	char		 psql[300];
	const char	*argv[] = { psql, "-X", "-q", "-v", "ON_ERROR_STOP=1",
			    "-d", p->conninfo, "-c", text, NULL };

	(void)snprintf(psql, sizeof(psql), "%s/psql", p->bin);
	return (postgres_run(p, argv));
}

static int
rm_one(const char *path, const struct stat *st, int flag, struct FTW *f)
{
	(void)st;
	(void)flag;
	(void)f;
	return (remove(path));
}

void
postgres_free(struct postgres *p)
{
	if (p->pid != 0) {
		(void)kill(p->pid, SIGQUIT);		/* immediate */
		(void)waitpid(p->pid, NULL, 0);
		p->pid = 0;
	}
	if (p->top[0] != '\0')
		(void)nftw(p->top, rm_one, 16, FTW_DEPTH | FTW_PHYS);
}
