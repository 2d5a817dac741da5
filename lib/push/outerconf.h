/* SPDX-License-Identifier: ISC */
#ifndef PUSH_OUTERCONF_H
#define PUSH_OUTERCONF_H

#include "backup/label_config.h"
#include "backup/manifest.h"
#include "base/err.h"

/*
 * The configuration files of a running cluster that lie outside its data
 * directory, as Debian keeps them, so that the walk of that directory does
 * not find them: for the manifest of a backup.  Begins as { NULL, 0, 0 }.
 */
struct outerconf {
	struct manifest_config *v;	/* by ascending path; texts owned */
	size_t		 n;
	size_t		 bytes;		/* of all */
};

/*
 * Where to look.  "file" are the settings config_file, hba_file and
 * ident_file, each NULL if the role may not see it.  "server" is the data
 * directory by PostgreSQL's words, "dir" is the one that is copied.
 */
struct outerconf_place {
	char *const	*file;		/* three */
	const char	*server, *dir;
};

/*
 * Read the files, and those that they include, and say in "said" what is
 * stored and what is not, and why.  What is inside the data directory, by
 * name or by its real path, is only looked through for includes.  A file is
 * known by the name that it was included by; a name with ".." by the real
 * path of its directory.  A file that holds a private key is not stored.
 *
 * A file that cannot be read fails no backup: the only failure is a lack of
 * memory.  The result needs outerconf_free() also then.
 */
int	 outerconf_read(struct outerconf *, struct label_config *said,
	    const struct outerconf_place *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 outerconf_free(struct outerconf *) __attribute__((nonnull));

#endif /* PUSH_OUTERCONF_H */
