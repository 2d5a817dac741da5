/* SPDX-License-Identifier: ISC */
/* pg_control of all versions; damage, poison, unknown versions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "pg/control.h"
#include "pg/crc32c.h"

static void
sample(uint8_t p[CONTROL_SIZE])
{
	FILE	*f;

	f = fopen("test/data/good-pg-control-15", "rb");
	assert_non_null(f);
	assert_int_equal(fread(p, 1, CONTROL_SIZE, f), CONTROL_SIZE);
	(void)fclose(f);
}

static void
put32(uint8_t *p, uint32_t v)
{
	memcpy(p, &v, sizeof(v));
}

/* The sample, changed to what another version would have written. */
static void
sample_of(uint8_t p[CONTROL_SIZE], uint32_t version)
{
	size_t	 crc = version == 1800 ? 292 : 288;

	sample(p);
	put32(p + 8, version);
	if (version == 1800) {
		memmove(p + 257, p + 256, 32);
		p[256] = 1;
		memset(p + 289, 0, 3);
	}
	put32(p + crc, crc32c_update(0, p, crc));
}

static void
seal(uint8_t p[CONTROL_SIZE])
{
	put32(p + 288, crc32c_update(0, p, 288));
}

/* What pg_controldata says of the sample. */
static void
all_versions(void **state)
{
	static const uint32_t	 versions[] = { 1300, 1700, 1800 };
	uint8_t			 p[CONTROL_SIZE];
	struct control		 c;
	size_t			 i, k;

	(void)state;
	for (i = 0; i < 3; i++) {
		struct err	 e = ERR_INIT;

		sample_of(p, versions[i]);
		assert_int_equal(control_parse(p, sizeof(p), &c, &e), 0);
		assert_int_equal(c.version, versions[i]);
		assert_true(c.sysid == UINT64_C(7710977495065270389));
		assert_int_equal(c.catalog, 202209061);
		assert_string_equal(control_state_name(c.state),
		    "in production");
		assert_true(c.checkpoint == 0x10E9828);
		assert_true(c.redo == 0x10E97F0);
		assert_int_equal(c.tli, 1);
		assert_true(c.min_recovery == 0);
		assert_int_equal(c.min_recovery_tli, 0);
		assert_int_equal(c.blcksz, 8192);
		assert_int_equal(c.relseg_size, 131072);
		assert_int_equal(c.wal_blcksz, 8192);
		assert_int_equal(c.wal_segsize, 1048576);
		assert_int_equal(c.checksums, 1);
		assert_true(c.hot.known);
		for (k = 0; k < HOTSETTINGS; k++)
			assert_int_equal(c.hot.value[k],
			    hotsettings_default(k));
	}
}

/* A flipped bit in what the CRC covers, or in the CRC. */
static void
every_bit(void **state)
{
	uint8_t		 p[CONTROL_SIZE];
	struct control	 c;
	size_t		 i;

	(void)state;
	sample(p);
	for (i = 0; i < 292 * 8; i++) {
		struct err	 e = ERR_INIT;

		p[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_int_equal(control_parse(p, sizeof(p), &c, &e), -1);
		/* A damaged version may look like one of the future. */
		assert_true(e.kind == ERR_CORRUPT ||
		    (e.kind == ERR_PG && i / 8 >= 8 && i / 8 < 12));
		p[i / 8] ^= (uint8_t)(1 << i % 8);
	}
}

static void
cut_short(void **state)
{
	uint8_t		 p[CONTROL_SIZE + 1] = { 0 };
	struct control	 c;
	uint64_t	 id;
	size_t		 n;

	(void)state;
	sample(p);
	for (n = 0; n <= sizeof(p); n++) {
		struct err	 e = ERR_INIT;

		if (n == CONTROL_SIZE)
			continue;
		assert_int_equal(control_parse(p, n, &c, &e), -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
		assert_int_equal(control_sysid(p, n, &id, &e), -1);
	}
}

static void
refuses(void **state)
{
	static const struct {
		size_t at; uint32_t v; enum err_kind kind; const char *said;
	} t[] = {
		{ 8, 1201, ERR_PG, "pg_control: version 1201, expected 1300, "
		    "1700 or 1800 (PostgreSQL 13 to 18)" },
		{ 8, 1902, ERR_PG, "pg_control: version 1902, expected 1300, "
		    "1700 or 1800 (PostgreSQL 13 to 18)" },
		{ 8, 0x14050000, ERR_PG, "pg_control: written by a host of "
		    "the other byte order; use a host like the cluster's" },
		{ 8, 0, ERR_CORRUPT,
		    "pg_control: version 0, expected 1300 to 1800" },
		{ 8, 70000, ERR_CORRUPT,
		    "pg_control: version 70000, expected 1300 to 1800" },
		{ 16, 7, ERR_PG, "pg_control: unknown state 7" },
		{ 216, 16384, ERR_PG, "pg_control: data pages of 16384 bytes, "
		    "only 8192 are supported" },
		{ 228, 3 << 20, ERR_PG, "pg_control: WAL segments of 3145728 "
		    "bytes, expected a power of two from 1 MiB to 1 GiB" },
		{ 212, 1, ERR_PG, "pg_control: its layout or its "
		    "floating point format is not this host's; use a host "
		    "like the cluster's" },
	};
	uint8_t		 p[CONTROL_SIZE];
	struct control	 c;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct err	 e = ERR_INIT;

		sample(p);
		put32(p + t[i].at, t[i].v);
		seal(p);
		assert_int_equal(control_parse(p, sizeof(p), &c, &e), -1);
		assert_int_equal(e.kind, t[i].kind);
		assert_string_equal(e.msg, t[i].said);
	}
}

static void
poison(void **state)
{
	static const uint32_t	 versions[] = { 1300, 1700, 1800 };
	uint8_t			 p[CONTROL_SIZE], q[CONTROL_SIZE];
	struct err		 e = ERR_INIT;
	struct control		 c;
	size_t			 i, k, differ;

	(void)state;
	for (i = 0; i < 3; i++) {
		sample_of(p, versions[i]);
		memcpy(q, p, sizeof(p));
		assert_int_equal(control_poison(q, sizeof(q), &e), 0);
		assert_int_equal(control_parse(q, sizeof(q), &c, &e), 0);
		assert_true(c.checkpoint == CONTROL_POISON);
		assert_true(c.redo == 0x10E97F0);
		for (differ = k = 0; k < sizeof(p); k++)
			differ += p[k] != q[k];
		assert_in_range(differ, 3, 12);	/* LSN and CRC, no more */
	}
	p[40] ^= 1;
	memcpy(q, p, sizeof(p));
	assert_int_equal(control_poison(q, sizeof(q), &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_memory_equal(p, q, sizeof(p));
}

static void
sysid_of_later_version(void **state)
{
	uint8_t		 p[CONTROL_SIZE];
	struct err	 e = ERR_INIT;
	uint64_t	 id;

	(void)state;
	sample(p);
	put32(p + 8, 2100);
	assert_int_equal(control_sysid(p, sizeof(p), &id, &e), 0);
	assert_true(id == UINT64_C(7710977495065270389));
	memset(p, 0, 8);
	assert_int_equal(control_sysid(p, sizeof(p), &id, &e), -1);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(all_versions),
		cmocka_unit_test(every_bit),
		cmocka_unit_test(cut_short),
		cmocka_unit_test(refuses),
		cmocka_unit_test(poison),
		cmocka_unit_test(sysid_of_later_version),
	};

	return (cmocka_run_group_tests_name("control", tests, NULL, NULL));
}
