/* SPDX-License-Identifier: ISC */
#ifndef REPO_OBJECT_H
#define REPO_OBJECT_H

#include <stdint.h>

#include "codec/codec.h"
#include "crypt/head.h"
#include "repo/archive.h"
#include "stream/sink.h"

/*
 * Objects that are one sealed stream (lib/FORMAT.md, 4): WAL files and
 * manifests.
 *
 * Putting: the pipeline from plaintext to the repository.  Writing to it
 * compresses, seals and sends; sink_finish() publishes under "path" and
 * returns 0 only once that is durable.  If the name is taken then, it looks
 * at what is there: the same content is success, other content is
 * ERR_CONFLICT, and the message names both.
 *
 * *info is filled by sink_finish(); it may be NULL there.
 */
struct object_info {
	struct head	 head;
	uint64_t	 stored;	/* bytes of the object's file */
	uint8_t		 head_hash[HASH_LEN];	/* of the header's bytes */
	int		 was_there;	/* nothing was published: same content */
};

int	 object_sink_open(struct sink **, struct archive *, enum head_kind,
	    const char *path, struct codec_spec, struct object_info *,
	    struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 4, 7)));

/*
 * The same in steps, so that several can be on their way.
 *
 *	object_put_open()	asks for a temporary file, does not wait
 *	object_put_sink()	the pipeline, to be written to; owned by the put
 *	object_put_end()	instead of sink_finish(): sends all that is left
 *	object_put_step()	until it returns 0
 *
 * object_put_step() goes on without waiting, as store_put_step() does: 0 when
 * the content is durable under its name, also if it was before; 1 if answers
 * are awaited (store_wait()); or -1.  Where the name is taken it waits for
 * what is there.  The compressor's memory is used between object_put_sink()
 * and object_put_end() only.
 */
struct object_put;

int	 object_put_open(struct object_put **, struct archive *,
	    enum head_kind, const char *path, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 object_put_sink(struct object_put *, struct codec_spec,
	    struct sink **, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 object_put_end(struct object_put *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 object_put_step(struct object_put *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
/* As store_put_named(). */
int	 object_put_named(const struct object_put *) __attribute__((nonnull));
void	 object_put_free(struct object_put *);		/* NULL is fine */

/*
 * Whether an object that is there has the same content as "ours", at the same
 * path (size, tag and signer are compared): 0, or -1 with ERR_CONFLICT that
 * names both.  Tags of two versions can't be compared: ERR_REMOTE, since the
 * next push of a WAL file makes its tag as the one that is there.
 */
int	 object_same(const struct head *there, const struct head *ours,
	    const char *path, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Read and check the header of what lies at "path", and that the file has the
 * size that it says.  Returns 0, 1 if there is no such object, or -1.  "get" is an open read of that path that nothing
 * was asked of yet.
 */
int	 object_head(struct head *, struct archive *, struct store_get *get,
	    enum head_kind, const char *path, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Fetch an object into *dst, which is finished on success.  *dst is replaced
 * by the stages stacked on it: free it in any case.  Returns 0, 1 if there
 * is no such object (nothing was written to *dst), or -1.  Bytes reach *dst
 * only after they were authenticated; *dst is finished only if all of them
 * were, to the signed size.  "get" is as above; was_there is not set.
 */
int	 object_fetch(struct object_info *, struct archive *, struct store_get *get,
	    enum head_kind, const char *path, struct sink **dst,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * The same for a "get" of which all was asked already (0, STORE_TO_END), so
 * that several are on their way at once.
 */
int	 object_take(struct object_info *, struct archive *, struct store_get *get,
	    enum head_kind, const char *path, struct sink **dst,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* REPO_OBJECT_H */
