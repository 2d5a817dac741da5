/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_TARSET_H
#define RESTORE_TARSET_H

#include "backup/manifest.h"
#include "restore/restore_conf.h"
#include "restore/restore_list.h"

/*
 * The archives of one restore (restore_tar.h): which member goes into which,
 * and under what name.  Failures are those of tarfile.h.
 */
struct tarset;

/* Open the archive of the data directory. */
int	 tarset_open(struct tarset **, const struct restore_conf *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * An entry of the manifest as a member.  A file has "size" bytes: what
 * tarset_data() is given, and then "tail", unless that is NULL; it is
 * borrowed.  ERR_CORRUPT for a link that is not one of the label's tablespaces.
 * The caller frees it.
 */
struct tarset_member;
int	 tarset_member_new(struct tarset_member **, const struct tarset *,
	    const struct manifest_entry *, uint64_t size, const char *tail,
	    struct err *) __attribute__((warn_unused_result, nonnull(1, 2, 3,
	    6)));

/* Begin the member: a directory, an archive of a tablespace, or a file. */
int	 tarset_member(struct tarset *, const struct tarset_member *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 tarset_data(struct tarset *, const void *p, size_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Add a whole file of the data directory, of this moment. */
int	 tarset_file(struct tarset *, const char *path, uint32_t mode,
	    const void *p, size_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* With an archive for each tablespace: add tablespace_map, and list it. */
int	 tarset_map(struct tarset *, struct restore_list *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Add backup_manifest, which is finished in "dir", to them or beside them. */
int	 tarset_list(struct tarset *, const char *dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Complete all of them, that of the data directory last. */
int	 tarset_finish(struct tarset *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 tarset_free(struct tarset *);			/* NULL is fine */

#endif /* RESTORE_TARSET_H */
