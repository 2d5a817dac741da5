/* SPDX-License-Identifier: ISC */
/* Reads pg_control, which says what cluster this is and what state it is in. */
#include <inttypes.h>

#include "pg/control.h"
#include "pg/crc32c.h"
#include "pg/native.h"
#include "pg/walname.h"

/*
 * The offset of each field in a version's ControlFileData.  PostgreSQL 17
 * stores the checkpoint's wal_level where 16 had padding, and 18 has a new
 * flag before the last fields, so that up to now only the CRC has moved.  A
 * later version gets a line of its own once its layout is known.
 */
struct layout {
	uint32_t	 version;
	uint16_t	 checkpoint, redo, tli, min_recovery, min_recovery_tli;
	uint16_t	 hot, float_format, blcksz, relseg_size, wal_blcksz;
	uint16_t	 wal_segsize, checksums, crc;
};

static const struct layout layouts[] = {
	{ 1300, 32, 40, 48, 136, 144, 180, 208, 216, 220, 224, 228, 252, 288 },
	{ 1700, 32, 40, 48, 136, 144, 180, 208, 216, 220, 224, 228, 252, 288 },
	{ 1800, 32, 40, 48, 136, 144, 180, 208, 216, 220, 224, 228, 252, 292 }
};

static const struct layout *
layout_of(uint32_t version)
{
	size_t	 i;

	for (i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
		if (layouts[i].version == version)
			return (&layouts[i]);
	return (NULL);
}

/*
 * Versions are small numbers, so a large one was written in the other byte
 * order or is damage.
 */
static int
unknown(uint32_t version, struct err *e)
{
	uint32_t	 swapped = __builtin_bswap32(version);

	if (version == 0)
		return (err_set(e, ERR_CORRUPT,
		    "pg_control: version 0, expected 1300 to 1800"));
	if (layout_of(swapped) != NULL)
		return (err_set(e, ERR_PG, "pg_control: written by a host of "
		    "the other byte order; use a host like the cluster's"));
	if (version > 9999)
		return (err_set(e, ERR_CORRUPT, "pg_control: version %" PRIu32
		    ", expected 1300 to 1800", version));
	return (err_set(e, ERR_PG, "pg_control: version %" PRIu32
	    ", expected 1300, 1700 or 1800 (PostgreSQL 13 to 18)", version));
}

static int
find_layout(const uint8_t *p, size_t n, const struct layout **out,
    struct err *e)
{
	const struct layout	*l;
	uint32_t		 crc;

	if (n != CONTROL_SIZE)
		return (err_set(e, ERR_CORRUPT, "pg_control: %zu bytes, "
		    "expected %d", n, CONTROL_SIZE));
	/* The version stands at one place in all, and says where the CRC is. */
	if ((l = layout_of(native_u32(p + 8))) == NULL)
		return (unknown(native_u32(p + 8), e));
	crc = crc32c_update(0, p, l->crc);
	if (crc != native_u32(p + l->crc))
		return (err_set(e, ERR_CORRUPT, "pg_control: CRC %08" PRIX32
		    ", expected %08" PRIX32 "; damaged, or read while it was "
		    "written", native_u32(p + l->crc), crc));
	*out = l;
	return (0);
}

/* The CRC is right, so what is wrong here is not damage: hence ERR_PG. */
static int
check(const struct control *c, uint64_t float_format, struct err *e)
{
	const double	 format = 1234567.0;	/* FLOATFORMAT_VALUE */

	/* As ReadControlFile() in xlog.c does: it also finds another layout. */
	if (memcmp(&float_format, &format, sizeof(format)) != 0)
		return (err_set(e, ERR_PG, "pg_control: its layout or its "
		    "floating point format is not this host's; use a host "
		    "like the cluster's"));
	if ((uint32_t)c->state > CONTROL_PRODUCTION)
		return (err_set(e, ERR_PG, "pg_control: unknown state %" PRIu32,
		    (uint32_t)c->state));
	if (c->blcksz != 8192)
		return (err_set(e, ERR_PG, "pg_control: data pages of %" PRIu32
		    " bytes, only 8192 are supported", c->blcksz));
	if (!walname_segsize_ok(c->wal_segsize))
		return (err_set(e, ERR_PG, "pg_control: WAL segments of %"
		    PRIu32 " bytes, expected a power of two from 1 MiB to "
		    "1 GiB", c->wal_segsize));
	if (c->relseg_size == 0 || c->tli == 0 || c->sysid == 0)
		return (err_set(e, ERR_PG, "pg_control: segment size %" PRIu32
		    ", timeline %" PRIu32 ", system identifier %" PRIu64
		    "; expected none to be 0", c->relseg_size, c->tli,
		    c->sysid));
	return (0);
}

/* The five settings, one behind the other; PostgreSQL's are never negative. */
static void
get_hot(struct hotsettings *h, const uint8_t *p)
{
	size_t	 i;

	h->known = 1;
	for (i = 0; i < HOTSETTINGS; i++) {
		h->value[i] = native_u32(p + 4 * i);
		if (h->value[i] > INT32_MAX)
			h->known = 0;
	}
}

int
control_parse(const uint8_t *p, size_t n, struct control *out, struct err *e)
{
	const struct layout	*l;
	struct control		 c;

	if (find_layout(p, n, &l, e))
		return (-1);
	c.sysid = native_u64(p);
	c.version = l->version;
	c.catalog = native_u32(p + 12);
	c.state = (enum control_state)native_u32(p + 16);
	c.checkpoint = native_u64(p + l->checkpoint);
	c.redo = native_u64(p + l->redo);
	c.tli = native_u32(p + l->tli);
	c.min_recovery = native_u64(p + l->min_recovery);
	c.min_recovery_tli = native_u32(p + l->min_recovery_tli);
	c.blcksz = native_u32(p + l->blcksz);
	c.relseg_size = native_u32(p + l->relseg_size);
	c.wal_blcksz = native_u32(p + l->wal_blcksz);
	c.wal_segsize = native_u32(p + l->wal_segsize);
	c.checksums = native_u32(p + l->checksums);
	get_hot(&c.hot, p + l->hot);
	if (check(&c, native_u64(p + l->float_format), e))
		return (-1);
	*out = c;
	return (0);
}

int
control_poison(uint8_t *p, size_t n, struct err *e)
{
	const uint64_t		 nowhere = CONTROL_POISON;
	const struct layout	*l;
	struct control		 c;
	uint32_t		 crc;

	/* Only what is sound is changed: the new CRC would hide damage. */
	if (control_parse(p, n, &c, e) || find_layout(p, n, &l, e))
		return (-1);
	memcpy(p + l->checkpoint, &nowhere, sizeof(nowhere));
	crc = crc32c_update(0, p, l->crc);
	memcpy(p + l->crc, &crc, sizeof(crc));
	return (0);
}

int
control_sysid(const uint8_t *p, size_t n, uint64_t *out, struct err *e)
{
	if (n != CONTROL_SIZE)
		return (err_set(e, ERR_CORRUPT, "pg_control: %zu bytes, "
		    "expected %d", n, CONTROL_SIZE));
	if (native_u64(p) == 0)
		return (err_set(e, ERR_CORRUPT,
		    "pg_control: system identifier 0"));
	*out = native_u64(p);
	return (0);
}

const char *
control_state_name(enum control_state s)
{
	switch (s) {
	case CONTROL_STARTUP:
		return ("starting up");
	case CONTROL_SHUT_DOWN:
		return ("shut down");
	case CONTROL_SHUT_DOWN_IN_RECOVERY:
		return ("shut down in recovery");
	case CONTROL_SHUTTING_DOWN:
		return ("shutting down");
	case CONTROL_CRASH_RECOVERY:
		return ("in crash recovery");
	case CONTROL_ARCHIVE_RECOVERY:
		return ("in archive recovery");
	case CONTROL_PRODUCTION:
		return ("in production");
	}
	return ("unknown");
}
