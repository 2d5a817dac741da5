/* SPDX-License-Identifier: ISC */
#ifndef COPY_COPYKNOWN_H
#define COPY_COPYKNOWN_H

#include <stddef.h>
#include <stdint.h>

#include "copy/copyitem.h"
#include "repo/layout.h"

/*
 * What a process that copies again and again has learned in its earlier passes,
 * so that it neither compares each time what it has compared, nor sends again
 * what turned out to be bad.  An object is known by its path and by the sizes
 * that both sides list.  All zero at first.
 */
struct copyknown {
	struct copyknown_one {
		uint8_t		 hash[HASH_LEN];
		enum copyitem_state state;
	}		*v;		/* owned; ascending by hash */
	size_t		 n;
	/* The id that the claims of the last pass bear, and since when. */
	char		 claimer[LAYOUT_ID];
	int64_t		 claimer_ms;	/* monotonic */
};

/*
 * Set the state of each item that is known and is as it was; copyitem->known
 * says so.
 */
void	 copyknown_recall(const struct copyknown *, struct copyitem_list *)
	    __attribute__((nonnull));

/* Know what became of these, and nothing else.  ERR_LOCAL without memory. */
int	 copyknown_learn(struct copyknown *, const struct copyitem_list *wal,
	    const struct copyitem_list *packs, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 copyknown_fini(struct copyknown *) __attribute__((nonnull));

#endif /* COPY_COPYKNOWN_H */
