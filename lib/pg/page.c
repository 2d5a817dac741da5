/* SPDX-License-Identifier: ISC */
/* Computes the checksums of data pages, and judges pages by them. */
#include "pg/native.h"
#include "pg/page.h"

/*
 * The page is 64 rows of 32 numbers of 32 bits each.  Each column has a sum
 * of its own, which starts as a constant.  Each row changes it by
 *
 *	t = sum ^ number, sum = t * PRIME ^ t >> 17
 *
 * and two more rows of zeros do so at the end.  The checksum is made from
 * the exclusive or of all sums.  The code works on vectors of eight numbers;
 * the compiler maps them to what the machine has.
 */
#define ROWS		64
#define ROW_BYTES	128
#define LANES		8
#define PRIME		16777619	/* of FNV-1a with 32 bits */
#define CHECKSUM_AT	8		/* pd_checksum in the page header */

typedef uint32_t	 vec __attribute__((vector_size(4 * LANES)));

static const uint32_t basis[4 * LANES] = {
	0x5B1F36E9, 0xB8525960, 0x02AB50AA, 0x1DE66D2A,
	0x79FF467A, 0x9BB9F8A3, 0x217E7CD2, 0x83E13D2C,
	0xF8D4474F, 0xE39EB970, 0x42C6AE16, 0x993216FA,
	0x7B093B5D, 0x98DAFF3C, 0xF718902A, 0x0B1C9CDB,
	0xE58F764B, 0x187636BC, 0x5D7B3BB1, 0xE73DE7DE,
	0x92BEC979, 0xCCA6C0B2, 0x304A0979, 0x85AA43D4,
	0x783125BB, 0x6CA8EAA2, 0xE407EAC6, 0x4B5CFC3E,
	0x9FBF8C76, 0x15CA20BE, 0xF2CA9FD3, 0x959BD756
};

struct sums {
	vec	 a, b, c, d;
};

static inline __attribute__((always_inline)) void
column(vec *sum, const uint8_t *p)
{
	vec	 v;

	memcpy(&v, p, sizeof(v));
	v ^= *sum;
	*sum = v * PRIME ^ v >> 17;
}

static inline __attribute__((always_inline)) void
row(struct sums *s, const uint8_t *p)
{
	column(&s->a, p);
	column(&s->b, p + 32);
	column(&s->c, p + 64);
	column(&s->d, p + 96);
}

static inline __attribute__((always_inline)) uint32_t
hash(const uint8_t *page)
{
	const uint8_t	 zeros[ROW_BYTES] = { 0 };
	uint8_t		 first[ROW_BYTES];
	struct sums	 s;
	uint32_t	 x = 0;
	int		 i;

	/* The checksum itself counts as zero. */
	memcpy(first, page, sizeof(first));
	memset(first + CHECKSUM_AT, 0, 2);
	memcpy(&s, basis, sizeof(s));
	row(&s, first);
	for (i = 1; i < ROWS; i++)
		row(&s, page + i * ROW_BYTES);
	row(&s, zeros);
	row(&s, zeros);
	s.a ^= s.b ^ s.c ^ s.d;
	for (i = 0; i < LANES; i++)
		x ^= s.a[i];
	return (x);
}

#ifdef __x86_64__
/* Plain x86-64 cannot multiply vectors of 32-bit numbers. */
__attribute__((target("avx2")))
static uint32_t
hash_avx2(const uint8_t *page)
{
	return (hash(page));
}

__attribute__((target("sse4.1")))
static uint32_t
hash_sse4(const uint8_t *page)
{
	return (hash(page));
}

static uint32_t
best_hash(const uint8_t *page)
{
	if (__builtin_cpu_supports("avx2"))
		return (hash_avx2(page));
	if (__builtin_cpu_supports("sse4.1"))
		return (hash_sse4(page));
	return (hash(page));
}
#else
static uint32_t
best_hash(const uint8_t *page)
{
	return (hash(page));
}
#endif

uint16_t
page_checksum(const uint8_t page[PAGE_BYTES], uint32_t blkno)
{
	return ((uint16_t)((best_hash(page) ^ blkno) % 65535 + 1));
}

uint64_t
page_lsn(const uint8_t page[PAGE_BYTES])
{
	return ((uint64_t)native_u32(page) << 32 | native_u32(page + 4));
}

uint16_t
page_stored(const uint8_t page[PAGE_BYTES])
{
	return (native_u16(page + CHECKSUM_AT));
}

static int
all_zeros(const uint8_t *p)
{
	return (*p == 0 && memcmp(p, p + 1, PAGE_BYTES - 1) == 0);
}

enum page_verdict
page_verify(const uint8_t page[PAGE_BYTES], uint32_t blkno, uint64_t start)
{
	/*
	 * pd_upper, at offset 14, is 0 only in a new page (PageIsNew).  Then
	 * PostgreSQL checks no checksum, but requires that the page is all
	 * zeros (PageIsVerified in bufpage.c).
	 */
	if (native_u16(page + 14) == 0) {
		if (all_zeros(page))
			return (PAGE_NEW);
	} else if (page_stored(page) == page_checksum(page, blkno))
		return (PAGE_OK);
	return (page_lsn(page) >= start ? PAGE_SKIP : PAGE_BAD);
}
