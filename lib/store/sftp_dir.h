/* SPDX-License-Identifier: ISC */
#ifndef STORE_SFTP_DIR_H
#define STORE_SFTP_DIR_H

#include "store/backend.h"

/* Directories and names: store_list(), store_rename() and so on. */
int	 sftp_dir_list(struct store *, const char *const *, size_t,
	    store_listed *, void *, struct err *);
int	 sftp_dir_rename(struct store *, const char *, const char *,
	    struct err *);
int	 sftp_dir_settle(struct store *, const char *, struct err *);
int	 sftp_dir_remove(struct store *, const char *const *, size_t,
	    struct err *);
int	 sftp_dir_rmdir(struct store *, const char *const *, size_t,
	    struct err *);
int	 sftp_dir_mkdir(struct store *, const char *, struct err *);

#endif /* STORE_SFTP_DIR_H */
