/* SPDX-License-Identifier: ISC */
/* From the address to the first byte of SFTP, with a real sshd. */
#include <sys/socket.h>
#include <sys/wait.h>

#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
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
		{ "echo no such program >&2; exit 127",
		    "before SFTP began", "account's shell" },
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

/* A second host key, of that type; its fingerprint. */
static void
add_host_key(const char *type, char *print, int n)
{
	char	 cmd[512];
	FILE	*p;

	(void)snprintf(cmd, sizeof(cmd), "cd %s && ssh-keygen -q -t %s -N '' "
	    "-f second && ssh-keygen -l -f second | cut -d ' ' -f 2",
	    server.dir, type);
	assert_non_null(p = popen(cmd, "r"));
	assert_non_null(fgets(print, n, p));
	print[strcspn(print, "\n")] = '\0';
	assert_int_equal(pclose(p), 0);
	(void)snprintf(cmd, sizeof(cmd),
	    "echo HostKey %s/second >>%s/config", server.dir, server.dir);
	assert_int_equal(system(cmd), 0);
	/* sshd reads its configuration anew, at the same port. */
	sshd_reread(&server);
}

static void
know_only(const char *key)
{
	char	 cmd[512];

	(void)snprintf(cmd, sizeof(cmd), "{ printf '[127.0.0.1]:%d '; "
	    "cat %s/%s.pub; } >%s", server.port, server.dir, key,
	    server.known_hosts);
	assert_int_equal(system(cmd), 0);
}

static int
occurs(const char *text)
{
	char	*log = sshd_read_own_log(&server), *p = log;
	int	 n = 0;

	while ((p = strstr(p, text)) != NULL) {
		p += strlen(text);
		n++;
	}
	free(log);
	return (n);
}

/*
 * The pinned key is not the one that the server would show by itself.  Only
 * the first connection has to find that out.
 */
static void
test_pinned_type(void **state)
{
	static const char *const type[] = { "rsa", "ecdsa" };
	char			 print[128];
	size_t			 i;
	int			 n;

	(void)state;
	for (i = 0; i < 2; i++) {
		start("LogLevel VERBOSE\n");
		add_host_key(type[i], print, sizeof(print));
		conf.host_key = print;
		n = occurs("Connection from");
		opens();
		n = occurs("Connection from") - n;
		assert_true(n >= 2 && n <= 3);
		n = occurs("Connection from");
		opens();
		assert_int_equal(occurs("Connection from") - n, 1);
		/* The other one, too, by itself. */
		conf.host_key = server.host_key;
		opens();
		conf.host_key =
		    "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
		refused(ERR_CONFIG, "host key has changed", server.host_key);
		/* Only this one in known_hosts: it is asked for. */
		conf.host_key = NULL;
		know_only("second");
		opens();
		sshd_stop(&server);
	}
}

