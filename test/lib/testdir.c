/* SPDX-License-Identifier: ISC */
/* One directory for a test's files. */
#include <sys/stat.h>

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "testdir.h"

static char	 root[PATH_MAX];

void
testdir_make(void)
{
	const char	*tmp = getenv("TMPDIR");

	(void)snprintf(root, sizeof(root), "%s/seawall-test.XXXXXX",
	    tmp == NULL ? "/tmp" : tmp);
	assert_non_null(mkdtemp(root));
}

static int
drop(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return (remove(path));
}

void
testdir_remove(void)
{
	assert_int_equal(nftw(root, drop, 16, FTW_DEPTH | FTW_PHYS), 0);
}

int
testdir_setup(void **state)
{
	(void)state;
	testdir_make();
	return (0);
}

int
testdir_teardown(void **state)
{
	(void)state;
	testdir_remove();
	return (0);
}

const char *
testdir_path(const char *name)
{
	static char	 paths[64][PATH_MAX + 256];
	static size_t	 next;
	char		*p = paths[next++ % 64];

	(void)snprintf(p, sizeof(paths[0]), "%s%s%s", root,
	    name[0] == '\0' ? "" : "/", name);
	return (p);
}

void
testdir_write(const char *name, const void *p, size_t n)
{
	int	 fd;

	fd = open(testdir_path(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, p, n), (ssize_t)n);
	assert_int_equal(close(fd), 0);
}

void
testdir_text(const char *name, const char *text)
{
	testdir_write(name, text, strlen(text));
}

size_t
testdir_count(void)
{
	DIR	*d = opendir(testdir_path(""));
	size_t	 n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	assert_int_equal(closedir(d), 0);
	return (n - 2);			/* "." and ".." */
}

char *
testdir_read(const char *name, size_t *n)
{
	FILE	*f = fopen(testdir_path(name), "r");
	const size_t	 room = 4 << 20;
	char	*buf = malloc(room);

	assert_non_null(f);
	assert_non_null(buf);
	*n = fread(buf, 1, room - 1, f);
	assert_true(*n < room - 1);	/* not cut short */
	buf[*n] = '\0';
	assert_int_equal(fclose(f), 0);
	return (buf);
}
