/* SPDX-License-Identifier: ISC */
/*
 * The recovery settings of PostgreSQL 13 to 18: the groups
 * WAL_ARCHIVE_RECOVERY, WAL_RECOVERY_TARGET and, of REPLICATION_STANDBY, what
 * a standby connects to, in src/backend/utils/misc/guc_tables.c (guc.c before
 * 16).
 */
#include "pg/recoveryoff.h"

static const struct recoveryoff table[] = {
	{ "restore_command", "", 0, 0 },
	{ "recovery_target", "", 0, 0 },
	{ "recovery_target_time", "", 0, 0 },
	{ "recovery_target_xid", "", 0, 0 },
	{ "recovery_target_name", "", 0, 0 },
	{ "recovery_target_lsn", "", 0, 0 },
	{ "recovery_target_inclusive", "on", 0, 0 },
	{ "recovery_target_timeline", "latest", 0, 0 },
	{ "recovery_target_action", "pause", 0, 0 },
	{ "recovery_end_command", "", 0, 0 },
	{ "archive_cleanup_command", "", 0, 0 },
	{ "promote_trigger_file", "", 15, 0 },
	{ "recovery_min_apply_delay", "0", 0, 1 },
	{ "primary_conninfo", "", 0, 1 },
	{ "primary_slot_name", "", 0, 1 }
};

const struct recoveryoff *
recoveryoff_at(size_t i, unsigned major)
{
	size_t	 n;

	for (n = 0; n < sizeof(table) / sizeof(table[0]); n++)
		if ((table[n].last == 0 || major <= table[n].last) &&
		    i-- == 0)
			return (&table[n]);
	return (NULL);
}
