/* SPDX-License-Identifier: ISC */
/*
 * One object on its way.  FROM may be in a thief's hands, so not a byte of it
 * is believed: the name in TO is given only when the signature, the place and
 * the hash of all that was sent are right.  What arrives before lies in a
 * temporary file of TO, which nobody reads.
 */
#include <inttypes.h>
#include <string.h>

#include "copy/copyflight.h"
#include "crypt/hash.h"
#include "repo/marker.h"

#define STEP	((size_t)64 * 1024)

/* Of a file with a header and more behind it. */
static size_t
front(uint64_t size)
{
	return (size < HEAD_MAX ? (size_t)size : HEAD_MAX);
}

static void
settle(struct copyflight *f, enum copyitem_state state)
{
	f->it->state = state;
	f->done = 1;
}

/*
 * A read failed.  Where that is a fault of the object alone, which is believed
 * if the marker can be read over the same connection, the item is spoilt.
 */
static int
spoil(struct copyflight *f, struct archive *a, const struct err *why,
    struct err *e)
{
	struct err	 told = *why;

	if (why->kind != ERR_CORRUPT && why->kind != ERR_CONFLICT &&
	    !(err_of_one_file(why) && marker_stands(a))) {
		*e = *why;
		return (err_ctx(e, "%s", f->it->path));
	}
	(void)err_ctx(&told, "in %s", store_name(a->store));
	copyitem_spoil(f->it, &told);
	f->done = 1;
	return (0);
}

static int
ask(struct copyflight *f, struct err *e)
{
	const struct copyitem	*it = f->it;

	f->in_to = 0;
	if (store_get_open(&f->get, f->from->store, it->path, e))
		return (-1);
	if (!it->there)
		return (store_get_ask(f->get, 0, it->size <= INT64_MAX ?
		    it->size : STORE_TO_END, e));
	if (store_get_ask(f->get, 0, front(it->size), e))
		return (-1);
	f->in_to = 1;
	return (store_get_open(&f->there, f->to->store, it->path, e) ||
	    store_get_ask(f->there, 0, front(it->to_size), e) ? -1 : 0);
}

/* In a local directory it is here that a link, or a mode, is met. */
int
copyflight_begin(struct copyflight *f, struct err *e)
{
	struct err	 why = ERR_INIT;

	if (ask(f, &why))
		return (spoil(f, f->in_to ? f->to : f->from, &why, e));
	if (f->it->there)
		return (0);
	/* The header comes first: it is not made here, as in a push. */
	f->in_to = 1;
	if (store_put_open(&f->put, f->to->store, f->it->path, 0, e))
		return (err_ctx(e, "%s", f->it->path));
	return (0);
}

void
copyflight_ahead(struct copyflight *f)
{
	if (f->get != NULL)
		(void)store_get_ready(f->get);
	if (f->there != NULL)
		(void)store_get_ready(f->there);
}

/* The first "want" bytes.  Who knows the size tells a directory from a file. */
static int
take_front(struct store_get *get, uint8_t *buf, size_t want, size_t *n,
    struct err *e)
{
	uint64_t	 size;
	int		 rc;

	if ((rc = store_get_size(get, &size, e)) != 0)
		return (rc);
	return (store_get_take(get, buf, want, n, e));
}

/* The header of what FROM has, and what came with it, in "buf". */
static int
take_head(struct copyflight *f, uint8_t *buf, size_t *n, struct err *e)
{
	const uint64_t	 size = f->it->size;
	int		 rc;

	f->in_to = 0;
	rc = take_front(f->get, buf, f->it->there ? front(size) : HEAD_MAX, n,
	    e);
	if (rc != 0)
		return (rc);
	return (copyproof_head(&f->proof, f->from, f->it, buf, *n, e));
}

/*
 * What TO has is the same if its header is: that has the hash of all the rest.
 * A WAL file may have been pushed to both sides, and was sealed twice then;
 * signer, tag and size say that the content is the same.  The chunks of a pack
 * lie where the manifest says in one pack alone, and a manifest is meant by its
 * header.
 */
static int
same(const struct copyflight *f, const struct head *h, const uint8_t *hash)
{
	const struct head	*own = &f->proof.head;

	if (memcmp(hash, f->proof.head_hash, HASH_LEN) == 0)
		return (1);
	return (f->it->kind == HEAD_WAL &&
	    (h->version == 1) == (own->version == 1) &&
	    memcmp(h->signer, own->signer, KEY_ID_LEN) == 0 &&
	    h->plain_size == own->plain_size &&
	    hash_equal(h->tag, own->tag));
}

/* Read the header in TO, of a file of "size" bytes, and compare. */
static int
compare(struct copyflight *f, struct store_get *get, uint64_t size,
    struct err *e)
{
	struct head_place	 place = archive_place(f->to, f->it->path);
	struct head		 h;
	uint8_t			 buf[HEAD_MAX], hash[HASH_LEN];
	size_t			 n;
	int			 rc;

