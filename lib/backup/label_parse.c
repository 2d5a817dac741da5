/* SPDX-License-Identifier: ISC */
/*
 * Labels: from signed text to a value, with everything checked.
 *
 * The text is authentic when it gets here, which is no proof that it makes
 * sense: a stolen .push key signs whatever its thief likes.  Restore and
 * expiry calculate with these numbers, so each of them is bounded here.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "backup/label.h"
#include "backup/manifest.h"
#include "base/clock.h"
#include "base/jval.h"
#include "base/parse.h"
#include "base/str.h"
#include "crypt/sign.h"
#include "pg/lsn.h"
#include "pg/walname.h"

static int
bad(struct err *e, const char *key)
{
	return (err_set(e, ERR_CORRUPT, "member \"%s\" has an impossible"
	    " value", key));
}

static int
get_number(const struct jval *j, const char *key, uint64_t min, uint64_t max,
    uint64_t *out, struct err *e)
{
	if (jval_get_u64(j, key, out, e))
		return (-1);
	return (*out >= min && *out <= max ? 0 : bad(e, key));
}

static int
get_u32(const struct jval *j, const char *key, uint32_t *out, struct err *e)
{
	uint64_t	 v;

	if (get_number(j, key, 1, UINT32_MAX, &v, e))
		return (-1);
	*out = (uint32_t)v;
	return (0);
}

static int
get_copy(const struct jval *j, const char *key, size_t max, char **out,
    struct err *e)
{
	const char	*s;

	if (jval_get_str(j, key, &s, e))
		return (-1);
	return (strlen(s) > max ? bad(e, key) : str_dup(out, s, e));
}

static int
get_time(const struct jval *j, const char *key, int64_t *out, struct err *e)
{
	struct err	 ignore = ERR_INIT;
	const char	*s;
	int		 assumed;

	if (jval_get_str(j, key, &s, e))
		return (-1);
	/* A time without its zone would depend on the reader's. */
	if (clock_parse(s, out, &assumed, NULL, &ignore) || assumed)
		return (bad(e, key));
	return (0);
}

static int
get_lsn(const struct jval *j, const char *key, uint64_t *out, struct err *e)
{
	struct err	 ignore = ERR_INIT;
	const char	*s;

	if (jval_get_str(j, key, &s, e))
		return (-1);
	return (lsn_parse(s, out, &ignore) == 0 ? 0 : bad(e, key));
}

/*
 * A member that must have exactly this text.  The signature covers the place,
 * too; these members repeat it for people and other programs, and must agree.
 */
static int
get_same(const struct jval *j, const char *key, const char *want,
    struct err *e)
{
	const char	*s;

	if (jval_get_str(j, key, &s, e))
		return (-1);
	return (strcmp(s, want) == 0 ? 0 : bad(e, key));
}

static int
get_hash(const struct jval *j, const char *key, uint8_t out[HASH_LEN],
    struct err *e)
{
	struct err	 ignore = ERR_INIT;
	const char	*s;
	char		 again[2 * HASH_LEN + 1];

	if (jval_get_str(j, key, &s, e))
		return (-1);
	/* Only the spelling that we write: one value has one text. */
	if (parse_hex(s, out, HASH_LEN, key, &ignore) ||
	    strcmp(s, str_hex(again, out, HASH_LEN)) != 0)
		return (bad(e, key));
	return (0);
}

/* A segment's name, which must fit timeline and segment size. */
static int
get_wal(const struct jval *j, const char *key, const struct label *l,
    char out[LABEL_WALNAME], uint64_t *segno, struct err *e)
{
	struct err	 ignore = ERR_INIT;
	struct walname	 w;
	const char	*s;

	if (jval_get_str(j, key, &s, e))
		return (-1);
	if (walname_parse(s, &w, &ignore) || w.kind != WALNAME_SEGMENT ||
	    w.tli != l->timeline ||
	    walname_check(&w, (uint32_t)l->wal_segment_size, &ignore))
		return (bad(e, key));
	*segno = walname_segno(&w, (uint32_t)l->wal_segment_size);
	return (str_fmt(out, LABEL_WALNAME, e, "%s", s));
}

/*
 * Where the backup begins and ends.  The WAL names repeat what the LSNs say.
 * They must agree, since some programs go by the names and some by the LSNs.
 */
static int
get_position(const struct jval *j, struct label *l, struct err *e)
{
	uint64_t	 first, last;

	if (get_time(j, "start_time", &l->start_us, e) ||
	    get_time(j, "stop_time", &l->stop_us, e) ||
	    get_lsn(j, "start_lsn", &l->start_lsn, e) ||
	    get_lsn(j, "stop_lsn", &l->stop_lsn, e) ||
	    get_u32(j, "timeline", &l->timeline, e) ||
	    jval_get_u64(j, "wal_segment_size", &l->wal_segment_size, e))
		return (-1);
	if (!walname_segsize_ok(l->wal_segment_size))
		return (bad(e, "wal_segment_size"));
	if (l->stop_lsn < l->start_lsn)
		return (bad(e, "stop_lsn"));
	if (get_wal(j, "start_wal", l, l->start_wal, &first, e) ||
	    get_wal(j, "stop_wal", l, l->stop_wal, &last, e))
		return (-1);
	if (first != l->start_lsn / l->wal_segment_size)
		return (bad(e, "start_wal"));
	/*
	 * If the stop LSN is the first byte of a segment, the last one that is
	 * needed is the one before, and we write that.  The other name is no
	 * contradiction.
	 */
	if (last != l->stop_lsn / l->wal_segment_size &&
	    (l->stop_lsn % l->wal_segment_size != 0 ||
	    last + 1 != l->stop_lsn / l->wal_segment_size))
		return (bad(e, "stop_wal"));
	return (0);
}

