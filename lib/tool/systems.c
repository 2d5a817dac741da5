/* SPDX-License-Identifier: ISC */
/* All clusters of one server, over one connection. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "catalogue/catalogue.h"
#include "catalogue/newest.h"
#include "repo/clusterids.h"
#include "tool/systems.h"
#include "tool/tool.h"

static int
visit_one(struct archive *a, uint64_t id, systems_each *each, void *arg,
    struct err *e)
{
	return (archive_enter(a, id, e) || each(arg, a, e) ? -1 : 0);
}

static void
report_odd(const struct archive *a, const struct clusterids *c,
    struct systems_odd *odd)
{
	char	 more[48] = "";

	if (c->nodd == 0 || odd == NULL)
		return;
	*odd->found = 1;
	if (c->nodd > 1)
		(void)snprintf(more, sizeof(more), " (and %zu more like it)",
		    c->nodd - 1);
	tool_note(odd->program, "server %s: %" PRIu64 "%s is passed over, "
	    "since it is no cluster that can be believed: %s; if nothing of "
	    "yours is in it, remove it on the repository host", a->server,
	    c->odd[0], more, c->why);
}

/*
 * Whoever may push can spoil a directory of its own making, so a failure that
 * lies in the repository ends nothing but the visit to that cluster.  Where
 * the connection is lost every other visit fails at once.
 */
static int
visit_all(struct archive *a, const struct clusterids *c, systems_each *each,
    void *arg, struct err *e)
{
	struct err	 why;
	size_t		 i;
	int		 rc = 0;

	for (i = 0; i < c->n; i++) {
		why = (struct err)ERR_INIT;
		if (visit_one(a, c->id[i], each, arg, &why) == 0)
			continue;
		rc = err_set(e, why.kind, "%s", why.msg);
		if (why.kind != ERR_REMOTE && why.kind != ERR_CORRUPT)
			break;
	}
	return (rc);
}

int
systems_visit(const struct server_conf *conf, const struct key *key,
    systems_each *each, struct systems_odd *odd, void *arg,
    struct err *e)
{
	const struct store_conf	 store = conf_store(conf);
	struct archive		 a = { .key = key };
	struct clusterids	 c = { .n = 0 };
	int			 rc = -1;

	if (str_fmt(a.server, sizeof(a.server), e, "%s", conf->name) ||
	    store_open(&a.store, &store, e) ||
	    clusterids_list(&c, &a, e))
		goto out;
	/* An unmounted disk looks the same as a server without backups. */
	if (c.n == 0) {
		err_set(e, ERR_ABSENT, "%s holds nothing of server %s; was"
		    " anything pushed, is its disk mounted?",
		    store_name(a.store), conf->name);
		goto out;
	}
	report_odd(&a, &c, odd);
	rc = visit_all(&a, &c, each, arg, e);
out:
	clusterids_fini(&c);
	store_free(a.store);
	return (rc);
}

/* Which of "ids" were found in the clusters visited so far. */
struct search {
	const struct opt_list	*ids;
	int			 refused;	/* also refused labels */
	int			*found;		/* owned; one for each */
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
		if (catalogue_find(cat, s->ids->v[i]) != NULL ||
		    (s->refused && catalogue_refused(cat, s->ids->v[i])))
			s->found[i] = 1;
	catalogue_free(cat);
	return (0);
}

int
systems_backup(const struct server_conf *conf, const struct key *key,
    const char *text, char id[LAYOUT_ID], struct err *e)
{
	struct backupword	 w;
	struct newest		 n = { .word = &w };
	int			 rc = -1;

	if (backupword_parse(&w, text, e))
		return (-1);
	if (w.kind == BACKUPWORD_ID)
		return (str_fmt(id, LAYOUT_ID, e, "%s", text));
	if (systems_visit(conf, key, newest_look, NULL, &n, e) ||
	    newest_settle(&n, e))
		goto out;
	memcpy(id, n.label->id, LAYOUT_ID);
	rc = 0;
out:
	newest_fini(&n);
	return (rc);
}

