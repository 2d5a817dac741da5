/* SPDX-License-Identifier: ISC */
/* The way of WAL files, gone once and told step by step. */
#include <inttypes.h>
#include <limits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "repo/marker.h"
#include "repo/probe.h"
#include "tool/owner.h"
#include "tool/role.h"
#include "tool/setupask.h"
#include "tool/tool.h"
#include "tool/trial.h"
#include "wal/walarchive.h"
#include "wal/walindex.h"

struct trial {
	const char		*program;
	const struct server_conf *conf;
	char			 dir[PATH_MAX];	/* the data directory */
	struct role_cluster	 cluster;
	struct key		*key;
	struct archive		*a;
	int64_t			 began;		/* the step that is timed */
};

static void
begin_step(struct trial *t)
{
	t->began = clock_mono_ms();
}

static int64_t
took_ms(const struct trial *t)
{
	return (clock_mono_ms() - t->began);
}

/* What both programs need before they ask the repository for anything. */
static int
reach(struct trial *t, enum key_role role, struct err *e)
{
	const struct store_conf	 store = conf_store_wal(t->conf);
	const char		*setting;

	setupask_step("settings", "found [%s] in %s", t->conf->name,
	    t->conf->file);
	if (t->conf->repository_name != NULL)
		setupask_step("", "this is its repository %s",
		    t->conf->repository_name);
	if (role_data_directory(t->dir, sizeof(t->dir), ".", t->conf, e) ||
	    owner_check(t->program, t->conf, t->dir, e) ||
	    role_cluster(&t->cluster, t->dir, e))
		return (-1);
	setupask_step("cluster", "%" PRIu64 " in %s", t->cluster.system_id,
	    t->dir);
	if (role_key(&t->key, t->conf, role, e))
		return (-1);
	setupask_step("key", "%s", role_key_path(t->conf, role, &setting));
	if (archive_open(&t->a, &store, t->key, t->conf->name,
	    t->cluster.system_id, e))
		return (-1);
	return (setupask_reached(t->a->store, e));
}

/* What agents need, and whoever begins a repository. */
static int
look_at_state(const struct trial *t)
{
	struct err	 why = ERR_INIT;
	const char	*dir = t->conf->state_dir;

	/* That of a repository with a name is made below the common one. */
	if (access(dir, F_OK) == -1)
		dir = t->conf->state_base;
	if (access(dir, W_OK | X_OK) == 0) {
		setupask_step("state", "%s can be written", dir);
		return (TOOL_OK);
	}
	err_sys(&why, ERR_LOCAL, "%s", dir);
	setupask_step("state", "%s; without it there is no agent, and no "
	    "repository can be begun", why.msg);
	return (TOOL_FINDINGS);
}

/* Returns 0; 1 if the first WAL file will begin the cluster's part; or -1. */
static int
look_for_marker(struct trial *t, struct err *e)
{
	struct store_get	*get = NULL;
	struct marker		 m;
	int			 rc = -1;

	if (marker_open(&get, t->a, e) == 0)
		rc = marker_check(&m, t->a, get, t->conf->state_dir,
		    t->cluster.wal_segment_size, e);
	store_get_free(get);
	if (rc != -1)
		setupask_step("", rc == 0 ? "it has this cluster's part" :
		    "it has nothing of this cluster yet; its first WAL file "
		    "will begin that");
	return (rc);
}

/* The object goes again, whatever reading it back has shown. */
static int
take_away(struct trial *t, const struct probe *p, struct err *e)
{
	int	 rc = probe_remove(p, t->a, e);

	if (rc == 0)
		setupask_step("removed", "nothing of it is left");
	else if (rc == 1)
		setupask_step("it stays", "this host may not delete there; "
		    "%s counts for nothing, and backup-expire removes it",
		    p->path);
	return (rc == -1 ? -1 : 0);
}

static int
there_and_back(struct trial *t, int begins, struct err *e)
{
	struct err	 unused = ERR_INIT;
	struct probe	 p;

	begin_step(t);
	if (probe_put(&p, t->a, begins, e))
		return (err_ctx(e, "store a small object"));
	setupask_step("stored", "%zu bytes as %s, durable after %" PRId64
	    " ms", PROBE_SIZE, p.path, took_ms(t));
	begin_step(t);
	if (probe_check(&p, t->a, e)) {
		(void)take_away(t, &p, &unused);
		return (err_ctx(e, "read it back"));
	}
	setupask_step("read back", "authentic, and what was stored, after %"
	    PRId64 " ms", took_ms(t));
	return (take_away(t, &p, e));
}

