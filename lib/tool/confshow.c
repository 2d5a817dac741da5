/* SPDX-License-Identifier: ISC */
/* The configuration as a program sees it, and where each value comes from. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "tool/confkey.h"
#include "tool/confshow.h"

#define PUSH	"wal-push wal-receive base-push "
#define READ	"wal-fetch base-fetch "
#define LOOK	"backup-list backup-show backup-verify backup-expire " \
		"backup-check backup-export backup-import "
#define DRILL	"backup-drill "
#define ALL	PUSH READ LOOK DRILL
#define VALUE	512

/* The programs that use a key. */
static const struct {
	const char	*key, *programs;
} used[] = {
	{ "include_dir", ALL },
	{ "repository", ALL },
	{ "repositories", ALL },
	{ "quorum", "wal-push " },
	{ "read_only", PUSH "backup-expire " },
	{ "trust_signer", ALL },
	{ "ssh_key", ALL },
	{ "ssh_config", ALL },
	{ "known_hosts", ALL },
	{ "host_key", ALL },
	{ "io_timeout", ALL },
	{ "require_fsync", ALL },
	{ "connections", ALL },
	{ "log_file", ALL },
	{ "log_level", ALL },
	{ "key", PUSH LOOK },
	{ "restore_key", "base-push " READ LOOK DRILL },
	{ "public_key", LOOK DRILL },
	{ "drill_key", DRILL },
	{ "drill_preload", DRILL },
	{ "pg_bindir", DRILL },
	{ "passphrase_file", "base-push " READ LOOK DRILL },
	{ "state_dir", PUSH READ "backup-list backup-verify backup-expire "
	    "backup-check backup-import " DRILL },
	{ "data_directory", PUSH "wal-fetch backup-verify backup-expire "
	    "backup-check " },
	{ "conninfo", "wal-receive base-push backup-check " },
	{ "source", "base-push " },
	{ "streaming_conninfo", "wal-receive base-push " },
	{ "slot", "wal-receive backup-check " },
	{ "status_interval", "wal-receive " },
	{ "wal_compression", "wal-push wal-receive " },
	{ "base_compression", "base-push " },
	{ "jobs", "base-push base-fetch backup-verify backup-import "
	    DRILL },
	{ "chunk_size", "base-push " },
	{ "page_hashes_max", "base-push " },
	{ "wal_wait", "base-push " },
	{ "retry_for", "base-push backup-export backup-import " },
	{ "checksum", "base-push " },
	{ "idle_priority", "base-push " DRILL },
	{ "base_bandwidth_limit", "base-push base-fetch backup-verify "
	    "backup-export backup-import " DRILL },
	{ "tablespace_bandwidth_limit", "base-push base-fetch " DRILL },
	{ "agent", "wal-push wal-fetch " },
	{ "agent_linger", "wal-push wal-fetch " },
	{ "push_jobs", "wal-push " },
	{ "fetch_ahead", "wal-fetch " },
	{ "backlog_high", "wal-push " },
	{ "wal_bandwidth_limit", "wal-push wal-fetch wal-receive " },
	{ "fetch_retry", "wal-fetch " },
	{ "retention_policy", "backup-expire backup-list backup-show "
	    "backup-check " },
	{ "keep_daily", "backup-expire backup-list backup-show "
	    "backup-check " },
	{ "keep_weekly", "backup-expire backup-list backup-show "
	    "backup-check " },
	{ "keep_monthly", "backup-expire backup-list backup-show "
	    "backup-check " },
	{ "keep_yearly", "backup-expire backup-list backup-show "
	    "backup-check " },
	{ "minimum_redundancy", "backup-expire backup-list backup-show "
	    "backup-check " },
	{ "expire_grace", "backup-expire backup-list backup-show "
	    "backup-check " },
	{ "abandoned_after", "base-push backup-expire backup-list backup-show "
	    "backup-check backup-import " },
	{ "notify_command", "base-push backup-expire backup-verify "
	    "backup-check " DRILL },
	{ "notify_again", "backup-check " },
	{ "notify_timeout", "base-push backup-expire backup-verify "
	    "backup-check " DRILL },
	{ "notify_success", "base-push backup-expire backup-verify " DRILL },
	{ "before_base_push", "base-push " },
	{ "after_base_push", "base-push " },
	{ "before_base_fetch", "base-fetch " },
	{ "after_base_fetch", "base-fetch " },
	{ "before_expire", "backup-expire " },
	{ "after_expire", "backup-expire " },
	{ "hook_timeout", "base-push base-fetch backup-expire " }
};

