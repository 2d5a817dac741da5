/* SPDX-License-Identifier: ISC */
/* Give one object its name on an SFTP server, and make that durable. */
#include <assert.h>

#include "store/sftp_publish.h"

static int
went_well(struct sftp_put *p, struct ask *a, const char *verb,
    struct err *e)
{
	if (a->r == NULL)
		return (0);
	if (ask_wait(a, e))
		return (-1);
	if (a->status.code != WIRE_OK)
		return (sftp_server_fail(p->c, verb, p->path, &a->status, e));
	return (0);
}

static int
complete(struct sftp_put *p, struct err *e)
{
	if (sftp_put_written(p, e) || sftp_put_refused(p, e) ||
	    went_well(p, &p->sync, "fsync", e) ||
	    went_well(p, &p->stat, "stat", e) ||
	    went_well(p, &p->close, "close", e))
		return (-1);
	if (!p->stat.attrs.has_size || p->stat.attrs.size != p->off)
		return (err_set(e, ERR_REMOTE, "%s: %ju bytes on %s, expected"
		    " %ju", p->tmp, (uintmax_t)p->stat.attrs.size, p->c->host,
		    (uintmax_t)p->off));
	return (0);
}

/* Why the name was not given. */
static int
not_named(struct sftp_put *p, const struct wire_status *st, struct err *e)
{
	int	 r;

	if ((r = sftp_server_exists(p->c, p->path, e)) == -1)
		return (-1);
	if (r == 0)
		return (err_set(e, ERR_CONFLICT, "%s exists already on %s",
		    p->path, p->c->host));
	return (sftp_server_fail(p->c, "publish", p->path, st, e));
}

/* Why a name could not be given counts for more than a failure of this. */
static void
sync_dirs(struct sftp_put *p)
{
	p->syncing = 1;
	p->unsynced_rc = dirsync_send(p->dirs, &p->unsynced);
}

/*
 * Everything is on the disk: give the name.  Where the server keeps our
 * order the fsync of its directory follows at once.
 */
static int
ask_name(struct sftp_put *p, struct err *e)
{
	struct requests	*r = p->c->r;

	if (p->c->can.hardlink ?
	    ask_link(r, p->tmp, p->path, &p->named, e) :
	    ask_rename(r, p->tmp, p->path, &p->named, e))
		return (-1);
	p->stage = SFTP_PUT_NAMING;
	if (p->c->in_order)
		sync_dirs(p);
	return (0);
}

/* Its directory was removed meanwhile, or made too late: once more. */
static int
name_again(struct sftp_put *p, struct err *e)
{
	if (p->again)
		return (sftp_server_fail(p->c, "publish", p->path,
		    &p->named.status, e));
	p->again = 1;
	p->syncing = 0;
	err_clear(&p->unsynced);
	synceddirs_clear(&p->c->base.settled);
	dirsync_free(p->dirs);
	p->dirs = NULL;
	p->stage = SFTP_PUT_ENDED;
	if (sftp_server_mkdirs(p->c, p->path, e))
		return (-1);
	return (dirsync_open(&p->dirs, p->c, p->path, e));
}

/* The name was given, or not, and the directories are on the disk, or not. */
static int
named(struct sftp_put *p, struct err *e)
{
	struct err	 late = ERR_INIT;

	if (ask_wait(&p->named, e))
		return (-1);
	if (p->named.status.code == WIRE_NO_SUCH_FILE)
		return (name_again(p, e));
	if (p->named.status.code == WIRE_OK && !p->c->can.hardlink)
		p->there = 0;
	if (p->unsynced_rc == -1 || dirsync_check(p->dirs, &p->unsynced))
		return (err_set(e, p->unsynced.kind, "%s", p->unsynced.msg));
	if (p->named.status.code != WIRE_OK)
		return (not_named(p, &p->named.status, e));
	p->stage = SFTP_PUT_DONE;
	/*
	 * A refusal is no error, and neither is a connection lost from here
	 * on: the object is durable under its name.
	 */
	if (p->there && ask_path(p->c->r, WIRE_REMOVE, p->tmp, NULL,
	    &late) == 0)
		p->there = 0;
	return (0);
}

/* Whether an answer that the next step needs is still to come. */
static int
pending(const struct sftp_put *p)
{
	if (p->stage == SFTP_PUT_NAMING)
		return (ask_pending(&p->named) || dirsync_pending(p->dirs));
	return ((p->writing > 0 && !request_broken(p->c->r)) ||
	    ask_pending(&p->sync) || ask_pending(&p->stat) ||
	    ask_pending(&p->close) || dirsync_pending(p->dirs));
}

int
sftp_publish_step(struct store_put *base, struct err *e)
{
	struct sftp_put	*p = (struct sftp_put *)base;

	/* store_put_end() comes first. */
	assert(p->stage != SFTP_PUT_WRITING);
	while (p->stage != SFTP_PUT_DONE) {
		if (pending(p))
			return (1);
		if (p->stage == SFTP_PUT_ENDED) {
			if (complete(p, e) || ask_name(p, e))
				return (-1);
		} else if (!p->syncing)
			sync_dirs(p);
		else if (named(p, e))
			return (-1);
	}
	return (0);
}

int
sftp_publish_named(const struct store_put *base)
{
	const struct sftp_put	*p = (const struct sftp_put *)base;

	return (p->stage >= SFTP_PUT_NAMING && p->c->in_order);
}
