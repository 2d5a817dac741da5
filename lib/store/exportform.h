/* SPDX-License-Identifier: ISC */
#ifndef STORE_EXPORTFORM_H
#define STORE_EXPORTFORM_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * The form of an export file (lib/FORMAT.md, 17): its first member, which says
 * what follows, and the framing of the tar archive, which is computed from
 * that.  No files are touched here.
 */
#define EXPORTFORM_BLOCK	512
#define EXPORTFORM_TEXT_MAX	((uint64_t)256 << 20)	/* first member */
#define EXPORTFORM_FILES_MAX	2000000
#define EXPORTFORM_SIZE_MAX	((uint64_t)1 << 62)	/* bytes of a file */
#define EXPORTFORM_SMALL_MAX	((uint64_t)256 << 20)	/* of those below */
#define EXPORTFORM_SERVER	64		/* room for a server's name */
#define EXPORTFORM_BACKUP	24		/* room for a backup's id */

/* For which recovery the WAL in it is complete. */
enum exportform_until {
	EXPORTFORM_IMMEDIATE,	/* the end of the backup */
	EXPORTFORM_TIME,	/* "until_us" */
	EXPORTFORM_END		/* the end of what it holds */
};

struct exportform_file {
	const char	*path;	/* below SERVER/SYSTEMID; borrowed */
	uint64_t	 size;	/* bytes of content */
	uint64_t	 at;	/* where its content begins in the archive */
};

struct exportform {
	char		 server[EXPORTFORM_SERVER];
	uint64_t	 system_id;
	char		 backup[EXPORTFORM_BACKUP];
	int64_t		 made_s;	/* seconds since 1970 */
	enum exportform_until until;
	int64_t		 until_us;	/* EXPORTFORM_TIME: since 1970 */
	struct exportform_file *v;	/* owned; in the order of the file */
	size_t		 n, room;
	size_t		 small;		/* the first so many are no WAL, no
					   pack and no manifest */
	size_t		*sorted;	/* owned: indexes, by path */
	uint64_t	 end;		/* where the two last blocks begin */
	char		*text;		/* owned; paths point into it */
	size_t		 text_size;
};

/*
 * Parse the "n" bytes of the first member; takes them over, from malloc(), also
 * after a failure.  Every path in "f" is inside the repository
 * (path_is_inside()) and occurs once.  ERR_CORRUPT for anything but the one
 * spelling that FORMAT.md gives.  Fill with zeros before, and release with
 * exportform_fini() in any case.
 */
int	 exportform_parse(struct exportform *f, char *text, size_t n,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 exportform_fini(struct exportform *) __attribute__((nonnull));

/*
 * For writers: add a file to an "f" of which all above "v" is set.  Borrows
 * "path" until exportform_text() has made the first member, which the caller
 * frees; exportform_parse() of that is what is to be written.  ERR_LOCAL
 * without memory.
 */
int	 exportform_add(struct exportform *f, const char *path, uint64_t size,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 exportform_text(const struct exportform *f, char **text, size_t *n,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* The file at "path", or NULL. */
const struct exportform_file *exportform_find(const struct exportform *,
	    const char *path) __attribute__((nonnull));

/*
 * The index in f->sorted of the first file whose path is not below "path" in
 * the order of bytes.
 */
size_t	 exportform_from(const struct exportform *, const char *path)
	    __attribute__((nonnull));

/* The header of the first member, of "size" bytes; and of file "i". */
void	 exportform_first(uint8_t block[EXPORTFORM_BLOCK], uint64_t size)
	    __attribute__((nonnull));
void	 exportform_header(uint8_t block[EXPORTFORM_BLOCK],
	    const struct exportform *, size_t i) __attribute__((nonnull));

/*
 * The size of the first member, by its header.  ERR_CORRUPT if that is not the
 * header of one.
 */
int	 exportform_first_size(const uint8_t block[EXPORTFORM_BLOCK],
	    uint64_t *size, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* How many zeros follow "size" bytes of content. */
size_t	 exportform_padding(uint64_t size);

#endif /* STORE_EXPORTFORM_H */
