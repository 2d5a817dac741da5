/* SPDX-License-Identifier: ISC */
/* What ssh_config says for a host, and the commands made of it. */
#include <sys/socket.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "store/sshconfig.h"
#include "store/sshproxy.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static char	 path[] = "/tmp/seawall-sshconfig.XXXXXX";
static char	 included[64];

static void
save(const char *name, const char *text)
{
	FILE	*f;

	assert_non_null(f = fopen(name, "w"));
	assert_int_not_equal(fputs(text, f), EOF);
	assert_int_equal(fclose(f), 0);
}

static int
setup(void **state)
{
	int	 fd = mkstemp(path);

	(void)state;
	(void)snprintf(included, sizeof(included), "%s.more", path);
	return (fd == -1 ? -1 : close(fd));
}

static int
teardown(void **state)
{
	(void)state;
	(void)unlink(included);
	return (unlink(path));
}

/* For host "backup" and user "seawall". */
static const struct {
	const char	*text;
	const char	*jump, *command, *alias;
	int		 family;
} good[] = {
	{ "", "", "", "", AF_UNSPEC },
	{ "# ProxyJump no\nProxyJump a\nProxyJump b\n", "a", "", "",
	    AF_UNSPEC },
	{ "\tproxyjump=\"a,b\"  \n", "a,b", "", "", AF_UNSPEC },
	{ "Host other\nProxyJump a\nHost *\nHostKeyAlias x # y\n", "", "",
	    "x", AF_UNSPEC },
	{ "Host back* !backup\nProxyJump a\n", "", "", "", AF_UNSPEC },
	{ "Host x BACKUP\nProxyJump a\n", "a", "", "", AF_UNSPEC },
	{ "ProxyCommand nc %h  %p \nProxyJump a\n", "", "nc %h  %p", "",
	    AF_UNSPEC },
	{ "ProxyJump none\nProxyCommand nc\n", "", "", "", AF_UNSPEC },
	{ "Match host backup user sea*\nProxyJump a\n", "a", "", "",
	    AF_UNSPEC },
	{ "Match user root\nProxyJump a\n", "", "", "", AF_UNSPEC },
	{ "Match !user root\nProxyJump a\n", "a", "", "", AF_UNSPEC },
	{ "HostName h2\nMatch host h2\nProxyJump a\n", "a", "", "",
	    AF_UNSPEC },
	{ "HostName %h.x\nMatch host backup.x\nProxyJump a\n", "a", "", "",
	    AF_UNSPEC },
	{ "HostName h2\nMatch originalhost backup\nProxyJump a\n", "a", "",
	    "", AF_UNSPEC },
	{ "Match exec true user root\nProxyJump a\n", "", "", "", AF_UNSPEC },
	{ "AddressFamily inet6\nAddressFamily inet\n", "", "", "",
	    AF_INET6 },
	{ "Match all\nAddressFamily any\n", "", "", "", AF_UNSPEC },
	{ "Host other\nBindAddress 1.2.3.4\nRevokedHostKeys /x\n", "", "", "",
	    AF_UNSPEC },
	{ "CanonicalizeHostname no\nRevokedHostKeys none\n", "", "", "",
	    AF_UNSPEC },
	{ "Match final all\nCiphers aes256-ctr\n", "", "", "", AF_UNSPEC },
};

static const struct {
	const char	*text, *says;
} bad[] = {
	{ "BindAddress 1.2.3.4\n", "BindAddress applies to backup" },
	{ "Host *\nrevokedhostkeys /etc/x\n", "RevokedHostKeys" },
	{ "CanonicalizeHostname always\n", "CanonicalizeHostname" },
	{ "KnownHostsCommand /x %H\n", "KnownHostsCommand" },
	{ "ProxyUseFdpass yes\n", "ProxyUseFdpass" },
	{ "BindInterface eth1\n", "BindInterface" },
	{ "Match exec true\nProxyJump a\n", "ProxyJump" },
	{ "Match final\nHostKeyAlias a\n", "HostKeyAlias" },
	{ "Match localnetwork 10.0.0.0/8\nBindAddress x\n", "BindAddress" },
};

