/* SPDX-License-Identifier: ISC */
#ifndef STORE_ASK_H
#define STORE_ASK_H

#include "store/request.h"

/*
 * Single questions to an SFTP server: one call sends, the answer comes later.
 *
 * A struct ask must stay where it is until its answer has come or the
 * connection is lost.  Callers that don't care for the answer pass NULL for
 * it.  If the server refuses, the call succeeds and "status" says why; an
 * answer of the wrong kind is a violation of the protocol, which ends the
 * connection.
 */
struct ask {
	struct requests		*r;		/* NULL: never asked */
	int			 waiting;
	struct wire_status	 status;	/* WIRE_OK if not refused */
	struct wire_handle	 handle;	/* of OPEN and OPENDIR */
	struct wire_attrs	 attrs;		/* of STAT and FSTAT */
	struct wire_space	 space;		/* of ask_space() */
};

/* Whether the answer may still come. */
int	 ask_pending(const struct ask *);

/* Wait for the answer. */
int	 ask_wait(struct ask *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Wait until the answer has come, or never will. */
void	 ask_drain(struct ask *);

/* WIRE_OPEN with the flags WIRE_FOR_READ etc.; a new file has mode 0400. */
int	 ask_open(struct requests *, const char *path, uint32_t flags,
	    struct ask *, struct err *) __attribute__((warn_unused_result));

/* "type" is STAT, OPENDIR, REMOVE, RMDIR or MKDIR (mode 0700). */
int	 ask_path(struct requests *, enum wire_type type, const char *path,
	    struct ask *, struct err *) __attribute__((warn_unused_result));

/* "type" is CLOSE or FSTAT. */
int	 ask_handle(struct requests *, enum wire_type type,
	    const struct wire_handle *, struct ask *, struct err *)
	    __attribute__((warn_unused_result));

/* By fsync@openssh.com. */
int	 ask_fsync(struct requests *, const struct wire_handle *,
	    struct ask *, struct err *) __attribute__((warn_unused_result));

/*
 * Give the file "from" a second name, by hardlink@openssh.com, or another
 * name, by RENAME of version 3.  Neither replaces an existing "to".
 */
int	 ask_link(struct requests *, const char *from, const char *to,
	    struct ask *, struct err *) __attribute__((warn_unused_result));
int	 ask_rename(struct requests *, const char *from, const char *to,
	    struct ask *, struct err *) __attribute__((warn_unused_result));

/* How much is free in the file system of "path": statvfs@openssh.com. */
int	 ask_space(struct requests *, const char *path, struct ask *,
	    struct err *) __attribute__((warn_unused_result));

#endif /* STORE_ASK_H */
