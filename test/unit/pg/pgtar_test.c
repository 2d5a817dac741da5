/* SPDX-License-Identifier: ISC */
/* The tar of BASE_BACKUP: what it may hold, and everything else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "pg/pgtar.h"

/* An archive in the making, and what a reader said of it. */
static uint8_t	 tar[64 * 1024];
static size_t	 tar_len;
static char	 said[4096];

static void
say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void
say(const char *fmt, ...)
{
	va_list	 ap;
	size_t	 n = strlen(said);

	va_start(ap, fmt);
	(void)vsnprintf(said + n, sizeof(said) - n, fmt, ap);
	va_end(ap);
}

static int
entry(void *arg, const struct pgtar_entry *en, struct err *e)
{
	(void)arg;
	(void)e;
	say("%c %s%s%s %o %" PRIu64 " %" PRId64 "\n", "fdl"[en->type],
	    en->path, en->target[0] != '\0' ? " > " : "", en->target,
	    en->mode, en->size, en->mtime);
	return (0);
}

static int
data(void *arg, const void *p, size_t n, struct err *e)
{
	(void)arg;
	(void)e;
	assert_true(n > 0);
	say("%.*s", (int)n, (const char *)p);
	return (0);
}

static int
done(void *arg, struct err *e)
{
	(void)arg;
	(void)e;
	say(".\n");
	return (0);
}

static const struct pgtar_events events = { entry, data, done };

/* Read it in pieces of "step" bytes. */
static int
read_it(size_t step, struct err *e)
{
	struct pgtar	 t;
	size_t		 at, n;

	said[0] = '\0';
	pgtar_begin(&t, &events, NULL);
	for (at = 0; at < tar_len; at += n) {
		n = tar_len - at < step ? tar_len - at : step;
		if (pgtar_add(&t, tar + at, n, e))
			return (-1);
	}
	return (pgtar_end(&t, e));
}

/* The sum of the last header, at its end. */
static void
sum(uint8_t *h)
{
	unsigned	 i, n = 0;

	memset(h + 148, ' ', 8);
	for (i = 0; i < 512; i++)
		n += h[i];
	(void)snprintf((char *)h + 148, 8, "%06o", n);
	h[155] = ' ';
}

static uint8_t *
add_header(char type, const char *name, const char *target, unsigned mode,
    uint64_t size)
{
	uint8_t	*h = tar + tar_len;

	memset(h, 0, 512);
	memcpy(h, name, strlen(name));
	(void)snprintf((char *)h + 100, 8, "%06o ", mode);
	(void)snprintf((char *)h + 108, 8, "%06o ", 04000);
	(void)snprintf((char *)h + 116, 8, "%06o ", 02000);
	(void)snprintf((char *)h + 124, 12, "%010" PRIo64 " ", size);
	(void)snprintf((char *)h + 136, 12, "%011o", 1700000000);
	h[156] = (uint8_t)type;
	memcpy(h + 157, target, strlen(target));
	memcpy(h + 257, "ustar\00000", 8);
	sum(h);
	tar_len += 512;
	return (h);
}

static void
add_content(const char *s)
{
	size_t	 n = strlen(s), all = (n + 511) / 512 * 512;

	memset(tar + tar_len, 0, all);
	memcpy(tar + tar_len, s, n);
	tar_len += all;
}

static void
add_zeros(size_t n)
{
	memset(tar + tar_len, 0, n);
	tar_len += n;
}

static void
small(void)
{
	tar_len = 0;
	(void)add_header('0', "backup_label", "", 0600, 6);
	add_content("START\n");
	(void)add_header('5', "./base/", "", 0700, 0);
	(void)add_header('0', "base/empty", "", 0640, 0);
	(void)add_header('2', "pg_tblspc/16400/", "/mnt/a", 0777, 0);
	add_zeros(1024);
}

static void
whole(void **state)
{
	struct err	 e = ERR_INIT;
	size_t		 step;

	(void)state;
	small();
	for (step = 1; step < 3000; step += step < 600 ? 1 : 97) {
		assert_int_equal(read_it(step, &e), 0);
		if (step >= 6)
			assert_string_equal(said,
			    "f backup_label 600 6 1700000000\nSTART\n.\n"
			    "d base 700 0 1700000000\n"
			    "f base/empty 640 0 1700000000\n.\n"
			    "l pg_tblspc/16400 > /mnt/a 777 0 1700000000\n");
	}
	tar_len -= 1024;		/* as PostgreSQL 13 and 14 end it */
	assert_int_equal(read_it(999, &e), 0);
	tar_len = 0;
	assert_int_equal(read_it(1, &e), 0);
}

/* Between members an archive may end, since 13 and 14 end there. */
static void
every_cut(void **state)
{
	struct err	 e;
	size_t		 all, ok = 0;

	(void)state;
	small();
	all = tar_len;
	for (tar_len = 0; tar_len < all; tar_len++) {
		e = (struct err)ERR_INIT;
		if (read_it(4096, &e) == 0)
			ok++;
		else
			assert_int_equal(e.kind, ERR_CORRUPT);
	}
	assert_int_equal(ok, 1 + 4);
}

