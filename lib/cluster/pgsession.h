/* SPDX-License-Identifier: ISC */
#ifndef CLUSTER_PGSESSION_H
#define CLUSTER_PGSESSION_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * The SQL session of a base backup.  PostgreSQL ties a backup to the session
 * that started it: if that ends, the backup is void.  So this session is
 * looked at while files are copied.
 *
 *	if (pgsession_open(&s, &conf, e) ||
 *	    pgsession_facts(s, &facts, e) ||
 *	    pgsession_start(s, label, fast, &start, e))
 *		goto out;
 *	while (copying)
 *		if (pgsession_alive(s, e))
 *			goto out;
 *	if (pgsession_stop(s, &stop, e))
 *		goto out;
 *	...
 * out:
 *	pgsession_stop_free(&stop);
 *	pgsession_free(s);
 *
 * PostgreSQL 13 and later, primary or standby.  Failures are ERR_PG with the
 * first line of what PostgreSQL said; ERR_CONFIG for a connection string
 * that cannot be read; ERR_LOCAL for memory.  Where a privilege is missing
 * the message says which to grant.  The connection string, which may hold a
 * password, is never part of a message.
 *
 * Every wait has a deadline but that of pgsession_start(), which lasts as long
 * as PostgreSQL's checkpoint; TCP keepalives find a dead peer meanwhile.
 * After a failure to reach PostgreSQL every later call fails.  One thread at
 * a time.
 */
struct pgsession;

struct pgsession_conf {
	const char	*conninfo;	/* for libpq; NULL or "": its defaults,
					   with database "postgres" */
	uint64_t	 timeout_ms;	/* of connecting and of each answer;
					   0: 60 s */
	uint64_t	 check_ms;	/* pgsession_alive() asks PostgreSQL this
					   often; 0: 10 s */
};

int	 pgsession_open(struct pgsession **, const struct pgsession_conf *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Disconnect; PostgreSQL abandons a backup under way.  NULL is fine. */
void	 pgsession_free(struct pgsession *);

enum pgsession_archive {
	PGSESSION_ARCHIVE_OFF,		/* archive_mode = off */
	PGSESSION_ARCHIVE_UNSET,		/* on, but no command or library */
	PGSESSION_ARCHIVE_HELD,		/* archive_command = 'false' */
	PGSESSION_ARCHIVE_ON,
	PGSESSION_ARCHIVE_ALWAYS		/* archive_mode = always, and set */
};

/*
 * Where the facts are from: pg_control_system(), pg_control_checkpoint()
 * and pg_control_init() read global/pg_control; stuck_wal is pg_stat_archiver's;
 * the rest are settings.
 */
struct pgsession_facts {
	uint32_t	 version;	/* server_version_num: 150020 */
	uint32_t	 catalog_version;
	uint64_t	 system_id;
	uint32_t	 timeline;	/* of the last checkpoint */
	int		 in_recovery;
	uint32_t	 segment_size;	/* of WAL, bytes */
	uint32_t	 block_size;	/* of relations, bytes */
	uint32_t	 relseg_blocks;	/* blocks in a file of a relation */
	int		 checksums;	/* of pages */
	int		 full_page_writes;	/* on a standby: its own */
	enum pgsession_archive archive;
	char		 stuck_wal[48];	/* what the archiver failed on last, if
					   it archived nothing since; or "" */
	int64_t		 now_us;	/* by the server's clock */
	char		 data_directory[PATH_MAX];
	char		 tablespace_dir[32];	/* "PG_15_202209061" */
};

int	 pgsession_facts(struct pgsession *, struct pgsession_facts *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Whether WAL of this cluster is archived at all: ERR_PG with what to set if
 * archive_mode is off, nothing is set to do it, or it is held.  Of a standby
 * nothing is asked: its primary archives, which cannot be seen from here.
 */
int	 pgsession_check_archive(const struct pgsession_facts *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Tablespaces other than pg_default and pg_global, sorted by OID. */
struct pgsession_tablespace {
	uint32_t	 oid;
	char		*name;		/* bytes as in the database */
	char		*location;	/* "pg_tblspc/OID" if in place */
	int		 in_place;
};

/* pgsession_tablespaces_free() with the same two values afterwards. */
int	 pgsession_tablespaces(struct pgsession *, struct pgsession_tablespace **,
	    size_t *n, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 pgsession_tablespaces_free(struct pgsession_tablespace *, size_t n);

/* All databases, sorted by OID; freed as the tablespaces are. */
struct pgsession_database {
	uint32_t	 oid;
	char		*name;		/* bytes as in the database */
};

int	 pgsession_databases(struct pgsession *, struct pgsession_database **,
	    size_t *n, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 pgsession_databases_free(struct pgsession_database *, size_t n);

struct pgsession_start {
	uint64_t	 lsn;
	uint32_t	 timeline;
	char		 walfile[25];	/* the first one needed */
	int64_t		 time_us;	/* server's clock, before the start */
};

/*
 * Start a backup, non-exclusive.  "label" goes into backup_label; it must
 * not hold control characters (ERR_USAGE) or exceed 1024 bytes.
 */
int	 pgsession_start(struct pgsession *, const char *label, int fast,
	    struct pgsession_start *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Call this all the time while copying: it looks at the socket, and every
 * check_ms asks PostgreSQL.  ERR_PG once the backup can no longer succeed:
 * the session is gone or does not answer, or the standby was promoted.
 */
int	 pgsession_alive(struct pgsession *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * End the backup.  It does not wait for the archive: the caller waits until
 * all WAL from start to stop is in the repository.  "label" and "map" become
 * backup_label and tablespace_map, byte for byte as PostgreSQL gave them (no
 * encoding is applied); "map" is empty where there is no tablespace.  The
 * label is checked against what pgsession_start() reported.
 *
 * On a primary PostgreSQL has also switched to a new WAL file.  On a standby
 * nothing switches: the last file comes when the primary fills it.
 */
struct pgsession_stop {
	uint64_t	 lsn;
	uint32_t	 timeline;	/* of "lsn" */
	char		 walfile[25];	/* the last one needed: the one that
					   holds the byte before "lsn" */
	int64_t		 time_us;	/* server's clock, after the stop */
	char		*label, *map;	/* NUL-terminated, too */
	size_t		 label_len, map_len;
};

int	 pgsession_stop(struct pgsession *, struct pgsession_stop *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 pgsession_stop_free(struct pgsession_stop *);

/* pg_switch_wal(): on a primary only.  The switched file can be archived. */
int	 pgsession_switch_wal(struct pgsession *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CLUSTER_PGSESSION_H */
