/* SPDX-License-Identifier: ISC */
/* Runs a program of the user's. */
#include <sys/mman.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "tool/hook.h"

#define ENV_MOST	32
#define ENV_TEXT	512
#define PAUSE_MS	20
#define KILL_PAUSES	250
#define DEFAULT_PATH	"PATH=/usr/local/bin:/usr/bin:/bin"

struct environment {
	char		*v[ENV_MOST + 1];	/* NULL at its end */
	char		 own[5][ENV_TEXT];
	size_t		 n;
};

/* One that is longer than its place is left out. */
static void
set_environment(struct environment *x, const char *const *more)
{
	static const char *const	 keep[] = { "PATH", "HOME", "USER",
					    "LANG", "TZ" };
	const char			*value;
	size_t				 i;
	int				 len;

	x->n = 0;
	for (i = 0; i < sizeof(keep) / sizeof(keep[0]); i++) {
		if ((value = getenv(keep[i])) == NULL && i > 0)
			continue;
		len = value == NULL ? snprintf(x->own[i], ENV_TEXT, "%s",
		    DEFAULT_PATH) : snprintf(x->own[i], ENV_TEXT, "%s=%s",
		    keep[i], value);
		if (len < ENV_TEXT)
			x->v[x->n++] = x->own[i];
	}
	for (; *more != NULL && x->n < ENV_MOST; more++)
		x->v[x->n++] = (char *)(uintptr_t)*more;
	x->v[x->n] = NULL;
}

/* A file in memory, so that a hook that reads nothing blocks nobody. */
static int
input_file(int *fd, const struct hook *h, struct err *e)
{
	if ((*fd = memfd_create("hook", MFD_CLOEXEC)) == -1)
		return (err_sys(e, ERR_LOCAL, "%s: its input", h->path));
	if (io_write(*fd, h->input, h->n, h->path, e) == 0) {
		if (lseek(*fd, 0, SEEK_SET) == 0)
			return (0);
		err_sys(e, ERR_LOCAL, "%s: its input", h->path);
	}
	(void)close(*fd);
	return (-1);
}

/* It leads a process group, has the usual signals, and no file of ours. */
static int
spawn(pid_t *pid, const struct hook *h, int input, struct err *e)
{
	struct environment		 env;
	posix_spawn_file_actions_t	 files;
	posix_spawnattr_t		 attr;
	sigset_t			 all, none;
	char	*argv[] = { (char *)(uintptr_t)h->path, NULL };
	int				 rc;

	set_environment(&env, h->env);
	(void)sigfillset(&all);
	(void)sigemptyset(&none);
	if ((rc = posix_spawn_file_actions_init(&files)) != 0)
		goto fail;
	if ((rc = posix_spawnattr_init(&attr)) != 0) {
		(void)posix_spawn_file_actions_destroy(&files);
		goto fail;
	}
	if ((rc = posix_spawn_file_actions_adddup2(&files, input, 0)) == 0 &&
	    (rc = posix_spawn_file_actions_adddup2(&files, 2, 1)) == 0 &&
	    (rc = posix_spawn_file_actions_addclosefrom_np(&files, 3)) == 0 &&
	    (rc = posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP |
	    POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK)) == 0 &&
	    (rc = posix_spawnattr_setsigdefault(&attr, &all)) == 0 &&
	    (rc = posix_spawnattr_setsigmask(&attr, &none)) == 0)
		rc = posix_spawn(pid, h->path, &files, &attr, argv, env.v);
	(void)posix_spawnattr_destroy(&attr);
	(void)posix_spawn_file_actions_destroy(&files);
fail:
	errno = rc;
	return (rc == 0 ? 0 : err_sys(e, ERR_LOCAL, "run %s", h->path));
}

/*
 * The hook leads a process group of its own, so what ends us, Ctrl-C or a
 * service manager, would leave it to itself, and without its time limit.  Hold
 * these signals back while it runs, unless they are ignored, as under nohup.
 * SIGCHLD, held back as well, ends the pause between two looks.
 */
