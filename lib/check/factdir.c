/* SPDX-License-Identifier: ISC */
/* The facts that a data directory holds. */
#include <sys/statvfs.h>

#include <inttypes.h>
#include <stdlib.h>

#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "check/factdir.h"
#include "pg/control.h"

static int
system_of(const char *dir, uint64_t *id, struct err *e)
{
	char	 path[PATH_MAX], *buf;
	size_t	 n;
	int	 rc;

	if (path_join(path, sizeof(path), dir, CONTROL_PATH, e))
		return (-1);
	if ((rc = io_load(path, CONTROL_SIZE, &buf, &n, e)) == 1)
		return (err_set(e, ERR_LOCAL, "%s: no such file", path));
	if (rc == -1)
		return (-1);
	rc = control_sysid((const uint8_t *)buf, n, id, e);
	free(buf);
	return (rc == 0 ? 0 : err_ctx(e, "%s", path));
}

/* pg_wal may be a link to another file system, which is the one that counts. */
static int
look(struct checkfacts *f, const char *dir, struct err *e)
{
	struct statvfs	 v;
	char		 path[PATH_MAX];

	if (dir == NULL)
		return (err_set(e, ERR_LOCAL, "data_directory is not set, and "
		    "the server was not asked for it"));
	if (system_of(dir, &f->dir_system, e))
		return (-1);
	if (f->watched && f->dir_system != f->pg.system_id)
		return (err_set(e, ERR_LOCAL, "%s is the data directory of "
		    "cluster %" PRIu64 ", the server is %" PRIu64, dir,
		    f->dir_system, f->pg.system_id));
	if (path_join(path, sizeof(path), dir, "pg_wal", e))
		return (-1);
	if (statvfs(path, &v) == -1)
		return (err_sys(e, ERR_LOCAL, "%s", path));
	f->wal_free = (uint64_t)v.f_bavail * v.f_frsize;
	return (str_fmt(f->dir, sizeof(f->dir), e, "%s", dir));
}

void
factdir_look(struct checkfacts *f)
{
	const char	*dir = f->conf->data_directory;

	if (dir == NULL && f->watched)
		dir = f->pg.data_directory;
	f->has_dir = look(f, dir, &f->dir_why) == 0;
}
