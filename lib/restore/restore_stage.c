/* SPDX-License-Identifier: ISC */
/*
 * The configuration of a backup in a directory of its own.
 *
 * Which files are configuration, only postgresql.conf and its includes say, and
 * these have to be restored to be read.  So all small files come that are not
 * PostgreSQL's own.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "datadir/tree.h"
#include "datadir/treeremove.h"
#include "restore/restore_apply.h"
#include "restore/restore_stage.h"
#include "restore/tarfile.h"

int
restore_stage_make(struct restore_stage *s, const struct restore_conf *c,
    struct err *e)
{
	const char	*tmp = getenv("TMPDIR");
	char		 dir[PATH_MAX];

	if (c->form == RESTORE_TARS) {
		if (str_fmt(dir, sizeof(dir), e, "%s", c->dir))
			return (-1);
	} else if (strcmp(c->dir, TARFILE_STDOUT) == 0) {
		if (str_fmt(dir, sizeof(dir), e, "%s", tmp != NULL &&
		    tmp[0] == '/' ? tmp : "/var/tmp"))
			return (-1);
	} else if (path_dir(dir, sizeof(dir), c->dir, e))
		return (-1);
	if (str_fmt(s->dir, sizeof(s->dir), e, "%s/seawall-tar.XXXXXX",
	    dir)) {
		s->dir[0] = '\0';
		return (-1);
	}
	if (mkdtemp(s->dir) == NULL) {
		s->dir[0] = '\0';
		return (err_sys(e, ERR_LOCAL, "make a directory in %s", dir));
	}
	return (0);
}

/* Whether what the path begins with is PostgreSQL's own directory. */
static int
is_own(const char *path, int dir)
{
	static const char *const	 names[] = { "base", "global", "log",
	    "pg_log" };
	const size_t			 n = strcspn(path, "/");
	size_t				 i;

	if (path[n] == '\0' && !dir)
		return (0);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == n && memcmp(names[i], path, n) == 0)
			return (1);
	return (str_begins(path, "pg_"));
}

static int
wants(const struct manifest_entry *en)
{
	return (!is_own(en->path, en->type != MANIFEST_FILE) &&
	    (en->type != MANIFEST_FILE || en->size <= RESTORE_STAGE_FILE));
}

int
restore_stage_fill(const struct restore_stage *s,
    const struct restore_conf *conf, struct archive *a, struct err *e)
{
	struct restore_conf	 c = *conf;
	struct restore_stats	 unused = { .files = 0 };
	struct restore_control	 control = { .seen = 0 };
	struct restore_apply	 r = { .conf = &c, .archive = a,
	    .control = &control, .wants = wants,
	    .to = { .conf = &c, .stats = &unused } };
	int			 rc;

	c.dir = s->dir;
	c.only = NULL;
	c.progress = NULL;
	if (tree_open(&r.to.tree, s->dir, e))
		return (-1);
	rc = restore_apply(&r, e);
	restore_apply_free(&r);
	tree_free(r.to.tree);
	return (rc);
}

int
restore_stage_load(const struct restore_stage *s, const char *name,
    char **text, size_t *n, struct err *e)
{
	char	 path[PATH_MAX];

	if (path_join(path, sizeof(path), s->dir, name, e))
		return (-1);
	return (io_load(path, 2 * RESTORE_STAGE_FILE, text, n, e));
}

void
restore_stage_remove(struct restore_stage *s)
{
	struct err	 unused = ERR_INIT;
	struct tree	*t = NULL;
	int		 fd;

	if (s->dir[0] == '\0')
		return;
	if (tree_open(&t, s->dir, &unused) == 0 &&
	    tree_enter(t, "", &fd, &unused) == 0 &&
	    treeremove_all(fd, s->dir, "", NULL, &unused) == 0)
		(void)rmdir(s->dir);	/* it is temporary, and private */
	tree_free(t);
	s->dir[0] = '\0';
}
