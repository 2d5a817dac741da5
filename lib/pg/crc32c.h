/* SPDX-License-Identifier: ISC */
#ifndef PG_CRC32C_H
#define PG_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/*
 * CRC-32C: the Castagnoli polynomial 0x1EDC6F41, reflected (RFC 3720,
 * appendix B.4).  PostgreSQL uses it in pg_control, WAL records and
 * backup_manifest (src/include/port/pg_crc32c.h).
 *
 * The CRC of no bytes is 0, and that of A followed by B is
 *
 *	crc = crc32c_update(0, a, na);
 *	crc = crc32c_update(crc, b, nb);
 */
uint32_t crc32c_update(uint32_t crc, const void *p, size_t n);

/* The same without the processor's instruction for it; for tests. */
uint32_t crc32c_update_portable(uint32_t crc, const void *p, size_t n);

/*
 * The CRC of A followed by B, from the CRC "a" of A, the CRC "b" of B, and
 * the length of B in bytes.  So pieces can be computed apart, in any order.
 */
uint32_t crc32c_combine(uint32_t a, uint32_t b, uint64_t blen);

/*
 * The same for many pieces B of one length: crc32c_shift_of() does the work
 * that depends on the length alone, once.
 */
struct crc32c_shift {
	uint32_t	 m[32];
};

struct crc32c_shift crc32c_shift_of(uint64_t blen);
uint32_t crc32c_join(uint32_t a, uint32_t b, const struct crc32c_shift *s);

#endif /* PG_CRC32C_H */
