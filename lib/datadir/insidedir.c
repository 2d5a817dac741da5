/* SPDX-License-Identifier: ISC */
/* Paths that lie in a directory, whatever links lead there. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "datadir/insidedir.h"

int
insidedir(const char *path, const char *dir)
{
	char	 real[PATH_MAX], top[PATH_MAX];
	size_t	 n;

	if (path[0] != '/' || realpath(dir, top) == NULL)
		return (0);
	if (realpath(path, real) == NULL) {
		if (strlen(path) >= sizeof(real) ||
		    strstr(path, "/../") != NULL)
			return (0);
		(void)memcpy(real, path, strlen(path) + 1);
	}
	n = strlen(top);
	if (strncmp(real, top, n) == 0 &&
	    (real[n] == '\0' || real[n] == '/'))
		return (1);
	/* Nothing is there, and "dir" was given by way of a link. */
	n = strlen(dir);
	return (strncmp(real, dir, n) == 0 &&
	    (real[n] == '\0' || real[n] == '/'));
}
