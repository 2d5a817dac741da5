/* SPDX-License-Identifier: ISC */
/* backup-expire: free what the retention policy no longer asks for. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/jval.h"
#include "catalogue/pin.h"
#include "catalogue/pinning.h"
#include "catalogue/window.h"
#include "expire/expire.h"
#include "show/progress.h"
#include "show/show.h"
#include "tool/conf.h"
#include "tool/program.h"
#include "tool/role.h"
#include "tool/systems.h"
#include "tool/tool.h"

#define NAME	"backup-expire"

#define SECOND	INT64_C(1000000)

struct job {
	struct conf_source	 src;
	int			 dry, json, force;
	struct opt_list		 keep, release, gone;
	const char		*until;
	int64_t			 until_us;
	struct expire_conf	 conf;
	struct jval		*all;		/* if json */
	int			 findings;
};

/* What is known of one cluster once it was done. */
struct done {
	struct job		*job;
	const struct archive	*archive;
	const struct catalogue	*cat;
	const struct retention_plan *plan;
	struct expire_result	 r;
	struct window		 before, after;	/* of what goes */
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
print_bad_pins(const struct done *d)
{
	const struct pin	*p;
	char			 text[SHOW_PIN];
	size_t			 i;

	for (i = 0; i < catalogue_labels(d->cat); i++) {
		p = catalogue_pin(d->cat, i);
		if (p->kind == PIN_UNREADABLE)
			(void)printf("  %s: %s\n", catalogue_label(d->cat,
			    i)->id, show_pin(text, p));
	}
}

static const char *
window_from(char buf[CLOCK_TEXT], const struct done *d,
    const struct window *w)
{
	return (show_moment(buf, catalogue_label(d->cat, w->first)->stop_us));
}

/* What a deletion costs: points that only these backups lead to. */
static void
print_windows(const struct done *d)
{
	const char	*will = d->job->dry ? "would" : "will";
	char		 was[CLOCK_TEXT], is[CLOCK_TEXT];

	if (!d->before.any) {
		(void)printf("  nothing could be recovered before\n");
	} else if (!d->after.any) {
		(void)printf("  nothing on the latest timeline can be "
		    "recovered until there is another backup\n");
	} else {
		(void)window_from(was, d, &d->before);
		(void)window_from(is, d, &d->after);
		if (d->before.first == d->after.first)
			(void)printf("  the recovery window begins at %s, as "
			    "before\n", is);
		else
			(void)printf("  the recovery window began at %s, and "
			    "%s begin at %s\n", was, will, is);
	}
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
	print_bad_pins(d);
	if (d->job->gone.n > 0)
		print_windows(d);
	else if (d->after.any)
		(void)printf("  what remains can be recovered from %s on\n",
		    window_from(t, d, &d->after));
	else if (d->plan->nkept > 0)
		(void)printf("  nothing on the latest timeline can be "
		    "recovered until there is another backup\n");
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
    const struct retention_verdict *v, const struct pin *pin, struct err *e)
{
	struct jval	*j = NULL;

	if (jval_object(&j, e))
		return (-1);
	if (jval_set_str(j, "id", id, e) ||
	    jval_set_bool(j, "keep", v->keep, e) ||
	    jval_set_str(j, "why", v->why, e) ||
	    show_json_pin(j, pin, e)) {
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
		    &d->plan->verdict[i], catalogue_pin(d->cat, i), e)) {
			jval_free(list);
			return (-1);
		}
	return (jval_set(to, "backups", list, e));
}

static int
json_from(struct jval *j, const char *key, const struct done *d,
    const struct window *w, struct err *e)
{
	char	 t[CLOCK_TEXT];

	if (!w->any)
		return (jval_set_null(j, key, e));
	return (jval_set_str(j, key, clock_format(t,
	    catalogue_label(d->cat, w->first)->stop_us), e));
}

static int
json_window(struct jval *j, const struct done *d, struct err *e)
{
	return (json_from(j, "recovery_window_from", d, &d->after, e) ||
	    (d->job->gone.n > 0 &&
	    json_from(j, "recovery_window_was", d, &d->before, e)) ? -1 : 0);
}