/* Replace one word by an id; what is no word stays, to be looked for. */
static int
replace_word(const struct server_conf *conf, const struct key *key,
    const char **text, int doomed, struct systems_words *words, struct err *e)
{
	struct backupword	 w;
	struct err		 unused = ERR_INIT;
	size_t			 i;

	if (backupword_parse(&w, *text, &unused) || w.kind == BACKUPWORD_ID)
		return (0);
	for (i = 0; i < words->n && strcmp(words->text[i], *text) != 0; i++)
		;
	if (i == sizeof(words->text) / sizeof(words->text[0]))
		return (err_set(e, ERR_USAGE, "too many words for backups"));
	if (i == words->n) {
		if (systems_backup(conf, key, *text, words->id[i], e))
			return (-1);
		words->text[words->n++] = *text;
	}
	if (doomed)
		return (err_set(e, ERR_USAGE, "%s now means %s: give that id, "
		    "since the word means another backup once this one is "
		    "deleted", *text, words->id[i]));
	*text = words->id[i];
	return (0);
}

int
systems_need(const struct server_conf *conf, const struct key *key,
    struct opt_list *ids, int doomed, const char *option,
    struct systems_words *words, struct err *e)
{
	struct search	 s = { .ids = ids, .refused = doomed };
	struct err	 why = ERR_INIT;
	size_t		 i;
	int		 rc = -1;

	if (ids->n == 0)	/* do not connect for nothing */
		return (0);
	for (i = 0; i < ids->n; i++)
		if (replace_word(conf, key, &ids->v[i], doomed, words, e))
			return (err_ctx(e, "%s", option));
	if ((s.found = calloc(ids->n, sizeof(*s.found))) == NULL)
		return (err_sys(e, ERR_LOCAL, "%s", option));
	/* If all are found, no cluster that failed was needed. */
	if (systems_visit(conf, key, find, NULL, &s, &why) == 0)
		err_clear(&why);
	for (i = 0; i < ids->n; i++)
		if (!s.found[i]) {
			if (why.kind != ERR_NONE) {
				err_set(e, why.kind, "%s", why.msg);
				goto out;
			}
			err_set(e, ERR_USAGE, "%s: %.64s: no such backup; "
			    "backup-list lists them", option, ids->v[i]);
			goto out;
		}
	rc = 0;
out:
	free(s.found);
	return (rc);
}

/* Which clusters have a timeline. */
struct owner {
	uint32_t	 tli;
	uint64_t	 only;		/* the one to look at; 0: all */
	uint64_t	 id[2];		/* the first two that were found */
	size_t		 n;
};

static int
find_owner(void *arg, struct archive *a, struct err *e)
{
	struct owner		*o = arg;
	struct catalogue	*cat = NULL;
	size_t			 i;
	int			 has;

	if (o->only != 0 && o->only != a->system_id)
		return (0);
	if (catalogue_load(&cat, a, e))
		return (-1);
	has = catalogue_find_timeline(cat, o->tli) != NULL;
	for (i = 0; i < catalogue_labels(cat); i++)
		has |= catalogue_label(cat, i)->timeline == o->tli;
	if (has && o->n < 2)
		o->id[o->n++] = a->system_id;
	catalogue_free(cat);
	return (0);
}

int
systems_timeline(const struct server_conf *conf, const struct key *key,
    uint32_t tli, uint64_t *system_id, struct err *e)
{
	struct owner	 o = { .tli = tli, .only = *system_id };
	struct err	 why = ERR_INIT;

	/* One that fails matters unless it is another than the one named. */
	if (systems_visit(conf, key, find_owner, NULL, &o, &why) &&
	    (o.only == 0 || o.n == 0))
		return (err_set(e, why.kind, "%s", why.msg));
	if (o.n == 0)
		return (err_set(e, ERR_USAGE, "nothing of timeline %" PRIu32
		    " is in the repository", tli));
	if (o.n > 1)
		return (err_set(e, ERR_USAGE, "clusters %" PRIu64 " and %"
		    PRIu64 " both have a timeline %" PRIu32 "; choose with "
		    "--system-id", o.id[0], o.id[1], tli));
	*system_id = o.id[0];
	return (0);
}
