/* SPDX-License-Identifier: ISC */
#ifndef COPY_COPYITEM_H
#define COPY_COPYITEM_H

#include <stdint.h>

#include "crypt/hash.h"
#include "crypt/headform.h"
#include "pg/walname.h"

/*
 * A sealed object that is to be copied, and what became of it.
 */
enum copyitem_state {
	COPYITEM_TODO,
	COPYITEM_COPIED,
	COPYITEM_THERE,		/* TO has the same */
	COPYITEM_GONE,		/* FROM does not have it any more */
	COPYITEM_BAD		/* not authentic, damaged, or other content
				   under its name: see "why" */
};

struct copyitem {
	char		*path;		/* owned */
	enum head_kind	 kind;
	uint64_t	 size;		/* bytes of the file in FROM, by the
					   listing */
	int		 there;		/* a listing of TO shows the name, */
	uint64_t	 to_size;	/* with so many bytes */

	struct walname	 wal;		/* HEAD_WAL */
	int		 settled;	/* HEAD_WAL: for copylane.h */
	const char	*id;		/* HEAD_PACK, HEAD_MANIFEST: of the
					   directory; borrowed */
	uint32_t	 no;		/* HEAD_PACK */
	const uint8_t	*head_hash;	/* HEAD_MANIFEST: what its label says;
					   borrowed */

	int		 known;		/* "state" is from an earlier pass */
	enum copyitem_state state;
	char		*why;		/* owned; of COPYITEM_BAD */
};

/* Items in the order in which they are copied. */
struct copyitem_list {
	struct copyitem	*v;		/* owned */
	size_t		 n, room;
};

/*
 * Add an item for the object at "path", all else of which is 0.  Returns it,
 * to be filled in before the next is added, or NULL (ERR_LOCAL).
 */
struct copyitem *copyitem_add(struct copyitem_list *, const char *path,
	    enum head_kind, struct err *) __attribute__((nonnull));
void	 copyitem_drop(struct copyitem_list *) __attribute__((nonnull));

/* Whether TO has it now. */
int	 copyitem_ok(const struct copyitem *) __attribute__((nonnull));

/* Set the state to COPYITEM_BAD, for the reason in "why". */
void	 copyitem_spoil(struct copyitem *, const struct err *why)
	    __attribute__((nonnull));

#endif /* COPY_COPYITEM_H */
