/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFYWORK_H
#define VERIFY_VERIFYWORK_H

#include <stdint.h>

#include "crypt/key.h"
#include "store/store.h"
#include "verify/proved.h"
#include "verify/verifyitem.h"

/*
 * The jobs of a verification: each is a thread with its own connection that
 * looks at one thing after the other and says what it found.  A finding does
 * not stop the others.
 *
 *	verifywork_open(&w, &conf, e)
 *	for each thing: verifywork_put(w, item, e)	takes it, also on -1
 *	verifywork_drain(w, e)
 *	verifywork_free(w)
 *
 * conf.done() is told of each item once it was looked at, in any order, on
 * the caller's thread and within one of the calls above; it returns 0, or -1
 * to stop with its own error.
 */
struct verifywork_conf {
	const struct store_conf	*store;
	const struct key	*key;
	const char		*server;
	uint64_t		 system_id;
	unsigned		 jobs;
	/* Where CONTENT and HASH are looked up first; may be NULL. */
	struct proved		*proved;
	/* The caller's own connection, kept alive meanwhile. */
	struct store		*keep;
	int	(*done)(void *arg, const struct verifyitem *,
		    struct err *);
	/* Called at least once a second; may be NULL. */
	void	(*tick)(void *arg);
	void	*arg;
};

struct verifywork;

int	 verifywork_open(struct verifywork **, const struct verifywork_conf *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

int	 verifywork_put(struct verifywork *, struct verifyitem *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 verifywork_drain(struct verifywork *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 verifywork_free(struct verifywork *);		/* NULL is fine */

#endif /* VERIFY_VERIFYWORK_H */
