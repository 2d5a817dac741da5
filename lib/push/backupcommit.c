/* SPDX-License-Identifier: ISC */
/*
 * The end of a push.  The label is the last to be published: after the
 * manifest that it names, after the WAL without which the backup cannot be
 * restored, and after a look whether the packs of earlier backups that it
 * refers to are still there.  A crash before that leaves no backup.
 *
 * What this host keeps changes only after the label, in an order that loses
 * nothing: the new list first, then this push's journal, then those of dead
 * ones.  A crash in between leaves the journal of a push whose backup exists.
 * The next push reuses it like that of one that died, which does no harm.
 */
#include <stdio.h>

#include "push/backupcommit.h"
#include "push/manifestpush.h"
#include "push/walwait.h"

/*
 * Keep the list of files for the next push.  That one can do without it, so
 * no failure here fails the backup.
 */
static void
keep_list(const struct backupcommit *c, struct lastmanifest_writer *copy,
    struct err *why)
{
	char	 text[ERR_MSGMAX + 128];

	if (copy != NULL &&
	    manifestpush_keep(copy, c->facts, c->label, why) == 0)
		return;
	(void)snprintf(text, sizeof(text), "the list of files cannot be kept "
	    "on this host, so the next push will store everything again: %s",
	    why->msg);
	c->note(c->arg, text);
}

int
backupcommit_run(const struct backupcommit *c, struct err *e)
{
	const struct walwait		 wait = { .warm = c->warm,
	    .label = c->label, .ms = c->wal_wait_ms, .session = c->session,
	    .dir = c->dir, .fill = c->fill, .received = c->received,
	    .note = c->note, .tick = c->tick, .arg = c->arg };
	struct lastmanifest_writer	*copy = NULL;
	struct err			 why = ERR_INIT;
	int				 rc = -1;

	if (manifestpush_run(&copy, &why, c->warm, c->spool, c->label,
	    c->state_dir, c->last_pack, e) ||
	    walwait_run(&wait, e) ||
	    connection_up(c->warm, e) ||
	    reuse_still(c->reuse, e) ||
	    label_publish(c->label, c->warm->a, e))
		goto out;
	keep_list(c, copy, &why);
	manifestspool_done(c->spool);
	reuse_done(c->reuse);
	rc = 0;
out:
	lastmanifest_writer_free(copy);
	return (rc);
}
