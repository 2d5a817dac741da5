/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOWMETRICS_H
#define SHOW_SHOWMETRICS_H

#include <stdio.h>

#include "show/showcheck.h"

/*
 * The results of checks in the text format of Prometheus.  Names follow from
 * those of the checks: "seawall_backup_age_seconds" is the figure of the check
 * "backup-age", in the base unit.
 */
void	 showmetrics_print(FILE *, const struct showcheck *)
	    __attribute__((nonnull));

#endif /* SHOW_SHOWMETRICS_H */
