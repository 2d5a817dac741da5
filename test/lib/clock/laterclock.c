/* SPDX-License-Identifier: ISC */
/*
 * A library for LD_PRELOAD: the time of day is later than it is, by the number
 * of seconds in the file that LATERCLOCK names.  The file may be changed while
 * programs run, and all of them see it at once.  Nothing else changes: not the
 * clock for deadlines, and not the times of files.
 */
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define DIGITS	20

static const volatile char	*digits;

static void __attribute__((constructor))
begin(void)
{
	const char	*path = getenv("LATERCLOCK");
	void		*p;
	int		 fd;

	if (path == NULL || (fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return;
	p = mmap(NULL, DIGITS, PROT_READ, MAP_SHARED, fd, 0);
	if (p != MAP_FAILED)
		digits = p;
	(void)close(fd);
}

static time_t
later(void)
{
	time_t	 s = 0;
	int	 i;

	for (i = 0; digits != NULL && i < DIGITS; i++)
		if (digits[i] >= '0' && digits[i] <= '9')
			s = s * 10 + (digits[i] - '0');
	return (s);
}

int
clock_gettime(clockid_t id, struct timespec *t)
{
	int	 rc = (int)syscall(SYS_clock_gettime, id, t);

	if (rc == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
		t->tv_sec += later();
	return (rc);
}

int
gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	struct timespec	 t;

	(void)zone;
	if (clock_gettime(CLOCK_REALTIME, &t) == -1)
		return (-1);
	tv->tv_sec = t.tv_sec;
	tv->tv_usec = t.tv_nsec / 1000;
	return (0);
}

time_t
time(time_t *to)
{
	struct timespec	 t;

	if (clock_gettime(CLOCK_REALTIME, &t) == -1)
		return (-1);
	if (to != NULL)
		*to = t.tv_sec;
	return (t.tv_sec);
}
