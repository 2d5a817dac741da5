/* SPDX-License-Identifier: ISC */
/* backup-show: all that is known of one backup. */
#include <stdio.h>

#include "base/jval.h"
#include "catalogue/catalogue.h"
#include "catalogue/newest.h"
#include "catalogue/window.h"
#include "show/backupjson.h"
#include "show/showbackup.h"
#include "show/showfiles.h"
#include "show/showkeep.h"
#include "tool/conf.h"
#include "tool/expiryconf.h"
#include "tool/program.h"
#include "tool/role.h"
#include "tool/systems.h"
#include "tool/tool.h"

#define NAME	"backup-show"

struct job {
	struct conf_source	 src;
	int			 json;
	int			 findings;
	const char		*files;		/* NULL: show, list no files */
	enum showfiles_what	 what;

	struct newest		 found;		/* it, and its cluster */
	const struct expire_conf *expire;	/* NULL: no policy is set */
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

	rc = backupjson_make(&j, s, e) || tool_json(j, e) ? -1 : 0;
	jval_free(j);
	return (rc);
}

static int
show(struct job *job, struct archive *a, const struct catalogue *cat,
    const struct label *l, struct err *e)
{
	const struct evidence		*evidence;
	struct window			 w = { .backup = NULL };
	const struct window_backup	*reach;
	struct showkeep			 keep = { .cat = NULL };
	struct showbackup		 s = { .archive = a, .cat = cat,
	    .index = index_of(cat, l), .window = &w, .keep = &keep };
	int				 rc = -1;

	if (showkeep_make(&keep, a, cat, job->expire, e) ||
	    showkeep_evidence(&evidence, &keep, a, e) ||
	    window_make_evident(&w, cat, evidence, e))
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
	showkeep_fini(&keep);
	window_free(&w);
	return (rc);
}

/* Only when it was found is it known which cluster to connect to again. */
/* WAL goes from the backup along its line, as far as recovery from it goes. */
static int
list_files(const struct job *job, struct archive *a,
    const struct catalogue *cat, const struct label *l, struct err *e)
{
	const struct window_backup	*b;
	const struct history		 alone = { .tli = l->timeline };
	struct showfiles		 s = { .out = stdout,
	    .json = job->json, .archive = a, .label = l, .what = job->what,
	    .last = (l->stop_lsn - 1) / l->wal_segment_size };
	struct window			 w;
	struct lineage_set		 lines;
	int				 read, rc;

	if (window_make(&w, cat, e))
		return (-1);
	b = &w.backup[index_of(cat, l)];
	lines = catalogue_lines(cat, &read);
	s.line = lineage_find(&lines, b->latest ? w.latest : l->timeline);
	if (s.line == NULL)
		s.line = &alone;
	if (b->wal.any && b->wal.last > s.last)
		s.last = b->wal.last;
	rc = showfiles_run(&s, e);
	window_free(&w);
	return (rc);
}

static int
show_found(void *arg, struct archive *a, struct err *e)
{
	struct job	*job = arg;

	if (a->system_id != job->found.system_id)
		return (0);
	return (job->files != NULL ?
	    list_files(job, a, job->found.cat, job->found.label, e) :
	    show(job, a, job->found.cat, job->found.label, e));
}

static int
run(void *arg, char **args, size_t nargs, struct err *e)
{
	struct job		*job = arg;
	struct server_conf	 conf = { 0 };
	struct key		*key = NULL;
	struct backupword	 word;
	struct expire_conf	 expire = { .dry = 1 };
	int			 found = 0;
	struct systems_odd	 odd = { NAME, &found };
	int			 rc = -1;

	if (backupword_parse(&word, nargs == 1 ? args[0] : "latest", e) ||
	    (job->files != NULL &&
	    showfiles_parse(job->files, &job->what, e)))
		return (-1);
	job->found.word = &word;
	if (conf_load(&conf, &job->src, e) ||
	    expiryconf_fill(&expire, &conf, e))
		goto out;
	job->expire = conf.retention_policy != NULL ? &expire : NULL;
	/* Only a .restore key reads manifests. */
	if ((job->files != NULL && job->what != SHOWFILES_WAL ?
	    role_key(&key, &conf, KEY_RESTORE, e) :
	    role_key_silent(&key, &conf, e)) ||
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
		{ "files", 'f', OPT_STRING, &job.files, "data|wal|all",
		    "List its files, its WAL or both instead.", 0, 0 },
		{ "json", 'j', OPT_FLAG, &job.json, NULL,
		    "Print JSON: an object, or with --files one a line.",
		    0, 0 },
		OPT_END
	};

	return (program_main(&program, opts, &job, argc, argv));
}
