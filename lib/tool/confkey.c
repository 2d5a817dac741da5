/* SPDX-License-Identifier: ISC */
/* The table of all keys, and how their values are read and written. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "backup/spacelimit.h"
#include "base/parse.h"
#include "base/str.h"
#include "plan/retention_policy.h"
#include "store/address.h"
#include "tool/confkey.h"
#include "tool/confnames.h"

#define FIELD(f)	offsetof(struct server_conf, f)
#define NONE		0, 0
#define MINUTE		UINT64_C(60000)
#define DAY		(24 * 60 * MINUTE)
#define MAX_KBPS	SPACELIMITS_KBPS

static const struct confkey table[] = {
	{ "include_dir", CONFKEY_FOLDER, 0, NULL, NONE,
	    "a folder of *.conf files" },

	{ "repository", CONFKEY_ADDRESS, FIELD(repository), NULL, NONE,
	    "host:/path, ssh://host/path or /path" },
	{ "repositories", CONFKEY_REPOSITORIES, FIELD(repositories), NULL,
	    NONE, "names of [repository NAME] sections" },
	{ "quorum", CONFKEY_U64, FIELD(quorum), NULL, 1, CONFNAMES_MAX, NULL },
	{ "read_only", CONFKEY_BOOL, FIELD(read_only), "off", NONE, NULL },
	{ "key", CONFKEY_PATH, FIELD(key), NULL, NONE,
	    "the path of a .push file" },
	{ "restore_key", CONFKEY_PATH, FIELD(restore_key), NULL, NONE,
	    "the path of a .restore file" },
	{ "public_key", CONFKEY_PATH, FIELD(public_key), NULL, NONE,
	    "the path of a .public file" },
	{ "drill_key", CONFKEY_PATH, FIELD(drill_key), NULL, NONE,
	    "the path of a .drill file" },
	{ "drill_preload", CONFKEY_TEXT, FIELD(drill_preload), "", NONE,
	    "names of libraries" },
	{ "pg_bindir", CONFKEY_PATH, FIELD(pg_bindir), NULL, NONE,
	    "the directory with the programs of PostgreSQL" },
	{ "passphrase_file", CONFKEY_PATH, FIELD(passphrase_file), NULL, NONE,
	    "the path of a file that holds restore_key's passphrase" },
	{ "trust_signer", CONFKEY_TEXT, FIELD(trust_signer), NULL, NONE,
	    "a retired signer" },
	{ "state_dir", CONFKEY_PATH, FIELD(state_dir), "/var/lib/seawall",
	    NONE, "a folder" },
	{ "data_directory", CONFKEY_PATH, FIELD(data_directory), NULL, NONE,
	    "the cluster's data directory" },
	{ "conninfo", CONFKEY_TEXT, FIELD(conninfo), "", NONE,
	    "a libpq connection string" },
	{ "source", CONFKEY_SOURCE, FIELD(stream), "files", NONE, NULL },
	{ "streaming_conninfo", CONFKEY_TEXT, FIELD(streaming_conninfo), "",
	    NONE, "a libpq connection string" },
	{ "slot", CONFKEY_TEXT, FIELD(slot), NULL, NONE,
	    "the name of a replication slot" },
	{ "status_interval", CONFKEY_SPAN, FIELD(status_interval_ms), "10s",
	    1000, 10 * MINUTE, NULL },

	{ "wal_compression", CONFKEY_WAL_CODEC, FIELD(wal_compression),
	    "wal", NONE, NULL },
	{ "base_compression", CONFKEY_CODEC, FIELD(base_compression),
	    "zstd:3", NONE, NULL },
	{ "jobs", CONFKEY_U64, FIELD(jobs), "2", 1, 16, NULL },
	{ "chunk_size", CONFKEY_POWER, FIELD(chunk_size), "256k",
	    64 << 10, 4 << 20, NULL },
	{ "page_hashes_max", CONFKEY_U64, FIELD(page_hashes_max), "16384", 0,
	    1 << 24, NULL },
	{ "wal_wait", CONFKEY_SPAN, FIELD(wal_wait_ms), "1h", 0, 7 * DAY,
	    NULL },
	{ "retry_for", CONFKEY_SPAN, FIELD(retry_for_ms), "1h", 0, 7 * DAY,
	    NULL },
	{ "checksum", CONFKEY_BOOL, FIELD(checksum), "on", NONE, NULL },
	{ "idle_priority", CONFKEY_BOOL, FIELD(idle_priority), "on", NONE,
	    NULL },
	{ "base_bandwidth_limit", CONFKEY_U64, FIELD(base_bandwidth_limit),
	    "0", 0, MAX_KBPS, NULL },
	{ "tablespace_bandwidth_limit", CONFKEY_RATES,
	    FIELD(tablespace_bandwidth_limit), NULL, NONE,
	    "tablespaces and rates, as in tbs01:4096,tbs02:2048" },

	{ "agent", CONFKEY_BOOL, FIELD(agent), "on", NONE, NULL },
	{ "agent_linger", CONFKEY_SPAN, FIELD(agent_linger_ms), "60s", 1000,
	    60 * MINUTE, NULL },
	{ "push_jobs", CONFKEY_U64, FIELD(push_jobs), "2", 1, 16, NULL },
	{ "fetch_ahead", CONFKEY_U64, FIELD(fetch_ahead), "8", 0, 64, NULL },
	{ "backlog_high", CONFKEY_U64, FIELD(backlog_high), "8", 1, 1000000,
	    NULL },
	{ "wal_bandwidth_limit", CONFKEY_U64, FIELD(wal_bandwidth_limit),
	    "0", 0, MAX_KBPS, NULL },

	{ "ssh_key", CONFKEY_PATH, FIELD(ssh_key), NULL, NONE,
	    "the path of an identity file" },
	{ "ssh_config", CONFKEY_PATH, FIELD(ssh_config), NULL, NONE,
	    "the path of a file" },
	{ "known_hosts", CONFKEY_PATH, FIELD(known_hosts), NULL, NONE,
	    "the path of a file" },
	{ "host_key", CONFKEY_HOST_KEY, FIELD(host_key), NULL, NONE,
	    "a fingerprint" },
	{ "io_timeout", CONFKEY_SPAN, FIELD(io_timeout_ms), "60s", 1000,
	    60 * MINUTE, NULL },
	{ "require_fsync", CONFKEY_BOOL, FIELD(require_fsync), "on", NONE,
	    NULL },
	{ "connections", CONFKEY_U64, FIELD(connections), "0", 0, 1000, NULL },
	{ "fetch_retry", CONFKEY_SPAN, FIELD(fetch_retry_ms), "5min", 0, DAY,
	    NULL },

	{ "retention_policy", CONFKEY_POLICY, FIELD(retention_policy), NULL,
	    NONE, "redundancy N or recovery window of N days" },
	{ "keep_daily", CONFKEY_U64, FIELD(keep[RETENTION_PERIOD_DAY]), "0",
	    0, RETENTION_PERIOD_MOST, NULL },
	{ "keep_weekly", CONFKEY_U64, FIELD(keep[RETENTION_PERIOD_WEEK]), "0",
	    0, RETENTION_PERIOD_MOST, NULL },
	{ "keep_monthly", CONFKEY_U64, FIELD(keep[RETENTION_PERIOD_MONTH]), "0",
	    0, RETENTION_PERIOD_MOST, NULL },
	{ "keep_yearly", CONFKEY_U64, FIELD(keep[RETENTION_PERIOD_YEAR]), "0",
	    0, RETENTION_PERIOD_MOST, NULL },
	{ "minimum_redundancy", CONFKEY_U64, FIELD(minimum_redundancy), "0",
	    0, 1000000, NULL },
	{ "expire_grace", CONFKEY_SPAN, FIELD(expire_grace_ms), "3d", 0,
	    365 * DAY, NULL },
	{ "abandoned_after", CONFKEY_SPAN, FIELD(abandoned_after_ms), "7d",
	    60 * MINUTE, 365 * DAY, NULL },

	{ "notify_command", CONFKEY_PATH, FIELD(notify_command), NULL, NONE,
	    "the path of a program" },
	{ "notify_again", CONFKEY_SPAN, FIELD(notify_again_ms), "1d", 0,
	    365 * DAY, NULL },
	{ "notify_timeout", CONFKEY_SPAN, FIELD(notify_timeout_ms), "30s",
	    1000, 60 * MINUTE, NULL },
	{ "notify_success", CONFKEY_BOOL, FIELD(notify_success), "off", NONE,
	    NULL },

	{ "before_base_push", CONFKEY_PATH, FIELD(before_base_push), NULL,
	    NONE, "the path of a program" },
	{ "after_base_push", CONFKEY_PATH, FIELD(after_base_push), NULL,
	    NONE, "the path of a program" },
	{ "before_base_fetch", CONFKEY_PATH, FIELD(before_base_fetch), NULL,
	    NONE, "the path of a program" },
	{ "after_base_fetch", CONFKEY_PATH, FIELD(after_base_fetch), NULL,
	    NONE, "the path of a program" },
	{ "before_expire", CONFKEY_PATH, FIELD(before_expire), NULL, NONE,
	    "the path of a program" },
	{ "after_expire", CONFKEY_PATH, FIELD(after_expire), NULL, NONE,
	    "the path of a program" },
	{ "hook_timeout", CONFKEY_SPAN, FIELD(hook_timeout_ms), "10min",
	    1000, DAY, NULL },

	{ "log_file", CONFKEY_LOG, FIELD(log_file), NULL, NONE,
	    "the path of a file, or syslog" },
	{ "log_level", CONFKEY_LEVEL, FIELD(log_level), "info", NONE, NULL }
};

#define COUNT	(sizeof(table) / sizeof(table[0]))

_Static_assert(COUNT <= CONFKEY_MAX, "arrays have room for every key");

const struct confkey *
confkey_at(size_t i)
{
	return (i < COUNT ? &table[i] : NULL);
}

size_t
confkey_find(const char *name)
{
	size_t	 i;

	for (i = 0; i < COUNT; i++)
		if (strcmp(table[i].name, name) == 0)
			return (i);
	return (SIZE_MAX);
}

/* What differs from repository to repository. */
static const char *const of_repository[] = {
	"repository", "read_only", "base_bandwidth_limit",
	"wal_bandwidth_limit", "ssh_key", "ssh_config", "known_hosts",
	"host_key", "io_timeout", "require_fsync", "retention_policy",
	"keep_daily", "keep_weekly", "keep_monthly", "keep_yearly",
	"minimum_redundancy", "expire_grace"
};

