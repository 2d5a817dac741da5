/* SPDX-License-Identifier: ISC */
/* What a repository holds of one cluster. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "catalogue/catalogue.h"
#include "crypt/sign.h"
#include "pg/walname.h"
#include "repo/layout.h"
#include "repo/marker.h"
#include "wal/ancestry.h"
#include "wal/walindex.h"

struct bad {
	char	 id[64];
	char	 why[ERR_MSGMAX];
};

struct catalogue {
	struct archive	*archive;	/* borrowed; while loading, and so: */
	catalogue_file	*each;		/* may be NULL */
	void		*arg;
	char		(*id)[LAYOUT_ID];	/* what base/ holds */
	struct pin	*pin;		/* of each of them */
	size_t		 nid, room;
	struct label	**label;	/* sorted by start time */
	size_t		 nlabel;
	struct catalogue_since *since;	/* as the labels */
	char		(*bare)[LAYOUT_ID];	/* without a label */
	size_t		 nbare;
	struct bad	*bad;
	size_t		 nbad;
	struct walindex	 wal;
	struct ancestry	 forks;
};

void
catalogue_free(struct catalogue *c)
{
	size_t	 i;

	if (c == NULL)
		return;
	for (i = 0; i < c->nlabel; i++)
		label_free(c->label[i]);
	free(c->label);
	free(c->since);
	free(c->bare);
	free(c->bad);
	free(c->id);
	free(c->pin);
	walindex_fini(&c->wal);
	ancestry_fini(&c->forks);
	free(c);
}

static int
read_marker(struct catalogue *c, struct err *e)
{
	struct marker	 m;

	if (marker_look(&m, c->archive, e))
		return (-1);
	if (!walname_segsize_ok(m.wal_segment_size))
		return (err_set(e, ERR_CORRUPT, LAYOUT_MARKER ": impossible"
		    " wal_segment_size"));
	c->wal.segsize = (uint32_t)m.wal_segment_size;
	return (0);
}

/* base/: a directory for each backup. */
static int
on_base(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct catalogue	*c = arg;
	void			*p;

	(void)i;
	(void)missing;
	if (en == NULL)
		return (0);
	if (!en->is_dir || !layout_id_ok(en->name)) {
		walindex_ignore(&c->wal, en->name);
		return (0);
	}
	if (c->nid == c->room) {
		c->room = c->room == 0 ? 64 : 2 * c->room;
		if ((p = realloc(c->id, c->room * sizeof(*c->id))) == NULL)
			return (err_sys(e, ERR_LOCAL, "list the backups"));
		c->id = p;
	}
	return (str_fmt(c->id[c->nid++], LAYOUT_ID, e, "%s", en->name));
}

static int
add_bad(struct catalogue *c, const char *id, const struct err *why,
    struct err *e)
{
	struct bad	*p;

	p = realloc(c->bad, (c->nbad + 1) * sizeof(*p));
	if (p == NULL)
		return (err_sys(e, ERR_LOCAL, "list the backups"));
	c->bad = p;
	p += c->nbad++;
	(void)str_clean(p->id, sizeof(p->id), id, strlen(id));
	memcpy(p->why, why->msg, sizeof(p->why));
	return (0);
}

static int
compare_names(const void *a, const void *b)
{
	return (strcmp(a, b));
}

/* A label that cannot be trusted must not hide the others. */
static int
on_label(void *arg, size_t i, const uint8_t *data, size_t n, struct err *e)
{
	struct catalogue	*c = arg;
	struct err		 why = ERR_INIT;

	if (data == NULL)
		return (str_fmt(c->bare[c->nbare++], LAYOUT_ID, e, "%s",
		    c->id[i]));
	if (label_parse(&c->label[c->nlabel], data, n, c->id[i], c->archive,
	    &why) == 0) {
		c->nlabel++;
		return (0);
	}
	if (why.kind == ERR_CORRUPT)
		return (add_bad(c, c->id[i], &why, e));
	return (err_set(e, why.kind, "%s", why.msg));
}

