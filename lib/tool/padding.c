/* SPDX-License-Identifier: ISC */
/* What wal-fetch and wal-push do about segments that were never completed. */
#include <fcntl.h>
#include <unistd.h>

#include "base/path.h"
#include "pg/lsn.h"
#include "tool/conf.h"
#include "tool/padding.h"
#include "tool/tool.h"
#include "wal/openfetch.h"
#include "wal/padded.h"

int
padding_fetch(const char *program, struct archive *a, const char *name,
    const char *path, const char *dir, struct err *e)
{
	char		 lsn[LSN_TEXT];
	uint64_t	 end;
	int		 rc;

	rc = openfetch_file(a, name, path, dir, &end, e);
	if (rc == 0)
		tool_note(program, "%s: was streamed up to LSN %s, where "
		    "recovery ends", name, lsn_format(lsn, end));
	return (rc);
}

static int
ask(const struct padded *p, const struct server_conf *conf,
    const struct role_cluster *cluster, struct err *e)
{
	const struct store_conf	 store = conf_store_wal(conf);
	struct archive		*a = NULL;
	struct key		*key = NULL;
	int			 rc = -1;

	if (role_key(&key, conf, KEY_PUSH, e) == 0 &&
	    archive_open(&a, &store, key, conf->name, cluster->system_id,
	    e) == 0)
		rc = padded_stored(p, a, cluster->wal_segment_size, e);
	archive_free(a);
	key_free(key);
	return (rc);
}

/* Such a segment comes once in a cluster's life: a connection is no loss. */
int
padding_push(const char *program, const struct server_conf *conf,
    const struct role_cluster *cluster, const char *dir, const char *path,
    struct err *e)
{
	struct padded	 p;
	char		 lsn[LSN_TEXT];
	int		 fd, rc;

	/* Non-blocking: the path may be a FIFO, which would hang here. */
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return (err_sys(e, ERR_LOCAL, "open %s", path));
	rc = padded_is(&p, dir, path_base(path), fd, e);
	(void)close(fd);		/* read only: nothing to lose */
	if (rc != 1)
		return (rc == -1 ? -1 : 1);
	if (ask(&p, conf, cluster, e))
		return (-1);
	tool_note(program, "%s: was filled up with zeros by wal-fetch, from "
	    "LSN %s on; not archived, since the repository has all of it",
	    p.name, lsn_format(lsn, p.end));
	return (0);
}
