/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOWPLAN_H
#define SHOW_SHOWPLAN_H

#include <stdio.h>

#include "plan/choose.h"
#include "restore/basefetch.h"
#include "restore/recovery.h"
#include "restore/restore_conf.h"
#include "restore/unarchived.h"

/* What base-fetch prints: its plan, its deeds, and what to do next. */

/*
 * Which backup goes where, and how far its WAL reaches: printed before
 * anything is changed.
 */
void	 showplan_print(FILE *out, const struct basefetch_plan *,
	    const struct restore_conf *) __attribute__((nonnull));

/*
 * On stderr, as "program": each label that was refused, and what nobody can
 * know of the target before PostgreSQL has read the WAL.
 */
void	 showplan_warn(const char *program, const struct basefetch_plan *,
	    const struct choose_target *) __attribute__((nonnull));

/* The lines that recovery adds to postgresql.auto.conf, and the signal file. */
int	 showplan_settings(FILE *out, const struct recovery *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * One deed of a delta restore.  With "dry" each is a line on "out"; else only
 * links are worth a word, on stderr as "program".
 */
void	 showplan_deed(FILE *out, const char *program, int dry,
	    enum restore_deed, const char *path) __attribute__((nonnull));

/*
 * WAL of "dir" that only exists there.  With "force" a warning on stderr, as
 * "program", that it is removed; else ERR_CONFIG with what to do.
 */
int	 showplan_unarchived(const char *program, const char *dir,
	    const struct unarchived *, int force, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Look for WAL in the data directory of a delta restore that exists nowhere
 * else: it holds the last commits, and the restore removes it, so the user
 * must agree.  Failures are those of unarchived_find() and
 * showplan_unarchived().
 */
int	 showplan_last_wal(struct unarchived *, const char *program,
	    const struct restore_conf *, const struct catalogue *, int force,
	    struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* What a delta restore did, or with "dry" what it would do. */
void	 showplan_delta(FILE *out, const struct restore_stats *, int dry)
	    __attribute__((nonnull));

/*
 * What is left to do once the files are in "dir".  "root": they belong to
 * root.  showheld_print() prints the rest.
 */
void	 showplan_restored(FILE *out, const char *dir, int root)
	    __attribute__((nonnull));

/* The same for archives: where they are, and how to unpack them. */
void	 showplan_archived(FILE *out, const struct restore_conf *)
	    __attribute__((nonnull));

#endif /* SHOW_SHOWPLAN_H */
