/* SPDX-License-Identifier: ISC */
/*
 * Columns into WAL, whatever the columns hold.  The first four bytes say how
 * long the piece is and into how many columns the rest is cut.
 */
#include <stdint.h>
#include <stdlib.h>

#include "cols/model.h"
#include "cols/piece.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define MAX	(64U << 10)

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static uint8_t	 out[MAX];
	static struct walk	*join;
	static struct columns	*c;
	size_t		 size, ncol, k, i;

	if (n < 5)
		return (0);
	size = 1 + (p[0] | (size_t)p[1] << 8) % MAX;
	ncol = 1 + p[2];
	if (c == NULL && ((join = model_new(1)) == NULL ||
	    (c = column_new()) == NULL))
		abort();
	piece_skip(join, 0, 0);
	column_clear(c);
	p += 3;
	n -= 3;
	/* Each column begins with its length. */
	for (i = 0; i < ncol && n > 0; i++) {
		k = p[0];
		p++;
		n--;
		k = k < n ? k : n;
		column_put(c, (unsigned)i, p, k);
		p += k;
		n -= k;
	}
	(void)!piece_join(join, c, out, size);
	return (0);
}
