/* SPDX-License-Identifier: ISC */
#ifndef CATALOGUE_LOADEACH_H
#define CATALOGUE_LOADEACH_H

#include "repo/archive.h"

/*
 * Read many labels or pins in one flight, and let none that cannot be read
 * hide the others: store_load() ends with the first such file.
 */
struct loadeach {
	/* Called for each file as by store_load(). */
	store_loaded	*each;
	/*
	 * Called in place of "each" for a file that cannot be read although the
	 * marker can: a wrong mode, too many bytes, a directory, a link.
	 * Returns 0, or -1 to stop with its own error.
	 */
	int		(*refused)(void *arg, size_t i, const struct err *why,
			    struct err *);
	void		*arg;
};

/* Fails as store_load() does if the marker cannot be read either. */
int	 loadeach_run(const struct loadeach *, struct archive *,
	    const char *const *paths, size_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 5)));

#endif /* CATALOGUE_LOADEACH_H */
