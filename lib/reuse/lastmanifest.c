/* SPDX-License-Identifier: ISC */
/*
 * The last manifest, kept where the next push finds it.  The next push takes
 * files unread on the word of this file, so it is used only if its tag fits:
 * a damaged copy could claim that a file did not change.
 */
#include <sys/stat.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/str.h"
#include "crypt/tag.h"
#include "reuse/lastmanifest.h"
#include "stream/file.h"

#define NAME		"last-manifest"
#define MAGIC_LEN	8
#define END_LEN		(4 + MAGIC_LEN + HASH_LEN)

static const char	 magic[] = "SWLAST2\n";
static const char	 magic_1[] = "SWLAST1\n";
static const char	 use[] = "seawall last manifest 2\n";
static const char	 context_1[] = "seawall last manifest 1\n";

struct lastmanifest_writer {
	struct sink	*file;
	struct hash	*tag;
	struct err	 err;		/* the first failure to keep it */
};

struct tee {
	struct sink	 base;
	struct lastmanifest_writer *w;	/* borrowed */
};

/*
 * The tag of version 1 was under the key of content tags.  A context in front
 * made sure that no tag of an object's content could pass for one of these.
 */
static int
begin_tag_1(struct hash **h, const struct key *key, struct err *e)
{
	if (tag_new_keyed(h, TAG_USE_1, key, e))
		return (-1);
	hash_add(*h, context_1, sizeof(context_1) - 1);
	return (0);
}

