/* SPDX-License-Identifier: ISC */
/* The options of a drill, and what chance chooses of them. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/str.h"
#include "restore/reachscan.h"
#include "tool/drilling.h"
#include "tool/tool.h"

#define NAME		"backup-drill"
#define RANDOM		"random"
#define SQL_MOST	((size_t)1 << 20)
#define TRIES		30

static int
usage(struct err *e, const char *text)
{
	return (err_set(e, ERR_USAGE, "%s; see " NAME " --help", text));
}

/* Read --check: a list of names between commas, in place of the usual ones. */
static int
parse_checks(struct drillconf *c, const char *list, struct err *e)
{
	static const enum drillreport_check	 known[] = {
		DRILLREPORT_AMCHECK, DRILLREPORT_DUMP, DRILLREPORT_SQL,
		DRILLREPORT_ROWS, DRILLREPORT_PAGES
	};
	const size_t	 all = sizeof(known) / sizeof(known[0]);
	const char	*name;
	size_t		 n, i;

	for (; *list != '\0'; list += n + (list[n] == ',')) {
		n = strcspn(list, ",");
		for (i = 0; i < all; i++) {
			name = drillreport_check_name(known[i]);
			if (strlen(name) == n && strncmp(name, list, n) == 0)
				break;
		}
		if (i == all)
			return (err_set(e, ERR_USAGE, "--check: found "
			    "\"%.32s\", expected some of amcheck, dump, sql, "
			    "rows and pages", list));
		c->check[known[i]] = 1;
	}
	return (0);
}

static int
checks(struct drillconf *c, const struct drilling_options *o, struct err *e)
{
	if (o->check != NULL && parse_checks(c, o->check, e))
		return (-1);
	if (o->check == NULL)
		c->check[DRILLREPORT_AMCHECK] = c->check[DRILLREPORT_DUMP] =
		    c->check[DRILLREPORT_ROWS] = c->check[DRILLREPORT_PAGES] =
		    1;
	c->check[DRILLREPORT_SELF] = o->self_test;
	if (o->sql.n > 0)
		c->check[DRILLREPORT_SQL] = 1;
	if (o->sql.n != o->expect.n)
		return (usage(e, "each --sql needs an --expect, which says "
		    "the answer"));
	return (0);
}

/* A query, or the file that has it. */
static int
queries(struct drilling *d, struct drillconf *c,
    const struct drilling_options *o, struct err *e)
{
	size_t	 i, n;

	d->sql = calloc(o->sql.n + 1, sizeof(*d->sql));
	d->file = calloc(o->sql.n + 1, sizeof(*d->file));
	if (d->sql == NULL || d->file == NULL)
		return (err_sys(e, ERR_LOCAL, "--sql"));
	for (i = 0; i < o->sql.n; i++) {
		d->nsql = i + 1;
		d->sql[i].query = o->sql.v[i];
		d->sql[i].expect = o->expect.v[i];
		if (access(o->sql.v[i], F_OK) == -1)
			continue;
		if (io_load(o->sql.v[i], SQL_MOST, &d->file[i], &n, e))
			return (-1);
		d->sql[i].query = d->file[i];
	}
	c->sql = d->sql;
	c->nsql = d->nsql;
	c->sql_db = o->sql_db != NULL ? o->sql_db : o->only.n > 0 ?
	    o->only.v[0] : "postgres";
	return (0);
}

static int
targets(struct drilling *d, const struct drilling_options *o, struct err *e)
{
	struct target_options	*t = &d->asked;

	*t = o->target;
	if (o->immediate)
		t->target = "immediate";
	d->named = t->time != NULL || t->xid != NULL || t->name != NULL ||
	    t->lsn != NULL || t->timeline != NULL;
	if (o->to_end && (d->named || o->immediate))
		return (usage(e, "--to-end and a target contradict each "
		    "other"));
	if (t->time != NULL && strcmp(t->time, RANDOM) == 0) {
		d->random = 1;
		d->named = 0;
		t->time = NULL;		/* until it is chosen */
	}
	return (target_parse(&d->target, t, NAME, e));
}

static int
pairs(const struct drilling_options *o, struct err *e)
{
	if ((o->dump == NULL) != (o->output == NULL))
		return (usage(e, "--dump and --output go together"));
	if (o->tables.n > 0 && o->dump == NULL)
		return (usage(e, "--table goes with --dump"));
	if (o->self_test && o->keep)
		return (usage(e, "--self-test and --keep contradict each "
		    "other"));
	if (o->port != 0 && !o->keep)
		return (usage(e, "--port goes with --keep"));
	if (o->rpo_ms != 0 && (o->immediate || o->target.time != NULL ||
	    o->target.xid != NULL || o->target.name != NULL ||
	    o->target.lsn != NULL))
		return (usage(e, "--rpo-limit goes with --to-end: with a "
		    "target no RPO is measured"));
	return (0);
}

/* A drill takes long: what it could not write is said before it. */
static int
is_taken(const char *path, struct err *e)
{
	return (path != NULL && access(path, F_OK) == 0 ? err_set(e,
	    ERR_CONFLICT, "%s exists already", path) : 0);
}