static int
compare_labels(const void *va, const void *vb)
{
	const struct label	*a = *(struct label *const *)va;
	const struct label	*b = *(struct label *const *)vb;

	if (a->start_us != b->start_us)
		return (a->start_us < b->start_us ? -1 : 1);
	return (strcmp(a->id, b->id));
}

/* A listing that names a backup twice must not make it two. */
static void
drop_twins(struct catalogue *c)
{
	size_t	 i, n = 0;

	qsort(c->id, c->nid, sizeof(*c->id), compare_names);
	for (i = 0; i < c->nid; i++)
		if (i == 0 || strcmp(c->id[i], c->id[n - 1]) != 0)
			memmove(c->id[n++], c->id[i], sizeof(*c->id));
	c->nid = n;
}

/*
 * First all labels, then all pins, or what has that name where there is no
 * label: it may be a withdrawn one.
 */
static int
load_all(struct catalogue *c, char (*text)[LAYOUT_PATH], const char **paths,
    const char **ids, struct err *e)
{
	size_t	 i;

	for (i = 0; i < c->nid; i++) {
		ids[i] = c->id[i];
		paths[i] = layout_label(text[i], c->id[i]);
	}
	if (store_load(c->archive->store, paths, c->nid, SIGN_MAX, on_label,
	    c, e))
		return (-1);
	for (i = 0; i < c->nid; i++)
		paths[i] = layout_withdrawn(text[i], c->id[i]);
	return (pin_load(c->pin, paths, ids, c->nid, c->archive, e));
}

static int
load_labels(struct catalogue *c, struct err *e)
{
	char		(*text)[LAYOUT_PATH] = NULL;
	const char	**paths = NULL, **ids = NULL;
	int		 rc = -1;

	if (c->nid == 0)
		return (0);
	drop_twins(c);
	if ((text = calloc(c->nid, sizeof(*text))) == NULL ||
	    (paths = calloc(c->nid, sizeof(*paths))) == NULL ||
	    (ids = calloc(c->nid, sizeof(*ids))) == NULL ||
	    (c->pin = calloc(c->nid, sizeof(*c->pin))) == NULL ||
	    (c->label = calloc(c->nid, sizeof(*c->label))) == NULL ||
	    (c->since = calloc(c->nid, sizeof(*c->since))) == NULL ||
	    (c->bare = calloc(c->nid, sizeof(*c->bare))) == NULL) {
		err_sys(e, ERR_LOCAL, "list the backups");
		goto out;
	}
	if (load_all(c, text, paths, ids, e))
		goto out;
	qsort(c->label, c->nlabel, sizeof(*c->label), compare_labels);
	rc = 0;
out:
	free(ids);
	free(paths);
	free(text);
	return (rc);
}

/* Each segment counts for the backups that it leads on from. */
static void
count_segment(struct catalogue *c, uint32_t tli, uint64_t segno,
    uint64_t bytes)
{
	const struct label	*l;
	size_t			 i;

	for (i = 0; i < c->nlabel; i++) {
		l = c->label[i];
		if (tli < l->timeline ||
		    segno < l->start_lsn / c->wal.segsize)
			continue;
		c->since[i].segments++;
		c->since[i].bytes += bytes;
	}
}

static int
on_file(void *arg, const struct walname *w, uint64_t bytes, struct err *e)
{
	struct catalogue	*c = arg;

	if (w->kind == WALNAME_SEGMENT)
		count_segment(c, w->tli, walname_segno(w, c->wal.segsize),
		    bytes);
	return (c->each == NULL ? 0 : c->each(c->arg, w, bytes, e));
}

static int
on_refused(void *arg, const char *name, const struct err *why, struct err *e)
{
	return (add_bad(arg, name, why, e));
}

static int
load_forks(struct catalogue *c, struct err *e)
{
	if (key_role(c->archive->key) == KEY_RESTORE)
		return (ancestry_read(&c->forks, c->archive, c->wal.tl,
		    c->wal.ntl, on_refused, c, e));
	return (ancestry_guess(&c->forks, c->wal.tl, c->wal.ntl, c->wal.segsize,
	    e));
}

