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

static int
report_label(struct verifyreport *t, const char *id, const char *why)
{
	char	 path[LAYOUT_PATH], means[VERIFYIMPACT_TEXT];

	(void)snprintf(means, sizeof(means), "backup %s cannot be restored, "
	    "and nothing expires until its label is put back", id);
	return (verifyreport_finding(t, layout_label(path, id), means, "%s",
	    why));
}

/*
 * Labels and histories that the catalogue refused.  If one backup is verified
 * only histories matter, of its own and of later timelines; its label was
 * accepted, or we would not be here.
 */
static int
check_refused(const struct verifyset *set, struct verifyreport *t)
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
		if (walname_parse(path_base(id), &w, &ignore) == -1) {
			if (set->one == NULL && report_label(t, id, why))
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

static void
report_notes(const struct verifyset *set, struct verifyreport *t)
{
	const struct catalogue	*c = set->cat;
	size_t			 i;

	if (set->one != NULL)
		return;
	if (catalogue_labels(c) == 0 && catalogue_bads(c) == 0)
		verifyreport_note(t, "there is no backup");
	for (i = 0; i < catalogue_unlabelled(c); i++)
		verifyreport_note(t, "%s has no label and was not "
		    "verified: a backup under way, interrupted or expired",
		    catalogue_unlabelled_id(c, i));
	if (catalogue_unknown(c) > 0)
		verifyreport_note(t, "%zu unknown names were ignored, "
		    "for example \"%s\"", catalogue_unknown(c),
		    catalogue_unknown_name(c));
}

int
verifylisting_refused(const struct verifyset *set, struct verifyreport *t,
    const char *id)
{
	size_t	 i;

	for (i = 0; i < catalogue_bads(set->cat); i++)
		if (strcmp(catalogue_bad_id(set->cat, i), id) == 0)
			return (report_label(t, id,
			    catalogue_bad_why(set->cat, i)));
	return (1);
}

int
verifylisting_run(struct verifyset *set, struct archive *a,
    struct verifyreport *t, struct err *e)
{
	set->left = 0;
	report_notes(set, t);
	return (check_refused(set, t) || listedwal_histories(set, t) ||
	    listedbackups_check(set, a, t, e) || listedwal_check(set, a, t) ?
	    -1 : 0);
}
