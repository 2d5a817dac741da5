/* SPDX-License-Identifier: ISC */
/*
 * One journal: pieces, each with its length and its tag.  A crash may leave
 * any of them half written, or a later one whole and an earlier one not, in
 * the order in which the disk got to them.  A reader stops at the first piece
 * that is not whole, so it never reads past a hole.
 *
 * A journal is never continued.  A push that resumes a dead one begins its
 * own, and reads the other's until the new backup exists.
 */
#include <sys/file.h>
#include <sys/stat.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/str.h"
#include "crypt/hash.h"
#include "crypt/tag.h"
#include "reuse/journal.h"

#define PART		".part"
#define AROUND		(4 + HASH_LEN)	/* length and tag of a piece */

static const char	 use[] = "seawall journal 2\n";
static const char	 context_1[] = "seawall journal 1\n";

struct journal {
	int			 fd;
	int			 version;	/* of its tags: 1 or 2 */
	const struct key	*key;		/* borrowed */
	struct manifestfacts	 facts;
	char			*path;		/* of the main file */
	uint64_t		 size;		/* bytes written to the file */
	uint64_t		 begin;		/* of the manifest's pieces */

	/* Reading: the piece that is being handed out. */
	uint64_t		 at;		/* of the next piece */
	size_t			 n, done;
	uint8_t			 buf[4 + JOURNAL_PIECE + HASH_LEN];
};

void
journal_free(struct journal *j)
{
	if (j == NULL)
		return;
	if (j->fd != -1)
		(void)close(j->fd);	/* what it loses is stored anew */
	free(j->path);
	free(j);
}

void
journal_remove(struct journal *j)
{
	static const char *const	 ends[] = { "", PART, PART "~" };
	char				 path[PATH_MAX];
	struct err			 unused = ERR_INIT;
	size_t				 i;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (str_fmt(path, sizeof(path), &unused, "%s%s", j->path,
		    ends[i]) == 0)
			(void)unlink(path);	/* the next push tries again */
}

const struct manifestfacts *
journal_facts(const struct journal *j)
{
	return (&j->facts);
}

/*
 * The tag binds a piece to its journal and to its place there: a piece of
 * another journal, or one that was moved, does not pass.
 */
static int
tag_of(uint8_t tag[HASH_LEN], const struct journal *j, uint64_t at,
    const uint8_t *piece, size_t n, struct err *e)
{
	struct hash	*h;
	uint8_t		 raw[8];
	struct bytes_out o = bytes_out_of(raw, sizeof(raw));

	if (tag_new_keyed(&h, j->version == 1 ? TAG_USE_1 : use, j->key, e))
		return (-1);
	bytes_put_u64be(&o, at);
	if (j->version == 1)
		hash_add(h, context_1, sizeof(context_1) - 1);
	hash_add(h, j->facts.id, sizeof(j->facts.id));
	hash_add(h, raw, sizeof(raw));
	hash_add(h, piece, n);
	hash_final(h, tag);
	hash_free(h);
	return (0);
}

/*
 * The piece goes to the end in one write.  The end is where the last append
 * succeeded, not the end of the file: if a write fails half way, say because
 * the disk is full, its rest is a piece that does not pass.
 */
int
journal_append(struct journal *j, const void *p, size_t n, struct err *e)
{
	struct bytes_out	 o = bytes_out_of(j->buf, 4);

	assert(n >= 1 && n <= JOURNAL_PIECE);
	bytes_put_u32be(&o, (uint32_t)n);
	memcpy(j->buf + 4, p, n);
	if (tag_of(j->buf + 4 + n, j, j->size, j->buf, 4 + n, e) ||
	    io_write_at(j->fd, j->buf, n + AROUND, j->size, j->path, e))
		return (-1);
	j->size += n + AROUND;
	return (0);
}

int
journal_sync(struct journal *j, struct err *e)
{
	return (io_sync(j->fd, j->path, e));
}

