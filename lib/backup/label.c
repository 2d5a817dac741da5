/* SPDX-License-Identifier: ISC */
/*
 * Labels: the value, and the JSON that it becomes.  The order of members is
 * that of FORMAT.md; readers do not depend on it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "backup/label.h"
#include "base/clock.h"
#include "base/jval.h"
#include "base/str.h"
#include "pg/lsn.h"

#define TEXT_MAX	4200		/* any path, with room to spare */

int
label_new(struct label **out, struct err *e)
{
	struct label	*l;

	if ((l = calloc(1, sizeof(*l))) == NULL)
		return (err_sys(e, ERR_LOCAL, "label"));
	*out = l;
	return (0);
}

void
label_free(struct label *l)
{
	size_t	 i;

	if (l == NULL)
		return;
	for (i = 0; i < l->ntablespaces; i++) {
		free(l->tablespaces[i].name);
		free(l->tablespaces[i].path);
	}
	for (i = 0; i < l->ndamaged; i++)
		free(l->damaged[i]);
	for (i = 0; i < l->nfrom; i++)
		free(l->from[i]);
	label_config_fini(&l->config);
	free(l->tablespaces);
	free(l->packs);
	free(l->from);
	free(l->label);
	free(l->seawall);
	free(l->data_directory);
	free(l);
}

/*
 * Make room for one more than "n".  The array doubles whenever "n" is a power
 * of two, so its capacity need not be kept anywhere.
 */
static int
grow(void **v, size_t n, size_t size, struct err *e)
{
	void	*p;

	if ((n & (n - 1)) != 0)
		return (0);
	if ((p = reallocarray(*v, n == 0 ? 1 : 2 * n, size)) == NULL)
		return (err_sys(e, ERR_LOCAL, "label"));
	*v = p;
	return (0);
}

int
label_refer(struct label *l, const char *backup, uint32_t first,
    uint32_t last, struct err *e)
{
	void	*p = l->packs;

	if (l->npacks == LABEL_RANGES_MAX)
		return (err_set(e, ERR_LOCAL, "the backup refers to more than "
		    "%d runs of packs of earlier backups", LABEL_RANGES_MAX));
	if (grow(&p, l->npacks, sizeof(*l->packs), e))
		return (-1);
	l->packs = p;
	/* One copy of the id serves all runs: they come one after the other. */
	if (l->nfrom == 0 || strcmp(l->from[l->nfrom - 1], backup) != 0) {
		p = l->from;
		if (grow(&p, l->nfrom, sizeof(*l->from), e))
			return (-1);
		l->from = p;
		if (str_dup(&l->from[l->nfrom], backup, e))
			return (-1);
		l->nfrom++;
	}
	l->packs[l->npacks++] = (struct packruns_run){
		l->from[l->nfrom - 1], first, last };
	return (0);
}

/*
 * In the label no text is longer than it is here: of one that is not UTF-8,
 * set_text() writes one character for each byte.
 */
int
label_fits(const struct label *l, struct err *e)
{
	const struct label_tablespace	*t = l->tablespaces;
	size_t				 i;

	if (l->ntablespaces > LABEL_TABLESPACES_MAX)
		return (err_set(e, ERR_CONFIG, "the cluster has %zu "
		    "tablespaces, and a backup can have at most %d",
		    l->ntablespaces, LABEL_TABLESPACES_MAX));
	if ((l->label != NULL && strlen(l->label) > LABEL_TEXT_MAX) ||
	    (l->data_directory != NULL &&
	    strlen(l->data_directory) > LABEL_TEXT_MAX))
		return (err_set(e, ERR_CONFIG, "the text of --label, or the "
		    "path of the data directory, has more than %d bytes",
		    LABEL_TEXT_MAX));
	for (i = 0; i < l->ntablespaces; i++)
		if (strlen(t[i].name) > LABEL_TEXT_MAX ||
		    strlen(t[i].path) > LABEL_SPACE_PATH_MAX)
			return (err_set(e, ERR_CONFIG, "tablespace %.64s: its "
			    "path has %zu bytes, expected at most %d",
			    t[i].name, strlen(t[i].path),
			    LABEL_SPACE_PATH_MAX));
	return (0);
}

