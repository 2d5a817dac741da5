/* SPDX-License-Identifier: ISC */
/*
 * Open objects.  The first byte chooses whether the rest is a file, whose
 * signatures no fuzzer can make, or what lies behind an authentic header, or
 * pieces that are sealed and signed here first, as a thief of the key would.
 * Nothing but what was written here may come out.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypt/keygen.h"
#include "crypt/openframe.h"
#include "store/backend.h"
#include "wal/openread.h"

#define SEG	(UINT32_C(1) << 20)
#define PATH	"wal/00000001/00000000/000000010000000000000001.open-001"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* A store of one object. */
static uint8_t	*object;
static size_t	 object_n, object_at;
static struct key	*push, *restore;

static struct store_get	 the_get;

static int
get_open(struct store_get **out, struct store *s, const char *path,
    struct err *e)
{
	(void)path;
	(void)e;
	the_get.store = s;
	object_at = 0;
	*out = &the_get;
	return (0);
}

static int
get_size(struct store_get *g, uint64_t *size, struct err *e)
{
	(void)g;
	(void)e;
	*size = object_n;
	return (0);
}

static int
get_ask(struct store_get *g, uint64_t off, uint64_t n, struct err *e)
{
	(void)g;
	(void)off;
	(void)n;
	(void)e;
	return (0);
}

static int
get_take(struct store_get *g, void *buf, size_t n, size_t *got,
    struct err *e)
{
	(void)g;
	(void)e;
	*got = n < object_n - object_at ? n : object_n - object_at;
	memcpy(buf, object + object_at, *got);
	object_at += *got;
	return (0);
}

static void
get_free(struct store_get *g)
{
	(void)g;
}

static const struct store_ops	 ops = {
	.get_open = get_open, .get_size = get_size, .get_ask = get_ask,
	.get_take = get_take, .get_free = get_free
};

static int
sink_count(struct sink *s, const void *p, size_t n, struct err *e)
{
	(void)s;
	(void)p;
	(void)n;
	(void)e;
	return (0);
}

static const struct sink_ops	 sink_ops = { sink_count, NULL, NULL };

static void
fresh_keys(void)
{
	struct key	**const key[] = { &push, &restore, NULL };
	struct err	 e = ERR_INIT;
	char		 dir[] = "/tmp/fuzz_openread.XXXXXX", base[64];
	char		 path[72];
	static const char *const end[] = { "push", "restore", "public" };
	size_t		 i;

	if (mkdtemp(dir) == NULL)
		abort();
	(void)snprintf(base, sizeof(base), "%s/k", dir);
	if (keygen_files(base, NULL, &e))
		abort();
	for (i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), "%s.%s", base, end[i]);
		if (key[i] != NULL && key_load(key[i], path, NULL, &e))
			abort();
		(void)unlink(path);
	}
	(void)rmdir(dir);
}

static void
add(const uint8_t *p, size_t n)
{
	memcpy(object + object_n, p, n);
	object_n += n;
}

/* Pieces: two bytes for how much WAL one says it is, two for its length. */
static void
make_frames(struct openframe *f, const uint8_t *p, size_t n)
{
	const uint8_t	*frame;
	uint64_t	 lsn = SEG;
	size_t		 len, wal, frame_n;

	for (; n > 4; p += len, n -= len) {
		wal = 1 + (size_t)(p[0] << 8 | p[1]);
		len = 1 + (size_t)(p[2] << 8 | p[3]);
		p += 4;
		n -= 4;
		if (len > n)
			len = n;
		openframe_seal(f, lsn, (uint32_t)wal, p, len, &frame,
		    &frame_n);
		add(frame, frame_n);
		lsn += wal;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct store	 store = { .ops = &ops };
	static struct archive	 a = { .store = &store, .server = "main",
				    .system_id = 7 };
	static const struct walname	 segment = {
		.kind = WALNAME_SEGMENT, .tli = 1, .seg = 1
	};
	struct head_place	 at = { "main", 7, PATH };
	struct openread_run	 run, end;
	struct openframe	*f = NULL;
	struct sink		 sink = { .ops = &sink_ops };
	struct head		 h;
	struct err		 e = ERR_INIT, e2 = ERR_INIT;
	int			 manner, rc;

	if (push == NULL)
		fresh_keys();
	if (n < 2)
		return (0);
	manner = p[0] % 3;
	/* A frame of five bytes grows by 98. */
	if ((object = malloc(4096 + 32 * n)) == NULL)
		abort();
	object_n = 0;
	if (manner > 0) {
		if (head_begin(&h, HEAD_OPEN, &at, push, &e))
			abort();
		h.codec = p[1] % 2 == 0 ? 0 : 2;
		if (openframe_begin(&f, object, &object_n, &h, &at, push,
		    &e))
			abort();
	}
	if (manner == 2)
		make_frames(f, p + 2, n - 2);
	else
		add(p + 2, n - 2);
	openframe_free(f);
	a.key = restore;
	rc = openread_wal(&run, &a, &segment, SEG, 1, &sink, &e);
	a.key = push;
	if (openread_end(&end, &a, &segment, SEG, 1, &e2) != rc)
		abort();
	if (rc == 0 && (run.end > end.end || end.end > run.start + SEG ||
	    run.stored > object_n || (manner != 2 && end.end > end.start)))
		abort();
	free(object);
	return (0);
}
