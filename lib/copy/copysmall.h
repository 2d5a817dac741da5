/* SPDX-License-Identifier: ISC */
#ifndef COPY_COPYSMALL_H
#define COPY_COPYSMALL_H

#include <stdint.h>

#include "backup/label.h"
#include "copy/copy_conf.h"
#include "repo/archive.h"
#include "repo/marker.h"

/*
 * The small files of a copy: marker, inventories, labels, pins.  Each is read
 * whole, checked, and published with the same bytes.
 */

/*
 * Make sure that TO has a marker of the cluster: its own, or FROM's, which is
 * published then.  This host remembers in conf->state_dir that TO has one
 * (lib/FORMAT.md, 9): ERR_REMOTE if it is missing in spite of that, as where
 * the disk is not mounted.  ERR_CONFLICT if the two have segments of another
 * size.  ERR_LOCAL if TO is to be begun and that cannot be remembered.
 */
int	 copysmall_marker(struct archive *to, struct archive *from,
	    const struct copy_conf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Copy the inventories that TO lacks, of signers that the key file has.  One
 * that is not authentic counts for nobody and is left out, as a thief may
 * leave any number of them.
 */
int	 copysmall_vouched(struct archive *to, struct archive *from,
	    struct copy_sum *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Publish the label "l" of FROM in TO.  Returns 0; 1 if FROM has another one by
 * now, or none, which expiry withdrew; or -1: ERR_CONFLICT if TO has another
 * one.
 */
int	 copysmall_label(struct archive *to, struct archive *from,
	    const struct label *l, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Copy the pin of backup "id", if FROM has one that can be read, and TO has the
 * label and nothing in the pin's place.  Without a label, which expiry may have
 * withdrawn by now, a pin would bar it.
 */
int	 copysmall_pin(struct archive *to, struct archive *from,
	    const char *id, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* COPY_COPYSMALL_H */
