/* SPDX-License-Identifier: ISC */
/* To the repository, to the server, and from both to a place to begin. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "cluster/replfacts.h"
#include "pg/lsn.h"
#include "receive/receiveconnect.h"
#include "receive/receivedir.h"
#include "repo/layout.h"
#include "repo/marker.h"
#include "wal/walindex.h"
#include "wal/walpush.h"

#define CONNECT_MS	30000

/* The history of the server's timeline; timeline 1 has none. */
static int
learn_line(struct receiveconnect *c, uint32_t tli, struct err *e)
{
	char	*text = NULL;
	size_t	 n;
	int	 rc;

	if (tli == 1) {
		c->line.tli = 1;
		return (0);
	}
	if (replslot_history(&text, &n, c->sql, tli, e))
		return (-1);
	rc = history_parse(text, n, tli, &c->line, e);
	free(text);
	return (rc);
}

static int
ask_server(struct receiveconnect *c, const struct receive_conf *conf,
    struct receivestate *seen, int *lasting, struct err *e)
{
	const struct sql_conf	 sql = { conf->conninfo, conf->slot,
	    CONNECT_MS };

	if (sql_open_replication(&c->sql, &sql, e) ||
	    replfacts_get(c->sql, &c->facts, e) ||
	    replslot_standby(&c->standby, c->sql, e))
		return (-1);
	if (seen->system_id != 0 && seen->system_id != c->facts.system_id) {
		*lasting = 1;
		return (err_set(e, ERR_CONFLICT, "the server is cluster %"
		    PRIu64 ", expected %" PRIu64 " that was received so far; "
		    "if it was made anew, use another slot or remove %s/%s/"
		    "received-%s", c->facts.system_id, seen->system_id,
		    conf->state_dir, conf->server, conf->slot));
	}
	seen->system_id = c->facts.system_id;
	return (learn_line(c, c->facts.timeline, e));
}

static int
enter(struct receiveconnect *c, const struct receive_conf *conf,
    int *lasting, struct err *e)
{
	struct store_get	*get = NULL;
	struct marker		 m;
	int			 rc = -1;

	if (archive_enter(c->archive, c->facts.system_id, e) ||
	    marker_open(&get, c->archive, e) ||
	    marker_ensure(&m, c->archive, get, conf->state_dir,
	    c->facts.segment_size, e))
		goto out;
	rc = 0;
out:
	*lasting = rc == -1 && e->kind != ERR_REMOTE;
	store_get_free(get);
	return (rc);
}

static int
ask_slot(struct receiveconnect *c, const struct receive_conf *conf,
    int *lasting, struct err *e)
{
	if (replslot_read(&c->slot, c->sql, conf->slot, conf->conninfo, e))
		return (-1);
	if (c->slot.exists && conf->from_now) {
		*lasting = 1;
		return (err_set(e, ERR_USAGE, "slot %s exists, and says where "
		    "to begin; run again without --from-now", conf->slot));
	}
	if (c->slot.exists || !(conf->create_slot || conf->from_now))
		return (0);
	if (replslot_create(c->sql, conf->slot, e))
		return (-1);
	return (replslot_read(&c->slot, c->sql, conf->slot, conf->conninfo,
	    e));
}

/* In words why there is no place to begin. */
static int
refuse(const struct receiveconnect *c, const struct receive_conf *conf,
    const struct receivestate *seen, enum receivestart_what what,
    int *lasting, struct err *e)
{
	char	 ends[LSN_TEXT], had[LSN_TEXT];

	*lasting = what != RECEIVESTART_GO && what != RECEIVESTART_DEMOTED;
	switch (what) {
	case RECEIVESTART_GO:
		break;
	case RECEIVESTART_NO_SLOT:
		return (err_set(e, ERR_PG, "the server has no slot %s; "
		    "create it with --create-slot", conf->slot));
	case RECEIVESTART_NOWHERE:
		return (err_set(e, ERR_PG, "slot %s holds no WAL, and the "
		    "repository has none of this server's timeline %" PRIu32
		    "; drop the slot and create it again with --create-slot",
		    conf->slot, c->line.tli));
	case RECEIVESTART_HELD:
		return (err_set(e, ERR_USAGE, "the repository holds WAL of "
		    "this cluster; run with --create-slot instead of "
		    "--from-now"));
	case RECEIVESTART_DEMOTED:
		return (err_set(e, ERR_PG, "the server is on timeline %" PRIu32
		    ", expected %" PRIu32 " that was received last; is it a "
		    "primary that was replaced?", c->line.tli,
		    seen->tli));
	case RECEIVESTART_SET_BACK:
		return (err_set(e, ERR_CONFLICT, "the server's WAL of timeline "
		    "%" PRIu32 " ends at %s, before what the repository holds "
		    "of it or was acknowledged (%s): the server was set back "
		    "to an earlier state; let it begin a timeline of its own, "
		    "by starting it once with recovery.signal", c->line.tli,
		    lsn_format(ends, c->server_lsn),
		    lsn_format(had, seen->lsn)));
	}
	return (0);
}

static int
no_file(void *arg, const struct walname *name, const struct store_entry *ent,
    struct err *e)
{
	(void)arg;
	(void)name;
	(void)ent;
	(void)e;
	return (0);
}

static int
unlisted(void *arg, const char *path, const struct err *why, struct err *e)
{
	(void)arg;
	return (err_set(e, why->kind, "%s: %s", path, why->msg));
}

