/* SPDX-License-Identifier: ISC */
/* backup-expire: free what the retention policy no longer asks for. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/jval.h"
#include "repo/expire.h"
#include "tool/conf.h"
#include "tool/opt.h"
#include "tool/progress.h"
#include "tool/role.h"
#include "tool/systems.h"
#include "tool/tool.h"

static const struct opt_program program = {
	.name = "backup-expire",
	.synopsis = "[OPTION]...",
	.summary = "Delete backups and WAL that the retention policy no "
	    "longer asks for.",
	.min_args = 0, .max_args = 0
};

#define SECOND	INT64_C(1000000)

struct job {
	struct conf_source	 src;
	int			 dry, json;
	struct opt_list		 pins;
	int			*found;		/* for each pin */
	struct expire_conf	 conf;
	struct jval		*all;		/* if json */
};

/* What is known of one cluster once it was done. */
struct done {
	const struct job	*job;
	const struct archive	*archive;
	const struct catalogue	*cat;
	const struct retention_plan *plan;
	struct expire_result	 r;
};

static void
print_sum(const struct done *d, const char *what, struct expire_sum s)
{
	char	 size[PROGRESS_SIZE];

	if (s.files > 0)
		(void)printf("  %s %" PRIu64 " %s, %s\n",
		    d->job->dry ? "would delete" : "deleted", s.files, what,
		    progress_size(size, s.bytes));
}

static void
print_done(const struct done *d)
{
	const struct retention_verdict	*v;
	char				 t[CLOCK_TEXT];
	size_t				 i;

	(void)printf("server %s, system identifier %" PRIu64 "\n",
	    d->archive->server, d->archive->system_id);
	for (i = 0; i < catalogue_labels(d->cat); i++) {
		v = &d->plan->verdict[i];
		(void)printf("  %s %s: %s\n", v->keep ? "keep  " : "expire",
		    catalogue_label(d->cat, i)->id, v->why);
	}
	print_sum(d, "files of backups", d->r.backups);
	print_sum(d, "files of WAL", d->r.wal);
	print_sum(d, "unfinished uploads", d->r.tmp);
	if (d->plan->has_window)
		(void)printf("  what remains can be recovered from %s on\n",
		    clock_format(t, d->plan->window_us / SECOND * SECOND));
	else
		(void)printf("  there is no backup\n");
}

static int
json_sum(struct jval *to, const char *key, struct expire_sum s,
    struct err *e)
{
	struct jval	*j = NULL;

