/* SPDX-License-Identifier: ISC */
#ifndef CATALOGUE_EVIDENCEDIRS_H
#define CATALOGUE_EVIDENCEDIRS_H

#include <stddef.h>
#include <stdint.h>

#include "catalogue/catalogue.h"
#include "plan/packruns.h"
#include "repo/archive.h"
#include "repo/layout.h"

/*
 * For the evidence of backups: what the directories hold that labels refer to,
 * by their listings and by the headers of the files.
 */
enum evidencedirs_state {
	EVIDENCEDIRS_LISTED,	/* its header was not read */
	EVIDENCEDIRS_WHOLE,	/* it has the size that its header says */
	EVIDENCEDIRS_SIZE,	/* it has another one */
	EVIDENCEDIRS_REFUSED	/* its header is not authentic, or the
				 * repository denies the file */
};

struct evidencedirs_file {
	uint32_t	 no;		/* of a pack; 0: the manifest */
	enum evidencedirs_state state;
	uint64_t	 size;		/* listed */
	uint64_t	 said;		/* by its header, if that is WHOLE or
					 * SIZE */
	int64_t		 at;		/* seconds, as listed */
};

struct evidencedirs_one {
	char		 id[LAYOUT_ID];
	/* Owned; the manifest, and packs that labels refer to; by "no". */
	struct evidencedirs_file *file;
	size_t		 n, room;
	int64_t		 dir_at, label_at;	/* seconds; 0: not listed */
	int		 stands;	/* base/ has it */
};

struct evidencedirs {
	struct evidencedirs_one *v;	/* owned; by id */
	size_t		 n, room;
	struct packruns	 packs;		/* that labels refer to */
};

/*
 * List base/ for the times of the directories, and then those of all labels
 * and of the packs that they refer to, as far as base/ has them, many in one
 * flight.  One that cannot be listed although the marker can be read is like
 * an empty one.  Fails as store_list() does.  Call evidencedirs_fini() in any
 * case.
 */
int	 evidencedirs_list(struct evidencedirs *, const struct catalogue *,
	    struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Read the headers of all files that were listed, many in one flight, and set
 * their states.  ERR_LOCAL; ERR_REMOTE if a read failed for any reason but the
 * file itself (err_of_one_file()), or if a file is denied and the marker cannot
 * be read either.
 */
int	 evidencedirs_heads(struct evidencedirs *, struct archive *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 evidencedirs_fini(struct evidencedirs *) __attribute__((nonnull));

/*
 * The directory of backup "id"; NULL if no label refers to it, or it does not
 * exist.
 */
const struct evidencedirs_one *evidencedirs_find(const struct evidencedirs *,
	    const char *id) __attribute__((nonnull));

/*
 * The index in d->file of the first file with that number or a higher one; d->n
 * if there is none.
 */
size_t	 evidencedirs_from(const struct evidencedirs_one *d, uint32_t no)
	    __attribute__((nonnull));

#endif /* CATALOGUE_EVIDENCEDIRS_H */
