/* SPDX-License-Identifier: ISC */
/* The configuration: what is read, what wins, and each thing refused. */
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "testdir.h"
#include "tool/conf.h"
#include "tool/confkey.h"
#include "tool/conftree.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static int
setup(void **state)
{
	(void)state;
	(void)unsetenv("SEAWALL_CONFIG");
	testdir_make();
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	testdir_remove();
	return (0);
}

static void
load(struct server_conf *c, const char *server)
{
	const struct conf_source	 src = {
		.config = testdir_path("c"), .server = server,
		.set = { NULL, 0 }
	};
	struct err			 e = ERR_INIT;

	if (conf_load(c, &src, &e) == -1)
		fail_msg("%s", e.msg);
}

/* The configuration "text" is refused with "msg", FILE standing for it. */
static void
refused(const char *text, size_t n, const char *server, enum err_kind kind,
    const char *msg)
{
	const struct conf_source	 src = {
		.config = testdir_path("c"), .server = server,
		.set = { NULL, 0 }
	};
	struct server_conf		 c;
	struct err			 e = ERR_INIT;
	char				 expected[ERR_MSGMAX], *to = expected;

	testdir_write("c", text, n);
	assert_int_equal(conf_load(&c, &src, &e), -1);
	for (; *msg != '\0'; msg++)
		if (*msg == '@')
			to = stpcpy(to, src.config);
		else
			*to++ = *msg;
	*to = '\0';
	assert_string_equal(e.msg, expected);
	assert_int_equal(e.kind, kind);
	assert_null(c.repository);
	conf_free(&c);
}

static void
test_defaults(void **state)
{
	struct server_conf	 c;
	size_t			 i;

	(void)state;
	testdir_text("c", "[main]\nrepository=/r");
	load(&c, NULL);
	assert_string_equal(c.file, testdir_path("c"));
	assert_string_equal(c.name, "main");
	assert_string_equal(c.repository, "/r");
	assert_null(c.key);
	assert_null(c.restore_key);
	assert_null(c.public_key);
	assert_null(c.passphrase_file);
	assert_string_equal(c.state_dir, "/var/lib/seawall");
	assert_null(c.data_directory);
	assert_string_equal(c.conninfo, "");
	assert_int_equal(c.wal_compression.codec, CODEC_WAL);
	assert_int_equal(c.wal_compression.level, 1);
	assert_int_equal(c.base_compression.codec, CODEC_ZSTD);
	assert_int_equal(c.base_compression.level, 3);
	assert_int_equal(c.jobs, 2);
	assert_int_equal(c.chunk_size, 256 * 1024);
	assert_int_equal(c.wal_wait_ms, 3600000);
	assert_true(c.checksum);
	assert_true(c.idle_priority);
	assert_int_equal(c.base_bandwidth_limit, 0);
	assert_false(c.wal_compression_auto);
	assert_true(c.agent);
	assert_int_equal(c.agent_linger_ms, 60000);
	assert_int_equal(c.push_jobs, 2);
	assert_int_equal(c.fetch_ahead, 8);
	assert_int_equal(c.backlog_high, 8);
	assert_int_equal(c.wal_bandwidth_limit, 0);
	assert_null(c.ssh_key);
	assert_null(c.ssh_config);
	assert_null(c.known_hosts);
	assert_null(c.host_key);
	assert_int_equal(c.io_timeout_ms, 60000);
	assert_true(c.require_fsync);
	assert_int_equal(c.fetch_retry_ms, 300000);
	assert_null(c.retention_policy);
	for (i = 0; i < RETENTION_PERIODS; i++)
		assert_int_equal(c.keep[i], 0);
	assert_int_equal(c.minimum_redundancy, 0);
	assert_int_equal(c.expire_grace_ms, 3 * 86400000);
	assert_int_equal(c.abandoned_after_ms, 7 * 86400000);
	conf_free(&c);
}

/* The periods are no part of the policy's text, but of the policy. */
static void
test_policy(void **state)
{
	struct retention_policy	 p;
	struct server_conf	 c;
	struct err		 e = ERR_INIT;
	char			 buf[RETENTION_POLICY_TEXT];

	(void)state;
	testdir_text("c", "[seawall]\nkeep_weekly = 4\nkeep_yearly = 5\n"
	    "[main]\nrepository=/r\nretention_policy = redundancy 2\n"
	    "keep_yearly = 6\n");
	load(&c, NULL);
	assert_int_equal(conf_policy(&p, &c, &e), 0);
	assert_string_equal(retention_policy_format(buf, &p),
	    "redundancy 2, 4 weekly, 6 yearly");
	conf_free(&c);
}

