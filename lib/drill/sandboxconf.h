/* SPDX-License-Identifier: ISC */
#ifndef DRILL_SANDBOXCONF_H
#define DRILL_SANDBOXCONF_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "pg/hotsettings.h"

/*
 * The settings of a sandbox's server, which rule over those of the restored
 * cluster: PostgreSQL gets them on its command line.  It listens in the
 * sandbox alone, takes little memory, archives nothing, runs no command but
 * restore_command, loads no library and serves no subscription.  Pure.
 */
struct sandboxconf {
	unsigned	 postgresql;	/* server_version_num */
	const char	*data, *socket;	/* directories, absolute */
	const char	*config_file, *hba_file, *ident_file;
	unsigned	 port;		/* of the socket; TCP if "tcp" */
	int		 tcp;		/* listen on the loopback address */
	const char	*preload;	/* shared_preload_libraries, or "" */
	uint32_t	 hot[HOTSETTINGS];	/* see sandboxconf_hot() */
	const char	*restore_command;
};

struct sandboxconf_args {
	char		*text;		/* owned */
	const char	**argv;		/* owned; NULL at its end */
};

/*
 * The command line: "postgres", -D and all settings.  Release it with
 * sandboxconf_free().
 */
int	 sandboxconf_make(struct sandboxconf_args *, const char *postgres,
	    const struct sandboxconf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 sandboxconf_free(struct sandboxconf_args *);

/*
 * Setting "i" of the five (pg/hotsettings.h), high enough for all that is
 * known: of the label, of later ones ("needs", 0: not known), and of the
 * restored configuration (NULL: not set).
 */
uint32_t sandboxconf_hot(size_t i, uint32_t label, uint32_t needs,
	    const char *configured);

#endif /* DRILL_SANDBOXCONF_H */
