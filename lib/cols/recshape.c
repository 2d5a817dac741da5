/* SPDX-License-Identifier: ISC */
/* What a record consists of, as DecodeXLogRecord() in xlogreader.c reads. */
#include <string.h>

#include "cols/little.h"
#include "cols/recshape.h"
#include "pg/walseg.h"

struct parse {
	const uint8_t	*rec;
	uint32_t	 n, o;		/* at this element */
	uint64_t	 data;		/* bytes of data of those before */
	unsigned	 major;
	uint8_t		*shape;
	size_t		 len, max;
	int		 bad, rel;
};

unsigned
recshape_major(uint16_t magic)
{
	return (walseg_major(magic));
}

int
recshape_compressed(unsigned major, uint8_t bimg_info)
{
	return ((bimg_info & (major < 15 ? 0x02 : 0x1c)) != 0);
}

static void
put(struct parse *p, const uint8_t *b, size_t n)
{
	if (p->max - p->len < n) {
		p->bad = 1;
		return;
	}
	memcpy(p->shape + p->len, b, n);
	p->len += n;
}

/* The next "n" bytes of the record's headers. */
static const uint8_t *
take(struct parse *p, uint32_t n)
{
	static const uint8_t	 none[16];

	if (p->n - p->o < n) {
		p->bad = 1;
		return (none);
	}
	p->o += n;
	return (p->rec + p->o - n);
}

static void
block(struct parse *p)
{
	const uint8_t	*b = take(p, 4), *image;

	put(p, b, 2);
	p->data += little_u16(b + 2);
	if (b[1] & SHAPE_IMAGE) {
		image = take(p, 5);
		p->data += little_u16(image);
		put(p, image + 4, 1);
		if ((image[4] & SHAPE_HOLE) &&
		    recshape_compressed(p->major, image[4]))
			(void)take(p, 2);
	}
	if ((b[1] & SHAPE_SAME) == 0) {
		image = take(p, 12);
		if (!p->rel)
			put(p, image, 12);
		p->rel = 1;
	}
	(void)take(p, 4);
}

/* Returns 1 if it was the last. */
static int
element(struct parse *p)
{
	const uint8_t	 id = p->rec[p->o];

	if (id <= SHAPE_BLOCKS) {
		block(p);
		return (0);
	}
	put(p, &id, 1);
	switch (id) {
	case SHAPE_SHORT:
		p->data += take(p, 2)[1];
		return (1);
	case SHAPE_LONG:
		p->data += little_u32(take(p, 5) + 1);
		return (1);
	case SHAPE_ORIGIN:
		(void)take(p, 3);
		return (0);
	case SHAPE_TOPLEVEL:
		(void)take(p, 5);
		return (0);
	default:
		p->bad = 1;
		return (1);
	}
}

size_t
recshape_parse(const uint8_t *rec, uint32_t n, unsigned major, uint8_t *shape,
    size_t max)
{
	struct parse	 p = { .rec = rec, .n = n, .o = SHAPE_HEADER,
	    .major = major, .shape = shape, .max = max };

	if (n < SHAPE_HEADER || rec[18] != 0 || rec[19] != 0)
		return (0);
	put(&p, rec + 17, 1);
	put(&p, rec + 16, 1);
	while (!p.bad && p.n - p.o > p.data)
		if (element(&p))
			break;
	return (p.bad || p.o + p.data != n ? 0 : p.len);
}
