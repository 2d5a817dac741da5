/* SPDX-License-Identifier: ISC */
/*
 * A list of files that an earlier push left, read twice: memory does not hold
 * it, and nothing of it may be used before all of it was authenticated.  The
 * second reading is checked as well, since the file may change in between;
 * what was decided by it counts only after pastlist_end().
 *
 * A journal needs no such end: each of its pieces is authentic by itself.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/str.h"
#include "reuse/pastlist.h"

#define STEP	((size_t)64 << 10)

static int
new_source(struct pastlist **out, struct err *e)
{
	if ((*out = calloc(1, sizeof(**out))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list of files"));
	return (0);
}

int
pastlist_last(struct pastlist **out, const struct archive *a,
    const char *state_dir, struct err *e)
{
	struct pastlist	*s;
	int		 rc;

	if (new_source(&s, e))
		return (-1);
	if ((rc = lastmanifest_open(&s->last, a, state_dir, e)) != 0) {
		free(s);
		return (rc);
	}
	s->facts = &s->last->facts;
	*out = s;
	return (0);
}

int
pastlist_journal(struct pastlist **out, struct journal *j, struct err *e)
{
	if (new_source(out, e)) {
		journal_free(j);
		return (-1);
	}
	(*out)->journal = j;
	(*out)->facts = journal_facts(j);
	return (0);
}

void
pastlist_free(struct pastlist *s)
{
	if (s == NULL)
		return;
	manifest_reader_drop(s->now);
	manifest_reader_free(s->reader);
	hash_free(s->tap);
	packusage_free(s->use);
	lastmanifest_free(s->last);
	journal_free(s->journal);
	free(s->id);
	free(s->place);
	free(s);
}

/*
 * The next bytes of the manifest; *got is less than "n" only at their end.
 * Whatever is read of a last manifest also goes into the hash "tap".
 */
static int
read_some(void *arg, void *buf, size_t n, size_t *got, struct err *e)
{
	struct pastlist	*s = arg;

	if (s->journal != NULL)
		return (journal_read(s->journal, buf, n, got, e));
	if (n > s->last->len - s->at)
		n = (size_t)(s->last->len - s->at);
	if (io_read_at(s->last->fd, buf, n, s->at, got, s->last->path, e))
		return (-1);
	s->at += *got;
	hash_add(s->tap, buf, *got);
	return (0);
}

/* Go back to the beginning, with a fresh hash. */
static int
rewind_all(struct pastlist *s, struct err *e)
{
	s->at = 0;
	hash_free(s->tap);
	s->tap = NULL;
	if (s->journal != NULL)
		journal_rewind(s->journal);
	return (s->last == NULL ? 0 : lastmanifest_hash(s->last, &s->tap, e));
}

struct looking {
	struct pastlist	*s;
	uint32_t	 chunk_size;
};