int
confkey_is_of_repository(const struct confkey *k)
{
	size_t	 i;

	for (i = 0; i < sizeof(of_repository) / sizeof(of_repository[0]); i++)
		if (strcmp(of_repository[i], k->name) == 0)
			return (1);
	return (0);
}

static void *
field(struct server_conf *c, const struct confkey *k)
{
	return ((char *)c + k->field);
}

static int
wrong(const struct confkey *k, const char *value, const char *expected,
    struct err *e)
{
	return (err_set(e, ERR_CONFIG, "%s: found \"%.64s\", expected %s",
	    k->name, value, expected));
}

/*
 * Some texts are kept as written and parsed where they are needed.  Refuse them
 * here already, with the line of the file in the message.
 */
static int
is_readable(const struct confkey *k, const char *value, struct err *e)
{
	struct retention_policy	 policy;
	struct spacelimits	*spaces;
	struct address		 address;
	struct confnames	 names;

	if (value[0] == '\0')
		return (1);
	if (k->kind == CONFKEY_REPOSITORIES)
		return (confnames_parse(&names, value, e) == 0);
	if (k->kind == CONFKEY_RATES) {
		if (spacelimit_parse(&spaces, value, e))
			return (0);
		spacelimit_free(spaces);
		return (1);
	}
	if (k->kind == CONFKEY_ADDRESS)
		return (address_parse(value, &address, e) == 0);
	return (k->kind != CONFKEY_POLICY ||
	    retention_policy_parse(value, &policy, e) == 0);
}