static int
push(struct trial *t, struct err *e)
{
	int	 begins;

	if (reach(t, KEY_PUSH, e) ||
	    (begins = look_for_marker(t, e)) == -1 ||
	    there_and_back(t, begins, e))
		return (-1);
	return (look_at_state(t));
}

/* Listings are all that is looked at of other files. */
static int
pass_file(void *arg, const struct walname *w, const struct store_entry *en,
    struct err *e)
{
	(void)arg; (void)w; (void)en; (void)e;
	return (0);
}

static int
pass_folder(void *arg, const char *path, const struct err *why,
    struct err *e)
{
	(void)arg; (void)e;
	setupask_step("", "%s cannot be listed: %s", path, why->msg);
	return (0);
}

/* Returns 0; 1 if there is no segment; or -1. */
static int
newest_segment(char name[WALNAME_TEXT], struct trial *t, struct err *e)
{
	struct walindex	 w = {
		.segsize = (uint32_t)t->cluster.wal_segment_size
	};
	struct walname	 last;
	size_t		 i;
	int		 rc = -1;

	if (w.segsize == 0) {
		err_set(e, ERR_PG, "the WAL segment size of this version of "
		    "PostgreSQL is not known");
		goto out;
	}
	if (walindex_load(&w, t->a, pass_file, pass_folder, NULL, e))
		goto out;
	rc = 1;
	for (i = w.ntl; i-- > 0 && rc == 1;)
		if (w.tl[i].segments > 0) {
			last = walname_at(w.tl[i].tli, w.tl[i].last *
			    w.segsize, w.segsize);
			(void)walname_format(name, &last);
			rc = 0;
		}
out:
	walindex_fini(&w);
	return (rc);
}

/* Into pg_wal, where recovery wants it, under a name that is nobody's. */
static int
fetch_segment(struct trial *t, const char *name, struct err *e)
{
	char	 path[PATH_MAX];
	int	 rc;

	if (str_fmt(path, sizeof(path), e, "%s/pg_wal/" WALARCHIVE_TEMP
	    ".test-%ld", t->dir, (long)getpid()))
		return (-1);
	begin_step(t);
	rc = walarchive_fetch(t->a, name, path, e);
	if (rc > 0)
		return (err_set(e, ERR_REMOTE, "was listed, and is gone"));
	if (rc == -1)
		return (-1);
	setupask_step("fetched", "%s, authentic and whole, after %" PRId64
	    " ms", name, took_ms(t));
	if (unlink(path) == -1)
		return (err_sys(e, ERR_LOCAL, "remove %s", path));
	setupask_step("removed", "nothing of it is left in pg_wal");
	return (0);
}

static int
fetch(struct trial *t, struct err *e)
{
	char		 name[WALNAME_TEXT];
	struct marker	 m;
	int		 rc;

	if (reach(t, KEY_RESTORE, e) || marker_look(&m, t->a, e))
		return (-1);
	setupask_step("", "it has this cluster's part");
	if ((rc = newest_segment(name, t, e)) == 1) {
		setupask_step("fetched", "nothing: it has no segment");
		return (TOOL_ABSENT);
	}
	if (rc == -1)
		return (-1);
	if (fetch_segment(t, name, e))
		return (err_ctx(e, "%s", name));
	return (look_at_state(t));
}

static int
try_each(const char *program, const struct conf_set *set,
    int (*try)(struct trial *, struct err *), struct err *e)
{
	struct err	 why = ERR_INIT;
	size_t		 i, failed = 0;
	int		 rc, worst = TOOL_OK;

	for (i = 0; i < set->n; i++) {
		struct trial	 t = { .program = program,
		    .conf = &set->conf[i] };

		rc = try(&t, &why);
		archive_free(t.a);
		key_free(t.key);
		if (rc == -1 && t.conf->repository_name != NULL)
			err_ctx(&why, "repository %s", t.conf->repository_name);
		if (rc == -1 && failed++ == 0)
			*e = why;
		else if (rc == -1)
			tool_note(program, "%s", why.msg);
		else if (rc > worst)
			worst = rc;
		err_clear(&why);
	}
	if (failed)
		return (-1);
	return (tool_flush(e) ? -1 : worst);
}

int
trial_push(const char *program, const struct conf_set *set, struct err *e)
{
	return (try_each(program, set, push, e));
}

int
trial_fetch(const char *program, const struct conf_set *set, struct err *e)
{
	return (try_each(program, set, fetch, e));
}