int
label_has_pack(const struct label *l, const char *id, uint32_t no)
{
	const struct packruns	 sorted = { l->packs, l->npacks, l->npacks };
	size_t			 i;

	/* One that was read is asked often, and may be large. */
	if (l->sorted)
		return (packruns_has(&sorted, id, no));
	for (i = 0; i < l->npacks; i++)
		if (l->packs[i].first <= no && no <= l->packs[i].last &&
		    strcmp(l->packs[i].backup, id) == 0)
			return (1);
	return (0);
}

/*
 * Names and paths of a file system may be no UTF-8, which JSON must be.  A
 * label has them for people only, since a restore goes by the manifest; so
 * they may be cleaned.
 */
static int
set_text(struct jval *j, const char *key, const char *s, struct err *e)
{
	struct err	 ignore = ERR_INIT;
	char		 clean[TEXT_MAX];

	if (jval_set_str(j, key, s, &ignore) == 0)
		return (0);
	return (jval_set_str(j, key, str_clean(clean, sizeof(clean), s,
	    strlen(s)), e));
}

static int
add_text(struct jval *list, const char *s, struct err *e)
{
	struct err	 ignore = ERR_INIT;
	char		 clean[TEXT_MAX];

	if (jval_add_str(list, s, &ignore) == 0)
		return (0);
	return (jval_add_str(list, str_clean(clean, sizeof(clean), s,
	    strlen(s)), e));
}

static int
set_time(struct jval *j, const char *key, int64_t us, struct err *e)
{
	char	 text[CLOCK_TEXT];

	return (jval_set_str(j, key, clock_format(text, us), e));
}

static int
set_lsn(struct jval *j, const char *key, uint64_t lsn, struct err *e)
{
	char	 text[LSN_TEXT];

	return (jval_set_str(j, key, lsn_format(text, lsn), e));
}

static int
set_tablespaces(struct jval *j, const struct label *l, struct err *e)
{
	struct jval	*list = NULL, *one;
	size_t		 i;

	if (jval_list(&list, e))
		return (-1);
	for (i = 0; i < l->ntablespaces; i++) {
		if (jval_object(&one, e))
			goto bad;
		if (jval_set_u64(one, "oid", l->tablespaces[i].oid, e) ||
		    set_text(one, "name", l->tablespaces[i].name, e) ||
		    set_text(one, "path", l->tablespaces[i].path, e)) {
			jval_free(one);
			goto bad;
		}
		if (jval_add(list, one, e))
			goto bad;
	}
	return (jval_set(j, "tablespaces", list, e));
bad:
	jval_free(list);
	return (-1);
}

static int
set_damaged(struct jval *j, const struct label *l, struct err *e)
{
	struct jval	*d = NULL, *first = NULL;
	size_t		 i;

	if (jval_object(&d, e) || jval_list(&first, e) ||
	    jval_set_u64(d, "files", l->damaged_files, e) ||
	    jval_set_u64(d, "pages", l->damaged_pages, e))
		goto bad;
	for (i = 0; i < l->ndamaged; i++)
		if (add_text(first, l->damaged[i], e))
			goto bad;
	i = (size_t)jval_set(d, "first", first, e);
	first = NULL;			/* jval_set() owns it in any case */
	if (i != 0)
		goto bad;
	return (jval_set(j, "damaged", d, e));
bad:
	jval_free(first);
	jval_free(d);
	return (-1);
}

static int
set_hot(struct jval *to, const struct hotsettings *h, struct err *e)
{
	struct jval	*j = NULL;
	size_t		 i;

	if (!h->known)
		return (0);
	if (jval_object(&j, e))
		return (-1);
	for (i = 0; i < HOTSETTINGS; i++)
		if (jval_set_u64(j, hotsettings_name(i), h->value[i], e)) {
			jval_free(j);
			return (-1);
		}
	return (jval_set(to, "hot_standby_settings", j, e));
}

