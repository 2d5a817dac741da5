/* SPDX-License-Identifier: ISC */
/* The agent of wal-fetch, from both ends. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "prefetch/prefetch.h"
#include "tool/fetchagent.h"
#include "tool/tool.h"
#include "wal/walarchive.h"

static int
ahead_open(void **out, const struct agentrun *r, struct serve *s,
    struct err *e)
{
	const struct fetchpool_conf	 conf = {
		.store = conf_store_wal(r->conf),
		.key = r->key,
		.server = r->conf->name,
		.system_id = r->cluster->system_id,
		.wal_segment_size = r->cluster->wal_segment_size,
		.data_directory = r->data_directory,
		.ahead = (unsigned)r->conf->fetch_ahead
	};
	struct prefetch			*p;

	if (prefetch_new(&p, &conf, s, e))
		return (-1);
	*out = p;
	return (0);
}

static int
ahead_free(void *arg)
{
	return (prefetch_free(arg));
}

const struct agentrun_work	 fetchagent_work = {
	.program = "wal-fetch",
	.role = KEY_RESTORE,
	.work = &prefetch_work,
	.open = ahead_open,
	.free = ahead_free,
	.while_running = 1
};

static void
note(void *arg, const char *text)
{
	(void)arg;
	tool_note(fetchagent_work.program, "%s", text);
}

/* A name beside "path" that only this process knows; *fd is its folder. */
static int
open_target(struct message_request *req, const char *path, struct err *e)
{
	uint8_t	 rnd[8];
	char	 dir[PATH_MAX], hex[2 * sizeof(rnd) + 1];

	if (path_dir(dir, sizeof(dir), path, e) ||
	    io_random(rnd, sizeof(rnd), e) ||
	    str_fmt(req->target, sizeof(req->target), e, WALARCHIVE_TEMP
	    ".%s", str_hex(hex, rnd, sizeof(rnd))))
		return (-1);
	req->fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (req->fd == -1)
		return (err_sys(e, ERR_LOCAL, "open %s", dir));
	return (0);
}

/*
 * The agent puts the file beside "path" and this process renames it.  So an
 * agent that hung and wakes up after this process was given up cannot replace
 * what PostgreSQL got by other means meanwhile.
 */
int
fetchagent_ask(const struct agentconf *h, const char *name, const char *path,
    int *rc, struct err *result, struct err *why)
{
	struct message_request	 req = { .verb = MESSAGE_FETCH, .fd = -1 };
	struct message_reply	 reply;
	int			 done;

	if (str_fmt(req.name, sizeof(req.name), why, "%s", name) ||
	    open_target(&req, path, why))
		return (-1);
	done = call_agent(&h->call, &req, &reply, note, NULL, why);
	if (done == 0) {
		*rc = reply.rc;
		if (reply.rc == -1)
			err_set(result, reply.err.kind, "%s", reply.err.msg);
		else if (reply.rc == 0 && renameat(req.fd, req.target,
		    AT_FDCWD, path) == -1)
			*rc = err_sys(result, ERR_LOCAL, "create %s", path);
	}
	if (done == -1 || *rc != 0)
		(void)unlinkat(req.fd, req.target, 0);
	(void)close(req.fd);		/* a folder: nothing to lose */
	return (done);
}
