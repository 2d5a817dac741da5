/* SPDX-License-Identifier: ISC */
#ifndef TEST_STORE_CONFORMANCE_H
#define TEST_STORE_CONFORMANCE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/store.h"

/*
 * Tests of the promises of store.h, which are the same for every back end.
 * The test of a back end runs conformance_tests with a conformance_env as
 * its state, which its group setup makes.
 */
struct conformance_env {
	struct store_conf	 conf;
	char			 dir[512];	/* the repository's root as
						   this process sees it: tests
						   look behind the store */
	void			*own;	/* for the back end's test */
};

/* The number of files anywhere below "dir"/"sub". */
int	 conformance_count(const char *dir, const char *sub);

/* Open the store, or fail the test.  The caller calls store_free(). */
struct store *conformance_open(const struct store_conf *conf);

/*
 * Put "n" bytes of a pattern, of which "head" are the header, and publish
 * them.  Returns what store_put_publish() returned.
 */
int	 conformance_put(struct store *s, const char *path, size_t head,
	    size_t n, unsigned seed, struct err *e);

/* Byte "i" of that pattern. */
uint8_t	 conformance_byte(unsigned seed, size_t i);

/* Remove everything in the repository. */
void	 conformance_clean(const struct conformance_env *env);

#define CONFORMANCE_TESTS 22
extern const struct CMUnitTest conformance_tests[CONFORMANCE_TESTS];

#endif /* TEST_STORE_CONFORMANCE_H */
