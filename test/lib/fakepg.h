/* SPDX-License-Identifier: ISC */
#ifndef TEST_FAKEPG_H
#define TEST_FAKEPG_H

#include <stddef.h>
#include <stdint.h>

/*
 * A walsender that a test makes up: it says what it is told to say, byte by
 * byte, however wrong that is ("Frontend/Backend Protocol" in PostgreSQL's
 * manual).  It listens in a directory, for "host=DIR port=5432 user=x", and
 * serves one connection after the other on a thread of its own.
 */
struct fakepg;

/* Messages in the making. */
struct fakepg_bytes {
	uint8_t		*p;		/* owned */
	size_t		 n, room;
};

void	 fakepg_put(struct fakepg_bytes *, const void *p, size_t n);
void	 fakepg_drop(struct fakepg_bytes *);

/* A message of this type with these bytes. */
void	 fakepg_message(struct fakepg_bytes *, char type, const void *p,
	    size_t n);

/*
 * Rows of text, as many as there are columns to fill: the description, a row
 * for each "columns" texts up to NULL, and the end.  "" is NULL in SQL.
 */
void	 fakepg_rows(struct fakepg_bytes *, unsigned columns, ...);

struct fakepg_conf {
	const char	*version;	/* "18.4" */
	const char	*system_id;
	const char	*(*show)[2];	/* settings and values, up to NULL */
	const struct fakepg_bytes *backup;	/* the answer to BASE_BACKUP,
						   without ReadyForQuery */
	int		 then_close;	/* close the connection behind it */
};

/* "conf" is borrowed; it may change while no connection is open. */
struct fakepg	*fakepg_start(const char *dir, const struct fakepg_conf *);
void		 fakepg_stop(struct fakepg *);	/* NULL is fine */

#endif /* TEST_FAKEPG_H */
