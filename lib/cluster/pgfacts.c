/* SPDX-License-Identifier: ISC */
/* Asks PostgreSQL what kind of cluster it runs, and judges its archiving. */
#include <string.h>

#include "base/bytes.h"
#include "base/parse.h"
#include "base/str.h"
#include "cluster/pgfacts.h"
#include "cluster/sql.h"

#define TO_READ	"membership in pg_read_all_settings"

/*
 * A library makes PostgreSQL ignore the command; from PostgreSQL 16 on it
 * refuses to have both (archive_library in the manual).  "false" is what
 * base-fetch sets, and what administrators set to hold archiving.
 */
static enum pgfacts_archive
archiving(const char *mode, const char *command, const char *library)
{
	if (strcmp(mode, "off") == 0)
		return (PGFACTS_ARCHIVE_OFF);
	if (library[0] == '\0' && command[0] == '\0')
		return (PGFACTS_ARCHIVE_UNSET);
	if (library[0] == '\0' && (strcmp(command, "false") == 0 ||
	    strcmp(command, "/bin/false") == 0))
		return (PGFACTS_ARCHIVE_HELD);
	return (strcmp(mode, "always") == 0 ? PGFACTS_ARCHIVE_ALWAYS :
	    PGFACTS_ARCHIVE_ON);
}

/* Columns of the query in pgfacts_get(), in its order. */
enum { SYSTEM, CATALOG, TIMELINE, RECOVERY, SEGMENT, BLOCK, RELSEG, CHECKSUM,
    NOW_US, WAL_LSN, FULL_PAGES, SUMMARIZE, MODE, COMMAND, LIBRARY, DIRECTORY,
    STUCK };

static int
take_facts(const struct pgsession *s, const PGresult *res,
    struct pgfacts *f, struct err *e)
{
	uint8_t		 id[8];
	struct bytes	 b = bytes_of(id, sizeof(id));
	uint64_t	 now;
	uint32_t	 sums;

	if (PQntuples(res) != 1)
		return (err_set(e, ERR_PG, "ask for the cluster's facts: "
		    "PostgreSQL returned %d rows, expected 1",
		    PQntuples(res)));
	/* The identifier is unsigned and bigint is signed, so ask for hex. */
	if (parse_hex(PQgetvalue(res, 0, SYSTEM), id, sizeof(id),
	    "system identifier", e) ||
	    sql_u32(res, CATALOG, &f->catalog_version, e) ||
	    sql_u32(res, TIMELINE, &f->timeline, e) ||
	    sql_u32(res, SEGMENT, &f->segment_size, e) ||
	    sql_u32(res, BLOCK, &f->block_size, e) ||
	    sql_u32(res, RELSEG, &f->relseg_blocks, e) ||
	    sql_u32(res, CHECKSUM, &sums, e) ||
	    sql_u64(res, NOW_US, &now, e) ||
	    sql_u64(res, WAL_LSN, &f->wal_lsn, e) ||
	    str_fmt(f->data_directory, sizeof(f->data_directory), e, "%s",
	    PQgetvalue(res, 0, DIRECTORY)) ||
	    str_fmt(f->stuck_wal, sizeof(f->stuck_wal), e, "%.40s",
	    PQgetvalue(res, 0, STUCK)))
		return (-1);
	(void)relpath_version_dir(f->tablespace_dir,
	    pgsession_version(s) / 10000, f->catalog_version);
	f->version = pgsession_version(s);
	f->system_id = bytes_u64be(&b);
	f->in_recovery = sql_is_true(res, RECOVERY);
	f->checksums = sums != 0;
	f->now_us = (int64_t)now;
	f->full_page_writes = strcmp(PQgetvalue(res, 0, FULL_PAGES),
	    "on") == 0;
	f->summarize_wal = strcmp(PQgetvalue(res, 0, SUMMARIZE), "on") == 0;
	f->archive = archiving(PQgetvalue(res, 0, MODE),
	    PQgetvalue(res, 0, COMMAND), PQgetvalue(res, 0, LIBRARY));
	return (0);
}

int
pgfacts_get(struct pgsession *s, struct pgfacts *out, struct err *e)
{
	struct pgfacts	 f;
	PGresult	*res = NULL;
	int		 rc;

	/*
	 * One question, so that all facts are of one moment.  archive_library
	 * is unknown before PostgreSQL 15, summarize_wal before 17; "true"
	 * makes that NULL.
	 */
	memset(&f, 0, sizeof(f));
	if (pgsession_ask(s, "ask for the cluster's facts", "SELECT "
	    "lpad(to_hex(s.system_identifier), 16, '0') AS system_identifier, "
	    "s.catalog_version_no, c.timeline_id, pg_is_in_recovery(), "
	    "i.bytes_per_wal_segment, i.database_block_size, "
	    "i.blocks_per_segment, i.data_page_checksum_version, "
	    SQL_NOW_US " AS now, CASE WHEN pg_is_in_recovery() THEN '0' ELSE "
	    "(pg_current_wal_lsn() - '0/0'::pg_lsn)::text END, "
	    "current_setting('full_page_writes'), "
	    "coalesce(current_setting('summarize_wal', true), ''), "
	    "current_setting('archive_mode'), "
	    "coalesce(current_setting('archive_command', true), ''), "
	    "coalesce(current_setting('archive_library', true), ''), "
	    "current_setting('data_directory'), "
	    "coalesce((SELECT last_failed_wal FROM pg_stat_archiver WHERE "
	    "last_failed_time > coalesce(last_archived_time, '-infinity')), "
	    "'') "
	    "FROM pg_control_system() s, pg_control_checkpoint() c, "
	    "pg_control_init() i", TO_READ, &res, e))
		return (-1);
	rc = take_facts(s, res, &f, e);
	PQclear(res);
	if (rc == 0)
		*out = f;
	return (rc);
}

int
pgfacts_check_archive(const struct pgfacts *f, struct err *e)
{
	if (f->in_recovery)
		return (0);
	switch (f->archive) {
	case PGFACTS_ARCHIVE_UNSET:
		return (err_set(e, ERR_PG, "archive_command is empty: without "
		    "its WAL no backup can be restored; set archive_command = "
		    "'wal-push %%p', and reload"));
	case PGFACTS_ARCHIVE_HELD:
		return (err_set(e, ERR_PG, "archive_command is 'false': "
		    "archiving is held, as base-fetch leaves it in a restored "
		    "cluster; set archive_command = 'wal-push %%p', and "
		    "reload"));
	case PGFACTS_ARCHIVE_OFF:
	case PGFACTS_ARCHIVE_ON:
	case PGFACTS_ARCHIVE_ALWAYS:
		break;
	}
	return (0);
}