/* Transactions beside the end; earlier versions did not write them. */
static int
get_xids(const struct jval *j, struct label *l, struct err *e)
{
	if ((jval_has(j, "oldest_xid") && get_number(j, "oldest_xid", 1,
	    INT64_MAX, &l->oldest_xid, e)) ||
	    (jval_has(j, "next_xid") && get_number(j, "next_xid", 1,
	    INT64_MAX, &l->next_xid, e)))
		return (-1);
	return (l->next_xid != 0 && l->oldest_xid > l->next_xid ?
	    bad(e, "oldest_xid") : 0);
}

static int
get_sizes(const struct jval *j, struct label *l, struct err *e)
{
	if (get_u32(j, "chunk_size", &l->chunk_size, e) ||
	    jval_get_u64(j, "files", &l->files, e) ||
	    jval_get_u64(j, "size", &l->size, e) ||
	    jval_get_u64(j, "stored_size", &l->stored_size, e) ||
	    get_hash(j, "manifest_hash", l->manifest_hash, e) ||
	    jval_get_u64(j, "manifest_size", &l->manifest_size, e) ||
	    jval_get_bool(j, "from_standby", &l->from_standby, e) ||
	    jval_get_bool(j, "data_checksums", &l->data_checksums, e))
		return (-1);
	/* Readers divide by it, and take memory of that size. */
	return (manifest_chunk_size_ok(l->chunk_size) ? 0 :
	    bad(e, "chunk_size"));
}

/* Labels of earlier versions lack it, and then nobody knows. */
static int
get_hot(const struct jval *j, struct label *l, struct err *e)
{
	const struct jval	*hot;
	uint64_t		 v;
	size_t			 i;

	if (!jval_has(j, "hot_standby_settings"))
		return (0);
	if (jval_get_object(j, "hot_standby_settings", &hot, e))
		return (-1);
	for (i = 0; i < HOTSETTINGS; i++) {
		if (get_number(hot, hotsettings_name(i), 0, INT32_MAX, &v, e))
			return (-1);
		l->hot.value[i] = (uint32_t)v;
	}
	l->hot.known = 1;
	return (0);
}

static int
get_tablespaces(const struct jval *j, struct label *l, struct err *e)
{
	const struct jval	*list, *one;
	struct label_tablespace	*t;
	size_t			 i, n;

	if (jval_get_list(j, "tablespaces", &list, e))
		return (-1);
	if ((n = jval_count(list)) == 0)
		return (0);
	/* Restores compare each of them with each other. */
	if (n > LABEL_TABLESPACES_MAX)
		return (bad(e, "tablespaces"));
	if ((l->tablespaces = calloc(n, sizeof(*t))) == NULL)
		return (err_sys(e, ERR_LOCAL, "label"));
	l->ntablespaces = n;
	for (i = 0; i < n; i++) {
		t = &l->tablespaces[i];
		if (jval_at_object(list, i, &one, e) ||
		    get_u32(one, "oid", &t->oid, e) ||
		    get_copy(one, "name", LABEL_TEXT_MAX, &t->name, e) ||
		    get_copy(one, "path", LABEL_SPACE_PATH_MAX, &t->path, e))
			return (-1);
	}
	return (0);
}

static int
get_damaged(const struct jval *j, struct label *l, struct err *e)
{
	const struct jval	*d, *first;
	const char		*s;
	size_t			 i;

	if (jval_get_object(j, "damaged", &d, e) ||
	    jval_get_u64(d, "files", &l->damaged_files, e) ||
	    jval_get_u64(d, "pages", &l->damaged_pages, e) ||
	    jval_get_list(d, "first", &first, e))
		return (-1);
	if (jval_count(first) > LABEL_DAMAGED_MAX)
		return (bad(e, "damaged"));
	for (i = 0; i < jval_count(first); i++) {
		if (jval_at_str(first, i, &s, e))
			return (-1);
		if (strlen(s) > LABEL_TEXT_MAX)
			return (bad(e, "first"));
		if (str_dup(&l->damaged[i], s, e))
			return (-1);
		l->ndamaged++;
	}
	return (0);
}

/* Runs of one backup's packs: numbers from 1 on, ascending, none twice. */
static int
get_ranges(const struct jval *ranges, const char *backup, struct label *l,
    struct err *e)
{
	uint64_t	 first, last, before = 0;
	size_t		 i, n = jval_count(ranges);

