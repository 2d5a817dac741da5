/* SPDX-License-Identifier: ISC */
#ifndef REPO_PAYLOADCHECK_H
#define REPO_PAYLOADCHECK_H

#include "crypt/head.h"
#include "store/store.h"
#include "stream/sink.h"

/*
 * A stage for the stored payload of an object, in front of the stage that
 * unseals it.  It passes the bytes on as they are and hashes them.  Its
 * finish fails with ERR_CORRUPT, before the stages behind it are finished,
 * unless the bytes were as many as the header says and have the hash that
 * was signed.
 *
 * "h" must outlive the sink.  On failure *dst may have a stage more than
 * before; one sink_free(*dst) is right in any case.
 */
int	 payloadcheck_stack(struct sink **dst, const struct head *h,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Take the payload of the object that "h" is the header of, through that stage,
 * into *dst, which is finished on success.  For whoever cannot unseal it.
 * "get" is from store_get_open(), and nothing was asked of it yet.  Returns 0;
 * 1 if there is no such object any more; or -1.  The caller frees *dst in any
 * case.
 */
int	 payloadcheck_read(struct sink **dst, struct store_get *get,
	    const struct head *h, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* REPO_PAYLOADCHECK_H */