static void
test_good(void **state)
{
	struct sshconfig	 c;
	size_t			 i;

	(void)state;
	for (i = 0; i < COUNT(good); i++) {
		struct err	 e = ERR_INIT;

		save(path, good[i].text);
		if (sshconfig_read(&c, path, "backup", "seawall", &e) == -1)
			fail_msg("%s: %s", good[i].text, e.msg);
		if (strcmp(c.proxy_jump, good[i].jump) != 0 ||
		    strcmp(c.proxy_command, good[i].command) != 0 ||
		    strcmp(c.host_key_alias, good[i].alias) != 0 ||
		    c.family != good[i].family)
			fail_msg("%s: %s, %s, %s", good[i].text, c.proxy_jump,
			    c.proxy_command, c.host_key_alias);
	}
}

static void
test_bad(void **state)
{
	struct sshconfig	 c;
	size_t			 i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		struct err	 e = ERR_INIT;

		save(path, bad[i].text);
		assert_int_equal(sshconfig_read(&c, path, "backup", "", &e),
		    -1);
		if (e.kind != ERR_CONFIG || strstr(e.msg, bad[i].says) ==
		    NULL || strstr(e.msg, path) == NULL)
			fail_msg("%s: %s", bad[i].text, e.msg);
	}
}

/* A block of an included file ends with it; an included file may loop. */
static void
test_include(void **state)
{
	struct sshconfig	 c;
	struct err		 e = ERR_INIT;
	char			 text[256];

	(void)state;
	save(included, "Host other\nHostKeyAlias wrong\n"
	    "Host backup\nProxyJump a\nHost other\n");
	(void)snprintf(text, sizeof(text), "Host backup\nInclude %s.m*\n"
	    "CertificateFile /c\n", path);
	save(path, text);
	assert_int_equal(sshconfig_read(&c, path, "backup", "", &e), 0);
	assert_string_equal(c.proxy_jump, "a");
	assert_string_equal(c.certificate, "/c");
	assert_string_equal(c.host_key_alias, "");
	assert_int_equal(sshconfig_read(&c, path, "other", "", &e), 0);
	assert_string_equal(c.host_key_alias, "");
	(void)snprintf(text, sizeof(text), "Include %s\n", path);
	save(path, text);
	assert_int_equal(sshconfig_read(&c, path, "backup", "", &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	assert_int_equal(unlink(included), 0);
	err_clear(&e);
	assert_int_equal(sshconfig_read(&c, "/no/such/file", "h", "", &e), 0);
}

static void
test_commands(void **state)
{
	static const char *const wrong[] = { "a;b", "-oX=y", "a b", "$(x)",
				    "a,", "`x`", "a'b" };
	struct err	 e = ERR_INIT;
	char		 buf[1024], tiny[8];
	size_t		 i;

	(void)state;
	assert_int_equal(sshproxy_expand(buf, sizeof(buf),
	    "nc %h %p %n %r %% %", "h", 23, "n", &e), 0);
	assert_string_equal(buf, "nc h 23 n %r %% %");
	assert_int_equal(sshproxy_expand(tiny, sizeof(tiny), "%h", "1234567",
	    23, "n", &e), 0);
	assert_int_equal(sshproxy_expand(tiny, sizeof(tiny), "%h", "12345678",
	    23, "n", &e), -1);
	err_clear(&e);
	if (sshproxy_jump(buf, sizeof(buf), "u@a:23,b:24", "/c", "/k", "/kh",
	    &e) == -1)
		fail_msg("%s", e.msg);
	assert_non_null(strstr(buf, "/ssh -oBatchMode=yes"));
	assert_non_null(strstr(buf, " -F '/c' -i '/k' "
	    "-o'GlobalKnownHostsFile=\"/kh\"' -J u@a:23 "
	    "-W '[%h]:%p' ssh://b:24"));
	assert_int_equal(sshproxy_jump(buf, sizeof(buf), "ssh://a:1", NULL,
	    NULL, NULL, &e), 0);
	assert_non_null(strstr(buf, "=yes -W '[%h]:%p' ssh://a:1"));
	for (i = 0; i < COUNT(wrong); i++) {
		assert_int_equal(sshproxy_jump(buf, sizeof(buf), wrong[i],
		    NULL, NULL, NULL, &e), -1);
		assert_int_equal(e.kind, ERR_CONFIG);
		err_clear(&e);
	}
	assert_int_equal(sshproxy_jump(buf, sizeof(buf), "a", "/it's", NULL,
	    NULL, &e), -1);
	err_clear(&e);
	assert_int_equal(setenv("PATH", "/nowhere", 1), 0);
	assert_int_equal(sshproxy_jump(buf, sizeof(buf), "a", NULL, NULL,
	    NULL, &e), -1);
	assert_non_null(strstr(e.msg, "not installed"));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_include),
		cmocka_unit_test(test_commands),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
