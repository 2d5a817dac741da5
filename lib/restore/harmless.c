/* SPDX-License-Identifier: ISC */
/* Places outside of a restored copy, and settings that surprise. */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/parse.h"
#include "base/path.h"
#include "base/str.h"
#include "datadir/insidedir.h"
#include "pg/autoconf.h"
#include "pg/pgconf.h"
#include "restore/harmless.h"

#define APPEND_MAX	(4 * 2 * (PATH_MAX + 64))
#define SOCKET_MAX	90	/* of 107 bytes, with room for a socket */

/* What is judged, and where the result grows. */
struct judge {
	const struct copyconf	*conf;
	const struct recovery	*r;
	const char		*recorded;
	const char		*at;		/* where the files are now */
	int			 homeless;	/* nobody knows where later */
	char			 dir[PATH_MAX];	/* absolute, as typed */
	struct harmless		*h;
};

static int
note(struct judge *j, enum harmless_kind kind, const char *name,
    const char *was, const char *now, struct err *e)
{
	struct harmless_note	*n;

	n = reallocarray(j->h->notes, j->h->n + 1, sizeof(*n));
	if (n == NULL)
		return (err_sys(e, ERR_LOCAL, "configuration"));
	j->h->notes = n;
	n += j->h->n++;
	*n = (struct harmless_note){ .kind = kind, .name = name };
	return ((was != NULL && str_dup(&n->was, was, e)) ||
	    (now != NULL && str_dup(&n->now, now, e)) ? -1 : 0);
}

/* Set "name" in postgresql.auto.conf, or append it to postgresql.conf. */
static int
change(struct judge *j, const char *name, const char *was, const char *now,
    int automatic, struct err *e)
{
	struct recovery_setting	*s;
	struct harmless		*h = j->h;
	size_t			 n;

	if (note(j, HARMLESS_CHANGED, name, was, now, e))
		return (-1);
	h->notes[h->n - 1].automatic = automatic;
	if (!automatic) {
		n = strlen(h->append);
		return (autoconf_setting(h->append + n, APPEND_MAX - n, name,
		    now, e));
	}
	s = reallocarray(h->set, h->nset + 1, sizeof(*s));
	if (s == NULL)
		return (err_sys(e, ERR_LOCAL, "configuration"));
	h->set = s;
	s[h->nset++] = (struct recovery_setting){ name,
	    h->notes[h->n - 1].now };
	return (0);
}

/* Whether a path of the configuration, relative to "dir", leads out of it. */
static int
leads_out(const struct judge *j, const char *value)
{
	struct err	 unused = ERR_INIT;
	char		 path[PATH_MAX];

	if (value[0] == '/')
		return (!insidedir(value, j->dir));
	return (path_join(path, sizeof(path), j->dir, value, &unused) ||
	    !insidedir(path, j->dir));
}

/* Whether postgresql.auto.conf says it, and not postgresql.conf. */
static int
is_automatic(const struct judge *j, const char *name)
{
	return (copyconf_get(j->conf, name) != copyconf_main(j->conf, name));
}

/*
 * PostgreSQL starts on this directory whatever -D says.  An include that
 * leads out may say it tomorrow, so then it is appended in any case.
 */
static int
judge_data(struct judge *j, struct err *e)
{
	const char	*v = copyconf_main(j->conf, "data_directory");
	char		 now[PATH_MAX], was[PATH_MAX];

	if (j->homeless)
		return (v == NULL ? 0 : err_set(e, ERR_CONFIG,
		    "postgresql.conf of the backup has data_directory = '%s', "
		    "where PostgreSQL would start instead; name the directory "
		    "in which the archive will be unpacked, as in --tar FILE "
		    "latest /srv/copy", v));
	if (v == NULL && copyconf_astray(j->conf) == NULL)
		return (0);
	if (v != NULL && realpath(v, was) != NULL &&
	    realpath(j->dir, now) != NULL && strcmp(was, now) == 0)
		return (0);
	return (change(j, "data_directory", v == NULL ? "" : v, j->dir, 0,
	    e));
}

