/* SPDX-License-Identifier: ISC */
#ifndef STORE_SFTP_DIR_H
#define STORE_SFTP_DIR_H

#include "store/backend.h"

/* Directories and names of an SFTP store: store_list() and its like. */
int	 sftp_dir_list(struct store *, const char *const *paths, size_t n,
	    const struct store_listing *to, struct err *);
int	 sftp_dir_rename(struct store *, const char *from, const char *to,
	    struct err *);
int	 sftp_dir_settle(struct store *, const char *const *paths, size_t n,
	    struct err *);
int	 sftp_dir_remove(struct store *, const char *const *paths, size_t n,
	    struct err *);
int	 sftp_dir_rmdir(struct store *, const char *const *paths, size_t n,
	    struct err *);
int	 sftp_dir_mkdir(struct store *, const char *path, struct err *);

#endif /* STORE_SFTP_DIR_H */
