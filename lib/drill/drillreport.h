/* SPDX-License-Identifier: ISC */
#ifndef DRILL_DRILLREPORT_H
#define DRILL_DRILLREPORT_H

#include <stdint.h>

#include "base/err.h"
#include "drill/drilllog.h"
#include "repo/layout.h"

/*
 * What a drill found.  The manual page backup-drill(1) says what each check
 * looks at.  Pure.
 */
enum drillreport_check {
	DRILLREPORT_RESTORED,	/* every file came back, authentic */
	DRILLREPORT_OPEN,	/* the server replayed WAL and opened */
	DRILLREPORT_TARGET,	/* it stopped where it was to stop */
	DRILLREPORT_WRITE,	/* it accepted a write */
	DRILLREPORT_INSIDE,	/* no tablespace lies outside */
	DRILLREPORT_AMCHECK,
	DRILLREPORT_DUMP,
	DRILLREPORT_SQL,
	DRILLREPORT_ROWS,
	DRILLREPORT_PAGES,
	DRILLREPORT_RPO,
	DRILLREPORT_RTO,
	DRILLREPORT_SELF,	/* --self-test */
	DRILLREPORT_CHECKS
};

enum drillreport_verdict {
	DRILLREPORT_UNASKED,
	DRILLREPORT_OK,
	DRILLREPORT_SKIPPED,	/* it was asked for and could not be made */
	DRILLREPORT_FAILED
};

/* How long it took, in milliseconds. */
enum drillreport_phase {
	DRILLREPORT_PLAN,
	DRILLREPORT_FETCH,
	DRILLREPORT_REPLAY,	/* from the server's start until it was open */
	DRILLREPORT_FIRST_WRITE,
	DRILLREPORT_CHECKING,
	DRILLREPORT_PHASES
};

#define DRILLREPORT_TEXT	512
#define DRILLREPORT_NONE	UINT64_MAX	/* not measured, no limit */

struct drillreport_line {
	enum drillreport_verdict verdict;
	char	 found[DRILLREPORT_TEXT];	/* printable */
};

struct drillreport {
	struct drillreport_line	 line[DRILLREPORT_CHECKS];
	uint64_t		 ms[DRILLREPORT_PHASES];
	uint64_t		 rpo_ms, rto_ms;	/* or NONE */
	const char		*rpo_against;	/* drillprimary.h; NULL: none */
	uint64_t		 rpo_limit_ms, rto_limit_ms;	/* the same */
	uint64_t		 files, bytes;		/* restored */
	uint64_t		 later;			/* paths of tablespaces
							 * that were covered */
	uint64_t		 lsn;			/* replayed to; 0 */
	int64_t			 commit_us;		/* last; 0: none */
	unsigned		 postgresql;		/* that ran; 0: none */
	char			 settings[DRILLREPORT_TEXT]; /* left out */
	struct drilllog		 log;
};

/* Nothing is asked for, and nothing is known. */
void	 drillreport_init(struct drillreport *) __attribute__((nonnull));

/*
 * Set a line; the text is made printable.  A worse verdict is not overwritten,
 * nor is the first failure.
 */
void	 drillreport_set(struct drillreport *, enum drillreport_check,
	    enum drillreport_verdict, const char *fmt, ...)
	    __attribute__((format(printf, 4, 5), nonnull));

/* "restored", "pages", ...; "ok", "skipped", ...; "plan", "fetch", ... */
const char *drillreport_check_name(enum drillreport_check);
const char *drillreport_verdict_name(enum drillreport_verdict);
const char *drillreport_phase_name(enum drillreport_phase);

/*
 * Compare the figures with their limits: lines RPO and RTO.  A figure that
 * has a limit and was not measured is skipped.
 */
void	 drillreport_limits(struct drillreport *) __attribute__((nonnull));

/*
 * The verdict of all: failed if anything failed; skipped ("incomplete") if
 * anything that was asked for could not be checked, or if it never came to
 * what every drill checks; else ok ("passed").
 */
enum drillreport_verdict drillreport_all(const struct drillreport *)
	    __attribute__((nonnull));

/* The one sentence of it: the first line of that verdict. */
const char *drillreport_found(const struct drillreport *)
	    __attribute__((nonnull));

#endif /* DRILL_DRILLREPORT_H */
