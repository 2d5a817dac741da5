/* SPDX-License-Identifier: ISC */
#ifndef TEST_SSHD_H
#define TEST_SSHD_H

#include <sys/types.h>

#include "store/store.h"

/*
 * A real OpenSSH server on a free port of the loopback interface, with
 * throwaway host and user keys.  It runs as the current user, root or not.
 * A failure of anything here fails the test that called it.
 */
struct sshd {
	char	 dir[128];		/* all files; removed at the end */
	char	 user_key[192];		/* path of the authorized private key */
	char	 other_key[192];	/* of one that is not authorized */
	char	 known_hosts[192];
	char	 host_key[128];		/* fingerprint, "SHA256:..." */
	char	 log[192];		/* of the sftp-server, level DEBUG3 */
	int	 port;
	pid_t	 pid;
};

/* Whether sshd is installed; prints a message if it is not. */
int	 sshd_available(void);

/* Start it.  "sftp_args" go to the sftp-server ("-P ..."); may be NULL. */
void	 sshd_start(struct sshd *s, const char *sftp_args);

/* The same, with more lines for sshd_config. */
void	 sshd_start_with(struct sshd *s, const char *sftp_args,
	    const char *lines);

/* Whether sshd knows an option, as "NAME=VALUE"; older ones do not. */
int	 sshd_knows(const struct sshd *s, const char *option);

/* Have it read its configuration (dir/config) anew, at the same port. */
void	 sshd_reread(struct sshd *s);

/* End it and all its connections, and remove its files. */
void	 sshd_stop(struct sshd *s);

/*
 * Fill in how to reach a repository in its directory "dir"; other members of
 * "conf" stay as they are.  "uri" has 1024 bytes and must live as long as
 * "conf".
 */
void	 sshd_reach(struct store_conf *conf, char *uri,
	    const struct sshd *s, const char *dir);

/* "sftp_args" of an append-only server. */
#define SSHD_APPEND_ONLY \
	"-P remove,rmdir,rename,posix-rename,setstat,fsetstat,lsetstat," \
	"copy-data,symlink"

/* The number of connections that are logged in (running sftp-servers). */
int	 sshd_connections(const struct sshd *s);

/*
 * Send a signal to all processes of all connections.  Returns their number.
 */
int	 sshd_signal(const struct sshd *s, int sig);

/*
 * Stop (SIGSTOP) the server and all its connections, those too that are being
 * made, and wait until they are stopped.  Fails after two minutes.
 */
void	 sshd_pause(const struct sshd *s);

/* The log of the sftp-server, and that of sshd; the caller frees them. */
char	*sshd_read_log(const struct sshd *s);
char	*sshd_read_own_log(const struct sshd *s);

#endif /* TEST_SSHD_H */
