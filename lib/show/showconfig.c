/* SPDX-License-Identifier: ISC */
/* Configuration outside the data directory: stored, restored or missing. */
#include <string.h>

#include "base/str.h"
#include "restore/configdir.h"
#include "restore/restore_conf.h"
#include "show/show.h"
#include "show/showconfig.h"
#include "tool/tool.h"

#define NAMED	3		/* files that get a line of their own */

/* Why a file is not stored, behind its path if that is known. */
static void
print_missing(FILE *out, const char *before, const struct label *l)
{
	const struct label_config	*c = &l->config;
	char				 path[SHOW_CLEAN], why[SHOW_CLEAN];
	size_t				 i;

	for (i = 0; i < c->nmissing && i < NAMED; i++)
		(void)fprintf(out, "%sconfiguration not stored: %s%s%s\n",
		    before, show_clean(path, c->missing[i].path),
		    c->missing[i].path[0] == '\0' ? "" : ": ",
		    show_clean(why, c->missing[i].why));
	if (c->nmissing > NAMED)
		(void)fprintf(out, "%sconfiguration not stored: %zu more "
		    "file%s\n", before, c->nmissing - NAMED,
		    str_plural(c->nmissing - NAMED));
}

void
showconfig_plan(FILE *out, const struct label *l, const char *dir)
{
	const struct label_config	*c = &l->config;
	char				 first[SHOW_CLEAN];

	if (c->nstored > 0 && dir != NULL)
		(void)fprintf(out, "config    %zu file%s from outside the "
		    "data directory, below %s\n", c->nstored,
		    str_plural(c->nstored), dir);
	else if (c->nstored > 0)
		(void)fprintf(out, "config    %zu file%s from outside the "
		    "data directory, %s first, left out: without them the "
		    "restored cluster lacks its configuration; --config-dir "
		    "DIR writes them\n", c->nstored, str_plural(c->nstored),
		    show_clean(first, c->stored[0]));
	else if (dir != NULL && !c->known)
		(void)fprintf(out, "config    none: an earlier version made "
		    "this backup, and stored nothing from outside the data "
		    "directory\n");
	else if (dir != NULL && c->nmissing == 0)
		(void)fprintf(out, "config    none: all of it lies in the "
		    "data directory\n");
	print_missing(out, "          ", l);
}

/* In its old place the cluster is the one that its configuration means. */
static int
is_in_place(const struct restore_conf *r)
{
	return (r->dir != NULL && r->label->data_directory != NULL &&
	    strcmp(r->dir, r->label->data_directory) == 0);
}

static void
print_restored(FILE *out, const struct restore_conf *r)
{
	const struct label		*l = r->label;
	const char			*dir = r->config_dir;
	const struct label_config	*c = &l->config;
	char				 first[SHOW_CLEAN] = "";

	if (c->nstored > 0)
		(void)show_clean(first, c->stored[0]);
	if (c->nstored > 0 && dir != NULL)
		(void)fprintf(out, "configuration: %zu file%s below %s, each "
		    "under its old path (%s%s); put them where PostgreSQL "
		    "reads them%s\n", c->nstored, str_plural(c->nstored),
		    dir, dir, first, is_in_place(r) ? "" : ", and first "
		    "correct what leads to the original: data_directory, "
		    "hba_file, ident_file, external_pid_file");
	else if (c->nstored > 0)
		(void)fprintf(out, "configuration: %zu file%s lay outside the "
		    "data directory, %s first, and are not in this cluster; "
		    "get them with base-fetch --config-dir DIR %s\n",
		    c->nstored, str_plural(c->nstored), first, l->id);
	print_missing(out, "", l);
}

int
showconfig_restored(FILE *out, const struct restore_conf *c, struct err *e)
{
	if (configdir_write(c, e))
		return (err_ctx(e, "%s is complete, but without its "
		    "configuration", c->dir));
	if (out != NULL)
		print_restored(out, c);
	return (0);
}

/* Why the backup has none. */
static int
none(const struct label *l, struct err *e)
{
	const struct label_config		*c = &l->config;
	const struct label_config_missing	*m = c->missing;

	if (c->nmissing == 0)
		return (err_set(e, ERR_ABSENT, "backup %s holds no "
		    "configuration from outside the data directory: %s",
		    l->id, c->known ? "all of it lies in there" :
		    "an earlier version made it"));
	return (err_set(e, ERR_ABSENT, "backup %s: configuration was not "
	    "stored: %s%s%s", l->id, m->path, m->path[0] == '\0' ? "" : ": ",
	    m->why));
}

int
showconfig_alone(FILE *out, const struct restore_conf *c, int dry,
    struct err *e)
{
	if (c->label->config.nstored == 0)
		return (none(c->label, e));
	if (configdir_check(c->config_dir, e))
		return (err_ctx(e, "--config-dir"));
	if (out != NULL) {
		(void)fprintf(out, "backup    %s\n", c->label->id);
		showconfig_plan(out, c->label, c->config_dir);
	}
	if (dry)
		return (0);
	if (configdir_write(c, e))
		return (-1);
	if (out != NULL)
		print_restored(out, c);
	return (0);
}

void
showconfig_print(FILE *out, const struct label *l)
{
	const struct label_config	*c = &l->config;
	char				 path[SHOW_CLEAN];
	size_t				 i;

	for (i = 0; i < c->nstored; i++)
		(void)fprintf(out, "%s%s\n", i == 0 ? "config       " :
		    "             ", show_clean(path, c->stored[i]));
	print_missing(out, "             ", l);
}

void
showconfig_warn(const char *program, const struct label *l)
{
	const struct label_config	*c = &l->config;
	size_t				 i;

	for (i = 0; i < c->nmissing && i < NAMED; i++)
		tool_warn(program, "configuration not stored: %s%s%s",
		    c->missing[i].path, c->missing[i].path[0] == '\0' ? "" :
		    ": ", c->missing[i].why);
	if (c->nmissing > NAMED)
		tool_warn(program, "configuration not stored: %zu more "
		    "file%s; backup-show --json lists them",
		    c->nmissing - NAMED, str_plural(c->nmissing - NAMED));
}
