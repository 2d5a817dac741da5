/* SPDX-License-Identifier: ISC */
#ifndef REPO_OBJECT_H
#define REPO_OBJECT_H

#include <stdint.h>

#include "codec/codec.h"
#include "crypt/head.h"
#include "repo/archive.h"
#include "repo/sealed.h"
#include "stream/sink.h"

/*
 * Objects that are one sealed stream (lib/FORMAT.md, 4): WAL files and
 * manifests.
 */
struct object_info {
	struct head	 head;
	uint64_t	 stored;	/* bytes of the object's file */
	uint8_t		 head_hash[HASH_LEN];	/* of the header's bytes */
	int		 was_there;	/* the name was taken, by the same
					 * content: nothing was published */
};

/*
 * Put an object: open the pipeline from plaintext to the repository.  What is
 * written to it is compressed, sealed and sent.  sink_finish() publishes it
 * under "path", and returns 0 only once it is durable.  If the name is taken,
 * sink_finish() compares contents: the same is success, other content is
 * ERR_CONFLICT and the message describes both.
 *
 * "info" may be NULL; sink_finish() sets it.
 */
int	 object_sink_open(struct sink **, struct archive *, enum head_kind,
	    const char *path, struct codec_spec, struct object_info *info,
	    struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 4, 7)));

/*
 * The same in steps, so that several objects can be on their way over one
 * connection:
 *
 *	object_put_open()	asks for a temporary file, does not wait
 *	object_put_sink()	sets *top to the pipeline, to be written to;
 *				the put owns it
 *	object_put_facts()	if there are any, of an object of kind
 *				HEAD_WAL: FORMAT.md, 4
 *	object_put_end()	instead of sink_finish(): sends what is left
 *	object_put_step()	to be called until it returns 0
 *
 * object_put_step() does what the answers that came allow, without waiting,
 * as store_put_step() does.  It returns 0 once the content is durable under
 * its name, also if it was before; 1 if answers are awaited (store_wait());
 * or -1.  If the name is taken it does wait, for the header of what is there.
 *
 * The compressor's memory is in use between object_put_sink() and
 * object_put_end() only.
 */
struct object_put;

int	 object_put_open(struct object_put **, struct archive *,
	    enum head_kind, const char *path, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 object_put_sink(struct object_put *, struct codec_spec,
	    struct sink **top, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 object_put_facts(struct object_put *,
	    const uint8_t facts[HEAD_FACTS_LEN]) __attribute__((nonnull));
int	 object_put_end(struct object_put *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 object_put_step(struct object_put *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The same for bytes that go into several repositories (repo/sealed.h).
 *
 *	object_put_seal()	instead of object_put_sink(): what is written
 *				is sealed and kept
 *	object_put_sealed()	instead of object_put_end(): *out gets all of
 *				it, and nothing was sent
 *	object_put_copy()	sends "n" bytes of a payload from "off" on
 *	object_put_copied()	instead of object_put_end(), once all of it was
 *				sent
 *
 * The last two are for bytes that were sealed here or for another repository,
 * for the same cluster and path and with the same key; else ERR_LOCAL.
 */
int	 object_put_seal(struct object_put *, struct codec_spec,
	    struct sink **top, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 object_put_sealed(struct object_put *, struct sealed **out,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 object_put_copy(struct object_put *, const struct sealed *, size_t off,
	    size_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 object_put_copied(struct object_put *, const struct sealed *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* As store_put_named(). */
int	 object_put_named(const struct object_put *) __attribute__((nonnull));

/* Also abandons a put that is not done.  NULL is fine. */
void	 object_put_free(struct object_put *);

/*
 * Whether an object that is there has the same content as "ours", both for
 * "path"; versions, sizes, tags and signers are compared.  Returns 0 or -1:
 *
 *   - ERR_CONFLICT if the contents differ, or if another key signed, since its
 *     tags cannot be compared with ours.
 *   - ERR_REMOTE if one has format version 1, whose tags cannot be compared
 *     with later ones.  A retry helps: the next push of a WAL file computes
 *     its tag in the version that it finds.
 */
int	 object_same(const struct head *there, const struct head *ours,
	    const char *path, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Read and check the header of the object at "path", and compare the file's
 * size with the one that the header says.  "get" is from store_get_open() for
 * that path, and nothing was asked of it yet.  Returns 0; 1 if there is no
 * such object; or -1, ERR_CORRUPT if it is not authentic or not whole.
 */
int	 object_head(struct head *, struct archive *, struct store_get *get,
	    enum head_kind, const char *path, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The same in steps, so that many are on their way at once.  store_get_ready()
 * says when object_head_ask(), and after it object_head_take(), will not wait.
 * Both return as object_head() does.
 */
int	 object_head_ask(struct store_get *get, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 object_head_take(struct head *, struct archive *,
	    struct store_get *get, enum head_kind, const char *path,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * As object_head_take() of a WAL file, and open the facts in its header.  *any
 * says whether there are any that the archive's key can open, which takes a
 * .restore key.  ERR_CORRUPT also if they are not this object's.
 */
int	 object_head_facts(struct head *, uint8_t facts[HEAD_FACTS_LEN],
	    int *any, struct archive *, struct store_get *get,
	    const char *path, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Fetch the object at "path" into *dst, which is finished on success.  "get"
 * is as above; info->was_there is not set.  Returns 0; 1 if there is no such
 * object (nothing was written to *dst then); or -1.
 *
 * Bytes reach *dst only after they were authenticated, and *dst is finished
 * only if all of them were, to the size that was signed.  Stages are stacked
 * on *dst: the caller must free it in any case.
 */
int	 object_fetch(struct object_info *info, struct archive *,
	    struct store_get *get, enum head_kind, const char *path,
	    struct sink **dst, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The same for a "get" of which the whole file was asked already (from 0,
 * STORE_TO_END), so that several objects can be on their way at once.
 */
int	 object_take(struct object_info *info, struct archive *,
	    struct store_get *get, enum head_kind, const char *path,
	    struct sink **dst, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The same, and the facts in the header as object_head_facts() has them; but
 * ones that do not open are ERR_CORRUPT or ERR_CONFIG.
 */
int	 object_take_facts(struct object_info *info, uint8_t *facts, int *any,
	    struct archive *, struct store_get *get, enum head_kind,
	    const char *path, struct sink **dst, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 4, 5, 7, 8, 9)));

#endif /* REPO_OBJECT_H */
