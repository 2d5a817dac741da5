/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOWEXPIRE_H
#define SHOW_SHOWEXPIRE_H

#include <stdio.h>

#include "base/jval.h"
#include "catalogue/catalogue.h"
#include "catalogue/window.h"
#include "expire/expire.h"
#include "plan/retention.h"
#include "plan/younglines.h"
#include "repo/archive.h"

/*
 * The listing of backup-expire: what was kept and deleted of one cluster, and
 * why.  All is borrowed but the two windows.
 */
struct showexpire {
	const struct archive	*archive;	/* server, system identifier */
	const struct catalogue	*cat;		/* from before */
	const struct retention_plan *plan;	/* for its labels */
	const struct rollbackcheck *seen;	/* what is gone; NULL: not
						   asked */
	const struct younglines	*young;		/* NULL: not asked */
	struct expire_result	 result;
	struct window		 before, after;	/* the deletion; owned */
	int			 dry;		/* would be deleted */
	int64_t			 now_us;	/* this host's clock, if dry */
	int			 chosen;	/* backups were named, so the
						   price is of interest: points
						   that cannot be reached any
						   more */
	uint32_t		 timeline;	/* was deleted; 0: none */
	uint32_t		 latest;	/* then */
};

/*
 * Fill in the windows from "cat" and "plan"; they stay empty if a timeline was
 * deleted, since "cat" still has it.  A backup that its pin alone
 * keeps has no WAL that leads on from it any more, so it counts as deleted.
 * Release them with showexpire_fini(), in any case.
 */
int	 showexpire_windows(struct showexpire *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 showexpire_fini(struct showexpire *) __attribute__((nonnull));

/* Whether there is a finding, so that the exit status says so. */
int	 showexpire_findings(const struct showexpire *)
	    __attribute__((nonnull));

/* Append it to "list" as an object; if that is NULL, print it for people. */
int	 showexpire_show(FILE *out, struct jval *list,
	    const struct showexpire *, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 3, 4)));

/*
 * Report on standard error that the refused label of backup "id" was set
 * aside as "path"; or would be, if that is NULL.
 */
void	 showexpire_aside(const char *id, const char *why, const char *path)
	    __attribute__((nonnull(1, 2)));

/* The same of the refused history file of a timeline. */
void	 showexpire_history(uint32_t tli, const char *why, const char *path)
	    __attribute__((nonnull(2)));

/* For the struct expire_conf; "arg" is the struct progress. */
void	 showexpire_progress(void *arg, uint64_t done, uint64_t total)
	    __attribute__((nonnull));

/* One backup that was pinned, or released: PIN_NONE. */
struct showexpire_pin {
	const struct archive	*archive;	/* server, system identifier */
	const char		*id;		/* of the backup */
	struct pin		 pin;		/* now */
	int			 dry;		/* would be */
};

/* The same for it: an object, or a line. */
int	 showexpire_pin(FILE *out, struct jval *list,
	    const struct showexpire_pin *, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 3, 4)));

#endif /* SHOW_SHOWEXPIRE_H */
