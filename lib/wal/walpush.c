/* SPDX-License-Identifier: ISC */
/* One WAL file into the archive, in steps. */
#include <sys/stat.h>

#include <inttypes.h>
#include <stdlib.h>

#include "base/io.h"
#include "crypt/tag.h"
#include "pg/history.h"
#include "pg/walname.h"
#include "pg/walseg.h"
#include "repo/layout.h"
#include "repo/marker.h"
#include "repo/object.h"
#include "wal/walpush.h"

#define SMALL_MAX	((uint64_t)1 << 20)	/* .history and .backup files */
#define STEP		((size_t)64 << 10)

struct walpush {
	struct archive		*a;
	struct walpush_file	 f;
	struct stat		 st;		/* when it was checked */
	uint64_t		 segsize;
	struct store_get	*marker, *old;
	struct object_put	*put;
	int			 done;		/* the content was there */
	char			 path[LAYOUT_PATH];
};

/* Whether files of that kind are as large as a segment and begin like one. */
static int
is_segment(enum walname_kind kind)
{
	return (kind == WALNAME_SEGMENT || kind == WALNAME_PARTIAL);
}

static int
check_size(uint64_t size, enum walname_kind kind, uint64_t segsize,
    struct err *e)
{
	if (is_segment(kind) && segsize != 0 && size != segsize)
		return (err_set(e, ERR_CORRUPT, "file has %" PRIu64
		    " bytes, WAL segments of this cluster have %" PRIu64,
		    size, segsize));
	if (!is_segment(kind) && (size == 0 || size > SMALL_MAX))
		return (err_set(e, ERR_CORRUPT, "file has %" PRIu64
		    " bytes, expected 1 to %" PRIu64, size, SMALL_MAX));
	return (0);
}

/* The first page of a segment; "segsize" is set if it was not known. */
static int
check_header(const struct archive *a, const struct walpush_file *w,
    const struct walname *name, uint64_t *segsize, struct err *e)
{
	struct walseg	 seg;
	uint8_t		 first[WALSEG_HEADER];
	size_t		 n;

	if (io_read_at(w->fd, first, sizeof(first), 0, &n, w->name, e))
		return (-1);
	if (n != sizeof(first))
		return (err_set(e, ERR_CORRUPT, "file is cut short"));
	seg = walseg_parse(first);
	if (*segsize == 0)
		*segsize = seg.segsize;
	if (!walname_segsize_ok(*segsize))
		return (err_set(e, ERR_CORRUPT, "header says WAL segments "
		    "have %" PRIu64 " bytes, which cannot be", *segsize));
	if (walname_check(name, (uint32_t)*segsize, e))
		return (-1);
	return (walseg_check(&seg, name, a->system_id, (uint32_t)*segsize,
	    e));
}

/* A history that PostgreSQL could not read would end a recovery later. */
static int
check_history(const struct walpush_file *w, const struct walname *name,
    uint64_t size, struct err *e)
{
	struct history	 h = { 0 };
	char		*text;
	size_t		 n;
	int		 rc;

	if ((text = malloc((size_t)size)) == NULL)
		return (err_sys(e, ERR_LOCAL, "read"));
	if ((rc = io_read_at(w->fd, text, (size_t)size, 0, &n, w->name,
	    e)) == 0)
		rc = history_parse(text, n, name->tli, &h, e);
	if (rc == 0 && h.n == 0)
		rc = err_set(e, ERR_CORRUPT, "names no timeline that this "
		    "one came from");
	history_free(&h);
	free(text);
	return (rc);
}

/* What the file says of itself, before anything of it is sent. */
static int
check_file(struct walpush *w, struct err *e)
{
	const struct walpush_file	*f = &w->f;
	struct walname			 name;
	uint64_t			 size;

	if (walname_parse(f->name, &name, e))
		return (-1);
	if (fstat(f->fd, &w->st) == -1)
		return (err_sys(e, ERR_LOCAL, "stat"));
	if (!S_ISREG(w->st.st_mode))
		return (err_set(e, ERR_LOCAL, "not a regular file"));
	size = (uint64_t)w->st.st_size;
	w->segsize = f->wal_segment_size;
	if (check_size(size, name.kind, w->segsize, e))
		return (-1);
	if (name.kind == WALNAME_HISTORY)
		return (check_history(f, &name, size, e));
	if (!is_segment(name.kind))
		return (w->segsize == 0 ? 0 :
		    walname_check(&name, (uint32_t)w->segsize, e));
	if (check_header(w->a, f, &name, &w->segsize, e))
		return (-1);
	return (check_size(size, name.kind, w->segsize, e));
}

int
walpush_open(struct walpush **out, struct archive *a,
    const struct walpush_file *f, struct err *e)
{
	struct walpush	*w;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		return (err_sys(e, ERR_LOCAL, "push"));
	w->a = a;
	w->f = *f;
	/* Three opens, one round trip.  The marker's first: see marker.h. */
	if (check_file(w, e) ||
	    layout_wal(w->path, f->name, e) ||
	    marker_open(&w->marker, a, e) ||
	    store_get_open(&w->old, a->store, w->path, e) ||
	    object_put_open(&w->put, a, HEAD_WAL, w->path, e)) {
		walpush_free(w);
		return (-1);
	}
	*out = w;
	return (0);
}

