/* SPDX-License-Identifier: ISC */
/* What is held in a restored cluster, for the person who starts it. */
#include "show/show.h"
#include "show/showheld.h"

#define RELOAD		"SELECT pg_reload_conf();"
#define COMMITS_ANYWAY	"ALTER SYSTEM SET synchronous_standby_names = ''"

/* A setting that a restore makes, and the statement that undoes it. */
struct hold {
	const char	*what;		/* is held by it; NULL: nothing */
	const char	*setting, *value;
	const char	*release;
};

#define HOLD(what, setting, value)					\
	{ what, setting, value, "ALTER SYSTEM RESET " setting ";" }

#define HOLDS	5

/* What is set in this cluster and to be reset when it takes over. */
static size_t
holds(struct hold v[HOLDS], const struct recovery *r)
{
	static const struct hold
	    command = HOLD("archiving", "archive_command", "false"),
	    library = HOLD("archiving", "archive_library", ""),
	    off = HOLD("queries", "hot_standby", "off"),
	    on = HOLD(NULL, "hot_standby", "on"),
	    workers = HOLD("subscriptions",
		"max_logical_replication_workers", "0");
	size_t	 n = 0;

	if (!r->keep_archiving)
		v[n++] = command;
	if (!r->keep_archiving && r->postgresql >= 150000)
		v[n++] = library;
	if (!r->standby)
		v[n++] = recovery_serves(r) ? on : off;
	if (!r->keep_subscriptions)
		v[n++] = workers;
	return (n);
}

static void
print_held(FILE *out, const struct recovery *r)
{
	if (!r->keep_archiving)
		(void)fprintf(out, "held: archiving (archive_command = "
		    "'false'), so that nothing goes into the original's "
		    "archive\n");
	if (!r->keep_subscriptions)
		(void)fprintf(out, "held: subscriptions "
		    "(max_logical_replication_workers = 0), so that they take "
		    "nothing from the original's slots\n");
	if (!recovery_serves(r))
		(void)fprintf(out, "no queries are answered until recovery "
		    "has ended (hot_standby = off)\n");
	if (r->standby && r->keep_archiving)
		(void)fprintf(out, "archiving is not held: it begins when "
		    "this standby is promoted (--hold-archiving holds it)\n");
}

static void
print_note(FILE *out, const struct harmless_note *n)
{
	char	 was[SHOW_CLEAN], now[SHOW_CLEAN];

	(void)show_clean(was, n->was == NULL ? "" : n->was);
	(void)show_clean(now, n->now == NULL ? "" : n->now);
	switch (n->kind) {
	case HARMLESS_CHANGED:
		(void)fprintf(out, "changed: %s was '%s', outside of this "
		    "directory; it is '%s' at the end of %s\n", n->name, was,
		    now, n->automatic ? "postgresql.auto.conf" :
		    "postgresql.conf");
		break;
	case HARMLESS_LEFT:
		(void)fprintf(out, "found: %s is '%s', outside of this "
		    "directory, which has no such file\n", n->name, was);
		break;
	case HARMLESS_STANDBY:
		(void)fprintf(out, "found: %s%s%s%s stays, since this is a "
		    "standby\n", n->name, n->was == NULL ? "" : " = '", was,
		    n->was == NULL ? "" : "'");
		break;
	case HARMLESS_COMMITS:
		(void)fprintf(out, "found: synchronous_standby_names = '%s': "
		    "commits wait for these standbys; if they are not there, "
		    COMMITS_ANYWAY "\n", was);
		break;
	case HARMLESS_JOBS:
		(void)fprintf(out, "found: shared_preload_libraries has %s, "
		    "which runs jobs once this cluster is open; if they must "
		    "not run here, take it out before you start\n", was);
		break;
	case HARMLESS_PAUSES:
		(void)fprintf(out, "found: %s; where the original raised one "
		    "of these after the backup, recovery pauses with old "
		    "rows: set its new value in postgresql.auto.conf and "
		    "start again\n", was);
		break;
	case HARMLESS_RAISED:
		(void)fprintf(out, "found: %s is %s here, and the original "
		    "later had %s: recovery may stop or pause there; set "
		    "it in postgresql.auto.conf before you start\n", n->name,
		    was, now);
		break;
	case HARMLESS_INCLUDE:
		(void)fprintf(out, "found: postgresql.conf includes '%s', "
		    "outside of this directory or unreadable; what it says "
		    "rules this cluster, too\n", was);
		break;
	case HARMLESS_NO_FILE:
		(void)fprintf(out, "found: no postgresql.conf here; one from "
		    "elsewhere may name the original's places: start with -c "
		    "data_directory, hba_file and ident_file of this one\n");
		break;
	}
}

/* Whether there is anything that the user must know how to release. */
static int
must_release(const struct recovery *r)
{
	return (!r->keep_archiving || !r->keep_subscriptions ||
	    !recovery_serves(r));
}

