/* SPDX-License-Identifier: ISC */
/* One open directory of a walk. */
#include <sys/stat.h>

#include <string.h>
#include <unistd.h>

#include "datadir/walklevel.h"

static int
read_level(struct walklevel *levels, int depth, const char *only,
    const char *shown, struct err *e)
{
	struct walklevel	*l = &levels[depth];
	struct stat		 st;
	int			 i;

	if (fstat(l->fd, &st) == -1)
		return (err_sys(e, ERR_LOCAL, "stat %s", shown));
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	for (i = 0; i < depth; i++)
		if (levels[i].dev == l->dev && levels[i].ino == l->ino)
			return (err_set(e, ERR_LOCAL, "%s: leads back to a "
			    "directory above it", shown));
	return (only != NULL ? dirnames_only(&l->names, only, e) :
	    dirnames_read(&l->names, l->fd, shown, e));
}

int
walklevel_open(struct walklevel *levels, int depth, int fd, size_t len,
    const char *only, const char *shown, struct err *e)
{
	struct walklevel	*l = &levels[depth];

	memset(l, 0, sizeof(*l));
	l->fd = fd;
	l->len = len;
	if (read_level(levels, depth, only, shown, e)) {
		walklevel_close(l);
		return (-1);
	}
	return (0);
}

void
walklevel_close(struct walklevel *l)
{
	dirnames_free(&l->names);
	(void)close(l->fd);		/* read only: nothing to lose */
}