static void
write_ssh_config(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

static void
write_ssh_config(const char *fmt, ...)
{
	static char	 path[192];
	va_list		 ap;
	FILE		*f;

	(void)snprintf(path, sizeof(path), "%s/ssh_config", server.dir);
	assert_non_null(f = fopen(path, "w"));
	va_start(ap, fmt);
	assert_true(vfprintf(f, fmt, ap) > 0);
	va_end(ap);
	assert_int_equal(fclose(f), 0);
	conf.ssh_config = path;
}

/* Through the same server, which forwards. */
static void
test_proxy(void **state)
{
	char	 cmd[512];
	int	 n;

	(void)state;
	start("LogLevel VERBOSE\nPermitOpen any\n");
	(void)snprintf(uri, sizeof(uri), "backup:%s", dir);
	write_ssh_config("Host backup jump\nHostName 127.0.0.1\nPort %d\n"
	    "Host backup\nProxyJump jump\n", server.port);
	n = occurs("Accepted publickey");
	opens();
	assert_int_equal(occurs("Accepted publickey") - n, 2);
	/* Two hosts on the way; ssh gives our options to the last alone. */
	write_ssh_config("Host *\nHostName 127.0.0.1\nPort %d\n"
	    "IdentityFile %s\nUserKnownHostsFile %s\n"
	    "Host backup\nProxyJump one,two\n", server.port,
	    server.user_key, server.known_hosts);
	n = occurs("Accepted publickey");
	opens();
	assert_int_equal(occurs("Accepted publickey") - n, 3);
	write_ssh_config("Host backup\nHostName 127.0.0.1\nPort %d\n"
	    "ProxyCommand sh -c 'touch %s/proxied; exec ssh -oBatchMode=yes "
	    "-F/dev/null -i %s -oUserKnownHostsFile=%s -p %%p -W %%h:%%p "
	    "%%h'\n",
	    server.port, server.dir, server.user_key, server.known_hosts);
	opens();
	(void)snprintf(cmd, sizeof(cmd), "%s/proxied", server.dir);
	assert_int_equal(access(cmd, F_OK), 0);
	sshd_stop(&server);
}

static void
test_alias(void **state)
{
	char	 cmd[512];

	(void)state;
	start("");
	(void)snprintf(cmd, sizeof(cmd), "{ printf 'the-alias '; cat "
	    "%s/host.pub; } >%s", server.dir, server.known_hosts);
	assert_int_equal(system(cmd), 0);
	refused(ERR_CONFIG, "unknown host key", server.known_hosts);
	write_ssh_config("HostKeyAlias the-alias\n");
	opens();
	write_ssh_config("HostKeyAlias another\n");
	refused(ERR_CONFIG, "unknown host key", server.known_hosts);
	write_ssh_config("Host jump\n"
	    "HostName 127.0.0.1\nPort %d\nHost *\n"
	    "HostKeyAlias the-alias\nHost 127.0.0.1\nProxyJump jump\n",
	    server.port);
	opens();
	sshd_stop(&server);
}

static void
test_certificate(void **state)
{
	char	 cmd[1024];

	(void)state;
	start("");
	(void)snprintf(cmd, sizeof(cmd), "cd %s && "
	    "ssh-keygen -q -t ed25519 -N '' -f ca && "
	    "ssh-keygen -q -s ca -I x -n \"$(id -un)\" other.pub && "
	    "echo TrustedUserCAKeys %s/ca.pub >>config", server.dir,
	    server.dir);
	assert_int_equal(system(cmd), 0);
	sshd_reread(&server);
	conf.ssh_key = server.other_key;
	refused(ERR_CONFIG, "the server refused", server.other_key);
	write_ssh_config("CertificateFile %s/other-cert.pub\n", server.dir);
	opens();
	conf.ssh_key = NULL;
	refused(ERR_CONFIG, "CertificateFile", "only with ssh_key");
	sshd_stop(&server);
}

static void *
open_some(void *arg)
{
	struct err	 e = ERR_INIT;
	struct store	*s;
	int		 i;

	for (i = 0; i < 5; i++) {
		if (store_open(&s, &conf, &e) == -1)
			return (arg);
		store_free(s);
	}
	return (NULL);
}

/* Twenty connect at once, again and again: none is dropped or penalised. */
static void
test_no_penalties(void **state)
{
	pthread_t	 t[20];
	void		*failed;
	int		 i, n = 0;

	(void)state;
	start("LogLevel VERBOSE\n");
	if (!sshd_knows(&server, "PerSourcePenalties=no")) {
		/* It has no penalties, so there is nothing to be avoided. */
		sshd_stop(&server);
		return;
	}
	sshd_stop(&server);
	start("LogLevel VERBOSE\nPerSourcePenalties noauth:60 authfail:60 "
	    "min:1\n");
	for (i = 0; i < 20; i++)
		assert_int_equal(pthread_create(&t[i], NULL, open_some,
		    &server), 0);
	for (i = 0; i < 20; i++) {
		assert_int_equal(pthread_join(t[i], &failed), 0);
		n += failed != NULL;
	}
	assert_int_equal(n, 0);
	assert_int_equal(occurs("penalty"), 0);
	sshd_stop(&server);
}

/* Something accepts, and ends the connection without a word. */
static void
test_dropped_at_once(void **state)
{
	struct sockaddr_in	 sa;
	socklen_t		 len = sizeof(sa);
	pid_t			 pid;
	int			 fd, got;

	(void)state;
	start("");
	memset(&sa, 0, sizeof(sa));
	sa.sin_family = AF_INET;
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_not_equal(fd = socket(AF_INET, SOCK_STREAM, 0), -1);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, len), 0);
	assert_int_equal(listen(fd, 5), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	assert_int_not_equal(pid = fork(), -1);
	if (pid == 0) {
		while ((got = accept(fd, NULL, NULL)) != -1)
			(void)close(got);
		_exit(0);
	}
	(void)snprintf(uri, sizeof(uri), "ssh://127.0.0.1:%d/srv/x",
	    ntohs(sa.sin_port));
	refused(ERR_REMOTE, "before it greeted", "PerSourcePenalties");
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	(void)close(fd);
	sshd_stop(&server);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_login_text),
		cmocka_unit_test(test_noise_on_stderr),
		cmocka_unit_test(test_pinned_type),
		cmocka_unit_test(test_proxy),
		cmocka_unit_test(test_alias),
		cmocka_unit_test(test_certificate),
		cmocka_unit_test(test_no_penalties),
		cmocka_unit_test(test_dropped_at_once),
	};

	if (!sshd_available())
		return (0);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
