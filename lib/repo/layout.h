/* SPDX-License-Identifier: ISC */
#ifndef REPO_LAYOUT_H
#define REPO_LAYOUT_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Names in a repository (lib/FORMAT.md, 2), relative to ROOT/SERVER/SYSTEMID.
 * Nothing here looks at a file.  LAYOUT_PATH bytes are enough for each name.
 * Functions that return a text return "buf".
 */
#define LAYOUT_PATH	256
#define LAYOUT_ID	24		/* room for a backup id */
#define LAYOUT_FOLDER	32		/* room for "wal/00000001/0000000A" */

#define LAYOUT_MARKER	"system"
#define LAYOUT_TMP	"tmp"
#define LAYOUT_WAL	"wal"
#define LAYOUT_BASE	"base"
#define LAYOUT_VOUCHED	"vouched"
#define LAYOUT_REFUSED	".refused-"	/* behind the name of what is set
					 * aside; digits, '-', digits follow */

/*
 * The path of a WAL file: "wal/00000001/0000000A/NAME", or for a history file
 * "wal/00000002.history".  ERR_USAGE if "name" is no name of a WAL file.
 */
int	 layout_wal(char buf[LAYOUT_PATH], const char *name, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The path of an open object: "wal/00000001/0000000A/NAME.open-001", "number"
 * being 1 to LAYOUT_OPEN_LAST.  ERR_USAGE if "name" is no segment's.
 */
#define LAYOUT_OPEN_LAST	999
#define LAYOUT_SEGMENT		25	/* room for a segment's name */

int	 layout_wal_open(char buf[LAYOUT_PATH], const char *name,
	    unsigned number, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Read the name of an open object in its folder, "NAME.open-001": returns its
 * number, and the segment's name in "name"; or 0 for any other name.
 */
unsigned layout_open_number(const char *file, char name[LAYOUT_SEGMENT]);

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

/* Whether "name" is that of a history file that was set aside, below wal/. */
int	 layout_is_history_aside(const char *name);

/*
 * "base/ID", the directory of backup "id", and files in it.  Ids must have
 * passed layout_id_ok().
 */
const char *layout_base(char buf[LAYOUT_PATH], const char *id);
const char *layout_pack(char buf[LAYOUT_PATH], const char *id, uint32_t no);
const char *layout_manifest(char buf[LAYOUT_PATH], const char *id);
const char *layout_label(char buf[LAYOUT_PATH], const char *id);
const char *layout_withdrawn(char buf[LAYOUT_PATH], const char *id);

/*
 * The claim of the push that makes backup "by" on backup "id", in the
 * directory of the latter: "base/ID/claim-BY".
 */
const char *layout_claim(char buf[LAYOUT_PATH], const char *id,
	    const char *by);

/*
 * Whether "s" is a backup id: a time, 20261122T040001Z, and if that was taken
 * a suffix of -2 to -999.
 */
int	 layout_id_ok(const char *s);

/* The number in the name of a pack, "pack-00000017"; 0 for other names. */
uint32_t layout_pack_no(const char *name);

/*
 * The id of the signer in the name of an inventory, "SIGNER-RANDOM", of "n"
 * bytes.  Returns 1, or 0 for other names.
 */
int	 layout_vouched_signer(const char *name, uint8_t *signer, size_t n)
	    __attribute__((nonnull));

/*
 * Whether "s" can be a server's name, and so the name of a directory: 1 to 63
 * of A-Z a-z 0-9 . _ - that do not begin with . or -
 */
int	 layout_server_ok(const char *s);

/* "SERVER/SYSTEMID", for store_enter(); ERR_CONFIG for a bad server name. */
int	 layout_enter(char buf[LAYOUT_PATH], const char *server,
	    uint64_t system_id, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * "STATE_DIR/SERVER/SYSTEMID", the folder with what this host remembers of the
 * cluster.  ERR_LOCAL if that is too long.
 */
int	 layout_state(char buf[PATH_MAX], const char *state_dir,
	    const char *server, uint64_t system_id, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Read the name of a cluster's directory, which is its system identifier.
 * Returns 1, or 0 if "name" is none.
 */
int	 layout_system_id(const char *name, uint64_t *system_id);

#endif /* REPO_LAYOUT_H */
