/* SPDX-License-Identifier: ISC */
/*
 * measure FILE COMMAND [ARG]...: run a command and append a line to FILE:
 * its wall time and its processor time in microseconds, and its peak resident
 * memory in KiB.  Processes that the command waited for are counted with it.
 * Exits as the command did.
 */
#include <sys/resource.h>
#include <sys/wait.h>

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int64_t
now_us(void)
{
	struct timespec	 ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000);
}

static int64_t
us(struct timeval tv)
{
	return ((int64_t)tv.tv_sec * 1000000 + tv.tv_usec);
}

static void
die(const char *what)
{
	perror(what);
	exit(126);
}

int
main(int argc, char *argv[])
{
	struct rusage	 ru;
	FILE		*f;
	int64_t		 began, wall;
	pid_t		 pid;
	int		 st;

	if (argc < 3) {
		(void)fprintf(stderr,
		    "usage: measure FILE COMMAND [ARG]...\n");
		return (126);
	}
	if ((f = fopen(argv[1], "ae")) == NULL)
		die(argv[1]);
	began = now_us();
	if ((pid = fork()) == -1)
		die("fork");
	if (pid == 0) {
		(void)execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	if (wait4(pid, &st, 0, &ru) == -1)
		die("wait");
	wall = now_us() - began;
	if (fprintf(f, "%" PRId64 " %" PRId64 " %ld\n", wall,
	    us(ru.ru_utime) + us(ru.ru_stime), ru.ru_maxrss) < 0 ||
	    fclose(f) == EOF)
		die(argv[1]);
	return (WIFEXITED(st) ? WEXITSTATUS(st) : 128 + WTERMSIG(st));
}
