/* SPDX-License-Identifier: ISC */
#ifndef REPO_LAYOUT_H
#define REPO_LAYOUT_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Names in a repository (lib/FORMAT.md, 2), all relative to
 * ROOT/SERVER/SYSTEMID and pure text.  LAYOUT_PATH bytes are enough for each.
 */
#define LAYOUT_PATH	256
#define LAYOUT_ID	24		/* room for a backup id */
#define LAYOUT_FOLDER	32		/* room for "wal/00000001/0000000A" */

#define LAYOUT_MARKER	"system"
#define LAYOUT_TMP	"tmp"
#define LAYOUT_WAL	"wal"
#define LAYOUT_BASE	"base"

/*
 * "wal/00000001/0000000A/<name>" or "wal/00000002.history".  ERR_USAGE if
 * "name" is no name of a WAL file.
 */
int	 layout_wal(char buf[LAYOUT_PATH], const char *name, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * "wal/00000001", the folder of timeline "tli"; "wal/00000001/0000000A", in
 * it the folder of the segments with "log" in their names (see
 * pg/walname.h), which are 4 GiB; and "wal/00000002.history".
 */
const char *layout_wal_timeline(char buf[LAYOUT_FOLDER], uint32_t tli);
const char *layout_wal_log(char buf[LAYOUT_FOLDER], uint32_t tli,
	    uint32_t log);
const char *layout_wal_history(char buf[LAYOUT_FOLDER], uint32_t tli);

/*
 * The number of a folder that is named as above, "0000000A".  Returns 1, or 0
 * if "name" is anything but eight digits in upper case.
 */
int	 layout_wal_number(const char *name, uint32_t *number);

/* "base/<id>" and files in it; "id" must have passed layout_id_ok(). */
const char *layout_base(char buf[LAYOUT_PATH], const char *id);
const char *layout_pack(char buf[LAYOUT_PATH], const char *id, uint32_t no);
const char *layout_manifest(char buf[LAYOUT_PATH], const char *id);
const char *layout_label(char buf[LAYOUT_PATH], const char *id);
const char *layout_withdrawn(char buf[LAYOUT_PATH], const char *id);
/* The claim of the push that makes the backup "by" on the backup "id". */
const char *layout_claim(char buf[LAYOUT_PATH], const char *id,
	    const char *by);

/* Whether "s" is a backup id: 20261122T040001Z, perhaps with -2 to -999. */
int	 layout_id_ok(const char *s);

/* The number of "pack-00000017"; 0 if "name" is no pack's name. */
uint32_t layout_pack_no(const char *name);

/* Whether "s" can be a server's name and a directory of the repository. */
int	 layout_server_ok(const char *s);

/* "SERVER/SYSTEMID", what store_enter() wants. */
int	 layout_enter(char buf[LAYOUT_PATH], const char *server,
	    uint64_t system_id, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* "STATE_DIR/SERVER/SYSTEMID": what this host remembers of the cluster. */
int	 layout_state(char buf[PATH_MAX], const char *state_dir,
	    const char *server, uint64_t system_id, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* A system identifier as a directory is named: 1, or 0 if it is none. */
int	 layout_system_id(const char *name, uint64_t *);

#endif /* REPO_LAYOUT_H */
