/* SPDX-License-Identifier: ISC */
/*
 * Page hashes of a push.  Marks are what keeps an old file, one of another
 * repository, or one that this host kept for a backup that expired since, from
 * being believed: they name the base that the hashes are of.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "push/basepages.h"
#include "repo/layout.h"

#define ID_LEN		24		/* of a backup in a mark */
#define MARK_LEN	(ID_LEN + 8 + HASH_LEN)

struct basepages {
	struct basepages_conf	 conf;
	struct pagehash		*hash;
	struct lastpages	*last;		/* NULL: nothing is known */
	struct lastpages_writer	*next;		/* NULL: nothing is kept */
	size_t			 left_out;	/* files without room */
};

_Static_assert(LAYOUT_ID <= ID_LEN, "an id fits a mark");

static void
note(const struct basepages *b, const char *fmt, const char *why)
{
	char	 text[ERR_MSGMAX + 256];

	(void)snprintf(text, sizeof(text), "%s: %s", fmt, why);
	b->conf.note(b->conf.arg, text);
}

static void
forget_last(struct basepages *b, const struct err *why)
{
	note(b, "page hashes cannot be read, so changed chunks are stored "
	    "whole", why->msg);
	lastpages_free(b->last);
	b->last = NULL;
}

static void
forget_next(struct basepages *b, const struct err *why)
{
	note(b, "page hashes cannot be kept on this host, so the next push "
	    "will store changed chunks whole", why->msg);
	lastpages_writer_free(b->next);
	b->next = NULL;
}

int
basepages_open(struct basepages **out, const struct archive *a,
    const struct basepages_conf *conf, struct err *e)
{
	struct basepages	*b;
	struct err		 why = ERR_INIT;

	*out = NULL;
	if (conf->max == 0)
		return (0);
	if ((b = calloc(1, sizeof(*b))) == NULL)
		return (err_sys(e, ERR_LOCAL, "page hashes"));
	b->conf = *conf;
	if (pagehash_new(&b->hash, a->key, e)) {
		free(b);
		return (-1);
	}
	if (lastpages_open(&b->last, a, conf->state_dir, &why) == -1)
		forget_last(b, &why);
	why = (struct err)ERR_INIT;
	if (lastpages_begin(&b->next, a, conf->state_dir, conf->max, &why))
		forget_next(b, &why);
	*out = b;
	return (0);
}

void
basepages_free(struct basepages *b)
{
	if (b == NULL)
		return;
	pagehash_free(b->hash);
	lastpages_free(b->last);
	lastpages_writer_free(b->next);
	free(b);
}

const struct pagehash *
basepages_hashes(const struct basepages *b)
{
	return (b == NULL ? NULL : b->hash);
}

/* The mark of the base at "ref", which is not of zeros. */
static void
mark_of(const struct basepages *b, const struct pack_ref *ref,
    uint8_t out[PAGEHASH_LEN])
{
	uint8_t			 raw[MARK_LEN], id[ID_LEN] = { 0 };
	struct bytes_out	 o = bytes_out_of(raw, sizeof(raw));
	const char		*of = b->conf.ids[ref->backup];

	memcpy(id, of, strlen(of));
	bytes_put(&o, id, ID_LEN);
	bytes_put_u32be(&o, ref->pack);
	bytes_put_u32be(&o, ref->offset);
	bytes_put(&o, ref->diff.pack != 0 ? ref->diff.base : ref->hash,
	    HASH_LEN);
	pagehash_mark(b->hash, raw, o.n, out);
}

/* Forget what is of another base than "refs" has. */
static void
check_marks(const struct basepages *b, struct lastpages_file *f,
    const struct pack_ref *refs, size_t nrefs)
{
	uint8_t	 mark[PAGEHASH_LEN];
	size_t	 i;

	for (i = 0; i < f->chunks; i++) {
		if (!lastpages_known(f, i))
			continue;
		memset(mark, 0, sizeof(mark));
		if (i < nrefs && refs[i].pack != 0)
			mark_of(b, &refs[i], mark);
		if (memcmp(mark, lastpages_mark(f, i), sizeof(mark)) != 0)
			memset(lastpages_mark(f, i), 0, sizeof(mark));
	}
}

static size_t
pages_of(const struct basepages *b)
{
	return (b->conf.chunk_size / PACKDIFF_PAGE);
}

void
basepages_find(struct basepages *b, const char *path,
    struct copyfile_past *past)
{
	struct err	 why = ERR_INIT;

	if (b == NULL || b->last == NULL || past->nrefs == 0)
		return;
	switch (lastpages_find(b->last, path, pages_of(b), &past->pages,
	    &why)) {
	case 0:
		check_marks(b, &past->pages, past->refs, past->nrefs);
		break;
	case -1:
		forget_last(b, &why);
	}
}

static void
keep(struct basepages *b, const char *path, const struct lastpages_file *f)
{
	struct err	 why = ERR_INIT;
	int		 rc;

	if ((rc = lastpages_add(b->next, path, f, &why)) == -1)
		forget_next(b, &why);
	else
		b->left_out += (size_t)rc;
}

/* Whose mark says that its pages are known gets the right one. */
static void
set_marks(const struct basepages *b, struct lastpages_file *f,
    const struct pack_ref *refs, size_t nrefs)
{
	size_t	 i;

	for (i = 0; i < f->chunks; i++)
		if (i >= nrefs || refs[i].pack == 0)
			memset(lastpages_mark(f, i), 0, PAGEHASH_LEN);
		else if (lastpages_known(f, i))
			mark_of(b, &refs[i], lastpages_mark(f, i));
}

void
basepages_copied(struct basepages *b, const char *path,
    const struct pack_ref *refs, size_t nrefs, struct lastpages_file *pages)
{
	struct lastpages_file	 was = { .chunks = 0 };
	struct err		 why = ERR_INIT;

	if (b == NULL || b->next == NULL)
		return;
	if (pages != NULL) {
		set_marks(b, pages, refs, nrefs);
		keep(b, path, pages);
	} else if (b->last != NULL) {
		if (lastpages_find(b->last, path, pages_of(b), &was,
		    &why) == -1)
			forget_last(b, &why);
		else
			keep(b, path, &was);
		lastpages_drop(&was);
	}
}

void
basepages_publish(struct basepages *b)
{
	struct err	 why = ERR_INIT;
	char		 text[128];

	if (b == NULL || b->next == NULL)
		return;
	if (lastpages_publish(b->next, &why)) {
		forget_next(b, &why);
		return;
	}
	if (b->left_out == 0)
		return;
	(void)snprintf(text, sizeof(text), "page_hashes_max leaves no room "
	    "for those of %zu files, whose changed chunks are stored whole",
	    b->left_out);
	b->conf.note(b->conf.arg, text);
}
