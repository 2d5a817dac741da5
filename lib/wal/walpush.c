/* SPDX-License-Identifier: ISC */
/*
 * One WAL file into the archive, in steps.
 *
 * PostgreSQL removes the file once archive_command has succeeded, so every
 * success here must mean that this very content is durable in the repository.
 * It repeats a push whose answer it did not get, so the same content there is
 * success.
 */
#include <sys/stat.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "crypt/tag.h"
#include "pg/walfacts.h"
#include "pg/walname.h"
#include "repo/layout.h"
#include "repo/marker.h"
#include "repo/object.h"
#include "wal/walcheck.h"
#include "wal/walpush.h"

#define STEP		((size_t)64 << 10)

struct walpush {
	struct archive		*a;
	struct walpush_file	 f;
	struct stat		 st;		/* as it was when checked */
	uint64_t		 segsize;
	struct store_get	*marker, *old;
	struct object_put	*put;
	int			 done;		/* durable under its name */
	struct walfacts_notes	 notes;		/* of a segment */
	char			 path[LAYOUT_PATH];
};

int
walpush_open(struct walpush **out, struct archive *a,
    const struct walpush_file *f, struct err *e)
{
	struct walpush	*w;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		return (err_sys(e, ERR_LOCAL, "push"));
	w->a = a;
	w->f = *f;
	/*
	 * Three requests in one round trip.  The temporary file is asked for
	 * although the content may be there: that is rare, and a round trip
	 * more for each file would not be.  The marker is asked for first, see
	 * marker.h.
	 */
	w->segsize = f->wal_segment_size;
	if (walcheck_file(&w->st, f->fd, f->name, a->system_id, &w->segsize,
	    e) ||
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

	/* A lost connection counts as ready: walpush_send() reports it. */
	if (w->marker == NULL || store_poll(w->a->store, &unused) == -1)
		return (1);
	return (store_get_ready(w->marker) && store_get_ready(w->old));
}

/*
 * The repository is the right one, or begins now.  If it had no marker when
 * walpush_open() asked, another push of this process may have published one
 * since, so it is asked for again.
 */
static int
check_marker(struct walpush *w, struct err *e)
{
	struct marker	 m;
	int		 r;

	if ((r = store_get_exists(w->marker, e)) == -1)
		return (-1);
	if (r == 1) {
		store_get_free(w->marker);
		w->marker = NULL;
		if (marker_open(&w->marker, w->a, e))
			return (-1);
	}
	if (marker_ensure(&m, w->a, w->marker, w->f.state_dir, w->segsize, e))
		return (-1);
	if (w->f.found != NULL)
		memcpy(w->f.found, m.repository_id, MARKER_ID);
	if (m.begun && w->f.begun != NULL)
		w->f.begun(w->f.arg);
	return (0);
}

/*
 * What was read is the file that was checked, and is still wanted.  PostgreSQL
 * renames and reuses old segments: a file may change under an open descriptor.
 */
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

/* What has the name of a segment; of nothing else facts are noted. */
static int
is_segment(const struct walpush *w)
{
	struct walname	 name;
	struct err	 unused = ERR_INIT;

	return (walname_parse(w->f.name, &name, &unused) == 0 &&
	    name.kind == WALNAME_SEGMENT);
}

/*
 * Read all of the file into the pipeline "s" and note its facts, or, if "h" is
 * not NULL, into that hash.
 */
static int
read_file(struct walpush *w, struct sink *s, struct hash *h, struct err *e)
{
	const int	 noting = h == NULL && is_segment(w);
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
		if (noting)
			walfacts_add(&w->notes, buf, n);
		if (w->f.meanwhile != NULL)
			w->f.meanwhile(w->f.arg);
		if (w->f.still != NULL && w->f.still(w->f.arg, e))
			return (-1);
	} while (n == sizeof(buf));
	return (check_unchanged(w, off, e));
}

/*
 * Whether the object that is there has the same content.  Only the local file
 * needs to be read: the content tag in the object's header is compared.  It
 * is keyed, and made as the version says that the object has, which may be an
 * older one.
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
	/* The push that published it may have died before that was durable. */
	rc = store_settle(w->a->store, w->path, e);
