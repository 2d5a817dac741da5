/* SPDX-License-Identifier: ISC */
#ifndef CLUSTER_PGSESSION_H
#define CLUSTER_PGSESSION_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "pg/walname.h"

/*
 * The SQL session of a base backup ("Making a Base Backup Using the Low
 * Level API" in PostgreSQL's manual).  PostgreSQL ties a backup to the
 * session that started it: if the session ends, the backup has failed.  So
 * the session is watched while files are copied.
 *
 *	if (pgsession_open(&s, &conf, e) ||
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
 * It works with a primary or a standby of PostgreSQL 13 or later.  Failures
 * are ERR_PG with the first line of what PostgreSQL said, ERR_CONFIG for a
 * connection string that cannot be read, or ERR_LOCAL for memory.  If a
 * privilege is missing, the message names the one to grant.  No message
 * contains the connection string, which may hold a password.
 *
 * Every wait has a deadline, except that of pgsession_start(): it lasts as
 * long as PostgreSQL's checkpoint, and TCP keepalives detect a dead peer
 * meanwhile.  Once PostgreSQL could not be reached, every later call fails.
 * Only one thread at a time may use a session.
 */
struct pgsession;

struct pgsession_conf {
	const char	*conninfo;	/* for libpq; NULL or "": its defaults,
					   with database "postgres" */
	const char	*name;		/* the application_name by default;
					   NULL: "base-push" */
	uint64_t	 timeout_ms;	/* for connecting and for each answer;
					   0: 60 s */
	uint64_t	 check_ms;	/* how often pgsession_alive() asks
					   PostgreSQL; 0: 10 s */
	/* Called about once a second while the start lasts; may be NULL. */
	void		(*tick)(void *arg);
	void		*arg;
};

/* Connect.  The caller frees *out; nothing is written there on failure. */
int	 pgsession_open(struct pgsession **out,
	    const struct pgsession_conf *conf, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/* Disconnect.  PostgreSQL abandons a backup under way.  NULL is fine. */
void	 pgsession_free(struct pgsession *s);

struct pgsession_start {
	uint64_t	 lsn;
	uint32_t	 timeline;
	char		 walfile[WALNAME_TEXT];	/* the first one needed */
	int64_t		 time_us;	/* server's clock, before the start */
};

/*
 * Find out, before anything is done, what would fail pgsession_start() and
 * pgsession_stop() for certain: a label that they refuse, and privileges that
 * are missing.
 */
int	 pgsession_may_start(struct pgsession *s, const char *label,
	    struct err *e) __attribute__((warn_unused_result, nonnull));

/*
 * Start a backup.  "fast" asks for an immediate checkpoint.  "label" becomes
 * the line LABEL of backup_label; ERR_USAGE if it holds control characters
 * or is 1024 bytes or longer.
 */
int	 pgsession_start(struct pgsession *s, const char *label, int fast,
	    struct pgsession_start *out, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Check that the backup can still succeed.  Call this again and again while
 * copying: it looks at the socket, and asks PostgreSQL every "check_ms".
 * ERR_PG if the session has ended or does not answer, or if the standby was
 * promoted.
 */
int	 pgsession_alive(struct pgsession *s, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * What the end of a backup gives.  "label" and "map" become backup_label and
 * tablespace_map; they are byte for byte what PostgreSQL returned, without
 * any conversion of encodings, and a NUL that the lengths do not count
 * follows them.  "map" is empty if the cluster has no tablespace.
 */
struct pgsession_stop {
	uint64_t	 lsn;
	uint32_t	 timeline;	/* of "lsn" */
	char		 walfile[WALNAME_TEXT];	/* the last one needed; it
					   holds the byte before "lsn" */
	int64_t		 time_us;	/* server's clock, after the stop */
	uint64_t	 oldest_xid;	/* of transactions with lower numbers
					   all had ended before the stop; 0 on
					   a standby */
	uint64_t	 next_xid;	/* no transaction with this number or a
					   higher one had ended after it */
	char		*label, *map;
	size_t		 label_len, map_len;
};

/*
 * End the backup, and check that backup_label describes the backup that
 * pgsession_start() reported.  This does not wait for archiving: the caller
 * waits until all WAL from start to stop is in the repository.  The caller
 * releases *out with pgsession_stop_free(); nothing is written there on
 * failure.
 *
 * On a primary PostgreSQL has also switched to a new WAL file.  On a standby
 * nothing switches: the last file is archived when the primary has filled it.
 */
int	 pgsession_stop(struct pgsession *s, struct pgsession_stop *out,
	    struct err *e) __attribute__((warn_unused_result, nonnull));

/* Release what pgsession_stop() gave; a zeroed struct is fine. */
void	 pgsession_stop_free(struct pgsession_stop *stop);

/*
 * Call pg_switch_wal(), which works on a primary only.  PostgreSQL can then
 * archive the WAL file that it wrote until now.
 */
int	 pgsession_switch_wal(struct pgsession *s, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Ask something else in this session; for the modules of this room.  "what"
 * names the question in messages, and "need" the privilege that it requires
 * (NULL: superuser).  *res is a PGresult of libpq with the status
 * PGRES_TUPLES_OK, which the caller releases with PQclear().
 */
struct pg_result;

int	 pgsession_ask(struct pgsession *s, const char *what,
	    const char *text, const char *need, struct pg_result **res,
	    struct err *e)
	    __attribute__((warn_unused_result, nonnull(1, 2, 3, 5, 6)));

/* PostgreSQL's server_version_num, such as 150020. */
uint32_t pgsession_version(const struct pgsession *s);

#endif /* CLUSTER_PGSESSION_H */
