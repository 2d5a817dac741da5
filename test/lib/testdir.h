/* SPDX-License-Identifier: ISC */
#ifndef UNIT_TESTDIR_H
#define UNIT_TESTDIR_H

#include <stddef.h>

/*
 * A fresh directory for a test's files, and its end.  Paths in it are made
 * by testdir_path(), which has room for 64 at a time.  Failures fail the
 * test.
 */
void		 testdir_make(void);
void		 testdir_remove(void);
int		 testdir_setup(void **state);	/* the same, for cmocka */
int		 testdir_teardown(void **state);
const char	*testdir_path(const char *name);
void		 testdir_write(const char *name, const void *, size_t);
void		 testdir_text(const char *name, const char *);

/* How many entries it has; the content of a file, freed by the caller. */
size_t		 testdir_count(void);
char		*testdir_read(const char *name, size_t *n);

#endif /* UNIT_TESTDIR_H */
