/* SPDX-License-Identifier: ISC */
#ifndef WALMAKE_H
#define WALMAKE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Segments of WAL that a test makes, one behind the other, with pages of 1 KiB,
 * on timeline 7.  Each call adds a record and returns where it begins; times
 * are microseconds since 1970.
 */
#define WALMAKE_SEGMENTS 5
#define WALMAKE_SEG	(1U << 20)

extern uint8_t	 walmake_wal[WALMAKE_SEGMENTS * WALMAKE_SEG];

void	 walmake_begin(void);		/* all of it anew */
uint32_t walmake_record(unsigned rmid, unsigned info, uint32_t xid,
	    const void *data, size_t n);
uint32_t walmake_end(unsigned op, uint32_t xid, int64_t us);
uint32_t walmake_point(const char *name, int64_t us);
uint32_t walmake_space(uint32_t oid, const char *path);

/* So much that the next record begins at "to", or behind a header there. */
void	 walmake_fill(size_t to);

/* Switch to the next segment. */
void	 walmake_leave(void);

#endif /* WALMAKE_H */