/*
 * The names that the plan relies on were listed, perhaps after a push that
 * died before they were durable.
 */
static int
settle(struct receiveconnect *c, uint64_t segno, struct err *e)
{
	const uint32_t	 size = c->facts.segment_size;
	const struct walname name = walname_at(receivestart_tli(&c->line,
			    segno, size), segno * size, size);
	char		 text[WALNAME_TEXT], path[LAYOUT_PATH];

	if (layout_wal(path, walname_format(text, &name), e))
		return (-1);
	return (store_settle(c->archive->store, path, e));
}

int
receiveconnect_second(struct receiveconnect *c, struct err *e)
{
	struct receivestart	*s = &c->start;
	uint64_t		 n;

	for (n = s->lsn / c->facts.segment_size; s->second_held &&
	    n < s->second_lsn / c->facts.segment_size; n++)
		if (settle(c, n, e))
			return (-1);
	s->tli = s->second_tli;
	s->lsn = s->second_lsn;
	s->has_second = 0;
	return (0);
}

static int
plan(struct receiveconnect *c, const struct receive_conf *conf,
    const struct receivestate *seen, int *lasting, struct err *e)
{
	struct walindex			 w = {
	    .segsize = c->facts.segment_size };
	struct receivestart_facts	 f = {
		.segsize = c->facts.segment_size, .line = &c->line,
		.held = &w.set, .standby = c->standby,
		.seen_tli = seen->tli, .seen_lsn = seen->lsn,
		.from_now = conf->from_now
	};
	enum receivestart_what		 what;
	uint64_t			 segno;
	uint32_t			 tli;
	int				 rc = -1, before;

	if (walindex_load(&w, c->archive, no_file, unlisted, NULL, e))
		goto out;
	c->bare = w.set.n == 0;
	if (replslot_position(&tli, &c->server_lsn, c->sql, e))
		goto out;
	if (tli != c->line.tli) {
		err_set(e, ERR_PG, "the server has begun timeline %" PRIu32,
		    tli);
		goto out;
	}
	f.server_lsn = c->server_lsn;
	/* No slot is created that would then hold WAL for nobody. */
	what = receivestart_plan(&c->start, &f);
	if (what != RECEIVESTART_GO && what != RECEIVESTART_NO_SLOT) {
		refuse(c, conf, seen, what, lasting, e);
		goto out;
	}
	if (ask_slot(c, conf, lasting, e))
		goto out;
	f.slot_exists = c->slot.exists;
	f.slot_reserved = c->slot.reserved;
	f.slot_lsn = c->slot.restart_lsn;
	what = receivestart_plan(&c->start, &f);
	if (refuse(c, conf, seen, what, lasting, e))
		goto out;
	segno = c->start.lsn / f.segsize;
	before = segno > 0 && coverage_has(&w.set, receivestart_tli(&c->line,
	    segno - 1, f.segsize), segno - 1);
	if (before && settle(c, segno - 1, e))
		goto out;
	rc = 0;
out:
	walindex_fini(&w);
	return (rc);
}

int
receiveconnect_open(struct receiveconnect *c, const struct receive_conf *conf,
    struct receivestate *seen, int *lasting, struct err *e)
{
	*lasting = 0;
	if (archive_root(&c->archive, conf->store, conf->key, conf->server,
	    e)) {
		*lasting = e->kind != ERR_REMOTE;
		return (-1);
	}
	if (ask_server(c, conf, seen, lasting, e) ||
	    enter(c, conf, lasting, e) ||
	    plan(c, conf, seen, lasting, e))
		return (-1);
	*lasting = 1;
	if (receivedir_make(c->dir, conf->state_dir, conf->server,
	    c->facts.system_id, conf->slot, e))
		return (-1);
	*lasting = 0;
	return (0);
}

void
receiveconnect_close(struct receiveconnect *c)
{
	sql_free(c->sql);
	archive_free(c->archive);
	history_free(&c->line);
	memset(c, 0, sizeof(*c));
}

/* Through the ordinary push, which checks it, and compares what is there. */
int
receiveconnect_history(struct receiveconnect *c,
    const struct receive_conf *conf, uint32_t tli, struct err *e)
{
	const struct walname	 name = { .kind = WALNAME_HISTORY,
	    .tli = tli };
	char			 text[WALNAME_TEXT], path[PATH_MAX];
	char			*content = NULL;
	struct walpush_file	 f = {
		.name = walname_format(text, &name), .fd = -1,
		.codec = conf->codec, .state_dir = conf->state_dir,
		.wal_segment_size = c->facts.segment_size
	};
	size_t			 n;
	int			 rc = -1;

	if (replslot_history(&content, &n, c->sql, tli, e))
		return (-1);
	if (path_join(path, sizeof(path), c->dir, text, e) ||
	    io_save(path, 0600, content, n, 1, e))
		goto out;
	if ((f.fd = open(path, O_RDONLY | O_CLOEXEC)) == -1) {
		err_sys(e, ERR_LOCAL, "open %s", path);
		goto out;
	}
	if ((rc = walpush_file(c->archive, &f, e)) == -1)
		err_ctx(e, "%s", text);
	(void)close(f.fd);		/* read only: nothing to lose */
	(void)unlink(path);		/* the next start removes it, too */
out:
	free(content);
	return (rc);
}
