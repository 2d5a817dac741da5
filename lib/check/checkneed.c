/* SPDX-License-Identifier: ISC */
/* What a check cannot judge without. */
#include "check/checkneed.h"

int
checkneed_repo(const struct checkfacts *f, struct checkreport *r,
    enum checklist_id id)
{
	if (f->listed)
		return (1);
	checkreport_set(r, id, HEALTH_UNKNOWN, "the repository could not be "
	    "listed");
	return (0);
}

int
checkneed_sql(const struct checkfacts *f, struct checkreport *r,
    enum checklist_id id)
{
	if (f->watched)
		return (1);
	checkreport_set(r, id, HEALTH_UNKNOWN, "%s", f->conf->sql ?
	    "the server could not be asked" : f->sql_why.msg);
	return (0);
}

int
checkneed_archives(const struct checkfacts *f, struct checkreport *r,
    enum checklist_id id)
{
	if (!checkneed_sql(f, r, id))
		return (0);
	if (!f->pg.in_recovery || f->pg.archive == PGFACTS_ARCHIVE_ALWAYS)
		return (1);
	checkreport_set(r, id, HEALTH_OK, "the server is a standby, its "
	    "primary archives");
	return (0);
}

int
checkneed_archiver(const struct checkfacts *f, struct checkreport *r,
    enum checklist_id id)
{
	if (!checkneed_archives(f, r, id))
		return (0);
	if (f->pg.archive != PGFACTS_ARCHIVE_OFF)
		return (1);
	checkreport_set(r, id, HEALTH_OK, "archive_mode is off; see %s",
	    checkfacts_received(f) ? "receiver" : "settings");
	return (0);
}

int
checkneed_dir(const struct checkfacts *f, struct checkreport *r,
    enum checklist_id id)
{
	if (f->has_dir)
		return (1);
	checkreport_set(r, id, HEALTH_UNKNOWN, "the data directory is not "
	    "at hand: %s", f->dir_why.msg);
	return (0);
}

int
checkneed_backup(const struct checkfacts *f, struct checkreport *r,
    enum checklist_id id)
{
	if (!checkneed_repo(f, r, id))
		return (0);
	if (f->newest != SIZE_MAX)
		return (1);
	checkreport_set(r, id, HEALTH_UNKNOWN, "no backup counts");
	return (0);
}