/* Write the first piece, which says whose journal it is. */
static int
put_facts(struct journal *j, struct err *e)
{
	uint8_t			 raw[MANIFESTFACTS_MAX];
	struct bytes_out	 o = bytes_out_of(raw, sizeof(raw));

	manifestfacts_put(&o, &j->facts);
	assert(bytes_out_ok(&o));
	if (journal_append(j, raw, o.n, e))
		return (-1);
	j->begin = j->size;
	journal_rewind(j);
	return (0);
}

/*
 * The lock lives as long as the process that holds it.  After a crash it is
 * free, and nothing needs to be cleaned up.
 */
static int
lock(int fd)
{
	int	 rc;

	while ((rc = flock(fd, LOCK_EX | LOCK_NB)) == -1 && errno == EINTR)
		;
	return (rc);
}

/* Make a journal without a file. */
static int
new_journal(struct journal **out, const struct key *key, struct err *e)
{
	if ((*out = calloc(1, sizeof(**out))) == NULL)
		return (err_sys(e, ERR_LOCAL, "journal"));
	(*out)->fd = -1;
	(*out)->version = 2;
	(*out)->key = key;
	return (0);
}

int
journal_create(struct journal **out, const struct key *key,
    const struct manifestfacts *f, const char *state_dir, struct err *e)
{
	struct journal		*j;
	char			 dir[PATH_MAX], path[PATH_MAX];

	if (new_journal(&j, key, e))
		return (-1);
	j->facts = *f;
	if (layout_state(dir, state_dir, f->server, f->system_id, e) ||
	    io_mkdirs(dir, 0700, e) ||
	    str_fmt(path, sizeof(path), e, "%s/" JOURNAL_PREFIX "%s", dir,
	    f->id) ||
	    str_dup(&j->path, path, e))
		goto fail;
	j->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (j->fd == -1 || lock(j->fd) == -1) {
		err_sys(e, ERR_LOCAL, "create %s", path);
		goto fail;
	}
	if (put_facts(j, e))
		goto fail;
	*out = j;
	return (0);
fail:
	journal_free(j);
	return (-1);
}

static int
part_path(char *buf, size_t size, const struct journal *j, const char *end,
    struct err *e)
{
	return (str_fmt(buf, size, e, "%s" PART "%s", j->path, end));
}

/*
 * A part is not locked while it is written.  Only its own push writes it, and
 * others open it only after they got the journal's lock.
 */
int
journal_part(struct journal **out, const struct journal *of, struct err *e)
{
	struct journal	*j;
	char		 path[PATH_MAX];

	if (new_journal(&j, of->key, e))
		return (-1);
	j->facts = of->facts;
	if (str_dup(&j->path, of->path, e) ||
	    part_path(path, sizeof(path), j, "~", e))
		goto fail;
	j->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (j->fd == -1) {
		err_sys(e, ERR_LOCAL, "create %s", path);
		goto fail;
	}
	if (put_facts(j, e))
		goto fail;
	*out = j;
	return (0);
fail:
	journal_free(j);
	return (-1);
}

/*
 * The rename shows readers the old part or the new one, never a mixture.  It
 * is not synced: a power cut may lose pieces, which readers then see.
 */
int
journal_publish(struct journal *j, struct err *e)
{
	char	 from[PATH_MAX], to[PATH_MAX];

	if (part_path(from, sizeof(from), j, "~", e) ||
	    part_path(to, sizeof(to), j, "", e))
		return (-1);
	return (rename(from, to) == 0 ? 0 :
	    err_sys(e, ERR_LOCAL, "create %s", to));
}

void
journal_rewind(struct journal *j)
{
	j->at = j->begin;
	j->n = j->done = 0;
}

/*
 * Read the next piece into buf.  Returns 0, 1 if none is whole, or -1.  Its
 * length is only a claim until the tag, which is over it too, has passed; so
 * one read takes in as much as the largest piece may have.
 */