/* A file of the configuration: the copy's own takes its place. */
static int
judge_file(struct judge *j, const char *name, const char *usual,
    struct err *e)
{
	const char	*v = copyconf_get(j->conf, name);
	const char	*base[2];
	char		 path[PATH_MAX];
	struct stat	 st;
	size_t		 i;

	/* A relative path starts where the server was started. */
	if (v == NULL || (v[0] == '/' && !leads_out(j, v)))
		return (0);
	base[0] = path_base(v);
	base[1] = usual;
	for (i = 0; i < 2 && !j->homeless; i++) {
		if (path_join(path, sizeof(path), j->at, base[i], e))
			return (-1);
		if (lstat(path, &st) == 0 && S_ISREG(st.st_mode))
			return (path_join(path, sizeof(path), j->dir,
			    base[i], e) ? -1 : change(j, name, v, path,
			    is_automatic(j, name), e));
	}
	return (note(j, HARMLESS_LEFT, name, v, NULL, e));
}

/* A file that a server writes: it would be the original's. */
static int
judge_pid(struct judge *j, struct err *e)
{
	const char	*v = copyconf_get(j->conf, "external_pid_file");
	char		 path[PATH_MAX];

	if (v == NULL || v[0] == '\0' || (v[0] == '/' && !leads_out(j, v)))
		return (0);
	if (j->homeless)
		return (change(j, "external_pid_file", v, "",
		    is_automatic(j, "external_pid_file"), e));
	return (path_join(path, sizeof(path), j->dir, "external.pid", e) ||
	    change(j, "external_pid_file", v, path,
	    is_automatic(j, "external_pid_file"), e) ? -1 : 0);
}

/* A directory in which a server writes and removes files. */
static int
judge_dir(struct judge *j, const char *name, const char *now, struct err *e)
{
	const char	*v = copyconf_get(j->conf, name);

	if (v == NULL || v[0] == '\0' || !leads_out(j, v))
		return (0);
	return (change(j, name, v, now, 1, e));
}

/* Sockets in the original's data directory; others are everybody's. */
static int
judge_sockets(struct judge *j, struct err *e)
{
	static const char	 name[] = "unix_socket_directories";
	const char		*v = copyconf_get(j->conf, name), *at = v;
	char			 one[PATH_MAX];

	if (v == NULL || j->recorded == NULL)
		return (0);
	while (pgconf_list_next(&at, one, sizeof(one)))
		if (insidedir(one, j->recorded) ||
		    (str_begins(one, j->recorded) &&
		    one[strlen(j->recorded)] == '/'))
			return (change(j, name, v, !j->homeless &&
			    strlen(j->dir) < SOCKET_MAX ? j->dir : "/tmp", 1,
			    e));
	return (0);
}

static int
judge_places(struct judge *j, struct err *e)
{
	const char	*astray = copyconf_astray(j->conf);

	if (!copyconf_has_main(j->conf) &&
	    note(j, HARMLESS_NO_FILE, "", NULL, NULL, e))
		return (-1);
	if (astray != NULL && note(j, HARMLESS_INCLUDE, "include", astray,
	    NULL, e))
		return (-1);
	return (judge_data(j, e) ||
	    judge_file(j, "hba_file", "pg_hba.conf", e) ||
	    judge_file(j, "ident_file", "pg_ident.conf", e) ||
	    judge_pid(j, e) ||
	    judge_dir(j, "log_directory", "log", e) ||
	    (j->r->postgresql < 150000 && judge_dir(j,
	    "stats_temp_directory", "pg_stat_tmp", e)) ||
	    judge_sockets(j, e) ? -1 : 0);
}

/* Libraries whose background workers do work that somebody else sees. */
static int
runs_jobs(const char *library)
{
	static const char *const	 names[] = {
		"pg_cron", "pg_partman_bgw", "timescaledb", "pglogical",
		"spock", "bdr", "pgactive", "pg_net", "pg_squeeze", "citus",
		"repmgr", "pg_failover_slots", "powa", "pg_task"
	};
	const char	*base = path_base(library);
	size_t		 i, n = strcspn(base, ".");

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == n && strncmp(base, names[i], n) == 0)
			return (1);
	return (0);
}

