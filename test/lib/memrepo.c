/* SPDX-License-Identifier: ISC */
/* A repository's content in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/bytes.h"
#include "memrepo.h"
#include "oldhead.h"
#include "repo/marker.h"
#include "repo/object.h"
#include "testdir.h"

void
memrepo_marker(struct memstore *m, const struct key *push, uint32_t segsize)
{
	struct archive		*a = memstore_open(m, push);
	struct store_get	*get = NULL;
	struct marker		 found;
	struct err		 e = ERR_INIT;

	if (marker_open(&get, a, &e) || marker_ensure(&found, a, get,
	    testdir_path("state"), segsize, &e))
		fail_msg("%s", e.msg);
	store_get_free(get);
	archive_free(a);
}

void
memrepo_object(struct memstore *m, const struct key *push,
    enum head_kind kind, const char *path, const void *p, size_t n)
{
	struct archive	*a = memstore_open(m, push);
	struct sink	*s = NULL;
	struct err	 e = ERR_INIT;

	if (object_sink_open(&s, a, kind, path,
	    (struct codec_spec){ CODEC_NONE, 0 }, NULL, &e) ||
	    sink_write(s, p, n, &e) || sink_finish(s, &e))
		fail_msg("%s", e.msg);
	sink_free(s);
	archive_free(a);
}

void
memrepo_object_at(struct memstore *m, const struct key *push,
    enum head_kind kind, const char *path, const void *p, size_t n,
    int64_t us)
{
	struct bytes_out	 at;
	uint8_t			*head;

	memrepo_object(m, push, kind, path, p, n);
	head = (uint8_t *)memstore_find(m, path)->data;
	at = bytes_out_of(head + 16, 8);
	bytes_put_u64be(&at, (uint64_t)us);
	oldhead_sign(head, (size_t)head[10] << 8 | head[11], push);
}
