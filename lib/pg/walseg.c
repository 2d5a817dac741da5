/* SPDX-License-Identifier: ISC */
/* Reads the header of a WAL segment, and checks what file it belongs to. */
#include <inttypes.h>

#include "pg/lsn.h"
#include "pg/native.h"
#include "pg/walseg.h"

#define LONG_HEADER	0x0002		/* XLP_LONG_HEADER */
#define OLDEST_MAGIC	0xD106		/* PostgreSQL 13 */

struct walseg
walseg_parse(const uint8_t h[WALSEG_HEADER])
{
	struct walseg	 s;

	s.magic = native_u16(h);
	s.info = native_u16(h + 2);
	s.tli = native_u32(h + 4);
	s.pageaddr = native_u64(h + 8);
	/* At 16: the bytes left of a record that began before; padding. */
	s.sysid = native_u64(h + 24);
	s.segsize = native_u32(h + 32);
	s.blcksz = native_u32(h + 36);
	return (s);
}

int
walseg_blcksz_ok(uint32_t n)
{
	return (n >= 1024 && n <= 65536 && (n & (n - 1)) == 0);
}

/* XLOG_PAGE_MAGIC in xlog_internal.h of each version. */
unsigned
walseg_major(uint16_t magic)
{
	static const struct { uint16_t magic; unsigned major; } known[] = {
		{ 0xD106, 13 }, { 0xD10D, 14 }, { 0xD110, 15 },
		{ 0xD113, 16 }, { 0xD116, 17 }, { 0xD118, 18 }
	};
	size_t	 i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].magic == magic)
			return (known[i].major);
	return (0);
}

/* Whether the file starts with a page that begins a segment. */
static int
check_page(const struct walseg *s, const char *name, struct err *e)
{
	if (s->magic == 0 && s->info == 0 && s->pageaddr == 0)
		return (err_set(e, ERR_CORRUPT, "%s: starts with zeros, "
		    "expected a WAL page; it was never written", name));
	if (s->magic < OLDEST_MAGIC)
		return (err_set(e, ERR_CORRUPT, "%s: WAL page magic %04X, "
		    "expected %04X (PostgreSQL 13) or later", name, s->magic,
		    OLDEST_MAGIC));
	if ((s->info & LONG_HEADER) == 0)
		return (err_set(e, ERR_CORRUPT, "%s: its first page has no "
		    "segment header (flags %04X)", name, s->info));
	return (0);
}

/* Whether the segment is the one that the name says. */
static int
check_place(const struct walseg *s, const struct walname *w, uint32_t segsize,
    const char *name, struct err *e)
{
	char	 found[LSN_TEXT], want[LSN_TEXT];

	if (s->segsize != segsize)
		return (err_set(e, ERR_CORRUPT, "%s: header says segments of "
		    "%" PRIu32 " bytes, expected %" PRIu32, name, s->segsize,
		    segsize));
	if (!walseg_blcksz_ok(s->blcksz))
		return (err_set(e, ERR_CORRUPT, "%s: header says WAL pages of "
		    "%" PRIu32 " bytes, expected a power of two from 1024 to "
		    "65536", name, s->blcksz));
	if (s->pageaddr != walname_lsn(w, segsize))
		return (err_set(e, ERR_CORRUPT, "%s: header says it starts at "
		    "%s, expected %s; this is another segment's content", name,
		    lsn_format(found, s->pageaddr),
		    lsn_format(want, walname_lsn(w, segsize))));
	if (s->tli == 0 || s->tli > w->tli)
		return (err_set(e, ERR_CORRUPT, "%s: header says timeline %"
		    PRIu32 ", expected %" PRIu32 " or one of its ancestors",
		    name, s->tli, w->tli));
	return (0);
}

int
walseg_check(const struct walseg *s, const struct walname *w, uint64_t sysid,
    uint32_t segsize, struct err *e)
{
	char	 name[WALNAME_TEXT];

	if (walname_check(w, segsize, e))
		return (-1);
	(void)walname_format(name, w);
	if (w->kind != WALNAME_SEGMENT && w->kind != WALNAME_PARTIAL)
		return (err_set(e, ERR_CORRUPT, "%s: expected the name of "
		    "a segment or a .partial file", name));
	if (check_page(s, name, e))
		return (-1);
	/*
	 * Before the place, which differs as well in another cluster's file.
	 */
	if (s->sysid != sysid)
		return (err_set(e, ERR_CONFLICT, "%s: belongs to the cluster "
		    "with system identifier %" PRIu64 ", expected %" PRIu64,
		    name, s->sysid, sysid));
	return (check_place(s, w, segsize, name, e));
}
