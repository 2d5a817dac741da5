/* SPDX-License-Identifier: ISC */
#ifndef CLUSTER_PGSESSION_H
#define CLUSTER_PGSESSION_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "pg/walname.h"

/*
 * The SQL session of a base backup.  PostgreSQL ties a backup to the session
 * that started it: if that ends, the backup is void.  So this session is
 * looked at while files are copied.
 *
 *	if (pgsession_open(&s, &conf, e) ||
 * *	    pgsession_start(s, label, fast, &start, e))
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

struct pgsession_start {
	uint64_t	 lsn;
	uint32_t	 timeline;
	char		 walfile[WALNAME_TEXT];	/* the first one needed */
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
	char		 walfile[WALNAME_TEXT];	/* the last one needed: the one that
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

/*
 * For the modules of this room that ask something in this session.  "what"
 * names the question in messages, "need" the privilege that it takes (NULL:
 * superuser).  The result, a PGresult of libpq that has rows, is released
 * with PQclear().
 */
struct pg_result;

int	 pgsession_ask(struct pgsession *, const char *what, const char *text,
	    const char *need, struct pg_result **, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 3, 5, 6)));

/* PostgreSQL's server_version_num, such as 150020. */
uint32_t pgsession_version(const struct pgsession *);

#endif /* CLUSTER_PGSESSION_H */
