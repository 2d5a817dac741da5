/* SPDX-License-Identifier: ISC */
/*
 * The marker of a repository, and this host's memory of it.
 *
 * The memory is a file in the state folder with the repository's id.  Without
 * it a push could not tell a repository whose disk is not mounted from one
 * that is yet to begin, and would begin a second one on the bare mount point.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/jval.h"
#include "base/parse.h"
#include "base/path.h"
#include "base/str.h"
#include "crypt/sign.h"
#include "repo/clusterdirs.h"
#include "repo/layout.h"
#include "repo/marker.h"

#define ID_LEN		((size_t)MARKER_ID)

/* When it was published: for people, so a strange time is no failure. */
static int64_t
created(const struct jval *j)
{
	struct err	 unused = ERR_INIT;
	const char	*s;
	int64_t		 us;
	int		 assumed;

	if (jval_get_str(j, "created", &s, &unused) ||
	    clock_parse(s, &us, &assumed, NULL, &unused))
		return (0);
	return (us);
}

int
marker_parse(struct marker *m, const uint8_t *file, size_t n,
    struct archive *a, struct err *e)
{
	struct head_place	 place = archive_place(a, LAYOUT_MARKER);
	struct err		 why = ERR_INIT;
	struct jval		*j = NULL;
	const char		*text, *id;
	size_t			 len;
	int			 rc = -1;

	if (sign_check(&text, &len, file, n, "marker", &place, a->key, e) ||
	    jval_parse(text, len, &j, e) ||
	    jval_get_str(j, "repository_id", &id, e) ||
	    jval_get_u64(j, "wal_segment_size", &m->wal_segment_size, e))
		goto out;
	m->created_us = created(j);
	m->begun = 0;
	if (parse_hex(id, m->repository_id, ID_LEN, "repository_id", &why)) {
		err_set(e, ERR_CORRUPT, "%s", why.msg);
		goto out;
	}
	rc = 0;
out:
	jval_free(j);
	if (rc == -1)
		err_ctx(e, "%s", LAYOUT_MARKER);
	return (rc);
}

int
marker_open(struct store_get **out, struct archive *a, struct err *e)
{
	struct store_get	*get = NULL;

	if (store_get_open(&get, a->store, LAYOUT_MARKER, e) ||
	    store_get_ask(get, 0, STORE_TO_END, e)) {
		store_get_free(get);
		return (-1);
	}
	*out = get;
	return (0);
}

int
marker_read(struct marker *m, struct archive *a, struct store_get *get,
    struct err *e)
{
	uint8_t	*buf;
	size_t	 n;
	int	 rc;

	if ((buf = malloc(MARKER_MAX)) == NULL)
		return (err_sys(e, ERR_LOCAL, "%s", LAYOUT_MARKER));
	if ((rc = store_get_take(get, buf, MARKER_MAX, &n, e)) == 0)
		rc = marker_parse(m, buf, n, a, e);
	free(buf);
	return (rc);
}

int
marker_require(struct marker *m, struct archive *a, struct store_get *get,
    struct err *e)
{
	int	 rc = marker_read(m, a, get, e);

	if (rc != 1)
		return (rc);
	return (err_set(e, ERR_REMOTE,
	    "%s: there is no repository of server %s with system identifier %"
	    PRIu64 " (no file \"%s\"); is its disk mounted?",
	    store_name(a->store), a->server, a->system_id, LAYOUT_MARKER));
}

int
marker_look(struct marker *m, struct archive *a, struct err *e)
{
	struct store_get	*get = NULL;
	int			 rc = -1;

	if (marker_open(&get, a, e) == 0)
		rc = marker_require(m, a, get, e);
	store_get_free(get);
	return (rc);
}

int
marker_stands(struct archive *a)
{
	struct err	 unused = ERR_INIT;
	struct marker	 m;

	return (marker_look(&m, a, &unused) == 0);
}

/*
 * What this host remembers.  Returns 0 and the repository's id, 1 if nothing,
 * or -1.  A file that cannot be understood is a failure: a person must decide
 * before a repository begins anew.
 */
