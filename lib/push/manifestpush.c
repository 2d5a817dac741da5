/* SPDX-License-Identifier: ISC */
/*
 * The finished manifest: to the repository, and by the same write to this
 * host, so that the two cannot differ.
 */
#include <string.h>

#include "push/manifestpush.h"
#include "repo/layout.h"
#include "repo/object.h"

int
manifestpush_run(struct lastmanifest_writer **copy, struct err *why,
    struct connection *w, struct manifestspool *spool, struct label *l,
    const char *state_dir, uint32_t last_pack, struct err *e)
{
	const struct codec_spec	 codec = { CODEC_ZSTD, 3 };
	struct object_info	 info;
	struct sink		*s = NULL;
	char			 path[LAYOUT_PATH];
	int			 rc = -1;

	*copy = NULL;
	if (connection_up(w, e) ||
	    object_sink_open(&s, w->a, HEAD_MANIFEST,
	    layout_manifest(path, l->id), codec, &info, e))
		goto out;
	if (lastmanifest_begin(copy, w->a, state_dir, why) == 0 &&
	    lastmanifest_tee_stack(&s, *copy, e))
		goto out;
	if (manifestspool_write(spool, s, e) ||
	    sink_finish(s, e) ||
	    manifestspool_packs(spool, last_pack, l, e))
		goto out;
	memcpy(l->manifest_hash, info.head_hash, HASH_LEN);
	l->manifest_size = info.stored;
	l->stored_size += info.stored;
	rc = 0;
out:
	sink_free(s);
	return (rc);
}

int
manifestpush_keep(struct lastmanifest_writer *w, struct manifestfacts facts,
    const struct label *l, struct err *e)
{
	memcpy(facts.manifest_hash, l->manifest_hash, HASH_LEN);
	return (lastmanifest_publish(w, &facts, e));
}
