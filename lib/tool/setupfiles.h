/* SPDX-License-Identifier: ISC */
#ifndef TOOL_SETUPFILES_H
#define TOOL_SETUPFILES_H

#include <limits.h>

#include "base/err.h"
#include "tool/opt.h"

/*
 * The files that seawall-setup makes below its folder DIR, for one server:
 *
 *	DIR/seawall.conf	names conf.d as include_dir
 *	DIR/conf.d/NAME.conf	the server's section
 *	DIR/NAME.push ...	the keys
 *	DIR/ssh_key		for the repository's host
 *
 * What is there is never replaced.  ERR_CONFLICT where something took a file's
 * name meanwhile.
 */
struct setupfiles {
	const char	*dir, *server;
	char		 conf[PATH_MAX];	/* DIR/seawall.conf */
	char		 part[PATH_MAX];	/* DIR/conf.d/NAME.conf */
	char		 keys[PATH_MAX];	/* DIR/NAME */
	char		 ssh_key[PATH_MAX];	/* unless --set names one */
};

/* What the server's section says. */
struct setupfiles_section {
	const char		*repository;
	const char		*host_key;	/* NULL: none */
	int			 ssh;		/* it has an ssh_key */
	const struct opt_list	*set;		/* more "key=value" */
};

/*
 * Fill in the names.  ERR_CONFIG if "dir" is no absolute path of letters,
 * digits and "/._-", so that it can stand in archive_command as it is, or if
 * "server" is no name of a server.
 */
int	 setupfiles_name(struct setupfiles *, const char *dir,
	    const char *server, const struct opt_list *set, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The value of the last "key=value" in "set", or NULL. */
const char *setupfiles_set(const struct opt_list *set, const char *key);

/*
 * Whether the keys are there: 1, or 0 if none of the three files is.  If some
 * are there without the push key or the public one, neither making new keys nor
 * going on would be right: ERR_CONFIG.
 */
int	 setupfiles_has_keys(const struct setupfiles *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Make DIR and conf.d, mode 0700, where they are missing. */
int	 setupfiles_folders(const struct setupfiles *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Write the configuration: seawall.conf, unless it is there, and the server's
 * section, which must not be.  The section is read by itself first.  Then all
 * of it is read as every program does; if that fails, because seawall.conf does
 * not name conf.d, for instance, the section is removed again.
 */
int	 setupfiles_write(const struct setupfiles *,
	    const struct setupfiles_section *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* TOOL_SETUPFILES_H */
