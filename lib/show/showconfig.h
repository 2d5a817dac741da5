/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOWCONFIG_H
#define SHOW_SHOWCONFIG_H

#include <stdio.h>

#include "backup/label.h"

/* Configuration that lies outside the data directory, in words. */

/*
 * Lines of base-fetch's plan: how many files there are, where they go, and
 * what was not stored.  "dir" is that of --config-dir, or NULL.  Prints
 * nothing if neither the backup nor the user has anything to do with it.
 */
void	 showconfig_plan(FILE *out, const struct label *, const char *dir)
	    __attribute__((nonnull(1, 2)));

/*
 * Write the files, if c->config_dir is set, and print the closing lines of
 * base-fetch about them.  c->dir is complete by then, and a failure says so.
 * Failures are those of configdir_write().  "out" NULL: print nothing.
 */
struct restore_conf;
int	 showconfig_restored(FILE *out, const struct restore_conf *c,
	    struct err *)
	    __attribute__((warn_unused_result, nonnull(2, 3)));

/*
 * Bring back the files alone, into c->config_dir and without a data directory,
 * and print those lines; with "dry" only check, and print the plan.  ERR_ABSENT
 * if the backup holds none; other failures are those of configdir.h.  "out"
 * NULL: print nothing.
 */
int	 showconfig_alone(FILE *out, const struct restore_conf *c, int dry,
	    struct err *)
	    __attribute__((warn_unused_result, nonnull(2, 4)));

/* Lines of backup-show. */
void	 showconfig_print(FILE *out, const struct label *)
	    __attribute__((nonnull));

/* On stderr, as "program": what base-push could not store. */
void	 showconfig_warn(const char *program, const struct label *)
	    __attribute__((nonnull));

#endif /* SHOW_SHOWCONFIG_H */
