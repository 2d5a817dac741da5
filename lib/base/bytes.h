/* SPDX-License-Identifier: ISC */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stddef.h>
#include <stdint.h>

/*
 * A cursor over bytes that came from outside.  Reading past the end is not
 * an out-of-bounds access but a sticky failure: take every field first, then
 * ask bytes_ok() once.  Numbers are big-endian.  Nothing is copied: what
 * bytes_take() returns lives as long as the buffer.
 */
struct bytes {
	const uint8_t	*p;
	size_t		 left;
	int		 bad;
};

struct bytes	 bytes_of(const void *, size_t);
uint8_t		 bytes_u8(struct bytes *);
uint16_t	 bytes_u16be(struct bytes *);
uint32_t	 bytes_u32be(struct bytes *);
uint64_t	 bytes_u64be(struct bytes *);
const uint8_t	*bytes_take(struct bytes *, size_t);	/* NULL if short */
void		 bytes_copy(struct bytes *, void *, size_t); /* zeros if short */
int		 bytes_ok(const struct bytes *);	/* and fully consumed */

/*
 * The reverse: a cursor that fills a buffer of fixed size.  What does not
 * fit is a sticky failure; ask bytes_out_ok() before using the result, whose
 * length is "n".
 */
struct bytes_out {
	uint8_t	*p;
	size_t	 n, max;
	int	 bad;
};

struct bytes_out bytes_out_of(void *, size_t);
void		 bytes_put_u8(struct bytes_out *, uint8_t);
void		 bytes_put_u16be(struct bytes_out *, uint16_t);
void		 bytes_put_u32be(struct bytes_out *, uint32_t);
void		 bytes_put_u64be(struct bytes_out *, uint64_t);
void		 bytes_put(struct bytes_out *, const void *, size_t);
int		 bytes_out_ok(const struct bytes_out *);

#endif /* BASE_BYTES_H */