int
drilling_parse(struct drilling *d, struct drillconf *c,
    const struct drilling_options *o, const struct server_conf *conf,
    const char *backup, struct err *e)
{
	memset(d, 0, sizeof(*d));
	if (pairs(o, e) || checks(c, o, e) || queries(d, c, o, e) ||
	    targets(d, o, e) || is_taken(o->output, e) ||
	    is_taken(o->receipt, e) || is_taken(o->html, e))
		return (-1);
	if (o->dir != NULL ? str_fmt(d->dir, PATH_MAX, e, "%s", o->dir) :
	    str_fmt(d->dir, PATH_MAX, e, "%s/%s/drill", conf->state_dir,
	    conf->name))
		return (-1);
	if (backup != NULL && strcmp(backup, RANDOM) == 0) {
		d->random |= 2;
		backup = NULL;
	}
	d->named |= backup != NULL && strcmp(backup, "latest") != 0;
	d->target.choose.backup = backup;
	d->seed = o->seed;
	if (d->seed == 0 && io_random(&d->seed, 4, e))
		return (-1);
	c->server = conf->name;
	c->state_dir = conf->state_dir;
	c->dir = d->dir;
	c->bindir = conf->pg_bindir;
	c->preload = conf->drill_preload;
	c->role = o->role;
	c->jobs = (unsigned)(o->jobs != 0 ? o->jobs : conf->jobs);
	c->port = (unsigned)o->port;
	c->keep = o->keep;
	c->only = o->only.v;
	c->nonly = o->only.n;
	c->dump_db = o->dump;
	c->dump_file = o->output;
	c->dump_tables = o->tables.v;
	c->ndump_tables = o->tables.n;
	return (0);
}

/* SplitMix64, for what needs no secret: the same seed, the same choice. */
static uint64_t
next(uint64_t *state)
{
	uint64_t	 z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (z ^ (z >> 31));
}

static int
plan(struct basefetch_plan *p, struct drilling *d, const struct drillconf *c,
    uint64_t system_id, struct err *e)
{
	if (basefetch_plan(p, c->store, c->key, c->server, system_id,
	    &d->target.choose, e))
		return (-1);
	if (reachscan_check(p, &d->target.choose, e)) {
		basefetch_plan_free(p);
		*p = (struct basefetch_plan){ .label = NULL };
		return (-1);
	}
	return (0);
}

/*
 * Choose a moment between the stop of the backup, or of the oldest one if none
 * is chosen, and the end of what is archived.  Nothing may have been committed
 * behind the moment: then an earlier one is taken.
 */
static int
random_time(struct basefetch_plan *p, struct drilling *d,
    const struct drillconf *c, uint64_t *state, uint64_t system_id,
    struct err *e)
{
	const struct catalogue	*cat = p->catalogue;
	const char		*id = d->target.choose.backup;
	int64_t			 from = p->label->stop_us;
	int64_t			 to = p->reached_us;
	size_t			 i;

	if (id == NULL)
		for (i = 0; i < catalogue_labels(cat); i++)
			if (catalogue_label(cat, i)->stop_us < from)
				from = catalogue_label(cat, i)->stop_us;
	for (i = 0; i < TRIES && to - from > 1; i++) {
		basefetch_plan_free(p);
		*p = (struct basefetch_plan){ .label = NULL };
		to = from + 1 + (int64_t)(next(state) %
		    (uint64_t)(to - from));
		(void)clock_format(d->time, to);
		d->asked.time = d->time;
		err_clear(e);
		if (target_parse(&d->target, &d->asked, NAME, e))
			return (-1);
		d->target.choose.backup = id;
		if (plan(p, d, c, system_id, e) == 0)
			return (0);
		if (e->kind != ERR_ABSENT)
			return (-1);
	}
	/* As where somebody names one that is not there. */
	d->named = 1;
	err_clear(e);
	return (err_set(e, ERR_ABSENT, "there is no moment behind %s to which "
	    "archived WAL leads for certain; without a commit since then only "
	    "--to-end or --immediate serve", clock_format(d->time, from)));
}

int
drilling_plan(struct basefetch_plan *p, struct drilling *d,
    const struct drillconf *c, const struct drilling_options *o,
    struct err *e)
{
	uint64_t	 state = d->seed;
	size_t		 n;

	if (plan(p, d, c, o->system_id, e))
		return (-1);
	if (d->random & 2) {
		n = catalogue_labels(p->catalogue);
		memcpy(d->backup, catalogue_label(p->catalogue,
		    (size_t)(next(&state) % n))->id, LAYOUT_ID);
		d->target.choose.backup = d->backup;
		basefetch_plan_free(p);
		*p = (struct basefetch_plan){ .label = NULL };
		if (plan(p, d, c, o->system_id, e))
			return (-1);
	}
	if ((d->random & 1) && random_time(p, d, c, &state, o->system_id, e))
		return (-1);
	return (basefetch_later(p, &d->target.choose, e));
}

void
drilling_free(struct drilling *d)
{
	while (d->nsql > 0)
		free(d->file[--d->nsql]);
	free(d->file);
	free(d->sql);
	d->file = NULL;
	d->sql = NULL;
}