/* All members but the packs and what places the label. */
static int
compose(const struct label *l, struct jval *j, struct err *e)
{
	char	 hex[2 * HASH_LEN + 1];

	return (jval_set_u64(j, "postgresql", l->postgresql, e) ||
	    set_text(j, "label", l->label == NULL ? "" : l->label, e) ||
	    jval_set_str(j, "seawall", l->seawall == NULL ? SEAWALL_VERSION :
	    l->seawall, e) ||
	    (l->data_directory != NULL && set_text(j, "data_directory",
	    l->data_directory, e)) ||
	    set_time(j, "start_time", l->start_us, e) ||
	    set_time(j, "stop_time", l->stop_us, e) ||
	    set_lsn(j, "start_lsn", l->start_lsn, e) ||
	    set_lsn(j, "stop_lsn", l->stop_lsn, e) ||
	    (l->oldest_xid != 0 && jval_set_u64(j, "oldest_xid",
	    l->oldest_xid, e)) ||
	    (l->next_xid != 0 && jval_set_u64(j, "next_xid", l->next_xid,
	    e)) ||
	    jval_set_u64(j, "timeline", l->timeline, e) ||
	    jval_set_str(j, "start_wal", l->start_wal, e) ||
	    jval_set_str(j, "stop_wal", l->stop_wal, e) ||
	    jval_set_u64(j, "wal_segment_size", l->wal_segment_size, e) ||
	    jval_set_u64(j, "chunk_size", l->chunk_size, e) ||
	    jval_set_bool(j, "from_standby", l->from_standby, e) ||
	    jval_set_bool(j, "data_checksums", l->data_checksums, e) ||
	    set_hot(j, &l->hot, e) ||
	    jval_set_u64(j, "files", l->files, e) ||
	    jval_set_u64(j, "size", l->size, e) ||
	    jval_set_u64(j, "stored_size", l->stored_size, e) ||
	    jval_set_str(j, "manifest_hash", str_hex(hex, l->manifest_hash,
	    HASH_LEN), e) ||
	    jval_set_u64(j, "manifest_size", l->manifest_size, e) ||
	    set_tablespaces(j, l, e) ||
	    label_config_set(&l->config, j, e) ||
	    set_damaged(j, l, e) ? -1 : 0);
}

int
label_json(const struct label *l, struct jval **out, struct err *e)
{
	struct jval	*j = NULL;

	if (jval_object(&j, e) ||
	    jval_set_str(j, "id", l->id, e) ||
	    compose(l, j, e)) {
		jval_free(j);
		return (-1);
	}
	*out = j;
	return (0);
}

/* The runs of one backup, from number *i on; *i then is that of the next. */
static int
add_ranges(struct jval *packs, const struct label *l, size_t *i,
    struct err *e)
{
	const char	*backup = l->packs[*i].backup;
	struct jval	*one = NULL, *ranges = NULL;

	if (jval_object(&one, e) || jval_list(&ranges, e) ||
	    jval_set_str(one, "backup", backup, e))
		goto bad;
	for (; *i < l->npacks &&
	    strcmp(l->packs[*i].backup, backup) == 0; (*i)++)
		if (jval_add_u64(ranges, l->packs[*i].first, e) ||
		    jval_add_u64(ranges, l->packs[*i].last, e))
			goto bad;
	if (jval_set(one, "ranges", ranges, e)) {
		ranges = NULL;
		goto bad;
	}
	return (jval_add(packs, one, e));
bad:
	jval_free(ranges);
	jval_free(one);
	return (-1);
}

int
label_json_packs(const struct label *l, struct jval *j, struct err *e)
{
	struct jval	*packs = NULL;
	size_t		 i = 0;

	if (jval_list(&packs, e))
		return (-1);
	while (i < l->npacks)
		if (add_ranges(packs, l, &i, e)) {
			jval_free(packs);
			return (-1);
		}
	return (jval_set(j, "packs", packs, e));
}

int
label_text(const struct label *l, const struct archive *a, char **text,
    struct err *e)
{
	struct jval	*j = NULL;
	char		 system[24];
	size_t		 n;
	int		 rc = -1;

	if (str_fmt(system, sizeof(system), e, "%" PRIu64, a->system_id) ||
	    jval_object(&j, e) ||
	    jval_set_str(j, "id", l->id, e) ||
	    jval_set_str(j, "server", a->server, e) ||
	    jval_set_str(j, "system_identifier", system, e) ||
	    compose(l, j, e) ||
	    label_json_packs(l, j, e) ||
	    jval_text(j, 0, text, &n, e))
		goto out;
	rc = 0;
out:
	jval_free(j);
	return (rc);
}
