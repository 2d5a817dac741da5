/* SPDX-License-Identifier: ISC */
/* The names, units and thresholds of all checks. */
#include <string.h>

#include "base/parse.h"
#include "check/checklist.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define OFF	HEALTH_OFF
#define GIB	(UINT64_C(1) << 30)
#define NAME	32		/* more than any name has */

/* Warning, critical, and whether small figures are the bad ones. */
static const struct checklist_entry all[] = {
	{ "config", CHECKLIST_NONE, { OFF, OFF, 0 } },
	{ "keys", CHECKLIST_NONE, { OFF, OFF, 0 } },
	{ "repository", CHECKLIST_NONE, { OFF, OFF, 0 } },
	{ "capabilities", CHECKLIST_NONE, { OFF, OFF, 0 } },
	{ "space", CHECKLIST_PERCENT, { 15, 5, 1 } },
	{ "space-days", CHECKLIST_DAYS, { 14, 3, 1 } },
	{ "postgresql", CHECKLIST_NONE, { OFF, OFF, 0 } },
	{ "settings", CHECKLIST_NONE, { OFF, OFF, 0 } },
	{ "checksums", CHECKLIST_NONE, { OFF, OFF, 0 } },
	{ "identity", CHECKLIST_NONE, { OFF, OFF, 0 } },
	{ "archiver", CHECKLIST_SECONDS, { 60, 100, 0 } },
	{ "backlog", CHECKLIST_BYTES, { GIB, OFF, 0 } },
	{ "wal-space", CHECKLIST_MINUTES, { 240, 60, 1 } },
	{ "archived", CHECKLIST_COUNT, { OFF, 1, 0 } },
	{ "recoverable", CHECKLIST_NONE, { OFF, OFF, 0 } },
	{ "gaps", CHECKLIST_NONE, { OFF, OFF, 0 } },
	{ "timelines", CHECKLIST_NONE, { OFF, OFF, 0 } },
	{ "backup-age", CHECKLIST_HOURS, { 26, 50, 0 } },
	{ "backup-size", CHECKLIST_PERCENT, { 50, OFF, 0 } },
	{ "running", CHECKLIST_MINUTES, { 15, 60, 0 } },
	{ "redundancy", CHECKLIST_NONE, { OFF, OFF, 0 } },
	{ "retention", CHECKLIST_NONE, { OFF, OFF, 0 } },
	{ "rollback", CHECKLIST_NONE, { OFF, OFF, 0 } },
	{ "clock", CHECKLIST_SECONDS, { 5, 60, 0 } },
	{ "verified", CHECKLIST_DAYS, { 35, OFF, 0 } },
	{ "damage", CHECKLIST_COUNT, { OFF, 1, 0 } },
	{ "agent", CHECKLIST_NONE, { OFF, OFF, 0 } },
	{ "deep", CHECKLIST_SECONDS, { 60, 300, 0 } }
};

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
	rc = unit == CHECKLIST_BYTES ?
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
	if (all[k].unit == CHECKLIST_NONE)
		return (err_set(e, ERR_USAGE, "%s: has no threshold", name));
	if (parse_value(all[k].unit, name, eq + 1, limit, e))
		return (-1);
	*i = k;
	return (0);
}
