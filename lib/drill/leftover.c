/* SPDX-License-Identifier: ISC */
/* Ends what a drill has left running. */
#include <sys/shm.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/parse.h"
#include "base/path.h"
#include "base/str.h"
#include "drill/leftover.h"

#define PAUSE_MS	50
#define PATIENT		200	/* pauses before SIGKILL, and after it */

/*
 * Whether "path", as /proc shows it, is "dir" or lies in it.  A directory whose
 * name only begins like it is somebody else's.
 */
static int
is_within(const char *path, const char *dir)
{
	const size_t	 n = strlen(dir);

	return (strncmp(path, dir, n) == 0 && (path[n] == '\0' ||
	    path[n] == '/' || strcmp(path + n, " (deleted)") == 0));
}

/*
 * Send "sig" to all that run there; returns how many there are, or -1.  Servers
 * and what they start have sessions of their own: whoever is in ours is the
 * shell that ran this program, and may stand there.
 */
static int
signal_all(const char *dir, int sig, struct err *e)
{
	struct err	 unused = ERR_INIT;
	struct dirent	*en;
	char		 path[PATH_MAX], cwd[PATH_MAX];
	uint64_t	 pid;
	ssize_t		 n;
	int		 found = 0;
	DIR		*proc;

	if ((proc = opendir("/proc")) == NULL)
		return (err_sys(e, ERR_LOCAL, "read directory /proc"));
	while ((en = readdir(proc)) != NULL) {
		if (parse_u64(en->d_name, 2, INT_MAX, &pid, "process",
		    &unused) || getsid((pid_t)pid) == getsid(0) ||
		    str_fmt(path, sizeof(path), &unused, "/proc/%s/cwd",
		    en->d_name) ||
		    (n = readlink(path, cwd, sizeof(cwd) - 1)) == -1) {
			err_clear(&unused);
			continue;
		}
		cwd[n] = '\0';
		if (!is_within(cwd, dir))
			continue;
		found++;
		(void)kill((pid_t)pid, sig);	/* it may just have ended */
	}
	(void)closedir(proc);		/* read only: nothing to lose */
	return (found);
}

/*
 * The small segment that a server makes to know its own processes by.  Its
 * number is in line 7 of postmaster.pid.
 */
static void
remove_memory(const char *data)
{
	struct err	 unused = ERR_INIT;
	struct shmid_ds	 ds;
	char		 path[PATH_MAX], *text = NULL;
	const char	*p;
	uint64_t	 pid, key, id;
	size_t		 n;

	if (path_join(path, sizeof(path), data, "postmaster.pid", &unused) ||
	    io_load(path, 8192, &text, &n, &unused) != 0)
		return;
	/* Its line 7 has the key and the id. */
	if (parse_leading(text, INT_MAX, &pid) != NULL &&
	    (p = str_line(text, 7)) != NULL &&
	    (p = parse_leading(p, ULONG_MAX, &key)) != NULL &&
	    parse_leading(p, INT_MAX, &id) != NULL &&
	    shmctl((int)id, IPC_STAT, &ds) == 0 && ds.shm_nattch == 0 &&
	    ds.shm_cpid == (pid_t)pid)
		(void)shmctl((int)id, IPC_RMID, NULL);
	free(text);
}

int
leftover_end(const char *dir, const char *data, struct err *e)
{
	const struct timespec	 pause = { 0, PAUSE_MS * 1000L * 1000 };
	int			 i, n = 0;

	for (i = 0; i < 2 * PATIENT; i++) {
		/* Servers of this process, too, must not stay as zombies. */
		n = signal_all(dir, i == 0 ? SIGQUIT : i < PATIENT ? 0 :
		    SIGKILL, e);
		if (n <= 0)
			break;
		(void)nanosleep(&pause, NULL);
	}
	if (n == 0)
		remove_memory(data);
	return (n <= 0 ? n : err_set(e, ERR_LOCAL, "%d processes in %s do "
	    "not end", n, dir));
}

int
leftover_names(const char *dir, struct err *e)
{
	struct dirent	*en;
	int		 n = 0;
	DIR		*d;

	if ((d = opendir(dir)) == NULL)
		return (err_sys(e, ERR_LOCAL, "read directory %s", dir));
	while (n < 2 && (errno = 0, (en = readdir(d)) != NULL))
		n += strcmp(en->d_name, ".") != 0 &&
		    strcmp(en->d_name, "..") != 0;
	if (errno != 0)
		n = err_sys(e, ERR_LOCAL, "read directory %s", dir);
	(void)closedir(d);		/* read only: nothing to lose */
	return (n);
}
