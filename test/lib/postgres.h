/* SPDX-License-Identifier: ISC */
#ifndef TEST_POSTGRES_H
#define TEST_POSTGRES_H

#include <sys/types.h>

/*
 * A throwaway PostgreSQL for tests.  If the test runs as root, the server
 * runs as postgres or nobody; otherwise it runs as the test's own user.  It
 * listens on a socket in its folder and has a superuser "postgres" without a
 * password.  A failure of anything here fails the test that called it.
 */
struct postgres {
	char	 top[64];		/* its folder */
	char	 data[96];		/* its data directory */
	char	 conninfo[160];		/* for its superuser */
	char	 bin[256];		/* folder of initdb, postgres, psql */
	uid_t	 uid;			/* the user that it runs as */
	gid_t	 gid;
	pid_t	 pid;			/* of the postmaster; 0: down */
};

/*
 * Make a cluster with WAL segments of 1 MiB and data checksums; it is down.
 * Returns 0, or 1 if PostgreSQL is not installed; with CI=true in the
 * environment that fails the test instead.
 */
int	 postgres_new(struct postgres *p);

/* End the server if it is up, and remove its folder; a zeroed one is fine. */
void	 postgres_free(struct postgres *p);

/*
 * Start the server with further settings ("name=value", ..., NULL), and wait
 * until it answers.
 */
void	 postgres_start(struct postgres *p, ...);

/* Stop the server (fast shutdown) if it is up. */
void	 postgres_stop(struct postgres *p);

/* Copy the data directory of a server that is down, as a new server. */
void	 postgres_copy(struct postgres *to, const struct postgres *from);

/* Run statements as superuser; returns psql's exit status. */
int	 postgres_sql(const struct postgres *p, const char *text);

/* Run a program as the server's user, silently; returns its exit status. */
int	 postgres_run(const struct postgres *p, const char *const *argv);

#endif /* TEST_POSTGRES_H */
