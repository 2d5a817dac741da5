/* SPDX-License-Identifier: ISC */
/* backup-list: which backups there are, and where they lead. */
#include <stdio.h>
#include <stdlib.h>

#include "catalogue/catalogue.h"
#include "catalogue/rollbackcheck.h"
#include "catalogue/window.h"
#include "show/listjson.h"
#include "show/listtext.h"
#include "show/picture.h"
#include "show/picturesvg.h"
#include "show/picturetext.h"
#include "show/showhistory.h"
#include "show/showlist.h"
#include "show/showpoints.h"
#include "tool/conf.h"
#include "tool/expiryconf.h"
#include "tool/program.h"
#include "tool/role.h"
#include "tool/systems.h"
#include "tool/tool.h"

#define NAME	"backup-list"

struct list {
	struct conf_source	 src;
	int			 json, history, points;
	struct jval		*all;	/* the list of clusters, if json */
	int			 findings, printed;
	const char		*state_dir;	/* of the server, borrowed */
	struct showlist_conf	 show;
	struct expire_conf	 expire;
	int			 picture;	/* draw one */
	struct picturesvg	*file;		/* NULL: in the terminal */
};

static int
print(struct list *l, const struct showlist *s, struct err *e)
{
	struct picture	 p;
	int		 rc = 0;

	if (l->printed++ && l->file == NULL)
		(void)printf("\n");	/* between clusters */
	if (!l->picture) {
		listtext_print(stdout, s);
		return (0);
	}
	if ((rc = picture_make(&p, s, e)) == 0 && l->file != NULL)
		picturesvg_add(l->file, &p);
	else if (rc == 0)
		picturetext_print(stdout, &p);
	picture_fini(&p);
	return (rc);
}

static int
list_system(void *arg, struct archive *a, struct err *e)
{
	struct list		*l = arg;
	struct catalogue	*cat = NULL;
	const struct evidence	*evidence;
	struct window		 w = { .backup = NULL };
	struct showlist		 s = { .archive = a };
	struct showlist_problem	 wrong[SHOWLIST_PROBLEMS];
	struct rollbackcheck	 seen;
	int			 rc = -1;

	if (catalogue_load(&cat, a, e) ||
	    showlist_begin(&s, a, cat, &l->show, e) ||
	    showkeep_evidence(&evidence, &s.keep, a, e) ||
	    window_make_evident(&w, cat, evidence, e) ||
	    showlist_make(&s, a, &w, e) ||
	    rollbackcheck_run(&seen, a, cat, l->state_dir, 0, e))
		goto out;
	s.seen = &seen;
	if (seen.note[0] != '\0')
		tool_note(NAME, "%s", seen.note);
	if (showlist_problems(&s, wrong) > 0)
		l->findings = 1;
	rc = l->json ? listjson_add(l->all, &s, e) : print(l, &s, e);
out:
	showlist_fini(&s);
	window_free(&w);
	catalogue_free(cat);
	return (rc);
}

static int
list_points(void *arg, struct archive *a, struct err *e)
{
	struct list		*l = arg;
	struct catalogue	*cat = NULL;
	struct window		 w = { .backup = NULL };
	int			 rc = -1;

	if (catalogue_load(&cat, a, e) == 0 && window_make(&w, cat, e) == 0)
		rc = showpoints_cluster(stdout, l->all, a, cat, &w, e);
	window_free(&w);
	catalogue_free(cat);
	return (rc);
}

static int
list_server(struct list *l, const char *name, struct err *e)
{
	struct conf_source	 one = l->src;
	struct server_conf	 conf = { 0 };
	struct key		*key = NULL;
	struct systems_odd	 odd = { NAME, &l->findings };
	int			 rc = -1;

	one.server = name;
	if (conf_load(&conf, &one, e))
		goto out;
	l->state_dir = conf.state_dir;
	if (l->history) {
		rc = showhistory_server(stdout, l->all, &conf, e);
		goto out;
	}
	l->expire.dry = 1;
	if (expiryconf_fill(&l->expire, &conf, e))
		goto out;
	l->show.now_us = l->expire.now_us;
	l->show.expire = conf.retention_policy != NULL ? &l->expire : NULL;
	if (role_key(&key, &conf, l->points ? KEY_RESTORE : KEY_PUBLIC, e) ||
	    systems_visit(&conf, key, l->points ? list_points : list_system,
	    &odd, l, e))
		goto out;
	rc = 0;
out:
	if (rc == -1 && l->file != NULL)
		picturesvg_failed(l->file, name, e->msg);
	key_free(key);
	conf_free(&conf);
	return (rc);
}

/*
 * List all servers.  A server that fails does not hide the others: its failure
 * is printed, and the first one decides the exit status.
 */
static int
list_all(struct list *l, struct err *e)
{
	struct err	 why;
	char		**names = NULL;
	size_t		 i, n = 0;
	int		 rc = 0;

	if (conf_names(&l->src, &names, &n, e))
		return (-1);
	for (i = 0; i < n; i++) {
		why = (struct err)ERR_INIT;
		if (list_server(l, names[i], &why) == 0)
			continue;
		if (n > 1)
			err_ctx(&why, "server %s", names[i]);
		if (rc == -1)
			tool_note(NAME, "%s", why.msg);
		else
			rc = err_set(e, why.kind, "%s", why.msg);
	}
	for (i = 0; i < n; i++)
		free(names[i]);
	free(names);
	return (rc);
}

static int
run(void *arg, char **args, size_t nargs, struct err *e)
{
	struct list	*l = arg;
	int		 rc;

	if (l->picture ? l->json || l->history || l->points : nargs > 0)
		return (err_set(e, ERR_USAGE, "a file is given with --picture "
		    "only, and --json, --history and --restore-points without "
		    "it"));
	if ((nargs > 0 && picturesvg_open(&l->file, args[0], e)) ||
	    (l->json && jval_list(&l->all, e)))
		return (-1);
	rc = l->src.server != NULL ? list_server(l, l->src.server, e) :
	    list_all(l, e);
	if (l->json && tool_json(l->all, e))
		rc = -1;
	jval_free(l->all);
	if (l->file != NULL && picturesvg_save(l->file, e))
		rc = -1;
	picturesvg_free(l->file);
	return (rc == 0 && l->findings ? TOOL_FINDINGS : rc);
}

static const struct program program = {
	.opt = {
		.name = NAME,
		.synopsis = "[OPTION]... [--picture [FILE]]",
		.summary = "List the backups of one server, or of all, and to "
		    "which points they can be recovered.",
		.max_args = 1
	},
	.run = run
};

int
main(int argc, char *argv[])
{
	struct list		 l = { .json = 0 };
	const struct opt	 opts[] = {
		OPT_CONF(l.src),
		OPT_TRUST(l.src),
		{ "local", 'l', OPT_FLAG, &l.show.local, NULL,
		    "Print times in this host's zone, not in UTC.", 0, 0 },
		{ "picture", 'p', OPT_FLAG, &l.picture, NULL,
		    "Draw the recovery windows, into a FILE.svg or .html or "
		    "here.", 0, 0 },
		{ "json", 'j', OPT_FLAG, &l.json, NULL,
		    "Print JSON: a list of clusters.", 0, 0 },
		{ "history", 0, OPT_FLAG, &l.history, NULL,
		    "Print what was run on this host, and how it ended.", 0,
		    0 },
		{ "restore-points", 0, OPT_FLAG, &l.points, NULL,
		    "Print the restore points and the last commit of each "
		    "recovery window.", 0, 0 },
		OPT_END
	};

	return (program_main(&program, opts, &l, argc, argv));
}
