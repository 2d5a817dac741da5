/* SPDX-License-Identifier: ISC */
/*
 * Records in the order in which they came, and an index of them that is
 * sorted: so what is large, the references to chunks, is written and read
 * once.  Each record has a CRC, since a manifest is made of what is read back.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/str.h"
#include "pg/crc32c.h"
#include "reuse/pathsort.h"
#include "reuse/recordset.h"
#include "reuse/scratch.h"

#define FIXED	50		/* bytes of a record before its texts */
#define REF	92		/* bytes of a reference */

struct recordset {
	struct scratch	*data;
	struct pathsort	*index;
};

int
recordset_new(struct recordset **out, const char *dir, struct err *e)
{
	struct recordset	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list of files"));
	if (scratch_new(&s->data, dir, e) || pathsort_new(&s->index, dir, e)) {
		recordset_free(s);
		return (-1);
	}
	*out = s;
	return (0);
}

void
recordset_free(struct recordset *s)
{
	if (s == NULL)
		return;
	scratch_free(s->data);
	pathsort_free(s->index);
	free(s);
}

static int
put(struct recordset *s, const void *p, size_t n, uint32_t *crc,
    struct err *e)
{
	*crc = crc32c_update(*crc, p, n);
	return (scratch_put(s->data, p, n, e));
}

static int
put_refs(struct recordset *s, const struct pack_ref *refs, size_t nrefs,
    uint32_t *crc, struct err *e)
{
	uint8_t			 buf[REF];
	struct bytes_out	 o;
	size_t			 i;

	for (i = 0; i < nrefs; i++) {
		o = bytes_out_of(buf, sizeof(buf));
		bytes_put_u32be(&o, refs[i].pack);
		bytes_put_u16be(&o, refs[i].backup);
		bytes_put_u32be(&o, refs[i].offset);
		bytes_put_u32be(&o, refs[i].stored);
		bytes_put(&o, refs[i].hash, HASH_LEN);
		bytes_put_u32be(&o, refs[i].diff.pack);
		bytes_put_u16be(&o, refs[i].diff.backup);
		bytes_put_u32be(&o, refs[i].diff.offset);
		bytes_put_u32be(&o, refs[i].diff.stored);
		bytes_put(&o, refs[i].diff.base, HASH_LEN);
		if (put(s, buf, REF, crc, e))
			return (-1);
	}
	return (0);
}

int
recordset_add(struct recordset *s, const struct manifest_entry *en,
    const struct pack_ref *refs, size_t nrefs, struct err *e)
{
	const char		*target = en->target == NULL ? "" : en->target;
	const uint64_t		 at = s->data->len;
	const size_t		 npath = strlen(en->path);
	const size_t		 ntarget = strlen(target);
	uint8_t			 buf[FIXED], end[4];
	struct bytes_out	 o = bytes_out_of(buf, sizeof(buf));
	uint32_t		 crc = 0;

	if (ntarget > UINT16_MAX || nrefs > UINT32_MAX)
		return (err_set(e, ERR_LOCAL, "%.64s: link or file is too "
		    "long", en->path));
	bytes_put_u8(&o, (uint8_t)en->type);
	bytes_put_u8(&o, en->flags);
	bytes_put_u32be(&o, en->mode);
	bytes_put_u64be(&o, (uint64_t)en->mtime_us);
	bytes_put_u64be(&o, en->size);
	bytes_put_u64be(&o, (uint64_t)en->ctime_us);
	bytes_put_u64be(&o, en->inode);
	bytes_put_u32be(&o, en->crc32c);
	bytes_put_u16be(&o, (uint16_t)npath);
	bytes_put_u16be(&o, (uint16_t)ntarget);
	bytes_put_u32be(&o, (uint32_t)nrefs);
	if (pathsort_add(s->index, en->path, at, e) ||
	    put(s, buf, FIXED, &crc, e) ||
	    put(s, en->path, npath, &crc, e) ||
	    put(s, target, ntarget, &crc, e) ||
	    put_refs(s, refs, nrefs, &crc, e))
		return (-1);
	o = bytes_out_of(end, sizeof(end));
	bytes_put_u32be(&o, crc);
	return (scratch_put(s->data, end, sizeof(end), e));
}

int
recordset_sort(struct recordset *s, struct err *e)
{
	return (pathsort_merge(s->index, e));
}

void
recordset_drop(struct recordset_item *it)
{
	free(it->refs);
	free(it->path);
	free(it->target);
	memset(it, 0, sizeof(*it));
}

static int
damaged(struct err *e)
{
	return (err_set(e, ERR_LOCAL, "list of files: read back other bytes "
	    "than were written; check this host's disk"));
}

