/* SPDX-License-Identifier: ISC */
#ifndef TEST_MORTAL_H
#define TEST_MORTAL_H

#include "repo/archive.h"

/*
 * A store whose user dies: it does the first "left" operations that change
 * something (each file of a removal counts), and then fails every call
 * without doing anything.  It replaces the archive's own store, which it
 * owns from then on; archive_free() releases both.
 */
struct mortal;

void	 mortal_wrap(struct archive *a, int left);

/* Have other programs act: call "fn" once, before operation "k" (from 0). */
void	 mortal_meet(struct archive *a, int k, void (*fn)(void *arg),
	    void *arg);

/* The number of operations until now. */
int	 mortal_count(const struct archive *a);

/* The same for calls that only look: store_load(), _list(), _get_open(). */
void	 mortal_meet_look(struct archive *a, int k, void (*fn)(void *arg),
	    void *arg);
int	 mortal_looks(const struct archive *a);

/* Look number "k" fails, as on a damaged disk; those before and after work. */
void	 mortal_fail_look(struct archive *a, int k);

#endif /* TEST_MORTAL_H */