static int
next_piece(struct journal *j, struct err *e)
{
	struct bytes	 b;
	uint8_t		 tag[HASH_LEN];
	size_t		 got, n;

	j->n = j->done = 0;
	if (io_read_at(j->fd, j->buf, sizeof(j->buf), j->at, &got, j->path,
	    e))
		return (-1);
	if (got < AROUND + 1)
		return (1);
	b = bytes_of(j->buf, 4);
	n = bytes_u32be(&b);
	if (n < 1 || n > JOURNAL_PIECE || n > got - AROUND)
		return (1);
	if (tag_of(tag, j, j->at, j->buf, 4 + n, e))
		return (-1);
	if (!hash_equal(tag, j->buf + 4 + n))
		return (1);
	j->n = n;
	j->at += n + AROUND;
	return (0);
}

int
journal_read(struct journal *j, void *p, size_t n, size_t *got,
    struct err *e)
{
	uint8_t	*to = p;
	size_t	 take;
	int	 rc;

	for (*got = 0; *got < n; *got += take) {
		if (j->done == j->n && (rc = next_piece(j, e)) != 0)
			return (rc == 1 ? 0 : -1);
		take = j->n - j->done < n - *got ? j->n - j->done : n - *got;
		memcpy(to + *got, j->buf + 4 + j->done, take);
		j->done += take;
	}
	return (0);
}

int
journal_is_whole(const struct journal *j)
{
	return (j->at == j->size && j->done == j->n);
}

/*
 * Read the first piece, under the tag of either version.  The one that fits
 * is that of all pieces.  What an earlier program had stored is worth this.
 */
static int
first_piece(struct journal *j, struct err *e)
{
	int	 rc;

	if ((rc = next_piece(j, e)) != 1)
		return (rc);
	j->version = 1;
	return (next_piece(j, e));
}

/*
 * Whether the journal is what its name says.  The tag of the first piece is
 * over the id in the name, so a journal that was renamed does not pass.
 */
static int
is_of(struct journal *j, const struct archive *a, const char *id)
{
	struct err	 unused = ERR_INIT;

	return (first_piece(j, &unused) == 0 &&
	    manifestfacts_get(&j->facts, j->buf + 4, j->n) == 0 &&
	    strcmp(j->facts.id, id) == 0 &&
	    strcmp(j->facts.server, a->server) == 0 &&
	    j->facts.system_id == a->system_id);
}

/*
 * The lock comes before the first look at the content: only its owner knows
 * that nobody writes.  It is kept until journal_free(), so that two pushes at
 * the same time do not resume the same dead one.
 */
int
journal_open_dead(struct journal **out, const struct archive *a,
    const char *dir, const char *id, int part, struct err *e)
{
	struct journal	*j;
	struct stat	 st;
	char		 path[PATH_MAX];

	*out = NULL;
	if (new_journal(&j, a->key, e))
		return (-1);
	memcpy(j->facts.id, id, strlen(id));
	if (str_fmt(path, sizeof(path), e, "%s/" JOURNAL_PREFIX "%s", dir,
	    id) ||
	    str_dup(&j->path, path, e) ||
	    (part && part_path(path, sizeof(path), j, "", e))) {
		journal_free(j);
		return (-1);
	}
	j->fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	if (j->fd == -1 || fstat(j->fd, &st) == -1 || !S_ISREG(st.st_mode) ||
	    lock(j->fd) == -1) {
		journal_free(j);	/* a push is at work on it, or gone */
		return (0);
	}
	j->size = (uint64_t)st.st_size;
	if (!is_of(j, a, id)) {
		if (part)
			(void)unlink(path);
		else
			journal_remove(j);
		journal_free(j);
		return (0);
	}
	j->begin = j->at;
	journal_rewind(j);
	*out = j;
	return (0);
}
