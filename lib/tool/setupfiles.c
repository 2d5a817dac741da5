/* SPDX-License-Identifier: ISC */
/* Keys and configuration of a new server. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "tool/conf.h"
#include "tool/conftree.h"
#include "tool/setupfiles.h"

#define MODE	0640		/* no secret, and nobody's business */
#define PLAIN	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
		"0123456789/._-"

static const char	 common[] =
    "# Seawall's configuration; see seawall.conf(5).  Each server has a file "
    "of its\n# own in conf.d, which seawall-setup(1) writes.\n\n"
    "[seawall]\ninclude_dir = conf.d\n";

const char *
setupfiles_set(const struct opt_list *set, const char *key)
{
	size_t	 i, n = strlen(key);

	for (i = set->n; i-- > 0;)
		if (strncmp(set->v[i], key, n) == 0 && set->v[i][n] == '=')
			return (set->v[i] + n + 1);
	return (NULL);
}

int
setupfiles_name(struct setupfiles *f, const char *dir, const char *server,
    const struct opt_list *set, struct err *e)
{
	const char	*ssh_key = setupfiles_set(set, "ssh_key");
	char		 folder[PATH_MAX];

	f->dir = dir;
	f->server = server;
	if (dir[0] != '/' || strspn(dir, PLAIN) != strlen(dir))
		return (err_set(e, ERR_CONFIG, "--config: found %.512s, "
		    "expected an absolute path of letters, digits, '.', '_', "
		    "'-'", dir));
	if (!conftree_is_name(server))
		return (err_set(e, ERR_CONFIG, "--server: found %.64s, "
		    "expected letters, digits, '.', '_', '-'", server));
	return (path_join(f->conf, sizeof(f->conf), dir, "seawall.conf", e) ||
	    path_join(folder, sizeof(folder), dir, "conf.d", e) ||
	    str_fmt(f->part, sizeof(f->part), e, "%s/%s.conf", folder,
	    server) ||
	    path_join(f->keys, sizeof(f->keys), dir, server, e) ||
	    (ssh_key != NULL ? str_fmt(f->ssh_key, sizeof(f->ssh_key), e,
	    "%s", ssh_key) : path_join(f->ssh_key, sizeof(f->ssh_key), dir,
	    "ssh_key", e)) ? -1 : 0);
}

static int
there(const char *base, const char *end, struct err *e)
{
	char	 path[PATH_MAX];

	return (str_fmt(path, sizeof(path), e, "%s%s", base, end) == 0 &&
	    access(path, F_OK) == 0);
}

int
setupfiles_has_keys(const struct setupfiles *f, struct err *e)
{
	const int	 push = there(f->keys, ".push", e);
	const int	 public = there(f->keys, ".public", e);

	if (e->kind != ERR_NONE)
		return (-1);
	if (push && public)
		return (1);
	if (!push && !public && !there(f->keys, ".restore", e))
		return (0);
	return (err_set(e, ERR_CONFIG, "%s%s is missing, while others of its "
	    "keys are there; bring it back, or make the next keys with "
	    "backup-keygen --renew, or, if making them was interrupted, "
	    "remove the rest by hand", f->keys, push ? ".public" : ".push"));
}

int
setupfiles_folders(const struct setupfiles *f, struct err *e)
{
	char	 folder[PATH_MAX];

	return (path_join(folder, sizeof(folder), f->dir, "conf.d", e) ||
	    io_mkdirs(folder, 0700, e) ? -1 : 0);
}

