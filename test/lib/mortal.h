/* SPDX-License-Identifier: ISC */
#ifndef TEST_MORTAL_H
#define TEST_MORTAL_H

#include "repo/archive.h"

/*
 * A store whose user dies: after "left" operations that change something
 * (each file of a removal counts) every call fails and nothing is done any
 * more.  It takes the place of the archive's own store.
 */
struct mortal;

void	 mortal_wrap(struct archive *, int left);

/* Others at work: "fn" is called once, before the k-th operation. */
void	 mortal_meet(struct archive *, int k, void (*fn)(void *), void *arg);

/* How many operations there were. */
int	 mortal_count(const struct archive *);

/* The same for what only looks: store_load(), _list() and _get_open(). */
void	 mortal_meet_look(struct archive *, int k, void (*fn)(void *),
	    void *arg);
int	 mortal_looks(const struct archive *);

#endif /* TEST_MORTAL_H */
