/* SPDX-License-Identifier: ISC */
/* What is held in a restored cluster, for the person who starts it. */
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
showheld_print(FILE *out, const struct recovery *r)
{
	print_held(out, r);
	print_release(out, r);
}
