/* SPDX-License-Identifier: ISC */
/* The user's text in a backup_label, and the file itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cluster/pglabel.h"

#define WAL	"000000010000000000000007"
#define LABEL	"START WAL LOCATION: 0/7000028 (file " WAL ")\n" \
		"LABEL: nightly\n"

static void
bad_text(const char *text, const char *why)
{
	struct err	 e = ERR_INIT;

	assert_int_equal(pglabel_check_text(text, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
	assert_non_null(strstr(e.msg, why));
}

static void
test_text(void **state)
{
	struct err	 e = ERR_INIT;
	char		 text[1100];

	(void)state;
	assert_int_equal(pglabel_check_text("", &e), 0);
	assert_int_equal(pglabel_check_text("nächtlich, the 3rd", &e), 0);
	memset(text, 'x', sizeof(text));
	text[1023] = '\0';
	assert_int_equal(pglabel_check_text(text, &e), 0);
	text[1023] = 'x';
	text[1024] = '\0';
	bad_text(text, "1024 bytes long");
	bad_text("a\nb", "at byte 2");
	bad_text("\177", "at byte 1");
}

static void
bad(const char *label, uint64_t stop, const char *why)
{
	struct err	 e = ERR_INIT;

	assert_int_equal(pglabel_check(label, stop, WAL, 0x7000028, &e), -1);
	assert_int_equal(e.kind, ERR_PG);
	assert_non_null(strstr(e.msg, why));
}

static void
test_file(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	assert_int_equal(pglabel_check(LABEL, 0x7000100, WAL, 0x7000028, &e),
	    0);
	bad(LABEL, 0x7000028, "ends at 0/7000028");
	bad(LABEL, 0x28, "after its start 0/7000028");
	bad("", 0x7000100, "does not name WAL file " WAL);
	bad("LABEL: x\n" LABEL, 0x7000100, "does not name WAL file");
	/* In a later line, where the user's text is, too. */
	bad("START WAL LOCATION: 0/7000028 (file "
	    "000000010000000000000006)\nLABEL: (file " WAL ")\n", 0x7000100,
	    "does not name WAL file");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_file)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
