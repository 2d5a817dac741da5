/* SPDX-License-Identifier: ISC */
/* A WAL file into its repositories, without an agent. */
#include <fcntl.h>
#include <unistd.h>

#include "backup/othercluster.h"
#include "base/path.h"
#include "base/str.h"
#include "catalogue/rollbackpush.h"
#include "pusher/pushpool.h"
#include "pusher/pushvote.h"
#include "pusher/ready.h"
#include "tool/pushself.h"
#include "tool/tool.h"
#include "wal/walpush.h"

/* One file on its way into one repository. */
struct trip {
	const struct pushself	*p;
	const struct server_conf *conf;
	struct store_conf	 store;
	const struct key	*key;
	struct rollbackpush	*seen;
	struct sealed		*sealed;	/* for the repositories that
						   follow; NULL: not yet */
	uint8_t			 repository[MARKER_ID];
};

/* Without an agent nobody watches the backlog: look once. */
static struct codec_spec
choose_codec(const struct pushself *p)
{
	const struct server_conf	*c = p->set->conf;
	struct err			 unused = ERR_INIT;
	struct ready			 r;

	if (c->wal_compression_auto &&
	    ready_list(&r, p->dir, &unused) == 0)
		return (pushpool_codec(c->wal_compression,
		    pushpool_pace(r.waiting, c->backlog_high)));
	return (c->wal_compression);
}

/* The first file of a cluster: is there another one under its name? */
static void
begun(void *arg)
{
	const struct trip	*t = arg;
	struct err		 unused = ERR_INIT;
	char			 text[OTHERCLUSTER_TEXT];

	if (othercluster_text(text, &t->store, t->key, t->conf->name,
	    t->p->cluster->system_id, &unused) == 0)
		tool_note(t->p->program, "%s", text);
}

static void
meanwhile(void *arg)
{
	rollbackpush_meanwhile(((struct trip *)arg)->seen);
}

static int
sealed(void *arg, struct sealed **out)
{
	struct trip	*t = arg;

	if (t->sealed == NULL)
		return (1);
	*out = sealed_share(t->sealed);
	return (0);
}

static void
made(void *arg, struct sealed *s)
{
	struct trip	*t = arg;

	if (s != NULL)
		t->sealed = sealed_share(s);
}

static void
note(void *arg, const char *text)
{
	tool_note(((struct trip *)arg)->p->program, "%s", text);
}

/*
 * Push over an open connection, and ask with it, in the same round trips,
 * whether what was pushed before still stands.
 */
static int
push_over(struct trip *t, struct archive *a, const struct walpush_file *f,
    struct err *e)
{
	char				 name[1][WALNAME_TEXT] = { "" };
	const struct rollbackpush_news	 news = { .segment =
	    (const char (*)[WALNAME_TEXT])name, .n = 1, .note = note,
	    .arg = t };

	rollbackpush_ask(&t->seen, a, f->state_dir);
	if (str_fmt(name[0], WALNAME_TEXT, e, "%s", f->name) ||
	    walpush_file(a, f, e)) {
		rollbackpush_free(t->seen);
		return (-1);
	}
	rollbackpush_answer(t->seen, &news);
	return (0);
}

static int
visit(struct trip *t, struct walpush_file *f, const struct server_conf *c,
    struct err *e)
{
	struct archive	*a = NULL;
	int		 rc = -1;

	t->conf = c;
	t->store = conf_store_wal(c);
	t->store.early = 1;
	f->state_dir = c->state_dir;
	if (archive_open(&a, &t->store, t->key, c->name,
	    t->p->cluster->system_id, e) == 0)
		rc = push_over(t, a, f, e);
	archive_free(a);
	return (rc);
}

static const char *
name_of(const struct server_conf *c)
{
	return (c->repository_name != NULL ? c->repository_name :
	    c->repository);
}

/* All of them, whatever happens to one. */
static int
visit_all(struct trip *t, struct walpush_file *f, struct err *e)
{
	const struct conf_set	*set = t->p->set;
	const char		*names[PUSHVOTE_MAX];
	struct pushvote		 v;
	struct err		 why[PUSHVOTE_MAX];
	size_t			 i;

	pushvote_begin(&v, (1U << set->n) - 1);
	for (i = 0; i < set->n; i++) {
		names[i] = name_of(&set->conf[i]);
		err_clear(&why[i]);
		if (visit(t, f, &set->conf[i], &why[i]) == 0)
			pushvote_has(&v, i, t->repository);
		else
			pushvote_fails(&v, i, &why[i]);
	}
	if (pushvote_verdict(&v, set->quorum) != PUSHVOTE_DURABLE) {
		pushvote_explain(e, &v, names, set->n, set->quorum);
		return (-1);
	}
	for (i = 0; i < set->n; i++)
		if (why[i].kind != ERR_NONE)
			tool_note(t->p->program, "%s: repository %s: %s",
			    f->name, names[i], why[i].msg);
	return (0);
}

int
pushself_file(const struct pushself *p, struct err *e)
{
	const int		 several = p->set->n > 1;
	struct trip		 t = { .p = p };
	struct walpush_file	 f = {
		.name = path_base(p->path),
		.fd = -1,
		.codec = choose_codec(p),
		.wal_segment_size = p->cluster->wal_segment_size,
		.begun = begun,
		.meanwhile = meanwhile,
		.sealed = several ? sealed : NULL,
		.made = several ? made : NULL,
		.found = t.repository,
		.arg = &t
	};
	struct key		*key = NULL;
	int			 rc = -1;

	/* Non-blocking: the path may be a FIFO, which would hang here. */
	f.fd = open(p->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (f.fd == -1)
		return (err_sys(e, ERR_LOCAL, "open %s", p->path));
	if (role_key(&key, p->set->conf, KEY_PUSH, e))
		goto out;
	t.key = key;
	rc = several ? visit_all(&t, &f, e) : visit(&t, &f, p->set->conf, e);
out:
	sealed_free(t.sealed);
	key_free(key);
	(void)close(f.fd);		/* read only: nothing to lose */
	return (rc);
}