/*
 * One of the five settings: append it to the list "all" of "size" bytes, and
 * note it if a backup knows that the original had a higher one.  What is not
 * set has PostgreSQL's default, unless the configuration lies elsewhere.
 */
static int
judge_five(struct judge *j, size_t i, char *all, size_t size, struct err *e)
{
	const struct hotneeds	*need = j->r->hot;
	const char		*name = hotsettings_name(i);
	const char		*v = copyconf_get(j->conf, name);
	struct err		 unused = ERR_INIT;
	uint64_t		 here = hotsettings_default(i);
	char			 usual[16], now[LAYOUT_ID + 32];
	size_t			 n = strlen(all);

	(void)snprintf(usual, sizeof(usual), "%" PRIu64, here);
	if (v != NULL ? parse_u64(v, 0, INT32_MAX, &here, name, &unused) :
	    !copyconf_has_main(j->conf))
		here = UINT64_MAX;		/* not known */
	if (v == NULL)
		v = copyconf_has_main(j->conf) ? usual : "?";
	if (str_fmt(all + n, size - n, e, "%s%s = %.12s", n == 0 ? "" : ", ",
	    name, v))
		return (-1);
	if (need == NULL || need->backup[i] == NULL || need->value[i] <= here)
		return (0);
	(void)snprintf(now, sizeof(now), "%" PRIu32 " (%s%s)", need->value[i],
	    need->backup[i] == hotneeds_wal ? "" : "backup ",
	    need->backup[i]);
	return (note(j, HARMLESS_RAISED, name, v, now, e));
}

/*
 * With hot standby, PostgreSQL compares these with those of the original
 * (CheckRequiredParameterValues() in xlogrecovery.c).  One of them stops
 * recovery without hot standby, too.
 */
static int
judge_pauses(struct judge *j, struct err *e)
{
	char	 all[512] = "";
	size_t	 i;

	if (!recovery_serves(j->r))
		return (judge_five(j, HOTSETTINGS_PREPARED, all, sizeof(all),
		    e));
	for (i = 0; i < HOTSETTINGS; i++)
		if (judge_five(j, i, all, sizeof(all), e))
			return (-1);
	return (note(j, HARMLESS_PAUSES, "hot_standby", all, NULL, e));
}

static int
judge_rest(struct judge *j, struct err *e)
{
	static const char *const	 own[] = { "primary_conninfo",
	    "primary_slot_name", "recovery_min_apply_delay" };
	const char	*v, *at;
	char		 one[256];
	size_t		 i;

	for (i = 0; j->r->standby && i < 3; i++) {
		v = copyconf_get(j->conf, own[i]);
		/* A connection string may hold a password. */
		if (v != NULL && v[0] != '\0' && strcmp(v, "0") != 0 &&
		    note(j, HARMLESS_STANDBY, own[i], i == 0 ? NULL : v,
		    NULL, e))
			return (-1);
	}
	if (judge_pauses(j, e))
		return (-1);
	v = copyconf_get(j->conf, "synchronous_standby_names");
	if (v != NULL && v[strspn(v, " ")] != '\0' &&
	    note(j, HARMLESS_COMMITS, "synchronous_standby_names", v, NULL,
	    e))
		return (-1);
	at = copyconf_get(j->conf, "shared_preload_libraries");
	while (at != NULL && pgconf_list_next(&at, one, sizeof(one)))
		if (runs_jobs(one) && note(j, HARMLESS_JOBS,
		    "shared_preload_libraries", one, NULL, e))
			return (-1);
	return (0);
}

/* Whether "dir" is the very place that the backup was taken of. */
static int
is_in_place(const struct judge *j)
{
	char	 was[PATH_MAX], now[PATH_MAX];

	return (j->recorded != NULL && (strcmp(j->recorded, j->dir) == 0 ||
	    (realpath(j->recorded, was) != NULL &&
	    realpath(j->dir, now) != NULL && strcmp(was, now) == 0)));
}

