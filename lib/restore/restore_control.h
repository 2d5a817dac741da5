/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_RESTORE_CONTROL_H
#define RESTORE_RESTORE_CONTROL_H

#include <stdint.h>

#include "backup/manifest.h"
#include "pg/control.h"

/*
 * pg_control, the file without which PostgreSQL does not start.  So it is
 * restored apart from all others, and last:
 *
 *	struct restore_control	 c = { .seen = 0 };
 *
 *	restore_control_entry(&c, entry)	as the manifest comes to it
 *	restore_control_chunk(&c, &ref, e)	the same
 *	restore_control_check(&c, e)		at the manifest's end
 *	restore_control_read(&c, ...)		fetch it into memory
 *	... make all other files durable ...
 *	restore_control_write(&c, dir, e)
 *
 * On a failure after that: restore_control_remove().
 */
struct restore_control {
	int		 seen;		/* its chunk is known */
	int		 begun;		/* it may be on the disk */
	uint32_t	 mode;
	uint64_t	 size;
	struct pack_ref	 ref;
	uint8_t		 bytes[CONTROL_SIZE];
};

void	 restore_control_entry(struct restore_control *,
	    const struct manifest_entry *) __attribute__((nonnull));

/* ERR_CORRUPT if it has more than one chunk, or that is not stored whole. */
int	 restore_control_chunk(struct restore_control *,
	    const struct pack_ref *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* ERR_CORRUPT if the manifest had no pg_control, or one of another size. */
int	 restore_control_check(const struct restore_control *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Fetch it from the pack of backup "id".  ERR_CORRUPT unless it is a whole
 * pg_control of cluster "system_id".
 */
int	 restore_control_read(struct restore_control *, struct archive *,
	    const char *id, uint64_t system_id, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Write it, durably: from then on "dir" is a cluster that can be started. */
int	 restore_control_write(struct restore_control *, const char *dir,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Remove it, if it may have been written, after a failure that "e" describes:
 * what failed must not start.  If it cannot be removed, "e" says so as well.
 */
void	 restore_control_remove(const struct restore_control *,
	    const char *dir, struct err *) __attribute__((nonnull));

#endif /* RESTORE_RESTORE_CONTROL_H */
