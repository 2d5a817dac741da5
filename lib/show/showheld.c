/* SPDX-License-Identifier: ISC */
/* What is held in a restored cluster, for the person who starts it. */
#include "show/show.h"
#include "show/showheld.h"

/* A statement that releases something, each in its own line. */
static void
reset(FILE *out, const char *name)
{
	(void)fprintf(out, "    ALTER SYSTEM RESET %s;\n", name);
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
		    "ALTER SYSTEM SET synchronous_standby_names = ''\n",
		    was);
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

static void
print_release(FILE *out, const struct recovery *r)
{
	if (r->keep_archiving && r->keep_subscriptions && recovery_serves(r))
		return;
	(void)fprintf(out, "once this cluster has taken over, release it:\n");
	if (!r->keep_archiving)
		reset(out, "archive_command");
	if (!r->keep_archiving && r->postgresql >= 150000)
		reset(out, "archive_library");
	if (!r->standby)
		reset(out, "hot_standby");
	if (!r->keep_subscriptions)
		reset(out, "max_logical_replication_workers");
	(void)fprintf(out, "    SELECT pg_reload_conf();\n");
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
