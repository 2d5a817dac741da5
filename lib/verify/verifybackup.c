/* SPDX-License-Identifier: ISC */
/*
 * Verifying a backup by its manifest.  The manifest is a stream and may be
 * large, so it is checked as it comes, and its chunks go to the jobs in groups
 * of the same pack.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "backup/manifest.h"
#include "base/bytes.h"
#include "base/parse.h"
#include "base/path.h"
#include "base/str.h"
#include "pg/control.h"
#include "repo/layout.h"
#include "repo/marker.h"
#include "repo/object.h"
#include "verify/verifybackup.h"

#define BACKUP_LABEL	"backup_label"

/* Where we are in the manifest. */
struct walk {
	struct verifybackup	*b;
	const struct verifyset_dir *own;	/* of the backup */
	uint32_t		 chunk_size;
	/*
	 * The backups that the manifest refers to, by number: the id in the
	 * set's own memory, which outlives the jobs, or NULL.
	 */
	const char		**id;		/* owned; ids are borrowed */
	uint64_t		 files;		/* so far */
	uint64_t		 size;		/* of the file that is due */
	int			 control, backup_label;	/* seen */
	char			 path[128];	/* of that file, printable */
	struct verifyitem	*open;	/* owned: chunks being gathered */
	int			 failed;	/* see judge() */
};

/* Note that a failure is not the manifest's fault. */
static int
ours(struct walk *w)
{
	w->failed = 1;
	return (-1);
}

/*
 * The manifest's own number for a backup is only valid within it.  Chunks keep
 * a pointer to the id in the set instead, since they are with the jobs when
 * the manifest is no longer open.
 */
static int
on_header(void *arg, uint32_t chunk_size, const char *const *backups,
    size_t n, struct err *e)
{
	struct walk		*w = arg;
	const struct label	*l = w->b->label;
	struct verifyset_dir	*d;
	size_t			 i;

	if (strcmp(backups[0], l->id) != 0)
		return (err_set(e, ERR_CORRUPT, "belongs to backup %s, "
		    "expected %s", backups[0], l->id));
	if (chunk_size != l->chunk_size)
		return (err_set(e, ERR_CORRUPT, "has chunks of %" PRIu32
		    " bytes, the label says %" PRIu32, chunk_size,
		    l->chunk_size));
	w->chunk_size = chunk_size;
	if ((w->id = calloc(n, sizeof(*w->id))) == NULL) {
		err_sys(e, ERR_LOCAL, "manifest");
		return (ours(w));
	}
	for (i = 0; i < n; i++) {
		d = verifyset_dir(w->b->set, backups[i]);
		w->id[i] = d == NULL ? NULL : d->id;
	}
	return (0);
}

/* Only tablespaces are stored as links, and the label names all of them. */
static int
check_link(const struct walk *w, const char *path, struct err *e)
{
	const struct label	*l = w->b->label;
	struct err		 ignore = ERR_INIT;
	uint64_t		 oid = 0;
	size_t			 i;

	if (parse_u64(path_base(path), 1, UINT32_MAX, &oid, path,
	    &ignore) == 0)
		for (i = 0; i < l->ntablespaces; i++)
			if (l->tablespaces[i].oid == oid)
				return (0);
	return (err_set(e, ERR_CORRUPT, "%s: is a tablespace that the "
	    "label does not name", path));
}

/* Hand the chunks that were gathered to the jobs. */
static int
send_open(struct walk *w, struct err *e)
{
	struct verifyitem	*it = w->open;

	w->open = NULL;
	if (it != NULL && verifywork_put(w->b->work, it, e))
		return (ours(w));
	return (0);
}

/*
 * An entry ends the chunks of the entry before it.  Two files are looked for,
 * without which no restored cluster starts: pg_control and backup_label.
 */
static int
on_entry(void *arg, const struct manifest_entry *en, struct err *e)
{
	struct walk	*w = arg;

	if (send_open(w, e))
		return (-1);
	if (en->type == MANIFEST_LINK)
		return (check_link(w, en->path, e));
	if (en->type != MANIFEST_FILE)
		return (0);
	w->files++;
	w->size = en->size;
	(void)str_clean(w->path, sizeof(w->path), en->path,
	    strlen(en->path));
	if (strcmp(en->path, CONTROL_PATH) == 0) {
		w->control = 1;
		if (en->size != CONTROL_SIZE)
			return (err_set(e, ERR_CORRUPT, CONTROL_PATH " has %"
			    PRIu64 " bytes, expected %d", en->size,
			    CONTROL_SIZE));
	}
	if (strcmp(en->path, BACKUP_LABEL) == 0)
		w->backup_label = 1;
	return (0);
}

