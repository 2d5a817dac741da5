/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOWEXPORT_H
#define SHOW_SHOWEXPORT_H

#include "copy/exportrun.h"

/* What was exported, once it has its name: a line, or a JSON object. */
int	 showexport(const char *file, const struct exportrun_conf *,
	    const struct exportrun_sum *, int json, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* SHOW_SHOWEXPORT_H */
