/* SPDX-License-Identifier: ISC */
#ifndef STORE_ASK_H
#define STORE_ASK_H

#include "store/request.h"

/*
 * Single questions to an SFTP server: sent by one call, answered later.
 *
 * The struct must stay until its answer came or the connection broke.
 * ask_pending() is true until then.  Where NULL is given for it the answer
 * does not matter.  What the server refuses is not an error here but a
 * status; an answer of the wrong kind breaks the connection.
 */
struct ask {
	struct requests		*r;		/* NULL: never asked */
	int			 waiting;
	struct wire_status	 status;	/* WIRE_OK for the others */
	struct wire_handle	 handle;	/* OPEN, OPENDIR */
	struct wire_attrs	 attrs;		/* STAT, FSTAT */
	struct wire_space	 space;
};

int	 ask_pending(const struct ask *);

/* Wait for the answer. */
int	 ask_wait(struct ask *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Wait until it is answered or never will be. */
void	 ask_drain(struct ask *);

/* WIRE_OPEN with its flags; a new file gets mode 0400. */
int	 ask_open(struct requests *, const char *path, uint32_t flags,
	    struct ask *, struct err *) __attribute__((warn_unused_result));

/* STAT, OPENDIR, REMOVE, RMDIR, MKDIR (mode 0700). */
int	 ask_path(struct requests *, enum wire_type, const char *path,
	    struct ask *, struct err *) __attribute__((warn_unused_result));

/* CLOSE, FSTAT. */
int	 ask_handle(struct requests *, enum wire_type,
	    const struct wire_handle *, struct ask *, struct err *)
	    __attribute__((warn_unused_result));

int	 ask_fsync(struct requests *, const struct wire_handle *,
	    struct ask *, struct err *) __attribute__((warn_unused_result));

/* A second name, by the extension; a new name, by RENAME of version 3. */
int	 ask_link(struct requests *, const char *from, const char *to,
	    struct ask *, struct err *) __attribute__((warn_unused_result));
int	 ask_rename(struct requests *, const char *from, const char *to,
	    struct ask *, struct err *) __attribute__((warn_unused_result));

/* What is free where "path" lies. */
int	 ask_space(struct requests *, const char *path, struct ask *,
	    struct err *) __attribute__((warn_unused_result));

#endif /* STORE_ASK_H */
