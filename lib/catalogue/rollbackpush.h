/* SPDX-License-Identifier: ISC */
#ifndef CATALOGUE_ROLLBACKPUSH_H
#define CATALOGUE_ROLLBACKPUSH_H

#include "backup/label.h"
#include "pg/walname.h"
#include "repo/archive.h"

/*
 * The memory against rollback (rollbackcheck.h) for programs that push, which
 * cannot afford to list the repository each time.  They ask for the objects
 * that are remembered by name: while these stand nothing was set back.  Only if
 * one is gone is the repository listed, to tell a rollback from expiry.
 *
 *	rollbackpush_ask(&p, archive, state_dir);
 *	... store something over the same connection, and meanwhile ...
 *	rollbackpush_meanwhile(p);
 *	rollbackpush_answer(p, &news);
 *
 * The questions need no round trip of their own if what is stored needs two
 * behind the call in the middle, which sends the second half of them.  Nothing
 * here fails: what cannot be asked or remembered is left for the next time.
 */
struct rollbackpush;

/* What was stored meanwhile, and is durable; borrowed. */
struct rollbackpush_news {
	const char	(*segment)[WALNAME_TEXT];	/* of any timelines */
	size_t		 n;
	const struct label *label;	/* a backup; NULL: none */
	/*
	 * Called with a line for the log for each finding, and on what is
	 * wrong with the memory.  A finding that was reported through here is
	 * not reported again before all stands once more, not even by another
	 * process; unless "again" is set.  May be NULL.
	 */
	void		(*note)(void *arg, const char *text);
	void		*arg;
	int		 again;	/* always report, and leave it to be reported
				 * by others */
};

/* *out becomes NULL if this host remembers no repository. */
void	 rollbackpush_ask(struct rollbackpush **out, struct archive *,
	    const char *state_dir) __attribute__((nonnull));

/* Take answers that have come, without waiting.  NULL is fine. */
void	 rollbackpush_meanwhile(struct rollbackpush *p);

/*
 * Take the answers.  If all stands, remember the news, too.  "p" is released;
 * NULL is fine.
 */
void	 rollbackpush_answer(struct rollbackpush *p,
	    const struct rollbackpush_news *) __attribute__((nonnull(2)));

/* Release it without asking further. */
void	 rollbackpush_free(struct rollbackpush *p);

#endif /* CATALOGUE_ROLLBACKPUSH_H */
