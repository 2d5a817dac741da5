/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFYWORK_H
#define VERIFY_VERIFYWORK_H

#include <stdint.h>

#include "crypt/key.h"
#include "store/store.h"
#include "verify/proved.h"
#include "verify/verifyitem.h"

/*
 * The jobs of a verification: threads that look at many objects at a time,
 * each over its own connection.  A damaged object does not stop the others.
 *
 *	if (verifywork_open(&w, &conf, e))
 *		return (-1);
 *	... for each object: make an item, verifywork_put(w, item, e) ...
 *	if (verifywork_drain(w, e))
 *		goto out;
 * out:
 *	verifywork_free(w);
 *
 * conf.done() gets each item once a job has looked at it: in any order, on the
 * caller's thread, within verifywork_put() or verifywork_drain().
 */
struct verifywork_conf {
	/* Where the objects lie, and the key that opens them; borrowed. */
	const struct store_conf	*store;
	const struct key	*key;
	const char		*server;
	uint64_t		 system_id;
	unsigned		 jobs;		/* how many threads */
	/* The marks of what need not be read again; may be NULL. */
	struct proved		*proved;
	/* The caller's own connection, which is kept alive meanwhile. */
	struct store		*keep;
	/* Returns 0, or -1 to stop with its own error. */
	int	(*done)(void *arg, const struct verifyitem *,
		    struct err *);
	/* Called about every second; may be NULL. */
	void	(*tick)(void *arg);
	void	*arg;
};

struct verifywork;

/* Start the jobs.  ERR_LOCAL if threads or memory run out. */
int	 verifywork_open(struct verifywork **, const struct verifywork_conf *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Hand an item in, which is taken over also on failure.  Waits while many are
 * under way.  Fails with the error of the first job that failed, or of
 * conf.done().
 */
int	 verifywork_put(struct verifywork *, struct verifyitem *item,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Look at no more chunks of the backup "of", which is what their items have
 * there: they come back as if they had none but those that were read.
 */
void	 verifywork_skip(struct verifywork *, const char *of)
	    __attribute__((nonnull));

/* Wait until all items were looked at.  Fails as above. */
int	 verifywork_drain(struct verifywork *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Stop the jobs, wait until they have ended, release what is left. */
void	 verifywork_free(struct verifywork *);		/* NULL is fine */

#endif /* VERIFY_VERIFYWORK_H */