/* The header decides whether the list can be used; the rest only counts. */
static int
on_header(void *arg, uint32_t chunk_size, const char *const *backups,
    size_t nbackups, struct err *e)
{
	struct looking	*l = arg;
	struct pastlist	*s = l->s;
	size_t		 i;

	if (chunk_size != l->chunk_size)
		return (err_set(e, ERR_CONFLICT, "backup %s has chunks of %"
		    PRIu32 " bytes, chunk_size is %" PRIu32, s->facts->id,
		    chunk_size, l->chunk_size));
	if (strcmp(backups[0], s->facts->id) != 0)
		return (err_set(e, ERR_CORRUPT, "found another "
		    "backup's manifest, expected that of %s",
		    s->facts->id));
	if ((s->id = calloc(nbackups, sizeof(*s->id))) == NULL ||
	    (s->place = calloc(nbackups, sizeof(*s->place))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list of files"));
	for (i = 0; i < nbackups; i++)
		if (str_fmt(s->id[i], LAYOUT_ID, e, "%s", backups[i]))
			return (-1);
	s->nids = nbackups;
	return (packusage_new(&s->use, nbackups, e));
}

/*
 * Count the chunk as a use of its packs.  Of other backups' packs a journal
 * knows only what its push got to, so it does not count them: the base says
 * how much of them is in use.
 */
static int
on_chunk(void *arg, uint64_t index, const struct pack_ref *ref,
    struct err *e)
{
	struct pastlist	*s = ((struct looking *)arg)->s;
	struct pack_ref	 counts = *ref;

	(void)index;
	if (s->journal != NULL && ref->backup != 0)
		counts.pack = 0;
	if (s->journal != NULL && ref->diff.backup != 0)
		counts.diff.pack = 0;
	return (packusage_add(s->use, &counts, e));
}

static int
read_all(struct pastlist *s, struct sink *parser, struct err *e)
{
	uint8_t	*buf;
	size_t	 n;
	int	 rc = -1;

	if ((buf = malloc(STEP)) == NULL)
		return (err_sys(e, ERR_LOCAL, "list of files"));
	do {
		if (read_some(s, buf, STEP, &n, e) ||
		    sink_write(parser, buf, n, e))
			goto out;
	} while (n == STEP);
	rc = 0;
out:
	free(buf);
	return (rc);
}

/*
 * The tag is checked before sink_finish(), which would complain about a list
 * that was cut short in words of a manifest.  A journal's manifest has no end,
 * so it is not finished.
 */
static int
first_reading(struct pastlist *s, uint32_t chunk_size, struct err *e)
{
	static const struct manifest_events	 events = {
		.header = on_header, .chunk = on_chunk
	};
	struct looking	 l = { s, chunk_size };
	struct sink	*parser = NULL;
	int		 rc = -1;

	if (rewind_all(s, e) ||
	    manifest_sink_open(&parser, &events, &l, e) ||
	    read_all(s, parser, e))
		goto out;
	if (s->last != NULL && (lastmanifest_check(s->last, s->tap, e) ||
	    sink_finish(parser, e)))
		goto out;
	rc = s->nids > 0 ? 0 : err_set(e, ERR_CORRUPT, "found no "
	    "manifest in it");
out:
	sink_free(parser);
	return (rc);
}

int
pastlist_look(struct pastlist *s, uint32_t chunk_size, const struct key *key,
    struct err *e)
{
	if (!manifestfacts_fit(s->facts, key))
		return (err_set(e, ERR_CONFLICT, "backup %s was made for other "
		    "recipients than the key has now", s->facts->id));
	if (first_reading(s, chunk_size, e)) {
		/* The parser does not know which file it reads. */
		if (e->kind == ERR_CORRUPT && s->last != NULL &&
		    strstr(e->msg, s->last->path) == NULL)
			err_ctx(e, "%s is damaged", s->last->path);
		return (-1);
	}
	return (rewind_all(s, e) ||
	    manifest_reader_new(&s->reader, read_some, s,
	    s->journal != NULL, e) ? -1 : 0);
}

static int
next(struct pastlist *s, struct err *e)
{
	int	 rc;

	manifest_reader_drop(s->now);
	s->now = NULL;
	if ((rc = manifest_reader_next(s->reader, &s->now, e)) == -1)
		return (-1);
	s->ended = rc;
	return (0);
}

/*
 * Both sides ascend, so the entry is the current one or further on.  An entry
 * that is passed over is of a file that is gone, or that another list has.
 */
int
pastlist_find(struct pastlist *s, const char *path, struct err *e)
{
	while (!s->ended && (s->now == NULL ||
	    strcmp(s->now->path, path) < 0))
		if (next(s, e))
			return (-1);
	return (s->ended || strcmp(s->now->path, path) != 0);
}

int
pastlist_after(struct pastlist *s, const char *path, struct err *e)
{
	while (!s->ended && (s->now == NULL ||
	    s->now->en.type != MANIFEST_FILE ||
	    strcmp(s->now->path, path) <= 0))
		if (next(s, e))
			return (-1);
	return (s->ended);
}

int
pastlist_end(struct pastlist *s, struct err *e)
{
	while (!s->ended)
		if (next(s, e))
			return (-1);
	return (s->last == NULL ? 0 : lastmanifest_check(s->last, s->tap, e));
}
