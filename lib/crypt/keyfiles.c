/* SPDX-License-Identifier: ISC */
/*
 * Write key files that appear together, and never replace others.
 *
 * All content is durable under temporary names before the first file gets its
 * name.  The push key is the last to get its name, after the others' names
 * are durable, and the first to lose it when a failure is undone.  So whatever
 * dies on the way, there is never a push key whose objects nobody can read.
 */
#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "crypt/keyfiles.h"
#include "crypt/keyform.h"

#define NFILES	3

struct file {
	const struct key *key;		/* NULL: this file is not made */
	char	 path[PATH_MAX];
	char	 tmp[PATH_MAX];
	int	 written, linked;
};

static const struct {
	enum key_role	 role;
	mode_t		 mode;
} made[NFILES] = {			/* in the order of their names */
	{ KEY_RESTORE, 0600 }, { KEY_PUBLIC, 0644 }, { KEY_PUSH, 0600 }
};

/*
 * Choose the names; none may be taken.  If only some are, a run that was
 * killed has left them: say which, so that nobody removes keys in use.  A
 * restore key alone is added to the others, so only its own name counts.
 */
static int
names(struct file *f, const char *base, int alone, struct err *e)
{
	struct stat	 st;
	const char	*there = NULL, *missing = NULL;
	uint8_t		 rnd[8];
	char		 hex[17];
	int		 i;

	for (i = 0; i < (alone ? 1 : NFILES); i++) {
		if (io_random(rnd, sizeof(rnd), e) ||
		    str_fmt(f[i].path, sizeof(f[i].path), e, "%s.%s", base,
		    keyrole_name(made[i].role)) ||
		    str_fmt(f[i].tmp, sizeof(f[i].tmp), e, "%s.%s.new",
		    f[i].path, str_hex(hex, rnd, sizeof(rnd))))
			return (-1);
		if (lstat(f[i].path, &st) == 0)
			there = f[i].path;
		else if (errno == ENOENT)
			missing = f[i].path;
		else
			return (err_sys(e, ERR_LOCAL, "%s", f[i].path));
	}
	if (there == NULL)
		return (0);
	if (missing == NULL)
		return (err_set(e, ERR_CONFLICT, "%s exists already; keys "
		    "are never replaced", there));
	return (err_set(e, ERR_CONFLICT, "%s exists already and %s does not; "
	    "if making these keys was interrupted, remove those that exist",
	    there, missing));
}

static int
write_files(struct file *f, const struct secret *pass, struct err *e)
{
	struct secret	*text;
	int64_t		 now = clock_now_us();
	int		 i, rc;

	for (i = 0; i < NFILES; i++) {
		if (f[i].key == NULL)
			continue;
		if (keyform_text(&text, f[i].key, made[i].role, now, pass,
		    e) == -1)
			return (-1);
		rc = io_save(f[i].tmp, made[i].mode, secret_bytes(text),
		    secret_len(text), 0, e);
		secret_free(text);
		f[i].written = 1;	/* io_save() may fail after it was */
		if (rc == -1)
			return (-1);
	}
	return (0);
}

static int
name_files(struct file *f, const char *dir, struct err *e)
{
	int	 i;

	for (i = 0; i < NFILES; i++) {
		if (f[i].key == NULL)
			continue;
		if (link(f[i].tmp, f[i].path) == -1)	/* never replaces */
			return (err_sys(e, errno == EEXIST ? ERR_CONFLICT :
			    ERR_LOCAL, "create %s", f[i].path));
		f[i].linked = 1;
		if (io_sync_dir(dir, e) == -1)
			return (-1);
	}
	return (0);
}

/*
 * Remove what has its name, backwards: the push key first, and durably, before
 * a key goes that reads what it writes.  If it cannot go, nothing does.
 */
static void
take_back(const struct file *f, const char *dir)
{
	struct err	 unused = ERR_INIT;
	int		 i;

	for (i = NFILES - 1; i >= 0; i--) {
		if (!f[i].linked)
			continue;
		if (unlink(f[i].path) == -1 && errno != ENOENT)
			return;
		if (made[i].role == KEY_PUSH && io_sync_dir(dir, &unused))
			return;
	}
}

int
keyfiles_write(const char *base, const struct key *restore,
    const struct key *public, const struct key *push,
    const struct secret *pass, struct err *e)
{
	struct file	*f;
	char		 dir[PATH_MAX];
	int		 i, rc = -1;

	if ((f = calloc(NFILES, sizeof(*f))) == NULL)
		return (err_sys(e, ERR_LOCAL, "memory for names"));
	f[0].key = restore;
	f[1].key = public;
	f[2].key = push;
	if (path_dir(dir, sizeof(dir), base, e) ||
	    io_sync_dir(dir, e) ||		/* it must exist */
	    names(f, base, public == NULL && push == NULL, e) ||
	    write_files(f, pass, e) ||
	    name_files(f, dir, e))
		goto out;
	rc = 0;
out:
	for (i = 0; i < NFILES; i++)
		if (f[i].written && unlink(f[i].tmp) == -1 && errno != ENOENT)
			rc = err_sys(e, ERR_LOCAL, "remove %s", f[i].tmp);
	if (rc == 0)
		rc = io_sync_dir(dir, e);
	if (rc == -1)
		take_back(f, dir);
	free(f);
	return (rc);
}

int
keyfiles_drill(const char *base, const struct key *key, struct err *e)
{
	struct secret	*text = NULL;
	char		 path[PATH_MAX];
	int		 rc;

	if (str_fmt(path, sizeof(path), e, "%s.%s", base,
	    keyrole_name(KEY_DRILL)) ||
	    keyform_text(&text, key, KEY_DRILL, clock_now_us(), NULL, e))
		return (-1);
	rc = io_save(path, 0600, secret_bytes(text), secret_len(text), 0, e);
	secret_free(text);
	return (rc);
}

void
keyfiles_drill_undo(const char *base)
{
	struct err	 unused = ERR_INIT;
	char		 path[PATH_MAX];

	if (str_fmt(path, sizeof(path), &unused, "%s.%s", base,
	    keyrole_name(KEY_DRILL)) == 0)
		(void)unlink(path);	/* a key that no file names */
}
