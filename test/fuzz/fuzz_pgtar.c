/* SPDX-License-Identifier: ISC */
/*
 * A tar, in pieces whose size the first byte chooses.  Each header gets a
 * right checksum first, unless that byte is odd: else nothing would pass.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "pg/pgtar.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

struct seen {
	uint64_t	 left;
	int		 open;
};

static int
entry(void *arg, const struct pgtar_entry *en, struct err *e)
{
	struct seen	*s = arg;

	(void)e;
	if (s->open || !path_is_inside(en->path) || en->mode > 07777 ||
	    (en->type != PGTAR_FILE && en->size != 0))
		__builtin_trap();
	s->open = en->type == PGTAR_FILE;
	s->left = en->size;
	return (0);
}

static int
data(void *arg, const void *p, size_t n, struct err *e)
{
	struct seen	*s = arg;

	(void)p;
	(void)e;
	if (!s->open || n == 0 || n > s->left)
		__builtin_trap();
	s->left -= n;
	return (0);
}

static int
done(void *arg, struct err *e)
{
	struct seen	*s = arg;

	(void)e;
	if (!s->open || s->left != 0)
		__builtin_trap();
	s->open = 0;
	return (0);
}

/* Mend the checksum of each block that has the magic. */
static void
mend(uint8_t *p, size_t n)
{
	char	 text[8];
	size_t	 at, i;
	unsigned sum;

	for (at = 0; n - at >= 512; at += 512) {
		if (memcmp(p + at + 257, "ustar", 5) != 0)
			continue;
		memset(p + at + 148, ' ', 8);
		for (sum = 0, i = 0; i < 512; i++)
			sum += p[at + i];
		(void)snprintf(text, sizeof(text), "%07o", sum);
		memcpy(p + at + 148, text, 8);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const struct pgtar_events on = { entry, data, done };
	struct seen	 s = { 0, 0 };
	struct pgtar	 t;
	struct err	 e = ERR_INIT;
	uint8_t		*copy;
	size_t		 at, step;
	int		 rc = 0;

	if (n < 2 || (copy = malloc(n)) == NULL)
		return (0);
	memcpy(copy, p + 1, --n);
	if ((*p & 1) == 0)
		mend(copy, n);
	step = (size_t)*p * 5 + 1;
	pgtar_begin(&t, &on, &s);
	for (at = 0; rc == 0 && at < n; at += step)
		rc = pgtar_add(&t, copy + at, n - at < step ? n - at : step,
		    &e);
	if (rc == 0 && pgtar_end(&t, &e) == 0 && s.open)
		__builtin_trap();
	if (rc != 0 && e.kind != ERR_CORRUPT)
		__builtin_trap();
	free(copy);
	return (0);
}
