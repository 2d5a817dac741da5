/* SPDX-License-Identifier: ISC */
#ifndef REPO_LOADEACH_H
#define REPO_LOADEACH_H

#include "repo/archive.h"

/*
 * Read many labels or pins in one flight, as store_load_each() does, and let
 * none that is denied or damaged hide the others.  Such a file is believed to
 * be the only trouble if the marker can be read behind it.  If not, or if a
 * read failed for another reason (err_of_one_file()), the error is what was
 * wrong with the first such file, and all that was called before is void.
 */
int	 loadeach_run(const struct store_reading *, struct archive *,
	    const char *const *paths, size_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 5)));

/* The same for listings of many directories, as by store_list_each(). */
int	 loadeach_list(const struct store_listing *, struct archive *,
	    const char *const *paths, size_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 5)));

/*
 * For "unlisted" of that: a directory that is denied is like an empty one.
 * Always returns 0.
 */
int	 loadeach_empty(void *arg, size_t i, const struct err *why,
	    struct err *);

#endif /* REPO_LOADEACH_H */