int
lastmanifest_begin(struct lastmanifest_writer **out, const struct archive *a,
    const char *state_dir, struct err *e)
{
	struct lastmanifest_writer	*w;
	char			 dir[PATH_MAX], path[PATH_MAX];

	if ((w = calloc(1, sizeof(*w))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list of files"));
	if (layout_state(dir, state_dir, a->server, a->system_id, e) ||
	    str_fmt(path, sizeof(path), e, "%s/" NAME, dir) ||
	    io_mkdirs(dir, 0700, e) ||
	    tag_new_keyed(&w->tag, use, a->key, e) ||
	    file_sink_open(&w->file, path, NAME, 0600, 1, e)) {
		lastmanifest_writer_free(w);
		return (-1);
	}
	*out = w;
	return (0);
}

void
lastmanifest_writer_free(struct lastmanifest_writer *w)
{
	if (w == NULL)
		return;
	sink_free(w->file);
	hash_free(w->tag);
	free(w);
}

static int
put(struct lastmanifest_writer *w, const void *p, size_t n, struct err *e)
{
	hash_add(w->tag, p, n);
	return (sink_write(w->file, p, n, e));
}

/*
 * A full disk here must not fail the backup, so the failure is kept for
 * lastmanifest_publish(), and the rest is only passed on.
 */
static int
tee_write(struct sink *base, const void *p, size_t n, struct err *e)
{
	struct lastmanifest_writer	*w = ((struct tee *)base)->w;

	if (w->err.kind == ERR_NONE)
		(void)put(w, p, n, &w->err);
	return (sink_write(base->next, p, n, e));
}

static int
tee_finish(struct sink *base, struct err *e)
{
	(void)base;			/* nothing is held back here */
	(void)e;
	return (0);
}

static void
tee_free(struct sink *base)
{
	free(base);
}

static const struct sink_ops tee_ops = { tee_write, tee_finish, tee_free };

int
lastmanifest_tee_stack(struct sink **head, struct lastmanifest_writer *w,
    struct err *e)
{
	struct tee	*t;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list of files"));
	t->base.ops = &tee_ops;
	t->base.next = *head;
	t->w = w;
	*head = &t->base;
	return (0);
}

int
lastmanifest_publish(struct lastmanifest_writer *w,
    const struct manifestfacts *f, struct err *e)
{
	uint8_t			 raw[MANIFESTFACTS_MAX + END_LEN];
	uint8_t			 tag[HASH_LEN];
	struct bytes_out	 o = bytes_out_of(raw, sizeof(raw));

	if (w->err.kind != ERR_NONE)
		return (err_set(e, w->err.kind, "%s", w->err.msg));
	manifestfacts_put(&o, f);
	bytes_put_u32be(&o, (uint32_t)o.n);
	bytes_put(&o, magic, MAGIC_LEN);
	assert(bytes_out_ok(&o));
	if (put(w, raw, o.n, e))
		return (-1);
	hash_final(w->tag, tag);
	return (sink_write(w->file, tag, HASH_LEN, e) ||
	    sink_finish(w->file, e) ? -1 : 0);
}

static int
doubt(const struct lastmanifest *l, struct err *e)
{
	return (err_set(e, ERR_CORRUPT, "%s is damaged or was not made with "
	    "this key", l->path));
}

static int
parse_facts(struct lastmanifest *l, const struct archive *a,
    const uint8_t *raw, size_t n, struct err *e)
{
	if (manifestfacts_get(&l->facts, raw, n))
		return (doubt(l, e));
	if (strcmp(l->facts.server, a->server) != 0 ||
	    l->facts.system_id != a->system_id)
		return (err_set(e, ERR_CORRUPT, "%s is of another cluster",
		    l->path));
	return (0);
}

/* 0: none that is known. */
static int
version_of(const uint8_t *found)
{
	return (memcmp(found, magic, MAGIC_LEN) == 0 ? 2 :
	    memcmp(found, magic_1, MAGIC_LEN) == 0 ? 1 : 0);
}

/*
 * Read what follows the manifest: facts, their length, magic, tag.  They
 * stand at the end because the manifest is written as it is sent, and its
 * hash is known only afterwards.  None of it is authentic yet.
 */
static int
read_end(struct lastmanifest *l, const struct archive *a, uint64_t size,
    struct err *e)
{
	uint8_t		 raw[MANIFESTFACTS_MAX + END_LEN];
	struct bytes	 b;
	size_t		 n, got, facts;

	n = size < sizeof(raw) ? (size_t)size : sizeof(raw);
	if (io_read_at(l->fd, raw, n, size - n, &got, l->path, e))
		return (-1);
	if (got != n || n < END_LEN)
		return (doubt(l, e));
	b = bytes_of(raw + n - END_LEN, END_LEN);
	facts = bytes_u32be(&b);
	if ((l->version = version_of(bytes_take(&b, MAGIC_LEN))) == 0 ||
	    facts > n - END_LEN)
		return (doubt(l, e));
	l->tail = facts + END_LEN;
	l->len = size - l->tail;
	return (parse_facts(l, a, raw + n - l->tail, facts, e));
}

int
lastmanifest_open(struct lastmanifest **out, const struct archive *a,
    const char *state_dir, struct err *e)
{
	struct lastmanifest	*l;
	struct stat	 st;
	char		 dir[PATH_MAX], path[PATH_MAX];
	int		 rc = -1;

	if ((l = calloc(1, sizeof(*l))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list of files"));
	l->fd = -1;
	l->key = a->key;
	if (layout_state(dir, state_dir, a->server, a->system_id, e) ||
	    str_fmt(path, sizeof(path), e, "%s/" NAME, dir) ||
	    str_dup(&l->path, path, e))
		goto out;
	/* O_NONBLOCK: whatever has this name, opening it must not hang. */
	l->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (l->fd == -1 && errno == ENOENT) {
		rc = 1;
		goto out;
	}
	if (l->fd == -1 || fstat(l->fd, &st) == -1) {
		err_sys(e, ERR_LOCAL, "open %s", path);
		goto out;
	}
	if (!S_ISREG(st.st_mode))
		doubt(l, e);
	else
		rc = read_end(l, a, (uint64_t)st.st_size, e);
	if (rc == 0) {
		*out = l;
		l = NULL;
	}
out:
	lastmanifest_free(l);
	return (rc);
}

int
lastmanifest_hash(const struct lastmanifest *l, struct hash **h, struct err *e)
{
	return (l->version == 1 ? begin_tag_1(h, l->key, e) :
	    tag_new_keyed(h, use, l->key, e));
}

/* The count shows a file that was cut short while it was read. */
int
lastmanifest_check(const struct lastmanifest *l, struct hash *h, struct err *e)
{
	uint8_t	 raw[MANIFESTFACTS_MAX + END_LEN], tag[HASH_LEN];
	size_t	 got, front = l->version == 1 ? sizeof(context_1) - 1 : 0;

	if (io_read_at(l->fd, raw, l->tail, l->len, &got, l->path, e))
		return (-1);
	if (got != l->tail ||
	    hash_count(h) != front + l->len)
		return (doubt(l, e));
	hash_add(h, raw, l->tail - HASH_LEN);
	hash_final(h, tag);
	return (hash_equal(tag, raw + l->tail - HASH_LEN) ? 0 :
	    doubt(l, e));
}

void
lastmanifest_free(struct lastmanifest *l)
{
	if (l == NULL)
		return;
	if (l->fd != -1)
		(void)close(l->fd);	/* read only: nothing to lose */
	free(l->path);
	free(l);
}
