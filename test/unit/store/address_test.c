/* SPDX-License-Identifier: ISC */
/* Addresses of repositories. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <cmocka.h>

#include "store/address.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char	*text;
	const char	*user, *host;
	unsigned	 port;
	const char	*dir;
} good[] = {
	{ "/srv/x", "", "", 0, "/srv/x" },
	{ "//srv///x//", "", "", 0, "/srv/x" },
	{ "/a b/:@c", "", "", 0, "/a b/:@c" },
	{ "/...", "", "", 0, "/..." },
	{ "h:/d", "", "h", 0, "/d" },
	{ "u@backup.example:/d/e", "u", "backup.example", 0, "/d/e" },
	{ "u123-sub1@h.your-box.de:/x", "u123-sub1", "h.your-box.de", 0,
	    "/x" },
	{ "u@dom@h:/d", "u@dom", "h", 0, "/d" },
	{ "[::1]:/d", "", "::1", 0, "/d" },
	{ "u@[fe80::1%eth0]:/d", "u", "fe80::1%eth0", 0, "/d" },
	{ "h:/d@x", "", "h", 0, "/d@x" },
	{ "ssh://h/d", "", "h", 0, "/d" },
	{ "ssh://u@h:2222/d/", "u", "h", 2222, "/d" },
	{ "ssh://[::1]:22/d", "", "::1", 22, "/d" },
	{ "ssh://h:65535//d", "", "h", 65535, "/d" },
	{ "SSH://h/d", "", "h", 0, "/d" },
	{ "sftp://u@h:23/d", "u", "h", 23, "/d" },
	{ "s3:/d", "", "s3", 0, "/d" },
	{ "/s3://d", "", "", 0, "/s3:/d" },
	{ "export:/d", "", "export", 0, "/d" },
	{ "export:///d//e", "", "", 0, "/d/e" },
	{ "export://-", "", "", 0, "-" },
	{ "EXPORT:///d", "", "", 0, "/d" },
};

static const struct {
	const char	*text, *says;
} bad[] = {
	{ "", "bad host name" },
	{ "/", "can't hold a repository" },
	{ "relative/dir", "no colon" },
	{ "h", "no colon" },
	{ "h:", "not absolute" },
	{ "h:dir", "not absolute" },
	{ "export://", "not absolute" },
	{ "export://h/d", "not absolute" },
	{ "export://--", "not absolute" },
	{ "h:2222/dir", "not absolute" },
	{ ":/d", "bad host name" },
	{ "@h:/d", "bad user name" },
	{ "u@:/d", "bad host name" },
	{ "-oProxyCommand=x:/d", "bad host name" },
	{ "-u@h:/d", "bad user name" },
	{ "h;x:/d", "bad host name" },
	{ "h x:/d", "bad host name" },
	{ "u`x`@h:/d", "bad user name" },
	{ "/a/../b", "\"..\" in the directory" },
	{ "h:/a/./b", "\".\"" },
	{ "h:/..", "\"..\"" },
	{ "[::1:/d", "bad IPv6" },
	{ "[]:/d", "bad IPv6" },
	{ "[::1]/d", "no colon" },
	{ "ssh://", "bad host name" },
	{ "s3://bucket/dir", "s3:// is not supported" },
	{ "S3://bucket/dir", "S3:// is not supported" },
	{ "s3://bucket", "s3:// is not supported" },
	{ "file:///srv/x", "file:// is not supported" },
	{ "https://h/d", "https:// is not supported" },
	{ "svn+ssh://h/d", "svn+ssh:// is not supported" },
	{ "ftp://u:p@h:/d", "ftp:// is not supported" },
	{ "://h/d", "bad host name" },
	{ "ssh://h", "not absolute" },
	{ "ssh://h:/d", "bad port" },
	{ "ssh://h:0/d", "expected 1 to 65535" },
	{ "ssh://h:65536/d", "expected 1 to 65535" },
	{ "ssh://h:22x/d", "expected a number" },
	{ "ssh://h:222222222222/d", "bad port" },
	{ "h:/a\nb", "control characters" },
};

static void
test_good(void **state)
{
	struct address	 a;
	struct err	 e = ERR_INIT;
	size_t		 i;

	(void)state;
	for (i = 0; i < COUNT(good); i++) {
		if (address_parse(good[i].text, &a, &e))
			fail_msg("%s", e.msg);
		assert_string_equal(a.user, good[i].user);
		assert_string_equal(a.host, good[i].host);
		assert_int_equal(a.port, good[i].port);
		assert_string_equal(a.dir, good[i].dir);
		assert_int_equal(a.is_export,
		    strncasecmp(good[i].text, "export://", 9) == 0);
		assert_true((address_export(good[i].text) != NULL) ==
		    a.is_export);
	}
}

static void
test_bad(void **state)
{
	struct address	 a;
	size_t		 i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		struct err	 e = ERR_INIT;

		if (address_parse(bad[i].text, &a, &e) != -1)
			fail_msg("accepted: %s", bad[i].text);
		assert_int_equal(e.kind, ERR_CONFIG);
		if (strstr(e.msg, bad[i].says) == NULL)
			fail_msg("%s: %s", bad[i].text, e.msg);
	}
}

static void
test_lengths(void **state)
{
	static const size_t	 lengths[] = { 100, 254, 255, 256, 1022, 1023,
	    1024, 1025, 5000 };
	struct address		 a;
	char			 s[6000];
	size_t			 i, n;

	(void)state;
	for (i = 0; i < COUNT(lengths); i++) {
		struct err	 e = ERR_INIT;

		n = lengths[i];
		memset(s, 'a', n);
		s[0] = '/';
		s[n] = '\0';
		assert_int_equal(address_parse(s, &a, &e), n < 1024 ? 0 : -1);
		s[0] = 'a';
		memcpy(s + n, ":/d", 4);
		err_clear(&e);
		assert_int_equal(address_parse(s, &a, &e), n < 256 ? 0 : -1);
	}
}

static void
test_same_account(void **state)
{
	static const struct {
		const char	*a, *b;
		int		 same;
	}		 cases[] = {
		{ "/srv/a", "/srv/b", 1 },
		{ "host:/srv/a", "ssh://host/srv/b", 1 },
		{ "ssh://u@host:23/a", "ssh://u@host:23/b", 1 },
		{ "ssh://u@host:23/a", "ssh://u@host:22/a", 0 },
		{ "u@host:/a", "v@host:/a", 0 },
		{ "u@host:/a", "host:/a", 0 },
		{ "u@host:/a", "u@host2:/a", 0 },
		{ "/a", "host:/a", 0 },
		{ "s3://host/a", "s3://host/a", 0 },
	};
	size_t		 i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++)
		if (address_same_account(cases[i].a, cases[i].b) !=
		    cases[i].same)
			fail_msg("%s, %s", cases[i].a, cases[i].b);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_same_account),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
