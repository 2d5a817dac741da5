/* SPDX-License-Identifier: ISC */
/* The facts of backups that are under way, or were interrupted. */
#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "check/factrun.h"
#include "repo/layout.h"
#include "reuse/journal.h"

#define SECOND	INT64_C(1000000)	/* in microseconds */

/*
 * Whether a push holds this journal, by what the kernel says of all locks.
 * The lock is not tried: to hold it for a moment would stop a push that is
 * about to take it.  Some file systems have another device number in that list
 * than stat(2) gives, so the number of the inode has to do.
 */
static int
is_locked(const struct stat *file)
{
	char	 line[256], inode[32];
	FILE	*locks;
	int	 found = 0;

	(void)snprintf(inode, sizeof(inode), ":%llu ",
	    (unsigned long long)file->st_ino);
	if ((locks = fopen("/proc/locks", "re")) == NULL)
		return (1);		/* in doubt it runs */
	while (!found && fgets(line, sizeof(line), locks) != NULL)
		found = strstr(line, " FLOCK ") != NULL &&
		    strstr(line, inode) != NULL;
	(void)fclose(locks);		/* read only */
	return (found);
}

/* What this host knows of a backup: its journal. */
static void
look_here(struct checkfacts *f, struct checkfacts_run *run)
{
	struct err	 unused = ERR_INIT;
	struct stat	 st;
	char		 dir[PATH_MAX], path[PATH_MAX];

	if (f->conf->state_dir == NULL || layout_state(dir,
	    f->conf->state_dir, f->a->server, f->a->system_id, &unused) ||
	    str_fmt(path, sizeof(path), &unused, "%s/" JOURNAL_PREFIX "%s",
	    dir, run->id) || stat(path, &st) == -1)
		return;
	run->here = is_locked(&st) ? CHECKFACTS_ALIVE : CHECKFACTS_DEAD;
	run->moved_us = (int64_t)st.st_mtim.tv_sec * SECOND;
}

static int
on_file(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct checkfacts	*f = arg;
	int64_t			 us;

	(void)missing;
	(void)e;
	if (en == NULL || en->mtime <= 0 || en->mtime > INT64_MAX / SECOND)
		return (0);
	us = en->mtime * SECOND;
	if (us > f->run[i].stored_us)
		f->run[i].stored_us = us;
	return (0);
}

static int
list(struct checkfacts *f, struct err *e)
{
	char		(*text)[LAYOUT_PATH];
	const char	**paths;
	size_t		 i;
	int		 rc = -1;

	text = calloc(f->nrun, sizeof(*text));
	paths = calloc(f->nrun, sizeof(*paths));
	if (text == NULL || paths == NULL) {
		err_sys(e, ERR_LOCAL, "list backups under way");
		goto out;
	}
	for (i = 0; i < f->nrun; i++)
		paths[i] = layout_base(text[i], f->run[i].id);
	rc = store_list(f->a->store, paths, f->nrun, on_file, f, e);
out:
	free(text);
	free(paths);
	return (rc);
}

/* Ids begin with the time of the start, so they have its order. */
static int
counts(const struct checkfacts *f, size_t i)
{
	const char	*id = catalogue_unlabelled_id(f->cat, i);

	return (catalogue_unlabelled_pin(f->cat, i)->kind != PIN_WITHDRAWN &&
	    layout_id_ok(id) && (f->newest == SIZE_MAX || strcmp(id,
	    catalogue_label(f->cat, f->newest)->id) > 0));
}

static int
look(struct checkfacts *f, struct err *e)
{
	size_t	 i, n = catalogue_unlabelled(f->cat);

	if ((f->run = calloc(n + 1, sizeof(*f->run))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list backups under way"));
	for (i = 0; i < n; i++)
		if (counts(f, i) && str_fmt(f->run[f->nrun++].id, LAYOUT_ID,
		    e, "%s", catalogue_unlabelled_id(f->cat, i)))
			return (-1);
	if (f->nrun > 0 && list(f, e))
		return (-1);
	for (i = 0; i < f->nrun; i++)
		look_here(f, &f->run[i]);
	return (0);
}

void
factrun_look(struct checkfacts *f)
{
	if (f->listed && look(f, &f->repo_why) == -1)
		f->listed = 0;
}