/* A flipped bit of a header shows, wherever it is. */
static void
every_bit(void **state)
{
	struct err	 e;
	size_t		 bit;

	(void)state;
	small();
	for (bit = 0; bit < 512 * 8; bit++) {
		tar[bit / 8] ^= (uint8_t)(1 << bit % 8);
		e = (struct err)ERR_INIT;
		if (read_it(4096, &e) == 0 && (bit < 148 * 8 ||
		    bit >= 156 * 8))
			fail_msg("bit %zu was not seen", bit);
		tar[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static void
refused(const char *what)
{
	struct err	 e = ERR_INIT;

	assert_int_equal(read_it(4096, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	if (strstr(e.msg, what) == NULL)
		fail_msg("found \"%s\", expected \"%s\"", e.msg, what);
}

static void
hostile(void **state)
{
	static const char *const paths[] = { "/etc/passwd", "../x", "a/../b",
	    "a//b", "././a", "./", "./..", ".", "..", "", "a/" };
	static const char types[] = "13467LKxgSV\0";
	uint8_t		*h;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		tar_len = 0;
		(void)add_header('0', paths[i], "", 0600, 0);
		refused("not a path inside");
	}
	for (i = 0; i < sizeof(types); i++) {
		tar_len = 0;
		(void)add_header(types[i], "a", "b", 0600, 0);
		refused("neither file nor directory");
	}
	tar_len = 0;
	(void)add_header('5', "a/", "", 0700, 1);
	refused("has content");
	tar_len = 0;
	(void)add_header('2', "a/", "", 0700, 0);
	refused("wrong target");
	tar_len = 0;
	(void)add_header('0', "a", "b", 0700, 0);
	refused("wrong target");
	tar_len = 0;
	h = add_header('0', "a", "", 0700, 0);
	memset(h + 124, '9', 11);
	sum(h);
	refused("no number");
	tar_len = 0;
	h = add_header('0', "a", "", 0700, 0);
	memset(h + 124, 0xff, 12);
	sum(h);
	refused("no number");
	tar_len = 0;
	(void)add_header('0', "a", "", 0700, 3);
	add_content("abc");
	tar[tar_len - 1] = 1;
	refused("behind a member's content");
	small();
	(void)add_header('0', "a", "", 0700, 0);
	refused("behind the end");
	tar_len = 0;
	add_zeros(512);
	refused("cut short");
	tar_len = 0;
	memset(add_header('0', "a", "", 0700, 0) + 257, ' ', 8);
	sum(tar);
	refused("no header");
}

/* Names that fill their field, a prefix, and 8 GiB and more. */
static void
long_ones(void **state)
{
	struct err	 e = ERR_INIT;
	char		 name[101], want[400];
	uint8_t		*h;

	(void)state;
	memset(name, 'n', 100);
	name[100] = '\0';
	tar_len = 0;
	(void)add_header('0', name, "", 0600, 0);
	h = add_header('2', name, name, 0600, 0);
	memset(h + 345, 'p', 155);
	sum(h);
	assert_int_equal(read_it(4096, &e), 0);
	memset(want, 0, sizeof(want));
	(void)snprintf(want, sizeof(want), "f %s 600 0 1700000000\n.\nl ",
	    name);
	memset(want + strlen(want), 'p', 155);
	(void)snprintf(want + strlen(want), 210, "/%s > ", name);
	assert_memory_equal(said, want, strlen(want));

	tar_len = 0;
	h = add_header('0', "big", "", 0600, 0);
	memset(h + 124, 0, 12);
	h[124] = 0x80;
	h[131] = 3;			/* 3 << 32 */
	h[135] = 5;
	sum(h);
	assert_int_equal(read_it(4096, &e), -1);	/* cut short */
	assert_string_equal(said, "f big 600 12884901893 1700000000\n");
}

static int
refuse(void *arg, const struct pgtar_entry *en, struct err *e)
{
	(void)arg;
	return (err_set(e, ERR_PG, "%s is not wanted", en->path));
}

static void
callback_fails(void **state)
{
	static const struct pgtar_events on = { refuse, data, done };
	struct err	 e = ERR_INIT;
	struct pgtar	 t;

	(void)state;
	small();
	pgtar_begin(&t, &on, NULL);
	assert_int_equal(pgtar_add(&t, tar, tar_len, &e), -1);
	assert_string_equal(e.msg, "backup_label is not wanted");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(every_cut),
		cmocka_unit_test(every_bit),
		cmocka_unit_test(hostile),
		cmocka_unit_test(long_ones),
		cmocka_unit_test(callback_fails),
	};

	return (cmocka_run_group_tests_name("pgtar", tests, NULL, NULL));
}
