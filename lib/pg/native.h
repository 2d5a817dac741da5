/* SPDX-License-Identifier: ISC */
#ifndef PG_NATIVE_H
#define PG_NATIVE_H

#include <stdint.h>
#include <string.h>

/*
 * Read numbers in this host's byte order, in which PostgreSQL writes its own
 * files.  "p" needs no alignment.
 */
static inline uint16_t
native_u16(const uint8_t *p)
{
	uint16_t	 v;

	memcpy(&v, p, sizeof(v));
	return (v);
}

static inline uint32_t
native_u32(const uint8_t *p)
{
	uint32_t	 v;

	memcpy(&v, p, sizeof(v));
	return (v);
}

static inline uint64_t
native_u64(const uint8_t *p)
{
	uint64_t	 v;

	memcpy(&v, p, sizeof(v));
	return (v);
}

#endif /* PG_NATIVE_H */
