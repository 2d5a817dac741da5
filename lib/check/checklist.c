/* SPDX-License-Identifier: ISC */
/* The names, units and thresholds of all checks. */
#include <string.h>

#include "base/parse.h"
#include "check/checklist.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define OFF	HEALTH_OFF
#define GIB	(UINT64_C(1) << 30)
#define NAME	32		/* more than any name has */

/*
 * What the figure is, if there is one; warning, critical, and whether small
 * figures are the bad ones; whether the check is made once, however many
 * repositories there are.
 */
static const struct checklist_entry all[] = {
	[CHECKLIST_CONFIG] = { "config", CHECKLIST_IN_NONE, NULL,
	    { OFF, OFF, 0 }, 1 },
	[CHECKLIST_KEYS] = { "keys", CHECKLIST_IN_NONE, NULL,
	    { OFF, OFF, 0 }, 1 },
	[CHECKLIST_REPOSITORY] = { "repository", CHECKLIST_IN_NONE, NULL,
	    { OFF, OFF, 0 }, 0 },
	[CHECKLIST_LAG] = { "lag", CHECKLIST_IN_NUMBER,
	    "Segments that another repository has and this one lacks",
	    { 17, OFF, 0 }, 0 },
	[CHECKLIST_CAPABILITIES] = { "capabilities", CHECKLIST_IN_NONE, NULL,
	    { OFF, OFF, 0 }, 0 },
	[CHECKLIST_SPACE] = { "space", CHECKLIST_IN_PERCENT,
	    "Part of the repository's file system that is free",
	    { 15, 5, 1 }, 0 },
	[CHECKLIST_SPACE_DAYS] = { "space-days", CHECKLIST_IN_DAYS,
	    "Time until the repository is full",
	    { 14, 3, 1 }, 0 },
	[CHECKLIST_POSTGRESQL] = { "postgresql", CHECKLIST_IN_NONE, NULL,
	    { OFF, OFF, 0 }, 1 },
	[CHECKLIST_SETTINGS] = { "settings", CHECKLIST_IN_NONE, NULL,
	    { OFF, OFF, 0 }, 1 },
	[CHECKLIST_CHECKSUMS] = { "checksums", CHECKLIST_IN_NONE, NULL,
	    { OFF, OFF, 0 }, 1 },
	[CHECKLIST_IDENTITY] = { "identity", CHECKLIST_IN_NONE, NULL,
	    { OFF, OFF, 0 }, 0 },
	[CHECKLIST_ARCHIVER] = { "archiver", CHECKLIST_IN_SECONDS,
	    "Time since which the archiver completed nothing",
	    { 60, 100, 0 }, 1 },
	[CHECKLIST_BACKLOG] = { "backlog", CHECKLIST_IN_BYTES,
	    "WAL that waits to be archived",
	    { GIB, OFF, 0 }, 1 },
	[CHECKLIST_WAL_SPACE] = { "wal-space", CHECKLIST_IN_MINUTES,
	    "Time until pg_wal is full",
	    { 240, 60, 1 }, 1 },
	[CHECKLIST_ARCHIVED] = { "archived", CHECKLIST_IN_NUMBER,
	    "Segments that were taken for archived and are "
	    "not in the repository",
	    { OFF, 1, 0 }, 0 },
	[CHECKLIST_RECEIVER] = { "receiver", CHECKLIST_IN_SECONDS,
	    "Time for which WAL was not received",
	    { 60, 100, 0 }, 1 },
	[CHECKLIST_SLOT] = { "slot", CHECKLIST_IN_BYTES,
	    "WAL that the server keeps for the receiver's slot",
	    { GIB, OFF, 0 }, 1 },
	[CHECKLIST_RECOVERABLE] = { "recoverable", CHECKLIST_IN_BYTES,
	    "WAL that a loss of the server would lose",
	    { OFF, OFF, 0 }, 0 },
	[CHECKLIST_GAPS] = { "gaps", CHECKLIST_IN_NUMBER,
	    "Segments missing behind a backup",
	    { 1, OFF, 0 }, 0 },
	[CHECKLIST_TIMELINES] = { "timelines", CHECKLIST_IN_NONE, NULL,
	    { OFF, OFF, 0 }, 0 },
	[CHECKLIST_BACKUP_AGE] = { "backup-age", CHECKLIST_IN_HOURS,
	    "Time since the newest backup that counts ended",
	    { 26, 50, 0 }, 0 },
	[CHECKLIST_BACKUP_SIZE] = { "backup-size", CHECKLIST_IN_PERCENT,
	    "Difference of the newest backup's size from the "
	    "median",
	    { 50, OFF, 0 }, 0 },
	[CHECKLIST_RUNNING] = { "running", CHECKLIST_IN_MINUTES,
	    "Time since a backup under way last moved",
	    { 60, OFF, 0 }, 0 },
	[CHECKLIST_REDUNDANCY] = { "redundancy", CHECKLIST_IN_NONE,
	    "Backups that count",
	    { OFF, OFF, 0 }, 0 },
	[CHECKLIST_RETENTION] = { "retention", CHECKLIST_IN_NONE,
	    "Backups that expiry would delete now",
	    { OFF, OFF, 0 }, 0 },
	[CHECKLIST_ROLLBACK] = { "rollback", CHECKLIST_IN_NONE, NULL,
	    { OFF, OFF, 0 }, 0 },
	[CHECKLIST_CLOCK] = { "clock", CHECKLIST_IN_SECONDS,
	    "Difference between clocks",
	    { 5, 60, 0 }, 0 },
	[CHECKLIST_DAMAGE] = { "damage", CHECKLIST_IN_NUMBER,
	    "Damaged pages in the newest backup",
	    { OFF, 1, 0 }, 0 },
	[CHECKLIST_VERIFIED] = { "verified", CHECKLIST_IN_DAYS,
	    "Time since backup-verify last read what is stored",
	    { 35, 100, 0 }, 0 },
	[CHECKLIST_DRILL] = { "drill", CHECKLIST_IN_DAYS,
	    "Time since a restore was last rehearsed",
	    { 100, OFF, 0 }, 0 },
	[CHECKLIST_AGENT] = { "agent", CHECKLIST_IN_NONE, NULL,
	    { OFF, OFF, 0 }, 1 },
	[CHECKLIST_DEEP] = { "deep", CHECKLIST_IN_SECONDS,
	    "Time from the end of a segment to its arrival",
	    { 60, 300, 0 }, 1 }
};

