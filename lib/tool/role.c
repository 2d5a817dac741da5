/* SPDX-License-Identifier: ISC */
/* The key and the cluster that a program works with. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "crypt/retired.h"
#include "pg/control.h"
#include "tool/role.h"

#define TORN_TRIES	10

const char *
role_key_path(const struct server_conf *c, enum key_role role,
    const char **what)
{
	switch (role) {
	case KEY_PUSH:
		*what = "key";
		return (c->key);
	case KEY_RESTORE:
		*what = "restore_key";
		return (c->restore_key);
	case KEY_DRILL:
		*what = "drill_key";
		return (c->drill_key);
	case KEY_PUBLIC:
		break;
	}
	*what = "public_key";
	if (c->public_key != NULL)
		return (c->public_key);
	return (c->key != NULL ? c->key : c->restore_key);
}

/* Whose work the key file is, as a rule. */
static const char *
maker(enum key_role role)
{
	return (role == KEY_DRILL ? "backup-keygen --drill" :
	    "seawall-setup or backup-keygen");
}

static int
passphrase(struct secret **pass, const struct server_conf *c,
    const char *path, struct err *e)
{
	char	 prompt[PATH_MAX];

	if (c->passphrase_file != NULL)
		return (secret_from_file(pass, c->passphrase_file, e));
	if (str_fmt(prompt, sizeof(prompt), e, "Passphrase of %s: ", path))
		return (-1);
	if (secret_from_tty(pass, prompt, 0, e) == -1)
		return (err_ctx(e, "key file %s is protected by a passphrase; "
		    "set passphrase_file, or run this on a terminal", path));
	return (0);
}

/* Loading the configuration has warned already. */
static int
trust(struct key *k, const struct server_conf *c, struct err *e)
{
	size_t	 i;

	if (c->trust_signer == NULL)
		return (0);
	if (retired_find(&i, k, c->trust_signer, e))
		return (err_ctx(e, "trust_signer"));
	retired_trust(k, i);
	return (0);
}

int
role_key(struct key **out, const struct server_conf *c, enum key_role role,
    struct err *e)
{
	struct secret	*pass = NULL;
	struct key	*k = NULL;
	const char	*what, *path = role_key_path(c, role, &what);
	int		 rc = -1;

	if (path == NULL)
		return (err_set(e, ERR_CONFIG,
		    "%s: server %s: %s is not set; set it to the .%s file "
		    "that %s made", c->file, c->name, what,
		    keyrole_name(role), maker(role)));
	/* Whoever keeps a key elsewhere, as is asked of the restore key. */
	if (access(path, F_OK) == -1 && errno == ENOENT)
		return (err_set(e, ERR_CONFIG, "key file %s: no such file; "
		    "%s made it: bring it here from where it is kept", path,
		    maker(role)));
	/* Ask for a passphrase only if the key needs one. */
	if ((rc = key_load(&k, path, NULL, e)) == 1) {
		rc = -1;
		if (passphrase(&pass, c, path, e) == -1)
			goto out;
		rc = key_load(&k, path, pass, e);
	}
	if (rc != 0)
		goto out;
	/* All but a drill key can check the signatures of a repository. */
	if (key_role(k) != role &&
	    (role != KEY_PUBLIC || key_role(k) == KEY_DRILL)) {
		rc = err_set(e, ERR_CONFIG,
		    "key file %s: found a %s key, expected a %s key (%s)",
		    path, keyrole_name(key_role(k)), keyrole_name(role), what);
		goto out;
	}
	if ((rc = trust(k, c, e)) != 0)
		goto out;
	if (role == KEY_PUSH)
		retired_forgo(k);
	*out = k;
	k = NULL;
out:
	key_free(k);
	secret_free(pass);
	return (rc);
}

int
role_key_silent(struct key **out, const struct server_conf *c, struct err *e)
{
	struct key	*k = NULL;
	struct err	 ignore = ERR_INIT;
	const char	*path = c->restore_key;

	if (path != NULL && access(path, R_OK) == 0) {
		if (c->passphrase_file != NULL)
			return (role_key(out, c, KEY_RESTORE, e));
		if (key_load(&k, path, NULL, &ignore) == 0 &&
		    key_role(k) == KEY_RESTORE) {
			*out = k;
			return (trust(k, c, e));
		}
		key_free(k);
	}
	return (role_key(out, c, KEY_PUBLIC, e));
}

/*
 * Returns 0; 1 if the file may have been read while PostgreSQL wrote it; or
 * -1.
 */
static int
understand(struct role_cluster *c, const uint8_t *p, size_t n, struct err *e)
{
	struct control	 ctl;

	if (control_parse(p, n, &ctl, e) == 0) {
		c->system_id = ctl.sysid;
		c->wal_segment_size = ctl.wal_segsize;
		return (0);
	}
	if (e->kind == ERR_CORRUPT)
		return (1);
	/* A newer version: its identifier is where it always was. */
	err_clear(e);
	c->wal_segment_size = 0;
	return (control_sysid(p, n, &c->system_id, e));
}

int
role_cluster(struct role_cluster *c, const char *dir, struct err *e)
{
	const struct timespec	 pause = { 0, 20 * 1000 * 1000 };
	char			 path[PATH_MAX], *buf;
	size_t			 n;
	int			 rc = 1, tries;

	if (path_join(path, sizeof(path), dir, CONTROL_PATH, e))
		return (-1);
	for (tries = 0; rc == 1 && tries < TORN_TRIES; tries++) {
		if (tries > 0)
			(void)nanosleep(&pause, NULL);
		err_clear(e);
		if ((rc = io_load(path, CONTROL_SIZE, &buf, &n, e)) == 1)
			return (err_set(e, ERR_LOCAL, "%s: no such file, "
			    "so %s is not a data directory of PostgreSQL",
			    path, dir));
		if (rc == -1)
			return (-1);
		rc = understand(c, (const uint8_t *)buf, n, e);
		free(buf);
	}
	return (rc == 0 ? 0 : err_ctx(e, "%s", path));
}

static int
is_data_directory(const char *dir)
{
	struct err	 unused = ERR_INIT;
	char		 path[PATH_MAX];

	return (path_join(path, sizeof(path), dir, CONTROL_PATH, &unused) ==
	    0 && access(path, F_OK) == 0);
}

int
role_data_directory(char *buf, size_t size, const char *file,
    const struct server_conf *c, struct err *e)
{
	char	 wal[PATH_MAX];

	if (is_data_directory("."))
		return (str_fmt(buf, size, e, "."));
	if (path_dir(wal, sizeof(wal), file, e) ||
	    path_join(buf, size, wal, "..", e))
		return (-1);
	if (is_data_directory(buf))
		return (0);
	if (c->data_directory != NULL && is_data_directory(c->data_directory))
		return (str_fmt(buf, size, e, "%s", c->data_directory));
	return (err_set(e, ERR_CONFIG, "found no data directory of PostgreSQL "
	    "(" CONTROL_PATH ") in the current directory, above %s, or in "
	    "data_directory of server %s in %s", file, c->name, c->file));
}
