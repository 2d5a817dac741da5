/* SPDX-License-Identifier: ISC */
/* backup-verify: is what is stored whole, authentic and sufficient? */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/jval.h"
#include "base/str.h"
#include "catalogue/newest.h"
#include "pg/lsn.h"
#include "restore/basefetch.h"
#include "show/progress.h"
#include "tool/conf.h"
#include "tool/program.h"
#include "tool/role.h"
#include "tool/systems.h"
#include "tool/tool.h"
#include "verify/verify.h"

#define NAME	"backup-verify"

#define SECOND	INT64_C(1000000)

static const char *const depth_name[] = {
	[VERIFY_QUICK] = "quick", [VERIFY_SIGNATURES] = "signatures",
	[VERIFY_HASHES] = "hashes", [VERIFY_CONTENTS] = "contents"
};

static const char *const depth_done[] = {
	[VERIFY_QUICK] = "listed",
	[VERIFY_SIGNATURES] = "whose signed headers were checked",
	[VERIFY_HASHES] = "of which every byte was compared with the signed "
	    "hashes",
	[VERIFY_CONTENTS] = "of which every byte that a restore needs was "
	    "decrypted and compared"
};

struct job {
	struct conf_source	 src;
	struct server_conf	 conf;
	struct store_conf	 store;
	struct key		*key;
	const char		*id;		/* NULL: all */
	const char		*time;		/* NULL: no target */
	int64_t			 time_us;
	struct basefetch_plan	 plan;		/* how it is reached */
	enum verify_depth	 depth;
	uint64_t		 jobs;
	int			 quick, signatures, hashes, json, quiet;
	struct progress		 progress;

	/* What came out. */
	struct jval		*all;		/* clusters; if json */
	struct jval		*now;		/* findings of this one */
	int			 found;		/* the backup, in any */
	int			 findings;
};

