/* SPDX-License-Identifier: ISC */
/* Where base-fetch is asked to restore to: a directory, or an archive. */
#include <string.h>
#include <unistd.h>

#include "catalogue/backupword.h"
#include "restore/tarfile.h"
#include "tool/restoreto.h"

int
restoreto_stdout(const struct restoreto *t)
{
	return (t->form == RESTORE_TAR &&
	    strcmp(t->dir, TARFILE_STDOUT) == 0);
}

/* What does not go with an archive. */
static int
check_tar(const struct restoreto *t, const struct restoreto_options *o,
    int json, struct err *e)
{
	const char	*tar = t->form == RESTORE_TAR ? "--tar" : "--tar-dir";

	if (o->tar != NULL && o->tar_dir != NULL)
		return (err_set(e, ERR_USAGE, "--tar and --tar-dir cannot be "
		    "combined"));
	if (o->delta || o->config_dir != NULL)
		return (err_set(e, ERR_USAGE, "%s and %s cannot be combined",
		    o->delta ? "--delta" : "--config-dir", tar));
	if (t->form == RESTORE_TAR && o->tablespaces.n > 0)
		return (err_set(e, ERR_USAGE, "--tablespace and --tar cannot "
		    "be combined: tablespaces are directories of the archive; "
		    "use --tar-dir"));
	if (!restoreto_stdout(t))
		return (0);
	if (json)
		return (err_set(e, ERR_USAGE, "--json and --tar - cannot be "
		    "combined: both need standard output"));
	return (!isatty(STDOUT_FILENO) ? 0 : err_set(e, ERR_USAGE,
	    "--tar -: standard output is a terminal; redirect it, or name a "
	    "file"));
}

/* "[BACKUP|WORD] [HOME]" */
static int
tar_arguments(struct restoreto *t, struct target *target, char **args,
    size_t nargs, struct err *e)
{
	struct err		 unused = ERR_INIT;
	struct backupword	 w;

	if (nargs > 0 && args[nargs - 1][0] == '/')
		t->home = args[--nargs];
	if (nargs == 0)
		return (0);
	if (nargs > 1 || backupword_parse(&w, args[0], &unused))
		return (err_set(e, ERR_USAGE, "found \"%.64s\", expected a "
		    "backup, or the absolute path of the directory in which "
		    "the archive will be unpacked, or both in this order",
		    args[nargs - 1]));
	target->choose.backup = args[0];
	return (0);
}

int
restoreto_parse(struct restoreto *t, const struct restoreto_options *o,
    int json, struct target *target, char **args, size_t nargs,
    struct err *e)
{
	*t = (struct restoreto){ .form = o->tar != NULL ? RESTORE_TAR :
	    o->tar_dir != NULL ? RESTORE_TARS : RESTORE_FILES };
	if (o->force && !o->delta)
		return (err_set(e, ERR_USAGE, "--force goes with --delta; see "
		    "base-fetch --help"));
	if (t->form != RESTORE_FILES) {
		t->dir = o->tar != NULL ? o->tar : o->tar_dir;
		return (check_tar(t, o, json, e) ||
		    tar_arguments(t, target, args, nargs, e) ? -1 : 0);
	}
	if (nargs == 0)
		return (err_set(e, ERR_USAGE, "no argument; see base-fetch "
		    "--help"));
	if (target_arguments(target, &t->dir, o->config_dir != NULL, args,
	    nargs, e))
		return (-1);
	t->home = t->dir;
	return (0);
}
