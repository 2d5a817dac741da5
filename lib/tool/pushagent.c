/* SPDX-License-Identifier: ISC */
/* The agent of wal-push, from both ends. */
#include <stdlib.h>

#include "base/str.h"
#include "catalogue/rollbackpush.h"
#include "pusher/pushset.h"
#include "tool/pushagent.h"
#include "tool/tool.h"

/* One repository, and what is needed to remember what was pushed to it. */
struct one {
	struct serve	*serve;
	const char	*state_dir;
};

/* The pushers. */
struct ahead {
	struct pushset	*pushers;
	struct pushpool_conf pool[CONFNAMES_MAX];
	struct one	 one[CONFNAMES_MAX];
	const char	*name[CONFNAMES_MAX];
};

int
pushagent_targets(struct conf_set *set, struct err *e)
{
	size_t	 i, n = 0;

	if (set->n == 1)
		return (conf_may_write(&set->conf[0], e));
	for (i = 0; i < set->n; i++)
		if (set->conf[i].read_only)
			conf_free(&set->conf[i]);
		else
			set->conf[n++] = set->conf[i];
	i = set->n;
	set->n = n;
	return (n >= set->quorum ? 0 : err_set(e, ERR_CONFIG, "found %zu of "
	    "%zu repositories with read_only = on, expected that WAL files "
	    "can be stored in %zu of them", i - n, i, set->quorum));
}

static void
keep_note(void *arg, const char *text)
{
	const struct one	*h = arg;

	serve_note(h->serve, "%s", text);
}

static void
pushed(void *arg, struct archive *a, const char (*segment)[WALNAME_TEXT],
    size_t n)
{
	const struct one		*h = arg;
	const struct rollbackpush_news	 news = { .segment = segment, .n = n,
	    .note = keep_note, .arg = arg };
	struct rollbackpush		*p;

	rollbackpush_ask(&p, a, h->state_dir);
	rollbackpush_answer(p, &news);
}

static struct pushpool_conf
pool(const struct agentrun *r, const struct server_conf *c)
{
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
		.jobs = (unsigned)c->push_jobs,
		.pushed = pushed
	};

	return (conf);
}

static int
ahead_open(void **out, const struct agentrun *r, struct serve *s,
    struct err *e)
{
	const struct server_conf	*c = r->set->conf;
	struct ahead			*h;
	size_t				 i;

	if (pushagent_targets(r->set, e))
		return (-1);
	if ((h = calloc(1, sizeof(*h))) == NULL)
		return (err_sys(e, ERR_LOCAL, "start to push"));
	for (i = 0; i < r->set->n; i++) {
		h->one[i] = (struct one){ s, c[i].state_dir };
		h->name[i] = c[i].repository_name;
		h->pool[i] = pool(r, &c[i]);
		h->pool[i].pushed_arg = &h->one[i];
	}
	if (pushset_new(&h->pushers, h->pool, h->name, r->set->n,
	    r->set->quorum, s, e)) {
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
	if (pushset_free(h->pushers) == 1)
		return (1);
	free(h);
	return (0);
}

static void
ahead_ask(void *arg, uint64_t ticket, struct message_request *req)
{
	const struct ahead	*h = arg;

	pushset_work.ask(h->pushers, ticket, req);
}

static void
ahead_forget(void *arg, uint64_t ticket)
{
	const struct ahead	*h = arg;

	pushset_work.forget(h->pushers, ticket);
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
