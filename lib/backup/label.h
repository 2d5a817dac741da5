/* SPDX-License-Identifier: ISC */
#ifndef BACKUP_LABEL_H
#define BACKUP_LABEL_H

#include <stddef.h>
#include <stdint.h>

#include "backup/label_config.h"
#include "crypt/hash.h"
#include "pg/hotsettings.h"
#include "plan/packruns.h"
#include "repo/archive.h"
#include "repo/layout.h"

/*
 * The label of a backup (lib/FORMAT.md, 8): what the catalogue knows of it.  A
 * backup exists if and only if its label does.  Labels are signed JSON that
 * any key can check; they are published last and never changed.
 */
#define LABEL_DAMAGED_MAX	100	/* paths of damaged files, at most */
#define LABEL_TABLESPACES_MAX	1000	/* tablespaces, at most */
#define LABEL_RANGES_MAX	65536	/* runs of packs, at most */
#define LABEL_TEXT_MAX		4096	/* bytes of any text, at most */
#define LABEL_SPACE_PATH_MAX	1024	/* of a tablespace's path: no longer
					 * one can be created in PostgreSQL */
#define LABEL_WALNAME		25	/* room for the name of a segment */

struct label_tablespace {
	uint32_t	 oid;
	char		*name;		/* owned */
	char		*path;		/* owned */
};

struct label {
	char		 id[LAYOUT_ID];
	/* Set by label_parse() alone: who signed the file, and its hash. */
	uint8_t		 signer[KEY_ID_LEN];
	uint8_t		 file_hash[HASH_LEN];
	char		*label;		/* owned: the user's text; "" if none */
	char		*seawall;	/* owned: version that wrote it */
	char		*data_directory; /* owned: where the cluster was; NULL
					  * if an older version wrote this */
	uint64_t	 postgresql;	/* server_version_num */
	int64_t		 start_us, stop_us;	/* by PostgreSQL's clock */
	uint64_t	 start_lsn, stop_lsn;
	uint64_t	 oldest_xid;	/* all below had ended before the stop,
					 * and none from "next_xid" on behind */
	uint64_t	 next_xid;	/* it; 0: not known */
	uint32_t	 timeline;
	char		 start_wal[LABEL_WALNAME];	/* first and last */
	char		 stop_wal[LABEL_WALNAME];	/* needed segment */
	uint64_t	 wal_segment_size;
	uint32_t	 chunk_size;
	int		 from_standby, data_checksums;
	struct hotsettings hot;		/* of the cluster; not known if an
					 * older version wrote this */
	uint64_t	 files, size;	/* files, and the sum of their sizes */
	uint64_t	 stored_size;	/* bytes of what was published for
					 * this backup */
	uint8_t		 manifest_hash[HASH_LEN];	/* of its header */
	uint64_t	 manifest_size;	/* bytes of its file */
	struct packruns_run *packs;	/* owned; ids are those of "from" */
	size_t		 npacks;
	int		 sorted;	/* packs[], by id and number */
	char		**from;		/* owned: ids of the backups that the */
	size_t		 nfrom;		/* packs were made for */
	struct label_tablespace *tablespaces;	/* owned */
	size_t		 ntablespaces;
	struct label_config config;	/* outside the data directory */
	uint64_t	 damaged_files, damaged_pages;
	char		*damaged[LABEL_DAMAGED_MAX];	/* owned: first paths */
	size_t		 ndamaged;
};

/* Make a label with nothing in it.  ERR_LOCAL if memory is short. */
int	 label_new(struct label **, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 label_free(struct label *);			/* NULL is fine */

/*
 * Note that the backup refers to the packs "first" to "last" in the directory
 * of backup "id".  All runs of one directory must be added one after the
 * other, in ascending order.  ERR_LOCAL if memory is short, or if there are
 * LABEL_RANGES_MAX runs already.
 */
int	 label_refer(struct label *, const char *id, uint32_t first,
	    uint32_t last, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Check what PostgreSQL reported against the limits of FORMAT.md, before a
 * backup is copied whose label readers would refuse: tablespaces, and texts.
 * ERR_CONFIG says which limit is exceeded.
 */
int	 label_fits(const struct label *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Whether the backup refers to pack "no" in the directory of backup "id". */
int	 label_has_pack(const struct label *, const char *id, uint32_t no)
	    __attribute__((nonnull));

/*
 * The JSON text of a label in the archive "a", which is what gets signed.  The
 * caller frees *text.
 */
int	 label_text(const struct label *, const struct archive *a, char **text,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Sign and publish a label.  This completes the backup.  ERR_CONFLICT if the
 * backup has a label, ERR_CONFIG if the archive's key is no push key,
 * ERR_CORRUPT if readers would refuse the label; in each case nothing is
 * published.
 */
int	 label_publish(const struct label *, struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Check and read "file", the "n" bytes of the label of backup "id".
 * ERR_CORRUPT if the signature or the place is wrong, or for any content that
 * FORMAT.md does not allow; the message names the backup.
 */
int	 label_parse(struct label **, const void *file, size_t n,
	    const char *id, const struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The same for a label that label_parse() refuses for nothing but that no
 * inventory of its retired signer lists it; all else is ERR_CORRUPT.  Nothing
 * proves that such a backup is genuine: it may keep things, and counts for
 * nothing.
 */
int	 label_parse_unlisted(struct label **, const void *file, size_t n,
	    const char *id, const struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * For --json listings: a new object with the id and all other members of a
 * label except its packs, server and system identifier.  The caller frees
 * *out.
 */
struct jval;
int	 label_json(const struct label *, struct jval **out, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Set member "packs" of the object "to", as it stands in the label itself. */
int	 label_json_packs(const struct label *, struct jval *to,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* BACKUP_LABEL_H */
