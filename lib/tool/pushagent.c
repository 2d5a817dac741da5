/* SPDX-License-Identifier: ISC */
/* The agent of wal-push, from both ends. */
#include "base/str.h"
#include "pusher/pusher.h"
#include "tool/pushagent.h"
#include "tool/tool.h"

static int
ahead_open(void **out, const struct agentrun *r, struct serve *s,
    struct err *e)
{
	const struct server_conf	*c = r->conf;
	const struct pushpool_conf	 conf = {
		.store = conf_store_wal(c),
		.key = r->key,
		.server = c->name,
		.system_id = r->cluster->system_id,
		.wal_segment_size = r->cluster->wal_segment_size,
		.data_directory = r->data_directory,
		.state_dir = c->state_dir,
		.codec = c->wal_compression,
		.codec_auto = c->wal_compression_auto,
		.backlog_high = c->backlog_high,
		.jobs = (unsigned)c->push_jobs
	};
	struct pusher			*p;

	if (pusher_new(&p, &conf, s, e))
		return (-1);
	*out = p;
	return (0);
}

static int
ahead_free(void *arg)
{
	return (pusher_free(arg));
}

const struct agentrun_work	 pushagent_work = {
	.program = "wal-push",
	.role = KEY_PUSH,
	.work = &pusher_work,
	.open = ahead_open,
	.free = ahead_free
};

static void
note(void *arg, const char *text)
{
	(void)arg;
	tool_note(pushagent_work.program, "%s", text);
}

int
pushagent_ask(const struct agentconf *h, const char *name, int fd, int *rc,
    struct err *result, struct err *why)
{
	struct message_request	 req = { .verb = MESSAGE_PUSH, .fd = fd };
	struct message_reply	 reply;

	if (str_fmt(req.name, sizeof(req.name), why, "%s", name) ||
	    call_agent(&h->call, &req, &reply, note, NULL, why))
		return (-1);
	*rc = reply.rc;
	*result = reply.err;
	return (0);
}
