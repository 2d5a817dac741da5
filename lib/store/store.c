/* SPDX-License-Identifier: ISC */
/*
 * The store's interface: it checks arguments, makes full paths, keeps to the
 * bandwidth limit, and calls the back end.
 */
#include <string.h>

#include "base/bucket.h"
#include "base/clock.h"
#include "base/path.h"
#include "base/str.h"
#include "store/address.h"
#include "store/backend.h"
#include "store/exportfile.h"
#include "store/local.h"
#include "store/sftp.h"
#include "store/store.h"

#define AHEAD_LEAST	((size_t)64 << 10)

/*
 * What was requested ahead arrives as fast as the line carries it, whatever
 * the limit says; store_get_take() only delays handing it out.  So no more is
 * requested ahead than the limit allows for one second.
 */
static void
set_limit(struct store *s, struct bucket *limit)
{
	uint64_t	 rate;

	if ((s->limit = limit) == NULL)
		return;
	rate = bucket_rate(limit);
	if (rate < s->ahead)
		s->ahead = rate < AHEAD_LEAST ? AHEAD_LEAST : (size_t)rate;
}

int
store_open(struct store **out, const struct store_conf *conf, struct err *e)
{
	struct address	 a;
	int		 rc;

	if (address_parse(conf->repository, &a, e))
		return (-1);
	if (a.is_export)
		rc = exportfile_open(out, a.dir, e);
	else if (a.host[0] == '\0')
		rc = local_open(out, a.dir, e);
	else
		rc = sftp_open(out, conf, &a, e);
	if (rc == 0)
		set_limit(*out, conf->limit);
	return (rc);
}

/*
 * Wait until "n" bytes may have been transferred.  The pause may be long, so
 * the connection is kept alive between its parts.
 */
static int
pace(struct store *s, size_t n, struct err *e)
{
	int64_t	 until;
	int	 r;

	if (s->limit == NULL)
		return (0);
	until = bucket_take(s->limit, n, clock_mono_ms());
	while ((r = bucket_pause(s->limit, until, e)) == 1)
		if (s->ops->keep(s, e))
			return (-1);
	return (r);
}

void
store_free(struct store *s)
{
	if (s != NULL)
		s->ops->free(s);
}

const char *
store_name(const struct store *s)
{
	return (s->name);
}

const char *
store_wal_until(const struct store *s)
{
	return (s->wal_until);
}

int
store_enter(struct store *s, const char *base, struct err *e)
{
	if (base == NULL || *base == '\0')
		return (str_fmt(s->base, sizeof(s->base), e, "%s", s->root));
	if (!path_is_inside(base))
		return (err_set(e, ERR_LOCAL,
		    "\"%.128s\" is not a path inside the repository", base));
	return (str_fmt(s->base, sizeof(s->base), e, "%s/%s", s->root, base));
}

void
store_makes_base(struct store *s, int makes)
{
	s->base_stands = !makes;
}

int
store_put_open(struct store_put **out, struct store *s, const char *path,
    size_t head, struct err *e)
{
	char	 full[STORE_PATHMAX];

	if (backend_full(s, path, full, e))
		return (-1);
	return (s->ops->put_open(out, s, full, head, e));
}

int
store_put_write(struct store_put *p, const void *buf, size_t n,
    struct err *e)
{
	if (pace(p->store, n, e))
		return (-1);
	return (p->store->ops->put_write(p, buf, n, e));
}

int
store_put_end(struct store_put *p, const void *head, struct err *e)
{
	return (p->store->ops->put_end(p, head, e));
}

int
store_put_step(struct store_put *p, struct err *e)
{
	return (p->store->ops->put_step(p, e));
}

int
store_put_named(const struct store_put *p)
{
	return (p->store->ops->put_named(p));
}

int
store_put_publish(struct store_put *p, const void *head, struct err *e)
{
	int	 r;

	if (store_put_end(p, head, e))
		return (-1);
	while ((r = store_put_step(p, e)) == 1)
		if (store_wait(p->store, e))
			return (-1);
	return (r);
}

