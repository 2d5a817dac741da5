/* SPDX-License-Identifier: ISC */
/* The restore_command that base-fetch gives to PostgreSQL. */
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/path.h"
#include "restore/recovery.h"
#include "tool/walcommand.h"

int
walcommand_make(char buf[WALCOMMAND_MAX], const struct server_conf *conf,
    struct err *e)
{
	char	 self[PATH_MAX], dir[PATH_MAX], wal[PATH_MAX];
	char	 config[PATH_MAX];
	ssize_t	 n;

	if ((n = readlink("/proc/self/exe", self, sizeof(self) - 1)) == -1)
		return (err_sys(e, ERR_LOCAL, "/proc/self/exe"));
	self[n] = '\0';
	if (path_dir(dir, sizeof(dir), self, e) ||
	    path_join(wal, sizeof(wal), dir, "wal-fetch", e))
		return (-1);
	if (access(wal, X_OK) == -1)
		return (err_sys(e, ERR_LOCAL, "%s, which the restored cluster "
		    "will call", wal));
	/* PostgreSQL calls it in the data directory, not in this one. */
	if (realpath(conf->file, config) == NULL)
		return (err_sys(e, ERR_CONFIG, "%s", conf->file));
	return (recovery_command(buf, WALCOMMAND_MAX, wal, config, conf->name,
	    conf->trust_signer, e));
}
