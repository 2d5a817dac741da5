/* SPDX-License-Identifier: ISC */
#ifndef COPY_COPYFLIGHT_H
#define COPY_COPYFLIGHT_H

#include <stdint.h>

#include "copy/copyitem.h"
#include "copy/copyproof.h"
#include "repo/archive.h"

/*
 * One object on its way from one archive to another.
 *
 *	copyflight_begin()	asks for its bytes, and for a temporary file;
 *				does not wait
 *	copyflight_ahead()	sends what the answers that came allow; may be
 *				called often until it passes
 *	copyflight_pass()	checks and sends them; nothing is visible yet
 *	copyflight_step()	to be called until it returns 0: then the
 *				item's state says what became of it
 *
 * All bytes pass as they are.  Their signature, their place and the signed
 * hash are checked before the object gets its name.  Where TO has an object of
 * this name, both headers are compared instead and nothing is sent.
 *
 * What is wrong with the object alone is no failure: the item becomes
 * COPYITEM_BAD or COPYITEM_GONE.  ERR_REMOTE of these calls is a failure of a
 * repository or of the way to it, and copyflight_side() says of which.
 */
struct copyflight {
	struct copyitem	*it;		/* borrowed */
	struct archive	*from, *to;	/* borrowed */
	struct store_get *get;		/* of FROM */
	struct store_get *there;	/* of TO: the header of what is there */
	struct store_put *put;		/* of TO */
	struct copyproof proof;		/* of what FROM has */
	int		 done;		/* the item's state is final */
	int		 in_to;		/* what failed last was TO */
};

int	 copyflight_begin(struct copyflight *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

void	 copyflight_ahead(struct copyflight *) __attribute__((nonnull));

/* Calls "passed" with the number of bytes that were sent, now and then. */
int	 copyflight_pass(struct copyflight *, void (*passed)(void *arg,
	    size_t n), void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 4)));

/* Returns 0, 1 while it awaits answers of TO (store_wait()), or -1. */
int	 copyflight_step(struct copyflight *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Whether what follows may be named: as store_put_named(). */
int	 copyflight_named(const struct copyflight *) __attribute__((nonnull));

/* Release what is open; the item stays as it is. */
void	 copyflight_drop(struct copyflight *) __attribute__((nonnull));

#endif /* COPY_COPYFLIGHT_H */
