/* SPDX-License-Identifier: ISC */
/* The folder of a slot below the state folder. */
#include <dirent.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "receive/receivedir.h"
#include "repo/layout.h"

int
receivedir_make(char path[PATH_MAX], const char *state_dir,
    const char *server, uint64_t system_id, const char *slot, struct err *e)
{
	char	 state[PATH_MAX];

	if (layout_state(state, state_dir, server, system_id, e) ||
	    str_fmt(path, PATH_MAX, e, "%s/receive-%s", state, slot))
		return (-1);
	return (io_mkdirs(path, 0700, e));
}

int
receivedir_clear(const char *path, struct err *e)
{
	char		 file[PATH_MAX];
	struct dirent	*ent;
	DIR		*d;

	if ((d = opendir(path)) == NULL)
		return (err_sys(e, ERR_LOCAL, "open %s", path));
	while ((ent = readdir(d)) != NULL)
		if (ent->d_name[0] != '.' && path_join(file, sizeof(file),
		    path, ent->d_name, e) == 0)
			(void)unlink(file);	/* else it is overwritten */
	(void)closedir(d);			/* read only */
	return (0);
}
