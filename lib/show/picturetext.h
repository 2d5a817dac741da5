/* SPDX-License-Identifier: ISC */
#ifndef SHOW_PICTURETEXT_H
#define SHOW_PICTURETEXT_H

#include <stdio.h>

#include "show/picture.h"

/* Draw it for a terminal, in UTF-8, at most 80 columns wide. */
void	 picturetext_print(FILE *out, const struct picture *)
	    __attribute__((nonnull));

#endif /* SHOW_PICTURETEXT_H */
