/* SPDX-License-Identifier: ISC */
#ifndef BACKUP_LABEL_CONFIG_H
#define BACKUP_LABEL_CONFIG_H

#include <stddef.h>

#include "base/jval.h"

/*
 * What a label says of the configuration that lies outside the data directory
 * (lib/FORMAT.md, 8): its member "configuration".  The files themselves are in
 * the manifest.  All zeros at first; texts are owned.
 */
#define LABEL_CONFIG_MISSING	100	/* of "missing", at most */
#define LABEL_CONFIG_TEXT	4096	/* bytes of each text, at most */

struct label_config_missing {
	char		*path;		/* "" if not even that is known */
	char		*why;
};

struct label_config {
	int		 known;		/* 0: nobody has looked */
	char		**stored;	/* paths of files in the manifest */
	size_t		 nstored;
	struct label_config_missing *missing;	/* could not be stored */
	size_t		 nmissing;
};

/*
 * Note a file that is stored, or one that is not, and why.  Of the latter the
 * first LABEL_CONFIG_MISSING are kept.  ERR_LOCAL if memory is short.
 */
int	 label_config_stored(struct label_config *, const char *path,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 label_config_missed(struct label_config *, const char *path,
	    const char *why, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Set the member in "to", if it is known. */
int	 label_config_set(const struct label_config *, struct jval *to,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Read the member of "from"; ERR_CORRUPT if it has not the form it must. */
int	 label_config_get(struct label_config *, const struct jval *from,
	    struct err *) __attribute__((warn_unused_result, nonnull));

void	 label_config_fini(struct label_config *) __attribute__((nonnull));

#endif /* BACKUP_LABEL_CONFIG_H */
