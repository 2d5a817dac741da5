/* SPDX-License-Identifier: ISC */
/* From the address to the first byte of SFTP, with a real sshd. */
#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sshd.h"
#include "store_conformance.h"

static struct sshd	 server;
static struct store_conf	 conf;
static char		 uri[1024], dir[256];

/* Start the server with more lines of sshd_config. */
static void
start(const char *lines)
{
	sshd_start_with(&server, NULL, lines);
	(void)snprintf(dir, sizeof(dir), "%s/repo", server.dir);
	memset(&conf, 0, sizeof(conf));
	conf.io_timeout_ms = 60000;
	conf.require_fsync = 1;
	sshd_reach(&conf, uri, &server, dir);
}

static void
opens(void)
{
	struct err	 e = ERR_INIT;
	struct store	*s;

	if (store_open(&s, &conf, &e) == -1)
		fail_msg("%s", e.msg);
	store_free(s);
}

static void
refused(enum err_kind kind, const char *a, const char *b)
{
	struct err	 e = ERR_INIT;
	struct store	*s;

	assert_int_equal(store_open(&s, &conf, &e), -1);
	if (e.kind != kind || strstr(e.msg, a) == NULL ||
	    strstr(e.msg, b) == NULL)
		fail_msg("kind %d: %s; not: %s", e.kind, e.msg, a);
}

static void
test_login_text(void **state)
{
	static const struct {
		const char	*command, *says, *hint;
	} c[] = {
		{ "echo; echo Welcome; sleep 0.1; echo to h;"
		    " exec /usr/lib/openssh/sftp-server",
		    "the server sent the text \"Welcome", ".bashrc" },
		{ "echo This account is for mail only.; exit 1",
		    "\"This account is for mail only.\"", "login script" },
		{ "echo no such program >&2; exit 127", "before SFTP began", "account's shell" },
	};
	char	 line[256];
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		(void)snprintf(line, sizeof(line), "ForceCommand %s\n",
		    c[i].command);
		start(line);
		refused(ERR_REMOTE, c[i].says, c[i].hint);
		sshd_stop(&server);
	}
}

/* What it writes to standard error before it starts does no harm. */
static void
test_noise_on_stderr(void **state)
{
	(void)state;
	start("ForceCommand echo watch out >&2; "
	    "exec /usr/lib/openssh/sftp-server\n");
	opens();
	sshd_stop(&server);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_login_text),
		cmocka_unit_test(test_noise_on_stderr),
	};

	if (!sshd_available())
		return (0);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