static int
recall(uint8_t id[ID_LEN], const struct archive *a, const char *state_dir,
    char *path, size_t size, struct err *e)
{
	struct err	 why = ERR_INIT;
	char		*text = NULL, dir[PATH_MAX];
	size_t		 n;
	int		 rc;

	if (layout_state(dir, state_dir, a->server, a->system_id, e) ||
	    path_join(path, size, dir, "repository", e))
		return (-1);
	if ((rc = io_load(path, 4096, &text, &n, e)) != 0)
		return (rc);
	text[strcspn(text, "\n")] = '\0';
	if (parse_hex(text, id, ID_LEN, path, &why) == -1)
		rc = err_set(e, ERR_LOCAL, "%s", why.msg);
	free(text);
	return (rc);
}

int
marker_remembered(uint8_t id[ID_LEN], const struct archive *a,
    const char *state_dir, struct err *e)
{
	char	 path[PATH_MAX];

	return (recall(id, a, state_dir, path, sizeof(path), e));
}

/* Write "id" to a file of the state folder: all of it or nothing. */
static int
note(const uint8_t id[ID_LEN], const struct archive *a,
    const char *state_dir, const char *file, struct err *e)
{
	char	 dir[PATH_MAX], path[PATH_MAX], text[2 * ID_LEN + 2];

	(void)str_hex(text, id, ID_LEN);
	memcpy(text + 2 * ID_LEN, "\n", 2);
	if (layout_state(dir, state_dir, a->server, a->system_id, e) ||
	    path_join(path, sizeof(path), dir, file, e) ||
	    io_mkdirs(dir, 0700, e) ||
	    io_save(path, 0600, text, strlen(text), 1, e))
		return (err_ctx(e, "state_dir must be writable to begin a "
		    "repository"));
	return (0);
}

/*
 * The memory is written in two steps.  prepare() shows that the state folder
 * can be written, before a marker is published.  remember() makes it the
 * memory, afterwards.  A crash in between leaves a marker that is not
 * remembered, and the next push remembers it.  The steps write two names: of
 * two pushes that begin at once only one publishes its id, and the memory must
 * never hold the other.
 */
static int
prepare(const uint8_t id[ID_LEN], const struct archive *a,
    const char *state_dir, struct err *e)
{
	return (note(id, a, state_dir, "repository.new", e));
}

static int
remember(const uint8_t id[ID_LEN], const struct archive *a,
    const char *state_dir, struct err *e)
{
	char	 dir[PATH_MAX], path[PATH_MAX];

	if (note(id, a, state_dir, "repository", e) ||
	    layout_state(dir, state_dir, a->server, a->system_id, e) ||
	    path_join(path, sizeof(path), dir, "repository.new", e))
		return (-1);
	(void)unlink(path);		/* nobody reads it: no harm if left */
	return (0);
}

/* The text of a new marker. */
static int
compose(char **text, const struct marker *m, const struct archive *a,
    struct err *e)
{
	struct jval	*j = NULL;
	char		 id[2 * ID_LEN + 1], now[CLOCK_TEXT], system[24];
	size_t		 n;
	int		 rc = -1;

	(void)str_hex(id, m->repository_id, ID_LEN);
	if (str_fmt(system, sizeof(system), e, "%" PRIu64, a->system_id) ||
	    jval_object(&j, e) ||
	    jval_set_str(j, "server", a->server, e) ||
	    jval_set_str(j, "system_identifier", system, e) ||
	    jval_set_str(j, "repository_id", id, e) ||
	    jval_set_u64(j, "wal_segment_size", m->wal_segment_size, e) ||
	    jval_set_str(j, "created", clock_format(now, m->created_us), e) ||
	    jval_set_str(j, "seawall", SEAWALL_VERSION, e) ||
	    jval_text(j, 0, text, &n, e))
		goto out;
	rc = 0;
out:
	jval_free(j);
	return (rc);
}

/* Publish the first marker.  ERR_CONFLICT if another push was quicker. */
static int
begin(const struct marker *m, struct archive *a, struct err *e)
{
	struct head_place	 place = archive_place(a, LAYOUT_MARKER);
	char			*text = NULL, *file = NULL;
	size_t			 n;
	int			 rc = -1, stood = clusterdirs_server(a);

	/*
	 * Only this put, and that of a probe, may make SERVER/SYSTEMID.
	 * Anywhere else a missing folder means that the disk is not mounted.
	 */
	store_makes_base(a->store, 1);
	if (compose(&text, m, a, e) ||
	    sign_text(&file, &n, "marker", &place, text, a->key, e) ||
	    archive_publish(a, LAYOUT_MARKER, file, n, e))
		goto out;
	rc = 0;
out:
	store_makes_base(a->store, 0);
	if (rc == -1 && e->kind != ERR_CONFLICT)
		clusterdirs_remove(a, stood);
	free(file);
	free(text);
	return (rc);
}