struct printer {
	FILE		*out;
	const char	*program;
};

int
confshow_uses(const char *program, const char *key)
{
	const char	*p;
	size_t		 i, n = strlen(program);

	for (i = 0; i < sizeof(used) / sizeof(used[0]); i++)
		if (strcmp(used[i].key, key) == 0)
			break;
	if (i == sizeof(used) / sizeof(used[0]))
		return (1);
	for (p = used[i].programs; *p != '\0'; p += strcspn(p, " ") + 1)
		if (strncmp(p, program, n) == 0 && p[n] == ' ')
			return (1);
	return (0);
}

/*
 * Parameters with secrets have such names: password, sslpassword,
 * oauth_client_secret, scram_client_key.  In a URI a name may be hidden by
 * "%70", and a password stands before the host.
 */
int
confshow_is_secret(const char *conninfo)
{
	static const char *const	 word[] = { "password", "secret",
					    "_key" };
	const char			*uri = strstr(conninfo, "://");
	const char			*host, *colon;
	size_t				 i;

	for (i = 0; i < sizeof(word) / sizeof(word[0]); i++)
		if (strstr(conninfo, word[i]) != NULL)
			return (1);
	if (uri == NULL)
		return (0);
	host = strrchr(uri, '@');
	colon = strchr(uri + 3, ':');
	return (strchr(uri, '%') != NULL ||
	    (host != NULL && colon != NULL && colon < host));
}

static int
is_hidden(const struct confkey *k, const char *value)
{
	return ((strcmp(k->name, "conninfo") == 0 ||
	    strcmp(k->name, "streaming_conninfo") == 0) &&
	    confshow_is_secret(value));
}

static int
print_key(void *arg, const struct confkey *k, const struct conf_origin *o,
    struct err *e)
{
	const struct printer	*p = arg;
	const int		 hidden = k != NULL && is_hidden(k, o->value);
	char			 value[VALUE];

	(void)e;
	(void)str_clean(value, sizeof(value), o->value, strlen(o->value));
	if (k == NULL)
		(void)fprintf(p->out, "[%s]  (%s", value, o->where);
	else if (confshow_uses(p->program, k->name))
		(void)fprintf(p->out, "%s =%s%s  (%s", k->name,
		    value[0] == '\0' ? "" : " ", hidden ? "..." : value,
		    o->where);
	else
		return (0);
	if (o->line > 0)
		(void)fprintf(p->out, ":%u", o->line);
	(void)fprintf(p->out, "%s)\n", hidden ? ", hidden: has a password" :
	    "");
	return (0);
}

static int
print_server(struct printer *p, const struct conf_source *src,
    const char *server, struct err *e)
{
	struct conf_source	 one = *src;

	one.server = server;
	return (conf_explain(&one, print_key, p, e));
}

int
confshow_print(FILE *out, const char *program, const struct conf_source *src,
    struct err *e)
{
	struct printer	 p = { out, program };
	char		**names = NULL;
	size_t		 i, n = 0;
	int		 rc = 0;

	if (src->server != NULL && strcmp(src->server, "all") != 0)
		return (print_server(&p, src, src->server, e));
	if (conf_names(src, &names, &n, e))
		return (-1);
	for (i = 0; rc == 0 && i < n; i++) {
		if (i > 0)
			(void)fprintf(out, "\n");
		rc = print_server(&p, src, names[i], e);
	}
	for (i = 0; i < n; i++)
		free(names[i]);
	free(names);
	return (rc);
}
