/* SPDX-License-Identifier: ISC */
/* A sealed object in memory, for several repositories. */
#include <stdlib.h>
#include <string.h>

#include "repo/sealed.h"

#define STEP	((size_t)1 << 20)

int
sealed_new(struct sealed **out, struct err *e)
{
	struct sealed	*s = calloc(1, sizeof(*s));

	if (s == NULL)
		return (err_sys(e, ERR_LOCAL, "seal"));
	s->references = 1;
	*out = s;
	return (0);
}

int
sealed_add(struct sealed *s, const void *p, size_t n, struct err *e)
{
	const size_t	 have = (s->n + STEP - 1) / STEP * STEP;
	size_t		 need = (s->n + n + STEP - 1) / STEP * STEP;
	void		*bigger;

	if (need > have) {
		if ((bigger = realloc(s->payload, need)) == NULL)
			return (err_sys(e, ERR_LOCAL, "seal"));
		s->payload = bigger;
	}
	if (n > 0)
		memcpy(s->payload + s->n, p, n);
	s->n += n;
	return (0);
}

struct sealed *
sealed_share(struct sealed *s)
{
	(void)__atomic_add_fetch(&s->references, 1, __ATOMIC_RELAXED);
	return (s);
}

void
sealed_free(struct sealed *s)
{
	if (s == NULL ||
	    __atomic_sub_fetch(&s->references, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	free(s->payload);
	free(s);
}
