/* SPDX-License-Identifier: ISC */
/* The settings that hot standby compares, in the order of pg_control. */
#include "pg/hotsettings.h"

static const struct {
	const char	*name;
	uint32_t	 usual;
} settings[HOTSETTINGS] = {
	{ "max_connections", 100 },
	{ "max_worker_processes", 8 },
	{ "max_wal_senders", 10 },
	{ "max_prepared_transactions", 0 },
	{ "max_locks_per_transaction", 64 }
};

const char *
hotsettings_name(size_t i)
{
	return (settings[i].name);
}

uint32_t
hotsettings_default(size_t i)
{
	return (settings[i].usual);
}
