/* SPDX-License-Identifier: ISC */
/* A store in front of another, in which one path cannot be opened. */
#include <string.h>

#include "closed.h"
#include "store/backend.h"

const char CLOSED_MODE[] = "permission denied";
const char CLOSED_DISK[] = "input/output error";

static const struct store_ops	*real;
static struct store_ops		 ops;
static const char		*closed;
static const char		*reason;

static int
denied(const char *path, struct err *e)
{
	err_denied(e, reason == CLOSED_MODE);
	return (err_set(e, ERR_REMOTE, "open %s: %s on test", path, reason));
}

static int
is_closed(const char *path)
{
	const size_t	 n = strlen(path), k = strlen(closed);

	return (n >= k && strcmp(path + n - k, closed) == 0);
}

static int
get_open(struct store_get **out, struct store *s, const char *path,
    struct err *e)
{
	return (is_closed(path) ? denied(path, e) :
	    real->get_open(out, s, path, e));
}

/* One at a time, with its own index. */
struct shim {
	const struct store_listing *to;
	size_t		 i;
};

static int
each(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	const struct shim	*m = arg;

	(void)i;
	return (m->to->each(m->to->arg, m->i, en, missing, e));
}

static int
list(struct store *s, const char *const *paths, size_t n,
    const struct store_listing *to, struct err *e)
{
	struct shim			 m = { .to = to };
	const struct store_listing	 own = { each, NULL, &m };
	struct err			 why = ERR_INIT;

	for (m.i = 0; m.i < n; m.i++) {
		if (!is_closed(paths[m.i])) {
			if (real->list(s, &paths[m.i], 1, &own, e))
				return (-1);
		} else if (to->unlisted == NULL)
			return (denied(paths[m.i], e));
		else {
			(void)denied(paths[m.i], &why);
			if (to->unlisted(to->arg, m.i, &why, e))
				return (-1);
		}
	}
	return (0);
}

struct load_shim {
	const struct store_reading *to;
	size_t		 i;
};

static int
loaded(void *arg, size_t i, const uint8_t *data, size_t n, struct err *e)
{
	const struct load_shim	*m = arg;

	(void)i;
	return (m->to->each(m->to->arg, m->i, data, n, e));
}

static int
unread(void *arg, size_t i, const struct err *why, struct err *e)
{
	const struct load_shim	*m = arg;

	(void)i;
	if (m->to->unread == NULL)
		return (err_set(e, why->kind, "%s", why->msg));
	return (m->to->unread(m->to->arg, m->i, why, e));
}

static int
load(struct store *s, const char *const *paths, size_t n, size_t max,
    const struct store_reading *to, struct err *e)
{
	struct load_shim		 m = { .to = to };
	const struct store_reading	 own = { loaded, unread, &m };
	struct err			 why;

	for (m.i = 0; m.i < n; m.i++) {
		why = (struct err)ERR_INIT;
		if (is_closed(paths[m.i]) ?
		    (denied(paths[m.i], &why), unread(&m, 0, &why, e)) :
		    real->load(s, &paths[m.i], 1, max, &own, e))
			return (-1);
	}
	return (0);
}

void
closed_path(struct archive *a, const char *path, const char *why)
{
	reason = why;
	real = a->store->ops;
	ops = *real;
	ops.list = list;
	ops.load = load;
	ops.get_open = get_open;
	closed = path;
	a->store->ops = &ops;
}