int
walpush_ready(struct walpush *w)
{
	struct err	 unused = ERR_INIT;

	/* What is lost is found by walpush_send(). */
	if (w->marker == NULL || store_poll(w->a->store, &unused) == -1)
		return (1);
	return (store_get_ready(w->marker) && store_get_ready(w->old));
}

/*
 * The repository is the right one, or begins now.  Where there was none when
 * we asked, another push of ours may have begun it since.
 */
static int
check_marker(struct walpush *w, struct err *e)
{
	struct marker	 m;
	uint64_t	 size;
	int		 r;

	if ((r = store_get_size(w->marker, &size, e)) == -1)
		return (-1);
	if (r == 1) {
		store_get_free(w->marker);
		w->marker = NULL;
		if (marker_open(&w->marker, w->a, e))
			return (-1);
	}
	return (marker_ensure(&m, w->a, w->marker, w->f.state_dir,
	    w->segsize, e));
}

/* What was read is the file that was checked, and is still wanted. */
static int
check_unchanged(const struct walpush *w, uint64_t nread, struct err *e)
{
	struct stat	 st;

	if (nread != (uint64_t)w->st.st_size)
		return (err_set(e, ERR_CORRUPT, "file changed from %" PRIu64
		    " to %" PRIu64 " bytes while it was read",
		    (uint64_t)w->st.st_size, nread));
	if (fstat(w->f.fd, &st) == -1)
		return (err_sys(e, ERR_LOCAL, "stat"));
	if (st.st_size != w->st.st_size ||
	    st.st_mtim.tv_sec != w->st.st_mtim.tv_sec ||
	    st.st_mtim.tv_nsec != w->st.st_mtim.tv_nsec)
		return (err_set(e, ERR_CORRUPT,
		    "file changed while it was read"));
	return (w->f.still == NULL ? 0 : w->f.still(w->f.arg, e));
}

/* Read all of the file, into a pipeline or a hash; it did not change. */
static int
read_file(struct walpush *w, struct sink *s, struct hash *h, struct err *e)
{
	uint8_t		 buf[STEP];
	uint64_t	 off = 0;
	size_t		 n;

	do {
		if (io_read_at(w->f.fd, buf, sizeof(buf), off, &n, w->f.name,
		    e))
			return (-1);
		off += n;
		if (h != NULL)
			hash_add(h, buf, n);
		else if (sink_write(s, buf, n, e))
			return (-1);
		if (w->f.meanwhile != NULL)
			w->f.meanwhile(w->f.arg);
		if (w->f.still != NULL && w->f.still(w->f.arg, e))
			return (-1);
	} while (n == sizeof(buf));
	return (check_unchanged(w, off, e));
}

/*
 * The same content, or not?  Only the file here needs to be read; its tag is
 * made as that of what is there was, which may be of an older version.
 */
static int
compare(struct walpush *w, const struct head *there, struct err *e)
{
	struct head_place place = archive_place(w->a, w->path);
	struct head	 ours = { .version = there->version };
	struct hash	*tag = NULL;
	int		 rc = -1;

	if (tag_new(&tag, there->version, &place, w->a->key, e) ||
	    read_file(w, NULL, tag, e))
		goto out;
	ours.plain_size = hash_count(tag);
	hash_final(tag, ours.tag);
	key_id(ours.signer, key_signer(w->a->key, 0));
	if (object_same(there, &ours, w->path, e))
		goto out;
	/* Who stored it may have died before the name was durable. */
	rc = store_settle(w->a->store, w->path, e);
out:
	hash_free(tag);
	return (rc);
}

static int
upload(struct walpush *w, struct err *e)
{
	struct sink	*s;

	if (object_put_sink(w->put, w->f.codec, &s, e) ||
	    read_file(w, s, NULL, e))
		return (-1);
	return (object_put_end(w->put, e));
}

int
walpush_send(struct walpush *w, struct err *e)
{
	struct head	 there;
	int		 r;

	if (check_marker(w, e))
		return (-1);
	r = object_head(&there, w->a, w->old, HEAD_WAL, w->path, e);
	store_get_free(w->marker);
	store_get_free(w->old);
	w->marker = w->old = NULL;
	if (r == -1)
		return (-1);
	if (r == 1)
		return (upload(w, e));
	if (compare(w, &there, e))
		return (-1);
	w->done = 1;
	object_put_free(w->put);	/* its temporary file goes */
	w->put = NULL;
	return (0);
}

int
walpush_step(struct walpush *w, struct err *e)
{
	int	 r;

	if (w->done)
		return (0);
	if (store_poll(w->a->store, e))
		return (-1);
	if ((r = object_put_step(w->put, e)) == 0)
		w->done = 1;
	return (r);
}

int
walpush_named(const struct walpush *w)
{
	return (w->put != NULL && object_put_named(w->put));
}

void
walpush_free(struct walpush *w)
{
	if (w == NULL)
		return;
	object_put_free(w->put);
	store_get_free(w->old);
	store_get_free(w->marker);
	free(w);
}

int
walpush_file(struct archive *a, const struct walpush_file *f, struct err *e)
{
	struct walpush	*w = NULL;
	int		 rc = -1;

	if (walpush_open(&w, a, f, e) || walpush_send(w, e))
		goto out;
	while ((rc = walpush_step(w, e)) == 1)
		if (store_wait(a->store, e)) {
			rc = -1;
			break;
		}
out:
	walpush_free(w);
	return (rc);
}
