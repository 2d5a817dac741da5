/* SPDX-License-Identifier: ISC */
#ifndef STORE_SSHCONN_H
#define STORE_SSHCONN_H

#include <sys/types.h>

#include <libssh/callbacks.h>
#include <libssh/libssh.h>

#include "store/address.h"
#include "store/storetypes.h"

/*
 * For session.c: an SSH connection, logged in.
 */
struct sshconn {
	ssh_session			 ssh;
	ssh_key				 key;
	struct ssh_callbacks_struct	 callbacks;
	const struct store_conf		*conf;		/* while opening */
	char				 host[ADDRESS_HOSTMAX];
	int64_t				 timeout_ms;
	int				 fd;		/* to wait on */
	int				 own_fd;	/* that we connected */
	ino_t				 own_ino;
};

/* sshconn_close() in any case. */
int	 sshconn_open(struct sshconn *, const struct store_conf *,
	    const struct address *, int *in_order, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 sshconn_close(struct sshconn *);

/* Repeat a step of libssh until it is done; what it said last. */
typedef int	 sshconn_step(void *arg);
int	 sshconn_until(struct sshconn *, sshconn_step *, void *arg, int *said,
	    struct err *) __attribute__((warn_unused_result, nonnull));

int	 sshconn_pending(const struct sshconn *);
int	 sshconn_fail(struct sshconn *, enum err_kind, const char *what,
	    struct err *);

#endif /* STORE_SSHCONN_H */
