/* SPDX-License-Identifier: ISC */
#ifndef CHECK_CHECKREPORT_H
#define CHECK_CHECKREPORT_H

#include <stddef.h>
#include <stdint.h>

#include "check/checklist.h"
#include "plan/health.h"

/*
 * What the checks of one server found in one of its repositories: one line for
 * each check that was run.
 * A check that found nothing wrong has no cure.
 */
#define CHECKREPORT_TEXT	640
#define CHECKREPORT_CURE	320
#define CHECKREPORT_SERVER	64

struct checkreport_line {
	int		 done;		/* the check was run */
	enum health	 health;
	int		 known;		/* there is a figure: */
	uint64_t	 figure;	/* in the unit of the check */
	char		 found[CHECKREPORT_TEXT];	/* printable */
	char		 cure[CHECKREPORT_CURE];	/* ""; printable */
};

struct checkreport {
	char		 server[CHECKREPORT_SERVER];
	char		 repository[CHECKREPORT_SERVER];	/* its name;
					 * "": it has none */
	uint64_t	 system_id;	/* of the cluster; 0: not known */
	/* The thresholds that were used, borrowed; as checklist_id. */
	const struct health_limits *limits;
	struct checkreport_line line[CHECKLIST_CHECKS];
};

/*
 * Set the result of a check.  A later call replaces it.  The texts are cut
 * where they are too long, and what is not printable in them becomes '?'.
 */
void	 checkreport_set(struct checkreport *, enum checklist_id, enum health,
	    const char *fmt, ...)
	    __attribute__((format(printf, 4, 5), nonnull));

/* The same by a figure: its threshold decides. */
void	 checkreport_figure(struct checkreport *, enum checklist_id,
	    uint64_t figure, const char *fmt, ...)
	    __attribute__((format(printf, 4, 5), nonnull));

/* Add a figure to a result that it does not decide. */
void	 checkreport_add_figure(struct checkreport *, enum checklist_id,
	    uint64_t figure) __attribute__((nonnull));

/*
 * Say what to do.  To be called after the result was set, whatever it is: a
 * check that is ok or unknown keeps no cure.
 */
void	 checkreport_cure(struct checkreport *, enum checklist_id,
	    const char *fmt, ...)
	    __attribute__((format(printf, 3, 4), nonnull));

/* "12.5 GiB", "900 bytes"; returns "buf". */
#define CHECKREPORT_BYTES	32
const char *checkreport_bytes(char buf[CHECKREPORT_BYTES], uint64_t bytes);

/* The most severe status of all; HEALTH_UNKNOWN if nothing is known. */
enum health checkreport_worst(const struct checkreport *)
	    __attribute__((nonnull));

#endif /* CHECK_CHECKREPORT_H */
