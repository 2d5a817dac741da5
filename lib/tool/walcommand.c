/* SPDX-License-Identifier: ISC */
/* The restore_command that base-fetch gives to PostgreSQL. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"
#include "drill/drilllog.h"
#include "pg/autoconf.h"
#include "restore/recovery.h"
#include "store/address.h"
#include "tool/walcommand.h"

static int
find_self(char self[PATH_MAX], struct err *e)
{
	const ssize_t	 n = readlink("/proc/self/exe", self, PATH_MAX - 1);

	if (n == -1)
		return (err_sys(e, ERR_LOCAL, "/proc/self/exe"));
	self[n] = '\0';
	return (0);
}

int
walcommand_make(char buf[WALCOMMAND_MAX], const struct server_conf *conf,
    const char *repository, struct err *e)
{
	char	 self[PATH_MAX], dir[PATH_MAX], wal[PATH_MAX];
	char	 config[PATH_MAX];
	const struct recovery_source from = { .config = config,
	    .server = conf->name, .repository = repository,
	    .file = address_export(conf->repository),
	    .trust = conf->trust_signer };

	if (find_self(self, e) || path_dir(dir, sizeof(dir), self, e) ||
	    path_join(wal, sizeof(wal), dir, "wal-fetch", e))
		return (-1);
	if (access(wal, X_OK) == -1)
		return (err_sys(e, ERR_LOCAL, "%s, which the restored cluster "
		    "will call", wal));
	/* PostgreSQL calls it in the data directory, not in this one. */
	if (realpath(conf->file, config) == NULL)
		return (err_sys(e, ERR_CONFIG, "%s", conf->file));
	return (recovery_command(buf, WALCOMMAND_MAX, wal, &from, e));
}

int
walcommand_drill(char buf[WALCOMMAND_MAX], const struct server_conf *conf,
    const char *repository, struct err *e)
{
	char	 self[PATH_MAX], word[2 * PATH_MAX], quoted[4 * PATH_MAX];
	size_t	 n;

	if (walcommand_make(buf, conf, repository, e) || find_self(self, e) ||
	    autoconf_shell(word, sizeof(word), self, e) ||
	    autoconf_percent(quoted, sizeof(quoted), word, e))
		return (-1);
	n = strlen(buf);
	return (str_fmt(buf + n, WALCOMMAND_MAX - n, e, " && { %s --look %%p "
	    "%%f || exit %d; }", quoted, DRILLLOG_LOOKED));
}
