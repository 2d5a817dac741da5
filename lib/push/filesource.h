/* SPDX-License-Identifier: ISC */
#ifndef PUSH_FILESOURCE_H
#define PUSH_FILESOURCE_H

#include "push/pushrun.h"

/*
 * The files of the data directory on this host, between pg_backup_start() and
 * pg_backup_stop() in an SQL session.
 */
extern const struct pushsource filesource;

#endif /* PUSH_FILESOURCE_H */
