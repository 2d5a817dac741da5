/* SPDX-License-Identifier: ISC */
/* Asks a walsender what kind of cluster it serves. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/parse.h"
#include "base/str.h"
#include "cluster/replfacts.h"
#include "pg/walname.h"

#define OLDEST		130000
#define TIMEOUT_MS	60000

static int
ask(struct sql *s, const char *text, PGresult **res, struct err *e)
{
	const struct sql_ask	 a = { .what = text, .text = text,
	    .need = "REPLICATION", .timeout_ms = TIMEOUT_MS };

	return (sql_query(s, &a, res, e));
}

/* One setting, as SHOW prints it. */
static int
show(struct sql *s, const char *name, char *buf, size_t size, struct err *e)
{
	PGresult	*res = NULL;
	char		 text[64];
	int		 rc;

	if (str_fmt(text, sizeof(text), e, "SHOW %s", name) ||
	    ask(s, text, &res, e))
		return (-1);
	rc = PQntuples(res) == 1 && PQnfields(res) == 1 ?
	    str_fmt(buf, size, e, "%s", PQgetvalue(res, 0, 0)) :
	    err_set(e, ERR_PG, "%s: PostgreSQL returned no value", text);
	PQclear(res);
	return (rc);
}

/* A setting in bytes: "8192", "16MB", "1GB". */
static int
show_bytes(struct sql *s, const char *name, uint32_t *v, struct err *e)
{
	struct err	 why = ERR_INIT;
	char		 text[32];
	uint64_t	 wide;

	if (show(s, name, text, sizeof(text), e))
		return (-1);
	if (parse_size(text, 1, UINT32_MAX, &wide, name, &why))
		return (err_set(e, ERR_PG, "PostgreSQL returned no valid "
		    "number for %s", name));
	*v = (uint32_t)wide;
	return (0);
}

static int
show_on(struct sql *s, const char *name, int *on, struct err *e)
{
	char	 text[32];

	if (show(s, name, text, sizeof(text), e))
		return (-1);
	*on = strcmp(text, "off") != 0;
	return (0);
}

static int
identify(struct sql *s, struct pgfacts *f, struct err *e)
{
	PGresult	*res = NULL;
	int		 rc;

	if (ask(s, "IDENTIFY_SYSTEM", &res, e))
		return (-1);
	rc = sql_u64(res, 0, &f->system_id, e) ||
	    sql_u32(res, 1, &f->timeline, e) ? -1 : 0;
	PQclear(res);
	return (rc);
}

static int
sizes(struct sql *s, struct pgfacts *f, struct err *e)
{
	uint32_t	 relseg;

	if (show_bytes(s, "wal_segment_size", &f->segment_size, e) ||
	    show_bytes(s, "block_size", &f->block_size, e) ||
	    show_bytes(s, "segment_size", &relseg, e))
		return (-1);
	if (!walname_segsize_ok(f->segment_size))
		return (err_set(e, ERR_PG, "PostgreSQL reports WAL segments "
		    "of %" PRIu32 " bytes, expected a power of two from 1 MiB "
		    "to 1 GiB", f->segment_size));
	f->relseg_blocks = relseg / f->block_size;
	return (0);
}

int
replfacts_get(struct sql *s, struct pgfacts *out, struct err *e)
{
	struct pgfacts	 f;
	struct err	 unused = ERR_INIT;
	int		 archive;

	memset(&f, 0, sizeof(f));
	f.version = (uint32_t)sql_version(s);
	if (f.version < OLDEST)
		return (err_set(e, ERR_PG, "the server is PostgreSQL %" PRIu32
		    ".%" PRIu32 ", expected 13 or later", f.version / 10000,
		    f.version % 10000));
	if (identify(s, &f, e) ||
	    sizes(s, &f, e) ||
	    show_on(s, "data_checksums", &f.checksums, e) ||
	    show_on(s, "full_page_writes", &f.full_page_writes, e) ||
	    show_on(s, "archive_mode", &archive, e))
		return (-1);
	f.archive = archive ? PGFACTS_ARCHIVE_ON : PGFACTS_ARCHIVE_OFF;
	/* Only some roles may see it, and nothing depends on it. */
	if (show(s, "data_directory", f.data_directory,
	    sizeof(f.data_directory), &unused))
		f.data_directory[0] = '\0';
	*out = f;
	return (0);
}
