/* SPDX-License-Identifier: ISC */
/* WAL that a test makes, record by record. */
#include <stdio.h>
#include <string.h>

#include "pg/crc32c.h"
#include "walmake.h"

#define PAGE	1024
#define EPOCH	INT64_C(946684800000000)

uint8_t	 walmake_wal[WALMAKE_SEGMENTS * WALMAKE_SEG];

static size_t	 at;

static void
page(uint32_t left)
{
	const uint16_t	 magic = 0xD110;
	const uint16_t	 info = (uint16_t)((at % WALMAKE_SEG == 0 ? 2 : 0) |
	    (left > 0 ? 1 : 0));
	const uint32_t	 blcksz = PAGE, segsize = WALMAKE_SEG, tli = 7;

	memcpy(walmake_wal + at, &magic, 2);
	memcpy(walmake_wal + at + 2, &info, 2);
	memcpy(walmake_wal + at + 4, &tli, 4);
	memcpy(walmake_wal + at + 16, &left, 4);
	if (at % WALMAKE_SEG == 0) {
		memcpy(walmake_wal + at + 32, &segsize, 4);
		memcpy(walmake_wal + at + 36, &blcksz, 4);
	}
	at += at % WALMAKE_SEG == 0 ? 40 : 24;
}

void
walmake_begin(void)
{
	memset(walmake_wal, 0, sizeof(walmake_wal));
	at = 0;
	page(0);
}

uint32_t
walmake_record(unsigned rmid, unsigned info, uint32_t xid, const void *data,
    size_t n)
{
	uint8_t		 r[4096] = { 0 };
	const uint32_t	 total = (uint32_t)(24 + 5 + n), n4 = (uint32_t)n;
	const size_t	 from = at;
	uint32_t	 crc, i, k;

	memcpy(r, &total, 4);
	memcpy(r + 4, &xid, 4);
	r[16] = (uint8_t)info;
	r[17] = (uint8_t)rmid;
	r[24] = 254;
	memcpy(r + 25, &n4, 4);
	memcpy(r + 29, data, n);
	crc = crc32c_update(crc32c_update(0, r + 24, total - 24), r, 20);
	memcpy(r + 20, &crc, 4);
	for (i = 0; i < total; i += k, at += k) {
		if (at % PAGE == 0)
			page(total - i);
		k = (uint32_t)(PAGE - at % PAGE);
		if (k > total - i)
			k = total - i;
		memcpy(walmake_wal + at, r + i, k);
	}
	at = (at + 7) / 8 * 8;
	if (at % PAGE == 0 && at < sizeof(walmake_wal))
		page(0);
	return ((uint32_t)from);
}

uint32_t
walmake_end(unsigned op, uint32_t xid, int64_t us)
{
	us -= EPOCH;
	return (walmake_record(1, op, xid, &us, 8));
}

uint32_t
walmake_point(const char *name, int64_t us)
{
	uint8_t	 data[72] = { 0 };

	us -= EPOCH;
	memcpy(data, &us, 8);
	(void)snprintf((char *)data + 8, 64, "%s", name);
	return (walmake_record(0, 0x70, 0, data, sizeof(data)));
}

uint32_t
walmake_space(uint32_t oid, const char *path)
{
	uint8_t	 data[1024] = { 0 };

	memcpy(data, &oid, 4);
	memcpy(data + 4, path, strlen(path));
	return (walmake_record(5, 0, 1, data, 4 + strlen(path) + 1));
}

void
walmake_fill(size_t to)
{
	static const uint8_t	 none[96];

	while (at / PAGE != (to - 1) / PAGE || to - at >= 96)
		(void)walmake_record(10, 0, 1, none, 32 - 29);
	(void)walmake_record(10, 0, 1, none, to - at - 29);
}

void
walmake_leave(void)
{
	const size_t	 seg = at / WALMAKE_SEG;

	(void)walmake_record(0, 0x40, 0, "", 0);
	at = (seg + 1) * WALMAKE_SEG;
	if (at < sizeof(walmake_wal))
		page(0);
}
