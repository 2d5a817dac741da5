/* SPDX-License-Identifier: ISC */
/*
 * A library for LD_PRELOAD: the time of day is later than it is, by the number
 * of seconds in the file that LATERCLOCK names.  The file may be changed while
 * programs run, and all of them see it at once.  Nothing else changes: not the
 * clock for deadlines, and not the times of files, unless LATERFILES is set:
 * then what is synced, and each directory that is made, is of that time, too,
 * so that a local repository has the same clock.
 */
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define DIGITS	20

static const volatile char	*digits;
static int			 files;		/* these, too */

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
	files = getenv("LATERFILES") != NULL;
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

/* The time that a file is to have; a test that fails to set it will tell. */
static void
stamp(int fd, const char *path)
{
	struct timespec	 t[2];

	if (!files || clock_gettime(CLOCK_REALTIME, &t[1]) == -1)
		return;
	t[0].tv_sec = 0;
	t[0].tv_nsec = UTIME_OMIT;
	(void)syscall(SYS_utimensat, fd, path, t, 0);
}

int
fsync(int fd)
{
	stamp(fd, NULL);
	return ((int)syscall(SYS_fsync, fd));
}

int
fdatasync(int fd)
{
	stamp(fd, NULL);
	return ((int)syscall(SYS_fdatasync, fd));
}

int
mkdirat(int fd, const char *path, mode_t mode)
{
	const int	 rc = (int)syscall(SYS_mkdirat, fd, path, mode);

	if (rc == 0)
		stamp(fd, path);
	return (rc);
}

int
mkdir(const char *path, mode_t mode)
{
	return (mkdirat(AT_FDCWD, path, mode));
}
