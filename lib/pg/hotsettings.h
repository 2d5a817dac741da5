/* SPDX-License-Identifier: ISC */
#ifndef PG_HOTSETTINGS_H
#define PG_HOTSETTINGS_H

#include <stddef.h>
#include <stdint.h>

/*
 * The five settings that a server with hot standby must have at least as high
 * as the server whose WAL it replays has them (CheckRequiredParameterValues()
 * in src/backend/access/transam/xlog.c, since 15 in xlogrecovery.c): where one
 * is lower, recovery pauses.
 */
#define HOTSETTINGS	5

/*
 * max_prepared_transactions: without hot standby, too, recovery fails where
 * more transactions are prepared ("maximum number of prepared transactions
 * reached").
 */
#define HOTSETTINGS_PREPARED	3

struct hotsettings {
	int		 known;			/* 0: nobody knows them */
	uint32_t	 value[HOTSETTINGS];
};

/* The name of a setting, and its value where nothing is set. */
const char *hotsettings_name(size_t i);
uint32_t hotsettings_default(size_t i);

#endif /* PG_HOTSETTINGS_H */
