/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOWLIST_H
#define SHOW_SHOWLIST_H

#include "catalogue/catalogue.h"
#include "catalogue/rollbackcheck.h"
#include "catalogue/window.h"
#include "repo/archive.h"
#include "show/show.h"
#include "show/showkeep.h"

/*
 * What backup-list knows of one cluster: its backups, to which points they
 * can be recovered, which expiry keeps, and what is wrong.  listtext.h and
 * listjson.h print it.  Where nothing else is said, it is borrowed.
 */
struct showlist_conf {
	int64_t		 now_us;	/* ages count from there */
	int		 local;		/* text has times of this host's zone */
	const struct expire_conf *expire;	/* see showkeep_make() */
};

struct showlist {
	const struct archive	*archive;	/* server, system identifier */
	const struct catalogue	*cat;
	const struct window	*window;	/* of that catalogue */
	struct show_reach	 reach;		/* its end; if window->any */
	struct show_reach	*line;		/* owned; as window->lines:
						 * their ends, where they are
						 * not shared */
	const struct rollbackcheck *seen;	/* what is gone; NULL: not
						 * asked */
	const struct showlist_conf *conf;
	struct showkeep		 keep;		/* owned */
};

/*
 * Begin it: ask what expiry would do.  Fails as showkeep_make() does.  Call
 * showlist_fini() in any case.
 */
int	 showlist_begin(struct showlist *, struct archive *,
	    const struct catalogue *, const struct showlist_conf *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Fill in the rest, with the window of that catalogue, which is made by
 * showkeep_evidence(): ask the repository when the ends of the windows were
 * archived, and what was streamed behind them.  ERR_LOCAL, or fails as
 * catalogue_archived() and streamed_find() do.
 */
int	 showlist_make(struct showlist *, struct archive *,
	    const struct window *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 showlist_fini(struct showlist *) __attribute__((nonnull));

/*
 * What is wrong, each kind with how often: "gap", 2.  Returns how many kinds
 * were found; 0 means that all is well.
 */
struct showlist_problem {
	const char	*what;		/* in the singular */
	size_t		 n;		/* at least 1 */
};
#define SHOWLIST_PROBLEMS	7
size_t	 showlist_problems(const struct showlist *,
	    struct showlist_problem v[SHOWLIST_PROBLEMS])
	    __attribute__((nonnull));

/* The backup that ended last; NULL if there is none. */
const struct label *showlist_newest(const struct showlist *)
	    __attribute__((nonnull));

#endif /* SHOW_SHOWLIST_H */
