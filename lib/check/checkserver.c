/* SPDX-License-Identifier: ISC */
/* Is the server there, is it the right one, and does it archive to here? */
#include <inttypes.h>
#include <string.h>

#include "check/checkneed.h"
#include "check/checkserver.h"
#include "pg/walname.h"

void
checkserver_postgresql(const struct checkfacts *f, struct checkreport *r)
{
	const enum checklist_id	 id = CHECKLIST_POSTGRESQL;

	if (f->watched)
		checkreport_set(r, id, HEALTH_OK, "PostgreSQL %" PRIu32 ".%"
		    PRIu32 ", a %s", f->pg.version / 10000,
		    f->pg.version % 10000, f->pg.in_recovery ? "standby" :
		    "primary");
	else if (!f->conf->sql)
		checkreport_set(r, id, HEALTH_UNKNOWN, "%s", f->sql_why.msg);
	else if (f->session == NULL) {
		checkreport_set(r, id, HEALTH_CRITICAL, "%s", f->sql_why.msg);
		checkreport_cure(r, id, "start the server, or correct "
		    "conninfo");
	} else {
		checkreport_set(r, id, HEALTH_WARNING, "it answers, and does "
		    "not say how archiving is: %s", f->sql_why.msg);
		checkreport_cure(r, id, "GRANT pg_monitor TO the role of "
		    "conninfo");
	}
}

/* Whether the repository has the segment that was archived last. */
enum arrived { ARRIVED_YES, ARRIVED_NO, ARRIVED_UNKNOWN };

static enum arrived
last_arrived(const struct checkfacts *f)
{
	struct walname	 w;
	struct err	 unused = ERR_INIT;
	uint32_t	 segsize = f->pg.segment_size;

	if (!f->listed || f->pg.system_id != f->a->system_id ||
	    walname_parse(f->watch.archived, &w, &unused) ||
	    w.kind != WALNAME_SEGMENT || walname_check(&w, segsize, &unused))
		return (ARRIVED_UNKNOWN);
	return (coverage_has(catalogue_wal(f->cat), w.tli,
	    walname_segno(&w, segsize)) ? ARRIVED_YES : ARRIVED_NO);
}

/* What succeeds and keeps nothing, as administrators silence archiving. */
static int
keeps_nothing(const char *command)
{
	static const char *const	 t[] = { "true", "/bin/true",
					    "/usr/bin/true", ":", "exit 0" };
	size_t				 i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (strcmp(command, t[i]) == 0)
			return (1);
	return (0);
}

/*
 * A script around wal-push, or a library, is known by what it did: the
 * repository has what PostgreSQL archived last.
 */
static void
judge_command(const struct checkfacts *f, struct checkreport *r)
{
	const enum checklist_id	 id = CHECKLIST_SETTINGS;
	const int		 lib = f->watch.library[0] != '\0';
	const char		*what = lib ? f->watch.library :
				    f->watch.command;
	const char		*name = lib ? "archive_library" :
				    "archive_command";

	if (!lib && strstr(what, "wal-push") != NULL) {
		checkreport_set(r, id, HEALTH_OK, "archive_command calls "
		    "wal-push, wal_level is %s", f->watch.wal_level);
		return;
	}
	switch (!lib && keeps_nothing(what) ? ARRIVED_NO : last_arrived(f)) {
	case ARRIVED_YES:
		checkreport_set(r, id, HEALTH_OK, "%s is %.200s, and what it "
		    "archived last is in the repository", name, what);
		return;
	case ARRIVED_NO:
		checkreport_set(r, id, HEALTH_CRITICAL, "%s is %.200s, and "
		    "what it takes for archived does not get to the "
		    "repository", name, what);
		break;
	case ARRIVED_UNKNOWN:
		checkreport_set(r, id, HEALTH_WARNING, "%s is %.200s, which "
		    "does not call wal-push", name, what);
		break;
	}
	checkreport_cure(r, id, "set archive_command = 'wal-push %%p', and "
	    "reload");
}

/* Whether some of that segment was streamed to here. */
static int
is_streamed(const struct checkfacts *f, uint64_t segno)
{
	const struct walindex_open	*o;
	size_t				 i;

	for (i = 0; i < catalogue_opens(f->cat); i++) {
		o = catalogue_open(f->cat, i);
		if (o->tli == f->pg.timeline && o->segno == segno)
			return (1);
	}
	return (0);
}

/*
 * Without archiving WAL can come by wal-receive alone.  Whether its receiver
 * keeps up is another check's.  Where the server did not say how its slot is,
 * the repository must have a part of the current segment, or, if nothing was
 * written to that, all of the one before.
 */
