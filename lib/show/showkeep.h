/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOWKEEP_H
#define SHOW_SHOWKEEP_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/jval.h"
#include "catalogue/catalogue.h"
#include "catalogue/evidence.h"
#include "expire/expire.h"
#include "expire/expire_conf.h"
#include "repo/archive.h"

/*
 * Which backups expiry keeps, why, and until when: asked of expiry itself, so
 * that backup-list and backup-show promise what backup-expire does.  Where the
 * retention policy is not configured, or expiry would refuse to decide,
 * nothing is promised.
 */
struct showkeep {
	const struct catalogue	*cat;		/* borrowed */
	const struct expire_conf *conf;		/* borrowed; NULL: no policy is
						 * configured here */
	struct expire	*x;		/* owned; NULL: not known */
	struct err	 why;		/* why expiry refuses to decide */
	struct lineage_backup *at;	/* owned; as the catalogue's labels */
	struct evidence	 listed;	/* owned; where expiry has none */
};

/*
 * Ask.  With "conf" NULL nothing is asked.  "conf" must be a dry run; it and
 * the catalogue must outlive the result.  Fails as expire_plan() does, but
 * ERR_CORRUPT, which makes expiry refuse, is no failure and stands in "why".
 * Call showkeep_fini() in any case.
 */
int	 showkeep_make(struct showkeep *, struct archive *,
	    const struct catalogue *, const struct expire_conf *conf,
	    struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 3, 5)));
void	 showkeep_fini(struct showkeep *) __attribute__((nonnull));

/*
 * The evidence for the backups, which lives as long as "k": what expiry has
 * gathered; if it was not asked, or refused, what listings show.  Fails as
 * evidence_load() does.  Once.
 */
int	 showkeep_evidence(const struct evidence **out, struct showkeep *k,
	    struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* What is known of one backup. */
struct showkeep_one {
	int		 known;
	int		 keep;		/* expiry would keep it now */
	const char	*why;		/* the planner's reason, borrowed */
	int		 ends;		/* "until_us" is known */
	int64_t		 until_us;	/* it is kept at least so long */
};

struct showkeep_one showkeep_get(const struct showkeep *, size_t label)
	    __attribute__((nonnull));

/*
 * For people: "until TIME: why", "why", "no: why", or "-" where it is not
 * known.  With "local" the time is this host's.  Returns "buf".
 */
#define SHOWKEEP_TEXT	320
const char *showkeep_text(char buf[SHOWKEEP_TEXT], const struct showkeep *,
	    size_t label, int local) __attribute__((nonnull));

/*
 * The member "keep": null where it is not known, else an object with "keep",
 * "why" and "until", which is null if the end depends on backups to come.
 */
int	 showkeep_json(struct jval *to, const struct showkeep *, size_t label,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * The members "retention_policy", null where none is configured, and
 * "retention_problem": why expiry refuses to decide, or null.
 */
int	 showkeep_json_policy(struct jval *to, const struct showkeep *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* SHOW_SHOWKEEP_H */