static void
hold(sigset_t *held, sigset_t *before)
{
	static const int	 ours[] = { SIGHUP, SIGINT, SIGQUIT,
				    SIGTERM };
	struct sigaction	 now;
	size_t			 i;

	(void)sigemptyset(held);
	(void)sigaddset(held, SIGCHLD);
	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (sigaction(ours[i], NULL, &now) == 0 &&
		    now.sa_handler != SIG_IGN)
			(void)sigaddset(held, ours[i]);
	(void)pthread_sigmask(SIG_BLOCK, held, before);
	/* If our parent made us ignore it, no child has an exit status. */
	if (sigaction(SIGCHLD, NULL, &now) == 0 && now.sa_handler == SIG_IGN)
		(void)signal(SIGCHLD, SIG_DFL);
}

/* What cannot be killed, since a disk does not answer, is not waited for. */
static void
kill_group(pid_t pid, int *status)
{
	const struct timespec	 pause = { 0, PAUSE_MS * 1000L * 1000 };
	int			 i;

	(void)kill(-pid, SIGKILL);
	for (i = 0; i < KILL_PAUSES && waitpid(pid, status, WNOHANG) != pid;
	    i++)
		(void)nanosleep(&pause, NULL);
}

enum end {
	ENDED,
	TIME_UP,			/* and killed */
	INTERRUPTED,			/* by *sig, and killed */
	LOST				/* nobody knows how it ended */
};

static enum end
await(pid_t pid, uint64_t timeout_ms, const sigset_t *held, int *status,
    int *sig)
{
	const struct timespec	 pause = { 0, PAUSE_MS * 1000L * 1000 };
	const int64_t		 begin = clock_mono_ms();
	enum end		 end = ENDED;
	pid_t			 rc;

	while ((rc = waitpid(pid, status, WNOHANG)) != pid) {
		if (rc == -1 && errno != EINTR)
			return (LOST);
		*sig = sigtimedwait(held, NULL, &pause);
		if (*sig > 0 && *sig != SIGCHLD)
			end = INTERRUPTED;
		else if ((uint64_t)(clock_mono_ms() - begin) >= timeout_ms)
			end = TIME_UP;
		if (end == ENDED)
			continue;
		kill_group(pid, status);
		break;
	}
	return (end);
}

static int
judge(const struct hook *h, enum end end, int status, struct err *e)
{
	switch (end) {
	case TIME_UP:
		return (err_set(e, ERR_LOCAL, "%s: killed after %llu s",
		    h->path, (unsigned long long)h->timeout_ms / 1000));
	case INTERRUPTED:
		return (err_set(e, ERR_LOCAL, "%s: interrupted", h->path));
	case LOST:
		return (err_set(e, ERR_LOCAL, "%s: its exit status was lost",
		    h->path));
	case ENDED:
		break;
	}
	if (WIFSIGNALED(status))
		return (err_set(e, ERR_LOCAL, "%s: ended by signal %d",
		    h->path, WTERMSIG(status)));
	if (WEXITSTATUS(status) != 0)
		return (err_set(e, ERR_LOCAL, "%s: exit status %d", h->path,
		    WEXITSTATUS(status)));
	return (0);
}

int
hook_run(const struct hook *h, struct err *e)
{
	sigset_t	 held, before;
	enum end	 end;
	pid_t		 pid;
	int		 input, status = 0, sig = 0, rc;

	if (input_file(&input, h, e))
		return (-1);
	hold(&held, &before);
	rc = spawn(&pid, h, input, e);
	(void)close(input);		/* the hook's copy is its own */
	if (rc == 0) {
		end = await(pid, h->timeout_ms, &held, &status, &sig);
		rc = judge(h, end, status, e);
	}
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc == -1 && sig > 0 && sig != SIGCHLD)
		(void)raise(sig);	/* as if no hook had been running */
	return (rc);
}
