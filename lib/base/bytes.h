/* SPDX-License-Identifier: ISC */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stddef.h>
#include <stdint.h>

/*
 * A cursor over bytes from outside, which cannot read past their end.  A
 * read that would do so yields zeros, and the cursor stays failed: take every
 * field first, then ask bytes_ok() once.  Numbers are big-endian.  Nothing is
 * copied or allocated, so the buffer must outlive the cursor.
 *
 *	b = bytes_of(buf, n);
 *	version = bytes_u8(&b);
 *	size = bytes_u64be(&b);
 *	if (!bytes_ok(&b))
 *		the buffer is too short, or too long
 */
struct bytes {
	const uint8_t	*p;
	size_t		 left;
	int		 bad;
};

struct bytes	 bytes_of(const void *p, size_t n);
uint8_t		 bytes_u8(struct bytes *b);
uint16_t	 bytes_u16be(struct bytes *b);
uint32_t	 bytes_u32be(struct bytes *b);
uint64_t	 bytes_u64be(struct bytes *b);

/* The next "n" bytes, which stay in the buffer; NULL if fewer are left. */
const uint8_t	*bytes_take(struct bytes *b, size_t n);

/* Copy the next "n" bytes; zeros if fewer are left. */
void		 bytes_copy(struct bytes *b, void *to, size_t n);

/* Whether no read failed and all bytes were read. */
int		 bytes_ok(const struct bytes *b);

/*
 * The reverse: a cursor that fills a buffer of "max" bytes.  What does not
 * fit is not written, and the cursor stays failed: ask bytes_out_ok() before
 * using the result, whose length is "n".
 */
struct bytes_out {
	uint8_t	*p;
	size_t	 n, max;
	int	 bad;
};

struct bytes_out bytes_out_of(void *p, size_t max);
void		 bytes_put_u8(struct bytes_out *o, uint8_t v);
void		 bytes_put_u16be(struct bytes_out *o, uint16_t v);
void		 bytes_put_u32be(struct bytes_out *o, uint32_t v);
void		 bytes_put_u64be(struct bytes_out *o, uint64_t v);
void		 bytes_put(struct bytes_out *o, const void *p, size_t n);

/* Whether everything fitted. */
int		 bytes_out_ok(const struct bytes_out *o);

#endif /* BASE_BYTES_H */
