/* SPDX-License-Identifier: ISC */
#ifndef STORE_WIRE_H
#define STORE_WIRE_H

#include "base/bytes.h"

/*
 * Packets of the SSH File Transfer Protocol, version 3, as described by
 * draft-ietf-secsh-filexfer-02 and OpenSSH's PROTOCOL file.  Pure: no input,
 * no output, no memory.
 *
 * A packet is a length, a type, an id and fields.  request_send() fills in
 * length and id.  The readers get the body behind the id, and return -1
 * unless all of it is as it must be, to the last byte.
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

/* The flags of WIRE_OPEN. */
#define WIRE_FOR_READ	0x01u
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
	char		 text[64];	/* printable; "" if there is none */
};

struct wire_attrs {
	uint64_t	 size;
	uint32_t	 mode;		/* 0 if the server did not say */
	uint32_t	 mtime;		/* the same */
	int		 has_size;
};

struct wire_features {
	uint32_t	 version;
	int		 fsync;		/* fsync@openssh.com */
	int		 hardlink;	/* hardlink@openssh.com */
	int		 statvfs;	/* statvfs@openssh.com */
};

struct wire_space {
	uint64_t	 bytes;		/* of the file system */
	uint64_t	 bytes_free;	/* for the user, not for root */
	uint64_t	 files, files_free;
};

/* Begin a packet of that type in "buf" of "size" bytes; then its fields. */
void	 wire_begin(struct bytes_out *, void *buf, size_t size,
	    enum wire_type);
void	 wire_text(struct bytes_out *, const char *);
void	 wire_put_handle(struct bytes_out *, const struct wire_handle *);
/* Write a number over the four bytes at "p". */
void	 wire_patch(uint8_t *p, uint32_t v);
void	 wire_no_attrs(struct bytes_out *);
void	 wire_mode(struct bytes_out *, uint32_t mode);

/*
 * Write all of a WRITE packet in front of its data: the packet's last byte
 * before the data is at end - 1, and "n" bytes of data follow at "end".  So
 * data is not copied.  Returns the packet's first byte; there must be
 * WIRE_WRITE_ROOM bytes in front of "end".
 */
#define WIRE_WRITE_ROOM	(WIRE_HEAD + 4 + WIRE_HANDLEMAX + 8 + 4)
uint8_t	*wire_write_head(uint8_t *end, const struct wire_handle *,
	    uint64_t off, uint32_t n);

/* Read a whole body.  wire_get_data() points into it. */
int	 wire_get_status(struct bytes *, struct wire_status *);
int	 wire_get_handle(struct bytes *, struct wire_handle *);
int	 wire_get_attrs(struct bytes *, struct wire_attrs *);
int	 wire_get_data(struct bytes *, const uint8_t **data, size_t *n);
int	 wire_get_version(struct bytes *, struct wire_features *);
int	 wire_get_space(struct bytes *, struct wire_space *);

/*
 * Read a list of names: first how many there are, then each entry.  A name
 * is neither terminated nor checked.  After the last, bytes_ok() must hold.
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
