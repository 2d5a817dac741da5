/* SPDX-License-Identifier: ISC */
/* File systems that are synced together. */
#include <sys/stat.h>

#include <fcntl.h>
#include <unistd.h>

#include "datadir/syncset.h"

int
syncset_add_fd(struct syncset *s, int fd, const char *dir, struct err *e)
{
	struct stat	 st;
	size_t		 i;

	if (fstat(fd, &st) == -1)
		return (err_sys(e, ERR_LOCAL, "stat %s", dir));
	for (i = 0; i < s->n; i++)
		if (s->dev[i] == st.st_dev)
			return (0);
	if (i == SYNCSET_MAX)
		return (err_set(e, ERR_LOCAL, "%s: a restore can write to at "
		    "most %d file systems, and this is one more", dir,
		    SYNCSET_MAX));
	/* A duplicate is the same open file: it reports failures since then. */
	if ((s->fd[i] = fcntl(fd, F_DUPFD_CLOEXEC, 0)) == -1)
		return (err_sys(e, ERR_LOCAL, "open directory %s", dir));
	s->dev[i] = st.st_dev;
	s->n++;
	return (0);
}

int
syncset_add(struct syncset *s, const char *dir, struct err *e)
{
	int	 fd, rc;

	if ((fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return (err_sys(e, ERR_LOCAL, "open directory %s", dir));
	rc = syncset_add_fd(s, fd, dir, e);
	(void)close(fd);		/* read only: nothing to lose */
	return (rc);
}

int
syncset_sync(const struct syncset *s, const char *dir, struct err *e)
{
	size_t	 i;

	for (i = 0; i < s->n; i++)
		if (syncfs(s->fd[i]) == -1)
			return (err_sys(e, ERR_LOCAL, "sync the files of %s",
			    dir));
	return (0);
}

void
syncset_close(struct syncset *s)
{
	while (s->n > 0)
		(void)close(s->fd[--s->n]);	/* read only: the same */
}
