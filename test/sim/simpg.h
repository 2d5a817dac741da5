/* SPDX-License-Identifier: ISC */
#ifndef SIM_SIMPG_H
#define SIM_SIMPG_H

#include <stddef.h>
#include <stdint.h>

#include "pg/walname.h"

/*
 * PostgreSQL's side: one cluster with a handful of small files that change,
 * and WAL.  Its answers to base-push (push/hotbackup.h, push/clusterfiles.h,
 * cluster/) come from here, by --wrap of the linker; all else of base-push is
 * its own code.
 */
#define SIMPG_SYSTEM	UINT64_C(7)
#define SIMPG_SERVER	"main"
#define SIMPG_SEGSIZE	((uint32_t)1 << 20)
#define SIMPG_FILES	10
#define SIMPG_CHUNK	65536		/* chunk_size of its backups */

/*
 * The data directory is "dir".  Each time, a file changes with one chance in
 * "calm"; the first three files with one in four of that.
 */
void	 simpg_begin(const char *dir, unsigned calm);
void	 simpg_end(void);

/* Some files change; WAL grows, and perhaps a segment is full. */
void	 simpg_work(void);

/*
 * What waits for archive_command, in its order: the name of file "i", and
 * whether there are so many yet; whether it is a segment; its content, in a
 * new descriptor.
 */
int	 simpg_ready(char name[WALNAME_TEXT], size_t i);
int	 simpg_is_segment(size_t i, uint64_t *segno);
int	 simpg_open(const char *name);

/* Whether this is the content of the WAL file of that name. */
int	 simpg_same(const char *name, const void *p, size_t n);

/* Whether file "path" of the data directory ever had this content. */
int	 simpg_had(const char *path, const void *p, size_t n);

/* The name of a segment.  Returns "buf". */
const char *simpg_segment(char buf[WALNAME_TEXT], uint64_t segno);

#endif /* SIM_SIMPG_H */
