/* SPDX-License-Identifier: ISC */
/* wal-push: put one WAL file into the repository (archive_command). */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/path.h"
#include "repo/walpush.h"
#include "tool/conf.h"
#include "tool/opt.h"
#include "tool/role.h"
#include "tool/tool.h"

static const struct opt_program program = {
	.name = "wal-push",
	.synopsis = "[OPTION]... PATH",
	.summary = "Put one WAL file into the repository; exits 0 only once "
	    "it is durable there.",
	.min_args = 1, .max_args = 1
};

static int
push(const char *path, const struct server_conf *conf, struct err *e)
{
	const struct store_conf	 store = conf_store_wal(conf);
	struct walpush_file	 w = {
		.name = path_base(path),
		.codec = conf->wal_compression,
		.state_dir = conf->state_dir,
		.fd = -1
	};
	struct archive		*a = NULL;
	struct role_cluster	 cluster;
	struct key		*key = NULL;
	char			 dir[PATH_MAX];
	int			 rc = -1;

	w.fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);	/* a FIFO */
	if (w.fd == -1)
		return (err_sys(e, ERR_LOCAL, "open %s", path));
	if (role_data_directory(dir, sizeof(dir), path, conf, e) ||
	    role_cluster(&cluster, dir, e) ||
	    role_key(&key, conf, KEY_PUSH, e))
		goto out;
	w.wal_segment_size = cluster.wal_segment_size;
	if (archive_open(&a, &store, key, conf->name, cluster.system_id, e) ||
	    walpush_file(a, &w, e))
		goto out;
	rc = 0;
out:
	archive_free(a);
	key_free(key);
	(void)close(w.fd);		/* read only: nothing to lose */
	return (rc);
}

int
main(int argc, char *argv[])
{
	struct err		 e = ERR_INIT;
	struct conf_source	 src = { 0 };
	struct server_conf	 conf = { 0 };
	const struct opt	 opts[] = { OPT_CONF(src), OPT_END };
	char			**args;
	size_t			 nargs;
	int			 rc;

	if ((rc = tool_init(&e)) == -1 ||
	    (rc = opt_parse(&program, opts, argc, argv, &args, &nargs,
	    &e)) != 0)
		return (tool_exit(program.name, rc == 1 ? 0 : -1, &e));
	if ((rc = conf_load(&conf, &src, &e)) == 0 &&
	    (rc = push(args[0], &conf, &e)) == -1)
		err_ctx(&e, "%s", path_base(args[0]));
	conf_free(&conf);
	free(src.set.v);
	return (tool_exit(program.name, rc, &e));
}
