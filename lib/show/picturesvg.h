/* SPDX-License-Identifier: ISC */
#ifndef SHOW_PICTURESVG_H
#define SHOW_PICTURESVG_H

#include <stdio.h>

#include "base/err.h"
#include "show/picture.h"

/*
 * Pictures of clusters in one file: SVG, or an HTML page that needs nothing
 * but itself, runs no program, and fits a narrow screen.
 *
 *	if (picturesvg_open(&f, "windows.html", e))
 *		return (-1);
 *	picturesvg_add(f, &picture);
 *	picturesvg_failed(f, "main", why);
 *	rc = picturesvg_save(f, e);
 *	picturesvg_free(f);
 */
struct picturesvg;

/*
 * Nothing is written yet.  ERR_USAGE if the name of "file", which is borrowed,
 * ends in neither .svg nor .html.
 */
int	 picturesvg_open(struct picturesvg **, const char *file, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Add a cluster; "now" is that of the picture. */
void	 picturesvg_add(struct picturesvg *, const struct picture *)
	    __attribute__((nonnull));

/* Say that nothing is known of a server, so that it is not missed. */
void	 picturesvg_failed(struct picturesvg *, const char *server,
	    const char *why) __attribute__((nonnull));

/*
 * Replace the file in one step, durably; if nothing was added, leave it alone.
 * Fails as io_save() does.
 */
int	 picturesvg_save(struct picturesvg *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 picturesvg_free(struct picturesvg *);		/* NULL is fine */

#endif /* SHOW_PICTURESVG_H */