/* Where a chunk's bytes lie: those of all of it, of its base or difference. */
struct part {
	const char			*id;
	uint32_t			 no, offset, stored;
	const struct verifyset_pack	*pack;	/* NULL: not listed */
};

static void
put_part(struct bytes_out *o, const struct part *p)
{
	bytes_put(o, p->pack->head_hash, HASH_LEN);
	bytes_put(o, p->id, LAYOUT_ID);
	bytes_put_u32be(o, p->no);
	bytes_put_u32be(o, p->offset);
	bytes_put_u32be(o, p->stored);
}

/*
 * The mark of a chunk holds all that its proof depends on: its packs by their
 * headers' hashes, the places in them, and the hash that the manifest expects.
 */
static struct proved_mark
mark(const struct part part[2], const struct pack_ref *ref, uint32_t len)
{
	uint8_t			 raw[512];
	struct bytes_out	 o = bytes_out_of(raw, sizeof(raw));

	put_part(&o, &part[0]);
	bytes_put_u32be(&o, len);
	bytes_put(&o, ref->hash, HASH_LEN);
	if (ref->diff.pack != 0)
		put_part(&o, &part[1]);
	return (proved_mark("chunk", raw, o.n));
}

/*
 * A group holds chunks of one file and one pack, and their differences are of
 * one pack.  So the jobs can be asked without a word on each chunk, and a bad
 * one is reported with its file.
 */
static int
add_chunk(struct walk *w, const struct part part[2],
    const struct pack_ref *ref, uint32_t len, const struct proved_mark *m,
    struct err *e)
{
	struct verifyitem	*it = w->open;

	if (it != NULL && (it->n == VERIFYITEM_CHUNKS_MAX ||
	    it->id != part[0].id || it->pack != part[0].no ||
	    it->diff_id != part[1].id || it->diff_pack != part[1].no) &&
	    send_open(w, e))
		return (-1);
	if ((it = w->open) == NULL) {
		if (verifyitem_new(&it, VERIFYITEM_CHUNKS, e))
			return (ours(w));
		it->kind = HEAD_PACK;
		it->id = part[0].id;
		it->pack = part[0].no;
		it->diff_id = part[1].id;
		it->diff_pack = part[1].no;
		(void)layout_pack(it->path, it->id, it->pack);
		it->size = part[0].pack->size;
		it->of = w->b->label->id;
		memcpy(it->file, w->path, sizeof(it->file));
		w->open = it;
	}
	it->chunk[it->n].ref = *ref;
	it->chunk[it->n].len = len;
	it->chunk[it->n].mark = *m;
	it->n++;
	return (0);
}

/*
 * Each chunk must lie where expiry looks for it, in a pack that the label
 * names, since expiry cannot read manifests.  And it must lie within the part
 * of the pack that the signed header says holds chunks.  Only then is it read.
 * Returns 1 if its pack was reported already.
 */
static int
check_part(struct walk *w, struct part *p, struct err *e)
{
	const struct verifyset_pack	*in;

	if (p->id == NULL || !label_has_pack(w->b->label, p->id, p->no))
		return (err_set(e, ERR_CORRUPT, "%s lies in pack %" PRIu32
		    " of backup %s, which the label does not name: expiry "
		    "may delete it", w->path, p->no, p->id == NULL ?
		    "another" : p->id));
	in = p->pack = verifyset_pack(w->b->set, p->id, p->no);
	if (in == NULL || in->bad)
		return (1);
	if (in->known && (p->offset < in->begin ||
	    (uint64_t)p->offset + p->stored > in->end))
		return (err_set(e, ERR_CORRUPT, "%s: a chunk at byte %" PRIu32
		    " of pack %" PRIu32 ", whose chunks lie from %" PRIu64
		    " to %" PRIu64, w->path, p->offset, p->no, in->begin,
		    in->end));
	return (0);
}

/* Both are checked, since a label that lacks either is a finding. */
static int
check_parts(struct walk *w, struct part part[2], struct err *e)
{
	const int	 base = check_part(w, &part[0], e);
	const int	 diff = base == -1 || part[1].no == 0 ? 0 :
	    check_part(w, &part[1], e);

	if (base == -1 || diff == -1)
		return (-1);
	return (base == 1 || diff == 1 || w->own->wrong_chunk);
}

