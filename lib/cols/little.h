/* SPDX-License-Identifier: ISC */
#ifndef COLS_LITTLE_H
#define COLS_LITTLE_H

#include <stdint.h>

/* Little-endian numbers on any host; compilers make one move of each. */
static inline uint64_t
little_get(const uint8_t *p, unsigned width)
{
	uint64_t	 v = 0;
	unsigned	 i;

	for (i = 0; i < width; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return (v);
}

static inline void
little_put(uint8_t *p, unsigned width, uint64_t v)
{
	unsigned	 i;

	for (i = 0; i < width; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static inline uint16_t
little_u16(const uint8_t *p)
{
	return ((uint16_t)(p[0] | p[1] << 8));
}

static inline uint32_t
little_u32(const uint8_t *p)
{
	return ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24);
}

#endif /* COLS_LITTLE_H */