_Static_assert(LEN(all) == CHECKLIST_CHECKS, "each check has a row");

const char *
checklist_unit(enum checklist_unit unit)
{
	static const char *const	 name[] = {
		[CHECKLIST_IN_NONE] = "",
		[CHECKLIST_IN_NUMBER] = "number",
		[CHECKLIST_IN_PERCENT] = "percent",
		[CHECKLIST_IN_BYTES] = "bytes",
		[CHECKLIST_IN_SECONDS] = "seconds",
		[CHECKLIST_IN_MINUTES] = "minutes",
		[CHECKLIST_IN_HOURS] = "hours",
		[CHECKLIST_IN_DAYS] = "days"
	};

	return (name[unit]);
}

const struct checklist_entry *
checklist_at(size_t i)
{
	return (i < LEN(all) ? &all[i] : NULL);
}

int
checklist_find(const char *name, size_t *i, struct err *e)
{
	size_t	 k;

	for (k = 0; k < LEN(all); k++)
		if (strcmp(all[k].name, name) == 0) {
			*i = k;
			return (0);
		}
	return (err_set(e, ERR_USAGE, "%.64s: no such check; see "
	    "backup-check(1) for their names", name));
}

/* UINT64_MAX is HEALTH_OFF, so a number stays below it. */
static int
parse_value(enum checklist_unit unit, const char *name, const char *s,
    uint64_t *out, struct err *e)
{
	struct err	 why = ERR_INIT;
	int		 rc;

	if (strcmp(s, "off") == 0) {
		*out = HEALTH_OFF;
		return (0);
	}
	rc = unit == CHECKLIST_IN_BYTES ?
	    parse_size(s, 0, INT64_MAX, out, name, &why) :
	    parse_u64(s, 0, INT64_MAX, out, name, &why);
	return (rc == 0 ? 0 : err_set(e, ERR_USAGE, "%s", why.msg));
}

int
checklist_limit(const char *text, size_t *i, uint64_t *limit, struct err *e)
{
	const char	*eq = strchr(text, '=');
	char		 name[NAME];
	size_t		 k = 0;

	if (eq == NULL || (size_t)(eq - text) >= sizeof(name))
		return (err_set(e, ERR_USAGE, "%.64s: not a threshold; write "
		    "NAME=VALUE", text));
	memcpy(name, text, (size_t)(eq - text));
	name[eq - text] = '\0';
	if (checklist_find(name, &k, e))
		return (-1);
	if (all[k].unit == CHECKLIST_IN_NONE)
		return (err_set(e, ERR_USAGE, "%s: has no threshold", name));
	if (parse_value(all[k].unit, name, eq + 1, limit, e))
		return (-1);
	*i = k;
	return (0);
}
