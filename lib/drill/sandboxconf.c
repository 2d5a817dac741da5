/* SPDX-License-Identifier: ISC */
/* What a server in a sandbox may do: a table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/parse.h"
#include "base/str.h"
#include "drill/sandboxconf.h"

#define MOST		128		/* settings */
#define TEXT_MOST	((size_t)64 << 10)

/* What does not depend on the sandbox, and the versions that know it. */
static const struct {
	const char	*name, *value;
	unsigned	 since, until;	/* major versions; 0: any */
} settings[] = {
	/* Nobody from elsewhere. */
	{ "bonjour", "off", 0, 0 },
	{ "ssl", "off", 0, 0 },
	{ "unix_socket_permissions", "0700", 0, 0 },
	{ "unix_socket_group", "", 0, 0 },
	{ "external_pid_file", "", 0, 0 },

	/* Nothing to the outside. */
	{ "archive_mode", "off", 0, 0 },
	{ "archive_command", "", 0, 0 },
	{ "archive_library", "", 15, 0 },
	{ "archive_cleanup_command", "", 0, 0 },
	{ "recovery_end_command", "", 0, 0 },
	{ "primary_conninfo", "", 0, 0 },
	{ "primary_slot_name", "", 0, 0 },
	{ "synchronous_standby_names", "", 0, 0 },
	{ "max_logical_replication_workers", "0", 0, 0 },
	{ "max_sync_workers_per_subscription", "0", 0, 0 },
	{ "sync_replication_slots", "off", 17, 0 },
	{ "summarize_wal", "off", 17, 0 },
	{ "wal_level", "replica", 0, 0 },

	/* No code of others. */
	{ "session_preload_libraries", "", 0, 0 },
	{ "local_preload_libraries", "", 0, 0 },
	{ "jit", "off", 0, 0 },
	{ "event_triggers", "off", 17, 0 },
	{ "autovacuum", "off", 0, 0 },

	/* Recovery ends by itself, and hides nothing. */
	{ "hot_standby", "off", 0, 0 },
	{ "recovery_min_apply_delay", "0", 0, 0 },
	{ "ignore_invalid_pages", "off", 0, 0 },
	{ "ignore_checksum_failure", "off", 0, 0 },
	{ "zero_damaged_pages", "off", 0, 0 },
	{ "ignore_system_indexes", "off", 0, 0 },
	{ "restart_after_crash", "off", 0, 0 },

	/* Little memory, and nothing in /dev/shm that could stay there. */
	{ "huge_pages", "off", 0, 0 },
	{ "shared_memory_type", "mmap", 0, 0 },
	{ "shared_buffers", "128MB", 0, 0 },
	{ "min_dynamic_shared_memory", "0", 14, 0 },
	{ "dynamic_shared_memory_type", "mmap", 0, 0 },
	{ "work_mem", "16MB", 0, 0 },
	{ "maintenance_work_mem", "64MB", 0, 0 },
	{ "autovacuum_work_mem", "-1", 0, 0 },
	{ "wal_buffers", "4MB", 0, 0 },
	{ "io_method", "worker", 18, 0 },

	/* Nothing that ends a long check or a session. */
	{ "statement_timeout", "0", 0, 0 },
	{ "lock_timeout", "0", 0, 0 },
	{ "idle_in_transaction_session_timeout", "0", 0, 0 },
	{ "idle_session_timeout", "0", 14, 0 },
	{ "transaction_timeout", "0", 17, 0 },
	{ "default_transaction_read_only", "off", 0, 0 },
	{ "temp_tablespaces", "", 0, 0 },
	{ "temp_file_limit", "-1", 0, 0 },
	{ "pre_auth_delay", "0", 0, 0 },
	{ "post_auth_delay", "0", 0, 0 },

	/* One log, that a program reads. */
	{ "logging_collector", "off", 0, 0 },
	{ "log_destination", "stderr", 0, 0 },
	{ "log_line_prefix", "%m [%p] ", 0, 0 },
	{ "log_timezone", "UTC", 0, 0 },
	{ "lc_messages", "C", 0, 0 },
	{ "log_min_messages", "warning", 0, 0 },
	{ "log_error_verbosity", "default", 0, 0 },
	{ "log_statement", "none", 0, 0 },
	{ "log_min_duration_statement", "-1", 0, 0 },
	{ "log_min_error_statement", "panic", 0, 0 },
	{ "log_duration", "off", 0, 0 },
	{ "log_connections", "off", 0, 0 },
	{ "log_disconnections", "off", 0, 0 },
	{ "log_checkpoints", "off", 0, 0 },
	{ "stats_temp_directory", "pg_stat_tmp", 0, 14 },
	{ "cluster_name", "seawall-drill", 0, 0 }
};

