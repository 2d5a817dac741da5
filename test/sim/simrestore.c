/* SPDX-License-Identifier: ISC */
/*
 * What base-fetch reads of a backup: its manifest, and every chunk by that.
 * Each file must be one that the data directory once had.
 */
#include <stdlib.h>
#include <string.h>

#include "backup/labelfind.h"
#include "backup/manifest.h"
#include "backup/pack.h"
#include "repo/object.h"
#include "sim.h"
#include "simmodel.h"
#include "simpg.h"
#include "simprograms.h"

#define FILES	32
#define IDS	64
#define CHUNKS	4

struct file {
	char		 path[64];
	uint64_t	 size;
	struct pack_ref	 ref[CHUNKS];
	size_t		 n;
};

struct reading {
	char		 id[IDS][LAYOUT_ID];
	struct file	 file[FILES];
	size_t		 n;
	char		 buf[CHUNKS * SIMPG_CHUNK];
};

static int
on_header(void *arg, uint32_t chunk_size, const char *const *backups,
    size_t n, struct err *e)
{
	struct reading	*r = arg;
	size_t		 i;

	(void)e;
	if (chunk_size != SIMPG_CHUNK || n > IDS)
		abort();
	for (i = 0; i < n; i++)
		memcpy(r->id[i], backups[i], strlen(backups[i]) + 1);
	return (0);
}

static int
on_entry(void *arg, const struct manifest_entry *en, struct err *e)
{
	struct reading	*r = arg;

	(void)e;
	if (en->type != MANIFEST_FILE)
		return (0);
	if (r->n == FILES || strlen(en->path) >= sizeof(r->file->path))
		abort();
	memcpy(r->file[r->n].path, en->path, strlen(en->path) + 1);
	r->file[r->n++].size = en->size;
	return (0);
}

static int
on_chunk(void *arg, uint64_t i, const struct pack_ref *ref, struct err *e)
{
	struct reading	*r = arg;

	(void)e;
	if (i >= CHUNKS)
		abort();
	r->file[r->n - 1].ref[i] = *ref;
	r->file[r->n - 1].n = i + 1;
	return (0);
}

static int
read_manifest(struct reading *r, struct archive *a, const char *id,
    struct err *e)
{
	static const struct manifest_events	 on = { .header = on_header,
	    .entry = on_entry, .chunk = on_chunk };
	struct store_get	*get = NULL;
	struct object_info	 info;
	struct sink		*s = NULL;
	char			 path[LAYOUT_PATH];
	int			 rc = -1;

	if (manifest_sink_open(&s, &on, r, e) == 0 &&
	    store_get_open(&get, a->store, layout_manifest(path, id), e) ==
	    0)
		rc = object_fetch(&info, a, get, HEAD_MANIFEST, path, &s, e);
	store_get_free(get);
	sink_free(s);
	return (rc);
}

static int
read_file(struct pack_reader *packs, struct reading *r,
    const struct file *f, struct err *e)
{
	char	*buf = r->buf;
	size_t	 i, n, at = 0;

	for (i = 0; i < f->n; i++) {
		n = f->size - at < SIMPG_CHUNK ? (size_t)(f->size - at) :
		    SIMPG_CHUNK;
		memset(buf + at, 0, n);
		if (f->ref[i].pack != 0 && (pack_reader_ask(packs,
		    r->id[f->ref[i].backup], r->id[f->ref[i].diff.backup],
		    &f->ref[i], e) ||
		    pack_reader_take(packs, buf + at, n, e)))
			return (-1);
		at += n;
	}
	if (!simpg_had(f->path, buf, at))
		sim_fail("a backup has %s, %zu bytes, as it never was",
		    f->path, at);
	return (0);
}

static int
restore(struct archive *a, const char *id, struct err *e)
{
	struct reading		*r = calloc(1, sizeof(*r));
	struct pack_reader	*packs = NULL;
	struct label		*l = NULL;
	struct err		 why = ERR_INIT;
	size_t			 i;
	int			 rc;

	if (r == NULL)
		abort();
	if ((rc = labelfind_load(&l, a, id, &why, e)) == 0 &&
	    (rc = read_manifest(r, a, id, e)) == 0)
		rc = pack_reader_new(&packs, a, e);
	for (i = 0; rc == 0 && i < r->n; i++)
		rc = read_file(packs, r, &r->file[i], e);
	pack_reader_free(packs);
	label_free(l);
	free(r);
	return (rc);
}

/* A backup that is expired while it is read may fail. */
void
simprograms_restore(struct simprogram *p)
{
	struct archive	*a = NULL;
	struct err	 e = ERR_INIT;
	char		 id[LAYOUT_ID];
	int		 rc;

	if (simmodel_any(id))
		return;
	if ((rc = archive_open(&a, &(struct store_conf){ .repository =
	    "simulated" }, p->conf->restore, SIMPG_SERVER, SIMPG_SYSTEM,
	    &e)) == 0)
		rc = restore(a, id, &e);
	archive_free(a);
	sim_say("restore %s: %s", id, rc == 0 ? "done" : e.msg);
	p->done += rc == 0;
	if (rc != 0 && !p->actor.dead && e.kind != ERR_REMOTE &&
	    !p->conf->damage && simmodel_stands(id))
		sim_fail("backup %s stands and cannot be read: %s", id,
		    e.msg);
}