static void
judge_received(const struct checkfacts *f, struct checkreport *r)
{
	const enum checklist_id	 id = CHECKLIST_SETTINGS;
	const uint64_t		 segno = f->pg.wal_lsn / f->pg.segment_size;

	if (checkfacts_received(f)) {
		checkreport_set(r, id, HEALTH_OK, "archive_mode is off, and "
		    "WAL is received; see slot and receiver");
		return;
	}
	if (!f->slot_known && f->listed &&
	    f->pg.system_id == f->a->system_id && (is_streamed(f, segno) ||
	    (f->pg.wal_lsn % f->pg.segment_size == 0 && segno > 0 &&
	    coverage_has(catalogue_wal(f->cat), f->pg.timeline, segno - 1)))) {
		checkreport_set(r, id, HEALTH_OK, "archive_mode is off, and "
		    "WAL is received");
		return;
	}
	checkreport_set(r, id, HEALTH_CRITICAL, "archive_mode is off, and "
	    "nothing receives WAL");
	checkreport_cure(r, id, "set archive_mode = on and archive_command = "
	    "'wal-push %%p', and restart; or start wal-receive, which makes "
	    "its slot with --create-slot");
}

/* A message is what was found and, behind the semicolon, what to do. */
static void
not_archiving(const struct err *why, struct checkreport *r)
{
	const char	*hint = strchr(why->msg, ';');

	checkreport_set(r, CHECKLIST_SETTINGS, HEALTH_CRITICAL, "%.*s",
	    (int)strcspn(why->msg, ";"), why->msg);
	if (hint != NULL)
		checkreport_cure(r, CHECKLIST_SETTINGS, "%s",
		    hint + 1 + strspn(hint + 1, " "));
}

void
checkserver_settings(const struct checkfacts *f, struct checkreport *r)
{
	const enum checklist_id	 id = CHECKLIST_SETTINGS;
	struct err		 why = ERR_INIT;

	if (!checkneed_archives(f, r, id))
		return;
	if (pgfacts_check_archive(&f->pg, &why))
		not_archiving(&why, r);
	else if (strcmp(f->watch.wal_level, "minimal") == 0) {
		checkreport_set(r, id, HEALTH_CRITICAL, "wal_level is "
		    "minimal, so no backup can be taken");
		checkreport_cure(r, id, "set wal_level = replica, and "
		    "restart");
	} else if (f->pg.archive == PGFACTS_ARCHIVE_OFF)
		judge_received(f, r);
	else
		judge_command(f, r);
	if (r->line[id].health != HEALTH_OK || f->pg.full_page_writes)
		return;
	checkreport_set(r, id, HEALTH_WARNING, "full_page_writes is off, so a "
	    "power cut may damage pages, and no backup of a standby can be "
	    "taken");
	checkreport_cure(r, id, "set full_page_writes = on, and reload");
}

void
checkserver_checksums(const struct checkfacts *f, struct checkreport *r)
{
	const enum checklist_id	 id = CHECKLIST_CHECKSUMS;

	if (!checkneed_sql(f, r, id))
		return;
	if (f->pg.checksums)
		checkreport_set(r, id, HEALTH_OK, "pages have checksums");
	else
		checkreport_set(r, id, HEALTH_WARNING, "pages have no "
		    "checksums, so damage is copied unseen");
	checkreport_cure(r, id, "stop the server, run pg_checksums --enable, "
	    "and start it");
}

static int
has_cluster(const struct checkfacts *f, uint64_t system_id)
{
	size_t	 i;

	for (i = 0; i < f->nclusters; i++)
		if (f->clusters[i] == system_id)
			return (1);
	return (0);
}

void
checkserver_identity(const struct checkfacts *f, struct checkreport *r)
{
	const enum checklist_id	 id = CHECKLIST_IDENTITY;

	if (!checkneed_sql(f, r, id) || !checkneed_repo(f, r, id))
		return;
	if (!has_cluster(f, f->pg.system_id))
		checkreport_set(r, id, HEALTH_CRITICAL, "the server is "
		    "cluster %" PRIu64 ", of which the repository holds "
		    "nothing; what it holds is of %" PRIu64,
		    f->pg.system_id, f->a->system_id);
	else if (f->rival_at > checkfacts_last(f->cat))
		checkreport_set(r, id, HEALTH_CRITICAL, "the server is "
		    "cluster %" PRIu64 "; the newest WAL or backup is of %"
		    PRIu64, f->pg.system_id, f->rival);
	else if (f->nclusters > 1 && catalogue_labels(f->cat) == 0)
		checkreport_set(r, id, HEALTH_CRITICAL, "all backups are of "
		    "other clusters than the server, which is %" PRIu64,
		    f->pg.system_id);
	else
		checkreport_set(r, id, HEALTH_OK, "the server is cluster %"
		    PRIu64 ", as the newest WAL and backup are",
		    f->pg.system_id);
	checkreport_cure(r, id, "after initdb or pg_upgrade take a backup of "
	    "this cluster; else correct conninfo");
}