static void
test_who_wins(void **state)
{
	struct server_conf	 c;
	struct store_conf	 s;

	(void)state;
	testdir_text("c",
	    "\xef\xbb\xbf# a comment; with anything = in it\r\n"
	    "[one]\r\n"
	    "  jobs\t=  3 \t\r\n"
	    "key =\n"
	    "conninfo = host=/run port=5433 options='-c a=b'\n"
	    "; " /* long comments are fine */
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "\n\n"
	    "[seawall]\n"
	    "repository = u@h:/r#1;2\n"
	    "jobs = 9\n"
	    "key = /k.push\n"
	    "wal_compression = zstd:19\n"
	    "wal_bandwidth_limit = 100\n"
	    "io_timeout = 5\n"
	    "require_fsync = no\n"
	    "host_key = SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU\n"
	    "  [two]  \n"
	    "retention_policy = recovery window of 2 weeks\n");
	load(&c, "one");
	assert_int_equal(c.jobs, 3);
	assert_null(c.key);			/* emptied */
	assert_string_equal(c.conninfo,
	    "host=/run port=5433 options='-c a=b'");
	assert_string_equal(c.repository, "u@h:/r#1;2");
	conf_free(&c);
	load(&c, "two");
	assert_int_equal(c.jobs, 9);
	assert_string_equal(c.key, "/k.push");
	assert_int_equal(c.wal_compression.codec, CODEC_ZSTD);
	assert_int_equal(c.wal_compression.level, 19);
	assert_string_equal(c.retention_policy, "recovery window of 2 weeks");
	s = conf_store(&c);
	assert_string_equal(s.repository, c.repository);
	assert_string_equal(s.host_key, c.host_key);
	assert_int_equal(s.io_timeout_ms, 5000);
	assert_false(s.require_fsync);
	assert_null(s.ssh_key);
	assert_null(s.limit);
	s = conf_store_base(&c);
	assert_null(s.limit);
	s = conf_store_wal(&c);
	assert_string_equal(s.repository, c.repository);
	assert_int_equal(bucket_rate(s.limit), 102400);
	conf_free(&c);
}

#define HEAD	"[main]\nrepository = /r\n"

