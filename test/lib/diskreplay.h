/* SPDX-License-Identifier: ISC */
#ifndef TEST_DISKREPLAY_H
#define TEST_DISKREPLAY_H

#include <stddef.h>
#include <stdint.h>

/*
 * What may be on a disk after a power cut, from a log (disklog.h) of what was
 * done before it.
 *
 * The rules are those that POSIX gives, not those of one file system:
 *
 * - What was synced is there: a file's content after its fsync, the names in a
 *   directory after the directory's.  syncfs does that for all.
 * - Of the changes of one directory since its last fsync, the first ones may
 *   be there and the later ones not, or the last one alone; what another
 *   directory has of its own says nothing about that.  A rename between two
 *   directories may leave both names, never none.
 * - Of what was written to a file since its last fsync anything may be there:
 *   all, nothing, zeros, a part.
 *
 * So a cut at one moment has many outcomes.  A "choice" is one of them, of
 * those that hurt; a "state" is a moment with a choice, and states that look
 * alike are one.
 */
struct diskreplay;

/* Begin a log with the content of directories, which counts as durable. */
void	 diskreplay_begin(const char *log, const char *const *dirs, size_t n);

/* Add a mark: what the test knows at this moment ("acknowledged"). */
void	 diskreplay_mark(const char *log, const char *text);

/* Read a log; the caller frees it.  Exits with a message if it cannot. */
struct diskreplay *diskreplay_load(const char *log);
void	 diskreplay_free(struct diskreplay *);

struct diskreplay_state {
	size_t		 cut;		/* the records before it were done */
	unsigned	 choice;
	unsigned	 marks;		/* that were set before the cut */
};

/*
 * All states that differ, in the order of their moments; where they are more
 * than "max", those around what syncs, renames, links, unlinks or marks, and
 * of the others every nth.  Returns their number; the caller frees *out.
 */
size_t	 diskreplay_states(const struct diskreplay *, size_t max,
	    struct diskreplay_state **out);

/* Describe it, for a message: what was done last, and what is left of it. */
void	 diskreplay_describe(const struct diskreplay *,
	    const struct diskreplay_state *, char *buf, size_t size);

/* Replace the content of the log's directories by the state. */
void	 diskreplay_put(const struct diskreplay *,
	    const struct diskreplay_state *);

/*
 * Look for what a power cut now, at the end of the log, could change: names
 * that come, go or lead elsewhere, and content.  "but" is a name that does not
 * count, with all below it, or NULL.  Returns 1 and describes the first, or 0
 * if all is durable.
 */
int	 diskreplay_unsynced(const struct diskreplay *, const char *but,
	    char *buf, size_t size);

/* The log as text, a line for each record. */
void	 diskreplay_print(const struct diskreplay *);

#endif /* TEST_DISKREPLAY_H */
