/* SPDX-License-Identifier: ISC */
/*
 * A server's backup_manifest against what arrived, as a merge of two sorted
 * lists.  The manifest lists files in the order in which they were sent, but
 * nothing promises that, so it is sorted as well.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "crypt/hash.h"
#include "pg/exclude.h"
#include "pg/pgmanifest_read.h"
#include "push/streamcheck.h"
#include "reuse/recordset.h"

/* So many may be listed and missing that the message can name the first. */
#define SLACK	1000

struct streamcheck {
	struct recordset	*named;		/* by the manifest */
	struct recordset	*apart;
	uint64_t		 napart, matched;	/* files of apart */
	uint64_t		 arrived, nnamed;
	struct pgmanifest_read	*reader;
	struct hash_sha256	*sum;
	uint64_t		 system_id;
	int			 copied;	/* see streamcheck_copied() */
	struct recordset_item	 now;		/* the next one of "named" */
	int			 ended;
};

int
streamcheck_of_server(int rc, struct err *e)
{
	if (rc != 0 && e->kind == ERR_CORRUPT)
		e->kind = ERR_PG;
	return (rc);
}

static int
differs(const struct streamcheck *c, const char *path, const char *what,
    struct err *e)
{
	char	 clean[256];

	return (err_set(e, ERR_PG, "backup_manifest: %s %s; %s",
	    str_clean(clean, sizeof(clean), path, strlen(path)), what,
	    c->copied ? "this backup is not as PostgreSQL made it" :
	    "take the backup again"));
}

static int
on_system(void *arg, uint64_t id, struct err *e)
{
	const struct streamcheck	*c = arg;

	return (id == c->system_id ? 0 : err_set(e, ERR_PG,
	    "backup_manifest: found system identifier %" PRIu64 ", expected %"
	    PRIu64, id, c->system_id));
}

static int
on_file(void *arg, const struct pgmanifest_seen *f, struct err *e)
{
	const struct manifest_entry	 en = { .type = MANIFEST_FILE,
	    .path = f->path, .size = f->size, .crc32c = f->crc32c };
	struct streamcheck		*c = arg;

	if (++c->nnamed > c->arrived + SLACK && !c->copied)
		return (err_set(e, ERR_PG, "backup_manifest: it lists more "
		    "files than arrived; take the backup again"));
	return (recordset_add(c->named, &en, NULL, 0, e));
}

static int
on_hashed(void *arg, const void *p, size_t n, struct err *e)
{
	(void)e;
	hash_sha256_add(((struct streamcheck *)arg)->sum, p, n);
	return (0);
}

int
streamcheck_new(struct streamcheck **out, const char *dir,
    uint64_t system_id, struct err *e)
{
	static const struct pgmanifest_read_events on = { on_system, on_file,
	    on_hashed, NULL };
	struct streamcheck	*c;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return (err_sys(e, ERR_LOCAL, "backup_manifest"));
	c->system_id = system_id;
	if (recordset_new(&c->named, dir, e) ||
	    recordset_new(&c->apart, dir, e) ||
	    hash_sha256_new(&c->sum, e) ||
	    pgmanifest_read_new(&c->reader, &on, c, e)) {
		streamcheck_free(c);
		return (-1);
	}
	*out = c;
	return (0);
}

void
streamcheck_free(struct streamcheck *c)
{
	if (c == NULL)
		return;
	recordset_drop(&c->now);
	recordset_free(c->named);
	recordset_free(c->apart);
	hash_sha256_free(c->sum);
	pgmanifest_read_free(c->reader);
	free(c);
}

void
streamcheck_copied(struct streamcheck *c)
{
	c->copied = 1;
}

void
streamcheck_arrives(struct streamcheck *c)
{
	c->arrived++;
}

int
streamcheck_apart(struct streamcheck *c, const char *path, uint64_t size,
    uint32_t crc32c, struct err *e)
{
	const struct manifest_entry	 en = { .type = MANIFEST_FILE,
	    .path = path, .size = size, .crc32c = crc32c };

	c->napart++;
	return (recordset_add(c->apart, &en, NULL, 0, e));
}

int
streamcheck_manifest(struct streamcheck *c, const void *p, size_t n,
    struct err *e)
{
	return (streamcheck_of_server(pgmanifest_read_add(c->reader, p, n, e),
	    e));
}

/* Take the next file that the manifest names. */
static int
next(struct streamcheck *c, struct err *e)
{
	int	 rc;

	recordset_drop(&c->now);
	if ((rc = recordset_next(c->named, &c->now, e)) == -1)
		return (-1);
	c->ended = rc;
	return (0);
}

int
streamcheck_begin(struct streamcheck *c, struct err *e)
{
	uint8_t	 sum[32];

	if (streamcheck_of_server(pgmanifest_read_end(c->reader, e), e))
		return (-1);
	hash_sha256_final(c->sum, sum);
	if (memcmp(sum, pgmanifest_read_sum(c->reader), sizeof(sum)) != 0)
		return (err_set(e, ERR_PG, "backup_manifest: its checksum "
		    "does not fit; take the backup again"));
	if (streamcheck_of_server(recordset_sort(c->named, e), e) ||
	    streamcheck_of_server(recordset_sort(c->apart, e), e))
		return (-1);
	return (next(c, e));
}

static int
compare(const struct streamcheck *c, const struct manifest_entry *en,
    struct err *e)
{
	const struct manifest_entry	*named = &c->now.en;

	if (named->size == en->size && named->crc32c == en->crc32c)
		return (0);
	if (c->copied && strcmp(en->path, "postgresql.auto.conf") == 0)
		return (0);
	return (differs(c, en->path, c->copied ? "differs from what was found" :
	    "differs from what arrived", e));
}

/*
 * The file that the manifest names next: compare it with that of those apart.
 * Returns 1 if it is none of them.
 */
static int
compare_apart(struct streamcheck *c, struct err *e)
{
	struct recordset_item	 it;
	int			 rc;

	if ((rc = recordset_find(c->apart, c->now.path, &it, e)) != 0)
		return (rc);
	c->matched++;
	rc = compare(c, &it.en, e);
	recordset_drop(&it);
	return (rc);
}

/* All that the manifest names before "path" must be of those apart. */
static int
pass(struct streamcheck *c, const char *path, struct err *e)
{
	int	 rc;

	while (!c->ended && (path == NULL ||
	    strcmp(c->now.path, path) < 0)) {
		rc = compare_apart(c, e);
		if (rc == 1 && (!c->copied ||
		    exclude_path(c->now.path) != EXCLUDE_SKIP))
			return (differs(c, c->now.path, c->copied ?
			    "is missing" : "did not arrive", e));
		if (rc == -1 || next(c, e))
			return (-1);
	}
	return (0);
}

int
streamcheck_file(struct streamcheck *c, const struct manifest_entry *en,
    struct err *e)
{
	int	 rc;

	if (pass(c, en->path, e))
		return (-1);
	if (c->ended || strcmp(c->now.path, en->path) != 0)
		return (differs(c, en->path, c->copied ?
		    "was found and is not in it" :
		    "arrived and is not in it", e));
	if ((rc = compare_apart(c, e)) == 1)
		rc = compare(c, en, e);
	return (rc == 0 ? next(c, e) : -1);
}

int
streamcheck_end(struct streamcheck *c, struct err *e)
{
	if (pass(c, NULL, e))
		return (-1);
	return (c->matched == c->napart ? 0 : err_set(e, ERR_PG,
	    "backup_manifest: %" PRIu64 " files arrived that are not in it; "
	    "take the backup again", c->napart - c->matched));
}