/* Where the command line grows. */
struct line {
	struct sandboxconf_args	*a;
	size_t			 n, used;
};

static int
add(struct line *l, const char *name, const char *value, struct err *e)
{
	char	*to = l->a->text + l->used;

	if (l->n + 3 > MOST * 2 || str_fmt(to, TEXT_MOST - l->used, e,
	    "%s=%s", name, value))
		return (err_set(e, ERR_LOCAL, "the settings of a sandbox are "
		    "too long"));
	l->a->argv[l->n++] = "-c";
	l->a->argv[l->n++] = to;
	l->a->argv[l->n] = NULL;
	l->used += strlen(to) + 1;
	return (0);
}

static int
add_table(struct line *l, unsigned major, struct err *e)
{
	size_t	 i;

	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (major >= settings[i].since && (settings[i].until == 0 ||
		    major <= settings[i].until) &&
		    add(l, settings[i].name, settings[i].value, e))
			return (-1);
	return (0);
}

static int
add_own(struct line *l, const struct sandboxconf *c, struct err *e)
{
	char	 number[16];
	size_t	 i;

	(void)snprintf(number, sizeof(number), "%u", c->port);
	if (add(l, "config_file", c->config_file, e) ||
	    add(l, "data_directory", c->data, e) ||
	    add(l, "hba_file", c->hba_file, e) ||
	    add(l, "ident_file", c->ident_file, e) ||
	    add(l, "unix_socket_directories", c->socket, e) ||
	    add(l, "listen_addresses", c->tcp ? "localhost" : "", e) ||
	    add(l, "port", number, e) ||
	    add(l, "shared_preload_libraries", c->preload, e) ||
	    add(l, "restore_command", c->restore_command, e))
		return (-1);
	for (i = 0; i < HOTSETTINGS; i++) {
		(void)snprintf(number, sizeof(number), "%u",
		    (unsigned)c->hot[i]);
		if (add(l, hotsettings_name(i), number, e))
			return (-1);
	}
	return (0);
}

int
sandboxconf_make(struct sandboxconf_args *a, const char *postgres,
    const struct sandboxconf *c, struct err *e)
{
	struct line	 l = { a, 0, 0 };

	a->text = malloc(TEXT_MOST);
	a->argv = calloc(2 * MOST + 1, sizeof(*a->argv));
	if (a->text == NULL || a->argv == NULL) {
		err_sys(e, ERR_LOCAL, "the settings of a sandbox");
		goto fail;
	}
	a->argv[l.n++] = postgres;
	a->argv[l.n++] = "-D";
	a->argv[l.n++] = c->data;
	if (add_own(&l, c, e) || add_table(&l, c->postgresql / 10000, e))
		goto fail;
	return (0);
fail:
	sandboxconf_free(a);
	return (-1);
}

void
sandboxconf_free(struct sandboxconf_args *a)
{
	free(a->text);
	free(a->argv);
	*a = (struct sandboxconf_args){ NULL, NULL };
}

/*
 * Where more transactions are prepared than the setting has room for, recovery
 * fails, and nobody knows of those that were raised behind the newest backup:
 * there is room for a hundred.
 */
uint32_t
sandboxconf_hot(size_t i, uint32_t label, uint32_t needs,
    const char *configured)
{
	struct err	 unused = ERR_INIT;
	uint32_t	 most = hotsettings_default(i);
	uint64_t	 v;

	if (i == HOTSETTINGS_PREPARED)
		most = 100;
	if (most < label)
		most = label;
	if (most < needs)
		most = needs;
	if (configured != NULL && parse_u64(configured, 0, INT32_MAX, &v,
	    hotsettings_name(i), &unused) == 0 && v > most)
		most = (uint32_t)v;
	return (most);
}
