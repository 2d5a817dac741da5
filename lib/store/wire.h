/* SPDX-License-Identifier: ISC */
#ifndef STORE_WIRE_H
#define STORE_WIRE_H

#include "base/bytes.h"

/*
 * Packets of the SSH File Transfer Protocol, version 3, as
 * draft-ietf-secsh-filexfer-02 and OpenSSH's PROTOCOL file describe them.
 * Pure: no input, no output, no memory.
 *
 * A packet is a length, a type, an id and fields; request_send() fills in
 * length and id.  Readers take the body behind the id and return -1 if it
 * is not what it should be, to the last byte.
 */
enum wire_type {
	WIRE_INIT = 1, WIRE_VERSION = 2, WIRE_OPEN = 3, WIRE_CLOSE = 4,
	WIRE_READ = 5, WIRE_WRITE = 6, WIRE_FSTAT = 8, WIRE_OPENDIR = 11,
	WIRE_READDIR = 12, WIRE_REMOVE = 13, WIRE_MKDIR = 14,
	WIRE_RMDIR = 15, WIRE_STAT = 17, WIRE_RENAME = 18,
	WIRE_STATUS = 101, WIRE_HANDLE = 102, WIRE_DATA = 103,
	WIRE_NAME = 104, WIRE_ATTRS = 105, WIRE_EXTENDED = 200,
	WIRE_EXTENDED_REPLY = 201
};

enum wire_code {
	WIRE_OK = 0, WIRE_EOF = 1, WIRE_NO_SUCH_FILE = 2,
	WIRE_PERMISSION_DENIED = 3, WIRE_FAILURE = 4, WIRE_BAD_MESSAGE = 5,
	WIRE_NO_CONNECTION = 6, WIRE_CONNECTION_LOST = 7,
	WIRE_OP_UNSUPPORTED = 8
};

#define WIRE_FOR_READ	0x01u		/* of WIRE_OPEN */
#define WIRE_FOR_WRITE	0x02u
#define WIRE_CREATE	0x08u
#define WIRE_EXCL	0x20u

#define WIRE_HEAD	9		/* length, type, id */
#define WIRE_HANDLEMAX	256
#define WIRE_MAX	(256 * 1024 + 64)	/* longest answer accepted */

struct wire_handle {
	uint32_t	 n;
	uint8_t		 byte[WIRE_HANDLEMAX];
};

struct wire_status {
	uint32_t	 code;
	char		 text[64];	/* clean; "" where there is none */
};

struct wire_attrs {
	uint64_t	 size;
	uint32_t	 mode;		/* 0 where the server did not say */
	uint32_t	 mtime;
	int		 has_size;
};

struct wire_features {
	uint32_t	 version;
	int		 fsync;		/* fsync@openssh.com */
	int		 hardlink;	/* hardlink@openssh.com */
	int		 statvfs;	/* statvfs@openssh.com */
};

struct wire_space {
	uint64_t	 bytes_free;	/* for us, not for root */
	uint64_t	 files, files_free;
};

void	 wire_begin(struct bytes_out *, void *buf, size_t, enum wire_type);
void	 wire_text(struct bytes_out *, const char *);
void	 wire_put_handle(struct bytes_out *, const struct wire_handle *);
void	 wire_no_attrs(struct bytes_out *);
void	 wire_mode(struct bytes_out *, uint32_t mode);

/*
 * All of a WRITE packet but the data, which follow in memory: written so
 * that it ends at "end".  Returns its first byte; there must be room for
 * WIRE_WRITE_ROOM bytes.
 */
#define WIRE_WRITE_ROOM	(WIRE_HEAD + 4 + WIRE_HANDLEMAX + 8 + 4)
uint8_t	*wire_write_head(uint8_t *end, const struct wire_handle *,
	    uint64_t off, uint32_t n);

int	 wire_get_status(struct bytes *, struct wire_status *);
int	 wire_get_handle(struct bytes *, struct wire_handle *);
int	 wire_get_attrs(struct bytes *, struct wire_attrs *);	/* whole body */
int	 wire_get_data(struct bytes *, const uint8_t **, size_t *);
int	 wire_get_version(struct bytes *, struct wire_features *);
int	 wire_get_space(struct bytes *, struct wire_space *);

/*
 * A list of names: first its length, then each entry; the name is neither
 * terminated nor checked.  After the last, bytes_ok() must hold.
 */
struct wire_entry {
	const uint8_t		*name;
	size_t			 n;
	struct wire_attrs	 attrs;
	int			 is_dir;
};

uint32_t wire_get_count(struct bytes *);
int	 wire_get_entry(struct bytes *, struct wire_entry *);

/* "permission denied" and the like. */
const char *wire_explain(uint32_t code);

#endif /* STORE_WIRE_H */