/* Check the form of a text, then keep it as it is. */
static int
set_text(struct server_conf *c, const struct confkey *k, const char *value,
    struct err *e)
{
	char	**to = field(c, k), *copy = NULL;

	if (k->kind == CONFKEY_PATH && value[0] != '\0' && value[0] != '/')
		return (wrong(k, value, "an absolute path", e));
	if (k->kind == CONFKEY_LOG && value[0] != '\0' && value[0] != '/' &&
	    strcmp(value, "syslog") != 0)
		return (wrong(k, value, "an absolute path, or syslog", e));
	if (k->kind == CONFKEY_HOST_KEY && value[0] != '\0' &&
	    (!str_begins(value, "SHA256:") || strlen(value) != 7 + 43))
		return (wrong(k, value,
		    "SHA256: and 43 characters, as ssh-keygen -l shows", e));
	if (!is_readable(k, value, e))
		return (-1);
	/* An empty text means "not set", unless the default is empty. */
	if ((value[0] != '\0' || k->value != NULL) &&
	    str_dup(&copy, value, e) == -1)
		return (-1);
	free(*to);
	*to = copy;
	return (0);
}

static int
set_codec(struct server_conf *c, const struct confkey *k, const char *value,
    struct err *e)
{
	static const struct {
		const char		*name;
		enum codec		 codec;
		uint64_t		 min, max, level;
	} known[] = {
		{ "none", CODEC_NONE, 0, 0, 0 },
		{ "xz", CODEC_XZ, 0, 9, 0 },
		{ "zstd", CODEC_ZSTD, 1, 19, 3 }
	};
	const char		*expected = k->kind == CONFKEY_WAL_CODEC ?
	    "wal, wal:small, none, xz, xz:0 to xz:9, zstd, zstd:1 to zstd:19, "
	    "auto" :
	    "none, xz, xz:0 to xz:9, zstd, zstd:1 to zstd:19";
	struct codec_spec	*to = field(c, k);
	struct err		 unused = ERR_INIT;
	size_t			 n = strcspn(value, ":"), i;
	uint64_t		 level;

