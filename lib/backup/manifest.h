/* SPDX-License-Identifier: ISC */
#ifndef BACKUP_MANIFEST_H
#define BACKUP_MANIFEST_H

#include <stddef.h>
#include <stdint.h>

#include "backup/pack.h"
#include "stream/sink.h"

/*
 * The list of a backup's files and of where their chunks lie
 * (lib/FORMAT.md, 7), streamed in both directions: memory does not grow
 * with the cluster.
 */
#define MANIFEST_MAGIC		"SWMANIF\n"
#define MANIFEST_MAGIC_LEN	8
#define MANIFEST_PLAIN		1	/* version */
#define MANIFEST_NAMED		2	/* the same, with names of databases */
#define MANIFEST_PATH_MAX	4096
#define MANIFEST_CHUNK_MIN	65536		/* to PACK_CHUNK_MAX */

enum manifest_type {
	MANIFEST_END = 0,
	MANIFEST_DIR = 1,
	MANIFEST_FILE = 2,
	MANIFEST_LINK = 3
};

#define MANIFEST_CHECKED	1	/* flags: page checksums verified */
#define MANIFEST_DAMAGED	2	/* at least one page failed */

struct manifest_database {
	uint32_t	 oid;
	const char	*name;		/* of 1 to 255 bytes */
};

struct manifest_entry {
	enum manifest_type type;
	const char	*path;		/* borrowed; reader: until next call */
	const char	*target;	/* of a link; the same */
	uint32_t	 mode;		/* permission bits */
	int64_t		 mtime_us;
	uint64_t	 size;		/* the rest: of a file */
	int64_t		 ctime_us;
	uint64_t	 inode;
	uint8_t		 flags;
	uint32_t	 crc32c;
};

/* How many chunks a file of that size has. */
uint64_t manifest_chunks(uint64_t size, uint32_t chunk_size);

/* Whether it can be a chunk size: a power of two within the bounds. */
int	 manifest_chunk_size_ok(uint32_t);

/* Whether a link may stand there: "pg_tblspc/" and an OID. */
int	 manifest_link_ok(const char *path);

/*
 * Writing, into a sink that the writer does not own: the header, then
 * entries in strictly ascending order of path (an assertion otherwise), each
 * file followed by exactly its chunks, then the end.  backups[0] is the
 * backup itself.  A path or a link's target that the format cannot hold is
 * ERR_LOCAL.
 */
struct manifest_writer;

int	 manifest_writer_new(struct manifest_writer **, struct sink *,
	    uint32_t chunk_size, const char *const *backups, size_t nbackups,
	    struct err *) __attribute__((warn_unused_result, nonnull));
/* The same with the cluster's databases, by ascending OID; "n" 0: version 1. */
int	 manifest_writer_new_named(struct manifest_writer **, struct sink *,
	    uint32_t chunk_size, const char *const *backups, size_t nbackups,
	    const struct manifest_database *, size_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 4, 8)));
int	 manifest_writer_entry(struct manifest_writer *,
	    const struct manifest_entry *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 manifest_writer_chunk(struct manifest_writer *,
	    const struct pack_ref *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
/* Pass on what is held back: the sink has all then that was written. */
int	 manifest_writer_flush(struct manifest_writer *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 manifest_writer_end(struct manifest_writer *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 manifest_writer_free(struct manifest_writer *);  /* NULL is fine */

/*
 * Reading is a push parser behind a sink: give manifest_sink_open() as the
 * destination to object_fetch() and it calls back, in order, for the header,
 * each entry and each chunk.  Everything is checked: order of paths, plain
 * paths (path_is_inside()), link places, sizes that add up, references to
 * backups of the table.  A violation is ERR_CORRUPT.  A callback returns 0,
 * or -1 with its own error to stop; one that is NULL is not called.  Whether
 * backups[0] is the backup that was asked for is for the caller to see.
 * sink_finish() fails unless the manifest was complete.
 */
struct manifest_events {
	int	(*header)(void *arg, uint32_t chunk_size,
		    const char *const *backups, size_t nbackups,
		    struct err *);
	int	(*entry)(void *arg, const struct manifest_entry *,
		    struct err *);
	int	(*chunk)(void *arg, uint64_t index, const struct pack_ref *,
		    struct err *);		/* of the entry before */
	int	(*end)(void *arg, uint64_t entries, uint64_t bytes,
		    struct err *);
	/* Between header and entries, for each; none in version 1. */
	int	(*database)(void *arg, uint32_t oid, const char *name,
		    struct err *);
};

int	 manifest_sink_open(struct sink **, const struct manifest_events *,
	    void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 4)));

#endif /* BACKUP_MANIFEST_H */
