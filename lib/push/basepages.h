/* SPDX-License-Identifier: ISC */
#ifndef PUSH_BASEPAGES_H
#define PUSH_BASEPAGES_H

#include <stddef.h>
#include <stdint.h>

#include "push/copyfile.h"
#include "repo/archive.h"

/*
 * What a push knows of the pages of chunks that earlier pushes stored, so that
 * it stores of a changed chunk only the pages that changed; and what it learns
 * for the next push (reuse/lastpages.h).
 *
 * Without that knowledge chunks are stored whole, and nothing else is worse.
 * So whatever goes wrong here fails no backup: "note" is called, once, and all
 * that follows does nothing.  Everywhere but in basepages_open() NULL stands
 * for a push that keeps no page hashes.
 */
struct basepages;

struct basepages_conf {
	const char	*state_dir;
	const char *const *ids;		/* reuse_ids(); must outlive it */
	uint32_t	 chunk_size;
	uint64_t	 max;		/* bytes to keep; 0: *out is NULL */
	void	(*note)(void *arg, const char *text);
	void	*arg;
};

/* Fails only if memory is short or the archive's key is no push key. */
int	 basepages_open(struct basepages **out, const struct archive *,
	    const struct basepages_conf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 basepages_free(struct basepages *);

/* The hashes that new chunks are to have; NULL: none. */
const struct pagehash *basepages_hashes(const struct basepages *);

/*
 * Set past->pages to what is known of the bases of past->refs, of the file
 * "path".  In any order of paths.
 */
void	 basepages_find(struct basepages *, const char *path,
	    struct copyfile_past *past) __attribute__((nonnull(2, 3)));

/*
 * Keep what is known of a file that was copied: "pages", where a mark that is
 * not zeros says that the hashes are those of the base in "refs".  NULL: the
 * file was taken unread, and what was known of it is kept.
 */
void	 basepages_copied(struct basepages *, const char *path,
	    const struct pack_ref *refs, size_t nrefs,
	    struct lastpages_file *pages) __attribute__((nonnull(2)));

/* The backup exists: keep it for the next push. */
void	 basepages_publish(struct basepages *);

#endif /* PUSH_BASEPAGES_H */