static int
json_done(struct jval *list, const struct done *d, struct err *e)
{
	struct jval	*j = NULL;
	char		 id[24];

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
	    json_window(j, d, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

/* What an option says of backups, and where they are. */
struct search {
	const struct opt_list	*ids;
	int			*found;
};

static int
find(void *arg, struct archive *a, struct err *e)
{
	struct search		*s = arg;
	struct catalogue	*cat = NULL;
	size_t			 i;

	if (catalogue_load(&cat, a, e))
		return (-1);
	for (i = 0; i < s->ids->n; i++)
		if (catalogue_find(cat, s->ids->v[i]) != NULL)
			s->found[i] = 1;
	catalogue_free(cat);
	return (0);
}

/* A slip in a name must be seen before anything is done. */
static int
check_names(const struct opt_list *ids, const char *option,
    const struct server_conf *conf, const struct key *key, struct err *e)
{
	struct search	 s = { .ids = ids };
	size_t		 i;
	int		 rc = -1;

	if (ids->n == 0)
		return (0);
	if ((s.found = calloc(ids->n, sizeof(*s.found))) == NULL)
		return (err_sys(e, ERR_LOCAL, "%s", option));
	if (systems_visit(conf, key, find, &s, e))
		goto out;
	for (i = 0; i < ids->n; i++)
		if (!s.found[i]) {
			err_set(e, ERR_USAGE, "%s: %.64s: no such backup; "
			    "backup-list lists them", option, ids->v[i]);
			goto out;
		}
	rc = 0;
out:
	free(s.found);
	return (rc);
}

/* One backup was pinned or released. */
static int
tell_pin(const struct job *job, const struct archive *a, const char *id,
    const struct pin *p, struct err *e)
{
	struct jval	*j = NULL;
	char		 text[PIN_TEXT], sys[24];

	if (!job->json) {
		(void)printf("%s: %s%s\n", id, job->dry ? "would be " : "",
		    p->kind == PIN_NONE ? "released" : pin_format(text, p));
		return (0);
	}
	(void)snprintf(sys, sizeof(sys), "%" PRIu64, a->system_id);
	if (jval_object(&j, e))
		return (-1);
	if (jval_set_str(j, "server", a->server, e) ||
	    jval_set_str(j, "system_identifier", sys, e) ||
	    jval_set_bool(j, "dry_run", job->dry, e) ||
	    jval_set_str(j, "id", id, e) || show_json_pin(j, p, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(job->all, j, e));
}

static int
keep(const struct job *job, struct archive *a, const char *id, struct err *e)
{
	struct pin	 p = { .kind = PIN_SET, .until_us = job->until_us };

	if (!job->dry && pinning_set(a, id, job->until_us, e))
		return (-1);
	return (tell_pin(job, a, id, &p, e));
}

static int
release(const struct job *job, struct archive *a, const char *id,
    struct err *e)
{
	struct pin	 p = { .kind = PIN_NONE };

	if (!job->dry && pinning_release(a, id, e) == -1)
		return (-1);
	return (tell_pin(job, a, id, &p, e));
}

/* Pins of those backups that this cluster has. */
static int
pin_system(void *arg, struct archive *a, struct err *e)
{
	struct job		*job = arg;
	struct catalogue	*cat = NULL;
	size_t			 i;
	int			 rc = -1;

	if (catalogue_load(&cat, a, e))
		return (-1);
	for (i = 0; i < job->release.n; i++)
		if (catalogue_find(cat, job->release.v[i]) != NULL &&
		    release(job, a, job->release.v[i], e))
			goto out;
	for (i = 0; i < job->keep.n; i++)
		if (catalogue_find(cat, job->keep.v[i]) != NULL &&
		    keep(job, a, job->keep.v[i], e))
			goto out;
	rc = 0;
out:
	catalogue_free(cat);
	return (rc);
}

static int
tell_done(const struct done *d, struct err *e)
{
	struct job	*job = d->job;
	size_t		 i;

	for (i = 0; i < catalogue_labels(d->cat); i++)
		if (catalogue_pin(d->cat, i)->kind == PIN_UNREADABLE)
			job->findings = 1;
	if (job->json)
		return (json_done(job->all, d, e));
	print_done(d);
	return (0);
}

/*
 * How far this cluster can be recovered with and without what goes; from a
 * backup that its pin alone keeps no WAL will lead on.
 */
static int
make_windows(struct done *d, struct err *e)
{
	size_t	 i, n = catalogue_labels(d->cat);
	int	*gone;

	if ((gone = calloc(n + 1, sizeof(*gone))) == NULL)
		return (err_sys(e, ERR_LOCAL, "recovery window"));
	for (i = 0; i < n; i++)
		gone[i] = !d->plan->verdict[i].keep ||
		    d->plan->verdict[i].alone;
	if (window_make(&d->before, d->cat, e) ||
	    window_make(&d->after, d->cat, e)) {
		free(gone);
		return (-1);
	}
	window_without(&d->after, gone);
	free(gone);
	return (0);
}

/* With --delete, what this cluster has of it; 0 if that is nothing. */
static size_t
pick(const struct job *job, const struct catalogue *cat, const char **v)
{
	size_t	 i, n = 0;

	for (i = 0; i < job->gone.n; i++)
		if (catalogue_find(cat, job->gone.v[i]) != NULL)
			v[n++] = job->gone.v[i];
	return (n);
}

static int
expire_system(void *arg, struct archive *a, struct err *e)
{
	struct job		*job = arg;
	struct expire_conf	 conf = job->conf;
	struct done		 d = { .job = job, .archive = a };
	struct catalogue	*cat = NULL;
	struct expire		*x = NULL;
	const char		**gone;
	int			 rc = -1;

	if ((gone = calloc(job->gone.n + 1, sizeof(*gone))) == NULL)
		return (err_sys(e, ERR_LOCAL, "expire"));
	conf.gone = gone;
	if (catalogue_load(&cat, a, e))
		goto out;
	conf.ngone = pick(job, cat, gone);
	if (job->gone.n > 0 && conf.ngone == 0) {
		rc = 0;
		goto out;
	}
	d.cat = cat;
	if (expire_plan(&x, a, cat, &conf, e))
		goto out;
	d.plan = expire_retention(x);
	if (make_windows(&d, e) ||
	    expire_run(x, a, job->dry, &d.r, e) ||
	    tell_done(&d, e))
		goto out;
	rc = 0;
out:
	window_free(&d.before);
	window_free(&d.after);
	expire_free(x);
	catalogue_free(cat);
	free(gone);
	if (rc == -1)
		err_ctx(e, "server %s, system identifier %" PRIu64,
		    a->server, a->system_id);
	return (rc);
}

/* Options that do not go together, or make no sense. */
static int
check_options(struct job *job, struct err *e)
{
	long	 offset;
	int	 assumed, pins = job->keep.n > 0 || job->release.n > 0;

	if (pins && job->gone.n > 0)
		return (err_set(e, ERR_USAGE, "--delete goes with neither "
		    "--keep nor --release"));
	if (job->until != NULL && job->keep.n == 0)
		return (err_set(e, ERR_USAGE, "--until needs --keep"));
	if (job->force && job->gone.n == 0)
		return (err_set(e, ERR_USAGE, "--force needs --delete"));
	job->until_us = PIN_FOREVER;
	if (job->until == NULL)
		return (0);
	if (clock_parse(job->until, &job->until_us, &assumed, &offset, e))
		return (err_ctx(e, "--until"));
	if (job->until_us <= clock_now_us())
		return (err_set(e, ERR_USAGE, "--until %s: is past",
		    job->until));
	if (job->until_us >= PIN_LATEST)
		return (err_set(e, ERR_USAGE, "--until %s: a pin ends before "
		    "the year 10000, or never", job->until));
	if (assumed)
		tool_note(NAME, "--until %s: taken in this host's "
		    "time zone, UTC%+03ld:%02ld", job->until, offset / 3600,
		    labs(offset) % 3600 / 60);
	return (0);
}

static int
settings(struct job *job, const struct server_conf *conf, struct err *e)
{
	if (job->gone.n == 0 && (conf_need(conf, "retention_policy", e) ||
	    retention_policy_parse(conf->retention_policy, &job->conf.policy,
	    e)))
		return (-1);
	job->conf.minimum_redundancy = conf->minimum_redundancy;
	job->conf.abandoned_us = (int64_t)conf->abandoned_after_ms * 1000;
	job->conf.force = job->force;
	job->conf.now_us = clock_now_us();
	return (0);
}

static int
run(void *arg, char **args, size_t nargs, struct err *e)
{
	struct job		*job = arg;
	struct server_conf	 conf = { 0 };
	struct key		*key = NULL;
	int			 rc = -1, pins;

	(void)args;
	(void)nargs;
	pins = job->keep.n > 0 || job->release.n > 0;
	if (check_options(job, e) ||
	    conf_load(&conf, &job->src, e) ||
	    (!pins && settings(job, &conf, e)) ||
	    role_key(&key, &conf, KEY_PUBLIC, e) ||
	    check_names(&job->keep, "--keep", &conf, key, e) ||
	    check_names(&job->release, "--release", &conf, key, e) ||
	    check_names(&job->gone, "--delete", &conf, key, e) ||
	    (job->json && jval_list(&job->all, e)))
		goto out;
	rc = systems_visit(&conf, key, pins ? pin_system : expire_system, job,
	    e);
	/* What was done is told, also if a later step failed. */
	if (job->json && tool_json(job->all, e))
		rc = -1;
out:
	jval_free(job->all);
	key_free(key);
	conf_free(&conf);
	return (rc == 0 && job->findings ? TOOL_FINDINGS : rc);
}

static const struct program program = {
	.opt = {
		.name = NAME,
		.synopsis = "[OPTION]...",
		.summary = "Delete backups and WAL that the retention policy "
		    "no longer asks for; or pin, release or delete single "
		    "backups."
	},
	.run = run
};

int
main(int argc, char *argv[])
{
	struct job		 job = { .dry = 0 };
	const struct opt	 opts[] = {
		OPT_CONF(job.src),
		{ "dry-run", 'n', OPT_FLAG, &job.dry, NULL,
		    "say what would go and why, delete nothing", 0, 0 },
		{ "keep", 'k', OPT_LIST, &job.keep, "BACKUP",
		    "pin this backup: no policy lets it go", 0, 0 },
		{ "until", 'u', OPT_STRING, &job.until, "DATE",
		    "with --keep: the pin is over then", 0, 0 },
		{ "release", 'r', OPT_LIST, &job.release, "BACKUP",
		    "take the pin away, leave it to the policy", 0, 0 },
		{ "delete", 'd', OPT_LIST, &job.gone, "BACKUP",
		    "delete this backup, whatever the policy", 0, 0 },
		{ "force", 0, OPT_FLAG, &job.force, NULL,
		    "with --delete: the newest one, too", 0, 0 },
		{ "json", 'j', OPT_FLAG, &job.json, NULL,
		    "print JSON: a list of clusters", 0, 0 },
		OPT_END
	};

	return (program_main(&program, opts, &job, argc, argv));
}