	for (i = 0; i < 3; i++)
		if (strlen(known[i].name) == n &&
		    strncmp(known[i].name, value, n) == 0)
			break;
	if (i == 3)
		return (wrong(k, value, expected, e));
	level = known[i].level;
	if (value[n] == ':' && (known[i].max == 0 ||
	    parse_u64(value + n + 1, known[i].min, known[i].max, &level,
	    k->name, &unused) == -1))
		return (wrong(k, value, expected, e));
	to->codec = known[i].codec;
	to->level = (int)level;
	return (0);
}

/* "auto" is wal:small until archiving falls behind. */
static int
set_wal_codec(struct server_conf *c, const struct confkey *k,
    const char *value, struct err *e)
{
	struct codec_spec	*to = field(c, k);
	const int		 by_itself = strcmp(value, "auto") == 0;
	const int		 small = strcmp(value, "wal:small") == 0;

	if (by_itself || small || strcmp(value, "wal") == 0) {
		to->codec = CODEC_WAL;
		to->level = by_itself || small ? 2 : 1;
	} else if (set_codec(c, k, value, e))
		return (-1);
	c->wal_compression_auto = by_itself;
	return (0);
}

static int
set_source(struct server_conf *c, const struct confkey *k, const char *value,
    struct err *e)
{
	const int	 stream = strcmp(value, "stream") == 0;

	if (!stream && strcmp(value, "files") != 0)
		return (wrong(k, value, "files or stream", e));
	*(int *)field(c, k) = stream;
	return (0);
}

static const char *const level_name[] = {
	[RUNLOG_ERROR] = "error", [RUNLOG_NOTICE] = "notice",
	[RUNLOG_INFO] = "info", [RUNLOG_DEBUG] = "debug"
};

static int
set_level(struct server_conf *c, const struct confkey *k, const char *value,
    struct err *e)
{
	enum runlog_level	 i;

	for (i = RUNLOG_ERROR; i <= RUNLOG_DEBUG; i++)
		if (strcmp(level_name[i], value) == 0) {
			*(enum runlog_level *)field(c, k) = i;
			return (0);
		}
	return (wrong(k, value, "error, notice, info or debug", e));
}

static int
set_power(struct server_conf *c, const struct confkey *k, const char *value,
    struct err *e)
{
	uint64_t	 v;

	if (parse_size(value, k->min, k->max, &v, k->name, e) == -1)
		return (-1);
	if ((v & (v - 1)) != 0)
		return (wrong(k, value, "a power of two", e));
	*(uint64_t *)field(c, k) = v;
	return (0);
}

