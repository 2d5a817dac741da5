/* SPDX-License-Identifier: ISC */
#ifndef TEST_SSHD_H
#define TEST_SSHD_H

#include <sys/types.h>

#include "store/store.h"

/*
 * A real OpenSSH server on loopback, with throwaway host and user keys, on a
 * free port, as the current user.  Works as root and as anybody else.
 */
struct sshd {
	char	 dir[128];		/* everything is below; removed at stop */
	char	 user_key[192];		/* its authorized private key */
	char	 other_key[192];	/* one that is not authorized */
	char	 known_hosts[192];
	char	 host_key[128];		/* "SHA256:..." */
	char	 log[192];		/* of the sftp-server, level DEBUG3 */
	int	 port;
	pid_t	 pid;
};

/* Whether there is an sshd to start; says so if not. */
int	 sshd_available(void);

/*
 * "sftp_args" go to the sftp-server ("-P ..."), may be NULL.  Fails the
 * test if it does not start.
 */
void	 sshd_start(struct sshd *, const char *sftp_args);

/* The same with more lines for sshd_config. */
void	 sshd_start_with(struct sshd *, const char *sftp_args,
	    const char *lines);
void	 sshd_stop(struct sshd *);

/*
 * How to get to a repository in "dir" there; what else the store wants to
 * know is left as it is.  "uri" is to live as long, 1024 bytes.
 */
void	 sshd_reach(struct store_conf *, char *uri, const struct sshd *,
	    const char *dir);

/* What DESIGN calls append-only. */
#define SSHD_APPEND_ONLY \
	"-P remove,rmdir,rename,posix-rename,setstat,fsetstat,lsetstat," \
	"copy-data,symlink"

/* How many connections are logged in: sftp-servers that run. */
int	 sshd_connections(const struct sshd *);

/* A signal to all processes of all connections.  Returns how many got it. */
int	 sshd_signal(const struct sshd *, int sig);

/* The whole log so far, to be freed; that of sshd itself. */
char	*sshd_read_log(const struct sshd *);
char	*sshd_read_own_log(const struct sshd *);

#endif /* TEST_SSHD_H */
