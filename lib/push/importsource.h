/* SPDX-License-Identifier: ISC */
#ifndef PUSH_IMPORTSOURCE_H
#define PUSH_IMPORTSOURCE_H

#include "push/pushrun.h"

/*
 * The files of a backup that somebody else made (importfacts.h), in the
 * directory conf->from.  No server is asked.  Its backup_manifest, if there is
 * one, is compared with what was copied, and any difference is a failure.
 * Nothing is known of the names of databases and tablespaces, nor where the
 * cluster was.
 */
extern const struct pushsource importsource;

#endif /* PUSH_IMPORTSOURCE_H */
