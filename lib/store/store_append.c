/* SPDX-License-Identifier: ISC */
/* Appending, as the store's interface: full paths, then the back end. */
#include <assert.h>

#include "base/bucket.h"
#include "base/clock.h"
#include "store/backend.h"
#include "store/store_append.h"

int
store_append_open(struct store_append **out, struct store *s,
    const char *path, struct err *e)
{
	char	 full[STORE_PATHMAX];

	if (backend_full(s, path, full, e))
		return (-1);
	return (s->ops->append_open(out, s, full, e));
}

int
store_append_send(struct store_append *a, const void *buf, size_t n,
    struct err *e)
{
	/* Commits wait for this: it goes first, and others wait longer. */
	if (a->store->limit != NULL)
		(void)bucket_take(a->store->limit, n, clock_mono_ms());
	return (a->store->ops->append_send(a, buf, n, e));
}

int
store_append_step(struct store_append *a, uint64_t *durable, struct err *e)
{
	return (a->store->ops->append_step(a, durable, e));
}

unsigned
store_append_flights(const struct store_append *a)
{
	return (a->flights);
}

void
store_append_free(struct store_append *a)
{
	if (a != NULL)
		a->store->ops->append_free(a);
}

int
store_append_wait(struct store *s, struct pollfd *fds, size_t n, int ms,
    struct err *e)
{
	size_t	 i;

	assert(n <= STORE_APPEND_FDS);
	for (i = 0; i < n; i++)
		fds[i].revents = 0;
	return (s->ops->append_wait(s, fds, n, ms, e));
}