static void
print_release(FILE *out, const struct recovery *r)
{
	struct hold	 v[HOLDS];
	size_t		 i, n = holds(v, r);

	if (!must_release(r))
		return;
	(void)fprintf(out, "once this cluster has taken over, release it:\n");
	for (i = 0; i < n; i++)
		(void)fprintf(out, "    %s\n", v[i].release);
	(void)fprintf(out, "    " RELOAD "\n");
	if (!r->keep_archiving)
		(void)fprintf(out, "    and see that archive_command is set: "
		    "where ALTER SYSTEM had set it, seawall-setup --apply "
		    "sets it again\n");
	if (!r->keep_subscriptions)
		(void)fprintf(out, "    and restart it, for its "
		    "subscriptions\n");
}

void
showheld_print(FILE *out, const struct recovery *r, const struct harmless *h)
{
	size_t	 i;

	print_held(out, r);
	for (i = 0; i < h->n; i++)
		print_note(out, &h->notes[i]);
	print_release(out, r);
}

static int
json_hold(struct jval *list, const struct hold *h, struct err *e)
{
	struct jval	*j = NULL;

	if (jval_object(&j, e))
		return (-1);
	if (jval_set_str(j, "what", h->what, e) ||
	    jval_set_str(j, "setting", h->setting, e) ||
	    jval_set_str(j, "value", h->value, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

/* The members "held" and "release". */
static int
json_holds(struct jval *to, const struct recovery *r, struct err *e)
{
	struct jval	*held = NULL, *release = NULL;
	struct hold	 v[HOLDS];
	size_t		 i, n = must_release(r) ? holds(v, r) : 0;

	if (jval_list(&held, e) || jval_list(&release, e))
		goto bad;
	for (i = 0; i < n; i++)
		if ((v[i].what != NULL && json_hold(held, &v[i], e)) ||
		    jval_add_str(release, v[i].release, e))
			goto bad;
	if (n > 0 && jval_add_str(release, RELOAD, e))
		goto bad;
	if (jval_set(to, "held", held, e)) {
		jval_free(release);
		return (-1);
	}
	return (jval_set(to, "release", release, e));
bad:
	jval_free(held);
	jval_free(release);
	return (-1);
}

static int
json_changed(struct jval *list, const struct harmless_note *n, struct err *e)
{
	struct jval	*j = NULL;

	if (jval_object(&j, e))
		return (-1);
	if (jval_set_str(j, "setting", n->name, e) ||
	    show_json_text(j, "was", n->was, e) ||
	    show_json_text(j, "now", n->now, e) ||
	    jval_set_str(j, "file", n->automatic ? "postgresql.auto.conf" :
	    "postgresql.conf", e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

/* What was found, as one word; NULL: it was changed. */
static const char *
kind_of(const struct harmless_note *n)
{
	switch (n->kind) {
	case HARMLESS_CHANGED:
		break;
	case HARMLESS_LEFT:
		return ("outside");
	case HARMLESS_STANDBY:
		return ("standby_setting");
	case HARMLESS_COMMITS:
		return ("commits_wait");
	case HARMLESS_JOBS:
		return ("runs_jobs");
	case HARMLESS_PAUSES:
		return ("may_pause");
	case HARMLESS_RAISED:
		return ("raised_later");
	case HARMLESS_INCLUDE:
		return ("include_outside");
	case HARMLESS_NO_FILE:
		return ("no_postgresql_conf");
	}
	return (NULL);
}

static int
json_found(struct jval *list, const struct harmless_note *n, struct err *e)
{
	struct jval	*j = NULL;

	if (jval_object(&j, e))
		return (-1);
	if (jval_set_str(j, "kind", kind_of(n), e) ||
	    show_json_text(j, "setting", n->name[0] == '\0' ? NULL : n->name,
	    e) ||
	    show_json_text(j, "value", n->was, e) ||
	    show_json_text(j, "statement", n->kind == HARMLESS_COMMITS ?
	    COMMITS_ANYWAY ";" : NULL, e) ||
	    show_json_text(j, "later", n->kind == HARMLESS_RAISED ? n->now :
	    NULL, e)) {
		jval_free(j);
		return (-1);
	}
	return (jval_add(list, j, e));
}

/* The members "changed" and "found". */
static int
json_notes(struct jval *to, const struct harmless *h, struct err *e)
{
	struct jval	*changed = NULL, *found = NULL;
	size_t		 i;

	if (jval_list(&changed, e) || jval_list(&found, e))
		goto bad;
	for (i = 0; i < h->n; i++)
		if (h->notes[i].kind == HARMLESS_CHANGED ?
		    json_changed(changed, &h->notes[i], e) :
		    json_found(found, &h->notes[i], e))
			goto bad;
	if (jval_set(to, "changed", changed, e)) {
		jval_free(found);
		return (-1);
	}
	return (jval_set(to, "found", found, e));
bad:
	jval_free(changed);
	jval_free(found);
	return (-1);
}

int
showheld_json(struct jval *to, const struct recovery *r,
    const struct harmless *h, struct err *e)
{
	return (json_holds(to, r, e) ||
	    jval_set_bool(to, "restart_to_release", !r->keep_subscriptions,
	    e) ||
	    (h != NULL && json_notes(to, h, e)) ? -1 : 0);
}
