/* SPDX-License-Identifier: ISC */
#ifndef TEST_TESTDIR_H
#define TEST_TESTDIR_H

#include <stddef.h>

/*
 * One directory for a test's files, in TMPDIR or /tmp.  A failure of anything
 * here fails the test that called it.
 */
void		 testdir_make(void);
void		 testdir_remove(void);		/* with all that is in it */

/* The same, as setup and teardown of cmocka. */
int		 testdir_setup(void **state);
int		 testdir_teardown(void **state);

/*
 * The full path of "name" in the directory; "" gives the directory itself.
 * The text lives until the 64th call from here.
 */
const char	*testdir_path(const char *name);

/* Write a file, or replace its content. */
void		 testdir_write(const char *name, const void *p, size_t n);
void		 testdir_text(const char *name, const char *text);

/* The number of entries in the directory itself. */
size_t		 testdir_count(void);

/*
 * The content of a file that is smaller than 4 MiB, with a NUL behind it that
 * *n does not count.  The caller frees it.
 */
char		*testdir_read(const char *name, size_t *n);

#endif /* TEST_TESTDIR_H */
