/* SPDX-License-Identifier: ISC */
/* Decides by its path what a base backup leaves out, and may lack. */
#include <string.h>

#include "base/str.h"
#include "pg/exclude.h"
#include "pg/relpath.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))

/*
 * The server empties or rewrites their content when it starts, but expects
 * the folders to exist.
 */
static const char *const dirs[] = {
	"pg_dynshmem", "pg_notify", "pg_replslot", "pg_serial",
	"pg_snapshots", "pg_stat_tmp", "pg_subtrans", "pg_wal",
	"pg_wal/archive_status", "pg_wal/summaries"
};

/*
 * In the data directory itself.  wal-fetch makes the folder seawall_prefetch
 * and the file seawall_padded, which is true of this cluster's pg_wal alone;
 * lost+found is the file system's, and root's, where a disk is mounted.
 */
static const char *const files[] = {
	"backup_label", "backup_label.old", "backup_manifest",
	"backup_manifest.old", "current_logfiles.tmp",
	"lost+found", "postgresql.auto.conf.tmp", "postmaster.opts",
	"postmaster.pid", "recovery.signal", "seawall_padded",
	"seawall_prefetch", "standby.signal", "tablespace_map",
	"tablespace_map.old"
};

/* Beginnings of names, at any depth. */
static const char *const prefixes[] = {
	"pgsql_tmp",			/* temporary files and their folders */
	"pg_internal.init"		/* relation cache, also with .PID */
};

/* Whether "path" lies below "dir". */
static int
below(const char *path, const char *dir)
{
	return (str_begins(path, dir) && path[strlen(dir)] == '/');
}

static enum exclude_verdict
by_folder(const char *path)
{
	size_t	 i;
	int	 inside = 0;

	for (i = 0; i < LEN(dirs); i++) {
		if (strcmp(path, dirs[i]) == 0)
			return (EXCLUDE_KEEP_DIR);
		if (below(path, dirs[i]))
			inside = 1;
	}
	return (inside ? EXCLUDE_SKIP : EXCLUDE_KEEP);
}

/* Whether a component of the path is left out at any depth. */
static int
by_component(const char *path)
{
	const char	*p = path;
	size_t		 i;

	for (;;) {
		for (i = 0; i < LEN(prefixes); i++)
			if (str_begins(p, prefixes[i]))
				return (1);
		if ((p = strchr(p, '/')) == NULL)
			return (0);
		p++;
	}
}

enum exclude_verdict
exclude_path(const char *path)
{
	struct relpath	 r;
	size_t		 i;

	for (i = 0; i < LEN(files); i++)
		if (strcmp(path, files[i]) == 0)
			return (EXCLUDE_SKIP);
	if (by_component(path) || (relpath_parse(path, &r) && r.temp))
		return (EXCLUDE_SKIP);
	return (by_folder(path));
}

int
exclude_is_own(const char *path)
{
	return (str_begins(path, "pg_") || str_begins(path, "PG_") ||
	    str_begins(path, "postgresql.") ||
	    strcmp(path, "base") == 0 || below(path, "base") ||
	    strcmp(path, "global") == 0 || below(path, "global"));
}
