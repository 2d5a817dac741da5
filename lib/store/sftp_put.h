/* SPDX-License-Identifier: ISC */
#ifndef STORE_SFTP_PUT_H
#define STORE_SFTP_PUT_H

#include "store/dirsync.h"
#include "store/sftp_server.h"

/*
 * Write one object of an SFTP store: store_put_open() up to store_put_end().
 * sftp_publish.h then gives it its name.
 */
int	 sftp_put_open(struct store_put **, struct store *, const char *path,
	    size_t head, struct err *);
int	 sftp_put_write(struct store_put *, const void *, size_t,
	    struct err *);
int	 sftp_put_end(struct store_put *, const void *head, struct err *);
void	 sftp_put_free(struct store_put *);

/* The rest is for sftp_publish.c. */

#define SFTP_PUT_CHUNK	((size_t)32 << 10)	/* what every server takes */

enum sftp_put_stage {
	SFTP_PUT_WRITING,
	SFTP_PUT_ENDED,		/* all was sent, and the request to fsync */
	SFTP_PUT_NAMING,	/* all is on the disk; the name was requested */
	SFTP_PUT_DONE
};

struct sftp_put {
	struct store_put	 base;
	struct sftp		*c;
	enum sftp_put_stage	 stage;
	struct ask		 open, sync, stat, close, named, proof;
	struct dirsync		*dirs;
	int			 syncing;	/* dirs: fsync was requested */
	int			 unsynced_rc;	/* -1: that failed ... */
	struct err		 unsynced;	/* ... why */
	int			 linked;	/* the name was asked for by
						 * a link, not by RENAME */
	int			 again;		/* the name's second try */
	int			 opened;	/* open's answer was seen */
	int			 closed;	/* close was sent */
	int			 there;		/* tmp must be removed */
	unsigned		 writing;	/* WRITEs under way */
	struct wire_status	 failed;	/* the first refused WRITE */
	size_t			 head;		/* bytes left open in front */
	uint64_t		 off;		/* of buf in the file */
	size_t			 n;		/* bytes in buf */
	char			 path[STORE_PATHMAX];
	char			 tmp[STORE_PATHMAX];
	uint8_t			*buf;		/* a chunk, within packet */
	uint8_t			 packet[WIRE_WRITE_ROOM + SFTP_PUT_CHUNK];
};

/* Wait until every WRITE is answered. */
int	 sftp_put_written(struct sftp_put *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Fail if a WRITE was refused. */
int	 sftp_put_refused(struct sftp_put *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* STORE_SFTP_PUT_H */