	f->in_to = 1;
	if ((rc = take_front(get, buf, front(size), &n, e)) != 0)
		return (rc);
	if (head_decode(&h, buf, n, f->it->kind, &place, f->to->key, e))
		return (-1);
	hash_of(hash, buf, h.len);
	if (h.len + h.payload_size != size)
		return (err_set(e, ERR_CORRUPT, "the file has %" PRIu64
		    " bytes, expected %" PRIu64 " as signed", size,
		    h.len + h.payload_size));
	if (!same(f, &h, hash))
		return (err_set(e, ERR_CONFLICT, "there is another object "
		    "under this name than in %s; nothing was changed",
		    store_name(f->from->store)));
	settle(f, COPYITEM_THERE);
	return (0);
}

/* Look at what TO has under the name; 1 if it has nothing. */
static int
look(struct copyflight *f, struct err *e)
{
	struct store_get	*get = NULL;
	struct err		 why = ERR_INIT;
	uint64_t		 size;
	int			 rc = -1;

	f->in_to = 1;
	if (store_get_open(&get, f->to->store, f->it->path, &why) == 0 &&
	    (rc = store_get_size(get, &size, &why)) == 0 &&
	    (rc = store_get_ask(get, 0, front(size), &why)) == 0)
		rc = compare(f, get, size, &why);
	store_get_free(get);
	return (rc == -1 ? spoil(f, f->to, &why, e) : rc);
}

/* The object, of which "buf" has the first "n" bytes, and its verdict. */
static int
send(struct copyflight *f, const uint8_t *buf, size_t n,
    void (*passed)(void *, size_t), void *arg, struct err *e)
{
	uint8_t		 more[STEP];
	struct err	 why = ERR_INIT;
	const uint8_t	*p = buf;
	size_t		 head = f->proof.head.len, want = HEAD_MAX;

	while (copyproof_add(&f->proof, p + head, n - head, &why) == 0) {
		f->in_to = 1;
		if (n > 0 && store_put_write(f->put, p, n, e))
			return (err_ctx(e, "%s", f->it->path));
		passed(arg, n);
		if (n < want) {
			if (copyproof_end(&f->proof, &why) == 0)
				return (0);
			break;
		}
		f->in_to = 0;
		p = more;
		head = 0;
		want = sizeof(more);
		if (store_get_take(f->get, more, want, &n, &why) != 0)
			break;
	}
	return (spoil(f, f->from, &why, e));
}

static int
transfer(struct copyflight *f, const uint8_t *buf, size_t n,
    void (*passed)(void *, size_t), void *arg, struct err *e)
{
	int	 rc;

	rc = send(f, buf, n, passed, arg, e);
	if (rc == 0 && !f->done) {
		f->in_to = 1;
		if ((rc = store_put_end(f->put, "", e)) == -1)
			err_ctx(e, "%s", f->it->path);
	}
	store_get_free(f->get);		/* its memory; the put may wait long */
	f->get = NULL;
	if (f->done) {			/* leave nothing of it in TO */
		store_put_free(f->put);
		f->put = NULL;
	}
	return (rc);
}

int
copyflight_pass(struct copyflight *f, void (*passed)(void *, size_t),
    void *arg, struct err *e)
{
	uint8_t		 buf[HEAD_MAX];
	struct err	 why = ERR_INIT;
	size_t		 n;
	int		 rc;

	if (f->done)
		return (0);
	rc = take_head(f, buf, &n, &why);
	if (rc == 1)
		settle(f, COPYITEM_GONE);
	if (rc == -1)
		return (spoil(f, f->from, &why, e));
	if (rc == 1)
		return (0);
	if (!f->it->there)
		return (transfer(f, buf, n, passed, arg, e));
	rc = compare(f, f->there, f->it->to_size, &why);
	if (rc == -1)
		return (spoil(f, f->to, &why, e));
	if (rc == 0)
		return (0);
	/* It was deleted in TO since it was listed: begin anew. */
	f->it->there = 0;
	copyflight_drop(f);
	return (copyflight_begin(f, e) ||
	    copyflight_pass(f, passed, arg, e) ? -1 : 0);
}

int
copyflight_step(struct copyflight *f, struct err *e)
{
	struct err	 why = ERR_INIT;
	int		 r;

	if (f->done)
		return (0);
	f->in_to = 1;
	if ((r = store_put_step(f->put, &why)) == 1)
		return (1);
	if (r == 0) {
		settle(f, COPYITEM_COPIED);
		return (0);
	}
	if (why.kind != ERR_CONFLICT) {
		*e = why;
		return (err_ctx(e, "%s", f->it->path));
	}
	/* Somebody else was quicker, another copy for example. */
	if ((r = look(f, e)) == 1)
		r = err_set(e, ERR_REMOTE, "%s: the name was taken and is "
		    "free again", f->it->path);
	return (r);
}

int
copyflight_named(const struct copyflight *f)
{
	return (f->done || store_put_named(f->put));
}

void
copyflight_drop(struct copyflight *f)
{
	store_get_free(f->get);
	store_get_free(f->there);
	store_put_free(f->put);
	copyproof_fini(&f->proof);
	f->get = f->there = NULL;
	f->put = NULL;
}