	if (jval_object(&j, e))
		return (-1);
	if (jval_set_u64(j, "files", s.files, e) ||
	    jval_set_u64(j, "bytes", s.bytes, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_set(to, key, j, e));
}

static int
json_verdict(struct jval *list, const char *id,
    const struct retention_verdict *v, struct err *e)
{
	struct jval	*j = NULL;

	if (jval_object(&j, e))
		return (-1);
	if (jval_set_str(j, "id", id, e) ||
	    jval_set_bool(j, "keep", v->keep, e) ||
	    jval_set_str(j, "why", v->why, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

static int
json_verdicts(struct jval *to, const struct done *d, struct err *e)
{
	struct jval	*list = NULL;
	size_t		 i;

	if (jval_list(&list, e))
		return (-1);
	for (i = 0; i < catalogue_labels(d->cat); i++)
		if (json_verdict(list, catalogue_label(d->cat, i)->id,
		    &d->plan->verdict[i], e)) {
			jval_free(list);
			return (-1);
		}
	return (jval_set(to, "backups", list, e));
}

static int
json_done(struct jval *list, const struct done *d, struct err *e)
{
	struct jval	*j = NULL;
	char		 id[24], t[CLOCK_TEXT];

	(void)snprintf(id, sizeof(id), "%" PRIu64, d->archive->system_id);
	if (jval_object(&j, e))
		return (-1);
	if (jval_set_str(j, "server", d->archive->server, e) ||
	    jval_set_str(j, "system_identifier", id, e) ||
	    jval_set_bool(j, "dry_run", d->job->dry, e) ||
	    json_verdicts(j, d, e) ||
	    json_sum(j, "backup_files", d->r.backups, e) ||
	    json_sum(j, "wal_files", d->r.wal, e) ||
	    json_sum(j, "unfinished_uploads", d->r.tmp, e) ||
	    (d->plan->has_window ? jval_set_str(j, "recovery_window_from",
	    clock_format(t, d->plan->window_us), e) :
	    jval_set_null(j, "recovery_window_from", e))) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

/* Which of the pins this cluster has. */
static int
find_pins(void *arg, struct archive *a, struct err *e)
{
	struct job		*job = arg;
	struct catalogue	*cat = NULL;
	size_t			 i;

	if (catalogue_load(&cat, a, e))
		return (-1);
	for (i = 0; i < job->pins.n; i++)
		if (catalogue_find(cat, job->pins.v[i]) != NULL)
			job->found[i] = 1;
	catalogue_free(cat);
	return (0);
}

/* A slip in --keep must be seen before anything is deleted. */
static int
check_pins(struct job *job, const struct server_conf *conf,
    const struct key *key, struct err *e)
{
	size_t	 i;

	if (job->pins.n == 0)
		return (0);
	if ((job->found = calloc(job->pins.n, sizeof(*job->found))) == NULL)
		return (err_sys(e, ERR_LOCAL, "--keep"));
	if (systems_visit(conf, key, find_pins, job, e))
		return (-1);
	for (i = 0; i < job->pins.n; i++)
		if (!job->found[i])
			return (err_set(e, ERR_USAGE, "--keep: %.64s: no such"
			    " backup", job->pins.v[i]));
	return (0);
}

static int
expire_system(void *arg, struct archive *a, struct err *e)
{
	struct job		*job = arg;
	struct done		 d = { .job = job, .archive = a };
	struct catalogue	*cat = NULL;
	struct expire		*x = NULL;
	int			 rc = -1;

	if (catalogue_load(&cat, a, e) ||
	    expire_plan(&x, a, cat, &job->conf, e) ||
	    expire_run(x, a, job->dry, &d.r, e))
		goto out;
	d.cat = cat;
	d.plan = expire_retention(x);
	if (!job->json)
		print_done(&d);
	else if (json_done(job->all, &d, e))
		goto out;
	rc = 0;
out:
	expire_free(x);
	catalogue_free(cat);
	if (rc == -1)
		err_ctx(e, "server %s, system identifier %" PRIu64,
		    a->server, a->system_id);
	return (rc);
}

static int
settings(struct job *job, const struct server_conf *conf, struct err *e)
{
	struct err	 why = ERR_INIT;

	if (conf_need(conf, "retention_policy", e))
		return (-1);
	if (retention_policy_parse(conf->retention_policy, &job->conf.policy,
	    &why))
		return (err_set(e, ERR_CONFIG, "retention_policy: %s",
		    why.msg));
	job->conf.minimum_redundancy = conf->minimum_redundancy;
	job->conf.abandoned_us = (int64_t)conf->abandoned_after_ms * 1000;
	job->conf.pins = job->pins.v;
	job->conf.npins = job->pins.n;
	job->conf.now_us = clock_now_us();
	return (0);
}

static int
run(struct job *job, struct err *e)
{
	struct server_conf	 conf = { 0 };
	struct key		*key = NULL;
	int			 rc = -1;

	if (conf_load(&conf, &job->src, e) ||
	    settings(job, &conf, e) ||
	    role_key(&key, &conf, KEY_PUBLIC, e) ||
	    check_pins(job, &conf, key, e) ||
	    (job->json && jval_list(&job->all, e)))
		goto out;
	rc = systems_visit(&conf, key, expire_system, job, e);
	/* What was done is told, also if a later step failed. */
	if (job->json && tool_json(job->all, e))
		rc = -1;
	if (tool_flush(e))
		rc = -1;
out:
	jval_free(job->all);
	key_free(key);
	conf_free(&conf);
	return (rc);
}

int
main(int argc, char *argv[])
{
	struct err		 e = ERR_INIT;
	struct job		 job = { .dry = 0 };
	const struct opt	 opts[] = {
		OPT_CONF(job.src),
		{ "dry-run", 'n', OPT_FLAG, &job.dry, NULL,
		    "say what would go and why, delete nothing", 0, 0 },
		{ "keep", 'k', OPT_LIST, &job.pins, "BACKUP",
		    "do not let this backup go, whatever the policy", 0, 0 },
		{ "json", 'j', OPT_FLAG, &job.json, NULL,
		    "print JSON: a list of clusters", 0, 0 },
		OPT_END
	};
	char			**args;
	size_t			 nargs;
	int			 rc;

	if ((rc = tool_init(&e)) == -1 ||
	    (rc = opt_parse(&program, opts, argc, argv, &args, &nargs,
	    &e)) != 0)
		return (tool_exit(program.name, rc == 1 ? 0 : -1, &e));
	rc = run(&job, &e);
	free(job.src.set.v);
	free(job.pins.v);
	free(job.found);
	return (tool_exit(program.name, rc, &e));
}
