/* SPDX-License-Identifier: ISC */
#ifndef COPY_COPYRUN_H
#define COPY_COPYRUN_H

#include "copy/copy_conf.h"

/*
 * Copy one cluster's part of a repository to another one: sealed objects byte
 * for byte, each proved on its way, never replacing anything.  In this order:
 * marker; inventories; WAL in its order, and packs and manifests beside it;
 * labels; pins.  What TO has already is compared.  However it ends, what has
 * its name in TO is whole and durable, and another run copies the rest.
 *
 * Objects that are bad, and other ones under their names, are findings, and
 * all else is copied.  sum->late says how many backups have no label in TO only
 * because FROM or TO expired something meanwhile.
 *
 * Returns 0; 1 if there is no backup that conf->want wants; or -1.
 */
int	 copyrun_pass(struct copy_sum *sum, const struct copy_conf *conf,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* COPY_COPYRUN_H */
