/* SPDX-License-Identifier: ISC */
/* Which cipher a connection gets: by processor, ssh_config and server. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sshd.h"
#include "store/cipher.h"
#include "store_conformance.h"
#include "testdir.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define SIZE	((size_t)300000)

static struct sshd	 server;

static const char *const	 known[] = {
	"chacha20-poly1305@openssh.com", "aes128-gcm@openssh.com",
	"aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr"
};

static void
test_list(void **state)
{
	const char	*with = cipher_list(1), *without = cipher_list(0);
	size_t		 i;

	(void)state;
	assert_true(strncmp(with, "aes128-gcm@openssh.com,", 23) == 0);
	assert_true(strncmp(without, "chacha20-poly1305@openssh.com,aes128-"
	    "gcm@openssh.com,", 53) == 0);
	assert_int_equal(strlen(with), strlen(without));
	for (i = 0; i < N(known); i++) {
		assert_non_null(strstr(with, known[i]));
		assert_non_null(strstr(without, known[i]));
	}
	assert_null(strstr(with, "cbc"));
}

/* The kernel's word for the same. */
static void
test_processor(void **state)
{
	char	 line[8192];
	FILE	*f = fopen("/proc/cpuinfo", "r");
	int	 has = 0;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL)
		if ((strncmp(line, "flags", 5) == 0 &&
		    strstr(line, " pclmulqdq ") != NULL) ||
		    (strncmp(line, "Features", 8) == 0 &&
		    strstr(line, " pmull ") != NULL))
			has = strstr(line, " aes ") != NULL;
	assert_int_equal(fclose(f), 0);
	assert_int_equal(cipher_has_aes(), has);
}

static int
teardown(void **state)
{
	(void)state;
	sshd_stop(&server);
	testdir_remove();
	return (0);
}

static void
start(const char *lines)
{
	char	 all[256];

	(void)snprintf(all, sizeof(all), "LogLevel DEBUG1\n%s", lines);
	sshd_start_with(&server, NULL, all);
	testdir_make();
}

/* Data goes there and back, both ways with "cipher". */
static void
speaks(const char *ssh_config, const char *cipher)
{
	static const char *const	 ways[] = {
		"client->server", "server->client"
	};
	struct store_conf	 c = {
		.ssh_key = server.user_key,
		.ssh_config = ssh_config,
		.known_hosts = server.known_hosts,
		.io_timeout_ms = 300000,
		.require_fsync = 1
	};
	struct store		*s = NULL;
	struct store_get	*g = NULL;
	struct err		 e = ERR_INIT;
	char			 uri[1024], want[256], *log;
	uint8_t			*buf = malloc(SIZE);
	size_t			 got = 0, i;

	(void)snprintf(uri, sizeof(uri), "ssh://127.0.0.1:%d%s/repo",
	    server.port, server.dir);
	c.repository = uri;
	assert_non_null(buf);
	if (store_open(&s, &c, &e) ||
	    conformance_put(s, cipher, 0, SIZE, 7, &e) ||
	    store_get_open(&g, s, cipher, &e) ||
	    store_get_ask(g, 0, SIZE, &e) ||
	    store_get_take(g, buf, SIZE, &got, &e))
		fail_msg("%s: %s", cipher, e.msg);
	assert_int_equal(got, SIZE);
	for (i = 0; i < SIZE; i++)
		assert_int_equal(buf[i], conformance_byte(7, i));
	free(buf);
	store_get_free(g);
	store_free(s);
	log = sshd_read_own_log(&server);
	for (i = 0; i < 2; i++) {
		(void)snprintf(want, sizeof(want), "kex: %s cipher: %s ",
		    ways[i], cipher);
		if (strstr(log, want) == NULL)
			fail_msg("not \"%s\" in %s", want, log);
	}
	free(log);
}

static void
test_ours(void **state)
{
	(void)state;
	start("");
	speaks("/dev/null", cipher_has_aes() ? "aes128-gcm@openssh.com" :
	    "chacha20-poly1305@openssh.com");
}

/* Whoever says Ciphers in ssh_config gets what is said there. */
static void
test_ssh_config(void **state)
{
	char	 text[128];
	size_t	 i;

	(void)state;
	start("");
	for (i = 0; i < N(known); i++) {
		(void)snprintf(text, sizeof(text),
		    "Host 127.0.0.1\n\tCiphers %s\n", known[i]);
		testdir_text("ssh_config", text);
		speaks(testdir_path("ssh_config"), known[i]);
	}
}

/* A server that has only one of them is no problem, whichever that is. */
static void
test_one(void **state)
{
	char	 line[128];
	size_t	 i;

	for (i = 0; i < N(known); i++) {
		(void)snprintf(line, sizeof(line), "Ciphers %s\n", known[i]);
		start(line);
		speaks("/dev/null", known[i]);
		if (i + 1 < N(known))
			(void)teardown(state);
	}
}

/* libssh does not always read what the server wants before it hangs up. */
static void
test_none_in_common(void **state)
{
	struct store_conf	 c = {
		.ssh_config = "/dev/null", .io_timeout_ms = 300000
	};
	struct store		*s = NULL;
	struct err		 e = ERR_INIT;
	char			 uri[1024];

	(void)state;
	start("Ciphers aes256-cbc\n");
	(void)snprintf(uri, sizeof(uri), "ssh://127.0.0.1:%d/r", server.port);
	c.repository = uri;
	c.known_hosts = server.known_hosts;
	assert_int_equal(store_open(&s, &c, &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	if (strstr(e.msg, "127.0.0.1: SSH: ") == NULL ||
	    (strstr(e.msg, "aes256-cbc") == NULL &&
	    strstr(e.msg, "closed the connection; its log may") == NULL))
		fail_msg("%s", e.msg);
}

#define SSHD(t)	cmocka_unit_test_teardown(t, teardown)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_processor),
		SSHD(test_ours),
		SSHD(test_ssh_config),
		SSHD(test_one),
		SSHD(test_none_in_common)
	};

	return (_cmocka_run_group_tests("cipher", tests,
	    sshd_available() ? 6 : 2, NULL, NULL));
}
