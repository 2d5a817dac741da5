/* SPDX-License-Identifier: ISC */
/* What a WAL file says of itself, compared with its name. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/io.h"
#include "pg/history.h"
#include "pg/walname.h"
#include "pg/walseg.h"
#include "pg/walsize.h"
#include "wal/walcheck.h"

/* Whether files of that kind are as large as a segment and begin like one. */
static int
is_segment(enum walname_kind kind)
{
	return (kind == WALNAME_SEGMENT || kind == WALNAME_PARTIAL);
}

/*
 * PostgreSQL's segments are whole files, filled up with zeros.  A shorter one
 * was cut by a full disk or a crash; recovery would stop at it.
 */
static int
check_size(uint64_t size, enum walname_kind kind, uint64_t segsize,
    struct err *e)
{
	const uint64_t	 max = walsize_max(kind, segsize);

	if (is_segment(kind) && segsize != 0 && size != segsize)
		return (err_set(e, ERR_CORRUPT, "file has %" PRIu64
		    " bytes, WAL segments of this cluster have %" PRIu64,
		    size, segsize));
	if (!is_segment(kind) && (size == 0 || size > max))
		return (err_set(e, ERR_CORRUPT, "file has %" PRIu64
		    " bytes, expected 1 to %" PRIu64, size, max));
	return (0);
}

/*
 * The header shows what the name cannot: whether PostgreSQL has written this
 * segment yet.  It renames old segments to the names of those to come, and an
 * archive_command that is run by hand may catch such a file.
 */
static int
check_header(int fd, const char *file, const struct walname *name,
    uint64_t system_id, uint64_t *segsize, struct err *e)
{
	struct walseg	 seg;
	uint8_t		 first[WALSEG_HEADER];
	size_t		 n;

	if (io_read_at(fd, first, sizeof(first), 0, &n, file, e))
		return (-1);
	if (n != sizeof(first))
		return (err_set(e, ERR_CORRUPT, "file is cut short"));
	seg = walseg_parse(first);
	/* Of a PostgreSQL whose pg_control we cannot read: believe the file. */
	if (*segsize == 0)
		*segsize = seg.segsize;
	if (!walname_segsize_ok(*segsize))
		return (err_set(e, ERR_CORRUPT, "header says WAL segments "
		    "have %" PRIu64 " bytes, which cannot be", *segsize));
	if (walname_check(name, (uint32_t)*segsize, e))
		return (-1);
	return (walseg_check(&seg, name, system_id, (uint32_t)*segsize, e));
}

/* A history that PostgreSQL could not read would end a recovery later. */
static int
check_history(int fd, const char *file, const struct walname *name,
    uint64_t size, struct err *e)
{
	struct history	 h = { 0 };
	char		*text;
	size_t		 n;
	int		 rc;

	if ((text = malloc((size_t)size)) == NULL)
		return (err_sys(e, ERR_LOCAL, "read"));
	if ((rc = io_read_at(fd, text, (size_t)size, 0, &n, file, e)) == 0)
		rc = history_parse(text, n, name->tli, &h, e);
	if (rc == 0 && h.n == 0)
		rc = err_set(e, ERR_CORRUPT, "names no timeline that this "
		    "one came from");
	history_free(&h);
	free(text);
	return (rc);
}

int
walcheck_file(struct stat *st, int fd, const char *file, uint64_t system_id,
    uint64_t *segsize, struct err *e)
{
	struct walname	 name;
	uint64_t	 size;

	if (walname_parse(file, &name, e))
		return (-1);
	if (fstat(fd, st) == -1)
		return (err_sys(e, ERR_LOCAL, "stat"));
	if (!S_ISREG(st->st_mode))
		return (err_set(e, ERR_LOCAL, "not a regular file"));
	size = (uint64_t)st->st_size;
	if (check_size(size, name.kind, *segsize, e))
		return (-1);
	if (name.kind == WALNAME_HISTORY)
		return (check_history(fd, file, &name, size, e));
	if (!is_segment(name.kind))
		return (*segsize == 0 ? 0 :
		    walname_check(&name, (uint32_t)*segsize, e));
	if (check_header(fd, file, &name, system_id, segsize, e))
		return (-1);
	/* Once more, now that the header may have said the segment size. */
	return (check_size(size, name.kind, *segsize, e));
}
