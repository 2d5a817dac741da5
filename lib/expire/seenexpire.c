/* SPDX-License-Identifier: ISC */
/* Expiry in a repository that may have been set back. */
#include "expire/seenexpire.h"

static int
by_name(const struct expire *x)
{
	return (x->conf->ngone > 0 || x->conf->timeline != 0);
}

int
seenexpire_look(struct expire *x, struct archive *a, struct err *e)
{
	char	 line[ROLLBACKCHECK_LINE];

	if (x->conf->state_dir == NULL)
		return (0);
	if (rollbackcheck_run(&x->seen, a, x->cat, x->conf->state_dir,
	    !x->conf->dry && !by_name(x), e))
		return (-1);
	if (x->seen.n == 0 || !by_name(x))
		return (0);
	return (err_set(e, ERR_USAGE, "%.400s; nothing is deleted; %.400s",
	    rollbackcheck_line(line, &x->seen.v[0]), x->seen.means));
}

/*
 * What a policy has deleted is no loss, and what was remembered before may be
 * among it: the last WAL of a timeline that was left.  As long as that is
 * remembered, whoever adds a label in front of it makes it missed.
 */
static void
learn_again(const struct expire *x, struct archive *a, struct err *e)
{
	struct rollbackcheck	 found;		/* the next run reports it */
	struct catalogue	*cat = NULL;

	if (catalogue_load(&cat, a, e) == 0 && rollbackcheck_run(&found, a,
	    cat, x->conf->state_dir, 1, e))
		err_clear(e);
	catalogue_free(cat);
}

/*
 * A policy never deletes the newest backup, nor WAL that one leads to; a person
 * may.  What was deleted here must not be missed by the next run.  If this is
 * interrupted before, it will be, and the person who did it knows why.
 */
void
seenexpire_done(const struct expire *x, struct archive *a, int deleted)
{
	struct err	 unused = ERR_INIT;

	if (x->conf->dry || x->conf->state_dir == NULL)
		return;
	if (by_name(x)) {
		if (rollbackcheck_accept(a, x->conf->state_dir, &unused))
			err_clear(&unused);	/* all that was asked is done */
	} else if (deleted)
		learn_again(x, a, &unused);
}
