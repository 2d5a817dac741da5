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

/* Returns its status, or -1 when the time was up and it was killed. */
static int
await(pid_t pid, uint64_t timeout_ms)
{
	const struct timespec	 pause = { 0, PAUSE_MS * 1000L * 1000 };
	const int64_t		 begin = clock_mono_ms();
	int			 status = 0;
	pid_t			 rc;

	while ((rc = waitpid(pid, &status, WNOHANG)) != pid) {
		if (rc == -1 && errno != EINTR)
			return (0);		/* nobody's child: gone */
		if ((uint64_t)(clock_mono_ms() - begin) >= timeout_ms) {
			(void)kill(-pid, SIGKILL);
			while (waitpid(pid, &status, 0) == -1 &&
			    errno == EINTR)
				;
			return (-1);
		}
		(void)nanosleep(&pause, NULL);
	}
	return (status);
}

int
hook_run(const struct hook *h, struct err *e)
{
	pid_t	 pid;
	int	 input, status;

	if (input_file(&input, h, e))
		return (-1);
	if (spawn(&pid, h, input, e)) {
		(void)close(input);
		return (-1);
	}
	(void)close(input);		/* the hook's copy is its own */
	if ((status = await(pid, h->timeout_ms)) == -1)
		return (err_set(e, ERR_LOCAL, "%s: killed after %llu s",
		    h->path, (unsigned long long)h->timeout_ms / 1000));
	if (WIFSIGNALED(status))
		return (err_set(e, ERR_LOCAL, "%s: ended by signal %d",
		    h->path, WTERMSIG(status)));
	if (WEXITSTATUS(status) != 0)
		return (err_set(e, ERR_LOCAL, "%s: exit status %d", h->path,
		    WEXITSTATUS(status)));
	return (0);
}
