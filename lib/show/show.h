/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOW_H
#define SHOW_SHOW_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/jval.h"
#include "catalogue/catalogue.h"
#include "catalogue/pin.h"
#include "catalogue/rollbackcheck.h"
#include "catalogue/streamed.h"
#include "catalogue/window.h"
#include "pg/walname.h"
#include "plan/coverage.h"
#include "repo/archive.h"

/*
 * What the listings have in common.  A listing has two forms: text for people,
 * written to "out", and JSON for scripts, added as members to the object "to".
 * JSON keys never change their name or meaning; text may.
 *
 * Nothing checks writes to "out": program_main() does that once at the end.
 * Functions that build JSON fail with ERR_LOCAL if memory is short or a text
 * is not UTF-8.
 */

/* Write a segment's name into "buf" and return it. */
const char *show_segment(char buf[WALNAME_TEXT], uint32_t tli,
	    uint64_t segno, uint32_t segsize);

/* Write a point in time, cut to seconds, into "buf" and return it. */
const char *show_moment(char buf[CLOCK_TEXT], int64_t us);

/* The same; with "local" in this host's zone. */
const char *show_time(char buf[CLOCK_TEXT], int64_t us, int local);

/*
 * Write how long something lasts for people, rounded down to two units: "40s",
 * "12m 5s", "5h 12m", "3d 4h"; "-" if it is negative.  Returns "buf".
 */
#define SHOW_SPAN	32
const char *show_span(char buf[SHOW_SPAN], int64_t us);

/*
 * Write "text" into "buf" without control characters and return it: names in
 * a repository may come from a host that is not trusted.
 */
#define SHOW_CLEAN	PATH_MAX
const char *show_clean(char buf[SHOW_CLEAN], const char *text);

/*
 * Write such a text to a page or a picture: without control characters, and so
 * that no browser takes anything in it for markup.
 */
void	 show_markup(FILE *out, const char *text) __attribute__((nonnull));

/*
 * A member, or an item of a list, that is text from outside: bytes that are no
 * UTF-8, as names of files may have them, become '?'.  "text" NULL: null.
 */
int	 show_json_text(struct jval *to, const char *key, const char *text,
	    struct err *) __attribute__((warn_unused_result, nonnull(1, 2, 4)));
int	 show_json_add_text(struct jval *list, const char *text, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* A member that counts files: an object with "files" and "bytes". */
int	 show_json_sum(struct jval *to, const char *key, uint64_t files,
	    uint64_t bytes, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* A member that is a point in time; "us" NULL: null. */
int	 show_json_time(struct jval *to, const char *key, const int64_t *us,
	    struct err *) __attribute__((warn_unused_result, nonnull(1, 2, 4)));

/*
 * The members "schema", "server" and "system_identifier", which every object
 * that a program prints has.  The schema is in the program's manual page, and
 * its number grows if a member changes its meaning or goes.  The identifier is
 * a string, since it has more bits than numbers in JavaScript; 0 becomes null.
 */
#define SHOW_SCHEMA	1
int	 show_json_cluster(struct jval *to, const struct archive *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Gaps in WAL: one line each, or the member "gaps". */
void	 show_gaps(FILE *out, const struct coverage_run *gaps, size_t n,
	    uint32_t segsize);
int	 show_json_gaps(struct jval *to, const struct coverage_run *gaps,
	    size_t n, uint32_t segsize, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 5)));

/* Append what is left out, a backup or a history file, as an object. */
int	 show_json_left_out(struct jval *list, const char *id,
	    const char *why, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The member "refused": labels and history files that are not trusted. */
int	 show_json_refused(struct jval *to, const struct catalogue *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * What this host saw earlier and is gone now: one line each, or the member
 * "gone".  "seen" may be NULL: then there is none.
 */
void	 show_seen(FILE *out, const struct rollbackcheck *seen);
int	 show_json_seen(struct jval *to, const struct rollbackcheck *seen,
	    struct err *) __attribute__((warn_unused_result, nonnull(1, 3)));

/*
 * How far recovery can go: "to WAL ..., LSN ..., archived ..." without a line
 * end, and ", streamed to LSN ..." where more than that was streamed; or the
 * members "to_wal", "to_lsn", "to_archived", "streamed_to_lsn" and
 * "streamed_problem".
 */
struct show_reach {
	const struct coverage	*wal;		/* "any" must be set */
	uint32_t		 segsize;
	int			 timed;		/* archived_us is known */
	int64_t			 archived_us;	/* when "wal" ends */
	uint64_t		 streamed;	/* LSN; 0: no more than "wal" */
	int			 local;		/* print this host's time */
	struct err		 problem;	/* see streamed_find() */
};

/*
 * Fill one in, and ask the repository when the last segment of "wal", which
 * is borrowed, was archived.  Fails as catalogue_archived() does.
 */
int	 show_reach_make(struct show_reach *, const struct coverage *wal,
	    uint32_t segsize, struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Look for what was streamed behind its end along the line of timeline "tli".
 * Fails as streamed_find() does.
 */
int	 show_reach_streamed(struct show_reach *, const struct catalogue *,
	    uint32_t tli, struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* "streamed: ...", a line, if there is a problem. */
void	 show_reach_problem(FILE *out, const struct show_reach *)
	    __attribute__((nonnull));

void	 show_reach(FILE *out, const struct show_reach *);
int	 show_json_reach(struct jval *to, const struct show_reach *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * When the recovery window begins: the moment at which its first backup
 * ended.  Borrowed from the catalogue; NULL if there is no window.
 */
const int64_t *show_window_from(const struct window *,
	    const struct catalogue *) __attribute__((nonnull));

/*
 * Write what is to be said of a backup's pin into "buf" and return it: that
 * it is pinned, that the pin has ended or cannot be read; "" for no pin.
 */
#define SHOW_PIN	512
const char *show_pin(char buf[SHOW_PIN], const struct pin *);

/* Whether the pin of some backup cannot be read, which is a finding. */
int	 show_bad_pins(const struct catalogue *) __attribute__((nonnull));

/* The members "pinned", "pinned_until" and "pin_refused". */
int	 show_json_pin(struct jval *to, const struct pin *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Who signed a label that was read through "a": ", retired" follows the id of
 * a signer that the key file retires; and members "signer" and
 * "signer_retired".
 */
#define SHOW_SIGNER	64
const char *show_signer(char buf[SHOW_SIGNER], const struct archive *a,
	    const struct label *) __attribute__((nonnull));
int	 show_json_signer(struct jval *, const struct archive *a,
	    const struct label *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* SHOW_SHOW_H */
