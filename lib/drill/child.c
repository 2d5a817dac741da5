/* SPDX-License-Identifier: ISC */
/* Runs PostgreSQL's programs. */
#include <sys/prctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "drill/child.h"
#include "drill/patience.h"

#define ENV_TEXT	PATH_MAX

struct environment {
	char	 text[4][ENV_TEXT];
	char	*v[6];
};

static void
set_environment(struct environment *x)
{
	static const char *const	 keep[] = { "PATH", "HOME", "TZ" };
	static char			 english[] = "LC_ALL=C";
	const char			*value;
	size_t				 i, n = 0;
	int				 len;

	for (i = 0; i < 3; i++) {
		value = getenv(keep[i]);
		if (value == NULL && i > 0)
			continue;
		len = snprintf(x->text[i], ENV_TEXT, "%s=%s", keep[i],
		    value == NULL ? "/usr/bin:/bin" : value);
		if (len < ENV_TEXT)
			x->v[n++] = x->text[i];
	}
	x->v[n++] = english;
	x->v[n] = NULL;
}

/* In the child, where only functions that are safe after fork(2) are called. */
static void __attribute__((noreturn))
become(const struct child *c, char *const *env, const int fd[4], pid_t parent)
{
	struct sigaction	 usual = { .sa_handler = SIG_DFL };
	sigset_t		 none;
	int			 i, why;

	for (i = 1; i < NSIG; i++)
		(void)sigaction(i, &usual, NULL);
	(void)sigemptyset(&none);
	(void)pthread_sigmask(SIG_SETMASK, &none, NULL);
	if (c->cover != NULL && (why = cover_enter(c->cover)) != 0) {
		(void)!write(fd[3], &why, sizeof(why));
		goto fail;
	}
	/* To a server SIGQUIT is "end at once", and to all others as well. */
	if (!c->stays && (prctl(PR_SET_PDEATHSIG, SIGQUIT) == -1 ||
	    getppid() != parent))
		goto fail;
	if (setsid() == -1 || (c->dir != NULL && chdir(c->dir) == -1))
		goto fail;
	for (i = 0; i < 3; i++)
		if (dup2(fd[i], i) == -1)
			goto fail;
	(void)execve(c->argv[0], (char *const *)(uintptr_t)c->argv, env);
fail:
	(void)kill(getpid(), SIGKILL);
	for (;;)
		(void)pause();
}

static int
open_files(int fd[3], const struct child *c, struct err *e)
{
	const char	*name[3] = { "/dev/null", c->out, c->err };
	int		 i;

	if (c->out == NULL)
		name[1] = "/dev/null";
	if (c->err == NULL)
		name[2] = name[1];
	for (i = 0; i < 3; i++)
		if ((fd[i] = open(name[i], i == 0 ? O_RDONLY | O_CLOEXEC :
		    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600)) == -1)
			return (err_sys(e, ERR_LOCAL, "open %s", name[i]));
	return (0);
}

/*
 * Wait until the child has become its program, or said why it cannot see what
 * it is to see.  The end of the pipe closes with the one or the other.
 */
static int
await_cover(pid_t pid, int from, struct err *e)
{
	int	 why = 0, st;
	ssize_t	 n;

	while ((n = read(from, &why, sizeof(why))) == -1 && errno == EINTR)
		;
	if (n != (ssize_t)sizeof(why))
		return (0);
	(void)waitpid(pid, &st, 0);
	errno = why;
	return (err_sys(e, ERR_CONFIG, "make a user and a mount namespace"));
}

/* Fork, with a pipe from the child to here as fd[4] and fd[3]. */
static int
split(pid_t *pid, const struct child *c, char *const *env, int fd[5],
    struct err *e)
{
	const pid_t	 self = getpid();
	int		 p[2];

	if (pipe2(p, O_CLOEXEC) == -1)
		return (err_sys(e, ERR_LOCAL, "pipe"));
	fd[3] = p[1];
	fd[4] = p[0];
	if ((*pid = fork()) == 0)
		become(c, env, fd, self);
	if (*pid == -1)
		return (err_sys(e, ERR_LOCAL, "run %s", c->argv[0]));
	(void)close(fd[3]);		/* the child's is its own */
	fd[3] = -1;
	return (c->cover != NULL ? await_cover(*pid, fd[4], e) : 0);
}

int
child_start(pid_t *pid, const struct child *c, struct err *e)
{
	struct environment	 env;
	int			 fd[5] = { -1, -1, -1, -1, -1 }, i, rc;

	if (access(c->argv[0], X_OK) == -1)
		return (err_sys(e, ERR_LOCAL, "run %s", c->argv[0]));
	set_environment(&env);
	if ((rc = open_files(fd, c, e)) == 0)
		rc = split(pid, c, env.v, fd, e);
	for (i = 0; i < 5; i++)
		if (fd[i] != -1)
			(void)close(fd[i]);	/* the child's is its own */
	return (rc);
}

int
child_ended(pid_t pid, int *status)
{
	int	 st;

	if (waitpid(pid, &st, WNOHANG) != pid)
		return (0);
	*status = WIFEXITED(st) ? WEXITSTATUS(st) : 128 + WTERMSIG(st);
	return (1);
}

int
child_run(const struct child *c, int *status, struct err *e)
{
	pid_t	 pid;
	int	 st;

	if (child_start(&pid, c, e))
		return (-1);
	while (!child_ended(pid, status))
		if (patience_wait(100, e)) {
			/* It may not have its own group yet. */
			(void)kill(-pid, SIGKILL);
			(void)kill(pid, SIGKILL);
			(void)waitpid(pid, &st, 0);
			return (-1);
		}
	return (0);
}
