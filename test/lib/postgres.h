/* SPDX-License-Identifier: ISC */
#ifndef UNIT_POSTGRES_H
#define UNIT_POSTGRES_H

#include <sys/types.h>

/*
 * A throwaway PostgreSQL for tests.  As root it runs as postgres or nobody,
 * otherwise as who runs the test.  It listens on a socket in its folder, as
 * superuser "postgres", without passwords.  What fails here fails the test.
 */
struct postgres {
	char	 top[64];		/* the folder */
	char	 data[96];		/* its data directory */
	char	 conninfo[160];		/* for its superuser */
	char	 bin[256];		/* initdb, postgres, psql */
	uid_t	 uid;
	gid_t	 gid;
	pid_t	 pid;			/* of the postmaster; 0: down */
};

/*
 * Returns 0, or 1 where PostgreSQL is not installed (with CI=true this fails
 * the test instead).
 */
int	 postgres_new(struct postgres *);
void	 postgres_free(struct postgres *);	/* ends and removes it */

/* With further settings, NULL at the end; waits until it answers. */
void	 postgres_start(struct postgres *, ...);
void	 postgres_stop(struct postgres *);

/* A copy of its data directory made while it is down, as a new server. */
void	 postgres_copy(struct postgres *to, const struct postgres *from);

/* Run statements as superuser; returns psql's status. */
int	 postgres_sql(const struct postgres *, const char *);

/* Run a program as that user, quietly; returns its status. */
int	 postgres_run(const struct postgres *, const char *const *argv);

#endif /* UNIT_POSTGRES_H */
