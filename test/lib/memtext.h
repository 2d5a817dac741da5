/* SPDX-License-Identifier: ISC */
#ifndef TEST_MEMTEXT_H
#define TEST_MEMTEXT_H

#include <stdio.h>

#include "base/jval.h"

/*
 * Text that a function prints, kept in memory.  One at a time: the next
 * memtext_open() forgets the last text.
 */
FILE		*memtext_open(void);

/*
 * Close it and return the text, borrowed.  Points in time are replaced, since
 * tests make backups relative to now: each "2026-11-22T04:00:01Z" becomes
 * "<time>".
 */
const char	*memtext_close(FILE *);

/* The same of a JSON value, in one line; the value is freed. */
const char	*memtext_json(struct jval *own);

#endif /* TEST_MEMTEXT_H */
