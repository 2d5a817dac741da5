/* SPDX-License-Identifier: ISC */
#ifndef STORE_SSHCONN_H
#define STORE_SSHCONN_H

#include <sys/types.h>

#include <libssh/callbacks.h>
#include <libssh/libssh.h>

#include "store/address.h"
#include "store/sshconfig.h"
#include "store/storetypes.h"

/* For session.c: an SSH connection, up to the user's login. */
struct sshconn {
	ssh_session			 ssh;
	ssh_key				 key;		/* NULL: the agent's */
	int				 certified;	/* it has a cert */
	struct ssh_callbacks_struct	 callbacks;
	const struct store_conf		*conf;		/* while opening */
	struct sshconfig		 ours;		/* of ssh_config */
	char				 host[ADDRESS_HOSTMAX];
	int64_t				 timeout_ms;
	int				 fd;		/* to wait on */
	int				 own_fd;	/* that we connected */
	ino_t				 own_ino;	/* of own_fd */
	int				 busy;		/* it failed since the
							 * server hung up at
							 * once */
};

/*
 * Connect, check the server's key, log in; see session_open().  The caller
 * calls sshconn_close() in any case.
 */
int	 sshconn_open(struct sshconn *, const struct store_conf *,
	    const struct address *, int *in_order, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Connect, and neither check the server's key nor log in: for hostprint.c.  The
 * caller calls sshconn_close() in any case.
 */
int	 sshconn_meet(struct sshconn *, const struct store_conf *,
	    const struct address *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 sshconn_close(struct sshconn *);

/*
 * Call step(arg) until it returns something else than SSH_AGAIN or
 * SSH_AUTH_AGAIN, and store that in *said.  Waits between two calls, until
 * the deadline.
 */
typedef int	 sshconn_step(void *arg);
int	 sshconn_until(struct sshconn *, sshconn_step *step, void *arg,
	    int *said, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Whether libssh holds bytes that the socket did not take yet. */
int	 sshconn_pending(const struct sshconn *);

/* Describe libssh's last failure: "HOST: WHAT: why".  Always returns -1. */
int	 sshconn_fail(struct sshconn *, enum err_kind, const char *what,
	    struct err *);

#endif /* STORE_SSHCONN_H */
