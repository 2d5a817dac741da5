/* SPDX-License-Identifier: ISC */
/*
 * What the labels and listings of a repository show: labels and histories
 * that were refused, and then backups (listedbackups) and WAL (listedwal).
 */
#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "repo/layout.h"
#include "verify/listedbackups.h"
#include "verify/listedwal.h"
#include "verify/verifyimpact.h"
#include "verify/verifylisting.h"
#include "verify/verifyopen.h"

#define SECOND		INT64_C(1000000)	/* in microseconds */
#define DAY		86400			/* in seconds */

/*
 * One that only no inventory lists stops no expiry.  Any other one that is
 * refused does.
 */
static int
report_label(struct verifyreport *t, const struct catalogue *c, size_t i)
{
	const char	*id = catalogue_bad_id(c, i);
	char		 path[LAYOUT_PATH], means[VERIFYIMPACT_TEXT];

	if (catalogue_bad_unlisted(c, i) != NULL)
		(void)snprintf(means, sizeof(means), "backup %s counts for "
		    "nothing, and keeps itself until somebody removes it", id);
	else
		(void)snprintf(means, sizeof(means), "backup %s cannot be "
		    "restored, and nothing expires until its label is put "
		    "back", id);
	return (verifyreport_finding(t, layout_label(path, id), means, "%s",
	    catalogue_bad_why(c, i)));
}

/*
 * Labels and histories that the catalogue refused, and folders of WAL.  If one
 * backup is verified only these and the histories of its own and of later
 * timelines matter; its label was accepted, or we would not be here.
 */
static int
check_refused(struct verifyset *set, struct verifyreport *t)
{
	const struct catalogue	*c = set->cat;
	const char		*id, *why;
	char			 means[VERIFYIMPACT_TEXT];
	struct walname		 w;
	struct err		 ignore = ERR_INIT;
	size_t			 i;

	for (i = 0; i < catalogue_bads(c); i++) {
		id = catalogue_bad_id(c, i);
		why = catalogue_bad_why(c, i);
		if (layout_id_ok(id)) {
			if (set->one == NULL && report_label(t, c, i))
				return (-1);
		} else if (walname_parse(path_base(id), &w, &ignore) == -1) {
			if (verifyreport_finding(t, id, "no WAL in it can be "
			    "fetched", "%s", why))
				return (-1);
		} else if ((set->one == NULL ||
		    w.tli >= set->one->timeline) &&
		    verifyreport_finding(t, id,
		    verifyimpact_wal(means, set, &w), "%s",
		    verifyreport_without(why, id)))
			return (-1);
	}
	return (0);
}

/*
 * Most directories without a label are nothing to speak of: a push under way
 * or interrupted, or an expired backup whose packs later ones need.  But once
 * a push has stored its manifest it only waits for WAL.  A manifest that has
 * stood for long without a label, and was not expired, may be all that is left
 * of a backup whose label got lost; expiry will take it for an interrupted push
 * and sweep it.
 */
static void
report_unlabelled(struct verifyset *set, struct verifyreport *t, size_t i)
{
	const char			*id;
	const struct verifyset_dir	*d;
	char				 path[LAYOUT_PATH];

	id = catalogue_unlabelled_id(set->cat, i);
	d = verifyset_dir(set, id);
	if (catalogue_unlabelled_pin(set->cat, i)->kind == PIN_WITHDRAWN ||
	    d == NULL || !d->has_manifest ||
	    t->conf->now_us / SECOND - d->manifest_at < DAY)
		return;
	verifyreport_note(t, "%s: there is a manifest of more than a day ago "
	    "and no label: the push was interrupted while it waited for WAL, "
	    "or the label got lost", layout_base(path, id));
}

/*
 * Names that are none of ours are nothing to speak of either: what a file
 * system or a copying program leaves.  But a WAL file or a backup that
 * somebody moved or renamed is found by no program.
 */
static void
report_misplaced(const struct catalogue *c, struct verifyreport *t)
{
	const size_t	 n = catalogue_misplaced(c);
	char		 more[48] = "";

	if (n == 0)
		return;
	if (n > 1)
		(void)snprintf(more, sizeof(more), ", and %zu more like it",
		    n - 1);
	verifyreport_note(t, "%s: no program finds a WAL file or backup under "
	    "this name%s; put it back in its place, or remove it",
	    catalogue_misplaced_path(c), more);
}

static void
report_notes(struct verifyset *set, struct verifyreport *t)
{
	const struct catalogue	*c = set->cat;
	size_t			 i;

	if (set->one != NULL)
		return;
	if (catalogue_labels(c) == 0 && catalogue_bads(c) == 0)
		verifyreport_note(t, "there is no backup");
	for (i = 0; i < catalogue_unlabelled(c); i++)
		report_unlabelled(set, t, i);
	report_misplaced(c, t);
}

int
verifylisting_refused(const struct verifyset *set, struct verifyreport *t,
    const char *id)
{
	size_t	 i;

	for (i = 0; i < catalogue_bads(set->cat); i++)
		if (strcmp(catalogue_bad_id(set->cat, i), id) == 0)
			return (report_label(t, set->cat, i));
	return (1);
}

int
verifylisting_run(struct verifyset *set, struct archive *a,
    struct verifyreport *t, struct err *e)
{
	set->left = 0;
	set->explained = 0;
	report_notes(set, t);
	return (check_refused(set, t) || listedwal_histories(set, t) ||
	    listedbackups_check(set, a, t, e) || listedwal_check(set, a, t) ||
	    verifyopen_listed(set, t) ? -1 : 0);
}