/* The cluster's segments have the size that the repository was begun with. */
static int
check_segsize(const struct marker *m, const struct archive *a,
    uint64_t wal_segment_size, struct err *e)
{
	if (wal_segment_size == 0 || m->wal_segment_size == wal_segment_size)
		return (0);
	return (err_set(e, ERR_CONFLICT,
	    "%s: the repository was begun with WAL segments of %" PRIu64
	    " bytes, the cluster has %" PRIu64, store_name(a->store),
	    m->wal_segment_size, wal_segment_size));
}

static int
begin_anew(struct marker *m, struct archive *a, const char *state_dir,
    uint64_t wal_segment_size, struct err *e)
{
	struct err	 why = ERR_INIT;

	if (wal_segment_size == 0)
		return (err_set(e, ERR_PG, "a repository cannot begin with "
		    "this file: the WAL segment size of this version of "
		    "PostgreSQL is not known; push a segment first"));
	*m = (struct marker){ .wal_segment_size = wal_segment_size,
	    .created_us = clock_now_us(), .begun = 1 };
	/* In this order: no marker may be published that is not remembered. */
	if (io_random(m->repository_id, ID_LEN, e) ||
	    prepare(m->repository_id, a, state_dir, e))
		return (-1);
	if (begin(m, a, &why) == 0)
		return (remember(m->repository_id, a, state_dir, e));
	if (why.kind != ERR_CONFLICT)
		return (err_set(e, why.kind, "%s", why.msg));
	/* Two pushes began at once: the marker that stands holds for both. */
	if (marker_look(m, a, e) ||
	    check_segsize(m, a, wal_segment_size, e))
		return (-1);
	return (remember(m->repository_id, a, state_dir, e));
}

/*
 *	marker	 memory		what it means
 *	missing	 nothing	the repository begins now
 *	missing	 an id		its disk may not be mounted: refused
 *	there	 nothing	another host began it, or the state folder was
 *				lost: it is remembered
 *	there	 its id		as usual
 *	there	 another id	another disk or address: refused
 */
int
marker_check(struct marker *m, struct archive *a, struct store_get *get,
    const char *state_dir, uint64_t wal_segment_size, struct err *e)
{
	struct err	 unable = ERR_INIT;
	uint8_t		 known[ID_LEN];
	char		 path[PATH_MAX];
	int		 there, recalled;

	if ((there = marker_read(m, a, get, e)) == -1 ||
	    (recalled = recall(known, a, state_dir, path, sizeof(path),
	    e)) == -1)
		return (-1);
	if (there == 1 && recalled == 0)
		return (err_set(e, ERR_REMOTE,
		    "%s: the repository of server %s that this host used is "
		    "gone; is its disk mounted? to begin a new one, remove %s",
		    store_name(a->store), a->server, path));
	if (there == 1)
		return (1);
	if (recalled == 0 && memcmp(known, m->repository_id, ID_LEN) != 0)
		return (err_set(e, ERR_REMOTE,
		    "%s: this is another repository of server %s than the one "
		    "used so far; if that is intended, remove %s",
		    store_name(a->store), a->server, path));
	if (check_segsize(m, a, wal_segment_size, e))
		return (-1);
	/*
	 * The marker is there and right, so WAL can be archived: that this
	 * host cannot remember it must not stop that.
	 */
	if (recalled == 1)
		(void)remember(m->repository_id, a, state_dir, &unable);
	return (0);
}

int
marker_ensure(struct marker *m, struct archive *a, struct store_get *get,
    const char *state_dir, uint64_t wal_segment_size, struct err *e)
{
	int	 rc;

	rc = marker_check(m, a, get, state_dir, wal_segment_size, e);
	return (rc != 1 ? rc :
	    begin_anew(m, a, state_dir, wal_segment_size, e));
}
