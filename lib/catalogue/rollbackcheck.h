/* SPDX-License-Identifier: ISC */
#ifndef CATALOGUE_ROLLBACKCHECK_H
#define CATALOGUE_ROLLBACKCHECK_H

#include "catalogue/catalogue.h"
#include "repo/layout.h"

/*
 * Compare what this host has seen of a repository (seenfile.h) with what
 * stands there now (plan/rollback.h), and remember what stands.
 *
 * The memory is a help and never in the way.  One that is missing or cannot
 * be read begins anew, and one that cannot be written is forgotten; neither is
 * a failure, but "note" says so.  Where there is no state folder nothing is
 * remembered and nothing said.
 */
#define ROLLBACKCHECK_MAX	4	/* findings; more say nothing new */
#define ROLLBACKCHECK_TEXT	512

/* The note on a memory that is full, with ROLLBACK_LINES. */
#define ROLLBACKCHECK_FULL	"the repository has more timelines than the " \
	    "%d that this host remembers, so one of them was forgotten; " \
	    "delete those that nobody needs with backup-expire " \
	    "--delete-timeline"

struct rollbackcheck_finding {
	char		 object[LAYOUT_PATH];	/* the path of what is gone */
	char		 found[ROLLBACKCHECK_TEXT];
};

struct rollbackcheck {
	struct rollbackcheck_finding v[ROLLBACKCHECK_MAX];
	size_t		 n;		/* 0: not set back, as far as known */
	char		 means[ROLLBACKCHECK_TEXT + PATH_MAX];	/* and what
						 * to do; "" if n is 0 */
	char		 note[ERR_MSGMAX];	/* on the memory itself; "" */
};

/*
 * Compare.  "learn": if nothing is found, remember what stands.  The memory of
 * a finding stays, so that it is reported until a person removes the file.
 *
 * "cat" may have been loaded while other programs pushed and expired.  So
 * before anything is reported the repository is listed once more, and only
 * what both listings lack is a finding.  Fails as catalogue_load() does then.
 */
int	 rollbackcheck_run(struct rollbackcheck *, struct archive *,
	    const struct catalogue *cat, const char *state_dir, int learn,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * For a caller that has deleted what no policy deletes: list the repository,
 * and remember what stands, whatever was remembered.  Fails as
 * catalogue_load() does.
 */
int	 rollbackcheck_accept(struct archive *, const char *state_dir,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * For a caller that has taken the label of backup "id" away, which readers
 * refused: forget that it was seen, and nothing else.  "repository" is the id
 * in the marker.  If the memory cannot be written the label will be missed.
 */
void	 rollbackcheck_forget(const struct archive *,
	    const uint8_t *repository, const char *state_dir, const char *id)
	    __attribute__((nonnull));

/* A finding as one line; returns "buf". */
#define ROLLBACKCHECK_LINE	(LAYOUT_PATH + ROLLBACKCHECK_TEXT + 8)
const char *rollbackcheck_line(char buf[ROLLBACKCHECK_LINE],
	    const struct rollbackcheck_finding *);

#endif /* CATALOGUE_ROLLBACKCHECK_H */
