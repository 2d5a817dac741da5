/* SPDX-License-Identifier: ISC */
/*
 * pg_control, which is restored after everything else is durable.  It is
 * smaller than any chunk size, so it is one chunk, and is kept in memory from
 * the manifest's end to the last sync.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "restore/restore_control.h"
#include "restore/restore_conf.h"

void
restore_control_entry(struct restore_control *c,
    const struct manifest_entry *en)
{
	c->mode = en->mode & RESTORE_MODE;
	c->size = en->size;
}

int
restore_control_chunk(struct restore_control *c, const struct pack_ref *ref,
    struct err *e)
{
	if (c->seen || ref->pack == 0 || ref->diff.pack != 0)
		return (err_set(e, ERR_CORRUPT, CONTROL_PATH
		    ": expected exactly one chunk, stored whole and not of "
		    "zeros"));
	c->ref = *ref;
	c->seen = 1;
	return (0);
}

int
restore_control_check(const struct restore_control *c, struct err *e)
{
	if (!c->seen)
		return (err_set(e, ERR_CORRUPT, "manifest has no "
		    CONTROL_PATH));
	if (c->size != CONTROL_SIZE)
		return (err_set(e, ERR_CORRUPT, "manifest: "
		    CONTROL_PATH " has %" PRIu64 " bytes, expected "
		    "%d", c->size, CONTROL_SIZE));
	return (0);
}

int
restore_control_read(struct restore_control *c, struct archive *a,
    const char *id, uint64_t system_id, struct err *e)
{
	struct pack_reader	*pr = NULL;
	struct control		 ctl;
	int			 rc = -1;

	if (pack_reader_new(&pr, a, e) ||
	    pack_reader_ask(pr, id, NULL, &c->ref, e) ||
	    pack_reader_take(pr, c->bytes, CONTROL_SIZE, e) ||
	    control_parse(c->bytes, CONTROL_SIZE, &ctl, e))
		goto out;
	/* Else WAL of one cluster would be replayed onto another's files. */
	if (ctl.sysid != system_id) {
		err_set(e, ERR_CORRUPT, CONTROL_PATH " is of cluster "
		    "%" PRIu64 ", expected %" PRIu64, ctl.sysid, system_id);
		goto out;
	}
	rc = 0;
out:
	pack_reader_free(pr);
	return (rc);
}

int
restore_control_write(struct restore_control *c, const char *dir,
    struct err *e)
{
	char	 path[PATH_MAX];

	c->begun = 1;			/* also if it fails half way */
	return (path_join(path, sizeof(path), dir, CONTROL_PATH, e) ||
	    io_save(path, c->mode, c->bytes, CONTROL_SIZE, 0, e) ? -1 : 0);
}

void
restore_control_remove(const struct restore_control *c, const char *dir,
    struct err *e)
{
	struct err	 unused = ERR_INIT;
	char		 path[PATH_MAX];

	if (c->begun && path_join(path, sizeof(path), dir,
	    CONTROL_PATH, &unused) == 0 &&
	    unlink(path) == -1 && errno != ENOENT)
		err_ctx(e, "cannot remove %s (%s), remove it by hand", path,
		    strerror(errno));
}
