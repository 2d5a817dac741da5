/* SPDX-License-Identifier: ISC */
/*
 * CRC-32C, by the processor's instruction or by tables, and CRCs of pieces
 * joined to that of the whole.
 */
#include <string.h>

#include "pg/crc32c.h"

#define POLY	0x82F63B78		/* 0x1EDC6F41, bits reversed */
#define ONE	0x80000000		/* x^0, bits reversed */

/*
 * Tables for eight bytes per step.  A CRC is linear: the entry for a byte is
 * the exclusive or of those for its bits, so the compiler can make each
 * table from eight numbers.  T0 is for a byte that no other follows in the
 * step, T7 for one that seven others follow.
 */
#define BYTE(i, a, b, c, d, e, f, g, h)					\
	(((i) & 1 ? a : 0) ^ ((i) & 2 ? b : 0) ^ ((i) & 4 ? c : 0) ^	\
	((i) & 8 ? d : 0) ^ ((i) & 16 ? e : 0) ^ ((i) & 32 ? f : 0) ^	\
	((i) & 64 ? g : 0) ^ ((i) & 128 ? h : 0))
#define T0(i)	BYTE(i, 0xF26B8303, 0xE13B70F7, 0xC79A971F, \
	0x8AD958CF, 0x105EC76F, 0x20BD8EDE, 0x417B1DBC, 0x82F63B78)
#define T1(i)	BYTE(i, 0x13A29877, 0x274530EE, 0x4E8A61DC, \
	0x9D14C3B8, 0x3FC5F181, 0x7F8BE302, 0xFF17C604, 0xFBC3FAF9)
#define T2(i)	BYTE(i, 0xA541927E, 0x4F6F520D, 0x9EDEA41A, \
	0x38513EC5, 0x70A27D8A, 0xE144FB14, 0xC76580D9, 0x8B277743)
#define T3(i)	BYTE(i, 0xDD45AAB8, 0xBF672381, 0x7B2231F3, \
	0xF64463E6, 0xE964B13D, 0xD725148B, 0xABA65FE7, 0x52A0C93F)
#define T4(i)	BYTE(i, 0x38116FAC, 0x7022DF58, 0xE045BEB0, \
	0xC5670B91, 0x8F2261D3, 0x1BA8B557, 0x37516AAE, 0x6EA2D55C)
#define T5(i)	BYTE(i, 0xEF306B19, 0xDB8CA0C3, 0xB2F53777, \
	0x6006181F, 0xC00C303E, 0x85F4168D, 0x0E045BEB, 0x1C08B7D6)
#define T6(i)	BYTE(i, 0x68032CC8, 0xD0065990, 0xA5E0C5D1, \
	0x4E2DFD53, 0x9C5BFAA6, 0x3D5B83BD, 0x7AB7077A, 0xF56E0EF4)
#define T7(i)	BYTE(i, 0x493C7D27, 0x9278FA4E, 0x211D826D, \
	0x423B04DA, 0x847609B4, 0x0D006599, 0x1A00CB32, 0x34019664)
#define R4(t, i)	t(i), t((i) + 1), t((i) + 2), t((i) + 3)
#define R16(t, i)	R4(t, i), R4(t, (i) + 4), R4(t, (i) + 8),	\
	R4(t, (i) + 12)
#define R64(t, i)	R16(t, i), R16(t, (i) + 16), R16(t, (i) + 32),	\
	R16(t, (i) + 48)
#define R256(t)		{ R64(t, 0), R64(t, 64), R64(t, 128), R64(t, 192) }

static const uint32_t tab[8][256] = {
	R256(T0), R256(T1), R256(T2), R256(T3),
	R256(T4), R256(T5), R256(T6), R256(T7)
};

static uint32_t
byte_step(uint32_t c, uint8_t byte)
{
	return (c >> 8 ^ tab[0][(c ^ byte) & 255]);
}

static uint32_t
by_tables(uint32_t c, const uint8_t *p, size_t n)
{
	for (; n >= 8; p += 8, n -= 8) {
		c ^= (uint32_t)p[0] | (uint32_t)p[1] << 8 |
		    (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
		c = tab[7][c & 255] ^ tab[6][c >> 8 & 255] ^
		    tab[5][c >> 16 & 255] ^ tab[4][c >> 24] ^
		    tab[3][p[4]] ^ tab[2][p[5]] ^ tab[1][p[6]] ^ tab[0][p[7]];
	}
	for (; n > 0; p++, n--)
		c = byte_step(c, *p);
	return (c);
}

#ifdef __x86_64__
static int
have_instruction(void)
{
	return (__builtin_cpu_supports("sse4.2") != 0);
}

__attribute__((target("sse4.2")))
static uint32_t
by_instruction(uint32_t c, const uint8_t *p, size_t n)
{
	uint64_t	 c64 = c, v;

	for (; n >= 8; p += 8, n -= 8) {
		memcpy(&v, p, 8);
		c64 = __builtin_ia32_crc32di(c64, v);
	}
	for (c = (uint32_t)c64; n > 0; p++, n--)
		c = __builtin_ia32_crc32qi(c, *p);
	return (c);
}
#else
static int
have_instruction(void)
{
	return (0);
}

static uint32_t
by_instruction(uint32_t c, const uint8_t *p, size_t n)
{
	return (by_tables(c, p, n));
}
#endif

uint32_t
crc32c_update(uint32_t crc, const void *p, size_t n)
{
	if (have_instruction())
		return (~by_instruction(~crc, p, n));
	return (~by_tables(~crc, p, n));
}

uint32_t
crc32c_update_portable(uint32_t crc, const void *p, size_t n)
{
	return (~by_tables(~crc, p, n));
}

/*
 * a * b modulo the polynomial.  As everywhere here, a number stands for a
 * polynomial with its bits reversed: the highest bit is x^0.
 */
static uint32_t
multiply(uint32_t a, uint32_t b)
{
	uint32_t	 bit, sum = 0;

	for (bit = ONE; bit != 0; bit >>= 1) {
		if (a & bit)
			sum ^= b;
		b = b >> 1 ^ (b & 1 ? POLY : 0);	/* b * x */
	}
	return (sum);
}

/* x^(8n): appending n bytes multiplies a CRC by this. */
static uint32_t
bytes_power(uint64_t n)
{
	uint32_t	 power = ONE, square = ONE >> 8;

	for (; n > 0; n >>= 1) {
		if (n & 1)
			power = multiply(power, square);
		square = multiply(square, square);
	}
	return (power);
}

struct crc32c_shift
crc32c_shift_of(uint64_t blen)
{
	struct crc32c_shift	 s;
	uint32_t		 power = bytes_power(blen);
	unsigned		 i;

	for (i = 0; i < 32; i++)
		s.m[i] = multiply(power, UINT32_C(1) << i);
	return (s);
}

uint32_t
crc32c_join(uint32_t a, uint32_t b, const struct crc32c_shift *s)
{
	unsigned	 i;

	/*
	 * A multiplication is linear as well, so the products of a's bits are
	 * enough.  The inversions of a CRC at its beginning and its end cancel
	 * out between a and b.
	 */
	for (i = 0; i < 32; i++)
		b ^= s->m[i] & (0 - (a >> i & 1));
	return (b);
}

uint32_t
crc32c_combine(uint32_t a, uint32_t b, uint64_t blen)
{
	return (multiply(bytes_power(blen), a) ^ b);
}