/* The fields in front, and how long the rest is. */
static int
get_fixed(struct recordset *s, uint64_t at, struct recordset_item *it,
    size_t *npath, size_t *ntarget, uint32_t *crc, struct err *e)
{
	uint8_t		 buf[FIXED];
	struct bytes	 b;

	if (at >= s->data->len || s->data->len - at < FIXED)
		return (damaged(e));
	if (scratch_get(s->data, at, buf, FIXED, e))
		return (-1);
	*crc = crc32c_update(0, buf, FIXED);
	b = bytes_of(buf, sizeof(buf));
	it->en.type = (enum manifest_type)bytes_u8(&b);
	it->en.flags = bytes_u8(&b);
	it->en.mode = bytes_u32be(&b);
	it->en.mtime_us = (int64_t)bytes_u64be(&b);
	it->en.size = bytes_u64be(&b);
	it->en.ctime_us = (int64_t)bytes_u64be(&b);
	it->en.inode = bytes_u64be(&b);
	it->en.crc32c = bytes_u32be(&b);
	*npath = bytes_u16be(&b);
	*ntarget = bytes_u16be(&b);
	it->nrefs = bytes_u32be(&b);
	return (s->data->len - at - FIXED < *npath + *ntarget +
	    it->nrefs * REF + 4 ? damaged(e) : 0);
}

/* Texts and references, from the "n" bytes that hold them and a CRC. */
static int
get_rest(struct recordset_item *it, const uint8_t *buf, size_t n,
    size_t npath, size_t ntarget, uint32_t crc, struct err *e)
{
	struct bytes	 b = bytes_of(buf, n);
	struct pack_ref	*r;
	size_t		 i;

	crc = crc32c_update(crc, buf, n - 4);
	it->path = calloc(1, npath + 1);
	it->target = ntarget == 0 ? NULL : calloc(1, ntarget + 1);
	it->refs = it->nrefs == 0 ? NULL : calloc(it->nrefs, sizeof(*r));
	if (it->path == NULL || (ntarget != 0 && it->target == NULL) ||
	    (it->nrefs != 0 && it->refs == NULL))
		return (err_sys(e, ERR_LOCAL, "list of files"));
	bytes_copy(&b, it->path, npath);
	if (ntarget != 0)
		bytes_copy(&b, it->target, ntarget);
	for (i = 0; i < it->nrefs; i++) {
		r = &it->refs[i];
		r->pack = bytes_u32be(&b);
		r->backup = bytes_u16be(&b);
		r->offset = bytes_u32be(&b);
		r->stored = bytes_u32be(&b);
		bytes_copy(&b, r->hash, HASH_LEN);
		r->diff.pack = bytes_u32be(&b);
		r->diff.backup = bytes_u16be(&b);
		r->diff.offset = bytes_u32be(&b);
		r->diff.stored = bytes_u32be(&b);
		bytes_copy(&b, r->diff.base, HASH_LEN);
	}
	if (bytes_u32be(&b) != crc || !bytes_ok(&b))
		return (damaged(e));
	it->en.path = it->path;
	it->en.target = it->target;
	return (0);
}

static int
get(struct recordset *s, uint64_t at, const char *path,
    struct recordset_item *it, struct err *e)
{
	uint8_t		*buf = NULL;
	uint32_t	 crc = 0;
	size_t		 npath = 0, ntarget = 0, n;
	int		 rc = -1;

	memset(it, 0, sizeof(*it));
	if (get_fixed(s, at, it, &npath, &ntarget, &crc, e))
		goto out;
	n = npath + ntarget + it->nrefs * REF + 4;
	if ((buf = malloc(n)) == NULL) {
		err_sys(e, ERR_LOCAL, "list of files");
		goto out;
	}
	if (scratch_get(s->data, at + FIXED, buf, n, e) ||
	    get_rest(it, buf, n, npath, ntarget, crc, e))
		goto out;
	rc = strcmp(it->path, path) == 0 ? 0 : damaged(e);
out:
	free(buf);
	if (rc != 0)
		recordset_drop(it);
	return (rc);
}

int
recordset_next(struct recordset *s, struct recordset_item *it, struct err *e)
{
	char		 path[MANIFEST_PATH_MAX + 1];
	uint64_t	 at;
	int		 rc;

	memset(it, 0, sizeof(*it));
	if ((rc = pathsort_next(s->index, path, &at, e)) != 0)
		return (rc);
	return (get(s, at, path, it, e));
}

int
recordset_find(struct recordset *s, const char *path,
    struct recordset_item *it, struct err *e)
{
	uint64_t	 at;
	int		 rc;

	memset(it, 0, sizeof(*it));
	if ((rc = pathsort_find(s->index, path, &at, e)) != 0)
		return (rc);
	return (get(s, at, path, it, e));
}
