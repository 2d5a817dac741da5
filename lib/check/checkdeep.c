/* SPDX-License-Identifier: ISC */
/* A segment on its whole way, from the server to the repository and back. */
#include <inttypes.h>
#include <limits.h>
#include <time.h>

#include "base/clock.h"
#include "base/str.h"
#include "check/checkdeep.h"
#include "check/checkneed.h"
#include "check/comparesink.h"
#include "crypt/key.h"
#include "repo/layout.h"
#include "repo/object.h"
#include "repo/payloadcheck.h"

#define PAUSE_MS	200

struct deep {
	const struct checkfacts	*f;
	char			 name[WALNAME_TEXT];
	char			 path[LAYOUT_PATH];	/* in the repository */
	char			 file[PATH_MAX];	/* in pg_wal */
	struct head		 head;
	uint64_t		 seconds;	/* until it was there */
	int			 compared;	/* with the file */
};

/* Returns 0 when it is there, 1 after "deep_wait_ms", or -1. */
static int
wait_for(struct deep *d, struct err *e)
{
	const struct timespec	 pause = { 0, PAUSE_MS * 1000L * 1000 };
	const int64_t		 begin = clock_mono_ms();
	struct store_get	*get;
	int64_t			 ms;
	int			 rc;

	for (;;) {
		if (store_get_open(&get, d->f->a->store, d->path, e))
			return (-1);
		rc = object_head(&d->head, d->f->a, get, HEAD_WAL, d->path, e);
		store_get_free(get);
		ms = clock_mono_ms() - begin;
		d->seconds = (uint64_t)ms / 1000;
		if (rc != 1 || (uint64_t)ms >= d->f->conf->deep_wait_ms)
			return (rc);
		(void)nanosleep(&pause, NULL);
	}
}

static int
read_back(struct deep *d, struct err *e)
{
	const int		 opens = key_role(d->f->a->key) ==
				    KEY_RESTORE;
	struct object_info	 info;
	struct store_get	*get = NULL;
	struct sink		*dst = NULL;
	int			 rc = -1;

	if (comparesink_open(&dst, opens && d->f->has_dir ? d->file : NULL,
	    &d->compared, e) ||
	    store_get_open(&get, d->f->a->store, d->path, e))
		goto out;
	rc = opens ? object_fetch(&info, d->f->a, get, HEAD_WAL, d->path,
	    &dst, e) : payloadcheck_read(&dst, get, &d->head, e);
	if (rc == 1)
		rc = err_set(e, ERR_REMOTE, "%s has gone again", d->path);
out:
	sink_free(dst);
	store_get_free(get);
	return (rc);
}

/* Who brings WAL here, and so knows why it did not come. */
static const char *
message_of(const struct checkfacts *f)
{
	return (f->pg.archive == PGFACTS_ARCHIVE_OFF ? "see what wal-receive "
	    "last said" : "read PostgreSQL's log for the message of "
	    "wal-push");
}

/* Everything that is not this host's memory is a finding. */
static int
failed(const struct checkfacts *f, struct checkreport *r, const char *what,
    const struct err *why, struct err *e)
{
	if (why->kind == ERR_LOCAL)
		return (err_set(e, why->kind, "%s", why->msg));
	checkreport_set(r, CHECKLIST_DEEP, HEALTH_CRITICAL, "%s: %s", what,
	    why->msg);
	checkreport_cure(r, CHECKLIST_DEEP, "%s, and run backup-verify",
	    message_of(f));
	return (0);
}

static int
begin(struct deep *d, struct checkreport *r, struct err *e)
{
	struct err	 why = ERR_INIT;

	if (pgwatch_switch(d->f->session, d->name, &why) == 0)
		return (layout_wal(d->path, d->name, e) ||
		    str_fmt(d->file, sizeof(d->file), e, "%s/pg_wal/%s",
		    d->f->dir, d->name) ? -1 : 0);
	checkreport_set(r, CHECKLIST_DEEP, HEALTH_WARNING, "%s", why.msg);
	checkreport_cure(r, CHECKLIST_DEEP, "GRANT EXECUTE ON FUNCTION "
	    "pg_switch_wal() TO the role of conninfo");
	return (1);
}

int
checkdeep_run(const struct checkfacts *f, struct checkreport *r,
    struct err *e)
{
	const enum checklist_id	 id = CHECKLIST_DEEP;
	struct deep		 d = { .f = f };
	struct err		 why = ERR_INIT;
	int			 rc;

	if (!checkneed_archives(f, r, id) || !checkneed_repo(f, r, id))
		return (0);
	if (f->pg.in_recovery || f->pg.system_id != f->a->system_id) {
		checkreport_set(r, id, HEALTH_UNKNOWN, "%s", f->pg.in_recovery
		    ? "a standby writes no WAL" : "the repository holds "
		    "nothing of this cluster");
		return (0);
	}
	if ((rc = begin(&d, r, e)) != 0)
		return (rc == 1 ? 0 : -1);
	if ((rc = wait_for(&d, &why)) == -1)
		return (failed(f, r, "wait for the segment", &why, e));
	if (rc == 0 && read_back(&d, &why))
		return (failed(f, r, "read the segment back", &why, e));
	if (rc == 1) {
		checkreport_set(r, id, HEALTH_CRITICAL, "%s was ended and is "
		    "not in the repository after %" PRIu64 " s", d.name,
		    d.seconds);
		checkreport_add_figure(r, id, d.seconds);
	} else
		checkreport_figure(r, id, d.seconds, "%s was in the "
		    "repository after %" PRIu64 " s; it is %s", d.name,
		    d.seconds, d.compared ? "what pg_wal has" :
		    "authentic and whole");
	checkreport_cure(r, id, "%s", message_of(f));
	return (0);
}
