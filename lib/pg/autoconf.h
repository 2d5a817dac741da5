/* SPDX-License-Identifier: ISC */
#ifndef PG_AUTOCONF_H
#define PG_AUTOCONF_H

#include <stddef.h>

#include "base/err.h"

/*
 * Quoting of what a restore writes into postgresql.auto.conf.  A path in a
 * restore_command is quoted three times, in this order: for the shell, for
 * PostgreSQL's % sequences, and for the configuration file.
 *
 *	autoconf_shell(word, sizeof(word), path, e)
 *	autoconf_percent(cmd, sizeof(cmd), word, e)
 *	autoconf_setting(line, sizeof(line), "restore_command", cmd, e)
 *
 * Each fails with ERR_CONFIG for text that holds a line feed or another
 * control character, and with ERR_LOCAL if the result does not fit.
 */

/*
 * Write "s" as one word for sh(1): in single quotes, unless every character
 * is a letter, a digit or one of _-./:@,+
 */
int	 autoconf_shell(char *buf, size_t size, const char *s, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Write "s" with every % doubled (src/common/percentrepl.c, and
 * src/common/archive.c before PostgreSQL 16).
 */
int	 autoconf_percent(char *buf, size_t size, const char *s,
	    struct err *e) __attribute__((warn_unused_result, nonnull));

/*
 * Write "name = 'value'" and a line feed, with quotes and backslashes in the
 * value doubled (escape_single_quotes_ascii in src/port/quotes.c).
 */
int	 autoconf_setting(char *buf, size_t size, const char *name,
	    const char *value, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PG_AUTOCONF_H */