static int
load(struct catalogue **out, struct archive *a, catalogue_file *each,
    void *arg, struct err *e)
{
	static const char *const	 base[] = { LAYOUT_BASE };
	struct catalogue		*c;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list the backups"));
	c->archive = a;
	c->each = each;
	c->arg = arg;
	if (read_marker(c, e) ||
	    store_list(a->store, base, 1, on_base, c, e) ||
	    load_labels(c, e) ||
	    walindex_load(&c->wal, a->store, on_file, c, e) ||
	    load_forks(c, e)) {
		catalogue_free(c);
		return (-1);
	}
	c->archive = NULL;
	*out = c;
	return (0);
}

int
catalogue_load(struct catalogue **out, struct archive *a, struct err *e)
{
	return (load(out, a, NULL, NULL, e));
}

int
catalogue_load_files(struct catalogue **out, struct archive *a,
    catalogue_file *each, void *arg, struct err *e)
{
	return (load(out, a, each, arg, e));
}

size_t
catalogue_labels(const struct catalogue *c)
{
	return (c->nlabel);
}

const struct label *
catalogue_label(const struct catalogue *c, size_t i)
{
	return (c->label[i]);
}

const struct label *
catalogue_find(const struct catalogue *c, const char *id)
{
	size_t	 i;

	for (i = 0; i < c->nlabel; i++)
		if (strcmp(c->label[i]->id, id) == 0)
			return (c->label[i]);
	return (NULL);
}

static const struct pin *
pin_of(const struct catalogue *c, const char *name)
{
	const char	(*id)[LAYOUT_ID];

	id = bsearch(name, c->id, c->nid, sizeof(*c->id), compare_names);
	return (&c->pin[id - (const char (*)[LAYOUT_ID])c->id]);
}

const struct pin *
catalogue_pin(const struct catalogue *c, size_t i)
{
	return (pin_of(c, c->label[i]->id));
}

struct lineage_backup
catalogue_backup(const struct catalogue *c, size_t i)
{
	const struct label	*l = c->label[i];

	return ((struct lineage_backup){
		.id = l->id, .start_us = l->start_us, .stop_us = l->stop_us,
		.start_lsn = l->start_lsn, .stop_lsn = l->stop_lsn,
		.tli = l->timeline
	});
}

size_t
catalogue_bads(const struct catalogue *c)
{
	return (c->nbad);
}

const char *
catalogue_bad_id(const struct catalogue *c, size_t i)
{
	return (c->bad[i].id);
}

const char *
catalogue_bad_why(const struct catalogue *c, size_t i)
{
	return (c->bad[i].why);
}

size_t
catalogue_unlabelled(const struct catalogue *c)
{
	return (c->nbare);
}

const char *
catalogue_unlabelled_id(const struct catalogue *c, size_t i)
{
	return (c->bare[i]);
}

const struct pin *
catalogue_unlabelled_pin(const struct catalogue *c, size_t i)
{
	return (pin_of(c, c->bare[i]));
}

size_t
catalogue_unknown(const struct catalogue *c)
{
	return (c->wal.unknown);
}

const char *
catalogue_unknown_name(const struct catalogue *c)
{
	return (c->wal.unknown_name);
}

uint32_t
catalogue_segsize(const struct catalogue *c)
{
	return (c->wal.segsize);
}

const struct coverage_set *
catalogue_wal(const struct catalogue *c)
{
	return (&c->wal.set);
}

size_t
catalogue_timelines(const struct catalogue *c)
{
	return (c->wal.ntl);
}

const struct walindex_timeline *
catalogue_timeline(const struct catalogue *c, size_t i)
{
	return (&c->wal.tl[i]);
}

struct catalogue_since
catalogue_since(const struct catalogue *c, size_t i)
{
	return (c->since[i]);
}

struct lineage_set
catalogue_lines(const struct catalogue *c, int *read)
{
	*read = c->forks.read;
	return ((struct lineage_set){ c->forks.v, c->forks.n });
}
