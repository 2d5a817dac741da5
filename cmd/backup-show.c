/* SPDX-License-Identifier: ISC */
/* backup-show: all that is known of one backup. */
#include "base/jval.h"
#include "catalogue/catalogue.h"
#include "catalogue/evidence.h"
#include "catalogue/newest.h"
#include "catalogue/window.h"
#include "show/showbackup.h"
#include "tool/conf.h"
#include "tool/program.h"
#include "tool/role.h"
#include "tool/systems.h"
#include "tool/tool.h"

#define NAME	"backup-show"

struct job {
	struct conf_source	 src;
	int			 json;
	int			 findings;

	struct newest		 found;		/* it, and its cluster */
};

static size_t
index_of(const struct catalogue *c, const struct label *l)
{
	size_t	 i = 0;

	while (catalogue_label(c, i) != l)
		i++;
	return (i);
}

static int
print_json(const struct showbackup *s, struct err *e)
{
	struct jval	*j = NULL;
	int		 rc;

	rc = showbackup_json(&j, s, e) || tool_json(j, e) ? -1 : 0;
	jval_free(j);
	return (rc);
}

static int
show(struct job *job, struct archive *a, const struct catalogue *cat,
    const struct label *l, struct err *e)
{
	struct evidence			 evidence;
	struct window			 w = { .backup = NULL };
	const struct window_backup	*reach;
	struct showbackup		 s = { .archive = a, .cat = cat,
	    .index = index_of(cat, l), .window = &w };
	int				 rc = -1;

	if (evidence_load(&evidence, cat, a, EVIDENCE_LISTED, e) ||
	    window_make_evident(&w, cat, &evidence, e))
		goto out;
	reach = &w.backup[s.index];
	if (reach->whole && (show_reach_make(&s.reach, &reach->wal,
	    catalogue_segsize(cat), a, e) || show_reach_streamed(&s.reach,
	    cat, reach->latest ? w.latest : l->timeline, a, e)))
		goto out;
	job->findings = !reach->whole || reach->wal.ngap > 0 ||
	    reach->incomplete != NULL ||
	    l->damaged_files > 0 || s.reach.problem.kind != ERR_NONE ||
	    pin_is_bad(catalogue_pin(cat, s.index));
	if (!job->json)
		showbackup_print(stdout, &s);
	else if (print_json(&s, e))
		goto out;
	rc = 0;
out:
	window_free(&w);
	evidence_fini(&evidence);
	return (rc);
}

/* Only when it was found is it known which cluster to connect to again. */
static int
show_found(void *arg, struct archive *a, struct err *e)
{
	struct job	*job = arg;

	return (a->system_id != job->found.system_id ? 0 :
	    show(job, a, job->found.cat, job->found.label, e));
}

static int
run(void *arg, char **args, size_t nargs, struct err *e)
{
	struct job		*job = arg;
	struct server_conf	 conf = { 0 };
	struct key		*key = NULL;
	struct backupword	 word;
	int			 found = 0;
	struct systems_odd	 odd = { NAME, &found };
	int			 rc = -1;

	if (backupword_parse(&word, nargs == 1 ? args[0] : "latest", e))
		return (-1);
	job->found.word = &word;
	if (conf_load(&conf, &job->src, e) ||
	    role_key_silent(&key, &conf, e) ||
	    systems_visit(&conf, key, newest_look, &odd, &job->found, e) ||
	    newest_settle(&job->found, e) ||
	    systems_visit(&conf, key, show_found, NULL, job, e))
		goto out;
	rc = job->findings || found ? TOOL_FINDINGS : 0;
out:
	newest_fini(&job->found);
	key_free(key);
	conf_free(&conf);
	return (rc);
}

static const struct program program = {
	.opt = {
		.name = NAME,
		.synopsis = "[OPTION]... [BACKUP|WORD]",
		.summary = "Show one backup: what it holds, where it lies, "
		    "what it needs and how far it can be recovered.",
		.max_args = 1
	},
	.run = run
};

int
main(int argc, char *argv[])
{
	struct job		 job = { .json = 0 };
	const struct opt	 opts[] = {
		OPT_CONF(job.src),
		OPT_TRUST(job.src),
		{ "json", 'j', OPT_FLAG, &job.json, NULL,
		    "Print JSON: an object.", 0, 0 },
		OPT_END
	};

	return (program_main(&program, opts, &job, argc, argv));
}
