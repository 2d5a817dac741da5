/* SPDX-License-Identifier: ISC */
/* Warnings about a server that may not wait for ever. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cluster/replslot.h"
#include "cluster/slotroom.h"
#include "plan/receiveroom.h"
#include "receive/receivewatch.h"

#define PAUSE_MS	60000
#define WITH_IDLE	180000	/* idle_replication_slot_timeout came then */
#define MIB		((uint64_t)1 << 20)

static int
limit(const struct receive_conf *conf, struct sql *sql, const char *setting,
    const char *none, struct err *e)
{
	char	 value[32], text[ERR_MSGMAX];

	if (replslot_show(value, sizeof(value), sql, setting, e))
		return (-1);
	if (strcmp(value, none) == 0)
		return (0);
	(void)snprintf(text, sizeof(text), "%s is %s; a slot that falls "
	    "behind by more is given up, and WAL that is not in the "
	    "repository then is lost", setting, value);
	conf->note(conf->arg, text);
	return (0);
}

int
receivewatch_settings(struct receivewatch *w,
    const struct receive_conf *conf, struct sql *sql, struct err *e)
{
	char	 value[32];

	if (w->warned)
		return (0);
	if (replslot_show(value, sizeof(value), sql, "synchronous_commit",
	    e) || limit(conf, sql, "max_slot_wal_keep_size", "-1", e) ||
	    (sql_version(sql) >= WITH_IDLE && limit(conf, sql,
	    "idle_replication_slot_timeout", "0", e)))
		return (-1);
	if (strcmp(value, "remote_apply") == 0)
		conf->note(conf->arg, "synchronous_commit is remote_apply; "
		    "nothing is applied here, so it means no more than on");
	w->warned = 1;
	return (0);
}

void
receivewatch_room(struct receivewatch *w, const struct receive_conf *conf)
{
	struct err		 unused = ERR_INIT;
	struct slotroom		 s;
	struct receiveroom	 room;
	const int64_t		 now = clock_mono_ms();
	char			 text[256];
	unsigned		 level;

	if (w->looked != 0 && now - w->looked < PAUSE_MS)
		return;
	w->looked = now;
	if (slotroom_ask(&s, conf->sql_conninfo, conf->slot, &unused))
		return;
	room = (struct receiveroom){ s.given_up, s.limited, s.limit, s.safe,
	    s.kept };
	if ((level = receiveroom_level(&room)) <= w->level)
		return;
	w->level = level;
	if (s.given_up)
		(void)snprintf(text, sizeof(text), "warning: the server gives "
		    "slot %s up, or has; what is not in the repository is "
		    "lost", conf->slot);
	else if (s.limited)
		(void)snprintf(text, sizeof(text), "warning: the server keeps "
		    "%" PRIu64 " MiB of WAL for slot %s, and gives it up in "
		    "%" PRIu64 " MiB", s.kept / MIB, conf->slot,
		    s.safe / MIB);
	else
		(void)snprintf(text, sizeof(text), "warning: the server keeps "
		    "%" PRIu64 " MiB of WAL for slot %s in pg_wal, without a "
		    "limit", s.kept / MIB, conf->slot);
	conf->note(conf->arg, text);
}

void
receivewatch_well(struct receivewatch *w)
{
	w->level = 0;
	w->looked = 0;
}
