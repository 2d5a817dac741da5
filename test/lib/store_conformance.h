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
 * The promises of store.h, the same for every back end.  The including test
 * makes a conformance_env in its group setup; "dir" is the repository's root
 * as this process can see it, so that the tests look behind the interface.
 */
struct conformance_env {
	struct store_conf	 conf;
	char			 dir[512];
	void			*own;	/* of the back end's test */
};

/* Files anywhere below "dir"/"sub"; with "name", only such names. */
int	 conformance_count(const char *dir, const char *sub);

/* It must open. */
struct store *conformance_open(const struct store_conf *);

/* Put and publish "n" bytes of a pattern; what store_put_publish() said. */
int	 conformance_put(struct store *, const char *path, size_t head,
	    size_t n, unsigned seed, struct err *);

/* Byte i of that pattern. */
uint8_t	 conformance_byte(unsigned seed, size_t i);

/* Remove everything in the repository. */
void	 conformance_clean(const struct conformance_env *);

#define CONFORMANCE_TESTS 19
extern const struct CMUnitTest conformance_tests[CONFORMANCE_TESTS];

#endif /* TEST_STORE_CONFORMANCE_H */