	/* Few bytes of text make a run, and all labels are held at once. */
	if (n == 0 || n % 2 != 0 || n / 2 > LABEL_RANGES_MAX - l->npacks)
		return (bad(e, "ranges"));
	for (i = 0; i < n; i += 2) {
		if (jval_at_u64(ranges, i, &first, e) ||
		    jval_at_u64(ranges, i + 1, &last, e))
			return (-1);
		if (first <= before || last < first || last > UINT32_MAX)
			return (bad(e, "ranges"));
		if (label_refer(l, backup, (uint32_t)first, (uint32_t)last,
		    e))
			return (-1);
		before = last;
	}
	return (0);
}

/*
 * Sort the runs, which may be many.  The runs of one object share one copy of
 * their backup's id: where equal ids lie in different places, two objects name
 * one backup.
 */
static int
sort_packs(struct label *l, struct err *e)
{
	const struct packruns_run	*p = l->packs;
	size_t				 i;

	if (l->npacks > 0)
		qsort(l->packs, l->npacks, sizeof(*l->packs),
		    packruns_compare);
	l->sorted = 1;
	for (i = 1; i < l->npacks; i++)
		if (p[i].backup != p[i - 1].backup &&
		    strcmp(p[i].backup, p[i - 1].backup) == 0)
			return (bad(e, "backup"));
	return (0);
}

static int
get_packs(const struct jval *j, struct label *l, struct err *e)
{
	const struct jval	*list, *one, *ranges;
	const char		*backup;
	size_t			 i;

	if (jval_get_list(j, "packs", &list, e))
		return (-1);
	/* A manifest's table of backups has no room for more. */
	if (jval_count(list) > UINT16_MAX)
		return (bad(e, "packs"));
	for (i = 0; i < jval_count(list); i++) {
		if (jval_at_object(list, i, &one, e) ||
		    jval_get_str(one, "backup", &backup, e) ||
		    jval_get_list(one, "ranges", &ranges, e))
			return (-1);
		if (!layout_id_ok(backup) || (l->nfrom > 0 &&
		    strcmp(l->from[l->nfrom - 1], backup) == 0))
			return (bad(e, "backup"));
		if (get_ranges(ranges, backup, l, e))
			return (-1);
	}
	return (sort_packs(l, e));
}

static int
read_members(const struct jval *j, struct label *l, const char *id,
    const struct archive *a, struct err *e)
{
	char	 system[24];

	if (str_fmt(l->id, sizeof(l->id), e, "%s", id) ||
	    str_fmt(system, sizeof(system), e, "%" PRIu64, a->system_id) ||
	    get_same(j, "id", id, e) ||
	    get_same(j, "server", a->server, e) ||
	    get_same(j, "system_identifier", system, e) ||
	    get_copy(j, "label", LABEL_TEXT_MAX, &l->label, e) ||
	    get_copy(j, "seawall", LABEL_TEXT_MAX, &l->seawall, e) ||
	    (jval_has(j, "data_directory") && get_copy(j, "data_directory",
	    LABEL_TEXT_MAX, &l->data_directory, e)) ||
	    get_number(j, "postgresql", 1, INT32_MAX, &l->postgresql, e) ||
	    get_position(j, l, e) ||
	    get_xids(j, l, e) ||
	    get_sizes(j, l, e) ||
	    get_hot(j, l, e) ||
	    get_packs(j, l, e) ||
	    get_tablespaces(j, l, e) ||
	    label_config_get(&l->config, j, e) ||
	    get_damaged(j, l, e))
		return (-1);
	return (0);
}

static int
parse(struct label **out, const void *file, size_t n, const char *id,
    const struct archive *a, int unlisted, struct err *e)
{
	struct head_place	 place;
	struct label		*l = NULL;
	struct jval		*j = NULL;
	char			 path[LAYOUT_PATH];
	const char		*text;
	size_t			 len;
	int			 rc = -1;

	place = archive_place(a, layout_label(path, id));
	if ((unlisted ? sign_check_unlisted(&text, &len, file, n, "label",
	    &place, a->key, e) : sign_check(&text, &len, file, n, "label",
	    &place, a->key, e)) ||
	    label_new(&l, e) ||
	    jval_parse(text, len, &j, e) ||
	    read_members(j, l, id, a, e) ||
	    sign_signer(l->signer, file, n, "label", e))
		goto out;
	hash_of(l->file_hash, file, n);
	*out = l;
	l = NULL;
	rc = 0;
out:
	if (rc == -1)
		err_ctx(e, "label of %s", id);
	jval_free(j);
	label_free(l);
	return (rc);
}

int
label_parse(struct label **out, const void *file, size_t n, const char *id,
    const struct archive *a, struct err *e)
{
	return (parse(out, file, n, id, a, 0, e));
}

int
label_parse_unlisted(struct label **out, const void *file, size_t n,
    const char *id, const struct archive *a, struct err *e)
{
	return (parse(out, file, n, id, a, 1, e));
}
