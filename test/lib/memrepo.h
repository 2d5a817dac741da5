/* SPDX-License-Identifier: ISC */
#ifndef TEST_MEMREPO_H
#define TEST_MEMREPO_H

#include "crypt/head.h"
#include "memstore.h"

/*
 * What programs with a push key write into a repository in memory.  A failure
 * of anything here fails the test that called it.
 */

/* Publish the marker; this host remembers it in the testdir's "state". */
void	 memrepo_marker(struct memstore *m, const struct key *push,
	    uint32_t segsize);

/* Publish an authentic object (codec none) of "n" bytes. */
void	 memrepo_object(struct memstore *m, const struct key *push,
	    enum head_kind kind, const char *path, const void *p, size_t n);

/* The same, and its header says that it was stored at that time. */
void	 memrepo_object_at(struct memstore *m, const struct key *push,
	    enum head_kind kind, const char *path, const void *p, size_t n,
	    int64_t us);

#endif /* TEST_MEMREPO_H */
