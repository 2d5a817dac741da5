/* SPDX-License-Identifier: ISC */
/*
 * Configuration files out of a manifest.  They are few and small, so they are
 * held in memory until the whole manifest has been read: only then is it
 * known that it is the one that the label names.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/str.h"
#include "datadir/emptydir.h"
#include "datadir/syncset.h"
#include "datadir/tree.h"
#include "restore/configdir.h"
#include "restore/manifestread.h"

struct file {
	char		*path;		/* without its first slash */
	char		*data;
	size_t		 n, size;
	int64_t		 mtime_us;
};

struct files {
	struct file	*v;
	size_t		 n;
};

int
configdir_check(const char *dir, struct err *e)
{
	switch (emptydir_check(dir, e)) {
	case 0:
		return (0);
	case 1:
		return (emptydir_not_empty(dir, e));
	}
	return (-1);
}

/* The manifest's parser has bounded number and sizes. */
static int
on_config(void *arg, const struct manifest_config *c, struct err *e)
{
	struct files	*f = arg;
	struct file	*more;

	more = reallocarray(f->v, f->n + 1, sizeof(*more));
	if (more == NULL)
		return (err_sys(e, ERR_LOCAL, "configuration"));
	f->v = more;
	more += f->n++;
	*more = (struct file){ .size = c->size, .mtime_us = c->mtime_us };
	if ((more->data = malloc(c->size + 1)) == NULL)
		return (err_sys(e, ERR_LOCAL, "configuration"));
	return (str_dup(&more->path, c->path + 1, e));
}

static int
on_content(void *arg, const void *p, size_t n, struct err *e)
{
	struct files	*f = arg;
	struct file	*last = &f->v[f->n - 1];

	(void)e;
	memcpy(last->data + last->n, p, n);
	last->n += n;
	return (0);
}

static void
release(struct files *f)
{
	while (f->n > 0) {
		free(f->v[--f->n].path);
		free(f->v[f->n].data);
	}
	free(f->v);
}

/* Make the directories above a file, those that are missing. */
static int
make_parents(struct tree *t, const char *path, struct err *e)
{
	char		 dir[PATH_MAX];
	const char	*slash, *name;
	int		 fd;

	for (slash = path; (slash = strchr(slash, '/')) != NULL; slash++) {
		if (str_fmt(dir, sizeof(dir), e, "%.*s",
		    (int)(slash - path), path) ||
		    tree_parent(t, dir, &fd, &name, e))
			return (-1);
		if (mkdirat(fd, name, 0700) == -1 && errno != EEXIST)
			return (err_sys(e, ERR_LOCAL, "create directory %s",
			    tree_show(t, dir, dir, sizeof(dir))));
	}
	return (0);
}

/* No link is followed, and nothing that is there is written over. */
static int
write_file(struct tree *t, const struct file *f, struct err *e)
{
	const struct timespec	 times[2] = {
		{ .tv_nsec = UTIME_NOW },
		{ .tv_sec = (time_t)(f->mtime_us / 1000000) }
	};
	char		 text[PATH_MAX];
	const char	*name;
	int		 fd;

	if (make_parents(t, f->path, e) ||
	    tree_parent(t, f->path, &fd, &name, e))
		return (-1);
	(void)tree_show(t, f->path, text, sizeof(text));
	fd = openat(fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC |
	    O_NOFOLLOW, 0600);
	if (fd == -1)
		return (err_sys(e, ERR_LOCAL, "create %s", text));
	if (io_write(fd, f->data, f->n, text, e)) {
		(void)close(fd);	/* it failed already */
		return (-1);
	}
	(void)futimens(fd, times);	/* only a convenience */
	return (io_close(&fd, text, e));
}

static int
write_all(const char *dir, const struct files *f, struct err *e)
{
	struct syncset	 written = { .n = 0 };
	struct tree	*t = NULL;
	size_t		 i;
	int		 rc = -1;

	if (io_mkdirs(dir, 0700, e) ||
	    configdir_check(dir, e) ||
	    syncset_add(&written, dir, e) ||
	    tree_open(&t, dir, e))
		goto out;
	for (i = 0; i < f->n; i++)
		if (write_file(t, &f->v[i], e))
			goto part;
	if (syncset_sync(&written, dir, e))
		goto part;
	rc = 0;
	goto out;
part:
	err_ctx(e, "configuration files below %s are incomplete: remove them "
	    "and fetch them again", dir);
out:
	tree_free(t);
	syncset_close(&written);
	return (rc);
}

/* All the files that the label names, and no others. */
static int
read_all(struct files *f, const struct restore_conf *c, struct err *e)
{
	static const struct manifest_events	 on = {
		.config = on_config, .content = on_content
	};
	const struct label	*l = c->label;
	struct archive		*a = NULL;
	int			 rc;

	rc = archive_open(&a, c->store, c->key, c->server, c->system_id, e) ||
	    manifestread(a, l, &on, f, e) ? -1 : 0;
	archive_free(a);
	if (rc == 0 && f->n != l->config.nstored)
		rc = err_set(e, ERR_CORRUPT, "backup %s: its label names %zu "
		    "configuration file%s, and its manifest has %zu", l->id,
		    l->config.nstored, str_plural(l->config.nstored), f->n);
	return (rc);
}

int
configdir_write(const struct restore_conf *c, struct err *e)
{
	struct files	 f = { .n = 0 };
	int		 rc;

	if (c->config_dir == NULL || c->label->config.nstored == 0)
		return (0);
	rc = read_all(&f, c, e) || write_all(c->config_dir, &f, e) ? -1 : 0;
	release(&f);
	return (rc);
}
