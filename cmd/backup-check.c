/* SPDX-License-Identifier: ISC */
/* backup-check: is this cluster recoverable right now? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/io.h"
#include "show/showcheck.h"
#include "show/showmetrics.h"
#include "tool/checking.h"
#include "tool/conf.h"
#include "tool/program.h"
#include "tool/tool.h"

#define NAME		"backup-check"
#define NAGIOS_UNKNOWN	3
#define OUTPUT_MODE	0644	/* the exporter is another user */

enum format { TEXT, JSON, NAGIOS, PROMETHEUS };

struct job {
	struct checking		 checking;
	const char		*format;
	const char		*output;	/* NULL: stdout */
	enum format		 as;
};

static int
choose_format(struct job *job, struct err *e)
{
	static const char *const	 names[] = {
		[TEXT] = "text", [JSON] = "json", [NAGIOS] = "nagios",
		[PROMETHEUS] = "prometheus"
	};
	size_t	 i;

	job->as = TEXT;
	for (i = 0; job->format != NULL && i < 4; i++)
		if (strcmp(job->format, names[i]) == 0) {
			job->as = (enum format)i;
			return (0);
		}
	return (job->format == NULL ? 0 : err_set(e, ERR_USAGE, "--format: "
	    "found %.32s, expected text, json, nagios or prometheus",
	    job->format));
}

static int
print(FILE *out, const struct job *job, const struct showcheck *s,
    struct err *e)
{
	switch (job->as) {
	case TEXT:
		showcheck_text(out, s);
		break;
	case JSON:
		return (showcheck_json(out, s, e));
	case NAGIOS:
		showcheck_nagios(out, s);
		break;
	case PROMETHEUS:
		showmetrics_print(out, s);
		break;
	}
	return (0);
}

/* The file is replaced in one step, by the whole of this run. */
static int
save(const struct job *job, const struct showcheck *s, struct err *e)
{
	char	*text = NULL;
	size_t	 n = 0;
	FILE	*out;
	int	 rc;

	if ((out = open_memstream(&text, &n)) == NULL)
		return (err_sys(e, ERR_LOCAL, "%s", job->output));
	rc = print(out, job, s, e);
	if (fclose(out) != 0 && rc == 0)
		rc = err_sys(e, ERR_LOCAL, "%s", job->output);
	if (rc == 0)
		rc = io_save(job->output, OUTPUT_MODE, text, n, 1, e);
	free(text);
	return (rc);
}

static int
status(const struct job *job, const struct showcheck *s)
{
	const enum health	 worst = showcheck_worst(s);

	if (job->as == NAGIOS)
		return (health_nagios(worst));
	return (health_finding(worst) ? TOOL_FINDINGS : TOOL_OK);
}

static int
check_all(struct job *job, char *const *names, size_t n, struct err *e)
{
	struct checkreport	*v;
	struct showcheck	 s = { .n = 0, .now_us = clock_now_us() };
	size_t			 i, more;
	int			 rc = -1;

	if ((v = calloc(n * CONFNAMES_MAX, sizeof(*v))) == NULL)
		return (err_sys(e, ERR_LOCAL, "check"));
	s.v = v;
	for (i = 0; i < n; i++, s.n += more)
		if (checking_server(&v[s.n], &more, &job->checking, names[i],
		    s.now_us, e)) {
			err_ctx(e, "server %s", names[i]);
			goto out;
		}
	if (job->output != NULL ? save(job, &s, e) :
	    print(stdout, job, &s, e))
		goto out;
	rc = status(job, &s);
out:
	free(v);
	return (rc);
}

/* A server that is named must be in the configuration. */
static int
choose_servers(const struct conf_source *src, char **names, size_t *n,
    struct err *e)
{
	size_t	 i;

	if (src->server == NULL || strcmp(src->server, "all") == 0)
		return (0);
	for (i = 0; i < *n; i++)
		if (strcmp(names[i], src->server) == 0) {
			char	*chosen = names[i];

			names[i] = names[0];
			names[0] = chosen;
			*n = 1;
			return (0);
		}
	return (err_set(e, ERR_USAGE, "--server: the configuration has no "
	    "server %.64s", src->server));
}

static int
run(void *arg, char **args, size_t nargs, struct err *e)
{
	struct job	 *job = arg;
	char		**names = NULL;
	size_t		  i, all = 0, n;
	int		  rc = -1;

	(void)args;
	(void)nargs;
	if (choose_format(job, e) || checking_begin(&job->checking, e) ||
	    conf_names(&job->checking.src, &names, &all, e))
		goto out;
	n = all;
	if (choose_servers(&job->checking.src, names, &n, e) == 0)
		rc = check_all(job, names, n, e);
out:
	for (i = 0; i < all; i++)
		free(names[i]);
	free(names);
	return (rc);
}

/* A plugin that failed says that it knows nothing. */
static int
failed(const void *arg, enum err_kind kind, int as)
{
	const struct job	*job = arg;

	(void)kind;
	return (job->format != NULL && strcmp(job->format, "nagios") == 0 ?
	    NAGIOS_UNKNOWN : as);
}

static const struct program program = {
	.opt = {
		.name = NAME,
		.synopsis = "[OPTION]...",
		.summary = "Report whether a cluster is recoverable right "
		    "now: its server, its repository, its backups."
	},
	.run = run,
	.failed = failed
};

int
main(int argc, char *argv[])
{
	struct job		 job = { .format = NULL };
	const struct opt	 opts[] = {
		OPT_CONF(job.checking.src),
		OPT_TRUST(job.checking.src),
		{ "deep", 0, OPT_FLAG, &job.checking.deep, NULL,
		    "Switch to a new segment, wait for it, read it back.",
		    0, 0 },
		{ "format", 0, OPT_STRING, &job.format, "FORMAT",
		    "Print text, json, nagios or prometheus.", 0, 0 },
		{ "output", 0, OPT_STRING, &job.output, "FILE",
		    "Write to FILE, by rename.", 0, 0 },
		{ "only", 0, OPT_LIST, &job.checking.only, "CHECK",
		    "Run this check only.", 0, 0 },
		{ "warn", 0, OPT_LIST, &job.checking.warn, "CHECK=VALUE",
		    "Warn from this figure on.", 0, 0 },
		{ "critical", 0, OPT_LIST, &job.checking.critical,
		    "CHECK=VALUE", "Be critical from this figure on.", 0, 0 },
		OPT_END
	};

	return (program_main(&program, opts, &job, argc, argv));
}