int
confkey_set(struct server_conf *c, const struct confkey *k, const char *value,
    struct err *e)
{
	switch (k->kind) {
	case CONFKEY_FOLDER:
		return (value[0] != '\0' ? 0 : wrong(k, value, k->what, e));
	case CONFKEY_TEXT:
	case CONFKEY_PATH:
	case CONFKEY_HOST_KEY:
	case CONFKEY_ADDRESS:
	case CONFKEY_REPOSITORIES:
	case CONFKEY_POLICY:
	case CONFKEY_RATES:
	case CONFKEY_LOG:
		return (set_text(c, k, value, e));
	case CONFKEY_LEVEL:
		return (set_level(c, k, value, e));
	case CONFKEY_CODEC:
		return (set_codec(c, k, value, e));
	case CONFKEY_WAL_CODEC:
		return (set_wal_codec(c, k, value, e));
	case CONFKEY_SOURCE:
		return (set_source(c, k, value, e));
	case CONFKEY_U64:
		return (parse_u64(value, k->min, k->max, field(c, k), k->name,
		    e));
	case CONFKEY_POWER:
		return (set_power(c, k, value, e));
	case CONFKEY_SPAN:
		return (parse_span(value, k->min, k->max, field(c, k),
		    k->name, e));
	case CONFKEY_BOOL:
		return (parse_bool(value, field(c, k), k->name, e));
	}
	return (-1);
}

static int
is_text(const struct confkey *k)
{
	return (k->kind == CONFKEY_TEXT || k->kind == CONFKEY_PATH ||
	    k->kind == CONFKEY_HOST_KEY || k->kind == CONFKEY_ADDRESS ||
	    k->kind == CONFKEY_REPOSITORIES || k->kind == CONFKEY_POLICY ||
	    k->kind == CONFKEY_RATES || k->kind == CONFKEY_LOG);
}

const char *
confkey_text(const struct server_conf *c, const struct confkey *k)
{
	const char *const	*text;

	if (!is_text(k))
		return (NULL);
	text = (const void *)((const char *)c + k->field);
	return (*text);
}

int
confkey_format(char *buf, size_t size, const struct server_conf *c,
    const struct confkey *k, struct err *e)
{
	const void		*at = (const char *)c + k->field;
	const struct codec_spec	*codec = at;
	const char		*text = confkey_text(c, k);

	switch (k->kind) {
	case CONFKEY_FOLDER:
		return (str_fmt(buf, size, e, "%s", ""));
	case CONFKEY_TEXT:
	case CONFKEY_PATH:
	case CONFKEY_HOST_KEY:
	case CONFKEY_ADDRESS:
	case CONFKEY_REPOSITORIES:
	case CONFKEY_POLICY:
	case CONFKEY_RATES:
	case CONFKEY_LOG:
		return (str_fmt(buf, size, e, "%s", text == NULL ? "" :
		    text));
	case CONFKEY_LEVEL:
		return (str_fmt(buf, size, e, "%s",
		    level_name[*(const enum runlog_level *)at]));
	case CONFKEY_CODEC:
	case CONFKEY_WAL_CODEC:
		if (k->kind == CONFKEY_WAL_CODEC && c->wal_compression_auto)
			return (str_fmt(buf, size, e, "auto"));
		if (codec->codec == CODEC_WAL)
			return (str_fmt(buf, size, e, codec->level == 1 ?
			    "wal" : "wal:small"));
		return (str_fmt(buf, size, e, "%s:%d",
		    codec_name(codec->codec), codec->level));
	case CONFKEY_SOURCE:
		return (str_fmt(buf, size, e, "%s", *(const int *)at ?
		    "stream" : "files"));
	case CONFKEY_U64:
	case CONFKEY_POWER:
	case CONFKEY_SPAN:
		return (str_fmt(buf, size, e, "%" PRIu64,
		    *(const uint64_t *)at));
	case CONFKEY_BOOL:
		return (str_fmt(buf, size, e, "%s", *(const int *)at ? "on" :
		    "off"));
	}
	return (err_set(e, ERR_LOCAL, "%s: unknown kind of key", k->name));
}

void
confkey_free(struct server_conf *c)
{
	char	**text;
	size_t	  i;

	for (i = 0; i < COUNT; i++)
		if (is_text(&table[i])) {
			text = field(c, &table[i]);
			free(*text);
			*text = NULL;
		}
}
