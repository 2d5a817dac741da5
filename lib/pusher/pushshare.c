/* SPDX-License-Identifier: ISC */
/* Sealed files in memory, for the pools of several repositories. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crew.h"
#include "pusher/pushshare.h"

#define WAIT_MS	3000		/* sealing it once more is no harm */

struct entry {
	char		 name[WALNAME_TEXT];	/* "": free */
	struct pushid	 id;
	struct sealed	*sealed;		/* NULL: is being made */
};

struct pushshare {
	struct crew	*crew;			/* its lock, without threads */
	struct entry	 entry[PUSHSHARE_MAX];	/* a ring */
	size_t		 next, bytes;
};

int
pushshare_new(struct pushshare **out, struct err *e)
{
	struct pushshare	*s = calloc(1, sizeof(*s));

	if (s == NULL)
		return (err_sys(e, ERR_LOCAL, "start to push"));
	if (crew_new(&s->crew, e)) {
		free(s);
		return (-1);
	}
	*out = s;
	return (0);
}

/* Under the lock, as all that follow. */
static void
drop(struct pushshare *s, struct entry *x)
{
	if (x->sealed != NULL)
		s->bytes -= x->sealed->n;
	sealed_free(x->sealed);
	memset(x, 0, sizeof(*x));
}

void
pushshare_free(struct pushshare *s)
{
	size_t	 i;

	if (s == NULL)
		return;
	for (i = 0; i < PUSHSHARE_MAX; i++)
		drop(s, &s->entry[i]);
	crew_free(s->crew);
	free(s);
}

static struct entry *
find(struct pushshare *s, const char *name, const struct pushid *id)
{
	size_t	 i;

	for (i = 0; i < PUSHSHARE_MAX; i++)
		if (strcmp(s->entry[i].name, name) == 0 &&
		    pushid_same(&s->entry[i].id, id))
			return (&s->entry[i]);
	return (NULL);
}

static void
note(struct pushshare *s, const char *name, const struct pushid *id)
{
	struct entry	*x = &s->entry[s->next];

	s->next = (s->next + 1) % PUSHSHARE_MAX;
	drop(s, x);
	memcpy(x->name, name, strnlen(name, WALNAME_TEXT - 1));
	x->id = *id;
}

int
pushshare_take(struct pushshare *s, const char *name, const struct pushid *id,
    struct sealed **out)
{
	const int64_t	 end = clock_mono_ms() + WAIT_MS;
	struct entry	*x;
	int64_t		 now;

	crew_lock(s->crew);
	while ((x = find(s, name, id)) != NULL && x->sealed == NULL &&
	    (now = clock_mono_ms()) < end)
		(void)crew_wait(s->crew, CREW_DONE, (int)(end - now));
	if (x != NULL && x->sealed != NULL) {
		*out = sealed_share(x->sealed);
		crew_unlock(s->crew);
		return (0);
	}
	if (x == NULL)
		note(s, name, id);
	crew_unlock(s->crew);
	return (1);
}

/* The oldest go first: entries begin to be the oldest at "next". */
static void
make_room(struct pushshare *s, size_t n)
{
	struct entry	*x;
	size_t		 i;

	for (i = 0; i < PUSHSHARE_MAX && s->bytes + n > PUSHSHARE_BYTES; i++) {
		x = &s->entry[(s->next + i) % PUSHSHARE_MAX];
		if (x->sealed != NULL)
			drop(s, x);
	}
}

void
pushshare_give(struct pushshare *s, const char *name, const struct pushid *id,
    struct sealed *sealed)
{
	struct entry	*x;

	crew_lock(s->crew);
	x = find(s, name, id);
	if (x != NULL && x->sealed == NULL) {
		if (sealed == NULL)
			drop(s, x);
		else {
			make_room(s, sealed->n);
			x->sealed = sealed_share(sealed);
			s->bytes += sealed->n;
		}
	}
	crew_broadcast(s->crew, CREW_DONE);
	crew_unlock(s->crew);
}

int
pushshare_has(struct pushshare *s, const char *name, const struct pushid *id)
{
	const struct entry	*x;
	int			 r;

	crew_lock(s->crew);
	x = find(s, name, id);
	r = x != NULL && x->sealed != NULL;
	crew_unlock(s->crew);
	return (r);
}