static int
on_chunk(void *arg, uint64_t index, const struct pack_ref *ref,
    struct err *e)
{
	struct walk		*w = arg;
	const uint64_t		 rest = w->size - index * w->chunk_size;
	const uint32_t		 len = rest < w->chunk_size ?
	    (uint32_t)rest : w->chunk_size;
	struct part		 part[2] = {
		{ .id = w->id[ref->backup], .no = ref->pack,
		    .offset = ref->offset, .stored = ref->stored },
		{ .no = ref->diff.pack, .offset = ref->diff.offset,
		    .stored = ref->diff.stored }
	};
	struct proved_mark	 m;
	int			 rc;

	if (ref->pack == 0)			/* zeros, stored nowhere */
		return (0);
	if (ref->diff.pack != 0)
		part[1].id = w->id[ref->diff.backup];
	if ((rc = check_parts(w, part, e)) != 0)
		return (rc == 1 ? 0 : -1);
	m = mark(part, ref, len);
	if ((rc = proved_has(w->b->proved, &m, e)) == -1)
		return (ours(w));
	if (rc == 1) {
		w->b->already += (uint64_t)ref->stored + ref->diff.stored;
		return (0);
	}
	return (add_chunk(w, part, ref, len, &m, e));
}

/* The label repeats these sums; listings and restores go by them. */
static int
on_end(void *arg, uint64_t entries, uint64_t bytes, struct err *e)
{
	struct walk		*w = arg;
	const struct label	*l = w->b->label;

	(void)entries;
	if (send_open(w, e))
		return (-1);
	if (bytes != l->size || w->files != l->files)
		return (err_set(e, ERR_CORRUPT, "has %" PRIu64 " files of %"
		    PRIu64 " bytes, the label says %" PRIu64 " of %" PRIu64,
		    w->files, bytes, l->files, l->size));
	if (!w->control || !w->backup_label)
		return (err_set(e, ERR_CORRUPT, "has no %s", w->control ?
		    BACKUP_LABEL : CONTROL_PATH));
	return (0);
}

static const struct manifest_events events = {
	.header = on_header, .entry = on_entry, .chunk = on_chunk,
	.end = on_end
};

/*
 * An authentic manifest of this very path may still be another one than the
 * label was made for.  The label has the hash of the right one's header.
 */
static int
check_hash(const struct label *l, const struct object_info *info,
    struct err *e)
{
	if (memcmp(l->manifest_hash, info->head_hash, HASH_LEN) == 0)
		return (0);
	return (err_set(e, ERR_CORRUPT, "is not the manifest that the label "
	    "names"));
}

/*
 * Whose fault a failure is: the manifest's (returns 1, with *why), or ours or
 * the network's (returns -1).  "rc" 1 says that the manifest is missing.  One
 * that no reader may open is at fault itself: whoever may push can leave such
 * a file, and it must not keep the other backups from being verified.
 */
static int
judge(const struct walk *w, struct err *why, int rc, struct err *e)
{
	if (rc == 1) {
		err_set(why, ERR_ABSENT, VERIFYITEM_GONE);
		return (1);
	}
	if (!w->failed && why->kind == ERR_REMOTE && err_of_one_file(why) &&
	    marker_stands(w->b->archive)) {
		why->kind = ERR_CORRUPT;
		return (1);
	}
	if (w->failed || why->kind == ERR_LOCAL || why->kind == ERR_REMOTE)
		return (err_set(e, why->kind, "%s", why->msg));
	return (1);
}

int
verifybackup_run(struct verifybackup *b, struct err *why, struct err *e)
{
	struct walk		 w = { .b = b,
	    .own = verifyset_dir(b->set, b->label->id) };
	struct store_get	*get = NULL;
	struct sink		*s = NULL;
	char			 path[LAYOUT_PATH];
	int			 rc;

	(void)layout_manifest(path, b->label->id);
	rc = -1;
	if (manifest_sink_open(&s, &events, &w, why) ||
	    store_get_open(&get, b->archive->store, path, why))
		goto out;
	rc = object_fetch(&b->info, b->archive, get, HEAD_MANIFEST, path, &s,
	    why);
	if (rc == 0)
		rc = check_hash(b->label, &b->info, why);
	if (rc == 0)
		b->read += b->info.stored;
out:
	if (rc != 0)
		rc = judge(&w, why, rc, e);
	free(w.open);
	sink_free(s);
	store_get_free(get);
	free(w.id);
	return (rc);
}