void
store_put_free(struct store_put *p)
{
	if (p != NULL)
		p->store->ops->put_free(p);
}

int
store_get_open(struct store_get **out, struct store *s, const char *path,
    struct err *e)
{
	char	 full[STORE_PATHMAX];

	if (backend_full(s, path, full, e))
		return (-1);
	return (s->ops->get_open(out, s, full, e));
}

int
store_get_exists(struct store_get *g, struct err *e)
{
	uint64_t	 size;

	if (g->store->ops->get_exists != NULL)
		return (g->store->ops->get_exists(g, e));
	return (store_get_size(g, &size, e));
}

int
store_get_size(struct store_get *g, uint64_t *size, struct err *e)
{
	return (g->store->ops->get_size(g, size, e));
}

int
store_get_ask(struct store_get *g, uint64_t off, uint64_t n, struct err *e)
{
	return (g->store->ops->get_ask(g, off, n, e));
}

int
store_get_take(struct store_get *g, void *buf, size_t n, size_t *got,
    struct err *e)
{
	int	 r;

	/* How many bytes come is known only now: pay for them afterwards. */
	if ((r = g->store->ops->get_take(g, buf, n, got, e)) != 0)
		return (r);
	return (pace(g->store, *got, e));
}

int
store_get_ready(struct store_get *g)
{
	return (g->store->ops->get_ready(g));
}

void
store_get_free(struct store_get *g)
{
	if (g != NULL)
		g->store->ops->get_free(g);
}

int
store_load(struct store *s, const char *const *paths, size_t n, size_t max,
    store_loaded *each, void *arg, struct err *e)
{
	const struct store_reading	 r = { .each = each, .arg = arg };

	return (s->ops->load(s, paths, n, max, &r, e));
}

int
store_load_each(struct store *s, const char *const *paths, size_t n,
    size_t max, const struct store_reading *r, struct err *e)
{
	return (s->ops->load(s, paths, n, max, r, e));
}

int
store_list(struct store *s, const char *const *paths, size_t n,
    store_listed *each, void *arg, struct err *e)
{
	const struct store_listing	 to = { each, NULL, arg };

	return (s->ops->list(s, paths, n, &to, e));
}

int
store_list_each(struct store *s, const char *const *paths, size_t n,
    const struct store_listing *to, struct err *e)
{
	return (s->ops->list(s, paths, n, to, e));
}

int
store_rename(struct store *s, const char *from, const char *to,
    struct err *e)
{
	char	 full_from[STORE_PATHMAX], full_to[STORE_PATHMAX];

	if (backend_full(s, from, full_from, e) ||
	    backend_full(s, to, full_to, e))
		return (-1);
	return (s->ops->rename(s, full_from, full_to, e));
}

int
store_settle(struct store *s, const char *path, struct err *e)
{
	return (s->ops->settle(s, &path, 1, e));
}

int
store_settle_all(struct store *s, const char *const *paths, size_t n,
    struct err *e)
{
	return (s->ops->settle(s, paths, n, e));
}

int
store_remove(struct store *s, const char *const *paths, size_t n,
    struct err *e)
{
	return (s->ops->remove(s, paths, n, e));
}

int
store_rmdir(struct store *s, const char *const *paths, size_t n,
    struct err *e)
{
	/* One that is made again later is a new name, to be fsynced. */
	synceddirs_clear(&s->synced);
	return (s->ops->rmdir(s, paths, n, e));
}

int
store_mkdir(struct store *s, const char *path, struct err *e)
{
	char	 full[STORE_PATHMAX];

	if (backend_full(s, path, full, e))
		return (-1);
	return (s->ops->mkdir(s, full, e));
}

int
store_wait(struct store *s, struct err *e)
{
	return (s->ops->wait(s, e));
}

int
store_poll(struct store *s, struct err *e)
{
	return (s->ops->poll(s, e));
}

int
store_keep(struct store *s, struct err *e)
{
	return (s->ops->keep(s, e));
}

int
store_about(struct store *s, struct store_about *about, struct err *e)
{
	memset(about, 0, sizeof(*about));
	return (s->ops->about(s, about, e));
}
