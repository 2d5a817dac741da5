/* SPDX-License-Identifier: ISC */
/* Whether threads have come to rest. */
#include <sys/stat.h>

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "atrest.h"
#include "base/clock.h"

#define HANG_MS		120000
#define SAMPLES		8
#define SAMPLE_US	2000

/* The states of proc(5) in which a thread does nothing. */
static int
is_asleep(const char *stat)
{
	const char	*p = strrchr(stat, ')');

	return (p == NULL || strlen(p) < 3 ||
	    strchr("STtZXI", p[2]) != NULL);
}

/* Whether all others sleep.  "moving" gets the state of one that does not. */
static int
threads_sleep(char *moving, size_t n)
{
	const pid_t	 me = gettid();
	struct dirent	*de;
	char		 path[300], stat[512];
	FILE		*f;
	DIR		*d;
	int		 all = 1;

	assert_non_null(d = opendir("/proc/self/task"));
	while ((de = readdir(d)) != NULL) {
		if (de->d_name[0] == '.' || atoi(de->d_name) == me)
			continue;
		(void)snprintf(path, sizeof(path), "/proc/self/task/%s/stat",
		    de->d_name);
		if ((f = fopen(path, "r")) == NULL)
			continue;	/* it has ended */
		if (fgets(stat, sizeof(stat), f) != NULL && !is_asleep(stat)) {
			all = 0;
			(void)snprintf(moving, n, "%s", stat);
		}
		(void)fclose(f);
	}
	(void)closedir(d);
	return (all);
}

void
atrest_wait(void)
{
	const int64_t	 end = clock_mono_ms() + HANG_MS;
	char		 moving[512] = "";
	unsigned	 n = 0;

	while (n < SAMPLES) {
		n = threads_sleep(moving, sizeof(moving)) ? n + 1 : 0;
		if (clock_mono_ms() > end)
			fail_msg("a thread still moves: %s", moving);
		(void)usleep(SAMPLE_US);
	}
}

int
atrest_is_open(const char *path)
{
	struct stat	 want, st;
	struct dirent	*de;
	char		 link[300];
	DIR		*d;
	int		 is = 0;

	if (stat(path, &want) == -1)
		return (0);
	assert_non_null(d = opendir("/proc/self/fd"));
	/* By name: other threads may close these descriptors meanwhile. */
	while ((de = readdir(d)) != NULL) {
		(void)snprintf(link, sizeof(link), "/proc/self/fd/%s",
		    de->d_name);
		is |= de->d_name[0] != '.' && stat(link, &st) == 0 &&
		    st.st_dev == want.st_dev && st.st_ino == want.st_ino;
	}
	(void)closedir(d);
	return (is);
}
