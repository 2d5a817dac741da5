/* SPDX-License-Identifier: ISC */
#ifndef BACKUP_LABEL_H
#define BACKUP_LABEL_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/hash.h"
#include "plan/packruns.h"
#include "repo/archive.h"
#include "repo/layout.h"

/*
 * The catalogue entry of a backup (lib/FORMAT.md, 8): a backup exists if and
 * only if its label does.  A plain value with owned texts.
 */
#define LABEL_DAMAGED_MAX	100
#define LABEL_WALNAME		25

struct label_tablespace {
	uint32_t	 oid;
	char		*name;		/* owned */
	char		*path;		/* owned */
};

struct label {
	char		 id[LAYOUT_ID];
	char		*label;		/* owned, may be empty */
	char		*seawall;	/* owned: version that wrote it */
	uint64_t	 postgresql;	/* server_version_num */
	int64_t		 start_us, stop_us;
	uint64_t	 start_lsn, stop_lsn;
	uint32_t	 timeline;
	char		 start_wal[LABEL_WALNAME], stop_wal[LABEL_WALNAME];
	uint64_t	 wal_segment_size;
	uint32_t	 chunk_size;
	int		 from_standby, data_checksums;
	uint64_t	 files, size, stored_size;
	uint8_t		 manifest_hash[HASH_LEN];	/* of its header */
	uint64_t	 manifest_size;
	struct packruns_run *packs;	/* owned; ids are those of "from" */
	size_t		 npacks;
	char		**from;		/* owned: whose packs these are */
	size_t		 nfrom;
	struct label_tablespace *tablespaces;	/* owned */
	size_t		 ntablespaces;
	uint64_t	 damaged_files, damaged_pages;
	char		*damaged[LABEL_DAMAGED_MAX];	/* owned: first paths */
	size_t		 ndamaged;
};

/* A label with nothing in it, freed by label_free(). */
int	 label_new(struct label **, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 label_free(struct label *);			/* NULL is fine */

/*
 * It refers to the packs first..last of that backup.  Ranges of one backup
 * come one after the other, in ascending order.
 */
int	 label_refer(struct label *, const char *backup, uint32_t first,
	    uint32_t last, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The text of the label that is signed, as "a" places it.  The caller frees
 * *text.
 */
int	 label_text(const struct label *, const struct archive *a, char **text,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Sign and publish; ERR_CONFLICT if the backup has a label. */
int	 label_publish(const struct label *, struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Check and read the bytes of the label of backup "id".  ERR_CORRUPT for
 * anything that FORMAT.md does not allow.
 */
int	 label_parse(struct label **, const void *, size_t n, const char *id,
	    const struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The JSON of one label without its packs, for --json listings. */
struct jval;
int	 label_json(const struct label *, struct jval **, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Its packs as the member "packs" of an object, as in the label itself. */
int	 label_json_packs(const struct label *, struct jval *to,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* BACKUP_LABEL_H */
