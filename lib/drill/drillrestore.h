/* SPDX-License-Identifier: ISC */
#ifndef DRILL_DRILLRESTORE_H
#define DRILL_DRILLRESTORE_H

#include "drill/drillconf.h"
#include "drill/sandbox.h"
#include "drill/sandboxconf.h"

/*
 * Restore the planned backup into the sandbox, with its recovery and with what
 * lay outside the data directory.  Fails as restore_run(), and with ERR_LOCAL
 * if there is not enough room.
 */
int	 drillrestore(struct drillreport *, const struct drillconf *,
	    const struct sandbox *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The files that settings name; valid as long as this is. */
struct drillrestore_files {
	char	 config[PATH_MAX], hba[PATH_MAX], ident[PATH_MAX];
};

/*
 * Write the configuration of the sandbox's server, which includes the restored
 * one, and fill in *conf.  A restored configuration whose includes lead out of
 * the sandbox is left out, and r->settings says so.
 */
int	 drillrestore_settings(struct sandboxconf *conf,
	    struct drillrestore_files *, struct drillreport *r,
	    const struct drillconf *, const struct sandbox *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * If the server lacks a library that the restored cluster preloads, add to the
 * failure what can be done.
 */
void	 drillrestore_hint(const struct drillconf *, const struct sandbox *,
	    struct err *) __attribute__((nonnull));

#endif /* DRILL_DRILLRESTORE_H */
