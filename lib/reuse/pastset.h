/* SPDX-License-Identifier: ISC */
#ifndef REUSE_PASTSET_H
#define REUSE_PASTSET_H

#include <stddef.h>
#include <stdint.h>

#include "reuse/pastbackup.h"
#include "reuse/pastlist.h"

/*
 * The lists of files that a push can reuse: journals of pushes that died,
 * the newest first, each followed by its part (journal.h), and last the list
 * of a complete backup, the base.  A file is looked for in this order.
 *
 *	struct pastset	 s = { .n = 0 };
 *
 *	if (pastset_gather(&s, &conf, note, arg, e))
 *		goto out;
 *	for each path, in ascending order
 *		if (pastset_find(&s, path, &list, e) == -1)
 *			goto out;
 *	if (pastset_end(&s, e))
 *		goto out;
 * out:
 *	pastset_free(&s);
 */
#define PASTSET_JOURNALS	6		/* files, parts included */
#define PASTSET_MAX		(PASTSET_JOURNALS + 1)

struct pastset {
	struct pastlist	*list[PASTSET_MAX];	/* owned */
	size_t		 n;
	struct pastbackup_facts past;	/* of the base, if there is one */
	struct err	 why_not;	/* why there is no base; or ERR_NONE */
};

/*
 * Check that conf->base, which is set, can be used as far as that is known
 * before anything is written: that it is in the repository, and that this host
 * has its list, or the key to fetch it with.
 */
int	 pastset_check_base(const struct pastbackup_conf *conf, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Find, authenticate and claim what can be used.  A list that cannot be used
 * is left out.  Why there is no base is in why_not; "note" is called with it,
 * unless there simply is no earlier backup.  The connection must be up.  Fails
 * if the repository does, or if conf->base is set and cannot be used.
 */
int	 pastset_gather(struct pastset *, const struct pastbackup_conf *conf,
	    void (*note)(void *arg, const char *text), void *arg,
	    struct err *) __attribute__((warn_unused_result,
	    nonnull(1, 2, 3, 5)));

/* The list of the complete backup; NULL if there is none. */
const struct pastlist *pastset_base(const struct pastset *);

/* The journal of the last push that died; NULL if there is none. */
const struct pastlist *pastset_resumed(const struct pastset *);

/*
 * Find the first list that has the file, which is then (*out)->now.  Returns
 * 0, 1 if none has it, or -1.  Paths must ascend.
 */
int	 pastset_find(struct pastset *, const char *path,
	    struct pastlist **out, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Find the first file behind the path "after" in any list, in *out as above.
 * Returns 0, 1 if there is none, or -1.  "after" must ascend, from "" on.
 */
int	 pastset_next(struct pastset *, const char *after,
	    struct pastlist **out, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Call it after the last path: pastlist_end() for each list. */
int	 pastset_end(struct pastset *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Remove the files of all journals in the set. */
void	 pastset_remove_journals(struct pastset *);

/* Release the lists; a set of zeros is fine. */
void	 pastset_free(struct pastset *);

#endif /* REUSE_PASTSET_H */
