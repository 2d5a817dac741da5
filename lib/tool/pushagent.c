/* SPDX-License-Identifier: ISC */
/* The agent of wal-push, from both ends. */
#include <stdlib.h>

#include "base/str.h"
#include "catalogue/rollbackpush.h"
#include "pusher/pusher.h"
#include "tool/pushagent.h"
#include "tool/tool.h"

/* The pusher, and what it needs to remember what it pushed. */
struct ahead {
	struct pusher	*pusher;
	struct serve	*serve;
	const char	*state_dir;
};

static void
keep_note(void *arg, const char *text)
{
	const struct ahead	*h = arg;

	serve_note(h->serve, "%s", text);
}

static void
pushed(void *arg, struct archive *a, const char (*segment)[WALNAME_TEXT],
    size_t n)
{
	const struct ahead		*h = arg;
	const struct rollbackpush_news	 news = { .segment = segment, .n = n,
	    .note = keep_note, .arg = arg };
	struct rollbackpush		*p;

	rollbackpush_ask(&p, a, h->state_dir);
	rollbackpush_answer(p, &news);
}

static int
ahead_open(void **out, const struct agentrun *r, struct serve *s,
    struct err *e)
{
	const struct server_conf	*c = r->conf;
	struct pushpool_conf		 conf = {
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
		.jobs = (unsigned)c->push_jobs,
		.pushed = pushed
	};
	struct ahead			*h;

	if ((h = calloc(1, sizeof(*h))) == NULL)
		return (err_sys(e, ERR_LOCAL, "start to push"));
	*h = (struct ahead){ .serve = s, .state_dir = c->state_dir };
	conf.pushed_arg = h;
	if (pusher_new(&h->pusher, &conf, s, e)) {
		free(h);
		return (-1);
	}
	*out = h;
	return (0);
}

static int
ahead_free(void *arg)
{
	struct ahead	*h = arg;

	if (h == NULL)
		return (0);
	if (pusher_free(h->pusher) == 1)
		return (1);
	free(h);
	return (0);
}

static void
ahead_ask(void *arg, uint64_t ticket, struct message_request *req)
{
	const struct ahead	*h = arg;

	pusher_work.ask(h->pusher, ticket, req);
}

static void
ahead_forget(void *arg, uint64_t ticket)
{
	const struct ahead	*h = arg;

	pusher_work.forget(h->pusher, ticket);
}

static const struct serve_work	 ahead_work = { ahead_ask, ahead_forget };

const struct agentrun_work	 pushagent_work = {
	.program = "wal-push",
	.role = KEY_PUSH,
	.work = &ahead_work,
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
