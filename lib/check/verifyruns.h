/* SPDX-License-Identifier: ISC */
#ifndef CHECK_VERIFYRUNS_H
#define CHECK_VERIFYRUNS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "repo/layout.h"
#include "verify/verify_conf.h"

/*
 * What backup-verify found in its latest runs for a server, for backup-check.
 * It is the file STATE_DIR/SERVER/verified: JSON, an object of "version" (1)
 * and "runs", a list of objects with the members below; "depth" is a word, an
 * empty "backup" is null.  It is no part of a repository, and may be lost at
 * any time.
 */
#define VERIFYRUNS_MOST	16
#define VERIFYRUNS_TEXT	256

struct verifyrun {
	int64_t		 at_us;		/* when it ended, by this host's
					 * clock */
	enum verify_depth depth;
	char		 backup[LAYOUT_ID];	/* "": all backups */
	int		 complete;	/* 0: it failed on its way */
	uint64_t	 findings;
	char		 first[VERIFYRUNS_TEXT];	/* of them; printable */
};

struct verifyruns {
	struct verifyrun v[VERIFYRUNS_MOST];	/* the latest last */
	size_t		 n;
};

/*
 * Returns 0; 1 if there is no such file, and *out has no runs; or -1:
 * ERR_LOCAL, or ERR_CORRUPT for a file that is none of ours.
 */
int	 verifyruns_load(struct verifyruns *out, const char *state_dir,
	    const char *server, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Append a run.  If it is complete it takes the place of earlier ones that
 * looked no deeper, at nothing else: what they found is found again, or
 * mended.  If there is no room the oldest one without findings goes, or else
 * the oldest.
 */
void	 verifyruns_add(struct verifyruns *, const struct verifyrun *)
	    __attribute__((nonnull));

/*
 * Add a run to the file, which is replaced in one step.  An earlier one that
 * cannot be read is lost.  A run that failed without a finding says nothing,
 * and is left out.
 */
int	 verifyruns_record(const char *state_dir, const char *server,
	    const struct verifyrun *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* "quick", "signatures", "hashes" or "contents". */
const char *verifyruns_depth(enum verify_depth);

#endif /* CHECK_VERIFYRUNS_H */