int
harmless_find(struct harmless **out, const struct copyconf *conf,
    const struct recovery *r, const struct harmless_place *place,
    const char *recorded, struct err *e)
{
	const char	*dir = place->home != NULL ? place->home : place->dir;
	struct judge	 j = { .conf = conf, .r = r, .recorded = recorded,
	    .at = place->dir, .homeless = place->home == NULL };

	if (dir[0] == '/') {
		if (str_fmt(j.dir, sizeof(j.dir), e, "%s", dir))
			return (-1);
	} else if (realpath(dir, j.dir) == NULL)
		return (err_sys(e, ERR_LOCAL, "%s", dir));
	if ((j.h = calloc(1, sizeof(*j.h))) == NULL ||
	    (j.h->append = calloc(1, APPEND_MAX)) == NULL) {
		free(j.h);
		return (err_sys(e, ERR_LOCAL, "configuration"));
	}
	if (str_fmt(j.h->append, APPEND_MAX, e, "%s",
	    "\n# Added by base-fetch, so that this copy does no harm:\n") ||
	    (!is_in_place(&j) && judge_places(&j, e)) || judge_rest(&j, e)) {
		harmless_free(j.h);
		return (-1);
	}
	/* Only the title: there is nothing to append. */
	if (strchr(j.h->append, '\'') == NULL || !copyconf_has_main(conf)) {
		free(j.h->append);
		j.h->append = NULL;
	}
	*out = j.h;
	return (0);
}

/* Open for appending; a file that its owner may only read, too. */
static int
open_conf(const char *path, mode_t *mode)
{
	const int	 how = O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC;
	struct stat	 st;
	int		 fd = open(path, how);

	if (fd != -1 || errno != EACCES)
		return (fd);
	if (lstat(path, &st) == -1 || !S_ISREG(st.st_mode) ||
	    chmod(path, (st.st_mode & 0777) | S_IWUSR) == -1)
		return (-1);
	*mode = st.st_mode & 0777;
	return (open(path, how));
}

static int
append(const struct harmless *h, const char *dir, struct err *e)
{
	char	 path[PATH_MAX];
	mode_t	 mode = 0;
	int	 fd, rc;

	if (h->append == NULL)
		return (0);
	if (path_join(path, sizeof(path), dir, "postgresql.conf", e))
		return (-1);
	if ((fd = open_conf(path, &mode)) == -1)
		return (err_sys(e, ERR_LOCAL, "open %s", path));
	rc = io_write(fd, h->append, strlen(h->append), path, e);
	if (rc == 0 && mode != 0 && fchmod(fd, mode) == -1)
		rc = err_sys(e, ERR_LOCAL, "set the mode of %s", path);
	if (rc == -1)
		(void)close(fd);	/* it failed already */
	else
		rc = io_close(&fd, path, e);
	return (rc);
}

int
harmless_write(struct harmless **out, const struct recovery *r,
    const struct harmless_place *place, const char *recorded, struct err *e)
{
	struct recovery	 with = *r;
	struct copyconf	*conf = NULL;
	struct harmless	*h = NULL;
	int		 rc = -1;

	if (copyconf_read(&conf, place->dir, e) ||
	    harmless_find(&h, conf, r, place, recorded, e) ||
	    append(h, place->dir, e))
		goto out;
	with.more = h->set;
	with.nmore = h->nset;
	if (recovery_write(&with, place->dir, e))
		goto out;
	*out = h;
	h = NULL;
	rc = 0;
out:
	harmless_free(h);
	copyconf_free(conf);
	return (rc);
}

void
harmless_free(struct harmless *h)
{
	if (h == NULL)
		return;
	while (h->n > 0) {
		free(h->notes[--h->n].was);
		free(h->notes[h->n].now);
	}
	free(h->notes);
	free(h->set);
	free(h->append);
	free(h);
}
