/* SPDX-License-Identifier: ISC */
#ifndef STORE_SFTP_H
#define STORE_SFTP_H

#include "store/address.h"
#include "store/ask.h"
#include "store/backend.h"

/* A store on an SFTP server.  See store_open(). */
int	 sftp_open(struct store **, const struct store_conf *,
	    const struct address *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The same over a transport that is there already; takes it over, also when
 * it fails.
 */
struct sftp_conf {
	const char	*host, *dir;
	uint64_t	 io_timeout_ms;
	int		 in_order;	/* the server keeps our order */
	int		 require_fsync;
};

int	 sftp_over(struct store **, struct transport *,
	    const struct sftp_conf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Round trips so far, see request_turns(). */
uint64_t sftp_turns(const struct store *);

/* The rest is for the files sftp*.c and dirsync.c only. */

struct sftp {
	struct store		 base;
	struct requests		*r;
	struct wire_features	 can;
	int			 in_order;
	size_t			 read_len;	/* what a READ may give */
	char			 host[ADDRESS_HOSTMAX];
};

/*
 * Describe what the server refused: "VERB PATH: why on HOST".  A plain
 * failure may be a full disk: asks the server.  Returns -1.
 */
int	 sftp_fail(struct sftp *, const char *verb, const char *path,
	    const struct wire_status *, struct err *);

/* Send for the directories above "path", from the root on; no answers. */
int	 sftp_mkdirs(struct sftp *, const char *path, struct err *)
	    __attribute__((warn_unused_result));

/* Whether there is something of that name: 0, 1 if not, or -1. */
int	 sftp_exists(struct sftp *, const char *path, struct err *)
	    __attribute__((warn_unused_result));

int	 sftp_put_open(struct store_put **, struct store *, const char *,
	    size_t, struct err *);
int	 sftp_put_write(struct store_put *, const void *, size_t,
	    struct err *);
int	 sftp_put_end(struct store_put *, const void *, struct err *);
int	 sftp_put_step(struct store_put *, struct err *);
int	 sftp_put_named(const struct store_put *);
void	 sftp_put_free(struct store_put *);

int	 sftp_get_open(struct store_get **, struct store *, const char *,
	    struct err *);
int	 sftp_get_size(struct store_get *, uint64_t *, struct err *);
int	 sftp_get_ask(struct store_get *, uint64_t, uint64_t, struct err *);
int	 sftp_get_take(struct store_get *, void *, size_t, size_t *,
	    struct err *);
int	 sftp_get_ready(struct store_get *);
void	 sftp_get_free(struct store_get *);
int	 sftp_get_load(struct store *, const char *const *, size_t, size_t,
	    store_loaded *, void *, struct err *);

int	 sftp_dir_list(struct store *, const char *const *, size_t,
	    store_listed *, void *, struct err *);
int	 sftp_dir_rename(struct store *, const char *, const char *,
	    struct err *);
int	 sftp_dir_settle(struct store *, const char *, struct err *);
int	 sftp_dir_remove(struct store *, const char *const *, size_t,
	    struct err *);
int	 sftp_dir_rmdir(struct store *, const char *const *, size_t,
	    struct err *);
int	 sftp_dir_mkdir(struct store *, const char *, struct err *);

#endif /* STORE_SFTP_H */
