/* SPDX-License-Identifier: ISC */
#ifndef COPY_EXPORTRUN_H
#define COPY_EXPORTRUN_H

#include <stdint.h>

#include "copy/exportplan.h"
#include "crypt/key.h"
#include "repo/layout.h"
#include "store/store.h"
#include "stream/sink.h"

/* What an export is made of, and what it has become. */
struct exportrun_conf {
	const struct store_conf *from;	/* all borrowed */
	const struct key *key;		/* any that can check signatures */
	const char	*server;
	uint64_t	 system_id;
	struct exportplan_want want;
	uint64_t	 retry_ms;	/* the longest wait for an outage */

	/* What a person should know, and what is no fault. */
	void		(*note)(void *arg, const char *text);
	/* Now and then: bytes written so far, of how many. */
	void		(*progress)(void *arg, uint64_t bytes,
			    uint64_t total);
	void		*arg;
};

struct exportrun_sum {
	uint64_t	 files, bytes;	/* objects, and their bytes */
	uint64_t	 size;		/* bytes of the export */
	uint64_t	 wal;		/* of the objects: files of WAL */
	char		 last[WALNAME_TEXT];	/* the last segment */
};

/*
 * Write an export (lib/FORMAT.md, 17) to "to", which the caller finishes.  Each
 * object is proved while it passes: ERR_CORRUPT if one is damaged or not
 * authentic, ERR_REMOTE if one has gone meanwhile, and then what was written is
 * no export.  Nothing is written before it is known that all is there that the
 * backup needs; else fails as exportplan_make().
 */
int	 exportrun(struct exportrun_sum *, const struct exportrun_conf *,
	    struct sink *to, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* COPY_EXPORTRUN_H */
