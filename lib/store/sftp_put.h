/* SPDX-License-Identifier: ISC */
#ifndef STORE_SFTP_PUT_H
#define STORE_SFTP_PUT_H

#include "store/dirsync.h"
#include "store/sftp_server.h"

/* Write one object: store_put_open() and the calls that follow it. */
int	 sftp_put_open(struct store_put **, struct store *, const char *,
	    size_t, struct err *);
int	 sftp_put_write(struct store_put *, const void *, size_t,
	    struct err *);
int	 sftp_put_end(struct store_put *, const void *, struct err *);
void	 sftp_put_free(struct store_put *);

/* For sftp_publish.c. */
#define SFTP_PUT_CHUNK	((size_t)32 << 10)	/* what every server takes */

enum sftp_put_stage {
	SFTP_PUT_WRITING,
	SFTP_PUT_ENDED,		/* all was sent, and the request for an fsync */
	SFTP_PUT_NAMING,	/* all is on the disk, the name was asked for */
	SFTP_PUT_DONE
};

struct sftp_put {
	struct store_put	 base;
	struct sftp		*c;
	enum sftp_put_stage	 stage;
	struct ask		 open, sync, stat, close, named;
	struct dirsync		*dirs;
	int			 syncing;	/* their fsync was asked for */
	int			 unsynced_rc;	/* and could not be sent */
	struct err		 unsynced;	/* why */
	int			 again;		/* the second try of a name */
	int			 opened;	/* open's answer was seen */
	int			 closed;	/* close was sent */
	int			 there;		/* tmp is to be removed */
	unsigned		 writing;	/* WRITEs under way */
	struct wire_status	 failed;	/* the first that was refused */
	size_t			 head;
	uint64_t		 off;		/* of buf in the file */
	size_t			 n;		/* in buf */
	char			 path[STORE_PATHMAX];
	char			 tmp[STORE_PATHMAX];
	uint8_t			*buf;		/* a chunk, in packet */
	uint8_t			 packet[WIRE_WRITE_ROOM + SFTP_PUT_CHUNK];
};

int	 sftp_put_written(struct sftp_put *, struct err *);
int	 sftp_put_refused(struct sftp_put *, struct err *);

#endif /* STORE_SFTP_PUT_H */
