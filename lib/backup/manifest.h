/* SPDX-License-Identifier: ISC */
#ifndef BACKUP_MANIFEST_H
#define BACKUP_MANIFEST_H

#include <stddef.h>
#include <stdint.h>

#include "backup/pack.h"
#include "stream/sink.h"

/*
 * Manifests: the list of a backup's files and of where their chunks lie
 * (lib/FORMAT.md, 7).  They are written and read as streams, so memory does
 * not grow with the cluster.
 */
#define MANIFEST_MAGIC		"SWMANIF\n"
#define MANIFEST_MAGIC_LEN	8
#define MANIFEST_PLAIN		1	/* version */
#define MANIFEST_NAMED		2	/* the same, with names of databases */
#define MANIFEST_CONFIGURED	3	/* and with configuration files */
#define MANIFEST_DIFFERING	4	/* and with differences of chunks */
#define MANIFEST_PATH_MAX	4096
#define MANIFEST_CHUNK_MIN	65536		/* chunk size: from this to
						 * PACK_CHUNK_MAX */

enum manifest_type {
	MANIFEST_END = 0,
	MANIFEST_DIR = 1,
	MANIFEST_FILE = 2,
	MANIFEST_LINK = 3
};

/* How a chunk is stored: its form in version 4. */
enum manifest_form {
	MANIFEST_ZEROS = 0,	/* nowhere */
	MANIFEST_WHOLE = 1,
	MANIFEST_BASED = 2	/* as a difference over a base */
};

#define MANIFEST_CHECKED	1	/* flags: page checksums verified */
#define MANIFEST_DAMAGED	2	/* at least one page failed */

struct manifest_database {
	uint32_t	 oid;
	const char	*name;		/* of 1 to 255 bytes */
};

/*
 * A configuration file from outside the data directory, and how much of them
 * a manifest may hold.
 */
#define MANIFEST_CONFIGS_MAX	256
#define MANIFEST_CONFIG_MAX	((size_t)1 << 20)	/* bytes of one */
#define MANIFEST_CONFIG_SUM	((size_t)8 << 20)	/* of all */

struct manifest_config {
	const char	*path;		/* manifest_config_ok() */
	uint32_t	 mode;		/* permission bits */
	int64_t		 mtime_us;
	size_t		 size;
	const void	*data;		/* NULL where only the rest is known */
};

/* What a manifest may hold besides its records. */
struct manifest_more {
	const struct manifest_database *dbs;	/* by ascending OID */
	size_t		 ndbs;
	const struct manifest_config *configs;	/* by ascending path */
	size_t		 nconfigs;
	int		 diffs;		/* chunks may have differences */
};

struct manifest_entry {
	enum manifest_type type;
	const char	*path;		/* borrowed */
	const char	*target;	/* borrowed; NULL unless a link */
	uint32_t	 mode;		/* permission bits */
	int64_t		 mtime_us;
	/* The rest is said of files only; 0 otherwise. */
	uint64_t	 size;
	int64_t		 ctime_us;
	uint64_t	 inode;
	uint8_t		 flags;
	uint32_t	 crc32c;
};

/* How many chunks a file of "size" bytes has. */
uint64_t manifest_chunks(uint64_t size, uint32_t chunk_size);

enum manifest_form manifest_form(const struct pack_ref *);

/* Whether "n" can be a chunk size: a power of two within the bounds. */
int	 manifest_chunk_size_ok(uint32_t n);

/* Whether "path" is that of a tablespace's link: "pg_tblspc/" and an OID. */
int	 manifest_link_ok(const char *path);

/*
 * Whether "path" can be that of a configuration file: absolute, plain, and
 * not too long.
 */
int	 manifest_config_ok(const char *path);

/*
 * Writing.  The calls must come in this order: entries in strictly ascending
 * order of path, each file followed by exactly its chunks, then the end.
 * Anything else is a bug of the caller, and an assertion fails.
 *
 * The writer does not own the sink "to", and does not finish it.  backups[0]
 * must be the backup itself; chunks refer to the others by their index.
 */
struct manifest_writer;

int	 manifest_writer_new(struct manifest_writer **, struct sink *to,
	    uint32_t chunk_size, const char *const *backups, size_t nbackups,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * The same with more.  The version is the lowest that can say it: 4 with
 * differences, else 3 with configuration files, 2 with names, 1 with neither.
 */
int	 manifest_writer_new_more(struct manifest_writer **, struct sink *to,
	    uint32_t chunk_size, const char *const *backups, size_t nbackups,
	    const struct manifest_more *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* ERR_LOCAL for a path, link target or size that the format cannot hold. */
int	 manifest_writer_entry(struct manifest_writer *,
	    const struct manifest_entry *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 manifest_writer_chunk(struct manifest_writer *,
	    const struct pack_ref *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Pass on what is buffered, so that the sink has all that was written. */
int	 manifest_writer_flush(struct manifest_writer *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Write the end, and pass on what is buffered. */
int	 manifest_writer_end(struct manifest_writer *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 manifest_writer_free(struct manifest_writer *);  /* NULL is fine */

/*
 * Reading.  The parser is a sink: give it as the destination to
 * object_fetch(), and it calls back, in order, for the header, each entry and
 * each chunk.  It checks everything: that paths are in order and stay inside
 * the data directory (path_is_inside()), that links stand where links may,
 * that sizes add up, that chunks refer to backups of the table, also their
 * differences, and that only whole pages have these.  A violation
 * is ERR_CORRUPT; sink_finish() fails unless the manifest was complete.  The
 * caller must check that backups[0] is the backup that it asked for.
 *
 * Callbacks may be NULL.  They return 0, or -1 with an error of their own to
 * stop.  What they are given is valid until they return.
 */
struct manifest_events {
	int	(*header)(void *arg, uint32_t chunk_size,
		    const char *const *backups, size_t nbackups,
		    struct err *);
	int	(*entry)(void *arg, const struct manifest_entry *,
		    struct err *);
	/* For each chunk of the entry before, "index" counts from 0. */
	int	(*chunk)(void *arg, uint64_t index, const struct pack_ref *,
		    struct err *);
	/* The sums at the end: records, and bytes of all files. */
	int	(*end)(void *arg, uint64_t entries, uint64_t bytes,
		    struct err *);
	/* For each database, between header and entries; none in version 1. */
	int	(*database)(void *arg, uint32_t oid, const char *name,
		    struct err *);
	/*
	 * For each configuration file, behind the databases, with "data" NULL;
	 * then for its bytes in pieces, none if it is empty.
	 */
	int	(*config)(void *arg, const struct manifest_config *,
		    struct err *);
	int	(*content)(void *arg, const void *p, size_t n, struct err *);
};

/* "on" is borrowed; the callbacks get "arg". */
int	 manifest_sink_open(struct sink **, const struct manifest_events *on,
	    void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 4)));

#endif /* BACKUP_MANIFEST_H */