static void
test_refused(void **state)
{
	static const struct {
		const char	*text, *msg;
	} rows[] = {
		{ HEAD "job = 3\n", "@:3: found the unknown key \"job\", "
		    "expected one of seawall.conf(5)" },
		{ HEAD "Jobs = 3\n", "@:3: found the unknown key \"Jobs\", "
		    "expected one of seawall.conf(5)" },
		{ HEAD "jobs = 17\n",
		    "@:3: jobs: found 17, expected 1 to 16" },
		{ HEAD "\n\n# x\njobs = two\n",
		    "@:6: jobs: found \"two\", expected a number" },
		{ HEAD "jobs =\n",
		    "@:3: jobs: found \"\", expected a number" },
		{ HEAD "jobs = 2\njobs = 2\n", "@:4: jobs: found again, "
		    "expected once; the first is in line 3" },
		{ HEAD "[main]\n", "@:3: found [main] again, expected it "
		    "once; the first is at @:1" },
		{ "[seawall]\n[seawall]\n", "@:2: found [seawall] again, "
		    "expected it once; the first is at @:1" },
		{ "jobs = 2\n" HEAD, "@:1: found \"jobs = 2\", "
		    "expected a [section] before the first key" },
		{ HEAD "jobs\n",
		    "@:3: found \"jobs\", expected key = value or "
		    "[section]" },
		{ HEAD "= 2\n",
		    "@:3: found \"= 2\", expected key = value or "
		    "[section]" },
		{ HEAD "jobs : 2\n", "@:3: found \"jobs : 2\", "
		    "expected key = value or [section]" },
		{ HEAD "jobs : = 2\n",
		    "@:3: found \"jobs : = 2\", expected key = value" },
		{ HEAD "conninfo = a=b\n  continued\n", "@:4: found "
		    "\"continued\", expected key = value or [section]" },
		{ HEAD "conninfo = a=b\n  c = d\n", "@:4: found the unknown "
		    "key \"c\", expected one of seawall.conf(5)" },
		{ HEAD "jobs = 2 ; two\n", "@:3: found \"; two\", expected "
		    "comments on lines of their own" },
		{ HEAD "conninfo = a\t# b\n", "@:3: found \"# b\", expected "
		    "comments on lines of their own" },
		{ HEAD "jobs = \0012\n", "@:3: found \"jobs = ?2\", expected "
		    "text without control characters" },
		{ "[main\nrepository = /r\n",
		    "@:1: found \"[main\", expected nothing behind "
		    "[section]" },
		{ "[main] # x\n", "@:1: found \"[main] # x\", expected "
		    "nothing behind [section]" },
		{ "[]\n", "@:1: found [], expected [seawall], [repository "
		    "NAME] or a server's name: at most 63 letters, digits, "
		    "'.', '_', '-'" },
		{ "[../x]\n", "@:1: found [../x], expected [seawall], "
		    "[repository NAME] or a server's name: at most 63 "
		    "letters, digits, '.', '_', '-'" },
		{ "[Seawall]\n", "@:1: found [Seawall], expected [seawall], "
		    "[repository NAME] or a server's name: at most 63 "
		    "letters, digits, '.', '_', '-'" },
		{ HEAD "key = main.push\n", "@:3: key: found \"main.push\", "
		    "expected an absolute path" },
		{ HEAD "ssh_key = ~/.ssh/id\n", "@:3: ssh_key: found "
		    "\"~/.ssh/id\", expected an absolute path" },
		{ HEAD "host_key = MD5:00\n", "@:3: host_key: found "
		    "\"MD5:00\", expected SHA256: and 43 characters, as "
		    "ssh-keygen -l shows" },
		{ HEAD "chunk_size = 100k\n", "@:3: chunk_size: found "
		    "\"100k\", expected a power of two" },
		{ HEAD "chunk_size = 32k\n", "@:3: chunk_size: found 32k, "
		    "expected 64kB to 4MB" },
		{ HEAD "io_timeout = 2d\n",
		    "@:3: io_timeout: found 2d, expected 1s to 1h" },
		{ HEAD "checksum = maybe\n", "@:3: checksum: found "
		    "\"maybe\", expected on or off" },
		{ HEAD "agent = 2\n",
		    "@:3: agent: found \"2\", expected on or off" },
		{ HEAD "agent_linger = 2h\n",
		    "@:3: agent_linger: found 2h, expected 1s to 1h" },
		{ HEAD "agent_linger = 500ms\n",
		    "@:3: agent_linger: found 500ms, expected 1s to 1h" },
		{ HEAD "push_jobs = 0\n",
		    "@:3: push_jobs: found 0, expected 1 to 16" },
		{ HEAD "fetch_ahead = 65\n",
		    "@:3: fetch_ahead: found 65, expected 0 to 64" },
		{ HEAD "retention_policy = keep 3\n", "@:3: retention "
		    "policy \"keep 3\": expected \"redundancy N\" or "
		    "\"recovery window of N days\" (or weeks, months)" },
		{ HEAD "retention_policy = redundancy 0\n", "@:3: retention "
		    "policy: redundancy: found 0, expected 1 to 1000000" },
		{ HEAD "backlog_high = 0\n",
		    "@:3: backlog_high: found 0, expected 1 to 1000000" },
		{ HEAD "wal_bandwidth_limit = 1M\n", "@:3: "
		    "wal_bandwidth_limit: found \"1M\", expected a number" },
		{ HEAD "base_bandwidth_limit = 100000001\n", "@:3: "
		    "base_bandwidth_limit: found 100000001, expected 0 to "
		    "100000000" },
		{ HEAD "base_compression = auto\n", "@:3: base_compression: "
		    "found \"auto\", expected none, xz, xz:0 to xz:9, zstd, "
		    "zstd:1 to zstd:19" },
		{ HEAD "wal_compression = auto:3\n", "@:3: wal_compression: "
		    "found \"auto:3\", expected wal, wal:small, none, xz, "
		    "xz:0 to xz:9, zstd, zstd:1 to zstd:19, auto" },
		{ HEAD "base_compression = wal\n", "@:3: base_compression: "
		    "found \"wal\", expected none, xz, xz:0 to xz:9, zstd, "
		    "zstd:1 to zstd:19" },
		{ HEAD "include_dir = x\n", "@:3: include_dir: found in "
		    "[main], expected in [seawall]" },
		{ "[seawall]\ninclude_dir =\n", "@:2: include_dir: found "
		    "\"\", expected a folder of *.conf files" },
		{ "", "@: found no server, expected a section like [main]" },
		{ "[seawall]\nrepository = /r\n",
		    "@: found no server, expected a section like [main]" },
		{ "[main]\n", "@: [main]: found no repository, expected "
		    "repository = host:/path, ssh://host/path or /path" },
		{ "[main]\nrepository =\n", "@: [main]: found no repository, "
		    "expected repository = host:/path, ssh://host/path or "
		    "/path" },
		/* What is wrong elsewhere is wrong, too. */
		{ HEAD "[other]\njobs = 0\n",
		    "@:4: jobs: found 0, expected 1 to 16" }
	};
	struct conf_source	 src = {
		.config = testdir_path("c"), .server = "main",
		.set = { NULL, 0 }
	};
	struct server_conf	 c;
	struct err		 e = ERR_INIT;
	size_t			 i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		refused(rows[i].text, strlen(rows[i].text), "main",
		    ERR_CONFIG, rows[i].msg);
	/* "@" stands for itself in this message. */
	testdir_text("c", HEAD "[other]\nrepository = backup\n");
	assert_int_equal(conf_load(&c, &src, &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	assert_non_null(strstr(e.msg, "/c:4: repository \"backup\": no colon "
	    "behind the host; expected /dir, [user@]host:/dir or"));
	refused(HEAD "jobs = 2\0\n", sizeof(HEAD "jobs = 2\0\n") - 1, "main",
	    ERR_CONFIG, "@:3: found \"jobs = 2?\", expected text without "
	    "control characters");
}

/* Who lists all servers is not told that all is well with none. */
static void
test_no_names(void **state)
{
	static const char *const texts[] = {
		"", "[seawall]\nrepository = /r\n"
	};
	struct conf_source	 src = {
		.config = testdir_path("c"), .server = NULL, .set = { NULL, 0 }
	};
	struct err		 e;
	char			**names;
	size_t			 i, n;

	(void)state;
	for (i = 0; i < N(texts); i++) {
		e = (struct err)ERR_INIT;
		testdir_text("c", texts[i]);
		assert_int_equal(conf_names(&src, &names, &n, &e), -1);
		assert_int_equal(e.kind, ERR_CONFIG);
		assert_non_null(strstr(e.msg, "/c: found no server, expected "
		    "a section like [main]"));
	}
}

static void
test_choice(void **state)
{
	static const char	 two[] =
	    "[a]\n[seawall]\nrepository = /r\n[b]\n";

	(void)state;
	refused(two, sizeof(two) - 1, NULL, ERR_USAGE, "@: found 2 servers "
	    "(a, b), expected one; choose it with --server");
	refused(two, sizeof(two) - 1, "c", ERR_USAGE,
	    "@: found no server \"c\", expected one of: a, b");
	refused(two, sizeof(two) - 1, "seawall", ERR_USAGE,
	    "@: found no server \"seawall\", expected one of: a, b");
	refused(two, sizeof(two) - 1, "", ERR_USAGE,
	    "@: found no server \"\", expected one of: a, b");
}

/* inih's buffer: a value is whole, or it is refused. */
static void
test_long_lines(void **state)
{
	struct server_conf	 c;
	char			 text[512], msg[64];
	size_t			 n;

	(void)state;
	for (n = 150; n < 400; n++) {
		char	*to = stpcpy(text, "[main]\nrepository = ");

		memset(to, 'r', n - 13);
		*to = '/';
		(void)strcpy(to + n - 13, "\njobs = 3\n");
		if (n > 197) {
			(void)snprintf(msg, sizeof(msg), "@:2: found a line "
			    "of %zu bytes, expected at most 197", n);
			refused(text, strlen(text), NULL, ERR_CONFIG, msg);
			continue;
		}
		testdir_text("c", text);
		load(&c, NULL);
		assert_int_equal(strlen(c.repository), n - 13);
		assert_int_equal(c.jobs, 3);
		conf_free(&c);
	}
}

static void
test_names(void **state)
{
	static const char *const good[] = {
		"a", "main", "A.b_c-9", "0", "_x",
		("12345678901234567890123456789012345678901234567890"
		"1234567890123")
	};
	static const char *const bad[] = {
		"", ".", ".a", "-a", "a/b", "a b", "\xc3\xa4", "a\n",
		"seawall", "SEAWALL",
		("12345678901234567890123456789012345678901234567890"
		"12345678901234")
	};
	struct server_conf	 c;
	char			 text[128];
	size_t			 i;

	(void)state;
	for (i = 0; i < N(good); i++) {
		assert_true(conftree_is_name(good[i]));
		(void)snprintf(text, sizeof(text), "[%s]\nrepository = /r\n",
		    good[i]);
		testdir_text("c", text);
		load(&c, NULL);
		assert_string_equal(c.name, good[i]);
		conf_free(&c);
	}
	for (i = 0; i < N(bad); i++)
		assert_false(conftree_is_name(bad[i]));
}

static void
test_codecs(void **state)
{
	static const struct {
		const char		*text;
		enum codec	 name;
		int			 level;		/* -1: refused */
	} rows[] = {
		{ "none", CODEC_NONE, 0 }, { "xz", CODEC_XZ, 0 },
		{ "xz:0", CODEC_XZ, 0 }, { "xz:9", CODEC_XZ, 9 },
		{ "zstd", CODEC_ZSTD, 3 },
		{ "zstd:1", CODEC_ZSTD, 1 },
		{ "zstd:19", CODEC_ZSTD, 19 },
		{ "wal", CODEC_WAL, 1 }, { "wal:small", CODEC_WAL, 2 },
		{ "wal:", 0, -1 }, { "wal:1", 0, -1 }, { "wal:2", 0, -1 },
		{ "", 0, -1 }, { "xz:", 0, -1 }, { "xz:10", 0, -1 },
		{ "xz:-1", 0, -1 }, { "zstd:0", 0, -1 }, { "zstd:20", 0, -1 },
		{ "none:0", 0, -1 }, { "XZ", 0, -1 }, { "x", 0, -1 },
		{ "gzip", 0, -1 }, { "zstd:3:4", 0, -1 }, { "zstd 3", 0, -1 }
	};
	size_t	 key = confkey_find("wal_compression"), i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		struct server_conf	 c = { 0 };
		struct err		 e = ERR_INIT;

		c.wal_compression.level = 4711;
		assert_int_equal(confkey_set(&c, confkey_at(key),
		    rows[i].text, &e), rows[i].level == -1 ? -1 : 0);
		if (rows[i].level == -1) {
			assert_int_equal(c.wal_compression.level, 4711);
			assert_non_null(strstr(e.msg, "expected wal, "
			    "wal:small, none, xz, xz:0 to xz:9, zstd, "
			    "zstd:1 to zstd:19"));
			continue;
		}
		assert_int_equal(c.wal_compression.codec, rows[i].name);
		assert_int_equal(c.wal_compression.level, rows[i].level);
	}
}

/* The server's own codec undoes [seawall]'s auto, and the other way. */
static void
test_auto(void **state)
{
	struct server_conf	 c;

	(void)state;
	testdir_text("c", "[seawall]\nrepository = /r\n"
	    "wal_compression = zstd:1\n[a]\nwal_compression = auto\n"
	    "backlog_high = 3\n[b]\n");
	load(&c, "a");
	assert_true(c.wal_compression_auto);
	assert_int_equal(c.wal_compression.codec, CODEC_WAL);
	assert_int_equal(c.wal_compression.level, 2);
	assert_int_equal(c.backlog_high, 3);
	conf_free(&c);
	load(&c, "b");
	assert_false(c.wal_compression_auto);
	assert_int_equal(c.wal_compression.codec, CODEC_ZSTD);
	conf_free(&c);
}

/* --set wins over the files' auto too. */
static void
test_auto_set(void **state)
{
	const char		*set[] = { "wal_compression=zstd:2" };
	struct conf_source	 src = {
		.config = testdir_path("c"), .server = NULL, .set = { set, 1 }
	};
	struct server_conf	 c;
	struct err		 e = ERR_INIT;

	(void)state;
	testdir_text("c", HEAD "wal_compression = auto\n");
	assert_int_equal(conf_load(&c, &src, &e), 0);
	assert_false(c.wal_compression_auto);
	assert_int_equal(c.wal_compression.codec, CODEC_ZSTD);
	assert_int_equal(c.wal_compression.level, 2);
	conf_free(&c);
}

static void
test_set(void **state)
{
	const char			*good[] = { "jobs=4", "conninfo=a=b",
		    "jobs=5" };
	static const char *const	 bad[][2] = {
		{ "jobs", "--set: found \"jobs\", expected KEY=VALUE with a "
		    "KEY of seawall.conf(5)" },
		{ "job=3", "--set: found \"job=3\", expected KEY=VALUE with a"
		    " KEY of seawall.conf(5)" },
		{ "include_dir=/x", "--set: found \"include_dir=/x\", "
		    "expected KEY=VALUE with a KEY of seawall.conf(5)" },
		{ "=", "--set: found \"=\", expected KEY=VALUE with a KEY of "
		    "seawall.conf(5)" },
		{ "jobs=99", "--set: jobs: found 99, expected 1 to 16" }
	};
	struct conf_source		 src = {
		.config = NULL, .server = NULL,
		.set = { good, N(good) }
	};
	struct server_conf		 c;
	struct err			 e = ERR_INIT;
	size_t				 i;

	(void)state;
	testdir_text("c", HEAD);
	/* By the environment this time. */
	assert_int_equal(setenv("SEAWALL_CONFIG", testdir_path("c"), 1), 0);
	assert_int_equal(conf_load(&c, &src, &e), 0);
	assert_int_equal(c.jobs, 5);
	assert_string_equal(c.conninfo, "a=b");
	assert_null(c.trust_signer);
	conf_free(&c);
	src.trust = "0011";
	assert_int_equal(conf_load(&c, &src, &e), 0);
	assert_string_equal(c.trust_signer, "0011");
	conf_free(&c);
	src.trust = NULL;
	for (i = 0; i < N(bad); i++) {
		const char	*one[] = { bad[i][0] };

		src.set.v = one;
		src.set.n = 1;
		err_clear(&e);
		assert_int_equal(conf_load(&c, &src, &e), -1);
		assert_string_equal(e.msg, bad[i][1]);
		assert_int_equal(e.kind, ERR_USAGE);
	}
}

static void
test_include(void **state)
{
	struct conf_source	 src = {
		.config = testdir_path("c"), .server = NULL, .set = { NULL, 0 }
	};
	struct server_conf	 c;
	struct err		 e = ERR_INIT;
	char			**names;
	size_t			 n;

	(void)state;
	assert_int_equal(mkdir(testdir_path("d"), 0700), 0);
	testdir_text("c", "[seawall]\nrepository = /r\ninclude_dir = d\n"
	    "[m]\n");
	testdir_text("d/b.conf", "[b]\njobs = 3\n");
	testdir_text("d/a.conf", "[z]\n[y]\n");
	testdir_text("d/c.conf~", "nonsense");
	testdir_text("d/.x.conf", "nonsense");
	assert_int_equal(conf_names(&src, &names, &n, &e), 0);
	assert_int_equal(n, 4);
	assert_string_equal(names[0], "m");
	assert_string_equal(names[1], "z");
	assert_string_equal(names[2], "y");
	assert_string_equal(names[3], "b");
	while (n > 0)
		free(names[--n]);
	free(names);
	load(&c, "b");
	assert_int_equal(c.jobs, 3);
	assert_string_equal(c.repository, "/r");
	conf_free(&c);

	testdir_text("d/b.conf", "[b]\njobs = x\n");
	assert_int_equal(conf_load(&c, &src, &e), -1);
	assert_non_null(strstr(e.msg, "/d/b.conf:2: jobs: found \"x\""));
	err_clear(&e);
	testdir_text("d/b.conf", "\n[z]\n");
	assert_int_equal(conf_load(&c, &src, &e), -1);
	assert_non_null(strstr(e.msg, "/d/b.conf:2: found [z] again"));
	assert_non_null(strstr(e.msg, "/d/a.conf:1"));
	testdir_text("d/b.conf", "[seawall]\n");
	err_clear(&e);
	assert_int_equal(conf_load(&c, &src, &e), -1);
	assert_non_null(strstr(e.msg, "found [seawall] again"));
	testdir_text("c", "[seawall]\ninclude_dir = /no/where\n");
	err_clear(&e);
	assert_int_equal(conf_load(&c, &src, &e), -1);
	assert_non_null(strstr(e.msg,
	    "/c:2: include_dir /no/where: No such file or directory"));
	assert_int_equal(e.kind, ERR_CONFIG);
}

static void
test_no_file(void **state)
{
	struct conf_source	 src = {
		.config = testdir_path("no"), .server = NULL,
		.set = { NULL, 0 }
	};
	struct server_conf	 c;
	struct err		 e = ERR_INIT;

	(void)state;
	assert_int_equal(conf_load(&c, &src, &e), -1);
	assert_non_null(strstr(e.msg, "/no: no such file, expected the "
	    "configuration; seawall-setup writes one, or see --config and "
	    "SEAWALL_CONFIG"));
	assert_int_equal(e.kind, ERR_CONFIG);
	src.config = testdir_path("");
	err_clear(&e);
	assert_int_equal(conf_load(&c, &src, &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
}

static void
test_need(void **state)
{
	struct server_conf	 c;
	struct err		 e = ERR_INIT;

	(void)state;
	testdir_text("c", HEAD "key = /k.push\n");
	load(&c, NULL);
	assert_int_equal(conf_need(&c, "key", &e), 0);
	assert_int_equal(conf_need(&c, "restore_key", &e), -1);
	assert_non_null(strstr(e.msg, "/c: [main]: found no restore_key, "
	    "expected restore_key = the path of a .restore file"));
	assert_int_equal(e.kind, ERR_CONFIG);
	conf_free(&c);
}

/* The sample has each key with its default and nothing else, and it loads;
 * the manual page has each key and its default. */
static void
test_sample(void **state)
{
	const struct confkey	*k;
	struct conf_source	 src = {
		.config = "conf/seawall.conf", .server = NULL,
		.set = { NULL, 0 }
	};
	struct server_conf	 c;
	struct err		 e = ERR_INIT;
	char			 line[128], *sample, *page, *p;
	size_t			 i, n;

	(void)state;
	assert_int_equal(conf_load(&c, &src, &e), 0);
	assert_string_equal(c.name, "main");
	conf_free(&c);
	sample = malloc(1 << 16);
	page = malloc(1 << 16);
	for (i = 0; i < 2; i++) {
		FILE	*f = fopen(i == 0 ? "conf/seawall.conf" :
		    "conf/seawall.conf.5", "r");

		assert_non_null(f);
		p = i == 0 ? sample : page;
		n = fread(p, 1, (1 << 16) - 1, f);
		p[n] = '\0';
		assert_int_equal(fclose(f), 0);
	}
	for (i = 0; (k = confkey_at(i)) != NULL; i++) {
		(void)snprintf(line, sizeof(line), "\n.It Ic %s\n", k->name);
		if (strstr(page, line) == NULL)
			fail_msg("%s is not in seawall.conf.5", k->name);
		(void)snprintf(line, sizeof(line), "\n%s%s =%s%s%s",
		    strcmp(k->name, "repository") == 0 ? "" : "#", k->name,
		    k->value == NULL || k->value[0] == '\0' ? "" : " ",
		    k->value == NULL ? "" : k->value,
		    k->value == NULL ? "" : "\n");
		if (strstr(sample, line) == NULL)
			fail_msg("seawall.conf has no line \"%s\"", line + 1);
	}
	/* With all lines in force it is still right, but there is either one
	 * repository or several. */
	for (p = sample; (p = strstr(p, "\n#")) != NULL; p++)
		if (p[2] >= 'a' && p[2] <= 'z' &&
		    strncmp(p + 2, "repositories ", 13) != 0 &&
		    strncmp(p + 2, "quorum ", 7) != 0)
			p[1] = ' ';
	assert_int_equal(mkdir(testdir_path("conf.d"), 0700), 0);
	testdir_text("c", sample);
	load(&c, NULL);
	assert_string_equal(c.restore_key, "/etc/seawall/main.restore");
	assert_int_equal(c.wal_wait_ms, 3600000);
	conf_free(&c);
	free(sample);
	free(page);
}

#define NEAR	"[repository near]\nrepository = /near\n"	/* lines 1, 2 */
#define FAR	"[repository far]\nrepository = /far\n"	/* 3, 4 */
#define BOTH	NEAR FAR "[main]\n"				/* 5 */

/* Each repository has its own settings, its own memory, and its turn. */
static void
test_several(void **state)
{
	struct conf_source	 src = { .config = testdir_path("c") };
	struct conf_set		 set;
	struct server_conf	 c;
	struct err		 e = ERR_INIT;

	(void)state;
	testdir_text("c", NEAR "keep_daily = 7\n" FAR "read_only = on\n"
	    "[seawall]\nkeep_daily = 1\nstate_dir = /s\n"
	    "[main]\nrepositories =  near ,far\nquorum = 1\n"
	    "[other]\nrepository = /r\n");
	src.server = "main";
	assert_int_equal(conf_load_set(&set, &src, &e), 0);
	assert_int_equal(set.n, 2);
	assert_int_equal(set.quorum, 1);
	assert_string_equal(set.conf[0].repository, "/near");
	assert_string_equal(set.conf[0].repository_name, "near");
	assert_string_equal(set.conf[0].state_dir, "/s/@near");
	assert_string_equal(set.conf[0].state_base, "/s");
	assert_int_equal(set.conf[0].keep[RETENTION_PERIOD_DAY], 7);
	assert_int_equal(conf_may_write(&set.conf[0], &e), 0);
	assert_string_equal(set.conf[1].repository, "/far");
	assert_string_equal(set.conf[1].state_dir, "/s/@far");
	assert_int_equal(set.conf[1].keep[RETENTION_PERIOD_DAY], 1);
	assert_int_equal(conf_may_write(&set.conf[1], &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	err_clear(&e);
	conf_free_set(&set);
	/* One of them, and all that are named. */
	load(&c, "main");
	assert_string_equal(c.repository_name, "near");
	conf_free(&c);
	src.repository = "far";
	assert_int_equal(conf_load(&c, &src, &e), 0);
	assert_string_equal(c.repository, "/far");
	conf_free(&c);
	src.repository = "far,near";
	assert_int_equal(conf_load_set(&set, &src, &e), 0);
	assert_int_equal(set.quorum, 2);
	assert_string_equal(set.conf[0].repository_name, "far");
	conf_free_set(&set);
	assert_int_equal(conf_load(&c, &src, &e), -1);
	assert_string_equal(e.msg, "--repository: found \"far,near\", "
	    "expected one name");
	assert_int_equal(e.kind, ERR_USAGE);
	err_clear(&e);
	src.repository = "mars";
	assert_int_equal(conf_load(&c, &src, &e), -1);
	assert_non_null(strstr(e.msg, "found no section [repository mars]"));
	assert_int_equal(e.kind, ERR_USAGE);
	/* A server without them is as it always was. */
	load(&c, "other");
	assert_null(c.repository_name);
	assert_string_equal(c.state_dir, "/s");
	conf_free(&c);
}

/* One place for all would be counted as often as it has names. */
static void
test_several_set(void **state)
{
	static const char *set[] = { "repository=/r", "quorum=1",
	    "repositories=near" };
	struct server_conf	 c;
	struct err		 e = ERR_INIT;
	size_t			 i;

	(void)state;
	testdir_text("c", BOTH "repositories = near, far\nquorum = 2\n");
	for (i = 0; i < N(set); i++) {
		struct conf_source	 src = { .config = testdir_path("c"),
		    .set = { &set[i], 1 } };

		assert_int_equal(conf_load(&c, &src, &e), -1);
		assert_int_equal(e.kind, ERR_USAGE);
		err_clear(&e);
	}
}

static void
test_several_refused(void **state)
{
	static const struct {
		const char	*text, *msg;
	} t[] = {
		{ BOTH "repositories = near, far\n", "@:6: repositories: found "
		    "2 without quorum, expected quorum = N: in how many of "
		    "them a WAL file must be durable before PostgreSQL may "
		    "remove it" },
		{ BOTH "repositories = near, far\nquorum = 3\n", "@:7: "
		    "2 repositories: quorum: found 3, expected 1 to 2" },
		{ BOTH "repositories = near, far\nquorum = 0\n", "@:7: "
		    "quorum: found 0, expected 1 to 8" },
		{ BOTH "repository = /r\nquorum = 1\n", "@:7: quorum: found "
		    "without repositories, expected repositories = names of "
		    "[repository NAME] sections" },
		{ BOTH "repositories = near, near\nquorum = 2\n", "@:6: "
		    "found \"near\" again, expected each repository once" },
		{ BOTH "repositories = near, mars\nquorum = 1\n", "@:6: "
		    "repositories: found \"mars\", expected a section "
		    "[repository mars] with repository = host:/path, "
		    "ssh://host/path or /path" },
		{ BOTH "repositories = near,\n", "@:6: found \"\", expected "
		    "the name of a section [repository NAME]" },
		{ NEAR "[repository far]\nrepository = /near\n[main]\n"
		    "repositories = near, far\nquorum = 2\n", "@:6: "
		    "repositories: found two names, near and far, for one "
		    "repository, /near" },
		{ BOTH "repositories = near\nrepository = /r\n", "@:7: "
		    "repository: found beside repositories (@:6), expected "
		    "one of both for [main]" },
		{ NEAR "jobs = 2\n[main]\nrepository = /r\n", "@:3: jobs: "
		    "found in [repository near], expected in the section of a "
		    "server or in [seawall]" },
		{ NEAR NEAR "[main]\nrepository = /r\n", "@:3: found "
		    "[repository near] again, expected it once; the first is "
		    "at @:1" },
		{ NEAR FAR, "@: found no server, expected a section like "
		    "[main]" }
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < N(t); i++)
		refused(t[i].text, strlen(t[i].text), NULL, ERR_CONFIG,
		    t[i].msg);
}

#define TEST(t)	cmocka_unit_test_setup_teardown(t, setup, teardown)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		TEST(test_defaults),
		TEST(test_policy),
		TEST(test_who_wins),
		TEST(test_refused),
		TEST(test_no_names),
		TEST(test_choice),
		TEST(test_long_lines),
		TEST(test_names),
		TEST(test_codecs),
		TEST(test_auto),
		TEST(test_auto_set),
		TEST(test_set),
		TEST(test_include),
		TEST(test_no_file),
		TEST(test_need),
		TEST(test_several),
		TEST(test_several_set),
		TEST(test_several_refused),
		TEST(test_sample)
	};

	return (cmocka_run_group_tests_name("conf", tests, NULL, NULL));
}