static void
compose(FILE *out, const struct setupfiles *f,
    const struct setupfiles_section *s)
{
	size_t	 i;

	(void)fprintf(out,
	    "# Written by seawall-setup; seawall.conf(5) has every key.\n"
	    "[%s]\n"
	    "# Nothing of Seawall is installed there.\n"
	    "repository = %s\n\n"
	    "# Writes backups, and cannot read them.\n"
	    "key = %s.push\n"
	    "# Reads everything.  Take this file away from the database host,"
	    " and keep two\n# copies in safe places; to restore, bring it "
	    "back.\n"
	    "restore_key = %s.restore\n"
	    "# No secret: lists, verifies, expires.\n"
	    "public_key = %s.public\n\n", f->server, s->repository, f->keys,
	    f->keys, f->keys);
	if (s->ssh && setupfiles_set(s->set, "ssh_key") == NULL)
		(void)fprintf(out, "ssh_key = %s\n", f->ssh_key);
	if (s->host_key != NULL)
		(void)fprintf(out, "# The repository's host has shown this "
		    "key, and somebody has compared it.\nhost_key = %s\n",
		    s->host_key);
	if (s->set->n > 0)
		(void)fprintf(out, "\n# Given with --set.\n");
	for (i = 0; i < s->set->n; i++)
		(void)fprintf(out, "%.*s = %s\n",
		    (int)strcspn(s->set->v[i], "="), s->set->v[i],
		    s->set->v[i] + strcspn(s->set->v[i], "=") + 1);
	if (setupfiles_set(s->set, "retention_policy") == NULL)
		(void)fprintf(out, "\n# What backup-expire keeps; nothing "
		    "expires without a policy.\n"
		    "#retention_policy = recovery window of 2 weeks\n");
}

/* Read "config" as every program does. */
static int
try_it(const struct setupfiles *f, const char *config, struct err *e)
{
	const struct conf_source	 src = {
		.config = config, .server = f->server
	};
	struct server_conf		 conf;

	if (conf_load(&conf, &src, e))
		return (-1);
	conf_free(&conf);
	return (0);
}

/*
 * The section alone, under a name that no program reads: one that is wrong
 * would stop the archives of all servers, for good if we were killed then.
 */
static int
try_alone(const struct setupfiles *f, const char *text, size_t n,
    struct err *e)
{
	char	 path[PATH_MAX];
	int	 rc;

	if (str_fmt(path, sizeof(path), e, "%s.new", f->part) ||
	    io_save(path, MODE, text, n, 1, e))
		return (-1);
	rc = try_it(f, path, e);
	(void)unlink(path);		/* the next run replaces it */
	return (rc == 0 ? 0 : err_ctx(e, "the section of %s would not do, and "
	    "is not written", f->server));
}

static int
check_set(const struct opt_list *set, struct err *e)
{
	size_t	 i;

	for (i = 0; i < set->n; i++)
		if (strchr(set->v[i], '=') == NULL ||
		    strpbrk(set->v[i], "\r\n") != NULL)
			return (err_set(e, ERR_USAGE, "--set: expected "
			    "KEY=VALUE, found %.64s", set->v[i]));
	return (0);
}

int
setupfiles_write(const struct setupfiles *f,
    const struct setupfiles_section *s, struct err *e)
{
	char	*text = NULL;
	size_t	 n = 0;
	FILE	*out;
	int	 rc = -1;

	if (check_set(s->set, e))
		return (-1);
	if ((out = open_memstream(&text, &n)) == NULL)
		return (err_sys(e, ERR_LOCAL, "%s", f->part));
	compose(out, f, s);
	if (fclose(out) != 0) {
		err_sys(e, ERR_LOCAL, "%s", f->part);
		goto out;
	}
	if (try_alone(f, text, n, e) || (access(f->conf, F_OK) == -1 &&
	    io_save(f->conf, MODE, common, strlen(common), 0, e)) ||
	    io_save(f->part, MODE, text, n, 0, e))
		goto out;
	/* Nobody else may be named like the server, and conf.d must be read. */
	if (try_it(f, f->conf, e)) {
		(void)unlink(f->part);
		err_ctx(e, "%s would not do, and is removed again; does %s "
		    "say \"include_dir = conf.d\" in [seawall]?", f->part,
		    f->conf);
		goto out;
	}
	rc = 0;
out:
	free(text);
	return (rc);
}