static int
on_finding(void *arg, const struct verify_finding *f, struct err *e)
{
	struct job	*job = arg;
	struct jval	*j = NULL;

	job->findings = 1;
	if (!job->json) {
		progress_end(&job->progress);
		(void)printf("%s: %s; %s\n", f->object, f->found, f->means);
		return (0);
	}
	if (jval_object(&j, e))
		return (-1);
	if (jval_set_str(j, "object", f->object, e) ||
	    jval_set_str(j, "found", f->found, e) ||
	    jval_set_str(j, "means", f->means, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(job->now, j, e));
}

static void
on_note(void *arg, const char *text)
{
	const struct job	*job = arg;

	progress_end(&job->progress);
	tool_note(NAME, "%s", text);
}

static void
on_progress(void *arg, uint64_t bytes, uint64_t total)
{
	const struct job	*job = arg;

	progress_show(&job->progress, bytes, total > bytes ? total : 0);
}

static void
print_sum(const struct job *job, const struct archive *a,
    const struct verify_sum *s, int complete)
{
	char	 listed[PROGRESS_SIZE], already[PROGRESS_SIZE];
	char	 read[PROGRESS_SIZE];

	(void)printf("server %s, system identifier %" PRIu64 ": %" PRIu64
	    " backup%s, %" PRIu64 " packs, %" PRIu64 " WAL files, %s %s",
	    a->server, a->system_id, s->backups, s->backups == 1 ? "" : "s",
	    s->packs, s->wal, progress_size(listed, s->listed),
	    depth_done[job->depth]);
	if (job->depth != VERIFY_QUICK)
		(void)printf(" (%s read)", progress_size(read, s->read));
	if (s->already > 0)
		(void)printf(", %s that were proved already",
		    progress_size(already, s->already));
	(void)printf(": %" PRIu64 " finding%s%s\n", s->findings,
	    s->findings == 1 ? "" : "s", complete ? "" : " so far, and not "
	    "everything was looked at");
}

/* What is known of the target, where a plan leads to it. */
static int
json_target(const struct job *job, const struct verify_sum *s,
    int complete, struct jval *to, struct err *e)
{
	const struct basefetch_plan	*p = &job->plan;
	struct jval			*j = NULL;
	char				 t[CLOCK_TEXT], lsn[LSN_TEXT];

	if (jval_object(&j, e))
		return (-1);
	if (jval_set_str(j, "time", clock_format(t, job->time_us), e) ||
	    jval_set_str(j, "backup", p->label->id, e) ||
	    jval_set_u64(j, "timeline", p->tli, e) ||
	    jval_set_str(j, "wal_to_lsn", lsn_format(lsn, p->end), e) ||
	    jval_set_str(j, "wal_archived", clock_format(t, p->reached_us),
	    e) || (s->ended_us == INT64_MIN ?
	    jval_set_null(j, "last_transaction", e) :
	    jval_set_str(j, "last_transaction", clock_format(t, s->ended_us),
	    e)) ||
	    jval_set_bool(j, "proved", complete && s->findings == 0 &&
	    s->ended_us > job->time_us, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_set(to, "target", j, e));
}

static int
json_sum(struct job *job, const struct archive *a,
    const struct verify_sum *s, int complete, struct err *e)
{
	struct jval	*j = NULL, *list = job->now;
	char		 id[24];

	job->now = NULL;
	(void)snprintf(id, sizeof(id), "%" PRIu64, a->system_id);
	if (jval_object(&j, e)) {
		jval_free(list);
		return (-1);
	}
	if (jval_set(j, "findings", list, e) ||
	    jval_set_str(j, "server", a->server, e) ||
	    (a->system_id == 0 ? jval_set_null(j, "system_identifier", e) :
	    jval_set_str(j, "system_identifier", id, e)) ||
	    jval_set_str(j, "depth", depth_name[job->depth], e) ||
	    jval_set_bool(j, "complete", complete, e) ||
	    jval_set_u64(j, "backups", s->backups, e) ||
	    jval_set_u64(j, "packs", s->packs, e) ||
	    jval_set_u64(j, "wal_files", s->wal, e) ||
	    jval_set_u64(j, "bytes", s->listed, e) ||
	    jval_set_u64(j, "bytes_read", s->read, e) ||
	    jval_set_u64(j, "bytes_proved_already", s->already, e) ||
	    (job->plan.label != NULL && json_target(job, s, complete,
	    j, e))) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(job->all, j, e));
}

/*
 * Recovery stops at the first transaction that ended after the target; with
 * none in the WAL that is there PostgreSQL fails at its end.
 */
static int
check_target(struct job *job, struct verify_sum *s, struct err *e)
{
	struct verify_finding	 f = { .means = "PostgreSQL would not stop "
	    "there, and end with an error; without a target all WAL that is "
	    "there is replayed" };
	char			 object[64], found[160], t[CLOCK_TEXT];
	char			 lsn[LSN_TEXT];

	if (job->plan.label == NULL || job->depth != VERIFY_CONTENTS ||
	    s->ended_us > job->time_us)
		return (0);
	(void)snprintf(object, sizeof(object), "target time %s",
	    clock_format(t, job->time_us));
	(void)snprintf(found, sizeof(found), "no transaction that ended "
	    "after it is in the WAL up to LSN %s; the last one ended at %s",
	    lsn_format(lsn, job->plan.end), s->ended_us == INT64_MIN ?
	    "no known time" : clock_format(t, s->ended_us));
	f.object = object;
	f.found = found;
	s->findings++;
	return (on_finding(job, &f, e));
}

static void
print_target(const struct job *job, const struct verify_sum *s)
{
	const struct basefetch_plan	*p = &job->plan;
	char				 t[CLOCK_TEXT], lsn[LSN_TEXT];
	char				 when[CLOCK_TEXT];

	if (p->label == NULL)
		return;
	if (s->findings > 0) {
		(void)printf("target time %s: not proved: see above\n",
		    clock_format(t, job->time_us));
		return;
	}
	(void)printf("target time %s: backup %s, timeline %" PRIu32
	    ", WAL to LSN %s archived %s; ", clock_format(t, job->time_us),
	    p->label->id, p->tli, lsn_format(lsn, p->end),
	    clock_format(when, p->reached_us));
	if (job->depth == VERIFY_CONTENTS)
		(void)printf("proved: a transaction that ended at %s lies "
		    "behind it\n", clock_format(t, s->ended_us));
	else
		(void)printf("not proved at this depth: that a transaction "
		    "that ended later lies behind it\n");
}

static int
verify_system(void *arg, struct archive *a, struct err *e)
{
	struct job			*job = arg;
	const struct verify_conf	 conf = {
		.store = &job->store, .depth = job->depth,
		.jobs = (unsigned)job->jobs,
		.state_dir = job->conf.state_dir,
		.now_us = clock_now_us(),
		.ended_tli = job->plan.label != NULL ? job->plan.tli : 0,
		.ended_before = job->plan.end, .finding = on_finding,
		.note = on_note, .progress = on_progress, .arg = job
	};
	struct verify_sum		 sum;
	int				 rc;

	if (job->json && jval_list(&job->now, e))
		return (-1);
	job->progress = progress_begin("verified");
	job->progress.on = job->progress.on && !job->quiet;
	rc = verify_run(&sum, a, &conf, job->id, e);
	progress_end(&job->progress);
	if (rc == 1) {			/* another cluster's */
		jval_free(job->now);
		job->now = NULL;
		return (0);
	}
	job->found = 1;
	if (rc == 0 && check_target(job, &sum, e))
		rc = -1;
	if (!job->json) {
		print_sum(job, a, &sum, rc == 0);
		if (rc == 0)
			print_target(job, &sum);
	} else if (json_sum(job, a, &sum, rc == 0, e))
		rc = -1;
	return (rc);
}

/* No plan leads there: that is a finding, if the repository said so. */
static int
unreachable(struct job *job, const struct err *why, struct err *e)
{
	struct archive		 none = { .key = job->key };
	const struct verify_sum	 sum = { .findings = 1 };
	struct verify_finding	 f = { .found = why->msg,
	    .means = "this moment cannot be reached" };
	char			 object[64], t[CLOCK_TEXT];

	(void)snprintf(object, sizeof(object), "target time %s",
	    clock_format(t, job->time_us));
	f.object = object;
	if (str_fmt(none.server, sizeof(none.server), e, "%s",
	    job->conf.name))
		return (-1);
	if ((job->json && jval_list(&job->now, e)) || on_finding(job, &f, e))
		return (-1);
	return (job->json ? json_sum(job, &none, &sum, 1, e) : 0);
}

static int
verify_target(struct job *job, struct err *e)
{
	const struct choose_target	 t = { .kind = CHOOSE_TIME,
	    .time_us = job->time_us, .backup = job->id };
	struct err			 why = ERR_INIT;

	if (basefetch_plan(&job->plan, &job->store, job->key, job->conf.name,
	    0, &t, &why)) {
		if (why.kind != ERR_ABSENT && why.kind != ERR_CORRUPT)
			return (err_set(e, why.kind, "%s", why.msg));
		return (unreachable(job, &why, e));
	}
	job->id = job->plan.label->id;
	if (verify_system(job, job->plan.archive, e))
		return (-1);
	if (!job->found)
		return (err_set(e, ERR_ABSENT, "backup %.64s was expired "
		    "before it was verified; run it again", job->id));
	return (0);
}

static int
find_latest(struct job *job, char id[LAYOUT_ID], struct err *e)
{
	struct newest	 n = { .label = NULL };
	int		 rc = -1;

	if (systems_visit(&job->conf, job->key, newest_look, &n, e))
		goto out;
	if (n.label == NULL) {
		err_set(e, ERR_ABSENT, "there is no backup");
		goto out;
	}
	memcpy(id, n.label->id, LAYOUT_ID);
	rc = 0;
out:
	newest_fini(&n);
	return (rc);
}

static int
verify_all(struct job *job, struct err *e)
{
	char	 id[LAYOUT_ID];

	if (job->id != NULL && strcmp(job->id, "latest") == 0) {
		if (find_latest(job, id, e))
			return (-1);
		job->id = id;
	}
	if (systems_visit(&job->conf, job->key, verify_system, job, e))
		return (-1);
	if (!job->found)
		return (err_set(e, ERR_ABSENT, "no backup %.64s in the "
		    "repository; backup-list lists them", job->id));
	return (0);
}

static int
verify(struct job *job, struct err *e)
{
	int	 rc = -1;

	if (conf_load(&job->conf, &job->src, e))
		return (-1);
	job->store = conf_store_base(&job->conf);
	if (job->jobs == 0)
		job->jobs = job->conf.jobs;
	if (job->depth == VERIFY_CONTENTS ?
	    role_key(&job->key, &job->conf, KEY_RESTORE, e) :
	    role_key_silent(&job->key, &job->conf, e))
		return (-1);
	if (job->json && jval_list(&job->all, e))
		return (-1);
	rc = job->time != NULL ? verify_target(job, e) : verify_all(job, e);
	/* What was found is told, also if something failed. */
	if (job->json && tool_json(job->all, e))
		rc = -1;
	return (rc == 0 && job->findings ? TOOL_FINDINGS : rc);
}

static int
options(struct job *job, char **args, size_t nargs, struct err *e)
{
	if (job->quick + job->signatures + job->hashes > 1)
		return (err_set(e, ERR_USAGE, "--quick, --signatures and "
		    "--hashes: one of them; see backup-verify --help"));
	job->depth = job->quick ? VERIFY_QUICK :
	    job->signatures ? VERIFY_SIGNATURES :
	    job->hashes ? VERIFY_HASHES : VERIFY_CONTENTS;
	if (nargs == 1 && strcmp(args[0], "all") != 0)
		job->id = args[0];
	if (job->id != NULL && strcmp(job->id, "latest") != 0 &&
	    !layout_id_ok(job->id))
		return (err_set(e, ERR_USAGE, "found \"%.64s\", expected a "
		    "backup as backup-list shows it, latest or all",
		    job->id));
	return (0);
}

static int
target(struct job *job, struct err *e)
{
	long	 offset;
	int	 assumed;

	if (job->time == NULL)
		return (0);
	if (clock_parse(job->time, &job->time_us, &assumed, &offset, e))
		return (err_ctx(e, "--target-time"));
	if (assumed)
		tool_note(NAME, "--target-time %s: taken in this "
		    "host's time zone, UTC%+03ld:%02ld", job->time,
		    offset / 3600, labs(offset) % 3600 / 60);
	return (0);
}

static int
run(void *arg, char **args, size_t nargs, struct err *e)
{
	struct job	*job = arg;
	int		 rc;

	rc = options(job, args, nargs, e) || target(job, e) ? -1 :
	    verify(job, e);
	jval_free(job->all);
	jval_free(job->now);
	basefetch_plan_free(&job->plan);
	key_free(job->key);
	conf_free(&job->conf);
	return (rc);
}

static const struct program program = {
	.opt = {
		.name = NAME,
		.synopsis = "[OPTION]... [BACKUP|latest|all]",
		.summary = "Prove that backups and WAL are whole, authentic and "
		    "sufficient.",
		.max_args = 1
	},
	.run = run
};

int
main(int argc, char *argv[])
{
	struct job		 job = { .id = NULL };
	const struct opt	 opts[] = {
		OPT_CONF(job.src),
		{ "quick", 0, OPT_FLAG, &job.quick, NULL,
		    "labels and listings alone", 0, 0 },
		{ "signatures", 0, OPT_FLAG, &job.signatures, NULL,
		    "the signed header of every object, with any key", 0, 0 },
		{ "hashes", 0, OPT_FLAG, &job.hashes, NULL,
		    "every stored byte by its signed hash, with any key", 0,
		    0 },
		{ "target-time", 0, OPT_STRING, &job.time, "TIME",
		    "prove that this moment can be reached", 0, 0 },
		{ "jobs", 'j', OPT_U64, &job.jobs, "N",
		    "read in N parallel streams", 1, 16 },
		{ "json", 0, OPT_FLAG, &job.json, NULL,
		    "print JSON: a list of clusters", 0, 0 },
		{ "quiet", 'q', OPT_FLAG, &job.quiet, NULL,
		    "no progress line, also on a terminal", 0, 0 },
		OPT_END
	};

	return (program_main(&program, opts, &job, argc, argv));
}
