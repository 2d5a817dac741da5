/* SPDX-License-Identifier: ISC */
/*
 * Give one object its name on an SFTP server, and make that durable.
 *
 * The name is requested only when the answers prove that the file is whole
 * and on the disk: every write, the fsync, the size, the close.  Otherwise a
 * crash could leave a name with nothing behind it.  It is given by a hard
 * link, which never replaces; where there are none by RENAME of version 3,
 * which may not replace either, and is seen not to (sftp_rename.h).
 *
 * What a crash leaves: before the link, a temporary file.  After it, the
 * object under both names; it is whole, but its name may be lost again until
 * the directories are fsynced, and success is reported only then.  A retry
 * finds the name taken and compares the content.
 */
#include <assert.h>

#include "store/sftp_publish.h"
#include "store/sftp_rename.h"

/* Wait for an answer, and describe a refusal. */
static int
went_well(struct sftp_put *p, struct ask *a, const char *verb,
    struct err *e)
{
	if (a->r == NULL)	/* not requested: the server has no fsync */
		return (0);
	if (ask_wait(a, e))
		return (-1);
	if (a->status.code != WIRE_OK)
		return (sftp_server_fail(p->c, verb, p->path, &a->status, e));
	return (0);
}

/*
 * Whether everything arrived.  The size is asked for since a quota or a
 * server's bug may cut a file whose every write was acknowledged.
 */
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

/*
 * Request the fsync of the directories, and look at the name: a server may
 * say that it made a link which it did not make.  The failure of the requests
 * is kept aside: if the name was not given, the reason for that counts for
 * more.
 */
static void
sync_dirs(struct sftp_put *p)
{
	p->syncing = 1;
	p->unsynced_rc = ask_path(p->c->r, WIRE_STAT, p->path, &p->proof,
	    &p->unsynced) || dirsync_send(p->dirs, &p->unsynced) ? -1 : 0;
}

/* Whether the object is there under its name, as the server has said. */
static int
proved(struct sftp_put *p, struct err *e)
{
	const struct wire_attrs	*a = &p->proof.attrs;

	if (ask_wait(&p->proof, e))
		return (-1);
	if (p->proof.status.code == WIRE_NO_SUCH_FILE)
		return (err_set(e, ERR_REMOTE, "%s: the SFTP server of %s "
		    "reported success, but did not give the file this name; "
		    "it cannot hold a repository", p->path, p->c->host));
	if (p->proof.status.code != WIRE_OK)
		return (sftp_server_fail(p->c, "stat", p->path,
		    &p->proof.status, e));
	if (!a->has_size || a->size != p->off)
		return (err_set(e, ERR_REMOTE, "%s: %ju bytes on %s, expected"
		    " %ju", p->path, (uintmax_t)a->size, p->c->host,
		    (uintmax_t)p->off));
	return (0);
}

/*
 * Request the name.  If the server keeps our order the look at the name and
 * the fsync of the directories follow at once, and all cost one round trip;
 * otherwise they might come before the name, and prove nothing.
 */
static int
ask_name(struct sftp_put *p, struct err *e)
{
	struct requests	*r = p->c->r;

	p->linked = p->c->can.hardlink;
	if (!p->linked && sftp_rename_proved(p->c, e))
		return (-1);
	if (p->linked ? ask_link(r, p->tmp, p->path, &p->named, e) :
	    ask_rename(r, p->tmp, p->path, &p->named, e))
		return (-1);
	p->stage = SFTP_PUT_NAMING;
	if (p->c->in_order)
		sync_dirs(p);
	return (0);
}

/* Ask for the name once more. */
static int
name_again(struct sftp_put *p, struct err *e)
{
	p->syncing = 0;
	err_clear(&p->unsynced);
	synceddirs_clear(&p->c->base.synced);
	dirsync_free(p->dirs);
	p->dirs = NULL;
	p->stage = SFTP_PUT_ENDED;
	if (sftp_server_mkdirs(p->c, p->path, e))
		return (-1);
	return (dirsync_open(&p->dirs, p->c, p->path, e));
}

/*
 * The name's directory is missing: expiry removed it since it was made, or
 * the server made it too late.  Make it again and repeat, but only once: an
 * expiry that runs just now must not keep us here for ever.
 */
static int
no_directory(struct sftp_put *p, struct err *e)
{
	if (p->again)
		return (sftp_server_fail(p->c, "publish", p->path,
		    &p->named.status, e));
	p->again = 1;
	return (name_again(p, e));
}

/*
 * Find out why the name was not given.  SFTP has no status for "exists", so
 * look.  That the name is taken is reported only now, after its directories
 * were fsynced: the caller may rely on the object that has it.
 *
 * A server that knows hard links may have a file system that does not; Linux
 * says EPERM then.  If RENAME will do, this connection asks for no more links.
 */
static int
not_named(struct sftp_put *p, const struct wire_status *st, struct err *e)
{
	struct err	 unused = ERR_INIT;
	int		 r;

	if ((r = sftp_server_exists(p->c, p->path, e)) == -1)
		return (-1);
	if (r == 0)
		return (err_set(e, ERR_CONFLICT, "%s exists already on %s",
		    p->path, p->c->host));
	if (!p->linked || (st->code != WIRE_PERMISSION_DENIED &&
	    st->code != WIRE_OP_UNSUPPORTED) ||
	    sftp_rename_proved(p->c, &unused))
		return (sftp_server_fail(p->c, "publish", p->path, st, e));
	p->c->can.hardlink = 0;
	return (name_again(p, e));
}

/*
 * Judge the answers to the name and to the fsyncs.  A missing directory comes
 * first, since then the fsyncs failed for that reason alone.
 */
static int
named(struct sftp_put *p, struct err *e)
{
	struct err	 late = ERR_INIT;

	if (ask_wait(&p->named, e))
		return (-1);
	if (p->named.status.code == WIRE_NO_SUCH_FILE)
		return (no_directory(p, e));
	/* A rename leaves no temporary name. */
	if (p->named.status.code == WIRE_OK && !p->linked)
		p->there = 0;
	if (p->unsynced_rc == -1 || dirsync_check(p->dirs, &p->unsynced))
		return (err_set(e, p->unsynced.kind, "%s", p->unsynced.msg));
	if (p->named.status.code != WIRE_OK)
		return (not_named(p, &p->named.status, e));
	if (proved(p, e))
		return (-1);
	p->stage = SFTP_PUT_DONE;
	/*
	 * The object is durable under its name.  So it is no error if an
	 * append-only server refuses to remove the temporary name, or if the
	 * connection is lost from here on.
	 */
	if (p->there && ask_path(p->c->r, WIRE_REMOVE, p->tmp, NULL,
	    &late) == 0)
		p->there = 0;
	return (0);
}

/*
 * Whether an answer that the next step needs is still to come.  On a lost
 * connection none is: the step then runs into the error and reports it.
 */
static int
pending(const struct sftp_put *p)
{
	if (p->stage == SFTP_PUT_NAMING)
		return (ask_pending(&p->named) || ask_pending(&p->proof) ||
		    dirsync_pending(p->dirs));
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