out:
	hash_free(tag);
	return (rc);
}

/* What is no segment has no records to take apart. */
static struct codec_spec
codec(const struct walpush *w)
{
	static const struct codec_spec	 text = { CODEC_ZSTD, 3 };
	struct walname			 name;
	struct err			 unused = ERR_INIT;

	if (w->f.codec.codec == CODEC_WAL &&
	    walname_parse(w->f.name, &name, &unused) == 0 &&
	    name.kind != WALNAME_SEGMENT && name.kind != WALNAME_PARTIAL)
		return (text);
	return (w->f.codec);
}

_Static_assert(WALFACTS_LEN == HEAD_FACTS_LEN, "facts in a header");

/* Into the pipeline of w->put, whose header gets the facts of a segment. */
static int
read_all(struct walpush *w, struct sink *s, struct err *e)
{
	const struct walfacts	*facts;
	uint8_t			 bytes[HEAD_FACTS_LEN];

	walfacts_begin(&w->notes);
	if (read_file(w, s, NULL, e))
		return (-1);
	if (is_segment(w) && (facts = walfacts_end(&w->notes)) != NULL) {
		walfacts_encode(bytes, facts);
		object_put_facts(w->put, bytes);
	}
	return (0);
}

static int
seal(struct walpush *w, struct sealed **out, struct err *e)
{
	struct sink	*s;

	if (object_put_seal(w->put, codec(w), &s, e) || read_all(w, s, e))
		return (-1);
	return (object_put_sealed(w->put, out, e));
}

/* All of it is sealed before the first byte is sent: others may be faster. */
static int
upload_sealed(struct walpush *w, struct err *e)
{
	struct sealed	*s = NULL;
	size_t		 off, n;
	int		 rc = -1;

	if (w->f.sealed(w->f.arg, &s) == 1) {
		if (seal(w, &s, e))
			s = NULL;
		w->f.made(w->f.arg, s);
		if (s == NULL)
			return (-1);
	}
	for (off = 0; off < s->n; off += n) {
		n = s->n - off < STEP ? s->n - off : STEP;
		if (object_put_copy(w->put, s, off, n, e))
			goto out;
		if (w->f.meanwhile != NULL)
			w->f.meanwhile(w->f.arg);
		if (w->f.still != NULL && w->f.still(w->f.arg, e))
			goto out;
	}
	rc = object_put_copied(w->put, s, e);
out:
	sealed_free(s);
	return (rc);
}

static int
upload(struct walpush *w, struct err *e)
{
	struct sink	*s;

	if (w->f.sealed != NULL && (uint64_t)w->st.st_size <= SEALED_MAX)
		return (upload_sealed(w, e));
	if (object_put_sink(w->put, codec(w), &s, e) || read_all(w, s, e))
		return (-1);
	return (object_put_end(w->put, e));
}

/*
 * Whether the data goes before the marker has been read, which saves a round
 * trip: if there is a marker, this host has used the repository before, and
 * nothing has the name.  It goes into a temporary file, and that gets its name
 * in later steps.
 */
static int
may_go_ahead(struct walpush *w)
{
	struct err	 unused = ERR_INIT;
	uint8_t		 id[MARKER_ID];

	return (store_get_exists(w->marker, &unused) == 0 &&
	    store_get_exists(w->old, &unused) == 1 &&
	    !store_get_ready(w->marker) &&
	    marker_remembered(id, w->a, w->f.state_dir, &unused) == 0);
}

static void
forget_gets(struct walpush *w)
{
	store_get_free(w->marker);
	store_get_free(w->old);
	w->marker = w->old = NULL;
}

int
walpush_send(struct walpush *w, struct err *e)
{
	struct head	 there;
	int		 r;

	if (may_go_ahead(w)) {
		r = upload(w, e) || check_marker(w, e) ? -1 : 0;
		forget_gets(w);
		return (r);
	}
	if (check_marker(w, e))
		return (-1);
	r = object_head(&there, w->a, w->old, HEAD_WAL, w->path, e);
	forget_gets(w);
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
